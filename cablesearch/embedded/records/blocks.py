"""The cable that is stored in a block of a segment (see `cablesearch.schema.stored`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cablesearch.cable import Cable
from cablesearch.engine.check.blame import blaming
from cablesearch.engine.segment.segment import Segment
from cablesearch.errors import CorruptIndexError
from cablesearch.readers.errors import UnreadableCable
from cablesearch.schema.stored import unpack

__all__ = ["check_records", "unpack_block"]


def unpack_block(segment: Segment, block: int) -> Cable:
    """Return the cable of a block.

    Raises:
        CorruptIndexError: the record is damaged.
    """
    try:
        with blaming([segment]):
            record = segment.record(block)
        return unpack(record)
    except (ValueError, UnreadableCable) as error:
        raise CorruptIndexError(segment.path, f"the record of block {block} is invalid ({error})") from error


def check_records(segment: Segment, blocks: Iterable[int]) -> Iterator[str]:
    """Yield a sentence for each block whose record cannot be read, or is not the cable that the block names."""
    for block in blocks:
        try:
            name = unpack_block(segment, block).id
        except CorruptIndexError as error:
            yield str(error)
            continue
        key = segment.keys.text(block)
        if name != key:
            yield f"{segment.path}: the record of block {block} is not the cable {key!r}"
