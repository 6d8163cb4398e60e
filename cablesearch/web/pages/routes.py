"""All routes of pages. None of them is in the description of the API."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.routing import APIRoute

from cablesearch.web.pages import assets, helping, login, start
from cablesearch.web.pages.cables import routes as cables
from cablesearch.web.pages.search import searching, values

__all__ = ["NAMES", "router"]

_PARTS = (assets, start, login, searching, values, cables, helping)
router = APIRouter(include_in_schema=False)
for _part in _PARTS:
    router.include_router(_part.router)
NAMES = frozenset(
    route.path.split("/")[1] for part in _PARTS for route in part.router.routes if isinstance(route, APIRoute)
) - {""}
"""How the paths of pages begin."""
