"""Requests without a server: the application answers in this process."""

from __future__ import annotations

import asyncio
import string
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from starlette.types import ASGIApp, Message

__all__ = ["Reply", "exchange", "get"]

_Body = Callable[[bytes], Awaitable[None]]


@dataclass(slots=True)
class Reply:
    """What the application replied.

    Attributes:
        status: the status.
        headers: the headers; their names are in small letters.
        body: the body, unless it was handed on while it came.
    """

    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


async def exchange(
    app: ASGIApp,
    target: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    on_body: _Body | None = None,
) -> Reply:
    """Send a request to an application and return its reply.

    Args:
        app: the application.
        target: the path of the request, with its query string.
        method: the method.
        headers: the headers.
        body: the body.
        on_body: is called with each part of the reply's body; without it the reply has the whole.
    """
    reply, parts = Reply(), list[bytes]()
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            # The client never leaves.
            await asyncio.Event().wait()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            reply.status = message["status"]
            reply.headers = {name.decode().lower(): value.decode("latin-1") for name, value in message["headers"]}
        elif part := message.get("body", b""):
            await on_body(part) if on_body else parts.append(part)

    await app(_scope(target, method, headers or {}), receive, send)
    reply.body = b"".join(parts)
    return reply


def _scope(target: str, method: str, headers: Mapping[str, str]) -> dict[str, Any]:
    # What people type may have characters that an address does not have.
    path, _, query = quote(target, safe=string.punctuation).partition("?")
    given = {"host": "localhost"} | {name.lower(): value for name, value in headers.items()}
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in given.items()],
        "client": ("127.0.0.1", 0),
        "server": ("localhost", 80),
    }


def get(app: ASGIApp, target: str, write: Callable[[bytes], object]) -> int:
    """Ask an application for an address, write the body of its reply while it comes, and return its status."""

    async def written(part: bytes) -> None:
        write(part)

    return asyncio.run(exchange(app, target, on_body=written)).status
