"""Values of several applications column by column.

To look up fifty values in each of a thousand rows takes longer than to decide on them.
"""

from __future__ import annotations

from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.decision import Value


def by_column(rows: Sequence[Mapping[str, Value]]) -> dict[str, Sequence[Value]]:
    """The values of each column that a row has, one a row; None where a row lacks it.

    Returns:
        By name, in the order in which the rows name them first.

    >>> by_column([{"AMT_CREDIT": 450000.0, "CODE_GENDER": "F"}, {"CODE_GENDER": "M"}])
    {'AMT_CREDIT': [450000.0, None], 'CODE_GENDER': ['F', 'M']}
    >>> by_column([{"AMT_CREDIT": 450000.0}, {"AMT_CREDIT": 270000.0}])
    {'AMT_CREDIT': (450000.0, 270000.0)}
    """
    names = list(dict.fromkeys(chain.from_iterable(rows)))
    if all(len(row) == len(names) for row in rows):
        # One name alone would be fetched as it is, and not as a row of one.
        fetched = map(itemgetter(*names), rows) if len(names) > 1 else ([row[name] for name in names] for row in rows)
        return dict(zip(names, zip(*fetched, strict=True), strict=True))
    return {name: [row.get(name) for row in rows] for name in names}
