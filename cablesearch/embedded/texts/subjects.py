"""Subjects of cables that have some words one after the other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import overload

import numpy as np
from whoosh import query as q

from cablesearch.embedded.cables import key_at, place_of
from cablesearch.embedded.records.excerpts import subject_of_block
from cablesearch.engine.search import beginnings, collect
from cablesearch.engine.search.execute import Matches
from cablesearch.engine.search.view import View
from cablesearch.protocols.fields import NO_NUMBER
from cablesearch.text.analysis import split

__all__ = ["Subjects", "count_subject", "latest"]

_FIELD = "subject_exact"
_MOST_COMPARED = 10
"""The most other cables whose subjects are read to count those that have the words of one."""


class Subjects(Sequence[tuple[str, str]]):
    """The keys and the subjects of cables, given their segments and blocks. A subject is read when it is asked for."""

    def __init__(self, view: View, places: Sequence[tuple[int, int]]) -> None:
        self._view, self._places = view, places

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        # That of Sequence would take the error of a damaged record for the end.
        return (self[place] for place in range(len(self)))

    @overload
    def __getitem__(self, place: int) -> tuple[str, str]: ...
    @overload
    def __getitem__(self, place: slice) -> Subjects: ...
    def __getitem__(self, place: int | slice) -> tuple[str, str] | Subjects:
        if isinstance(place, slice):
            return Subjects(self._view, self._places[place])
        number, block = self._places[place]
        return key_at(self._view, number, block), subject_of_block(self._view.segments[number], block) or ""


def latest(view: View, head: tuple[str, ...], last: str, most: int, without: Collection[str]) -> Subjects:
    """Return the latest cables of which a visible paragraph has the words in its subject; undated ones last.

    Args:
        view: the view.
        head: the words before the last one.
        last: the last word, which may be incomplete.
        most: the most cables.
        without: words that the last one does not stand for.
    """
    parts = []
    for number, docs in enumerate(beginnings.containing(view, _FIELD, head, last, without)):
        parts.append(np.unique(view.segments[number].blocks_of(docs)) + view.block_bases[number])
    units = np.concatenate(parts).astype(np.int64) if parts else np.empty(0, np.int64)
    dates = collect.number_column(view, units, "date", by_block=True)
    keys = -dates
    keys[dates == NO_NUMBER] = np.iinfo(np.int64).max
    matches = Matches(units, np.zeros(len(units)))
    places = collect.top(view, matches, 0, min(most, len(units)), keys, by_block=True)
    return Subjects(view, [view.block_at(unit) for unit in units[places].tolist()])


def count_subject(view: View, words: Sequence[str], key: str) -> int:
    """Return in how many visible paragraphs the subject has some words, one after the other, given the key of a cable
    of which it is the whole subject."""
    number, block = place_of(view, key)
    others: list[tuple[int, int, int]] = []
    count = 0
    for place, docs in enumerate(beginnings.sharing(view, _FIELD, words, number, block)):
        blocks, sizes = np.unique(view.segments[place].blocks_of(docs), return_counts=True)
        for other, size in zip(blocks.tolist(), sizes.tolist(), strict=True):
            if (place, other) == (number, block):
                count += size
            else:
                others.append((place, other, size))
    if len(others) > _MOST_COMPARED:
        return collect.select(view, q.Phrase(_FIELD, list(words))).count
    wanted = f" {' '.join(words)} "
    for place, other, size in others:
        subject = split(subject_of_block(view.segments[place], other) or "", True)[0]
        count += size if wanted in f" {' '.join(subject)} " else 0
    return count
