"""A lock in halves, which two processes install: nothing is lost between them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from core.settings import root
from launcher import installation
from launcher.installation import bring_together, parts

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["dev", "runtime"])
def test_every_requirement_of_a_lock_is_in_one_part_with_its_hashes(name: str) -> None:
    lock = (root / "requirements" / f"{name}.txt").read_text()
    separate = parts(lock)
    for of in (r"^[A-Za-z0-9].*==.*$", r"--hash=\S+"):
        found = re.findall(of, lock, re.MULTILINE)
        assert found
        assert sorted(found) == sorted(each for part in separate for each in re.findall(of, part, re.MULTILINE))
    tools, first, second = (set(re.findall(r"^([\w.-]+)==", part, re.MULTILINE)) for part in separate)
    assert tools <= {"pip", "setuptools", "wheel"}
    assert not first & second
    assert not {"pip", "setuptools", "wheel"} & (first | second)
    assert abs(len(first) - len(second)) <= 1


def test_folders_of_both_halves_become_one(tmp_path: Path) -> None:
    for path, text in (("a/lib/shared/one.py", "1"), ("b/lib/shared/two.py", "2"), ("b/lib/alone/three.py", "3")):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    # As environments of some systems have it.
    (tmp_path / "a" / "lib64").symlink_to("lib")
    (tmp_path / "b" / "lib64" / "shared").mkdir(parents=True)
    (tmp_path / "b" / "lib64" / "shared" / "four.py").write_text("4")
    bring_together(tmp_path / "b", tmp_path / "a")
    found = {path.name: path.read_text() for path in (tmp_path / "a" / "lib").rglob("*.py")}
    assert found == {"one.py": "1", "two.py": "2", "three.py": "3", "four.py": "4"}
    assert (tmp_path / "a" / "lib64").is_symlink()


def test_one_core_has_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[list[str]]] = []
    monkeypatch.setattr(installation.Installation, "_run", lambda _, several: ran.append(several))
    monkeypatch.setattr(installation, "_cores", 1)
    lock = tmp_path / "lock.txt"
    lock.write_text("one==1.0\ntwo==1.0\n")
    installation.Installation(tmp_path / "python", tmp_path, tmp_path / "log", lambda *_: "").install(
        lock, 2, is_new=True
    )
    assert ran == [[["-r", str(lock)]]]
