"""What stands before the server when it is reached over HTTP: only requests with the token pass, if there is one."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from starlette.responses import Response

from cablesearch.serving.targets import to_path

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Guarded"]


class Guarded:
    """An application that takes only POST, and only with the bearer token if there is one.

    Args:
        app: the application.
        token: the bearer token that clients have to send; None: no token is needed.
    """

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self._app = app
        self._digest = None if token is None else _digest(token.encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        refusal = None
        if scope["type"] == "http":
            to_path(scope)
            refusal = self._refusal(scope)
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        """Return the answer to a request that is refused; None for one that may go on."""
        if self._digest is not None and not self._has_token(scope):
            return Response("Unauthorized", 401, {"WWW-Authenticate": "Bearer"}, "text/plain")
        if scope["method"] != "POST":
            return Response("Method Not Allowed", 405, {"Allow": "POST"}, "text/plain")
        return None

    def _has_token(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        scheme, _, token = given[0].partition(b" ") if len(given) == 1 else (b"", b"", b"")
        is_same = hmac.compare_digest(_digest(token.strip()), self._digest or b"")
        return scheme.lower() == b"bearer" and is_same


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()
