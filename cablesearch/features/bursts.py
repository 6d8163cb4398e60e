"""Bursts: when a query was unusually frequent.

The model is that of Jon Kleinberg, Bursty and Hierarchical Structure in Streams (KDD 2002), section 4, for documents
that arrive in batches: of d cables of a period, r have a hit. An automaton with two states emits them, with
probability p0 in its normal state and p1 in its burst state. Entering the burst state costs gamma * ln(n), for n
periods; leaving it costs nothing. The cheapest sequence of states is found exactly, and bursts are its stretches in the
burst state.

Where this differs from the paper, or fills a gap that it leaves:

- p1 has s times the *odds* of p0: p1 / (1 - p1) = s * p0 / (1 - p0). For rare words this is the paper's p1 = s * p0,
  which is no probability for words of more than 1/s of the cables.
- Periods without cables say nothing, and are left out: they do not count for n either. But a year or more without
  cables, as between two collections, ends a burst; going on after it costs as much as entering one.
- Cables are counted, each once, however many of their paragraphs have a hit: paragraphs of one cable are not
  independent, and a long one would look like a burst of the archive.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, get_args

from cablesearch.features.periods import MOST_PERIODS, UNITS, By, TooManyPeriodsError
from cablesearch.protocols.reader import Reader, Selection
from cablesearch.request import EVERYTHING, Request
from cablesearch.results.counting import period_names
from cablesearch.searcher import Searcher

__all__ = ["GAMMA", "Burst", "Bursts", "S", "burst_stretches", "bursts", "bursts_of", "gains"]

S, GAMMA = 2.0, 1.0
"""The values of the paper."""

_LONGEST_GAP: dict[By, int] = {"day": 365, "month": 12, "year": 1}
"""The most periods from one with cables to the next that a burst can cross."""
_USUAL_PERIODS = 1_000
"""The most periods with cables that are chosen automatically: nearly three years of days, or 83 years of months."""


@dataclass(frozen=True, slots=True)
class Burst:
    """A time in which a query was unusually frequent.

    Attributes:
        begin, end: the first and the last period: ``2009-11`` for a month.
        weight: how much better the burst state explains the time than the normal one, in units of ln: 0 is no better.
            The larger, the stronger the burst.
        hits: the number of cables with a hit in this time.
        cables: the number of all cables in this time.
        expected: the number of cables that would have a hit at the usual share.
        share: the part of these cables that has a hit, from 0 to 1.
        peak: the period that adds most to the weight.
    """

    begin: str
    end: str
    weight: float
    hits: int
    cables: int
    expected: float
    share: float
    peak: str

    def to_json(self) -> dict[str, Any]:
        """Return the burst as the command line prints it in JSON. Its weight and the expected number have four decimal
        places, its share six."""
        return {
            "begin": self.begin,
            "end": self.end,
            "weight": round(self.weight, 4),
            "hits": self.hits,
            "cables": self.cables,
            "expected": round(self.expected, 4),
            "share": round(self.share, 6),
            "peak": self.peak,
        }


@dataclass(frozen=True, slots=True)
class Bursts:
    """The bursts of a query.

    Attributes:
        query: the query.
        by: the length of a period.
        s: by how much the odds of a hit are multiplied in a burst.
        gamma: how hard it is to enter a burst.
        hits: the number of cables with a hit and a date.
        undated: the number of cables with a hit but without a date, which are in no period.
        cables: the number of all cables with a date, between the dates of the filters if they have any.
        periods: the number of periods that have cables.
        share: the usual part of cables with a hit, from 0 to 1: ``hits / cables``.
        bursts: the bursts in the order of time.
    """

    query: str
    by: By
    s: float
    gamma: float
    hits: int
    undated: int
    cables: int
    periods: int
    share: float
    bursts: tuple[Burst, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the bursts as the command line prints them in JSON."""
        return {
            "version": 1,
            "query": self.query,
            "by": self.by,
            "s": self.s,
            "gamma": self.gamma,
            "hits": self.hits,
            "undated": self.undated,
            "cables": self.cables,
            "periods": self.periods,
            "share": round(self.share, 6),
            "bursts": [burst.to_json() for burst in self.bursts],
        }


def bursts(
    searcher: Searcher, request: Request, by: By | Literal["auto"], s: float = S, gamma: float = GAMMA
) -> Bursts:
    """Return the bursts of a request, whatever its limit and order.

    The cables to which hits are compared are all of the time that the request names, whatever its other filters. The
    time depends on the number of cables and on that of hits, as for a timeline, and then on that of periods with
    cables, of which `MOST_PERIODS` are allowed.

    Raises:
        QueryError: the query or a filter is invalid.
        ValueError: there would be too many periods.
    """
    return bursts_of(searcher, request, searcher.select(request), by, s, gamma)


def bursts_of(
    searcher: Searcher,
    request: Request,
    hits: Selection,
    by: By | Literal["auto"],
    s: float = S,
    gamma: float = GAMMA,
) -> Bursts:
    """Return the bursts of a request, given its hits (see `bursts`).

    Raises:
        ValueError: there would be too many periods.
    """
    reader, found = searcher.reader, hits.cables()
    everything = searcher.select(Request(text=EVERYTHING, since=request.since, until=request.until, group="cable"))
    unit, totals = _totals(reader, everything, by)
    counts = reader.periods(found, UNITS[unit])
    batches = [(counts.get(number, 0), total) for number, total in totals.items()]
    with_hit, cables = sum(counts.values()), sum(totals.values())
    share = with_hit / cables if cables else 0.0
    periods = period_names([*totals], UNITS[unit])
    gain = gains(batches, s)
    breaks = {place for place, (a, b) in enumerate(pairwise(totals), 1) if b - a > _LONGEST_GAP[unit]}
    return Bursts(
        query=request.text,
        by=unit,
        s=s,
        gamma=gamma,
        hits=with_hit,
        undated=found.count - with_hit,
        cables=cables,
        periods=len(periods),
        share=share,
        bursts=tuple(
            _burst(periods[start:end], batches[start:end], gain[start:end], share)
            for start, end in burst_stretches(gain, gamma, breaks)
        ),
    )


def _totals(reader: Reader, everything: Selection, by: By | Literal["auto"]) -> tuple[By, dict[int, int]]:
    """Return the length of the periods, and the number of all cables in each period that has any.

    Raises:
        ValueError: there are too many periods.
    """
    units = get_args(By)[::-1] if by == "auto" else (by,)
    totals: dict[int, int] = {}
    for unit in units:
        totals = reader.periods(everything, UNITS[unit])
        if len(totals) <= _USUAL_PERIODS:
            break
    if len(totals) > MOST_PERIODS:
        raise TooManyPeriodsError(
            f"there are {len(totals):,} {unit}s with cables; the limit is {MOST_PERIODS:,}. Choose a shorter time or "
            "longer periods"
        )
    return unit, totals


def _burst(periods: Sequence[str], batches: Sequence[tuple[int, int]], gain: Sequence[float], share: float) -> Burst:
    hits, cables = (sum(numbers) for numbers in zip(*batches, strict=True))
    return Burst(
        begin=periods[0],
        end=periods[-1],
        weight=math.fsum(gain),
        hits=hits,
        cables=cables,
        expected=share * cables,
        share=hits / cables,
        peak=periods[max(range(len(gain)), key=lambda place: gain[place])],
    )


def gains(batches: Sequence[tuple[int, int]], s: float) -> list[float]:
    """Return for each period how much more likely the burst state makes its hits than the normal one, as ln.

    It is -ln of the binomial probability of the normal state less that of the burst state; the binomial coefficient is
    the same for both.

    Args:
        batches: the number of cables with a hit, and of all cables, of each period.
        s: the ratio of the odds of a hit in the two states.
    """
    hits, cables = sum(r for r, _ in batches), sum(d for _, d in batches)
    if not 0 < hits < cables:
        # All periods are alike.
        return [0.0] * len(batches)
    usual = hits / cables
    raised = s * usual / (1 - usual + s * usual)
    # With r hits of d: r * ln(p1 / p0) + (d - r) * ln((1 - p1) / (1 - p0)).
    of_hit, of_other = math.log(raised / usual), math.log((1 - raised) / (1 - usual))
    return [r * of_hit + (d - r) * of_other for r, d in batches]


def burst_stretches(gain: Sequence[float], gamma: float, breaks: Collection[int] = ()) -> list[tuple[int, int]]:
    """Return the stretches of the burst state in the cheapest sequence of states, as (start, end).

    Every sequence begins in the normal state. Of equally cheap sequences one that is in the normal state counts.

    Example: with gains [-1.0, 3.0, 2.0, -4.0] and gamma 1, entering a burst costs ln(4) = 1.39, and one is from place 1
    to 3. With a break at 2, going on there would cost as much again, and there are two bursts: 1 to 2, and 2 to 3.

    Args:
        gain: how much cheaper each period is in the burst state (see `gains`).
        gamma: the cost of entering the burst state, in units of ln of the number of periods.
        breaks: the places before which a burst ends.
    """
    entering = gamma * math.log(len(gain)) if gain else 0.0
    normal, burst = 0.0, math.inf
    # For each period, whether the cheapest ways to its normal and to its burst state come from the burst state.
    ways: list[tuple[bool, bool]] = []
    for place, value in enumerate(gain):
        to_normal, to_burst = burst < normal, burst < normal + entering
        if place in breaks:
            normal, burst, to_burst = min(normal, burst), math.inf, to_normal
        ways.append((to_normal, to_burst))
        normal, burst = min(normal, burst), min(normal + entering, burst) - value
    is_burst, end = burst < normal, len(gain)
    stretches = []
    for place in range(len(gain) - 1, -1, -1):
        before = ways[place][is_burst]
        if is_burst and (not before or place in breaks):
            stretches.append((place, end))
        if not is_burst or place in breaks:
            end = place
        is_burst = before
    return stretches[::-1]
