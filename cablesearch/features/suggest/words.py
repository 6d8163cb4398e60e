"""Suggested words and phrases: those of the paragraphs that begin with a text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from cablesearch.engine.search import beginnings
from cablesearch.engine.search.view import View
from cablesearch.features.suggest.suggestion import Asked, Suggestion
from cablesearch.features.suggest.typed import Typed, spaced
from cablesearch.vocabulary.function_words import FUNCTION_WORDS

__all__ = ["phrases", "words"]

_FIELD = "exact"
"""The words of paragraphs as they are written, folded."""
_MOST_KEPT = 100
"""The most beginnings of phrases of which all last words are kept."""


def words(asked: Asked) -> Iterator[Suggestion]:
    """Yield the words that begin with a single word, those of most visible paragraphs first."""
    prefix = asked.typed.word
    if prefix:
        for word, count in asked.once("word", prefix, lambda: _words(asked.view, prefix, asked.limit)):
            yield Suggestion("word", word, word if word.isalnum() else f'"{word}"', count)


def _words(view: View, prefix: str, limit: int) -> list[tuple[str, int]]:
    return beginnings.most_common(view, _FIELD, prefix, limit, lambda word: word not in FUNCTION_WORDS)


def phrases(asked: Asked) -> Iterator[Suggestion]:
    """Yield the phrases that begin with several words, those of most visible paragraphs first."""
    typed = asked.typed
    if not typed.head or not typed.is_long_enough:
        return
    counts = _last_words(asked.view, typed, asked.kept.setdefault("phrases", {}))
    for last, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[: asked.limit]:
        phrase = (*typed.head, last)
        yield Suggestion("phrase", spaced(phrase), f'"{" ".join(phrase)}"', count)


def _last_words(view: View, typed: Typed, kept: dict[tuple[tuple[str, ...], str], Counter[str]]) -> Counter[str]:
    """Return the last words of phrases, and in how many visible paragraphs each phrase is.

    Those of a shorter beginning, which was typed before, are kept: it is enough to choose from them.
    """
    for length in range(len(typed.last), 0, -1):
        known = kept.get((typed.head, typed.last[:length]))
        if known is not None:
            return Counter({word: count for word, count in known.items() if word.startswith(typed.last)})
    counts: Counter[str] = Counter()
    for number, segment in enumerate(view.segments):
        terms, _ = beginnings.following(view, number, _FIELD, typed.head, typed.last, FUNCTION_WORDS)
        strings = segment.terms(_FIELD)
        for term, count in zip(*(part.tolist() for part in np.unique(terms, return_counts=True)), strict=True):
            counts[strings.text(term)] += count
    if len(kept) >= _MOST_KEPT:
        kept.clear()
    kept[typed.head, typed.last] = counts
    return counts
