"""Limits of a query and the filters beside it."""

from __future__ import annotations

import itertools

from cablesearch.errors import QueryError
from cablesearch.text.analysis import fold, split

__all__ = [
    "LEAST_BOOST",
    "MOST_BOOST",
    "MOST_BRACKETS",
    "MOST_DEPTH",
    "MOST_DISTANCE",
    "MOST_FUZZY_LETTERS",
    "MOST_PLACES",
    "MOST_VALUE_CHARACTERS",
    "Bounds",
]

MOST_BRACKETS = 50
MOST_DEPTH = 100
"""The depth of a query: a pair of brackets counts 1, and 1 more for each kind of operator that stands right inside.
Executing a query takes about five of Python's frames for each; a program may be 300 deep already."""
MOST_DISTANCE = 2
"""The most letters by which a fuzzy word may differ."""
MOST_PLACES = 99_999
"""The most places that near words may be apart."""
MOST_FUZZY_LETTERS = 60
"""The most letters of a fuzzy word; the engine compares words of up to 64."""
MOST_VALUE_CHARACTERS = 1_000
MOST_BOOST = 10_000
"""The most that a boost and those of the brackets around it may multiply to."""
LEAST_BOOST = 1 / MOST_BOOST
"""The least that they may multiply to, unless one is 0."""

_MOST_CHARACTERS = 20_000
_MOST_WORDS = 1_000
_MOST_PATTERNS = 50
_MOST_PHRASES = 2_000
"""About as many as 1,000 words can form in the four fields that are searched without a field, two by two."""


class Bounds:
    """Counts the parts of a query and of the options beside it, and rejects a query that exceeds the limits."""

    def __init__(self) -> None:
        self._characters = self._words = self._patterns = self._phrases = 0

    def add_text(self, text: str, start: int = 0, argument: str | None = None) -> None:
        """Count the characters of ``text`` from ``start``, once folded: a single sign may fold to many letters.
        ``argument`` is the filter that has the text; None: the query.

        Raises:
            QueryError: there are more than `_MOST_CHARACTERS`.
        """
        room = _MOST_CHARACTERS - self._characters
        part = text[start : start + room + 1]
        self._characters += len(part) if part.isascii() else len(fold(part))
        if self._characters > _MOST_CHARACTERS:
            ends = itertools.accumulate(max(1, len(fold(char))) for char in part)
            place = next((number for number, end in enumerate(ends) if end > room), len(part))
            reason = f"the query is longer than {_MOST_CHARACTERS:,} characters"
            raise QueryError(text, start + place, reason, "Shorten it.", argument)

    def add(self, text: str, start: int, value: str, *, pattern: bool = False, argument: str | None = None) -> None:
        """Count the words of a value (1 if there are none), and whether it is a pattern or a fuzzy word.

        Raises:
            QueryError: there are more than `_MOST_WORDS` words or `_MOST_PATTERNS` patterns; the error points at
                ``start`` of ``text``.
        """
        self._words += max(1, len(split(value, True)[0]))
        if self._words > _MOST_WORDS:
            raise QueryError(text, start, f"the query has more than {_MOST_WORDS:,} words", "Shorten it.", argument)
        self._patterns += pattern
        if self._patterns > _MOST_PATTERNS:
            reason = f"the query has more than {_MOST_PATTERNS} patterns and fuzzy words"
            raise QueryError(text, start, reason, "Use fewer: each scans all words of the archive.", argument)

    def add_phrases(self, text: str, start: int, count: int) -> None:
        """Count the phrases that a part of the query is executed as: one for each field and spelling.

        Raises:
            QueryError: there are more than `_MOST_PHRASES`; the error points at ``start`` of ``text``.
        """
        self._phrases += count
        if self._phrases > _MOST_PHRASES:
            reason = f"the phrases of the query have more than {_MOST_PHRASES:,} spellings, counted in each field"
            raise QueryError(text, start, reason, "Use fewer phrases with hyphenated words.")
