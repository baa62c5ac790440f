"""The models registered in MLflow, asked for by name and alias, and downloaded as data, over plain HTTP.

Whoever may write to MLflow chooses the model, and runs nothing: of a version, only the files of
`core.model.artefacts.data_files` are asked for, each up to its size, and they are read as data. MLflow's own client
would load whatever a version says it is made of; it would also bring a second of imports and a hundred megabytes into
each worker of the API.
"""

from __future__ import annotations

import base64
import os
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from core.model import artefacts
from core.model.artefacts import PickledModel
from core.model.errors import ArtefactError
from core.model.registry import ModelUri, RegistryError
from runtime.http_client import Adapter, Answer, HttpClient, HttpError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# Where training put our own files beside MLflow's (see `runtime.mlflow.runs`).
_folder: Final = "extra_files"
_timeout: Final = 10.0
# A connection that is cut now and then is made again.
_retries: Final = 2
# For all files of a version; who sends a byte now and then would otherwise never be done.
_max_seconds: Final = 120.0
_max_answer: Final = 1 << 20
_latest_version: Final = 999_999_999


class MlflowRegistry:
    """An MLflow server, as a `core.model.registry.Registry`."""

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
            raise RegistryError("the MLflow registry returned an invalid answer")
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
        until = time.monotonic() + _max_seconds
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
                return answer.json(_max_answer, time.monotonic() + _timeout)
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
    if error.fault == "invalid":
        return RegistryError("the MLflow registry returned an invalid answer")
    if error.fault == "cut":
        return RegistryError("the MLflow registry closed the connection before the end of its answer")
    return RegistryError(f"the MLflow registry cannot be reached ({error.reason})")


def _credentials() -> dict[str, str]:
    if token := os.environ.get("MLFLOW_TRACKING_TOKEN"):
        return {"Authorization": f"Bearer {token}"}
    user, password = os.environ.get("MLFLOW_TRACKING_USERNAME"), os.environ.get("MLFLOW_TRACKING_PASSWORD")
    if user and password:
        encoded = base64.b64encode(f"{user}:{password}".encode()).decode()
        return {"Authorization": f"Basic {encoded}"}
    return {}
