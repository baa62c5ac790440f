"""Keeps drift reports, each as JSON and as a page in both languages, and finds them again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, get_args

from core import outputs
from core.catalogue import Language
from core.drift.errors import UnknownReport
from core.drift.report import page
from core.drift.results import DriftReport, InvalidReport

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

# What a report may be called in the name of its file.
longest_name: Final = 40
# Older ones are removed as new ones come: a report takes about a megabyte.
most_kept: Final = 200
_stored: Final = re.compile(r"\d{8}T\d{6}\.\d{3}Z-[a-z0-9-]{1,40}")
_moment: Final = "%Y%m%dT%H%M%S.%f"


@dataclass(frozen=True, slots=True)
class Kept:
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
    """

    folder: Path
    others: tuple[Path, ...] = ()
    private: bool = False

    def keep(self, report: DriftReport, name: str) -> Kept:
        """Stores a report as `<UTC time>-<name>.json` and, for people, as `.fr.html` and `.en.html`.

        Args:
            name: what it is called; letters and digits stay.
        """
        plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:longest_name].strip("-") or "report"
        now = datetime.now(UTC)
        kept = Kept(f"{now:%Y%m%dT%H%M%S}.{now.microsecond // 1000:03}Z-{plain}", self.folder)
        self.folder.mkdir(mode=0o700 if self.private else 0o777, parents=True, exist_ok=True)
        for language in get_args(Language):
            outputs.write(self.folder / f"{kept.key}.{language}.html", page(report, language), private=self.private)
        # Last, and in one step: what is listed is whole.
        outputs.write(self.folder / f"{kept.key}.json", report.to_json(), private=self.private)
        for key in _keys(self.folder)[most_kept:]:
            self.remove(Kept(key, self.folder))
        return kept

    def remove(self, kept: Kept) -> None:
        """Removes a report; one that is gone already stays gone."""
        for path in kept.folder.glob(f"{kept.key}.*"):
            path.unlink(missing_ok=True)

    def all(self) -> tuple[Kept, ...]:
        """The reports that are kept, newest first."""
        folders = dict.fromkeys((self.folder, *self.others))
        found = (Kept(key, folder) for folder in folders for key in _keys(folder))
        return tuple(sorted(found, key=lambda kept: kept.key, reverse=True))

    def latest(self) -> Kept:
        """The newest. Raises `UnknownReport` where none is kept."""
        return next(iter(self.all()), None) or _unknown()

    def find(self, key: str) -> Kept:
        """The report of that key, which is looked up among those that are kept. Raises `UnknownReport`."""
        return next((each for each in self.all() if each.key == key), None) or _unknown()

    def read(self, kept: Kept) -> DriftReport:
        """Reads a report back. Raises `UnknownReport` where it was removed, or is of another version."""
        try:
            return DriftReport.from_json((kept.folder / f"{kept.key}.json").read_bytes())
        except (FileNotFoundError, InvalidReport) as error:
            raise UnknownReport(str(error)) from error

    def page(self, kept: Kept, lang: Language) -> bytes:
        """The page of a report, for a reader of `lang`. Raises `UnknownReport` where it was removed."""
        try:
            return (kept.folder / f"{kept.key}.{lang}.html").read_bytes()
        except FileNotFoundError:
            return page(self.read(kept), lang)

    def reports(self, chosen: Sequence[Kept]) -> Iterator[tuple[Kept, DriftReport]]:
        """Those of the chosen reports that can be read, in their order."""
        for each in chosen:
            try:
                yield each, self.read(each)
            except UnknownReport:
                continue


def _keys(folder: Path) -> list[str]:
    """The reports in a folder, newest first."""
    if not folder.is_dir():
        return []
    keys = (path.stem for path in folder.glob("*.json"))
    return sorted((key for key in keys if _stored.fullmatch(key)), reverse=True)


def _unknown() -> Kept:
    raise UnknownReport("no such report is kept")
