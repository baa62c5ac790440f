"""The frame of the Scoring page: the list of clients, or one file with its form and its result; no data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from dash import dcc, html

from core.text.formats import format_number
from dash_app import addresses
from dash_app.components import native
from dash_app.components.marks import aria, data, icon, link, skeleton
from dash_app.i18n import _, language
from dash_app.views.scoring import final_decision, ids
from dash_app.views.scoring.client_list.filters import controls
from dash_app.views.scoring.form import linking
from dash_app.views.scoring.form.controls import form
from dash_app.views.scoring.result import alike, amount_curve, outdated, waterfall
from dash_app.words import client_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash.development.base_component import Component


@dataclass(frozen=True, slots=True)
class Subject:
    """What the page is about.

    Attributes:
        mode: a client, a row of an import, a new application, or the list of clients.
        client: the number of the client, or None.
        job, row: the import and the row in its file, or None.
    """

    mode: Literal["client", "row", "new", "list"]
    client: int | None = None
    job: str | None = None
    row: int | None = None

    @classmethod
    def of(cls, client: int | None, job: str | None, row: int | None, *, new: bool) -> Subject:
        """What an address names; the first of client, row and new application that it names whole."""
        if client is not None:
            return cls("client", client=client)
        if job and row is not None:
            return cls("row", job=job, row=row)
        return cls("new" if new else "list")

    @property
    def title(self) -> str:
        """What the page is called."""
        if self.client is not None:
            return client_name(self.client)
        if self.row is not None:
            return _("Row {row}", row=format_number(self.row, language()))
        return _("New application")


def frame(subject: Subject, *, given: Mapping[str, str], number: int) -> Component:
    """The page about one application, or the list of clients from page `number` on.

    Args:
        subject: which application, or the list.
        given: the filters of the list that the address names.
    """
    mode = subject.mode
    # A row of a file is treated as what is on file of a client: its values are known, and changes are tried on them.
    looks = "scoring-client scoring-row" if mode == "row" else f"scoring-{mode}"
    return html.Div(
        [
            dcc.Store(id=ids.subject, data=asdict(subject)),
            dcc.Store(id=ids.list_page, data=number),
            dcc.Store(id=ids.list_address),
            dcc.Store(id=ids.filling),
            dcc.Store(id=ids.form),
            dcc.Store(id=ids.on_file),
            dcc.Store(id=ids.found_on_file),
            dcc.Store(id=ids.application),
            dcc.Store(id=ids.submission),
            dcc.Store(id=ids.submitted),
            dcc.Store(id=ids.opened),
            dcc.Store(id=ids.past_text),
            dcc.Store(id=ids.question),
            dcc.Store(id=ids.answer),
            dcc.Store(id=ids.attempt),
            dcc.Store(id=ids.draft),
            dcc.Store(id=ids.imported),
            dcc.Store(id=ids.linked_amount),
            dcc.Store(id=ids.duration_typed),
            dcc.Store(id=ids.curve_data),
            dcc.Store(id=ids.alike_data),
            dcc.Download(id=ids.download),
            _list(given, hidden=mode != "list"),
            _file(subject),
            html.Div(id=ids.announcer, className="unseen", role="status"),
        ],
        className=f"scoring {looks}",
    )


def _list(given: Mapping[str, str], *, hidden: bool) -> Component:
    head = html.Div(
        [
            html.Div(
                [
                    html.H1(_("Scoring")),
                    html.P(_("Open a client to see the decision, the reasons for it, and what would change it.")),
                ]
            ),
            link(
                [icon("plus-lg"), html.Span(_("New application"))],
                addresses.of_new_application(),
                className="button button-primary",
            ),
        ],
        className="page-head",
    )
    card = html.Div(
        [
            html.Div(
                [
                    html.H2(_("Clients")),
                    html.Div(
                        [
                            html.Label(_("Filter by number"), htmlFor=ids.list_filter, className="unseen"),
                            icon("search"),
                            native.Input(
                                id=ids.list_filter,
                                type="text",
                                inputMode="numeric",
                                autoComplete="off",
                                debounce=150,
                                maxLength=14,
                                value=given.get("search", ""),
                                placeholder=_("Filter by number"),
                            ),
                        ],
                        className="filter",
                    ),
                ],
                className="card-head",
            ),
            controls(given),
            html.Div(skeleton(*["100%"] * 11, class_name="skeleton-rows"), id=ids.list_table),
        ],
        className="card card-flush",
    )
    return html.Section([head, card], id=ids.list_section, hidden=hidden)


def _file(subject: Subject) -> Component:
    mode = subject.mode
    back = (_("Import"), addresses.of_import(subject.job)) if subject.job else (_("Clients"), addresses.scoring)
    head = html.Div(
        [
            html.Div(
                [
                    link([icon("chevron-left"), html.Span(back[0])], back[1], className="back"),
                    html.H1(subject.title),
                    html.P(id=ids.source, className="muted"),
                ]
            ),
            html.Div(
                [
                    _contents(mode),
                    html.Div(final_decision.report_way(asdict(subject), None), id=ids.report_place),
                ],
                className="file-ways",
            ),
        ],
        className="page-head file-head",
    )
    body = [_overview(mode), _dossier(mode), _detail(mode)]
    return html.Section(
        [
            head,
            html.Div(id=ids.problem, role="alert"),
            html.Div(body, id=ids.workspace, className="workspace"),
        ],
        id=ids.file_section,
        className="file",
        hidden=mode == "list",
    )


def _contents(mode: str) -> Component | None:
    """The parts of the page below the first screen, as links; the history only of a client, who has one."""
    if mode in ("list", "new"):
        return None
    parts = [
        ("what-if", _("What if")),
        ("credit", _("Credit")),
        ("alike", _("Clients alike")),
        ("reasons", _("Reasons")),
        ("record", _("Record")),
    ]
    if mode == "client":
        parts.insert(-1, ("history", _("History")))
    links = [html.Li(html.A(name, href=f"#{ids.section(part)}")) for part, name in parts]
    return html.Nav(html.Ul(links, className="contents"), **aria(label=_("On this page")))


def _overview(mode: str) -> Component:
    """What an adviser turns to the client: the verdict, its main reasons, what would change it, the final decision."""
    main = html.Div(
        [
            html.Div(id=ids.final_stamp),
            outdated.verdict(
                html.Section(
                    [
                        html.Div([html.Div(id=ids.banner), *_verdict_skeleton()], className="filled"),
                        html.Div(id=ids.warnings),
                    ],
                    className="card verdict",
                    **aria(label=_("Decision")),
                )
            ),
            outdated.dated(html.Div(id=ids.changes)),
            outdated.dated(
                html.Section(
                    [html.Div(id=ids.reasons, className="reasons"), html.Div(_reasons_skeleton(), className="reasons")],
                    className="filled",
                    **aria(label=_("Reasons")),
                )
            ),
        ],
        className="result-part",
    )
    side = html.Div(
        [
            outdated.dated(html.Div(id=ids.ways), "dated-advice"),
            html.Div(final_decision.panel(), id=ids.officer_panel, hidden=mode == "list"),
        ],
        className="result-part",
    )
    return html.Div([main, side], id=ids.result, className="result")


def _detail(mode: str) -> Component:
    """All the rest of the result: every reason and its weight, what the client did before, what was recorded."""
    reasons = html.Section(
        outdated.dated(
            html.Div([html.Div(id=ids.other_reasons, className="reasons"), waterfall.frame()], className="result-part")
        ),
        id=ids.section("reasons"),
        **aria(label=_("All reasons")),
    )
    record = html.Section(
        [html.H2(_("Decisions on record")), html.Div(id=ids.officer_trail)],
        id=ids.section("record"),
        className="card record",
        hidden=mode == "list",
    )
    history = html.Div(html.Div(id=ids.past), id=ids.section("history"))
    # The place of the link lasts; the card in it comes with each answer.
    credit = html.Div(outdated.dated(html.Div(id=ids.credit), "dated-credit"), id=ids.section("credit"))
    return html.Div(
        [credit, amount_curve.frame(), alike.frame(), reasons, history, record], className="result-part detail"
    )


def _dossier(mode: str) -> Component:
    new = mode == "new"
    title = _("Application") if new else _("What if")
    lead = (
        _("Fill in what is known. Fields with a star are needed.")
        if new
        else _("Change a value to see what it would do to the decision.")
    )
    words = {"choose": _("Open (JSON)"), "large": _("This file is too large for one application.")}
    buttons = [
        _button(_("Example"), "magic", ids.example, hidden=not new),
        # `assets/js/drafts.js` puts a field for a file there.
        html.Div(id="scoring-import", className="import-place", hidden=not new, **data(**words)),
        _button(_("Export (JSON)"), "arrow-down-short", ids.export, hidden=False),
        _button(_("Empty") if new else _("Reset"), "arrow-counterclockwise", ids.reset, hidden=False),
    ]
    submit = html.Button(_("See the decision"), id=ids.submit, type="button", className="button button-primary")
    return html.Section(
        [
            html.Div(
                [
                    html.H2(title),
                    html.Div(buttons, className="card-actions"),
                    html.P(lead, className="muted"),
                ],
                className="card-head",
            ),
            html.Div(id=ids.import_note, className="import-note", role="status"),
            html.P(_("What was typed here before is back."), id=ids.resumed, className="resumed", hidden=True),
            linking.strip(),
            form(),
            outdated.live(html.Div(id=ids.live)),
            html.Div(submit, className="form-foot", hidden=not new),
        ],
        id=ids.section("what-if"),
        className="card card-flush dossier",
        **aria(label=title),
    )


def _button(text: str, icon_name: str, button_id: str, *, hidden: bool) -> Component:
    return html.Button(
        [icon(icon_name), html.Span(text)], id=button_id, type="button", className="button button-quiet", hidden=hidden
    )


def _verdict_skeleton() -> list[Any]:
    return [skeleton("30%", "55%", "80%", "64%", class_name="skeleton-verdict")]


def _reasons_skeleton() -> list[Component]:
    return [html.Div(skeleton("40%", "92%", "84%", "88%"), className="card reason-column") for _side in "ab"]
