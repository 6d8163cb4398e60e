"""Text read in blocks: only as much is held as the current record needs."""

from __future__ import annotations

from collections.abc import Iterator

from cablesearch.readers.records import LONGEST_RECORD

__all__ = ["Buffer", "closing_quote"]


class Buffer:
    """Part of the ``text`` of a file, which is read up to the place ``at``. ``ended``: the file ends with it. Records
    longer than ``longest`` characters are not read."""

    def __init__(self, blocks: Iterator[str], longest: int = LONGEST_RECORD) -> None:
        self.longest = longest
        self.text = ""
        self.at = 0
        self.ended = False
        self._blocks = blocks
        self._lines = 1
        self._counted = 0

    def has_room(self) -> bool:
        """Return whether a record that starts at the place may need more text than there is."""
        return len(self.text) - self.at <= self.longest

    def extend(self) -> None:
        """Drop what was read and take more text: at least as much as is left, so that long records cost linear time."""
        self.line()
        parts = [self.text[self.at :]]
        wanted = len(parts[0])
        while wanted >= 0:
            block = next(self._blocks, None)
            if block is None:
                self.ended = True
                break
            parts.append(block)
            wanted -= len(block) + 1
        self.text = "".join(parts)
        self.at = self._counted = 0

    def line(self) -> int:
        """Return the number of the current line, counted on from the last count."""
        self._lines += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._lines


def closing_quote(text: str, start: int, quote: str, *, escapes: bool, doubled: bool) -> int:
    """Return the place of the quote that ends a string whose characters begin at ``start``; -1 if it is not closed.

    A loop, as a regular expression would remember each escape of a string of many megabytes.

    Args:
        text: the text.
        start: the place behind the quote that begins the string.
        quote: the sign.
        escapes: whether a quote behind a backslash belongs to the string.
        doubled: whether two quotes belong to the string.
    """
    end = text.find(quote, start)
    while end >= 0:
        if escapes and text[end - 1] == "\\" and _is_escaped(text, start, end):
            end = text.find(quote, end + 1)
        elif doubled and text.startswith(quote, end + 1):
            end = text.find(quote, end + 2)
        else:
            break
    return end


def _is_escaped(text: str, start: int, at: int) -> bool:
    """Return whether an odd number of backslashes stands before a place of a string."""
    first = at
    while first > start and text[first - 1] == "\\":
        first -= 1
    return (at - first) % 2 == 1
