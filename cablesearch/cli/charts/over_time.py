"""Timelines as text: a bar for each period, or one line for each query."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from cablesearch.cli.charts.bars import MARK, Bar, Line, bar_lines, chart_width, percentages
from cablesearch.cli.charts.sparkline import grouped, sparkline
from cablesearch.cli.display import colored
from cablesearch.cli.rendering.layout import heading_of_query, wrapped
from cablesearch.text.wording import plural

if TYPE_CHECKING:
    from cablesearch.features.bursts import Burst
    from cablesearch.features.timeline import Series, Timeline

__all__ = ["bursts_of", "charts_of_time", "headings", "span_of", "sparklines_of_time", "stretches"]

_LONGEST_GAP = 3
"""The most empty periods that are shown one by one."""
_INDENT = "  "


def charts_of_time(answer: Timeline, *, share: bool) -> Iterator[str]:
    """Yield a chart for each query, all of one scale and in the same columns."""
    shares = [answer.shares(series) for series in answer.series]
    if share:
        texts = iter(percentages([value for values in shares for value in values]))
    rows: list[Bar | Line] = []
    for place, series in enumerate(answer.series):
        numbers = [next(texts) for _ in series.counts] if share else [f"{count:,}" for count in series.counts]
        values = shares[place] if share else series.counts
        rows += [Line("")] * (place > 0) + [Line(line) for line in _heading(answer, series)]
        marked = _marked(answer, series)
        for first, last in stretches(series.counts) if series.total else ():
            if not any(series.counts[first:last]):
                rows.append(Line(_dim(f"{_INDENT}{span_of(answer.periods[first], answer.periods[last - 1])}: none")))
                continue
            rows += [Bar(answer.periods[at], values[at], numbers[at], marked[at]) for at in range(first, last)]
    yield from bar_lines(rows)


def sparklines_of_time(answer: Timeline, *, share: bool) -> Iterator[str]:
    """Yield a line of small bars for each query, all of one scale, and the time that they cover."""
    groups = grouped(len(answer.periods), chart_width() - len(_INDENT))
    heights = [[_height(answer, series, start, end, share=share) for start, end in groups] for series in answer.series]
    largest = max((height for values in heights for height in values), default=0)
    for series, values in zip(answer.series, heights, strict=True):
        yield from (line + "\n" for line in _heading(answer, series))
        if series.total > series.undated:
            yield f"{_INDENT}{sparkline(values, largest)}".rstrip() + "\n"
    if largest:
        size = groups[0][1]
        each = plural(size, answer.by)
        top = percentages([largest])[0] if share else plural(int(largest), answer.unit)
        said = f"{span_of(answer.periods[0], answer.periods[-1])}; each bar is {each}, the tallest {top}"
        yield _dim(wrapped(said, _INDENT)) + "\n"


def _height(answer: Timeline, series: Series, start: int, end: int, *, share: bool) -> float:
    """Return the number of hits in a group of periods, or their share of all units there."""
    hits = sum(series.counts[start:end])
    return hits / (sum(answer.totals[start:end]) or 1) if share else hits


def headings(answer: Timeline) -> Iterator[str]:
    """Yield the lines above the charts of all queries."""
    yield from (line + "\n" for series in answer.series for line in _heading(answer, series))


def _heading(answer: Timeline, series: Series) -> Iterator[str]:
    """Yield the lines above the chart of a query: its number of hits, and its bursts, if they were asked for."""
    undated = f", of which {series.undated:,} without a date" if series.undated else ""
    query = heading_of_query(series.query)
    yield wrapped(f"{query}: {plural(series.total, answer.unit)}{undated}", _INDENT, "")
    if series.bursts is not None and series.total:
        yield wrapped(bursts_of(series.bursts), _INDENT)


def bursts_of(bursts: Sequence[Burst]) -> str:
    """Return when bursts are, in one sentence."""
    spans = ", ".join(span_of(burst.begin, burst.end) for burst in bursts)
    return f"in an unusually large share of the cables ({MARK}): {spans or 'at no time'}"


def span_of(first: str, last: str) -> str:
    """Return a stretch of periods: ``1973-01 to 1973-04``, or the period if it is one."""
    return first if first == last else f"{first} to {last}"


def _marked(answer: Timeline, series: Series) -> list[bool]:
    """Return which periods lie in a burst. Periods are ordered as text is."""
    marked = [False] * len(answer.periods)
    for burst in series.bursts or ():
        first, last = bisect_left(answer.periods, burst.begin), bisect_right(answer.periods, burst.end)
        marked[first:last] = [True] * (last - first)
    return marked


def _dim(text: str) -> str:
    return click.style(text, dim=True) if colored() else text


def stretches(counts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the stretches of periods that are shown one by one, and those so long without hits that they are not."""
    first = start = 0
    for number, count in enumerate([*counts, 1]):
        if not count:
            continue
        if number - start > _LONGEST_GAP:
            if first < start:
                yield first, start
            yield start, number
            first = number
        start = number + 1
    if first < len(counts):
        yield first, len(counts)
