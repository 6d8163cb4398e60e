"""The progress of long work: a bar on a terminal, a line every ten seconds elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from cablesearch.cli.messages import duration, is_quiet, say, size
from cablesearch.text.wording import plural

if TYPE_CHECKING:
    from cablesearch.indexing.report import Progress

__all__ = ["ProgressDisplay"]

LINE_SECONDS = 10.0
"""How often a line is printed where there is no terminal."""
_WAIT = 0.3
"""Seconds before a bar appears; shorter work needs none."""
_REDRAW = 0.1
_WINDOW = 30.0
"""Seconds over which the speed is measured."""
_BAR, _SHORTEST_BAR = 24, 8


class ProgressDisplay:
    """Shows how far a run is, as a context manager after which the bar is gone. Messages during the run go through
    `say`, so that they do not break the bar.

    No thread draws the bar, because processes that index are forked.
    """

    def __init__(self) -> None:
        self._on_terminal = sys.stderr.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")
        self._quiet = is_quiet()
        self._drawn = time.monotonic()
        self._console: Any = None
        self._bar: Any = None
        self._speed = _Speed()

    def __enter__(self) -> ProgressDisplay:
        return self

    def __exit__(self, *error: object) -> None:
        self._remove_bar()

    def __call__(self, now: Progress) -> None:
        """Show the progress, if it was not shown just before."""
        if self._quiet:
            return
        at = time.monotonic()
        self._speed.add(at, now)
        if self._on_terminal:
            if at - self._drawn >= (_REDRAW if self._console else _WAIT):
                self._drawn = at
                self._draw(now)
        elif at - self._drawn >= LINE_SECONDS:
            self._drawn = at
            say(_plain(now, _words(now, self._speed)))

    def say(self, text: str) -> None:
        """Print a line on standard error, above the bar if there is one."""
        self._remove_bar()
        say(text)

    def _draw(self, now: Progress) -> None:
        from rich.console import Console
        from rich.live import Live

        if self._console is None:
            self._console = Console(stderr=True)
        if self._bar is None:
            self._bar = Live(console=self._console, auto_refresh=False, transient=True, redirect_stderr=False)
            self._bar.start()
        self._bar.update(_line(now, _words(now, self._speed), self._console.width), refresh=True)

    def _remove_bar(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


class _Speed:
    """How fast a stage goes, over the last half minute."""

    def __init__(self) -> None:
        self._stage = ""
        self._points: deque[tuple[float, int]] = deque()

    def add(self, at: float, now: Progress) -> None:
        """Note how much is done."""
        if now.stage != self._stage:
            self._stage = now.stage
            self._points.clear()
        if not self._points or at - self._points[-1][0] >= _REDRAW:
            self._points.append((at, now.done))
        while at - self._points[0][0] > _WINDOW and len(self._points) > 2:
            self._points.popleft()

    def per_second(self) -> float:
        """Return the units a second; 0 if too little is known."""
        (began, first), (at, last) = self._points[0], self._points[-1]
        return (last - first) / (at - began) if at - began >= 1 else 0.0


class _Words(NamedTuple):
    """What is known of a progress, in words, in the order in which it is shown; empty where nothing is known."""

    percent: str
    cables: str
    amount: str
    rate: str
    left: str


_FIRST_TO_GO = ("amount", "rate", "left", "cables")
"""What a narrow terminal does without."""


def _words(now: Progress, speed: _Speed) -> _Words:
    counts_cables = now.unit == "cables"
    shown: Callable[[int], str] = "{:,}".format if counts_cables else size
    unit = " cables" if counts_cables else ""
    rate = speed.per_second()
    amount = f"{shown(now.done)} of {shown(now.total)}{unit}" if now.total else shown(now.done) if now.done else ""
    # No percent are shown, and the bar moves to and fro, while other processes build the first segments.
    return _Words(
        percent=f"{100 * now.done // now.total} %" if now.total and now.done else "",
        cables=plural(now.cables, "cable") if now.cables and not (counts_cables and now.total) else "",
        amount=amount,
        rate=f"{shown(round(rate))}{unit}/s" if rate >= 1 else "",
        left=f"{duration((now.total - now.done) / rate)} left" if rate and now.done < now.total else "",
    )


def _plain(now: Progress, words: _Words) -> str:
    """Return a progress as a line of a log."""
    if words.percent:
        words = words._replace(amount=f"{words.amount} ({words.percent})", percent="")
    return f"{now.stage}: {', '.join(filter(None, words))}".rstrip(": ")


def _line(now: Progress, words: _Words, width: int) -> Any:
    """Return a progress as a line that fits: with a bar, and as many words as there is room for."""
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    label = now.stage.capitalize()
    text = "  ".join(filter(None, words))
    for name in _FIRST_TO_GO:
        if len(label) + len(text) + _SHORTEST_BAR + 5 <= width:
            break
        words = words._replace(**{name: ""})
        text = "  ".join(filter(None, words))
    room = width - len(label) - len(text) - 5
    line = Table.grid(padding=(0, 2, 0, 0))
    cells: list[Any] = [Text(label, no_wrap=True)]
    if room >= _SHORTEST_BAR:
        cells.append(
            ProgressBar(
                total=now.total or None,
                completed=now.done,
                pulse=not (now.total and now.done),
                width=min(room, _BAR),
                animation_time=time.monotonic(),
            )
        )
    cells.append(Text(text, no_wrap=True, overflow="ellipsis"))
    line.add_row(*cells)
    return line
