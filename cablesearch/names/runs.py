"""Runs of capitalised words in a text."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["IN_CAPITALS", "RUN", "is_in_capitals", "with_particle"]

_LETTERS = [*range(0xC0, 0x250), *range(0x370, 0x530), *range(0x1E00, 0x1F00)]
_UPPER = "A-Z" + "".join(letter for letter in map(chr, _LETTERS) if unicodedata.category(letter) == "Lu")
_ABBREVIATIONS = (
    "Mr|Ms|Dr|Lt|St|Jr|Sr|Mrs|Gen|Col|Maj|Cdr|Adm|Amb|Sen|Rep|Gov|Rev|Sgt|Sec|Hon|Brig|Capt|Cmdr|Cong|Prof|Pres|Asst"
    "|Messrs"
)
_BY_LENGTH = [[word for word in _ABBREVIATIONS.split("|") if len(word) == length] for length in (2, 3, 4, 6)]
_ABBREVIATED = "|".join(rf"(?<=\b(?:{'|'.join(words)})\.)" for words in _BY_LENGTH if words)
# It begins with one set, so that the search for the next capital is fast.
_WORD = rf"[{_UPPER}](?:\.(?:[{_UPPER}]\.)*(?:-[{_UPPER}]\.)?|\w*(?:['’ʼ\-‑]\w+)*(?:\.(?:{_ABBREVIATED}))?)"
_APART = (
    "de la|de las|de los|van der|van den|von der|de|del|della|da|das|dos|di|du|van|von|zu|ter|ten|bin|ibn|ben|bint|ould"
)
_ATTACHED = "al|el|ul|ud|ad|an|ar|as|ash|at|az|d|l"
_PARTICLES = rf"(?:(?:{_APART}|al|el|ul|ud|y) |(?:{_ATTACHED})[-'’‑])"
RUN = re.compile(rf"{_WORD}(?: {_PARTICLES}{{0,2}}{_WORD})*(?:,? (?:Jr|Sr)\b\.?)?")
"""A run of capitalised words in mixed text, with the particles between them."""
_BEFORE = re.compile(rf"(?<![\w'’-])(?:(?:{_APART}|al|el) |(?:{_ATTACHED})[-'’‑]){{1,2}}\Z")
_LONGEST_BEFORE = 12
_TITLES_IN_CAPITALS = "|".join(word.upper() for word in _ABBREVIATIONS.split("|") if word not in ("Jr", "Sr"))
_CAPITAL = rf"(?:(?:[{_UPPER}]\.)+|(?:{_TITLES_IN_CAPITALS})\.(?= )|[{_UPPER}][\w'’-]*)"
IN_CAPITALS = re.compile(rf"{_CAPITAL}(?: {_CAPITAL})*")
"""The words of a text in capitals up to the next mark or number."""
_SMALL = re.compile(r"[a-z]{2,}")
_MIXED = re.compile(r"(?:[^a-z]*(?:[a-z][^a-z]+)*[a-z]{2,}(?![a-z])){11}")
"""More small words than the beginning of a text in capitals may have, whose 200 characters have at most 100 words."""
_BEGINNING = 200
_CAPITALS_FOR_EACH_SMALL = 20


def with_particle(text: str, start: int) -> int:
    """Return where a name starts, given where its first capital is: at *de* in *de Gaulle*."""
    if start and text[start - 1] in " -'’‑":
        match = _BEFORE.search(text, max(0, start - _LONGEST_BEFORE), start)
        if match:
            return match.start()
    return start


def is_in_capitals(text: str) -> bool:
    """Return whether a text is in capitals throughout, but for a word in twenty."""
    if text.isupper():
        return True
    if _MIXED.match(text, 0, _BEGINNING):
        return False
    return all(
        len(_SMALL.findall(text, 0, end)) * _CAPITALS_FOR_EACH_SMALL <= text.count(" ", 0, end) + 1
        for end in (_BEGINNING, len(text))
    )
