"""The summary: whether the model is in order, and each check with its finding and the way to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dash import html

from dash_app.components.marks import aria, icon, link
from dash_app.i18n import _, plural
from dash_app.views.model.checks import Level, ModelCheck, levels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

_icons: Final[dict[Level, str]] = {
    "attention": "x-octagon-fill",
    "watch": "exclamation-triangle-fill",
    "unknown": "question-circle",
    "fine": "check-circle-fill",
}
# Where one of these cannot be read, whether the model is in order cannot be said.
_essential: Final = frozenset({"approvals", "health", "performance"})


def section(checks: Sequence[ModelCheck], *, complete: bool) -> list[Component]:
    """The verdict in words, then the checks: what needs attention first.

    Args:
        complete: whether every part has answered; else it is said that others follow.
    """
    level, words = verdict(checks, complete=complete)
    ordered = sorted(checks, key=lambda check: levels.index(check.level))
    waiting = [] if complete else [html.P(_("Other parts are still being read."), className="muted")]
    return [
        html.P(
            [icon(_icons[level]), html.Strong(words)],
            className=f"model-verdict is-{level}",
        ),
        html.Ul([_line(check) for check in ordered], className="model-checks", **aria(label=_("What was looked at"))),
        *waiting,
    ]


def verdict(checks: Sequence[ModelCheck], *, complete: bool) -> tuple[Level, str]:
    """What all checks together come to, and in words.

    That a model is in order takes something that is, and the parts without which nobody can say so.
    """
    counts = {level: sum(check.level == level for check in checks) for level in levels}
    attention, watched, unknown = counts["attention"], counts["watch"], counts["unknown"]
    if attention:
        return "attention", plural("Needs attention: {count} point.", "Needs attention: {count} points.", attention)
    if not complete:
        return _worst(checks), _("Nothing needs attention so far.")
    if not counts["fine"] or any(check.unread in _essential for check in checks):
        return "unknown", plural(
            "Cannot be said: {count} point is not known.", "Cannot be said: {count} points are not known.", unknown
        )
    if watched:
        return "watch", plural(
            "Nothing urgent; {count} point to watch.", "Nothing urgent; {count} points to watch.", watched
        )
    if unknown:
        return "unknown", plural(
            "In order, as far as is known: {count} point cannot be said.",
            "In order, as far as is known: {count} points cannot be said.",
            unknown,
        )
    return "fine", _("In order.")


def level_word(level: Level) -> str:
    """A level in a word or two."""
    return {
        "attention": _("Needs attention"),
        "watch": _("To watch"),
        "unknown": _("Not known"),
        "fine": _("In order"),
    }[level]


def _worst(checks: Sequence[ModelCheck]) -> Level:
    found = {check.level for check in checks}
    return next((level for level in levels if level in found), "unknown")


def _line(check: ModelCheck) -> Component:
    # A section of this page, or another page.
    name = html.A(check.name, href=check.address) if check.address.startswith("#") else link(check.name, check.address)
    return html.Li(
        [
            html.Span([icon(_icons[check.level]), html.Span(level_word(check.level))], className="model-level"),
            html.Span([html.Strong(name), " ", html.Span(check.found)], className="model-finding"),
        ],
        className=f"is-{check.level}",
        key=check.name,
    )
