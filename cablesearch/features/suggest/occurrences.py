"""Where a phrase stands: in all paragraphs that have it, or in an even sample of many."""

from __future__ import annotations

import re
from itertools import count
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cablesearch.algorithms.kernels import Ints
from cablesearch.engine.search import beginnings
from cablesearch.engine.search.view import View
from cablesearch.features.phrases.sampling import hashes
from cablesearch.schema.excerpts import texts_of_block
from cablesearch.text.analysis import split
from cablesearch.text.continuation import CONTINUED

__all__ = ["Occurrences", "occurrences", "words_after"]

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


class Occurrences(NamedTuple):
    """The places of a phrase.

    Attributes:
        ends: the places behind it in each segment, increasing: document << 32 | position.
        share: the share of the paragraphs with all its words in which it was looked for; 1 for all of them.
    """

    ends: list[Ints]
    share: float


def occurrences(view: View, field: str, phrase: tuple[str, ...], kept: dict[Any, Any]) -> Occurrences:
    """Return the places of a phrase in visible paragraphs; in a sample of them, if its words are in many.

    The sample has the paragraphs of the highest levels (see `_levels`): at most `_SAMPLE`, or more levels until
    `_ENOUGH` have the phrase. So it depends only on the visible paragraphs that have the words.
    """
    docs = [beginnings.having(view, number, field, phrase) for number in range(len(view.segments))]
    total = sum(map(len, docs))
    if total <= _MOST:
        return Occurrences(_ends(view, field, phrase, docs), 1.0)
    levels = [_levels(view, number, kept)[part] for number, part in enumerate(docs)]
    level = _lowest(levels, _SAMPLE)
    while True:
        chosen = [part[own >= level] for part, own in zip(docs, levels, strict=True)]
        ends = _ends(view, field, phrase, chosen)
        if level == 0 or sum(len(np.unique(places >> 32)) for places in ends) >= _ENOUGH:
            return Occurrences(ends, sum(map(len, chosen)) / total)
        # Half of all paragraphs have the lowest level, so this doubles the sample.
        level -= 1


def _ends(view: View, field: str, phrase: tuple[str, ...], docs: list[Ints]) -> list[Ints]:
    return [beginnings.ends(view, number, field, phrase, part) for number, part in enumerate(docs)]


def _levels(view: View, number: int, kept: dict[Any, Any]) -> NDArray[np.uint8]:
    """Return the level of each document of a segment: 0 for half of them, 1 for a fourth, and so on, by the bits of a
    hash of its id and position. It takes the hashes of all, once."""
    levels: dict[int, NDArray[np.uint8]] = kept.setdefault("levels", {})
    if number not in levels:
        values = hashes(view.segments[number], np.arange(view.segments[number].docs))
        # The number of zeros at the end.
        levels[number] = np.bitwise_count((values & (~values + np.uint64(1))) - np.uint64(1)).astype(np.uint8)
    return levels[number]


def _lowest(levels: list[NDArray[np.uint8]], most: int) -> int:
    """Return the lowest level that at most the given number of documents reach."""
    sizes = sum((np.bincount(own, minlength=_LEVELS) for own in levels), np.zeros(_LEVELS, np.int64))
    as_high = np.cumsum(sizes[::-1])[::-1]
    return int(np.count_nonzero(as_high > most))


_LEVELS = 65
"""The number of levels: a hash has 64 bits."""


def words_after(view: View, phrase: tuple[str, ...], places: list[Ints], kept: dict[Any, Any]) -> set[str]:
    """Return words that follow a phrase in the texts of up to `_MOST_READ` of the paragraphs that have it, and perhaps
    others, given the places behind it."""
    docs = [np.unique(own >> 32) for own in places]
    if sum(map(len, docs)) > _MOST_READ:
        levels = [_levels(view, number, kept)[part] for number, part in enumerate(docs)]
        level = _lowest(levels, _MOST_READ)
        docs = [part[own >= level] for part, own in zip(docs, levels, strict=True)]
    words: set[str] = set()
    for segment, own in zip(view.segments, docs, strict=True):
        for doc in own.tolist():
            position = segment.number("position", doc)
            text = texts_of_block(segment, segment.block(doc), [position])[position]
            words |= _followers(text, phrase[-1])
    return words


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
