"""Edit distances: how many letters of a word differ from those of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cablesearch.algorithms.kernels import Ints
from cablesearch.errors import CablesearchError

__all__ = ["LONGEST_FUZZY", "code_points", "distances", "edit_distances"]

LONGEST_FUZZY = 64
"""The most letters of a fuzzy word, as each letter takes a bit."""

_ROWS = 1 << 14
"""The number of words that are compared together."""


def code_points(text: str) -> NDArray[np.uint32]:
    """Return the code points of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def edit_distances(word: str, others: Sequence[str]) -> Ints:
    """Return the edit distance (optimal string alignment) of ``word`` to each of ``others``; int64.

    >>> edit_distances("tarde", ["trade", "tardy", "card"]).tolist()
    [1, 1, 2]

    Raises:
        CablesearchError: the word is longer than `LONGEST_FUZZY`.
    """
    sizes = np.fromiter(map(len, others), np.int64, len(others))
    return distances(word, code_points("".join(others)), np.cumsum(sizes) - sizes, sizes)


def distances(word: str, letters: NDArray[Any], starts: Ints, sizes: Ints) -> Ints:
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
