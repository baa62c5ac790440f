"""The model as the documentation tells it: the same over HTTP and locally, and said to be away where it is."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import requests

from core.catalogue.glossary import terms
from core.contract.glossary import CategoryDistribution, NumberDistribution
from core.model.source import FolderModel, Following
from dash_app.service import ServiceUnavailable
from dash_app.service.client import ApiClient
from dash_app.service.documentation import DocumentationService, LocalDocumentation
from dash_app.service.failover import Failover
from tests.adapters import Answering, parameters_of, reply

if TYPE_CHECKING:
    from pathlib import Path

    from core.scoring import Scorer


def answering(body: object, status: int = 200) -> DocumentationService:
    transport = Answering(lambda _request: reply(status, content=json.dumps(body).encode()))
    return DocumentationService(ApiClient("http://api", 5, adapter=transport))


class TestBothWays:
    def test_the_facts_are_the_same(
        self, http_documentation: DocumentationService, local_documentation: LocalDocumentation
    ) -> None:
        remote, local = http_documentation.facts("fr"), local_documentation.facts("fr")
        assert (remote.source, local.source) == ("api", "local")
        assert remote == replace(local, source="api")

    def test_warnings_are_in_the_language_of_the_reader(self, models_dir: Path) -> None:
        class StandIn(FolderModel):
            def following(self) -> Following:  # type: ignore[override]
                return Following(stand_in="kept")

        local = LocalDocumentation(StandIn(models_dir))
        (french,), (english,) = (local.facts(lang).model.warnings for lang in ("fr", "en"))
        assert "au registre est inutilisable" in french
        assert "asked of the registry" in english
        described = local.facts("fr").model.model_dump(mode="json")
        asked: list[str | None] = []

        def answer(request: requests.PreparedRequest) -> requests.Response:
            asked.append(parameters_of(request).get("lang"))
            return reply(200, json=described | {"features": []})

        DocumentationService(ApiClient("http://api", 5, adapter=Answering(answer))).facts("fr")
        assert asked[0] == "fr"

    def test_the_report_is_the_same_and_is_the_stored_one(
        self, http_documentation: DocumentationService, local_documentation: LocalDocumentation, models_dir: Path
    ) -> None:
        report = http_documentation.report()
        assert report == local_documentation.report()
        stored = json.loads((models_dir / "evaluation.json").read_text(encoding="utf-8"))
        assert report.evaluation.auc == stored["evaluation"]["auc"]
        assert report.auc.low < report.auc.estimate < report.auc.high
        assert len(report.segments) == len(stored["segments"])
        assert [comparison.name for comparison in report.comparisons] == [
            comparison["name"] for comparison in stored["comparisons"]
        ]

    def test_the_card_is_the_same(
        self, http_documentation: DocumentationService, local_documentation: LocalDocumentation
    ) -> None:
        assert http_documentation.card() == local_documentation.card()
        assert http_documentation.card().startswith("# Model card")

    def test_weights_are_those_of_the_model(
        self, http_documentation: DocumentationService, local_documentation: LocalDocumentation, scorer: Scorer
    ) -> None:
        weights = http_documentation.weights()
        assert weights == local_documentation.weights()
        assert len(weights) == scorer.model.n_features
        assert sorted(weight.rank for weight in weights.values()) == list(range(1, scorer.model.n_features + 1))
        assert sum(weight.share for weight in weights.values()) == pytest.approx(1)

    @pytest.mark.parametrize(
        ("table", "name", "kind"),
        [
            ("application", "EXT_SOURCE_3", NumberDistribution),
            ("application", "NAME_HOUSING_TYPE", CategoryDistribution),
            ("features", "CREDIT_INCOME_RATIO", NumberDistribution),
            ("bureau", "DAYS_CREDIT", type(None)),
        ],
    )
    def test_shapes_are_the_same(
        self,
        http_documentation: DocumentationService,
        local_documentation: LocalDocumentation,
        table: str,
        name: str,
        kind: type,
    ) -> None:
        shape = http_documentation.shape(table, name)
        assert shape == local_documentation.shape(table, name)
        assert isinstance(shape, kind)

    def test_the_parts_of_a_page_ask_once_for_the_report_of_a_version(
        self, local_documentation: LocalDocumentation
    ) -> None:
        asked: list[str | None] = []
        content = local_documentation.report().model_dump_json().encode()

        def answer(request: requests.PreparedRequest) -> requests.Response:
            asked.append(request.url)
            return reply(200, content=content)

        service = DocumentationService(ApiClient("http://api", 5, adapter=Answering(answer)))
        assert service.report("1") == service.report("1") == local_documentation.report()
        assert len(asked) == 1
        service.report("2")
        assert len(asked) == 2, "another version has a report of its own"
        service.report()
        assert len(asked) == 3, "nothing is held of what cannot be told from another"


class TestAway:
    def test_the_second_answers_for_the_first(self, local_documentation: LocalDocumentation) -> None:
        both = Failover[DocumentationService](answering({}, 502), local_documentation).service
        assert both.facts("fr").source == "local"
        assert both.report() == local_documentation.report()
        assert both.card() == local_documentation.card()
        assert both.weights() == local_documentation.weights()
        assert both.shape("application", "AMT_CREDIT") == local_documentation.shape("application", "AMT_CREDIT")

    def test_what_a_later_api_adds_is_ignored(self, local_documentation: LocalDocumentation) -> None:
        report = local_documentation.report()
        later = report.model_dump(mode="json")
        later["auc"]["later"] = later["segments"][0]["later"] = later["later"] = "?"
        assert answering(later).report() == report
        del later["auc"]["low"]
        with pytest.raises(ServiceUnavailable) as caught:
            answering(later).report()
        assert caught.value.fault == "http"

    def test_an_answer_of_another_shape_is_none(self) -> None:
        other = answering({"hello": "there"})
        for ask in (lambda: other.facts("fr"), other.report, other.weights):
            with pytest.raises(ServiceUnavailable):
                ask()

    def test_no_model_is_said(self, tmp_path: Path) -> None:
        nothing = LocalDocumentation(FolderModel(tmp_path))
        for ask in (lambda: nothing.facts("fr"), nothing.report, nothing.card, nothing.weights):
            with pytest.raises(ServiceUnavailable) as caught:
                ask()
            assert caught.value.fault == "no_model"

    def test_a_model_without_reference_has_weights_but_no_shapes(self, models_dir: Path, tmp_path: Path) -> None:
        shutil.copytree(models_dir, tmp_path / "models")
        config = tmp_path / "models" / "model_config.json"
        stored = json.loads(config.read_text(encoding="utf-8"))
        del stored["sha256"]["reference.json"]
        config.write_text(json.dumps(stored), encoding="utf-8")
        (tmp_path / "models" / "reference.json").unlink()
        bare = LocalDocumentation(FolderModel(tmp_path / "models"))
        assert len(bare.weights()) == stored["n_features"]
        assert bare.shape("application", "AMT_CREDIT") is None

    def test_pages_of_the_glossary_are_read_until_the_last_weight(self) -> None:
        every = terms(None)
        seen = [
            {"table": each.table, "name": each.entry.name, "importance": 0.1, "rank": place}
            for place, each in enumerate(every[:7], 1)
        ]
        rest = [{"table": "x", "name": "y", "importance": None, "rank": None}] * 5
        listed = [*seen, *rest]
        asked: list[int] = []

        def page(request: requests.PreparedRequest) -> requests.Response:
            start = int(parameters_of(request)["offset"])
            asked.append(start)
            return reply(200, json={"terms": listed[start : start + 3], "total": len(listed)})

        paged = DocumentationService(ApiClient("http://api", 5, adapter=Answering(page)))
        assert len(paged.weights()) == 7
        assert asked == [0, 3, 6]
