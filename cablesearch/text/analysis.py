"""Words: how texts and queries are cut into them, folded and stemmed."""

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
"""Parts of the longest hyphenated word; where there are more, another word begins. The expression remembers each."""
_WORD = re.compile(rf"{_PART}(?:['\-]{_PART}){{0,{_MOST_PARTS - 1}}}")
_PIECE = re.compile(r"[^'\-]+")
_SHORT_ENDING = 3

LONGEST_WORD = 255
"""Letters of the longest word; a longer one is cut every so many, as Lucene's StandardTokenizer does."""
_CUT = re.compile(rf"(?:[.']*[^.']){{1,{LONGEST_WORD}}}")


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


def _pieces(word: str) -> Iterator[tuple[str, int, int]]:
    """The parts of a word, each with its start and end: ``counter-tip`` -> counter, tip; ``don't`` -> dont;
    ``china's`` -> china; ``o'donohue`` -> o, donohue; ``u.s.`` -> us; one of 300 letters -> 255 and 45 of them."""
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
    """The part of a word whose letters stand from ``start`` to ``stop`` and whose ending goes on to ``end``, in as many
    pieces as it takes."""
    if stop - start <= LONGEST_WORD:
        if letters := word[start:stop].replace(".", "").replace("'", ""):
            yield letters, start, end
        return
    for match in _CUT.finditer(word, start, stop):
        first, last = match.span()
        letters = match[0].replace(".", "").replace("'", "")
        yield letters, first, end if _CUT.match(word, last, stop) is None else last


def _with_joined(word: str) -> Iterator[tuple[str, str | None, int, int]]:
    """The pieces of a word, as `_pieces` has them, and beside each its share of the whole word, joined: the first has
    its first 255 letters. None when there is no more of it, or the piece is the same."""
    pieces = list(_pieces(word))
    whole = "".join([piece for piece, _, _ in pieces])
    for number, (piece, start, end) in enumerate(pieces):
        joined = whole[number * LONGEST_WORD : (number + 1) * LONGEST_WORD]
        yield piece, joined if joined and joined != piece else None, start, end


def split(text: str, for_query: bool = False) -> tuple[list[str], list[int] | None]:
    """The words of a text and their positions (None when these just count up from 0).

    A word in several parts is its parts, and in an index also the whole, joined, at the position of its first part;
    a query has only the parts, so that ``co-operate`` in a query means the phrase *co operate*, and ``cooperate``
    finds *co-operate*. A word of more than `LONGEST_WORD` letters is cut in words that follow each other, and what is
    joined is cut alike.
    """
    if len(text) <= LONGEST_WORD and text.isascii() and text.isalnum():
        # In an index most are, as `prepare` has left little else.
        return [text.lower()], None
    whole = fold(text)
    found = _WORD.findall(whole)
    if all(map(str.isalnum, found)) and (len(whole) <= LONGEST_WORD or max(map(len, found), default=0) <= LONGEST_WORD):
        return found, None
    words: list[str] = []
    places: list[int] = []
    place = 0
    for word in found:
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
