"""The adapter to flask-openapi: all that we take from it, since it is young."""

from __future__ import annotations

from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.info import Info
from flask_openapi.models.tag import Tag
from flask_openapi.openapi import OpenAPI

from api.schemas.problems import InvalidRequestProblem, Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FunctionType

    from pydantic import BaseModel

# The newest version that the tools our callers use read.
_openapi_version: Final = "3.1.0"
schema_place: Final = "#/components/schemas/{model}"


class OpenApiApplication(OpenAPI):
    """A Flask application that collects an OpenAPI document from its resources."""

    def __init__(self, import_name: str, *, title: str, version: str, description: str) -> None:
        super().__init__(
            import_name,
            info=Info(title=title, version=version, description=description),
            # flask-openapi validates nothing here. It would document its own error on every operation that lacks this
            # status; none of ours does.
            validation_error_status=500,
            validation_error_model=Problem,
            doc_ui=False,
            static_folder=None,
        )
        self.openapi_version = _openapi_version
        self._resources: list[Resource] = []

    def register_api(self, api: APIBlueprint, **options: Any) -> None:
        """Registers the routes of a resource; they are described once somebody asks for the document."""
        if isinstance(api, Resource):
            self._resources.append(api)
        super().register_api(api, **options)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function as it is: none of ours is a coroutine, of which Flask asks ten times a request."""
        return func

    def collected(self) -> dict[str, Any]:
        """The document as the resources that are registered make it."""
        for resource in self._resources:
            resource.describe()
            self.tags.extend(tag for tag in resource.tags if tag.name not in self.tag_names)
            self.tag_names = [tag.name for tag in self.tags]
            self.paths.update(resource.paths)
            self.components_schemas.update(resource.components_schemas)
        self.generate_spec_json()  # type: ignore[no-untyped-call]
        document: dict[str, Any] = self.spec_json
        return document


class Resource(APIBlueprint):
    """A blueprint whose routes are documented under one heading.

    What describes a route is kept, and made into its part of the document by `describe`: the schemas of all answers
    took a quarter of the time in which a service starts, and most processes never give the document.
    """

    def __init__(
        self, name: str, import_name: str, *, title: str, description: str, url_prefix: str | None = None
    ) -> None:
        super().__init__(
            name,
            import_name,
            url_prefix=url_prefix,
            abp_tags=[Tag(name=title, description=description)],
            operation_id_callback=_operation_id,
        )
        self._described: list[Callable[[], Any]] = []
        self._describing = Lock()

    def describe(self) -> None:
        """Makes the part of the document that the routes have, where it is not there yet."""
        with self._describing:
            for route in self._described:
                route()
            self._described.clear()

    def _collect_openapi_info(self, rule: str, func: FunctionType, **described: Any) -> Any:
        """The types of what a route takes, as flask-openapi wants them at once; their schemas wait for `describe`."""
        self._described.append(partial(super()._collect_openapi_info, rule, func, **described))
        return super()._collect_openapi_info(rule, func, doc_ui=False)


def answers(success: type[BaseModel] | dict[str, Any], *errors: int) -> dict[Any, Any]:
    """The responses of an operation: a success, those error statuses, and 500, which any operation can give."""
    return {200: success} | {status: InvalidRequestProblem if status == 400 else Problem for status in (*errors, 500)}


def created(success: type[BaseModel], *errors: int) -> dict[Any, Any]:
    """As `answers`, of an operation that makes something: its success is 201."""
    others = answers(success, *errors)
    return {201: success} | {status: model for status, model in others.items() if status != 200}


def accepted(success: type[BaseModel], *errors: int) -> dict[Any, Any]:
    """As `answers`, of an operation that only begins something: its success is 202."""
    others = answers(success, *errors)
    return {202: success} | {status: model for status, model in others.items() if status != 200}


def file_body(*media_types: str) -> dict[str, Any]:
    """A body that is a file of one of those types, to be read by `api.http.uploads`."""
    content = {"schema": {"type": "string", "format": "binary"}}
    return {"required": True, "content": dict.fromkeys(media_types, content)}


def listed(model: type[BaseModel]) -> dict[str, Any]:
    """A response that is a list of `model`."""
    items = model.model_json_schema(mode="serialization")
    return {"description": "OK", "content": {"application/json": {"schema": {"type": "array", "items": items}}}}


def json_body(model: type[BaseModel]) -> dict[str, Any]:
    """A JSON body that holds a `model`, to be read by `api.http.json_body`."""
    schema = {"$ref": schema_place.format(model=model.__name__)}
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _operation_id(*, name: str, **_: str) -> str:
    return name
