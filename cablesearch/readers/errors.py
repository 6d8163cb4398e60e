"""What goes wrong when a cable is read."""

from __future__ import annotations

from cablesearch.errors import CablesearchError

__all__ = ["UnreadableCable"]


class UnreadableCable(CablesearchError, ValueError):  # noqa: N818 - said of the cable, not of the program
    """A text that cannot be made a cable; ``reason`` says why, in words for the person at the terminal."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
