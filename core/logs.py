"""The log of a process: one JSON object a line, or coloured lines for a terminal, without the data of anybody."""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal

import structlog
from pydantic_core import to_json
from structlog.stdlib import ProcessorFormatter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping
    from typing import TextIO

    Event = MutableMapping[str, Any]

    Context = Callable[[], Mapping[str, object]]

Form = Literal["json", "console"]

# What comes first in a line; the rest follows in the order in which it was given.
_first: Final = ("time", "level", "event")


def configure(
    level: str, form: Form | None = None, stream: TextIO | None = None, context: Context | None = None
) -> None:
    """Makes everything that this process logs go through one handler.

    Args:
        level: the least level that is logged, such as "INFO".
        form: how; by default lines for a person where `stream` is a terminal, else JSON.
        stream: where to; by default standard error.
        context: says what belongs to each line that is written now, such as the id of a request.
    """
    root = logging.getLogger()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter(form, handler.stream, context))
    root.handlers[:] = [handler]
    root.setLevel(level.upper())


def formatter(form: Form | None, stream: TextIO, context: Context | None = None) -> logging.Formatter:
    """What turns records of the standard library's `logging` into lines; arguments as of `configure`."""
    terminal = stream.isatty()
    form = form or ("console" if terminal else "json")
    if form == "json":
        return _JsonLines(context)
    return ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.ExtraAdder()],
        processors=[
            partial(_complete, context),
            ProcessorFormatter.remove_processors_meta,
            structlog.dev.ConsoleRenderer(colors=terminal, timestamp_key="time"),
        ],
    )


class _JsonLines(logging.Formatter):
    """A JSON object a line, the same that the console shows; made here, as structlog copies each record first."""

    def __init__(self, context: Context | None) -> None:
        super().__init__()
        self._context = context

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        event: dict[str, Any] = {"event": record.getMessage()}
        event |= {name: value for name, value in vars(record).items() if name not in _of_every_record}
        if record.exc_info:
            event["exc_info"] = record.exc_info
        if record.stack_info:
            event["stack_info"] = record.stack_info
        return to_json(_completed(self._context, record, event), fallback=repr, inf_nan_mode="null").decode()


_of_every_record: Final = frozenset(vars(logging.makeLogRecord({})))


def _complete(context: Context | None, _logger: Any, _name: str, event: Event) -> Event:
    """`_completed` as structlog calls it."""
    record: logging.LogRecord = event["_record"]
    return _completed(context, record, event)


def _completed(context: Context | None, record: logging.LogRecord, event: Event) -> Event:
    """Adds when, who and where, and takes the words out of exceptions: they may quote what a caller sent."""
    event["time"] = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    event["level"] = record.levelname.lower()
    event["logger"] = record.name
    event["pid"] = record.process
    for key, value in (context() if context else {}).items():
        event.setdefault(key, value)
    raised = event.pop("exc_info", None)
    if raised and raised[0] is not None:
        event["error"] = raised[0].__name__
        event["place"] = places(raised[2])
    return {**{key: event[key] for key in _first}, **event}


def places(trace: Any) -> list[str]:
    """Where an exception came from, outermost call first: file, line and function, and none of its words."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
