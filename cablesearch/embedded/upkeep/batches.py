"""Batches of cables that become segments."""

from __future__ import annotations

from typing import NamedTuple

from cablesearch.cable import Cable
from cablesearch.engine.disk.files import Place
from cablesearch.engine.segment.builder import SegmentBuilder
from cablesearch.engine.segment.store import LARGEST
from cablesearch.schema.index_fields import documents, indexing_schema
from cablesearch.schema.stored import pack

__all__ = ["FolderBatch", "FolderBuilder"]


class FolderBatch(NamedTuple):
    """Where a segment is written: its file, and the zstd dictionary for stored records."""

    place: Place
    dictionary: bytes

    def builder(self, room: int | None = None) -> FolderBuilder:
        """Return what builds the segment; ``room``: the bytes of memory that it may take, None for no limit."""
        return FolderBuilder(self, room)


class FolderBuilder:
    """Builds one segment: see `cablesearch.protocols.pen.Builder`."""

    def __init__(self, batch: FolderBatch, room: int | None) -> None:
        self._place = batch.place
        limit = () if room is None else (room,)
        self._builder = SegmentBuilder(indexing_schema(), batch.dictionary, *limit)

    def __len__(self) -> int:
        return len(self._builder)

    @property
    def weight(self) -> int:
        """The approximate number of bytes of memory that it takes to write the segment."""
        return self._builder.weight

    def add(self, cable: Cable, digest: bytes) -> None:
        """Add a cable with the digest of its source; after an error nothing of it was added.

        Raises:
            NoRoomError: writing the segment would take more memory than there is room for.
            UnreadableCable: the cable exceeds a limit.
        """
        content, leads = documents(cable)
        # Older versions accepted ids of any length.
        self._builder.add(cable.id, digest, content, pack(cable, leads), leads, longest_key=LARGEST)

    def write(self) -> list[int]:
        """Write the segment, and return the block of each cable in the order in which they were added."""
        if len(self._builder):
            self._builder.write(self._place)
        return list(self._builder.places)
