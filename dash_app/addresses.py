"""The addresses within the dashboard: which client, or which page, a link leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, unquote, urlencode, urlsplit
from uuid import UUID

from flask import current_app, has_app_context

if TYPE_CHECKING:
    from collections.abc import Mapping

base_path: Final = "BASE_PATH"
"""The setting of the Flask application that says under which path it is served: `/`, or such as `/credit/`."""

# Longer than any address of ours, and short enough for a session in a cookie.
_longest: Final = 2000
# A million pages, of up to 500 lines, end before the 32 bits of an offset do.
_last_page: Final = 1_000_000

scoring = "/"
comparison = "/comparison"
simulation = "/simulation"
scenarios = "/simulation/scenarios"
drift = "/drift"
model = "/model"
documentation = "/documentation"
report = "/report"


def at(address: str) -> str:
    """The address that a browser asks for to reach a path of ours, which begins with `/`; it may carry a query."""
    return _base() + address.removeprefix("/")


def page_of(pathname: str | None) -> str:
    """The path of ours that a browser's address means: the opposite of `at`."""
    return "/" + (pathname or "/").removeprefix(_base().rstrip("/")).lstrip("/")


def safe(address: str | None) -> str:
    """Where a browser asks to be sent on to, if that is a path of ours; anything else means the first page.

    Browsers read an address more freely than it looks: they drop tabs and line ends, take a backslash for a slash, and
    follow `..`, written in whichever way. What any of these could turn into another place is not ours. Source: WHATWG
    URL Standard, basic URL parser.
    """
    base = _base()
    if address is None or len(address) > _longest or not address.isprintable() or "\\" in address:
        return base
    try:
        parts = urlsplit(address)
    except ValueError:
        return base
    steps = unquote(parts.path).replace("\\", "/").split("/")
    is_ours = not parts.scheme and not parts.netloc and parts.path.startswith(base) and not address.startswith("//")
    return base if not is_ours or not {".", ".."}.isdisjoint(steps) else address


def _base() -> str:
    return str(current_app.config.get(base_path, "/")) if has_app_context() else "/"


def of_client(client_id: int, path: str = scoring) -> str:
    """The page at `path`, about one client."""
    return f"{path}?{urlencode({'client': client_id})}"


def of_application_report(prediction_id: str, job: str | None = None, row: int | None = None) -> str:
    """The report on the application of a recorded prediction, which may be a row of an import."""
    place = {} if job is None or row is None else {"import": job, "row": row}
    return f"{report}?{urlencode({'application': prediction_id} | place)}"


def prediction_id(text: str | None) -> str | None:
    """The id of a recorded prediction in an address, a UUID; None where it is none."""
    try:
        return str(UUID(text)) if text else None
    except ValueError:
        return None


def of_new_application() -> str:
    """The form of a new application."""
    return f"{scoring}?new=1"


def of_import(job: str) -> str:
    """One import."""
    return f"{simulation}?{urlencode({'import': job})}"


def of_row(job: str, row: int) -> str:
    """An application as an import has it, by its row in the file."""
    return f"{scoring}?{urlencode({'import': job, 'row': row})}"


def of_scenarios(population: str) -> str:
    """Scenarios on the clients on hand (`portfolio`), or on the import of that id."""
    return scenarios if population == "portfolio" else f"{scenarios}?{urlencode({'population': population})}"


def of_list(filters: Mapping[str, str] | None = None, page: int = 1) -> str:
    """A page of the clients that the filters ask for (`search=10`, `decision=REFUSÉ`), without the empty ones.

    Args:
        filters: by the names that the Scoring page takes in its address.
    """
    asked = {
        name: value for name, value in (*(filters or {}).items(), ("page", str(page) if page > 1 else "")) if value
    }
    return f"{scoring}?{urlencode(asked)}" if asked else scoring


def of_imports(page: int = 1) -> str:
    """A page of the imports that were sent before."""
    return f"{simulation}?{urlencode({'page': page})}" if page > 1 else simulation


def client_in(search: str | None) -> int | None:
    """The client that an address names, from its query (`?client=9000002`); None where it names none."""
    number = parse_qs((search or "").lstrip("?")).get("client", [""])[0]
    return client_number(number)


def client_number(text: object) -> int | None:
    """A client's number as people write it (`100 002`); None where it is none."""
    digits = "".join(str(text or "").split())
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 10 else None


def page_number(text: object) -> int:
    """The page of a list that an address asks for; the first where it names none.

    Beyond the last one that the API can be asked for there is nothing either: such a number means that one.
    """
    return min(client_number(text) or 1, _last_page)


def of_section(section: str, place: str = "") -> str:
    """A section of the documentation, or a place in it."""
    return f"{documentation}/{section}#{place}" if place else f"{documentation}/{section}"


def of_drift(report: str) -> str:
    """A drift report that is kept."""
    return f"{drift}?{urlencode({'report': report})}"


def of_outcomes() -> str:
    """The section on what became of the decisions."""
    return f"{drift}#drift-outcomes"


def of_term(table: str, name: str) -> str:
    """An entry of the glossary."""
    return f"{of_section('glossary')}?{urlencode({'entry': f'{table}.{name}'})}"
