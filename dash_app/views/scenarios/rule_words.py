"""Rules as a reader types and reads them: percentages, years, amounts; days before the application stay behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core import catalogue
from core.catalogue.ages import days_per_year
from core.scenarios.rules import (
    Operation,
    Rule,
    UnusableRule,
    changeable,
    check_rule,
    largest_factor,
    operations_of,
)
from core.text.decimals import format_decimal
from dash_app.i18n import _, language
from dash_app.views.scoring.form import fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.catalogue import Column

# A longer time is a smaller number of days before the application.
_reversed: Final[dict[Operation, Operation]] = {"at_most": "at_least", "at_least": "at_most"}


class UnusableInput(ValueError):
    """What was typed is no rule; the message says what is expected, in the reader's language."""


def columns() -> list[dict[str, str]]:
    """What a rule can change, by label; columns of the same label are told apart by their name."""
    lang = language()
    labels = [column.label(lang) for column in changeable()]
    options = [
        {
            "value": column.name,
            "label": column.label(lang)
            if labels.count(column.label(lang)) == 1
            else f"{column.label(lang)} ({column.name})",
        }
        for column in changeable()
    ]
    return sorted(options, key=lambda option: option["label"].casefold())


def choices(name: str) -> list[dict[str, str]]:
    """What can be done to a column."""
    words = {
        "multiply": _("changes by a percentage"),
        "add": _("changes by an amount"),
        "set": _("becomes"),
        "at_most": _("is capped at"),
        "at_least": _("is raised to at least"),
        "missing": _("is missing"),
    }
    return [{"value": operation, "label": words[operation]} for operation in operations_of(catalogue.column(name))]


def unit(name: str, operation: str) -> str:
    """What stands behind the value."""
    return "%" if operation == "multiply" else fields.unit(catalogue.column(name))


def codes(name: str) -> list[dict[str, str]]:
    """What a category, or something that is so or not, can become."""
    column, lang = catalogue.column(name), language()
    if column.type == "flag":
        return [{"value": "1", "label": _("yes")}, {"value": "0", "label": _("no")}]
    return [{"value": code.code, "label": code.label(lang)} for code in column.codes]


def offered(name: str) -> tuple[list[dict[str, str]], str, list[dict[str, str]], str]:
    """What the editor offers for a column: operations and the first of them, codes and the first of them."""
    possible, known = choices(name), codes(name)
    return possible, possible[0]["value"], known, known[0]["value"] if known else ""


def asked(name: str, operation: str) -> tuple[bool, bool, str]:
    """For an operation on a column: whether no value is asked for, whether no code is, and the unit of the value."""
    coded, missing = bool(codes(name)), operation == "missing"
    return coded or missing, not coded or missing, unit(name, operation)


def typed(name: str | None, operation: str | None, value: str | None, code: str | None) -> Rule:
    """The rule that the fields of the editor stand for. Raises `UnusableInput`."""
    if not name:
        raise UnusableInput(_("Choose a column."))
    column = next((candidate for candidate in changeable() if candidate.name == name), None)
    done = None if column is None else next((known for known in operations_of(column) if known == operation), None)
    if column is None or done is None:
        raise UnusableInput(_("Choose what happens to it."))
    rule = _rule(column, done, value or "", code or "")
    try:
        check_rule(rule)
    except UnusableRule:
        raise UnusableInput(_("This value is out of bounds for the column.")) from None
    return rule


def _rule(column: Column, operation: Operation, value: str, code: str) -> Rule:
    if operation == "missing":
        return Rule(column.name, operation)
    if codes(column.name):
        if code not in {option["value"] for option in codes(column.name)}:
            raise UnusableInput(_("Choose from the list."))
        return Rule(column.name, operation, int(code) if column.type == "flag" else code)
    number = fields.number(value)
    if number is None:
        raise UnusableInput(_("Enter a number."))
    if operation == "multiply":
        most = (largest_factor - 1) * 100
        if not -100 <= number <= most:
            raise UnusableInput(_("A percentage from −100 to {most} is expected.", most=_plain(most)))
        return Rule(column.name, operation, round(1 + number / 100, 10))
    if operation == "add":
        return Rule(column.name, operation, _added(column, number))
    try:
        raw = fields.read(column, value)
    except fields.Unreadable as error:
        raise UnusableInput(str(error)) from None
    return Rule(column.name, _reversed.get(operation, operation) if column.unit == "days" else operation, raw)


def _added(column: Column, number: float) -> float:
    if column.type != "integer":
        return number
    if column.unit == "days":
        # Nobody counts parts of a day; out of bounds stays so.
        return float(round(-number * days_per_year))
    if not number.is_integer():
        raise UnusableInput(_("Enter a whole number."))
    return number


def sentence(rule: Rule) -> str:
    """What a rule does: `Income: −10%`, `Credit amount: 500,000 € at most`."""
    column, lang = catalogue.column(rule.column), language()
    label = column.label(lang)
    return _("{column}: {change}", column=label, change=_change(column, rule))


def sentences(rules: Sequence[Rule]) -> str:
    """What several rules do."""
    return " · ".join(sentence(rule) for rule in rules)


def _change(column: Column, rule: Rule) -> str:
    if rule.operation == "missing":
        return _("missing")
    if isinstance(rule.value, str):
        return column.code_label(rule.value, language())
    value = rule.value or 0
    if column.type == "flag":
        return _("yes") if value else _("no")
    return _moved(column, rule.operation, value)


def _moved(column: Column, operation: Operation, value: float) -> str:
    if operation == "multiply":
        return _("{sign}{size}%", sign=_sign(value - 1), size=_plain(abs(value - 1) * 100))
    days = column.unit == "days"
    if operation == "add":
        size = abs(value) / (days_per_year if days else 1)
        signed = f"{_sign(-value if days else value)}{_plain(size)}"
        return f"{signed}\u00a0{fields.unit(column)}".strip()
    amount = fields.described(column, value)
    operation = _reversed.get(operation, operation) if days else operation
    if operation == "at_most":
        return _("{value} at most", value=amount)
    return _("{value} at least", value=amount) if operation == "at_least" else amount


def _sign(value: float) -> str:
    return "−" if value < 0 else "+"


def _plain(number: float) -> str:
    return str(format_decimal(round(number, 6), format="#,##0.##", locale=language()))
