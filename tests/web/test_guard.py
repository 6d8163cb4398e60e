"""Requests as the guard passes them on: the host that is meant, and the path."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from cablesearch.serving.addresses import names_of
from cablesearch.serving.targets import to_path
from cablesearch.web.guard import Guard
from cablesearch.web.settings import Settings


def scope_of(raw_path: bytes, host: str = "localhost") -> dict[str, Any]:
    return {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": raw_path.decode("latin-1"),
        "raw_path": raw_path,
        "query_string": b"",
        "headers": [(b"host", host.encode("latin-1"))],
    }


async def nothing() -> Message:
    return {"type": "http.request"}


async def empty(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def status_of(scope: dict[str, Any]) -> int:
    """Return the status of the answer to a request through a guard."""
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    settings = Settings("x", hosts=names_of("127.0.0.1", ["cables.example"]))
    asyncio.run(Guard(empty, settings)(scope, nothing, send))
    return int(messages[0]["status"])


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST.:80", 200),
        ("localhost:", 200),
        ("[::1]", 200),
        ("[::1]:8000", 200),
        ("cables.example:443", 200),
        ("localhost:80@evil.example", 421),
        ("localhost:evil.example", 421),
        ("[::1]@evil.example", 421),
        ("[::1]evil.example:80", 421),
        ("localhost:80:80", 421),
        ("localhost:\u00b2", 421),
        ("", 421),
    ],
)
def test_only_a_number_is_a_port(host: str, status: int) -> None:
    assert status_of(scope_of(b"/", host)) == status


@pytest.mark.parametrize("user", [b"localhost:80@", b"localhost@", b"@"])
def test_an_address_with_the_name_of_a_user_is_no_address_of_a_server(user: bytes) -> None:
    raw_path = b"http://" + user + b"evil.example/cables"
    scope = scope_of(raw_path, "evil.example")
    assert status_of(scope) == 421
    scope = scope_of(raw_path)
    to_path(scope)
    assert scope == scope_of(raw_path)


def test_an_address_may_have_characters_that_nobody_quoted() -> None:
    scope = scope_of(b"http://localhost:80/caf\xe9%20au")
    to_path(scope)
    assert (scope["raw_path"], scope["path"]) == (b"/caf\xe9%20au", "/café au")
