"""The sentences of the Import page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.text.formats import format_number, format_share
from dash_app.i18n import _, language, mark, plural, translated

if TYPE_CHECKING:
    from core.contract.jobs import JobAnswer, JobColumns, JobConversion, JobLine, JobPreview

_states: Final = {
    "held": mark("waits for you"),
    "queued": mark("waits for its turn"),
    "running": mark("is being scored"),
    "done": mark("done"),
    "failed": mark("failed"),
    "cancelled": mark("cancelled"),
}
_separators: Final = {
    ",": mark("comma"),
    ";": mark("semicolon"),
    "\t": mark("tab"),
    "|": mark("vertical bar"),
    " ": mark("space"),
}


def state(job: JobLine) -> str:
    """Where an import stands; one of which no row was scored is not said to be done."""
    return _("nothing scored") if is_empty(job) else translated(_states[job.status])


def is_empty(job: JobLine) -> bool:
    """Whether it ended without a single row scored: all were set aside, or there was none."""
    return job.status == "done" and not job.progress.rows_scored


def size(count: int) -> str:
    """A size of a file: `160 MB`."""
    lang = language()
    for unit, least in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= least:
            figure = count / least
            shown = format_number(round(figure, 1 if figure < 10 else 0), lang)
            return f"{shown}\u00a0{unit if lang == 'en' else unit.replace('B', 'o')}"
    return plural("{count} byte", "{count} bytes", count)


def written(facts: JobColumns) -> str:
    """How a file is written: `CSV: semicolon, decimal comma, utf-8`."""
    if facts.separator is None:
        return "Parquet"
    parts = [translated(_separators[facts.separator]) if facts.separator in _separators else facts.separator]
    parts.append(_("decimal comma") if facts.decimal == "," else _("decimal point"))
    parts.append((facts.encoding or "").upper())
    return _("CSV: {parts}", parts=", ".join(parts))


def converted(was: JobConversion) -> str:
    """What a file was that is read as CSV: `XLSX, sheet “Clients”`, and whether others were left out."""
    if was.sheet is None:
        return was.kind
    read = _("{kind}, sheet “{sheet}”", kind=was.kind, sheet=was.sheet)
    if not was.other_sheets:
        return read
    others = plural(
        "{count} other sheet with such a table was not read",
        "{count} other sheets with such tables were not read",
        was.other_sheets,
    )
    return f"{read} ({others})"


def verdict(preview: JobPreview) -> tuple[str, str]:
    """What will become of a file: a title, and a sentence."""
    lang = language()
    read = plural(
        "{shown} row was read", "{shown} rows were read", preview.rows, shown=format_number(preview.rows, lang)
    )
    if preview.verdict == "ready":
        return _("This file can be scored."), _("{read}: all of them are sound.", read=read)
    if preview.verdict == "partly":
        aside = format_number(preview.rows - preview.sound, lang)
        share = format_share((preview.rows - preview.sound) / preview.rows, lang)
        return _("This file can be scored in part."), _(
            "{read}: {aside} of them ({share}) would be set aside, with the reason for each.",
            read=read,
            aside=aside,
            share=share,
        )
    return _("No row of this file can be scored."), _("{read}: see below what is wrong.", read=read)


def duration(seconds: float) -> str:
    """A time to wait: `2 min`, `40 s`."""
    if seconds < 1:
        return _("less than a second")
    if seconds < 90:
        return _("{count} s", count=round(seconds))
    return _("{count} min", count=round(seconds / 60))


def progress(job: JobAnswer) -> str:
    """How far the scoring is, in words."""
    lang, made = language(), job.progress
    parts = [
        plural(
            "{shown} row read",
            "{shown} rows read",
            made.rows_read,
            shown=format_number(made.rows_read, lang),
        )
    ]
    if made.rows_per_second:
        parts.append(_("{speed} rows/s", speed=format_number(round(made.rows_per_second), lang)))
    if made.seconds_left is not None:
        parts.append(_("{time} left", time=duration(made.seconds_left)))
    if made.rows_rejected:
        parts.append(_("{count} set aside", count=format_number(made.rows_rejected, lang)))
    return " · ".join(parts)


def outcome(job: JobAnswer) -> str:
    """What came of a file, in one sentence."""
    lang, total = language(), job.accepted + job.refused
    if not total:
        return _("No row could be scored.")
    return _(
        "Accepted: {accepted} of {total} applications ({share}); refused: {refused}.",
        accepted=format_number(job.accepted, lang),
        total=format_number(total, lang),
        share=format_share(job.accepted / total, lang),
        refused=format_number(job.refused, lang),
    )
