"""Terms of a dictionary that a pattern or a misspelt word stands for."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from cablesearch.engine.segment import Segment

__all__ = ["fuzzy", "wildcard", "wildcard_test"]

_CHUNK = 1 << 16


def wildcard(pattern: str) -> tuple[str, Callable[[str], bool]]:
    """The literal prefix of a pattern of ``*`` and ``?``, and the test of a whole term."""
    return re.split(r"[*?]", pattern, maxsplit=1)[0], wildcard_test(pattern)


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
    rows = [np.tile(np.arange(width + 1), (len(others), 1))]
    for step, letter in enumerate(map(ord, word), 1):
        above = rows[-1]
        row: NDArray[np.int64] = np.full_like(above, step)
        for column in range(1, width + 1):
            same = letters[:, column] == letter
            row[:, column] = np.minimum(
                np.minimum(above[:, column], row[:, column - 1]) + 1, above[:, column - 1] + ~same
            )
            if step > 1 and column > 1:
                swapped = (letters[:, column - 1] == letter) & (letters[:, column] == ord(word[step - 2]))
                row[:, column] = np.where(
                    swapped, np.minimum(row[:, column], rows[-2][:, column - 2] + 1), row[:, column]
                )
        rows.append(row)
    return rows[-1][np.arange(len(others)), lengths]
