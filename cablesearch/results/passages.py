"""The passage of a text that shows its matches best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from cablesearch.cable import collapsed
from cablesearch.results.marking import Highlighter, Marker
from cablesearch.results.sentences import sentences
from cablesearch.text.terminal import printable

__all__ = ["Highlighter", "Marker", "Snippet", "best_passage", "passage", "snippet"]

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage with its matches: ``parts`` are pairs of a text and a bool, true for a match."""

    parts: tuple[tuple[str, bool], ...]

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
    return passage(collapsed(stretch), _shifted(stretch, spans), width, cut)


def _shifted(text: str, spans: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Return the spans as they are after white space is collapsed: the match in "a  b" moves from 3 to 2."""
    if text == collapsed(text):
        return spans
    places: list[int] = []
    length = 0
    blank = True
    for char in text:
        places.append(length)
        if not char.isspace():
            length, blank = length + 1, False
        elif not blank:
            length, blank = length + 1, True
    places.append(length)
    return [(places[start], places[end], leaf) for start, end, leaf in spans]


def passage(
    text: str, spans: list[tuple[int, int, int]], width: int = 240, cut: tuple[bool, bool] = (False, False)
) -> Snippet:
    """Return the passage of at most about ``width`` code points with the most different matches, in whole sentences.

    Args:
        text: the whole text.
        spans: its matches, as `Marker.spans` returns them.
        width: a single sentence longer than this is cut between words.
        cut: whether there is more text before and after ``text``.
    """
    start, end = _best_window(text, spans, width)
    if end - start > width:
        start, end = _cut(text, spans, start, end, width)
    return snippet(text, spans, start, end, cut)


def snippet(
    text: str, spans: list[tuple[int, int, int]], start: int, end: int, cut: tuple[bool, bool] = (False, False)
) -> Snippet:
    """Return ``text[start:end]`` with its matches, and an ellipsis where it is cut."""
    parts: list[tuple[str, bool]] = [("… ", False)] if start > 0 or cut[0] else []
    at = start
    for begin, stop, _ in spans:
        if begin >= end or stop <= start:
            continue
        first, last = max(begin, start), min(stop, end)
        if first > at:
            parts.append((text[at:first], False))
        parts.append((text[first:last], True))
        at = last
    if at < end:
        parts.append((text[at:end], False))
    if end < len(text) or cut[1]:
        parts.append((" …", False))
    return Snippet(tuple(parts))


def _best_window(text: str, spans: list[tuple[int, int, int]], width: int) -> Span:
    """Return the first of the windows with the most different matches, then the most matches.

    A window starts at each sentence and takes as many whole sentences as fit: sentences of 100, 90 and 80 code points
    in a width of 200 make the windows 1-2, 2-3 and 3.
    """
    if len(text) <= width:
        return 0, len(text)
    borders = sentences(text)
    if not borders:
        return 0, len(text)
    windows: list[Span] = []
    last = 0
    for first, (start, _) in enumerate(borders):
        last = max(last, first)
        while last + 1 < len(borders) and borders[last + 1][1] - start <= width:
            last += 1
        windows.append((start, borders[last][1]))
    worths = _worths(spans, windows)
    return windows[worths.index(max(worths))]


def _worths(spans: list[tuple[int, int, int]], windows: list[Span]) -> list[tuple[int, int]]:
    """Return for each window how many different leaves match in it, and how many matches it has.

    The starts and the ends of the windows must rise, and so must those of the spans. Each span then enters the count
    once and leaves it once, however many windows it is in.

    >>> _worths([(0, 2, 0), (3, 5, 1), (6, 8, 1)], [(0, 5), (3, 9)])
    [(2, 2), (1, 2)]
    """
    worths: list[tuple[int, int]] = []
    counts: Counter[int] = Counter()
    left = right = 0
    for start, end in windows:
        while right < len(spans) and spans[right][1] <= end:
            counts[spans[right][2]] += 1
            right += 1
        while left < right and spans[left][0] < start:
            leaf = spans[left][2]
            counts[leaf] -= 1
            if not counts[leaf]:
                del counts[leaf]
            left += 1
        worths.append((len(counts), right - left))
    return worths


def _cut(text: str, spans: list[tuple[int, int, int]], start: int, end: int, width: int) -> Span:
    """Return a stretch of ``width`` of one long sentence, around its densest matches, cut between words.

    The best start is the match with the most different leaves in the next three quarters of the width; a quarter is
    left for the words before it.
    """
    inside = [span for span in spans if start <= span[0] < end]
    best = start
    if inside:
        leaves = [leaves for leaves, _ in _worths(inside, [(first, first + width * 3 // 4) for first, _, _ in inside])]
        best = inside[leaves.index(max(leaves))][0]
    left = max(start, min(best - width // 4, end - width))
    right = min(end, left + width)
    if left > start:
        left = text.find(" ", left, best + 1) + 1 or best
    if right < end:
        right = max(text.rfind(" ", left + 1, right), left + 1) if " " in text[left + 1 : right] else right
    return left, right
