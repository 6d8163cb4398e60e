"""Moments: when a query first or last has a hit, and where."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from cablesearch.request import Group, Request
from cablesearch.results.hits import Hit, iso_date
from cablesearch.searcher import Searcher
from cablesearch.text.wording import plural

__all__ = ["Moments", "moments"]

End = Literal["first", "last"]


@dataclass(frozen=True, slots=True)
class Moments:
    """The earliest hits of a query, or the latest ones, and how all of its hits are spread over time.

    Attributes:
        query: the query.
        end: ``first`` or ``last``.
        unit: what hits are: ``paragraph`` or ``cable``.
        total: the number of all hits.
        cables: the number of cables with a hit.
        undated: the number of hits without a date, which are neither first nor last.
        first_date, last_date: the dates of the earliest and of the latest hit, in UTC; None if no hit has a date.
        same_date: the number of hits with exactly the date of the first (or last) one, itself included.
        hits: the earliest hits, from the earliest on, or the latest, from the latest on. Hits of the same minute are
            ordered by the id of their cable, then by position.
    """

    query: str
    end: End
    unit: Group
    total: int
    cables: int
    undated: int
    first_date: dt.datetime | None
    last_date: dt.datetime | None
    same_date: int
    hits: tuple[Hit, ...]

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def _repr_html_(self) -> str:
        from cablesearch.features.notebook import moments_html

        figures = f"{plural(self.total, self.unit)} in {plural(self.cables, 'cable')}"
        if self.undated:
            figures += f", {self.undated:,} without a date"
        return moments_html(self.query, self.end, (self.first_date, self.last_date), figures, self.hits)

    def to_json(self) -> dict[str, Any]:
        """Return the moments as the command line prints them in JSON."""
        return {
            "version": 1,
            "query": self.query,
            "end": self.end,
            "unit": self.unit,
            "total": self.total,
            "cables": self.cables,
            "undated": self.undated,
            "first_date": iso_date(self.first_date),
            "last_date": iso_date(self.last_date),
            "same_date": self.same_date,
            "hits": [hit.to_json() for hit in self.hits],
        }


def moments(searcher: Searcher, request: Request, end: End) -> Moments:
    """Return the first or last hits of a request, at most as many as its limit; its order and offset do not matter.

    The query is executed twice, once for the figures and once for the hits, of which only the cables shown are read.
    Time and memory grow with the number of cables, and with that of hits as in a search by date.

    Raises:
        QueryError: the query or a filter is invalid.
    """
    reader = searcher.reader
    found = reader.spread(searcher.select(request))
    dated = found.units - found.undated
    limit = dated if request.limit is None else min(request.limit, dated)
    wanted = replace(request, sort="date" if end == "first" else "-date", limit=limit, offset=0, facets=())
    return Moments(
        query=request.text,
        end=end,
        unit=request.group,
        total=found.units,
        cables=found.cables,
        undated=found.undated,
        first_date=reader.moment(found.first) if dated else None,
        last_date=reader.moment(found.last) if dated else None,
        same_date=found.at_first if end == "first" else found.at_last,
        # Undated hits come last in either order, and the limit leaves them out.
        hits=searcher.search(wanted).hits if limit else (),
    )
