"""Files that are sent to be compared: read leniently, drawn evenly, kept for a while and for their owner."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from core.access.person import Owner, Sender
from core.drift.errors import UnknownFile
from core.drift.rows import read_applications, read_sample
from core.drift.uploads import SentFile, SentFiles
from core.settings import Settings
from core.tables.errors import UnusableFile
from core.tables.limits import FileLimits

if TYPE_CHECKING:
    from pathlib import Path

_much = FileLimits.of(Settings())


def sent(files: SentFiles, content: bytes, name: str = "clients.csv", owner: str = "anne") -> SentFile:
    with files.receive() as upload:
        upload.write(content)
        return files.keep(upload, name, Sender(owner), _much)


@pytest.fixture
def files(tmp_path: Path) -> SentFiles:
    return SentFiles(tmp_path / "files")


def test_a_sample_is_drawn_evenly_in_order_and_always_the_same(tmp_path: Path) -> None:
    path = tmp_path / "many"
    pl.DataFrame({"SK_ID_CURR": np.arange(90_000), "AMT_CREDIT": np.arange(90_000.0)}).write_csv(path)
    found = read_sample(path, "many", 6_000, _much)
    assert (found.total, found.frame.height) == (90_000, 6_000)
    assert found.frame.columns == ["SK_ID_CURR", "AMT_CREDIT"]
    numbers = found.frame["AMT_CREDIT"].to_numpy()
    assert (np.diff(numbers) > 0).all()
    # A third of the file has a third of the rows, give or take four standard deviations.
    thirds = np.bincount((numbers // 30_000).astype(int), minlength=3)
    assert np.abs(thirds - 2_000).max() < 4 * np.sqrt(6_000 * 2 / 9)
    assert read_sample(path, "again", 6_000, _much).frame.equals(found.frame)
    assert read_sample(path, "all", 90_000, _much).frame.equals(read_applications(path).frame)


def test_a_file_is_found_again_by_its_owner(files: SentFiles) -> None:
    kept = sent(files, b"AMT_CREDIT;CODE_GENDER\n12,5;X\nmuch;M\n", "../a/clients.csv")
    assert (kept.name, kept.rows, kept.compared, kept.unreadable) == ("clients.csv", 2, 2, {"AMT_CREDIT": 1})
    assert kept.columns == ("AMT_CREDIT", "CODE_GENDER")
    for owner in (Owner("anne"), None):
        assert files.find(kept.id, owner) == kept
    side = files.side(kept)
    assert side.rows.to_dict(as_series=False) == {"AMT_CREDIT": [12.5, None], "CODE_GENDER": ["X", "M"]}  # type: ignore[union-attr]
    assert (side.name, dict(side.unreadable)) == ("clients.csv", {"AMT_CREDIT": 1})
    unknown = ("file-" + "0" * 32, f"../{kept.id}")
    found_by_nobody = [(Owner("bert"), kept.id), *((Owner("anne"), each) for each in unknown), (None, "")]
    for stranger, file_id in [*found_by_nobody, (Owner("anne", "u-1"), kept.id)]:
        with pytest.raises(UnknownFile):
            files.find(file_id, stranger)


def test_a_file_that_cannot_be_read_leaves_nothing_behind(files: SentFiles) -> None:
    with pytest.raises(UnusableFile):
        sent(files, b"\x00\x01\x02")
    assert list(files.folder.iterdir()) == []


def test_old_files_go_as_new_ones_come(files: SentFiles) -> None:
    old, new = (sent(files, b"AMT_CREDIT\n1\n") for _ in range(2))
    eight_days = time.time() - 8 * 86_400
    [path] = files.folder.glob(f"*/{old.id}")
    os.utime(path, (eight_days, eight_days))
    # Whoever comes next: the one who sent it may never come back.
    sent(files, b"AMT_CREDIT\n1\n", owner="bert")
    with pytest.raises(UnknownFile):
        files.find(old.id, None)
    assert files.find(new.id, None) == new


def test_callers_do_not_push_out_the_files_of_one_another(files: SentFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.drift.uploads.max_kept", 3)
    [anne] = [sent(files, b"AMT_CREDIT\n1\n")]
    kept = []
    for moment in range(5):
        kept.append(sent(files, b"AMT_CREDIT\n1\n", owner="../bert"))
        [path] = files.folder.glob(f"*/{kept[-1].id}")
        os.utime(path, (time.time() - 100 + moment,) * 2)
    sent(files, b"AMT_CREDIT\n1\n", owner="../bert")
    assert files.find(anne.id, Owner("anne")) == anne
    with pytest.raises(UnknownFile):
        files.find(kept[2].id, Owner("../bert"))
    assert [files.find(each.id, Owner("../bert")) for each in kept[3:]] == kept[3:]


def test_many_files_are_sent_at_once(files: SentFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    # Few are kept, so that some are removed while others come.
    monkeypatch.setattr("core.drift.uploads.max_kept", 2)
    with ThreadPoolExecutor(8) as threads:
        kept = list(threads.map(lambda number: sent(files, b"AMT_CREDIT\n1\n", owner=f"{number % 2}"), range(160)))
    assert len({each.id for each in kept}) == 160
    assert [path.name for path in files.folder.iterdir() if not path.name.startswith("caller-")] == []
