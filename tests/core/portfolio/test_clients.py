"""The portfolio: clients by number, pages, and the numbers of the sidebar against pandas."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from core import catalogue
from core.portfolio.building import build, build_from, demo_origin, is_current, tables_origin
from core.portfolio.client_history import client_history
from core.portfolio.client_search import ClientFilter
from core.portfolio.clients import Portfolio, PortfolioMissing, UnknownClient, clients_file, profile_file
from core.portfolio.drawn_clients import draw_tables
from core.reference.profiles import fewest
from core.scoring import Scorer


@pytest.fixture(scope="module")
def rows(portfolio: Portfolio) -> pl.DataFrame:
    return pl.read_parquet(portfolio.folder / clients_file)


def test_search_by_prefix(portfolio: Portfolio, rows: pl.DataFrame) -> None:
    ids = rows["SK_ID_CURR"].to_list()
    for prefix in ("", "1", str(ids[0])[:4], str(ids[-1]), "999999"):
        matching = [each for each in ids if str(each).startswith(prefix)]
        page = portfolio.search(ClientFilter(prefix), limit=7, offset=0)
        assert page.total == len(matching)
        assert [client.client_id for client in page.clients] == matching[:7]


def test_pages_cover_everybody_once(portfolio: Portfolio, rows: pl.DataFrame) -> None:
    found = []
    for offset in range(0, rows.height, 400):
        found += [client.client_id for client in portfolio.search(limit=400, offset=offset).clients]
    assert found == rows["SK_ID_CURR"].to_list()
    assert portfolio.search(limit=10, offset=10**6).clients == []


def test_a_client_is_the_stored_row(portfolio: Portfolio, rows: pl.DataFrame, scorer: Scorer) -> None:
    for position in (0, rows.height // 2, rows.height - 1):
        row = rows.row(position, named=True)
        client = portfolio.client(row["SK_ID_CURR"])
        assert client.features == {key: value for key, value in row.items() if key not in ("TARGET", "probability")}
    summary = portfolio.search(ClientFilter(str(row["SK_ID_CURR"])), 1, 0).clients[0]
    assert summary.probability == pytest.approx(scorer.probabilities(rows.tail(1))[0])
    assert summary.age_years == int(-row["DAYS_BIRTH"] / 365.25)


@pytest.mark.parametrize("client_id", [0, 1, 99_999_999, -5])
def test_an_unknown_client(portfolio: Portfolio, client_id: int) -> None:
    with pytest.raises(UnknownClient):
        portfolio.client(client_id)


def test_summary_and_description_agree_with_pandas(portfolio: Portfolio, rows: pl.DataFrame) -> None:
    frame = rows.select(column.name for column in catalogue.columns()).to_pandas()
    summary = portfolio.summary
    assert summary.synthetic
    assert summary.n_clients == len(frame)
    assert summary.n_columns == 122
    assert summary.default_rate == pytest.approx(frame["TARGET"].mean())
    assert summary.income.median == pytest.approx(frame["AMT_INCOME_TOTAL"].median())
    assert summary.age.mean == pytest.approx((-frame["DAYS_BIRTH"] / 365.25).mean())
    assert summary.ext_source_1.missing == pytest.approx(frame["EXT_SOURCE_1"].isna().mean())
    assert summary.gender == pytest.approx(frame["CODE_GENDER"].value_counts(normalize=True).to_dict())
    described = frame.describe()
    for name in ("AMT_CREDIT", "EXT_SOURCE_3", "CNT_CHILDREN"):
        for statistic in ("count", "mean", "std", "min", "50%", "max"):
            ours = portfolio.describe.describe[name][statistic]
            assert ours is not None
            np.testing.assert_allclose(ours, described[name][statistic], rtol=1e-9)
    assert portfolio.describe.missing == frame.isna().sum().to_dict()
    assert portfolio.describe.target_distribution == {
        str(key): value for key, value in frame["TARGET"].value_counts().to_dict().items()
    }


def test_a_folder_without_a_portfolio_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(PortfolioMissing, match="data portfolio"):
        Portfolio.open(tmp_path)


def test_a_portfolio_is_current_for_its_model_and_size_only(tmp_path: Path, rows: pl.DataFrame, scorer: Scorer) -> None:
    build(tmp_path, rows.drop("probability").head(50), scorer, synthetic=True, made_of="demo/50")
    assert is_current(tmp_path, scorer.model, demo_origin(50))
    assert not is_current(tmp_path, scorer.model, demo_origin(51))
    for name in (profile_file, clients_file):
        (tmp_path / name).rename(tmp_path / "away")
        assert not is_current(tmp_path, scorer.model, demo_origin(50))
        (tmp_path / "away").rename(tmp_path / name)
        assert is_current(tmp_path, scorer.model, demo_origin(50))


def test_clients_of_imported_tables_are_taken_evenly_and_always_the_same(tmp_path: Path, scorer: Scorer) -> None:
    tables = tmp_path / "tables"
    draw_tables(tables, 120, 3)
    (tables / "SYNTHETIC").unlink()
    made_of = tables_origin(tables, 40)
    numbers = []
    for name in ("first", "second"):
        assert build_from(tables, tmp_path / name, scorer, 40, made_of) == 40
        opened = Portfolio.open(tmp_path / name)
        assert not opened.summary.synthetic
        assert is_current(tmp_path / name, scorer.model, made_of)
        numbers.append(opened.index["SK_ID_CURR"].to_list())
    assert numbers[0] == numbers[1]
    assert any(client_history(tmp_path / "first", each, "en").loans for each in numbers[0])
    assert build_from(tables, tmp_path / "all", scorer, 10_000) == 120
    (tables / "application_train.parquet").touch()
    assert tables_origin(tables, 40) != made_of


def test_the_profile_is_of_these_clients_and_decisions(portfolio: Portfolio, rows: pl.DataFrame) -> None:
    found, summary = portfolio.profile, portfolio.summary
    assert found.n_rows == summary.n_clients
    assert found.origin == "demo"
    assert found.threshold == portfolio.threshold
    assert found.accepted_count == (rows["probability"] < portfolio.threshold).sum()
    # What the sidebar shows is the same in both.
    assert found.default_rate == pytest.approx(summary.default_rate)
    assert found.category("CODE_GENDER").shares == pytest.approx(
        {code: share for code, share in summary.gender.items() if share * found.n_rows >= fewest}
    )
    for name, shown in (("AMT_INCOME_TOTAL", summary.income), ("EXT_SOURCE_1", summary.ext_source_1)):
        number = found.number(name)
        assert number.mean == pytest.approx(shown.mean)
        assert number.missing_share == pytest.approx(shown.missing)
        assert number.percentile(shown.median) == pytest.approx(0.5, abs=0.05)
    late = rows["INSTALMENT_LATE_SHARE"].drop_nulls()
    assert found.number("INSTALMENT_LATE_SHARE").mean == pytest.approx(late.mean())


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_text("{}")], ids=["missing", "altered"])
def test_a_portfolio_without_its_profile_goes_on_until_that_is_asked_for(
    tmp_path: Path, rows: pl.DataFrame, scorer: Scorer, spoil
) -> None:
    build(tmp_path, rows.drop("probability", "TARGET").head(50), scorer, synthetic=False)
    assert Portfolio.open(tmp_path).profile.origin == "real"
    assert Portfolio.open(tmp_path).profile.default_rate is None
    spoil(tmp_path / profile_file)
    opened = Portfolio.open(tmp_path)
    assert opened.search().total == 50
    with pytest.raises(PortfolioMissing, match="data portfolio"):
        opened.profile  # noqa: B018


def test_a_portfolio_is_replaced_whole_or_not_at_all(
    tmp_path: Path, scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, seed in (("first", 4), ("second", 5)):
        draw_tables(tmp_path / name, 60, seed)
    folder = tmp_path / "portfolio"
    build_from(tmp_path / "first", folder, scorer, 60)

    def content() -> dict[str, bytes]:
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    before = content()

    def full(_rows: object) -> str:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        # The last that is made, once everything else is written.
        patched.setattr("core.portfolio.building.fingerprint", full)
        with pytest.raises(OSError, match="No space left"):
            build_from(tmp_path / "second", folder, scorer, 60)
    assert content() == before
    (tmp_path / "second" / "credit_card_balance.parquet").unlink()
    build_from(tmp_path / "second", folder, scorer, 60)
    assert content().keys() < before.keys()
    assert all(content()[name] != before[name] for name in (clients_file, profile_file))
