"""The cables that are stored in an index, as a reader with a clearance sees them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from cablesearch.cable import Cable, Clearance
from cablesearch.embedded.records.blocks import unpack_block
from cablesearch.embedded.records.excerpts import cable_of_block
from cablesearch.engine.segment.segment import Segment
from cablesearch.errors import CorruptIndexError

__all__ = ["cable_with", "visible_cable"]


def visible_cable(segment: Segment, block: int, clearance: Clearance | None) -> Cable:
    """Return the visible part of the cable of a block; a clearance of None stands for full clearance.

    Raises:
        CorruptIndexError: the stored record is not a cable, or not the cable that was indexed.
    """
    return _visible(segment, block, unpack_block(segment, block), clearance)


def cable_with(segment: Segment, block: int, positions: Collection[int], clearance: Clearance | None) -> Cable:
    """Return what hits show of a cable: its visible paragraphs at some positions, its id, date, origin, classification,
    tags and subject; the rest, but for the body, only if 0 is among the positions, which stands for the cable as a
    whole: whether the whole is visible may depend on all paragraphs.

    Without 0, it takes half the time of `visible_cable`.

    Raises:
        CorruptIndexError: the stored record is not the cable that was indexed.
    """
    if 0 in positions:
        whole = replace(unpack_block(segment, block), body="")
    else:
        whole = cable_of_block(segment, block, positions)
    cable = _visible(segment, block, whole, clearance)
    missing = {*positions}.difference({0}, [paragraph.position for paragraph in cable.paragraphs])
    if missing:
        raise CorruptIndexError(segment.path, f"the record of block {block} has no paragraph {min(missing)}")
    return cable


def _visible(segment: Segment, block: int, whole: Cable, clearance: Clearance | None) -> Cable:
    cable = whole.view(clearance)
    if cable is None:
        raise CorruptIndexError(segment.path, f"the record of block {block} is not the cable that was indexed")
    return cable
