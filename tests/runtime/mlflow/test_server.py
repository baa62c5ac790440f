"""The MLflow server is loaded without what it never uses, which is there for whoever asks later."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from runtime import services
from runtime.mlflow.server import database_file

# As far as it listens.
load = """
import json, sys
import uvicorn
uvicorn.run = lambda app, **_: served.append(app)
served = []
from runtime.mlflow import server
server.main(["127.0.0.1", "5002"])
names = ("polars", "scipy", "pyarrow", "pygments", "pandas")
before = [name for name in names if name in sys.modules]
import polars, pyarrow, pygments, scipy.sparse
print(json.dumps([len(served), before]))
"""


def test_companions_are_left_out(tmp_path: Path) -> None:
    shutil.copy(services.root / "mlruns" / database_file, tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", load],
        env=services.service_environment(os.environ, {}, tmp_path),
        cwd=services.root,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [1, ["pandas"]]
