"""How clients reach the server: over standard input and output, or over HTTP."""

from __future__ import annotations

import functools
import ipaddress
import logging
import signal
import socket
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

import anyio
import uvicorn
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings

from cablesearch.errors import CablesearchError
from cablesearch.mcp.guard import Guarded
from cablesearch.serving.addresses import bound_to
from cablesearch.serving.connections import Connection
from cablesearch.text.terminal import printable

if TYPE_CHECKING:
    from starlette.types import ASGIApp

__all__ = ["PATH", "http_app", "is_loopback", "serve_http", "serve_stdio"]

PATH = "/mcp"
"""The path of the server's address."""
_LARGEST_REQUEST = 1 << 20
"""Bytes of the body of a request."""
_PATIENCE = 20.0
"""Seconds that a client has for the head of a request, and for its body."""
_MOST_CONNECTIONS = 200
_KEPT_OPEN = 15
"""Seconds for which an idle connection is kept."""
_LAST_MOMENT = 5
"""Seconds that open requests have when the server ends."""


class _PlainLines(logging.Formatter):
    """Formats what the server, the SDK and the web server log: nothing that clients send can command a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for a record."""
        return f"{record.levelname.capitalize()}: {printable(super().format(record))}"


def _log_to_standard_error() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(_PlainLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def is_loopback(host: str) -> bool:
    """Return whether a host name or address is that of this machine only."""
    try:
        return host.lower() == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def serve_stdio(server: Server[Any]) -> None:
    """Serve one client over standard input and output until it closes its end."""
    _log_to_standard_error()
    # A thread waits for the next line, and cannot be interrupted.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

    async def serve() -> None:
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())

    anyio.run(serve)


def serve_http(
    server: Server[Any],
    host: str,
    port: int,
    *,
    hosts: Sequence[str] = (),
    token: str | None = None,
    ready: Callable[[str], None],
) -> None:
    """Serve clients over streamable HTTP until the process is interrupted.

    Args:
        server: the server.
        host: the name or address to listen on.
        port: the port; 0: any free one.
        hosts: more names under which clients may reach it (see `http_app`).
        token: the bearer token that clients have to send; None: no token is needed.
        ready: is called with the address of the server once it can be reached.

    Raises:
        CablesearchError: it cannot listen there.
    """
    _log_to_standard_error()
    bare = host.strip("[]")
    try:
        listening = bound_to(bare, port)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CablesearchError(f"cannot listen on {host}, port {port}: {reason}") from None
    # A client that goes away must not end the process.
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    config = uvicorn.Config(
        http_app(server, host, hosts=hosts, token=token),
        http=cast("Any", functools.partial(Connection, patience=_PATIENCE, most=_MOST_CONNECTIONS)),
        ws="none",
        access_log=False,
        log_config=None,
        timeout_keep_alive=_KEPT_OPEN,
        timeout_graceful_shutdown=_LAST_MOMENT,
        server_header=False,
    )
    shown = f"[{bare}]" if ":" in bare else bare
    with listening:
        address = f"http://{shown}:{listening.getsockname()[1]}{PATH}"
        _Announcing(config, lambda: ready(address)).run(sockets=[listening])


class _Announcing(uvicorn.Server):
    """A web server that says when it is ready: from then on, an interrupt ends it in order."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to take requests."""
        await super().startup(sockets)
        self._ready()


def http_app(server: Server[Any], host: str, *, hosts: Sequence[str] = (), token: str | None = None) -> ASGIApp:
    """Return the application for a web server.

    Each request stands alone: there are no sessions, and an answer is one JSON object. So the address takes nothing but
    POST. Requests must name a host that is allowed, which keeps web pages of others from reaching the server through a
    name of theirs (DNS rebinding).

    Args:
        server: the server.
        host: the name or address that it listens on, which is allowed.
        hosts: more names that are allowed, such as that of a proxy; with their port, unless it is any port.
        token: the bearer token that clients have to send; None: no token is needed.
    """
    bare = host.strip("[]")
    names = [f"[{bare}]" if ":" in bare else bare, *hosts]
    if is_loopback(host):
        names += ["127.0.0.1", "localhost", "[::1]"]
    allowed = [form for name in dict.fromkeys(names) for form in (name, f"{name}:*")]
    app = server.streamable_http_app(
        streamable_http_path=PATH,
        json_response=True,
        stateless_http=True,
        max_request_body_size=_LARGEST_REQUEST,
        transport_security=TransportSecuritySettings(
            enable_dns_rebinding_protection=True,
            allowed_hosts=allowed,
            allowed_origins=[f"{scheme}://{name}" for name in allowed for scheme in ("http", "https")],
        ),
    )
    return Guarded(app, token)
