"""The grid of an import: its columns, its words, what it asks for and what it shows."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import dash_ag_grid

from core.decision import accepted
from core.text.formats import format_date, format_probability, format_share
from dash_app import addresses
from dash_app.i18n import _, language
from dash_app.service.jobs import ResultRowQuery
from dash_app.views.scoring.result import information
from dash_app.words import risk_name, verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.catalogue import Language
    from core.contract.jobs import ResultRows

# Who decided finally, and when, is said with the final decision.
hidden: Final = (
    *("prediction", "threshold", "officer", "decided_at"),
    # And what is sure or not, with why a person is to look at it.
    *("certainty", "fold_agreement", "referral_reasons", "thin_file"),
)
_texts: Final = ("decision", "risk_category", "missing_essentials")

# Its script is the largest part of what a page loads; `assets/js/grid.js` fetches it where a grid is shown.
vars(dash_ag_grid)["_js_dist"][0]["async"] = "lazy"


def column(name: str, label: str) -> dict[str, Any]:
    """How the grid shows a column of the result."""
    text_filter = name in _texts or name.startswith(("NAME_", "CODE_"))
    column: dict[str, Any] = {
        "field": name,
        "headerName": label,
        "headerTooltip": name,
        "filter": "agTextColumnFilter" if text_filter else "agNumberColumnFilter",
        "filterParams": {
            "filterOptions": ["startsWith"] if text_filter else ["inRange", "greaterThanOrEqual", "lessThanOrEqual"],
            "maxNumConditions": 1,
            "debounceMs": 400,
        },
    }
    if name == "row":
        column |= {"cellRenderer": "importRow", "pinned": "left", "width": 130, "filter": False}
    if name == "final_decision":
        column |= {"filter": False, "sortable": False, "width": 260}
    if name == "referral":
        # Its title is the longest.
        column["width"] = 230
    if name in ("risk_category", "history", "referral"):
        column["filter"] = False
    return column


def in_order(labels: Mapping[str, str]) -> list[tuple[str, str]]:
    """The columns that the grid has, with their labels: the final decision stands beside the model's."""
    names = [name for name in labels if name not in (*hidden, "final_decision")]
    if "final_decision" in labels:
        names.insert(names.index("decision"), "final_decision")
    if "referral" in names:
        names.remove("referral")
        names.insert(names.index("decision") + 1, "referral")
    return [(name, labels[name]) for name in names]


def shown(page: ResultRows, job: str) -> list[dict[str, Any]]:
    """Rows of an import as the grid shows them: probabilities and decisions in words, and where each row opens."""
    lang = language()
    rows: Sequence[Mapping[str, Any]] = page.rows
    return [
        {
            **row,
            "probability": format_probability(row["probability"], lang, row["threshold"]),
            "decision": _marked(row["decision"]),
            "final_decision": _final(row, is_known=page.decisions_known),
            "risk_category": risk_name(row["risk_category"]),
            "missing_essentials": missing_names(row.get("missing_essentials")),
            "information": _share(row.get("information"), lang),
            **({"referral": _referral(row["referral_reasons"])} if "referral" in row else {}),
            **({"history": _histories(row["history"])} if "history" in row else {}),
            "open": addresses.at(addresses.of_row(job, row["row"])),
        }
        for row in rows
    ]


def _marked(decision: str) -> str:
    return f"{'✓' if decision == accepted else '✕'} {verdict(decision)}"


def _final(row: Mapping[str, Any], *, is_known: bool) -> str:
    """The decision that counts, and whose it is."""
    if not is_known:
        return _("cannot be read now")
    if row["final_decision"] is None:
        return _("{verdict} (model)", verdict=_marked(row["decision"]))
    date = format_date(datetime.fromisoformat(row["decided_at"]), language())
    return _("{verdict} ({officer}, {date})", verdict=_marked(row["final_decision"]), officer=row["officer"], date=date)


def _referral(codes: str | None) -> str:
    """Why a person is to look at a row; empty where nobody need."""
    words = {"close_call": _("close call"), "missing_essentials": _("essential data missing")}
    reasons = ", ".join(words.get(code, code) for code in (codes or "").split())
    return _("refer to a person: {reasons}", reasons=reasons) if reasons else ""


def missing_names(text: str | None) -> str:
    """The columns that a row lacks, as a reader calls them."""
    return information.names(text.split()) if text else ""


def _share(information: float | None, lang: Language) -> str:
    """Of a file that an earlier version scored it is not known."""
    return "" if information is None else format_share(information, lang)


def _histories(source: str) -> str:
    """Where the history of a row comes from."""
    return {"sent": _("from the file"), "portfolio": _("of the client on hand")}.get(source, _("none known"))


def words() -> dict[str, str]:
    """What the grid says by itself."""
    return {
        "scriptFailed": _("The rows cannot be shown: part of the page did not come."),
        "scriptAgain": _("Try again"),
        "loadingOoo": _("Loading …"),
        "noRowsToShow": _("No row meets the filter."),
        "startsWith": _("begins with"),
        "inRange": _("between"),
        "greaterThanOrEqual": _("at least"),
        "lessThanOrEqual": _("at most"),
        "inRangeStart": _("from"),
        "inRangeEnd": _("to"),
        "filterOoo": _("Filter …"),
        "ariaFilterInput": _("Filter …"),
    }


def query(asked: Mapping[str, Any]) -> ResultRowQuery:
    """The rows that the grid asks for, as the API is asked for them.

    Args:
        asked: `getRowsRequest` of the grid: `startRow`, `endRow`, `sortModel`, `filterModel`.
    """
    (sort, *_rest) = asked["sortModel"] or [{"colId": "", "sort": ""}]
    filters = {}
    for name, model in (asked["filterModel"] or {}).items():
        low, high = model.get("filter"), model.get("filterTo")
        if model.get("filterType") == "text":
            filters[name] = {"in": [low]} if name == "decision" else {"prefix": low}
        else:
            bounds = {"inRange": (low, high), "greaterThanOrEqual": (low, None), "lessThanOrEqual": (None, low)}
            least, most = bounds[model["type"]]
            filters[name] = {key: value for key, value in (("min", least), ("max", most)) if value is not None}
    return ResultRowQuery(
        offset=asked["startRow"],
        limit=asked["endRow"] - asked["startRow"],
        sort=sort["colId"],
        descending=sort["sort"] == "desc",
        filters=json.dumps(filters) if filters else "",
    )
