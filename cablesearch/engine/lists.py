"""The leaves of a query as one segment has them, to be asked about documents that are at hand already."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from whoosh import query as q

from cablesearch.engine import bm25
from cablesearch.engine.fields import Text, kind_of
from cablesearch.engine.postings import Ints, ranges
from cablesearch.engine.view import View

__all__ = ["Leaf", "TermList", "leaf_of"]

Floats = NDArray[np.float64]

_MOST = 255


class Leaf(Protocol):
    """What may match documents of a segment, visible or not.

    ``size`` is about how many it matches; ``docs`` are all of them, rising.
    """

    size: int

    @property
    def docs(self) -> Ints: ...

    def places(self, docs: Ints) -> Ints:
        """For each of some documents (rising) a place to be scored at, -1 for those that do not match."""
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
        self._table = view.table(field)
        self._average = view.average_length(field)
        self._factor = factor
        self._best: dict[int, tuple[Ints, Floats]] = {}
        self.known = term is not None
        self.postings, self.term = segment.found(field, term or 0) if self.known else (segment.postings_of(field), 0)
        self.size = self.postings.size(self.term) if self.known else 0

    @cached_property
    def docs(self) -> Ints:
        return self.postings.docs(self.term) if self.known else np.empty(0, np.int64)

    def places(self, docs: Ints) -> Ints:
        return self.postings.find(self.term, docs) if self.known else np.full(len(docs), -1)

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

    def mark(self, found: NDArray[np.bool_]) -> None:
        """Mark the documents that have the term."""
        found[self.docs] = True

    def positions(self, places: Ints) -> tuple[Ints, Ints]:
        """The positions at some places, one place after the other, and how many each has."""
        ends = np.cumsum(self._counts)
        sizes = self._counts[places]
        return self.postings.positions(self.term)[ranges(ends[places] - sizes, sizes)].astype(np.int64), sizes


class _Column:
    """A condition on a column: every match has the same score."""

    def __init__(self, view: View, number: int, field: str, boost: float) -> None:
        self._segment = view.segments[number]
        self._shared = self._segment.is_shared(field)
        self._boost = float(boost)
        self.size = self._segment.docs

    @cached_property
    def fitting(self) -> NDArray[np.bool_]:
        """Which documents (blocks for a shared field) match."""
        raise NotImplementedError

    @cached_property
    def docs(self) -> Ints:
        units = np.flatnonzero(self.fitting)
        return self._segment.members_of(units) if self._shared else units

    def places(self, docs: Ints) -> Ints:
        return np.where(self.fitting[self._segment.blocks_of(docs) if self._shared else docs], 0, -1)

    def scores(self, places: Ints, docs: Ints) -> Floats:
        del docs
        return np.full(len(places), self._boost)


class _NumberRange(_Column):
    def __init__(self, view: View, number: int, query: Any) -> None:
        super().__init__(view, number, query.fieldname, query.boost)
        self._query = query

    @cached_property
    def fitting(self) -> NDArray[np.bool_]:
        query = self._query
        values, base = self._segment.raw_numbers(query.fieldname)
        # As they are stored: 0 for none, else one more than what they are above the base.
        low = 1 if query.start is None else max(1, query.start + bool(query.startexcl) - base + 1)
        fits: NDArray[np.bool_] = values >= low if low <= np.iinfo(values.dtype).max else np.zeros(len(values), bool)
        if query.end is not None:
            high = query.end - bool(query.endexcl) - base + 1
            if high < 1:
                return np.zeros(len(values), bool)
            if high <= np.iinfo(values.dtype).max:
                fits &= values <= high
        return fits


class _KeywordTerm(_Column):
    def __init__(self, view: View, number: int, query: Any) -> None:
        super().__init__(view, number, query.fieldname, query.boost)
        self._query = query

    @cached_property
    def fitting(self) -> NDArray[np.bool_]:
        segment, field = self._segment, self._query.fieldname
        term = segment.term(field, self._query.text)
        fits = np.zeros(segment.blocks if self._shared else segment.docs, bool)
        if term is not None:
            fits[segment.having(field, [term])] = True
        return fits


def leaf_of(view: View, number: int, query: q.Query) -> Leaf | None:
    """A query as a leaf of one segment; None for what is no leaf, or belongs to blocks as wholes."""
    field = getattr(query, "fieldname", None)
    if field is None or field not in view.schema or view.is_of_block(field):
        return None
    kind = kind_of(view.schema[field])
    if isinstance(query, q.NumericRange) and kind == "number":
        return _NumberRange(view, number, query)
    if isinstance(query, q.Term) and kind == "keyword":
        return _KeywordTerm(view, number, query)
    if isinstance(query, q.Term) and isinstance(view.schema[field], Text):
        return TermList(view, number, field, query.text, view.idf(field, [query.text]) * query.boost)
    return None
