"""Timelines, overviews and moments as HTML for notebooks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from cablesearch.notebook.bars import bars, bin_size
from cablesearch.notebook.elements import counted, escaped, head, line, page, rows
from cablesearch.results.facets import Count, FacetName
from cablesearch.results.hits import Hit
from cablesearch.results.notebook import facet_rows, hit_list
from cablesearch.text.wording import day, excerpt, plural

__all__ = ["counts_html", "moments_html", "overview_html", "timeline_html"]

_MOST_SERIES, _MOST_VALUES, _MOST_BURSTS, _MOST_HITS, _MOST_COUNTS = 12, 8, 5, 50, 100
"""The most series of a timeline, values of a facet, bursts of a series, hits, and names or phrases of a kind that are
shown; the others are counted."""
_LONGEST_VALUE = 240
_EVERYTHING = "*"


class _Burst(Protocol):
    @property
    def begin(self) -> str: ...
    @property
    def end(self) -> str: ...


class _Series(Protocol):
    """What is shown of a `cablesearch.features.timeline.Series`."""

    @property
    def query(self) -> str: ...
    @property
    def total(self) -> int: ...
    @property
    def undated(self) -> int: ...
    @property
    def counts(self) -> tuple[int, ...]: ...
    @property
    def bursts(self) -> Sequence[_Burst] | None: ...


def timeline_html(by: str, unit: str, periods: Sequence[str], series: Sequence[_Series], counted_units: int) -> str:
    """Return a timeline: a chart for each query, all of the same scale."""
    size = bin_size(len(periods))
    heights = [sum(part.counts[start : start + size]) for part in series for start in range(0, len(periods), size or 1)]
    highest = max(heights, default=0) or 1
    shown = series[:_MOST_SERIES]
    notes = [f"Counted: {plural(counted_units, unit)}"]
    if size > 1:
        notes.append(f"each bar is {size:,} {by}s")
    if len(series) > 1:
        notes.append("the bars of all queries have the same scale")
    if left := len(series) - len(shown):
        notes.append(f"queries that are not shown: {left:,}")
    title = head(f"{unit.capitalize()}s per {by}", line("; ".join(notes), "small", "pale"))
    charts = (bars("".join(_about(part, unit, periods)), periods, part.counts, highest) for part in shown)
    return page(title, *charts)


def _about(series: _Series, unit: str, periods: Sequence[str]) -> Iterator[str]:
    """Yield the query of a series, its number of hits, its highest period and its bursts."""
    yield line(f"<b>{escaped(_named(series.query))}</b>", "subject")
    parts = [plural(series.total, unit)]
    most = max(series.counts, default=0)
    if most:
        parts.append(f"most in {periods[series.counts.index(most)]}: {most:,}")
    if series.undated:
        parts.append(f"{series.undated:,} without a date")
    yield line(" · ".join(parts), "small", "pale")
    if series.bursts:
        spans = [
            burst.begin if burst.begin == burst.end else f"{burst.begin} to {burst.end}"
            for burst in series.bursts[:_MOST_BURSTS]
        ]
        left = len(series.bursts) - len(spans)
        more = f" and {left:,} more" if left else ""
        yield line(f"in an unusually large share of the cables: {', '.join(spans)}{more}", "small", "pale")


def _named(query: str) -> str:
    return "everything" if query.strip() == _EVERYTHING else excerpt(query, _LONGEST_VALUE)


class _Cable(Protocol):
    @property
    def id(self) -> str: ...


class _CitedCable(_Cable, Protocol):
    @property
    def citations(self) -> int: ...


class _Thread(Protocol):
    @property
    def first(self) -> _Cable: ...
    @property
    def total(self) -> int: ...


class _Overview(Protocol):
    """What is shown of a `cablesearch.features.overview.Overview`."""

    @property
    def query(self) -> str: ...
    @property
    def cables(self) -> int: ...
    @property
    def paragraphs(self) -> int: ...
    @property
    def first_date(self) -> str | None: ...
    @property
    def last_date(self) -> str | None: ...
    @property
    def undated(self) -> int: ...
    @property
    def years(self) -> Sequence[Count]: ...
    @property
    def facets(self) -> Mapping[FacetName, Sequence[Count]]: ...
    @property
    def most_cited(self) -> Sequence[_CitedCable]: ...
    @property
    def longest_threads(self) -> Sequence[_Thread]: ...
    @property
    def missing(self) -> Sequence[_CitedCable]: ...


def overview_html(overview: _Overview) -> str:
    """Return an overview: size, dates, years, facets, and the cables that stand out. All numbers are of cables."""
    parts = [plural(overview.cables, "cable"), plural(overview.paragraphs, "paragraph")]
    if overview.first_date and overview.last_date:
        parts.append(f"{overview.first_date[:10]} to {overview.last_date[:10]}")
    if overview.undated:
        parts.append(f"{overview.undated:,} without a date")
    title = "The archive" if overview.query.strip() == _EVERYTHING else excerpt(overview.query, _LONGEST_VALUE)
    facets = facet_rows({name: counts for name, counts in overview.facets.items() if counts}, _MOST_VALUES)
    cables = {
        "most cited": _numbered((cable.id, cable.citations) for cable in overview.most_cited),
        "longest threads": _numbered((thread.first.id, thread.total) for thread in overview.longest_threads),
        "missing": _numbered((cable.id, cable.citations) for cable in overview.missing),
    }
    return page(head(title, line(" · ".join(parts), "small", "pale")), _years(overview.years), rows(facets | cables))


def _numbered(cables: Iterable[Count]) -> str:
    return counted((excerpt(name, _LONGEST_VALUE), number) for name, number in cables)


def _years(years: Sequence[Count]) -> str:
    if not years:
        return ""
    names, counts = [year for year, _ in years], [count for _, count in years]
    most, size = max(counts), bin_size(len(counts))
    highest = max(sum(counts[start : start + size]) for start in range(0, len(counts), size))
    said = f"Cables per year; most in {names[counts.index(most)]}: {most:,}"
    if size > 1:
        said += f"; each bar is {size:,} years"
    return bars(line(said, "small", "pale"), names, counts, highest)


def moments_html(
    query: str, end: str, dates: tuple[dt.datetime | None, dt.datetime | None], figures: str, hits: Sequence[Hit]
) -> str:
    """Return the first or last hits of a query, with figures on all of them."""
    lines = [figures]
    if dates[0] and dates[1]:
        lines.append(f"{day(dates[0])} to {day(dates[1])}")
    if len(hits) > _MOST_HITS:
        lines.append(f"showing {_MOST_HITS} of these {len(hits):,} hits")
    title = f"{end.capitalize()}: {_named(query)}"
    return page(head(title, *(line(escaped(part), "small", "pale") for part in lines)), hit_list(hits[:_MOST_HITS]))


def counts_html(query: str, lines: Sequence[str], values: Mapping[str, Sequence[Count]]) -> str:
    """Return what was found in the hits of a query, such as names by their kinds, each with its number of hits.

    Args:
        query: the query.
        lines: sentences below it.
        values: by a label, texts with their numbers, the most important first.
    """
    shown = {
        label: counted(
            [(excerpt(value, _LONGEST_VALUE), count) for value, count in counts[:_MOST_COUNTS]],
            max(len(counts) - _MOST_COUNTS, 0),
        )
        for label, counts in values.items()
    }
    return page(head(_named(query), *(line(escaped(said), "small", "pale") for said in lines)), rows(shown))
