"""Suggested words and phrases: those of the paragraphs that begin with a text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

from cablesearch.features.suggest.suggestion import Asked, Suggestion
from cablesearch.features.suggest.typed import spaced
from cablesearch.vocabulary.function_words import FUNCTION_WORDS

__all__ = ["phrases", "words"]

_FIELD = "exact"
"""The words of paragraphs as they are written, folded."""
_MOST_KEPT = 200
"""The most phrases of which the next words are kept."""


def words(asked: Asked) -> Iterator[Suggestion]:
    """Yield the words that begin with a single word, which a blank ends, those of most visible paragraphs first."""
    prefix = asked.typed.word
    if prefix and not asked.typed.has_ended:
        completed = partial(asked.reader.completions, _FIELD, prefix, asked.limit, FUNCTION_WORDS)
        for word, count in asked.once("word", prefix, completed):
            yield Suggestion("word", word, word if word.isalnum() else f'"{word}"', count)


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
    kept = asked.kept.setdefault("phrases", {})
    for length in range(len(last), 0, -1):
        known = kept.get((head, last[:length]))
        if known is not None:
            return Counter({word: count for word, count in known[0].items() if word.startswith(last)}), known[1]
    found = asked.reader.followers(_FIELD, head, last, FUNCTION_WORDS)
    if len(kept) >= _MOST_KEPT:
        kept.clear()
    kept[head, last] = found
    return found
