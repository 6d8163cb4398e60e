"""Pieces of HTML for notebooks: escaped, without scripts, and in the colours of a page that is light or dark."""

from __future__ import annotations

from collections.abc import Iterable

from cablesearch.text.terminal import printable

__all__ = ["block", "escaped", "line", "marked", "scrolled"]

_BLOCK = "margin:0 0 0.9em;max-width:52em;line-height:1.45;text-align:left"
_LINE = "margin:0.15em 0"
_MARK = "background:#ffe066;color:#111;padding:0 0.1em"
_SCROLLED = "max-height:32em;overflow:auto"


def escaped(text: str) -> str:
    """Return a text as HTML, without control characters and directional marks."""
    import html

    return html.escape(printable(text))


def marked(parts: Iterable[tuple[str, bool]]) -> str:
    """Return texts as HTML; those with true are matches and get a ``<mark>``."""
    return "".join(f'<mark style="{_MARK}">{escaped(text)}</mark>' if match else escaped(text) for text, match in parts)


def line(inner: str, style: str = "") -> str:
    """Return a line of HTML."""
    return f'<div style="{_LINE};{style}">{inner}</div>'


def block(title: str, details: Iterable[str | None], *lines: str) -> str:
    """Return a title with details beside it, and lines of HTML below. Title and details are text; None is left out."""
    beside = escaped(" · ".join(filter(None, details)))
    head = line(f'<b>{escaped(title)}</b> <span style="opacity:0.75">{beside}</span>')
    return f'<div style="{_BLOCK}">{head}{"".join(lines)}</div>'


def scrolled(inner: str) -> str:
    """Return HTML in a box that scrolls when it is long."""
    return f'<div style="{_SCROLLED}">{inner}</div>'
