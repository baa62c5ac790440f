"""An application as a JSON file, written and read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dash import html

from core import catalogue
from core.application import InvalidApplication, parse_application
from core.catalogue import Language
from core.decision import Value
from dash_app.components.marks import notice
from dash_app.i18n import _, language, plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash.development.base_component import Component

_named: Final = 6


@dataclass(frozen=True, slots=True)
class Imported:
    """What was read from a file.

    Attributes:
        values: raw values of the columns that have a field.
        wrong: what was expected of fields that were left empty, by what they are called.
        elsewhere: columns that were read but have no field here.
        unknown: names that are no column.
    """

    values: Mapping[str, Value]
    wrong: tuple[tuple[str, str], ...] = ()
    elsewhere: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


class NotAnApplication(ValueError):
    """The file holds no application; its text says why, in the reader's language."""


def written(values: Mapping[str, Value]) -> str:
    """An application as `POST /predict` takes it; what is missing is left out."""
    features = {name: value for name, value in values.items() if value is not None}
    return json.dumps({"features": features}, ensure_ascii=False, indent=2) + "\n"


def read(text: str) -> Imported:
    """The application in a JSON file: as `written` writes it, or its columns alone.

    Raises:
        NotAnApplication: it is not JSON, or holds no columns.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise NotAnApplication(_("This file is not JSON.")) from None
    features = content.get("features", content) if isinstance(content, dict) else None
    if not isinstance(features, dict) or not features:
        raise NotAnApplication(_("This file holds no application: “features” with its columns was expected."))
    known = {column.name for column in catalogue.columns("application")}
    shown = {column.name: column for column in catalogue.main_columns()}
    good, wrong = _parsed({name: value for name, value in features.items() if value is not None})
    return Imported(
        values={name: value for name, value in good.items() if name in shown},
        wrong=tuple(
            (shown[name].label(language()) if name in shown else name, expected) for name, expected in wrong.items()
        ),
        elsewhere=tuple(name for name in good if name not in shown and name in known),
        unknown=tuple(name for name in features if name not in known and name not in good),
    )


def told(imported: Imported) -> Component:
    """What became of a file."""
    lines = [_("{field}: expected {expected}.", field=field, expected=expected) for field, expected in imported.wrong]
    if imported.elsewhere:
        lines.append(_("Without a field here, and not taken over: {names}.", names=_list(imported.elsewhere)))
    if imported.unknown:
        lines.append(_("Not known: {names}.", names=_list(imported.unknown)))
    title = plural("{count} field filled in.", "{count} fields filled in.", len(imported.values))
    return notice(title, html.Ul([html.Li(line) for line in lines]) if lines else None, "plain")


def _parsed(features: Mapping[str, object]) -> tuple[Mapping[str, Value], dict[str, str]]:
    """What can be read, and what was expected of the rest."""
    lang: Language = language()
    try:
        return parse_application(features, lang).values, {}
    except InvalidApplication as error:
        wrong = {each.field: each.expected for each in error.errors}
    try:
        return parse_application(
            {name: value for name, value in features.items() if name not in wrong}, lang
        ).values, wrong
    except InvalidApplication as error:
        # What is wrong only together with another field.
        return {}, wrong | {each.field: each.expected for each in error.errors}


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(name[:60] for name in names[:_named])
    rest = len(names) - _named
    return shown if rest <= 0 else _("{names} and {count} more", names=shown, count=rest)
