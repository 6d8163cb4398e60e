"""Timelines: the number of hits of queries in each year, month or day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from cablesearch.engine.search import collect
from cablesearch.request import Group, Request
from cablesearch.results.counting import counts_by_period, period_name, periods
from cablesearch.schema.field_types import parse_period
from cablesearch.searcher import Searcher

__all__ = ["By", "Series", "Timeline", "timeline"]

By = Literal["year", "month", "day"]
"""The length of the periods of a timeline."""

_UNITS: dict[By, str] = {"year": "Y", "month": "M", "day": "D"}
_MOST_PERIODS = 50_000
"""The most periods of a timeline: 136 years of days."""


@dataclass(frozen=True, slots=True)
class Series:
    """The hits of one query by period.

    Attributes:
        query: the query.
        total: the number of hits, undated ones included.
        undated: the number of hits without a date, which are in no period.
        counts: the number of hits in each period of the timeline.
    """

    query: str
    total: int
    undated: int
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The hits of queries by period.

    Attributes:
        by: the length of a period.
        unit: what is counted: ``paragraph`` or ``cable``.
        periods: the names of the periods in the order of time, without gaps: ``2009-11`` for a month. They begin with
            the first period that has a hit of any query, or with that of ``since``; they end likewise.
        totals: the number of all visible units in each period, whatever the queries and filters.
        series: the hits of each query, in the order of the queries.
    """

    by: By
    unit: Group
    periods: tuple[str, ...]
    totals: tuple[int, ...]
    series: tuple[Series, ...]

    def shares(self, series: Series) -> list[float]:
        """Return what part of all units of each period a query has found, from 0 to 1; 0 where there are none."""
        return [count / total if total else 0.0 for count, total in zip(series.counts, self.totals, strict=True)]

    def to_json(self) -> dict[str, Any]:
        """Return the timeline as the command line prints it in JSON. Shares have six decimal places."""
        return {
            "version": 1,
            "by": self.by,
            "unit": self.unit,
            "periods": list(self.periods),
            "totals": list(self.totals),
            "series": [
                {
                    "query": series.query,
                    "total": series.total,
                    "undated": series.undated,
                    "counts": list(series.counts),
                    "shares": [round(share, 6) for share in self.shares(series)],
                }
                for series in self.series
            ],
        }


def timeline(searcher: Searcher, requests: Sequence[Request], by: By) -> Timeline:
    """Return the timeline of requests that differ only in their text.

    The time depends on the number of cables, and on that of hits, as for a facet; `_MOST_PERIODS` bounds the periods.

    Raises:
        QueryError: a query or a filter is invalid.
        ValueError: there would be too many periods.
    """
    unit, first_of_all = _UNITS[by], requests[0]
    selections = [searcher.select(request) for request in requests]
    found = [counts_by_period(searcher.view, selection, unit) for selection in selections]
    span = _span(first_of_all, [number for counts in found for number in counts], unit)
    if len(span) > _MOST_PERIODS:
        raise ValueError(
            f"a timeline by {by} would have {len(span):,} periods; the limit is {_MOST_PERIODS:,}. "
            "Choose a shorter time or longer periods"
        )
    everything = collect.select(searcher.view, searcher.everything, by_block=first_of_all.by_cable)
    totals = counts_by_period(searcher.view, everything, unit) if span else {}
    return Timeline(
        by=by,
        unit=first_of_all.group,
        periods=tuple(period_name(number, unit) for number in span),
        totals=tuple(totals.get(number, 0) for number in span),
        series=tuple(
            Series(
                request.text,
                selection.count,
                selection.count - sum(counts.values()),
                tuple(counts.get(number, 0) for number in span),
            )
            for request, selection, counts in zip(requests, selections, found, strict=True)
        ),
    )


def _span(request: Request, found: list[int], unit: str) -> range:
    """Return the periods from the first to the last that has a hit, or that the request names."""
    if not found:
        return range(0)
    ends = [min(found), max(found)]
    if request.since is not None:
        ends.append(_period_of(parse_period(request.since)[0], unit))
    if request.until is not None:
        ends.append(_period_of(parse_period(request.until)[1], unit))
    return range(min(ends), max(ends) + 1)


def _period_of(minute: int, unit: str) -> int:
    return int(periods(np.array([minute], np.int64), unit)[0])
