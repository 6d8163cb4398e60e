"""Wordings: which phrases mean something, and how they are written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache

from cablesearch.features.phrases.grams import Grams
from cablesearch.text.analysis import is_unspaced, stem
from cablesearch.text.places import words_with_places

__all__ = ["Wordings", "is_function_word", "is_of_form", "is_wording"]

_SHORTHAND = (
    *("sipdis", "siprnet", "noforn", "fouo", "sbu", "limdis", "exdis", "nodis", "stadis", "unclas", "unclass"),
    *("ref", "refs", "reftel", "reftels", "septel", "septels", "para", "paras", "refair", "reftelcon"),
)
"""Words of the form of cables, which say nothing of their content."""
_LABELS = ("begin", "comment", "end", "minimize", "summary")
"""Words of the labels of parts, and of the end, of a cable: they stand in cables on anything."""
_TITLES = ("mr", "mrs", "ms", "messrs", "dr", "hon", "esq", "sir", "gen", "amb", "prof")
"""Words that mean something only before a name."""
_LONGEST_CODE = 5
"""The most characters of a word with digits that is not a number or an id: G20, H1N1."""
_MOST_FUNCTION_WORDS = 2
_READ = 20
"""The most places of a phrase that are read to see how it is written."""
_POSSESSIVE = re.compile(r"['’]s?$")


@cache
def _function_stems() -> frozenset[str]:
    from whoosh.lang.stopwords import stoplists

    words = {*stoplists["en"], "would", "shall", "may", "might", "must", "could", "also", "upon", "one"}
    return frozenset(map(stem, words))


def is_function_word(text: str) -> bool:
    """Return whether a stem is that of a word such as *the*, which means nothing alone."""
    return text in _function_stems()


@cache
def _shorthand_stems() -> frozenset[str]:
    return frozenset(map(stem, _SHORTHAND))


@cache
def _title_stems() -> frozenset[str]:
    return frozenset(map(stem, _TITLES))


@cache
def _form_stems() -> frozenset[str]:
    return frozenset(map(stem, (*_SHORTHAND, *_LABELS)))


def is_of_form(text: str) -> bool:
    """Return whether a stem is that of a word of the form of cables, such as *END SUMMARY* or *NOFORN*."""
    return text in _form_stems()


def is_wording(stems: Sequence[str]) -> bool:
    """Return whether a phrase may mean something: it neither begins nor ends with a function word, a number, a letter
    or shorthand of cables, nor ends with a title, nor has more than two function words in a row."""
    if not _is_content(stems[0], len(stems)) or not _is_content(stems[-1], len(stems)) or stems[-1] in _title_stems():
        return False
    row = _MOST_FUNCTION_WORDS + 1
    stretches = (stems[start : start + row] for start in range(len(stems) - row + 1))
    return not any(all(map(is_function_word, stretch)) for stretch in stretches)


def _is_content(text: str, length: int) -> bool:
    if is_function_word(text) or text in _shorthand_stems():
        return False
    if len(text) == 1:
        return length > 1 and is_unspaced(text)
    if any(map(str.isdigit, text)):
        return len(text) <= _LONGEST_CODE and any(map(str.isalpha, text)) and not text[0].isdigit()
    return True


class Wordings:
    """How the phrases of texts are written."""

    def __init__(self, texts: Sequence[str], grams: Grams) -> None:
        self._texts, self._grams = texts, grams
        self._spans: dict[int, list[tuple[int, int]]] = {}

    def usual(self, stems: Sequence[str]) -> str:
        """Return the most frequent way to write a phrase; of equally frequent ways the first by code points."""
        ways = Counter(self._way(text, word, len(stems)) for text, word in self._grams.places(stems, _READ))
        return min(ways, key=lambda way: (-ways[way], way))

    def _way(self, text: int, word: int, length: int) -> str:
        if text not in self._spans:
            # A joined word follows its first part, at the same place.
            spans: dict[int, tuple[int, int]] = {}
            for _, place, start, end in words_with_places(self._texts[text]):
                spans.setdefault(place, (start, end))
            self._spans[text] = [spans[place] for place in sorted(spans)]
        own = self._spans[text][word : word + length]
        return _POSSESSIVE.sub("", self._texts[text][own[0][0] : own[-1][1]])
