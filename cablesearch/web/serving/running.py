"""Starting a server."""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import signal
import socket
from collections.abc import Sequence
from typing import Any, cast

import uvicorn

from cablesearch.web.api.metrics import shared_by_processes
from cablesearch.web.app import create_app
from cablesearch.web.cache import Cache
from cablesearch.web.serving.connections import Connection
from cablesearch.web.serving.request_log import configure
from cablesearch.web.serving.workers import supervise
from cablesearch.web.settings import Settings

__all__ = ["serve"]

_IDLE = 30
"""Seconds after which a connection is closed on which nothing is asked."""
_GRACE = 10
"""Seconds that requests have to be answered when the server ends."""


def serve(settings: Settings, bound: socket.socket, *, workers: int = 1, proxies: Sequence[str] = ()) -> signal.Signals:
    """Serve an archive until the process is told to end, and return the signal that told it.

    Args:
        settings: how the server is set up.
        bound: a socket that listens; it is closed at the end.
        workers: the number of processes that answer.
        proxies: the addresses and networks of proxies whose forwarded headers are believed.

    Raises:
        ServerError: the processes end as soon as they are started.
    """
    configure(with_messages=settings.log_queries)
    cache = Cache()
    with shared_by_processes(workers):
        return supervise(
            lambda watched: _work(settings, cache, bound, proxies, watched), workers, _GRACE + 2, bound.close
        )


def _work(settings: Settings, cache: Cache, bound: socket.socket, proxies: Sequence[str], watched: int) -> None:
    """Answer requests in a process of the server, until it is told to end, or the one that looks after it is gone."""
    connection = functools.partial(Connection, patience=settings.patience, most=settings.connections)
    if not settings.logged:
        connection = functools.partial(connection, write=None)
    config = uvicorn.Config(
        create_app(settings, cache),
        http=cast("Any", connection),
        ws="none",
        access_log=False,
        log_config=None,
        log_level=logging.ERROR,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        timeout_keep_alive=_IDLE,
        timeout_graceful_shutdown=_GRACE,
        lifespan="on",
    )
    asyncio.run(_answer(uvicorn.Server(config), bound, watched))


async def _answer(server: uvicorn.Server, bound: socket.socket, watched: int) -> None:
    def end() -> None:
        asyncio.get_running_loop().remove_reader(watched)
        server.should_exit = True

    os.set_blocking(watched, False)
    asyncio.get_running_loop().add_reader(watched, end)
    await server.serve(sockets=[bound])
