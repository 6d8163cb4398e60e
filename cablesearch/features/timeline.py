"""Timelines: the number of hits of queries in each year, month or day."""

from __future__ import annotations

import datetime as dt
import math
import os
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
from whoosh import query as q

from cablesearch.algorithms.periods import periods
from cablesearch.arguments import choice, need
from cablesearch.arguments import path as path_of
from cablesearch.features.bursts import Burst, bursts_of
from cablesearch.features.periods import MOST_PERIODS, UNITS, By, TooManyPeriodsError
from cablesearch.features.pictures.chart import FORMS, HEADROOM, Chart, Curve, Form
from cablesearch.request import EVERYTHING, Group, Request
from cablesearch.results.citations import spoken_day
from cablesearch.results.counting import period_names
from cablesearch.results.hits import iso_date
from cablesearch.schema.field_types import parse_period
from cablesearch.searcher import Searcher
from cablesearch.text.wording import plural

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["Series", "Timeline", "timeline"]

_SMALL = 10
"""How many times as large the median period is as one that is too small to set the scale of shares."""
_SEEN = 30
"""A stretch can be seen in a picture if it has at least one of this many periods."""


@dataclass(frozen=True, slots=True)
class Series:
    """The hits of one query by period.

    Attributes:
        query: the query.
        total: the number of hits, undated ones included.
        undated: the number of hits without a date, which are in no period.
        counts: the number of hits in each period of the timeline.
        bursts: when the query was unusually frequent (see `cablesearch.Bursts`); None if that was not asked.
    """

    query: str
    total: int
    undated: int
    counts: tuple[int, ...]
    bursts: tuple[Burst, ...] | None = None


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
        counted: the number of all visible units, those without a date included.
        first_date, last_date: the dates of the oldest and the newest of them, in UTC; None if none has a date.
    """

    by: By
    unit: Group
    periods: tuple[str, ...]
    totals: tuple[int, ...]
    series: tuple[Series, ...]
    counted: int
    first_date: dt.datetime | None
    last_date: dt.datetime | None

    def shares(self, series: Series) -> list[float]:
        """Return what part of all units of each period a query has found, from 0 to 1; 0 where there are none."""
        return [count / total if total else 0.0 for count, total in zip(series.counts, self.totals, strict=True)]

    def picture(self, form: Form = "png", *, share: bool = False, title: str | None = None) -> bytes:
        """Return the timeline as a picture, drawn by matplotlib (``pip install 'cablesearch[plot]'``).

        It has bars for few periods and lines for many. With the same version of matplotlib, the same timeline gives the
        same file. An SVG keeps text as text, in a font of the viewer.

        Args:
            form: the format: ``png``, of 1600 by 900 pixels, or ``svg``.
            share: whether to show what part of all units of each period match, and not their number.
            title: a title above the picture.

        Raises:
            CablesearchError: matplotlib is not installed.
            ValueError, TypeError: an argument is invalid.
        """
        from cablesearch.features.pictures.drawing import drawn

        choice("form", form, FORMS)
        data, missing = drawn(self._chart(share, None if title is None else need("title", title, str)), form)
        if form == "png":
            _warn(missing)
        return data

    def plot(
        self, path: str | os.PathLike[str] | None = None, *, share: bool = False, title: str | None = None
    ) -> Figure:
        """Return the timeline as a figure of matplotlib, which a notebook shows; if a file is named, write it, too.

        Example::

            archive.timeline("trafficking", "smuggling", by="month").plot("trafficking.svg", share=True)

        The figure is none of matplotlib's global ones, so it needs neither a display nor to be closed. Its one
        ``axes`` can be changed, and ``savefig`` writes it again.

        Args:
            path: a file, whose name ends with ``.png`` or ``.svg``; an existing one is replaced.
            share, title: as for `picture`.

        Raises:
            CablesearchError: matplotlib is not installed.
            ValueError, TypeError: an argument is invalid.
            OSError: the file cannot be written.
        """
        file = None if path is None else path_of("path", path)
        form = next((form for form in FORMS if file and file.suffix.lower() == f".{form}"), None)
        if file and not form:
            raise ValueError(f"path must end with .png or .svg, not {file.name!r}")
        from cablesearch.features.pictures.drawing import figure

        picture, data, missing = figure(self._chart(share, None if title is None else need("title", title, str)), form)
        if form != "svg":
            _warn(missing)
        if file:
            file.write_bytes(data)
        return picture

    def to_pandas(self, *, share: bool = False) -> pd.DataFrame:
        """Return the counts as a table of shape (periods, queries) (``pip install 'cablesearch[pandas]'``).

        The index is a ``PeriodIndex`` without gaps. The columns are the queries, in their order, of dtype ``int64``.

        Example::

            frame = archive.timeline("trafficking", "smuggling", by="month").to_pandas()
            print(frame.rolling(12).sum().idxmax())

        Args:
            share: whether to give what part of all units of each period match, as ``float64``, and not their number.

        Raises:
            CablesearchError: pandas is not installed.
            TypeError: an argument has the wrong type.
        """
        from cablesearch.frames.periods import periods_frame

        rows = [self.shares(series) if need("share", share, bool) else series.counts for series in self.series]
        names = [series.query for series in self.series]
        return periods_frame(self.by, UNITS[self.by], self.periods, names, rows, "float64" if share else "int64")

    def _repr_html_(self) -> str:
        from cablesearch.features.notebook import timeline_html

        return timeline_html(self.by, self.unit, self.periods, self.series, self.counted)

    def _chart(self, share: bool, title: str | None) -> Chart:
        """Return what a picture shows."""
        everything = "share of all " if share else ""
        curves = [
            Curve(
                "any text" if series.query.strip() == EVERYTHING else series.query,
                tuple(self.shares(series)) if share else series.counts,
                tuple(self._places(burst) for burst in series.bursts or ()),
            )
            for series in self.series
        ]
        return Chart(
            by=self.by,
            periods=self.periods,
            curves=tuple(curves),
            caption=f"{everything}{self.unit}s per {self.by}",
            is_share=share,
            absent=tuple(self._absent()),
            notes=tuple(self._notes(share)),
            title=title,
            ceiling=self._ceiling() if share else 0.0,
        )

    def _absent(self) -> Iterator[tuple[int, int]]:
        """Yield the stretches without units that are long enough to be seen in a picture."""
        for first, last in _stretches(self.totals):
            if (last + 1 - first) * _SEEN >= len(self.periods):
                yield first, last

    def _places(self, burst: Burst) -> tuple[int, int]:
        """Return the first and the last place of a burst among the periods, which may be fewer."""
        # The names of periods are ordered as time is.
        first, last = bisect_left(self.periods, burst.begin), bisect_right(self.periods, burst.end) - 1
        return first, last

    def _few(self) -> float:
        """Return below how many units a period is too small for its share to set the scale of a picture: a tenth of
        the median of all periods that have any."""
        return median([total for total in self.totals if total] or [0]) / _SMALL

    def _ceiling(self) -> float:
        """Return the highest share of the periods that are not too small; 0 if nothing matches in these."""
        few = self._few()
        shares = (zip(self.shares(series), self.totals, strict=True) for series in self.series)
        return max((share for each in shares for share, total in each if total >= few), default=0.0)

    def _notes(self, share: bool) -> Iterator[str]:
        """Yield what a reader of a picture has to know beside it."""
        span = ""
        if self.first_date and self.last_date:
            span = f", {spoken_day(self.first_date)} to {spoken_day(self.last_date)}"
        yield f"Counted: {plural(self.counted, self.unit)}{span}"
        if undated := sum(series.undated for series in self.series):
            yield f"{undated:,} without a date are not shown"
        if any(self._absent()):
            yield f"Grey: no {self.unit}s at all"
        top = HEADROOM * self._ceiling()
        if share and top and any(value > top for series in self.series for value in self.shares(series)):
            yield f"Cut off at the top: {self.by}s with fewer than {math.ceil(self._few()):,} {self.unit}s"
        if any(series.bursts for series in self.series):
            sign = "Shaded" if len(self.series) == 1 else "Bars at the top"
            yield f"{sign}: in an unusually large share of the cables"

    def to_json(self) -> dict[str, Any]:
        """Return the timeline as the command line prints it in JSON. Shares have six decimal places."""
        return {
            "version": 1,
            "by": self.by,
            "unit": self.unit,
            "periods": list(self.periods),
            "totals": list(self.totals),
            "counted": self.counted,
            "first_date": iso_date(self.first_date),
            "last_date": iso_date(self.last_date),
            "series": [
                {
                    "query": series.query,
                    "total": series.total,
                    "undated": series.undated,
                    "counts": list(series.counts),
                    "shares": [round(share, 6) for share in self.shares(series)],
                    "bursts": None if series.bursts is None else [burst.to_json() for burst in series.bursts],
                }
                for series in self.series
            ],
        }


def _warn(missing: str) -> None:
    """Warn of characters that no font has."""
    if missing:
        import warnings

        warnings.warn(f"no font on this computer has {missing}; an SVG leaves fonts to the viewer", stacklevel=3)


def timeline(searcher: Searcher, requests: Sequence[Request], by: By, *, with_bursts: bool = False) -> Timeline:
    """Return the timeline of requests that differ only in their text.

    The time depends on the number of cables, and on that of hits, as for a facet; `MOST_PERIODS` bounds the periods.

    Args:
        searcher: the searcher.
        requests: the requests, at least one.
        by: the length of a period.
        with_bursts: whether to look for the bursts of each query, too.

    Raises:
        QueryError: a query or a filter is invalid.
        ValueError: there would be too many periods.
        CorruptIndexError: a date is outside of the calendar.
    """
    reader, unit, first_of_all = searcher.reader, UNITS[by], requests[0]
    selections = [searcher.select(request) for request in requests]
    found = [reader.periods(selection, unit) for selection in selections]
    hits = zip(requests, selections, reader.counts(selections), found, strict=True)
    everything = reader.select(q.Every(), by_cable=first_of_all.by_cable)
    ends = reader.spread(everything)
    # A damaged date is found before it makes the timeline too long.
    dates = [reader.moment(end) for end in (ends.first, ends.last) if ends.units > ends.undated]
    span = _span(first_of_all, [number for counts in found for number in counts], unit)
    if len(span) > MOST_PERIODS:
        raise TooManyPeriodsError(
            f"a timeline by {by} would have {len(span):,} periods; the limit is {MOST_PERIODS:,}. "
            "Choose a shorter time or longer periods"
        )
    totals = reader.periods(everything, unit) if span else {}
    return Timeline(
        by=by,
        unit=first_of_all.group,
        periods=tuple(period_names(span, unit)),
        totals=tuple(totals.get(number, 0) for number in span),
        series=tuple(
            Series(
                request.text,
                total,
                total - sum(counts.values()),
                tuple(counts.get(number, 0) for number in span),
                bursts_of(searcher, request, selection, by).bursts if with_bursts else None,
            )
            for request, selection, total, counts in hits
        ),
        counted=ends.units,
        first_date=dates[0] if dates else None,
        last_date=dates[-1] if dates else None,
    )


def _stretches(totals: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last place of each stretch of zeros."""
    for is_empty, places in groupby(range(len(totals)), lambda place: not totals[place]):
        if is_empty:
            stretch = [*places]
            yield stretch[0], stretch[-1]


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
