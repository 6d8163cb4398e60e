"""Collect matches: pages in some order, and counts over all matches."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import query as q

from cablesearch.algorithms.kernels import unpack_bits
from cablesearch.engine.check.blame import blaming
from cablesearch.engine.search.bitmaps import node_of
from cablesearch.engine.search.execute import Matches, execute_segment
from cablesearch.engine.search.view import View, blamed
from cablesearch.protocols.fields import NO_NUMBER

__all__ = ["Selection", "blocks_of", "facet", "histogram", "in_order", "number_column", "select", "top"]

Ints = NDArray[np.int64]

_SPAN = 1 << 20
"""The widest range of bins that is counted in a table."""


def top(
    view: View, matches: Matches, offset: int, limit: int, keys: Ints | None = None, *, by_block: bool = False
) -> Ints:
    """Return the places in ``matches`` of one page: by descending score, or by ascending ``keys`` (int64 [matches]).

    Equal matches keep the order of their blocks (see `cablesearch.engine.segment.order`), then of documents.
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
        # Equal matches of one segment are in order already.
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


@blamed
def blocks_of(view: View, matches: Matches) -> Matches:
    """Return the blocks of documents, each with the highest of its documents' scores.

    Example: for the documents 3, 4 and 9 with scores 1.0, 2.0 and 0.5, of which the first two are in block 1 and the
    last is in block 2, blocks [1, 2] and scores [2.0, 0.5].
    """
    cuts = np.searchsorted(matches.units, view.snapshot.bases)
    parts = []
    for number, segment in enumerate(view.segments):
        docs = matches.units[cuts[number] : cuts[number + 1]] - view.snapshot.bases[number]
        if not len(docs):
            continue
        blocks = segment.blocks_of(docs)
        starts = np.flatnonzero(np.append(True, blocks[1:] != blocks[:-1]))
        scores = np.maximum.reduceat(matches.scores[cuts[number] : cuts[number + 1]], starts)
        parts.append(Matches(blocks[starts] + view.block_bases[number], scores))
    if not parts:
        return Matches(np.empty(0, np.int64), np.empty(0))
    return Matches(*(np.concatenate(pieces) for pieces in zip(*parts, strict=True)))


def in_order(view: View, units: Ints, *, by_block: bool = False) -> Iterator[int]:
    """Yield the places of units (increasing) in the order of their blocks. Keys are read one by one, on demand."""
    bases = _bases(view, by_block)
    cuts = np.searchsorted(units, bases).tolist()

    def placed(number: int) -> Iterator[tuple[tuple[int, int, bytes], int]]:
        segment = view.segments[number]
        for place in range(cuts[number], cuts[number + 1]):
            local = int(units[place] - bases[number])
            yield view.place(number, local if by_block else segment.block(local)), place

    segments = range(len(view.segments))
    merged = heapq.merge(*(placed(number) for number in segments if cuts[number] < cuts[number + 1]))
    return (place for _, place in merged)


def _bases(view: View, by_block: bool) -> Ints:
    """Return the number of units before each segment."""
    return view.block_bases if by_block else view.snapshot.bases


class Selection:
    """The units that match a query: for each segment a bitmap of documents or, by block, a mask of blocks."""

    def __init__(self, view: View, matches: list[NDArray[Any]], *, by_block: bool) -> None:
        self.by_block = by_block
        self._view, self._matches = view, matches

    @property
    def count(self) -> int:
        """Return the number of units."""
        if self.by_block:
            return sum(int(np.count_nonzero(mask)) for mask in self._matches)
        return sum(int(np.bitwise_count(words).sum(dtype=np.int64)) for words in self._matches)

    def documents(self, number: int) -> Ints:
        """Return the documents of a segment, increasing; for a block its first document."""
        matches = self._matches[number]
        if self.by_block:
            return self._view.segments[number].first[np.flatnonzero(matches)]
        return np.flatnonzero(unpack_bits(matches))

    def members(self, number: int) -> Ints:
        """Return the documents of a segment, increasing; for a block all its visible members."""
        if not self.by_block:
            return self.documents(number)
        chosen = self._matches[number][self._view.segments[number].block_of]
        return np.flatnonzero(self._view.shown[number].members & chosen)

    def blocks(self) -> Selection:
        """Return the blocks that have a selected unit."""
        if self.by_block:
            return self
        numbers = range(len(self._matches))
        return Selection(self._view, [self.per_block(number) > 0 for number in numbers], by_block=True)

    def common(self, other: Selection) -> Selection:
        """Return the units that both selections have; they must be of the same view and kind."""
        both = [mine & theirs for mine, theirs in zip(self._matches, other._matches, strict=True)]
        return Selection(self._view, both, by_block=self.by_block)

    def rest(self) -> Selection:
        """Return all other visible units."""
        shown = self._view.shown
        every = [each.blocks if self.by_block else each.member_bits for each in shown]
        others = [seen & ~mine for seen, mine in zip(every, self._matches, strict=True)]
        return Selection(self._view, others, by_block=self.by_block)

    def per_block(self, number: int) -> NDArray[np.uint32]:
        """Return the number of units in each block of a segment."""
        if self.by_block:
            return self._matches[number].astype(np.uint32)
        return self._view.segments[number].bits_per_block(self._matches[number])


@blamed
def select(view: View, query: q.Query, *, by_block: bool = False) -> Selection:
    """Return the units that match a query, without scores."""
    matches: list[NDArray[Any]] = []
    for number, segment in enumerate(view.segments):
        if by_block:
            mask = np.zeros(segment.blocks, bool)
            mask[execute_segment(view, number, query, by_block=True, scored=False).units] = True
            matches.append(mask)
        else:
            matches.append(node_of(view, number, query).words & view.shown[number].member_bits)
    return Selection(view, matches, by_block=by_block)


@blamed
def facet(view: View, selection: Selection, field: str) -> Counter[str]:
    """Count the units that have each value of a keyword field.

    A document has the values of its block in a field of blocks, if the block's lead is visible. A block has those of
    its visible members in a field of members.
    """
    result: Counter[str] = Counter()
    for number, segment in enumerate(view.segments):
        if segment.is_shared(field):
            # A value of a block counts once for each unit of the block.
            counts = segment.sums_by_keyword(field, selection.per_block(number))
        elif view.is_of_block(field):
            counts = _counts_of_leads(view, number, selection, field)
        elif selection.by_block:
            counts = _counts_of_blocks(view, number, selection, field)
        else:
            counts = np.bincount(segment.keywords_of(field, selection.documents(number)), minlength=1)
        for term in np.flatnonzero(counts).tolist():
            result[segment.terms(field).text(term)] += int(counts[term])
    return result


def _counts_of_leads(view: View, number: int, selection: Selection, field: str) -> Ints:
    """Return for each term of a field of blocks how many units are in blocks that have it; int64 [terms]."""
    segment = view.segments[number]
    units = selection.per_block(number)[segment.block_of]
    docs = np.flatnonzero(view.shown[number].leads & (units > 0))
    weights = np.repeat(units[docs], np.diff(segment.keywords(field)[0])[docs])
    return np.bincount(segment.keywords_of(field, docs), weights, minlength=1).astype(np.int64)


def _counts_of_blocks(view: View, number: int, selection: Selection, field: str) -> Ints:
    """Return for each term of a field of members how many selected blocks have it; int64 [terms].

    Example: a block with two documents that both have term 3, and one that has term 5: 1 for either term.
    """
    segment = view.segments[number]
    docs = selection.members(number)
    owners = np.repeat(segment.block_of[docs].astype(np.int64), np.diff(segment.keywords(field)[0])[docs])
    terms = max(1, len(segment.terms(field)))
    pairs = np.unique(owners * terms + segment.keywords_of(field, docs))
    return np.bincount(pairs % terms, minlength=1)


@blamed
def number_column(view: View, units: Ints, field: str, *, by_block: bool = False) -> Ints:
    """Return the values of a number field for units (increasing); `NO_NUMBER` where a value is missing."""
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
    """Count the units in each bin of a number field, in the order of bins; units without a value are not counted.

    Example: for the years 2009, 2009 and 2010, with bins that are years, ``{2009: 2, 2010: 1}``. A shared field has a
    value per block, with the number of its units as weight: years [2009, 2010] and weights [2, 1] give the same.

    Args:
        view: the view that is searched.
        selection: the units.
        field: the number field.
        bins: maps values to the numbers of their bins.
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
            # Sorted neighbours share bins, and adding up their weights is faster than counting.
            starts = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1]))
            numbers, weights = numbers[starts], np.add.reduceat(weights, starts, dtype=np.int64)
        if len(numbers):
            least = int(numbers.min())
            if int(numbers.max()) - least < _SPAN:
                places, names = numbers - least, range(least, least + _SPAN)
            else:
                # A table of a wide range would be too large.
                distinct, places = np.unique(numbers, return_inverse=True)
                names = distinct.tolist()
            counts = np.bincount(places, weights)
            for place in np.flatnonzero(counts).tolist():
                result[names[place]] += int(counts[place])
    return dict(sorted(result.items()))
