"""Whole cables as segments store them, for work on all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from cablesearch.cable import Cable
from cablesearch.embedded.cables import in_order, key_at
from cablesearch.engine.search.view import View
from cablesearch.errors import CorruptIndexError
from cablesearch.protocols.stored import Stored
from cablesearch.readers.errors import UnreadableCable
from cablesearch.schema.stored import unpack

__all__ = ["stored_cables"]


def stored_cables(view: View, known: Mapping[bytes, str]) -> Iterator[Stored | None]:
    """Yield all cables of a view that hides nothing, by date and key; None for each that is known.

    Args:
        view: the view.
        known: the keys of known cables by the digests of their sources.
    """
    for number, block in in_order(view):
        segment, key = view.segments[number], key_at(view, number, block)
        digest = segment.digest(block)
        if known.get(digest) == key:
            yield None
        else:
            record = view.snapshot.record(number, block)
            yield Stored(key, digest, len(record), partial(_cable, segment.path, key, record))


def _cable(path: Path, key: str, record: bytes) -> Cable:
    """Return the cable of a record, given the file of its segment and its key."""
    try:
        cable = unpack(record)
        if cable.id != key:
            raise ValueError(f"it is that of {cable.id!r}")
    except (ValueError, UnreadableCable) as error:
        raise CorruptIndexError(path, f"the record of {key!r} is damaged ({error})") from error
    return cable
