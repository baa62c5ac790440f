"""The history of a client: payments and cards as small charts, earlier applications and other loans as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dash import html

from core.text.formats import (
    format_amount,
    format_days,
    format_months,
    format_number,
    format_share,
    format_years,
)
from dash_app.components.marks import aria, icon
from dash_app.i18n import _, language, plural
from dash_app.views.scoring.history_charts import cards_chart, months_shown, payments_chart

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from dash.development.base_component import Component

    from core.contract.clients.history import (
        CardMonthAnswer,
        EarlierApplicationAnswer,
        HistoryAnswer,
        OtherLoanAnswer,
        PaymentMonthAnswer,
    )

_rows: Final = 6


def section(history: HistoryAnswer) -> Component:
    """The card of the history; says so where there is none."""
    parts = [
        _payments(history.payments),
        _cards(history.cards),
        _applications(history.applications),
        _loans(history.loans),
    ]
    known_parts = [part for part in parts if part is not None]
    body: list[Component] = [html.H2(_("History of the client")), *_owed(history.loans)]
    body.append(
        html.Div(known_parts, className="past-grid")
        if known_parts
        else html.P(_("Nothing is known of earlier credits of this client."), className="muted")
    )
    return html.Section(body, className="card past")


def payments_text(months: Sequence[PaymentMonthAnswer]) -> str:
    """What the chart of payments says, of the months that it shows; then what was before them."""
    shown = [month for month in months if month.month >= -months_shown]
    before = [month for month in months if month.month < -months_shown]
    sentences = []
    period = _years(months_shown // 12)
    if shown:
        sentences.append(_("Over the last {period}: {counted}", period=period, counted=_counted(shown)))
    else:
        sentences.append(_("Over the last {period}: no instalment.", period=period))
    if before:
        sentences.append(_("Before that: {counted}", counted=_counted(before)))
    return " ".join(sentences)


def _counted(months: Sequence[PaymentMonthAnswer]) -> str:
    lang = language()
    total, late = sum(month.instalments for month in months), sum(month.late for month in months)
    if not late:
        return plural("{count} instalment, not paid late.", "{count} instalments, none paid late.", total)
    return plural(
        "{late} of {count} instalments was late, by {days} at most.",
        "{late} of {count} instalments were late, by {days} at most.",
        late,
        count=format_number(total, lang),
        late=format_number(late, lang),
        days=format_days(max(month.days_late for month in months), lang),
    )


def cards_text(months: Sequence[CardMonthAnswer]) -> str:
    """What the chart of cards says."""
    lang = language()
    limited = [month for month in months if month.limit > 0]
    if not limited:
        return _("No limit is known.")
    last = limited[-1]
    return _(
        "{share} of a limit of {limit} used in the last known month.",
        # As in the chart: what a client has to the good is no use of the limit.
        share=format_share(max(last.balance / last.limit, 0.0), lang),
        limit=format_amount(last.limit, lang),
    )


def _payments(months: Sequence[PaymentMonthAnswer]) -> Component | None:
    if not months:
        return None
    title, sentence = _("Payments of earlier credits"), payments_text(months)
    rows = [
        (_ago(month.month), format_number(month.instalments, language()), format_number(month.late, language()))
        for month in reversed(months)
        if month.month >= -months_shown
    ]
    if not rows:
        return _said(title, sentence)
    table = _table(_("Instalments by month"), (_("Month"), _("Due"), _("Late")), rows, numbers=(1, 2))
    if any(month.late for month in months if month.month >= -months_shown):
        key = _("Blue: paid in time. Hatched: late.")
        sentence = f"{sentence} {key}"
    return _chart(title, sentence, payments_chart(months, f"{title}. {sentence}"), table)


def _cards(months: Sequence[CardMonthAnswer]) -> Component | None:
    if not any(month.limit > 0 for month in months):
        return None
    lang = language()
    title, sentence = _("Use of credit cards"), cards_text(months)
    rows = [
        (_ago(month.month), format_amount(month.balance, lang), format_amount(month.limit, lang))
        for month in reversed(months)
        if month.month >= -months_shown
    ]
    if not rows:
        return _said(title, sentence)
    table = _table(_("Cards by month"), (_("Month"), _("Balance"), _("Limit")), rows, numbers=(1, 2))
    return _chart(title, sentence, cards_chart(months, f"{title}. {sentence}"), table)


def _chart(title: str, sentence: str, drawn: Component, table: Component) -> Component:
    return _said(
        title, sentence, drawn, html.Details([html.Summary(_("Show as a table")), table], className="past-table")
    )


def _said(title: str, sentence: str, *shown: Component) -> Component:
    """A part with what it says in words, and what shows it: nothing where all of it is before the months of a chart."""
    return html.Div([html.H3(title), html.P(sentence, className="past-said"), *shown], className="past-part")


def _applications(applications: Sequence[EarlierApplicationAnswer]) -> Component | None:
    if not applications:
        return None
    lang = language()
    rows = [
        (
            format_days(application.days_before, lang),
            application.contract_label,
            _money(application.asked),
            _money(application.granted if application.status == "Approved" else None),
            _decided(application.status, application.status_label),
        )
        for application in applications
    ]
    header = (_("Ago"), _("Contract"), _("Asked"), _("Granted"), _("Outcome"))
    sentence = plural("{count} earlier application.", "{count} earlier applications.", len(applications))
    return _listed(_("Earlier applications"), sentence, header, rows, numbers=(2, 3))


def _loans(loans: Sequence[OtherLoanAnswer]) -> Component | None:
    if not loans:
        return None
    lang = language()
    running = sorted(loans, key=lambda loan: (loan.status != "Active", loan.days_before))
    rows = [
        (
            loan.type_label,
            loan.status_label,
            _money(loan.amount),
            _money(loan.debt),
        )
        for loan in running
    ]
    active = sum(loan.status == "Active" for loan in loans)
    sentence = plural(
        "{count} loan at other lenders, {active} running.",
        "{count} loans at other lenders, {active} running.",
        len(loans),
        active=format_number(active, lang),
    )
    header = (_("Type"), _("State"), _("Amount"), _("Owed"))
    return _listed(_("Credits elsewhere"), sentence, header, rows, numbers=(2, 3))


def _owed(loans: Sequence[OtherLoanAnswer]) -> list[Component]:
    """What is owed to other lenders in all, of the credits that run and of which that is known."""
    running = [loan for loan in loans if loan.status == "Active"]
    if not running:
        return []
    lang = language()
    known = [max(loan.debt, 0.0) for loan in running if loan.debt is not None]
    unknown = len(running) - len(known)
    facts = [
        html.Div([html.Dt(_("Owed elsewhere in all")), html.Dd(format_amount(sum(known), lang) if known else "—")])
    ]
    overdue = sum(loan.overdue or 0.0 for loan in running)
    if overdue:
        facts.append(html.Div([html.Dt(_("Of this, overdue")), html.Dd(format_amount(overdue, lang))]))
    note = plural(
        "Of {count} running credit it is not known what is owed.",
        "Of {count} running credits it is not known what is owed.",
        unknown,
    )
    return [
        html.Dl(facts, className="credit-facts"),
        *([html.P(note, className="muted small")] if unknown else []),
    ]


def _money(amount: float | None) -> str:
    return "—" if amount is None else format_amount(amount, language())


def _decided(code: str | None, text: str) -> Component:
    names = {"Approved": "check-circle-fill", "Refused": "x-octagon-fill"}
    tones = {"Approved": "for", "Refused": "against"}
    mark = [icon(names[code])] if code in names else []
    return html.Span([*mark, html.Span(text)], className=f"tag {tones.get(code or '', '')}".strip())


def _listed(
    title: str, sentence: str, header: Sequence[str], rows: Sequence[Sequence[Any]], numbers: Collection[int]
) -> Component:
    """The first rows, and all of them where the reader asks."""
    parts: list[Component] = [html.H3(title), html.P(sentence, className="past-said")]
    parts.append(_table(title, header, rows[:_rows], numbers))
    rest = rows[_rows:]
    if rest:
        more = plural("Show {count} more", "Show {count} more", len(rest))
        table = _table(_("{title}, further", title=title), header, rest, numbers)
        parts.append(html.Details([html.Summary(more), table], className="past-table"))
    return html.Div(parts, className="past-part")


def _table(caption: str, header: Sequence[str], rows: Sequence[Sequence[Any]], numbers: Collection[int]) -> Component:
    """A table; `numbers` are the places of the columns that stand to the right."""
    tone = ["number" if place in numbers else "" for place in range(len(header))]
    return html.Div(
        html.Table(
            [
                html.Caption(caption, className="unseen"),
                html.Thead(
                    html.Tr(
                        [html.Th(title, scope="col", className=name) for title, name in zip(header, tone, strict=True)]
                    )
                ),
                html.Tbody(
                    [
                        html.Tr([html.Td(cell, className=name) for cell, name in zip(row, tone, strict=True)])
                        for row in rows
                    ]
                ),
            ],
            className="past-rows",
        ),
        className="past-scroll",
        tabIndex=0,
        role="region",
        **aria(label=caption),
    )


def _ago(month: int) -> str:
    if month == 0:
        return _("today")
    return _("{duration} ago", duration=format_months(month, language()))


def _years(count: int) -> str:
    return format_years(count, language())
