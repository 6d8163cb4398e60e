"""Figures on all results of a search, kept for all pages and orders of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from cablesearch.archive import Archive
from cablesearch.cable import Level
from cablesearch.request import EVERYTHING
from cablesearch.results.facets import Count, FacetName
from cablesearch.results.hits import iso_date
from cablesearch.web.asking import Asking
from cablesearch.web.cache import Answer
from cablesearch.web.pages.search.asked import SearchPage

__all__ = ["Extent", "counted", "extent"]

_WHAT_COUNTS = {"q", "tag", "origin", "classification", "since", "until", "any", "group", "acronyms"}
"""The arguments on which the figures depend."""


class Extent(NamedTuple):
    """How far results reach: their cables, those without a date, and the first and the last date in ISO 8601."""

    cables: int
    undated: int
    first_date: str | None
    last_date: str | None


def _kept(ask: Asking, archive: Archive, given: SearchPage, kind: str, figures: Callable[[], Any]) -> Any:
    """Return figures, from memory if they were asked for before."""
    asked = json.dumps(given.model_dump(include=_WHAT_COUNTS))
    key = archive.commit, ask.reader.clearance, "figures", kind, asked
    cache = ask.service.cache
    if (kept := cache.get(key)) is None:
        kept = Answer(json.dumps(figures()).encode(), "")
        cache.put(key, kept)
    return json.loads(kept.body)


def extent(ask: Asking, archive: Archive, given: SearchPage) -> Extent:
    """Return how far the results reach."""

    def figures() -> tuple[Any, ...]:
        moments = archive.first(given.q, limit=0, **given.filters())
        dates = iso_date(moments.first_date), iso_date(moments.last_date)
        return moments.cables, moments.undated, *dates

    return Extent(*_kept(ask, archive, given, "extent", figures))


def counted(ask: Asking, archive: Archive, given: SearchPage, *names: FacetName) -> dict[FacetName, list[Count]]:
    """Return the values of facets with their numbers of results.

    Levels are always those of paragraphs, as in the filter. So a cable counts for each level that one of its paragraphs
    has.
    """
    facets = _kept(ask, archive, given, ",".join(names), lambda: _counted(archive, given, names))
    return {name: [(value, number) for value, number in facets[name]] for name in names}


def _counted(archive: Archive, given: SearchPage, names: tuple[FacetName, ...]) -> dict[FacetName, list[Count]]:
    apart = given.group == "cable" and "classification" in names
    wanted = [name for name in names if not (apart and name == "classification")]
    query = given.q.strip() or EVERYTHING
    results = archive.search(query, limit=0, facets=wanted, **given.filters())
    facets = {name: results.facets[name] for name in wanted}
    if apart:
        facets["classification"] = _levels(archive, query, given)
    return facets


def _levels(archive: Archive, query: str, given: SearchPage) -> list[Count]:
    """Return how many cables the filter by each level would leave."""
    filters = given.filters()
    chosen = filters["classifications"] or [level.title for level in Level]
    counts = [
        (name, archive.search(query, limit=0, **(filters | {"classifications": [name]})).total) for name in chosen
    ]
    return [(name, number) for name, number in counts if number]
