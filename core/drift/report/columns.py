"""The columns of a drift report: the table of them, and each one opened up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from core.drift.measures.thresholds import measures
from core.drift.report.charts import bars, boxes, outlines
from core.drift.report.labels import bin_label, column_label, measured, value_label
from core.drift.report.templating import Table
from core.text.drift import word
from core.text.formats import format_probability, format_share, format_statistic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.catalogue import Language
    from core.drift.measures.measure import Level
    from core.drift.results.columns import BinShift, ColumnDrift, Statistic

# Told apart without colour.
_symbols: Final = {"stable": "○", "moderate": "◐", "major": "●"}
_max_bars: Final = 10
_heads: Final = ("column", "level", "importance", *measures, "p_value")


def level_label(level: Level, lang: Language) -> Markup:
    """A level as a symbol and a word."""
    return Markup('<span class="level {}">{} {}</span>').format(level, _symbols[level], word(level, lang))


def column_table(caption: str, columns: Sequence[ColumnDrift], lang: Language) -> Table:
    """One row a column, each statistic in its place; a dash where a column has none."""
    return Table(caption, [word(head, lang) for head in _heads], [_row(column, lang) for column in columns])


def _row(column: ColumnDrift, lang: Language) -> list[str]:
    return [
        _named(column.name, lang),
        level_label(column.level, lang),
        "–" if column.importance is None else format_probability(column.importance, lang),
        *(_measured(column, name, lang) for name in measures),
        format_statistic(column.chi_squared.corrected, lang),
    ]


def _measured(column: ColumnDrift, name: Statistic, lang: Language) -> str:
    """A measure; of missing values, the share on both sides, of which the measure is the difference."""
    if name == "missing":
        shares = _shares(column.missing.reference, column.missing.current, lang)
        return Markup('<span class="together">{}</span>').format(word("from_to", lang, **shares))
    value = measures[name].of(column)
    return "–" if value is None else measured(name, value, lang)


@dataclass(frozen=True, slots=True)
class Details:
    """A column opened up.

    Attributes:
        heading: its name in words, its name in the tables, its level.
        moved: the bins that moved most; empty where none did.
        chart: both distributions.
        boxes, quantiles: of numbers of which enough rows are known, else None.
        bins_summary, bins: every bin, on demand.
    """

    heading: Markup
    moved: str
    chart: Markup
    boxes: Markup | None
    quantiles: Table | None
    bins_summary: str
    bins: Table


def column_details(column: ColumnDrift, lang: Language) -> Details:
    """A column opened up: what moved, both distributions, quantiles, bins."""
    label = column_label(column.name, lang)
    moved = ", ".join(f"{bin_label(column.name, bin_, lang)} ({_change(bin_, lang)})" for bin_ in column.moved())
    return Details(
        heading=Markup("{} {}").format(_named(column.name, lang), level_label(column.level, lang)),
        moved=word("moved", lang, parts=moved) if moved else "",
        chart=_chart(column, label, lang),
        boxes=_boxes(column, label, lang),
        quantiles=_quantiles(column, label, lang),
        bins_summary=f"{word('bins', lang)} – {label}",
        bins=_bins(column, label, lang),
    )


def _named(name: str, lang: Language) -> Markup:
    return Markup("{} <code>{}</code>").format(column_label(name, lang), name)


def _chart(column: ColumnDrift, label: str, lang: Language) -> Markup:
    histogram = None if column.numbers is None else column.numbers.histogram
    if histogram is not None:
        ends = (value_label(column.name, edge, lang) for edge in (histogram.edges[0], histogram.edges[-1]))
        described = word("chart_histogram", lang, label=label)
        first, last = ends
        return outlines(histogram.edges, histogram.reference, histogram.current, described, (first, last))
    shown = sorted(column.bins, key=lambda bin_: -max(bin_.reference, bin_.current))[:_max_bars]
    parts = [(bin_label(column.name, bin_, lang), bin_.reference, bin_.current) for bin_ in shown]
    return bars(parts, word("chart_bars", lang, label=label))


def _boxes(column: ColumnDrift, label: str, lang: Language) -> Markup | None:
    if column.numbers is None or not column.numbers.quantiles:
        return None
    quantiles = column.numbers.quantiles
    return boxes(
        [quantile.reference for quantile in quantiles],
        [quantile.current for quantile in quantiles],
        word("chart_quantiles", lang, label=label),
        (word("reference", lang), word("current", lang)),
    )


def _quantiles(column: ColumnDrift, label: str, lang: Language) -> Table | None:
    numbers = column.numbers
    if numbers is None or not numbers.quantiles:
        return None
    rows = [
        [
            word("median", lang) if quantile.share == 0.5 else format_share(quantile.share, lang),
            value_label(column.name, quantile.reference, lang),
            value_label(column.name, quantile.current, lang),
        ]
        for quantile in numbers.quantiles
    ]
    if numbers.reference_mean is not None and numbers.current_mean is not None:
        means = (numbers.reference_mean, numbers.current_mean)
        rows.append([word("mean", lang), *(value_label(column.name, mean, lang) for mean in means)])
    heads = [word(head, lang) for head in ("quantile", "reference", "current")]
    return Table(word("quantiles_caption", lang, label=label), heads, rows)


def _bins(column: ColumnDrift, label: str, lang: Language) -> Table:
    rows = [
        [
            bin_label(column.name, bin_, lang),
            format_probability(bin_.reference, lang),
            format_probability(bin_.current, lang),
            format_statistic(bin_.psi, lang),
        ]
        for bin_ in column.bins
    ]
    heads = [word(key, lang) for key in ("bin", "reference", "current", "adds")]
    return Table(word("bins_caption", lang, label=label), heads, rows)


def _change(shift: BinShift, lang: Language) -> str:
    return word("from_to", lang, **_shares(shift.reference, shift.current, lang))


def _shares(before: float, after: float, lang: Language) -> dict[str, str]:
    return {"before": format_probability(before, lang), "after": format_probability(after, lang)}
