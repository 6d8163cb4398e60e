"""Make text from cables, file names and arguments safe to print on a terminal.

Control characters can move the cursor, recolour or retitle a terminal, or make it send input. Directional marks can
make a line look like another. JSON has escapes for all of them; in plain text they are replaced.
"""

from __future__ import annotations

import json
import re
import unicodedata

__all__ = ["json_line", "one_line", "printable"]

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# JSON always escapes C0 controls. These need escapes too: delete, C1 controls, directional marks, line separators, and
# surrogates, which cannot be written in UTF-8.
_ESCAPED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufeff\ud800-\udfff]")


def printable(text: str) -> str:
    """Return text with U+FFFD for each character that is neither printable nor a blank, a line feed or a tab."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in "\n\t" or unicodedata.category(char) == "Zs" else _REPLACEMENT
        for char in text
    )


def one_line(text: str) -> str:
    """Return printable text on one line, such as an id or a file name: line feeds are replaced, tabs become blanks."""
    return printable(text.replace("\n", _REPLACEMENT).replace("\t", " "))


def json_line(value: object) -> str:
    """Return a value as JSON on one line, with escapes for control characters and directional marks."""
    line = json.dumps(value, ensure_ascii=False)
    return (
        line if line.isascii() and "\x7f" not in line else _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", line)
    )
