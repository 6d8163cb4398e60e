"""What the OpenAPI document says of the API."""

from __future__ import annotations

from typing import Any

from cablesearch.web.problems import KINDS

__all__ = ["DESCRIPTION", "PROBLEM", "problems"]

DESCRIPTION = """Search archives of diplomatic cables, paragraph by paragraph.

Answers are the JSON that the command line prints with `--format json`, and arguments have the names of its options.
Members are only ever added. Errors are problem documents (RFC 9457). A reader who has a token sends it as
`Authorization: Bearer TOKEN`; without one, the clearance is that for which the server was started."""

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "What kind of problem it is."},
        "title": {"type": "string", "description": "The kind in words."},
        "status": {"type": "integer", "description": "The status of the response."},
        "detail": {"type": "string", "description": "What is wrong."},
        "argument": {"type": "string", "description": "The argument that is wrong."},
        "near": {"type": "array", "items": {"type": "string"}, "description": "What was perhaps meant."},
        "query": {"type": "string", "description": "A query that is wrong."},
        "position": {"type": "integer", "description": "The place of the error in the query, from 0."},
        "advice": {"type": "string", "description": "How to correct the query."},
    },
}
"""The schema of problem documents."""


def problems(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """Return the responses of a route that are problem documents, for its description."""
    every = (*kinds, "invalid-argument", "unknown-token", "too-large", "too-busy", "archive-unavailable")
    found: dict[int | str, dict[str, Any]] = {}
    for kind in every:
        status, title = KINDS[kind]
        titles = f"{found[status]['description']}; or: {title}" if status in found else title
        found[status] = {
            "description": titles,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return found
