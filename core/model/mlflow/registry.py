"""A model registered in MLflow: asked for by name and alias over plain HTTP, downloaded once, checked, and kept.

Whoever may write to MLflow chooses the model, and runs nothing: of a version, only the files of
`core.model.artefacts.data_files` are asked for, each up to its size, and they are read as data. MLflow's own client
would load whatever a version says it is made of; it would also bring a second of imports and a hundred megabytes into
each worker of the API.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from core import outputs
from core.http import Adapter, Answer, HttpClient, HttpError
from core.model import artefacts
from core.model.artefacts import ArtefactError, Artefacts, PickledModel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_form: Final = re.compile(
    r"models:/(?P<name>[A-Za-z0-9_.-]+)(?:@(?P<alias>[A-Za-z0-9_-]+)|/(?P<version>[1-9][0-9]{0,8}))"
)
# Where training put our own files beside MLflow's (see `core.model.mlflow.runs`).
_folder: Final = "extra_files"
_timeout: Final = 10.0
# A connection that is cut now and then is made again.
_retries: Final = 2
# For all files of a version; who sends a byte now and then would otherwise never be done.
_most_seconds: Final = 120.0
_most_answer: Final = 1 << 20
_latest_version: Final = 999_999_999

_log = logging.getLogger(__name__)


class RegistryError(ArtefactError):
    """The registry is away, or does not have what was asked of it."""


@dataclass(frozen=True, slots=True)
class ModelUri:
    """`models:/name@alias`, which may come to mean another version, or `models:/name/version`, which does not.

    Attributes:
        name: of the registered model.
        alias, version: one of the two; the other is None.
    """

    name: str
    alias: str | None
    version: int | None

    @classmethod
    def parse(cls, text: str) -> ModelUri:
        """Reads an address. Raises `ValueError` for another form."""
        found = _form.fullmatch(text)
        if found is None:
            raise ValueError("MODEL_URI: expected models:/NAME@ALIAS or models:/NAME/VERSION")
        version = found["version"]
        return cls(found["name"], found["alias"], int(version) if version else None)


class Registry:
    """An MLflow server."""

    def __init__(self, address: str, adapter: Adapter | None = None) -> None:
        """Asks nothing yet.

        Args:
            address: `http://` or `https://`; `MLFLOW_TRACKING_TOKEN`, or `MLFLOW_TRACKING_USERNAME` and
                `MLFLOW_TRACKING_PASSWORD`, are sent with each request where they are set.
            adapter: takes the place of the network.

        Raises:
            ValueError: for another kind of address.
        """
        if urlsplit(address).scheme not in ("http", "https"):
            raise ValueError("MLFLOW_TRACKING_URI: expected an address that begins with http:// or https://")
        self._http = HttpClient(address.rstrip("/"), timeout=_timeout, retries=_retries, proxies=True, adapter=adapter)

    def version(self, uri: ModelUri) -> int:
        """The version that an address means now. Raises `RegistryError`."""
        if uri.version is not None:
            return uri.version
        answer = self._json("registered-models/alias", name=uri.name, alias=uri.alias or "")
        try:
            version = int(answer["model_version"]["version"])
        except (KeyError, TypeError, ValueError):
            version = 0
        if not 1 <= version <= _latest_version:
            raise RegistryError("the MLflow registry gave an answer that is none")
        return version

    def download(self, name: str, version: int, folder: Path) -> None:
        """Downloads the artefacts of a version that are data; whatever else it holds is not asked for.

        Args:
            name, version: which.
            folder: where to; exists and is empty.

        Raises:
            RegistryError: where the registry is away or too slow, or a file is missing.
            ArtefactError: where a file is too large, or the version holds pickles in place of data.
            OSError: where the folder cannot be written.
        """
        until = time.monotonic() + _most_seconds
        self._save(name, version, artefacts.config_file, folder, until)
        config = artefacts.read_config(folder)
        if artefacts.is_pickled(config):
            raise PickledModel(
                f"version {version} of {name}",
                "`python3 run.py model register` puts the model of models/ there as data, `run.py train` a new one",
            )
        listed = artefacts.listed_files(folder)
        for file_name in artefacts.data_files[1:]:
            if file_name in listed:
                self._save(name, version, file_name, folder, until)

    def _save(self, name: str, version: int, file_name: str, folder: Path, until: float) -> None:
        query = {"name": name, "version": version, "path": f"{_folder}/{file_name}"}
        most = artefacts.max_bytes[file_name]
        with self._open("/model-versions/get-artifact", query) as answer, (folder / file_name).open("wb") as file:
            received = 0
            for part in _read(answer, until):
                received += len(part)
                if received > most:
                    raise ArtefactError(f"{file_name} in the MLflow registry is larger than {most:,} bytes")
                file.write(part)

    def _json(self, path: str, **query: str) -> Any:
        with self._open(f"/api/2.0/mlflow/{path}", query) as answer:
            try:
                return answer.json(_most_answer, time.monotonic() + _timeout)
            except HttpError as error:
                raise _away(error) from error

    def _open(self, path: str, query: Mapping[str, object]) -> Answer:
        try:
            answer = self._http.open("GET", path, params=query, headers=_credentials())
        except HttpError as error:
            raise _away(error) from error
        if answer.succeeded:
            return answer
        answer.close()
        if answer.status in (400, 404):
            raise RegistryError("the MLflow registry has no such model, alias, version or file")
        raise RegistryError(f"the MLflow registry answered with status {answer.status}")


def _read(answer: Answer, until: float) -> Iterator[bytes]:
    try:
        yield from answer.parts(until=until)
    except HttpError as error:
        raise _away(error) from error


def _away(error: HttpError) -> RegistryError:
    if error.fault == "odd":
        return RegistryError("the MLflow registry gave an answer that is none")
    if error.fault == "cut":
        return RegistryError("the MLflow registry ended the connection early")
    return RegistryError(f"the MLflow registry cannot be reached ({error.reason})")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A version that was fetched, checked, and loaded.

    Attributes:
        folder: where its files are kept.
    """

    version: int
    folder: Path
    artefacts: Artefacts


def fetch(registry: Registry, name: str, version: int, cache_dir: Path) -> Fetched:
    """A version, from what was kept of it or from the registry.

    Args:
        cache_dir: made where it is missing; several processes may fetch into it at once.

    Raises:
        RegistryError: as `Registry.download`.
        ArtefactError: where the files do not match the SHA-256 that is recorded with them, are not data, or another
            catalogue made them; they are then not kept.
    """
    kept = _kept(name, version, cache_dir)
    try:
        return _loaded(version, kept)
    except ArtefactError as error:
        # What is kept is a copy: where it is not sound any more, or an earlier version made it, there is another.
        if kept.is_dir():
            _log.warning("What was kept of version %d is fetched again: %s", version, error)
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetching-", dir=cache_dir) as scratch:
            folder = Path(scratch) / "model"
            folder.mkdir()
            registry.download(name, version, folder)
            fetched = _loaded(version, folder)
            _put(folder, kept, Path(scratch) / "before")
    except OSError as error:
        raise RegistryError(f"the model cannot be kept in {cache_dir.name} ({error.strerror or error})") from error
    # Its reference profile is read where it lies.
    return Fetched(version, kept, artefacts.moved(fetched.artefacts, kept))


def _put(folder: Path, kept: Path, before: Path) -> None:
    """Renames a folder to its place. Another process may be doing the same with the same files."""
    with suppress(FileNotFoundError):
        kept.rename(before)
    try:
        folder.rename(kept)
    except OSError:
        if not kept.is_dir():
            raise


def _loaded(version: int, folder: Path) -> Fetched:
    loaded = artefacts.load(folder)
    artefacts.check_whole(loaded)
    return Fetched(version, folder, loaded)


def remember(name: str, fetched: Fetched, cache_dir: Path) -> None:
    """Writes down which version of a model is in use, for a start that cannot have the one that is asked for.

    Raises:
        OSError: where the folder cannot be written.
    """
    content = {"version": fetched.version, "config_sha256": _config_digest(fetched.folder)}
    outputs.write(_note(name, cache_dir), json.dumps(content).encode() + b"\n")


def last_good(name: str, cache_dir: Path) -> Fetched | None:
    """The version of a model that was last in use here, from what was kept of it; None where none ever was.

    Raises:
        ArtefactError: where what was kept is not what was in use.
    """
    path = _note(name, cache_dir)
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
        version, digest = int(note["version"]), str(note["config_sha256"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise ArtefactError(f"{path.name} is not what was written there") from None
    folder = _kept(name, version, cache_dir)
    if not folder.is_dir() or _config_digest(folder) != digest:
        raise ArtefactError(f"what was kept of version {version} is not what was in use")
    return _loaded(version, folder)


def _kept(name: str, version: int, cache_dir: Path) -> Path:
    return cache_dir / f"{name}-{version}"


def _note(name: str, cache_dir: Path) -> Path:
    return cache_dir / f"{name}.json"


def _config_digest(folder: Path) -> str:
    try:
        return artefacts.sha256((folder / artefacts.config_file).read_bytes())
    except OSError as error:
        raise ArtefactError(f"{artefacts.config_file} cannot be read ({error.strerror})") from None


def _credentials() -> dict[str, str]:
    if token := os.environ.get("MLFLOW_TRACKING_TOKEN"):
        return {"Authorization": f"Bearer {token}"}
    user, password = os.environ.get("MLFLOW_TRACKING_USERNAME"), os.environ.get("MLFLOW_TRACKING_PASSWORD")
    if user and password:
        encoded = base64.b64encode(f"{user}:{password}".encode()).decode()
        return {"Authorization": f"Basic {encoded}"}
    return {}
