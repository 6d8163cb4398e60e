"""All routes of pages. None of them is in the description of the API."""

from __future__ import annotations

from fastapi import APIRouter

from cablesearch.web.pages import assets, start

__all__ = ["router"]

router = APIRouter(include_in_schema=False)
router.include_router(assets.router)
router.include_router(start.router)
