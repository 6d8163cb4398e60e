"""The key by which spellings of a name are one: Karzai and Karzay, Qadhafi and Gaddafi, Mohammed and Muhammad.

Phonetic keys of general use (Soundex, Metaphone, Beider-Morse) bring English names together that sound alike, and so
merge different persons: Metaphone gives Gerry and Carey, or Rice and Rose, one key. What differs in cables is the
transliteration of one name. The key of a word undoes what romanizations do differently (y for i, q for k, dh for d,
doubled letters, Germanic ue for u with dots), and ``variants.txt`` has words that no rule brings together. Vowels stay
as they are, so Allen is not Ellen.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from cablesearch.text.analysis import prepare, split
from cablesearch.text.caching import cached_if_short
from cablesearch.text.continuation import CONTINUED
from cablesearch.text.folding import fold

__all__ = ["name_key", "other_forms", "plain_name", "prepare_names", "split_names", "word_key"]

_BETWEEN = "\x02"
"""Stands between names, so that phrases do not go from one to the next. No query has such a word."""
_MOST_CACHED = 1 << 16
_CHANGES = (
    ("tsch", "ch"), ("tch", "ch"), ("sch", "sh"), ("kh", "k"), ("gh", "g"), ("dh", "d"), ("ph", "f"), ("ck", "k"),
    ("q", "k"), ("x", "ks"), ("y", "i"), ("ou", "u"), ("oo", "u"), ("ee", "i"), ("ei", "ai"), ("ue", "u"),
    ("oe", "o"), ("ae", "a"), ("w", "v"),
)  # fmt: skip
_HARD_C = re.compile(r"c(?![heiy])")
_DOUBLED = re.compile(r"(.)\1+")
_PARTS = re.compile(r"[^\w]+")
_LEFT_OUT = frozenset(("al", "el", "ul"))
"""Articles, which are written and left out: al-Assad, Assad."""

_FILLER = re.compile(r"(?<![\w'’‑-])(?:al|el|ul)[-'’‑ ](?=\w)|(?<=\s)\w\.?\s(?=\S)", re.IGNORECASE)
"""An article before a word of a name, or an initial in the middle: what `name_key` leaves out."""


@cached_if_short(_MOST_CACHED)
def plain_name(name: str) -> str:
    """Return a name without articles and middle initials, by which its other spellings find it.

    >>> plain_name("John F. Kennedy"), plain_name("Nouri al-Maliki")
    ('John Kennedy', 'Nouri Maliki')
    """
    return _FILLER.sub("", name)


def other_forms(written: str) -> list[str]:
    """Return in which other forms a query's name may stand in texts: in the order of speech, and plain.

    >>> other_forms("KENNEDY, John F."), other_forms("Hamid Karzai")
    (['John F. KENNEDY', 'John KENNEDY'], [])
    """
    last, comma, given = written.partition(",")
    given, last = given.strip(), last.strip()
    between = "" if given.endswith("-") else " "
    spoken = f"{given}{between}{last}" if comma and given and last else written
    return [form for form in dict.fromkeys((spoken, plain_name(spoken))) if form != written]


def prepare_names(text: str) -> str:
    """Prepare the names of a paragraph, one a line, for `split_names`."""
    return f" {_BETWEEN} ".join(map(_prepared, text.split("\n")))


_prepared = cached_if_short(_MOST_CACHED)(prepare)


def split_names(text: str, for_query: bool = False) -> tuple[list[str], list[int] | None]:
    """Return the words of a name and their positions (see `cablesearch.text.analysis.split`)."""
    return ([_BETWEEN], None) if text == _BETWEEN else split(text, for_query)


@cache
def _variants() -> dict[str, str]:
    lines = Path(__file__).with_name("variants.txt").read_text(encoding="utf-8").splitlines()
    groups = (line.split() for line in lines if line and not line.startswith("#"))
    return {word.replace("-", ""): group[0] for group in groups for word in group}


@cached_if_short(_MOST_CACHED)
def word_key(word: str) -> str:
    """Return the key of a folded word.

    >>> word_key("karzay"), word_key("gaddafi") == word_key("qadhafi")
    ('karzai', True)
    """
    if word.startswith(CONTINUED):
        return CONTINUED + word_key(word[1:])
    if not word.isascii() or not word.isalpha():
        return word
    word = _variants().get(word, word)
    for written, key in _CHANGES:
        if written in word:
            word = word.replace(written, key)
    return _DOUBLED.sub(r"\1", _HARD_C.sub("k", word))


@cached_if_short(_MOST_CACHED)
def name_key(name: str) -> str:
    """Return the key of a whole name: the keys of its words without articles and middle initials.

    >>> name_key("Hamid KARZAY"), name_key("John F. Kennedy"), name_key("Bashar al-Assad")
    ('hamid karzai', 'john kenedi', 'bashar asad')
    """
    words = [part for chunk in fold(name).split() for part in _hyphened(chunk)]
    kept = [word for number, word in enumerate(words) if number == 0 or number + 1 == len(words) or len(word) > 1]
    kept = [word for word in kept if word not in _LEFT_OUT] or kept
    return " ".join(map(word_key, kept))


def _hyphened(chunk: str) -> list[str]:
    """Return the words of a chunk; hyphenated ones are joined: en-lai is enlai, al-assad is assad."""
    parts = [part for part in _PARTS.split(chunk) if part]
    if len(parts) > 1 and parts[0] in _LEFT_OUT:
        parts = parts[1:]
    return ["".join(parts)] if parts else []
