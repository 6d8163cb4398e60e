"""Words and values on the wire."""

from __future__ import annotations

import hashlib
import re

from cablesearch.text.continuation import CONTINUED

__all__ = ["BESIDE", "MARK", "cited_in", "cited_out", "value_in", "value_out", "word_out"]

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


def cited_out(place: int, name: str) -> str:
    """Return a reference of a cable with its place among them, so that its values sort in their order."""
    return f"{place:08d} {value_out(name)}"


def cited_in(value: str) -> str:
    """Return a reference that the server has with its place."""
    return value_in(value.partition(" ")[2])
