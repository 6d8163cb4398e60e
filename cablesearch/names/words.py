"""What kind of word a capitalised word is, and what stands around it."""

from __future__ import annotations

import re

from cablesearch.names.lists import ACRONYM, GIVEN, HEAD, OTHER, PLACE, SURNAME, WORD, lists
from cablesearch.text.caching import LONGEST

__all__ = ["KINDS", "begins_sentence", "following", "is_initial", "possessive", "previous"]

_CONTRACTION = re.compile(r"['’ʼ](?:m|ll|re|ve|d|t)\Z|[0-9_]", re.IGNORECASE)
_ENDINGS = (
    *("ism", "ist", "ists", "isms", "ization", "isation", "ians", "ese", "tions", "ality"),
    *("ically", "ively", "ously", "ently", "antly", "ingly", "edly"),
)
"""The ends of words of the language and of adherents, which seldom end a name of a person."""
_ABBREVIATED = re.compile(r"[A-Z]{2,}s|(?!Ma?c|D[eiu]|L[aeo]|V[ao]n|Fitz|[AE]l|Ben|Abd|San|St)[A-Z][a-z]+[A-Z].*")
"""Abbreviations such as NGOs and PolMinCouns, which no name of a person is like."""
_APOSTROPHES = frozenset("'’ʼ")
_SHORTEST_WITH_ENDING = 7
_SHORT_ACRONYM = 3
"""The most letters of an acronym that counts in capitals only: DOE is the department, and Jane Doe is a person."""
_INITIAL = re.compile(r"(?:\w\.)+(?:-\w\.)?\Z|\w\Z")
_MOST_CACHED = 1 << 16
_LONGEST_AROUND = 18


class _Kinds(dict[str, int]):
    """Maps a word to its kinds as bits (see `lists`), 0 for a word that no list has, which may be a name.

    Computed when a word is first looked up, and forgotten when very many have been.
    """

    def __missing__(self, word: str) -> int:
        if len(self) >= _MOST_CACHED:
            self.clear()
        kind = _kind_of(word)
        if len(word) <= LONGEST:
            self[word] = kind
        return kind


KINDS = _Kinds()
"""The kinds of words."""


def _kind_of(word: str) -> int:
    kinds = lists().kinds
    lower = word.lower().replace("ʼ", "'").replace("’", "'")
    kind = kinds.get(lower)
    if kind is None:
        lower = lower.removesuffix("'s").rstrip(".'")
        kind = kinds.get(lower)
    if kind is not None:
        is_small = len(lower) <= _SHORT_ACRONYM and lower.upper() != word[: len(lower)]
        return kind & ~ACRONYM if is_small else kind
    if lower.endswith("-"):
        return OTHER  # The first part of a word that a line break divides.
    if "." in lower:
        return OTHER if kinds.get(lower.replace(".", ""), 0) & (OTHER | ACRONYM | PLACE) else 0
    if "-" in lower or "‑" in lower:
        return _kind_of_compound(lower.replace("‑", "-").split("-"))
    if (
        _ABBREVIATED.fullmatch(word)
        or _CONTRACTION.search(word)
        or (len(lower) >= _SHORTEST_WITH_ENDING and lower.endswith(_ENDINGS))
    ):
        return OTHER
    return 0


def _kind_of_compound(parts: list[str]) -> int:
    kinds = [lists().kinds.get(part, 0) for part in parts]
    union = 0
    for kind in kinds:
        union |= kind
    if union & (GIVEN | SURNAME) and not union & (OTHER | ACRONYM):
        return kinds[0] & GIVEN
    is_compound = union & (OTHER | PLACE | ACRONYM | HEAD) or any(
        kind & WORD and len(part) > 3 for kind, part in zip(kinds, parts, strict=True)
    )
    return OTHER if is_compound else 0


def is_initial(word: str, kind: int) -> bool:
    """Return whether a word is an initial, or several: J., E.P."""
    return (len(word) == 1 or "." in word) and bool(_INITIAL.match(word)) and not kind & (OTHER | PLACE | ACRONYM)


def possessive(word: str) -> int:
    """Return the length of the possessive ending of a word: 2 for Nixon's, 1 for Powers', 0 without one."""
    if word[-1:] in _APOSTROPHES:
        return 1
    return 2 if word[-2:-1] in _APOSTROPHES and word[-1] in "sS" else 0


def begins_sentence(text: str, start: int) -> bool:
    """Return whether what starts there is the first word of a sentence, or of a quotation."""
    before = text[max(0, start - 2) : start]
    return not before or before[-1] in '“"‘[—' or (before[0] in ".?!:;" and before[-1] == " ")


def previous(text: str, start: int) -> str:
    """Return the word before a place in a text; the character, if it is no blank."""
    before = text[max(0, start - _LONGEST_AROUND) : start]
    if before[-1:] != " ":
        return before
    return before[before.rfind(" ", 0, -1) + 1 : -1]


def following(text: str, end: int) -> str:
    """Return the word behind a place in a text, without the mark behind it; the character, if it is no blank."""
    after = text[end : end + _LONGEST_AROUND]
    if after[:1] != " ":
        return after[:1]
    stop = after.find(" ", 1)
    return after[1 : stop if stop > 0 else _LONGEST_AROUND].rstrip(",.;:")
