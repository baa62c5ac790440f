"""The challenger in shadow beside the model in use: a part of the section on what became of the decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go
from babel.dates import format_date
from dash import html

from core.text.decimals import format_decimal
from core.text.formats import format_number, format_probability, format_statistic
from dash_app.i18n import _, language
from dash_app.views.comparison.figures.style import calm
from dash_app.views.comparison.table import plain
from dash_app.views.drift.figures import share_axis
from dash_app.views.drift.parts import panel

if TYPE_CHECKING:
    from datetime import datetime

    from dash.development.base_component import Component

    from core.contract.record.challenger import ChallengerComparison, ChallengerOutcomes
    from dash_app.shell.theme import Theme


def section(compared: ChallengerComparison | None, theme: Theme, in_use: str | None) -> list[Component]:
    """What the challenger says beside the model that decided; nothing where none was asked.

    Args:
        in_use: the version of the model in use; None where it is not known.
    """
    if compared is None:
        return []
    words = _(
        "Version {challenger} was asked of {count} applications that {champion} decided, from {since} to {until}. No "
        "client and no officer was told what it said.",
        challenger=compared.challenger_version,
        champion=compared.champion_version,
        count=_count(compared.applications),
        since=_day(compared.since),
        until=_day(compared.until),
    )
    listed = html.Dl(
        [html.Div([html.Dt(name), html.Dd(fact)]) for name, fact in facts(compared)], className="drift-facts"
    )
    beside = other(compared, in_use)
    keys = [("champion", beside), ("challenger", _("challenger"))]
    drawn = panel(alternative(compared, beside), keys, by_score(compared, theme, beside), table(compared, beside))
    sentence = html.Ul([html.Li(line) for line in said(compared)], className="drift-notes")
    heading = (
        _("The challenger in shadow, until {day}", day=_day(compared.until))
        if compared.ended
        else _("The challenger in shadow")
    )
    return [html.H3(heading), html.P(words), listed, sentence, *drawn]


def other(compared: ChallengerComparison, in_use: str | None) -> str:
    """What the model beside the challenger is called: by its version, where that is no longer in use.

    Args:
        in_use: the version that is; None where it is not known.
    """
    if compared.champion_version == in_use:
        return _("model in use")
    return _("version {version}", version=compared.champion_version)


def facts(compared: ChallengerComparison) -> list[tuple[str, str]]:
    """What counts most, as names and words; the model beside it by its version, which may be in use no more."""
    agreement = f"{_rate(compared.agreement)} [{_rate(compared.agreement_low)} – {_rate(compared.agreement_high)}]"
    listed = [
        (_("Same decision"), agreement),
        (
            _("Other decisions"),
            _(
                "{refuse} accepted ones it would refuse, {accept} refused ones it would accept",
                refuse=_count(compared.would_refuse),
                accept=_count(compared.would_accept),
            ),
        ),
        (
            _("Expected cost of a decision"),
            _(
                "{challenger}, version {version}: {champion}; each by its own probabilities",
                challenger=_number(compared.challenger_expected_cost),
                version=compared.champion_version,
                champion=_number(compared.champion_expected_cost),
            ),
        ),
    ]
    known = compared.outcomes
    if known is not None:
        cost = _(
            "{challenger}, version {version}: {champion}; on {count} outcomes",
            challenger=_number(known.challenger_cost),
            version=compared.champion_version,
            champion=_number(known.champion_cost),
            count=_count(known.rows),
        )
        listed += [(_("Realised cost of a decision"), cost), (_("Difference of AUC"), _difference(known))]
    return listed


def said(compared: ChallengerComparison) -> list[str]:
    """The verdict, and what stands behind it."""
    ended = (
        [_("It has ended: decisions since {day} were made without it.", day=_day(compared.until))]
        if compared.ended
        else []
    )
    if compared.outcomes is None:
        return [*ended, verdict(compared)]
    # Of clients whom the model beside it refused, the challenger is credited with none that would have paid.
    selected = _(
        "Outcomes are known of nearly none but those whom version {version} accepted. They say little of the {accept} "
        "whom the challenger alone would accept.",
        version=compared.champion_version,
        accept=_count(compared.would_accept),
    )
    return [*ended, verdict(compared), selected]


def verdict(compared: ChallengerComparison) -> str:
    """Whether outcomes tell the two apart, and how many it would take."""
    known = compared.outcomes
    if known is None or known.auc_difference is None:
        return _("Too few outcomes are known to say which of the two ranks better.")
    if compared.tells_apart:
        return (
            _("On the outcomes known so far, the challenger ranks better.")
            if known.auc_difference > 0
            else _("On the outcomes known so far, the challenger ranks worse.")
        )
    if known.needed is None or known.needed <= known.rows:
        return _("The outcomes known so far do not tell the two apart.")
    return _(
        "The outcomes known so far do not tell the two apart: for a difference as large it would take about {needed}, "
        "of which {known} are there.",
        needed=_count(known.needed),
        known=_count(known.rows),
    )


def by_score(compared: ChallengerComparison, theme: Theme, beside: str) -> go.Figure:
    """The share of applications by probability of default, of both; `beside` is the name of the other model."""
    lows = [part.low for part in compared.distribution]
    figure = go.Figure()
    # Hatched as well, for those who do not tell the colours apart.
    for name, colour, pattern, counts in (
        (beside, theme.supports, "", [part.champion for part in compared.distribution]),
        (_("challenger"), theme.against, "/", [part.challenger for part in compared.distribution]),
    ):
        figure.add_bar(
            x=[low + 0.01 for low in lows],
            y=[count / compared.applications for count in counts],
            marker={"color": colour, "pattern": {"shape": pattern, "size": 5, "solidity": 0.5}},
            customdata=[
                [_rate(low), _rate(low + 0.02), _count(count)] for low, count in zip(lows, counts, strict=True)
            ],
            hovertemplate=name + "<br>%{customdata[0]} – %{customdata[1]}: %{customdata[2]}<extra></extra>",
        )
    calm(figure, theme, 240, l=52, r=12, t=8, b=36)
    top = 1.1 * max(max(part.champion, part.challenger) for part in compared.distribution) / compared.applications
    figure.update_layout(barmode="group", bargap=0.1)
    figure.update_xaxes(showline=True, **share_axis(max(lows) + 0.02))
    figure.update_yaxes(range=[0, top], **share_axis(top))
    return figure


def alternative(compared: ChallengerComparison, beside: str) -> str:
    """The figure in words; `beside` as in `by_score`."""
    return " ".join(
        _(
            "{low} to {high}: {other} {champion}, challenger {challenger}.",
            other=beside,
            low=_rate(part.low),
            high=_rate(part.low + 0.02),
            champion=_count(part.champion),
            challenger=_count(part.challenger),
        )
        for part in compared.distribution
    )


def table(compared: ChallengerComparison, beside: str) -> Component:
    """How many applications of each range of probabilities; `beside` as in `by_score`."""
    # A version is not put into capitals as a whole.
    heads = (_("Probability of default"), beside[:1].upper() + beside[1:], _("Challenger"))
    rows = [
        (f"{_rate(part.low)} – {_rate(part.low + 0.02)}", _count(part.champion), _count(part.challenger))
        for part in compared.distribution
    ]
    return plain(_("Applications by probability of default, {other} and challenger", other=beside), heads, rows)


def _difference(known: ChallengerOutcomes) -> str:
    low, high = known.auc_difference_low, known.auc_difference_high
    if known.auc_difference is None or low is None or high is None:
        return _("too few")
    return f"{_signed(known.auc_difference)} [{_signed(low)} – {_signed(high)}]"


def _day(moment: datetime) -> str:
    return str(format_date(moment, "medium", locale=language()))


def _rate(value: float) -> str:
    return format_probability(value, language())


def _count(value: int) -> str:
    return format_number(value, language())


def _number(value: float) -> str:
    return str(format_statistic(value, language()))


def _signed(value: float) -> str:
    # What counts of a bound is its side of 0, on which 0 itself is not.
    return str(format_decimal(value or 0.0, format="+0.0000;-0.0000" if value else "0.0000", locale=language()))
