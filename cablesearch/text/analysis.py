"""Analysis: split texts and queries into words, fold them and stem them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache

from cablesearch.text.caching import cached_if_short

__all__ = ["LONGEST_WORD", "fold", "indexing_stem", "prepare", "split", "stem", "words_with_places"]

_QUOTES = {ord(quote): "'" for quote in "‘’‛′ʼ`´"}
_DASHES = {ord(dash): "-" for dash in "‐‑"}
_DROPPED = {0x00AD: None, 0x200B: None, 0xFEFF: None}
_CP1252 = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}
_TRANSLATION = {**_QUOTES, **_DASHES, **_DROPPED, **_CP1252}
_PART = r"(?:[^\W\d_](?:\.[^\W\d_])+(?![^\W_])\.?|[^\W_]+)"
_MOST_PARTS = 10_000
"""The most parts of a hyphenated word; after them another word begins, because matching keeps a state for each part."""
_WORD = re.compile(rf"{_PART}(?:['\-]{_PART}){{0,{_MOST_PARTS - 1}}}")
_PIECE = re.compile(r"[^'\-]+")
_SHORT_ENDING = 3

LONGEST_WORD = 255
"""The most letters of a word. Longer ones are cut into pieces of this length, as in Lucene's StandardTokenizer."""
_CUT = re.compile(rf"(?:[.']*[^.']){{1,{LONGEST_WORD}}}")


def fold(text: str) -> str:
    """Return text in the form in which words are compared.

    Case, accents, curly quotes and hyphens are folded; undecodable bytes are read as cp1252.

    >>> fold("Évian’s")
    "evian's"
    """
    text = text.lower().replace("`", "'")
    return text if text.isascii() else _FOREIGN.sub(lambda char: _FOLDED[char[0]], text)


# ASCII characters that are never part of a word become blanks. Only `split` decides where words end.
_OUTSIDE = {code: " " for code in range(128) if not chr(code).isalnum() and chr(code) not in "'-."}
_PREPARED = "".join(map(chr, range(128))).lower().replace("`", "'").translate(_OUTSIDE).encode().ljust(256)
# The same for folded text in UTF-8; the bytes of other characters stay.
_BLANKED = "".join(map(chr, range(128))).translate(_OUTSIDE).encode() + bytes(range(128, 256))


def prepare(text: str) -> str:
    """Return folded text with the same words as ``text``, and blanks for most characters between words."""
    if text.isascii():
        return text.encode().translate(_PREPARED).decode()
    return fold(text).encode("utf-8", "surrogatepass").translate(_BLANKED).decode("utf-8", "surrogatepass")


class _Folded(dict[str, str]):
    """Maps a character that is not ASCII to its folded form, computed when it is first looked up."""

    def __missing__(self, char: str) -> str:
        plain = unicodedata.normalize("NFKD", char.translate(_TRANSLATION)).translate(_TRANSLATION)
        folded = unicodedata.normalize("NFKD", plain.casefold())
        self[char] = "".join(part for part in folded if not unicodedata.combining(part))
        return self[char]


_FOLDED = _Folded()
_FOREIGN = re.compile(r"[^\x00-\x7f]")


def _pieces(word: str) -> Iterator[tuple[str, int, int]]:
    """Yield the parts of a word as (part, start, end).

    ``counter-tip`` has the parts counter and tip, ``don't`` dont, ``china's`` china, ``o'donohue`` o and donohue,
    ``u.s.`` us, and a word of 300 letters its first 255 and the other 45.
    """
    start = stop = end = 0
    if "'" not in word and "." not in word:
        for part in word.split("-"):
            end = start + len(part)
            for first in range(start, end, LONGEST_WORD):
                last = min(end, first + LONGEST_WORD)
                yield word[first:last], first, last
            start = end + 1
        return
    for match in _PIECE.finditer(word):
        first, last = match.span()
        letters = match[0].replace(".", "") if last - first < 2 * _SHORT_ENDING else match[0]
        after_apostrophe = first > 0 and word[first - 1] == "'"
        if after_apostrophe and letters == "s" and word[last : last + 1] != "'":
            end = last
        elif after_apostrophe and len(letters) < _SHORT_ENDING:
            stop = end = last
        else:
            yield from _cut(word, start, stop, end)
            start, stop, end = first, last, last
    yield from _cut(word, start, stop, end)


def _cut(word: str, start: int, stop: int, end: int) -> Iterator[tuple[str, int, int]]:
    """Yield ``word[start:stop]`` in pieces of at most `LONGEST_WORD` letters; the last one extends to ``end``."""
    if stop - start <= LONGEST_WORD:
        if letters := word[start:stop].replace(".", "").replace("'", ""):
            yield letters, start, end
        return
    for match in _CUT.finditer(word, start, stop):
        first, last = match.span()
        letters = match[0].replace(".", "").replace("'", "")
        yield letters, first, end if _CUT.match(word, last, stop) is None else last


def _with_joined(word: str) -> Iterator[tuple[str, str | None, int, int]]:
    """Yield (piece, joined, start, end) for the pieces of a word.

    ``joined`` is a part of the word without its hyphens: with the first piece the first 255 letters, with the second
    the next, and so on. It is None if no letters are left, or if it equals the piece. ``co-operate`` yields co with
    cooperate, then operate with None.
    """
    pieces = list(_pieces(word))
    whole = "".join([piece for piece, _, _ in pieces])
    for number, (piece, start, end) in enumerate(pieces):
        joined = whole[number * LONGEST_WORD : (number + 1) * LONGEST_WORD]
        yield piece, joined if joined and joined != piece else None, start, end


def split(text: str, for_query: bool = False) -> tuple[list[str], list[int] | None]:
    """Return the words of a text and their positions; None for positions that count up from 0.

    A word with hyphens becomes its parts. In an index, the joined word is added at the position of the first part. A
    query has only the parts: ``co-operate`` in a query is the phrase "co operate", and ``cooperate`` matches
    *co-operate*. A word of more than `LONGEST_WORD` letters becomes several consecutive words.

    >>> split("Co-operate now")
    (['co', 'cooperate', 'operate', 'now'], [0, 0, 1, 2])
    >>> split("Co-operate now", for_query=True)
    (['co', 'operate', 'now'], [0, 1, 2])
    """
    if len(text) <= LONGEST_WORD and text.isascii() and text.isalnum():
        # The usual case in an index: `prepare` leaves little else.
        return [text.lower()], None
    whole = fold(text)
    matches = _WORD.findall(whole)
    longest = max(map(len, matches), default=0) if len(whole) > LONGEST_WORD else 0
    if longest <= LONGEST_WORD and all(map(str.isalnum, matches)):
        return matches, None
    words: list[str] = []
    places: list[int] = []
    place = 0
    for word in matches:
        if word.isalnum() and len(word) <= LONGEST_WORD:
            words.append(word)
            places.append(place)
            place += 1
            continue
        for piece, joined, _, _ in _with_joined(word):
            words.append(piece)
            places.append(place)
            if joined and not for_query:
                words.append(joined)
                places.append(place)
            place += 1
    return words, places


def words_with_places(text: str) -> list[tuple[str, int, int, int]]:
    """Return the words of a text as an index has them: (word, position, start, end), start and end in code points.

    A joined word follows its first part and has the span of the whole word.

    >>> words_with_places("co-op")
    [('co', 0, 0, 2), ('coop', 0, 0, 5), ('op', 1, 3, 5)]
    """
    foreign = {char: fold(char) for char in set(_FOREIGN.findall(text))}
    if all(len(folded) == 1 for folded in foreign.values()):
        whole, origin = _folded_evenly(text, foreign), None
    else:
        chars = [fold(char) for char in text]
        whole, origin = "".join(chars), [index for index, folded in enumerate(chars) for _ in folded]
    result: list[tuple[str, int, int, int]] = []
    place = 0
    for match in _WORD.finditer(whole):
        word, (first, last) = match[0], match.span()
        if word.isalnum() and len(word) <= LONGEST_WORD:
            result.append((word, place, first, last))
            place += 1
            continue
        for piece, joined, start, end in _with_joined(word):
            result.append((piece, place, first + start, first + end))
            if joined:
                result.append((joined, place, first, last))
            place += 1
    if origin is None:
        return result
    return [(word, place, origin[start], origin[end - 1] + 1) for word, place, start, end in result]


def _folded_evenly(text: str, foreign: dict[str, str]) -> str:
    """Return a folded text each of whose characters folds to one; ``foreign`` maps those that are not ASCII."""
    if not foreign:
        return fold(text)
    return text.translate({**_EVEN, **{ord(char): folded for char, folded in foreign.items()}})


_EVEN = {code: fold(chr(code)) for code in range(128)}


@cache
def _query_stemmer() -> Callable[[str], str]:
    from whoosh.lang.snowball.english import EnglishStemmer

    stem: Callable[[str], str] = EnglishStemmer().stem
    return stem


@cache
def _indexing_stemmer() -> Callable[[str], str]:
    # NLTK takes half a second to import, which only indexing repays.
    from nltk.stem.snowball import EnglishStemmer

    stem: Callable[[str], str] = EnglishStemmer().stem
    return stem


@cached_if_short(maxsize=1 << 16)
def stem(word: str) -> str:
    """Return the Snowball English stem of a folded word: ``stem("trafficking") == "traffick"``. Used by queries."""
    return _query_stemmer()(word)


@cached_if_short(maxsize=1 << 18)
def indexing_stem(word: str) -> str:
    """Return the same stem from NLTK's faster stemmer. Used by indexing, once for each distinct word of a segment."""
    return _indexing_stemmer()(word)
