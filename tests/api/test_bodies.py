"""Bodies that nobody should send: each refused with the field and what was expected, none of them repeated."""

import json
import math
import re

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from api.openapi.examples import features
from core import catalogue
from core.text.names import max_fields

secret = "7391746"
paths = ["/predict", "/predict/explain", "/predict/batch"]


def send(
    client: FlaskClient, path: str, body: bytes | str, content_type: str | None = "application/json"
) -> TestResponse:
    return client.post(path, data=body, content_type=content_type)


def refused(answer: TestResponse) -> list[str]:
    """The names of the bad fields of an answer that has the shape of a problem."""
    assert answer.status_code == 400, answer.text
    assert answer.content_type == "application/json"
    content = answer.get_json()
    assert list(content) == ["type", "status", "detail", "errors"]
    assert content["detail"]
    for error in content["errors"]:
        assert list(error) == ["field", "message", "expected"]
        assert all(error.values())
    assert secret not in answer.text
    assert "Traceback" not in answer.text
    assert "pydantic" not in answer.text
    return [error["field"] for error in content["errors"]]


not_json = {
    "empty": b"",
    "blank": b"  \n",
    "a word": b"features",
    "cut off": b'{"features": {"AMT_CREDIT": 7391746',
    "single quotes": b"{'features': {}}",
    "trailing comma": b'{"features": {"AMT_CREDIT": 7391746,}}',
    "two documents": b'{"features": {}} {"features": {}}',
    "a comment": b'{"features": {}} // 7391746',
    "an unquoted key": b"{features: {}}",
    "a leading zero": b'{"features": {"AMT_CREDIT": 07391746}}',
    "a plus sign": b'{"features": {"AMT_CREDIT": +7391746}}',
    "hexadecimal": b'{"features": {"AMT_CREDIT": 0x7391746}}',
    "a control character in a text": b'{"features": {"NAME_TYPE_SUITE": "7391746\x00"}}',
    "a half surrogate": b'{"features": {"\\ud800": 7391746}}',
    "no UTF-8": '{"features": {"NAME_TYPE_SUITE": "é7391746"}}'.encode("latin-1"),
    "UTF-16": '{"features": {}}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"features": {}}',
    "XML": b"<features><AMT_CREDIT>7391746</AMT_CREDIT></features>",
    "a form": b"AMT_CREDIT=7391746",
    "compressed": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
    "random bytes": bytes(range(256)),
    "deep lists": b"[" * 50_000,
    "deep objects": b'{"features":' * 20_000,
    "deep inside features": b'{"features": {"AMT_CREDIT": ' + b"[" * 5000 + b"]" * 5000 + b"}}",
    "a number of 5000 digits": b'{"features": {"AMT_CREDIT": ' + b"7391746" * 800 + b"}}",
}
not_an_object = {
    "a list": b"[7391746]",
    "a text": b'"7391746"',
    "a number": b"7391746",
    "null": b"null",
    "true": b"true",
    "not a number": b"NaN",
    "an empty list": b"[]",
}
repeated = {
    "features twice": b'{"features": {"AMT_CREDIT": 7391746}, "features": {}}',
    "a column twice": b'{"features": {"AMT_CREDIT": 7391746, "AMT_CREDIT": 600000}}',
    "a column twice, with space": b'{"features": {"AMT_CREDIT" :7391746, "AMT_CREDIT"\n\t: 600000}}',
    "a column twice, escaped": b'{"features": {"AMT_CREDIT": 7391746, "AMT\\u005fCREDIT": 600000}}',
    "a column twice, beside a decoy": b'{"features": {"x": "\\":", "AMT_CREDIT": 7391746, "AMT_CREDIT": 1}}',
}
bad_features = {
    "absent": {},
    "null": {"features": None},
    "a list": {"features": [secret]},
    "a text": {"features": secret},
    "a number": {"features": 7391746},
    "misspelt": {"feature": {"AMT_CREDIT": 7391746}},
}
bad_values = {
    "a text for a number": ("AMT_CREDIT", secret),
    "a text with a number in it": ("AMT_CREDIT", "600000"),
    "a number with a decimal comma": ("AMT_CREDIT", "600000,50"),
    "true for a number": ("AMT_CREDIT", True),
    "a list for a number": ("AMT_CREDIT", [7391746]),
    "an object for a number": ("AMT_CREDIT", {"value": 7391746}),
    "an integer beyond all floats": ("AMT_CREDIT", 7391746 * 10**400),
    "a negative amount": ("AMT_CREDIT", -7391746),
    "an amount beyond its bounds": ("AMT_CREDIT", 7391746e20),
    "infinity": ("AMT_INCOME_TOTAL", math.inf),
    "minus infinity": ("AMT_ANNUITY", -math.inf),
    "a score above one": ("EXT_SOURCE_2", 1.7391746),
    "a fraction for a whole number": ("CNT_CHILDREN", 1.7391746),
    "a birth after the application": ("DAYS_BIRTH", 7391746),
    "a work that begins later": ("DAYS_EMPLOYED", 7391746),
    "an unknown category": ("NAME_CONTRACT_TYPE", secret),
    "a category in other letters": ("NAME_CONTRACT_TYPE", "cash loans"),
    "a number for a category": ("NAME_CONTRACT_TYPE", 7391746),
    "null in a list for a category": ("NAME_CONTRACT_TYPE", [None]),
    "another flag": ("FLAG_OWN_CAR", secret),
    "a flag of two": ("FLAG_EMP_PHONE", 2),
    "a text for a client number": ("SK_ID_CURR", secret),
    "a fraction for a client number": ("SK_ID_CURR", 100002.5),
    "a negative client number": ("SK_ID_CURR", -7391746),
    "a client number beyond all": ("SK_ID_CURR", 7391746 * 10**30),
}


@pytest.mark.parametrize("path", paths)
@pytest.mark.parametrize("body", not_json.values(), ids=not_json)
def test_what_is_no_json(client: FlaskClient, path: str, body: bytes) -> None:
    answer = send(client, path, body)
    assert refused(answer) == ["body"]
    assert "is not well-formed JSON" in answer.get_json()["errors"][0]["message"]


@pytest.mark.parametrize("path", paths)
@pytest.mark.parametrize("body", not_an_object.values(), ids=not_an_object)
def test_what_is_no_object(client: FlaskClient, path: str, body: bytes) -> None:
    answer = send(client, path, body)
    assert refused(answer) == ["body"]
    assert answer.get_json()["errors"][0]["expected"] == "a JSON object"


@pytest.mark.parametrize("body", repeated.values(), ids=repeated)
def test_a_key_that_is_there_twice(client: FlaskClient, body: bytes) -> None:
    answer = send(client, "/predict", body)
    assert refused(answer) == ["body"]
    assert answer.get_json()["errors"][0]["expected"] == "each key once"


def test_texts_that_look_like_keys_are_no_repetition(client: FlaskClient) -> None:
    body = {"features": features | {'":': '":', "x": '{"AMT_CREDIT": 1, "AMT_CREDIT": 2}', "y": [{"a": 1}, {"a": 2}]}}
    assert client.post("/predict", json=body).status_code == 200


@pytest.mark.parametrize("body", bad_features.values(), ids=bad_features)
def test_features_that_are_no_object(client: FlaskClient, body: dict[str, object]) -> None:
    for path in ("/predict", "/predict/explain"):
        assert refused(send(client, path, json.dumps(body))) == ["features"]


@pytest.mark.parametrize(("name", "value"), bad_values.values(), ids=bad_values)
def test_a_value_that_cannot_be_used_is_named(client: FlaskClient, name: str, value: object) -> None:
    body = json.dumps({"features": features | {name: value}})
    for path in ("/predict", "/predict/explain"):
        assert refused(send(client, path, body)) == [name]
    body = json.dumps({"clients": [features, features | {name: value}]})
    assert refused(send(client, "/predict/batch", body)) == [f"clients[1].{name}"]


@pytest.mark.parametrize("name", ["CODE_GENDER_M", "FLAG_OWN_CAR", "FLAG_OWN_REALTY"])
@pytest.mark.parametrize("value", [2, -1, 0.5, secret, [1], {}])
def test_a_bad_value_of_an_earlier_column_is_named(client: FlaskClient, name: str, value: object) -> None:
    fields = refused(send(client, "/predict", json.dumps({"features": {name: value}})))
    assert fields == ["CODE_GENDER" if name == "CODE_GENDER_M" else name]


def test_all_bad_fields_are_named_at_once_in_either_language(client: FlaskClient) -> None:
    body = {"features": dict(bad_values.values())}
    wrong = {name for name, _ in bad_values.values()}
    answer = send(client, "/predict", json.dumps(body))
    assert set(refused(answer)) == wrong
    french = send(client, "/predict?lang=fr", json.dumps(body))
    assert set(refused(french)) == wrong
    assert french.get_json()["detail"] == "La demande contient des champs inutilisables."
    by_field = {error["field"]: error for error in french.get_json()["errors"]}
    assert by_field["EXT_SOURCE_2"]["message"] == "est hors des bornes"
    assert by_field["FLAG_OWN_CAR"]["expected"].startswith("une valeur parmi\u00a0: ")


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/xml",
        "text/json",
        "x",
    ],
)
def test_another_content_type_is_415(client: FlaskClient, content_type: str | None) -> None:
    for path in paths:
        answer = send(client, path, json.dumps({"features": features}), content_type)
        assert answer.status_code == 415
        assert list(answer.get_json()) == ["type", "status", "detail"]
        assert "application/json" in answer.get_json()["detail"]


def test_a_compressed_body_is_415(client: FlaskClient) -> None:
    answer = client.post("/predict", json={"features": features}, headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/json; charset=utf-8", "Application/JSON", "application/vnd.bank.v2+json"],
)
def test_json_is_read_however_it_is_announced(client: FlaskClient, content_type: str) -> None:
    assert send(client, "/predict", json.dumps({"features": features}), content_type).status_code == 200


def test_a_body_over_the_limit_is_413(client: FlaskClient) -> None:
    limit = client.application.config["MAX_CONTENT_LENGTH"]
    for path in paths:
        answer = send(client, path, b'{"features": {"x": "' + b"7391746" * limit + b'"}}')
        assert answer.status_code == 413
        assert list(answer.get_json()) == ["type", "status", "detail"]
        assert str(limit) in answer.get_json()["detail"]
        assert secret not in answer.text
    exact = json.dumps({"features": features}).encode()
    exact += b" " * (limit - len(exact))
    assert send(client, "/predict", exact).status_code == 200
    assert send(client, "/predict", exact + b" ").status_code == 413


class Stalling:
    """The body of a client that stops sending."""

    def read(self, _: int) -> bytes:
        raise TimeoutError


def test_a_body_that_does_not_come_is_408(client: FlaskClient) -> None:
    answer = client.post("/predict", environ_overrides={"CONTENT_LENGTH": "500", "wsgi.input": Stalling()})
    assert answer.status_code == 408
    assert answer.get_json()["detail"] == "The request body takes too long to come."


def test_a_body_that_breaks_off_is_refused(client: FlaskClient) -> None:
    answer = client.post("/predict", data=b'{"features": {}}', environ_overrides={"CONTENT_LENGTH": "500"})
    assert answer.status_code == 400


def test_ten_thousand_unknown_keys_are_only_warned_of(client: FlaskClient) -> None:
    unknown = {f"key_{number}": secret for number in range(10_000)}
    answer = client.post("/predict", json={"features": features | unknown})
    assert answer.status_code == 200
    warnings = answer.get_json()["warnings"]
    # Some are named, the others counted: an answer does not grow with what was sent.
    assert len(warnings) == max_fields + 1
    assert f"{10_000 - max_fields}" in re.sub(r"\D", "", warnings[-1])
    assert secret not in answer.text


def test_long_names_are_cut(client: FlaskClient) -> None:
    name = "N" * 5000
    answer = client.post("/predict", json={"features": features | {name: 1}, name: 2})
    assert answer.status_code == 200
    assert len(answer.text) < 1500


marked = st.recursive(
    st.just(secret) | st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from([*[column.name for column in catalogue.columns()], "CODE_GENDER_M", "EXT_SOURCE_MEAN", "x"])
some_features = st.dictionaries(names, marked, max_size=6)
any_object = st.one_of(
    st.dictionaries(st.text(max_size=8), marked, max_size=4),
    st.fixed_dictionaries({"features": some_features}),
    st.fixed_dictionaries({"clients": st.lists(some_features | marked, max_size=3), "threshold": marked}),
)


@settings(max_examples=300)
@given(body=any_object, path=st.sampled_from(paths))
def test_any_object_is_answered_or_refused_and_never_repeated(app_client: FlaskClient, body: object, path: str) -> None:
    text = json.dumps(body)
    answer = send(app_client, path, text.encode("utf-8", "surrogatepass"))
    assert answer.status_code in (200, 400)
    json.loads(answer.data)
    assert secret not in answer.text
    if answer.status_code == 400:
        assert refused(answer)


@settings(max_examples=200)
@given(body=st.binary(max_size=60), path=st.sampled_from(paths))
def test_any_bytes_are_refused(app_client: FlaskClient, body: bytes, path: str) -> None:
    assert refused(send(app_client, path, body))
