"""Pieces of HTML for notebooks. What is called text is escaped here; what is called HTML has been already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cablesearch.notebook.style import STYLE
from cablesearch.text.terminal import printable

__all__ = ["counted", "entry", "escaped", "head", "level", "line", "marked", "page", "rows", "scrolled"]


def escaped(text: str) -> str:
    """Return a text as HTML, without control characters and directional marks."""
    import html

    return html.escape(printable(text))


def marked(parts: Iterable[tuple[str, bool]]) -> str:
    """Return texts as HTML; those with true are matches and get a ``<mark>``."""
    return "".join(f"<mark>{escaped(text)}</mark>" if match else escaped(text) for text, match in parts)


def line(inner: str, *names: str) -> str:
    """Return a line of HTML; ``names`` are those of its style."""
    return f'<p class="{" ".join(f"cs-{name}" for name in names)}">{inner}</p>' if names else f"<p>{inner}</p>"


def level(text: str, name: str) -> str:
    """Return a marking, or a classification, beside the colour of its level (``CONFIDENTIAL``)."""
    return f'<span class="cs-level cs-{name.lower()}">{escaped(text)}</span>'


def entry(name: str, marking: str, details: Iterable[str]) -> str:
    """Return a name, its marking and what is known of it as a line. The name is text; the others are HTML."""
    return line(f"<b>{escaped(name)}</b> {' · '.join((marking, *details))}", "small")


def head(title: str, *lines: str) -> str:
    """Return a title, and lines of HTML below it."""
    return f'<div class="cs-head">{line(escaped(title), "title")}{"".join(lines)}</div>'


def rows(values: Mapping[str, str]) -> str:
    """Return labels, which are text, with their values, which are HTML; empty ones are left out."""
    inner = "".join(f"<dt>{escaped(name)}</dt><dd>{value}</dd>" for name, value in values.items() if value)
    return f"<dl>{inner}</dl>" if inner else ""


def counted(values: Iterable[tuple[str, int]], left: int = 0) -> str:
    """Return values, which are text, each with its number, and how many are ``left`` out."""
    parts = [f'{escaped(value)} <span class="cs-number">{count:,}</span>' for value, count in values]
    if left:
        parts.append(f'<span class="cs-number">and {left:,} more</span>')
    return " ".join(f"<span>{part}</span>" for part in parts)


def scrolled(inner: str, name: str) -> str:
    """Return HTML in a box that scrolls when it is long, by keyboard as well; ``name`` is its name when it is read
    aloud."""
    return f'<div class="cs-scrolled" role="region" tabindex="0" aria-label="{escaped(name)}">{inner}</div>'


def page(*parts: str) -> str:
    """Return pieces of HTML with their style."""
    return f'<div class="cablesearch">{STYLE}{"".join(parts)}</div>'
