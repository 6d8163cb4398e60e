"""The text of a cable as HTML: its matches marked and numbered, its tables as the source has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from cablesearch.answers.layout import Block, blocks
from cablesearch.cable import Cable, Paragraph
from cablesearch.results.marking import Highlighter, Marker
from cablesearch.text.terminal import printable

__all__ = ["Marks", "Stretch"]

_Spans = Sequence[tuple[int, int]]
_MARK = Markup('<mark id="m{}">{}</mark>')


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a paragraph: running text, or a table in lines."""

    text: Markup
    is_table: bool


class Marks:
    """Marks the matches of a query in the parts of a cable, and numbers them in the order in which they are read."""

    def __init__(self, highlighter: Highlighter) -> None:
        self._highlighter = highlighter
        self.count = 0
        """The number of matches so far."""

    def subject(self, text: str) -> Markup:
        """Return a subject with its matches."""
        return self._line(text, self._highlighter.subject)

    def heading(self, text: str) -> Markup:
        """Return a heading with its matches."""
        return self._line(text, self._highlighter.heading)

    def envelope(self, text: str) -> Markup:
        """Return the text outside of the paragraphs with its matches."""
        return self._line(text, self._highlighter.envelope)

    def paragraph(self, cable: Cable, paragraph: Paragraph) -> tuple[Stretch, ...]:
        """Return the parts of a paragraph with their matches."""
        text = paragraph.text
        spans = _spans(text, self._highlighter.text)
        return tuple(self._stretch(text, block, spans) for block in blocks(cable, paragraph))

    def pass_over(self, cable: Cable, paragraph: Paragraph) -> None:
        """Count the matches of a paragraph that is not shown."""
        if _spans(paragraph.text, self._highlighter.text):
            # Words side by side may stand in two lines of a table, and are two matches there.
            self.paragraph(cable, paragraph)

    def _line(self, text: str, marker: Marker) -> Markup:
        return self._marked(text, _spans(text, marker))

    def _stretch(self, text: str, block: Block, spans: _Spans) -> Stretch:
        if not block.lines:
            own = _within(spans, block.start, block.end)
            return Stretch(self._marked(text[block.start : block.end], own), is_table=False)
        lines = []
        for line, (start, end) in zip(block.lines, block.places, strict=True):
            own = _within(spans, start, end)
            lines.append(self._marked(line, _as_in_line(text[start:end], line, own) if own else ()))
        return Stretch(Markup("\n").join(lines), is_table=True)

    def _marked(self, text: str, spans: _Spans) -> Markup:
        """Return text, escaped, in which nothing can turn a line around, with ``<mark>`` around spans of it."""
        made = Markup("")
        at = 0
        for start, end in spans:
            self.count += 1
            made += escape(printable(text[at:start])) + _MARK.format(self.count, printable(text[start:end]))
            at = end
        return made + escape(printable(text[at:]))


def _spans(text: str, marker: Marker) -> list[tuple[int, int]]:
    """Return the places of the matches in a text.

    Those that touch, as pieces of a long word do, and those with nothing but a blank between them, as the words of a
    phrase, are one.
    """
    spans: list[tuple[int, int]] = []
    for part in marker.parts(text):
        for start, end, _ in part.spans:
            if spans and (start <= spans[-1][1] or text[spans[-1][1] : start].isspace()):
                spans[-1] = spans[-1][0], max(end, spans[-1][1])
            else:
                spans.append((start, end))
    return spans


def _within(spans: _Spans, start: int, end: int) -> list[tuple[int, int]]:
    """Return what lies of spans within a stretch, by its places in the stretch.

    >>> _within([(0, 3), (5, 9)], 6, 12)
    [(0, 3)]
    """
    return [
        (max(first, start) - start, min(last, end) - start) for first, last in spans if first < end and last > start
    ]


def _as_in_line(text: str, line: str, spans: _Spans) -> list[tuple[int, int]]:
    """Return spans of a text as places in a line that has the same characters but for white space.

    >>> _as_in_line("a b", "  a    b", [(2, 3)])
    [(7, 8)]
    """
    places = list(_inked(line))
    numbers = {place: number for number, place in enumerate(_inked(text))}
    moved = []
    for start, end in spans:
        inked = [numbers[place] for place in range(start, end) if place in numbers]
        if inked:
            moved.append((places[inked[0]], places[inked[-1]] + 1))
    return moved


def _inked(text: str) -> Iterator[int]:
    return (place for place, char in enumerate(text) if not char.isspace())
