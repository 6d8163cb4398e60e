"""The page of all values of a facet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import RedirectResponse, Response

from cablesearch.archive import Archive
from cablesearch.errors import QueryError
from cablesearch.request import EVERYTHING
from cablesearch.results.facets import FacetName
from cablesearch.web.asking import Asked as Ask
from cablesearch.web.asking import Asking
from cablesearch.web.pages.rendering import links_of, page
from cablesearch.web.pages.search.asked import Asked, SearchPage
from cablesearch.web.pages.search.counts import counted
from cablesearch.web.pages.search.narrowing import SHOWN, filters_of, in_order, values_of
from cablesearch.web.problems import ProblemError

__all__ = ["router"]

_SIZE = 200
"""The most values on a page."""

router = APIRouter()


@router.get("/search/values")
async def values(ask: Ask, given: Annotated[SearchPage, Query()]) -> Response:
    """Return the page of all values of a facet."""
    asked = Asked(given, links_of(ask))
    if len(given.facet) != 1 or given.facet[0] not in SHOWN:
        raise ProblemError("invalid-argument", f"facet: give one of {', '.join(SHOWN)}", argument="facet")
    name = given.facet[0]
    try:
        return await page(ask, "values.html", lambda archive: _values(ask, archive, asked, name))
    except QueryError:
        # The page of the search shows what is wrong.
        return RedirectResponse(asked.at(0), 303)


def _values(ask: Asking, archive: Archive, asked: Asked, name: FacetName) -> Mapping[str, Any]:
    given = asked.given
    total = archive.search(given.q.strip() or EVERYTHING, limit=0, **given.filters()).total
    counts = in_order(name, counted(ask, archive, given, name)[name])
    start = min(given.offset, max(0, len(counts) - 1)) // _SIZE * _SIZE
    return {
        "asked": asked,
        "query": given.q,
        "kept": asked.kept,
        "filters": filters_of(asked),
        "facet": {"name": name, "values": values_of(asked, name, counts[start : start + _SIZE])},
        "names": SHOWN[name],
        "noun": given.group,
        "total": len(counts),
        "start": start,
        "results": total,
        "before": asked.values_of(name, start - _SIZE) if start else None,
        "behind": asked.values_of(name, start + _SIZE) if start + _SIZE < len(counts) else None,
    }
