"""Each image's files and packages, as its user on a read-only root: every documented route answers."""

from __future__ import annotations

import json
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api.openapi.examples import features
from tests.images.image import Image, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.portfolio.clients import Portfolio
    from tests.api.running import Running

rows = "AMT_CREDIT,AMT_ANNUITY,EXT_SOURCE_2\n" + "600000,31000,0.5\n" * 40


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that another user may enter, which those of pytest are not."""
    made = Path(tempfile.mkdtemp(prefix="image-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def api(folder: Path, portfolio: Portfolio) -> Iterator[Running]:
    (folder / "api").mkdir(mode=0o755)
    with running("api", folder / "api", {"/app/data/portfolio": portfolio.folder}) as server:
        yield server


def call(server: Running, method: str, path: str, body: object = None, **headers: str) -> Any:
    answer = server.ask(method, path, body, **headers)
    assert answer.status < 300, f"{method} {path}: {answer.status} {answer.body[:300]!r} {server.log()[-2000:]}"
    return json.loads(answer.body) if answer.headers.get("Content-Type", "").startswith("application/json") else None


def test_what_an_image_holds_is_read_from_its_dockerfile() -> None:
    image = Image.of("api")
    assert (None, "core", "core") in image.copied
    assert ("portfolio", "/app/data/portfolio", "data/portfolio") in image.copied
    assert image.environment["DRIFT_DIR"] == "/app/var/drift"
    assert (image.lock, image.owned) == ("requirements/api.txt", ("var",))
    assert image.command == ("python", "-m", "runtime.serve", "api")


def test_every_documented_route_answers(api: Running, portfolio: Portfolio) -> None:
    document = call(api, "GET", "/openapi.json")
    left = {
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method in methods
        if method in ("get", "post", "put", "patch", "delete")
    }
    client = portfolio.search(limit=1).clients[0].client_id

    def ask(method: str, path: str, body: object = None, query: str = "", **named: object) -> Any:
        left.discard((method, path))
        return call(api, method, path.format(**named) + query, body)

    # What needs nothing to be asked for; a report, and what drift has compared, are asked for when there is one.
    for method, path in sorted(left):
        if method == "GET" and "{" not in path and not path.startswith("/data/drift"):
            ask(method, path)
    ask("GET", "/data/glossary/{table}/{name}", table="application", name="AMT_CREDIT")
    predicted = ask("POST", "/predict", {"features": features})
    outcome = {"defaulted": False, "observed": f"{datetime.now(UTC):%Y-%m-%d}"}
    ask("POST", "/outcomes", {"outcomes": [outcome | {"prediction_id": predicted["prediction_id"]}]})
    # Nobody has exported the model there, which is an answer, too.
    left.discard(("GET", "/model/export/{format}"))
    assert api.ask("GET", "/model/export/lightgbm-text").status == 404
    ask("POST", "/predict/batch", {"clients": [features, features | {"AMT_CREDIT": 500000}]})
    ask("POST", "/predict/explain", {"features": features})
    ask("POST", "/simulate", {"features": features, "changes": {"AMT_CREDIT": 400000}})
    for path in ("/recourse", "/comparison", "/comparison/accepted"):
        ask("POST", path, {"features": features})
    for ending in ("", "/history", "/comparison", "/application"):
        ask("GET", f"/clients/{{client_id}}{ending}", client_id=client)
    word = {"officer": "C. Martin", "decision": "REFUSÉ", "reason": "Revenus non justifiés"}
    ask("POST", "/decisions", word | {"prediction_id": predicted["prediction_id"]})
    ask("GET", "/predictions/{prediction_id}", prediction_id=predicted["prediction_id"])
    local = {name: predicted[name] for name in ("probability", "threshold", "model_version", "history")}
    local |= {"id": "01a221a8-5d9f-76b3-9ce1-7e9bd0d45295", "inputs": {"AMT_CREDIT": 500000}}
    ask("POST", "/predictions", {"predictions": [local]})
    for path, name in (("/data/drift/files", "drift"), ("/jobs", "job")):
        left.discard(("POST", path))
        hold = "&hold=true" if name == "job" else ""
        answer = api.ask("POST", f"{path}?filename=a.csv{hold}", rows.encode(), Content_Type="text/csv")
        assert answer.status in (201, 202), f"{path}: {answer.status} {answer.body!r} {api.log()[-2000:]}"
        sent = json.loads(answer.body)
        if name == "drift":
            made = ask("POST", "/data/drift", {"current": sent["id"]})
            ask("POST", "/data/drift", {})
            ask("GET", "/data/drift")
            ask("GET", "/data/drift/reports")
            ask("DELETE", "/data/drift/reports/{report_id}", report_id=made["id"])
            ask("DELETE", "/data/drift/files/{file_id}", file_id=sent["id"])
    job = sent["id"]
    for path in ("/jobs/{job_id}", "/jobs/{job_id}/preview"):
        ask("GET", path, job_id=job)
    ask("POST", "/jobs/{job_id}/start", query="?confirm=true", job_id=job)
    # No worker runs here: there is no result yet, which is an answer, too.
    for path in ("/jobs/{job_id}/result", "/jobs/{job_id}/rejected", "/jobs/{job_id}/rows"):
        left.discard(("GET", path))
        assert api.ask("GET", path.format(job_id=job)).status == 409
    left.discard(("GET", "/jobs/{job_id}/rows/{row}"))
    assert api.ask("GET", f"/jobs/{job}/rows/1").status == 409
    left.discard(("POST", "/jobs/{job_id}/rows"))
    mended = api.ask("POST", f"/jobs/{job}/rows?filename=a.csv", rows.encode(), Content_Type="text/csv")
    assert mended.status == 409
    ask("DELETE", "/jobs/{job_id}", job_id=job)
    ask("POST", "/scenarios", {"population": "portfolio"})
    assert left == set(), "documented, and not tried here"


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("dashboard", ("/", "/comparison", "/import", "/drift", "/documentation", "/assets/favicon.svg")),
        ("mlflow", ("/version", "/api/2.0/mlflow/registered-models/search?max_results=5")),
    ],
)
def test_the_other_images_answer_as_well(folder: Path, portfolio: Portfolio, name: str, paths: tuple[str, ...]) -> None:
    (folder / name).mkdir(mode=0o755)
    with running(name, folder / name, {"/app/data/portfolio": portfolio.folder}) as server:
        for path in paths:
            call(server, "GET", path)


def test_nothing_but_its_volume_can_be_written(api: Running) -> None:
    process = Path(f"/proc/{next(iter(api.workers()))}")
    status = process.joinpath("status").read_text(encoding="utf-8")
    assert "Uid:\t10001\t10001\t10001\t10001" in status
    mounts = [line.split() for line in process.joinpath("mounts").read_text(encoding="utf-8").splitlines()]
    found = {mount[1]: mount[3].split(",")[0] for mount in mounts}
    assert found["/"] == "ro"
    assert (found["/mnt/app"], found["/mnt/app/var"]) == ("ro", "rw")
