"""The reading of what blocks hold: inputs of the predictions that name one."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import select

from core.audit.blocks.content import PredictionBlock
from core.audit.tables import BlockRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from core.decision import Value


class BlockReader:
    """Inputs of predictions in blocks; the last block is held, as the predictions on a file follow each other."""

    def __init__(self) -> None:
        """Reads nothing yet."""
        self._last: tuple[str, PredictionBlock] | None = None

    def inputs(self, connection: Connection, predictions: Iterable[tuple[str, str]]) -> Mapping[str, dict[str, Value]]:
        """What the model was given, by the id of the prediction; those whose block is gone are left out.

        Args:
            predictions: the id of each, and of its block.

        Raises:
            core.audit.writing.AuditUnavailable: a block was changed, and is none any more.
        """
        by_block: dict[str, list[str]] = defaultdict(list)
        for key, block_id in predictions:
            by_block[block_id].append(key)
        inputs_by_id: dict[str, dict[str, Value]] = {}
        for block_id, ids in by_block.items():
            block = self._block(connection, block_id)
            if block is not None:
                inputs_by_id |= block.inputs_of(ids)
        return inputs_by_id

    def _block(self, connection: Connection, block_id: str) -> PredictionBlock | None:
        # One assignment: several threads may read through the same log.
        last = self._last
        if last is not None and last[0] == block_id:
            return last[1]
        content = connection.execute(select(BlockRow.content).where(BlockRow.id == block_id)).scalar()
        if content is None:
            return None
        block = PredictionBlock.read(content)
        self._last = block_id, block
        return block
