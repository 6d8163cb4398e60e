"""The text of a help topic, laid out for the width of the screen."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

from cablesearch.answers.topics import topic_blocks
from cablesearch.cli.rendering.layout import bold

__all__ = ["topic_lines"]

_INDENT = 2
_GAP = 2
_WIDEST_LEFT = 32
"""The most columns of what stands on the left; what is wider has its meaning on the next line."""
_LEAST_RIGHT = 24
_QUERY = re.compile(r'\w+:(?:"[^"]*"|\[[^]]*\]|\([^)]*\))')
"""A part of a query whose blanks are no place to break a line."""
_WIDEST = 100


def topic_lines(text: str, width: int) -> Iterator[str]:
    """Yield the lines of a topic (see `cablesearch.answers.topics`).

    Args:
        text: the text of the topic.
        width: the columns of the screen; lines for reading are no longer than 100.
    """
    width = min(width, _WIDEST)
    for block in topic_blocks(text):
        if block.heading:
            yield bold(block.heading)
        elif block.text:
            yield from _wrapped(block.text, width)
        yield from _table(block.rows, width)
        yield ""


def _table(rows: Sequence[tuple[str, str]], width: int) -> Iterator[str]:
    """Yield rows in two columns; a row without a left side is an example, and never wrapped."""
    lefts = [len(left) for left, _ in rows if len(left) <= _WIDEST_LEFT]
    margin = _INDENT + max(lefts, default=0) + _GAP
    if width - margin < _LEAST_RIGHT:
        margin = _INDENT * 3
    for left, right in rows:
        if not left:
            yield f"    {right}"
            continue
        first = " " * _INDENT + left
        if len(first) + _GAP > margin:
            yield first
            first = ""
        yield from _wrapped(right, width, first.ljust(margin), " " * margin)


def _wrapped(text: str, width: int, first: str = "", others: str = "") -> Iterator[str]:
    whole = _QUERY.sub(lambda match: match[0].replace(" ", "\u00a0"), text)
    for line in textwrap.wrap(
        whole, width, initial_indent=first, subsequent_indent=others, break_long_words=False, break_on_hyphens=False
    ):
        yield line.replace("\u00a0", " ")
