"""What the Import page says and draws, without a browser."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from core.contract.jobs import (
    ColumnAlias,
    JobAbsent,
    JobAnswer,
    JobCaveat,
    JobCaveats,
    JobColumns,
    JobConversion,
    JobPreview,
    JobProgress,
    JobReading,
    ResultRows,
    WorkerState,
)
from core.text.messages import message
from dash_app.components.markup import markup
from dash_app.shell.theme import themes
from dash_app.views.importing import caveats, figures, grid, stages, text
from dash_app.words import verdict
from tests.contracts import partly

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

facts = partly(JobColumns, separator=";", encoding="utf-8", decimal=",")
no_caveats = JobCaveats(rows=1200, unfamiliar_rows=0, unfamiliar=[], lacking_rows=0, missing_essentials=[])


@pytest.fixture(params=["fr", "en"])
def lang(request: pytest.FixtureRequest, server: Flask) -> Iterator[str]:
    with server.test_request_context(headers={"Cookie": f"lang={request.param}"}):
        yield request.param


@pytest.fixture
def counts() -> list[int]:
    rng = np.random.default_rng(1)
    found, _ = np.histogram(rng.beta(2, 20, 5000), bins=100, range=(0, 1))
    return [int(each) for each in found]


def test_a_histogram_shows_every_row_but_the_thin_end(lang: str, counts: list[int]) -> None:
    drawn = figures.histogram(counts, 0.0865, themes["light"]).data[0]
    assert sum(drawn.y) >= 0.99 * sum(counts)
    assert len(drawn.y) < 100
    centres, shapes = np.array(drawn.x), np.array(drawn.marker.pattern.shape)
    assert set(shapes[centres < 0.0865]) == {""}
    assert set(shapes[centres >= 0.0865]) == {"/"}


def test_few_rows_are_counted_one_by_one(lang: str) -> None:
    figure = figures.histogram([2, 0, 1] + [0] * 7, 0.0865, themes["light"])
    assert figure.layout.yaxis.dtick == 1
    words = {"fr": ("2 demandes", "1 demande"), "en": ("2 applications", "1 application")}[lang]
    assert [figure.data[0].customdata[place].split(":")[1].strip() for place in (0, 2)] == list(words)
    assert figures.histogram([200] + [0] * 9, 0.0865, themes["light"]).layout.yaxis.dtick is None


def test_the_scale_of_the_histogram_is_written_as_its_reader_does(lang: str, counts: list[int]) -> None:
    axis = figures.histogram(counts, 0.0865, themes["light"]).layout.xaxis
    assert axis.ticktext[0] == {"fr": "0\u00a0%", "en": "0%"}[lang]
    assert 3 <= len(axis.ticktext) == len(axis.tickvals) <= 6
    assert axis.tickvals[-1] <= axis.range[1] + 1e-9


def test_the_words_beside_the_histogram_are_its_numbers(lang: str, counts: list[int]) -> None:
    said = figures.histogram_text(counts, 3500, 1500, 0.0865)
    assert ("3\u202f500" if lang == "fr" else "3,500") in said
    middle = float(np.median(np.repeat((np.arange(100) + 0.5) / 100, counts)))
    shown = f"{middle * 100:.1f}"
    assert (shown.replace(".", ",") if lang == "fr" else shown) in said


@pytest.mark.parametrize(
    ("count", "fr", "en"),
    [
        (1, "1 octet", "1 byte"),
        (999, "999 octets", "999 bytes"),
        (1500, "1,5\xa0ko", "1.5\xa0kB"),
        (161_000_000, "161\xa0Mo", "161\xa0MB"),
    ],
)
def test_sizes(lang: str, count: int, fr: str, en: str) -> None:
    assert text.size(count) == (fr if lang == "fr" else en)


@pytest.mark.parametrize(("verdict", "sound"), [("ready", 200), ("partly", 150), ("unusable", 0)])
def test_the_verdict_is_said_with_its_numbers(lang: str, verdict: str, sound: int) -> None:
    seen = partly(JobPreview, verdict=verdict, rows=200, sound=sound)
    title, sentence = text.verdict(seen)
    assert title.endswith(".")
    assert "200" in sentence
    if verdict == "partly":
        assert "50" in sentence
        assert "25" in sentence


def test_how_a_file_is_written(lang: str) -> None:
    said = text.written(facts)
    assert ("point-virgule, virgule décimale, UTF-8" if lang == "fr" else "semicolon, decimal comma, UTF-8") in said
    assert text.written(facts.model_copy(update={"separator": None})) == "Parquet"


def running(status: str = "running", **changes: Any) -> JobAnswer:
    """A file of which half is scored; `changes` are of its progress."""
    progress: dict[str, Any] = {
        "share": 0.5,
        "rows_read": 1010,
        "rows_rejected": 10,
        "rows_per_second": 512.4,
        "seconds_left": 75.0,
    }
    return partly(
        JobAnswer,
        status=status,
        file_name="in.csv",
        bytes=10,
        created=datetime(2026, 11, 23, 12, tzinfo=UTC),
        attempts=1,
        columns=facts,
        progress=partly(JobProgress, **(progress | changes)),
        worker=WorkerState(alive="seconds_left" not in changes, seen=None),
    )


def test_progress_says_speed_and_time_left(lang: str) -> None:
    said = text.progress(running())
    for part in ("512", "75", "10"):
        assert part in said


def test_a_worker_that_is_away_is_said_and_nothing_counts_down(lang: str) -> None:
    def shown(found: JobAnswer) -> str:
        return " ".join(str(part) for part in stages.waiting(found))

    away = {"fr": "Aucun service ne note de fichiers", "en": "Nobody scores files"}[lang]
    goes_on = {"fr": "le scoring reprend où il en était", "en": "the scoring goes on from where it was"}[lang]
    assert away not in shown(running())
    assert "75" in shown(running())
    # As the API tells it.
    unknown: dict[str, Any] = {"rows_per_second": None, "seconds_left": None}
    stands = running(**unknown)
    assert away in shown(stands)
    assert goes_on in shown(stands)
    assert "75" not in shown(stands)
    assert "512" not in shown(stands)
    queued = running("queued", **unknown)
    assert away in shown(queued)
    assert goes_on not in shown(queued)


def number(kind: str, **bounds: float) -> dict[str, object]:
    return {"filterType": "number", "type": kind, **bounds}


def beginning(words: str) -> dict[str, object]:
    return {"filterType": "text", "type": "startsWith", "filter": words}


@pytest.mark.parametrize(
    ("model", "wanted"),
    [
        ({}, {}),
        ({"decision": beginning("REFUSÉ")}, {"decision": {"in": ["REFUSÉ"]}}),
        ({"SK_ID_CURR": number("inRange", filter=1, filterTo=5)}, {"SK_ID_CURR": {"min": 1, "max": 5}}),
        ({"probability": number("lessThanOrEqual", filter=0.1)}, {"probability": {"max": 0.1}}),
        ({"NAME_INCOME_TYPE": beginning("Wo")}, {"NAME_INCOME_TYPE": {"prefix": "Wo"}}),
    ],
)
def test_what_the_grid_asks_for_is_what_the_api_is_asked(model: dict[str, object], wanted: dict[str, object]) -> None:
    sort = [{"colId": "probability", "sort": "desc"}]
    query = grid.query({"startRow": 100, "endRow": 200, "sortModel": sort, "filterModel": model})
    assert (query.offset, query.limit, query.sort, query.descending) == (100, 100, "probability", True)
    assert (json.loads(query.filters) if query.filters else {}) == wanted


def test_what_is_to_be_known_is_said_by_column(lang: str) -> None:
    found = JobCaveats(
        rows=1200,
        unfamiliar_rows=3,
        unfamiliar=[JobCaveat(column="AMT_CREDIT", label="", rows=3, text="")],
        lacking_rows=1200,
        missing_essentials=[JobCaveat(column="DAYS_EMPLOYED", label="", rows=1200, text="")],
        readings=[JobReading(column="DAYS_BIRTH", label="", code="sign_turned", rows=7, text="")],
    )
    (shown,) = (markup(each) for each in caveats.card(found))
    column = {"fr": "Ancienneté dans l’emploi", "en": "Time in current job"}[lang]
    assert column in shown
    for code in ("missing_essential", "outside_training", "sign_turned"):
        assert message(code, lang) in shown  # type: ignore[arg-type]
    assert ("1,200 (100%)" if lang == "en" else "1\u202f200 (100") in shown
    assert len(caveats.sentences(found)) == 2


def test_clients_who_are_there_twice_are_counted_without_a_table(lang: str) -> None:
    (shown,) = caveats.card(no_caveats.model_copy(update={"repeated_rows": 1001}))
    said = markup(shown)
    assert ("1\u202f001 lignes sur 1\u202f200" if lang == "fr" else "1,001 of 1,200 rows") in said
    assert "<table" not in said


def test_a_name_with_a_slip_is_a_question(lang: str) -> None:
    columns = facts.model_copy(
        update={"known": [], "unknown": ["amt credt"], "unknown_omitted": 0, "missing": ["AMT_CREDIT"]}
        | {"similar": [ColumnAlias(given="amt credt", name="AMT_CREDIT")]}
    )
    seen = partly(
        JobPreview,
        verdict="ready",
        rows=2,
        sound=2,
        broken=0,
        unused=0,
        columns=columns,
        caveats=no_caveats,
        details=[],
    )
    said = "".join(markup(part) for part in stages.held(running("held"), seen))
    assert ("Vouliez-vous dire AMT_CREDIT" if lang == "fr" else "Did you mean AMT_CREDIT?") in said
    assert "amt credt" in said


@pytest.mark.parametrize("must_confirm", [True, False])
def test_what_carries_the_decision_and_is_missing_is_told_where_it_needs_a_yes(
    lang: str, *, must_confirm: bool
) -> None:
    absent = JobAbsent(share=0.4, columns=["EXT_SOURCE_2"], must_confirm=must_confirm, text="40 % EXT_SOURCE_2")
    columns = facts.model_copy(update={"known": [], "unknown": [], "missing": []})
    seen = partly(
        JobPreview,
        verdict="ready",
        rows=2,
        sound=2,
        broken=0,
        unused=0,
        columns=columns,
        caveats=no_caveats,
        details=[],
        absent=absent,
    )
    said = "".join(markup(part) for part in stages.held(running("held"), seen))
    assert ("40 % EXT_SOURCE_2." in said) == must_confirm


def test_nothing_to_be_known_takes_no_room(lang: str) -> None:
    assert caveats.card(no_caveats) == []
    assert grid.missing_names(None) == ""
    assert (
        grid.missing_names("AMT_CREDIT DAYS_BIRTH")
        == {
            "fr": "montant du crédit, âge",
            "en": "credit amount, age",
        }[lang]
    )


def test_the_grid_shows_the_decision_that_counts_beside_the_models(lang: str) -> None:
    nobody: dict[str, Any] = {"final_decision": None, "officer": None, "decided_at": None}
    model: dict[str, Any] = {
        "row": 2,
        "probability": 0.09996,
        "threshold": 0.09995,
        "decision": "REFUSÉ",
        "risk_category": "Élevé",
    }
    officers: dict[str, Any] = {
        "final_decision": "ACCEPTÉ",
        "officer": "Ada Lovelace",
        "decided_at": "2026-03-02T10:00:00+00:00",
    }
    rows = [model | nobody, model | officers]

    def page(*, decisions_known: bool) -> ResultRows:
        return ResultRows(rows=rows, columns=[], total=2, limit=2, offset=0, decisions_known=decisions_known)

    first, second = grid.shown(page(decisions_known=True), "x")
    # Not 10.0 %, as the threshold reads at the head of the page.
    assert "996" in first["probability"]
    assert first["decision"] == second["decision"] == f"✕ {verdict('REFUSÉ')}"
    assert first["final_decision"].startswith(first["decision"])
    assert second["final_decision"].startswith(f"✓ {verdict('ACCEPTÉ')} (Ada Lovelace, ")
    (unknown, _other) = grid.shown(page(decisions_known=False), "x")
    assert unknown["final_decision"] not in (first["final_decision"], second["final_decision"], "")
    sure = ("certainty", "referral", "referral_reasons", "thin_file")
    labels = dict.fromkeys(("row", "prediction", "decision", "AMT_CREDIT", *officers, *sure), "label")
    shown = ["row", "final_decision", "decision", "referral", "AMT_CREDIT"]
    assert [name for name, _ in grid.in_order(labels)] == shown


def test_a_row_for_a_person_says_why(french: None) -> None:
    row = {"row": 1, "decision": "ACCEPTÉ", "probability": 0.09, "threshold": 0.1, "risk_category": "Modéré"}
    row |= {"final_decision": None, "referral": 1}
    rows = [row | {"referral_reasons": codes} for codes in ("", "close_call", "close_call missing_essentials")]
    page = ResultRows(rows=rows, columns=[], total=3, limit=3, offset=0, decisions_known=True)
    found = [each["referral"] for each in grid.shown(page, "x")]
    assert found[0] == ""
    assert found[1] == "à faire examiner\xa0: cas limite"
    assert found[2] == "à faire examiner\xa0: cas limite, données essentielles absentes"


@pytest.mark.parametrize(
    ("others", "en", "fr"),
    [
        (0, "", ""),
        (
            1,
            " (1 other sheet with such a table was not read)",
            " (1 autre feuille avec un tel tableau n’a pas été lue)",
        ),
        (
            2,
            " (2 other sheets with such tables were not read)",
            " (2 autres feuilles avec de tels tableaux n’ont pas été lues)",
        ),
    ],
)
def test_sheets_of_a_workbook_that_are_not_read_are_said(lang: str, others: int, en: str, fr: str) -> None:
    found = text.converted(JobConversion(kind="XLSX", sheet="January", other_sheets=others))
    sheet = "feuille «\u00a0January\u00a0»" if lang == "fr" else "sheet “January”"
    assert found == f"XLSX, {sheet}{fr if lang == 'fr' else en}"
