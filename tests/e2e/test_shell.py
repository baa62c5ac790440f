"""What stays while pages change: navigation, language, theme, sidebar, on desk and phone, by mouse and by keyboard."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.keys import Keys

from tests.e2e.reader import Reader

if TYPE_CHECKING:
    from dash.testing.browser import Browser

    from core.portfolio.clients import Portfolio
    from tests.e2e.conftest import Served


@pytest.fixture
def reader(dash_br: Browser, dashboard_service: Served) -> Reader:
    return Reader(dash_br, dashboard_service.url)


def _is_titled(reader: Reader, title: str) -> bool:
    return bool(reader.driver.title.startswith(f"{title} ·"))


def narrow(reader: Reader, width: int = 390) -> None:
    size = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    reader.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def test_every_page_is_reached_and_names_itself(reader: Reader) -> None:
    reader.opens("/")
    links = reader.all("#shell-navigation a")
    assert len(links) == 5
    for position, title in enumerate(("Scoring", "Comparaison", "Import et simulation", "Dérive", "Documentation"), 1):
        reader.clicks(f"#shell-navigation li:nth-child({position}) a")
        # The Import page is one of two under its name.
        reader.sees("main h1", title.split()[0])
        reader.until(partial(_is_titled, reader, title))
        current = reader.until(lambda: reader.all("#shell-navigation a[aria-current='page']"))
        assert [each.text for each in current] == [title]
        assert reader.violations() == []
    assert reader.complaints() == []


def test_the_sidebar_tells_services_model_and_dataset(reader: Reader, portfolio: Portfolio) -> None:
    reader.opens("/")
    assert not reader.one("#shell-model").is_displayed(), "an adviser is not shown the AUC"
    reader.clicks(".sidebar-fold > summary")
    assert "en ligne" in reader.text('[data-service="api"]')
    assert "hors ligne" in reader.text('[data-service="mlflow"]')
    model = reader.text("#shell-model")
    assert "Seuil de décision" in model
    assert "AUC" in model
    assert "données de démonstration synthétiques" in model
    dataset = reader.text("#shell-dataset")
    assert str(portfolio.summary.n_clients) in dataset
    for name in ("Revenu", "Crédit", "Âge", "Enfants", "Score externe 3", "Femmes"):
        assert name in dataset
    for link in reader.all(".service-link"):
        assert link.get_attribute("target") == "_blank"
        assert "noopener" in link.get_attribute("rel")
    assert reader.all(".service-link")[1].get_attribute("href").endswith("/docs")
    # Components are told of many steps at once (assets/js/store.js).
    steps, told = reader.driver.execute_script("return [store.steps, store.told]")
    assert steps > 5 * told > 0


def test_the_client_is_carried_across_pages_and_languages(reader: Reader, portfolio: Portfolio) -> None:
    client = portfolio.search(limit=1).clients[0].client_id
    reader.opens(f"/?client={client}")
    reader.clicks("#shell-navigation li:nth-child(2) a")
    reader.until(lambda: reader.place == f"/comparison?client={client}")
    reader.sees("#shell-crumb", "Client")
    reader.clicks("#shell-languages a[lang='en']")
    reader.sees("main h1", "Comparison")
    assert reader.place == f"/comparison?client={client}"
    assert reader.driver.execute_script("return document.documentElement.lang") == "en"
    reader.clicks("#shell-crumb a")
    reader.sees("#scoring-banner", "in 100")
    reader.presses("/")
    reader.sees("#shell-finder-options", "Recent clients")
    assert [each.get_attribute("href") for each in reader.all("#shell-finder-options a")] == [
        f"{reader.url}/?client={client}"
    ]
    assert reader.complaints() == []


def test_the_theme_changes_at_once_and_stays(reader: Reader, portfolio: Portfolio) -> None:
    from dash_app.shell.theme import themes

    reader.opens(f"/comparison?client={portfolio.search(limit=1).clients[0].client_id}")
    reader.until(lambda: reader.all(".js-plotly-plot"))
    reader.clicks("#shell-theme-toggle")
    reader.until(lambda: reader.one("html").get_attribute("data-bs-theme") == "dark")
    drawn = "return document.querySelector('.js-plotly-plot').layout.font.color"
    reader.until(lambda: reader.driver.execute_script(drawn) == themes["dark"].ink_muted)
    reader.opens("/drift")
    assert reader.one("html").get_attribute("data-bs-theme") == "dark"


def test_the_sidebar_becomes_a_rail_and_remembers(reader: Reader) -> None:
    reader.opens("/")
    wide = reader.one("#sidebar").size["width"]
    reader.clicks("[data-action='collapse-sidebar']")
    reader.until(lambda: reader.one("#sidebar").size["width"] < wide / 2)
    assert reader.one("[data-action='collapse-sidebar']").get_attribute("aria-expanded") == "false"
    assert reader.violations() == []
    reader.driver.refresh()
    reader.until(lambda: reader.all("#shell-navigation a"))
    assert reader.one("#sidebar").size["width"] < wide / 2


@pytest.mark.parametrize(("width", "motion"), [(320, "reduce"), (390, "no-preference")])
def test_on_a_phone_the_sidebar_is_a_drawer(reader: Reader, portfolio: Portfolio, width: int, motion: str) -> None:
    narrow(reader, width)
    # Under transitions as without: the focus can only go to what is visible by then.
    moves = {"name": "prefers-reduced-motion", "value": motion}
    reader.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [moves]})
    reader.opens("/")
    assert not reader.one("#sidebar").is_displayed()
    reader.clicks(".menu-button")
    reader.until(lambda: reader.one("#sidebar").is_displayed())
    assert reader.driver.execute_script("return document.activeElement.closest('#sidebar') !== null")
    assert reader.violations() == []
    reader.presses(Keys.ESCAPE)
    reader.until(lambda: not reader.one("#sidebar").is_displayed())
    reader.clicks(".menu-button")
    reader.clicks("#shell-navigation li:nth-child(4) a")
    reader.sees("main h1", "Dérive")
    reader.until(lambda: not reader.one("#sidebar").is_displayed())
    for path in ("/", f"/?client={portfolio.search(limit=1).clients[0].client_id}", "/?new=1", "/documentation"):
        reader.opens(path)
        assert not reader.is_wider_than_the_window(), path
    assert reader.complaints() == []


def test_by_keyboard_alone(reader: Reader) -> None:
    reader.opens("/")
    reader.presses(Keys.TAB)
    reader.presses(Keys.ENTER)
    reader.until(lambda: reader.focused == "main")
    reader.presses("/")
    assert reader.focused == "shell-finder-input"
    control = reader.one("#shell-finder-input")
    assert control.get_attribute("role") == "combobox"
    assert control.get_attribute("aria-expanded") == "true"
    control.send_keys("900")
    reader.until(lambda: len(reader.all("#shell-finder-options a[role='option']")) == 8)
    reader.presses(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ARROW_UP)
    first = reader.all("#shell-finder-options a[role='option']")[0]
    assert control.get_attribute("aria-activedescendant") == first.get_attribute("id")
    assert reader.violations() == []
    reader.presses(Keys.ESCAPE)
    assert control.get_attribute("aria-expanded") == "false"


def test_an_address_that_leads_nowhere_says_so(reader: Reader) -> None:
    reader.opens("/nowhere")
    reader.sees("main", "Cette page n’existe pas")
    assert reader.all("main a")
