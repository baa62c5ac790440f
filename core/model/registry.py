"""A model registered in MLflow: asked for by name and alias over plain HTTP, downloaded once, checked, and kept.

MLflow's own client would bring a second of imports and a hundred megabytes into each worker of the API.
"""

from __future__ import annotations

import base64
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from core.http import Adapter, Answer, HttpClient, HttpError
from core.model import artefacts
from core.model.artefacts import ArtefactError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_form: Final = re.compile(
    r"models:/(?P<name>[A-Za-z0-9_.-]+)(?:@(?P<alias>[A-Za-z0-9_-]+)|/(?P<version>[1-9][0-9]{0,8}))"
)
# Where training put our own files beside MLflow's (see `core.model.tracking`).
_folder: Final = "extra_files"
_file_name: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}")
_timeout: Final = 10.0
# A connection that is cut now and then is made again.
_retries: Final = 2
# A hundred times the shipped model.
_most_bytes: Final = 100_000_000
_block: Final = 1 << 20


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
            return int(answer["model_version"]["version"])
        except (KeyError, TypeError, ValueError):
            raise RegistryError("the MLflow registry gave an answer that is none") from None

    def download(self, name: str, version: int, folder: Path) -> None:
        """Downloads the artefacts of a version.

        Args:
            name, version: which.
            folder: where to; exists and is empty.

        Raises:
            RegistryError: where the registry is away or a file is missing, too large, or named as no file of ours is.
            OSError: where the folder cannot be written.
        """
        self._save(name, version, artefacts.config_file, folder)
        listed = artefacts.listed_files(folder)
        for file_name in listed:
            if not _file_name.fullmatch(file_name):
                raise RegistryError(f"{artefacts.config_file} lists a file under a name that cannot be one")
            self._save(name, version, file_name, folder)
        if artefacts.report_file in listed:
            return
        try:
            self._save(name, version, artefacts.report_file, folder)
        except RegistryError:
            # What was registered before the evaluation travelled along, or was listed, scores all the same.
            (folder / artefacts.report_file).unlink(missing_ok=True)

    def _save(self, name: str, version: int, file_name: str, folder: Path) -> None:
        query = {"name": name, "version": version, "path": f"{_folder}/{file_name}"}
        with self._open("/model-versions/get-artifact", query) as answer, (folder / file_name).open("wb") as file:
            received = 0
            for part in _read(answer):
                received += len(part)
                if received > _most_bytes:
                    raise RegistryError(f"{file_name} in the MLflow registry is larger than {_most_bytes:,} bytes")
                file.write(part)

    def _json(self, path: str, **query: str) -> Any:
        with self._open(f"/api/2.0/mlflow/{path}", query) as answer:
            try:
                return answer.json(_block)
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


def _read(answer: Answer) -> Iterator[bytes]:
    try:
        yield from answer.parts(_block)
    except HttpError as error:
        raise _away(error) from error


def _away(error: HttpError) -> RegistryError:
    if error.fault == "odd":
        return RegistryError("the MLflow registry gave an answer that is none")
    if error.fault == "cut":
        return RegistryError("the MLflow registry ended the connection early")
    return RegistryError(f"the MLflow registry cannot be reached ({error.reason})")


def fetch(registry: Registry, name: str, version: int, cache_dir: Path) -> Path:
    """The folder with the artefacts of a version: downloaded and checked, unless that was done before.

    Args:
        cache_dir: made where it is missing; several processes may fetch into it at once.

    Raises:
        RegistryError: as `Registry.download`.
        ArtefactError: where the files do not match the SHA-256 that is recorded with them, or another catalogue made
            them; they are then not kept.
    """
    kept = cache_dir / f"{name}-{version}"
    if kept.is_dir():
        return kept
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetching-", dir=cache_dir) as scratch:
            folder = Path(scratch) / "model"
            folder.mkdir()
            registry.download(name, version, folder)
            artefacts.load(folder)
            try:
                folder.rename(kept)
            except OSError:
                # Another process was first, with the same files.
                if not kept.is_dir():
                    raise
    except OSError as error:
        raise RegistryError(f"the model cannot be kept in {cache_dir.name} ({error.strerror or error})") from error
    return kept


def latest_kept(name: str, cache_dir: Path) -> int | None:
    """The newest version of a model that was fetched before; None where none was."""
    pattern = re.compile(re.escape(name) + r"-([1-9][0-9]*)")
    found = [pattern.fullmatch(each.name) for each in cache_dir.iterdir()] if cache_dir.is_dir() else []
    return max((int(each[1]) for each in found if each), default=None)


def _credentials() -> dict[str, str]:
    if token := os.environ.get("MLFLOW_TRACKING_TOKEN"):
        return {"Authorization": f"Bearer {token}"}
    user, password = os.environ.get("MLFLOW_TRACKING_USERNAME"), os.environ.get("MLFLOW_TRACKING_PASSWORD")
    if user and password:
        encoded = base64.b64encode(f"{user}:{password}".encode()).decode()
        return {"Authorization": f"Basic {encoded}"}
    return {}
