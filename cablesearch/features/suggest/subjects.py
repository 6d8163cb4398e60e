"""Suggested subjects of cables."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from cablesearch.features.suggest.suggestion import Asked, Suggestion
from cablesearch.text.analysis import split
from cablesearch.vocabulary.function_words import FUNCTION_WORDS

__all__ = ["subjects"]

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
    most = asked.limit * _READ_FOR_EACH
    latest = partial(asked.reader.subjects, typed.head, typed.last, most, FUNCTION_WORDS)
    for cable, text in asked.once("subject", " ".join(typed.words), latest):
        subject = " ".join(text.split())
        words = split(subject, True)[0]
        key = " ".join(words)
        if key in shown or not words:
            continue
        shown.add(key)
        count = asked.once("count", key, partial(asked.reader.count_subject, words, cable))
        yield Suggestion("subject", subject, f'subject:"{" ".join(words[:_LONGEST])}"', count)
