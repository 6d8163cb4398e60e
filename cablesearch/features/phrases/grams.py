"""Grams: the words of texts and the phrases of up to five words, and the number of texts that have each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cablesearch.text.analysis import split, stem

__all__ = ["LONGEST", "Gram", "Grams"]

Ints = NDArray[np.int64]

LONGEST = 5
"""The most words of a phrase."""
_TITLES = ("mr", "mrs", "ms", "messrs", "dr", "hon", "st", "gen", "amb", "prof", "sen", "rep", "gov", "lt", "col", "no")
_ABBREVIATED = "".join(rf"(?<!\b{title})" for title in _TITLES)
_CLAUSES = re.compile(
    rf"""[,;:!?()\[\]{{}}"“”„«»…/—–。，、；：！？]|--|{_ABBREVIATED}(?<![\s.(][A-Z])(?<!^[A-Z])\.(?=["'”’]?(?:\s|$))""",
    re.IGNORECASE,
)
"""What no phrase goes over: the ends of clauses and sentences, but not the full stops of initials and titles."""


class Gram(NamedTuple):
    """A word or a phrase, as stems, with the number of texts that have it: of the first ones, and of the others."""

    stems: tuple[str, ...]
    here: int
    others: int


class Grams:
    """The words of texts.

    Args:
        texts: the texts.
        first: how many of them, from the first on, are those whose phrases are counted; the rest is compared with them.
    """

    def __init__(self, texts: Sequence[str], first: int) -> None:
        self._texts, self._first = len(texts), first
        numbers: dict[str, int] = {}
        words: list[int] = []
        sizes: list[int] = []
        clauses: list[int] = []
        for text in texts:
            own = 0
            for clause in _CLAUSES.split(text):
                found = split(clause, for_query=True)[0]
                words += [numbers.setdefault(word, len(numbers)) for word in found]
                clauses.append(len(found))
                own += len(found)
            sizes.append(own)
        stems = list(map(stem, numbers))
        known = {text: number for number, text in enumerate(dict.fromkeys(stems))}
        self.stems = list(known)
        by_word = np.array([known[text] for text in stems], np.int64)
        self._words = by_word[np.array(words, np.int64)] if words else np.empty(0, np.int64)
        self._owners = np.repeat(np.arange(len(sizes)), np.array(sizes, np.int64))
        self._clauses = np.repeat(np.arange(len(clauses)), np.array(clauses, np.int64))
        self._starts = np.append(0, np.cumsum(np.array(sizes, np.int64)))

    def frequent(self, least: int) -> list[Gram]:
        """Return the words and phrases that at least ``least`` of the first texts have.

        A phrase is that frequent only if the phrases in it are, so these are found first (Agrawal and Srikant 1994).
        """
        result: list[Gram] = []
        count = len(self._words)
        # The gram that begins at each place: its number, -1 where it is not frequent; and its stems by number.
        current = self._words
        names: list[tuple[int, ...]] = [(number,) for number in range(len(self.stems))]
        for length in range(1, LONGEST + 1):
            current, names, grams = self._counted(current, names, least)
            result += grams
            if length == LONGEST or not names:
                break
            places = np.flatnonzero((current[: count - 1] >= 0) & (current[1:] >= 0))
            ends = places + length
            places = places[ends < count]
            places = places[self._clauses[places] == self._clauses[places + length]]
            pairs = current[places] * len(self.stems) + self._words[places + length]
            distinct, inverse = np.unique(pairs, return_inverse=True)
            names = [(*names[pair // len(self.stems)], pair % len(self.stems)) for pair in distinct.tolist()]
            current = np.full(count, -1, np.int64)
            current[places] = inverse
        return result

    def _counted(
        self, current: Ints, names: list[tuple[int, ...]], least: int
    ) -> tuple[Ints, list[tuple[int, ...]], list[Gram]]:
        """Keep the grams that are frequent, and count their texts."""
        places = np.flatnonzero(current >= 0)
        pairs = np.unique(current[places] * self._texts + self._owners[places])
        grams, owners = np.divmod(pairs, max(self._texts, 1))
        here = np.bincount(grams[owners < self._first], minlength=len(names))
        others = np.bincount(grams[owners >= self._first], minlength=len(names))
        kept = np.flatnonzero(here >= least)
        renumbered = np.full(len(names) + 1, -1, np.int64)
        renumbered[kept] = np.arange(len(kept))
        names = [names[number] for number in kept.tolist()]
        counted = [
            Gram(tuple(self.stems[number] for number in name), *counts)
            for name, *counts in zip(names, here[kept].tolist(), others[kept].tolist(), strict=True)
        ]
        return renumbered[current], names, counted

    def places(self, stems: Sequence[str], most: int) -> list[tuple[int, int]]:
        """Return the first places of a phrase in the first texts, at most one in each: (text, word), from 0."""
        numbers = [self.stems.index(text) for text in stems]
        count = int(self._starts[self._first]) - len(numbers) + 1
        matching = np.ones(max(count, 0), bool)
        for offset, number in enumerate(numbers):
            matching &= self._words[offset : offset + len(matching)] == number
        found = np.flatnonzero(matching)
        found = found[self._clauses[found] == self._clauses[found + len(numbers) - 1]]
        texts, at = np.unique(self._owners[found], return_index=True)
        words = found[at] - self._starts[texts]
        return list(zip(texts[:most].tolist(), words[:most].tolist(), strict=True))
