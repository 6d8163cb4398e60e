"""Counts of selected units: by periods of time, and how they are spread over it."""

from __future__ import annotations

import numpy as np

from cablesearch.algorithms.periods import periods
from cablesearch.engine.search import collect
from cablesearch.engine.search.collect import Selection
from cablesearch.engine.search.view import View
from cablesearch.protocols.answers import Spread
from cablesearch.protocols.fields import NO_NUMBER
from cablesearch.protocols.reader import Period

__all__ = ["counts_by_period", "spread"]


def counts_by_period(view: View, selection: Selection, period: Period, field: str) -> dict[int, int]:
    """Return the number of units in each period that has any, in the order of time; undated units are not counted."""
    return collect.histogram(view, selection, field, lambda minutes: periods(minutes, period))


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
