"""Overviews: what an archive, or the hits of a query, consist of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cablesearch.features.links.missing import MissingCable, missing_of
from cablesearch.features.links.threads import ThreadSummary, longest_threads
from cablesearch.features.links.web import LinkedCable, most_cited
from cablesearch.protocols.reader import Reader, Selection
from cablesearch.request import Request
from cablesearch.results.counting import facet_counts, period_name
from cablesearch.results.facets import Count, FacetName
from cablesearch.results.hits import iso_date
from cablesearch.searcher import Searcher

__all__ = ["Overview", "overview"]

_FACETS: tuple[FacetName, ...] = ("origin", "country", "tags", "classification", "control", "collection")
"""What an overview counts cables by, beside years."""
_MOST = 5
"""The most cables, and threads, of a list."""


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
        most_cited: those of the cables to which most cables of the archive refer.
        longest_threads: the longest threads that have one of the cables.
        missing: the cables to which most of the cables refer, and that the archive lacks.
    """

    query: str
    cables: int
    paragraphs: int
    first_date: str | None
    last_date: str | None
    undated: int
    years: tuple[Count, ...] = ()
    facets: dict[FacetName, list[Count]] = field(default_factory=dict)
    most_cited: tuple[LinkedCable, ...] = ()
    longest_threads: tuple[ThreadSummary, ...] = ()
    missing: tuple[MissingCable, ...] = ()

    def _repr_html_(self) -> str:
        from cablesearch.features.notebook import overview_html

        return overview_html(self)

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
            "most_cited": [cable.to_json() for cable in self.most_cited],
            "longest_threads": [thread.to_json() for thread in self.longest_threads],
            "missing": [cable.to_json() for cable in self.missing],
        }


def overview(searcher: Searcher, request: Request) -> Overview:
    """Return what the cables with hits of a request consist of.

    The time depends on the number of hits, as for facets, and on that of all cables and references. At most ten
    cables are read.

    Raises:
        QueryError: the query or a filter is invalid.
    """
    reader, hits = searcher.reader, searcher.select(request)
    cables = hits.cables()
    among, dates = reader.links.cables.having(cables), reader.spread(cables)
    ends = (dates.first, dates.last) if dates.units > dates.undated else ()
    first, last = (iso_date(reader.moment(end)) for end in ends) if ends else (None, None)
    return Overview(
        query=request.text,
        cables=dates.units,
        paragraphs=hits.count,
        first_date=first,
        last_date=last,
        undated=dates.undated,
        years=_years(reader, cables),
        facets=facet_counts(reader, cables, _FACETS),
        most_cited=most_cited(reader, _MOST, among),
        longest_threads=longest_threads(reader, _MOST, among),
        missing=missing_of(reader, request.text, among, _MOST).cables,
    )


def _years(reader: Reader, cables: Selection) -> tuple[Count, ...]:
    counts = reader.periods(cables, "Y")
    if not counts:
        return ()
    return tuple((period_name(year, "Y"), counts.get(year, 0)) for year in range(min(counts), max(counts) + 1))
