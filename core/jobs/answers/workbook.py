"""The result of a job as an Excel workbook: its rows, the rows set aside, and what was done."""

from __future__ import annotations

import tempfile
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from core import outputs
from core.batch.rejections import heading
from core.exports.workbook import book, write_row
from core.jobs.answers import results
from core.jobs.answers.account import account
from core.jobs.store import read_job
from core.text.messages import message

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from core.catalogue import Language
    from core.jobs.answers.results import Columns
    from core.jobs.job import Job

# An Excel sheet has 1,048,576 rows; the first holds the names.
max_rows: Final = 1_048_575

_probability: Final = "0.0000"
_money: Final = "#,##0.00"
_whole: Final = "0"
_time: Final = "yyyy-mm-dd hh:mm"
# How the numbers of some columns are shown; the others as Excel shows any number.
_formats: Final = {
    "probability": _probability,
    "threshold": _probability,
    "information": "0%",
    "fold_agreement": "0%",
    "row": _whole,
    "SK_ID_CURR": _whole,
    "decided_at": _time,
}
_narrowest, _widest = 12, 42
# Of columns of sentences and of the account.
_sentence_width: Final = 60
_widths_of_rejections: Final = (10, 14, 32, _sentence_width, _sentence_width)
_widths_of_account: Final = (32, 100)


def write(folder: Path, name: str, columns: Columns, lang: Language, decided: pl.DataFrame | None = None) -> None:
    """Writes the workbook of a job that is done. Raises `OSError` where the disk is full.

    Args:
        name: of the file in the folder.
        lang: of the sheets beside the result.
        decided: what officers decided, as `core.jobs.answers.results.decided_rows` gives it.

    Rows go to the disk one by one: however many there are, memory stays that of a few thousand.
    """
    job = read_job(folder)
    with (
        tempfile.TemporaryDirectory(dir=folder, prefix=".workbook-") as scratch,
        outputs.replacing(folder / name, private=True) as aside,
        book(aside, {"constant_memory": True, "tmpdir": scratch}) as written,
    ):
        _write_result(written, folder, columns, lang, decided)
        _write_rejections(written, folder, lang)
        _write_account(written, job, lang)


def _write_result(written: Any, folder: Path, columns: Columns, lang: Language, decided: pl.DataFrame | None) -> None:
    names = results.heading_of_file(folder, decided, columns)
    sheet = _sheet(written, message("sheet_result", lang), names)
    line = 0
    for frame in results.frames(folder, decided, columns):
        if not line:
            # Before their rows: what a row is written with is not changed afterwards.
            _shape_columns(written, sheet, frame)
        for row in _typed(frame).iter_rows():
            line += 1
            write_row(sheet, line, row)
    if line:
        sheet.autofilter(0, 0, line, len(names) - 1)


def _typed(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows whose times are times: Excel knows no zone, they are UTC."""
    if "decided_at" not in frame.columns:
        return frame
    return frame.with_columns(
        pl.col("decided_at").str.to_datetime("%Y-%m-%dT%H:%M:%S%z", time_zone="UTC").dt.replace_time_zone(None)
    )


def _shape_columns(written: Any, sheet: Any, frame: pl.DataFrame) -> None:
    """Widths by the first rows, and how numbers are shown."""
    longest = frame.select(pl.all().cast(pl.String).str.len_chars().max()).row(0)
    for place, (name, width) in enumerate(zip(frame.columns, longest, strict=True)):
        shown = _formats.get(name) or (_money if name.startswith("AMT_") else None)
        # Digits that a format leaves out take no room.
        room = len(name) if shown else max(len(name), width or 0)
        style = written.add_format({"num_format": shown}) if shown else None
        sheet.set_column(place, place, min(max(room + 2, _narrowest), _widest), style)


def _write_rejections(written: Any, folder: Path, lang: Language) -> None:
    sheet = _sheet(written, message("sheet_set_aside", lang), heading)
    for place, width in enumerate(_widths_of_rejections):
        sheet.set_column(place, place, width)
    line = 0
    for row in chain.from_iterable(results.rejections_of_file(folder, lang)):
        line += 1
        write_row(sheet, line, row)
    if line:
        sheet.autofilter(0, 0, line, len(heading) - 1)


def _write_account(written: Any, job: Job, lang: Language) -> None:
    styles = {
        kind: written.add_format({"num_format": shown, "align": "left", "text_wrap": True, "valign": "top"})
        for kind, shown in (("probability", _probability), ("share", "0.0%"), ("time", _time), ("plain", "General"))
    }
    sheet = written.add_worksheet(message("sheet_account", lang))
    for place, width in enumerate(_widths_of_account):
        sheet.set_column(place, place, width)
    bold = written.add_format({"bold": True, "valign": "top"})
    for place, line in enumerate(account(job, lang)):
        write_row(sheet, place, [line.name], bold)
        write_row(sheet, place, [line.value], styles[line.kind], first=1)


def _sheet(written: Any, name: str, names: Sequence[str]) -> Any:
    sheet = written.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    write_row(sheet, 0, names, written.add_format({"bold": True, "bottom": 1}))
    return sheet
