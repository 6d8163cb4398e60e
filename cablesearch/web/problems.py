"""Errors as problem documents (RFC 9457), with the words of the command line."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from cablesearch.errors import (
    ArchiveNotFoundError,
    CablesearchError,
    CorruptIndexError,
    QueryError,
    UnknownCableError,
    UnreachableError,
    UnreadableFileError,
    UnsupportedError,
    VersionError,
)
from cablesearch.serving.queue import BusyError, TooLongError
from cablesearch.text.terminal import json_line, one_line
from cablesearch.web.archives import SupersededError
from cablesearch.web.readers import UnknownTokenError

__all__ = ["KINDS", "ProblemError", "problem_of"]

_TYPE = "application/problem+json"
KINDS = {
    "invalid-query": (400, "The query is invalid"),
    "invalid-argument": (400, "An argument is invalid"),
    "unknown-token": (401, "The token is not valid"),
    "invalid-request": (400, "The request is not valid HTTP"),
    "forbidden": (403, "This is not allowed"),
    "unknown-cable": (404, "There is no such cable"),
    "not-found": (404, "There is nothing here"),
    "method-not-allowed": (405, "This method is not allowed here"),
    "too-late": (408, "The request was incomplete when the time limit ran out"),
    "superseded": (410, "The archive has changed"),
    "too-large": (413, "The request is too large"),
    "unknown-host": (421, "The server does not have this name"),
    "too-busy": (429, "The server is busy"),
    "headers-too-large": (431, "The headers of the request are too large"),
    "internal": (500, "The server failed"),
    "unsupported": (501, "This archive cannot do this"),
    "archive-unavailable": (503, "The archive cannot be read"),
    "too-slow": (503, "The answer took too long"),
}
"""The kinds of problems: the last part of their type, with the status and the title."""


class ProblemError(Exception):
    """An error as a reader sees it.

    Attributes:
        kind: one of `KINDS`.
        detail: what is wrong.
        more: further members of the document.
    """

    def __init__(self, kind: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.kind = kind
        self.status, self.title = KINDS[kind]
        self.detail = detail
        self.more = more

    @property
    def headers(self) -> dict[str, str]:
        """The headers that belong to the status."""
        if self.status == HTTPStatus.UNAUTHORIZED:
            return {"WWW-Authenticate": 'Bearer realm="cablesearch"'}
        return {"Retry-After": "1"} if self.status in (429, 503) else {}

    def document(self) -> dict[str, Any]:
        """Return the problem document."""
        return {
            "type": f"/help/problems#{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.more,
        }

    def response(self) -> Response:
        """Return the problem document as a response, which is not stored anywhere."""
        return Response(
            json_line(self.document()), self.status, self.headers | {"Cache-Control": "no-store"}, media_type=_TYPE
        )


def problem_of(error: Exception) -> ProblemError:
    """Return the problem for an error. Of an error that nobody expects, it says nothing."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, QueryError):
        return _query_problem(error)
    if isinstance(error, UnknownCableError):
        return ProblemError("unknown-cable", str(error), reference=error.reference, near=list(error.near))
    if isinstance(error, (ArchiveNotFoundError, CorruptIndexError, UnreachableError, UnreadableFileError)):
        return ProblemError("archive-unavailable", _unavailable(error))
    known = isinstance(error, (CablesearchError, ValueError, TypeError))
    said = one_line(str(error)) if known else "an error that was not expected; the log of the server says more"
    kind = "invalid-argument" if known else "internal"
    return ProblemError(next((name for base, name in _OTHERS.items() if isinstance(error, base)), kind), said)


def _unavailable(error: ArchiveNotFoundError | CorruptIndexError | UnreachableError | UnreadableFileError) -> str:
    """Return what readers learn of an archive that cannot be read: no path or address, and nothing of its content."""
    if isinstance(error, UnreachableError):
        return "the cluster with the archive cannot be reached; it may be back in a moment"
    if isinstance(error, ArchiveNotFoundError):
        return "the archive is not there; it may be back in a moment"
    if isinstance(error, VersionError):
        return "the archive was made by another version of cablesearch"
    if isinstance(error, CorruptIndexError):
        return "the archive is damaged; those who run this server can verify it"
    if error.kind == "tokens":
        return "nobody can be let in with a token, as the tokens cannot be read"
    return "the archive cannot be read"


def _query_problem(error: QueryError) -> ProblemError:
    place = {"argument": _ARGUMENTS.get(error.argument, error.argument)} if error.argument else {}
    return ProblemError(
        "invalid-argument" if error.argument else "invalid-query",
        one_line(error.reason),
        **place,
        query=error.query,
        position=error.position,
        advice=error.advice,
    )


_ARGUMENTS = {"tags": "tag", "origins": "origin", "classifications": "classification"}
"""The arguments of the library that have another name in requests."""
_OTHERS: dict[type[Exception], str] = {
    SupersededError: "superseded",
    BusyError: "too-busy",
    TooLongError: "too-slow",
    UnknownTokenError: "unknown-token",
    UnsupportedError: "unsupported",
}
