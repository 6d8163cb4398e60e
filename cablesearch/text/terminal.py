"""Text that comes from cables, file names and arguments, made harmless for a terminal.

Control characters can move the cursor, recolour and retitle a terminal, or make it answer; directional marks can make
a line look like another one. JSON has escapes for all of them; in text they are replaced.
"""

from __future__ import annotations

import json
import re
import unicodedata

__all__ = ["json_line", "one_line", "printable"]

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# Beside what JSON always escapes: delete and C1 controls, directional marks, separators of lines, and surrogates,
# which UTF-8 cannot write.
_ESCAPED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufeff\ud800-\udfff]")


def printable(text: str) -> str:
    """The text with everything replaced, character for character, that is neither printable nor a kind of blank, a
    line feed or a tab."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in "\n\t" or unicodedata.category(char) == "Zs" else _REPLACEMENT
        for char in text
    )


def one_line(text: str) -> str:
    """The same for what must stay on its line, such as an id or the name of a file."""
    return printable(text.replace("\n", _REPLACEMENT).replace("\t", " "))


def json_line(value: object) -> str:
    """JSON on one line, with letters as they are and escapes for what could command a terminal."""
    line = json.dumps(value, ensure_ascii=False)
    return (
        line if line.isascii() and "\x7f" not in line else _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", line)
    )
