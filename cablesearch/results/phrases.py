"""The words of a text that stand in phrases of a query, or near each other as it asks for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from cablesearch.algorithms.windows import Spans, occurrences, spans_of_words, windows
from cablesearch.protocols.queries import Near
from cablesearch.text.continuation import CONTINUED

__all__ = ["in_phrases", "near_words"]

_KEPT = 8
"""Distances whose shared tables are kept at the same time."""
_FEW = 50_000
"""Occurrences of phrase words up to which plain sets are faster than bitmaps."""


def in_phrases(
    words: list[tuple[str, int, int, int]], spelt: list[str], phrases: Sequence[tuple[int, list[str], int]]
) -> list[tuple[int, int]]:
    """Return (index, leaf) for each word in an occurrence of a phrase, with the first such phrase's leaf.

    As in the engine, an occurrence goes from a word that can end it back to the nearest word before it. So in
    "alfa alfa bravo" the phrase "alfa bravo" marks the second alfa and bravo: [(1, leaf), (2, leaf)]. A joined word
    takes the places of all its parts (see `cablesearch.text.continuation`).

    Args:
        words: the (word, place, start, end) of the text's words.
        spelt: the words as the phrases spell them.
        phrases: (leaf, words, slop), by leaf.
    """
    listed: dict[str, list[int]] = {word: [] for _, phrase, _ in phrases for word in phrase}
    listed.update({CONTINUED + word: [] for word in listed})
    for index, word in enumerate(spelt):
        if word in listed:
            listed[word].append(index)
    whole = [entry for entry in phrases if entry[1] and all(map(listed.__getitem__, entry[1]))]
    if not whole:
        return []
    occurrences = sum(len(listed[word]) for _, phrase, _ in whole for word in phrase)
    going_on = any(listed[CONTINUED + word] for _, phrase, _ in whole for word in phrase)
    if occurrences < _FEW and not going_on and all(slop == 1 for *_, slop in whole):
        return _in_plain_phrases(words, listed, whole)
    return _in_long_text(words, {word: np.array(own) for word, own in listed.items() if own}, whole)


def _in_long_text(
    words: list[tuple[str, int, int, int]],
    indexes: dict[str, NDArray[np.int64]],
    phrases: Sequence[tuple[int, list[str], int]],
) -> list[tuple[int, int]]:
    """Do the work of `in_phrases` with bitmaps: a bit for each place of the text, a bitmap for each word.

    For the places 0 alfa, 1 bravo, 2 alfa the bitmaps are alfa 0b101, bravo 0b010. `Chains` combines those of a
    phrase's words, and keeps what distances have in common; phrases of one slop share it.

    Args:
        indexes: the indexes of each word in ``words``, rising, shape (occurrences,), int64; no list is empty.
    """
    # Imported here, because few searches need it.
    from cablesearch.algorithms.chains import Chains

    places = np.array([place for _, place, _, _ in words], np.int64)
    size = words[-1][1] + 1
    unmarked = len(phrases)
    first = np.full(len(words), unmarked)
    chains_of = lru_cache(maxsize=_KEPT)(lambda slop: Chains(np.zeros(1, np.int64), size, size, slop))
    bits = {word: chains_of(1).bits(places[own]) for word, own in indexes.items()}
    for number, (_, phrase, slop) in enumerate(phrases):
        marked = dict.fromkeys(phrase, 0)
        going_on = [bits.get(CONTINUED + word, 0) for word in phrase]
        for word, own in zip(phrase, chains_of(slop).nearest([bits[word] for word in phrase], going_on), strict=True):
            marked[word] |= own
        for word, own in marked.items():
            if own:
                chosen = indexes[word][chains_of(slop).mask(own)[places[indexes[word]]]]
                first[chosen] = np.minimum(first[chosen], number)
    return [(index, phrases[first[index]][0]) for index in np.flatnonzero(first < unmarked).tolist()]


def _in_plain_phrases(
    words: list[tuple[str, int, int, int]], listed: dict[str, list[int]], phrases: Sequence[tuple[int, list[str], int]]
) -> list[tuple[int, int]]:
    """Do the work of `in_phrases` with sets, for phrases whose words follow each other; faster for short texts.

    The phrase "open door" starts at the places of "open" whose next place has "door": {3, 8} & {7 - 1, 9 - 1} = {8}.

    Args:
        listed: the indexes of the words by their spelling.
    """
    owners: dict[int, int] = {}
    for leaf, phrase, _ in phrases:
        starts = {words[index][1] for index in listed[phrase[0]]}
        for offset, word in enumerate(phrase[1:], 1):
            starts &= {words[index][1] - offset for index in listed[word]}
            if not starts:
                break
        else:
            for offset, word in enumerate(phrase):
                for index in listed[word]:
                    if words[index][1] - offset in starts:
                        owners.setdefault(index, leaf)
    return sorted(owners.items())


def near_words(
    words: list[tuple[str, int, int, int]], spelt: list[str], queries: Sequence[tuple[int, Near]]
) -> list[tuple[int, int]]:
    """Return (index, leaf) for each word in a match of a near query.

    For each place where a match can end there is one, with as few other words in it as possible; whatever else of the
    query occurs between its first and last word is marked too. So in "alfa alfa delta bravo" the query "alfa bravo"~~3
    marks the second alfa and bravo: [(1, leaf), (3, leaf)].

    Args:
        words: the (word, place, start, end) of the text's words.
        spelt: the words as the queries spell them.
        queries: (leaf, query), by leaf.
    """
    wanted = {word for _, query in queries for word in query.words}
    wanted |= {CONTINUED + word for word in wanted}
    listed: dict[str, list[int]] = {}
    for index, word in enumerate(spelt):
        if word in wanted:
            listed.setdefault(word, []).append(index)
    if not listed:
        return []
    places = np.array([place for _, place, _, _ in words], np.int64)
    indexes = {word: np.array(own, np.int64) for word, own in listed.items()}

    @cache
    def located(word: str) -> Spans:
        begins, further = (
            np.unique(places[indexes[own]]) if own in indexes else np.empty(0, np.int64)
            for own in (word, CONTINUED + word)
        )
        return spans_of_words(begins, further)

    matching: list[tuple[int, int]] = []
    for leaf, query in queries:
        found = windows(query, located)
        for run in dict.fromkeys(query.runs) if len(found.begins) else ():
            covered = _covered(_inside(occurrences([run], located), found), int(places[-1]) + 1)
            for word in run.words:
                if word in indexes:
                    own = indexes[word]
                    matching += [(index, leaf) for index in own[covered[places[own]]].tolist()]
    return matching


def _inside(spans: Spans, outer: Spans) -> Spans:
    """Return the spans that lie in any of the outer ones, which are sorted by their end."""
    at = np.searchsorted(outer.ends, spans.ends)
    first = np.append(np.minimum.accumulate(outer.begins[::-1])[::-1], np.iinfo(np.int64).max)
    inside = first[at] <= spans.begins
    return Spans(spans.begins[inside], spans.ends[inside])


def _covered(spans: Spans, size: int) -> NDArray[np.bool_]:
    """Return which of ``size`` places lie in any of the spans.

    >>> _covered(Spans(np.array([1]), np.array([2])), 4).tolist()
    [False, True, True, False]
    """
    changes = np.bincount(spans.begins, minlength=size + 1)
    changes -= np.bincount(spans.ends + 1, minlength=size + 1)
    covered: NDArray[np.bool_] = np.cumsum(changes)[:size] > 0
    return covered
