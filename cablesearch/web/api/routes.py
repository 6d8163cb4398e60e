"""All routes under /api/v1."""

from __future__ import annotations

from fastapi import APIRouter

from cablesearch.web.api import searching

__all__ = ["router"]

router = APIRouter()
router.include_router(searching.router)
