"""Audiences of a drift report: everybody, those who review, or who made it of what is their own.

A report tells of the rows on both of its sides. What every installation has may be read by whoever reads clients;
decided applications, and what the operator compared on the command line, by those who review; a file that somebody
sent, by its sender. Each audience has a folder, so that who may not see a report does not find it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.drift.results.drift_report import live_name, model_name, portfolio_name, test_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from core.access.person import Owner

# Of each side that the API compares, whatever it is: fewer would tell of single rows.
min_rows: Final = 30
_everybodys: Final = frozenset({portfolio_name, test_name, model_name})
_shared: Final = "shared"
_own: Final = "reports-"


def folder_of_new(root: Path, sides: Iterable[str], owner: Owner | None, *, live_is_own: bool = False) -> Path:
    """Where a new report is kept.

    Args:
        root: the folder of all reports.
        sides: what was compared, as it was named: `portfolio`, `live`, the id of a file or a path.
        owner: who made it; None: the operator, on the command line.
        live_is_own: whether the decided applications are those of the owner alone.
    """
    private = set(sides) - _everybodys
    if not private:
        return root / _shared
    is_for_reviewers = private == {live_name} and not live_is_own
    return root if owner is None or is_for_reviewers else own_folder(root, owner)


def folders_seen(root: Path, owner: Owner, *, reviews: bool, administers: bool) -> tuple[Path, ...]:
    """Where the reports are that somebody may see.

    Args:
        root: the folder of all reports. In itself are those for who reviews, and those of earlier versions, of which
            nobody knows whose they are.
        owner: who asks.
        reviews: whether they may see decided applications.
        administers: whether they may see what is others'.
    """
    seen = folders_of_all(root) if administers else (root / _shared, own_folder(root, owner))
    return (*seen, *([root] if reviews else []))


def folders_of_all(root: Path) -> tuple[Path, ...]:
    """Where reports are that were asked of the API, whoever made them; not what the operator made."""
    return (root / _shared, *root.glob(f"{_own}*"))


def own_folder(root: Path, owner: Owner) -> Path:
    """Where the reports are that are somebody's own."""
    return root / f"{_own}{owner.token}"
