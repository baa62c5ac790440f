"""An answer does not grow with what was sent: names are short, and of many the first are named and the rest counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from api.openapi.examples import features
from core.text.names import listed, max_errors, max_fields

if TYPE_CHECKING:
    from flask.testing import FlaskClient

many = 50_000
unknown = {f"x{number}": number for number in range(many)}


def sizes(client: FlaskClient, path: str, few: dict[str, Any], much: dict[str, Any]) -> tuple[int, int]:
    """The sizes of the answers to a small and to a large body."""
    answers = [client.post(path, json=body) for body in (few, much)]
    assert {answer.status_code for answer in answers} == {200}
    return len(answers[0].data), len(answers[1].data)


@pytest.mark.parametrize(
    ("path", "few", "much"),
    [
        ("/predict", {"features": features}, {"features": features | unknown}),
        ("/predict", {"features": features}, {"features": features} | unknown),
        ("/predict", {"features": features}, {"features": features | {"y" * 1_000_000: 1}}),
        ("/predict/explain", {"features": features}, {"features": features | unknown}),
        ("/predict/batch", {"clients": [features]}, {"clients": [features | unknown]}),
        (
            "/simulate",
            {"features": features, "changes": {"AMT_CREDIT": 500_000}},
            {"features": features | unknown, "changes": {"AMT_CREDIT": 500_000}} | unknown,
        ),
        ("/recourse", {"features": features}, {"features": features | unknown} | unknown),
    ],
)
def test_unknown_names_are_counted_after_the_first(
    client: FlaskClient, path: str, few: dict[str, Any], much: dict[str, Any]
) -> None:
    small, large = sizes(client, path, few, much)
    assert large < small + 12_000


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_rest_is_counted(client: FlaskClient, lang: str) -> None:
    plain = client.post(f"/predict?lang={lang}", json={"features": features}).get_json()
    answer = client.post(f"/predict?lang={lang}", json={"features": features | unknown}).get_json()
    named = [detail for detail in answer["warning_details"] if detail["code"] == "unknown_field"]
    (rest,) = [detail for detail in answer["warning_details"] if detail["code"] == "more_fields"]
    assert len(named) == max_fields
    assert rest["field"] is None
    assert str(many - max_fields) in rest["message"]
    assert len(answer["warnings"]) == len(answer["warning_details"]) == len(plain["warnings"]) + max_fields + 1


def test_few_names_are_all_said(client: FlaskClient) -> None:
    few = dict(list(unknown.items())[:max_fields])
    answer = client.post("/predict", json={"features": features | few}).get_json()
    assert {detail["field"] for detail in answer["warning_details"] if detail["code"] == "unknown_field"} == set(few)
    assert not [detail for detail in answer["warning_details"] if detail["code"] == "more_fields"]


def test_errors_are_counted_after_the_first(client: FlaskClient) -> None:
    answer = client.post("/predict/batch", json={"clients": [{"AMT_CREDIT": "Zebulon"}] * 1000})
    said = answer.get_json()
    assert answer.status_code == 400
    assert [error["field"] for error in said["errors"]] == [
        f"clients[{place}].AMT_CREDIT" for place in range(max_errors)
    ]
    assert said["errors_omitted"] == 1000 - max_errors
    empty = client.post("/predict/batch", json={"clients": [{}] * 1000}).get_json()
    assert (len(empty["errors"]), empty["errors_omitted"]) == (max_errors, 1000 - max_errors)
    assert "errors_omitted" not in client.post("/predict", json={"features": {"AMT_CREDIT": "x"}}).get_json()


def test_a_sentence_names_the_first() -> None:
    assert listed(["A", "B"], 2) == "A, B"
    assert listed(["A", "B", "C", "D"], 2) == "A, B, … (+2)"
    assert listed(["y" * 1000]) == "y" * 64 + "…"
