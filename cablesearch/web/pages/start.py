"""The start page: an overview of the archive."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from cablesearch.web.asking import Asked
from cablesearch.web.pages.rendering import page

__all__ = ["router"]

router = APIRouter()


@router.get("/")
async def start(ask: Asked) -> Response:
    """Return the start page."""
    return await page(ask, "blank.html", lambda archive: {})
