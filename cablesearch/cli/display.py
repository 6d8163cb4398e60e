"""How results are displayed: in colour or not, in how many columns, and through a pager.

`display_options` adds --color and --no-pager to a command that prints text for people. Such a command prints within
`paged`. Everything else asks `colored` and `columns`.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any, TextIO

import click

__all__ = ["colored", "columns", "display_options", "paged"]

_Command = Callable[..., Any]

_COLOR = f"{__name__}.color"
_NO_PAGER = f"{__name__}.no_pager"
_USUAL_SIZE = (80, 24)
"""Columns and rows where there is no terminal, or one that does not say how large it is."""


def display_options(command: _Command) -> _Command:
    """Add --color and --no-pager to a command. It gets no arguments for them: `colored` and `paged` know them."""
    command = click.option(
        "--no-pager",
        is_flag=True,
        expose_value=False,
        callback=_remember(_NO_PAGER),
        help="Print long text at once, where a terminal would show it page by page.",
    )(command)
    return click.option(
        "--color",
        type=click.Choice(("auto", "always", "never")),
        default="auto",
        show_default=True,
        expose_value=False,
        callback=_remember(_COLOR),
        help="When to use colour; auto: on a terminal.",
    )(command)


def _remember(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    """Return a callback that keeps the value of an option with the context."""

    def remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:
        del parameter
        context.meta[name] = value
        # Only `colored` decides: click would remove colours that were asked for from what goes to a file.
        context.color = True

    return remember


def _remembered(name: str) -> Any:
    context = click.get_current_context(silent=True)
    return context.meta.get(name) if context else None


def colored() -> bool:
    """Return whether standard output is in colour.

    The option --color decides; without it NO_COLOR (https://no-color.org), then FORCE_COLOR (https://force-color.org),
    each if it is not empty; else there is colour on a terminal that is not dumb.
    """
    choice = _remembered(_COLOR)
    if choice in ("always", "never"):
        return bool(choice == "always")
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def columns(stream: TextIO | None = None) -> int:
    """Return how many columns a stream, or standard output, has: COLUMNS, else those of the terminal, else 80."""
    return _size(stream or sys.stdout)[0]


def _size(stream: TextIO) -> tuple[int, int]:
    """Return the columns and rows of the screen."""
    size = os.terminal_size(_USUAL_SIZE)
    with contextlib.suppress(OSError, ValueError):
        # ValueError: the stream is no file.
        size = os.get_terminal_size(stream.fileno())
    return _given("COLUMNS") or size.columns or _USUAL_SIZE[0], _given("LINES") or size.lines or _USUAL_SIZE[1]


def _given(name: str) -> int:
    """Return the number in an environment variable; 0 if it is not set or not a number."""
    text = os.environ.get(name, "")
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 6 else 0


@contextlib.contextmanager
def paged() -> Iterator[None]:
    """Send what the block prints through a pager, if standard output is a terminal and the text fills its screen.

    A reader who quits the pager early ends the block, and what follows it goes on: it is not an error. Without a
    terminal, with --no-pager, on a dumb terminal and without a pager, nothing changes.
    """
    command = _pager() if sys.stdout.isatty() and not _remembered(_NO_PAGER) else None
    if command is None:
        yield
        return
    # Most commands need no pager, and its processes take time to import.
    from cablesearch.cli.pager import through

    with through(command, _size(sys.stdout)):
        yield


def _pager() -> list[str] | None:
    """Return the command of the user's pager, or None."""
    if os.environ.get("TERM", "dumb") == "dumb":
        return None
    # Imported here, as most output needs no pager.
    import shlex
    import shutil

    given = os.environ.get("PAGER")
    try:
        command = ["less", "-FRX"] if given is None else shlex.split(given)
    except ValueError:
        return None
    # Without PAGER or with an empty one, as git: `cat` shows everything at once.
    return command if command and command != ["cat"] and shutil.which(command[0]) else None
