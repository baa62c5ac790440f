"""`drift REF CUR` at the command line: what it prints, keeps and tells, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from commands import drift
from commands.__main__ import main
from core import settings as settings_module
from core.audit.engine import Database, database_url
from core.audit.entries import PredictionEntry
from core.audit.log import AuditLog
from core.decision import Decision
from core.drift.history import History
from core.drift.results.drift_report import DriftReport
from core.portfolio.clients import Portfolio
from core.settings import root
from runtime.webhook import AlertNotSent


@pytest.fixture
def data_dir(tmp_path: Path, portfolio: Portfolio, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "portfolio").symlink_to(portfolio.folder)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("AUDIT_FILE", str(tmp_path / "audit.db"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("DRIFT_WEBHOOK_URL", raising=False)
    settings_module.settings.cache_clear()
    yield tmp_path
    settings_module.settings.cache_clear()


@pytest.fixture
def files(tmp_path: Path, train: pl.DataFrame) -> tuple[str, str, str]:
    """A file, another half of the same rows, and one that has moved."""
    halves = train.gather_every(2), train.gather_every(2, offset=1)
    moved = halves[1].with_columns(pl.col("^EXT_SOURCE_.$") * 0.4)
    paths = []
    for name, frame in zip(("first", "second", "moved"), (*halves, moved), strict=True):
        paths.append(tmp_path / f"{name}.parquet")
        frame.write_parquet(paths[-1])
    return str(paths[0]), str(paths[1]), str(paths[2])


def test_without_drift_it_ends_with_0(
    data_dir: Path, files: tuple[str, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["drift", files[0], files[1]]) == 0
    said = capsys.readouterr()
    assert "first.parquet, 4,000 rows" in said.out
    assert "0 of 133 (0.0%)" in said.out
    assert "PSI of the score" in said.out
    assert "Alert" not in said.out
    [kept] = History(data_dir / "drift").all()
    assert kept.key in said.err
    assert kept.key.endswith("-second-parquet-first-parquet")


def test_an_alert_ends_with_3_and_is_written_where_it_is_wanted(
    data_dir: Path, files: tuple[str, str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, content = tmp_path / "page.html", tmp_path / "report.json"
    given = ["drift", files[0], files[2], "--html", str(page), "--json", str(content), "--lang", "en"]
    assert main(given) == drift.alerted == 3
    said = capsys.readouterr().out
    assert "EXT_SOURCE_3" in said
    assert "Alert: score_psi" in said
    assert '<html lang="en">' in page.read_text(encoding="utf-8")
    report = DriftReport.from_json(content.read_bytes())
    history = History(data_dir / "drift")
    assert history.read(history.latest()) == report
    assert report.current.name == "moved.parquet"


def test_thresholds_decide_what_an_alert_is(data_dir: Path, files: tuple[str, str, str]) -> None:
    lenient = [f"--threshold={name}=50" for name in ("psi", "kolmogorov_smirnov", "wasserstein", "jensen_shannon")]
    assert main(["drift", files[0], files[2], "--columns-only", *lenient]) == 0
    assert main(["drift", files[0], files[2], "--columns-only"]) == 3


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["nowhere.csv", "portfolio"], "there is no file or folder nowhere.csv"),
        (["portfolio", "reference"], "can only be the reference"),
        (["portfolio", "live"], "no application was decided in the period"),
        (
            ["portfolio", "portfolio", "--threshold", "psy=1"],
            "psy: expected one of significance, alert_significance, psi",
        ),
        (["portfolio", "portfolio", "--threshold", "psi=2:1"], "psi: expected MODERATE"),
        (["portfolio", "portfolio", "--html", "/nowhere/at/all/page.html"], "No such file or directory"),
    ],
)
def test_what_is_wrong_ends_with_1_and_a_reason(
    data_dir: Path, given: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["drift", *given]) == 1
    error = capsys.readouterr().err
    assert error.splitlines()[-1].startswith("Error: ")
    assert said in error


@pytest.mark.parametrize("given", [["a"], ["a", "b", "--threshold", "psi"], ["a", "live", "--since", "yesterday"]])
def test_wrong_usage_ends_with_2(given: list[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["drift", *given])
    assert raised.value.code == 2


def test_the_portfolio_is_compared_with_a_test_set_drawn_once(
    data_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["drift", "portfolio", "test"]) in (0, 3)
    assert "test, 400 rows" in capsys.readouterr().out
    assert [path.name for path in (data_dir / "drift").glob("*.parquet")] == ["demo-application_test-400.parquet"]
    monkeypatch.setattr("core.data.demo.write_test_tables", None)
    assert main(["drift", "reference", "test"]) in (0, 3)
    out = capsys.readouterr().out
    assert "reference, 307,511 rows" in out
    assert "NAME_CONTRACT_TYPE" in out


def test_live_traffic_is_what_the_audit_has(
    data_dir: Path, portfolio: Portfolio, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = pl.read_parquet(portfolio.folder / "clients.parquet").drop("probability", "TARGET").head(200)
    database = Database.open(database_url(settings_module.settings()))
    log = AuditLog(database)
    for kind, times in (("predict", 2), ("simulate", 1), ("client", 1), ("explain", 1)):
        entries = [
            PredictionEntry(
                kind,  # type: ignore[arg-type]
                "request-1",
                "till",
                {name: value for name, value in row.items() if value is not None},
                Decision(row["SK_ID_CURR"], 0.1, 0.2),
                "1",
            )
            for row in rows.iter_rows(named=True)
        ]
        for _ in range(times):
            log.record_many(entries)
    database.close()
    assert main(["drift", "portfolio", "live"]) in (0, 3)
    # Each client once, and no what-if.
    out = capsys.readouterr().out
    assert ", 200 rows" in out
    assert "0 of " in out
    assert main(["drift", "portfolio", "live", "--until", "2020-01-01"]) == 1


def test_the_webhook_is_told_of_an_alert_alone(
    data_dir: Path,
    files: tuple[str, str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(drift, "send_alert", lambda url, report, key: told.append((url, key)))
    monkeypatch.setenv("DRIFT_WEBHOOK_URL", "https://chat.example.org/secret")
    settings_module.settings.cache_clear()
    assert main(["drift", files[0], files[1]]) == 0
    assert told == []
    assert main(["drift", files[0], files[2]]) == 3
    assert told == [("https://chat.example.org/secret", History(data_dir / "drift").latest().key)]

    def away(*_: object) -> None:
        raise AlertNotSent("the webhook answered 500")

    def mistake(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(drift, "send_alert", away)
    # The alert is one all the same.
    assert main(["drift", files[0], files[2]]) == 3
    assert "The webhook was not notified: the webhook answered 500" in capsys.readouterr().err
    assert "drift alert not sent" in caplog.text
    assert "secret" not in caplog.text
    monkeypatch.setattr(drift, "send_alert", mistake)
    assert main(["drift", files[0], files[2]]) == 3
    assert "The webhook was not notified: RuntimeError" in capsys.readouterr().err


def test_real_clients_are_not_compared_with_drawn_ones(
    tmp_path: Path, portfolio: Portfolio, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "portfolio").unlink()
    folder = tmp_path / "portfolio"
    folder.mkdir()
    for path in portfolio.folder.iterdir():
        if path.is_file():
            (folder / path.name).write_bytes(path.read_bytes())
    stored = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    stored["summary"]["synthetic"] = False
    (folder / "summary.json").write_text(json.dumps(stored), encoding="utf-8")
    assert main(["drift", "portfolio", "test"]) == 1
    assert "there is no application_test" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--html", "--json"])
def test_a_report_never_takes_the_place_of_what_is_compared(
    data_dir: Path, files: tuple[str, str, str], capsys: pytest.CaptureFixture[str], option: str
) -> None:
    link = data_dir / "report"
    link.hardlink_to(files[1])
    before = link.read_bytes()
    assert main(["drift", files[0], files[1], option, str(link)]) == 1
    assert "is the input" in capsys.readouterr().err
    assert link.read_bytes() == before
    assert not History(data_dir / "drift").all()


def test_columns_are_compared_without_the_libraries_of_the_model() -> None:
    program = (
        "import sys, commands.drift; sys.exit(repr(sorted({'lightgbm', 'scipy', 'sqlalchemy'} & set(sys.modules))))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False)
    assert done.stderr.splitlines() == ["[]"]
