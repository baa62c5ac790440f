"""The page Model: for its owner, whether the model is in order, on one page that prints as the validation report."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dash import Input, Output, State, callback, no_update, set_props

from dash_app import addresses
from dash_app.components import ids as shell_ids
from dash_app.i18n import languages, mark
from dash_app.registration import register_page
from dash_app.shell.theme import theme_of
from dash_app.uploads.validation import validation_address
from dash_app.validation.parts import part, sections_of
from dash_app.views.model import ids, summary
from dash_app.views.model.checks import ModelCheck
from dash_app.views.model.description import report_head
from dash_app.views.model.layout import frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from dash.development.base_component import Component

register_page(__name__, addresses.model, name=mark("Model"), order=4, icon="cpu")


def layout(**_others: str) -> Component:
    """The frame; each part is asked for by itself."""
    return frame({lang: validation_address(lang) for lang in languages})


def _shown(name: str) -> Callable[..., tuple[Any, ...]]:
    """The callback of a part: its sections; the one that tells the version, the head as well."""

    def show(opened: Any, checked: Any, theme: str | None = None) -> tuple[Any, ...]:  # noqa: ARG001 (triggers it)
        loaded = part(name, theme_of(theme))
        head = (report_head(loaded.version, datetime.now(UTC)),) if name == ids.parts[0] else ()
        # Drawn anew in another theme, a part mostly says the same, which is not announced again. As an output, this
        # would have the summary wait for the slowest part.
        found = [asdict(check) for check in loaded.checks]
        if found != checked:
            set_props(ids.checks(name), {"data": found})
        return *head, *loaded.sections

    return show


for _name, _sections in sections_of.items():
    callback(
        # A list, so that a part of one section answers as the others do.
        [
            *([Output(ids.report, "children")] if _name == ids.parts[0] else []),
            *(Output(ids.body(_section), "children") for _section in _sections),
        ],
        inputs={
            "opened": Input(ids.opened, "data"),
            "checked": State(ids.checks(_name), "data"),
            # Where nothing is drawn, another theme asks for nothing anew.
            **({"theme": Input(shell_ids.theme, "data")} if _name in ids.drawn else {}),
        },
    )(_shown(_name))


@callback(
    Output(ids.verdict, "children"),
    Output(ids.summary, "children"),
    *(Input(ids.checks(name), "data") for name in ids.parts),
)
def _sum_up(*found: list[dict[str, Any]] | None) -> Any:
    known = [ModelCheck(**check) for part_checks in found for check in part_checks or ()]
    if not known:
        return no_update, no_update
    complete = all(part_checks is not None for part_checks in found)
    verdict, *listed = summary.section(known, complete=complete)
    return (verdict, listed) if complete else (no_update, [verdict, *listed])
