"""What is made of matches: the first page in some order, and counts over all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from cablesearch.engine.builder import NO_NUMBER
from cablesearch.engine.execute import Matches
from cablesearch.engine.postings import ranges
from cablesearch.engine.segment import Segment
from cablesearch.engine.view import View

__all__ = ["facet", "histogram", "number_column", "top"]

Ints = NDArray[np.int64]


def top(matches: Matches, offset: int, limit: int, keys: Ints | None = None) -> Ints:
    """The places in ``matches`` of one page: by falling score, or by rising ``keys``; equals in order of units.

    ``keys`` (int64, one a match) replaces the score.
    """
    order_by = -matches.scores if keys is None else keys
    wanted = offset + limit
    if wanted < len(order_by):
        bound = np.partition(order_by, wanted - 1)[wanted - 1] if wanted else order_by.min() - 1
        candidates = np.flatnonzero(order_by <= bound)
    else:
        candidates = np.arange(len(order_by))
    return candidates[np.argsort(order_by[candidates], kind="stable")][offset:wanted]


def _by_segment(view: View, units: Ints, by_block: bool) -> list[Ints]:
    """The units as documents of each segment; a block is its first document."""
    bases = view.block_bases if by_block else view.snapshot.bases
    cuts = np.searchsorted(units, bases)
    parts = []
    for number, segment in enumerate(view.segments):
        local = units[cuts[number] : cuts[number + 1]] - bases[number]
        parts.append(segment.first[local] if by_block else local)
    return parts


def facet(view: View, units: Ints, field: str, *, by_block: bool = False) -> Counter[str]:
    """How many of the units (rising) have each value of a keyword field."""
    result: Counter[str] = Counter()
    for segment, docs in zip(view.segments, _by_segment(view, units, by_block), strict=True):
        first, values = segment.keywords(field)
        if segment.is_shared(field):
            # Counted block by block: a value counts as often as its block has units.
            weights = np.bincount(segment.blocks_of(docs), minlength=segment.blocks)
            counts = np.bincount(values, np.repeat(weights, np.diff(first)), minlength=1).astype(np.int64)
        else:
            sizes = first[docs + 1] - first[docs]
            counts = np.bincount(values[ranges(first[docs], sizes)], minlength=1)
        for term in np.flatnonzero(counts).tolist():
            result[segment.terms(field).text(term)] += int(counts[term])
    return result


def _numbers(segment: Segment, field: str, docs: Ints) -> Ints:
    return segment.column(field)[segment.blocks_of(docs) if segment.is_shared(field) else docs]


def number_column(view: View, units: Ints, field: str, *, by_block: bool = False) -> Ints:
    """The values of a number field for the units (rising); `NO_NUMBER` where there is none."""
    parts = [
        _numbers(segment, field, docs)
        for segment, docs in zip(view.segments, _by_segment(view, units, by_block), strict=True)
    ]
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def histogram(
    view: View, units: Ints, field: str, bins: Callable[[Ints], Ints], *, by_block: bool = False
) -> dict[int, int]:
    """How many of the units (rising) fall into each bin of a number field: bin -> count, in order of bins.

    ``bins`` maps values to the numbers of their bins; units without a value count nowhere.
    """
    result: Counter[int] = Counter()
    for segment, docs in zip(view.segments, _by_segment(view, units, by_block), strict=True):
        column = segment.column(field)
        if segment.is_shared(field):
            weights = np.bincount(segment.blocks_of(docs), minlength=segment.blocks)
        else:
            column, weights = column[docs], np.ones(len(docs), np.int64)
        known = column != NO_NUMBER
        numbers = bins(column[known])
        if len(numbers):
            least = int(numbers.min())
            counts = np.bincount(numbers - least, weights[known])
            for number in np.flatnonzero(counts).tolist():
                result[number + least] += int(counts[number])
    return dict(sorted(result.items()))
