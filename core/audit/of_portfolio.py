"""Whether what is recorded is about clients of a portfolio, rather than about somebody who bears their number.

The number of a client says who it is only together with the clients it is taken from: a row of a file, an application
that somebody typed, and a client drawn for a demonstration may bear it too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute

    from core.provenance import Provenance


def is_of(portfolio: Provenance, recorded: InstrumentedAttribute[str | None]) -> ColumnElement[bool]:
    """Whether a row names the clients of a portfolio; a row that names none is about none of them.

    The number of a real client stays theirs when the tables are imported again with more rows, whose fingerprint is
    another one. A client who was drawn is nobody: drawn again, the number is another's.

    Args:
        recorded: the column `portfolio` of the row.
    """
    if portfolio.is_synthetic:
        return recorded == str(portfolio)
    return recorded.startswith(f"{portfolio.origin}:")
