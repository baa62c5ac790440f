"""Exports that were made and proved before, handed over as one archive; a proof takes seconds, and no request waits."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any, Final

from core.model.artefacts import sha256
from core.model.export.proof.certificate import file as certificate_file

if TYPE_CHECKING:
    from pathlib import Path

    from core.model.artefacts import ModelInfo

# The time that a zip notes, so that the same export is the same archive.
_moment: Final = (1980, 1, 1, 0, 0, 0)
_pages: Final = ("certificate.fr.md", "certificate.en.md")


class NoExport(LookupError):
    """No export of that format is there that was certified for the model in use."""


def archive(folder: Path, name: str, info: ModelInfo) -> bytes:
    """The files of an export, as a zip.

    Args:
        folder: where `export` wrote it.
        name: of the format.
        info: the model in use: an export of another one is none.

    Raises:
        NoExport: where there is none, it is of another model or format, not certified, or a file was altered since.
    """
    try:
        written = (folder / certificate_file).read_bytes()
        files = {certificate_file: written} | _checked(folder, json.loads(written), name, info)
        files |= {page: (folder / page).read_bytes() for page in _pages}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NoExport(name) from error
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for file, content in files.items():
            target.writestr(zipfile.ZipInfo(file, _moment), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _checked(folder: Path, certificate: dict[str, Any], name: str, info: ModelInfo) -> dict[str, bytes]:
    """The files that a certificate vouches for. Raises `ValueError` where it does not, or is of something else."""
    model = {"name": info.model_name, "version": info.version, "data_fingerprint": info.data_fingerprint}
    if (certificate["certified"], certificate["format"], certificate["model"]) != (True, name, model):
        raise ValueError("of another model or format")
    # Their names come from a file: what would lead out of the folder is none of them.
    contents = {file: (folder / file).read_bytes() for file in certificate["files"] if "/" not in file}
    if {file: sha256(content) for file, content in contents.items()} != certificate["files"]:
        raise ValueError("altered")
    return contents
