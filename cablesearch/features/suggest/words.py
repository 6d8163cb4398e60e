"""Suggested words and phrases: those of the paragraphs that begin with a text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from cablesearch.engine.search import beginnings
from cablesearch.engine.search.view import View
from cablesearch.features.suggest.occurrences import occurrences, words_after
from cablesearch.features.suggest.suggestion import Asked, Suggestion
from cablesearch.features.suggest.typed import spaced
from cablesearch.vocabulary.function_words import FUNCTION_WORDS

__all__ = ["phrases", "words"]

_FIELD = "exact"
"""The words of paragraphs as they are written, folded."""
_MOST_KEPT = 200
"""The most phrases of which places and next words are kept."""


def words(asked: Asked) -> Iterator[Suggestion]:
    """Yield the words that begin with a single word, which a blank ends, those of most visible paragraphs first."""
    prefix = asked.typed.word
    if prefix and not asked.typed.has_ended:
        for word, count in asked.once("word", prefix, lambda: _words(asked.view, prefix, asked.limit)):
            yield Suggestion("word", word, word if word.isalnum() else f'"{word}"', count)


def _words(view: View, prefix: str, limit: int) -> list[tuple[str, int]]:
    return beginnings.most_common(view, _FIELD, prefix, limit, lambda word: word not in FUNCTION_WORDS)


def phrases(asked: Asked) -> Iterator[Suggestion]:
    """Yield the phrases that begin with several words, or with one and a blank, those of most visible paragraphs
    first."""
    typed = asked.typed
    head, last = (typed.words, "") if typed.has_ended else (typed.head, typed.last)
    if not head or head[0] in FUNCTION_WORDS or not (typed.has_ended or typed.is_long_enough):
        return
    counts, share = _last_words(asked, head, last)
    for word, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[: asked.limit]:
        phrase = (*head, word)
        query = f'"{" ".join(phrase)}"'
        yield Suggestion("phrase", spaced(phrase), query, round(count / share), is_estimate=share < 1)


def _last_words(asked: Asked, head: tuple[str, ...], last: str) -> tuple[Counter[str], float]:
    """Return the words that begin with ``last`` after a phrase, in how many visible paragraphs each does, and the share
    of the paragraphs that were counted.

    Those of a shorter beginning, which was typed before, are kept: it is enough to choose from them.
    """
    view, kept = asked.view, asked.kept.setdefault("phrases", {})
    for length in range(len(last), 0, -1):
        known = kept.get((head, last[:length]))
        if known is not None:
            return Counter({word: count for word, count in known[0].items() if word.startswith(last)}), known[1]
    found = kept.get(head)
    if len(kept) >= _MOST_KEPT:
        kept.clear()
    if found is None:
        found = kept[head] = occurrences(view, _FIELD, head, asked.kept)
    # All words begin with nothing: those alone are counted that are read behind the phrase.
    begun = last or words_after(view, head, found.ends, asked.kept) - FUNCTION_WORDS
    counts: Counter[str] = Counter()
    for number, segment in enumerate(view.segments):
        terms, _ = beginnings.next_terms(view, number, _FIELD, found.ends[number], begun, FUNCTION_WORDS)
        strings = segment.terms(_FIELD)
        for term, count in zip(*(part.tolist() for part in np.unique(terms, return_counts=True)), strict=True):
            counts[strings.text(term)] += count
    kept[head, last] = counts, found.share
    return counts, found.share
