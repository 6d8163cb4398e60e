"""A proxy on loopback in front of a node that records what the node is asked and answers, and may lose some of it."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import ssl
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, NamedTuple
from urllib.parse import unquote

__all__ = ["Exchange", "Loss", "Recorder", "trespasses"]

HOST = "127.0.0.1"
SECONDS = 120
_OF_CONNECTION = {"connection", "content-length", "transfer-encoding", "keep-alive"}
"""Headers that are about a connection and not about what is sent."""
_POINTS = "/_search/point_in_time"
_NAME = r"\.[^\s\"',/?&]*"
"""What follows the name of an archive in the name of an index."""


Loss = Literal["request", "answer"]
"""What is lost: a request before the node gets it, or the answer after the node has done what it was asked."""


class Exchange(NamedTuple):
    """A request and the answer, both without compression; the path has its parameters.

    Attributes:
        authorization: the header with which the client says who it is.
    """

    method: str
    path: str
    request: str
    response: str
    authorization: str | None = None


class Recorder:
    """A context manager: a server that sends all requests on to a node, and records those that are watched.

    Args:
        port: the port of the node on 127.0.0.1.
        tls: how it proves to clients who it is; None: they come without TLS.
    """

    def __init__(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        self._watched: list[Exchange] | None = None
        self._losing: list[tuple[str, re.Pattern[str], Loss]] = []
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Headers and body are sent apart; without this, each answer waits for an acknowledgement.
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                self._node = http.client.HTTPConnection(HOST, port, timeout=SECONDS)

            def finish(self) -> None:
                self._node.close()
                super().finish()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

            def _pass(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name: value for name, value in self.headers.items() if name.lower() not in _OF_CONNECTION}
                loss = recorder._loss(self.command, self.path)
                if loss == "request":
                    self.close_connection = True
                    return
                try:
                    self._node.request(self.command, self.path, body or None, headers)
                    answer = self._node.getresponse()
                    content = answer.read()
                except (OSError, http.client.HTTPException):
                    self.close_connection = True
                    return
                if loss == "answer":
                    self.close_connection = True
                    return
                recorder._record(self, body, answer, content)
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in _OF_CONNECTION:
                        self.send_header(name, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = _pass  # noqa: N815

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def port(self) -> int:
        """The port for clients on 127.0.0.1."""
        return int(self._server.server_address[1])

    def __enter__(self) -> Recorder:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @contextmanager
    def watching(self) -> Iterator[list[Exchange]]:
        """Give the block the exchanges during it."""
        exchanges: list[Exchange] = []
        self._watched = exchanges
        try:
            yield exchanges
        finally:
            self._watched = None

    def lose(self, method: str, path: str, loss: Loss) -> None:
        """Lose the next request of a method whose path matches a pattern, or the answer to it, with its connection."""
        self._losing.append((method, re.compile(path), loss))

    @property
    def is_losing(self) -> bool:
        """Whether something that is to be lost has not come yet."""
        return bool(self._losing)

    def pass_all(self) -> None:
        """Lose nothing more."""
        self._losing.clear()

    def _loss(self, method: str, path: str) -> Loss | None:
        for each in self._losing:
            if each[0] == method and each[1].search(path):
                self._losing.remove(each)
                return each[2]
        return None

    def _record(
        self, asked: BaseHTTPRequestHandler, body: bytes, answer: http.client.HTTPResponse, content: bytes
    ) -> None:
        if self._watched is not None:
            request = _plain(body, asked.headers.get("content-encoding"))
            response = _plain(content, answer.getheader("content-encoding"))
            authorization = asked.headers.get("authorization")
            self._watched.append(Exchange(asked.command, unquote(asked.path), request, response, authorization))


def _plain(content: bytes, encoding: str | None) -> str:
    return (gzip.decompress(content) if encoding == "gzip" else content).decode()


def trespasses(
    exchanges: Collection[Exchange], archive: str, allowed: Collection[str], hidden: Collection[str]
) -> list[str]:
    """Return what a reader with a clearance must not have asked, or been answered.

    Args:
        exchanges: all exchanges of the reader, from when the archive was opened.
        archive: the name of the archive.
        allowed: the names of the indices that the reader may ask.
        hidden: words, in small letters, that are in nothing that the reader may see.
    """
    found: list[str] = []
    points: set[str] = set()
    for exchange in exchanges:
        where = f"{exchange.method} {exchange.path}"
        target = exchange.path.partition("?")[0]
        found += [f"{where}: names {name}" for name in _named(exchange, target, archive) if name not in allowed]
        if exchange.method == "POST" and target.endswith(_POINTS):
            points.add(json.loads(exchange.response)["pit_id"])
        elif target in {"/_search", "/_msearch"}:
            found += [f"{where}: asks {point}" for point in _asked(exchange.request, target) if point not in points]
        response = exchange.response.lower()
        found += [f"{where}: the answer has {word}" for word in hidden if word in response]
    return found


def _named(exchange: Exchange, target: str, archive: str) -> set[str]:
    """Return the names and patterns of indices in a request."""
    first = target.lstrip("/").partition("/")[0]
    in_path = set(first.split(",")) if first and not first.startswith("_") else set()
    return in_path | set(re.findall(re.escape(archive) + _NAME, exchange.path + exchange.request))


def _asked(request: str, target: str) -> list[object]:
    """Return the points in time in a search or several; None for a search without one."""
    bodies: list[dict[str, Any]] = [json.loads(line) for line in request.splitlines() if line]
    if target == "/_msearch":
        bodies = bodies[1::2]
    return [body.get("pit", {}).get("id") for body in bodies]
