"""Grams: the words of texts and the phrases of up to five words, and the number of texts that have each."""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cablesearch.algorithms.kernels import Ints
from cablesearch.text.analysis import split, stem

__all__ = ["LONGEST", "Gram", "Grams"]

LONGEST = 5
"""The most words of a phrase."""
_TITLES = ("mr", "mrs", "ms", "messrs", "dr", "hon", "st", "gen", "amb", "prof", "sen", "rep", "gov", "lt", "col", "no")
_ABBREVIATED = "".join(rf"(?<!\b{title}\.)" for title in _TITLES)
_CLAUSES = re.compile(
    r"""[,;:!?()\[\]{}"“”„«»…/—–。，、；：！？]|--|\.(?=["'”’]?(?:\s|$))(?<![\s.(][A-Z]\.)(?<!^[A-Z]\.)"""
    + _ABBREVIATED,
    re.IGNORECASE,
)
"""Boundaries that no phrase crosses: ends of clauses and sentences, but not the full stops of initials and titles."""
_BREAK = "xbreakx"
"""A word that stands for the end of a clause, so that a text is split into words at once."""


class Gram(NamedTuple):
    """A word or a phrase, as stems, with the number of texts that have it: of the first ones, and of the others."""

    stems: tuple[str, ...]
    here: int
    others: int


class Grams:
    """The words of texts.

    Args:
        texts: the texts.
        first: how many of the texts, from the start, have the phrases to count; the others are compared with them.
    """

    def __init__(self, texts: Sequence[str], first: int) -> None:
        self._texts, self._first = len(texts), first
        numbers: defaultdict[str, int] = defaultdict()
        numbers.default_factory = numbers.__len__
        end = numbers[_BREAK]
        words, sizes = array("q"), array("q")
        for text in texts:
            found = _words(text)
            words.extend(map(numbers.__getitem__, found))
            sizes.append(len(found))
        stems = list(map(stem, numbers))
        known = {text: number for number, text in enumerate(dict.fromkeys(stems))}
        self.stems = list(known)
        every = np.frombuffer(words, np.int64)
        is_word = every != end
        self._owners = np.repeat(np.arange(len(sizes)), np.frombuffer(sizes, np.int64))[is_word]
        # It rises where a clause or a text ends.
        self._clauses = np.cumsum(~is_word)[is_word] + self._owners
        self._words = np.array([known[text] for text in stems], np.int64)[every[is_word]]
        self._starts = np.searchsorted(self._owners, np.arange(len(sizes) + 1))

    def frequent(self, least: int) -> list[Gram]:
        """Return the words and phrases that at least ``least`` of the first texts have.

        A phrase is that frequent only if the phrases in it are, so these are found first (Agrawal and Srikant 1994).
        """
        result: list[Gram] = []
        count, width = len(self._words), len(self.stems)
        # The gram that begins at each place: its number, -1 where it is not frequent. `before` and `last` are the
        # gram without its last word, and that word, by the number of the gram.
        current = self._words
        before, last = np.zeros(width, np.int64), np.arange(width)
        names: list[tuple[str, ...]] = [()]
        for length in range(1, LONGEST + 1):
            here, others = self._counts(current, len(last))
            kept = np.flatnonzero(here >= least)
            names = [
                (*names[shorter], self.stems[word])
                for shorter, word in zip(before[kept].tolist(), last[kept].tolist(), strict=True)
            ]
            result += map(Gram, names, here[kept].tolist(), others[kept].tolist())
            if length == LONGEST or not names:
                break
            renumbered = np.full(len(last) + 1, -1, np.int64)
            renumbered[kept] = np.arange(len(kept))
            current = renumbered[current]
            places = np.flatnonzero((current[:-length] >= 0) & (current[1 : count - length + 1] >= 0))
            places = places[self._clauses[places] == self._clauses[places + length]]
            pairs = current[places] * width + self._words[places + length]
            distinct, inverse = np.unique(pairs, return_inverse=True)
            before, last = np.divmod(distinct, width)
            current = np.full(count, -1, np.int64)
            current[places] = inverse
        return result

    def _counts(self, current: Ints, grams: int) -> tuple[Ints, Ints]:
        """Return the number of texts that have each gram: of the first ones, and of the others."""
        places = np.flatnonzero(current >= 0)
        pairs = np.unique(current[places] * self._texts + self._owners[places])
        numbers, owners = np.divmod(pairs, max(self._texts, 1))
        is_first = owners < self._first
        return np.bincount(numbers[is_first], minlength=grams), np.bincount(numbers[~is_first], minlength=grams)

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


def _words(text: str) -> list[str]:
    """Return the words of a text, with `_BREAK` at the ends of clauses."""
    if _BREAK in text.lower():
        return [word if word != _BREAK else f"{word}x" for word in split(text, for_query=True)[0]]
    return split(_CLAUSES.sub(f" {_BREAK} ", text), for_query=True)[0]
