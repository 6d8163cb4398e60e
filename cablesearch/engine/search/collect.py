"""What is made of matches: the first page in some order, and counts over all of them."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import query as q

from cablesearch.engine.check.blame import blaming
from cablesearch.engine.fields import NO_NUMBER
from cablesearch.engine.kernels import unpack_bits
from cablesearch.engine.search.bitmaps import node_of
from cablesearch.engine.search.execute import Matches, execute_segment
from cablesearch.engine.search.view import View, blamed

__all__ = ["Selection", "facet", "histogram", "in_order", "number_column", "select", "top"]

Ints = NDArray[np.int64]

_SPAN = 1 << 20


def top(
    view: View, matches: Matches, offset: int, limit: int, keys: Ints | None = None, *, by_block: bool = False
) -> Ints:
    """The places in ``matches`` of one page: by falling score, or by rising ``keys``; equals in order of their blocks
    (see `cablesearch.engine.segment.order`), then of documents.

    ``keys`` (int64, one a match) replaces the score.
    """
    order_by = -matches.scores if keys is None else keys
    wanted = offset + limit
    if wanted < len(order_by):
        bound = np.partition(order_by, wanted - 1)[wanted - 1] if wanted else order_by.min() - 1
        candidates = np.flatnonzero(order_by <= bound)
    else:
        candidates = np.arange(len(order_by))
    best = candidates[np.argsort(order_by[candidates], kind="stable")]
    if len(best) > 1 and len(view.segments) > 1:
        # Equals of one segment are in order already.
        values, owners = order_by[best], np.searchsorted(_bases(view, by_block), matches.units[best], "right")
        starts = np.flatnonzero(np.append(True, values[1:] != values[:-1]))
        ends = np.append(starts[1:], len(best))
        mixed = (owners[starts] != owners[ends - 1]) & (starts < wanted) & (ends > offset)
        with blaming(view.segments):
            for start, end in zip(starts[mixed].tolist(), ends[mixed].tolist(), strict=True):
                equals = best[start:end].copy()
                order = list(islice(in_order(view, matches.units[equals], by_block=by_block), wanted - start))
                best[start : start + len(order)] = equals[order]
    return best[offset:wanted]


def in_order(view: View, units: Ints, *, by_block: bool = False) -> Iterator[int]:
    """The places of some units (rising) in order of their blocks. Keys are read one by one, as they are needed."""
    bases = _bases(view, by_block)
    cuts = np.searchsorted(units, bases).tolist()

    def placed(number: int) -> Iterator[tuple[tuple[int, int, bytes], int]]:
        segment = view.segments[number]
        for place in range(cuts[number], cuts[number + 1]):
            local = int(units[place] - bases[number])
            yield view.place(number, local if by_block else segment.block(local)), place

    segments = range(len(view.segments))
    return (place for _, place in heapq.merge(*(placed(one) for one in segments if cuts[one] < cuts[one + 1])))


def _bases(view: View, by_block: bool) -> Ints:
    """The number of units before each segment."""
    return view.block_bases if by_block else view.snapshot.bases


class Selection:
    """The units that match a query: a bit a document of each segment or, by block, a mask of its blocks."""

    def __init__(self, view: View, found: list[NDArray[Any]], *, by_block: bool) -> None:
        self.by_block = by_block
        self._view, self._found = view, found

    @property
    def count(self) -> int:
        """How many there are."""
        if self.by_block:
            return sum(int(np.count_nonzero(mask)) for mask in self._found)
        return sum(int(np.bitwise_count(words).sum(dtype=np.int64)) for words in self._found)

    def documents(self, number: int) -> Ints:
        """The documents of a segment, rising; a block's is its first."""
        found = self._found[number]
        if self.by_block:
            return self._view.segments[number].first[np.flatnonzero(found)]
        return np.flatnonzero(unpack_bits(found))

    def per_block(self, number: int) -> NDArray[np.uint32]:
        """How many units there are in each block of a segment."""
        if self.by_block:
            return self._found[number].astype(np.uint32)
        return self._view.segments[number].bits_per_block(self._found[number])


@blamed
def select(view: View, query: q.Query, *, by_block: bool = False) -> Selection:
    """The units that match a query, without scores."""
    found: list[NDArray[Any]] = []
    for number, segment in enumerate(view.segments):
        if by_block:
            mask = np.zeros(segment.blocks, bool)
            mask[execute_segment(view, number, query, by_block=True, scored=False).units] = True
            found.append(mask)
        else:
            found.append(node_of(view, number, query).words & view.shown[number].member_bits)
    return Selection(view, found, by_block=by_block)


@blamed
def facet(view: View, selection: Selection, field: str) -> Counter[str]:
    """How many of the units have each value of a keyword field."""
    result: Counter[str] = Counter()
    for number, segment in enumerate(view.segments):
        if segment.is_shared(field):
            # Counted block by block: a value counts as often as its block has units.
            counts = segment.sums_by_keyword(field, selection.per_block(number))
        else:
            values = segment.keywords_of(field, selection.documents(number))
            counts = np.bincount(values, minlength=1)
        for term in np.flatnonzero(counts).tolist():
            result[segment.terms(field).text(term)] += int(counts[term])
    return result


@blamed
def number_column(view: View, units: Ints, field: str, *, by_block: bool = False) -> Ints:
    """The values of a number field for the units (rising); `NO_NUMBER` where there is none."""
    bases = _bases(view, by_block)
    cuts = np.searchsorted(units, bases)
    parts = []
    for number, segment in enumerate(view.segments):
        local = units[cuts[number] : cuts[number + 1]] - bases[number]
        docs = segment.first[local] if by_block else local
        parts.append(segment.column(field)[segment.blocks_of(docs) if segment.is_shared(field) else docs])
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


@blamed
def histogram(view: View, selection: Selection, field: str, bins: Callable[[Ints], Ints]) -> dict[int, int]:
    """How many of the units fall into each bin of a number field: bin -> count, in order of bins.

    ``bins`` maps values to the numbers of their bins; units without a value count nowhere.
    """
    result: Counter[int] = Counter()
    for number, segment in enumerate(view.segments):
        column = segment.column(field)
        if segment.is_shared(field):
            weights: NDArray[np.uint32] | None = selection.per_block(number)
        else:
            column, weights = column[selection.documents(number)], None
        if len(column) and column.min() == NO_NUMBER:
            known = column != NO_NUMBER
            column, weights = column[known], weights if weights is None else weights[known]
        numbers = bins(column)
        if weights is not None and segment.is_ordered_by(field) and len(numbers):
            # Neighbours share bins, and are added up faster than counted.
            starts = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1]))
            numbers, weights = numbers[starts], np.add.reduceat(weights, starts, dtype=np.int64)
        if len(numbers):
            least = int(numbers.min())
            if int(numbers.max()) - least < _SPAN:
                places, names = numbers - least, range(least, least + _SPAN)
            else:
                # Numbers far apart would make a table of all between them.
                distinct, places = np.unique(numbers, return_inverse=True)
                names = distinct.tolist()
            counts = np.bincount(places, weights)
            for place in np.flatnonzero(counts).tolist():
                result[names[place]] += int(counts[place])
    return dict(sorted(result.items()))
