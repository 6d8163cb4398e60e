"""Where a phrase stands, in all paragraphs that have it or in an even sample of many; and which words follow it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from itertools import count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cablesearch.algorithms.kernels import Ints
from cablesearch.embedded.records.excerpts import texts_of_block
from cablesearch.embedded.texts.samples import hashes
from cablesearch.engine.search import beginnings
from cablesearch.engine.search.view import View
from cablesearch.text.analysis import split
from cablesearch.text.continuation import CONTINUED

__all__ = ["Phrases"]

_MOST = 1_024
"""The most paragraphs of which all are counted."""
_SAMPLE = 512
"""The most paragraphs of a sample, if a phrase is in enough of them."""
_ENOUGH = 128
"""The fewest paragraphs with a phrase in a sample."""
_MOST_READ = 48
"""The most paragraphs that are read for the words after a phrase."""
_EXCERPT = 50
"""How many code points of a text are read for the word after another one."""
_MOST_KEPT = 200
"""The most phrases of which the places are kept."""
_LEVELS = 65
"""The number of levels: a hash has 64 bits."""


class _Occurrences(NamedTuple):
    """The places of a phrase.

    Attributes:
        ends: the places behind it in each segment, increasing: document << 32 | position.
        share: the share of the paragraphs with all its words in which it was looked for; 1 for all of them.
    """

    ends: list[Ints]
    share: float


class Phrases:
    """Phrases in the visible paragraphs of a view. The places of the last ones are kept, for the next letter."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._known: dict[tuple[str, tuple[str, ...]], _Occurrences] = {}
        self._levels_of: dict[int, NDArray[np.uint8]] = {}

    def followers(
        self, field: str, head: tuple[str, ...], start: str, without: Collection[str]
    ) -> tuple[Counter[str], float]:
        """Return the words that begin with some letters behind a phrase, in how many visible paragraphs each does, and
        the share of the paragraphs that were counted (see `cablesearch.protocols.reader.Reader.followers`)."""
        places, share = self._occurrences(field, head)
        # All words begin with nothing: those alone are counted that are read behind the phrase.
        begun = start or self._words_after(head, places).difference(without)
        counts: Counter[str] = Counter()
        for number, segment in enumerate(self._view.segments):
            terms, _ = beginnings.next_terms(self._view, number, field, places[number], begun, without)
            strings = segment.terms(field)
            for term, size in zip(*(part.tolist() for part in np.unique(terms, return_counts=True)), strict=True):
                counts[strings.text(term)] += size
        return counts, share

    def _occurrences(self, field: str, phrase: tuple[str, ...]) -> _Occurrences:
        known = self._known.get((field, phrase))
        if known is None:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            known = self._known[field, phrase] = self._looked_up(field, phrase)
        return known

    def _looked_up(self, field: str, phrase: tuple[str, ...]) -> _Occurrences:
        """Return the places of a phrase in visible paragraphs; in a sample of them, if its words are in many.

        The sample has the paragraphs of the highest levels (see `_levels`): at most `_SAMPLE`, or more levels until
        `_ENOUGH` have the phrase. So it depends only on the visible paragraphs that have the words.
        """
        view = self._view
        docs = [beginnings.having(view, number, field, phrase) for number in range(len(view.segments))]
        total = sum(map(len, docs))
        if total <= _MOST:
            return _Occurrences(_ends(view, field, phrase, docs), 1.0)
        levels = [self._levels(number)[part] for number, part in enumerate(docs)]
        level = _lowest(levels, _SAMPLE)
        while True:
            chosen = [part[own >= level] for part, own in zip(docs, levels, strict=True)]
            ends = _ends(view, field, phrase, chosen)
            if level == 0 or sum(len(np.unique(places >> 32)) for places in ends) >= _ENOUGH:
                return _Occurrences(ends, sum(map(len, chosen)) / total)
            # Half of all paragraphs have the lowest level, so this doubles the sample.
            level -= 1

    def _levels(self, number: int) -> NDArray[np.uint8]:
        """Return the level of each document of a segment: 0 for half of them, 1 for a fourth, and so on, by the bits of
        a hash of its id and position. It takes the hashes of all, once."""
        if number not in self._levels_of:
            segment = self._view.segments[number]
            values = hashes(segment, np.arange(segment.docs))
            # The number of zeros at the end.
            zeros = np.bitwise_count((values & (~values + np.uint64(1))) - np.uint64(1))
            self._levels_of[number] = zeros.astype(np.uint8)
        return self._levels_of[number]

    def _words_after(self, phrase: tuple[str, ...], places: list[Ints]) -> set[str]:
        """Return words that follow a phrase in the texts of up to `_MOST_READ` of the paragraphs that have it, and
        perhaps others, given the places behind it."""
        docs = [np.unique(own >> 32) for own in places]
        if sum(map(len, docs)) > _MOST_READ:
            levels = [self._levels(number)[part] for number, part in enumerate(docs)]
            level = _lowest(levels, _MOST_READ)
            docs = [part[own >= level] for part, own in zip(docs, levels, strict=True)]
        words: set[str] = set()
        for segment, own in zip(self._view.segments, docs, strict=True):
            for doc in own.tolist():
                position = segment.number("position", doc)
                text = texts_of_block(segment, segment.block(doc), [position])[position]
                words |= _followers(text, phrase[-1])
        return words


def _ends(view: View, field: str, phrase: tuple[str, ...], docs: list[Ints]) -> list[Ints]:
    return [beginnings.ends(view, number, field, phrase, part) for number, part in enumerate(docs)]


def _lowest(levels: list[NDArray[np.uint8]], most: int) -> int:
    """Return the lowest level that at most the given number of documents reach."""
    sizes = sum((np.bincount(own, minlength=_LEVELS) for own in levels), np.zeros(_LEVELS, np.int64))
    as_high = np.cumsum(sizes[::-1])[::-1]
    return int(np.count_nonzero(as_high > most))


def _followers(text: str, word: str) -> set[str]:
    """Return the words behind another one in a text, which may write it with hyphens, points or apostrophes."""
    if not text.isascii():
        return _behind(text, word)
    found: set[str] = set()
    for match in re.finditer("[-.']?".join(word), text, re.IGNORECASE):
        found |= _behind(text[match.start() : match.end() + _EXCERPT], word)
    return found


def _behind(text: str, word: str) -> set[str]:
    words, given = split(text)
    places = range(len(words)) if given is None else given
    at = {place for place, own in zip(places, words, strict=True) if own == word}
    # A word that was joined from its parts goes on over the places of all of them.
    steps = {place for place, own in zip(places, words, strict=True) if own == CONTINUED + word}
    behind = {next(after for after in count(place + 1) if after not in steps) for place in at}
    return {own for place, own in zip(places, words, strict=True) if place in behind and own[0] != CONTINUED}
