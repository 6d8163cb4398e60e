"""What is around every request: the headers of security, and the limit of its size."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cablesearch.web.problems import ProblemError

__all__ = ["Guard"]

LARGEST_BODY = 1 << 20
"""Bytes of the body of a request."""
_LONGEST_QUERY = 16 << 10
"""Bytes of the query string of a request."""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    # With none at all, browsers do not say either from which page a form was sent.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Guard:
    """Adds the headers of security to all responses, and refuses requests that are too large."""

    def __init__(self, app: ASGIApp, *, shared: bool = False) -> None:
        self._app = app
        self._headers = dict(_HEADERS)
        if shared:
            # Pages of other origins may read answers.
            self._headers["Cross-Origin-Resource-Policy"] = "cross-origin"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        if len(scope.get("query_string", b"")) > _LONGEST_QUERY:
            problem = ProblemError("too-large", f"a query string has at most {_LONGEST_QUERY:,} bytes")
            await problem.response()(scope, receive, guarded)
            return
        received = 0

        async def limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > LARGEST_BODY:
                raise ProblemError("too-large", f"the body of a request has at most {LARGEST_BODY:,} bytes")
            return message

        await self._app(scope, limited, guarded)
