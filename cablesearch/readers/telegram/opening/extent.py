"""How far the opening of a telegram reaches: up to its first numbered paragraph.

The body of a whole cable is laid out first (`cablesearch.readers.telegram.body.layout`), and its opening cut off there.
What is here serves the readers of the opening for any text that they are given.
"""

from __future__ import annotations

import re
from functools import lru_cache

from cablesearch.readers.telegram.opening.reference_entries import referenced_posts

__all__ = ["LONGEST_OPENING", "WITHOUT_NUMBERS", "first_paragraph", "is_reference", "opening_end"]

LONGEST_OPENING = 40_000
"""Characters in which an opening is looked for, so that hostile text costs no more. Captions, E.O. line, TAGS, SUBJECT
and references fit in them, even where a copy of the header stands before."""
WITHOUT_NUMBERS = 1_200
"""Characters of the opening of a text that has no numbered paragraph."""
_ONE = re.compile(r"1(?=[^\S\n]?[.)]|[^\S\n]{0,3}\([A-Z])")
_BEFORE = re.compile(r"[^\S\n]{0,20}¶?1?")
_OPENS_LINE = re.compile(
    r"1(?:[^\S\n]?[.)][ \t]{0,6}(?![ \t\d\n\r]|(?:\([A-Z]{1,4}\)[ ]{0,4})?CLASSIFIED)|[^\S\n]{0,3}\([A-Z])",
    re.IGNORECASE,
)
_WITHIN_LINE = re.compile(
    r"1\.[ \t]{0,4}\((?:[UCS]|TS|SBU|LOU|FOUO)\b[^()\n]{0,40}\)(?![ ]{0,4}CLASSIFIED)", re.IGNORECASE
)
_LIKE_ENTRY = re.compile(
    r"\s{0,4}(?:'?[0-9]{2}(?:[0-9]{2})?\s{1,4})?([A-Z][A-Z .']{1,25}?) ?#?[0-9]{2,8}[^\S\n]*(?:[\n;,(0-9]|AND\b|\Z)"
)
_LONGEST_ENTRY = 60
_LONGEST_INDENT = 24


def opening_end(text: str) -> int:
    """Return where the opening of a text ends: at the first paragraph; without one, soon after the TAGS."""
    paragraph = first_paragraph(text)
    if paragraph is not None:
        return paragraph
    return max(text.find("TAGS", 0, LONGEST_OPENING), 0) + WITHOUT_NUMBERS


@lru_cache(maxsize=1)
def first_paragraph(text: str) -> int | None:
    """Return where the first numbered paragraph of a text starts, its indent included; None without one.

    A paragraph that begins with who classified the cable belongs to the opening, and so does the first entry of a list
    of references that counts with digits. Remembered for one text, which all readers of an opening are given.
    """
    for number in _ONE.finditer(text, 0, LONGEST_OPENING):
        start = number.start()
        line = text.rfind("\n", max(0, start - _LONGEST_INDENT), start) + 1
        if (line or start <= _LONGEST_INDENT) and _BEFORE.fullmatch(text, line, start):
            if _OPENS_LINE.match(text, start) and not is_reference(text, number.end()):
                return line
        elif text[start - 1] in " \t¶" and _WITHIN_LINE.match(text, start):
            return start
    return None


def is_reference(text: str, start: int) -> bool:
    """Return whether an entry of a list of references stands behind a number that ends at ``start``."""
    entry = _LIKE_ENTRY.match(text[start : start + _LONGEST_ENTRY].lstrip(".)").upper())
    return entry is not None and entry[1].replace(" ", "") in referenced_posts()
