"""Terms of a dictionary that a pattern or a misspelt word stands for.

A dictionary is gone through in stretches, as arrays of letters: the time is linear in its bytes, whatever the pattern.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import query as q

from cablesearch.engine.kernels import stretches
from cablesearch.engine.segment.segment import Segment
from cablesearch.engine.segment.strings import Strings
from cablesearch.errors import CablesearchError

__all__ = ["EXPANSIONS", "LONGEST_FUZZY", "Tested", "edit_distances", "fuzzy", "terms", "wildcard_test"]

Ints = NDArray[np.int64]


class Tested(q.PatternQuery):
    """The terms that ``accepts`` takes. ``text`` says which those are: queries of one text are the same."""

    def __init__(self, fieldname: str, text: str, accepts: Callable[[str], bool], boost: float = 1.0) -> None:
        super().__init__(fieldname, text, boost)
        self.accepts = accepts

    def __str__(self) -> str:
        return f"{self.fieldname}:{self.text}"

    def _btexts(self, ixreader: Any) -> Iterable[bytes]:
        from_bytes = ixreader.schema[self.fieldname].from_bytes
        return (term for term in ixreader.lexicon(self.fieldname) if self.accepts(from_bytes(term)))


EXPANSIONS = (q.Prefix, q.Wildcard, q.Regex, q.FuzzyTerm, q.TermRange, Tested)
"""The types of queries that stand for any of some terms."""

LONGEST_FUZZY = 64
"""Letters of the longest word that others are compared with: a bit each."""

_AT_ONCE = 1 << 20
"""Bytes of a dictionary that are looked at together."""
_ROWS = 1 << 14
"""Words that are compared together."""


def terms(segment: Segment, query: Any) -> Ints:
    """The terms that one of `EXPANSIONS` stands for, rising; int64."""
    field = query.fieldname
    if isinstance(query, q.Prefix):
        return segment.matching(field, query.text, None)
    if isinstance(query, q.Wildcard):
        return _wildcard(segment.terms(field), query.text)
    if isinstance(query, Tested):
        return segment.matching(field, "", query.accepts)
    if isinstance(query, q.Regex):
        expression = re.compile(query.text)
        return segment.matching(field, "", lambda term: expression.fullmatch(term) is not None)
    if isinstance(query, q.FuzzyTerm):
        return np.array(fuzzy(segment, field, query.text, query.maxdist, query.prefixlength), np.int64)
    own = segment.terms(field)
    first = 0 if query.start is None else own.place(query.start, after=query.startexcl)
    last = len(own) if query.end is None else own.place(query.end, after=not query.endexcl)
    return np.arange(first, last)


def _stretches(terms: Strings, prefix: str) -> Iterator[tuple[int, NDArray[Any], Ints]]:
    """The terms that begin with ``prefix``, in stretches: the number of the first, the letters of all, end to end, and
    where those of each begin; one more closes the last."""
    span = terms.span(prefix.encode("utf-8", "surrogatepass"))
    if not len(span):
        return
    for first, last in stretches(terms.sizes(span.start, span.stop), _AT_ONCE):
        packed, starts = terms.packed(span.start + first, span.start + last)
        letters: NDArray[Any] = np.frombuffer(packed, np.uint8)
        if not packed.isascii():
            # Every byte but those that go on with a letter begins one.
            begun = np.append(0, np.cumsum(letters & 0xC0 != 0x80))
            letters, starts = _letters(packed.decode("utf-8", "surrogatepass")), begun[starts]
        yield span.start + first, letters, starts


def _letters(text: str) -> NDArray[np.uint32]:
    """The code points of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


# Patterns


def wildcard_test(pattern: str) -> Callable[[str], bool]:
    """Whether a whole term fits a pattern of ``*`` and ``?``."""
    # fnmatch writes stars so that the expression never tries two ways to share the letters out.
    expression = re.compile(fnmatch.translate(pattern.replace("[", "[[]")))
    return lambda term: expression.match(term) is not None


def _wildcard(terms: Strings, pattern: str) -> Ints:
    """The terms that fit a pattern of ``*`` and ``?``, rising."""
    found = [
        first + _fitting(letters, starts, pattern)
        for first, letters, starts in _stretches(terms, re.split(r"[*?]", pattern, maxsplit=1)[0])
    ]
    return np.concatenate(found) if found else np.empty(0, np.int64)


def _fitting(letters: NDArray[Any], starts: Ints, pattern: str) -> Ints:
    """Which terms fit a pattern: what stands before its first star at the term's start, what stands behind its last at
    its end, and what stands between two each at the first place there is for it."""
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
        # One more that is beyond all.
        return np.append(_places(letters, part), len(letters))

    for part in filter(None, inner):
        at = places(part)[np.searchsorted(places(part), at)] + len(part)
        kept = at <= ends
        alive, at, ends = alive[kept], at[kept], ends[kept]
    return alive


def _has(letters: NDArray[Any], at: Ints, part: str) -> Ints:
    """At which of some places (by their index) a part of a pattern stands."""
    left = np.arange(len(at))
    for offset, letter in enumerate(part):
        if letter != "?":
            left = left[letters[at[left] + offset] == ord(letter)]
    return left


def _places(letters: NDArray[Any], part: str) -> Ints:
    """Every place at which a part of a pattern stands, rising."""
    size = max(0, len(letters) - len(part) + 1)
    fixed = [(offset, ord(letter)) for offset, letter in enumerate(part) if letter != "?"]
    if not fixed:
        return np.arange(size)
    (first, code), *others = fixed
    places = np.flatnonzero(letters[first : first + size] == code)
    for offset, code in others:
        places = places[letters[places + offset] == code]
    return places


# Misspelt words


def fuzzy(segment: Segment, field: str, word: str, distance: int, prefix_length: int) -> list[int]:
    """The terms within an edit distance (insertion, deletion, substitution, swap of neighbours: Damerau 1964, each
    stretch edited once) of ``word`` that share its first ``prefix_length`` letters.

    Raises:
        CablesearchError: the word is longer than `LONGEST_FUZZY`.
    """
    found: list[int] = []
    for first, letters, starts in _stretches(segment.terms(field), word[:prefix_length]):
        sizes = np.diff(starts)
        near = np.flatnonzero(np.abs(sizes - len(word)) <= distance)
        found += (near[_distances(word, letters, starts[near], sizes[near]) <= distance] + first).tolist()
    return found


def edit_distances(word: str, others: Sequence[str]) -> Ints:
    """The edit distance (optimal string alignment) of ``word`` to each of ``others``; int64.

    Raises:
        CablesearchError: the word is longer than `LONGEST_FUZZY`.
    """
    sizes = np.fromiter(map(len, others), np.int64, len(others))
    return _distances(word, _letters("".join(others)), np.cumsum(sizes) - sizes, sizes)


def _distances(word: str, letters: NDArray[Any], starts: Ints, sizes: Ints) -> Ints:
    """The distance of ``word`` to each word that has so many letters from its start.

    A column of the table of distances is two numbers, a bit a row: where a value is one more than the one above, and
    where one less (G. Myers, "A fast bit-vector algorithm for approximate string matching", 1999; with swaps by H.
    Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau edit distances", 2003).
    """
    if len(word) > LONGEST_FUZZY:
        raise CablesearchError(f"words of more than {LONGEST_FUZZY} letters cannot be compared with others")
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
        some = order[first : first + _ROWS]
        distances[some] = _compared(rows, len(word), letters, starts[some], sizes[some])
    return distances


def _compared(rows: NDArray[np.uint64], length: int, letters: NDArray[Any], starts: Ints, sizes: Ints) -> Ints:
    """The distances of words, the longest first; ``rows`` has the rows of each letter, the last of all others."""
    one, last = np.uint64(1), np.uint64(length - 1)
    distances = np.full(len(sizes), length)
    more, less = np.full(len(sizes), ~np.uint64(0)), np.zeros(len(sizes), np.uint64)
    diagonal, before = np.zeros(len(sizes), np.uint64), np.zeros(len(sizes), np.uint64)
    # How many words have a letter in each column.
    counts = np.searchsorted(-sizes, -np.arange(int(sizes.max(initial=0))), "left").tolist()
    # Letters of one byte are all below the rows of other letters when there are more than 256 rows.
    beyond = min(len(rows) - 1, int(np.iinfo(letters.dtype).max))
    for column, count in enumerate(counts):
        more, less, diagonal, before = more[:count], less[:count], diagonal[:count], before[:count]
        same = rows[np.minimum(letters[starts[:count] + column], beyond)]
        swapped = ((~diagonal & same) << one) & before
        diagonal = (((same & more) + more) ^ more) | same | less | swapped
        right, left = less | ~(diagonal | more), diagonal & more
        distances[:count] += (right >> last & one).astype(np.int64) - (left >> last & one).astype(np.int64)
        right, left = right << one | one, left << one
        more, less, before = left | ~(diagonal | right), right & diagonal, same
    return distances
