"""The log of a server on standard error: a line for each request, and one for whatever goes wrong.

By default it says neither what was searched nor which cables were read: people who may read the log may not be cleared
for them. It has no token, and no address of a reader.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cablesearch.serving.connections import REFUSED
from cablesearch.text.terminal import one_line
from cablesearch.web.paths import path_below_root
from cablesearch.web.readers import NAMED

__all__ = ["RequestLog", "configure", "places_of", "route_of", "write_line"]

_LONGEST = 4_000
"""Bytes of a line. The system writes so many at once, so that the lines of several processes stay apart."""
_CUT = "… (cut)"
_NOT_ROUTED = "-"
_LOGGERS = ("uvicorn", "asyncio", "concurrent.futures", "cablesearch.web")


def write_line(text: str) -> None:
    """Write a line with the time to standard error, in one piece; a log that cannot be written stops nobody."""
    now = dt.datetime.now(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
    line = one_line(f"{now}Z {text}").encode("utf-8", "backslashreplace")
    if len(line) > _LONGEST:
        line = line[: _LONGEST - len(_CUT.encode())].decode(errors="ignore").encode() + _CUT.encode()
    with contextlib.suppress(OSError, ValueError):
        os.write(sys.stderr.fileno(), line + b"\n")


def route_of(scope: Scope) -> str:
    """Return the path of a request as its route has it: ``/api/v1/cable/{reference}``, whatever the reference was."""
    template = getattr(scope.get("route"), "path_format", None)
    if not isinstance(template, str):
        # Such as the files of a folder.
        mounted: str = scope.get("root_path", "").removeprefix(scope.get("app_root_path", ""))
        return f"{mounted}/{{path}}" if "app_root_path" in scope and mounted else _NOT_ROUTED
    # The route may not know under which path its router is.
    with contextlib.suppress(KeyError, IndexError, ValueError):
        own = template.format(**scope.get("path_params", {}))
        path = path_below_root(scope)
        if path.endswith(own):
            return path[: len(path) - len(own)] + template
    return template


class RequestLog:
    """Writes a line for each request: time, method, path, status, bytes, milliseconds, and the reader's name.

    Args:
        app: what answers.
        with_queries: whether the line has the path and the query as they were sent, and not the path of the route.
        write: writes a line.
    """

    def __init__(self, app: ASGIApp, *, with_queries: bool = False, write: Callable[[str], None] = write_line) -> None:
        self._app = app
        self._with_queries = with_queries
        self._write = write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method, start, asked = scope["method"], time.perf_counter(), _asked(scope)
        status, sent = "-", 0

        async def counted(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = str(message["status"])
            else:
                sent += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, counted)
        finally:
            path = asked if self._with_queries else route_of(scope)
            took = (time.perf_counter() - start) * 1000
            state = scope.get("state", {})
            reader, status = state.get(NAMED) or "-", state.get(REFUSED) or status
            self._write(f"{method[:20]} {path} {status} {sent} {took:.1f}ms {reader}")


def _asked(scope: Scope) -> str:
    """Return the path and the query of a request as they were sent."""
    path: bytes = scope.get("raw_path") or scope["path"].encode("utf-8", "replace")
    query: bytes = scope.get("query_string", b"")
    return (path + (b"?" + query if query else b"")).decode("latin-1")


class _Lines(logging.Handler):
    """Writes what libraries log as lines.

    Of an error it has the kind and the places in the program: the message may repeat what somebody searched for.
    """

    def __init__(self, *, with_messages: bool) -> None:
        super().__init__()
        self._with_messages = with_messages

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        error = record.exc_info[1] if record.exc_info else None
        text = record.getMessage().strip()
        described = f": {places_of(error, with_messages=self._with_messages)}" if error else ""
        write_line(f"{record.levelname.lower()}: {text}{described}")


def places_of(error: BaseException, *, with_messages: bool = False) -> str:
    """Return the kind of an error and where in the program it was raised, on one line."""
    kinds: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(kinds) < 3:
        frames = traceback.extract_tb(seen.__traceback__)[-6:]
        places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
        said = f": {seen}" if with_messages and str(seen) else ""
        kinds.append(f"{type(seen).__name__}{said} ({places})")
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "; after ".join(kinds)


def configure(*, with_messages: bool) -> None:
    """Let what libraries log in this process be lines of the log.

    Args:
        with_messages: whether errors are written with their messages, which may repeat what somebody searched for.
    """
    handler = _Lines(with_messages=with_messages)
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(logging.ERROR if name == "uvicorn" else logging.WARNING)
