"""What goes wrong when a cable is read."""

from __future__ import annotations

from cablesearch.errors import CablesearchError

__all__ = ["MOST_PARAGRAPHS", "UnreadableCable", "check_paragraphs"]

MOST_PARAGRAPHS = 100_000
"""Paragraphs of one cable; each takes kilobytes while it is indexed. The longest real cables have some hundreds."""


class UnreadableCable(CablesearchError, ValueError):  # noqa: N818 - said of the cable, not of the program
    """A text that cannot be made a cable; ``reason`` says why, in words for the person at the terminal."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def check_paragraphs(count: int) -> None:
    """Refuse a cable that has more paragraphs than any can have; also while they are counted, before they fill the
    memory.

    Raises:
        UnreadableCable: it has.
    """
    if count > MOST_PARAGRAPHS:
        raise UnreadableCable(
            f"more than {MOST_PARAGRAPHS:,} paragraphs, or places where one may begin; no cable has so many"
        )
