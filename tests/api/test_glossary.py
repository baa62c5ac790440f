"""`/data/glossary`: terms in words of either language, with importance and distribution."""

import pytest
from flask.testing import FlaskClient

from core.catalogue import glossary
from core.scoring import Scorer


def test_pages_cover_every_term_once(client: FlaskClient) -> None:
    found: list[tuple[str, str]] = []
    total = 1
    while len(found) < total:
        content = client.get("/data/glossary", query_string={"limit": 100, "offset": len(found)}).get_json()
        total = content["total"]
        found += [(term["table"], term["name"]) for term in content["terms"]]
    assert len(found) == len(set(found)) == len(glossary.terms(None))


def test_search_is_in_the_readers_language(client: FlaskClient) -> None:
    content = client.get("/data/glossary?search=anciennete&lang=fr").get_json()
    assert content["total"] > 0
    assert client.get("/data/glossary?search=anciennete&lang=en").get_json()["total"] == 0
    first = client.get("/data/glossary?lang=en&limit=1").get_json()["terms"][0]
    assert first["rank"] == 1
    assert first["label"]
    assert first["help"]


def test_a_number_has_a_histogram(client: FlaskClient, scorer: Scorer) -> None:
    term = client.get("/data/glossary/application/AMT_CREDIT?lang=en").get_json()
    found = term["distribution"]
    assert found["kind"] == "number"
    assert len(found["edges"]) == len(found["counts"]) + 1 == len(found["default_rate"]) + 1
    assert sum(found["counts"]) == scorer.artefacts.reference.number("AMT_CREDIT").count
    assert term["codes"] == []


def test_a_category_has_shares_and_codes(client: FlaskClient) -> None:
    term = client.get("/data/glossary/application/NAME_INCOME_TYPE?lang=fr").get_json()
    found = term["distribution"]
    assert found["kind"] == "category"
    assert sum(found["shares"]) + found["missing_share"] == pytest.approx(1, abs=0.001)
    assert {code["code"] for code in term["codes"]} >= set(found["codes"])
    assert all(code["label"] for code in term["codes"])


def test_features_and_other_tables(client: FlaskClient) -> None:
    assert client.get("/data/glossary/features/BUREAU_LOANS").get_json()["distribution"]["kind"] == "number"
    assert client.get("/data/glossary/bureau/CREDIT_ACTIVE").get_json()["distribution"] is None


@pytest.mark.parametrize("path", ["application/NOTHING", "nothing/AMT_CREDIT", "bureau/AMT_CREDIT"])
def test_an_unknown_term_is_404(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/data/glossary/{path}?lang=en")
    assert answer.status_code == 404
    assert answer.get_json()["detail"] == "No column or feature of this name is in this table."


def test_a_bad_parameter_is_named(client: FlaskClient) -> None:
    for query, field in (("table=zebras", "table"), ("limit=0", "limit"), (f"search={'x' * 101}", "search")):
        answer = client.get(f"/data/glossary?{query}")
        assert answer.status_code == 400
        assert [error["field"] for error in answer.get_json()["errors"]] == [field]
