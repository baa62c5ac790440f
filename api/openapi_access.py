"""The part of the OpenAPI document on keys and limits, where the application has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from api.access import has_keys, role_needed
from api.limits import has_limits
from core.keys import roles

if TYPE_CHECKING:
    from flask import Flask

_schemes: Final = {
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "bearer": {"type": "http", "scheme": "bearer"},
}
_problem: Final = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def guard(found: dict[str, Any], app: Flask) -> None:
    """Adds to each operation of a document the key and the role that it needs, and how it refuses."""
    keys, limits = has_keys(app), has_limits(app)
    if keys:
        found["components"]["securitySchemes"] = _schemes
    for path, operations in found["paths"].items():
        role = role_needed(path)
        if role is None:
            continue
        for operation in operations.values():
            responses = operation["responses"]
            if limits:
                responses["429"] = {"description": "", "content": _problem}
            if not keys:
                continue
            operation["security"] = [{name: []} for name in _schemes]
            responses["401"] = {"description": "", "content": _problem}
            if role != roles[0]:
                responses["403"] = {"description": "", "content": _problem}
                said = operation.get("description", "")
                operation["description"] = f"{said}\n\nNeeds the role `{role}`.".strip()
