"""The best hits of a query, without scoring all of its matches where that can be avoided.

Single terms are answered from their champions: the postings that fewer than some number of others beat by frequency
and length both, whatever the average length, so that the best are among them. A disjunction of terms scores in full
only documents that can still reach the page: terms whose best scores together stay below it are looked up, not read
(MaxScore: Turtle and Flood, "Query evaluation: strategies and optimizations", 1995).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh import query as q

from cablesearch.engine.collect import top
from cablesearch.engine.execute import Matches, execute
from cablesearch.engine.fields import kind_of
from cablesearch.engine.lists import TermList
from cablesearch.engine.postings import Ints
from cablesearch.engine.view import View

__all__ = ["Page", "search"]

Floats = NDArray[np.float64]


class Page(NamedTuple):
    """The best units of a query in order, their scores, and how many match in all (None when it was not asked)."""

    units: Ints
    scores: Floats
    total: int | None


def search(
    view: View, query: q.Query, *, limit: int = 10, offset: int = 0, count: bool = True, by_block: bool = False
) -> Page:
    """One page of the units that match a query, by falling score; equals in order of units.

    Args:
        view: what is searched.
        query: Whoosh's query tree.
        limit, offset: the page.
        count: whether to count all matches.
        by_block: search blocks instead of documents.
    """
    wanted = offset + limit
    terms = None if by_block else _terms(view, query)
    if terms is None:
        return _whole(view, query, offset, limit, by_block=by_block)
    total = None
    if count:
        total = view.frequency(terms[0].fieldname, terms[0].text) if len(terms) == 1 else _union(view, terms)
    if not limit:
        return Page(np.empty(0, np.int64), np.empty(0), total)
    boost = query.boost if isinstance(query, q.Or) else 1.0
    parts = [_best(view, number, terms, wanted, boost) for number in range(len(view.segments))]
    found = Matches(*(np.concatenate(pieces) for pieces in zip(*parts, strict=True)))
    places = top(found, offset, limit)
    return Page(found.units[places], found.scores[places], total)


def _whole(view: View, query: q.Query, offset: int, limit: int, *, by_block: bool) -> Page:
    matches = execute(view, query, by_block=by_block, scored=limit > 0)
    places = top(matches, offset, limit)
    return Page(matches.units[places], matches.scores[places], len(matches.units))


def _terms(view: View, query: q.Query) -> list[q.Term] | None:
    """The terms of text fields that a query is made of, when it is one or any of some, and nothing is hidden."""
    given = list(query.subqueries) if isinstance(query, q.Or) else [query]
    terms = [term for term in given if isinstance(term, q.Term)]
    if not view.segments or not terms or len(terms) < len(given):
        return None
    for field in {term.fieldname for term in terms}:
        if field not in view.schema or kind_of(view.schema[field]) != "text":
            return None
        if not all(view.all_counted(number, field) for number in range(len(view.segments))):
            return None
    return terms


def _lists(view: View, number: int, terms: Sequence[q.Term]) -> list[TermList]:
    return [
        TermList(view, number, term.fieldname, term.text, view.idf(term.fieldname, [term.text]) * term.boost)
        for term in terms
    ]


def _union(view: View, terms: Sequence[q.Term]) -> int:
    """How many documents have any of the terms."""
    total = 0
    for number, segment in enumerate(view.segments):
        found = np.zeros(segment.docs, bool)
        for one in _lists(view, number, terms):
            one.mark(found)
        total += int(np.count_nonzero(found))
    return total


def _best(view: View, number: int, terms: Sequence[q.Term], wanted: int, boost: float) -> Matches:
    """Documents of a segment (numbered through the snapshot), the best ``wanted`` of its matches among them."""
    lists = [one for one in _lists(view, number, terms) if one.size]
    if not lists:
        return Matches(np.empty(0, np.int64), np.empty(0))
    if len(terms) == 1:
        docs, scores = lists[0].best(wanted)
        scores = scores * boost
    else:
        docs = _candidates(lists, wanted)
        scores = np.zeros(len(docs))
        for one in lists:
            having, some = one.scores_where(docs)
            scores[having] += some
        scores *= boost
    return Matches(docs + int(view.snapshot.bases[number]), scores)


def _candidates(lists: Sequence[TermList], wanted: int) -> Ints:
    """Documents (rising) among which the ``wanted`` best are, and not many others."""
    order = sorted(range(len(lists)), key=lambda one: lists[one].most, reverse=True)
    strong = [lists[one] for one in order]
    # What the terms from each on can give at the most.
    rest = np.append(np.cumsum([one.most for one in strong][::-1])[::-1], 0.0)
    threshold = _threshold(strong, wanted)
    essential = max(1, int(np.count_nonzero(rest[:-1] >= threshold)))
    docs, scores = _scattered(strong[:essential])
    for number in range(essential, len(strong)):
        kept = scores + rest[number] * _ROOM >= threshold
        docs, scores = docs[kept], scores[kept]
        if len(scores) > wanted:
            threshold = max(threshold, float(np.partition(scores, -wanted)[-wanted]) / _ROOM)
        having, some = strong[number].scores_where(docs)
        scores[having] += some
    if len(scores) > wanted:
        threshold = max(threshold, float(np.partition(scores, -wanted)[-wanted]) / _ROOM)
    return docs[scores * _ROOM >= threshold]


_ROOM = 1 + 1e-9
"""Scores are added up in another order here than in the end."""


def _threshold(strong: Sequence[TermList], wanted: int) -> float:
    """A score that at least ``wanted`` documents reach: the least of the best of some one term, with what the other
    terms add to them."""
    threshold = 0.0
    for one in strong:
        docs, scores = one.best(wanted)
        if len(docs) >= wanted:
            threshold = max(threshold, float(scores.min()))
    docs = np.unique(np.concatenate([one.best(wanted)[0] for one in strong]))
    if len(docs) >= wanted:
        scores = np.zeros(len(docs))
        for one in strong:
            having, some = one.scores_where(docs)
            scores[having] += some
        threshold = max(threshold, float(np.partition(scores, -wanted)[-wanted]))
    return threshold / _ROOM


def _scattered(lists: Sequence[TermList]) -> tuple[Ints, Floats]:
    """All documents of some terms (rising), and the sums of their scores."""
    if len(lists) == 1:
        return lists[0].docs, lists[0].all_scores
    docs = np.concatenate([one.docs for one in lists])
    scores = np.concatenate([one.all_scores for one in lists])
    if len(docs) > _SORTED:
        sums: Floats = np.bincount(docs, scores).astype(np.float64)
        found = np.zeros(len(sums), bool)
        found[docs] = True
        units = np.flatnonzero(found)
        return units, sums[units]
    units, where = np.unique(docs, return_inverse=True)
    return units, np.bincount(where, scores).astype(np.float64)


_SORTED = 20_000
