"""The account of a job: what was done with its file, as the last sheet of a workbook says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

from core.batch import caveats
from core.jobs.history_used import Joined
from core.text.messages import message
from core.text.names import listed, max_columns

if TYPE_CHECKING:
    from core.catalogue import Language
    from core.jobs.job import Job
    from core.tables.reading import Kind

_kinds: Final[dict[Kind, str]] = {"csv": "CSV", "csv.gz": "CSV.gz", "parquet": "Parquet"}


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One thing that is to be known of a job.

    Attributes:
        name: what it is, for a reader.
        value: as it is; None where it is not known. Times are UTC.
        kind: how a number is shown.
    """

    name: str
    value: str | float | datetime | None
    kind: Literal["plain", "probability", "share", "time"] = "plain"


def account(job: Job, lang: Language) -> list[AccountLine]:
    """What was done with the file of a job that is done, in the order in which a reader asks."""

    def named(key: str) -> str:
        return message(f"account_{key}", lang)

    tally, facts, converted = job.tally, job.facts, job.converted
    known = [
        AccountLine(named("file"), job.file_name),
        AccountLine(named("format"), converted.kind if converted else _kinds[job.kind]),
    ]
    if converted and converted.sheet:
        known.append(AccountLine(named("sheet"), converted.sheet))
        if converted.other_sheets:
            known.append(AccountLine(named("other_sheets"), converted.other_sheets))
    if facts and facts.separator and not converted:
        known += [
            AccountLine(
                named("separator"), message("account_tab", lang) if facts.separator == "\t" else facts.separator
            ),
            AccountLine(named("decimal"), facts.decimal),
            AccountLine(named("encoding"), (facts.encoding or "").upper()),
        ]
    known += [
        AccountLine(named("sent"), job.created, "time"),
        AccountLine(named("scored_at"), job.finished, "time"),
        AccountLine(named("model"), job.model_version),
        AccountLine(named("threshold"), job.threshold, "probability"),
        AccountLine(named("read"), tally.read),
        AccountLine(named("scored"), tally.scored),
        AccountLine(named("accepted"), tally.accepted),
        AccountLine(named("refused"), tally.refused),
        AccountLine(named("rate"), tally.accepted / tally.scored if tally.scored else None, "share"),
        AccountLine(named("set_aside"), tally.rejected),
    ]
    if tally.mended:
        known.append(AccountLine(named("mended"), tally.mended))
    if sum(reason.count for reason in tally.reasons) > tally.listed:
        known.append(AccountLine(named("listed"), tally.listed))
    if tally.unrecorded:
        known.append(AccountLine(named("unrecorded"), tally.unrecorded))
    known.append(AccountLine(named("history"), Joined.of(job).sentence(lang)))
    if facts:
        aliases = listed((f"{alias} = {name}" for alias, name in facts.aliases), max_columns)
        known += [
            AccountLine(named("aliases"), aliases or None),
            AccountLine(named("unknown"), listed(facts.unknown, max_columns) or None),
            AccountLine(named("missing"), listed(facts.missing, max_columns) or None),
        ]
    known = [line for line in known if line.value is not None]
    return known + [AccountLine(named("caveat"), caveat) for caveat in caveats.lines(tally.caveats, lang)]
