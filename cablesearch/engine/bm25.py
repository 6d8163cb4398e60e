"""The score: Okapi BM25 as Robertson and Zaragoza give it ("The Probabilistic Relevance Framework: BM25 and Beyond",
2009), with Lucene's idf, which is never negative."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["K1", "LENGTHS", "B", "idf", "length_bytes", "weights"]

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
