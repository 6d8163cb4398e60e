"""The words of a text and where they stand in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from cablesearch.text.analysis import LONGEST_WORD, parts_of, tokens_of, with_hyphens, word_pattern
from cablesearch.text.folding import fold

__all__ = ["PlacedWord", "words_with_places", "words_with_places_near"]

PlacedWord = tuple[str, int, int, int]
"""A word, its position, and its start and end in the text, in code points."""

_FOREIGN = re.compile(r"[^\x00-\x7f]")
_MOST_REPLACED = 16
"""Different characters beside ASCII up to which replacing one after the other is faster than a table."""
_INSIDE_WORDS = "'-."
"""The characters beside letters and digits that words may have, in folded text."""
_WITHOUT_MARKS = dict.fromkeys(map(ord, _INSIDE_WORDS))
_BLOCK = (LONGEST_WORD + 1) // 2
"""Any stretch of more than `LONGEST_WORD` characters contains a whole block of this length."""
_EVEN = {code: fold(chr(code)) for code in range(128)}
_fold_one = lru_cache(maxsize=1 << 12)(fold)


class _Folded(NamedTuple):
    """A folded text.

    Attributes:
        whole: the folded text.
        origin: the place in the text of each of its characters; None if these are the same.
        pattern: the pattern of its words.
        is_usual: whether a word can only begin behind a character that is neither letter nor digit, or behind
            `LONGEST_WORD` of them.
    """

    whole: str
    origin: list[int] | None
    pattern: re.Pattern[str]
    is_usual: bool


def words_with_places(text: str) -> list[PlacedWord]:
    """Return the words of a text as an index has them, with where they stand.

    A joined word follows its first part and has the span of all its parts.

    >>> words_with_places("co-op")
    [('co', 0, 0, 2), ('coop', 0, 0, 5), ('op', 1, 3, 5), ('\\x1fcoop', 1, 0, 5)]
    """
    return _all_words(_folded(text))


def words_with_places_near(text: str, beginnings: Iterable[str], *, apart: bool = True) -> list[PlacedWord]:
    """Return at least those words of `words_with_places` that begin with any of some letters, and the words beside
    them: several times faster, as most of a text is passed over.

    Args:
        text: the text.
        beginnings: the first letters of words, folded; none is empty.
        apart: whether stretches of the text may be passed over between such words. Positions then skip one there, so
            that words follow each other only if they do in the text; they do not tell how far apart words are.
    """
    folded = _folded(text)
    whole = folded.whole
    # Words go on over the ends of lines only behind a hyphen.
    has_broken_words = "-" in whole and ("\n" in whole or "\r" in whole)
    if folded.origin is not None or not folded.is_usual or has_broken_words:
        return _all_words(folded)
    if _has_long_words(whole):
        return _all_words(folded)
    stretches = _stretches(whole, sorted(_signs(whole, list(beginnings))))
    if not apart and stretches:
        stretches = [(stretches[0][0], stretches[-1][1])]
    result: list[PlacedWord] = []
    place = 0
    for start, end in stretches:
        place = _add_words(result, folded, start, end, place) + 1
    return result


def _all_words(folded: _Folded) -> list[PlacedWord]:
    """Return all words of a folded text."""
    result: list[PlacedWord] = []
    _add_words(result, folded, 0, len(folded.whole), 0)
    origin = folded.origin
    if origin is None:
        return result
    return [(word, place, origin[start], origin[end - 1] + 1) for word, place, start, end in result]


def _add_words(result: list[PlacedWord], folded: _Folded, start: int, end: int, place: int) -> int:
    """Add the words of a stretch of a folded text, the first of which has a position; return the next position."""
    for match in folded.pattern.finditer(folded.whole, start, end):
        word, (first, last) = match[0], match.span()
        if word.isalnum() and len(word) <= LONGEST_WORD:
            result.append((word, place, first, last))
            place += 1
            continue
        parts = list(parts_of(word))
        for token in tokens_of([part for part, _, _ in parts]):
            span = first + parts[token.first][1], first + parts[token.last][2]
            result.append((token.word, place + token.place, *span))
        place += len(parts)
    return place


def _has_long_words(whole: str) -> bool:
    """Return whether a text has words that may be cut, of more than `LONGEST_WORD` characters."""
    # What is longer has a block without a blank; looking for one is faster than splitting.
    blocks = range(0, len(whole) - _BLOCK + 1, _BLOCK)
    if all(whole.find(" ", start, start + _BLOCK) >= 0 for start in blocks):
        return False
    return max(map(len, whole.split(" "))) > LONGEST_WORD


def _signs(whole: str, beginnings: Sequence[str]) -> Iterator[int]:
    """Yield the places of a folded text where a word may begin with any of some letters, also of several parts."""
    for letters in beginnings:
        place = whole.find(letters)
        while place >= 0:
            if not place or not whole[place - 1].isalnum():
                yield place
            place = whole.find(letters, place + 1)
    for mark in _INSIDE_WORDS:
        place = whole.find(mark, 1)
        while place >= 0:
            end = place + 1
            if whole[place - 1].isalnum() and whole[end : end + 1].isalnum():
                start = whole.rfind(" ", 0, place) + 1
                end = whole.find(" ", place) % (len(whole) + 1)
                joined = whole[start:end].translate(_WITHOUT_MARKS)
                if any(letters in joined for letters in beginnings):
                    yield place
            place = whole.find(mark, end)


def _stretches(whole: str, signs: Iterable[int]) -> list[tuple[int, int]]:
    """Return the stretches between blanks around some places, which rise; those without a word between are one."""
    stretches: list[tuple[int, int]] = []
    before, end = 0, -1
    for sign in signs:
        if sign < end:
            continue
        start = max(whole.rfind(" ", max(end, 0), sign) + 1, end, 0)
        before, end = end, whole.find(" ", sign)
        end = len(whole) if end < 0 else end
        if stretches and not any(map(str.isalnum, whole[before:start])):
            stretches[-1] = (stretches[-1][0], end)
        else:
            stretches.append((start, end))
    return stretches


def _folded(text: str) -> _Folded:
    text = with_hyphens(text)
    if text.isascii():
        whole = fold(text)
        return _Folded(whole, None, word_pattern(whole), True)
    foreign = {char: _fold_one(char) for char in set(_FOREIGN.findall(text))}
    if all(len(folded) == 1 for folded in foreign.values()):
        whole, origin = _folded_evenly(text, foreign), None
    else:
        chars = [fold(char) for char in text]
        whole, origin = "".join(chars), [index for index, folded in enumerate(chars) for _ in folded]
    # The other characters are ASCII.
    pattern = word_pattern("".join(foreign.values()))
    return _Folded(whole, origin, pattern, pattern is word_pattern(""))


def _folded_evenly(text: str, foreign: dict[str, str]) -> str:
    """Return a folded text each of whose characters folds to one; ``foreign`` maps those that are not ASCII."""
    if len(foreign) <= _MOST_REPLACED and all(map(str.isascii, foreign.values())):
        for char, folded in foreign.items():
            text = text.replace(char, folded)
        return fold(text)
    return text.translate({**_EVEN, **{ord(char): folded for char, folded in foreign.items()}})
