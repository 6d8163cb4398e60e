"""Messages on standard error, and the words for sizes and times in them."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from cablesearch.cli.display import columns
from cablesearch.text.terminal import one_line

__all__ = [
    "QUIET",
    "VERBOSE",
    "detail",
    "duration",
    "is_quiet",
    "is_verbose",
    "note",
    "say",
    "say_unfilled",
    "set_verbosity",
    "size",
]

QUIET, VERBOSE = -1, 1
_VERBOSITY = "cablesearch.verbosity"


def set_verbosity(context: click.Context, level: int) -> None:
    """Set how much a command says: `QUIET`, `VERBOSE` or 0."""
    context.meta[_VERBOSITY] = level


def is_quiet() -> bool:
    """Return whether the command is to say nothing but errors and what was rejected."""
    return _verbosity() <= QUIET


def is_verbose() -> bool:
    """Return whether the command is to say everything."""
    return _verbosity() >= VERBOSE


def _verbosity() -> int:
    context = click.get_current_context(silent=True)
    return 0 if context is None else int(context.meta.get(_VERBOSITY, 0))


def note(text: str) -> None:
    """Print a line on standard error, unless --quiet is given."""
    if not is_quiet():
        say(text)


def detail(text: str) -> None:
    """Print a line on standard error if --verbose is given."""
    if is_verbose():
        say(text)


def say(text: str) -> None:
    """Print a line on standard error that cannot command the terminal, whatever is in it.

    On a terminal it is broken between words, so that paths stay whole.
    """
    line = one_line(text)
    if sys.stderr.isatty() and len(line) > (width := columns(sys.stderr)):
        from textwrap import fill

        line = fill(line, width, break_long_words=False, break_on_hyphens=False)
    click.echo(line, err=True)


def say_unfilled(fields: Sequence[str] | None) -> None:
    """Say which fields were added or changed after some cables were indexed, and how to fill them."""
    if fields:
        note(f"Added or changed since some cables were indexed: {', '.join(fields)}. Fill with: cablesearch reindex")


def size(count: int) -> str:
    """Return a number of bytes in decimal units with three digits: ``812 B``, ``4.85 MB``, ``22 kB``."""
    if count < 1000:
        return f"{count} B"
    amount = float(count)
    for unit in ("kB", "MB", "GB", "TB"):
        amount /= 1000
        # 999.5 would be written as 1000.
        if amount < 999.5 or unit == "TB":
            break
    # More decimals than fit into three digits go, also those that rounding pushes out: 9.999 MB is 10.0 MB.
    texts = (f"{amount:,.{decimals}f}" for decimals in ((0,) if unit == "kB" else (2, 1, 0)))
    text = next((text for text in texts if len(text.replace(".", "")) <= 3), f"{amount:,.0f}")
    return f"{text} {unit}"


def duration(seconds: float) -> str:
    """Return a time in at most two units: ``0.4 s``, ``12 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds < 9.95:
        return f"{max(seconds, 0.0):.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60:,} h {minutes % 60} min"
