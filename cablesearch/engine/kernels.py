"""Dense array code that many modules share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Ints", "differences", "pack_bits", "ranges", "small", "stretches", "unpack_bits"]


Ints = NDArray[np.int64]


def small(values: NDArray[Any]) -> NDArray[Any]:
    """Whole numbers from 0 in the narrowest type that holds them."""
    most = int(values.max()) if len(values) else 0
    return values.astype(np.min_scalar_type(most))


def ranges(starts: Ints, sizes: Ints, most: int | None = None) -> Ints:
    """Stretches of whole numbers, end to end: each from its start, so many.

    Raises:
        ValueError: they are more than ``most`` in all.
    """
    ends = np.cumsum(sizes)
    if most is not None and len(ends) and int(ends[-1]) > most:
        raise ValueError(f"{ends[-1]} values of {most}")
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + sizes, sizes)


def differences(starts: NDArray[Any]) -> Ints:
    """The sizes of the stretches that begin at ``starts``."""
    whole = starts.astype(np.int64)
    return whole[1:] - whole[:-1]


def stretches(sizes: Ints, at_once: int) -> Iterator[tuple[int, int]]:
    """Neighbouring terms whose sizes add up to ``at_once`` at the most, or single ones that are larger."""
    ends = np.cumsum(sizes)
    start = 0
    while start < len(sizes):
        before = int(ends[start - 1]) if start else 0
        end = max(start + 1, int(np.searchsorted(ends, before + at_once, "right")))
        yield start, end
        start = end


def pack_bits(mask: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """A mask as words of 64 bits, the lowest of each first."""
    packed = np.packbits(mask, bitorder="little")
    words = np.zeros(-(-len(mask) // 64), np.uint64)
    words.view(np.uint8)[: len(packed)] = packed
    return words


def unpack_bits(words: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Words of 64 bits as a mask."""
    return np.unpackbits(words.view(np.uint8), bitorder="little").view(bool)


def offsets(sizes: NDArray[Any]) -> Ints:
    result = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=result[1:])
    return result
