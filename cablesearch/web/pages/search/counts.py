"""The numbers of results that have the values of facets, kept for all pages and orders of the same results."""

from __future__ import annotations

import json

from cablesearch.archive import Archive
from cablesearch.cable import Level
from cablesearch.request import EVERYTHING
from cablesearch.results.facets import Count, FacetName
from cablesearch.web.asking import Asking
from cablesearch.web.cache import Answer
from cablesearch.web.pages.search.asked import SearchPage

__all__ = ["counted"]

_WHAT_COUNTS = {"q", "tag", "origin", "classification", "since", "until", "any", "group", "acronyms"}
"""The arguments on which the numbers depend."""


def counted(ask: Asking, archive: Archive, given: SearchPage, *names: FacetName) -> dict[FacetName, list[Count]]:
    """Return the values of facets with their numbers of results.

    Levels are always those of paragraphs, as in the filter. So a cable counts for each level that one of its paragraphs
    has.
    """
    asked = json.dumps(given.model_dump(include=_WHAT_COUNTS))
    key = archive.commit, ask.reader.clearance, "facets", ",".join(names), asked
    cache = ask.service.cache
    if (kept := cache.get(key)) is None:
        facets = _counted(archive, given, names)
        kept = Answer(json.dumps(facets).encode(), "")
        cache.put(key, kept)
    facets = json.loads(kept.body)
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
