"""Cables and paragraphs of them, as `show` prints them in each format."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator

import click

from cablesearch.answers.objects import cable_object
from cablesearch.answers.shown import Shown, header_and_body, raw_bytes
from cablesearch.cli.messages import say
from cablesearch.cli.rendering.cable_html import html_pages
from cablesearch.cli.rendering.cable_markdown import markdown
from cablesearch.cli.rendering.cable_text import text
from cablesearch.results.marking import Highlighter
from cablesearch.text.terminal import json_line, printable

__all__ = ["print_cables"]

_Writer = Callable[[Iterable[Shown], Highlighter], Iterator[str]]


def print_cables(entries: Iterable[Shown], output: str, highlighter: Highlighter) -> None:
    """Print cables one after the other, each before the next is asked for.

    Args:
        entries: what to print.
        output: the format: ``text``, ``json``, ``md``, ``html`` or ``raw``.
        highlighter: finds the matches to highlight; ``json`` and ``raw`` have none.
    """
    if output == "raw":
        _print_raw(entries)
        return
    for part in _WRITERS[output](entries, highlighter):
        click.echo(part)


def _print_raw(entries: Iterable[Shown]) -> None:
    before = ""
    for entry in entries:
        cable, paragraphs = entry.cable, entry.paragraphs
        content = cable.body[paragraphs[0].start : paragraphs[-1].end] if entry.named else header_and_body(cable)
        if not content:
            say(f"{cable.id}: no header and body here; without --raw its paragraphs are shown")
            continue
        # A text begins on a line of its own.
        content = ("\n" if before and not before.endswith("\n") else "") + content
        before = content
        if sys.stdout.isatty():
            click.echo(printable(content), nl=False)
        else:
            sys.stdout.flush()
            sys.stdout.buffer.write(raw_bytes(content))


def _json_lines(entries: Iterable[Shown], highlighter: Highlighter) -> Iterator[str]:
    """Yield an object for each cable: that of `export`, with what was asked for and how to cite it."""
    del highlighter
    yield from (json_line(cable_object(entry)) for entry in entries)


_WRITERS: dict[str, _Writer] = {"text": text, "json": _json_lines, "md": markdown, "html": html_pages}
