"""The certificate for people, as Markdown in each language."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from core.model.export.precision import max_share_differing
from core.text.formats import format_date, format_number, format_probability, format_share
from core.text.messages import message

if TYPE_CHECKING:
    from core.catalogue import Language
    from core.model.export.proof.certificate import Certificate, ComparedRow, ComparedSet

# Of a set, each of those that differ and those that could; all of them are in the JSON.
_max_listed: Final = 200


def file(lang: Language) -> str:
    """The name of the page in a language."""
    return f"certificate.{lang}.md"


def page(certificate: Certificate, lang: Language) -> str:
    """The certificate for a reader of `lang`."""
    say = partial(message, lang=lang)
    rows = format_number(certificate.rows, lang)
    title = say("export_title", model=f"{certificate.model['name']} {certificate.model['version']}")
    single = "_single" if certificate.precision == "single" else ""
    share = format_share(max_share_differing, lang)
    lines = [
        f"# {title}",
        "",
        say(
            f"export_holds{single}" if certificate.holds else "export_fails",
            rows=rows,
            count=format_number(len(certificate.differing), lang),
            near=format_number(len(certificate.could_differ), lang),
            largest=_small(certificate.largest_unexplained),
            listed=format_number(_max_listed, lang),
        ),
        "",
        f"- {say('export_format', format=certificate.format, runtime=certificate.runtime)}",
        f"- {say('export_threshold', threshold=repr(certificate.threshold))}",
        f"- {say('export_made', day=format_date(certificate.made_at, lang))}",
        f"- {say(f'export_rule{single}', tolerance=_small(certificate.tolerance), share=share)}",
        f"- {say('export_remade')}",
        "",
        *_sets(certificate, lang),
        "",
        f"## {say('export_use')}",
        "",
        say(f"export_use_{certificate.format.replace('-', '_')}"),
        "",
        say(f"export_matrix{single}"),
        "",
        f"## {say('export_files')}",
        "",
        f"| {say('export_file')} | SHA-256 |",
        "| --- | --- |",
        *(f"| {name} | `{digest}` |" for name, digest in certificate.files.items()),
    ]
    for compared in certificate.sets:
        lines += _rows(compared, lang)
    return "\n".join(lines) + "\n"


def _sets(certificate: Certificate, lang: Language) -> list[str]:
    single = certificate.precision == "single"
    names = ("rows", "scored", "largest", *(("unexplained", "moved") if single else ()), "batch", "other", "near")
    heads = [message(f"export_column_{name}", lang) for name in names]
    lines = [f"| {' | '.join(heads)} |", f"| --- |{' --- |' * (len(heads) - 1)}"]
    for compared in certificate.sets:
        rounding = [_small(compared.largest_unexplained), format_number(compared.moved, lang)]
        cells = [
            message(f"export_set_{compared.name}", lang),
            format_number(compared.rows, lang),
            _small(compared.largest_difference),
            *(rounding if single else ()),
            _small(compared.largest_by_batch),
            format_number(len(compared.differing), lang),
            format_number(len(compared.could_differ), lang),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _rows(compared: ComparedSet, lang: Language) -> list[str]:
    lines = []
    for key, rows in (("export_differing", compared.differing), ("export_near", compared.could_differ)):
        if rows:
            said = message(key, lang, rows=message(f"export_set_{compared.name}", lang))
            heads = [message(f"export_column_{name}", lang) for name in ("row", "ours", "exported", "distance")]
            lines += ["", f"## {said}", "", f"| {' | '.join(heads)} |", "| --- | --- | --- | --- |"]
            lines += [_row(row, lang) for row in rows[:_max_listed]]
        if len(rows) > _max_listed:
            listed, count = format_number(_max_listed, lang), format_number(len(rows), lang)
            lines += ["", message("export_more", lang, listed=listed, count=count)]
    return lines


def _row(row: ComparedRow, lang: Language) -> str:
    ours = format_probability(row.ours, lang)
    exported = format_probability(row.exported, lang)
    return f"| {row.row} | {ours} | {exported} | {_small(row.distance)} |"


def _small(number: float) -> str:
    """A number by its power of ten, the same for every reader; 0 as such."""
    return f"{number:.1e}" if number else "0"
