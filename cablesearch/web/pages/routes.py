"""All routes of pages. None of them is in the description of the API."""

from __future__ import annotations

from fastapi import APIRouter

from cablesearch.web.pages import assets, helping, login, start
from cablesearch.web.pages.cables import routes as cables
from cablesearch.web.pages.search import searching, values

__all__ = ["router"]

router = APIRouter(include_in_schema=False)
router.include_router(assets.router)
router.include_router(start.router)
router.include_router(login.router)
router.include_router(searching.router)
router.include_router(values.router)
router.include_router(cables.router)
router.include_router(helping.router)
