"""The pen of an archive in a folder."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any

from cablesearch.cable import Cable
from cablesearch.embedded.reader import EmbeddedReader
from cablesearch.embedded.records.blocks import check_records
from cablesearch.embedded.upkeep.batches import FolderBatch
from cablesearch.embedded.upkeep.renewal import discard_stale, renewed_folder
from cablesearch.engine.check.blame import blaming
from cablesearch.engine.disk.files import Entry
from cablesearch.engine.index.superseded import Superseded
from cablesearch.engine.index.writer import Writer
from cablesearch.errors import CablesearchError
from cablesearch.protocols.pen import Batch, OnMerge, Pen
from cablesearch.schema.index_fields import indexing_schema
from cablesearch.schema.stored import unpack

__all__ = ["FolderPen"]


class FolderPen:
    """The writer of an archive in a folder: see `cablesearch.protocols.pen.Pen`.

    Args:
        path: the folder.
        memory: the approximate number of bytes that it may take.

    Raises:
        ArchiveNotFoundError: there is no archive.
        CorruptIndexError: the last commit is damaged.
        LockedError: another process is writing.
    """

    def __init__(self, path: Path, memory: int) -> None:
        self._memory = memory
        self._writer = Writer(path, indexing_schema(), memory, check_records)

    def __enter__(self) -> FolderPen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    @property
    def folder(self) -> Path:
        """The folder."""
        return self._writer.snapshot.directory

    @property
    def name(self) -> str:
        """The folder, for messages."""
        return str(self.folder)

    @property
    def reader(self) -> EmbeddedReader:
        """The last commit with full clearance."""
        return EmbeddedReader(self._writer.snapshot, None)

    @property
    def notes(self) -> dict[str, Any]:
        """The notes in the manifest."""
        return self._writer.notes

    @property
    def superseded(self) -> Superseded:
        """The superseded sources."""
        return self._writer.superseded

    def guarding(self) -> AbstractContextManager[object]:
        """Return the context in which errors are attributed to a damaged segment of the last commit."""
        return blaming(self._writer.snapshot.segments)

    def check(self) -> None:
        """Check that the path of the archive still leads to its folder.

        Raises:
            CablesearchError: the path leads elsewhere, or nowhere.
        """
        self._writer.check_folder()

    # What is there

    def digests(self) -> dict[bytes, str]:
        """Return the keys of the committed cables by the digests of their sources."""
        return self._writer.digests()

    def has(self, key: str) -> bool:
        """Whether there is a cable with a key, committed or pending."""
        return self._writer.has(key)

    def cable(self, key: str) -> Cable:
        """Return the cable with a key, committed or pending.

        Raises:
            KeyError: there is no such cable.
        """
        return unpack(self._writer.record(key))

    @property
    def count(self) -> int:
        """The number of the committed cables."""
        return sum(1 for _ in self._writer.snapshot.live_blocks())

    # Changes

    def batch(self) -> FolderBatch:
        """Return the place for a new segment."""
        return FolderBatch(self._writer.new_entry(), self._writer.dictionary)

    def attach(self, batch: Batch, *, failed: bool = False) -> int:
        """Attach a segment that was written, without its blocks, and return its number; -1 if none was written."""
        entry = batch.place if isinstance(batch, FolderBatch) else None
        if not isinstance(entry, Entry):
            raise TypeError(f"{batch!r} is not a batch of this pen")
        if failed or not entry.exists():
            self.check()
            return -1
        return self._writer.attach(entry)

    def adopt(self, number: int, place: int) -> None:
        """Add a block of an attached segment, instead of a block with the same key."""
        self._writer.adopt(number, place)

    def delete(self, key: str) -> bool:
        """Delete the cable with a key, and return whether there was one."""
        return self._writer.delete(key)

    def commit(self) -> None:
        """Commit all additions and deletions, all or nothing."""
        self._writer.commit()

    def settle(self, on_merge: OnMerge | None = None) -> None:
        """Commit, then merge segments while there are many of similar size."""
        self._writer.settle(on_merge)

    def compact(self, on_merge: OnMerge | None = None) -> None:
        """Merge all segments into one without deleted blocks, and drop a renewal that cannot be continued."""
        discard_stale(self._writer.compact(on_merge))

    # Indexing again

    def renewal(self) -> AbstractContextManager[FolderPen]:
        """Return the pen of the archive that is to take the place of this one; it grows in a folder of this one."""
        return renewed_folder(self._writer.snapshot, lambda folder: FolderPen(folder, self._memory))

    def take_over(self, renewed: Pen) -> None:
        """Commit the cables of a renewal in place of all cables of this archive.

        Raises:
            CablesearchError: it has another number of cables; nothing has changed.
        """
        if not isinstance(renewed, FolderPen):
            raise TypeError(f"{renewed!r} is not a renewal of this archive")
        if renewed.count != self.count:
            raise CablesearchError(
                f"{renewed.name}: the new index is not complete; remove this folder and run it again"
            )
        self._writer.take_over(renewed._writer.snapshot)
