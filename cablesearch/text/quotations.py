"""Quotations: whether a text says word for word what somebody quotes from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cablesearch.text.analysis import split

__all__ = ["Found", "find_quotation"]

_OMISSION = re.compile(r"\s*(?:\[\s*(?:\u2026|\.\s?\.\s?\.)\s*\]|\u2026|\.\s?\.\s?\.)\s*")
"""How quotations show that they leave something out: ``...``, ``. . .``, ``\u2026``, also in square brackets."""
_OUTER_QUOTES = {'"': '"', "'": "'", "\u201c": "\u201d", "\u2018": "\u2019", "\u00ab": "\u00bb"}


class Found(NamedTuple):
    """A quotation that a text has.

    Attributes:
        is_exact: whether it stands there word for word: in the same characters, but for white space and for what the
            quotation leaves out. Otherwise only its words do, in their order, with other capitals, accents, quotes,
            hyphens or punctuation.
        start, end: where an exact one stands, in code points; 0 and 0 for another one.
    """

    is_exact: bool
    start: int = 0
    end: int = 0


def find_quotation(text: str, quotation: str) -> Found | None:
    """Return where a text has a quotation; None if it does not, or if the quotation has no word.

    Quotes around the whole quotation do not belong to it. An ellipsis stands for any words left out; if the text itself
    has the ellipsis, it stands for itself.

    >>> find_quotation("China voted  to ratify the Protocol.", "voted to \u2026 the Protocol")
    Found(is_exact=True, start=6, end=36)
    >>> find_quotation("China voted to ratify", "CHINA VOTED")
    Found(is_exact=False, start=0, end=0)
    """
    wordings = list(dict.fromkeys(_wordings(quotation)))
    if not any(map(_is_of_word, quotation)):
        return None
    for pieces in wordings:
        if span := _span(text, pieces):
            return Found(True, *span)
    words = _words(text)
    return Found(False) if any(_has_words(words, pieces) for pieces in wordings) else None


def _wordings(quotation: str) -> Iterator[tuple[str, ...]]:
    """Yield the ways to read a quotation, each as the pieces that have to follow each other."""
    plain = " ".join(quotation.split())
    readings = [plain]
    if len(plain) > 1 and _OUTER_QUOTES.get(plain[0]) == plain[-1]:
        readings.append(plain[1:-1].strip())
    for reading in readings:
        if reading:
            yield (reading,)
        pieces = tuple(piece for piece in _OMISSION.split(reading) if piece)
        if pieces:
            yield pieces


def _span(text: str, pieces: tuple[str, ...]) -> tuple[int, int] | None:
    """Return where a text has pieces one after the other, from the start of the first to the end of the last."""
    start, at = -1, 0
    for piece in pieces:
        match = _piece(piece).search(text, at)
        if match is None:
            return None
        start, at = match.start() if start < 0 else start, match.end()
    return start, at


def _piece(piece: str) -> re.Pattern[str]:
    """Return the pattern of whole words with any white space between them."""
    before = r"(?<!\w)" if _is_of_word(piece[0]) else ""
    after = r"(?!\w)" if _is_of_word(piece[-1]) else ""
    return re.compile(before + r"\s+".join(map(re.escape, piece.split())) + after)


def _is_of_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _words(text: str) -> str:
    """Return the words of a text as they are compared, each with a blank before and after it."""
    return f" {' '.join(split(text, for_query=True)[0])} "


def _has_words(words: str, pieces: tuple[str, ...]) -> bool:
    """Return whether the words of pieces follow each other among words; pieces without words do not count."""
    at, has_any = 0, False
    for piece in pieces:
        wanted = _words(piece)
        if not wanted.strip():
            continue
        place = words.find(wanted, at)
        if place < 0:
            return False
        # The blank behind a word is the one before the next.
        at, has_any = place + len(wanted) - 1, True
    return has_any
