"""Look-alikes: characters that look like plain ones, or like nothing, are read as what they look like.

One character becomes one, so places in a text do not change. The look of a character follows from Unicode: its
category, its name and its compatibility decomposition. Only letters of other scripts are listed here.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from cablesearch.text.caching import compiled_lazily

__all__ = ["DASHES", "legible", "odd_characters"]

DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212-"
_LIKE_LATIN = {
    "CSTOEPHABI": "\u0421\u0405\u0422\u041e\u0415\u0420\u041d\u0410\u0412\u0406",  # Cyrillic
    "KMXcsoepaxi": "\u041a\u041c\u0425\u0441\u0455\u043e\u0435\u0440\u0430\u0445\u0456",
    "TOEPNCH": "\u03a4\u039f\u0395\u03a1\u039d\u03f9\u0397",  # Greek
    "ABIKMXZ": "\u0391\u0392\u0399\u039a\u039c\u03a7\u0396",
    "SUOL": "\u054f\u054d\u0555\u053c",  # Armenian
    "SCTERBPLA": "\u13da\u13df\u13a2\u13ac\u13a1\u13f4\u13e2\u13de\u13aa",  # Cherokee
    "HWMKZVJGD": "\u13bb\u13d4\u13b7\u13e6\u13c3\u13d9\u13ab\u13c0\u13a0",
    "BPDTGKJCZFMN": "\ua4d0\ua4d1\ua4d3\ua4d4\ua4d6\ua4d7\ua4d9\ua4da\ua4dc\ua4dd\ua4df\ua4e0",  # Lisu
    "LSRVHWXYAEIOU": "\ua4e1\ua4e2\ua4e3\ua4e6\ua4e7\ua4ea\ua4eb\ua4ec\ua4ee\ua4f0\ua4f2\ua4f3\ua4f4",
    "CTOPE": "\u2ca4\u2ca6\u2c9e\u2ca2\u2c88",  # Coptic
    "CcS": "\U00010415\U0001043d\u10bd",  # Deseret, Georgian, Old Italic, Lycian
    "SCSS": "\U00010420\U00010302\U00010314\U00010296",
}
_LIKE = {
    **{
        ord(sign): letter for letters, signs in _LIKE_LATIN.items() for letter, sign in zip(letters, signs, strict=True)
    },
    **dict.fromkeys(map(ord, "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), "\n"),
    **dict.fromkeys(map(ord, "\u2044\u2215\u2216\u2571\u2572\u27cb\u29f8\u29f9"), "/"),
    **dict.fromkeys([0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0], " "),
    0x2039: "(",
    0x203A: ")",
    0xFD3E: "(",
    0xFD3F: ")",
    0x2C60: "L",
    # Quotes and line breaks stay as they are, whatever their category.
    **{code: chr(code) for code in map(ord, "\t\n\r\xab\xbb\u201a\u201e\u301d\u301e\u301f" + DASHES)},
}
_PLAIN = bytes([10, *range(32, 127)])
_STRETCH = 1 << 16
_UNUSUAL = compiled_lazily(
    "[^\t\x80-\x84\x86-\xac\xae-\u017e\u0180-\u024f\u2010-\u2027\u2030-\u2038\u203b-\u2043\u20ac\u2122]"
)
"""Characters that may need replacing: all but the plain ones and the odd ones that are common in cables."""
_LETTER_OF_NAME = compiled_lazily(
    r"(?:REGIONAL INDICATOR|LATIN|(?:NEGATIVE )?(?:CIRCLED|SQUARED) LATIN|PARENTHESIZED LATIN)"
    r" (?:SYMBOL LETTER|LETTER SMALL CAPITAL|CAPITAL LETTER|SMALL LETTER) ([A-Z])(?: WITH .*)?"
)
_INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Me", "Mn"})
_BY_CATEGORY = {"Ps": "(", "Pe": ")", "Pd": "-", "Zs": " "}
_ENCIRCLED = "\u249c-\u24e9\U0001f110-\U0001f149\U0001f150-\U0001f189"
_IN_A_CIRCLE = compiled_lazily(f"[ \t]?[{_ENCIRCLED}][ \t]?")
"""A letter in a circle, a square or brackets, with the blanks around it that can become brackets."""


def odd_characters(text: str) -> str:
    """Return the characters of a text that are neither printable ASCII nor line feeds; each once for a long text."""
    characters = text if len(text) <= _STRETCH else "".join(_characters(text))
    # Much faster than a regular expression.
    odd = characters.encode("utf-8", "surrogatepass").translate(None, _PLAIN)
    return odd.decode("utf-8", "surrogatepass") if odd else ""


def legible(text: str, odd: str | None = None) -> str:
    """Return text as a person reads it, with every character in its place.

    Look-alikes, odd brackets and line ends become plain ones; invisible characters become blanks.

    >>> legible("ⓢ ﹙S﹚")
    's (S)'

    Args:
        text: the text.
        odd: its `odd_characters`, if they are known.
    """
    if odd is None:
        odd = odd_characters(text)
    if not odd or not _UNUSUAL().search(odd):
        return text
    table = {code: like for code in map(ord, set(odd)) if (like := _look(code)) != chr(code)}
    if not table and "\r" not in odd:
        return text
    read = _IN_A_CIRCLE().sub(_bracketed, text) if any(map(_is_in_a_circle, table)) else text
    return read.translate(table).replace("\r\n", " \n").replace("\r", "\n")


def _characters(text: str) -> set[str]:
    """Return the distinct characters of a long text, in little memory."""
    return set().union(*(text[start : start + _STRETCH] for start in range(0, len(text), _STRETCH)))


def _is_in_a_circle(code: int) -> bool:
    return 0x249C <= code <= 0x24E9 or 0x1F110 <= code <= 0x1F189 or 0x20DD <= code <= 0x20E0


def _bracketed(match: re.Match[str]) -> str:
    """Return a letter in a circle as a letter in brackets, as far as there are blanks to replace."""
    letter = match[match.lastindex or 0]
    before, after = match[0].split(letter)
    return ("(" if before else "") + letter + (")" if after else "")


@lru_cache(4096)
def _look(code: int) -> str:
    """Return the character that a character looks like; most look like themselves."""
    if (like := _LIKE.get(code)) is not None:
        return like
    char = chr(code)
    if char.isascii() and char.isprintable():
        return char
    category = unicodedata.category(char)
    if category in _INVISIBLE:
        return " "
    plain = unicodedata.normalize("NFKD", char)
    if len(plain) == 1 and plain.isascii():
        return plain
    return _BY_CATEGORY.get(category) or _letter(char, is_small=category == "Ll")


def _letter(char: str, *, is_small: bool) -> str:
    """Return the Latin letter that a letter looks like, without frame or accent; else the letter itself."""
    if match := _LETTER_OF_NAME().fullmatch(unicodedata.name(char, "")):
        return match[1].lower() if is_small and "SMALL CAPITAL" not in match[0] else match[1]
    capital = char.upper()
    return _LIKE.get(ord(capital), char) if len(capital) == 1 else char
