"""Bars of text, an eighth of a column at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cablesearch.cli.display import columns
from cablesearch.cli.rendering.cells import cells
from cablesearch.text.terminal import one_line
from cablesearch.text.wording import excerpt

__all__ = ["Bar", "bar_lines"]

_EIGHTHS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")
_MOST, _LEAST = 100, 40
"""The columns that a chart takes at most and at least, whatever the terminal has."""
_LEAST_BAR = 8
_INDENT, _GAP = 2, 2


class Bar(NamedTuple):
    """A line of a chart.

    Attributes:
        label: what is counted.
        length: the length of the bar, in any unit.
        number: the length as people read it.
    """

    label: str
    length: float
    number: str


def bar_lines(bars: Sequence[Bar], longest: float | None = None) -> Iterator[str]:
    """Yield a line for each bar: its label, its number, and the bar.

    Args:
        bars: the lines of the chart.
        longest: the length that fills the line, so that several charts can be compared; None: that of the longest bar.
    """
    if not bars:
        return
    width = max(_LEAST, min(columns(), _MOST))
    numbers = max(cells(bar.number) for bar in bars)
    room = width - _INDENT - numbers - 2 * _GAP - _LEAST_BAR
    labels = [_cut(one_line(bar.label), room) for bar in bars]
    widest = max(map(cells, labels))
    longest = longest or max(bar.length for bar in bars) or 1
    for bar, label in zip(bars, labels, strict=True):
        start = f"{'':{_INDENT}}{label}{' ' * (widest - cells(label))}{'':{_GAP}}{bar.number:>{numbers}}{'':{_GAP}}"
        yield (start + _bar(bar.length / longest, width - cells(start))).rstrip() + "\n"


def _bar(part: float, room: int) -> str:
    """Return a bar of a part of the room; one that is not empty can be seen."""
    eighths = max(round(part * room * 8), 1 if part > 0 else 0)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8]


def _cut(text: str, room: int) -> str:
    """Return a label that takes at most ``room`` columns."""
    most = room
    while cells(text) > room:
        text = excerpt(text, most)
        most -= 1
    return text
