"""The leaves of a query on one segment, which can test and score given documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from whoosh import query as q

from cablesearch.algorithms import bm25
from cablesearch.algorithms.kernels import Ints, pack_bits, ranges, run_starts, unpack_bits
from cablesearch.engine.search.view import View
from cablesearch.protocols.fields import Text, kind_of
from cablesearch.protocols.queries import EXPANSIONS

__all__ = ["Column", "Leaf", "TermList", "leaf_of", "together"]

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

_MOST = 255
_ONE = np.uint64(1)
_KEPT = 16
"""The number of leaves whose places are kept after a look-up; those of thousands of leaves would fill the memory."""


class Leaf(Protocol):
    """A leaf matches documents of a segment, visible or not.

    ``size`` is the approximate number of documents that match; ``docs`` are these documents, increasing.
    """

    size: int

    @property
    def docs(self) -> Ints: ...

    def narrow(self, docs: Ints) -> tuple[Bools, Ints | None]:
        """Return which of the documents (increasing) match, and their places (-1 for others) if they are known by then.

        The place of a document is what `scores` needs to know, such as its place among the postings of a term.
        """
        ...

    def places(self, docs: Ints) -> Ints:
        """Return the places of documents (increasing) that match."""
        ...

    def scores(self, places: Ints, docs: Ints) -> Floats:
        """Return the scores of documents, given their places."""
        ...


class TermList:
    """A term of a text field."""

    def __init__(self, view: View, number: int, field: str, text: str, factor: float) -> None:
        segment = view.segments[number]
        term = segment.term(field, text)
        self._norms = segment.norms(field)
        self._segment, self._field = segment, field
        self._table = view.table(field)
        self._average = view.average_length(field)
        self._factor = factor
        self._best: dict[int, tuple[Ints, Floats]] = {}
        self.known = term is not None
        self.postings, self.term = segment.located(field, term or 0) if self.known else (segment.postings_of(field), 0)
        self.size = self.postings.size(self.term) if self.known else 0

    @cached_property
    def docs(self) -> Ints:
        return self.postings.docs(self.term) if self.known else np.empty(0, np.int64)

    @cached_property
    def bits(self) -> NDArray[np.uint64] | None:
        """Return the stored bitmap of the term, None unless it is dense."""
        return self.postings.bits(self.term) if self.known else None

    def narrow(self, docs: Ints) -> tuple[Bools, Ints | None]:
        if self.bits is None:
            places = self.places(docs)
            return places >= 0, places
        return (self.bits[docs >> 6] >> (docs & 63).astype(np.uint64) & _ONE).astype(bool), None

    def places(self, docs: Ints) -> Ints:
        if self.bits is None:
            return self.postings.find(self.term, docs) if self.known else np.full(len(docs), -1)
        words = docs >> 6
        below = self.bits[words] & ((_ONE << (docs & 63).astype(np.uint64)) - _ONE)
        places: Ints = self._before[words] + np.bitwise_count(below)
        return places

    @cached_property
    def _before(self) -> Ints:
        """Return the number of bits that are set before each word."""
        assert self.bits is not None
        counts = np.bitwise_count(self.bits)
        before: Ints = np.cumsum(counts, dtype=np.int64) - counts
        return before

    def scores_where(self, docs: Ints) -> tuple[Bools, Floats]:
        """Return which of the documents (increasing) contain the term, and the scores of those."""
        having, places = self.narrow(docs)
        matching = docs[having]
        return having, self.scores(self.places(matching) if places is None else places[having], matching)

    @property
    def lengths(self) -> NDArray[Any]:
        """Return the number of words of each document."""
        return self._segment.lengths(self._field)

    @cached_property
    def _counts(self) -> Ints:
        return self.postings.counts(self.term) if self.known else np.empty(0, np.int64)

    def scores(self, places: Ints, docs: Ints) -> Floats:
        return self.weigh(self.postings.counts_at(self.term, places), docs)

    @cached_property
    def all_scores(self) -> Floats:
        """Return the scores of all ``docs``."""
        return self.weigh(self._counts, self.docs)

    def weigh(self, counts: Ints, docs: Ints, *, may_be_large: bool = False) -> Floats:
        """Return the scores of documents, given the frequency of the term in each; ``may_be_large`` if some may be
        larger than any of the term itself."""
        norms = self._norms[docs]
        weights: Floats
        if (may_be_large or self.postings.has_large) and (large := np.flatnonzero(counts > _MOST)).size:
            weights = self._table[np.minimum(counts, _MOST) << 8 | norms]
            weights[large] = bm25.weights(counts[large], norms[large], self._average)
        else:
            cells = counts << 8
            cells |= norms
            weights = self._table.take(cells)
        weights *= self._factor
        return weights

    def best(self, wanted: int) -> tuple[Ints, Floats]:
        """Return the ``wanted`` documents with the highest scores (increasing), and their scores."""
        if wanted not in self._best:
            places = self.postings.champions(self.term, wanted)
            if places is None:
                docs, scores = self.docs, self.all_scores
            else:
                docs = self.postings.docs_at(self.term, places)
                scores = self.scores(places, docs)
            if len(docs) > wanted:
                # Of documents with equal scores keep the first.
                kept = np.sort(np.argsort(-scores, kind="stable")[:wanted])
                docs, scores = docs[kept], scores[kept]
            self._best[wanted] = docs, scores
        return self._best[wanted]

    @property
    def most(self) -> float:
        """Return the highest score of any document."""
        return float(self.best(1)[1].max(initial=0.0))

    @property
    def bounds(self) -> NDArray[np.float32]:
        """Return an upper bound of the scores in each 64 documents, for a dense term."""
        bounds, bounded_for = self.postings.bounds(self.term), self.postings.bounded_for
        assert bounds is not None
        greatest = bm25.greatest_weights(bounded_for, self._average) * np.float32(self._factor)
        scores: NDArray[np.float32] = greatest[bounds]
        return scores

    def positions(self, places: Ints) -> tuple[Ints, Ints]:
        """Return the positions at some places (increasing), place by place, and the number of positions at each."""
        starts, sizes = self.stretches(places)
        positions = self.all_positions
        return positions[ranges(starts, sizes, len(positions))].astype(np.int64), sizes

    def stretches(self, places: Ints) -> tuple[Ints, Ints]:
        """Return where the positions at some places (increasing) begin in `all_positions`, and how many each has."""
        return self.postings.stretches_at(self.term, places)

    @property
    def all_positions(self) -> NDArray[Any]:
        """Return the positions of all terms."""
        return self.postings.all_positions

    @property
    def occurrences(self) -> int:
        """Return the number of occurrences of the term in all documents."""
        return len(self.postings.positions(self.term)) if self.known else 0

    def container(self, number: int) -> tuple[Ints, NDArray[Any], NDArray[Any]]:
        """Return the postings of a dense term in one container (see `PostingsReader.container`)."""
        return self.postings.container(self.term, number)


class Column:
    """A condition on a column. Every match has the same score."""

    def __init__(self, view: View, number: int, field: str, boost: float) -> None:
        self._segment = view.segments[number]
        self._shared = self._segment.is_shared(field)
        self.boost = float(boost)
        self.size = self._segment.docs

    @cached_property
    def fitting(self) -> Bools:
        """Return which documents (blocks for a shared field) match, as a mask."""
        raise NotImplementedError

    @cached_property
    def docs(self) -> Ints:
        units = np.flatnonzero(self.fitting)
        return self._segment.docs_of(units) if self._shared else units

    @property
    def bits(self) -> NDArray[np.uint64]:
        return _runs(self.fitting, self._segment.first) if self._shared else pack_bits(self.fitting)

    def narrow(self, docs: Ints) -> tuple[Bools, Ints | None]:
        return self.fitting[self._segment.blocks_of(docs) if self._shared else docs], docs

    def places(self, docs: Ints) -> Ints:
        return docs

    def scores(self, places: Ints, docs: Ints) -> Floats:
        del docs
        return np.full(len(places), self.boost)


def _runs(fitting: Bools, first: Ints) -> NDArray[np.uint64]:
    """Return the bitmap of all documents of the blocks that fit, given the first document of each block.

    >>> _runs(np.array([False, True, False]), np.array([0, 1, 3, 5])).tolist() == [0b00110]
    True
    """
    docs = int(first[-1])
    words = np.zeros(-(-docs // 64), np.uint64)
    changes = first[np.flatnonzero(np.diff(fitting, prepend=False))]
    if len(changes):
        # Set a bit where a run begins or ends; then each bit becomes the parity of all bits up to it: 01010 -> 00110.
        # (The lowest bit is on the right.) Shifts do this in each word; the parity of the words before may invert it.
        starts = run_starts(changes >> 6)
        words[changes[starts] >> 6] = np.bitwise_or.reduceat(_ONE << (changes & 63).astype(np.uint64), starts)
        for width in (1, 2, 4, 8, 16, 32):
            words ^= words << np.uint64(width)
        odd = np.logical_xor.accumulate((words >> np.uint64(63)).astype(bool))
        np.invert(words[1:], out=words[1:], where=odd[:-1])
        if docs % 64:
            words[-1] &= (_ONE << np.uint64(docs % 64)) - _ONE
    return words


class _NumberRange(Column):
    def __init__(self, view: View, number: int, query: Any) -> None:
        super().__init__(view, number, query.fieldname, query.boost)
        self._query = query

    @cached_property
    def fitting(self) -> Bools:
        query = self._query
        values, base = self._segment.raw_numbers(query.fieldname)
        # Compare stored values: 0 for a missing value, else value - base + 1.
        low = 1 if query.start is None else max(1, query.start + bool(query.startexcl) - base + 1)
        most = int(np.iinfo(values.dtype).max)
        high = most if query.end is None else min(most, query.end - bool(query.endexcl) - base + 1)
        if low > high:
            return np.zeros(len(values), bool)
        fits: Bools = values == low if low == high else values >= low
        if low < high < most:
            fits &= values <= high
        return fits


class _KeywordTerm(Column):
    def __init__(self, view: View, number: int, query: Any) -> None:
        super().__init__(view, number, query.fieldname, query.boost)
        segment, field = self._segment, query.fieldname
        term = segment.term(field, query.text)
        self._units = segment.having(field, [term]) if term is not None else np.empty(0, np.int64)
        count = segment.blocks if self._shared else segment.docs
        self.size = len(self._units) * segment.docs // max(count, 1)

    @cached_property
    def fitting(self) -> Bools:
        fits = np.zeros(self._segment.blocks if self._shared else self._segment.docs, bool)
        fits[self._units] = True
        return fits

    @cached_property
    def docs(self) -> Ints:
        return self._segment.docs_of(self._units) if self._shared else self._units


class _Expansion(Column):
    """The documents that contain any of the terms for which a query stands."""

    def __init__(self, view: View, number: int, query: Any) -> None:
        super().__init__(view, number, query.fieldname, query.boost)
        # Imported here because most searches do not need it.
        from cablesearch.engine.search import expand

        self._terms = expand.terms(self._segment, query)
        self._field = query.fieldname

    @cached_property
    def fitting(self) -> Bools:
        return self._segment.with_any(self._field, self._terms)


def leaf_of(view: View, number: int, query: q.Query) -> TermList | Column | None:
    """Return the leaf of a query on one segment; None for other queries, and for fields of the block."""
    field = getattr(query, "fieldname", None)
    if field is None or field not in view.schema or view.is_of_block(field):
        return None
    kind = kind_of(view.schema[field])
    if isinstance(query, q.NumericRange) and kind == "number":
        return _NumberRange(view, number, query)
    if isinstance(query, q.Term) and kind == "keyword":
        return _KeywordTerm(view, number, query)
    if isinstance(query, EXPANSIONS) and kind == "text":
        return _Expansion(view, number, query)
    if isinstance(query, q.Term) and isinstance(view.schema[field], Text):
        return TermList(view, number, field, query.text, view.idf(field, [query.text]) * query.boost)
    return None


Places = Callable[[int, slice], Ints]
"""(number of a leaf, stretch of the documents that all leaves match) -> the places of these documents in the leaf."""


def together(leaves: Sequence[Leaf]) -> tuple[Ints, Places]:
    """Return the documents (increasing) that all leaves match, and a function for their places in each leaf.

    Bitmaps are intersected first; otherwise the documents of the smallest leaf are tested against the others, smaller
    leaves first.
    """
    order = sorted(range(len(leaves)), key=lambda number: leaves[number].size)
    known: dict[int, Ints] = {}
    bits = [leaf.bits for leaf in leaves if isinstance(leaf, TermList) and leaf.bits is not None]
    first = leaves[order[0]]
    if len(bits) > 1 and isinstance(first, TermList) and first.bits is not None:
        docs = np.flatnonzero(unpack_bits(np.bitwise_and.reduce(bits)))
        order = [
            number for number in order if not (isinstance(leaf := leaves[number], TermList) and leaf.bits is not None)
        ]
    else:
        docs = first.docs
        known[order[0]] = np.arange(len(docs))
        order = order[1:]
    for number in order:
        kept, places = leaves[number].narrow(docs)
        if places is not None and len(known) < _KEPT:
            known[number] = places
        docs = docs[kept]
        known = {leaf_number: where[kept] for leaf_number, where in known.items()}
    return docs, lambda number, part: known[number][part] if number in known else leaves[number].places(docs[part])
