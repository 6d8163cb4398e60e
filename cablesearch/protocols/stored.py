"""Cables as an archive stores them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cablesearch.cable import Cable

__all__ = ["Stored"]


class Stored(NamedTuple):
    """A committed cable as it is stored; it can be pickled, to be read in another process.

    Attributes:
        key: the key of the cable.
        digest: the digest of its source.
        size: about how many bytes are stored of it.
        cable: returns the cable; it raises `CorruptIndexError` if what is stored is damaged, or another cable.
    """

    key: str
    digest: bytes
    size: int
    cable: Callable[[], Cable]
