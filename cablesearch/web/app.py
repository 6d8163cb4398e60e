"""The application: routes, errors and what is around them."""

from __future__ import annotations

import functools
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response

from cablesearch.errors import CablesearchError
from cablesearch.web import api
from cablesearch.web.asking import Service
from cablesearch.web.guard import Guard
from cablesearch.web.problems import ProblemError, problem_of
from cablesearch.web.settings import Settings

__all__ = ["create_app", "from_environment"]

_LOG = logging.getLogger("cablesearch.web")
_LEAST_COMPRESSED = 1_000
"""Bytes; smaller answers are sent as they are."""


def from_environment() -> FastAPI:
    """Return the application for the settings in the environment, in a process of a server."""
    return create_app(Settings.from_environment())


def create_app(settings: Settings) -> FastAPI:
    """Return the application, which any ASGI server can run.

    Example::

        app = create_app(Settings("indexes/cables", anonymous="UNCLASSIFIED"))
    """
    service = Service(settings)

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        yield
        service.queue.close()

    app = FastAPI(
        title="cablesearch",
        version=version("cablesearch"),
        description=api.DESCRIPTION,
        openapi_url="/api/v1/openapi.json",
        # Their pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        root_path=settings.root_path,
        lifespan=running,
    )
    app.state.service = service
    metrics = app.state.metrics = api.Metrics(service)
    app.state.streams = api.Streams(metrics.streams.set)
    app.include_router(api.router, prefix="/api/v1")
    app.openapi = functools.cache(functools.partial(api.document, app))  # type: ignore[method-assign]
    for kind in _ERRORS:
        app.add_exception_handler(kind, _handled)
    app.add_middleware(GZipMiddleware, minimum_size=_LEAST_COMPRESSED)
    app.add_middleware(Guard, shared=bool(settings.origins))
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization"],
            expose_headers=["ETag", "Link"],
        )
    if settings.hosts:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(settings.hosts))
    app.add_middleware(api.Measured, metrics=metrics)
    return app


_ERRORS = (CablesearchError, ProblemError, ValueError, TypeError, RequestValidationError, HTTPException, Exception)


async def _handled(request: Request, error: Exception) -> Response:
    """Return the response for an error."""
    problem = _problem(request, error)
    if problem.status >= 500 and problem.kind == "internal":
        _LOG.error("%s %s failed", request.method, request.url.path, exc_info=error)
    response = problem.response()
    if isinstance(error, HTTPException):
        response.headers.update(error.headers or {})
    return response


def _problem(request: Request, error: Exception) -> ProblemError:
    if isinstance(error, RequestValidationError):
        return api.invalid(error.errors())
    if isinstance(error, HTTPException):
        if error.status_code == 404:
            return api.nothing_at(request.url.path)
        if error.status_code == 405:
            allowed = (error.headers or {}).get("Allow", "")
            return ProblemError("method-not-allowed", f"{request.method} is not allowed here, but {allowed}")
        kind = {413: "too-large"}.get(error.status_code, "invalid-argument")
        return ProblemError(kind, str(error.detail))
    return problem_of(error)
