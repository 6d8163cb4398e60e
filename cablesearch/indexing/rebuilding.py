"""Whether an index says what the cables say that it stores: they are indexed anew, and the two compared."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from cablesearch.engine import MEMORY
from cablesearch.engine.check.compare import differing
from cablesearch.engine.disk.arrays import WITHOUT_ORDER
from cablesearch.engine.index.snapshot import Snapshot
from cablesearch.engine.segment.builder import SegmentBuilder
from cablesearch.engine.segment.fitting import lacking
from cablesearch.engine.segment.merge import merge
from cablesearch.engine.segment.segment import Segment
from cablesearch.engine.segment.store import LARGEST
from cablesearch.readers.errors import UnreadableCable
from cablesearch.schema.index_fields import documents, indexing_schema
from cablesearch.schema.stored import unpack

__all__ = ["rebuilt_faults"]

_SHOWN = 64
"""Code points of a key in a message."""


def rebuilt_faults(snapshot: Snapshot, memory: int = MEMORY) -> Iterator[str]:
    """In what the segments of a sound archive differ from their own cables indexed anew; a sentence each.

    It takes as long as indexing does in one process, and room for the largest segment in the system's folder for
    temporary files.
    """
    for segment in snapshot.segments:
        if not segment.blocks:
            yield f"{segment.path}: it has no cables; no commit names such a segment"
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                again = _rebuilt(segment, Path(folder), memory)
            except (MemoryError, OSError):
                raise
            except Exception as error:
                # Whatever keeps it from being read: it is damage.
                yield f"{segment.path}: a stored cable cannot be read ({error})"
                continue
            try:
                # What is lacking has nothing that could be wrong.
                filled = set(segment.written) - {*lacking(segment, indexing_schema()), *segment.unfilled}
                for fault in differing(_in_order(segment, Path(folder), memory), again, filled):
                    yield f"{segment.path}: {fault}"
            except (MemoryError, OSError):
                raise
            except Exception as error:
                yield f"{segment.path}: cannot be compared with its cables ({error})"


def _in_order(segment: Segment, folder: Path, memory: int) -> Segment:
    """A segment, or, when its blocks lie as they came, what merging it makes of it."""
    if segment.arrays.version > WITHOUT_ORDER:
        return segment
    path = folder / "ordered.seg"
    merge(indexing_schema(), [(segment, np.zeros(segment.blocks, bool))], path, memory)
    return Segment(path)


def _rebuilt(segment: Segment, folder: Path, memory: int) -> Segment:
    """A segment made anew of the cables that are stored in one, deleted ones too."""
    paths: list[Path] = []
    builder = SegmentBuilder(indexing_schema())
    for block in range(segment.blocks):
        cable, key = unpack(segment.record(block)), segment.keys.text(block)
        if cable.id != key:
            raise UnreadableCable(f"under {key[:_SHOWN]!r} is another one")
        content, leads = documents(cable)
        builder.add(key, segment.digest(block), content, [], leads, longest_key=LARGEST)
        if builder.weight > memory // 2 or block + 1 == segment.blocks:
            paths.append(folder / f"{len(paths)}.seg")
            builder.write(paths[-1])
            builder = SegmentBuilder(indexing_schema())
    parts = [Segment(path) for path in paths]
    if len(parts) == 1:
        return parts[0]
    whole = folder / "whole.seg"
    merge(indexing_schema(), [(part, np.zeros(part.blocks, bool)) for part in parts], whole, memory)
    return Segment(whole)
