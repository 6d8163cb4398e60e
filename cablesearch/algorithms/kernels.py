"""Dense array code that many modules share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Ints",
    "differences",
    "is_in",
    "offsets",
    "pack_bits",
    "ranges",
    "run_starts",
    "small",
    "stretches",
    "unpack_bits",
]


Ints = NDArray[np.int64]


def small(values: NDArray[Any]) -> NDArray[Any]:
    """Convert non-negative integers to the narrowest unsigned type that holds them."""
    most = int(values.max()) if len(values) else 0
    return values.astype(np.min_scalar_type(most))


def ranges(starts: Ints, sizes: Ints, most: int | None = None) -> Ints:
    """Concatenate ranges of consecutive integers, given the start and the size of each.

    >>> ranges(np.array([5, 9]), np.array([2, 1])).tolist()
    [5, 6, 9]

    Raises:
        ValueError: the ranges have more than ``most`` values in total.
    """
    ends = np.cumsum(sizes)
    if most is not None and len(ends) and int(ends[-1]) > most:
        raise ValueError(f"{ends[-1]} values where at most {most} are expected")
    # A running number, shifted in each range by the difference between its start and the place where it begins.
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + sizes, sizes)


def offsets(sizes: NDArray[Any]) -> Ints:
    """Return where each of several consecutive pieces begins; one more value closes the last. Undoes `differences`.

    >>> offsets(np.array([2, 0, 3])).tolist()
    [0, 2, 2, 5]
    """
    result = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=result[1:])
    return result


def differences(starts: NDArray[Any]) -> Ints:
    """Return the size of each piece, given where each begins and the last ends.

    >>> differences(np.array([0, 2, 2, 5])).tolist()
    [2, 0, 3]
    """
    whole = starts.astype(np.int64)
    return whole[1:] - whole[:-1]


def run_starts(values: NDArray[Any]) -> Ints:
    """Return where each run of equal values begins; three to five times faster than `np.diff` with ``prepend``.

    >>> run_starts(np.array([4, 4, 6])).tolist()
    [0, 2]
    """
    changes = np.empty(len(values), bool)
    changes[:1] = True
    np.not_equal(values[1:], values[:-1], out=changes[1:])
    return np.flatnonzero(changes)


def stretches(sizes: Ints, at_once: int) -> Iterator[tuple[int, int]]:
    """Cut a sequence into (start, end) stretches whose sizes add up to at most ``at_once``.

    A single item that is larger is a stretch of its own.

    >>> list(stretches(np.array([2, 2, 9, 1]), 4))
    [(0, 2), (2, 3), (3, 4)]
    """
    ends = np.cumsum(sizes)
    start = 0
    while start < len(sizes):
        before = int(ends[start - 1]) if start else 0
        end = max(start + 1, int(np.searchsorted(ends, before + at_once, "right")))
        yield start, end
        start = end


def is_in(values: Ints, others: Ints) -> NDArray[np.bool_]:
    """Return which values are among others, which are increasing: faster than NumPy's own function, which sorts them.

    >>> is_in(np.array([7, 2]), np.array([2, 5])).tolist()
    [False, True]
    """
    if not len(others):
        return np.zeros(len(values), bool)
    at = np.searchsorted(others, values)
    at[at == len(others)] = 0
    same: NDArray[np.bool_] = others[at] == values
    return same


def pack_bits(mask: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Pack a mask into words of 64 bits, the lowest bit of each word first.

    >>> pack_bits(np.array([True, False, True])).tolist()
    [5]
    """
    packed = np.packbits(mask, bitorder="little")
    words = np.zeros(-(-len(mask) // 64), np.uint64)
    words.view(np.uint8)[: len(packed)] = packed
    return words


def unpack_bits(words: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Unpack words of 64 bits into a mask of 64 values a word."""
    return np.unpackbits(words.view(np.uint8), bitorder="little").view(bool)
