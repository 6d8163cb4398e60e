"""Make text from cables, file names and arguments safe to print on a terminal.

Control characters can move the cursor, recolour or retitle a terminal, or make it send input. Directional marks can
make a line look like another. JSON has escapes for all of them; in plain text they are replaced.
"""

from __future__ import annotations

import json
import unicodedata

from cablesearch.text.caching import compiled_lazily

__all__ = ["json_line", "one_line", "printable"]

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_JOINERS = "\u00ad\u200c\u200d"
"""Soft hyphens, and the joiners that Persian, Hindi and others need inside of words."""
_KEPT = "\n\t" + _JOINERS
_STRICT = {ord("\t"): " ", **{ord(char): _REPLACEMENT for char in "\n" + _JOINERS}}
# JSON always escapes C0 controls. These need escapes too: delete, C1 controls, directional marks, line separators, and
# surrogates, which cannot be written in UTF-8.
_ESCAPED = compiled_lazily("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufeff\ud800-\udfff]")


def printable(text: str) -> str:
    """Return text with U+FFFD for each character that is neither printable nor white space nor inside of words."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in _KEPT or unicodedata.category(char) == "Zs" else _REPLACEMENT
        for char in text
    )


def one_line(text: str) -> str:
    """Return printable text on one line, such as an id or a file name: tabs become blanks, and line feeds are replaced,
    as are characters that are not seen, with which one name could look like another."""
    return printable(text.translate(_STRICT))


def json_line(value: object) -> str:
    """Return a value as JSON on one line, with escapes for control characters and directional marks."""
    line = json.dumps(value, ensure_ascii=False)
    return (
        line if line.isascii() and "\x7f" not in line else _ESCAPED().sub(lambda match: f"\\u{ord(match[0]):04x}", line)
    )
