"""The part of the OpenAPI document on who may ask: names, other sites, and keys and limits where there are any."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from api.access.cors import is_probed, recording_rules
from api.access.limits import has_limits
from api.access.roles import has_keys, role_needed
from core.access.keys import roles
from core.access.sites import safe_methods

if TYPE_CHECKING:
    from flask import Flask

_schemes: Final = {
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "bearer": {"type": "http", "scheme": "bearer"},
}
_problem: Final = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def guard(document: dict[str, Any], app: Flask) -> None:
    """Adds to each operation of a document the key and the role that it needs, and how it refuses."""
    keys, limits = has_keys(app), has_limits(app)
    # As a document writes them.
    recording = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule) for rule in recording_rules(app)}
    refusal = {"description": "", "content": _problem}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if not is_probed(path):
                operation["responses"]["421"] = dict(refusal)
            if method.upper() not in safe_methods or path in recording:
                operation["responses"]["403"] = dict(refusal)
    if keys:
        document["components"]["securitySchemes"] = _schemes
    for path, operations in document["paths"].items():
        role = role_needed(path)
        if role is None:
            continue
        for operation in operations.values():
            responses = operation["responses"]
            # With keys, wrong ones are limited as well.
            if limits or keys:
                responses["429"] = {"description": "", "content": _problem}
            if not keys:
                continue
            operation["security"] = [{name: []} for name in _schemes]
            responses["401"] = {"description": "", "content": _problem}
            if role != roles[0]:
                responses["403"] = {"description": "", "content": _problem}
                description = operation.get("description", "")
                operation["description"] = f"{description}\n\nNeeds the role `{role}`.".strip()
