"""The start page: an overview of the archive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fastapi import APIRouter
from starlette.responses import Response

from cablesearch.archive import Archive
from cablesearch.features.overview import Overview
from cablesearch.query.written import value_text
from cablesearch.results.facets import Count, FacetName
from cablesearch.vocabulary.tag_names import tag_meaning
from cablesearch.web.asking import Asked
from cablesearch.web.pages.links import Links
from cablesearch.web.pages.rendering import links_of, page
from cablesearch.web.pages.search.narrowing import SHOWN, in_order
from cablesearch.web.pages.search.periods import chart

__all__ = ["router"]

_MOST_VALUES = 12
_FEWEST_CITATIONS, _SHORTEST_THREAD = 2, 3
"""From how many citations, and cables in a thread, on they are worth a line."""
_HEIGHT = 96

router = APIRouter()


class _Value(NamedTuple):
    """A value of a facet: its number of cables, and the search for them."""

    text: str
    meaning: str | None
    number: int
    address: str | None


@router.get("/")
async def start(ask: Asked) -> Response:
    """Return the start page."""
    links = links_of(ask)
    return await page(ask, "start.html", lambda archive: _values(archive, links))


def _values(archive: Archive, links: Links) -> Mapping[str, Any]:
    overview = archive.overview()
    return {
        "overview": overview,
        "chart": chart(
            overview.years,
            "year",
            lambda since, until: links.search(group="cable", since=since, until=until),
            _HEIGHT,
        ),
        "levels": [
            _Value(level, None, number, links.search(classification=level))
            for level, number in in_order("classification", archive.facets(names="classification")["classification"])
        ],
        "posts": _facet(links, overview, "origin"),
        "tags": _facet(links, overview, "tags"),
        "countries": _facet(links, overview, "country"),
        "examples": _examples(overview),
        "totals": {name: len(counts) for name, counts in overview.facets.items()},
        "most_cited": [cable for cable in overview.most_cited if cable.citations >= _FEWEST_CITATIONS],
        "threads": [thread for thread in overview.longest_threads if thread.total >= _SHORTEST_THREAD],
        "every": lambda name: links.to("/search/values", [("group", "cable"), ("facet", name)]),
    }


def _examples(overview: Overview) -> list[str]:
    """Return conditions that find something: the most frequent TAG and post."""
    fields: tuple[tuple[str, FacetName], ...] = (("tag", "tags"), ("origin", "origin"))
    found = (value_text(field, text) for field, name in fields for text, _ in in_order(name, overview.facets[name])[:1])
    return [condition for condition in found if condition]


def _facet(links: Links, overview: Overview, name: FacetName, most: int = _MOST_VALUES) -> list[_Value]:
    """Return the largest values of a facet."""
    counts: Sequence[Count] = in_order(name, overview.facets.get(name, []))[:most]
    return [
        _Value(text, tag_meaning(text) if name == "tags" else None, count, _address(links, name, text))
        for text, count in counts
    ]


def _address(links: Links, name: FacetName, text: str) -> str | None:
    """Return the address of the search for the cables with a value."""
    facet = SHOWN[name]
    if facet.argument:
        return links.search(group="cable", **{facet.argument: text})
    condition = value_text(facet.field, text)
    return links.search(condition, group="cable") if condition else None
