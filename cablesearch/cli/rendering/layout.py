"""Text as a terminal shows it: colour, lines that fit the terminal, and long values cut."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click

from cablesearch.cli.display import colored, columns
from cablesearch.cli.rendering.cells import STYLE, cells, is_single, units
from cablesearch.request import EVERYTHING
from cablesearch.text.terminal import one_line
from cablesearch.text.wording import excerpt

__all__ = ["bold", "fitted", "heading_of_query", "highlight", "match_style", "shortened", "wrapped"]

_LEAST_WIDTH = 40
"""In narrower terminals than this, lines are broken by the terminal."""
_MOST_PROSE = 100
"""The longest line of prose that is comfortable to read, in columns."""
_PLAIN = "\x1b[0m"
_LONGEST_VALUE = 240


def match_style() -> Callable[[str], str] | None:
    """Return how to style matches: in colour (see `cablesearch.cli.display.colored`); None without colour."""
    return (lambda text: click.style(text, fg="yellow", bold=True)) if colored() else None


def highlight() -> Callable[[str], str]:
    """Return how to style matches that the user asked to see: in colour, or else between asterisks."""
    return match_style() or (lambda text: f"*{text}*")


def bold(text: str) -> str:
    """Return the text in bold where colour is used."""
    return click.style(text, bold=True) if colored() else text


def wrapped(text: str, indent: str = "", first: str | None = None) -> str:
    """Return text, styled or not, in lines that fit the terminal and are comfortable to read.

    Args:
        text: words between white space, which may have escape sequences of colours.
        indent: what each line starts with.
        first: what the first line starts with instead, as wide as ``indent``.
    """
    lines = _Lines(max(_LEAST_WIDTH, min(columns(), _MOST_PROSE)), indent, first)
    # Most text is plain, and measured once.
    is_plain = is_single(text)
    words = text.split()
    if words[1:] and words[-1] == "…":
        # The sign that text is left out does not stand on a line of its own.
        words[-2:] = [f"{words[-2]} …"]
    for word in words:
        lines.add(word, size=len(word) if is_plain else None)
    return lines.text()


def fitted(parts: Iterable[str], indent: str) -> str:
    """Return parts of a line with two blanks between them; what does not fit the terminal goes on further lines.

    Args:
        parts: the parts, styled or not, each on one line.
        indent: what further lines start with.
    """
    lines = _Lines(max(_LEAST_WIDTH, columns()), indent, "")
    for part in parts:
        for number, word in enumerate([part] if cells(part) <= lines.room else part.split()):
            lines.add(word, blanks=1 if number else 2)
    return lines.text()


class _Lines:
    """Lines in the making.

    Args:
        width: the columns of a line.
        indent: what each line starts with.
        first: what the first line starts with; None: ``indent``.
    """

    def __init__(self, width: int, indent: str, first: str | None) -> None:
        self._indent = indent
        # The columns of a line beside its indent.
        self.room = max(2, width - cells(indent))
        self._done: list[str] = []
        self._line = indent if first is None else first
        # The first line has its start in place of the indent.
        self._used = 0 if first is None else cells(first) - cells(indent)
        self._is_empty = True
        self._style = ""

    def add(self, word: str, blanks: int = 1, size: int | None = None) -> None:
        """Add a word that stays on one line if it fits, with blanks before it.

        Args:
            word: text of one line.
            blanks: how many blanks stand before it.
            size: the columns of the word, if they are known.
        """
        if size is None:
            size = cells(word)
        gap = 0 if self._is_empty else blanks
        if self._used + gap + size <= self.room and "\x1b" not in word:
            self._put(" " * gap + word, gap + size)
            return
        is_prose = word.isascii() or size == len(STYLE.sub("", word))
        if is_prose and size <= self.room:
            if self._used + gap + size > self.room:
                self._break()
                gap = 0
            self._put(" " * gap + word, gap + size)
            return
        for number, (part, width) in enumerate(units(word, self.room)):
            space = gap if not number else 0
            if not self._is_empty and self._used + space + width > self.room:
                self._break()
                space = 0
            self._put(" " * space + part, space + width)

    def _put(self, text: str, width: int) -> None:
        self._line += text
        self._used += width
        self._is_empty = False
        for style in STYLE.findall(text) if "\x1b" in text else ():
            self._style = "" if style == _PLAIN else self._style + style

    def _break(self) -> None:
        """Begin another line, with the colour of this one: a pager shows each line for itself."""
        self._done.append(self._line + (_PLAIN if self._style else ""))
        self._line, self._used, self._is_empty = self._indent + self._style, 0, True

    def text(self) -> str:
        """Return the lines."""
        return "\n".join([*self._done, self._line])


def heading_of_query(query: str) -> str:
    """Return a query as the heading of what it found; the one that asks for all, perhaps with filters, is any text."""
    return bold("any text" if query.strip() == EVERYTHING else one_line(shortened(query)))


def shortened(text: str) -> str:
    """Return a value as lists show it: a long one is cut and ends with an ellipsis (JSON and CSV have it whole)."""
    return excerpt(text, _LONGEST_VALUE)
