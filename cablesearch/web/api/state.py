"""The routes of health and of metrics."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.responses import Response

from cablesearch.text.terminal import json_line
from cablesearch.web.api.checking import checked
from cablesearch.web.api.metrics import CONTENT_TYPE_LATEST, Metrics
from cablesearch.web.api.openapi.description import problems
from cablesearch.web.api.parameters import CableParameters
from cablesearch.web.asking import Asked
from cablesearch.web.problems import ProblemError

__all__ = ["router"]

router = APIRouter(tags=["State"], dependencies=[Depends(checked(CableParameters))])
_NOT_STORED = {"Cache-Control": "no-store"}


def _healthy(status: str) -> Response:
    return Response(json_line({"version": 1, "status": status}), headers=_NOT_STORED, media_type="application/json")


@router.get("/health/live", operation_id="live", summary="See whether the server runs", responses=problems())
async def live() -> Response:
    """Whether the server answers at all, also while its archive cannot be read."""
    return _healthy("live")


@router.get("/health/ready", operation_id="ready", summary="See whether the archive can be read", responses=problems())
async def ready(ask: Asked) -> Response:
    """Whether the archive can be read: 200, or 503 with the reason."""
    await ask.ask(lambda archive: None)
    return _healthy("ready")


@router.get("/health", operation_id="health", summary="See whether the archive can be read", responses=problems())
async def health(ask: Asked) -> Response:
    """As `/health/ready`."""
    return await ready(ask)


@router.get("/metrics", operation_id="metrics", summary="Get figures for Prometheus", responses=problems("forbidden"))
async def metrics(ask: Asked) -> Response:
    """Requests by route and status, how long they took, the queue and the cache, over all processes of the server.
    They are about all readers, so they need full clearance."""
    if not ask.reader.sees_all:
        raise ProblemError("forbidden", "metrics are about all readers, so they need full clearance")
    figures: Metrics = ask.request.app.state.metrics
    return Response(figures.text(), headers=_NOT_STORED | {"Content-Type": CONTENT_TYPE_LATEST})
