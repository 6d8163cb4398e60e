"""The OpenAPI document: what FastAPI knows of the routes, with schemas of answers and examples that were really run."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from cablesearch.web.api.openapi.description import DESCRIPTION, PROBLEM
from cablesearch.web.api.openapi.schemas import ANSWERS, SCHEMAS

__all__ = ["document", "examples"]

_TAG = {"type": "string", "description": "The entity tag of the answer, made of what it says."}
_LINK = {"type": "string", "description": "The addresses of the next and the previous page, of the same commit."}
_TEXTS = {
    "graph": ("application/graphml+xml", "text/vnd.graphviz"),
    "export": ("application/x-ndjson", "text/csv; charset=utf-8; header=present"),
    "batch": ("application/x-ndjson",),
    "metrics": ("text/plain",),
}
"""The media types of answers that are no JSON, by the name of the operation."""
_UNTAGGED = ("export", "batch", "metrics", "health", "live", "ready")
"""The operations whose answers have no entity tag."""


@cache
def examples() -> list[dict[str, Any]]:
    """Return the examples: an operation, an address, and what the bundled sample answers there.

    They are run by a test, and written anew by ``python -m tests.support.api_examples``.
    """
    listed: list[dict[str, Any]] = json.loads(files(__package__).joinpath("examples.json").read_text("utf-8"))
    return listed


def document(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of an application."""
    made = get_openapi(
        title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes, servers=app.servers
    )
    made["components"] = {
        "schemas": {"Problem": PROBLEM, **SCHEMAS},
        "securitySchemes": {
            "token": {"type": "http", "scheme": "bearer", "description": "A token of `cablesearch token add`."}
        },
    }
    # Without a token, readers have the clearance for which the server was started.
    made["security"] = [{}, {"token": []}]
    for path, operations in made["paths"].items():
        for operation in operations.values():
            if path.startswith("/api/v1/"):
                _describe(operation)
    return made


def _describe(operation: dict[str, Any]) -> None:
    """Complete the description of an operation."""
    name = operation["operationId"]
    responses = operation["responses"]
    responses.pop("422", None)
    content: dict[str, Any] = {media: {"schema": {"type": "string"}} for media in _TEXTS.get(name, ())}
    if name in ANSWERS:
        content = {"application/json": {"schema": ANSWERS[name]}} | content
    responses["200"] = {"description": "The answer.", "content": content}
    if name not in _UNTAGGED:
        responses["200"]["headers"] = {"ETag": {"schema": _TAG}}
        responses["304"] = {"description": "The reader has the answer: `If-None-Match` has its entity tag."}
    if any(parameter["name"] == "snapshot" for parameter in operation.get("parameters", ())):
        responses["200"]["headers"]["Link"] = {"schema": _LINK}
    for example in examples():
        if example["operation"] == name:
            _add(operation, example)


def _add(operation: dict[str, Any], example: dict[str, Any]) -> None:
    """Add an example to the description of an operation: its arguments, and its answer."""
    address = urlsplit(example["address"])
    shown = {"summary": example["address"], "value": example["answer"]}
    content = operation["responses"]["200"]["content"][example["media_type"]]
    content.setdefault("examples", {})[f"sample-{len(content.get('examples', {})) + 1}"] = shown
    if "body" in example:
        (body,) = operation["requestBody"]["content"].values()
        body["example"] = example["body"]
    given = dict[str, list[str]]()
    for name, value in parse_qsl(address.query, keep_blank_values=True):
        given.setdefault(name, []).append(value)
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            values = [unquote(address.path.partition(f"/{operation['operationId']}/")[2])]
        else:
            values = given.get(parameter["name"], [])
        if values and "example" not in parameter:
            parameter["example"] = _typed(parameter["schema"], values)


def _typed(schema: dict[str, Any], values: list[str]) -> Any:
    """Return the values of a parameter as its schema has them."""
    if schema.get("type") == "array":
        return values
    (value,) = values
    return json.loads(value) if schema.get("type") in ("integer", "number", "boolean") else value
