"""Registered models: how one is named, and the versions of it that are kept here once a registry has given them.

A version is fetched once, checked against the digests that are recorded with it, loaded, and only then kept. Which
registry it comes from, and how that is reached, is not known here: whoever starts the service gives one.
"""

from __future__ import annotations

import json
import logging
import re
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from core import outputs
from core.model import artefacts
from core.model.artefacts import Artefacts
from core.model.errors import ArtefactError

_form: Final = re.compile(
    r"models:/(?P<name>[A-Za-z0-9_.-]+)(?:@(?P<alias>[A-Za-z0-9_-]+)|/(?P<version>[1-9][0-9]{0,8}))"
)

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
        match = _form.fullmatch(text)
        if match is None:
            raise ValueError("MODEL_URI: expected models:/NAME@ALIAS or models:/NAME/VERSION")
        version = match["version"]
        return cls(match["name"], match["alias"], int(version) if version else None)


class Registry(Protocol):
    """Holds versions of models under their names, and moves an alias from one to another."""

    def version(self, uri: ModelUri) -> int:
        """The version that an address means now. Raises `RegistryError`."""

    def download(self, name: str, version: int, folder: Path) -> None:
        """Writes the artefacts of a version that are data (`core.model.artefacts.data_files`) to an empty folder.

        Raises:
            RegistryError: where the registry is away or too slow, or a file is missing.
            ArtefactError: where a file is too large, or the version holds pickles in place of data.
            OSError: where the folder cannot be written.
        """


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
            _log.warning("The kept copy of version %d is downloaded again: %s", version, error)
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
        raise ArtefactError(f"{path.name} is damaged: expected the JSON of version and config_sha256") from None
    folder = _kept(name, version, cache_dir)
    if not folder.is_dir() or _config_digest(folder) != digest:
        raise ArtefactError(f"the kept copy of version {version} does not match the SHA-256 noted when it was in use")
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
