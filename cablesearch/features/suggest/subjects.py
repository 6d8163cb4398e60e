"""Suggested subjects of cables."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from cablesearch.engine.fields import NO_NUMBER
from cablesearch.engine.search import beginnings, collect
from cablesearch.engine.search.execute import Matches
from cablesearch.engine.search.view import View
from cablesearch.features.suggest.suggestion import Asked, Suggestion
from cablesearch.schema.stored import subject_of_block
from cablesearch.text.analysis import split

__all__ = ["subjects"]

_FIELD = "subject_exact"
_SHORTEST = 3
"""The fewest letters of a text that is completed to a subject."""
_READ_FOR_EACH = 3
"""The most records that are read for each subject that is shown: cables that answer each other share a subject."""
_LONGEST = 30
"""The most words of a subject in a query for it."""


def subjects(asked: Asked) -> Iterator[Suggestion]:
    """Yield the subjects that have the words of a text one after the other, those of the latest cables first."""
    typed = asked.typed
    if not typed.is_long_enough or (sum(map(len, typed.words)) < _SHORTEST and typed.last.isascii()):
        return
    shown: set[str] = set()
    blocks = asked.once("subject", " ".join(typed.words), lambda: _latest(asked.view, typed.head, typed.last, asked))
    for number, block in blocks:
        subject = " ".join((subject_of_block(asked.view.segments[number], block) or "").split())
        words = split(subject, True)[0]
        key = " ".join(words)
        if key in shown or not words:
            continue
        shown.add(key)
        whole = partial(beginnings.sharing, asked.view, _FIELD, words, number, block)
        count = asked.once("count", key, whole)
        if count:
            yield Suggestion("subject", subject, f'subject:"{" ".join(words[:_LONGEST])}"', count)


def _latest(view: View, head: tuple[str, ...], last: str, asked: Asked) -> list[tuple[int, int]]:
    """Return the latest cables, as segments and blocks, of which a visible paragraph has the words in its subject."""
    parts = []
    for number, docs in enumerate(beginnings.containing(view, _FIELD, head, last)):
        parts.append(np.unique(view.segments[number].blocks_of(docs)) + view.block_bases[number])
    units = np.concatenate(parts).astype(np.int64) if parts else np.empty(0, np.int64)
    dates = collect.number_column(view, units, "date", by_block=True)
    keys = -dates
    keys[dates == NO_NUMBER] = np.iinfo(np.int64).max
    matches = Matches(units, np.zeros(len(units)))
    places = collect.top(view, matches, 0, min(asked.limit * _READ_FOR_EACH, len(units)), keys, by_block=True)
    return [view.block_at(unit) for unit in units[places].tolist()]
