"""The sentences of the Comparison page: what each figure says, for eyes and for ears."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from core.contract.clients.comparison import ComparedCategory
from core.text.formats import format_share
from dash_app.components.decisions import decided_by
from dash_app.i18n import _, language
from dash_app.views.comparison.figures.density import clients_here, share_of_rarer
from dash_app.views.comparison.figures.distribution import between
from dash_app.views.comparison.figures.slices import slices
from dash_app.views.comparison.values import group_name, label, of_group, people, share, written
from dash_app.words import client_name, verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.comparison.choice import Group
    from core.comparison.peers import Criterion
    from core.contract.clients.comparison import ComparedNumber, DensityAnswer
    from dash_app.service import ComparisonView
    from dash_app.views.comparison.figures.categories import Category
    from dash_app.views.comparison.figures.distribution import Marked
    from dash_app.views.comparison.figures.slices import Slice

# Between these a client is neither high nor low.
_middle = (0.45, 0.55)
# Nobody is said to be above or below everybody: the share is rounded, and there may be ties.
_nearly_all = 0.99
# From this share on, those with the same value are said rather than those with less.
_many = 0.2
# Below these shares of clients in rarer places, a combination counts as rare, or as less common.
_scarcely_any, _rare, _less_common = 0.005, 0.1, 0.4


def decision(view: ComparisonView) -> str:
    """Which decision counts, and whose it is: a line."""
    model = _("Decision of the model: {verdict}.", verdict=verdict(view.decision).lower())
    if view.final_decision is not None:
        final = _("Final decision: {verdict}.", verdict=verdict(view.final_decision.decision).lower())
        return f"{final} {decided_by(view.final_decision)} {model}"
    unknown = _("What officers decided cannot be read now.")
    return model if view.current_decision else f"{model} {unknown}"


def standing(percentile: float, group: Group) -> str:
    """Where a number stands: `Plus que 85 % des clients similaires`."""
    if _middle[0] <= percentile <= _middle[1]:
        return _("In the middle of the {clients}", clients=of_group(group))
    if percentile > _middle[1]:
        part = format_share(min(percentile, _nearly_all), language())
        return _("More than {share} of the {clients}", share=part, clients=of_group(group))
    part = format_share(min(1 - percentile, _nearly_all), language())
    return _("Less than {share} of the {clients}", share=part, clients=of_group(group))


def likeness(of: ComparedCategory, code: str | None, group: Group) -> str:
    """How many share a category: `Comme 52 % des clients similaires`."""
    counts = dict(zip(of.codes, of.counts[group], strict=True))
    total = sum(counts.values())
    part = counts.get(code or "", 0) / total if total else 0.0
    if not part:
        return _("Like none of the {clients}", clients=of_group(group))
    if part < 0.01:
        return _("Like less than 1 in 100 of the {clients}", clients=of_group(group))
    return _("Like {share} of the {clients}", share=format_share(part, language()), clients=of_group(group))


def place(of: ComparedNumber | ComparedCategory, group: Group) -> str:
    """Where the client stands in one column or feature."""
    if isinstance(of, ComparedCategory):
        return among(of, of.value, None, group)
    return among(of, of.value, of.spreads[group].percentile, group)


def among(
    of: ComparedNumber | ComparedCategory, value: float | str | None, percentile: float | None, group: Group
) -> str:
    """Where a value of any client stands in the same column or feature.

    Args:
        of: the column or feature.
        value, percentile: the client's, as in `Place`.
    """
    if isinstance(of, ComparedCategory):
        return likeness(of, None if value is None else str(value), group)
    if percentile is None:
        return _("Nothing to compare: the value is not stated") if value is None else _("Nobody to compare with")
    same = _share_of_same(of, value, group)
    if same >= _many:
        return _("Like {share} of the {clients}", share=format_share(same, language()), clients=of_group(group))
    return standing(percentile, group)


def places(view: ComparisonView) -> str:
    """What the overview says, in one paragraph."""
    rows = [
        _(
            "{label}: {value}. {place}",
            label=label(feature.name),
            value=written(feature.name, feature.value),
            place=sentence,
        )
        for feature in view.features
        for sentence in [place(feature, view.group)]
    ]
    head = _("{client} among {number}.", client=client_name(view.client_id), number=people(view.sizes[view.group]))
    return f"{head} {'. '.join(rows)}."


def population(view: ComparisonView) -> str:
    """Whom the client is compared with, and how often they default."""
    size, rate = view.sizes[view.group], view.default_rates[view.group]
    head = f"{group_name(view.group)} · {people(size)}"
    if rate is None:
        return head
    return f"{head} · " + _("observed default rate {rate}", rate=format_share(rate, language()))


def not_asked(unknown: Sequence[Criterion]) -> str:
    """Which criteria could not be used; empty where all could."""
    if not unknown:
        return ""
    names = ", ".join(criterion(name).lower() for name in unknown)
    return _("Not used, since the client’s own value is missing: {criteria}.", criteria=names)


def criterion(name: Criterion) -> str:
    """A criterion, as its checkbox names it."""
    return {
        "contract": _("Type of contract"),
        "income_type": _("Type of income"),
        "age": _("Age"),
        "income": _("Income"),
        "credit": _("Credit"),
        "family": _("Family status"),
    }[name]


def spread(of: ComparedNumber, group: Group, clients: Sequence[Marked]) -> str:
    """What the distribution of a number says."""
    sentences = [f"{_place_of(clients[0], of)}. {place(of, group)}."]
    sentences += [f"{_place_of(client, of)}." for client in clients[1:]]
    quartiles = of.spreads[group]
    if quartiles.p25 is not None and quartiles.p75 is not None:
        sentences.append(
            _(
                "Half of the {clients} have from {range}.",
                clients=of_group(group),
                range=between(of.name, quartiles.p25, quartiles.p75),
            )
        )
    around = _around(of, group)
    if around is not None and around.default_rate is not None:
        sentences.append(
            _(
                "From {range}, {observed} had payment difficulties ({predicted} predicted).",
                range=between(of.name, around.low, around.high),
                observed=share(around.default_rate),
                predicted=share(around.risk),
            )
        )
    return " ".join(sentences)


def categories(of: ComparedCategory, group: Group, rows: Sequence[Category], clients: Sequence[Marked]) -> str:
    """What the bars of a category say."""
    sentences = [f"{_place_of(clients[0], of)}. {place(of, group)}."]
    sentences += [f"{_place_of(client, of)}." for client in clients[1:]]
    own = next((row for row in rows if 0 in row.marks), None)
    if own is not None and own.default_rate is not None:
        sentences.append(
            _(
                "Among them, {observed} had payment difficulties ({predicted} predicted).",
                observed=share(own.default_rate),
                predicted=share(own.risk),
            )
        )
    return " ".join(sentences)


def density(of: DensityAnswer) -> str:
    """What the two numbers say together."""
    rarer, here = share_of_rarer(of), clients_here(of)
    if rarer is None or here is None or of.place is None:
        return _("One of the two values is not stated for this client: there is no place to mark.")
    both = f"{written(of.x, of.place[0])} · {written(of.y, of.place[1])}"
    if rarer < _scarcely_any:
        return _("{values}: a rare combination. For scarcely any of the clients it is rarer still.", values=both)
    if rarer < _rare:
        return _(
            "{values}: a rare combination. For only {share} of the clients it is rarer still.",
            values=both,
            share=format_share(rarer, language()),
        )
    if rarer < _less_common:
        return _(
            "{values}: a less common combination. For {share} of the clients it is rarer still.",
            values=both,
            share=format_share(rarer, language()),
        )
    return _(
        "{values}: a common combination. For {share} of the clients it is rarer.",
        values=both,
        share=format_share(rarer, language()),
    )


def _place_of(client: Marked, of: ComparedNumber | ComparedCategory) -> str:
    return _("{client}: {value}", client=client_name(client.client_id), value=written(of.name, client.value))


def _share_of_same(of: ComparedNumber, value: float | str | None, group: Group) -> float:
    """The share of the known values that equal a whole number, where each has a bin of its own; else 0."""
    total = sum(of.counts[group])
    whole = all(high - low == 1 for low, high in pairwise(of.edges))
    if not whole or not total or not isinstance(value, float | int):
        return 0.0
    own = next((count for count, middle in zip(of.counts[group], _middles(of), strict=True) if middle == value), 0)
    return own / total


def _middles(of: ComparedNumber) -> list[float]:
    return [(low + high) / 2 for low, high in pairwise(of.edges)]


def _around(of: ComparedNumber, group: Group) -> Slice | None:
    """The slice that the client is in; the outer ones also hold what lies beyond them."""
    parts = slices(of, group)
    if of.value is None:
        return None
    return next((part for part in parts if of.value < part.high), parts[-1])
