"""Phrases and words near each other, as span queries."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from cablesearch.cluster.documents.wire import word_out
from cablesearch.cluster.dsl.queries import Query
from cablesearch.errors import UnsupportedError
from cablesearch.protocols.queries import Near, Run
from cablesearch.text.continuation import CONTINUED

__all__ = ["Spans", "near", "phrase"]

_MOST_STEPS = 7
"""The most positions over which a joined word goes on after its first."""
_MOST_IN_ANY_ORDER = 4
"""The most operands in any order: each order is a query of its own."""
_MOST_WAYS = 256


class Spans(NamedTuple):
    """A query for spans, and the words of which Lucene counts the inverse document frequencies."""

    query: Query
    words: frozenset[str]


class _Field(NamedTuple):
    """A text field: its place in the documents, and whether a word ever goes on over several positions."""

    path: str
    goes_on: Callable[[str], bool]

    def term(self, word: str) -> Query:
        return {"span_term": {self.path: word_out(word)}}

    def word(self, word: str) -> Spans:
        """Return the query for a word with all its positions.

        Where a word may go on, there is an alternative for each number of positions: of an alternative that ends too
        early, the server would not try the next one.
        """
        if not self.goes_on(word):
            return Spans(self.term(word), frozenset([word]))
        mark = CONTINUED + word
        ways = []
        for steps in range(_MOST_STEPS + 1):
            own = _row([self.term(word), *[self.term(mark)] * steps])
            ways.append(
                {"span_not": {"include": own, "exclude": self.term(mark), "pre": 0, "post": 1}}
                if steps < _MOST_STEPS
                else own
            )
        return Spans({"span_or": {"clauses": ways}}, frozenset([word, mark]))


def _row(clauses: Sequence[Query], slop: int = 0) -> Query:
    """Return the query for spans one after the other, with at most ``slop`` positions between them, all together."""
    if len(clauses) == 1:
        return clauses[0]
    return {"span_near": {"clauses": list(clauses), "slop": slop, "in_order": True}}


def _chain(parts: Sequence[Spans], distance: int) -> Spans:
    """Return the query for spans of which each begins at most ``distance`` positions after the end of the one before.

    Pairs are nested to the right, so that each distance is bounded on its own.
    """
    words = frozenset().union(*(part.words for part in parts))
    query = parts[-1].query
    for part in reversed(parts[:-1]):
        query = _row([part.query, query], distance - 1)
    return Spans(query, words)


def phrase(path: str, words: Sequence[str], distance: int, goes_on: Callable[[str], bool]) -> Spans:
    """Return the query for words of which each is at most ``distance`` positions after the one before."""
    field = _Field(path, goes_on)
    return _chain([field.word(word) for word in words], distance)


def near(path: str, query: Near, goes_on: Callable[[str], bool]) -> Spans:
    """Return the query for operands near each other.

    Raises:
        UnsupportedError: there are too many operands in any order, or too many ways to write them.
    """
    field = _Field(path, goes_on)
    operands = [[_run(field, run) for run in operand] for operand in query.operands]
    if len(operands) == 1:
        return _any(operands[0])
    if query.in_order:
        return _chain([_any(runs) for runs in operands], query.distance)
    if len(operands) > _MOST_IN_ANY_ORDER:
        raise UnsupportedError(
            f"on a cluster, at most {_MOST_IN_ANY_ORDER} words or phrases can be near each other in any order; "
            "write them in order, with PRE"
        )
    if math.factorial(len(operands)) * math.prod(map(len, operands)) > _MOST_WAYS:
        raise UnsupportedError("on a cluster, there are too many ways to write these words near each other; use fewer")
    slop = (len(operands) - 1) * (query.distance - 1)
    return _any(list(_orders(operands, slop)))


def _orders(operands: Sequence[Sequence[Spans]], slop: int) -> Iterator[Spans]:
    """Yield the query for each order of operands, and each way to write them."""
    for order in itertools.permutations(operands):
        for parts in itertools.product(*order):
            words = frozenset[str]().union(*(part.words for part in parts))
            yield Spans(_row([part.query for part in parts], slop), words)


def _run(field: _Field, run: Run) -> Spans:
    return _chain([field.word(word) for word in run.words], run.slop)


def _any(ways: Sequence[Spans]) -> Spans:
    """Return the query for any of several spans."""
    if len(ways) == 1:
        return ways[0]
    words = frozenset[str]().union(*(way.words for way in ways))
    return Spans({"span_or": {"clauses": [way.query for way in ways]}}, words)
