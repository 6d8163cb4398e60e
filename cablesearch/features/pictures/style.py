"""The look of pictures: sizes, colours, markers and hatches."""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "ABSENT",
    "BODY",
    "DPI",
    "GRID",
    "HEIGHT",
    "INK",
    "MARGIN",
    "PALE",
    "SMALL",
    "TITLE",
    "WIDTH",
    "Pen",
    "pen",
]

WIDTH, HEIGHT, DPI = 576.0, 324.0, 200
"""The size of a picture in points: 8 by 4.5 inches, 1600 by 900 pixels."""
MARGIN = 14.0
"""The empty border, in points."""
TITLE, BODY, SMALL = 13.0, 9.5, 7.5
"""Sizes of type, in points."""
INK, PALE, GRID, ABSENT = "#222222", "#666666", "#dddddd", "#efefef"
"""The colours of text, of notes and axes, of the grid, and of periods in which there is nothing to count."""

_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""The colours of Okabe and Ito (Color Universal Design, 2008), which people with any colour vision tell apart; without
yellow, which is too light for a line on white."""
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_HATCHES = ("", "////", "....", "xxxx", "----", "\\\\\\\\", "++++")
_DASHES: tuple[tuple[float, ...], ...] = ((), (5, 2), (1.5, 1.5), (6, 2, 1.5, 2))


class Pen(NamedTuple):
    """How a series is drawn. Without colours, markers (of lines) and hatches (of bars) tell the series apart.

    Attributes:
        color: the colour.
        marker: matplotlib's name of the marker.
        hatch: matplotlib's name of the hatch.
        dashes: the lengths of dashes and gaps in points; empty for a solid line.
    """

    color: str
    marker: str
    hatch: str
    dashes: tuple[float, ...]


def pen(number: int) -> Pen:
    """Return the pen of a series by its number from 0; there are 28 different ones."""
    place = number % len(_COLORS)
    return Pen(_COLORS[place], _MARKERS[place], _HATCHES[place], _DASHES[number // len(_COLORS) % len(_DASHES)])
