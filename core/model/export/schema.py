"""The JSON Schema of an application, as the API takes one."""

from __future__ import annotations

from typing import Any, Final

from core import catalogue
from core.application import ApplicationFeatures

file: Final = "schema.json"
_dialect: Final = "https://json-schema.org/draft/2020-12/schema"


def application_schema() -> dict[str, Any]:
    """One application: any subset of the raw columns and history features, null where missing (draft 2020-12)."""
    schema = ApplicationFeatures.model_json_schema()
    properties = schema["properties"]
    for column in catalogue.columns():
        if column.sentinel is not None and column.name in properties:
            # The bounds of such a column are checked by a function, which says nothing of them.
            number: dict[str, Any] = {"type": "integer"}
            bounds = {"minimum": column.minimum, "maximum": column.maximum}
            number |= {name: bound for name, bound in bounds.items() if bound is not None}
            properties[column.name]["anyOf"] = [number, {"const": column.sentinel}, {"type": "null"}]
    return {"$schema": _dialect} | schema
