"""Terms of a dictionary that a pattern or a misspelt word stands for."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import query as q

from cablesearch.engine.segment import Segment

__all__ = ["EXPANSIONS", "edit_distances", "fuzzy", "terms", "wildcard_test"]

EXPANSIONS = (q.Prefix, q.Wildcard, q.Regex, q.FuzzyTerm, q.TermRange)
"""The types of queries that stand for any of some terms."""

_CHUNK = 1 << 16


def terms(segment: Segment, query: Any) -> NDArray[np.int64]:
    """The terms that one of `EXPANSIONS` stands for, rising; int64."""
    field = query.fieldname
    if isinstance(query, q.Prefix):
        return segment.matching(field, query.text, None)
    if isinstance(query, q.Wildcard):
        return segment.matching(field, re.split(r"[*?]", query.text, maxsplit=1)[0], wildcard_test(query.text))
    if isinstance(query, q.Regex):
        expression = re.compile(query.text)
        return segment.matching(field, "", lambda term: expression.fullmatch(term) is not None)
    if isinstance(query, q.FuzzyTerm):
        return np.array(fuzzy(segment, field, query.text, query.maxdist, query.prefixlength), np.int64)
    own = segment.terms(field)
    first = 0 if query.start is None else own.place(query.start, after=query.startexcl)
    last = len(own) if query.end is None else own.place(query.end, after=not query.endexcl)
    return np.arange(first, last)


def wildcard_test(pattern: str) -> Callable[[str], bool]:
    """Whether a whole term fits a pattern of ``*`` and ``?``."""
    # fnmatch writes stars so that the expression never tries two ways to share the letters out.
    expression = re.compile(fnmatch.translate(pattern.replace("[", "[[]")))
    return lambda term: expression.match(term) is not None


def fuzzy(segment: Segment, field: str, word: str, distance: int, prefix_length: int) -> list[int]:
    """The terms within an edit distance (insertion, deletion, substitution, swap of neighbours: Damerau 1964, each
    stretch edited once) of ``word`` that share its first ``prefix_length`` letters."""
    terms = segment.terms(field)
    span = terms.span(word[:prefix_length].encode("utf-8", "surrogatepass"))
    found: list[int] = []
    for start in range(span.start, span.stop, _CHUNK):
        numbers = range(start, min(start + _CHUNK, span.stop))
        # Longer words cannot be reached, and would only make the table wide.
        near = [(number, text) for number in numbers if abs(len(text := terms.text(number)) - len(word)) <= distance]
        if near:
            distances = edit_distances(word, [text for _, text in near])
            found += [number for (number, _), value in zip(near, distances, strict=True) if value <= distance]
    return found


def edit_distances(word: str, others: Sequence[str]) -> NDArray[np.int64]:
    """The edit distance (optimal string alignment) of ``word`` to each of ``others``; int64."""
    width = max(map(len, others))
    letters = np.zeros((len(others), width + 1), np.int64)
    lengths = np.fromiter(map(len, others), np.int64, len(others))
    for index, other in enumerate(others):
        letters[index, 1 : len(other) + 1] = [ord(letter) for letter in other]
    row: NDArray[np.int64] = np.tile(np.arange(width + 1), (len(others), 1))
    above = row
    for step, letter in enumerate(map(ord, word), 1):
        before, above = above, row
        row = np.full_like(above, step)
        for column in range(1, width + 1):
            same = letters[:, column] == letter
            row[:, column] = np.minimum(
                np.minimum(above[:, column], row[:, column - 1]) + 1, above[:, column - 1] + ~same
            )
            if step > 1 and column > 1:
                swapped = (letters[:, column - 1] == letter) & (letters[:, column] == ord(word[step - 2]))
                row[:, column] = np.where(
                    swapped, np.minimum(row[:, column], before[:, column - 2] + 1), row[:, column]
                )
    return row[np.arange(len(others)), lengths]
