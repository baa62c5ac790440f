"""The columns of a drift report: the table of them, and each one opened up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.drift.report.charts import bars, boxes, outlines
from core.drift.report.labels import bin_label, column_label, value_label
from core.drift.report.markup import Markup, element, folded, table, together
from core.text.drift import word
from core.text.formats import format_probability, format_share, format_statistic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.catalogue import Language
    from core.drift.measures.thresholds import Level
    from core.drift.results import BinShift, ColumnDrift

# Told apart without colour.
_symbols: Final = {"stable": "○", "moderate": "◐", "major": "●"}
_most_bars: Final = 10
_heads: Final = (
    "column",
    "level",
    "importance",
    "psi",
    "jensen_shannon",
    "total_variation",
    "kolmogorov_smirnov",
    "wasserstein",
    "p_value",
    "missing",
)


def level_label(level: Level, lang: Language) -> Markup:
    """A level as a symbol and a word."""
    return element("span", f"{_symbols[level]} {word(level, lang)}", class_=f"level {level}")


def column_table_heads(lang: Language) -> list[str]:
    """The heads of the table that `column_rows` fills."""
    return [word(each, lang) for each in _heads]


def column_rows(columns: Sequence[ColumnDrift], lang: Language) -> list[list[str]]:
    """One row a column, each statistic in its place; a dash where a column has none."""
    return [_row(each, lang) for each in columns]


def _row(column: ColumnDrift, lang: Language) -> list[str]:
    numbers = column.numbers
    return [
        together(column_label(column.name, lang), Markup(" "), element("code", column.name)),
        level_label(column.level, lang),
        "–" if column.importance is None else format_probability(column.importance, lang),
        format_statistic(column.psi, lang),
        format_statistic(column.jensen_shannon, lang),
        format_statistic(column.total_variation, lang) if column.kind == "category" else "–",
        "–" if numbers is None else format_statistic(numbers.kolmogorov_smirnov.statistic, lang),
        "–"
        if numbers is None or numbers.wasserstein_scaled is None
        else format_statistic(numbers.wasserstein_scaled, lang),
        format_statistic(column.chi_squared.corrected, lang),
        element(
            "span",
            word("from_to", lang, **_shares(column.missing.reference, column.missing.current, lang)),
            class_="together",
        ),
    ]


def column_details(column: ColumnDrift, lang: Language) -> Markup:
    """A column opened up: what moved, both distributions, quantiles, bins."""
    label = column_label(column.name, lang)
    heading = element("h3", together(label, Markup(" "), element("code", column.name), Markup(" "), level_label(
        column.level, lang
    )))  # fmt: skip
    moved = ", ".join(f"{bin_label(column.name, each, lang)} ({_change(each, lang)})" for each in column.moved())
    said = element("p", word("moved", lang, parts=moved)) if moved else Markup("")
    quantiles = _quantiles(column, label, lang)
    return element(
        "section", together(heading, said, _chart(column, label, lang), quantiles, _bins(column, label, lang))
    )


def _chart(column: ColumnDrift, label: str, lang: Language) -> Markup:
    histogram = None if column.numbers is None else column.numbers.histogram
    if histogram is not None:
        ends = (value_label(column.name, each, lang) for each in (histogram.edges[0], histogram.edges[-1]))
        described = word("chart_histogram", lang, label=label)
        first, last = ends
        return Markup(outlines(histogram.edges, histogram.reference, histogram.current, described, (first, last)))
    shown = sorted(column.bins, key=lambda each: -max(each.reference, each.current))[:_most_bars]
    parts = [(bin_label(column.name, each, lang), each.reference, each.current) for each in shown]
    return Markup(bars(parts, word("chart_bars", lang, label=label)))


def _quantiles(column: ColumnDrift, label: str, lang: Language) -> Markup:
    numbers = column.numbers
    if numbers is None or not numbers.quantiles:
        return Markup("")
    rows = [
        [
            word("median", lang) if each.share == 0.5 else format_share(each.share, lang),
            value_label(column.name, each.reference, lang),
            value_label(column.name, each.current, lang),
        ]
        for each in numbers.quantiles
    ]
    if numbers.reference_mean is not None and numbers.current_mean is not None:
        means = (numbers.reference_mean, numbers.current_mean)
        rows.append([word("mean", lang), *(value_label(column.name, each, lang) for each in means)])
    names = word("reference", lang), word("current", lang)
    drawn = boxes(
        [each.reference for each in numbers.quantiles],
        [each.current for each in numbers.quantiles],
        word("chart_quantiles", lang, label=label),
        names,
    )
    caption = word("quantiles_caption", lang, label=label)
    return together(Markup(drawn), table(caption, [word("quantile", lang), *names], rows))


def _bins(column: ColumnDrift, label: str, lang: Language) -> Markup:
    rows = [
        [
            bin_label(column.name, each, lang),
            format_probability(each.reference, lang),
            format_probability(each.current, lang),
            format_statistic(each.psi, lang),
        ]
        for each in column.bins
    ]
    heads = [word(each, lang) for each in ("bin", "reference", "current", "adds")]
    return folded(f"{word('bins', lang)} – {label}", table(word("bins_caption", lang, label=label), heads, rows))


def _change(each: BinShift, lang: Language) -> str:
    return word("from_to", lang, **_shares(each.reference, each.current, lang))


def _shares(before: float, after: float, lang: Language) -> dict[str, str]:
    return {"before": format_probability(before, lang), "after": format_probability(after, lang)}
