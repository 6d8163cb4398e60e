"""What the OpenAPI document says of the API, and what is said of arguments that are invalid."""

from __future__ import annotations

from typing import Any

from fastapi.exceptions import RequestValidationError

from cablesearch.text.terminal import one_line
from cablesearch.web.problems import KINDS, ProblemError

__all__ = ["DESCRIPTION", "invalid", "problems"]

DESCRIPTION = """Search archives of diplomatic cables, paragraph by paragraph.

Answers are the JSON that the command line prints with `--format json`; members are only ever added. Errors are problem
documents (RFC 9457). A reader who has a token sends it as `Authorization: Bearer TOKEN`; without one, the clearance is
that for which the server was started."""
_LONGEST_SHOWN = 60


def invalid(error: RequestValidationError) -> ProblemError:
    """Return the problem for arguments of a request that are invalid."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    value = first.get("input")
    given = "" if value is None or isinstance(value, dict) else f", not {one_line(repr(value))[:_LONGEST_SHOWN]}"
    return ProblemError("invalid-argument", f"{one_line(place)}: {_sentence(str(first['msg']))}{given}", argument=place)


def _sentence(message: str) -> str:
    """Return what a validator says in the form of our messages."""
    message = message.removeprefix("Value error, ").removeprefix("Input ").rstrip(".")
    return "there is no such argument" if message.startswith("Extra inputs") else message


def problems(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """Return the responses of a route that are problem documents, for its description."""
    every = (*kinds, "invalid-argument", "unknown-token", "too-busy", "archive-unavailable")
    schema = {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
        },
    }
    found: dict[int | str, dict[str, Any]] = {}
    for kind in every:
        status, title = KINDS[kind]
        found[status] = {"description": title, "content": {"application/problem+json": {"schema": schema}}}
    return found
