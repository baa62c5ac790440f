"""The history that the rows of a file are scored with: whose it is, in counts and in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.portfolio.provenance import Provenance
from core.text.formats import format_number
from core.text.messages import message

if TYPE_CHECKING:
    from core.catalogue import Language
    from core.jobs.job import Job
    from core.portfolio.provenance import HistoryChoice


@dataclass(frozen=True, slots=True)
class Joined:
    """What became of the histories of rows, or would.

    Attributes:
        choice: what was asked for; None: as the clients on hand are.
        portfolio: the stored clients whose history rows get, as `core.portfolio.provenance.Provenance` is written;
            None: none.
        rows: how many rows this is about.
        joined, sent: rows that got the history of a client on hand, and that brought one of their own.
    """

    choice: HistoryChoice | None
    portfolio: str | None
    rows: int
    joined: int
    sent: int

    @classmethod
    def of(cls, job: Job) -> Joined:
        """Of a job as far as it is."""
        tally = job.tally
        return cls(job.wanted_history, job.portfolio, tally.scored, tally.joined, tally.sent)

    def sentence(self, lang: Language, *, before: bool = False) -> str:
        """The same in words, for before the file is scored or after."""
        rows = format_number(self.rows, lang)
        if self.portfolio is None:
            sentences = [message("history_not_joined", lang)]
        else:
            key = "history_joined_preview" if before else "history_joined"
            sentences = [message(key, lang, joined=format_number(self.joined, lang), rows=rows)]
            if self.joined and Provenance.parse(self.portfolio).is_synthetic:
                sentences.append(message("history_synthetic", lang))
        if self.sent:
            sentences.append(message("history_sent", lang, sent=format_number(self.sent, lang), rows=rows))
        return " ".join(sentences)
