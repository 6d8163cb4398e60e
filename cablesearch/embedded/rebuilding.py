"""The deep check: index the stored cables again, and compare the result with the index."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from cablesearch.engine.check.compare import differing
from cablesearch.engine.disk.arrays import WITHOUT_ORDER
from cablesearch.engine.index.snapshot import Snapshot
from cablesearch.engine.segment.builder import SegmentBuilder
from cablesearch.engine.segment.fitting import fitted, unfilled
from cablesearch.engine.segment.merge import merge
from cablesearch.engine.segment.segment import Segment
from cablesearch.engine.segment.store import LARGEST
from cablesearch.protocols.fields import NO_NUMBER, order_field, records_of
from cablesearch.protocols.pen import MEMORY
from cablesearch.readers.errors import UnreadableCable
from cablesearch.schema.index_fields import documents, indexing_schema
from cablesearch.schema.stored import unpack

__all__ = ["rebuilt_faults"]

_LONGEST_KEY = 64
"""The most code points of a key in a message."""


def rebuilt_faults(snapshot: Snapshot, memory: int = MEMORY) -> Iterator[str]:
    """Yield a sentence for each difference between the segments of a sound archive and their cables indexed again.

    It takes as long as indexing in one process, and needs space for the largest segment in the system's folder for
    temporary files.
    """
    for segment in snapshot.segments:
        if not segment.blocks:
            yield f"{segment.path}: it has no cables; a commit never names an empty segment"
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                again = _rebuilt(segment, Path(folder), memory)
            except (MemoryError, OSError):
                raise
            except Exception as error:
                # Any error while reading a stored cable means damage.
                yield f"{segment.path}: a stored cable cannot be read ({error})"
                continue
            try:
                # Compare only the fields that the segment has.
                filled = set(segment.written) - unfilled(segment, indexing_schema())
                for fault in differing(_in_order(segment, Path(folder), memory), again, filled):
                    yield f"{segment.path}: {fault}"
            except (MemoryError, OSError):
                raise
            except Exception as error:
                yield f"{segment.path}: cannot be compared with its cables ({error})"


def _in_order(segment: Segment, folder: Path, memory: int) -> Segment:
    """Return the segment, merged into the order by date and id if it is of a version without that order."""
    if segment.arrays.version > WITHOUT_ORDER:
        return segment
    path = folder / "ordered.seg"
    merge(indexing_schema(), [(segment, np.zeros(segment.blocks, bool))], path, memory)
    return Segment(path, records_of(indexing_schema()))


def _rebuilt(segment: Segment, folder: Path, memory: int) -> Segment:
    """Return a new segment built from all cables that are stored in one, deleted ones too."""
    paths: list[Path] = []
    builder = SegmentBuilder(indexing_schema())
    order = order_field(indexing_schema())
    numbers = None
    if order and order in unfilled(segment, indexing_schema()):
        # Blocks that were indexed without the field stand where they stood without it.
        numbers = fitted(segment, indexing_schema()).column(order).tolist()
    for block in range(segment.blocks):
        cable, key = unpack(segment.record(block)), segment.keys.text(block)
        if cable.id != key:
            raise UnreadableCable(f"under the id {key[:_LONGEST_KEY]!r} there is another cable")
        content, leads = documents(cable)
        if order and numbers is not None:
            number = None if numbers[block] == NO_NUMBER else numbers[block]
            content = [{**document, order: number} for document in content]
        builder.add(key, segment.digest(block), content, [], leads, longest_key=LARGEST)
        if builder.weight > memory // 2 or block + 1 == segment.blocks:
            paths.append(folder / f"{len(paths)}.seg")
            builder.write(paths[-1])
            builder = SegmentBuilder(indexing_schema())
    records = records_of(indexing_schema())
    parts = [Segment(path, records) for path in paths]
    if len(parts) == 1:
        return parts[0]
    whole = folder / "whole.seg"
    merge(indexing_schema(), [(part, np.zeros(part.blocks, bool)) for part in parts], whole, memory)
    return Segment(whole, records)
