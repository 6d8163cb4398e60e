"""Draw a chart of series over time as PNG or SVG.

matplotlib's objects are used without its global figures, so that nothing needs a display. A few settings can only be
made globally; a lock keeps pictures of several threads apart, and the settings of the program are restored.
"""

from __future__ import annotations

import contextlib
import math
import re
import threading
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from cablesearch.errors import CablesearchError
from cablesearch.features.pictures.chart import HEADROOM, Chart, Curve, Form
from cablesearch.features.pictures.fonts import families
from cablesearch.features.pictures.label_places import label_places
from cablesearch.features.pictures.style import (
    ABSENT,
    BODY,
    DPI,
    GRID,
    HEIGHT,
    INK,
    MARGIN,
    PALE,
    SMALL,
    TITLE,
    WIDTH,
    pen,
)
from cablesearch.features.pictures.thinning import thinned
from cablesearch.features.pictures.time_ticks import time_ticks
from cablesearch.features.pictures.typesetting import Typesetter
from cablesearch.text.terminal import one_line

if TYPE_CHECKING:
    from cablesearch.features.pictures.picture import Picture

__all__ = ["drawn", "figure"]

_LOCK = threading.Lock()
_SETTINGS: dict[Any, Any] = {"svg.hashsalt": "cablesearch", "svg.fonttype": "none"}
"""Text in an SVG stays text, which can be searched and edited; and the same chart is the same file."""
_FONTS_OF_TEXT = re.compile(rb"(<text [^<>]*font-family: [^;<>]*)")
"""The fonts of a text in an SVG; those that take the place of missing ones have letters of the same width, or less."""
_MOST_BARS = 40
"""The most bars of a picture; more numbers are lines."""
_MOST_GROUPED = 3
"""The most bars beside one another."""
_COLUMNS = 1500
"""The most neighbours whose lowest and highest values are drawn; a picture has about as many columns of pixels."""
_ALL_MARKED = 36
"""The most periods of which each has a marker."""
_MARKERS = 12
"""About how many markers other lines have."""
_ROW = 0.022
"""The height of the marked stretches of one of several series, as a part of the height of the axes."""
_SURFACE = 0.12
"""How opaque the surface under a single line, and a marked stretch, are."""
_TICK_ROOM = 42.0
"""The room of a label of the axis of time, in points."""
_LABEL_ROOM = 130.0
"""The widest label beside a line, in points."""
_MOST_LABELS = 7
"""The most labels beside lines."""
_SAMPLE, _COLUMN_GAP, _USUAL_ROWS = 26.0, 18.0, 5
"""The room of a sample in the legend and the gap between its columns, in points; the rows of the usual picture."""
_MOST_SHIFT, _LEAST_DISTANCE = 14.0, 3.0
"""How far a label may be from the end of its line, and how near to each other such ends may be, in points."""


def drawn(chart: Chart, form: Form) -> tuple[bytes, str]:
    """Return a chart as a file, and the characters in it that no font here has; the same chart is the same file.

    Raises:
        CablesearchError: matplotlib is not installed.
    """
    _, data, missing = figure(chart, form)
    return data, missing


def figure(chart: Chart, form: Form | None = None) -> tuple[Picture, bytes, str]:
    """Return a chart as a figure of matplotlib, as a file of a format (empty without one), and the characters in it
    that no font here has.

    Raises:
        CablesearchError: matplotlib is not installed.
    """
    with _settings():
        drawing = _Drawing(chart)
        data = drawing.figure.data(form) if form else b""
    if form == "svg":
        data = _FONTS_OF_TEXT.sub(rb"\1, Verdana, sans-serif", data)
    return drawing.figure, data, drawing.missing


@contextlib.contextmanager
def _settings() -> Iterator[None]:
    """Let matplotlib draw for one thread, with its own settings.

    Raises:
        CablesearchError: matplotlib is not installed.
    """
    try:
        import matplotlib
    except ImportError:
        raise CablesearchError("pictures need matplotlib: pip install 'cablesearch[plot]'") from None
    with _LOCK, matplotlib.rc_context(), _silence():
        # Without the backend: setting it loads the global figures.
        defaults = {name: value for name, value in matplotlib.rcParamsDefault.items() if name != "backend"}
        matplotlib.rcParams.update(defaults | _SETTINGS)
        yield


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Silence matplotlib's warnings about fonts: the functions return the characters without a font, and a missing bold
    face does not matter."""
    import logging
    import warnings

    logger = logging.getLogger("matplotlib.font_manager")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


class _Drawing:
    """A picture in the making. Places are in points from the lower left corner.

    Attributes:
        figure: the picture.
        missing: the characters in it that no font has.
    """

    def __init__(self, chart: Chart) -> None:
        from cablesearch.features.pictures.picture import Picture

        self._chart = chart
        names = [one_line(curve.name) for curve in chart.curves]
        texts = [*names, one_line(chart.title or ""), chart.caption, *chart.notes, "0123456789,.% "]
        chosen, self.missing = families(texts)
        self._type = Typesetter(chosen)
        self._names = names
        # Many queries have a long legend.
        rows = self._legend_size()[1] if len(names) > _MOST_LABELS else 0
        self._height = HEIGHT + max(0.0, (rows - _USUAL_ROWS) * self._row_height)
        self.figure = Picture(figsize=(WIDTH / 72, self._height / 72), dpi=DPI, facecolor="white")
        self._axes: Any = None
        self._draw()

    def _draw(self) -> None:
        chart = self._chart
        has_bars = _has_bars(chart)
        top = self._headings()
        ticks = self._time_ticks(WIDTH - 2 * MARGIN)
        bottom = self._notes() + self._type.height(2 if any("\n" in label for _, label in ticks) else 1, BODY) + 6
        left = MARGIN + self._widest_number() + 6
        labels = [] if has_bars or len(chart.curves) < 2 else self._side_labels(top - bottom)
        right = WIDTH - MARGIN - (max(self._block_width(lines) for lines in labels) + 10 if labels else 0)
        if len(chart.curves) > 1 and not labels:
            top = self._legend(top, has_bars=has_bars)
        box = (left / WIDTH, bottom / self._height, (right - left) / WIDTH, (top - bottom) / self._height)
        self._axes = self.figure.add_axes(box)
        self._lay_out_axes(right - left, has_bars=has_bars)
        if has_bars:
            self._bars()
        else:
            self._lines()
        self._marked()
        if labels:
            self._put_labels(labels, right, bottom, top)

    # Texts around the axes

    def _text(self, x: float, y: float, text: str, size: float, **options: Any) -> None:
        """Put a text into the figure."""
        bold = options.pop("bold", False)
        font = self._type.font(size, bold=bold)
        self.figure.text(x / WIDTH, y / self._height, text, fontproperties=font, parse_math=False, **options)

    def _headings(self) -> float:
        """Put the title and the caption, and return where the axes, or a legend, may begin."""
        room, y = WIDTH - 2 * MARGIN, self._height - MARGIN
        if self._chart.title:
            for line in self._type.lines(one_line(self._chart.title), room, TITLE, 3, bold=True):
                self._text(MARGIN, y, line, TITLE, bold=True, color=INK, va="top")
                y -= self._type.height(1, TITLE)
            y -= 2
        caption = self._chart.caption
        if len(self._names) == 1:
            beside = room - self._type.width(f": {caption}", BODY)
            name = self._type.cut(self._names[0], beside, BODY, bold=True)
            self._text(MARGIN, y, name, BODY, bold=True, color=pen(0).color, va="top")
            start = MARGIN + self._type.width(name, BODY, bold=True)
            self._text(start, y, f": {caption}", BODY, color=PALE, va="top")
        else:
            self._text(MARGIN, y, caption[:1].upper() + caption[1:], BODY, color=PALE, va="top")
        return y - self._type.height(1, BODY) - 8

    def _notes(self) -> float:
        """Put the notes, and return where the labels of the axis of time may begin."""
        lines = self._type.lines(". ".join(self._chart.notes), WIDTH - 2 * MARGIN, SMALL, 3)
        for place, line in enumerate(reversed(lines)):
            self._text(MARGIN, MARGIN + self._type.height(place, SMALL), line, SMALL, color=PALE, va="bottom")
        return MARGIN + self._type.height(len(lines), SMALL) + (6 if lines else 0)

    @property
    def _row_height(self) -> float:
        """The height of a row of the legend."""
        return self._type.height(1, BODY) + 1

    def _legend_size(self) -> tuple[int, int, float]:
        """Return the columns and rows of a legend, and the distance of its columns."""
        room = WIDTH - 2 * MARGIN
        widest = max(min(self._type.width(name, BODY), room - _SAMPLE) for name in self._names) + _SAMPLE
        columns = max(1, min(len(self._names), int((room + _COLUMN_GAP) // (widest + _COLUMN_GAP))))
        return columns, -(-len(self._names) // columns), widest + _COLUMN_GAP

    def _legend(self, top: float, *, has_bars: bool) -> float:
        """Put a legend in rows above the axes, and return where the axes may begin."""
        columns, rows, step = self._legend_size()
        for number, name in enumerate(self._names):
            row, column = divmod(number, columns)
            x, y = MARGIN + column * step, top - row * self._row_height
            self._sample(x, y - BODY * 0.62, number, has_bars=has_bars)
            shown = self._type.cut(name, WIDTH - 2 * MARGIN - _SAMPLE, BODY)
            self._text(x + _SAMPLE, y, shown, BODY, color=INK, va="top")
        return top - rows * self._row_height - 6

    def _sample(self, x: float, y: float, number: int, *, has_bars: bool) -> None:
        """Put a piece of a line, or of a bar, beside a name."""
        from matplotlib.lines import Line2D
        from matplotlib.patches import Rectangle

        style = pen(number)
        if has_bars:
            patch = Rectangle((x / WIDTH, (y - 4) / self._height), 20 / WIDTH, 8 / self._height, **_filling(number))
            self.figure.add_artist(patch)
            return
        ends = [[x / WIDTH, (x + 10) / WIDTH, (x + 20) / WIDTH], [y / self._height] * 3]
        line = Line2D(*ends, color=style.color, marker=style.marker, markevery=[1], **_stroke(number))
        self.figure.add_artist(line)

    # The axes

    def _highest(self) -> float:
        if self._chart.ceiling:
            return self._chart.ceiling
        return max((value for curve in self._chart.curves for value in curve.values), default=0)

    def _limit(self) -> float:
        """Return the value at the top of the axes."""
        has_rows = len(self._chart.curves) > 1 and any(curve.marked for curve in self._chart.curves)
        return (self._highest() or 1) * (HEADROOM + _ROW * len(self._chart.curves) * has_rows)

    def _steps(self) -> list[float]:
        """Return the values at which there are lines of the grid."""
        from matplotlib.ticker import MaxNLocator

        highest = self._highest()
        if not highest:
            return [0.0]
        locator = MaxNLocator(6, integer=not self._chart.is_share, steps=[1, 2, 2.5, 5, 10])
        ticks = [float(value) for value in locator.tick_values(0, highest)]
        return [value for value in ticks if 0 <= value <= HEADROOM * highest] or [0.0]

    def _number(self, value: float) -> str:
        if not self._chart.is_share:
            return f"{value:,.0f}"
        return f"{100 * value:.6f}".rstrip("0").rstrip(".") + " %"

    def _widest_number(self) -> float:
        return max(self._type.width(self._number(value), BODY) for value in self._steps())

    def _lay_out_axes(self, width: float, *, has_bars: bool) -> None:
        """Set limits, ticks and grid, and show where there is nothing to count."""
        axes, chart, count = self._axes, self._chart, len(self._chart.periods)
        axes.set_ylim(0, self._limit())
        edge = 0.5 if has_bars else max(0.5, 0.012 * (count - 1))
        axes.set_xlim(-edge, max(count, 1) - 1 + edge)
        axes.spines[["left", "right", "top"]].set_visible(False)
        axes.spines["bottom"].set_color(PALE)
        font, steps = self._type.font(BODY), self._steps()
        axes.set_yticks(steps, [self._number(value) for value in steps], fontproperties=font, color=PALE)
        axes.tick_params(axis="y", length=0, pad=5)
        axes.grid(axis="y", color=GRID, linewidth=0.6)
        axes.set_axisbelow(True)
        ticks = self._time_ticks(width)
        axes.set_xticks([place for place, _ in ticks], [label for _, label in ticks], fontproperties=font, color=INK)
        axes.tick_params(axis="x", length=0 if has_bars else 3, color=PALE, pad=4)
        for first, last in chart.absent:
            axes.axvspan(first - 0.5, last + 0.5, color=ABSENT, linewidth=0, zorder=0)
        if not self._highest():
            middle = axes.transAxes
            text = "Nothing matches"
            axes.text(0.5, 0.5, text, transform=middle, fontproperties=font, color=PALE, ha="center", va="center")

    def _time_ticks(self, width: float) -> list[tuple[int, str]]:
        chart = self._chart
        return time_ticks(chart.periods, chart.by, max(2, int(width // _TICK_ROOM))) if chart.periods else []

    def _bars(self) -> None:
        count = len(self._chart.curves)
        width = 0.78 / count
        for number, curve in enumerate(self._chart.curves):
            start = (number - (count - 1) / 2) * width
            places = [place + start for place in range(len(curve.values))]
            self._axes.bar(places, curve.values, width * (0.94 if count > 1 else 1), zorder=2, **_filling(number))

    def _lines(self) -> None:
        count, several = len(self._chart.periods), len(self._chart.curves) > 1
        for number, curve in enumerate(self._chart.curves):
            places, values = thinned(self._broken(curve.values), _COLUMNS)
            step = 1 if count <= _ALL_MARKED else -(-len(places) // _MARKERS)
            # Markers of different lines are at different places.
            start = number * step // len(self._chart.curves)
            is_marked = several or count <= _ALL_MARKED
            self._axes.plot(
                places,
                values,
                color=pen(number).color,
                marker=pen(number).marker if is_marked else None,
                markevery=(start, step),
                zorder=3,
                solid_joinstyle="round",
                clip_on=False,
                **_stroke(number, is_dense=count > 4 * _MOST_BARS),
            )
            if not several:
                self._axes.fill_between(places, values, color=pen(0).color, alpha=_SURFACE, linewidth=0)

    def _broken(self, values: Sequence[float]) -> list[float]:
        """Return the values of a line, which breaks where there is nothing to count, and is cut off at the top."""
        top = self._limit()
        broken = [min(value, top) for value in values]
        for first, last in self._chart.absent:
            broken[first : last + 1] = [math.nan] * (last + 1 - first)
        return broken

    def _marked(self) -> None:
        """Show the marked stretches: behind a single series, else in a row for each series at the top."""
        several = len(self._chart.curves) > 1
        for number, curve in enumerate(self._chart.curves):
            for first, last in curve.marked:
                low, high = (1 - (number + 1) * _ROW, 1 - (number + 0.3) * _ROW) if several else (0, 1)
                options = {"alpha": 0.9} if several else {"alpha": _SURFACE}
                color = pen(number if several else 1).color
                self._axes.axvspan(first - 0.5, last + 0.5, low, high, color=color, linewidth=0, zorder=1, **options)

    # Labels beside lines

    def _block_width(self, lines: Sequence[str]) -> float:
        return max(self._type.width(line, BODY) for line in lines)

    def _side_labels(self, height: float) -> list[list[str]]:
        """Return the lines of the labels beside the ends of lines; none if they do not fit."""
        curves = self._chart.curves
        if len(curves) > _MOST_LABELS or not self._highest():
            return []
        labels = [self._type.lines(name, _LABEL_ROOM, BODY, 2) for name in self._names]
        is_cut = any(
            lines[-1].endswith("…") and lines != [name] for lines, name in zip(labels, self._names, strict=True)
        )
        ends = sorted(self._end(curve, height) for curve in curves)
        # If lines end close together, labels beside them would be ambiguous.
        if is_cut or any(above - below < _LEAST_DISTANCE for below, above in pairwise(ends)):
            return []
        wanted = [self._end(curve, height) for curve in curves]
        shifts = (abs(place - want) for place, want in zip(self._label_places(labels, height), wanted, strict=True))
        return labels if max(shifts) <= _MOST_SHIFT else []

    def _end(self, curve: Curve, height: float) -> float:
        """Return the height of the end of a line above the axis."""
        return min(1.0, curve.values[-1] / self._limit()) * height

    def _label_places(self, labels: Sequence[Sequence[str]], height: float) -> list[float]:
        """Return the middles of the labels above the axis."""
        heights = [self._type.height(len(lines), BODY) for lines in labels]
        wanted = [self._end(curve, height) for curve in self._chart.curves]
        return label_places(wanted, heights, -BODY, height + BODY)

    def _put_labels(self, labels: Sequence[Sequence[str]], right: float, bottom: float, top: float) -> None:
        for number, (lines, place) in enumerate(zip(labels, self._label_places(labels, top - bottom), strict=True)):
            options = {"color": pen(number).color, "va": "center", "linespacing": 1.15}
            self._text(right + 6, bottom + place, "\n".join(lines), BODY, **options)


def _has_bars(chart: Chart) -> bool:
    """Return whether the numbers of a chart are bars, and not lines."""
    count, curves = len(chart.periods), len(chart.curves)
    return count == 1 or (curves <= _MOST_GROUPED and count * curves <= _MOST_BARS)


def _stroke(number: int, *, is_dense: bool = False) -> dict[str, Any]:
    """Return how the line of a series is drawn."""
    dashes = pen(number).dashes
    style: dict[str, Any] = {"dashes": dashes} if dashes else {"linestyle": "-"}
    return style | {
        "linewidth": 1.1 if is_dense else 1.7,
        "markersize": 4.6,
        "markeredgecolor": "white",
        "markeredgewidth": 0.6,
    }


def _filling(number: int) -> dict[str, Any]:
    """Return how the bar of a series is filled."""
    style = pen(number)
    return {
        "facecolor": style.color,
        "hatch": style.hatch,
        "edgecolor": "white",
        "linewidth": 0.4 if style.hatch else 0,
    }
