"""The export of a model: all files written aside, proved there, and put in place only where the proof holds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, get_args

from core import outputs
from core.catalogue import Language
from core.model.artefacts import sha256
from core.model.export import formulas, schema
from core.model.export.forest import Forest, NotExportable
from core.model.export.formats import formats
from core.model.export.precision import max_share_differing
from core.model.export.proof import certificate_page
from core.model.export.proof.certificate import Certificate, RowSet, compared, file, of_booster
from core.model.export.proof.edge_rows import edge_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from core.model.artefacts import Artefacts
    from core.model.export.precision import Precision
    from core.model.export.proof.certificate import Scoring
    from core.model.export.proof.edge_rows import Edged

_pages: Final = tuple(certificate_page.file(lang) for lang in get_args(Language))
_model_files: Final = (*{one.file: None for one in formats.values()}, "points.csv", "scorecard.json")


@dataclass(frozen=True, slots=True)
class Exported:
    """What is exported, with all that its certificate needs.

    Attributes:
        format: its name.
        files: the content of each file of the model, by its name.
        edged: where the decisions of the model change.
        ours: the model itself.
        threshold: a probability of default from which it refuses.
        opened: opens the files in a folder in their own runtime; gives it with its name. Raises `NotExportable`.
        precision: that they compute in.
    """

    format: str
    files: Mapping[str, bytes]
    edged: Edged
    ours: Scoring
    threshold: float
    opened: Callable[[Path], tuple[Scoring, str]]
    precision: Precision


def export(name: str, artefacts: Artefacts, clients: Sequence[RowSet], folder: Path, made_at: str) -> Certificate:
    """Writes a model in a format, with the table of formulas, the schema and the certificate.

    Args:
        name: of the format, one of `core.model.export.formats`.
        clients, folder, made_at: as for `written`.

    Raises:
        NotExportable: where the format cannot say what the model does, has no runtime here to be proved in, or decides
            a row otherwise. The folder is then as it was.
        OSError: where the folder cannot be written.
    """
    chosen = formats[name]
    exported = Exported(
        format=name,
        files={chosen.file: chosen.content(artefacts)},
        edged=Forest.of(artefacts.booster),
        ours=of_booster(artefacts.booster),
        threshold=artefacts.info.optimal_threshold,
        opened=lambda staged: (chosen.scoring(staged, artefacts.info.optimal_threshold), chosen.runtime()),
        precision=chosen.precision,
    )
    return written(exported, artefacts, clients, folder, made_at)


def written(
    exported: Exported, artefacts: Artefacts, clients: Sequence[RowSet], folder: Path, made_at: str
) -> Certificate:
    """Puts an export into a folder, where its certificate holds.

    Args:
        artefacts: the model that is exported, or whose features it takes.
        clients: rows of people to compare on; the first of them lend their values to the edge rows.
        folder: where the files go; those of another export there are replaced.
        made_at: ISO 8601, UTC.

    Raises:
        NotExportable, OSError: as `export`.
    """
    names = (*_model_files, formulas.file, schema.file, *_pages, file)
    with outputs.replacing_folder(folder, last=file, owned=names) as staged:
        for name, content in exported.files.items():
            (staged / name).write_bytes(content)
        (staged / formulas.file).write_text(formulas.table(), encoding="utf-8")
        described = json.dumps(schema.application_schema(), indent=2, ensure_ascii=False)
        (staged / schema.file).write_text(f"{described}\n", encoding="utf-8")
        certificate = _certificate(exported, artefacts, clients, staged, made_at)
        if not certificate.holds:
            raise NotExportable(_failure(certificate))
        (staged / file).write_bytes(certificate.to_json())
        for lang, page in zip(get_args(Language), _pages, strict=True):
            (staged / page).write_text(certificate_page.page(certificate, lang), encoding="utf-8")
    return certificate


def _certificate(
    exported: Exported, artefacts: Artefacts, clients: Sequence[RowSet], staged: Path, made_at: str
) -> Certificate:
    edges = edge_rows(exported.edged, clients[0].matrix)
    scoring, runtime = exported.opened(staged)
    info = artefacts.info
    return Certificate(
        format=exported.format,
        runtime=runtime,
        model={"name": info.model_name, "version": info.version, "data_fingerprint": info.data_fingerprint},
        threshold=exported.threshold,
        precision=exported.precision,
        made_at=made_at,
        sets=tuple(
            compared(rows, exported.ours, scoring, exported.threshold, exported.precision)
            for rows in (*clients, RowSet("edges", edges.matrix, edges.descriptions))
        ),
        files={path.name: sha256(path.read_bytes()) for path in sorted(staged.iterdir()) if path.is_file()},
    )


def _failure(certificate: Certificate) -> str:
    differing = certificate.differing
    first = f", the first of them {differing[0].row}" if differing else ""
    largest = f"{certificate.largest_unexplained:.1e}, where {certificate.tolerance:.0e} is allowed"
    if certificate.precision == "single" and certificate.share_differing > max_share_differing:
        share = f"{certificate.share_differing:.3%} of clients are decided otherwise"
        largest += f"; {share}, where {max_share_differing:.0%} is allowed"
    return (
        f"{certificate.format}: {len(differing)} of {certificate.rows:,} decisions differ{first}; the largest"
        f" difference of a probability is {largest}. Nothing was written"
    )
