"""The application: routes, errors and what is around them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp

from cablesearch.errors import CablesearchError
from cablesearch.web import api, pages
from cablesearch.web.asking import Service
from cablesearch.web.cache import Cache
from cablesearch.web.guard import Guard
from cablesearch.web.pages.problem_pages import problem_page, refusal, wants_page
from cablesearch.web.paths import path_below_root
from cablesearch.web.problems import ProblemError, problem_of
from cablesearch.web.serving.request_log import RequestLog, route_of
from cablesearch.web.settings import Settings

__all__ = ["NAMES", "create_app"]

NAMES = pages.NAMES | {"api"}
"""How the paths of the server begin."""

_LOG = logging.getLogger("cablesearch.web")
_LEAST_COMPRESSED = 1_000
"""Bytes; smaller answers are sent as they are."""
_COMPRESSION = 5
"""The level of gzip: 9, the default, takes seven times as long for 3 % less."""


class _Application(FastAPI):
    """An application with a guard around it, also around the handler of errors that nobody expects."""

    def build_middleware_stack(self) -> ASGIApp:
        """Return what handles a request."""
        settings = self.state.service.settings
        guarded = Guard(super().build_middleware_stack(), settings, refusal)
        measured = api.Measured(guarded, self.state.metrics)
        return RequestLog(measured, with_queries=settings.log_queries) if settings.logged else measured

    def openapi(self) -> dict[str, Any]:
        """Return the description of the API, which is made once."""
        if self.openapi_schema is None:
            self.openapi_schema = api.document(self)
        return self.openapi_schema


def create_app(settings: Settings, cache: Cache | None = None) -> FastAPI:
    """Return the application, which any ASGI server can run.

    Example::

        app = create_app(Settings("indexes/cables", anonymous="UNCLASSIFIED"))

    Args:
        settings: how the server is set up.
        cache: the answers that are kept, if processes forked from one share them; None: the application keeps its own.
    """
    service = Service(settings, cache)

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        following = asyncio.create_task(service.follow())
        yield
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following
        service.queue.close()

    app = _Application(
        title="cablesearch",
        version=version("cablesearch"),
        description=api.DESCRIPTION,
        openapi_url="/api/v1/openapi.json",
        # Their pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        lifespan=running,
    )
    app.state.service = service
    metrics = app.state.metrics = api.Metrics(service)
    app.state.streams = api.Streams(metrics.streams.set)
    app.include_router(api.router, prefix="/api/v1")
    app.include_router(pages.router)
    for kind in _ERRORS:
        app.add_exception_handler(kind, _handled)
    app.add_middleware(GZipMiddleware, minimum_size=_LEAST_COMPRESSED, compresslevel=_COMPRESSION)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization"],
            expose_headers=["ETag", "Link"],
        )
    return app


_ERRORS = (
    CablesearchError,
    ProblemError,
    ValueError,
    TypeError,
    RequestValidationError,
    HTTPException,
    ClientDisconnect,
    Exception,
)


async def _handled(request: Request, error: Exception) -> Response:
    """Return the response for an error."""
    problem = _problem(request, error)
    if problem.status >= 500 and problem.kind == "internal":
        _LOG.error("%s %s failed", request.method, route_of(request.scope), exc_info=error)
    response = await problem_page(request, problem) if wants_page(request) else problem.response()
    if isinstance(error, HTTPException) and error.headers:
        # Such as the methods that are allowed.
        response.headers.update(error.headers)
    return response


def _problem(request: Request, error: Exception) -> ProblemError:
    if isinstance(error, RequestValidationError):
        return api.invalid(error.errors())
    if isinstance(error, HTTPException):
        if error.status_code == 404:
            return api.nothing_at(path_below_root(request.scope))
        if error.status_code == 405:
            allowed = (error.headers or {}).get("Allow", "")
            return ProblemError("method-not-allowed", f"{request.method} is not allowed here, but {allowed}")
        kind = {413: "too-large"}.get(error.status_code, "invalid-argument")
        return ProblemError(kind, str(error.detail))
    if isinstance(error, ClientDisconnect):
        # Nobody reads it, but the log has the status.
        return ProblemError("invalid-request", "the request was not sent to its end")
    return problem_of(error)
