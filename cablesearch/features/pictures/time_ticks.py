"""The ticks of an axis of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

__all__ = ["time_ticks"]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_Date = tuple[int, int, int]
"""A year, a month and a day; 1 for what the period does not say."""


def time_ticks(periods: Sequence[str], by: str, most: int) -> list[tuple[int, str]]:
    """Return the ticks of an axis of periods: the place of each, and its label.

    Ticks are at round times: each period, or the first of each month, each year, each ten years and so on. A label has
    the year on a second line where it begins.

    Example: ten months from 2009-11 on, with six ticks at most, have them at January, April and July 2010.

    Args:
        periods: the periods without gaps: ``2009``, ``2009-11`` or ``2009-11-20``.
        by: the length of a period: ``year``, ``month`` or ``day``.
        most: the most ticks, at least 2.
    """
    dates = [_date(period) for period in periods]
    step, places = by, list[int]()
    candidates: Sequence[int] = range(len(dates))
    for rule in _rules(by):
        places = [place for place in candidates if rule.has(dates[place])]
        if rule.step != step:
            # The first rule for months, or for years, has all that the rules after it can have.
            step, candidates = rule.step, places
        if len(places) <= most:
            break
    if len(places) < 2 <= len(periods):
        # Such as nine months without the beginning of a year among them.
        step, places = by, [0, len(periods) - 1]
    return [*_labelled(dates, places, step)]


def _date(period: str) -> _Date:
    year, month, day = (*map(int, period.split("-")), 1, 1)[:3]
    return year, month, day


class _Rule(NamedTuple):
    """A rule for ticks. It selects the given days of every ``months``-th month, counted from January, in every
    ``years``-th year."""

    step: str
    days: tuple[int, ...] = (1,)
    months: int = 12
    years: int = 1

    def has(self, date: _Date) -> bool:
        """Return whether a date has a tick."""
        year, month, day = date
        return day in self.days and (month - 1) % self.months == 0 and year % self.years == 0


def _rules(by: str) -> Iterator[_Rule]:
    """Yield the rules for periods, the densest first."""
    if by == "day":
        for days in (range(1, 32), range(1, 27, 4), (1, 8, 15, 22), (1, 15)):
            yield _Rule("day", (*days,), months=1)
    if by != "year":
        for months in (1, 2, 3, 6):
            yield _Rule("month", months=months)
    for power in range(5):
        for factor in (1, 2, 5):
            yield _Rule("year", years=factor * 10**power)


def _labelled(dates: Sequence[_Date], places: Sequence[int], step: str) -> Iterator[tuple[int, str]]:
    """Yield each place with its label."""
    before: _Date | None = None
    for place in places:
        year, month, day = date = dates[place]
        label = str(year)
        if step != "year":
            is_new = before is None or before[0] != year
            label = _MONTHS[month - 1] if step == "month" else f"{day} {_MONTHS[month - 1]}"
            label += f"\n{year}" if is_new else ""
        yield place, label
        before = date
