"""What one caller may have of the jobs ends where others would go without; what cannot be scored is never queued."""

from __future__ import annotations

import gzip
import io
import shutil
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from api import create_app
from core.access.keys import new_key
from core.audit.files import recorded_bytes
from core.jobs.running.worker import Worker
from core.jobs.store import JobStore
from core.settings import Settings
from tests.shipped import shipped_model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer

    Making = Callable[..., FlaskClient]

header = "SK_ID_CURR,AMT_INCOME_TOTAL,AMT_CREDIT"


def rows(count: int) -> bytes:
    lines = [header, *(f"{row},{row * 7919 % 1009 + 1},2e5" for row in range(count))]
    return "\n".join(lines).encode()


@pytest.fixture
def making(tmp_path: Path, installed: Callable[..., Settings], portfolio: Portfolio, scorer: Scorer) -> Making:
    def made(**wanted: Any) -> FlaskClient:
        settings = installed(
            tmp_path,
            **wanted,
        )
        client = create_app(settings, scorer, portfolio).test_client()
        client.application.config["settings"] = settings
        return client

    return made


def post(client: FlaskClient, content: bytes, query: str = "", **headers: str) -> TestResponse:
    return client.post(f"/jobs{query}", data=content, content_type="text/csv", headers=headers)


def refusal(answer: TestResponse) -> tuple[int, str]:
    content = answer.get_json()
    return answer.status_code, content["type"]


def test_files_that_wait_have_a_limit_which_held_ones_count_to(making: Making) -> None:
    client = making(jobs_max_open=2)
    sent = [post(client, rows(3), query).get_json()["id"] for query in ("", "?hold=true")]
    refused = post(client, rows(3), "?lang=fr")
    assert refusal(refused) == (429, "/problems/too-many-jobs")
    assert "JOBS_MAX_OPEN" in refused.get_json()["detail"]
    assert len(client.get("/jobs").get_json()["jobs"]) == 2
    client.delete(f"/jobs/{sent[1]}")
    assert post(client, rows(3)).status_code == 202
    Worker(client.application.config["settings"], model=shipped_model()).run(sent[0])
    assert post(client, rows(3)).status_code == 202


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet"])
def test_rows_that_wait_have_a_limit_in_each_format(making: Making, kind: str) -> None:
    client = making(jobs_max_rows=100)
    content = rows(60)
    if kind == "csv.gz":
        content = gzip.compress(content)
    elif kind == "parquet":
        frame, written = pl.read_csv(io.BytesIO(content)), io.BytesIO()
        frame.write_parquet(written)
        content = written.getvalue()
    job = post(client, content).get_json()["id"]
    refused = post(client, content)
    assert refusal(refused) == (429, "/problems/too-many-rows")
    assert "JOBS_MAX_ROWS" in refused.get_json()["detail"]
    assert post(client, rows(40)).status_code == 202
    Worker(client.application.config["settings"], model=shipped_model()).run(job)
    assert post(client, content).status_code == 202


def test_bytes_that_are_kept_have_a_limit_which_results_count_to(making: Making) -> None:
    client = making(jobs_max_bytes=50_000)
    content = rows(1000)
    job = post(client, content).get_json()["id"]
    assert post(client, content).status_code == 202
    refused = post(client, rows(2000))
    assert refusal(refused) == (413, "/problems/too-many-bytes")
    assert "JOBS_MAX_BYTES" in refused.get_json()["detail"]
    Worker(client.application.config["settings"], model=shipped_model()).run(job)
    store = JobStore(client.application.config["settings"].jobs_dir)
    assert store.size(job) > len(content)
    assert refusal(post(client, rows(2000))) == (413, "/problems/too-many-bytes")
    client.delete(f"/jobs/{job}")
    assert post(client, rows(2000)).status_code == 202


def test_what_is_on_its_way_in_counts_and_is_forgotten_with_its_refusal(making: Making) -> None:
    client = making(jobs_max_open=1)
    store = JobStore(client.application.config["settings"].jobs_dir)
    from core.access.person import Owner
    from core.jobs.quotas import Usage, mark_of

    with store.receive(mark_of(Owner("anonymous"))) as upload:
        upload.write(b"x" * 100_000)
        assert Usage.of(Owner("anonymous"), store).jobs == 1
        assert refusal(post(client, rows(3))) == (429, "/problems/too-many-jobs")
    assert Usage.of(Owner("anonymous"), store) == Usage()
    assert post(client, rows(3)).status_code == 202


def test_nobody_goes_without_for_what_another_has(making: Making) -> None:
    keys = [new_key(name, "score") for name in ("till", "office")]
    client = making(jobs_max_open=1, api_keys=",".join(key.entry for key in keys))
    for key in keys:
        authorization = {"Authorization": f"Bearer {key.secret}"}
        assert post(client, rows(3), **authorization).status_code == 202
        assert post(client, rows(3), **authorization).status_code == 429


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (gzip.compress(f"{header}\n".encode() + b"1,2,3\n" * 500_000), "file_too_many_rows"),
        (f"{header}\n".encode() + b"\n" * 1001, "file_too_many_rows"),
        ((",".join([*header.split(","), *(f"column {number}" for number in range(40_000))]) + "\n").encode(),
         "file_header_too_long"),
        ((",".join([*header.split(","), *(f"c{number}" for number in range(6000))]) + "\n").encode(),
         "file_too_many_columns"),
    ],
    ids=["gz", "rows", "header", "columns"],
)  # fmt: skip
def test_what_is_too_large_has_failed_before_it_is_queued(making: Making, content: bytes, code: str) -> None:
    client = making(max_file_rows=1000)
    assert len(content) < 1_000_000
    answer = post(client, content)
    found = answer.get_json()
    assert (answer.status_code, found["status"], found["error_code"]) == (202, "failed", code)
    assert not (client.application.config["settings"].jobs_dir / "queue.db").exists()
    # A refusal does not grow with what was sent.
    assert len(answer.data) < 20_000


def test_rows_that_the_disk_has_no_room_for_are_not_queued(making: Making, monkeypatch: pytest.MonkeyPatch) -> None:
    client = making(jobs_reserve_bytes=1_000_000)
    usage = type(shutil.disk_usage("/"))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**12, 0, 1_000_000 + recorded_bytes * 100))
    assert post(client, rows(100)).status_code == 202
    assert refusal(post(client, rows(101))) == (507, "/problems/no-space")


def test_a_file_to_be_compared_has_the_same_limits(making: Making) -> None:
    client = making(max_file_rows=50)
    answer = client.post("/data/drift/files", data=rows(51), content_type="text/csv")
    assert refusal(answer) == (409, "/problems/unusable-file")
    assert "MAX_FILE_ROWS" in answer.get_json()["detail"]
