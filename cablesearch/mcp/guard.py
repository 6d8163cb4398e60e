"""What stands before the server when it is reached over HTTP: tokens, and clients that are slow."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from typing import TYPE_CHECKING, Any

import anyio
import h11
from starlette.responses import Response
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["LARGEST_REQUEST", "Guarded", "Punctual"]

LARGEST_REQUEST = 1 << 20
"""Bytes of the body of a request."""
_LONGEST_LENGTH = 9
SLOWEST = 20.0
"""Seconds within which the head of a request, and its body, have to come."""


class Punctual(H11Protocol):
    """A connection that is closed if the head of a request does not come in time."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Take what has come."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._unwatch()
        super().connection_lost(exc)

    def _watch(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._unwatch()
        elif self._late is None:
            self._late = self.loop.call_later(SLOWEST, self.transport.close)

    def _unwatch(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


class Guarded:
    """An application that takes only POST, only with the bearer token if there is one, and only what comes in time.

    Args:
        app: the application.
        token: the bearer token that clients have to send; None: no token is needed.
    """

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self._app = app
        self._digest = None if token is None else _digest(token.encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal, body = self._refusal(scope), b""
        if refusal is None:
            refusal, body = await _body(receive)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return whole.pop() if whole else await receive()

        await self._app(scope, replay, send)

    def _refusal(self, scope: Scope) -> Response | None:
        """Return the answer to a request that is refused; None for one that may go on."""
        if self._digest is not None and not self._has_token(scope):
            return Response("Unauthorized", 401, {"WWW-Authenticate": "Bearer"}, "text/plain")
        if scope["method"] != "POST":
            return Response("Method Not Allowed", 405, {"Allow": "POST"}, "text/plain")
        length = dict(scope["headers"]).get(b"content-length", b"0")
        # As many digits as fit, so that no number takes long to read.
        if len(length) > _LONGEST_LENGTH or not length.isdigit() or int(length) > LARGEST_REQUEST:
            return _closing("Content Too Large", 413)
        return None

    def _has_token(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        scheme, _, token = given[0].partition(b" ") if len(given) == 1 else (b"", b"", b"")
        is_same = hmac.compare_digest(_digest(token.strip()), self._digest or b"")
        return scheme.lower() == b"bearer" and is_same


async def _body(receive: Receive) -> tuple[Response | None, bytes]:
    """Return the body of a request; or the answer to one that is too large, or does not come in time."""
    body = bytearray()
    with anyio.move_on_after(SLOWEST):
        while len(body) <= LARGEST_REQUEST:
            message: dict[str, Any] = dict(await receive())
            body += message.get("body", b"")
            # A client that is gone gets an answer that nobody reads.
            if not message.get("more_body", False):
                return None, bytes(body)
        return _closing("Content Too Large", 413), b""
    return _closing("Request Timeout", 408), b""


def _closing(reason: str, status: int) -> Response:
    return Response(reason, status, {"Connection": "close"}, "text/plain")


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()
