"""Whole cables as segments store them, for work on all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from cablesearch.cable import Cable
from cablesearch.embedded.cables import in_order, key_at
from cablesearch.engine.search.view import View
from cablesearch.errors import CorruptIndexError
from cablesearch.readers.errors import UnreadableCable
from cablesearch.schema.stored import unpack

__all__ = ["StoredCable", "stored_cables"]


class StoredCable(NamedTuple):
    """A cable in the archive: the file of its segment, its key, the digest of its source and its record."""

    path: Path
    key: str
    digest: bytes
    record: bytes

    @property
    def size(self) -> int:
        """The number of bytes of the record."""
        return len(self.record)

    def cable(self) -> Cable:
        """Return the cable.

        Raises:
            CorruptIndexError: the record is damaged, or that of another cable.
        """
        try:
            cable = unpack(self.record)
            if cable.id != self.key:
                raise ValueError(f"it is that of {cable.id!r}")
        except (ValueError, UnreadableCable) as error:
            raise CorruptIndexError(self.path, f"the record of {self.key!r} is damaged ({error})") from error
        return cable


def stored_cables(view: View, known: Mapping[bytes, str]) -> Iterator[StoredCable | None]:
    """Yield all cables of a view that hides nothing, by date and key; None for each that is known.

    Args:
        view: the view.
        known: the keys of known cables by the digests of their sources.
    """
    for number, block in in_order(view):
        segment, key = view.segments[number], key_at(view, number, block)
        digest = segment.digest(block)
        is_known = known.get(digest) == key
        yield None if is_known else StoredCable(segment.path, key, digest, view.snapshot.record(number, block))
