"""The OpenAPI document: what flask-openapi collects from the routes, made complete and true."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pydantic.json_schema import models_json_schema

from api.openapi.access import guard
from api.openapi.examples import features as example_features
from api.openapi.examples import legacy_features
from api.openapi.framework import schema_place
from api.schemas.changes.recourse import RecourseRequest
from api.schemas.changes.scenarios import ScenariosRequest
from api.schemas.changes.simulation import SimulationRequest
from api.schemas.drift import DriftRequest
from api.schemas.predict import BatchRequest, PredictionRequest
from api.schemas.record.decisions import DecisionRequest
from api.schemas.record.delivered import DeliveryRequest
from api.schemas.record.outcomes import OutcomesRequest
from core import catalogue
from core.catalogue import Column
from core.catalogue.spelling import legacy_gender
from core.contract.drift import DriftAnswer
from core.tables.values import json_marks, json_words, legacy_flags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.openapi.framework import OpenApiApplication

_bodies: Final = (
    PredictionRequest,
    BatchRequest,
    SimulationRequest,
    RecourseRequest,
    DecisionRequest,
    DeliveryRequest,
    OutcomesRequest,
    DriftRequest,
    ScenariosRequest,
)
title: Final = "Home Credit Scoring API"
description: Final = (
    "Decisions on credit applications, with the exact contribution of every feature.\n\n"
    "Applications are given as raw Home Credit columns, any subset of them. Errors are JSON, `{type, status, detail, "
    "errors}` (RFC 9457; `/problems` lists the types): they name each bad field and what was expected, and never "
    "repeat the values sent. `lang` or `Accept-Language` chooses "
    "French or English. Every answer carries `X-Request-ID`; one that is sent (8 to 64 letters, digits, `.`, `_`, `-`) "
    "is kept."
)
_examples: Final[Mapping[str, Any]] = {
    "DecisionRequest": {
        "override": {
            "summary": "Decides otherwise than the model",
            "value": {
                "client_id": example_features["SK_ID_CURR"],
                "decision": "REFUSÉ",
                "reason": "Revenus non justifiés.",
                "officer": "C. Martin",
            },
        }
    },
    "DeliveryRequest": {
        "local": {
            "summary": "A decision of the dashboard's own model",
            "value": {
                "predictions": [
                    {
                        "id": "019ac8f0-3b7e-7d41-8c52-0f2b6a9d4e11",
                        "client_id": None,
                        "probability": 0.042,
                        "threshold": 0.0865,
                        "model_version": "1.0.0+202611231838",
                        "history": "none",
                        "portfolio": None,
                        "inputs": example_features,
                    }
                ]
            },
        }
    },
    "OutcomesRequest": {
        "client": {
            "summary": "A client who was decided on in November, and defaulted",
            "value": {
                "outcomes": [
                    {
                        "client_id": example_features["SK_ID_CURR"],
                        "decided": "2026-11-28",
                        "defaulted": True,
                        "observed": "2026-11-28",
                        "amount_lost": 125000.0,
                    }
                ]
            },
        }
    },
    "DriftRequest": {
        "test": {"summary": "The test set against the portfolio", "value": {"current": "test"}},
        "traffic": {
            "summary": "A month of traffic against what the model was trained on, more strictly than usual",
            "value": {
                "current": "live",
                "since": "2026-11-01",
                "until": "2026-12-01",
                "reference": "reference",
                "thresholds": {"psi": {"moderate": 0.05, "major": 0.2}},
            },
        },
    },
    "PredictionRequest": {
        "application": {"summary": "Raw columns", "value": {"features": example_features}},
        "earlier_system": {
            "summary": "As clients of the earlier system send it",
            "value": {"features": legacy_features},
        },
    },
    "BatchRequest": {
        "applications": {
            "summary": "Two applications",
            "value": {"clients": [example_features, legacy_features], "threshold": 0.1},
        }
    },
    "ScenariosRequest": {
        "circumstances": {
            "summary": "Less income, or dearer credit, on the clients on hand",
            "value": {
                "population": "portfolio",
                "scenarios": [
                    {
                        "name": "Income -10 %",
                        "rules": [{"column": "AMT_INCOME_TOTAL", "operation": "multiply", "value": 0.9}],
                    },
                    {
                        "name": "Annuities +8 %, credits up to 1,000,000",
                        "rules": [
                            {"column": "AMT_CREDIT", "operation": "at_most", "value": 1000000},
                            {"column": "AMT_ANNUITY", "operation": "multiply", "value": 1.08},
                        ],
                    },
                ],
            },
        }
    },
    "SimulationRequest": {
        "changes": {
            "summary": "A smaller credit, repaid in smaller instalments",
            "value": {"features": example_features, "changes": {"AMT_CREDIT": 500000, "AMT_ANNUITY": 26000}},
        },
        "scenarios": {
            "summary": "Two scenarios; null removes a value",
            "value": {
                "features": example_features,
                "scenarios": [
                    {"name": "smaller", "changes": {"AMT_CREDIT": 500000}},
                    {"name": "no second score", "changes": {"EXT_SOURCE_2": None}},
                ],
            },
        },
    },
    "RecourseRequest": {
        "refused": {
            "summary": "A stricter threshold, and only what the bank can offer",
            "value": {"features": example_features, "threshold": 0.04, "levers": ["credit", "duration"]},
        }
    },
}
_descriptions: Final = {
    "400": "The request cannot be used; `errors` names every bad field.",
    "401": "The key is missing or unknown.",
    "403": "The key does not allow it, or a page of another site asks for it.",
    "404": "There is nothing of that name.",
    "408": "The body takes too long to come.",
    "409": "It contradicts what is there: another client, an idempotency key used for something else, a job's state.",
    "413": "The body is too large, or the caller has too much of the disk.",
    "415": "The body is not declared as JSON.",
    "421": "The service does not answer under this name.",
    "429": "Too many requests; `Retry-After` says in how many seconds to try again. Or too many files that wait.",
    "500": "An error of ours; the log has it under the request id.",
    "507": "The disk is full.",
    "503": "What is needed to answer, the model or the portfolio, is not available.",
}


def document(app: OpenApiApplication) -> dict[str, Any]:
    """The document of an application whose routes are all registered."""
    collected = app.collected()
    schemas: dict[str, Any] = collected["components"]["schemas"]
    schemas.update(_request_schemas())
    collected["components"] = {"schemas": schemas, "headers": {"X-Request-ID": _request_id_header()}}
    guard(collected, app)
    for operations in collected["paths"].values():
        for operation in operations.values():
            if "application/json" in operation.get("requestBody", {}).get("content", {}):
                content = operation["requestBody"]["content"]["application/json"]
                content["examples"] = _examples[content["schema"]["$ref"].rpartition("/")[2]]
            for parameter in operation.get("parameters", ()):
                parameter["schema"] = _without_null(parameter["schema"])
            for status, response in operation["responses"].items():
                response["description"] = _descriptions.get(status, response["description"])
                response["headers"] = {"X-Request-ID": {"$ref": "#/components/headers/X-Request-ID"}}
                if status == "429":
                    response["headers"]["Retry-After"] = {"required": True, "schema": {"type": "integer"}}
    return collected


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a parameter that may be absent: unlike a key of a JSON object it cannot be null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
    return rest | kinds[0] if len(kinds) == 1 else schema


def _request_id_header() -> dict[str, Any]:
    return {
        "description": "The id under which the log has the request.",
        "required": True,
        "schema": {"type": "string"},
    }


@cache
def _request_schemas() -> dict[str, Any]:
    _, definitions = models_json_schema(
        # An answer that is given in two media types is named by its route, and collected by nobody.
        [*((body, "validation") for body in _bodies), (DriftAnswer, "serialization")],
        ref_template=schema_place,
    )
    schemas: dict[str, Any] = definitions["$defs"]
    for schema in schemas.values():
        for property_schema in schema.get("properties", {}).values():
            # What may be absent is not null where it is there.
            if "default" in property_schema and property_schema["default"] is None:
                del property_schema["default"]
    properties = schemas["ApplicationFeatures"]["properties"]
    schemas["MissingMark"] = {"enum": list(json_marks()), "description": "A text that counts as a missing value."}
    schemas["YesOrNo"] = {"enum": list(json_words()), "description": "A text that counts as 1 or 0 in a flag."}
    for column in catalogue.columns():
        properties[column.name] |= _also_accepted(column)
        properties[column.name]["anyOf"] += _other_spellings(column)
    for feature in catalogue.features():
        if feature.table != "application":
            properties[feature.name]["anyOf"].append(_missing_mark)
    properties[legacy_gender] = {
        "anyOf": [{"enum": [0, 1, None]}, {"type": "boolean"}, _missing_mark],
        "deprecated": True,
        "description": "1 for a man, 0 for a woman; `CODE_GENDER` where both are given.",
    }
    for feature in catalogue.features("application"):
        properties[feature.name] = {
            "title": feature.label_en,
            "deprecated": True,
            "description": "Accepted from earlier clients, and recomputed.",
        }
    return schemas


_missing_mark: Final = {"$ref": "#/components/schemas/MissingMark"}


def _other_spellings(column: Column) -> list[dict[str, Any]]:
    """What `core.tables.values.read_json` and a sign that is missing let a value of the column be."""
    spellings: list[dict[str, Any]] = [_missing_mark]
    flag = column.type in ("flag", "target") or column.name in legacy_flags
    if flag or column.name == "CODE_GENDER":
        spellings.append({"type": "boolean"})
    if flag:
        spellings.append({"$ref": "#/components/schemas/YesOrNo"})
    if column.unit == "days" and column.minimum is not None and column.maximum is not None:
        # Zero is a value of its own.
        least = max(1, -column.maximum)
        spellings.append({"type": "number", "multipleOf": 1, "minimum": least, "maximum": -column.minimum})
    return spellings


def _also_accepted(column: Column) -> dict[str, Any]:
    """What the schema of a column does not say by itself: the earlier system's flags, and "not applicable"."""
    if column.name in legacy_flags:
        return {"anyOf": [{"enum": [code.code for code in column.codes] + [0, 1]}, {"type": "null"}]}
    if column.sentinel is not None:
        whole = {"type": "number", "multipleOf": 1, "minimum": column.minimum, "maximum": column.maximum}
        bounded = {key: value for key, value in whole.items() if value is not None}
        return {"anyOf": [bounded, {"const": column.sentinel}, {"type": "null"}]}
    return {}
