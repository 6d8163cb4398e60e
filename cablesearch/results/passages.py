"""The passage of a text that shows its matches best."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from cablesearch.cable import collapsed
from cablesearch.results.marking import Marker
from cablesearch.results.windows import windows
from cablesearch.text.terminal import printable

__all__ = ["Snippet", "best_passage", "passage", "snippet"]

_BLANKS = re.compile(r"^\s+|\s{2,}")


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage with its matches: ``parts`` are pairs of a text and a bool, true for a match. ``str`` is the text."""

    parts: tuple[tuple[str, bool], ...]

    def __str__(self) -> str:
        return self.plain()

    def plain(self) -> str:
        """Return the passage as plain text."""
        return "".join(text for text, _ in self.parts)

    def html(self) -> str:
        """Return the passage as escaped HTML with the matches in ``<mark>``."""
        import html

        return "".join(
            f"<mark>{html.escape(text)}</mark>" if matched else html.escape(text) for text, matched in self.parts
        )

    def terminal(self, style: Callable[[str], str] | None = None) -> str:
        """Return the passage for a terminal: without control characters, the matches passed through ``style``."""
        return "".join(style(printable(text)) if matched and style else printable(text) for text, matched in self.parts)


def best_passage(text: str, marker: Marker, width: int = 240) -> Snippet:
    """Return the best `passage` of a text with white space collapsed; of a long text, of the first stretch with a
    match."""
    part = marker.first(text)
    stretch = text[part.start : part.end]
    spans = [(start - part.start, end - part.start, leaf) for start, end, leaf in part.spans]
    cut = (part.start > 0, part.end < len(text))
    plain = collapsed(stretch)
    return passage(plain, spans if plain == stretch else _shifted(stretch, spans), width, cut)


def _shifted(text: str, spans: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Return the spans as they are after white space is collapsed.

    >>> _shifted("a  b", [(3, 4, 0)])
    [(2, 3, 0)]
    """
    # Where a stretch of white space ends, and how many code points are dropped up to there.
    ends, dropped = [0], [0]
    for blank in _BLANKS.finditer(text):
        kept = int(blank.start() > 0)
        ends.append(blank.end())
        dropped.append(dropped[-1] + blank.end() - blank.start() - kept)
    shifts = [(dropped[bisect_right(ends, start) - 1], dropped[bisect_right(ends, end) - 1]) for start, end, _ in spans]
    return [(start - first, end - last, leaf) for (start, end, leaf), (first, last) in zip(spans, shifts, strict=True)]


def passage(
    text: str, spans: list[tuple[int, int, int]], width: int = 240, cut: tuple[bool, bool] = (False, False)
) -> Snippet:
    """Return the passage of at most about ``width`` code points with the most different matches, in whole sentences.

    If matches of different leaves lie too far apart for it, the passage has up to three pieces, which together are
    longer by up to a third.

    Args:
        text: the whole text.
        spans: its matches, as `Marker.spans` returns them.
        width: a single sentence longer than this is cut between words.
        cut: whether there is more text before and after ``text``.
    """
    return _joined(text, spans, windows(text, spans, width), cut)


def snippet(
    text: str, spans: list[tuple[int, int, int]], start: int, end: int, cut: tuple[bool, bool] = (False, False)
) -> Snippet:
    """Return ``text[start:end]`` with its matches, and an ellipsis where it is cut."""
    return _joined(text, spans, [(start, end)], cut)


def _joined(
    text: str, spans: list[tuple[int, int, int]], pieces: list[tuple[int, int]], cut: tuple[bool, bool]
) -> Snippet:
    """Return pieces of a text, by their (start, end), with their matches, and an ellipsis wherever text is left out."""
    parts: list[tuple[str, bool]] = [("… ", False)] if pieces[0][0] > 0 or cut[0] else []
    for number, (start, end) in enumerate(pieces):
        if number:
            parts.append((" … ", False))
        at = start
        for first, last in _marks(spans, start, end):
            if first > at:
                parts.append((text[at:first], False))
            parts.append((text[first:last], True))
            at = last
        if at < end:
            parts.append((text[at:end], False))
    if pieces[-1][1] < len(text) or cut[1]:
        parts.append((" …", False))
    return Snippet(tuple(parts))


def _marks(spans: list[tuple[int, int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """Return the (start, end) of what is marked between two places: pieces of a long word, which touch, are one mark.

    >>> _marks([(0, 2, 0), (3, 5, 0), (5, 7, 1), (7, 9, 0)], 1, 8)
    [(1, 2), (3, 8)]
    """
    marks: list[tuple[int, int]] = []
    for first, last, _ in spans:
        if first < end and last > start:
            begin = marks.pop()[0] if marks and first == marks[-1][1] else max(first, start)
            marks.append((begin, min(last, end)))
    return marks
