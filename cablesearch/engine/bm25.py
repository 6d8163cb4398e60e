"""The score: Okapi BM25 as Robertson and Zaragoza give it ("The Probabilistic Relevance Framework: BM25 and Beyond",
2009), with Lucene's idf, which is never negative."""

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
"""The length that each byte stands for: exact below 32, above it the five leading bits (16 steps a doubling)."""


def length_bytes(lengths: NDArray[Any]) -> NDArray[np.uint8]:
    """The byte of each length: the greatest whose `LENGTHS` is not above it."""
    return (np.searchsorted(LENGTHS, lengths, "right") - 1).astype(np.uint8)


def idf(total: int, having: int) -> float:
    """Inverse document frequency of a term that ``having`` of ``total`` documents have."""
    return float(np.log(1 + (total - having + 0.5) / (having + 0.5)))


def weights(counts: NDArray[np.int64], lengths: NDArray[np.uint8], average: float) -> NDArray[np.float64]:
    """The part of the score that depends on the document, before idf.

    Args:
        counts: how often the term stands in each document.
        lengths: the documents' lengths in words, as `length_bytes` has them.
        average: the mean length, not quantised.
    """
    norms = K1 * (1 - B + B * LENGTHS / average) if average else np.full(256, K1)
    return counts * (K1 + 1) / (counts + norms[lengths])


_STEPS, _LEAST = 16, 2.0**-5
"""Of bounds: how many there are to a doubling, and what the first stands for."""


def bounds(average: int) -> NDArray[np.uint8]:
    """A byte that says what a frequency counts for at the most, at ``min(count, 255) << 8 | length byte``.

    The frequency is taken relative to the length, count / (1 - B + B * length / average); byte b stands for
    2 ** (b / 16 - 5), 255 for no bound.

    Args:
        average: the mean length, in thousandths.
    """
    counts, lengths = np.divmod(np.arange(1 << 16), 256)
    relative = counts / (1 - B + B * LENGTHS[lengths] * 1000 / average)
    steps = np.ceil(np.log2(np.maximum(relative, _LEAST) / _LEAST) * _STEPS + 1e-9)
    steps[counts == 255] = 255
    return np.clip(steps, 1, 255).astype(np.uint8)


def greatest_weights(bounded_for: float, average: float) -> NDArray[np.float32]:
    """The most that `weights` gives for each byte of `bounds`, 0 for byte 0.

    Args:
        bounded_for: the mean length for which the bounds were made.
        average: the mean length for which the weights are.
    """
    relative = _LEAST * 2.0 ** (np.arange(256) / _STEPS) * max(1.0, average / bounded_for)
    most = relative * (K1 + 1) / (relative + K1)
    most[0], most[255] = 0, K1 + 1
    return most.astype(np.float32)
