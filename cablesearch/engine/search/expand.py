"""Expand patterns and misspelt words into the terms of a dictionary for which they stand.

A dictionary is read in stretches, as arrays of letters: the time is linear in its bytes, whatever the pattern.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import query as q

from cablesearch.engine.kernels import stretches
from cablesearch.engine.search.patterns import Tested
from cablesearch.engine.segment.segment import Segment
from cablesearch.errors import CablesearchError

__all__ = ["LONGEST_FUZZY", "edit_distances", "fuzzy", "terms", "wildcard_test"]

Ints = NDArray[np.int64]

LONGEST_FUZZY = 64
"""The most letters of a fuzzy word, as each letter takes a bit."""

_AT_ONCE = 1 << 20
"""The bytes of a dictionary that are read together."""
_ROWS = 1 << 14
"""The number of words that are compared together."""


def terms(segment: Segment, query: Any) -> Ints:
    """Return the terms for which one of `cablesearch.engine.search.patterns.EXPANSIONS` stands, increasing; int64."""
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
            letters, starts = _letters(packed.decode("utf-8", "surrogatepass")), begun[starts]
        yield span.start + first, letters, starts


def _letters(text: str) -> NDArray[np.uint32]:
    """Return the code points of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


# Patterns


def wildcard_test(pattern: str) -> Callable[[str], bool]:
    """Return a function that tests whether a whole term fits a pattern of ``*`` and ``?``."""
    # fnmatch translates stars so that the expression never backtracks.
    expression = re.compile(fnmatch.translate(pattern.replace("[", "[[]")))
    return lambda term: expression.match(term) is not None


def _wildcard(segment: Segment, field: str, pattern: str) -> Ints:
    """Return the terms that fit a pattern of ``*`` and ``?``, increasing."""
    parts = [
        first + _fitting(letters, starts, pattern)
        for first, letters, starts in _stretches(segment, field, re.split(r"[*?]", pattern, maxsplit=1)[0])
    ]
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def _fitting(letters: NDArray[Any], starts: Ints, pattern: str) -> Ints:
    """Return the terms that fit a pattern.

    The part before the first star must match the start of the term, the part after the last star its end, and each
    part between two stars the first possible place after the part before.

    >>> letters = np.frombuffer(b"labourlaborers", np.uint8)
    >>> _fitting(letters, np.array([0, 6, 14]), "lab*r?").tolist()
    [1]

    Args:
        letters: the letters of all terms, end to end.
        starts: where the letters of each term begin; one more place closes the last.
        pattern: a pattern of ``*`` and ``?``.
    """
    head, *inner = pattern.split("*")
    tail = inner.pop() if inner else None
    least = len(pattern) - pattern.count("*")
    sizes = np.diff(starts)
    alive = np.flatnonzero(sizes == least if tail is None else sizes >= least)
    alive = alive[_has(letters, starts[alive], head)]
    if tail:
        alive = alive[_has(letters, starts[alive + 1] - len(tail), tail)]
    at, ends = starts[alive] + len(head), starts[alive + 1] - len(tail or "")

    @cache
    def places(part: str) -> Ints:
        # A last place after all others means that there is no further match.
        return np.append(_places(letters, part), len(letters))

    for part in filter(None, inner):
        at = places(part)[np.searchsorted(places(part), at)] + len(part)
        kept = at <= ends
        alive, at, ends = alive[kept], at[kept], ends[kept]
    return alive


def _has(letters: NDArray[Any], at: Ints, part: str) -> Ints:
    """Return the indexes of the places at which a part of a pattern matches."""
    left = np.arange(len(at))
    for offset, letter in enumerate(part):
        if letter != "?":
            left = left[letters[at[left] + offset] == ord(letter)]
    return left


def _places(letters: NDArray[Any], part: str) -> Ints:
    """Return every place at which a part of a pattern matches, increasing."""
    size = max(0, len(letters) - len(part) + 1)
    fixed = [(offset, ord(letter)) for offset, letter in enumerate(part) if letter != "?"]
    if not fixed:
        return np.arange(size)
    (first, code), *rest = fixed
    places = np.flatnonzero(letters[first : first + size] == code)
    for offset, code in rest:
        places = places[letters[places + offset] == code]
    return places


# Misspelt words


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
        result += (near[_distances(word, letters, starts[near], sizes[near]) <= distance] + first).tolist()
    return result


def edit_distances(word: str, others: Sequence[str]) -> Ints:
    """Return the edit distance (optimal string alignment) of ``word`` to each of ``others``; int64.

    >>> edit_distances("tarde", ["trade", "tardy", "card"]).tolist()
    [1, 1, 2]

    Raises:
        CablesearchError: the word is longer than `LONGEST_FUZZY`.
    """
    sizes = np.fromiter(map(len, others), np.int64, len(others))
    return _distances(word, _letters("".join(others)), np.cumsum(sizes) - sizes, sizes)


def _distances(word: str, letters: NDArray[Any], starts: Ints, sizes: Ints) -> Ints:
    """Return the edit distance of ``word`` to words, given where each begins in ``letters`` and its size.

    A column of the table of distances is stored as two integers with a bit per row: where the value is one more than
    the value above, and where it is one less (G. Myers, "A fast bit-vector algorithm for approximate string matching",
    1999; with swaps by H. Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau edit distances", 2003).
    """
    if len(word) > LONGEST_FUZZY:
        raise CablesearchError(f"a fuzzy word can have at most {LONGEST_FUZZY} letters, not {len(word)}")
    if not word:
        return sizes
    codes = list(map(ord, word))
    top = max(codes) + 1
    rows = np.zeros(top + 1, np.uint64)
    for row, code in enumerate(codes):
        rows[code] |= np.uint64(1 << row)
    order = np.argsort(-sizes, kind="stable")
    distances = np.empty(len(sizes), np.int64)
    for first in range(0, len(order), _ROWS):
        batch = order[first : first + _ROWS]
        distances[batch] = _compared(rows, len(word), letters, starts[batch], sizes[batch])
    return distances


def _compared(rows: NDArray[np.uint64], length: int, letters: NDArray[Any], starts: Ints, sizes: Ints) -> Ints:
    """Return the distances of words, the longest first.

    ``rows`` has for each letter its rows in the compared word, as bits; the last entry stands for all other letters.
    """
    bit, last = np.uint64(1), np.uint64(length - 1)
    distances = np.full(len(sizes), length)
    more, less = np.full(len(sizes), ~np.uint64(0)), np.zeros(len(sizes), np.uint64)
    diagonal, before = np.zeros(len(sizes), np.uint64), np.zeros(len(sizes), np.uint64)
    # The number of words that have a letter in each column.
    counts = np.searchsorted(-sizes, -np.arange(int(sizes.max(initial=0))), "left").tolist()
    # With more than 256 entries, letters of one byte never reach the last entry.
    beyond = min(len(rows) - 1, int(np.iinfo(letters.dtype).max))
    for column, count in enumerate(counts):
        more, less, diagonal, before = more[:count], less[:count], diagonal[:count], before[:count]
        same = rows[np.minimum(letters[starts[:count] + column], beyond)]
        swapped = ((~diagonal & same) << bit) & before
        diagonal = (((same & more) + more) ^ more) | same | less | swapped
        right, left = less | ~(diagonal | more), diagonal & more
        distances[:count] += (right >> last & bit).astype(np.int64) - (left >> last & bit).astype(np.int64)
        right, left = right << bit | bit, left << bit
        more, less, before = left | ~(diagonal | right), right & diagonal, same
    return distances
