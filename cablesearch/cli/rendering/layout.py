"""Text as a terminal shows it: colour, lines of at most 80 columns, and long values cut."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable

import click

__all__ = ["bold", "highlight", "match_style", "shortened", "wrapped"]

_WIDTH = 80
_WORD = re.compile(r"\S+")
_LONGEST_VALUE = 240


def match_style() -> Callable[[str], str] | None:
    """Return how to style matches: in colour on a terminal, unless NO_COLOR is set; else None."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return None
    return lambda text: click.style(text, fg="yellow", bold=True)


def highlight() -> Callable[[str], str]:
    """Return how to style matches that the user asked to see: in colour, or else between asterisks."""
    return match_style() or (lambda text: f"*{text}*")


def bold(text: str) -> str:
    """Return the text in bold where colour is used."""
    return click.style(text, bold=True) if match_style() else text


def wrapped(text: str, indent: str = "", first: str | None = None) -> str:
    """Return text, styled or not, in lines of at most 80 columns.

    Args:
        text: words between white space, which may have escape sequences of colours.
        indent: what each line starts with.
        first: what the first line starts with instead, as wide as ``indent``.
    """
    lines, line, length = [], indent if first is None else first, 0
    for match in _WORD.finditer(text):
        word = match[0]
        width = len(click.unstyle(word)) if "\x1b" in word else len(word)
        if length and len(indent) + length + 1 + width > _WIDTH:
            lines.append(line)
            line, length = indent, 0
        line += (" " if length else "") + word
        length += width + bool(length)
    return "\n".join([*lines, line])


def shortened(text: str) -> str:
    """Return a value as lists show it: a long one is cut and ends with an ellipsis (JSON and CSV have it whole)."""
    return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…"
