"""A file is scored row by row: what is sound gets a decision, what is not is named and set aside."""

import csv
import gzip
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from commands.__main__ import main
from core.application import parse_application
from core.batch.files import BatchReport, rejected_path, score_file
from core.data import demo
from core.scoring import Scorer
from core.tables.errors import UnusableFile

header = "SK_ID_CURR,AMT_INCOME_TOTAL,AMT_CREDIT,NAME_INCOME_TYPE,EXT_SOURCE_2"
sound = "100002,202500.0,406597.5,Working,0.26"


def score(
    tmp_path: Path, scorer: Scorer, text: str | bytes, name: str = "in.csv"
) -> tuple[BatchReport, list[dict[str, str]], list[dict[str, str]]]:
    source, out = tmp_path / name, tmp_path / "scored.csv"
    source.write_bytes(text.encode() if isinstance(text, str) else text)
    report = score_file(source, out, rejected_path(out), scorer)
    return report, rows(out), rows(rejected_path(out)) if rejected_path(out).exists() else []


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_file_scores_as_its_rows_do(tmp_path: Path, scorer: Scorer) -> None:
    applications = demo.draw_applications(200, 3, "train")
    source, out = tmp_path / "in.parquet", tmp_path / "scored.csv"
    applications.write_parquet(source)
    report = score_file(source, out, rejected_path(out), scorer)
    assert (report.rows, report.scored, report.rejected) == (200, 200, 0)
    expected = scorer.probabilities(applications)
    found = rows(out)
    assert [int(each["SK_ID_CURR"]) for each in found] == applications["SK_ID_CURR"].to_list()
    np.testing.assert_allclose([float(each["probability"]) for each in found], expected, atol=1e-9)
    assert report.auc == pytest.approx(roc_auc_score(applications["TARGET"].to_numpy(), expected))
    assert report.accepted + report.refused == 200
    assert sum(int(each["prediction"]) for each in found) == report.refused

    applications.write_csv(tmp_path / "in.csv")
    again = score_file(tmp_path / "in.csv", tmp_path / "again.csv", rejected_path(out), scorer)
    assert again.scored == 200
    assert (tmp_path / "again.csv").read_bytes() == out.read_bytes()


def test_gzip_and_a_byte_order_mark_are_read(tmp_path: Path, scorer: Scorer) -> None:
    text = "\ufeff" + f"{header}\n{sound}\n"
    _, plain, _ = score(tmp_path, scorer, text)
    _, packed, _ = score(tmp_path, scorer, gzip.compress(text.encode()), "in.csv.gz")
    assert plain == packed
    decision = scorer.decide(
        parse_application(
            {"AMT_INCOME_TOTAL": 202500.0, "AMT_CREDIT": 406597.5, "NAME_INCOME_TYPE": "Working", "EXT_SOURCE_2": 0.26}
        )
    )
    assert float(plain[0]["probability"]) == pytest.approx(decision.probability, abs=1e-9)
    assert plain[0]["decision"] == decision.decision


def test_bad_rows_are_named_and_the_rest_is_scored(tmp_path: Path, scorer: Scorer) -> None:
    lines = [header, sound, "100003,abc,1e5,Working,7", "100004,1e5,1e5,Wizard,0.5", "100005,1e5", sound]
    report, found, rejected = score(tmp_path, scorer, "\n".join(lines))
    assert (report.rows, report.scored, report.rejected) == (5, 2, 3)
    assert len(found) == 2
    assert [(each["row"], each["SK_ID_CURR"], each["column"]) for each in rejected] == [
        ("3", "100003", "AMT_INCOME_TOTAL"),
        ("3", "100003", "EXT_SOURCE_2"),
        ("4", "100004", "NAME_INCOME_TYPE"),
        ("5", "", ""),
    ]
    assert rejected[0]["problem"] == "is not a number"
    assert rejected[1]["expected"] == "a number from 0 to 1"
    assert "2/5" in rejected[3]["problem"]
    assert any("row 3" in problem and "AMT_INCOME_TOTAL" in problem for problem in report.problems)


def test_what_is_no_number_of_a_client_is_not_repeated(tmp_path: Path, scorer: Scorer) -> None:
    _, _, rejected = score(tmp_path, scorer, f"{header}\n=cmd|' /C calc'!A0,1e5,1e5,Working,0.5\n")
    assert (rejected[0]["column"], rejected[0]["SK_ID_CURR"]) == ("SK_ID_CURR", "")
    assert "cmd" not in str(rejected)


def test_missing_and_unknown_columns_are_told(tmp_path: Path, scorer: Scorer) -> None:
    report, found, _ = score(tmp_path, scorer, "AMT_CREDIT,shoe size\n200000,42\n")
    assert len(found) == 1
    assert "AMT_INCOME_TOTAL" in report.missing_columns
    assert report.unknown_columns == ("shoe size",)
    assert found[0]["SK_ID_CURR"] == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        (f"{header}\n", "holds no row"),
        ("a,b\n1,2\n", "None of the file's columns"),
        ("AMT_CREDIT,AMT_CREDIT\n1,2\n", "names a column twice"),
        (b"\x00\x01\x02\x03", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, scorer: Scorer, text: str | bytes, reason: str) -> None:
    with pytest.raises(UnusableFile, match=reason):
        score(tmp_path, scorer, text)


@pytest.mark.parametrize("name", ["in.csv.gz", "in.parquet"])
def test_bytes_that_are_not_what_the_name_says(tmp_path: Path, scorer: Scorer, name: str) -> None:
    with pytest.raises(UnusableFile, match="cannot be read"):
        score(tmp_path, scorer, b"not what it seems", name)


def test_the_real_sample(tmp_path: Path, scorer: Scorer, real_sample: Path) -> None:
    source, out = real_sample / "application_train.csv.gz", tmp_path / "scored.csv"
    report = score_file(source, out, rejected_path(out), scorer)
    assert (report.rows, report.scored, report.rejected) == (8318, 8318, 0)
    real = pl.read_csv(source, columns=["SK_ID_CURR", "TARGET"])
    assert pl.read_csv(out)["SK_ID_CURR"].to_list() == real["SK_ID_CURR"].to_list()
    assert report.auc is not None
    assert report.auc > 0.7


def command(*arguments: str | Path) -> int:
    return main(["score", *map(str, arguments)])


@pytest.fixture
def given(tmp_path: Path) -> Path:
    source = tmp_path / "a.csv"
    source.write_text(f"{header}\n{sound}\n", encoding="utf-8")
    return source


@pytest.mark.parametrize("link", [None, os.link, os.symlink])
def test_a_result_never_takes_the_place_of_its_file(
    given: Path, capsys: pytest.CaptureFixture[str], link: Callable[[Path, Path], None] | None
) -> None:
    before, out = given.read_bytes(), given
    if link is not None:
        out = given.with_name("other.csv")
        link(given, out)
    assert command(given, "--out", out) == 1
    assert "is the input" in capsys.readouterr().err
    assert given.read_bytes() == out.read_bytes() == before


def test_the_repaired_rows_of_a_result_are_not_lost_to_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repaired = tmp_path / "x.rejected.csv"
    repaired.write_text(f"{header}\n{sound}\n", encoding="utf-8")
    assert command(repaired, "--out", tmp_path / "x.csv") == 1
    assert "x.rejected.csv is the input" in capsys.readouterr().err
    assert repaired.read_text(encoding="utf-8").endswith(f"{sound}\n")
    assert not (tmp_path / "x.csv").exists()
    assert command(repaired, "--out", tmp_path / "y.csv") == 0
    assert repaired.exists()


@pytest.mark.parametrize("bad", ["", f"{header}\n", "PLANET,MOON\n1,2\n"])
def test_a_run_that_fails_leaves_the_result_before(given: Path, bad: str) -> None:
    out = given.with_name("scored.csv")
    given.write_text(f"{header}\n{sound}\n{sound.replace('202500.0', 'much')}\n", encoding="utf-8")
    assert command(given, "--out", out) == 0
    before = {path: path.read_bytes() for path in (out, rejected_path(out))}
    given.write_text(bad, encoding="utf-8")
    assert command(given, "--out", out) == 1
    assert {path: path.read_bytes() for path in before} == before
    assert sorted(path.name for path in given.parent.iterdir()) == ["a.csv", "scored.csv", "scored.rejected.csv"]


def test_a_run_that_is_interrupted_leaves_the_result_before(given: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = given.with_name("scored.csv")
    assert command(given, "--out", out) == 0
    before = out.read_bytes()

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("core.batch.files.score_batch", interrupted)
    assert command(given, "--out", out) == 130
    assert out.read_bytes() == before
    assert sorted(path.name for path in given.parent.iterdir()) == ["a.csv", "scored.csv"]


def test_a_result_without_rejected_rows_takes_the_list_of_the_one_before_away(given: Path) -> None:
    out = given.with_name("scored.csv")
    rejected_path(out).write_text("of an earlier result\n", encoding="utf-8")
    assert command(given, "--out", out) == 0
    assert not rejected_path(out).exists()
