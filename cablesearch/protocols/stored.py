"""Cables as an archive stores them."""

from __future__ import annotations

from typing import Protocol

from cablesearch.cable import Cable

__all__ = ["Stored"]


class Stored(Protocol):
    """A committed cable as it is stored; it can be pickled, to be read in another process."""

    @property
    def key(self) -> str:
        """The key of the cable."""

    @property
    def digest(self) -> bytes:
        """The digest of its source."""

    @property
    def size(self) -> int:
        """The number of bytes that are stored of it."""

    def cable(self) -> Cable:
        """Return the cable.

        Raises:
            CorruptIndexError: what is stored is damaged, or another cable.
        """
