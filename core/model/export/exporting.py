"""The export of a model: all files written aside, proved there, and put in place only where the proof holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, get_args

from core import outputs
from core.catalogue import Language
from core.model.artefacts import sha256
from core.model.export import certificate_page, formulas, schema
from core.model.export.certificate import Certificate, RowSet, compared, file, ours, tolerance
from core.model.export.edge_rows import edge_rows
from core.model.export.forest import Forest, NotExportable
from core.model.export.formats import format_of, formats

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from core.model.artefacts import Artefacts

_pages: Final = tuple(certificate_page.file(lang) for lang in get_args(Language))
_model_files: Final = tuple(export_format.file for export_format in formats.values())


def export(name: str, artefacts: Artefacts, clients: Sequence[RowSet], folder: Path, made_at: str) -> Certificate:
    """Writes a model in a format, with the table of formulas, the schema and the certificate.

    Args:
        name: of the format.
        clients: rows of people to compare on; the first of them lend their values to the edge rows.
        folder: where the files go; those of another export there are replaced.
        made_at: ISO 8601, UTC.

    Raises:
        NotExportable: where the format cannot say what the model does, has no runtime here to be proved in, or decides
            a row otherwise. The folder is then as it was.
        OSError: where the folder cannot be written.
    """
    chosen = format_of(name)
    names = (*_model_files, formulas.file, schema.file, *_pages, file)
    with outputs.replacing_folder(folder, last=file, owned=names) as staged:
        (staged / chosen.file).write_bytes(chosen.content(artefacts))
        (staged / formulas.file).write_text(formulas.table(), encoding="utf-8")
        (staged / schema.file).write_text(
            json.dumps(schema.application_schema(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        certificate = certify(name, artefacts, clients, staged, made_at)
        if not certificate.holds:
            raise NotExportable(_failure(certificate))
        (staged / file).write_bytes(certificate.to_json())
        for lang, page in zip(get_args(Language), _pages, strict=True):
            (staged / page).write_text(certificate_page.page(certificate, lang), encoding="utf-8")
    return certificate


def certify(name: str, artefacts: Artefacts, clients: Sequence[RowSet], folder: Path, made_at: str) -> Certificate:
    """Compares the exported model in a folder with the model. Raises `NotExportable` where it cannot be scored."""
    chosen = format_of(name)
    edges = edge_rows(Forest.of(artefacts.booster), clients[0].matrix)
    exported = chosen.scoring(folder)
    info = artefacts.info
    return Certificate(
        format=name,
        runtime=chosen.runtime(),
        model={"name": info.model_name, "version": info.version, "data_fingerprint": info.data_fingerprint},
        threshold=info.optimal_threshold,
        made_at=made_at,
        sets=tuple(
            compared(rows, ours(artefacts.booster), exported, info.optimal_threshold)
            for rows in (*clients, RowSet("edges", edges.matrix, edges.descriptions))
        ),
        files={path.name: sha256(path.read_bytes()) for path in sorted(folder.iterdir()) if path.is_file()},
    )


def _failure(certificate: Certificate) -> str:
    differing = certificate.differing
    first = f", the first of them {differing[0].row}" if differing else ""
    largest = f"{certificate.largest_difference:.1e}, where {tolerance:.0e} is allowed"
    return (
        f"{certificate.format}: {len(differing)} of {certificate.rows:,} decisions differ{first}; the largest"
        f" difference of a probability is {largest}. Nothing was written"
    )
