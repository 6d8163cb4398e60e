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
from starlette.responses import Response

from cablesearch.serving.addresses import WAITING
from cablesearch.serving.connections import Connection
from cablesearch.web.api.metrics import shared_by_processes
from cablesearch.web.app import create_app
from cablesearch.web.cache import Cache
from cablesearch.web.guard import security_headers
from cablesearch.web.problems import ProblemError
from cablesearch.web.serving.request_log import configure, write_line
from cablesearch.web.serving.workers import supervise
from cablesearch.web.settings import Settings

__all__ = ["Process", "serve"]

_IDLE = 30
"""Seconds after which a connection is closed on which nothing is asked."""
_TAKEN_AT_ONCE = 1
"""Connections that a process takes before it does something else. With as many as may wait, which is the rule, the
first process that wakes would take all, and its readers would wait while others are idle."""
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
    asyncio.run(_answer(Process(settings, cache, proxies), bound, watched))


class Process(uvicorn.Server):
    """What answers requests in a process of the server.

    Args:
        settings, proxies: as for `serve`.
        cache: the answers that the processes share.
    """

    def __init__(self, settings: Settings, cache: Cache, proxies: Sequence[str] = ()) -> None:
        super().__init__(_config(settings, cache, proxies))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take connections; more may wait than are taken at once."""
        await super().startup(sockets)
        for bound in sockets or ():
            bound.listen(WAITING)


def _config(settings: Settings, cache: Cache, proxies: Sequence[str]) -> uvicorn.Config:
    connection = functools.partial(Connection, patience=settings.patience, most=settings.connections, refusal=_refusal)
    if settings.logged:
        connection = functools.partial(connection, report=_log)
    return uvicorn.Config(
        create_app(settings, cache),
        http=cast("Any", connection),
        ws="none",
        access_log=False,
        log_config=None,
        log_level=logging.ERROR,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        backlog=_TAKEN_AT_ONCE,
        timeout_keep_alive=_IDLE,
        timeout_graceful_shutdown=_GRACE,
        lifespan="on",
    )


_REFUSALS = {
    400: ("invalid-request", "the request could not be read"),
    408: ("too-late", "the request was incomplete when the time limit ran out"),
    431: ("headers-too-large", "the request could not be read"),
}
"""The problems of what never becomes a request, by their status."""


def _refusal(status: int) -> Response:
    """Return the response for what never becomes a request."""
    response = ProblemError(*_REFUSALS[status]).response()
    for name, value in security_headers().items():
        response.headers.setdefault(name, value)
    return response


def _log(status: int | None) -> None:
    """Write a line for a request that the application does not see."""
    more = "" if status else " (a client that sent nothing in time was cut off)"
    write_line(f"- - {status or '-'} 0 0ms -{more}")


async def _answer(server: uvicorn.Server, bound: socket.socket, watched: int) -> None:
    def end() -> None:
        asyncio.get_running_loop().remove_reader(watched)
        server.should_exit = True

    os.set_blocking(watched, False)
    asyncio.get_running_loop().add_reader(watched, end)
    await server.serve(sockets=[bound])
