"""Drift in the browser: a first comparison, a file that is sent, a column that opens, reports that are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
import requests
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from core.drift.history import History
from core.portfolio.clients import Portfolio, clients_file
from tests.e2e.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dash.testing.browser import Browser

    from tests.e2e.conftest import Served


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory, portfolio_dir: Path) -> Path:
    folder = tmp_path_factory.mktemp("drift-data")
    (folder / "portfolio").symlink_to(portfolio_dir)
    return folder


@pytest.fixture(scope="module")
def api(serve: Callable[..., Served], data_dir: Path) -> Served:
    own = {"DATA_DIR": data_dir, "JOBS_DIR": data_dir / "jobs", "AUDIT_FILE": data_dir / "audit.db"}
    return serve("api", **{name: str(path) for name, path in own.items()})


@pytest.fixture(scope="module")
def dashboard(serve: Callable[..., Served], api: Served) -> Served:
    return serve("dashboard", API_URL=api.url)


@pytest.fixture
def no_report(data_dir: Path) -> None:
    """Nothing has been compared yet."""
    history = History(data_dir / "drift")
    for kept in history.all():
        history.remove(kept)


@pytest.fixture
def report(api: Served) -> None:
    """The test set has been compared with the portfolio."""
    sides = {"reference": "test", "current": "portfolio"}
    compared = requests.post(f"{api.url}/data/drift", json=sides, timeout=300)
    assert compared.ok, compared.text


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory, portfolio: Portfolio) -> Path:
    """A file with lower external scores, and a housing type that nobody knows."""
    rows = pl.read_parquet(portfolio.folder / clients_file).drop("probability")
    path = tmp_path_factory.mktemp("files") / "novembre.csv"
    rows.with_columns(pl.col("^EXT_SOURCE_.$") * 0.4, NAME_HOUSING_TYPE=pl.lit("Houseboat")).write_csv(path)
    return path


def opener(name: str) -> str:
    return f"#drift-opener-{name}"


def detail(name: str) -> str:
    return f"#drift-detail-{name}"


def phone(reader: Reader, width: int) -> None:
    size = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    reader.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


@pytest.mark.usefixtures("no_report")
def test_from_the_first_comparison_to_an_old_report(dash_br: Browser, dashboard: Served, moved: Path) -> None:
    reader = Reader(dash_br, dashboard.url, "fr")
    reader.opens("/drift")
    # Nothing is there yet, and the way to the first report stands open.
    reader.sees("#drift-problem", "Rien n’a encore été comparé.")
    reader.sees("#drift-past", "Aucun rapport")
    reader.sees("#drift-told", "DRIFT_WEBHOOK_URL")
    reader.until(lambda: reader.one("#drift-compare").is_displayed())
    reader.until(lambda: reader.all("#drift-upload-file"))
    reader.clicks(".drift-limits > summary")
    assert reader.violations() == []

    # The test set against the portfolio.
    reader.clicks("#drift-compare")
    reader.sees("#drift-compare-note", "Comparaison faite.")
    reader.sees("#drift-verdict", "jeu de test")
    first = reader.until(lambda: reader.place if "report=" in reader.place else None)
    reader.until(lambda: reader.all("#drift-score .js-plotly-plot"))
    reader.sees("#drift-performance", "TARGET")

    # A file goes through the dashboard to the API, and is compared.
    reader.types("#drift-upload-file", str(moved))
    reader.sees("#drift-upload .upload-state", "novembre.csv est prêt")
    reader.until(lambda: Select(reader.one("#drift-current")).first_selected_option.text.startswith("Fichier"))
    reader.clicks("#drift-compare")
    reader.sees("#drift-verdict h2", "Alerte")
    reader.sees("#drift-verdict", "novembre.csv")
    reader.until(lambda: reader.place != first)
    reader.sees("#drift-performance", "Erreur de calibration")
    reader.sees("#drift-segments", "Notés autrement qu’avant")

    # A column opens to its distributions; its neighbours are found by name.
    reader.clicks(opener("EXT_SOURCE_3"))
    reader.until(lambda: len(reader.all(f"{detail('EXT_SOURCE_3')} .js-plotly-plot")) == 2)
    reader.until(lambda: reader.one(opener("EXT_SOURCE_3")).get_attribute("aria-expanded") == "true")
    reader.sees(detail("EXT_SOURCE_3"), "Ce qui a le plus bougé")
    assert reader.violations() == []
    reader.clicks(opener("EXT_SOURCE_3"))
    reader.until(lambda: not reader.one(detail("EXT_SOURCE_3")).is_displayed())
    reader.types("#drift-search", "logement")
    reader.until(lambda: reader.all(opener("NAME_HOUSING_TYPE")) and not reader.all(opener("EXT_SOURCE_3")))

    keeps(reader, first)
    phone(reader, 320)
    finds_a_column(reader)
    reader.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    reads_in_english(reader, first)
    assert reader.complaints() == []


def keeps(reader: Reader, first: str) -> None:
    """The report is kept: as files, and in the list."""
    for kind, beginning in (("html", "<!"), ("json", "{")):
        address = reader.one(f"#drift-{kind}").get_attribute("href")
        fetched = reader.driver.execute_async_script(
            "const done = arguments[1]; fetch(arguments[0]).then(async r =>"
            " done([r.headers.get('content-disposition'), (await r.text()).trim().slice(0, 2)]))",
            address,
        )
        assert fetched[0].startswith('attachment; filename="drift-')
        assert fetched[1].lower().startswith(beginning)
    reader.until(lambda: reader.all("#drift-past .js-plotly-plot"))
    reader.until(lambda: len(reader.all("#drift-past a.drift-open")) == 1)
    reader.clicks("#drift-past a.drift-open")
    reader.until(lambda: reader.place == first)
    reader.sees("#drift-verdict", "jeu de test")


def reads_in_english(reader: Reader, first: str) -> None:
    """The same in the other language, the report as well."""
    reader.clicks("#shell-languages a[lang='en']")
    reader.sees("#drift-verdict", "test set")
    reader.until(lambda: reader.place == first)
    reader.sees("#drift-past", "Alert")
    reader.clicks("#drift-past a.drift-open")
    reader.sees("#drift-verdict h2", "Alert")
    reader.clicks(opener("NAME_HOUSING_TYPE"))
    reader.sees(detail("NAME_HOUSING_TYPE"), "rare or never seen")
    address = reader.one("#drift-html").get_attribute("href")
    page = reader.driver.execute_async_script(
        "const done = arguments[1]; fetch(arguments[0]).then(async r => done(await r.text()))", address
    )
    assert '<html lang="en">' in page
    assert reader.violations() == []


def test_what_cannot_be_compared_is_said(dash_br: Browser, dashboard: Served, tmp_path: Path) -> None:
    reader = Reader(dash_br, dashboard.url, "en")
    reader.opens("/drift?report=20200101T000000.000Z-none")
    reader.sees("#drift-problem", "There is no such report.")
    opens_the_setup(reader)
    other = tmp_path / "other.csv"
    other.write_text("a;b\n1;2\n")
    reader.types("#drift-upload-file", str(other))
    reader.sees("#drift-upload .upload-state.is-wrong", "column")
    reader.chooses("#drift-current", "live")
    reader.until(lambda: reader.one("#drift-period").is_displayed())
    reader.until(lambda: not reader.one("#drift-reference-period").is_displayed())
    reader.clicks("#drift-compare")
    reader.sees("#drift-compare-note", "There is nothing to compare")
    # In the other language: the same switches, and a comma in a limit.
    reader.turns_to("fr")
    opens_the_setup(reader)
    reader.chooses("#drift-current", "live")
    reader.until(lambda: reader.one("#drift-period").is_displayed())
    limit = '[id*=\'"bound":"moderate","name":"psi"\']'
    reader.driver.execute_script("arguments[0].closest('details').open = true", reader.one(limit))
    reader.types(limit, Keys.CONTROL, "a")
    reader.types(limit, "0,9")
    reader.clicks("#drift-compare")
    reader.sees("#drift-compare-note", reader.says("{name}: “moderate” must not be above “major”.", name=""))


def opens_the_setup(reader: Reader) -> None:
    """Where a report is shown it is folded away."""
    reader.until(lambda: reader.all("#drift-upload-file"))
    if not reader.one("#drift-compare").is_displayed():
        reader.clicks("#drift-setup > summary")


def finds_a_column(reader: Reader) -> None:
    """Among all, some of which are shown at a time, by a part of its name."""
    reader.types("#drift-search", Keys.CONTROL, "a")
    reader.types("#drift-search", Keys.DELETE)
    # The radio button lies, unseen, over its label.
    every = reader.one('#drift-level input[value="all"]')
    reader.driver.execute_script("arguments[0].click()", every)
    reader.sees("#drift-columns-count", " 20")
    reader.clicks("#drift-onward")
    reader.sees("#drift-columns-count", " 40")
    reader.types("#drift-search", "AMT_CREDIT")
    reader.until(lambda: reader.all(opener("AMT_CREDIT")) and len(reader.all(".drift-row")) < 20)
    reader.clicks(opener("AMT_CREDIT"))
    reader.until(lambda: reader.all(f"{detail('AMT_CREDIT')} .js-plotly-plot"))
    reader.until(lambda: not reader.is_wider_than_the_window())
    assert reader.violations() == []


@pytest.mark.usefixtures("report")
def test_in_the_dark_and_on_a_phone(dash_br: Browser, dashboard: Served) -> None:
    reader = Reader(dash_br, dashboard.url, "en", "dark")
    reader.opens("/drift")
    reader.until(lambda: reader.all("#drift-score .js-plotly-plot"))
    finds_a_column(reader)
    phone(reader, 390)
    reader.until(lambda: reader.driver.execute_script("return innerWidth") == 390)
    reader.until(lambda: not reader.is_wider_than_the_window())
    assert reader.violations() == []
    assert reader.complaints() == []
