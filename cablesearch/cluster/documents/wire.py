"""Words and values on the wire: the analysis is ours, and the server only takes apart what it is sent.

A text is sent with a blank between two positions, and with `BESIDE` between words at the same position. The tokenizer
of the server cuts at white space, and a filter takes the words of one position apart.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from cablesearch.protocols.fields import Spellings, Text
from cablesearch.text.continuation import CONTINUED

__all__ = ["BESIDE", "MARK", "Analysed", "analysed", "spelling_values", "value_in", "value_out", "word_out"]

BESIDE = "|"
"""Stands between words at one position; no word has it."""

MARK = "\u0001"
"""Takes the place of `CONTINUED` on the server, where that is white space."""

_LONGEST_VALUE = 8_000
"""The most code points of a value that is sent as it is: Lucene's terms have at most 32,766 bytes."""
_KEPT_OF_LONGER = 1_000
_HIGH = 0x10F000
"""Surrogates are no characters for the server. In values they are moved to private characters, from this one on."""
_SELF = "\U0010fffd"
"""Stands before such a private character that is in a value itself, and before this one."""
_MOVED = re.compile("[\ud800-\udfff\U0010f000-\U0010f7ff\U0010fffd]")
_BACK = re.compile("\U0010fffd(.)|([\U0010f000-\U0010f7ff])", re.DOTALL)


def word_out(word: str) -> str:
    """Return a word of the index as the server has it."""
    return MARK + word[1:] if word[:1] == CONTINUED else word


def value_out(value: str) -> str:
    """Return a value of a keyword field as the server has it: a very long one by its beginning and its hash."""
    if len(value) > _LONGEST_VALUE:
        digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
        value = f"{value[:_KEPT_OF_LONGER]}\u2026{digest}"
    return _MOVED.sub(_moved, value)


def _moved(match: re.Match[str]) -> str:
    code = ord(match[0])
    return chr(_HIGH + code - 0xD800) if code < _HIGH else _SELF + match[0]


def value_in(value: str) -> str:
    """Return a value that the server has as it was, unless it was cut: ``value_in(value_out(value)) == value``."""
    return _BACK.sub(lambda match: match[1] or chr(ord(match[2]) - _HIGH + 0xD800), value)


class Analysed(NamedTuple):
    """A text on the wire, and the number of its words, of which several may be at one position."""

    text: str
    size: int


def analysed(text: str, field: Text, normalise: Callable[[str], str] | None) -> Analysed:
    """Return the words of a text on the wire.

    Args:
        text: the text.
        field: the field, which prepares and splits it.
        normalise: the stemmer; None for the unstemmed twin of a field.
    """
    positions, size = [], 0
    for words in _positions(text, field):
        size += len(words)
        positions.append(BESIDE.join(word_out(normalise(word) if normalise else word) for word in words))
    return Analysed(" ".join(positions), size)


def _positions(text: str, field: Text) -> Iterator[list[str]]:
    """Yield the words at each position of a text."""
    for chunk in field.prepare(text).split():
        words, places = field.split(chunk, False)
        if places is None:
            yield from ([word] for word in words)
            continue
        at: list[list[str]] = [[] for _ in range(max(places, default=-1) + 1)]
        for word, place in zip(words, places, strict=True):
            at[place].append(word)
        yield from at


def spelling_values(text: str, field: Text, spellings: Spellings) -> list[str]:
    """Return how the words of a text are written, as the field for spellings has it (see `Spellings`)."""
    if text.isupper():
        return [spellings.capitals]
    values: dict[str, str] = {}
    small: set[str] = set()
    for chunk in field.prepare(text).split():
        if chunk == chunk.lower():
            small.update(field.split(chunk, False)[0])
            continue
        for word, value in spellings.read(chunk):
            if value:
                values[value] = word
            else:
                small.add(word)
    both = sorted(small.intersection(values.values()))
    return [*values, *map(spellings.small_too, both)]
