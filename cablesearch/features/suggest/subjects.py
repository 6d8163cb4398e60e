"""Suggested subjects of cables."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from whoosh import query as q

from cablesearch.engine.search import beginnings, collect
from cablesearch.engine.search.execute import Matches
from cablesearch.engine.search.view import View
from cablesearch.features.suggest.suggestion import Asked, Suggestion
from cablesearch.protocols.fields import NO_NUMBER
from cablesearch.schema.excerpts import subject_of_block
from cablesearch.text.analysis import split
from cablesearch.vocabulary.function_words import FUNCTION_WORDS

__all__ = ["subjects"]

_FIELD = "subject_exact"
_SHORTEST = 3
"""The fewest letters of a text that is completed to a subject."""
_READ_FOR_EACH = 3
"""The most records that are read for each subject that is shown: cables that answer each other share a subject."""
_MOST_COMPARED = 10
"""The most other cables whose subjects are read to count those that have the words of one."""
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
        count = asked.once("count", key, partial(_count, asked.view, words, number, block))
        yield Suggestion("subject", subject, f'subject:"{" ".join(words[:_LONGEST])}"', count)


def _latest(view: View, head: tuple[str, ...], last: str, asked: Asked) -> list[tuple[int, int]]:
    """Return the latest cables, as segments and blocks, of which a visible paragraph has the words in its subject."""
    parts = []
    for number, docs in enumerate(beginnings.containing(view, _FIELD, head, last, FUNCTION_WORDS)):
        parts.append(np.unique(view.segments[number].blocks_of(docs)) + view.block_bases[number])
    units = np.concatenate(parts).astype(np.int64) if parts else np.empty(0, np.int64)
    dates = collect.number_column(view, units, "date", by_block=True)
    keys = -dates
    keys[dates == NO_NUMBER] = np.iinfo(np.int64).max
    matches = Matches(units, np.zeros(len(units)))
    places = collect.top(view, matches, 0, min(asked.limit * _READ_FOR_EACH, len(units)), keys, by_block=True)
    return [view.block_at(unit) for unit in units[places].tolist()]


def _count(view: View, words: list[str], number: int, block: int) -> int:
    """Return in how many visible paragraphs the subject has some words, one after the other, given a cable of which it
    is the whole subject."""
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
        return collect.select(view, q.Phrase(_FIELD, words)).count
    wanted = f" {' '.join(words)} "
    for place, other, size in others:
        subject = split(subject_of_block(view.segments[place], other) or "", True)[0]
        count += size if wanted in f" {' '.join(subject)} " else 0
    return count
