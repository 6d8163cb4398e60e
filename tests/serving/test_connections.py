"""Connections whose clients are slow, with an application that reads bodies and sends answers in parts."""

from __future__ import annotations

import asyncio
import functools
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any, cast

import pytest
import uvicorn
from starlette.types import Message, Receive, Scope, Send

from cablesearch.serving.addresses import bound_to
from cablesearch.serving.connections import Connection
from cablesearch.web.guard import Guard
from cablesearch.web.settings import Settings

PART = b"x" * (64 << 10)
PARTS = 100


class Service:
    """An application that answers GET in many parts, ``/nothing`` at once, and all else once the body is there.

    Attributes:
        received: the lengths of the bodies that came whole.
    """

    def __init__(self) -> None:
        self.received: list[int] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/nothing":
            await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})
            return
        if scope["method"] == "GET" and scope["path"] == "/":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for number in range(PARTS):
                await send({"type": "http.response.body", "body": PART, "more_body": number < PARTS - 1})
            return
        length, more = 0, True
        while more:
            message: Message = await receive()
            if message["type"] == "http.disconnect":
                return
            length += len(message["body"])
            more = message.get("more_body", False)
        self.received.append(length)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def port(service: Service) -> Iterator[int]:
    bound = bound_to("127.0.0.1", 0)
    connection = functools.partial(Connection, patience=0.5, most=3)
    guarded = Guard(service, Settings("x"))
    config = uvicorn.Config(guarded, http=cast("Any", connection), log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([bound])))
    thread.start()
    yield int(bound.getsockname()[1])
    server.should_exit = True
    thread.join(20)
    assert not thread.is_alive()
    bound.close()


def connected(port: int) -> socket.socket:
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.settimeout(20)
    raw.connect(("127.0.0.1", port))
    return raw


def everything(raw: socket.socket) -> int:
    """Return how many bytes come until the connection ends."""
    count = 0
    try:
        while part := raw.recv(1 << 16):
            count += len(part)
    except ConnectionResetError:
        pass
    return count


def test_an_answer_in_parts_that_nobody_takes_is_given_up(port: int) -> None:
    with connected(port) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        time.sleep(1.5)
        assert everything(raw) < PARTS * len(PART) / 2


def test_an_answer_in_parts_that_is_taken_is_whole(port: int) -> None:
    with connected(port) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        # With rests that are shorter than the patience, and longer than it all together.
        count = 0
        for _ in range(4):
            time.sleep(0.3)
            while count < 500_000 * (_ + 1):
                count += len(raw.recv(1 << 16))
        assert count + everything(raw) > PARTS * len(PART)


def drip(raw: socket.socket) -> None:
    """Send a byte now and then, for a long time."""
    for _ in range(400):
        raw.sendall(b"x")
        time.sleep(0.05)


def test_a_body_that_comes_slowly_is_given_up_and_one_that_comes_is_not(port: int, service: Service) -> None:
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n"
    with connected(port) as raw:
        raw.sendall(head)
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            drip(raw)
    with connected(port) as raw:
        raw.sendall(head)
        # A second for each 16 KiB: slower than the patience.
        for _ in range(6):
            raw.sendall(b"x" * 10_000)
            time.sleep(0.15)
        assert raw.recv(1 << 16).startswith(b"HTTP/1.1 200 ")
    assert service.received == [60_000]


def test_a_body_that_does_not_come_in_time_is_answered(port: int, service: Service) -> None:
    with connected(port) as raw:
        raw.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{")
        answer = b"".join(iter(lambda: raw.recv(1 << 16), b""))
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert answer.count(b"HTTP/1.1") == 1
    assert service.received == []


def test_a_body_that_does_not_come_in_time_with_head_is_answered_without_a_body(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    with connected(port) as raw:
        raw.sendall(b"HEAD /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{")
        answer = b"".join(iter(lambda: raw.recv(1 << 16), b""))
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert answer.endswith(b"\r\n\r\n")
    assert not caplog.records


def test_a_body_that_is_no_longer_http_after_the_answer_ends_the_connection_and_fills_no_log(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    with connected(port) as raw:
        raw.sendall(b"POST /nothing HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert raw.recv(1 << 16).startswith(b"HTTP/1.1 404 ")
        raw.sendall(b"zzz\r\n")
        assert everything(raw) == 0
    assert not [record for record in caplog.records if record.exc_info]


def test_a_body_that_is_too_large_is_not_read_to_its_end(port: int, service: Service) -> None:
    with connected(port) as raw:
        raw.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n\r\n")
        assert raw.recv(1 << 16).startswith(b"HTTP/1.1 413 ")
    assert service.received == []


def test_no_more_connections_are_held_than_allowed_and_those_that_end_make_room(port: int) -> None:
    held = [connected(port) for _ in range(3)]
    with connected(port) as more:
        assert more.recv(1 << 16).startswith(b"HTTP/1.1 503 ")
    # They say nothing, and are cut off.
    assert [everything(raw) for raw in held] == [0, 0, 0]
    for raw in held:
        raw.close()
    with connected(port) as raw:
        raw.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx")
        assert raw.recv(1 << 16).startswith(b"HTTP/1.1 200 ")
