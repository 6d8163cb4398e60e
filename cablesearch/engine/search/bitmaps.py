"""Queries as bitmaps: for each 64 documents of a segment (a *word*), which of them match, and an upper bound of their
scores.

Matches are counted by counting bits. The best matches are found without scoring all: words are scored by descending
bound until no remaining word can hold a better document (S. Ding and T. Suel, "Faster top-k document retrieval using
block-max indexes", 2011, with words of documents instead of blocks of postings).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, reduce
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from whoosh import query as q

from cablesearch.algorithms.kernels import Ints, ranges, run_starts, unpack_bits
from cablesearch.engine.search.execute import Matches, execute_segment
from cablesearch.engine.search.lists import Column, TermList, leaf_of
from cablesearch.engine.search.view import View

__all__ = ["Node", "best", "node_of"]

Words = NDArray[np.uint64]
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

_WORD = 64
_ONE = np.uint64(1)
_ROOM = 4e-4
"""The error of sums in single precision, relative to the highest possible score: some thousand addends lose half a bit
of 24 each."""
_FIRST = 48
_FACTOR = 8
"""The number of words that are scored first, and the factor by which each further batch grows."""
_SPARSE = 8
"""Documents are scored one by one once fewer than one in eight are left."""


class Node(Protocol):
    """A part of a query on one segment."""

    @property
    def words(self) -> Words:
        """Return a bitmap of the documents that match, uint64 [words]."""
        ...

    @property
    def bounds(self) -> Floats:
        """Return an upper bound of the scores' absolute values in each word, float32 [words]; only those of words with
        matches count."""
        ...

    @property
    def constant(self) -> float | None:
        """Return the score of all matches if it is the same, else None."""
        ...

    def rough(self, words: Ints, least: float) -> Floats:
        """Return the scores of all documents of some words (increasing), float32 [len(words) * 64].

        Scores below ``least`` may come out too low. Documents that do not match have 0.
        """
        ...

    def scores(self, docs: Ints) -> Doubles:
        """Return the scores of some documents (increasing), float64; 0 for documents that do not match."""
        ...


def _cells(bits: Words, words: Ints) -> Ints:
    """Return the cells, 64 for each of some words, whose bit is set.

    >>> _cells(np.array([7, 0b101], np.uint64), np.array([1])).tolist()
    [0, 2]
    """
    return np.flatnonzero(unpack_bits(bits[words]))


def _documents(words: Ints, cells: Ints) -> Ints:
    """Return the documents of some cells of some words (increasing).

    >>> _documents(np.array([1]), np.array([0, 2])).tolist()  # Word 1 holds the documents from 64 on.
    [64, 66]
    """
    documents: Ints = (words << 6)[cells >> 6] + (cells & _WORD - 1)
    return documents


def _have(bits: Words, docs: Ints) -> NDArray[np.bool_]:
    """Return which documents have their bit set."""
    having: NDArray[np.bool_] = (bits[docs >> 6] >> (docs & _WORD - 1).astype(np.uint64) & _ONE).astype(bool)
    return having


class _Dense:
    """A text term with a stored bitmap."""

    constant = None

    def __init__(self, term: TermList, bits: Words) -> None:
        self._term = term
        self.words = bits

    @cached_property
    def bounds(self) -> Floats:
        return self._term.bounds

    def rough(self, words: Ints, least: float) -> Floats:
        del least
        result = np.zeros(len(words) * _WORD, np.float32)
        cells = _cells(self.words, words)
        docs = _documents(words, cells)
        result[cells] = self._term.scores(self._term.places(docs), docs)
        return result

    def scores(self, docs: Ints) -> Doubles:
        result = np.zeros(len(docs))
        having, scores = self._term.scores_where(docs)
        result[having] = scores
        return result


class _Listed:
    """A list of documents, and of their scores, which are computed when they are needed.

    ``_of`` is the word of each document; ``_own`` the distinct words; ``_starts`` where the documents of each begin.
    """

    constant = None

    def __init__(self, docs: Ints, scored: Callable[[], Doubles], size: int) -> None:
        self._docs, self._scored = docs, scored
        self._size = size
        self._of = docs >> 6
        starts = run_starts(self._of)
        self._own = self._of[starts]
        self._starts = np.append(starts, len(docs))

    @cached_property
    def _scores(self) -> Doubles:
        return self._scored()

    @cached_property
    def words(self) -> Words:
        result = np.zeros(self._size, np.uint64)
        if len(self._docs):
            bits = _ONE << (self._docs & _WORD - 1).astype(np.uint64)
            # The bits differ, so their sum sets them all; differences of sums stay right when the sums overflow.
            sums = np.cumsum(bits)[self._starts[1:] - 1]
            sums[1:] -= sums[:-1].copy()
            result[self._own] = sums
        return result

    @cached_property
    def bounds(self) -> Floats:
        result = np.zeros(self._size, np.float32)
        if len(self._docs):
            result[self._own] = np.maximum.reduceat(np.abs(self._scores), self._starts[:-1])
        return result

    def rough(self, words: Ints, least: float) -> Floats:
        del least
        result = np.zeros(len(words) * _WORD, np.float32)
        if len(words) * _SPARSE < len(self._own):
            at = np.searchsorted(self._own, words)
            at[at == len(self._own)] = 0
            slots = np.flatnonzero(self._own[at] == words)
            at = at[slots]
            sizes = self._starts[at + 1] - self._starts[at]
            places = ranges(self._starts[at], sizes)
            result[np.repeat(slots << 6, sizes) + (self._docs[places] & _WORD - 1)] = self._scores[places]
            return result
        slot = np.full(self._size, -1)
        slot[words] = np.arange(len(words)) << 6
        cells = slot[self._of]
        kept = cells >= 0
        if kept.all():
            result[cells + (self._docs & _WORD - 1)] = self._scores
        else:
            result[cells[kept] + (self._docs[kept] & _WORD - 1)] = self._scores[kept]
        return result

    def scores(self, docs: Ints) -> Doubles:
        if not len(self._docs):
            return np.zeros(len(docs))
        at = np.searchsorted(self._docs, docs)
        at[at == len(self._docs)] = 0
        scores: Doubles = self._scores[at] * (self._docs[at] == docs)
        return scores


class _Constant:
    """Documents that match with the same score."""

    def __init__(self, words: Words, score: float) -> None:
        self.words = words
        self.constant = score

    @property
    def bounds(self) -> Floats:
        return np.full(len(self.words), self.constant, np.float32)

    def rough(self, words: Ints, least: float) -> Floats:
        del least
        scores: Floats = unpack_bits(self.words[words]) * np.float32(self.constant)
        return scores

    def scores(self, docs: Ints) -> Doubles:
        return np.where(_have(self.words, docs), self.constant, 0.0)


class _Any:
    """Documents that match any of several nodes."""

    constant = None

    def __init__(self, nodes: Sequence[Node], boost: float) -> None:
        self._nodes, self._boost = nodes, boost

    @cached_property
    def words(self) -> Words:
        return reduce(np.bitwise_or, (node.words for node in self._nodes))

    @cached_property
    def bounds(self) -> Floats:
        return _sum([node.bounds for node in self._nodes], self._boost)

    def rough(self, words: Ints, least: float) -> Floats:
        # The strongest node first: few documents are left that the others can lift above ``least``.
        bounds = [node.bounds[words] for node in self._nodes]
        order = sorted(range(len(bounds)), key=lambda number: float(bounds[number].max()), reverse=True)
        least = least / self._boost if self._boost else -np.inf
        rest = reduce(np.add, bounds)
        rest += rest.max(initial=0) * np.float32(_ROOM)
        total = np.zeros(len(words) * _WORD, np.float32)
        left: Ints | None = None
        for place, number in enumerate(order):
            node = self._nodes[number]
            if left is None:
                total += node.rough(words, -np.inf)
            else:
                total[left] += node.scores(_documents(words, left))
            rest -= bounds[number]
            if place + 1 < len(order) and least > 0:
                if left is None:
                    reaching = total.reshape(-1, _WORD) >= (least - rest)[:, None]
                    if np.count_nonzero(reaching) * _SPARSE < len(total):
                        left = np.flatnonzero(reaching)
                else:
                    left = left[total[left] >= (least - rest)[left >> 6]]
        total *= np.float32(self._boost)
        return total

    def scores(self, docs: Ints) -> Doubles:
        return _sum([node.scores(docs) for node in self._nodes], self._boost)


class _Best:
    """Documents that match any of several nodes, with the highest of their scores, or 0 if all are lower."""

    constant = None

    def __init__(self, nodes: Sequence[Node], boost: float) -> None:
        self._nodes, self._boost = nodes, boost

    @cached_property
    def words(self) -> Words:
        return reduce(np.bitwise_or, (node.words for node in self._nodes))

    @cached_property
    def bounds(self) -> Floats:
        return self._highest([node.bounds for node in self._nodes])

    def rough(self, words: Ints, least: float) -> Floats:
        del least
        return self._highest([node.rough(words, -np.inf) for node in self._nodes])

    def scores(self, docs: Ints) -> Doubles:
        return self._highest([node.scores(docs) for node in self._nodes])

    def _highest(self, parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
        highest: NDArray[Any] = np.maximum(parts[0], 0)
        for part in parts[1:]:
            np.maximum(highest, part, out=highest)
        if self._boost != 1.0:
            highest *= self._boost
        return highest


class _All:
    """Documents that match all of some nodes and none of the nodes ``without``."""

    def __init__(self, nodes: Sequence[Node], without: Sequence[Node], boost: float) -> None:
        self._nodes, self._without, self._boost = nodes, without, boost
        alike = all(node.constant is not None for node in nodes)
        self.constant = sum(node.constant or 0.0 for node in nodes) * boost if alike else None

    @cached_property
    def words(self) -> Words:
        words = reduce(np.bitwise_and, (node.words for node in self._nodes))
        return reduce(lambda left, node: left & ~node.words, self._without, words)

    @cached_property
    def bounds(self) -> Floats:
        return _sum([node.bounds for node in self._nodes], self._boost)

    def rough(self, words: Ints, least: float) -> Floats:
        del least
        cells = _cells(self.words, words)
        result = np.zeros(len(words) * _WORD, np.float32)
        result[cells] = self._added(_documents(words, cells))
        return result

    def _added(self, docs: Ints) -> Doubles:
        """Return the scores of documents that match."""
        return _sum([node.scores(docs) for node in self._nodes], self._boost)

    def scores(self, docs: Ints) -> Doubles:
        return np.where(_have(self.words, docs), self._added(docs), 0.0)


def _sum(parts: Sequence[NDArray[Any]], boost: float) -> NDArray[Any]:
    total = parts[0] + parts[1] if len(parts) > 1 else parts[0].copy()
    for part in parts[2:]:
        total += part
    if boost != 1.0:
        total *= boost
    return total


_FEW_LEAVES = 64
_LISTED = 1 << 24
"""The most documents that the nodes of more than a few leaves may hold together."""


def node_of(view: View, number: int, query: q.Query) -> Node:
    """Return the node of a query on one segment. Hidden documents may match too."""
    if not query.is_leaf() and _is_large(view, number, query):
        return _executed(view, number, query)
    return _node_of(view, number, query)


def _is_large(view: View, number: int, query: q.Query) -> bool:
    """Whether the leaves of a query match too many documents together to be held in memory at the same time."""
    leaves = list(query.leaves())
    if len(leaves) <= _FEW_LEAVES:
        return False
    lists = (leaf_of(view, number, leaf) for leaf in leaves)
    return sum(leaf.size for leaf in lists if isinstance(leaf, TermList)) > _LISTED


def _node_of(view: View, number: int, query: q.Query) -> Node:
    # A negative boost would turn upper bounds into lower ones.
    if getattr(query, "boost", 1.0) < 0:
        return _executed(view, number, query)
    if isinstance(query, q.Or) and len(query.subqueries):
        return _Any([_node_of(view, number, part) for part in query.subqueries], query.boost)
    if isinstance(query, q.DisjunctionMax) and len(query.subqueries):
        return _Best([_node_of(view, number, part) for part in query.subqueries], query.boost)
    if isinstance(query, q.And):
        return _conjunction(view, number, query)
    leaf = leaf_of(view, number, query)
    return _executed(view, number, query) if leaf is None else _of_leaf(view, number, leaf)


def _of_leaf(view: View, number: int, leaf: TermList | Column) -> Node:
    if isinstance(leaf, Column):
        return _Constant(leaf.bits, leaf.boost)
    if leaf.bits is not None:
        return _Dense(leaf, leaf.bits)
    return _Listed(leaf.docs, lambda: leaf.all_scores, _size(view, number))


def _executed(view: View, number: int, query: q.Query) -> Node:
    matches = execute_segment(view, number, query)
    return _Listed(matches.units, lambda: matches.scores, _size(view, number))


def _size(view: View, number: int) -> int:
    """Return the number of words of a segment."""
    return -(-view.segments[number].docs // _WORD)


def _conjunction(view: View, number: int, query: q.And) -> Node:
    wanted = [part for part in query.subqueries if not isinstance(part, q.Not)]
    leaves = [leaf_of(view, number, part) if getattr(part, "boost", 1.0) >= 0 else None for part in wanted]
    sizes = [leaf.size for leaf in leaves if leaf]
    if not wanted or (len(sizes) == len(wanted) and min(sizes) < _size(view, number)):
        # Looking up few documents is faster than bitmaps.
        return _executed(view, number, query)
    without = [_node_of(view, number, part.query) for part in query.subqueries if isinstance(part, q.Not)]
    nodes = [
        _of_leaf(view, number, leaf) if leaf else _node_of(view, number, part)
        for part, leaf in zip(wanted, leaves, strict=True)
    ]
    return _All(nodes, without, query.boost)


def best(node: Node, visible: Words, wanted: int, least: float) -> Matches:
    """Return documents (increasing) that include the ``wanted`` best of a segment, and their scores.

    Of documents with equal scores the first are the best.

    Args:
        node: the query.
        visible: a bitmap of the documents that may be returned.
        wanted: the number of documents.
        least: documents with lower scores may be left out.
    """
    words = node.words & visible
    if node.constant is not None:
        first = np.flatnonzero(words)[:wanted]
        docs = _documents(first, _cells(words, first))[:wanted]
        return Matches(docs, np.full(len(docs), node.constant))
    left = np.flatnonzero(words)
    room = float(node.bounds[left].max(initial=0)) * _ROOM
    bounds = node.bounds + np.float32(room)
    least -= room
    left = left[bounds[left] >= least]
    docs, scores = np.empty(0, np.int64), np.empty(0, np.float32)
    count = _FIRST
    while len(left):
        batch, left = left, left[:0]
        if len(batch) > count:
            chosen = np.zeros(len(batch), bool)
            chosen[np.argpartition(bounds[batch], -count)[-count:]] = True
            batch, left = batch[chosen], batch[~chosen]
        reached = node.rough(batch, least)
        cells = np.flatnonzero((reached >= least) & unpack_bits(words[batch]))
        docs = np.concatenate([docs, _documents(batch, cells)])
        scores = np.concatenate([scores, reached[cells]])
        if len(scores) > wanted:
            least = max(least, float(np.partition(scores, -wanted)[-wanted]) - room)
            kept = scores >= least
            docs, scores = docs[kept], scores[kept]
        left = left[bounds[left] >= least]
        count *= _FACTOR
    docs.sort()
    return Matches(docs, node.scores(docs))
