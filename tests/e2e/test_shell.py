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


def _is_current(reader: Reader, title: str) -> bool:
    return [each.text for each in reader.all("#shell-navigation a[aria-current='page']")] == [title]


def narrow(reader: Reader, width: int = 390) -> None:
    size = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    reader.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def test_every_page_is_reached_and_names_itself(reader: Reader, portfolio: Portfolio) -> None:
    reader.opens("/")
    tells_services_model_and_dataset(reader, portfolio)
    links = reader.all("#shell-navigation a")
    assert len(links) == 6
    titles = ("Scoring", "Comparaison", "Import et simulation", "Dérive", "Modèle", "Documentation")
    for position, title in enumerate(titles, 1):
        reader.clicks(f"#shell-navigation li:nth-child({position}) a")
        # The Import page is one of two under its name.
        reader.sees("main h1", title.split()[0])
        reader.until(partial(_is_titled, reader, title))
        reader.until(partial(_is_current, reader, title))
        if title == "Modèle":
            tells_the_owner(reader)
        # The journeys of the others begin with the same page, and look at it in this language and theme.
        if title in ("Comparaison", "Modèle"):
            assert reader.violations() == []
    assert reader.complaints() == []


def tells_the_owner(reader: Reader) -> None:
    """Every section of the page Model is there, and what cannot be said is said; on paper all of it is unfolded."""
    reader.until(lambda: not reader.all(".model .skeleton"))
    reader.until(lambda: reader.all(".model-checks li"))
    for section in reader.all(".model-section"):
        assert len(section.text.splitlines()) > 1, section.text
    theme = reader.one("html").get_attribute("data-bs-theme")
    reader.driver.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    assert reader.one("html").get_attribute("data-bs-theme") == "light"
    assert reader.all(".model details:not([open])") == []
    reader.driver.execute_script("window.dispatchEvent(new Event('afterprint'))")
    assert reader.one("html").get_attribute("data-bs-theme") == theme


def tells_services_model_and_dataset(reader: Reader, portfolio: Portfolio) -> None:
    """The sidebar, of what stands behind the pages."""
    assert not reader.one("#shell-model").is_displayed(), "an adviser is not shown the AUC"
    reader.clicks(".sidebar-fold > summary")
    reader.sees('[data-service="api"]', "en ligne")
    reader.sees('[data-service="mlflow"]', "hors ligne")
    reader.sees("#shell-model", "AUC")
    model = reader.text("#shell-model")
    assert "Seuil de décision" in model
    assert "AUC" in model
    assert "données de démonstration synthétiques" in model
    reader.sees("#shell-dataset", "Femmes")
    dataset = reader.text("#shell-dataset")
    assert str(portfolio.summary.n_clients) in dataset
    for name in ("Revenu", "Crédit", "Âge", "Enfants", "Score externe 3", "Femmes"):
        assert name in dataset
    women, men = (each.size["width"] for each in reader.all("#shell-dataset .share"))
    assert women > men > 0
    for link in reader.all(".service-link"):
        assert link.get_attribute("target") == "_blank"
        assert "noopener" in link.get_attribute("rel")
    assert reader.all(".service-link")[1].get_attribute("href").endswith("/docs")
    # Components are told of many steps at once, and of those that concern none of them not at all (assets/js/store.js).
    steps, told = reader.driver.execute_script("return [store.steps, store.told]")
    assert steps > 15 * told > 0


def test_the_client_is_carried_across_pages_and_languages(reader: Reader, portfolio: Portfolio) -> None:
    client = portfolio.search(limit=1).clients[0].client_id
    reader.opens(f"/?client={client}")
    reader.clicks("#shell-navigation li:nth-child(2) a")
    reader.until(lambda: reader.place == f"/comparison?client={client}")
    reader.sees("#shell-crumb", "Client")
    reader.clicks("#shell-languages a[lang='en']")
    reader.sees("main h1", "Comparison")
    reader.until(lambda: reader.place == f"/comparison?client={client}")
    assert reader.driver.execute_script("return document.documentElement.lang") == "en"
    reader.clicks("#shell-crumb a")
    reader.sees("#scoring-banner", "in 100")
    reader.presses("/")
    reader.sees("#shell-finder-options", "Recent clients")
    assert [each.get_attribute("href") for each in reader.all("#shell-finder-options a")] == [
        f"{reader.url}/?client={client}"
    ]
    assert reader.complaints() == []


def test_theme_and_rail_change_at_once_and_stay(reader: Reader, portfolio: Portfolio) -> None:
    from dash_app.shell.theme import themes

    reader.opens(f"/comparison?client={portfolio.search(limit=1).clients[0].client_id}")
    reader.until(lambda: reader.all(".js-plotly-plot"))
    # From the address that the browser may keep, in place of the one that Dash asks for (assets/js/figures.js).
    loaded = "return [...document.scripts].map(each => each.getAttribute('src')).filter(src => /plotly[.]/.test(src))"
    assert reader.driver.execute_script(loaded) == [reader.one("html").get_attribute("data-plotly")]
    reader.clicks("#shell-theme-toggle")
    reader.until(lambda: reader.one("html").get_attribute("data-bs-theme") == "dark")
    drawn = "return document.querySelector('.js-plotly-plot').layout.font.color"
    reader.until(lambda: reader.driver.execute_script(drawn) == themes["dark"].ink_muted)

    wide = reader.one("#sidebar").size["width"]
    reader.clicks("[data-action='collapse-sidebar']")
    reader.until(lambda: reader.one("#sidebar").size["width"] < wide / 2)
    reader.until(lambda: reader.one("[data-action='collapse-sidebar']").get_attribute("aria-expanded") == "false")
    assert reader.violations() == []

    # Also on a page that is loaded anew, where it is only said that there is none.
    reader.opens("/nowhere")
    assert reader.one("html").get_attribute("data-bs-theme") == "dark"
    reader.until(lambda: reader.one("#sidebar").size["width"] < wide / 2)
    reader.sees("main", "Cette page n’existe pas")
    reader.until(lambda: reader.all("main a"))


def test_on_a_phone_the_sidebar_is_a_drawer(reader: Reader) -> None:
    narrow(reader, 320)
    reader.opens("/")
    # Under transitions as without: the focus can only go to what is visible by then.
    opens_and_closes_the_drawer(reader, "reduce", 4, "Dérive")
    narrow(reader, 390)
    opens_and_closes_the_drawer(reader, "no-preference", 6, "Documentation")
    assert reader.complaints() == []


def opens_and_closes_the_drawer(reader: Reader, motion: str, position: int, title: str) -> None:
    """By its button, by Escape, and by going to a page."""
    moves = {"name": "prefers-reduced-motion", "value": motion}
    reader.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [moves]})
    reader.until(lambda: not reader.one("#sidebar").is_displayed())
    reader.clicks(".menu-button")
    reader.until(lambda: reader.one("#sidebar").is_displayed())
    reader.until(lambda: reader.driver.execute_script("return document.activeElement.closest('#sidebar') !== null"))
    assert reader.violations() == []
    reader.presses(Keys.ESCAPE)
    reader.until(lambda: not reader.one("#sidebar").is_displayed())
    reader.clicks(".menu-button")
    reader.clicks(f"#shell-navigation li:nth-child({position}) a")
    reader.sees("main h1", title)
    reader.until(lambda: not reader.one("#sidebar").is_displayed())
