"""Expand patterns and misspelt words into the terms of a dictionary for which they stand.

A dictionary is read in stretches, as arrays of letters: the time is linear in its bytes, whatever the pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import query as q

from cablesearch.algorithms.distances import code_points, distances
from cablesearch.algorithms.kernels import stretches
from cablesearch.algorithms.wildcards import fitting
from cablesearch.engine.segment.segment import Segment
from cablesearch.protocols.queries import Tested

__all__ = ["fuzzy", "terms"]

Ints = NDArray[np.int64]

_AT_ONCE = 1 << 20
"""The bytes of a dictionary that are read together."""


def terms(segment: Segment, query: Any) -> Ints:
    """Return the terms for which one of `cablesearch.protocols.queries.EXPANSIONS` stands, increasing; int64."""
    field = query.fieldname
    if isinstance(query, q.Prefix):
        return segment.matching(field, query.text, None)
    if isinstance(query, q.Wildcard):
        return _wildcard(segment, field, query.text)
    if isinstance(query, Tested):
        return _tested(segment, query)
    if isinstance(query, q.Regex):
        expression = re.compile(query.text)
        return segment.matching(field, "", lambda term: expression.fullmatch(term) is not None)
    if isinstance(query, q.FuzzyTerm):
        return np.array(fuzzy(segment, field, query.text, query.maxdist, query.prefixlength), np.int64)
    own = segment.terms(field)
    first = segment.words(field).start if query.start is None else own.place(query.start, after=query.startexcl)
    last = len(own) if query.end is None else own.place(query.end, after=not query.endexcl)
    return np.arange(first, last)


def _tested(segment: Segment, query: Tested) -> Ints:
    """Return the terms that pass a test, increasing."""
    if query.pattern is None:
        return segment.matching(query.fieldname, "", query.accepts)
    own, fitting = segment.terms(query.fieldname), _wildcard(segment, query.fieldname, query.pattern)
    return np.array([number for number in fitting.tolist() if query.accepts(own.text(number))], np.int64)


def _stretches(segment: Segment, field: str, prefix: str) -> Iterator[tuple[int, NDArray[Any], Ints]]:
    """Yield the terms that begin with ``prefix`` in stretches: the number of the first term, the letters of all terms,
    end to end, and where the letters of each begin; one more place closes the last."""
    terms, span = segment.terms(field), segment.words(field, prefix)
    if not len(span):
        return
    for first, last in stretches(terms.sizes(span.start, span.stop), _AT_ONCE):
        packed, starts = terms.packed(span.start + first, span.start + last)
        letters: NDArray[Any] = np.frombuffer(packed, np.uint8)
        if not packed.isascii():
            # Every byte begins a letter, except the continuation bytes of UTF-8.
            begun = np.append(0, np.cumsum(letters & 0xC0 != 0x80))
            letters, starts = code_points(packed.decode("utf-8", "surrogatepass")), begun[starts]
        yield span.start + first, letters, starts


def _wildcard(segment: Segment, field: str, pattern: str) -> Ints:
    """Return the terms that fit a pattern of ``*`` and ``?``, increasing."""
    parts = [
        first + fitting(letters, starts, pattern)
        for first, letters, starts in _stretches(segment, field, re.split(r"[*?]", pattern, maxsplit=1)[0])
    ]
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def fuzzy(segment: Segment, field: str, word: str, distance: int, prefix_length: int) -> list[int]:
    """Return the terms within an edit distance of ``word`` that share its first ``prefix_length`` letters.

    Edits are insertions, deletions, substitutions and swaps of neighbours (Damerau 1964); no stretch of the word is
    edited twice.

    Raises:
        CablesearchError: the word is longer than `LONGEST_FUZZY`.
    """
    result: list[int] = []
    for first, letters, starts in _stretches(segment, field, word[:prefix_length]):
        sizes = np.diff(starts)
        near = np.flatnonzero(np.abs(sizes - len(word)) <= distance)
        result += (near[distances(word, letters, starts[near], sizes[near]) <= distance] + first).tolist()
    return result
