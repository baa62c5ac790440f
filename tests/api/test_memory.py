"""What a request frees is at hand for the next one, up to a few megabytes."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

from core.settings import root

# Page faults of a thread that makes and frees, again and again, what a batch of a thousand applications does.
_program = """
import resource, threading
import api.http.gunicorn_conf
import numpy as np
faults = []
def work():
    for _ in range(20):
        before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
        blocks = [np.ones(size) for size in (167_000, 64_000, 64_000)]
        del blocks
        faults.append(resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before)
thread = threading.Thread(target=work)
thread.start()
thread.join()
print(max(faults[5:]))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the settings of malloc are those of glibc")
def test_the_blocks_of_a_batch_are_not_taken_from_the_system_anew() -> None:
    variables = {"API_KEYS": "", "HOST": "127.0.0.1"}
    done = subprocess.run(
        [sys.executable, "-c", _program],
        cwd=root,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) < 50
