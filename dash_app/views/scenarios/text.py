"""The sentences of the Simulation page, for those who do not see the figures as for those who do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.text.formats import format_number, format_points, format_probability
from dash_app.i18n import _, language, plural
from dash_app.service.scenarios import portfolio
from dash_app.views.scenarios.figures import By, flows, per, sides

if TYPE_CHECKING:
    from core.contract.scenarios import CurveAnswer, PopulationAnswer, ScenarioOutcome, ThresholdOutcome
    from dash_app.service.answers import Source


def number(value: float | None, decimals: int = 0) -> str:
    """A number with at most so many decimals; a dash where there is none."""
    return "–" if value is None else format_number(round(value, decimals), language())


def rate(value: float | None, *beside: float) -> str:
    """A share of applications, to a tenth of a percent or as finely as tells it from others; a dash for none."""
    return "–" if value is None else format_probability(value, language(), *beside)


def cost(value: float | None) -> str:
    """A cost for an application, as it is said: for a hundred."""
    return number(None if value is None else value * per, 1)


def accepted_share(outcome: ThresholdOutcome) -> float:
    """The share of applications that is accepted."""
    return outcome.accepted / (outcome.accepted + outcome.refused)


def difference(now: float, was: float) -> str:
    """How a number differs, with its sign: `+12`, `−3`, `±0`."""
    change = round(now - was, 1 if abs(now - was) < 100 else 0)
    if change == 0:
        return "±0"
    return f"{'+' if change > 0 else '−'}{format_number(abs(change), language())}"


def points(now: float, was: float) -> str:
    """How a share differs, in percentage points with a sign."""
    if round((now - was) * 100, 1) == 0:
        return "±0"
    return f"{'+' if now > was else '−'}{format_points(now - was, language())}"


def population(of: PopulationAnswer, source: Source) -> list[str]:
    """Who is tried: how many, whether it is a part of them, whether outcomes are known, who computed."""
    lang = language()
    total = format_number(of.total, lang)
    who = (
        plural("{total} client on hand.", "{total} clients on hand.", of.total, total=total)
        if of.name == portfolio
        else plural(
            "{total} application of {file}.", "{total} applications of {file}.", of.total, total=total, file=of.name
        )
    )
    sentences = [who]
    if of.used < of.total:
        sentences.append(
            _(
                "Computed on {used} of them, spread evenly over all: numbers of applications count those, and "
                "shares may be off by a few tenths of a point.",
                used=format_number(of.used, lang),
            )
        )
    sentences.append(
        _("It is known who defaulted, so what would have happened is shown beside what is expected.")
        if of.outcomes_known
        else _("Nobody knows yet who will default: all numbers are expected ones.")
    )
    if source == "local":
        sentences.append(_("The API does not answer: computed by the model in the dashboard."))
    return sentences


def curve(view: CurveAnswer) -> str:
    """What the curve shows."""
    sentence = _(
        "A default that is accepted counts {fn}, a good client who is refused {fp}. For a hundred applications that "
        "makes {today} at today’s threshold of {at}; least, {least}, at {best}.",
        fn=number(view.cost_fn, 2),
        fp=number(view.cost_fp, 2),
        today=cost(view.today.cost),
        at=rate(view.today.threshold, view.best.threshold),
        least=cost(view.best.cost),
        best=rate(view.best.threshold, view.today.threshold),
    )
    if view.best_observed is None:
        return sentence
    known = _(
        "By what became of these applications it would have been least, {least}, at {best}.",
        least=cost(view.best_observed.observed_cost),
        best=rate(view.best_observed.threshold),
    )
    return f"{sentence} {known}"


def outcome(result: ScenarioOutcome, unchanged: ThresholdOutcome) -> str:
    """What a scenario does, in a sentence or two."""
    if not result.flows.turned:
        return _("{name}: nobody changes decision.", name=result.name)
    lang, moved = language(), []
    if result.flows.become_refused:
        moved.append(
            plural(
                "{count} accepted application becomes refused",
                "{count} accepted applications become refused",
                result.flows.become_refused,
                count=format_number(result.flows.become_refused, lang),
            )
        )
    if result.flows.become_accepted:
        moved.append(
            plural(
                "{count} refused application becomes accepted",
                "{count} refused applications become accepted",
                result.flows.become_accepted,
                count=format_number(result.flows.become_accepted, lang),
            )
        )
    before, after = rate(accepted_share(unchanged)), rate(accepted_share(result.outcome))
    share = (
        _("the acceptance rate stays at {rate}.", rate=after)
        if before == after
        else _("the acceptance rate goes from {before} to {after}.", before=before, after=after)
    )
    return _("{name}: {moved}; {share}", name=result.name, moved=", ".join(moved), share=share)


def flow(result: ScenarioOutcome, by: By) -> str:
    """What the flows show: the largest of those that change something, first."""
    lang, names, matrix = language(), sides(by), flows(result, by)
    moved = [(many, was, now) for was, row in enumerate(matrix) for now, many in enumerate(row) if many and was != now]
    total = sum(map(sum, matrix))
    stay = total - sum(many for many, _was, _now in moved)
    sentences = [
        _(
            "{count} of {total} applications stay where they are.",
            count=format_number(stay, lang),
            total=format_number(total, lang),
        )
    ]
    sentences += [
        _("{before} to {after}: {count}.", before=names[was], after=names[now], count=format_number(many, lang))
        for many, was, now in sorted(moved, reverse=True)[:4]
    ]
    return " ".join(sentences)
