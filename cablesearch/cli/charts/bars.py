"""Bars of text, an eighth of a column at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cablesearch.cli.display import columns
from cablesearch.cli.rendering.cells import cells, cut
from cablesearch.cli.rendering.layout import match_style
from cablesearch.text.terminal import one_line

__all__ = ["MARK", "Bar", "Line", "bar_lines", "chart_width", "percentages"]

MARK = "»"
"""The sign before a marked bar."""
_EIGHTHS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")
_MOST, _LEAST = 100, 40
"""The columns that a chart takes at most and at least, whatever the terminal has."""
_LEAST_BAR = 6
_INDENT, _GAP = 2, 2


class Bar(NamedTuple):
    """A line of a chart.

    Attributes:
        label: what is counted.
        length: the length of the bar, in any unit.
        number: the length as people read it.
        is_marked: whether the bar is marked, in colour and by a sign.
    """

    label: str
    length: float
    number: str
    is_marked: bool = False


class Line(NamedTuple):
    """A line between bars, as it is printed."""

    text: str


def bar_lines(rows: Sequence[Bar | Line], longest: float | None = None) -> Iterator[str]:
    """Yield a line for each bar: its label, its number, and the bar. All begin in the same columns, also where other
    lines stand between them.

    Args:
        rows: the lines of the chart.
        longest: the length that fills the line, so that several charts can be compared; None: that of the longest bar.
    """
    bars = [row for row in rows if isinstance(row, Bar)]
    width = chart_width()
    numbers = max((cells(bar.number) for bar in bars), default=0)
    room = width - _INDENT - numbers - 2 * _GAP - _LEAST_BAR
    short = [cut(one_line(bar.label), room) for bar in bars]
    labels, widest = iter(short), max(map(cells, short), default=0)
    longest = longest or max((bar.length for bar in bars), default=0) or 1
    style = match_style()
    for row in rows:
        if isinstance(row, Line):
            yield row.text + "\n"
            continue
        label, mark = next(labels), MARK if row.is_marked else ""
        start = f"{mark:{_INDENT}}{label}{' ' * (widest - cells(label))}{'':{_GAP}}{row.number:>{numbers}}{'':{_GAP}}"
        bar = _bar(row.length / longest, width - cells(start))
        yield (start + (style(bar) if style and bar and row.is_marked else bar)).rstrip() + "\n"


def chart_width() -> int:
    """Return how many columns a chart takes."""
    return max(_LEAST, min(columns(), _MOST))


def percentages(shares: Sequence[float]) -> list[str]:
    """Return shares of a chart in per cent, with as many decimal places as the largest needs for three digits:
    ``percentages([0.0, 0.04111, 0.3]) == ["0 %", "4.1 %", "30.0 %"]``. Only 0 is shown as 0."""
    largest = 100 * max(shares, default=0)
    places = 1 if largest >= 10 else 2 if largest >= 1 else 3 if largest >= 0.1 else 4
    least = f"{10**-places:.{places}f}"

    def shown(share: float) -> str:
        text = f"{100 * share:.{places}f}"
        return "0" if not share else f"<{least}" if not float(text) else text

    return [f"{shown(share)} %" for share in shares]


def _bar(part: float, room: int) -> str:
    """Return a bar of a part of the room; one that is not empty can be seen."""
    eighths = max(round(part * room * 8), 1 if part > 0 else 0)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8]
