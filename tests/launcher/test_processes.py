"""Programs that are run to their end go along when their caller is stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from core.settings import root
from launcher import processes

if TYPE_CHECKING:
    from pathlib import Path

caller = """
import os, sys
from launcher import processes
processes.listen_for_termination()
try:
    sys.exit(processes.call([sys.executable, "-c", sys.argv[1]], os.environ))
except processes.Terminated:
    sys.exit(143)
"""
tidy = """
import json, os, sys, time
try:
    print(json.dumps(os.getpid()), flush=True)
    time.sleep(600)
except KeyboardInterrupt:
    print("tidied up", flush=True)
"""


def test_termination_reaches_the_program_which_may_tidy_up() -> None:
    with subprocess.Popen([sys.executable, "-c", caller, tidy], cwd=root, stdout=subprocess.PIPE, text=True) as calling:
        assert calling.stdout is not None
        program = psutil.Process(json.loads(calling.stdout.readline()))
        calling.send_signal(signal.SIGTERM)
        assert calling.stdout.read() == "tidied up\n"
        assert calling.wait() == 143
        assert not program.is_running()


@pytest.mark.parametrize("code", [0, 3])
def test_the_exit_code_is_that_of_the_program(code: int) -> None:
    done = subprocess.run([sys.executable, "-c", caller, f"raise SystemExit({code})"], cwd=root, check=False)
    assert done.returncode == code


together = """
import os, sys
from launcher import processes
processes.listen_for_termination()
try:
    commands = [[sys.executable, "-c", each] for each in sys.argv[3:]]
    with processes.Programs(commands, os.environ, at_once=int(sys.argv[1]), niceness=int(sys.argv[2])) as programs:
        for ended in programs.ended():
            print(ended.code, ended.said.strip(), flush=True)
except processes.Terminated:
    sys.exit(143)
"""
# Says its number, and is there until the other is.
meets = """
import os, sys, time
from pathlib import Path
mine, other = Path({mine!r}), Path({other!r})
mine.touch()
while not other.exists():
    time.sleep(0.01)
print("met")
"""


def test_programs_run_beside_each_other_and_are_told_of_in_their_order(tmp_path: Path) -> None:
    first, second = str(tmp_path / "first"), str(tmp_path / "second")
    programs = [
        meets.format(mine=first, other=second),
        meets.format(mine=second, other=first),
        "raise SystemExit('no')",
    ]
    done = subprocess.run(
        [sys.executable, "-c", together, "2", "0", *programs],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["0 met", "0 met", "1 no"]


def test_termination_reaches_all_that_run_and_no_other_begins(tmp_path: Path) -> None:
    begun, never = tmp_path / "begun", tmp_path / "never"
    waits = f"from pathlib import Path; import time; Path({str(begun)!r}).touch(); time.sleep(600)"
    programs = [waits, f"from pathlib import Path; Path({str(never)!r}).touch()"]
    with subprocess.Popen(
        [sys.executable, "-c", together, "1", "19", *programs], cwd=root, stderr=subprocess.PIPE
    ) as calling:
        while not begun.exists():
            assert calling.poll() is None
            time.sleep(0.01)
        (program,) = psutil.Process(calling.pid).children()
        calling.send_signal(signal.SIGTERM)
        assert calling.wait() == 143
        assert not program.is_running()
        assert not never.exists()


def test_programs_stand_as_far_behind_as_is_said_and_end_with_the_block(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    note = "f'{os.getpid()} {os.nice(0)}\\n'"
    says = f"import os, time; open({str(begun)!r}, 'w').write({note}); time.sleep(600)"
    with processes.Programs([[sys.executable, "-c", says]], os.environ, at_once=1, niceness=7):
        while not begun.exists() or not begun.read_text().endswith("\n"):
            time.sleep(0.01)
        number, niceness = map(int, begun.read_text().split())
        assert niceness == min(os.nice(0) + 7, 19)
    assert not psutil.pid_exists(number)
