"""A program that is run to its end goes along when its caller is stopped."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import psutil
import pytest

from core.settings import root

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
