"""The order of blocks: in a segment, and among matches of equal score.

A block's place depends on the block alone: on its number in the field that orders blocks (`fields.order_field`; blocks
without a number come last), then on the bytes of its key. So it does not depend on when blocks were added or replaced,
nor on how they are distributed among segments. Within a segment, matches of equal score keep the order of documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cablesearch.algorithms.kernels import Ints, ranges

__all__ = ["arrange", "block_order", "ranks"]


def ranks(numbers: Ints) -> Ints:
    """Return int64 numbers that compare as the order of blocks does: `NO_NUMBER` becomes the greatest.

    >>> ranks(np.array([5, np.iinfo(np.int64).min])).tolist() == [4, np.iinfo(np.int64).max]
    True
    """
    # `NO_NUMBER` is the least int64, so subtracting 1 wraps around to the greatest.
    ranked: Ints = numbers - np.int64(1)
    return ranked


def block_order(numbers: Ints, keys: Sequence[bytes]) -> Ints | None:
    """Return the permutation that sorts the blocks; None when they are sorted already.

    Blocks of equal number and key keep their order.

    >>> block_order(np.array([5, 3, 5]), [b"a", b"c", b"Z"]).tolist()
    [1, 2, 0]

    Args:
        numbers: the number of each block, int64, `NO_NUMBER` for none.
        keys: the key of each block.
    """
    places = list(zip(ranks(numbers).tolist(), keys, strict=True))
    order = sorted(range(len(places)), key=places.__getitem__)
    return None if order == list(range(len(places))) else np.array(order, np.int64)


def arrange(values: NDArray[Any], counts: NDArray[Any], order: Ints | None) -> tuple[NDArray[Any], NDArray[Any]]:
    """Reorder units that have several values each; return the values and the number of values per unit.

    >>> values, counts = arrange(np.array([7, 8, 9]), np.array([1, 2]), np.array([1, 0]))
    >>> values.tolist(), counts.tolist()
    ([8, 9, 7], [2, 1])

    Args:
        values: the values of all units, end to end.
        counts: the number of values of each unit.
        order: the units in their new order; None: as they are.
    """
    if order is None:
        return values, counts
    sizes = counts.astype(np.int64)
    starts = np.cumsum(sizes) - sizes
    return values[ranges(starts[order], sizes[order])], counts[order]
