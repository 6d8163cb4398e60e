"""Where a text can be cut without taking a character apart: an accent from its letter, or a flag in two.

What readers see as one character may be several code points (Unicode Standard Annex 29, extended grapheme clusters).
The rules here are those for marks, joiners, Hangul letters and flags; they need no table but that of `unicodedata`.
"""

from __future__ import annotations

import unicodedata

__all__ = ["after_marks", "character_end", "character_start"]

_LONGEST = 64
"""The most code points of a character. Longer ones, such as a letter under a thousand accents, may be cut."""
_JOINER = "\u200d"
# The joiners, vowels of Thai and Lao that Unicode counts as letters, and voicing marks of half-width katakana.
_CONTINUING = frozenset("\u200c\u200d\u0e33\u0eb3\uff9e\uff9f")


def after_marks(text: str, place: int) -> int:
    """Return the first place from ``place`` on that is not a mark, such as an accent, on the character before it.

    >>> after_marks("cafe\u0301s", 4)
    5
    """
    while place < len(text) and _continues(text[place]):
        place += 1
    return place


def character_start(text: str, place: int, least: int = 0) -> int:
    """Return the last place of ``least`` to ``place`` that is between two characters; ``place`` if there is none.

    >>> character_start("cafe\u0301s", 4)
    3
    """
    for before in range(place, max(least - 1, place - _LONGEST), -1):
        if not _within(text, before):
            return before
    return place


def character_end(text: str, place: int) -> int:
    """Return the first place from ``place`` on that is between two characters."""
    for after in range(place, place + _LONGEST):
        if not _within(text, after):
            return after
    return place


def _within(text: str, place: int) -> bool:
    """Return whether a character goes on over ``place``."""
    if not 0 < place < len(text) or text[place] < "\u0300" or text[place - 1].isspace():
        return False
    before, after = text[place - 1], text[place]
    return (
        _continues(after)
        or (before == _JOINER and not after.isalnum())
        or ("\u1100" <= before <= "\u11ff" and "\u1100" <= after <= "\u11ff" and not before >= "\u11a8" > after)
        or ("\uac00" <= before <= "\ud7a3" and "\u1160" <= after <= "\u11ff")
        or (_is_half_a_flag(after) and _flags_before(text, place) % 2 == 1)
    )


def _continues(char: str) -> bool:
    """Return whether a code point belongs to the character before it, whatever that is."""
    return char >= "\u0300" and (
        unicodedata.category(char)[0] == "M"
        or char in _CONTINUING
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\U000e0020" <= char <= "\U000e007f"
    )


def _is_half_a_flag(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _flags_before(text: str, place: int) -> int:
    """Return how many halves of flags stand right before ``place``, of at most `_LONGEST`."""
    start = place
    while start > max(0, place - _LONGEST) and _is_half_a_flag(text[start - 1]):
        start -= 1
    return place - start
