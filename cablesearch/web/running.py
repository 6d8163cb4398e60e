"""Starting a server."""

from __future__ import annotations

import logging
import socket
import sys
from collections.abc import Callable

import uvicorn
from uvicorn.supervisors import Multiprocess

from cablesearch.web.api.metrics import shared_by_processes
from cablesearch.web.app import create_app
from cablesearch.web.settings import Settings

__all__ = ["serve"]

_SLOW_CLIENT = 30
"""Seconds after which an idle connection is closed."""


def serve(
    settings: Settings,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    workers: int = 1,
    trusted_proxies: str | None = None,
    on_start: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve an archive until the process is told to end.

    Args:
        settings: how the server is set up.
        host, port: the address; port 0: any that is free.
        workers: the number of processes.
        trusted_proxies: the addresses of proxies whose forwarded headers are believed, with commas; None: nobody's.
        on_start: is called with the server's address once it accepts connections.

    Raises:
        OSError: the address cannot be used.
    """
    bound = _bound(host, port)
    settings.to_environment()
    config = uvicorn.Config(
        "cablesearch.web.app:from_environment" if workers > 1 else create_app(settings),
        factory=workers > 1,
        workers=workers,
        access_log=False,
        log_level=logging.WARNING,
        server_header=False,
        proxy_headers=trusted_proxies is not None,
        forwarded_allow_ips=trusted_proxies or "",
        timeout_keep_alive=_SLOW_CLIENT,
        lifespan="on",
    )
    address = bound.getsockname()
    shown = f"[{address[0]}]" if bound.family == socket.AF_INET6 else address[0]
    on_start(f"http://{shown}:{address[1]}/")
    sys.stdout.flush()
    if workers > 1:
        with shared_by_processes():
            Multiprocess(config, sockets=[bound]).run()
    else:
        uvicorn.Server(config).run(sockets=[bound])


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(128)
    except OSError:
        bound.close()
        raise
    bound.set_inheritable(True)
    return bound
