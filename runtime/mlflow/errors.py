"""What MLflow and its HTTP client raise, as one kind of error, without the address, which may hold a password."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from mlflow.exceptions import MlflowException

if TYPE_CHECKING:
    from collections.abc import Iterator


class TrackingError(RuntimeError):
    """MLflow is away, or did not take what it was given."""


@contextmanager
def errors_named(task: str) -> Iterator[None]:
    """Raises `TrackingError` in place of what is raised within; `task` is what MLflow did not do."""
    try:
        yield
    except MlflowException as error:
        # Where the server was not reached, the name is that of no answer.
        reason = "it cannot be reached" if "Max retries exceeded" in str(error) else str(error.error_code)
        raise TrackingError(f"MLflow did not {task} ({reason})") from error
    except OSError as error:
        # As `requests` raises, too, for what is sent in pieces.
        reason = error.strerror or type(error).__name__
        raise TrackingError(f"MLflow did not {task} ({reason})") from error
