"""PMML4S, which scores a PMML document: Java in a process of its own, that ends with what it was started for."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import subprocess
import weakref
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.model.export.forest import NotExportable, not_installed
from core.model.export.pmml.document import document_file, probability

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.model.export.proof.certificate import Scoring

_rows_a_call: Final = 500
_seconds: Final = 30


def scoring(folder: Path) -> Scoring:
    """Opens the file in a folder with PMML4S; what it returns scores rows (n, n_features): float64 (n,).

    Raises:
        NotExportable: where the packages or Java are not installed, or PMML4S does not take the file.
    """
    return _Evaluator(folder / document_file)


def runtime() -> str:
    """PMML4S and Java with their versions. Raises `NotExportable` where either is missing."""
    java = _java()
    jars = [path.name for path in _jars().glob("pmml4s_*.jar")]
    release = re.search(r"-([\d.]+)\.jar", jars[0]) if jars else None
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False, timeout=_seconds)  # noqa: S603
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

    def __init__(self, document: Path) -> None:
        java, jars = _java(), _jars()
        try:
            from py4j.java_gateway import GatewayParameters, JavaGateway, launch_gateway
            from py4j.protocol import Py4JError
        except ImportError:
            raise not_installed("py4j") from None
        try:
            # Daemons: others would be waited for at the end of this process, before Java is told of it.
            port, token, process = launch_gateway(
                classpath=str(jars / "*"),
                java_path=java,
                die_on_exit=True,
                enable_auth=True,
                return_proc=True,
                daemonize_redirect=True,
            )
        except (Py4JError, OSError, ValueError) as error:
            raise NotExportable(f"Java does not start ({type(error).__name__}): {java}") from error
        gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port, auth_token=token))
        weakref.finalize(self, _ended, gateway, process)
        try:
            self._model: Any = gateway.jvm.org.pmml4s.model.Model.fromFile(str(document))
        except Py4JError as error:
            raise NotExportable(f"PMML4S does not take the file ({type(error).__name__})") from error
        # Asked once: each name is a question to Java of its own.
        self._columns = json.dumps(list(self._model.inputNames()))

    def __call__(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        parts = (matrix[start : start + _rows_a_call] for start in range(0, len(matrix), _rows_a_call))
        return np.array([found for part in parts for found in self._scored(part)], dtype=np.float64)

    def _scored(self, rows: NDArray[np.float64]) -> list[float]:
        # As text: in pypmml, which hands frames over by pandas, a number keeps ten decimals.
        cells = ",".join(f"[{','.join(map(_text, row))}]" for row in rows.tolist())
        asked = f'{{"columns": {self._columns}, "data": [{cells}]}}'
        answer = json.loads(self._model.predict(asked))
        place = answer["columns"].index(probability)
        # A row without a prediction has null.
        return [np.nan if row[place] is None else float(row[place]) for row in answer["data"]]


def _text(value: float) -> str:
    """A number as JSON, in which infinity is a number too large, and missing is null."""
    if math.isfinite(value):
        return repr(value)
    return "null" if math.isnan(value) else ("1e999" if value > 0 else "-1e999")


def _ended(gateway: Any, process: subprocess.Popen[bytes]) -> None:
    gateway.shutdown()
    if process.stdin is not None:
        process.stdin.close()
    process.wait(_seconds)
