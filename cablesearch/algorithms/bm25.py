"""The score: Okapi BM25 as in Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009),
with Lucene's idf, which is never negative."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["K1", "LENGTHS", "B", "bounds", "greatest_weights", "idf", "length_bytes", "weights"]

K1 = 1.2
B = 0.75

LENGTHS: NDArray[np.int64] = np.array(
    [byte if byte < 32 else (16 + byte % 16) << (byte // 16 - 1) for byte in range(256)], np.int64
)
"""The length that each byte stands for: exact below 32; above, the five leading bits (16 steps per doubling)."""


def length_bytes(lengths: NDArray[Any]) -> NDArray[np.uint8]:
    """Return the byte of each length: the greatest byte whose length in `LENGTHS` is not above it.

    >>> length_bytes(np.array([0, 31, 32, 33, 34])).tolist()
    [0, 31, 32, 32, 33]
    """
    return (np.searchsorted(LENGTHS, lengths, "right") - 1).astype(np.uint8)


def idf(total: int, having: int) -> float:
    """Return the inverse document frequency of a term that ``having`` of ``total`` documents contain."""
    return float(np.log(1 + (total - having + 0.5) / (having + 0.5)))


def weights(counts: NDArray[np.int64], lengths: NDArray[np.uint8], average: float) -> NDArray[np.float64]:
    """Return the part of the score that depends on the document, which idf multiplies.

    Args:
        counts: the frequency of the term in each document.
        lengths: the documents' lengths as bytes (see `length_bytes`).
        average: the mean length in words, not quantised.
    """
    norms = K1 * (1 - B + B * LENGTHS / average) if average else np.full(256, K1)
    return counts * (K1 + 1) / (counts + norms[lengths])


_STEPS, _LEAST = 16, 2.0**-5
"""Of bounds: the number of steps per doubling, and the value of byte 0."""


def bounds(average: int) -> NDArray[np.uint8]:
    """Return an upper bound, as a byte, of each frequency relative to the length; uint8 [65536].

    The bound of ``count`` in a document with length byte ``b`` stands at ``min(count, 255) << 8 | b``. The relative
    frequency is count / (1 - B + B * length / average). Byte x stands for 2 ** (x / 16 - 5), 255 for no bound.

    >>> table = bounds(10_000)  # Documents of 10 words on average; once in 10 words is 2 ** 0.
    >>> table[1 << 8 | 10].item(), table[2 << 8 | 10].item()
    (81, 97)

    Args:
        average: the mean length, in thousandths of a word.
    """
    counts, lengths = np.divmod(np.arange(1 << 16), 256)
    relative = counts / (1 - B + B * LENGTHS[lengths] * 1000 / average)
    steps = np.ceil(np.log2(np.maximum(relative, _LEAST) / _LEAST) * _STEPS + 1e-9)
    steps[counts == 255] = 255
    return np.clip(steps, 1, 255).astype(np.uint8)


def greatest_weights(bounded_for: float, average: float) -> NDArray[np.float32]:
    """Return the highest value of `weights` for each byte of `bounds`, 0 for byte 0; float32 [256].

    Args:
        bounded_for: the mean length for which the bounds were computed.
        average: the mean length for which the weights are computed.
    """
    relative = _LEAST * 2.0 ** (np.arange(256) / _STEPS) * max(1.0, average / bounded_for)
    most = relative * (K1 + 1) / (relative + K1)
    most[0], most[255] = 0, K1 + 1
    return most.astype(np.float32)
