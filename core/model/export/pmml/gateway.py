"""Java with py4j's gateway in a process of its own: started and ended within a time that is known."""

from __future__ import annotations

import logging
import os
import subprocess
from collections import deque
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, TYPE_CHECKING, Any, Final

from core.model.export.forest import NotExportable, not_installed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_seconds_to_start: Final = 60
_seconds_to_end: Final = 30
# py4j writes a traceback to the log of this process for what it raises as well, in part to the root of all logs.
_loggers: Final = ("", "py4j.java_gateway", "py4j.clientserver")


def started(java: str, jars: Path) -> tuple[subprocess.Popen[bytes], int, str]:
    """Starts Java; gives its process, the port on which it listens (on 127.0.0.1 alone) and the token that it asks for.

    Not by py4j's `launch_gateway`, which waits without end for the port.

    Args:
        java: the program.
        jars: the folder of what it is to know.

    Raises:
        NotExportable: where py4j is not installed, or Java does not start, or not in time.
    """
    try:
        from py4j.java_gateway import find_jar_path
    except ImportError:
        raise not_installed("py4j") from None
    classes = os.pathsep.join((find_jar_path(), str(jars / "*")))
    # With a broken pipe it ends, whatever became of this process.
    command = [java, "-classpath", classes, "py4j.GatewayServer", "--die-on-broken-pipe", "--enable-auth", "0"]
    try:
        process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except OSError as error:
        raise NotExportable(f"Java does not start ({type(error).__name__}): {java}") from error
    said: SimpleQueue[bytes] = SimpleQueue()
    # A daemon: another one would be waited for at the end of this process, before Java is told of it.
    Thread(target=_listen, args=(process.stdout, said), daemon=True).start()
    try:
        port = int(said.get(timeout=_seconds_to_start))
        return process, port, said.get(timeout=_seconds_to_start).decode().strip()
    except (Empty, ValueError) as error:
        _stopped(process, seconds=0)
        raise NotExportable(f"Java does not start ({type(error).__name__}): {java}") from error


def ended(gateway: Any, process: subprocess.Popen[bytes]) -> None:
    """Closes the connections to Java and ends it, by force where it does not end by itself."""
    gateway.close()
    _stopped(process, seconds=_seconds_to_end)


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps out of the log what py4j raises as well."""

    def of_others(record: logging.LogRecord) -> bool:
        return record.module not in ("java_gateway", "clientserver")

    for name in _loggers:
        logging.getLogger(name).addFilter(of_others)
    try:
        yield
    finally:
        for name in _loggers:
            logging.getLogger(name).removeFilter(of_others)


def _listen(stream: IO[bytes], said: SimpleQueue[bytes]) -> None:
    """Hands on the first two lines, which are empty where Java ended; reads the others, which nobody waits for."""
    with stream:
        said.put(stream.readline())
        said.put(stream.readline())
        deque(stream, maxlen=0)


def _stopped(process: subprocess.Popen[bytes], seconds: float) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
