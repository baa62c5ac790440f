"""The MLflow tracking server on the shipped store: `python -m runtime.mlflow.server HOST PORT`."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Final

from core.model.companions import hidden
from core.settings import settings
from runtime import collector
from runtime.mlflow.read_only import ReadOnly

if TYPE_CHECKING:
    from pathlib import Path

database_file: Final = "mlflow.db"
artifacts_folder: Final = "artifacts"
_artifact_root: Final = "mlflow-artifacts:/"
# As MLflow's own default, which a list of one's own replaces: probes come from private addresses.
_usual_hosts: Final = ("localhost", "localhost:*", "127.0.0.1", "127.0.0.1:*", "10.*", "172.*", "192.168.*")


def main(arguments: list[str] | None = None) -> int:
    """Serves until the process is told to stop.

    The server is the one of `mlflow server`, in this process: that command loads MLflow in a parent, then again in its
    worker and in a job runner with seven consumers, which takes three times as long and over a gigabyte.
    """
    parser = argparse.ArgumentParser(prog="python -m runtime.mlflow.server", description=__doc__)
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    namespace = parser.parse_args(arguments)
    os.environ.update(server_environment(settings().mlruns_dir))
    settings().mlruns_dir.mkdir(parents=True, exist_ok=True)

    # MLflow and pandas do without these where they are missing, and the server never uses them: a quarter of memory.
    with collector.loading(), hidden("polars", "scipy", "pyarrow", "pygments"):
        import uvicorn
        from mlflow.server.fastapi_app import app
        from mlflow.server.handlers import initialize_backend_stores
    store = os.environ["_MLFLOW_SERVER_FILE_STORE"]
    initialize_backend_stores(store, store, _artifact_root)
    served = ReadOnly(app) if settings().mlflow_read_only else app
    uvicorn.run(served, host=namespace.host, port=namespace.port, log_level="info", timeout_graceful_shutdown=5)
    return 0


def server_environment(mlruns_dir: Path) -> dict[str, str]:
    """What `mlflow server` tells its workers, for a store in one folder.

    `MLFLOW_BACKEND_STORE_URI` and `MLFLOW_ARTIFACTS_DESTINATION`, MLflow's own variables, lead elsewhere. Host names
    that are answered to are those of `MLFLOW_SERVER_ALLOWED_HOSTS`, else this machine's and the one that Render gives.
    """
    public = os.environ.get("RENDER_EXTERNAL_HOSTNAME")
    hosts = {"MLFLOW_SERVER_ALLOWED_HOSTS": ",".join((public, *_usual_hosts))} if public else {}
    return (
        hosts
        | ({name: os.environ[name] for name in hosts if os.environ.get(name)})
        | {
            "_MLFLOW_SERVER_FILE_STORE": os.environ.get(
                "MLFLOW_BACKEND_STORE_URI", f"sqlite:///{mlruns_dir / database_file}"
            ),
            "_MLFLOW_SERVER_ARTIFACT_ROOT": _artifact_root,
            "_MLFLOW_SERVER_ARTIFACT_DESTINATION": os.environ.get(
                "MLFLOW_ARTIFACTS_DESTINATION", str(mlruns_dir / artifacts_folder)
            ),
            "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
            "_MLFLOW_SGI_NAME": "uvicorn",
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        }
    )


if __name__ == "__main__":
    sys.exit(main())
