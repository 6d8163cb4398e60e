"""The words of a text that stand near each other as a query asks for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from cablesearch.engine.search.near_query import Near
from cablesearch.engine.search.windows import Spans, occurrences, spans_of_words, windows
from cablesearch.text.continuation import CONTINUED

__all__ = ["near_words"]

Ints = NDArray[np.int64]


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
