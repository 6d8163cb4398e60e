"""The statistics of words by which scores on a cluster are those of our own definition.

Ours count all visible paragraphs (or cables), Lucene's those that have anything in the field. So each leaf of a query
gets a boost: the ratio of our inverse document frequencies to Lucene's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from cablesearch.algorithms.bm25 import K1, idf

__all__ = ["Statistics", "boost", "idf_of"]


class Statistics(Protocol):
    """What is known of the visible documents."""

    @property
    def is_weighted(self) -> bool:
        """Whether the server multiplies scores by ``K1 + 1``, as versions before 3 do."""

    def frequency(self, field: str, word: str) -> int:
        """Return in how many paragraphs, or cables for a field of cables, a word occurs."""

    def total(self, field: str) -> int:
        """Return the number of paragraphs, or of cables for a field of cables."""

    def frequency_at(self, path: str, word: str) -> int:
        """Return the number of documents that have a word where they have a field."""

    def having(self, path: str) -> int:
        """Return the number of documents that have any word there."""


def idf_of(statistics: Statistics, field: str, words: Sequence[str]) -> float:
    """Return the sum of our inverse document frequencies of words."""
    total = statistics.total(field)
    return sum(idf(total, statistics.frequency(field, word)) for word in words)


def boost(statistics: Statistics, path: str, ours: float, counted: Iterable[str]) -> float:
    """Return the factor that makes our score of Lucene's for words of a text field.

    Args:
        statistics: the statistics.
        path: where the documents have the field.
        ours: the inverse document frequency by our definition.
        counted: the words of which Lucene adds up the inverse document frequencies.
    """
    having = statistics.having(path)
    theirs = sum(idf(having, statistics.frequency_at(path, word)) for word in counted)
    factor = ours / theirs if theirs else 1.0
    return factor if statistics.is_weighted else factor * (K1 + 1)
