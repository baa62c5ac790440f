"""`python -m commands COMMAND`: the command line of the workbench.

A command stands above the domain and what reaches other services, as API and dashboard do, and puts both together. Each
is imported when it is asked for: `key` is not to wait for what `train` needs.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from commands import command_line
from core.settings import settings
from runtime import collector
from runtime.console import failed, note, table

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns its exit code: 0 done, 1 failed with a reason, 2 wrong usage, 130 interrupted."""
    namespace = command_line.parser().parse_args(arguments)
    try:
        level = settings().log_level
    except ValidationError as error:
        return failed("; ".join(f"{str(detail['loc'][0]).upper()}: {detail['msg']}" for detail in error.errors()))
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
    handler = _handlers[namespace.command]
    try:
        return handler(namespace)
    except KeyboardInterrupt:
        note("Stopped.")
        return 130


def _data(namespace: Namespace) -> int:
    if namespace.action == "portfolio":
        # Asked at each start: what draws and imports tables takes longer to import than to find nothing to do.
        from commands import portfolio

        return portfolio.run(namespace)
    from commands import data

    return data.run(namespace)


def _train(namespace: Namespace) -> int:
    if namespace.cluster or settings().dask_scheduler_address:
        from core.cluster import complete_lightgbm

        complete_lightgbm()
    from commands import model

    return model.run_train(namespace)


def _score(namespace: Namespace) -> int:
    _let_idle_threads_sleep()
    from commands import score

    return score.run(namespace)


def _model(namespace: Namespace) -> int:
    from commands import model

    return model.run(namespace)


def _card(namespace: Namespace) -> int:
    from commands import card

    return card.run(namespace)


def _key(namespace: Namespace) -> int:
    from core.access.keys import new_key

    key = new_key(namespace.name, namespace.role)
    table([("Key, shown once", key.secret), ("Entry of API_KEYS", key.entry)])
    note("The caller sends the key as `X-API-Key: KEY` or `Authorization: Bearer KEY`; the API needs the entry only.")
    return 0


def _export(namespace: Namespace) -> int:
    from commands import export

    return export.run(namespace)


def _drift(namespace: Namespace) -> int:
    from commands import drift

    return drift.run(namespace)


def _audit(namespace: Namespace) -> int:
    from commands import audit

    return audit.run(namespace)


def _outcomes(namespace: Namespace) -> int:
    from commands.of_outcomes import outcomes

    return outcomes.run(namespace)


def _performance(namespace: Namespace) -> int:
    from commands.of_outcomes import performance

    return performance.run(namespace)


def _let_idle_threads_sleep() -> None:
    """Has LightGBM's threads sleep between two calls. To be called before it is imported.

    They wait in a loop otherwise, for a call that comes once a file was read on: a fifth of the processor time of a job
    and, where there are two cores, of what its other half would have.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")


def _worker(namespace: Namespace) -> int:
    _let_idle_threads_sleep()
    with collector.loading():
        from commands import worker

    return worker.run(namespace)


_handlers: Final[Mapping[str, Callable[[Namespace], int]]] = {
    "data": _data,
    "train": _train,
    "score": _score,
    "model": _model,
    "card": _card,
    "export": _export,
    "key": _key,
    "drift": _drift,
    "audit": _audit,
    "outcomes": _outcomes,
    "performance": _performance,
    "worker": _worker,
}


if __name__ == "__main__":
    sys.exit(main())
