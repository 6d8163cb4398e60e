"""The words of a text as they are written: with their capital letters, but otherwise folded like all words.

A word is written in small letters, in capitals, with a capital at its start, or otherwise (McCain). Each of these
spellings has a code, so that the spellings of one word stand beside each other in a dictionary.
"""

from __future__ import annotations

import re
import sys

from cablesearch.text.analysis import LONGEST_WORD, cased_tokens, mended
from cablesearch.text.caching import LONGEST

__all__ = ["CAPITALS", "SMALL_TOO", "coded", "form_of", "prefix_of", "spelt_words", "values"]

CAPITALS = " "
"""The value of a text that has letters in capitals and none in small letters."""
SMALL_TOO = ""
"""The code of a word that is written in small letters too, in a text with a spelling that has capitals."""
_IN_CAPITALS, _TITLE = "U", "T"


def coded(form: str) -> str | None:
    """Return the code of a spelling: U (WHO), T (Who), the spelling itself (wHO), or None for small letters (who).

    A word with one letter that has a capital is in capitals, not a title: I, B52.
    """
    small = form.lower()
    if form == small:
        return None
    if form == small.upper():
        return _IN_CAPITALS
    return _TITLE if form == small[0].upper() + small[1:] else form


def prefix_of(word: str) -> str:
    """Return what the values of all spellings of a folded word begin with, and of no other word."""
    return f"{word} "


def form_of(value: str) -> str:
    """Return the spelling of a value: ``form_of("who U") == "WHO"``. Empty for values that stand for none."""
    word, _, code = value.partition(" ")
    if code == _IN_CAPITALS:
        return word.upper()
    return word[:1].upper() + word[1:] if code == _TITLE else code


def spelt_words(text: str) -> list[tuple[str, str | None]]:
    """Return the words of a text, folded, each with the code of its spelling; joined words are among them.

    >>> spelt_words("The WHO knows who: O'Neill")
    [('the', 'T'), ('who', 'U'), ('knows', None), ('who', None), ('o', 'U'), ('oneill', 'ONeill'), ('neill', 'T')]
    """
    return [(word, coded(form)) for word, form in cased_tokens(text)]


class _Chunks(dict[str, tuple[tuple[str, str], ...]]):
    """Maps a chunk of text to its words, each with its value; that of a word in small letters is empty."""

    def __missing__(self, chunk: str) -> tuple[tuple[str, str], ...]:
        word = chunk.strip(_AROUND)
        if word.isascii() and word.isalnum() and len(word) <= LONGEST_WORD:
            # The usual case.
            spelt: list[tuple[str, str | None]] = [(word.lower(), coded(word))]
        else:
            spelt = spelt_words(chunk)
        words = tuple((word, "" if code is None else prefix_of(word) + code) for word, code in spelt)
        if len(chunk) <= LONGEST:
            if len(self) >= _MOST_CHUNKS:
                self.clear()
            self[chunk] = words
        return words


_AROUND = "'`.-‘’“”…–—"
"""Characters that begin or end no word."""
_MOST_CHUNKS = 1 << 17
_CHUNKS = _Chunks()
_BLANKED = bytes(code if code >= 128 or chr(code).isalnum() or chr(code) in "'-.`" else 32 for code in range(256))
"""Blanks for the characters of ASCII that are never part of a word."""
# Python 3.10 has no possessive quantifier, which is faster.
_OTHER = re.compile(r" ([a-z]*+[^ ]+)" if sys.version_info >= (3, 11) else r" ([a-z]*[^a-z ][^ ]*)")
"""A chunk that is not made of the letters a to z alone."""


def values(text: str) -> list[str]:
    """Return the values of a text, from which follows which of its words are written in which way.

    These are: `CAPITALS` alone, if no letter is small; else for each spelling with capitals the word and its code, and
    for each of these words that is written in small letters too the word and `SMALL_TOO`.

    >>> sorted(values("The WHO asks who the visitor is"))
    ['the ', 'the T', 'who ', 'who U']
    """
    if text.isupper():
        return [CAPITALS]
    if text.islower():
        return []
    if "\n" in text or "\xad" in text:
        text = mended(text)
    if not text.isascii() and not text.isprintable():
        # One kind of blank.
        text = " ".join(text.split())
    # A stop before a blank would only make another chunk of a word.
    plain = text.replace(". ", " ").encode("utf-8", "surrogatepass").translate(_BLANKED)
    text = f" {plain.decode('utf-8', 'surrogatepass')} "
    with_capitals: dict[str, str] = {}
    small: set[str] = set()
    for words in map(_CHUNKS.__getitem__, _OTHER.findall(text)):
        for word, value in words:
            if value:
                with_capitals[value] = word
            else:
                small.add(word)
    spelt = {*with_capitals.values()}
    small_too = spelt.intersection(text.split())
    small_too |= spelt & small
    # In an order of their own: that of a set differs between processes.
    return [*with_capitals, *map(prefix_of, sorted(small_too))]
