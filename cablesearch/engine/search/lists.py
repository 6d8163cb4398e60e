"""The leaves of a query as one segment has them, to be asked about documents that are at hand already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from whoosh import query as q

from cablesearch.engine import bm25
from cablesearch.engine.fields import Text, kind_of
from cablesearch.engine.kernels import Ints, pack_bits, ranges, unpack_bits
from cablesearch.engine.search import expand
from cablesearch.engine.search.view import View

__all__ = ["Column", "Leaf", "TermList", "leaf_of", "together"]

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

_MOST = 255
_ONE = np.uint64(1)
_KEPT = 16
"""Of how many leaves the places are kept that looking them up has brought; those of thousands would fill the memory."""


class Leaf(Protocol):
    """What may match documents of a segment, visible or not.

    ``size`` is about how many it matches; ``docs`` are all of them, rising.
    """

    size: int

    @property
    def docs(self) -> Ints: ...

    def narrow(self, docs: Ints) -> tuple[Bools, Ints | None]:
        """Which of some documents (rising) match, and, when they are known by then, their places (others: -1)."""
        ...

    def places(self, docs: Ints) -> Ints:
        """Where some documents (rising) that match are to be scored."""
        ...

    def scores(self, places: Ints, docs: Ints) -> Floats:
        """The scores of some documents, given their places."""
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
        """A bit for every document, when there are so many that they are stored."""
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
        """How many bits are set before each word."""
        assert self.bits is not None
        counts = np.bitwise_count(self.bits)
        before: Ints = np.cumsum(counts, dtype=np.int64) - counts
        return before

    def scores_where(self, docs: Ints) -> tuple[Bools, Floats]:
        """Which of some documents (rising) have the term, and the scores of those."""
        having, places = self.narrow(docs)
        found = docs[having]
        return having, self.scores(self.places(found) if places is None else places[having], found)

    @property
    def lengths(self) -> NDArray[Any]:
        """The number of words of each document."""
        return self._segment.lengths(self._field)

    @cached_property
    def _counts(self) -> Ints:
        return self.postings.counts(self.term) if self.known else np.empty(0, np.int64)

    def scores(self, places: Ints, docs: Ints) -> Floats:
        return self.weigh(self.postings.counts_at(self.term, places), docs)

    @cached_property
    def all_scores(self) -> Floats:
        """The scores of all ``docs``."""
        return self.weigh(self._counts, self.docs)

    def weigh(self, counts: Ints, docs: Ints) -> Floats:
        """The scores of documents in which the term stands so often."""
        norms = self._norms[docs]
        weights: Floats
        if self.postings.has_large and (large := np.flatnonzero(counts > _MOST)).size:
            weights = self._table[np.minimum(counts, _MOST) << 8 | norms]
            weights[large] = bm25.weights(counts[large], norms[large], self._average)
        else:
            cells = counts << 8
            cells |= norms
            weights = self._table.take(cells)
        weights *= self._factor
        return weights

    def best(self, wanted: int) -> tuple[Ints, Floats]:
        """Documents (rising) among which the ``wanted`` of the highest scores are, and their scores."""
        if wanted not in self._best:
            places = self.postings.champions(self.term, wanted)
            if places is None:
                docs, scores = self.docs, self.all_scores
            else:
                docs = self.postings.docs_at(self.term, places)
                scores = self.scores(places, docs)
            if len(docs) > wanted:
                # Of equals the first.
                kept = np.sort(np.argsort(-scores, kind="stable")[:wanted])
                docs, scores = docs[kept], scores[kept]
            self._best[wanted] = docs, scores
        return self._best[wanted]

    @property
    def most(self) -> float:
        """The highest score of any document."""
        return float(self.best(1)[1].max(initial=0.0))

    @property
    def bounds(self) -> NDArray[np.float32]:
        """What no score in 64 documents exceeds, for a term with `bits`."""
        bytes_, bounded_for = self.postings.bounds(self.term), self.postings.bounded_for
        assert bytes_ is not None
        bounds: NDArray[np.float32] = (bm25.greatest_weights(bounded_for, self._average) * np.float32(self._factor))[
            bytes_
        ]
        return bounds

    def positions(self, places: Ints) -> tuple[Ints, Ints]:
        """The positions at some places (rising), one place after the other, and how many each has."""
        starts, sizes = self.stretches(places)
        positions = self.all_positions
        return positions[ranges(starts, sizes, len(positions))].astype(np.int64), sizes

    def stretches(self, places: Ints) -> tuple[Ints, Ints]:
        """Where the positions at some places (rising) begin among `all_positions`, and how many there are."""
        return self.postings.stretches_at(self.term, places)

    @property
    def all_positions(self) -> NDArray[Any]:
        """The positions of all terms."""
        return self.postings.all_positions

    @property
    def occurrences(self) -> int:
        """How often the term stands in all documents."""
        return len(self.postings.positions(self.term)) if self.known else 0

    def container(self, number: int) -> tuple[Ints, NDArray[Any], NDArray[Any]]:
        """Of every 65,536th part of the documents one: those that have the term, numbered from its first, how often,
        and the positions."""
        return self.postings.container(self.term, number)


class Column:
    """A condition on a column: every match has the same score."""

    def __init__(self, view: View, number: int, field: str, boost: float) -> None:
        self._segment = view.segments[number]
        self._shared = self._segment.is_shared(field)
        self.boost = float(boost)
        self.size = self._segment.docs

    @cached_property
    def fitting(self) -> Bools:
        """Which documents (blocks for a shared field) match."""
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
    """A bit for every document of the blocks that fit; ``first`` says where the documents of each block begin."""
    docs = int(first[-1])
    words = np.zeros(-(-docs // 64), np.uint64)
    changes = first[np.flatnonzero(np.diff(fitting, prepend=False))]
    if len(changes):
        # A bit where the answer changes, then the parity of all bits up to each.
        starts = np.flatnonzero(np.diff(changes >> 6, prepend=-1))
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
        # As they are stored: 0 for none, else one more than what they are above the base.
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
    """Documents that have any of some terms of a text field."""

    def __init__(self, view: View, number: int, query: Any) -> None:
        super().__init__(view, number, query.fieldname, query.boost)
        self._terms = expand.terms(self._segment, query)
        self._field = query.fieldname

    @cached_property
    def fitting(self) -> Bools:
        return self._segment.with_any(self._field, self._terms)


def leaf_of(view: View, number: int, query: q.Query) -> TermList | Column | None:
    """A query as a leaf of one segment; None for what is no leaf, or belongs to blocks as wholes."""
    field = getattr(query, "fieldname", None)
    if field is None or field not in view.schema or view.is_of_block(field):
        return None
    kind = kind_of(view.schema[field])
    if isinstance(query, q.NumericRange) and kind == "number":
        return _NumberRange(view, number, query)
    if isinstance(query, q.Term) and kind == "keyword":
        return _KeywordTerm(view, number, query)
    if isinstance(query, expand.EXPANSIONS) and kind == "text":
        return _Expansion(view, number, query)
    if isinstance(query, q.Term) and isinstance(view.schema[field], Text):
        return TermList(view, number, field, query.text, view.idf(field, [query.text]) * query.boost)
    return None


Places = Callable[[int, slice], Ints]
"""Where a leaf, by its number, has a stretch of the documents that all leaves match."""


def together(leaves: Sequence[Leaf]) -> tuple[Ints, Places]:
    """The documents (rising) that all of the leaves match, and where each leaf has them."""
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
        known = {one: where[kept] for one, where in known.items()}
    return docs, lambda number, part: known[number][part] if number in known else leaves[number].places(docs[part])
