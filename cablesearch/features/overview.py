"""Overviews: what an archive, or the hits of a query, consist of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cablesearch.engine.fields import NO_NUMBER
from cablesearch.engine.search import collect
from cablesearch.engine.search.collect import Selection
from cablesearch.request import Request
from cablesearch.results.counting import counts_by_period, facet_counts, period_name
from cablesearch.results.facets import Count, FacetName
from cablesearch.results.hits import iso_date
from cablesearch.searcher import Searcher

__all__ = ["Overview", "overview"]

_FACETS: tuple[FacetName, ...] = ("origin", "tags", "classification", "control", "collection")
"""What an overview counts cables by, beside years."""


@dataclass(frozen=True, slots=True)
class Overview:
    """What the cables with hits of a query, or all cables, consist of. Counts are of cables.

    Attributes:
        query: the query; ``*`` for the whole archive.
        cables, paragraphs: how many cables have hits, and the number of the hits.
        first_date, last_date: the dates of the oldest and the newest of the cables in ISO 8601; None if none has a
            date.
        undated: the number of cables without a date.
        years: the cables of each year, from the first to the last that has any.
        facets: by the name of a facet its values, by descending number of cables.
    """

    query: str
    cables: int
    paragraphs: int
    first_date: str | None
    last_date: str | None
    undated: int
    years: tuple[Count, ...] = ()
    facets: dict[FacetName, list[Count]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the overview as the command line prints it in JSON."""
        return {
            "version": 1,
            "query": self.query,
            "cables": self.cables,
            "paragraphs": self.paragraphs,
            "first_date": self.first_date,
            "last_date": self.last_date,
            "undated": self.undated,
            "years": [list(count) for count in self.years],
            "facets": {name: [list(count) for count in counts] for name, counts in self.facets.items()},
        }


def overview(searcher: Searcher, request: Request) -> Overview:
    """Return what the cables with hits of a request consist of.

    The time depends on the number of cables and of hits, as for facets.

    Raises:
        QueryError: the query or a filter is invalid.
    """
    view = searcher.view
    hits = searcher.select(request)
    cables = hits.blocks()
    dates = collect.number_column(view, _units(searcher, cables), "date", by_block=True)
    known = dates[dates != NO_NUMBER]
    ends = [iso_date(searcher.moment(int(end))) for end in (known.min(), known.max())] if len(known) else [None, None]
    return Overview(
        query=request.text,
        cables=cables.count,
        paragraphs=hits.count,
        first_date=ends[0],
        last_date=ends[1],
        undated=len(dates) - len(known),
        years=_years(searcher, cables),
        facets={name: facet_counts(view, cables, name) for name in _FACETS},
    )


def _units(searcher: Searcher, cables: Selection) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the numbers of cables over all segments."""
    parts = [np.flatnonzero(cables.per_block(number)) for number in range(len(searcher.view.segments))]
    bases = searcher.view.block_bases
    numbered = [part + base for part, base in zip(parts, bases, strict=False)]
    return np.concatenate([np.empty(0, np.int64), *numbered])


def _years(searcher: Searcher, cables: Selection) -> tuple[Count, ...]:
    counts = counts_by_period(searcher.view, cables, "Y")
    if not counts:
        return ()
    return tuple((period_name(year, "Y"), counts.get(year, 0)) for year in range(min(counts), max(counts) + 1))
