"""How many columns of a terminal text takes: a letter one, a Chinese character two, an accent that combines none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from cablesearch.text.wording import excerpt

__all__ = ["STYLE", "cells", "cut", "is_single", "units"]

_SINGLE = re.compile("[ -~\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0482\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\ufffd]*")
"""Text of characters that take one column each: most text, for which rich need not be imported."""
STYLE = re.compile(r"\x1b\[[0-9;]*m")
"""An escape sequence of a colour, which takes no column."""
_CLOSING = {"Pe", "Pf", "Po"}
"""Categories of characters that do not begin a line."""


def is_single(text: str) -> bool:
    """Return whether text is known to take one column a character, and has no colours."""
    return _SINGLE.fullmatch(text) is not None


def cells(text: str) -> int:
    """Return how many columns a text takes; escape sequences of colours take none."""
    if "\x1b" in text:
        text = STYLE.sub("", text)
    if is_single(text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def cut(text: str, room: int) -> str:
    """Return a text that takes at most ``room`` columns; nothing if there is no room."""
    if room < 1:
        return ""
    most = room
    while cells(text) > room:
        text = excerpt(text, most)
        most -= 1
    return text


def units(word: str, room: int) -> Iterator[tuple[str, int]]:
    """Yield the parts of a word between which a line may break, and how many columns each takes.

    A line may break beside characters that are two columns wide, such as Chinese ones, but not before punctuation that
    closes; anything longer than a line breaks where the line ends. An accent stays with its letter, and an escape
    sequence with what follows it.

    Args:
        word: text without white space.
        room: the columns of a line, at least 2.
    """
    part, width, is_open = "", 0, True
    for piece, size in _characters(word):
        wide = size > 1
        closes = wide and part and unicodedata.category(STYLE.sub("", piece)[:1] or " ") in _CLOSING
        stays = width + size <= room and (closes or (is_open and not wide))
        if width and size and not stays:
            yield part, width
            part, width = "", 0
        part, width, is_open = part + piece, width + size, not wide
    if part:
        yield part, width


def _characters(word: str) -> Iterator[tuple[str, int]]:
    """Yield each character with what combines with it and how many columns it takes; an escape sequence takes none."""
    end = 0
    for match in [*STYLE.finditer(word), None]:
        text = word[end : match.start() if match else len(word)]
        if is_single(text):
            yield from ((char, 1) for char in text)
        else:
            from rich.cells import split_graphemes

            yield from ((text[start:stop], size) for start, stop, size in split_graphemes(text)[0])
        if match:
            yield match[0], 0
            end = match.end()
