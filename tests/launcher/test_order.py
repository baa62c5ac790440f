"""The order of the tests: as a seed says, whole files and classes, and the same again for the same seed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from core.settings import root
from launcher import quality
from tests import order, together

if TYPE_CHECKING:
    from pathlib import Path

_tests = """
import pytest

@pytest.mark.parametrize("number", range(6))
def test_alone(number): pass

class TestTogether:
    @pytest.mark.parametrize("number", range(6))
    def test_within(self, number): pass
"""


def collected(folder: Path, seed: str) -> list[str]:
    """The tests of a folder of three files, in their order."""
    said = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider", f"--shuffle={seed}", folder],
        cwd=folder,
        # Of the plugins that happen to be installed, none is needed, and all would be loaded.
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return [line for line in said.stdout.splitlines() if "::" in line]


def test_a_seed_is_an_order_in_which_files_and_classes_stay_together(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"test_{name}.py").write_text(_tests)
    (tmp_path / "conftest.py").write_text(
        "from tests.order import seed, shuffle\n"
        "def pytest_addoption(parser): parser.addoption('--shuffle', type=seed)\n"
        "def pytest_collection_modifyitems(config, items): shuffle(items, config.getoption('shuffle'))\n"
    )
    (tmp_path / "pytest.ini").write_text(f"[pytest]\npythonpath = {root}\naddopts = --import-mode=importlib\n")
    first, again, other = (collected(tmp_path, seed) for seed in ("1", "1", "2"))
    assert first == again
    assert sorted(first) == sorted(other)
    assert first != other
    for found in (first, other):
        for of in ("test_a.py::", "test_b.py::", "test_c.py::", "test_a.py::TestTogether"):
            places = [place for place, name in enumerate(found) if name.startswith(of)]
            assert places == list(range(places[0], places[-1] + 1))
        assert found != sorted(found)


def test_a_seed_is_a_whole_number_or_a_new_one() -> None:
    assert order.seed("7") == 7
    assert order.seed("new") != order.seed("new")
    with pytest.raises(ValueError, match="invalid literal"):
        order.seed("often")


def test_the_checks_hand_the_order_to_pytest_and_to_nothing_else() -> None:
    *static, tests = quality.everything([], ["--shuffle=7"])
    assert "--shuffle=7" in tests.arguments
    assert not any("--shuffle=7" in gate.arguments for gate in static)
    (alone,) = quality.without_browser(["tests/core"], ["--shuffle=7"])
    assert alone.arguments[-2:] == ("--shuffle=7", "tests/core")


def test_journeys_share_two_browsers_and_any_other_file_is_a_unit_of_its_own() -> None:
    journeys = [path.relative_to(root).as_posix() for path in (root / "tests" / "e2e").glob("test_*.py")]
    sizes = Counter(together.unit(journey) for journey in journeys)
    assert len(sizes) == 2
    assert max(sizes.values()) - min(sizes.values()) <= 1
    others = ["tests/api/test_jobs.py", "tests/core/audit/test_log.py", "tests/test_run.py", "test_alone.py"]
    assert [together.unit(other) for other in others] == others
