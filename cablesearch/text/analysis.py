"""Analysis: split texts and queries into words, fold them and stem them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import filterfalse
from operator import attrgetter
from typing import NamedTuple

from cablesearch.text.caching import cached_if_short, compiled_lazily
from cablesearch.text.continuation import CONTINUED
from cablesearch.text.folding import fold, is_kept_mark

__all__ = [
    "LONGEST_WORD",
    "RULES",
    "cased_tokens",
    "count_words",
    "fold",
    "indexing_stem",
    "is_unspaced",
    "joined",
    "joined_as_written",
    "parts_of",
    "prepare",
    "prepare_as_written",
    "spellings",
    "split",
    "stem",
    "tokens_of",
    "with_hyphens",
    "word_pattern",
]

RULES = 1
"""The version of the rules by which texts become words. Archives record it, so that it changes with the rules."""

_MOST_PARTS = 10_000
"""The most parts of a hyphenated word; after them another word begins, because matching keeps a state for each part."""
_JOINED = (2, 3)
"""The numbers of neighbouring parts of a hyphenated word that are joined, besides all parts."""
_MOST_JOINED = 8
"""The most parts of a hyphenated word of which some are joined, and over which phrases can step."""
_MOST_SPLIT = 4
"""The most parts of a hyphenated word in a query for which all ways to write it are looked up."""
_SHORT_ENDING = 3

LONGEST_WORD = 255
"""The most letters of a word. Longer ones are cut into pieces of this length, as in Lucene's StandardTokenizer."""

_LINE_END = r"[^\S\r\n]*(?:\r\n?|\n)[^\S\r\n]*"
_PIECE = re.compile(r"[^'\-\s]+")
_PART_OF_LINE = re.compile(r"[^\-\s]+")
_BROKEN = re.compile(rf"-{_LINE_END}(?=\S)")
_SOFT_HYPHEN_AT_LINE_END = re.compile(rf"\u00ad(?={_LINE_END})")
_CUT = re.compile(rf"(?:[.']*[^.']){{1,{LONGEST_WORD}}}")

_UNSPACED = (
    "\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0ec6"  # Thai, Lao
    "\u1000-\u103f\u1050-\u108f\u1780-\u17b3"  # Myanmar, Khmer
    "\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb"  # Korean letters: folding takes syllables apart
    "\u3005-\u3007\u3041-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff"  # kana, bopomofo
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"  # Chinese characters
)
_SYLLABLE = "[\u1100-\u115f\ua960-\ua97c][\u1160-\u11a7\ud7b0-\ud7c6]*[\u11a8-\u11ff\ud7cb-\ud7fb]*"


def _words_of(letter: str, letters: str, alone: str = "") -> re.Pattern[str]:
    """Return the pattern of words.

    Args:
        letter: a class of letters.
        letters: a run of letters and digits.
        alone: characters that are words of their own, with an alternation sign behind them.
    """
    part = rf"(?:{letter}(?:\.{letter})+(?![^\W_])\.?|{letters})"
    return re.compile(rf"{alone}{part}(?:(?:'|-(?:{_LINE_END})?){part}){{0,{_MOST_PARTS - 1}}}")


_USUAL_WORD = _words_of(r"[^\W\d_]", r"[^\W_]+")


@cache
def _foreign_word() -> re.Pattern[str]:
    """Return the pattern of words in any script; each character of a script without blanks is a word."""
    run = rf"[^\W_{_UNSPACED}]+"
    letters = rf"{run}(?:[{_kept_marks()}]+(?:{run})?)*"
    return _words_of(rf"[^\W\d_{_UNSPACED}]", letters, _unspaced().pattern + "|")


@cache
def _unspaced() -> re.Pattern[str]:
    """Return the pattern of a character that is a word of its own, with its marks."""
    return re.compile(rf"{_SYLLABLE}|(?=\w)[{_UNSPACED}][{_kept_marks()}]*")


def _kept_marks() -> str:
    return "".join(filter(is_kept_mark, map(chr, range(0x0900, 0x3100))))


def word_pattern(folded: str) -> re.Pattern[str]:
    """Return the pattern of the words in a folded text."""
    # The pattern for all scripts takes longer to compile than a search takes. What it has more stands outside of
    # U+2000-2FFF, where the usual punctuation is.
    is_usual = folded.isascii() or all(char < "\u0900" or "\u2000" <= char < "\u3000" for char in set(folded))
    return _USUAL_WORD if is_usual else _foreign_word()


# ASCII characters that are never part of a word become blanks. Only `split` decides where words end.
_OUTSIDE = {code: " " for code in range(128) if not chr(code).isalnum() and chr(code) not in "'-."}
_PREPARED = "".join(map(chr, range(128))).lower().replace("`", "'").translate(_OUTSIDE).encode().ljust(256)
_WITH_CAPITALS = "".join(map(chr, range(128))).replace("`", "'").translate(_OUTSIDE).encode() + bytes(range(128, 256))
# The same for folded text in UTF-8; the bytes of other characters stay.
_BLANKED = "".join(map(chr, range(128))).translate(_OUTSIDE).encode() + bytes(range(128, 256))


def prepare(text: str) -> str:
    """Return folded text with the same words as ``text``, and blanks for most characters between words."""
    if text.isascii():
        return _mended(text).encode().translate(_PREPARED).decode()
    folded = _mended(fold(with_hyphens(text)))
    return folded.encode("utf-8", "surrogatepass").translate(_BLANKED).decode("utf-8", "surrogatepass")


def prepare_as_written(text: str) -> str:
    """Return the same with the capital letters of the text: ``prepare_as_written("Łódź!") == "Lodz "``."""
    if not text.isascii():
        text = _FOREIGN.sub(_as_written, with_hyphens(text))
    return _mended(text).encode("utf-8", "surrogatepass").translate(_WITH_CAPITALS).decode("utf-8", "surrogatepass")


def with_hyphens(text: str) -> str:
    """Return text with a hyphen for each soft hyphen at the end of a line, where it shows."""
    return _SOFT_HYPHEN_AT_LINE_END.sub("-", text) if "\u00ad" in text else text


def _mended(text: str) -> str:
    """Return text in which hyphenated words do not go over the ends of lines."""
    return _BROKEN.sub("-", text) if "-" in text else text


_FOREIGN = re.compile(r"[^\x00-\x7f]")
_LATE = compiled_lazily("[^\x00-\u0dff\u2000-\u2e7f]")
"""What has the characters of scripts without blanks, and of few others; faster than their own pattern."""
_WILD_AS_LETTERS = {ord("*"): "\U00010600", ord("?"): "\U00010601"}
"""Letters of a script that nobody reads (Linear A) in place of wildcards, so that they count as letters of a word."""
_LETTERS_AS_WILD = {ord(letter): chr(code) for code, letter in _WILD_AS_LETTERS.items()}


def parts_of(word: str) -> Iterator[tuple[str, int, int]]:
    """Yield the parts of a word as (part, start, end).

    ``counter-tip`` has the parts counter and tip, ``don't`` dont, ``china's`` china, ``o'donohue`` o and donohue,
    ``u.s.`` us, and a word of 300 letters its first 255 and the other 45.
    """
    start = stop = end = 0
    if "'" not in word and "." not in word:
        for match in _PART_OF_LINE.finditer(word):
            start, end = match.span()
            for first in range(start, end, LONGEST_WORD):
                last = min(end, first + LONGEST_WORD)
                yield word[first:last], first, last
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


class _Token(NamedTuple):
    """A word in the index, at part ``place`` of a word in the text, and made of its parts ``first`` to ``last``."""

    word: str
    place: int
    first: int
    last: int


def tokens_of(parts: Sequence[str]) -> Iterator[_Token]:
    """Yield the words in the index for the parts of one word, by place.

    These are the parts and all parts joined; of words of up to `_MOST_JOINED` parts also each two or three neighbouring
    parts joined: *al-qa'ida* is found by qaida and alqaida. A joined word stands at its first part, with the mark
    `CONTINUED` at its other parts. When all parts are longer than `LONGEST_WORD` together, the joined word is cut; its
    pieces stand at the first parts.
    """
    joined = [
        _Token(word, first, first, first + count - 1)
        for count in _JOINED
        if count < len(parts) <= _MOST_JOINED
        for first in range(len(parts) - count + 1)
        if len(word := "".join(parts[first : first + count])) <= LONGEST_WORD
    ]
    pieces = _pieces_of("".join(parts))
    joined += [_Token(piece, place, 0, len(parts) - 1) for place, piece in enumerate(pieces) if piece != parts[place]]
    steps = [
        _Token(CONTINUED + token.word, place, token.first, token.last)
        for token in joined
        if len(pieces) == 1 and len(parts) <= _MOST_JOINED
        for place in range(token.place + 1, token.last + 1)
    ]
    own = [_Token(part, place, place, place) for place, part in enumerate(parts)]
    yield from sorted([*own, *joined, *steps], key=attrgetter("place"))


def _pieces_of(word: str) -> list[str]:
    """Return a word in pieces of at most `LONGEST_WORD` letters."""
    return [word[start : start + LONGEST_WORD] for start in range(0, len(word), LONGEST_WORD)]


def split(text: str, for_query: bool = False) -> tuple[list[str], list[int] | None]:
    """Return the words of a text and their positions; None for positions that count up from 0.

    A word with hyphens becomes its parts; each character of a script without blanks, such as Chinese, is a word. In an
    index, joined words are added at the position of their first part, and with the mark `CONTINUED` at the others. A
    query has only the parts; `spellings` returns the other ways to write them. A word of more than `LONGEST_WORD`
    letters becomes several consecutive words.

    >>> split("Co-operate now")
    (['co', 'cooperate', 'operate', '\\x1fcooperate', 'now'], [0, 0, 1, 1, 2])
    >>> split("Co-operate now", for_query=True)
    (['co', 'operate', 'now'], [0, 1, 2])
    """
    if len(text) <= LONGEST_WORD and text.isascii() and text.isalnum():
        # The usual case in an index: `prepare` leaves little else.
        return [text.lower()], None
    whole = fold(with_hyphens(text))
    matches = word_pattern(whole).findall(whole)
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
        parts = [part for part, _, _ in parts_of(word)]
        for token in [_Token(part, at, at, at) for at, part in enumerate(parts)] if for_query else tokens_of(parts):
            words.append(token.word)
            places.append(place + token.place)
        place += len(parts)
    return words, places


def spellings(text: str) -> list[list[list[str]]]:
    """Return the words of a query, each with the ways to write it: in parts first, joined last.

    >>> spellings("the cease-fire")
    [[['the']], [['cease', 'fire'], ['ceasefire']]]
    """
    plain = text.split()
    if all(word.isascii() and word.isalnum() and len(word) <= LONGEST_WORD for word in plain):
        # Most queries have nothing else.
        return [[[word.lower()]] for word in plain]
    whole = fold(with_hyphens(text))
    result = []
    for word in word_pattern(whole).findall(whole):
        parts = [part for part, _, _ in parts_of(word)]
        ways = [list(parts)]
        if len(parts) <= _MOST_SPLIT:
            # Bit i is set if part i is joined with the next.
            ways = [_joined(parts, bits) for bits in range(1 << max(0, len(parts) - 1))]
        elif parts:
            ways.append(_pieces_of("".join(parts)))
        if parts:
            result.append([list(way) for way in dict.fromkeys(map(tuple, ways))])
    return result


def is_unspaced(text: str) -> bool:
    """Return whether a text has only characters that are words of their own: ``is_unspaced("北京")``."""
    whole = fold(text)
    return not whole.isascii() and all(map(_unspaced().fullmatch, word_pattern(whole).findall(whole)))


def joined(pattern: str) -> str | None:
    """Return a pattern of ``*`` and ``?`` folded and joined at its hyphens; None unless it is a single word.

    >>> joined("Al-Qa'i*"), joined("1.4*")
    ('alqai*', None)
    """
    whole = fold(pattern.translate(_WILD_AS_LETTERS))
    words = word_pattern(whole).findall(whole)
    if len(words) != 1:
        return None
    return "".join(part for part, _, _ in parts_of(words[0])).translate(_LETTERS_AS_WILD)


def _joined(parts: Sequence[str], bits: int) -> list[str]:
    """Return the parts of a word, each joined with the next if its bit is set, in pieces of `LONGEST_WORD` letters."""
    words = [parts[0]] if parts else []
    for number, part in enumerate(parts[1:]):
        if bits >> number & 1:
            words[-1] += part
        else:
            words.append(part)
    return [piece for word in words for piece in _pieces_of(word)]


def cased_tokens(text: str) -> Iterator[tuple[str, str]]:
    """Yield the words of a text as an index has them, without marks, each with its capital letters: (who, WHO).

    Letters that fold to several are all capitals if they are: (aesop, AEsop).
    """
    text = _mended(with_hyphens(text))
    chars = list(text) if text.isascii() else [fold(char) for char in text]
    capitals = [char for index, folded in enumerate(chars) for char in _capital(text[index], folded)]
    whole = "".join(chars).lower().replace("`", "'")
    for match in word_pattern(whole).finditer(whole):
        pieces = list(parts_of(match[0]))
        forms = []
        for part, start, _ in pieces:
            places = (place for place in range(match.start() + start, match.end()) if whole[place] not in ".'-")
            forms.append("".join(capitals[place] for _, place in zip(part, places, strict=False)))
        for token in tokens_of([piece for piece, _, _ in pieces]):
            if token.word[:1] != CONTINUED:
                form = "".join(forms[token.first : token.last + 1])
                yield token.word, form if len(form) == len(token.word) else token.word


def joined_as_written(pattern: str) -> str | None:
    """Return a word or a pattern of ``*`` and ``?`` as `cased_tokens` spell it, joined at its hyphens; None unless it
    is a single word.

    >>> joined_as_written("Al-Qa'I*")
    'AlQaI*'
    """
    word = joined(pattern)
    forms = dict(cased_tokens(pattern.translate(_WILD_AS_LETTERS)))
    # The wildcards are letters without capitals.
    return None if word is None else forms.get(word.translate(_WILD_AS_LETTERS), word).translate(_LETTERS_AS_WILD)


def _capital(char: str, folded: str) -> str:
    """Return what a character folds to, in capitals if it is a capital letter."""
    capital = folded.upper() if char.isupper() or char.istitle() else folded.lower()
    return capital if len(capital) == len(folded) else folded


def _as_written(match: re.Match[str]) -> str:
    return _WRITTEN[match[0]]


class _Written(dict[str, str]):
    """Maps a character that is not ASCII to what it folds to, with its capitals."""

    def __missing__(self, char: str) -> str:
        self[char] = written = _capital(char, fold(char))
        return written


_WRITTEN = _Written()


def count_words(text: str) -> int:
    """Return the number of words of a text as a person counts them: what stands between blanks, if there is a letter or
    a digit in it. A character of a script without blanks is a word.

    >>> count_words("a cease-fire -- at last!")
    4
    """
    if not text.isascii():
        for mark in _USUAL_MARKS:
            text = text.replace(mark, "")
    if not text.isascii():
        foreign = set(_FOREIGN.findall(text))
        if len(foreign) > _MOST_SINGLY or (_LATE().search("".join(foreign)) and _unspaced().search(text)):
            return _counted(text)
        for char in foreign:
            text = text.replace(char, "a" if char.isalnum() else " " if char.isspace() else "")
    # Signs are left out, so that what begins behind a blank is a word.
    return (b" " + text.encode().translate(_LETTERS_AND_BLANKS, _SIGNS)).count(b" a")


_USUAL_MARKS = "’“”—"
"""Signs that most texts have which are not all ASCII."""
_MOST_SINGLY = 16
_SIGNS = bytes(code for code in range(128) if not chr(code).isalnum() and not chr(code).isspace())
_LETTERS_AND_BLANKS = bytes(97 if chr(code).isalnum() else 32 for code in range(128)).ljust(256)


def _counted(text: str) -> int:
    """Return the same for any text, part by part."""
    parts = text.split()
    if not _LATE().search(text) or not _unspaced().search(text):
        signs = [part for part in filterfalse(str.isalnum, parts) if not part[0].isalnum()]
        return len(parts) - sum(not any(map(str.isalnum, part)) for part in signs)
    return sum(_count_of(part) for part in parts)


def _count_of(part: str) -> int:
    characters = len(_unspaced().findall(part))
    rest = _unspaced().sub(" ", part).split()
    return characters + sum(any(map(str.isalnum, piece)) for piece in rest)


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
    return CONTINUED + stem(word[1:]) if word[0] == CONTINUED else _query_stemmer()(word)


_ENDS_OF_SUFFIXES = ("s", "ed", "ing", "y", "e", "er", "or", "l", "ion", "ism", "nt", "ic", "i")
"""The ends of all suffixes that the stemmer changes, and of the words that it has in a list."""


@cached_if_short(maxsize=1 << 18)
def indexing_stem(word: str) -> str:
    """Return the same stem from NLTK's faster stemmer. Used by indexing, once for each distinct word of a segment."""
    if not word.endswith(_ENDS_OF_SUFFIXES) and word.isascii() and word.isalnum():
        return word
    return CONTINUED + indexing_stem(word[1:]) if word[0] == CONTINUED else _indexing_stemmer()(word)
