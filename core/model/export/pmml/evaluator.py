"""PMML4S, which scores a PMML document: Java in a process of its own, that ends with what it was started for."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import subprocess
import weakref
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.model.export.forest import NotExportable, not_installed
from core.model.export.pmml.document import document_file, probability, refused
from core.model.export.pmml.gateway import ended, quiet, started
from core.model.export.proof.stated_decisions import with_decisions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from core.model.export.proof.certificate import Scoring

_rows_a_call: Final = 500
_seconds: Final = 30
# For one answer: the slowest of all takes seconds, of a large file that is opened.
_seconds_an_answer: Final = 300


def scoring(folder: Path, threshold: float | None) -> Scoring:
    """Opens the file in a folder with PMML4S; what it returns scores rows (n, n_features): float64 (n,).

    Args:
        threshold: that `refused` is held against, on every row; None where nothing is proved.

    Raises:
        NotExportable: where the packages or Java are not installed, Java does not start, or PMML4S does not take the
            file; and on scoring, where Java ends or does not answer, or `refused` is not the probability against the
            threshold.
    """
    return _Evaluator(folder / document_file, threshold)


def runtime() -> str:
    """PMML4S and Java with their versions. Raises `NotExportable` where either is missing."""
    java = _java()
    jars = [path.name for path in _jars().glob("pmml4s_*.jar")]
    release = re.search(r"-([\d.]+)\.jar", jars[0]) if jars else None
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False, timeout=_seconds)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotExportable(f"Java does not start ({type(error).__name__}): {java}") from error
    number = re.search(r'"([^"]+)"', said.stderr)
    return f"PMML4S {release[1] if release else 'unknown'} (Java {number[1] if number else 'unknown'})"


def _java() -> str:
    """The Java that would run. Raises `NotExportable` where there is none."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")
    if found is None:
        raise NotExportable(
            "there is no Java on this machine to prove PMML with: install a Java runtime, 8 or later"
            " (apt-get install default-jre-headless), or name its folder in JAVA_HOME"
        )
    return found


def _jars() -> Path:
    """Where pypmml keeps PMML4S. It is not imported: what it would start lets in anybody on this machine."""
    found = find_spec("pypmml")
    if found is None or found.origin is None:
        raise not_installed("pypmml")
    return Path(found.origin).parent / "jars"


class _Evaluator:
    """A document, open in PMML4S. Java ends when this is no longer referred to, or with this process."""

    def __init__(self, document: Path, threshold: float | None) -> None:
        java, jars = _java(), _jars()
        try:
            from py4j.java_gateway import GatewayParameters, JavaGateway
        except ImportError:
            raise not_installed("py4j") from None
        process, port, token = started(java, jars)
        # Without its memory management, which tells Java of each object let go, and would wait for one that hangs.
        parameters = GatewayParameters(
            port=port, auth_token=token, read_timeout=_seconds_an_answer, enable_memory_management=False
        )
        gateway = JavaGateway(gateway_parameters=parameters)
        weakref.finalize(self, ended, gateway, process)
        self._threshold = threshold
        with _asking("does not take the file"):
            self._model: Any = gateway.jvm.org.pmml4s.model.Model.fromFile(str(document))
            # Asked once: each name is a question to Java of its own.
            self._columns = json.dumps(list(self._model.inputNames()))

    def __call__(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        parts = (matrix[start : start + _rows_a_call] for start in range(0, len(matrix), _rows_a_call))
        with _asking("does not answer"):
            rows = [found for part in parts for found in self._scored(part)]
        # A row without a prediction has null.
        scored = np.array([np.nan if one is None else float(one) for one, _ in rows], dtype=np.float64)
        if self._threshold is None:
            return scored
        return with_decisions(scored, [_decision(said) for _, said in rows], self._threshold)

    def _scored(self, rows: NDArray[np.float64]) -> list[tuple[Any, Any]]:
        """The probability and the decision of each row, as they stand in the answer."""
        # As text: in pypmml, which hands frames over by pandas, a number keeps ten decimals.
        cells = ",".join(f"[{','.join(map(_text, row))}]" for row in rows.tolist())
        asked = f'{{"columns": {self._columns}, "data": [{cells}]}}'
        answer = json.loads(self._model.predict(asked))
        places = answer["columns"].index(probability), answer["columns"].index(refused)
        return [(row[places[0]], row[places[1]]) for row in answer["data"]]


@contextmanager
def _asking(failed: str) -> Iterator[None]:
    """Java that ended, that is silent for too long, or whose answer is none, is an export that cannot be proved."""
    from py4j.protocol import Py4JError

    try:
        with quiet():
            yield
    except (Py4JError, ValueError, KeyError, TypeError) as error:
        raise NotExportable(f"PMML4S {failed} ({type(error).__name__}). Nothing was written") from error


def _decision(said: object) -> int:
    """1 or 0; -1 for what is neither true nor false."""
    return int(said) if isinstance(said, bool) else -1


def _text(value: float) -> str:
    """A number as JSON, in which infinity is a number too large, and missing is null."""
    if math.isfinite(value):
        return repr(value)
    return "null" if math.isnan(value) else ("1e999" if value > 0 else "-1e999")
