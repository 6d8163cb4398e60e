"""The order of blocks: in a segment, and among hits of one score.

A block's place follows from the block alone: its number in the field that orders blocks (`fields.order_field`; those
without a number come last), then the bytes of its key. So it does not depend on when blocks came or were replaced, nor
on how they are shared out among segments. Within a segment the order of documents is the order of equal hits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cablesearch.engine.kernels import Ints, ranges

__all__ = ["arrange", "block_order", "ranks"]


def ranks(numbers: Ints) -> Ints:
    """Return numbers (int64) that compare as blocks with these numbers do: `NO_NUMBER` is greater than all others."""
    # It is the least of all numbers, and the one below it is the greatest.
    ranked: Ints = numbers - np.int64(1)
    return ranked


def block_order(numbers: Ints, keys: Sequence[bytes]) -> Ints | None:
    """Return the numbers of the blocks in their order; None when they lie in order already.

    Blocks of equal number and key keep their order. Example: ``block_order([5, 3, 5], [b"a", b"c", b"Z"])`` is
    ``[1, 2, 0]``.

    Args:
        numbers: of each block, int64, `NO_NUMBER` for none.
        keys: of each block.
    """
    places = list(zip(ranks(numbers).tolist(), keys, strict=True))
    order = sorted(range(len(places)), key=places.__getitem__)
    return None if order == list(range(len(places))) else np.array(order, np.int64)


def arrange(values: NDArray[Any], counts: NDArray[Any], order: Ints | None) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the values of units and how many each has, with the units in another order (None: as they are).

    Example: ``arrange([7, 8, 9], [1, 2], [1, 0])`` is ``([8, 9, 7], [2, 1])``.

    Args:
        values: of all units, end to end.
        counts: how many values each unit has.
        order: the units as they are to stand.
    """
    if order is None:
        return values, counts
    sizes = counts.astype(np.int64)
    starts = np.cumsum(sizes) - sizes
    return values[ranges(starts[order], sizes[order])], counts[order]
