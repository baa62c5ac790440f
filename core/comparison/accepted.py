"""The accepted clients most like an application, with what officers compare, and what differs most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from core.comparison.comparison_columns import axis, values_of
from core.comparison.gower import gower
from core.contract.clients.nearest import NearestAccepted, NearestClient, NearestValue, NearestVariable
from core.contract.field_warnings import texts
from core.text.formats import format_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.application import Application
    from core.catalogue import Language
    from core.comparison.comparison_columns import ComparisonColumns
    from core.comparison.gower import GowerDistance
    from core.decision import Value

# What officers hold two applications against each other by, among it what weighs most for the model; then what makes
# another kind of credit or of income.
nearest_axes: Final = (
    "AMT_INCOME_TOTAL",
    "AMT_CREDIT",
    "AMT_ANNUITY",
    "CREDIT_DURATION",
    "DAYS_BIRTH",
    "DAYS_EMPLOYED",
    "EXT_SOURCE_MEAN",
    "NAME_CONTRACT_TYPE",
    "NAME_INCOME_TYPE",
)
default_count: Final = 5
# A tenth of the clients between two values is worth a word; of more than two things nobody says that they differ most.
_told_from: Final = 0.1
_told: Final = 2


def nearest_accepted(
    population: ComparisonColumns, application: Application, count: int, lang: Language
) -> NearestAccepted:
    """The clients nearest to an application among those whom the model accepts, the nearest first.

    By Gower's distance over `nearest_axes` (`core.comparison.gower`); of clients who are equally far, the lower number
    comes first. The client whom the application is of is never among them.

    Args:
        population: the clients on hand, with the decisions of the model that they were stored with.
        count: how many at most.
        lang: of labels and values.
    """
    distance = gower(population, application.values, nearest_axes)
    candidates = ~population.refused
    own = None if application.client_id is None else population.position(application.client_id)
    if own is not None:
        candidates[own] = False
    places = np.flatnonzero(candidates)
    own_texts = _texts(application.values, lang)
    # Without anything to compare nobody is near.
    near = places[np.argsort(distance.total[places], kind="stable")[:count]].tolist() if distance.names else []
    return NearestAccepted(
        client_id=application.client_id,
        threshold=population.portfolio.threshold,
        accepted=len(places),
        variables=[
            NearestVariable(
                name=name, label=axis(name).entry.label(lang), is_compared=name in distance.names, value_text=text
            )
            for name, text in own_texts.items()
        ],
        clients=[_client(population, place, distance, own_texts, lang) for place in near],
        warnings=texts(application.warnings),
    )


def _client(
    population: ComparisonColumns, place: int, distance: GowerDistance, own: Mapping[str, str], lang: Language
) -> NearestClient:
    number = int(population.portfolio.index["SK_ID_CURR"][place])
    apart = dict(zip(distance.names, distance.apart[place].tolist(), strict=True))
    values = _texts(population.portfolio.client(number).features, lang)
    # Where many clients are close to one another a tenth of them may lie within one month: nobody would see it.
    told = [name for name in apart if apart[name] >= _told_from and values[name] != own[name]]
    return NearestClient(
        client_id=number,
        probability=float(population.probability[place]),
        distance=float(distance.total[place]),
        values=[NearestValue(name=name, value_text=text, apart=apart.get(name)) for name, text in values.items()],
        differences=sorted(told, key=lambda name: -apart[name])[:_told],
    )


def _texts(values: Mapping[str, Value], lang: Language) -> dict[str, str]:
    """What an application has of `nearest_axes`, as sentences show it."""
    derived = values_of(values, nearest_axes)
    return {name: format_value(axis(name).entry, _raw(values, name, derived[name]), lang) for name in nearest_axes}


def _raw(values: Mapping[str, Value], name: str, derived: float) -> Value:
    """As the application has it: days before it, not the years of the axis."""
    return values.get(name, None if np.isnan(derived) or axis(name).categorical else derived)
