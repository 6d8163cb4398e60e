"""Help on subjects that are not commands: `cablesearch help TOPIC` prints the file TOPIC.txt of this folder.

The files are plain text. A line in capitals is a heading; a line with a tab has something to write on the left and its
meaning on the right, or an example on the right alone; other lines up to a blank one are a paragraph. A paragraph that
begins with a dollar sign is for the command line alone. `cablesearch.cli.rendering.topic` lays them out for terminals,
`cablesearch.web.pages` as pages.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

__all__ = ["TOPICS", "Block", "topic_blocks", "topic_text"]

TOPICS = {
    "query": "The query language.",
    "formats": "The output formats, and what programs can rely on.",
    "clearance": "What a clearance shows and hides.",
}
"""All topics, and what each is about."""

_SHELL = "$ "


class Block(NamedTuple):
    """A part of a topic.

    Attributes:
        heading: the heading, if it is one.
        text: the text of a paragraph, or empty.
        rows: what to write, each with its meaning; an example has nothing on the left.
        is_for_shell: whether it is for the command line alone.
    """

    heading: str
    text: str
    rows: tuple[tuple[str, str], ...]
    is_for_shell: bool = False


def topic_text(name: str) -> str:
    """Return the text of one of `TOPICS`."""
    return Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8")


def topic_blocks(text: str) -> Iterator[Block]:
    """Yield the parts of a topic's text."""
    for part in text.strip("\n").split("\n\n"):
        lines = part.split("\n")
        plain = [line for line in lines if "\t" not in line]
        rows = tuple((left, right) for left, tab, right in (line.partition("\t") for line in lines) if tab)
        is_heading = bool(plain) and plain[0].isupper()
        prose = "" if is_heading else " ".join(plain)
        yield Block(plain[0] if is_heading else "", prose.removeprefix(_SHELL), rows, prose.startswith(_SHELL))
