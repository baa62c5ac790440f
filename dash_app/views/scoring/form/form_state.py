"""The state of the form: what it says against what is known, and what the service makes of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from math import isclose
from typing import TYPE_CHECKING, Final

from core import catalogue
from dash_app.i18n import _, language
from dash_app.service import Rejected
from dash_app.views.scoring.form import entries, fields
from dash_app.views.scoring.result.result_panel import ChangedField, ShownResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.catalogue import Column, Language
    from core.contract.jobs import ResultRowAnswer
    from core.decision import Value
    from dash_app.service import Assessment, ScoringService
    from dash_app.views.scoring.form.entries import Entries

# A made-up applicant, for who wants to see the form filled in.
example: Final[Mapping[str, Value]] = {
    "NAME_CONTRACT_TYPE": "Cash loans",
    "AMT_CREDIT": 450_000.0,
    "AMT_ANNUITY": 24_300.0,
    "AMT_GOODS_PRICE": 405_000.0,
    "AMT_INCOME_TOTAL": 162_000.0,
    "NAME_INCOME_TYPE": "Working",
    "DAYS_EMPLOYED": -1_680,
    "OCCUPATION_TYPE": "Core staff",
    "ORGANIZATION_TYPE": "Business Entity Type 3",
    "DAYS_BIRTH": -13_500,
    "NAME_EDUCATION_TYPE": "Secondary / secondary special",
    "NAME_FAMILY_STATUS": "Married",
    "CNT_CHILDREN": 1,
    "CNT_FAM_MEMBERS": 3,
    "NAME_HOUSING_TYPE": "House / apartment",
    "FLAG_OWN_REALTY": "Y",
    "FLAG_OWN_CAR": "N",
    "EXT_SOURCE_2": 0.55,
    "EXT_SOURCE_3": 0.48,
}


@dataclass(frozen=True, slots=True)
class Form:
    """What the fields say.

    Attributes:
        values: raw values by column, of the fields that can be read.
        changed: the columns whose field no longer has what is known of the client.
        errors: what is wrong, by column.
        unfilled: needed fields that are empty.
    """

    values: Mapping[str, Value]
    changed: tuple[Column, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
    unfilled: Mapping[str, str] = field(default_factory=dict)


def read_form(held: Entries, known: Mapping[str, Value]) -> Form:
    """What the entries of the form say; those that are as known need not be acceptable."""
    file = entries.of(known)
    values: dict[str, Value] = {}
    changed: list[Column] = []
    errors: dict[str, str] = {}
    unfilled: dict[str, str] = {}
    for column in catalogue.main_columns():
        before, entry = known.get(column.name), held.get(column.name)
        if known and entry == file[column.name]:
            values[column.name] = before
            continue
        try:
            value = fields.accepted(column, entry)
        except fields.Unreadable as error:
            (unfilled if entry is None else errors)[column.name] = str(error)
            continue
        values[column.name] = value
        if known and value != before:
            changed.append(column)
    return Form(values=values, changed=tuple(changed), errors=errors, unfilled=unfilled)


@dataclass(frozen=True, slots=True)
class OnFile:
    """The decision on a client as known, which a page remembers while changes are tried.

    Attributes:
        probability, threshold, decision: as the answer said them.
        prediction_id: under which it was recorded; None where it was not.
        model_version: of the model that decided: another one decides anew.
        shown: digest of the entries beside which the page has the whole answer, and shows it again without asking;
            empty where it has none.
    """

    probability: float
    threshold: float
    decision: str
    prediction_id: str | None
    model_version: str
    shown: str = ""

    @classmethod
    def of(cls, assessment: Assessment) -> OnFile:
        """What is remembered of an assessment."""
        return cls(
            assessment.probability,
            assessment.threshold,
            assessment.decision,
            assessment.prediction_id,
            assessment.model_version,
        )

    def as_recorded(self, row: ResultRowAnswer) -> OnFile:
        """The same under the prediction of an import, which stays, where that import decided so on the row."""
        decided = row.prediction
        same = (
            decided.model_version == self.model_version
            and isclose(decided.probability, self.probability, abs_tol=1e-9)
            and decided.threshold == self.threshold
        )
        return replace(self, prediction_id=decided.prediction_id) if same and decided.prediction_id else self


@dataclass(frozen=True, slots=True)
class FormState:
    """A case as far as it can be judged.

    Attributes:
        known: the client's values as they are on file; empty for a new application.
        errors: what is wrong with the fields, by column, that the reader should be told now.
        outcome: the assessment; None where the fields do not allow one yet.
        on_file: the decision on the application without changes; None where there is none yet.
    """

    form: Form
    known: Mapping[str, Value]
    errors: Mapping[str, str]
    outcome: ShownResult | None
    on_file: OnFile | None = None


def opened(known: Mapping[str, Value], assessment: Assessment) -> FormState:
    """The case of what is on file, as it is shown first: nothing is changed yet."""
    held = entries.of(known)
    on_file = replace(OnFile.of(assessment), shown=entries.digest(held))
    return FormState(read_form(held, known), known, {}, ShownResult(now=assessment), on_file)


def assessed(
    service: ScoringService,
    known: Mapping[str, Value],
    held: Entries,
    *,
    asked: bool,
    on_file: OnFile | None = None,
    client_id: int | None = None,
    joined: bool = False,
) -> FormState:
    """Judges what the form says.

    Args:
        known: the application as it is on file; empty for a new one.
        held: the entries of the form.
        asked: whether the reader has asked for the decision on a new application, and so for what is still missing.
        on_file: the decision on the client as known, where the page remembers it.
        client_id: of the client on hand whose application is known; None where it is none of theirs.
        joined: whether the history in it was joined to it, as to a row of a file.

    Raises:
        ServiceUnavailable, NotFound: from the service.
    """
    form = read_form(held, known)
    faults = {**form.errors, **(form.unfilled if known or asked else {})}
    if known and faults and on_file is None:
        # What was typed before is wrong, and there is no decision yet beside which that could be said.
        as_known = service.assess(known, language(), client_id=client_id, joined=joined)
        return FormState(form, known, faults, ShownResult(now=as_known), OnFile.of(as_known))
    if form.errors or form.unfilled or not (known or asked):
        return FormState(form, known, faults, None)
    try:
        outcome, first = _judge(partial(service.assess, client_id=client_id, joined=joined), known, form, on_file)
        return FormState(form, known, faults, outcome, first)
    except Rejected as error:
        return FormState(form, known, field_errors(error), None)


def field_errors(error: Rejected) -> dict[str, str]:
    """The service's own objections, by column, in the form's words. Raises the error again where none has a field."""
    columns = {column.name: column for column in catalogue.main_columns()}
    by_column = {
        fault.field: _("Not accepted: {message}.", message=fault.message)
        if columns[fault.field].unit == "days"
        else _("Expected: {expected}.", expected=fault.expected)
        for fault in error.errors
        if fault.field in columns
    }
    if not by_column:
        raise error
    return by_column


def _judge(
    assess: Callable[[Mapping[str, Value], Language], Assessment],
    known: Mapping[str, Value],
    form: Form,
    on_file: OnFile | None,
) -> tuple[ShownResult, OnFile]:
    lang = language()
    now = assess({**known, **form.values}, lang)
    is_same_model = on_file is not None and on_file.model_version == now.model_version
    if not known or not form.changed:
        return ShownResult(now=now), on_file if known and on_file and is_same_model else OnFile.of(now)
    if on_file is None or not is_same_model:
        on_file = OnFile.of(assess(known, lang))
    changes = tuple(
        ChangedField(
            label=column.label(lang),
            before=fields.described(column, known.get(column.name)),
            after=fields.described(column, form.values[column.name]),
        )
        for column in form.changed
    )
    return ShownResult(now=now, before=on_file, changes=changes), on_file
