"""Errors in reading a cable."""

from __future__ import annotations

from cablesearch.errors import CablesearchError

__all__ = ["MOST_PARAGRAPHS", "UnreadableCable", "check_paragraphs"]

MOST_PARAGRAPHS = 100_000
"""Paragraphs of one cable; each takes kilobytes while it is indexed. The longest real cables have some hundreds."""


class UnreadableCable(CablesearchError, ValueError):  # noqa: N818 - said of the cable, not of the program
    """A text cannot become a cable; ``reason`` says why, in words for the person at the terminal."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def check_paragraphs(count: int) -> None:
    """Reject a cable with too many paragraphs; called also while they are counted, before they fill the memory.

    Raises:
        UnreadableCable: it has.
    """
    if count > MOST_PARAGRAPHS:
        raise UnreadableCable(
            f"more than {MOST_PARAGRAPHS:,} paragraphs or places where one may begin, the most that is read of a cable"
        )
