"""The connection to a Dask scheduler, or a sentence on why it cannot be used."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from core.cluster import missing_packages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distributed import Client

_patience: Final = 10


class ClusterUnavailable(RuntimeError):
    """There is no cluster that could do the work, or it was lost on the way; the message says what to do."""


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """A client of the scheduler, closed at the end.

    Encryption and certificates are those of Dask's own configuration (`DASK_DISTRIBUTED__COMM__TLS__...`).

    Args:
        address: such as tcp://10.0.0.5:8786, or tls://...

    Raises:
        ClusterUnavailable: where Dask is not installed, nobody answers, there is no worker, scheduler and workers run
            other releases of what they share, or the cluster is lost within the block.
    """
    if missing := missing_packages():
        raise ClusterUnavailable(
            f"Working on a cluster needs packages that are not installed here: {', '.join(missing)}. "
            "Install them with: python3 -m pip install --require-hashes --requirement requirements/cluster.txt"
        )
    from concurrent.futures import CancelledError

    from distributed import Client
    from distributed.comm import CommClosedError
    from distributed.scheduler import KilledWorker

    try:
        client = Client(address, timeout=_patience)
    except (OSError, ValueError) as error:
        raise ClusterUnavailable(f"No Dask scheduler answers at {address}") from error
    try:
        _check(client, address)
        yield client
    except KilledWorker as error:
        raise ClusterUnavailable(
            "A task was given up after several workers had died running it: most often for lack of memory"
        ) from error
    except (CancelledError, CommClosedError) as error:
        raise ClusterUnavailable(f"The Dask scheduler at {address} was lost, or the data of its workers") from error
    finally:
        client.close()


def threads(client: Client) -> int:
    """How many pieces of work the cluster does at a time, at least 1."""
    of_workers: dict[str, int] = client.nthreads()
    return max(1, sum(of_workers.values()))


def _check(client: Client, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=_patience)
    except TimeoutError as error:
        raise ClusterUnavailable(f"The Dask scheduler at {address} has no worker") from error
    try:
        client.get_versions(check=True)
    except ValueError as error:
        raise ClusterUnavailable(f"The cluster at {address} runs other releases than this machine:\n{error}") from error
