"""Searching, and reading cables."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from cablesearch.answers.objects import cable_object, search_object
from cablesearch.answers.shown import shown
from cablesearch.web.api.description import problems
from cablesearch.web.api.parameters import SearchParameters
from cablesearch.web.asking import Asked, Page

__all__ = ["router"]

router = APIRouter(tags=["search"])


@router.get("/search", summary="Find paragraphs or cables", responses=problems("invalid-query", "superseded"))
async def search(ask: Asked, parameters: Annotated[SearchParameters, Query()]) -> Response:
    """Return the hits of a query, best first. The header `Link` has the address of the next page."""
    given = parameters
    return await ask.json(
        lambda archive: search_object(
            archive.search(
                given.q,
                limit=given.limit,
                offset=given.offset,
                sort=given.sort,
                facets=given.facet,
                **given.filters(),
            ),
            given.facet_size or "all",
        ),
        snapshot=given.snapshot,
        page=Page(given.offset, given.limit),
    )


@router.get("/cable/{reference:path}", summary="Read a cable", responses=problems("unknown-cable"))
async def cable(ask: Asked, reference: str) -> Response:
    """Return a cable, or the paragraph of it that the reference names: `10BEIJING30`, `10BEIJING30¶4`."""
    return await ask.json(lambda archive: cable_object(shown(*archive.show(reference), 0)))
