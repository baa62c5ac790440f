"""The OpenAPI document is true: its examples run, and what schemathesis makes of it is answered as documented."""

import re
from typing import Any, get_args

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from core import catalogue
from core.catalogue import Language
from core.contract import problems
from core.features.assembly import history_names
from core.text.messages import message

# Few each time; `--hypothesis-profile=thorough` has as many as anybody has patience for.
_thorough = settings.get_current_profile_name() == "thorough"
_examples = settings().max_examples if _thorough else 10
# Each is a whole report.
_fewer = {("POST", "/data/drift"): 8}

operations = [
    ("GET", "/"),
    ("GET", "/health"),
    ("GET", "/health/live"),
    ("GET", "/health/ready"),
    ("GET", "/problems"),
    ("GET", "/metrics"),
    ("GET", "/model/info"),
    ("GET", "/model/features"),
    ("GET", "/model/feature-names"),
    ("GET", "/model/evaluation"),
    ("GET", "/model/card"),
    ("GET", "/model/approvals"),
    ("GET", "/model/schema"),
    ("GET", "/model/export/{format}"),
    ("POST", "/predict"),
    ("POST", "/predict/batch"),
    ("POST", "/predict/explain"),
    ("POST", "/decisions"),
    ("GET", "/decisions"),
    ("GET", "/decisions/export.csv"),
    ("GET", "/predictions"),
    ("POST", "/predictions"),
    ("GET", "/predictions/{prediction_id}"),
    ("POST", "/outcomes"),
    ("GET", "/outcomes"),
    ("GET", "/outcomes/coverage"),
    ("GET", "/performance"),
    ("GET", "/clients"),
    ("GET", "/clients/{client_id}"),
    ("GET", "/clients/{client_id}/application"),
    ("GET", "/clients/{client_id}/comparison"),
    ("GET", "/clients/{client_id}/history"),
    ("POST", "/comparison"),
    ("POST", "/comparison/accepted"),
    ("POST", "/simulate"),
    ("POST", "/recourse"),
    ("POST", "/jobs"),
    ("GET", "/jobs"),
    ("GET", "/jobs/{job_id}"),
    ("DELETE", "/jobs/{job_id}"),
    ("POST", "/scenarios"),
    ("GET", "/scenarios/curve"),
    ("GET", "/jobs/{job_id}/preview"),
    ("POST", "/jobs/{job_id}/start"),
    ("GET", "/jobs/{job_id}/result"),
    ("GET", "/jobs/{job_id}/rejected"),
    ("GET", "/jobs/{job_id}/rows"),
    ("POST", "/jobs/{job_id}/rows"),
    ("GET", "/jobs/{job_id}/rows/{row}"),
    ("GET", "/data/describe"),
    ("GET", "/data/glossary"),
    ("GET", "/data/glossary/{table}/{name}"),
    ("GET", "/data/drift"),
    ("POST", "/data/drift"),
    ("POST", "/data/drift/files"),
    ("GET", "/data/drift/reports"),
    ("DELETE", "/data/drift/reports/{report_id}"),
    ("DELETE", "/data/drift/files/{file_id}"),
]


without_input = [
    ("GET", path)
    for path in (
        "/",
        "/health",
        "/health/live",
        "/health/ready",
        "/problems",
        "/metrics",
        "/model/info",
        "/model/feature-names",
        "/model/schema",
        "/model/evaluation",
        "/data/describe",
    )
]


@pytest.fixture(scope="session")
def api_schema(app: Flask) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_wsgi("/openapi.json", app)


@pytest.fixture(scope="module")
def document(app: Flask) -> dict[str, Any]:
    content: dict[str, Any] = app.test_client().get("/openapi.json").get_json()
    return content


@pytest.mark.parametrize(("method", "path"), operations)
def test_valid_input_is_answered_as_documented(api_schema: schemathesis.BaseSchema, method: str, path: str) -> None:
    examples = _examples if _thorough else _fewer.get((method, path), _examples)
    exercise(api_schema[path][method], GenerationMode.POSITIVE, examples)


@pytest.mark.parametrize(("method", "path"), [operation for operation in operations if operation not in without_input])
def test_invalid_input_is_refused_as_documented(api_schema: schemathesis.BaseSchema, method: str, path: str) -> None:
    exercise(api_schema[path][method], GenerationMode.NEGATIVE, _examples)


def exercise(operation: Any, mode: GenerationMode, examples: int) -> None:
    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: "Case[Any]") -> None:
        answer = case.call()
        # JSON Schema says which columns there are, and cannot say that one of some hundred has to have a value; nor how
        # many applications were decided in a period.
        accepted = says_nothing_usable(answer) or answer.status_code == problems.too_few_rows.status
        excluded: list[Any] = [positive_data_acceptance] if accepted else []
        case.validate_response(answer, excluded_checks=excluded)

    check()


def says_nothing_usable(answer: Any) -> bool:
    if answer.status_code != 400:
        return False
    said = {error["message"] for error in answer.json()["errors"]}
    return bool(said) and said <= {message("nothing_usable", lang) for lang in get_args(Language)}


def test_the_document_is_valid_openapi(api_schema: schemathesis.BaseSchema) -> None:
    api_schema.validate()


def test_every_route_is_documented(app: Flask, document: dict[str, Any]) -> None:
    served = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if not rule.endpoint.startswith("docs.")
    }
    documented = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert documented == served == set(operations)


def test_every_operation_documents_its_errors(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"]
            assert operation["tags"]
            successes = {status for status in operation["responses"] if status.startswith("2")}
            # What is sent again under its key finds what it made before.
            assert successes == {"200", "201"} if (method, path) == ("post", "/decisions") else len(successes) == 1
            expected = {"500"}
            if method == "post":
                expected |= {"400", "413", "415", "503"}
            if operation.get("parameters"):
                expected |= {"400"}
            if path.startswith(("/model", "/predict", "/clients", "/decisions")):
                expected |= {"503"}
            assert expected <= set(operation["responses"]), path
            for status, response in operation["responses"].items():
                assert response["description"]
                assert "X-Request-ID" in response["headers"]
                if status not in successes:
                    name = "InvalidRequestProblem" if status == "400" else "Problem"
                    if (path, status) == ("/health/ready", "503"):
                        name = "NotReadyProblem"
                    reference = response["content"]["application/json"]["schema"]["$ref"]
                    assert reference == f"#/components/schemas/{name}"


def test_the_examples_run(client: FlaskClient, document: dict[str, Any]) -> None:
    with_json = {
        path: operation["requestBody"]["content"]["application/json"]["examples"]
        for path, operations in document["paths"].items()
        for operation in operations.values()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    }
    assert len(with_json) >= 4
    # One of them compares what was decided in a month, which may be nothing, or too little.
    depends_on_traffic = {problems.nothing_to_compare.status, problems.too_few_rows.status}
    for path, examples in with_json.items():
        assert examples, path
        for example in examples.values():
            expected = {200, 201} | (depends_on_traffic if "live" in example["value"].values() else set())
            if path == "/outcomes":
                # Of a client who was decided on by that day, or not.
                expected |= {problems.outcomes_refused.status}
            assert client.post(path, json=example["value"]).status_code in expected, (path, example["summary"])


def test_every_column_is_documented_from_the_catalogue(document: dict[str, Any]) -> None:
    properties = document["components"]["schemas"]["ApplicationFeatures"]["properties"]
    for column in catalogue.columns():
        assert properties[column.name]["title"] == column.label_en
    assert set(history_names()) <= set(properties)
    assert {"CODE_GENDER_M", "CREDIT_INCOME_RATIO", "ANNUITY_INCOME_RATIO", "EXT_SOURCE_MEAN"} <= set(properties)


def test_swagger_ui_needs_nothing_from_elsewhere(client: FlaskClient) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    assert page.content_type == "text/html; charset=utf-8"
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(links) == 4
    for link in links:
        with client.get(f"/{link}") as answer:
            assert answer.status_code == 200, link
    start = client.get("/docs/start.js").text
    assert 'url: "openapi.json"' in start
    # By default Swagger UI sends the address of the document to a validator on the web.
    assert "validatorUrl: null" in start
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "http" not in policy
    assert "<script>" not in page.text
