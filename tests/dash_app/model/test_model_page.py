"""The page Model on the real API: its numbers against the raw record, what is said of each state, both languages."""

from __future__ import annotations

import importlib
import re
import sqlite3
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from html import unescape
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from dash import html, no_update

from api import audit
from api import create_app as create_api
from core.audit.approvals import Approval, record_approval
from core.audit.engine import Database, database_url
from core.contract.health import RegistryState
from core.contract.model import ModelEvaluation
from core.contract.record.outcomes import MonthCoverage, total_coverage
from core.contract.record.overrides import OverrideAlarm
from core.model import artefacts
from core.outcomes.synthetic.year import play
from core.settings import Settings
from core.text.formats import format_date, format_number
from dash_app.service import NotFound, Readiness, ServiceHealth, ServiceUnavailable
from dash_app.service.client import ApiClient
from dash_app.service.drift import DriftService
from dash_app.services import DashboardServices
from dash_app.shell.theme import themes
from dash_app.validation import document, parts
from dash_app.views.drift import outcomes
from dash_app.views.drift.parts import month
from dash_app.views.model import approvals, checks, coverage, description, drift, figures, health, performance, summary
from tests.adapters import Answering, Wsgi, reply
from tests.components import spoken, walk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dash import Dash

    from core.catalogue import Language
    from core.contract.record.performance import GroupPerformance, PerformanceAnswer
    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer
    from dash_app.service import LocalScoring
    from dash_app.views.model.checks import ModelCheck

played_until = datetime(2026, 11, 28, tzinfo=UTC)
light = themes["light"]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, models_dir: Path, scorer: Scorer) -> Settings:
    """A record with a year of business, and two approvals: of another model, then of the one in use."""
    folder = tmp_path_factory.mktemp("owner")
    made = Settings(models_dir=models_dir, data_dir=folder, database_url=None, audit_file=folder / "audit.db")
    database = Database.open(database_url(made))
    play(database, scorer, clients=300, months=12, shift=0.3, seed=3, now=played_until, challenger=scorer)
    record_approval(database, Approval("A. Petit", "first release", "0.9.0 (version 1)", "0" * 64, "auc: 0.7700"))
    digest = artefacts.config_sha256(models_dir)
    named = f"{scorer.model.version} (version 2)"
    record_approval(database, Approval("V. Ali", "better calibrated", named, digest, "auc: 0.7733"))
    database.close()
    return made


@pytest.fixture(scope="module")
def api(settings: Settings, scorer: Scorer, portfolio: Portfolio) -> Iterator[ApiClient]:
    app = create_api(settings, scorer, portfolio)
    yield ApiClient("http://api", 60, adapter=Wsgi(app))
    audit.close(app)


@pytest.fixture(scope="module")
def owner(api: ApiClient) -> DriftService:
    return DriftService(api)


@pytest.fixture(scope="module")
def answer(api: ApiClient) -> PerformanceAnswer:
    return DriftService(api).performance()


@pytest.fixture(scope="module")
def trained(models_dir: Path) -> ModelEvaluation:
    return ModelEvaluation.model_validate_json(artefacts.read_report(models_dir))


@pytest.fixture(params=["french", "english"])
def reading(request: pytest.FixtureRequest) -> str:
    request.getfixturevalue(request.param)
    return str(request.param)


@pytest.fixture
def page(dashboard: Dash) -> Any:
    return importlib.import_module("dash_app.pages.model")


def cells(component: object) -> list[list[str]]:
    """The rows of the first table within."""
    table = next(each for each in walk(component) if isinstance(each, html.Table))
    body = next(each for each in walk(table) if isinstance(each, html.Tbody))
    return [[spoken(cell) for cell in row.children] for row in body.children]


def facts(component: object) -> dict[str, str]:
    """What a list of facts says, by name."""
    lines = [each.children for each in walk(component) if isinstance(each, html.Div)]
    return {
        spoken(line[0]): spoken(line[1])
        for line in lines
        if isinstance(line, list) and len(line) == 2 and isinstance(line[0], html.Dt)
    }


def level(found: list[ModelCheck], name: str) -> str:
    return next(check.level for check in found if check.name == name)


def raw(settings: Settings, query: str) -> pd.DataFrame:
    with sqlite3.connect(settings.audit_file) as record:
        return pd.read_sql_query(query, record)


def test_the_coverage_is_that_of_the_raw_record(owner: DriftService, settings: Settings, english: None) -> None:
    decided = raw(settings, "SELECT id, time, decision FROM predictions").set_index("id")
    final = raw(settings, "SELECT prediction_id, decision FROM officer_decisions").set_index("prediction_id")
    known = set(raw(settings, "SELECT prediction_id FROM outcomes")["prediction_id"])
    decided.loc[final.index, "decision"] = final["decision"]
    decided["state"] = [
        "known" if key in known else "waiting" if decision == "ACCEPTÉ" else "refused"
        for key, decision in decided["decision"].items()
    ]
    counts = pd.crosstab(decided["time"].str[:7], decided["state"])
    body = coverage.section(owner.coverage(), light)
    expected = [
        [month(str(name)), *map(str, (row.sum(), row["known"], row["waiting"], row["refused"]))]
        for name, row in counts.iterrows()
    ]
    assert [row[:5] for row in cells(body)] == expected
    assert list(facts(body).values()) == [
        str(len(decided)), *(str(counts[state].sum()) for state in ("known", "waiting", "refused"))
    ]  # fmt: skip
    of_figure = figures.by_month(owner.coverage().months, light).data
    assert [list(bars.y) for bars in of_figure] == [list(counts[name]) for name in ("known", "waiting", "refused")]


def test_approvals_and_review_are_those_of_the_raw_record(
    owner: DriftService, settings: Settings, reading: str
) -> None:
    rows = raw(settings, "SELECT * FROM audit_statements WHERE kind = 'approval' ORDER BY time DESC")
    body = approvals.section(owner.approvals())
    listed = cells(body)
    assert [line[2] for line in listed] == list(rows["officer"])
    assert [line[3] for line in listed] == list(rows["reason"])
    assert [line[4] for line in listed] == list(rows["checks"])
    in_use = {"french": "en service", "english": "in use"}[reading]
    assert [line[0] for line in listed] == [f"{rows['model_version'][0]} · {in_use}", rows["model_version"][1]]
    # Counted from the last approval of the model in use, by pandas' calendar.
    due = pd.Timestamp(rows["time"][0]).normalize() + pd.DateOffset(months=settings.model_review_months)
    day = format_date(due.to_pydatetime(), "fr" if reading == "french" else "en")
    said = {"french": f"Prévue le {day}.", "english": f"Due on {day}."}[reading]
    assert said in facts(body).values()
    assert {check.level for check in checks.of_approvals(owner.approvals())} == {"fine"}


def test_an_overdue_review_and_a_version_that_nobody_approved_need_attention(owner: DriftService, reading: str) -> None:
    found = owner.approvals()
    late = found.next_review.model_copy(update={"due": date(2026, 1, 31), "overdue": True, "basis": "training"})
    others = [approval.model_copy(update={"in_use": False}) for approval in found.approvals]
    unapproved = found.model_copy(update={"next_review": late, "approvals": others})
    assert [check.level for check in checks.of_approvals(unapproved)] == ["attention", "attention"]
    overdue = {"french": "En retard depuis le 31 janvier 2026.", "english": "Overdue since January 31, 2026."}[reading]
    assert overdue in spoken(approvals.section(unapproved))
    nobody = unapproved.model_copy(update={"approvals": []})
    assert checks.of_approvals(nobody)[0].level == "watch"
    assert "run.py model approve" in spoken(approvals.section(nobody))
    visitor = others[0].model_copy(update={"officer": None, "reason": None})
    assert "None" not in spoken(approvals.table([visitor]))


def test_outcomes_that_are_due_and_did_not_come_need_attention(owner: DriftService, english: None) -> None:
    found = owner.coverage()
    name = "Coverage of outcomes"
    assert level(checks.of_coverage(found, played_until.date()), name) == "fine"
    # In two years, what waits today is due.
    assert level(checks.of_coverage(found, date(2028, 12, 1)), name) == "attention"
    for nothing in ({"months": [], "decisions": 0}, {"with_outcome": 0}):
        assert level(checks.of_coverage(found.model_copy(update=nothing), played_until.date()), name) == "unknown"
    empty = found.model_copy(update={"months": [], "decisions": 0})
    assert "Nothing has been decided yet." in spoken(coverage.section(empty, light))


@pytest.mark.parametrize(
    ("waiting", "level_expected", "expected"),
    [
        (0, "fine", "100 of 130 outcomes are known; none of the others is due, a year after the decision."),
        (
            10,
            "fine",
            "100 of 130 outcomes are known; of those due, a year after the decision, 10 of 100 have not come.",
        ),
        (11, "attention", "Of the decisions of a year ago and earlier, 11 of 101 outcomes have not come."),
    ],
)
def test_outcomes_that_are_due_are_counted_to_the_last(
    english: None, waiting: int, level_expected: str, expected: str
) -> None:
    due = MonthCoverage(month="2024-01", decisions=90 + waiting, with_outcome=90, waiting=waiting, refused=0)
    later = MonthCoverage(month="2026-01", decisions=40, with_outcome=10, waiting=30 - waiting, refused=0)
    (found,) = checks.of_coverage(total_coverage([due, later]), date(2026, 6, 1))
    assert (found.level, found.found) == (level_expected, expected)


def test_officers_who_confirm_everything_are_counted_whatever_the_alarms(
    answer: PerformanceAnswer, trained: ModelEvaluation, english: None
) -> None:
    whole = answer.overrides[0].model_copy(update={"decisions": 90, "overrides": 0, "rate": 0.0})
    officer = whole.model_copy(update={"dimension": "officer", "decisions": 45})
    few = officer.model_copy(update={"few": True, "decisions": 3})
    other = officer.model_copy(update={"overrides": 1})
    groups = [whole, officer, officer, other, few]
    assert facts(performance.officers(groups))["Officers who confirm everything"] == "2, of all decisions on record"
    assert answer.override_checks is not None
    alarm = OverrideAlarm.model_validate(
        dict.fromkeys(OverrideAlarm.model_fields)
        | {"kind": "nobody_overrules", "dimension": "all", "value": "", "decisions": 90, "overrides": 0}
        | dict.fromkeys(("rate", "rate_low", "rate_high"), 0.0)
        | {"others_decisions": 0, "others_overrides": 0}
    )
    # The alarm is of the last year, which is said; an earlier version of the service looks at all.
    for since, when in (("2025-11", "since Nov 2025"), (None, "until now")):
        alarmed = answer.override_checks.model_copy(update={"alarms": [alarm], "since": since})
        judged = answer.model_copy(update={"overrides": groups, "override_checks": alarmed})
        found = checks.of_performance(judged, trained)[-1]
        said = f"No officer has decided otherwise than the model {when}, on 90 decisions."
        assert (found.level, found.found) == ("watch", said)


def test_back_testing_is_told_with_its_checks(
    answer: PerformanceAnswer, trained: ModelEvaluation, reading: str
) -> None:
    whole = answer.whole
    assert whole is not None
    lang: Language = "fr" if reading == "french" else "en"
    body = performance.section(answer, light)
    assert cells(body)[0][1] == format_number(whole.rows, lang)
    # The figures are of all versions, what is judged is of one: both say so.
    assert {"french": "toutes les versions", "english": "all versions"}[reading] in spoken(body[0])
    found = {check.name: check for check in checks.of_performance(answer, trained)}
    dishonest = answer.model_copy(update={"settled": settled(whole, 0.5, 0.4, 0.6)})
    judged = checks.of_performance(dishonest, trained)[0]
    assert judged.level == "attention"
    assert {"french": "avec le modèle en service", "english": "with the model in use"}[reading] in judged.found
    assert found["Challenger"].level == "fine"
    assert spoken(performance.challenger(None))
    assert answer.challenger is not None
    assert answer.challenger.challenger_version in spoken(performance.challenger(answer.challenger))
    officers = answer.overrides[0]
    assert format_number(officers.decisions, lang) in facts(performance.officers(answer.overrides)).values()
    assert spoken(performance.officers([]))
    empty = answer.model_copy(update={"groups": [], "hidden": []})
    assert [check.level for check in checks.of_performance(empty, trained)][:2] == ["unknown", "unknown"]
    assert "run.py outcomes import" in spoken(performance.section(empty, light))


def settled(like: GroupPerformance, rate: float, low: float, high: float) -> GroupPerformance:
    rates = {"default_rate": rate, "default_rate_low": low, "default_rate_high": high, "mean_probability": 0.1}
    return like.model_copy(update={"auc": 0.7, **rates})


def test_the_model_in_use_is_not_judged_by_others_nor_by_a_handful(
    answer: PerformanceAnswer, trained: ModelEvaluation, english: None
) -> None:
    whole = answer.whole
    assert whole is not None

    def found(**changes: object) -> list[tuple[str, str]]:
        changed = answer.model_copy(update=changes)
        return [(check.level, check.found) for check in checks.of_performance(changed, trained)[:2]]

    good = settled(whole, 0.1, 0.09, 0.11)
    assert found(settled=good)[0][0] == "fine"
    few = good.model_copy(update={"rows": 3, "defaults": 0, "auc": None})
    assert found(settled=few)[0] == ("unknown", "Too few outcomes are known.")
    early = "Too early: of each month in which it decided, more than a tenth waits for its outcome."
    assert found(settled=None)[0] == ("unknown", early)
    others = "No outcome of the model in use is known: those on record are of other versions."
    assert found(settled=None, model_version="9.9") == [("unknown", others)] * 2
    older = "Cannot be read: this version of the API does not have it."
    assert found(settled=None, model_version=None) == [("unknown", older)] * 2


@pytest.mark.parametrize(("promised", "expected"), [(0.7, "fine"), (0.75, "attention"), (None, "unknown")])
def test_the_auc_is_held_against_what_the_probabilities_promise(
    answer: PerformanceAnswer, trained: ModelEvaluation, english: None, promised: float | None, expected: str
) -> None:
    assert answer.whole is not None
    # Below that of training either way, as it is of those who were accepted.
    area = {"auc": 0.69, "auc_low": 0.66, "auc_high": 0.72, "auc_promised": promised}
    assert trained.auc.low > 0.72
    assert answer.of_model is not None
    others = answer.whole.model_copy(update={"auc_high": 0.5, "auc_promised": 0.9})
    changed = answer.model_copy(update={"groups": [others, answer.of_model.model_copy(update=area)]})
    found = checks.of_performance(changed, trained)
    assert level(found, "AUC") == expected
    assert "0.690 [0.660 – 0.720] with the model in use" in found[1].found
    assert level(checks.of_performance(changed, None), "AUC") == expected


def test_a_challenger_that_outcomes_tell_apart_waits_for_a_decision(
    answer: PerformanceAnswer, trained: ModelEvaluation, english: None
) -> None:
    assert answer.challenger is not None
    assert answer.challenger.outcomes is not None
    better = answer.challenger.outcomes.model_copy(
        update={"auc_difference": 0.03, "auc_difference_low": 0.01, "auc_difference_high": 0.05}
    )
    ready = answer.model_copy(update={"challenger": answer.challenger.model_copy(update={"outcomes": better})})
    assert level(checks.of_performance(ready, trained), "Challenger") == "attention"
    # Promoted, or asked no more: nothing waits for a decision.
    promoted = ready.model_copy(update={"model_version": "9.9"})
    of_past = answer.challenger.model_copy(update={"outcomes": better, "ended": True})
    ended = ready.model_copy(update={"challenger": of_past})
    version = answer.challenger.champion_version
    former = f"It was last asked beside version {version}, which is no longer in use."
    over = "What is known of it is of the past: it is not asked beside the model in use."
    for past, said in ((promoted, former), (ended, over)):
        found = next(check for check in checks.of_performance(past, trained) if check.name == "Challenger")
        assert (found.level, found.found) == ("fine", said)
    assert f"version {version}: " in facts(performance.challenger(answer.challenger))["Expected cost of a decision"]


def test_the_health_is_told_in_words(owner: DriftService, local: LocalScoring, reading: str) -> None:
    ready, state = owner.readiness(), ServiceHealth(**local.health().model_dump())
    assert [check.level for check in checks.of_health(ready)] == ["fine"]
    assert facts(health.section(ready, state))
    registry = RegistryState(
        version=1,
        wanted=2,
        stand_in="kept",
        last_success=played_until,
        last_error="version 2 cannot be used.",
        last_error_time=played_until,
    )
    followed = Readiness({"model": True, "challenger": False}, registry, "failed")
    assert [check.level for check in checks.of_health(followed)] == ["attention"]
    words = spoken(health.section(followed, state))
    assert "version 2 cannot be used." in words
    stands_in = {"french": "la dernière version en service le remplace", "english": "was last in use stands in"}
    assert stands_in[reading] in words
    without = replace(followed, checks={"model": True})
    assert [check.level for check in checks.of_health(without)] == ["attention"]


@pytest.mark.parametrize("missing", ["model", "audit"])
def test_what_the_api_lacks_is_named(
    models_dir: Path, tmp_path: Path, portfolio: Portfolio, english: None, missing: str
) -> None:
    (tmp_path / "file").touch()
    record = tmp_path / ("file" if missing == "audit" else "data") / "audit.db"
    models = tmp_path if missing == "model" else models_dir
    made = Settings(models_dir=models, data_dir=tmp_path, database_url=None, audit_file=record, audit_required=True)
    app = create_api(made, None, portfolio)
    ready = DriftService(ApiClient("http://api", 60, adapter=Wsgi(app))).readiness()
    audit.close(app)
    assert {name for name, there in ready.checks.items() if not there} == {missing}
    (found,) = checks.of_health(ready)
    words = {"model": "model", "audit": "record"}[missing]
    assert (found.level, found.found) == ("attention", f"Not there: {words}.")


def test_another_answer_of_503_is_none(english: None) -> None:
    busy = Answering(lambda _request: reply(503, {"type": "about:blank", "detail": "later"}))
    with pytest.raises(ServiceUnavailable):
        DriftService(ApiClient("http://api", 60, adapter=busy)).readiness()


def test_no_drift_report_is_said(api: ApiClient, reading: str) -> None:
    reports = DriftService(api).reports(drift.max_listed)
    assert reports.reports == []
    assert [check.level for check in checks.of_drift(reports)] == ["unknown"]
    assert "run.py drift" in spoken(drift.section(reports))


def said(found: list[ModelCheck], *, complete: bool) -> str:
    return summary.verdict(found, complete=complete)[1]


def test_nothing_is_in_order_that_could_not_be_read(english: None) -> None:
    fine = checks.ModelCheck("Drift", "fine", "", "/drift")
    watch = replace(fine, level="watch")
    of_parts = {name: checks.unread(name, "unreachable") for name in parts.sections_of}
    every = [check for found in of_parts.values() for check in found]
    assert said(every, complete=True) == "Cannot be said: 6 points are not known."
    for name, found in of_parts.items():
        level, words = summary.verdict([fine, *found], complete=True)
        assert level == "unknown"
        essential = name in ("health", "approvals", "performance")
        assert words.startswith("Cannot be said: 1 point" if essential else "In order, as far as is known")
        assert said([fine, watch, *found], complete=True).startswith("Cannot" if essential else "Nothing urgent")
    # Nothing is known of any part, although each answered.
    assert said([replace(fine, level="unknown")] * 2, complete=True).startswith("Cannot be said: 2")


def test_the_summary_tells_what_needs_attention_first(reading: str) -> None:
    every = [checks.ModelCheck(name, name, f"{name} found", "/drift") for name in reversed(checks.levels)]
    body = summary.section(every, complete=True)
    listed = [spoken(line) for line in walk(body) if isinstance(line, html.Li)]
    assert [next(name for name in checks.levels if name in line) for line in listed] == list(checks.levels)
    assert "1" in said(every, complete=True)
    calm = said(every[:1], complete=True)
    assert calm == {"french": "En ordre.", "english": "In order."}[reading]
    assert said(every[:1], complete=False) != calm
    assert said(every[:2], complete=True) != calm
    assert said(every[:3], complete=True) != calm


def test_what_cannot_be_read_is_said_and_nothing_is_empty(page: Any, english: None) -> None:
    # Nothing listens where this dashboard looks for the API.
    for name, sections in parts.sections_of.items():
        loaded = parts.part(name, light)
        assert len(loaded.sections) == len(sections)
        if name == "description":
            # The model is at hand without the API.
            assert loaded.version
            assert "in the dashboard’s own image" in spoken(loaded.sections[0])
            continue
        assert all("cannot be read now: unreachable" in spoken(body) for body in loaded.sections)
        assert [(check.level, check.address) for check in loaded.checks] == [("unknown", f"#model-{name}")]
    assert "Periodic validation report" in spoken(description.report_head("1.0", played_until))
    unread = [asdict(check) for check in parts.part("approvals", light).checks]
    # Announced once, when all have answered; until then, it stands with the list, which is not announced.
    told, listed = page._sum_up(unread, *[[]] * 5)
    assert spoken(told).strip() == "Cannot be said: 1 point is not known."
    assert "Cannot be read: unreachable." in spoken(listed)
    told, listed = page._sum_up(unread, *[[]] * 4, None)
    assert told is no_update
    assert "Other parts are still being read." in spoken(listed)
    assert page._sum_up(*[None] * 6) == (no_update, no_update)


def test_another_theme_draws_anew_and_says_only_what_has_changed(
    dashboard: Dash, page: Any, monkeypatch: pytest.MonkeyPatch, english: None
) -> None:
    told: list[tuple[str, Any]] = []
    monkeypatch.setattr(page, "set_props", lambda place, properties: told.append((place, properties["data"])))
    show = page._shown("coverage")
    sections = show(opened=True, checked=None, theme="light")
    ((place, checked),) = told
    assert place == "model-checks-coverage"
    assert spoken(show(opened=True, checked=checked, theme="dark")) == spoken(sections)
    assert len(told) == 1
    # What has changed since the first reading is told: the sections are read anew.
    show(opened=True, checked=[], theme="dark")
    assert told == [(place, checked)] * 2
    live = [each for each in walk(page.layout()) if getattr(each, "aria-live", None)]
    assert [getattr(each, "id", None) for each in live] == ["model-verdict"]


def test_an_older_api_is_said(monkeypatch: pytest.MonkeyPatch, english: None) -> None:
    def absent(_owner: DriftService) -> None:
        raise NotFound("no-such-path")

    monkeypatch.setattr(DriftService, "approvals", absent)
    loaded = parts.part("approvals", light)
    assert "does not have it" in spoken(loaded.sections[0])
    assert description.report_head(None, played_until)


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_report_is_a_file_that_needs_nothing_else(
    dashboard: Dash, api: ApiClient, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    services = dashboard.server.extensions[DashboardServices.key]
    told = replace(services, drift=DriftService(api))
    monkeypatch.setitem(dashboard.server.extensions, DashboardServices.key, told)
    # In the language of the file, whatever the reader's own is.
    answer = dashboard.server.test_client().get(f"/model/report/{lang}.html", headers={"Cookie": "lang=fr"})
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    page = unescape(answer.text)
    titles = {
        "fr": ("Rapport périodique de validation", "Couverture des résultats", "Contrôle a posteriori"),
        "en": ("Periodic validation report", "Coverage of outcomes", "Back-testing"),
    }[lang]
    assert f'<html lang="{lang}">' in page
    assert all(title in page for title in titles)
    assert "better calibrated" in page
    assert page.count("<svg role=") == 2
    left_out = {"fr": "Non dessiné\u00a0: refusée, sans résultat.", "en": "Not drawn: refused, no outcome."}[lang]
    assert page.count(left_out) == 2, "in the name of the chart and below it"
    assert not re.search(r"<script|<link|<img|(src|href)=", page)
    # Every number of the table of the page is in the file.
    with dashboard.server.test_request_context("/", headers={"Cookie": f"lang={lang}"}):
        rows = cells(coverage.section(DriftService(api).coverage(), light))
    assert all(f">{cell}<" in page for row in rows for cell in row)


def test_a_month_above_the_scale_is_named_below_the_chart(answer: PerformanceAnswer, english: None) -> None:
    known = next(group for group in answer.groups if group.dimension == "month")
    drawn = {"value": "2026-01", "default_rate": 0.1, "default_rate_high": 0.2, "mean_probability": 0.1}
    shown = known.model_copy(update=drawn | {"is_early": False})
    above = shown.model_copy(update={"value": "2026-02", "default_rate": 0.9, "is_early": True})
    chart = document.chart(outcomes.by_month([shown, above], light))
    assert f"Above the scale and not drawn: {month('2026-02')}." in chart
    assert chart.count('<rect class="reference"') == 1
    assert "not drawn" not in document.chart(outcomes.by_month([shown], light))


def test_there_is_no_report_in_another_language(dashboard: Dash) -> None:
    assert dashboard.server.test_client().get("/model/report/de.html").status_code == 404
