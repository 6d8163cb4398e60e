"""What is around every request: which are refused, the headers of security, and the methods HEAD and OPTIONS."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request, cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cablesearch.serving.targets import to_path
from cablesearch.text.terminal import one_line
from cablesearch.web.paths import path_below_root
from cablesearch.web.problems import ProblemError
from cablesearch.web.readers import COOKIE
from cablesearch.web.settings import Settings

__all__ = [
    "HEAD_ALONE",
    "LARGEST_BODY",
    "LARGEST_HEADERS",
    "LONGEST_QUERY",
    "MOST_HEADERS",
    "Guard",
    "security_headers",
]

LARGEST_BODY = 1 << 20
"""Bytes of the body of a request."""
LONGEST_QUERY = 16 << 10
"""Bytes of the query string of a request."""
MOST_HEADERS = 100
"""Headers of a request."""
LARGEST_HEADERS = 32 << 10
"""Bytes of the headers of a request."""
_YEAR = 365 * 24 * 60 * 60
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEAD_ALONE = "head_alone"
"""Where the state of a request says that the body of its answer is not sent, so that it need not be made."""
_HOST = re.compile(r"(?:\[(?P<address>[^\[\]]*)\]|(?P<name>[^:@]*))(?::[0-9]*)?")
_SAFE = {"GET", "HEAD", "OPTIONS"}
"""Methods that change nothing."""


def security_headers(*, shared: bool = False, secure: bool = False) -> dict[str, str]:
    """Return the headers of security, which every response has.

    Args:
        shared: whether pages of other origins may read answers.
        secure: whether readers reach the server by https.
    """
    headers = {
        "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        # With none at all, browsers do not say either from which page a form was sent.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "cross-origin" if shared else "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        # Unless a response says more: nothing is shown again that the server was not asked for again.
        "Cache-Control": "private, no-cache",
    }
    return headers | ({"Strict-Transport-Security": f"max-age={_YEAR}"} if secure else {})


def _document(request: Request, problem: ProblemError) -> Response:
    return problem.response()


class Guard:
    """Refuses requests that are too large, or come by way of pages of others, and adds the headers of security.

    Args:
        app: the application.
        settings: how the server is set up.
        answer: returns the response to a request that is refused.
    """

    def __init__(
        self, app: ASGIApp, settings: Settings, answer: Callable[[Request, ProblemError], Response] = _document
    ) -> None:
        self._app = app
        self._answer = answer
        self._hosts = {host.lower() for host in settings.hosts}
        self._addresses = settings.addresses
        self._origins = settings.origins
        self._root = settings.root_path
        self._headers = {
            secure: security_headers(shared=bool(settings.origins), secure=secure) for secure in (False, True)
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        to_path(scope)
        response = _Response(send, scope["method"], self._headers[scope.get("scheme") == "https"])
        if self._root:
            scope["root_path"] = self._root
            if scope["path"].startswith("/") and scope["path"] != self._root:
                # Some proxies leave the path as it is, others do not. With the root, redirects lead below it.
                scope["path"] = self._root + path_below_root(scope)
        if problem := self._refusal(scope):
            await self._answer(Request(scope), problem)(scope, receive, response.send)
            return
        if scope["method"] == "HEAD":
            # In place, as the log reads from it afterwards which route it was.
            scope["method"] = "GET"
            scope.setdefault("state", {})[HEAD_ALONE] = True
        try:
            await self._app(scope, _Body(receive, response).receive, response.send)
        except Exception:
            # It was answered, and logged, by the handler of errors. A response that is cut off has to look cut off.
            if not response.is_complete:
                raise

    def _refusal(self, scope: Scope) -> ProblemError | None:
        """Return why a request is refused before anything else looks at it."""
        given = scope["headers"]
        if len(given) > MOST_HEADERS or sum(len(name) + len(value) for name, value in given) > LARGEST_HEADERS:
            limit = f"{MOST_HEADERS} headers of {LARGEST_HEADERS:,} bytes together"
            return ProblemError("headers-too-large", f"a request has at most {limit}")
        if len(scope.get("query_string", b"")) > LONGEST_QUERY:
            return ProblemError("too-large", f"a query string has at most {LONGEST_QUERY:,} bytes")
        headers = Headers(scope=scope)
        host = headers.get("host")
        if host is not None and not self._is_ours(host):
            detail = f"this server is not {one_line(_name_of(host)[:80])}; those who run it can allow the name"
            return ProblemError("unknown-host", detail)
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length[:20]) > LARGEST_BODY:
            return _too_large()
        if scope["method"] not in _SAFE and not self._is_from_here(scope, headers):
            return ProblemError("forbidden", "this was sent by a page of another site")
        return None

    def _is_ours(self, host: str) -> bool:
        """Return whether a request names this server, and not one whose name was made to lead here (DNS rebinding)."""
        if not self._hosts or "*" in self._hosts:
            return True
        name = _name_of(host)
        return name in self._hosts or (self._addresses and _is_address(name))

    def _is_from_here(self, scope: Scope, headers: Headers) -> bool:
        """Return whether a request that may change something comes from a page of this server, or from no page (CSRF).

        A browser says where it comes from. Programs do not, but send no cookie either.
        """
        cookies = ";".join(headers.getlist("cookie"))
        has_cookie = COOKIE in cookie_parser(cookies)
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if site == "same-origin":
            return True
        if origin is not None and not has_cookie and (origin in self._origins or "*" in self._origins):
            return True
        if site is not None:
            return False
        if origin is not None:
            return origin.lower() == f"{scope.get('scheme', 'http')}://{headers.get('host', '')}".lower()
        return not has_cookie


def _name_of(host: str) -> str:
    """Return the name in a header ``Host``, without the port; the whole header if it is not a name and a port."""
    given = host.strip().lower()
    match = _HOST.fullmatch(given)
    if match is None:
        return given
    return match["name"].rstrip(".") if match["address"] is None else match["address"]


def _is_address(name: str) -> bool:
    from ipaddress import ip_address

    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _too_large() -> ProblemError:
    return ProblemError("too-large", f"the body of a request has at most {LARGEST_BODY:,} bytes")


class _Response:
    """Passes on the messages of a response, with more headers, and without the body if only the head was asked for."""

    def __init__(self, send: Send, method: str, headers: dict[str, str]) -> None:
        self._send = send
        self._method = method
        self._headers = headers
        self._has_body = method != "HEAD"
        self.is_complete = False

    async def send(self, message: Message) -> None:
        """Send a message."""
        if self.is_complete:
            return
        if message["type"] == "http.response.start":
            self._complete_head(message)
        elif message["type"] == "http.response.body":
            if not self._has_body:
                message = {"type": "http.response.body", "body": b"", "more_body": False}
            self.is_complete = not message.get("more_body", False)
        await self._send(message)

    def _complete_head(self, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in self._headers.items():
            headers.setdefault(name, value)
        if message["status"] == HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = {method.strip() for method in headers.get("allow", "").split(",") if method.strip()}
            headers["Allow"] = ", ".join(_all_allowed(allowed))
            if self._method == "OPTIONS":
                message["status"] = int(HTTPStatus.NO_CONTENT)
                for name in ("content-type", "content-length"):
                    del headers[name]
                self._has_body = False


def _all_allowed(methods: Iterable[str]) -> list[str]:
    """Return the methods that a path allows, given those that its routes name."""
    allowed = {*methods, "OPTIONS"}
    return sorted(allowed | ({"HEAD"} if "GET" in allowed else set()))


class _Body:
    """Receives the body of a request, up to the limit of its size."""

    def __init__(self, receive: Receive, response: _Response) -> None:
        self._receive = receive
        self._response = response
        self._received = 0

    async def receive(self) -> Message:
        """Return the next message.

        Raises:
            HTTPException: the body is too large. (It passes through what reads the body for a route.)
        """
        if self._response.is_complete:
            return {"type": "http.disconnect"}
        message = await self._receive()
        self._received += len(message.get("body", b""))
        if self._received > LARGEST_BODY:
            raise HTTPException(int(HTTPStatus.REQUEST_ENTITY_TOO_LARGE), _too_large().detail)
        return message
