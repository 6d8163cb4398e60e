"""The layout of paragraphs: their tables, and where the source leaves a line empty.

The text of a paragraph has its white space collapsed, which leaves a table unreadable, and a long paragraph a wall. Its
lines are still in the body of the cable, with page breaks between them that are no part of the paragraph. For a reader
who may not see the body, a paragraph is one stretch of text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cablesearch.cable import Cable, Paragraph

__all__ = ["Block", "blocks"]

_GAP = re.compile(r"\S(?: {3,}|\t+ *)\S")
"""What stands between two columns."""
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_SENTENCE_ENDS = (".", ":", ";", "?", "!", '"', "\u201d", ")", "]")
_FEWEST_ROWS = 3
_MOST_BETWEEN = 2
"""The most lines in a row of a table that have no columns, such as long names that are wrapped."""
_DEEPEST_LABEL = 40
"""The most characters before the text of a paragraph in its first line: its number and marking."""
_LONGEST = 200_000
"""Characters of the longest paragraph whose layout is looked for."""


class _Line(NamedTuple):
    """A line of a paragraph in the body.

    Attributes:
        written: the line.
        start, end: its place in the paragraph's text.
        is_apart: whether the line before it is empty.
    """

    written: str
    start: int
    end: int
    is_apart: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a paragraph: running text, or a table.

    Attributes:
        start, end: its place in the paragraph's text.
        lines: the lines of a table; none: it is running text.
        places: for each line of a table, its place in the paragraph's text.
    """

    start: int
    end: int
    lines: tuple[str, ...] = ()
    places: tuple[tuple[int, int], ...] = ()


def blocks(cable: Cable, paragraph: Paragraph) -> list[Block]:
    """Return the parts of a paragraph in order: its tables, and the stretches of text around them.

    If the lines of the body do not add up to the text of the paragraph, the whole paragraph is one block of
    running text.
    """
    text, raw = paragraph.text, cable.body[paragraph.start : paragraph.end]
    if len(raw) > _LONGEST or not (_GAP.search(raw) or _BLANK_LINE.search(raw)):
        return [Block(0, len(text))]
    lines = _lines(raw, text)
    made: list[Block] = []
    at = 0
    for first, last in _tables([line.written for line in lines]):
        made += _running(text, lines[at:first])
        made.append(_table(lines[first:last]))
        at = last
    made += _running(text, lines[at:])
    return made or [Block(0, len(text))]


def _lines(raw: str, text: str) -> list[_Line]:
    """Return the lines of a paragraph with their places in its text; none if they cannot be found.

    Lines that are not in the text, such as page breaks, are left out.
    """
    # Places are compared without white space, which the text does not keep.
    places = [place for place, char in enumerate(text) if not char.isspace()]
    letters = "".join(text.split())
    found: list[_Line] = []
    at, is_apart = 0, False
    for line in map(str.rstrip, raw.expandtabs().splitlines()):
        if at == len(letters):
            break
        if not line:
            is_apart = True
            continue
        written = line if found else _without_label(line, letters)
        own = "".join(written.split())
        if not letters.startswith(own, at):
            own = own.removesuffix("-")
        if own and letters.startswith(own, at):
            at += len(own)
            found.append(_Line(written, places[at - len(own)], places[at - 1] + 1, is_apart))
        # A line that is passed over belongs to a page break, and so do the empty ones around it.
        is_apart = False
    return found if at == len(letters) else []


def _without_label(line: str, letters: str) -> str:
    """Return the first line of a paragraph without its number and marking, or nothing if it is not that line."""
    for word in re.finditer(r"\S+", line[: _DEEPEST_LABEL + 1]):
        rest = line[word.start() :]
        if letters.startswith("".join(rest.split()).removesuffix("-")):
            return " " * word.start() + rest
    return ""


def _tables(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the first line of each table and that after its last one."""
    rows = [number for number, line in enumerate(lines) if _GAP.search(line)]
    start = 0
    for place in range(len(rows)):
        if place + 1 < len(rows) and rows[place + 1] - rows[place] <= _MOST_BETWEEN + 1:
            continue
        if place + 1 - start >= _FEWEST_ROWS:
            yield rows[start], rows[place] + 1
        start = place + 1


def _table(rows: Sequence[_Line]) -> Block:
    margin = min(len(row.written) - len(row.written.lstrip()) for row in rows)
    lines = tuple(row.written[margin:] for row in rows)
    return Block(rows[0].start, rows[-1].end, lines, tuple((row.start, row.end) for row in rows))


def _running(text: str, lines: Sequence[_Line]) -> Iterator[Block]:
    """Yield lines as stretches of running text: another begins after an empty line, unless it is amid a sentence."""
    if not lines:
        return
    start, end = lines[0].start, lines[0].end
    for line in lines[1:]:
        if line.is_apart and text[:end].endswith(_SENTENCE_ENDS):
            yield Block(start, end)
            start = line.start
        end = line.end
    yield Block(start, end)
