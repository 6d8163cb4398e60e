"""Help on subjects that are not commands: `cablesearch help TOPIC` prints the file TOPIC.txt of this folder.

The files are plain text. A line in capitals is a heading; a line with a tab has something to write on the left and its
meaning on the right; other lines up to a blank one are a paragraph. `cablesearch.cli.rendering.topic` lays them out.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["TOPICS", "topic_text"]

TOPICS = {
    "query": "The query language.",
    "formats": "The output formats, and what programs can rely on.",
    "clearance": "What a clearance shows and hides.",
}
"""All topics, and what each is about."""


def topic_text(name: str) -> str:
    """Return the text of one of `TOPICS`."""
    return Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8")
