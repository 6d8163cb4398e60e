"""Folding: the form of letters in which words are compared."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["fold", "is_kept_mark", "without_unseen"]

_QUOTES = {ord(quote): "'" for quote in "‘’‛′ʼ`´"}
_DASHES = {ord(dash): "-" for dash in "‐‑‒–−"}
_CP1252 = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}
_TRANSLATION = {**_QUOTES, **_DASHES, **_CP1252}
_JOINERS = "\u034f\u0640"
"""The combining grapheme joiner and the tatweel, which lengthens Arabic letters; neither is a format character."""
_VARIATION_SELECTORS = re.compile(r"[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_WITH_A_MARK = re.compile(r"LATIN (?:SMALL|CAPITAL) (?:LETTER|LIGATURE) ([A-Z]{1,2})(?: WITH .*)?")
_LATIN = {"ı": "i", "ȷ": "j", "ð": "d", "þ": "th", "ŋ": "n", "ĸ": "q", "ə": "a", "ɛ": "e", "ɔ": "o", "ƿ": "w"}
"""Latin letters whose names do not give the plain letters that stand for them; as in Lucene's ASCIIFoldingFilter."""
_KEPT_MARKS = ((0x0900, 0x109F), (0x1780, 0x17FF), (0x3099, 0x309A))
"""The blocks, from the Indic scripts to Myanmar, Khmer and kana, whose marks are vowels or make other letters."""


def fold(text: str) -> str:
    """Return text in the form in which words are compared.

    Case, accents, strokes, ligatures, curly quotes and hyphens are folded; characters that are not seen, such as soft
    hyphens and zero-width joiners, are dropped; undecodable bytes are read as cp1252.

    >>> fold("Évian’s Łódź")
    "evian's lodz"
    """
    text = text.lower().replace("`", "'")
    return text if text.isascii() else _FOREIGN.sub(lambda char: _FOLDED[char[0]], text)


def without_unseen(text: str) -> str:
    """Return text without characters that are not seen, but for soft hyphens, which show at the ends of lines.

    >>> without_unseen("\ufefftag:PH\u200bUM")
    'tag:PHUM'
    """
    if text.isascii():
        return text
    return _FOREIGN.sub(
        lambda char: "" if unicodedata.category(char[0]) == "Cf" and char[0] != "\xad" else char[0], text
    )


def is_kept_mark(char: str) -> bool:
    """Return whether a character is a mark that stays with its letter: a vowel sign of Hindi or Thai, for example."""
    return unicodedata.category(char)[0] == "M" and any(first <= ord(char) <= last for first, last in _KEPT_MARKS)


class _Folded(dict[str, str]):
    """Maps a character that is not ASCII to its folded form, computed when it is first looked up."""

    def __missing__(self, char: str) -> str:
        plain = unicodedata.normalize("NFKD", char.translate(_TRANSLATION)).translate(_TRANSLATION)
        folded = unicodedata.normalize("NFKD", plain.casefold())
        self[char] = "".join(_plain_letter(part) for part in folded if not _is_dropped(part))
        return self[char]


_FOLDED = _Folded()
_FOREIGN = re.compile(r"[^\x00-\x7f]")


def _is_dropped(char: str) -> bool:
    """Return whether a character does not matter: an accent, or a character that is not seen."""
    if char in _JOINERS or unicodedata.category(char) == "Cf" or _VARIATION_SELECTORS.match(char):
        return True
    return bool(unicodedata.combining(char)) and not is_kept_mark(char)


def _plain_letter(char: str) -> str:
    """Return the plain letters for a Latin letter with a stroke, hook or tail, or a ligature: o for ø, ae for æ."""
    if char.isascii():
        return char
    if char in _LATIN:
        return _LATIN[char]
    name = _WITH_A_MARK.fullmatch(unicodedata.name(char, ""))
    return name[1].lower() if name else char
