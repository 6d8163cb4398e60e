"""Words: how texts and queries are cut into them, folded and stemmed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache

from cablesearch.caching import cached_if_short

__all__ = ["fold", "indexing_stem", "prepare", "split", "stem", "words_with_places"]

_QUOTES = {ord(quote): "'" for quote in "‘’‛′ʼ`´"}
_DASHES = {ord(dash): "-" for dash in "‐‑"}
_DROPPED = {0x00AD: None, 0x200B: None, 0xFEFF: None}
_CP1252 = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}
_TRANSLATION = {**_QUOTES, **_DASHES, **_DROPPED, **_CP1252}
_PART = r"(?:[^\W\d_](?:\.[^\W\d_])+(?![^\W_])\.?|[^\W_]+)"
_WORD = re.compile(rf"{_PART}(?:['\-]{_PART})*")
_PIECE = re.compile(r"[^'\-]+")
_SHORT_ENDING = 3


def fold(text: str) -> str:
    """Text as it is compared: case, accents, curly quotes and hyphens folded, undecodable bytes read as cp1252."""
    text = text.lower().replace("`", "'")
    return text if text.isascii() else _FOREIGN.sub(lambda char: _FOLDED[char[0]], text)


# Signs of ASCII that stand in no word; a word is still cut by `split` alone.
_OUTSIDE = {code: " " for code in range(128) if not chr(code).isalnum() and chr(code) not in "'-."}
_PREPARED = "".join(map(chr, range(128))).lower().replace("`", "'").translate(_OUTSIDE).encode().ljust(256)
# The same for what is folded, in UTF-8: the bytes of other characters stay.
_BLANKED = "".join(map(chr, range(128))).translate(_OUTSIDE).encode() + bytes(range(128, 256))


def prepare(text: str) -> str:
    """Text that has the same words as ``text``, folded, with blanks for most of what stands between words."""
    if text.isascii():
        return text.encode().translate(_PREPARED).decode()
    return fold(text).encode("utf-8", "surrogatepass").translate(_BLANKED).decode("utf-8", "surrogatepass")


class _Folded(dict[str, str]):
    """A character that is not ASCII -> what it is compared as."""

    def __missing__(self, char: str) -> str:
        plain = unicodedata.normalize("NFKD", char.translate(_TRANSLATION)).translate(_TRANSLATION)
        folded = unicodedata.normalize("NFKD", plain.casefold())
        self[char] = "".join(one for one in folded if not unicodedata.combining(one))
        return self[char]


_FOLDED = _Folded()
_FOREIGN = re.compile(r"[^\x00-\x7f]")


def _pieces(word: str) -> list[tuple[str, int, int]]:
    """The parts of a word, each with its start and end: ``counter-tip`` -> counter, tip; ``don't`` -> dont;
    ``china's`` -> china; ``o'donohue`` -> o, donohue; ``u.s.`` -> us."""
    pieces: list[tuple[str, int, int]] = []
    for found in _PIECE.finditer(word):
        text, (start, end) = found[0].replace(".", ""), found.span()
        after_apostrophe = start > 0 and word[start - 1] == "'"
        if after_apostrophe and text == "s" and word[end : end + 1] != "'":
            pieces[-1] = (pieces[-1][0], pieces[-1][1], end)
        elif after_apostrophe and len(text) < _SHORT_ENDING:
            pieces[-1] = (pieces[-1][0] + text, pieces[-1][1], end)
        else:
            pieces.append((text, start, end))
    return pieces


def split(text: str, for_query: bool = False) -> tuple[list[str], list[int] | None]:
    """The words of a text and their positions (None when these just count up from 0).

    A word in several parts is its parts, and in an index also the whole, joined, at the position of its first part;
    a query has only the parts, so that ``co-operate`` in a query means the phrase *co operate*, and ``cooperate``
    finds *co-operate*.
    """
    found = _WORD.findall(fold(text))
    if all(map(str.isalnum, found)):
        return found, None
    words: list[str] = []
    places: list[int] = []
    place = 0
    for word in found:
        if word.isalnum():
            words.append(word)
            places.append(place)
            place += 1
            continue
        pieces = _pieces(word)
        for number, (piece, _, _) in enumerate(pieces):
            words.append(piece)
            places.append(place + number)
            if number == 0 and len(pieces) > 1 and not for_query:
                words.append("".join(piece for piece, _, _ in pieces))
                places.append(place)
        place += len(pieces)
    return words, places


def words_with_places(text: str) -> list[tuple[str, int, int, int]]:
    """The words of a text as an index has them: (word, position, start, end), start and end in code points.

    A joined word stands beside its first part, with the span of the whole.
    """
    foreign = {char: fold(char) for char in set(_FOREIGN.findall(text))}
    if all(len(folded) == 1 for folded in foreign.values()):
        whole, origin = _folded_evenly(text, foreign), None
    else:
        chars = [fold(char) for char in text]
        whole, origin = "".join(chars), [index for index, some in enumerate(chars) for _ in some]
    result: list[tuple[str, int, int, int]] = []
    place = 0
    for found in _WORD.finditer(whole):
        word, (first, last) = found[0], found.span()
        if word.isalnum():
            result.append((word, place, first, last))
            place += 1
            continue
        pieces = _pieces(word)
        for number, (piece, start, end) in enumerate(pieces):
            result.append((piece, place + number, first + start, first + end))
            if number == 0 and len(pieces) > 1:
                result.append(("".join(piece for piece, _, _ in pieces), place, first, last))
        place += len(pieces)
    if origin is None:
        return result
    return [(word, place, origin[start], origin[end - 1] + 1) for word, place, start, end in result]


def _folded_evenly(text: str, foreign: dict[str, str]) -> str:
    """A text folded whose characters all become one each, those that are not ASCII as given."""
    if not foreign:
        return fold(text)
    return text.translate({**_EVEN, **{ord(char): other for char, other in foreign.items()}})


_EVEN = {code: fold(chr(code)) for code in range(128)}


@cache
def _query_stemmer() -> Callable[[str], str]:
    from whoosh.lang.snowball.english import EnglishStemmer

    stem: Callable[[str], str] = EnglishStemmer().stem
    return stem


@cache
def _indexing_stemmer() -> Callable[[str], str]:
    # NLTK takes half a second to import; only indexing needs its stemmer's speed and upkeep.
    from nltk.stem.snowball import EnglishStemmer

    stem: Callable[[str], str] = EnglishStemmer().stem
    return stem


@cached_if_short(maxsize=1 << 16)
def stem(word: str) -> str:
    """The Snowball English stem of a folded word, as queries use it."""
    return _query_stemmer()(word)


@cached_if_short(maxsize=1 << 18)
def indexing_stem(word: str) -> str:
    """The same stem by NLTK's stemmer, for indexing: a segment asks once a distinct word."""
    return _indexing_stemmer()(word)
