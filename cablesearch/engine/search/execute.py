"""Execute Whoosh's query trees on whole arrays.

A query returns, segment by segment, the units that match (increasing) and their scores. A unit is a document or, in a
search by block, a block: then a word matches a block when any of its documents contains the word, its score is the best
of these documents, and AND, OR and NOT combine blocks. Unknown types of queries raise `UnsupportedQueryError`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh import query as q

from cablesearch.algorithms.kernels import is_in
from cablesearch.engine.search.lists import Leaf, TermList, leaf_of, together
from cablesearch.engine.search.view import View, blamed
from cablesearch.errors import CablesearchError
from cablesearch.protocols.fields import NO_NUMBER, kind_of
from cablesearch.protocols.queries import EXPANSIONS, InDocument, Near, leaves
from cablesearch.text.continuation import CONTINUED

__all__ = ["Matches", "UnsupportedQueryError", "best_documents", "execute", "execute_segment"]

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class UnsupportedQueryError(CablesearchError):
    """A part of a query (the attribute ``query``) has a type that cannot be executed on arrays."""

    def __init__(self, query: q.Query) -> None:
        super().__init__(
            f"queries of type {type(query).__name__} cannot be executed on arrays; Whoosh's own searcher can run them "
            "with a Whoosh reader of the same index"
        )
        self.query = query

    def __reduce__(self) -> tuple[type[UnsupportedQueryError], tuple[q.Query]]:
        return UnsupportedQueryError, (self.query,)


class Matches(NamedTuple):
    """Units (increasing, int64) and their scores (float64)."""

    units: Ints
    scores: Floats


_NONE = Matches(np.empty(0, np.int64), np.empty(0, np.float64))


def _constant(units: Ints, score: float) -> Matches:
    return Matches(units, np.full(len(units), score))


def _intersect(left: Matches, right: Matches) -> Matches:
    if len(left.units) > len(right.units):
        left, right = right, left
    if not len(left.units):
        return _NONE
    at = np.searchsorted(right.units, left.units)
    at[at == len(right.units)] = 0
    both = right.units[at] == left.units
    return Matches(left.units[both], left.scores[both] + right.scores[at[both]])


def _subtract(left: Matches, right: Matches) -> Matches:
    kept = ~is_in(left.units, right.units)
    return Matches(left.units[kept], left.scores[kept])


def _unite(parts: Iterable[Matches], size: int, combine: np.ufunc = np.add) -> Matches:
    """Unite the units of several parts, and combine the scores of each unit part by part."""
    matched = np.zeros(size, bool)
    scores = np.zeros(size)
    for part in parts:
        matched[part.units] = True
        scores[part.units] = combine(scores[part.units], part.scores)
    units = np.flatnonzero(matched)
    return Matches(units, scores[units])


class _Execution:
    """The execution of a query on one segment.

    ``documents`` is the mask of the documents that may match. Fields of the block match all documents of a block, or
    with ``leads_only`` only its leads. Unless ``scored``, scores are meaningless.
    """

    def __init__(
        self,
        view: View,
        number: int,
        documents: Bools,
        *,
        by_block: bool,
        leads_only: bool = False,
        scored: bool = True,
    ) -> None:
        self.view = view
        self.scored = scored
        self.number = number
        self.segment = view.segments[number]
        self.documents = documents
        self.shown = view.shown[number]
        self.by_block = by_block
        self.leads_only = leads_only
        self.size = self.segment.blocks if by_block else self.segment.docs

    @cached_property
    def universe(self) -> Ints:
        """Return every visible unit."""
        return np.flatnonzero(self.shown.blocks if self.by_block else self.documents)

    def run(self, query: q.Query) -> Matches:
        for kind, method in _METHODS:
            if isinstance(query, kind):
                return method(self, query)
        raise UnsupportedQueryError(query)

    # Leaves

    def _leaf(self, field: str, docs: Ints, scores: Floats) -> Matches:
        """Turn matching documents (increasing) into units: the visible documents, or their blocks."""
        segment = self.segment
        if self.view.is_of_block(field):
            seen = self.shown.leads[docs]
            docs, scores = docs[seen], scores[seen]
            if self.leads_only:
                return Matches(docs, scores)
            blocks = segment.block_of[docs]
            if self.by_block:
                return Matches(blocks, scores)
            sizes = segment.first[blocks + 1] - segment.first[blocks]
            ends = np.cumsum(sizes)
            spread = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - sizes - segment.first[blocks], sizes)
            seen = self.documents[spread]
            return Matches(spread[seen], np.repeat(scores, sizes)[seen])
        return self._units(*self._seen(docs, scores))

    def _seen(self, docs: Ints, scores: Floats) -> Matches:
        seen = self.documents[docs]
        return Matches(docs, scores) if seen.all() else Matches(docs[seen], scores[seen])

    def _units(self, docs: Ints, scores: Floats) -> Matches:
        """Turn visible documents (increasing) into units; the score of a block is the best of its documents."""
        if not self.by_block or not len(docs):
            return Matches(docs, scores)
        blocks = self.segment.block_of[docs]
        starts = np.flatnonzero(np.append(True, np.diff(blocks) > 0))
        return Matches(blocks[starts], np.maximum.reduceat(scores, starts))

    def _constant_docs(self, field: str, docs: Ints, boost: float) -> Matches:
        return self._leaf(field, docs, np.full(len(docs), float(boost)))

    def _kind(self, field: str) -> str:
        return kind_of(self.view.schema[field])

    def term(self, query: q.Term) -> Matches:
        number = self.segment.term(query.fieldname, query.text)
        if number is None:
            return _NONE
        if self._kind(query.fieldname) == "keyword":
            return self._constant_docs(query.fieldname, self.segment.docs_with(query.fieldname, [number]), query.boost)
        term = self._term(query.fieldname, query.text, query.boost)
        return self._leaf(query.fieldname, term.docs, term.all_scores if self.scored else np.zeros(term.size))

    def _term(self, field: str, text: str, boost: float) -> TermList:
        return TermList(self.view, self.number, field, text, self.view.idf(field, [text]) * boost)

    def phrase(self, query: q.Phrase) -> Matches:
        field, words = query.fieldname, list(query.words)
        if not words:
            return _NONE
        lists = {word: self._term(field, word, 1.0) for word in dict.fromkeys(words)}
        # Imported here, as below, because most searches do not need it.
        from cablesearch.engine.search.phrases import phrase

        going_on = {lists[word]: self._term(field, CONTINUED + word, 1.0) for word in lists if lists[word].size}
        docs, counts = phrase([lists[word] for word in words], query.slop, going_on)
        weigher = TermList(self.view, self.number, field, words[0], self.view.idf(field, words) * query.boost)
        return self._leaf(field, docs, weigher.weigh(counts, docs))

    def near(self, query: Near) -> Matches:
        field = query.fieldname
        lists = {word: self._term(field, word, 1.0) for word in query.words}
        if not lists:
            return _NONE
        from cablesearch.engine.search.nearness.matching import near

        going_on = {term: self._term(field, CONTINUED + word, 1.0) for word, term in lists.items() if term.size}
        docs, counts = near(query, lists, going_on)
        factor = query.idf(lambda words: self.view.idf(field, words)) * query.boost
        weigher = TermList(self.view, self.number, field, query.words[0], factor)
        # A match may end at each of its words.
        return self._leaf(field, docs, weigher.weigh(counts, docs, may_be_large=True))

    def expansion(self, query: Any) -> Matches:
        """Return every document with any of the terms for which the query stands, all with the same score."""
        from cablesearch.engine.search import expand

        field, terms = query.fieldname, expand.terms(self.segment, query)
        if self._kind(field) == "keyword":
            docs = self.segment.docs_with(field, terms.tolist())
        else:
            docs = np.flatnonzero(self.segment.with_any(field, terms))
        return self._constant_docs(field, docs, query.boost)

    def number_range(self, query: q.NumericRange) -> Matches:
        column = self.segment.column(query.fieldname)
        fits = column != NO_NUMBER
        if query.start is not None:
            fits &= column > query.start if query.startexcl else column >= query.start
        if query.end is not None:
            fits &= column < query.end if query.endexcl else column <= query.end
        units = np.flatnonzero(fits)
        docs = self.segment.docs_of(units) if self.segment.is_shared(query.fieldname) else units
        return self._constant_docs(query.fieldname, docs, query.boost)

    def every(self, query: q.Every) -> Matches:
        if query.fieldname is None:
            return _constant(self.universe, query.boost)
        field = query.fieldname
        kind = self._kind(field)
        if kind == "number":
            having = self.segment.numbers(field) != NO_NUMBER
        else:
            having = self.segment.lengths(field) > 0 if kind == "text" else self.segment.has_keyword(field)
        return self._constant_docs(field, np.flatnonzero(having), query.boost)

    # Combinations

    def conjunction(self, query: q.And) -> Matches:
        wanted = [part for part in query.subqueries if not isinstance(part, q.Not)]
        leaves = [None if self.by_block else leaf_of(self.view, self.number, part) for part in wanted]
        if wanted and all(leaves):
            result = self._seen(*self._together([leaf for leaf in leaves if leaf]))
        else:
            result = self.run(wanted[0]) if wanted else _constant(self.universe, 0.0)
            for part in wanted[1:]:
                if not len(result.units):
                    return _NONE
                result = _intersect(result, self.run(part))
        for part in query.subqueries:
            if isinstance(part, q.Not):
                result = _subtract(result, self.run(part.query))
        return Matches(result.units, result.scores * query.boost)

    def _together(self, leaves: Sequence[Leaf]) -> tuple[Ints, Floats]:
        docs, places = together(leaves)
        scores = np.zeros(len(docs))
        for number, leaf in enumerate(leaves if self.scored else ()):
            scores += leaf.scores(places(number, slice(None)), docs)
        return docs, scores

    def disjunction(self, query: q.Or) -> Matches:
        result = _unite((self.run(part) for part in query.subqueries), self.size)
        return Matches(result.units, result.scores * query.boost)

    def best(self, query: q.DisjunctionMax) -> Matches:
        result = _unite((self.run(part) for part in query.subqueries), self.size, np.maximum)
        return Matches(result.units, result.scores * query.boost)

    def negation(self, query: q.Not) -> Matches:
        return _subtract(_constant(self.universe, 0.0), self.run(query.query))

    def and_not(self, query: q.AndNot) -> Matches:
        return _subtract(self.run(query.a), self.run(query.b))

    def and_maybe(self, query: q.AndMaybe) -> Matches:
        needed = self.run(query.a)
        extra = _intersect(Matches(needed.units, np.zeros(len(needed.units))), self.run(query.b))
        scores = needed.scores.copy()
        scores[np.searchsorted(needed.units, extra.units)] += extra.scores
        return Matches(needed.units, scores)

    def require(self, query: q.Require) -> Matches:
        scored = self.run(query.a)
        kept = is_in(scored.units, self.run(query.b).units)
        return Matches(scored.units[kept], scored.scores[kept])

    def constant_score(self, query: q.ConstantScoreQuery) -> Matches:
        return _constant(self.run(query.child).units, query.score)

    def in_document(self, query: InDocument) -> Matches:
        if not self.by_block:
            return self.run(query.child)
        by_document = _Execution(self.view, self.number, self.documents, by_block=False, scored=self.scored)
        return self._units(*by_document.run(query.child))

    def nothing(self, query: q.Query) -> Matches:
        del query
        return _NONE


_METHODS: list[tuple[type | tuple[type, ...], Callable[[_Execution, Any], Matches]]] = [
    (q.Term, _Execution.term),
    (q.Phrase, _Execution.phrase),
    (Near, _Execution.near),
    (EXPANSIONS, _Execution.expansion),
    (q.NumericRange, _Execution.number_range),
    (q.Every, _Execution.every),
    (q.DisjunctionMax, _Execution.best),
    (q.And, _Execution.conjunction),
    (q.Or, _Execution.disjunction),
    (q.Not, _Execution.negation),
    (q.AndNot, _Execution.and_not),
    (q.AndMaybe, _Execution.and_maybe),
    (q.Require, _Execution.require),
    (q.ConstantScoreQuery, _Execution.constant_score),
    (InDocument, _Execution.in_document),
    (type(q.NullQuery), _Execution.nothing),
]


@blamed
def execute(view: View, query: q.Query, *, by_block: bool = False, scored: bool = True) -> Matches:
    """Return all visible units that match, numbered through the snapshot, with their scores.

    Args:
        view: the view that is searched.
        query: Whoosh's query tree.
        by_block: search blocks instead of documents.
        scored: whether scores are needed; otherwise they are meaningless.

    Raises:
        UnsupportedQueryError: a part of the query has a type that cannot be executed on arrays.
    """
    bases = view.block_bases if by_block else view.snapshot.bases
    parts = [
        execute_segment(view, number, query, by_block=by_block, scored=scored) for number in range(len(view.segments))
    ]
    if not parts:
        return _NONE
    return Matches(
        np.concatenate([part.units + base for part, base in zip(parts, bases, strict=False)]),
        np.concatenate([part.scores for part in parts]),
    )


def execute_segment(view: View, number: int, query: q.Query, *, by_block: bool = False, scored: bool = True) -> Matches:
    """Execute a query on one segment, whose units are numbered from 0."""
    shown = view.shown[number]
    documents = shown.members | shown.leads if by_block else shown.members
    return _Execution(view, number, documents, by_block=by_block, scored=scored).run(query)


@blamed
def best_documents(view: View, query: q.Query, blocks: Sequence[int]) -> list[int]:
    """Return for each block the visible document that contributes most to its match.

    This is the best member that matches, else the best lead that matches, else the first member; of equal documents the
    earliest. Blocks and documents are numbered through the snapshot.
    """
    wanted = q.Or(list(leaves(query)))
    chosen: dict[int, int] = {}
    for number in {int(np.searchsorted(view.block_bases, block, "right")) - 1 for block in blocks}:
        segment, base = view.segments[number], int(view.block_bases[number])
        members, leads = view.shown[number].members, view.shown[number].leads
        matches = _Execution(view, number, members | leads, by_block=False, leads_only=True).run(wanted)
        scores = np.zeros(segment.docs)
        scores[matches.units] = matches.scores
        matched = np.zeros(segment.docs, bool)
        matched[matches.units] = True
        # From worst to best: hidden documents, leads and members that do not match, leads and members that do.
        order = np.select([members & matched, leads & matched, members, leads], [3, 2, 1, 0], -1)
        for block in blocks:
            if base <= block < base + segment.blocks:
                start, end = segment.first[block - base : block - base + 2].tolist()
                best = min(range(start, end), key=lambda doc: (-order[doc], -scores[doc], doc))
                chosen[block] = best + int(view.snapshot.bases[number])
    return [chosen[block] for block in blocks]
