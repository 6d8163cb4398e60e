"""Suggestions for misspelt words, from the words of visible documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from whoosh.spelling import Corrector

from cablesearch.algorithms.distances import edit_distances

__all__ = ["Speller", "Words"]


class Words(Protocol):
    """The words of a field: the words near a given word, and how often a word occurs."""

    def terms_within(self, fieldname: str, text: str, maxdist: int, prefix: int = 0) -> set[str]: ...

    def frequency(self, fieldname: str, text: str | bytes) -> int: ...


class Speller(Corrector):
    """Suggests the nearest words of a field first, and the more frequent first among equally near ones."""

    def __init__(self, words: Words, field: str) -> None:
        self._words = words
        self._field = field

    def _suggestions(self, text: str, maxdist: int, prefix: int) -> Iterator[tuple[float, str]]:
        words = list(self._words.terms_within(self._field, text, maxdist, prefix))
        distances = edit_distances(text, words).tolist() if words else []
        for word, distance in zip(words, distances, strict=True):
            yield -(distance + 0.5 / self._words.frequency(self._field, word)), word
