"""Counts of selected units: by the values of a facet, and by periods of time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cablesearch.engine.search import collect
from cablesearch.engine.search.collect import Selection
from cablesearch.engine.search.view import View
from cablesearch.protocols.fields import NO_NUMBER
from cablesearch.results.facets import FACETS, WEEKDAYS, Count, FacetName

__all__ = ["Spread", "counts_by_period", "facet_counts", "period_name", "period_names", "periods", "spread"]

Ints = NDArray[np.int64]

_LONGEST_CALENDAR = 1_000_000
"""The most days for which `periods` builds a calendar."""
_THURSDAY = 3
"""The day of the week of 1970-01-01, counted from Monday as 0."""


def facet_counts(view: View, selection: Selection, name: FacetName) -> list[Count]:
    """Return the values of a facet with their numbers of units: values by descending number, periods by time."""
    facet = FACETS[name]
    field = facet.field(by_cable=selection.by_block)
    if facet.is_grouped:
        # Only these facets need the keys of names.
        from cablesearch.results.name_groups import name_groups

        return [(group.name, group.hits) for group in name_groups(view, selection, field).groups]
    if not facet.period:
        counter = collect.facet(view, selection, field)
        return sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))
    counts = counts_by_period(view, selection, facet.period, field)
    return [*zip(period_names([*counts], facet.period), counts.values(), strict=True)]


def counts_by_period(view: View, selection: Selection, period: str, field: str = "date") -> dict[int, int]:
    """Return the number of units in each period that has any, in the order of time; undated units are not counted.

    Args:
        view: the view that was searched.
        selection: the units.
        period: "Y", "M" or "D" for years, months or days, which are counted from 1970; or "weekday", from Monday.
        field: a field of dates.
    """
    return collect.histogram(view, selection, field, lambda minutes: periods(minutes, period))


class Spread(NamedTuple):
    """How units are spread over time. Dates are in minutes from 1970.

    Attributes:
        units, blocks: the number of all units, and that of the blocks to which they belong.
        undated: the number of units without a date.
        first, last: the earliest and the latest date; 0 if no unit has a date.
        at_first, at_last: the numbers of units with exactly these dates.
    """

    units: int
    blocks: int
    undated: int
    first: int
    last: int
    at_first: int
    at_last: int


def spread(view: View, selection: Selection) -> Spread:
    """Return how selected units are spread over time, by the dates of their blocks."""
    numbers = range(len(view.segments))
    weights = [selection.per_block(number) for number in numbers]
    blocks = [np.flatnonzero(counts) + base for counts, base in zip(weights, view.block_bases, strict=False)]
    dates = collect.number_column(view, np.concatenate([*blocks, np.empty(0, np.int64)]), "date", by_block=True)
    units = np.concatenate([*(counts[counts > 0] for counts in weights), np.empty(0, np.uint32)])
    known = dates != NO_NUMBER
    total, undated = int(units.sum(dtype=np.int64)), int(units[~known].sum(dtype=np.int64))
    if not known.any():
        return Spread(total, len(dates), undated, 0, 0, 0, 0)
    ends = int(dates[known].min()), int(dates[known].max())
    first, last = (int(units[dates == end].sum(dtype=np.int64)) for end in ends)
    return Spread(total, len(dates), undated, *ends, first, last)


def period_name(number: int, period: str) -> str:
    """Return a period as people write it (see `period_names`)."""
    return period_names([number], period)[0]


def period_names(numbers: Sequence[int], period: str) -> list[str]:
    """Return periods as people write them: ``period_names([40], "Y") == ["2010"]``, or the names of weekdays."""
    if period == "weekday":
        return [WEEKDAYS[number] for number in numbers]
    names: list[str] = np.array(numbers, np.int64).astype(f"datetime64[{period}]").astype(str).tolist()
    return names


def periods(minutes: Ints, period: str) -> Ints:
    """Return the period of each minute, both counted from 1970: minute 600,000 is in year 1 (1971)."""
    if not len(minutes):
        return minutes
    days: Ints = minutes // (24 * 60)
    if period == "D":
        return days
    if period == "weekday":
        return (days + _THURSDAY) % 7
    unit = f"datetime64[{period}]"
    least, most = int(days.min()), int(days.max())
    if most - least > _LONGEST_CALENDAR:
        return days.astype("datetime64[D]").astype(unit).astype(np.int64)
    # Convert each distinct day once: NumPy converts element by element, slowly.
    calendar = np.arange(least, most + 1).astype("datetime64[D]").astype(unit).astype(np.int64)
    numbers: Ints = calendar[days - least]
    return numbers
