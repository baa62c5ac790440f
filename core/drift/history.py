"""The history of drift reports, each kept as JSON and as a page in both languages."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, get_args

from core import outputs
from core.catalogue import Language
from core.drift.errors import UnknownReport
from core.drift.report.page import page
from core.drift.results.drift_report import DriftReport, InvalidReport

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

# What a report may be called in the name of its file.
longest_name: Final = 40
# Older ones are removed as new ones come: a report takes about a megabyte.
max_kept: Final = 200
_stored: Final = re.compile(r"\d{8}T\d{6}\.\d{3}Z-[a-z0-9-]{1,40}")
_moment: Final = "%Y%m%dT%H%M%S.%f"


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A report that is kept.

    Attributes:
        key: the name of its files without their ending: when it was kept (UTC), and what it is called.
        folder: where they are.
    """

    key: str
    folder: Path

    @property
    def moment(self) -> datetime:
        """When it was kept."""
        return datetime.strptime(self.key.split("Z-")[0], _moment).replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class History:
    """The reports in a folder, and those in others.

    Attributes:
        folder: where new ones are kept.
        others: where others are found.
        private: whether only the owner of the process may read the files of new ones.
        beside: folders whose reports make room for a new one together with those of `folder`.
        max_bytes: that these take; the newest stays, however large.
    """

    folder: Path
    others: tuple[Path, ...] = ()
    private: bool = False
    beside: tuple[Path, ...] = ()
    max_bytes: int | None = None

    def keep(self, report: DriftReport, name: str) -> StoredReport:
        """Stores a report as `<UTC time>-<name>.json` and, for people, as `.fr.html` and `.en.html`.

        Args:
            name: what it is called; letters and digits stay.
        """
        plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:longest_name].strip("-") or "report"
        now = datetime.now(UTC)
        kept = StoredReport(f"{now:%Y%m%dT%H%M%S}.{now.microsecond // 1000:03}Z-{plain}", self.folder)
        self.folder.mkdir(mode=0o700 if self.private else 0o777, parents=True, exist_ok=True)
        for language in get_args(Language):
            outputs.write(self.folder / f"{kept.key}.{language}.html", page(report, language), private=self.private)
        # Last, and in one step: what is listed is whole.
        outputs.write(self.folder / f"{kept.key}.json", report.to_json(), private=self.private)
        self._keep_newest()
        return kept

    def _keep_newest(self) -> None:
        """Makes room: the newest `max_kept` reports stay, as far as `max_bytes` go."""
        total = 0
        for place, kept in enumerate(_reports(dict.fromkeys((self.folder, *self.beside)))):
            if self.max_bytes is not None:
                total += _size(kept)
            if place and (place >= max_kept or (self.max_bytes is not None and total > self.max_bytes)):
                self.remove(kept)

    def remove(self, kept: StoredReport) -> None:
        """Removes a report; one that is gone already stays gone."""
        for path in kept.folder.glob(f"{kept.key}.*"):
            path.unlink(missing_ok=True)

    def all(self) -> tuple[StoredReport, ...]:
        """The reports that are kept, newest first."""
        return tuple(_reports(dict.fromkeys((self.folder, *self.others))))

    def latest(self) -> StoredReport:
        """The newest. Raises `UnknownReport` where none is kept."""
        return next(iter(self.all()), None) or _unknown()

    def find(self, key: str) -> StoredReport:
        """The report of that key, which is looked up among those that are kept. Raises `UnknownReport`."""
        return next((report for report in self.all() if report.key == key), None) or _unknown()

    def read(self, kept: StoredReport) -> DriftReport:
        """Reads a report back. Raises `UnknownReport` where it was removed, or is of another version."""
        try:
            return DriftReport.from_json((kept.folder / f"{kept.key}.json").read_bytes())
        except (FileNotFoundError, InvalidReport) as error:
            raise UnknownReport(str(error)) from error

    def page(self, kept: StoredReport, lang: Language) -> bytes:
        """The page of a report, for a reader of `lang`. Raises `UnknownReport` where it was removed."""
        try:
            return (kept.folder / f"{kept.key}.{lang}.html").read_bytes()
        except FileNotFoundError:
            return page(self.read(kept), lang)

    def reports(self, chosen: Sequence[StoredReport]) -> Iterator[tuple[StoredReport, DriftReport]]:
        """Those of the chosen reports that can be read, in their order."""
        for stored in chosen:
            try:
                yield stored, self.read(stored)
            except UnknownReport:
                continue


def _reports(folders: Iterable[Path]) -> list[StoredReport]:
    """The reports in some folders, newest first."""
    reports = (StoredReport(key, folder) for folder in folders for key in _keys(folder))
    return sorted(reports, key=lambda kept: kept.key, reverse=True)


def _size(kept: StoredReport) -> int:
    """The bytes that a report takes on the disk."""
    total = 0
    for ending in ("json", *(f"{language}.html" for language in get_args(Language))):
        # Another process may have removed it meanwhile.
        with suppress(FileNotFoundError):
            total += (kept.folder / f"{kept.key}.{ending}").stat().st_size
    return total


def _keys(folder: Path) -> list[str]:
    """The reports in a folder, newest first."""
    if not folder.is_dir():
        return []
    keys = (path.stem for path in folder.glob("*.json"))
    return sorted((key for key in keys if _stored.fullmatch(key)), reverse=True)


def _unknown() -> StoredReport:
    raise UnknownReport("no such report is kept")
