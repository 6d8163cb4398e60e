"""What a person has typed so far, in words."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from cablesearch.text.analysis import is_unspaced, joined, split
from cablesearch.vocabulary.function_words import FUNCTION_WORDS

__all__ = ["Typed", "spaced"]

_MOST_WORDS = 20
"""The most words for which anything is suggested."""
_MOST_LETTERS = 500
_SHORTEST_END = 2
"""The fewest letters of a last word that is completed to a phrase: a single letter begins a twentieth of all words."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The text so far.

    Attributes:
        head: the words before the last one, folded, without function words at the beginning.
        last: the last word, which may be incomplete.
        word: the text as the beginning of a single word: ``alqa`` for *al-qa*; None if it has several.
        has_ended: whether a blank ends the last word, so that another one follows.
    """

    head: tuple[str, ...]
    last: str
    word: str | None
    has_ended: bool

    @classmethod
    def of(cls, text: str) -> Typed | None:
        """Return the words of a text; None if it has none, or far too many."""
        if len(text) > _MOST_LETTERS:
            return None
        has_ended = text[-1:].isspace()
        text = text.translate({ord("*"): " ", ord("?"): " "})
        words = split(text, True)[0]
        if not words or len(words) > _MOST_WORDS:
            return None
        *head, last = words
        while head and head[0] in FUNCTION_WORDS:
            # What follows *of the* would take long to find, and is of no use.
            del head[0]
        word = joined(text) if len(words) > 1 and joined(text) else last if not head else None
        return cls(tuple(head), last, word, has_ended)

    @property
    def is_long_enough(self) -> bool:
        """Return whether the last word has enough letters to look for phrases."""
        return len(self.last) >= _SHORTEST_END or is_unspaced(self.last)

    @property
    def words(self) -> tuple[str, ...]:
        """Return all words."""
        return (*self.head, self.last)


def spaced(words: tuple[str, ...]) -> str:
    """Return words as one writes them: with blanks between them, but for scripts without blanks."""
    text = words[0]
    for before, word in itertools.pairwise(words):
        text += word if is_unspaced(before) and is_unspaced(word) else f" {word}"
    return text
