"""Snapshots: the segments of one commit. Readers keep their mapped files, whatever a writer does."""

from __future__ import annotations

import contextlib
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from whoosh.fields import Schema

from cablesearch.engine.check.blame import blaming
from cablesearch.engine.disk.files import Directory, Folder
from cablesearch.engine.index.manifest import (
    COPY,
    MANIFEST,
    Deletions,
    held,
    named_files,
    read_manifest,
    stamp,
    written_with,
)
from cablesearch.engine.segment.fitting import unfilled
from cablesearch.engine.segment.segment import Segment
from cablesearch.errors import ArchiveNotFoundError, CablesearchError, CorruptIndexError

if TYPE_CHECKING:
    # Searching does not need it.
    from cablesearch.engine.index.superseded import Superseded

__all__ = ["Snapshot", "latest"]

Bools = NDArray[np.bool_]


def latest(directory: Directory) -> Snapshot:
    """Open the last commit.

    Raises:
        ArchiveNotFoundError: there is no index.
        CorruptIndexError: the index is damaged.
    """
    generation = None
    while True:
        try:
            return Snapshot(directory)
        except CorruptIndexError:
            # A writer may have replaced the segments after the manifest was read.
            seen = int(read_manifest(directory)["generation"])
            if seen == generation:
                raise
            generation = seen


class Snapshot:
    """The immutable segments of one commit.

    ``body`` is the body of the manifest. ``bases[i]`` is the number of documents before segment i, so a document's
    number in the snapshot is its number in its segment plus the base of the segment.
    """

    def __init__(self, directory: Directory, *, known: Mapping[str, Segment] | None = None) -> None:
        known = known or {}
        with held(directory) as folder:
            self.stamp, body = _stamped_manifest(folder)
            self.names: list[str] = [entry["name"] for entry in body["segments"]]
            self.segments = [
                known.get(entry["name"])
                or Segment(folder / entry["name"], written_with(body, entry), entry.get("unfilled", ()))
                for entry in body["segments"]
            ]
            self.directory: Path = folder.path
        self.body = body
        self.generation = int(body["generation"])
        self.next_segment = int(body["next_segment"])
        self.notes: dict[str, Any] = body["notes"]
        self.deleted = [
            _deleted_mask(segment, entry) for segment, entry in zip(self.segments, body["segments"], strict=True)
        ]
        self.bases = np.append(0, np.cumsum([segment.docs for segment in self.segments])).astype(np.int64)
        self._starts: list[int] = self.bases[:-1].tolist()

    def place(self, doc: int) -> tuple[int, int]:
        """Return the segment of a document, and the document's number there."""
        number = bisect_right(self._starts, doc) - 1
        return number, doc - self._starts[number]

    def stored(self, doc: int) -> bytes:
        """Return the bytes stored with a document."""
        number, local = self.place(doc)
        with blaming([self.segments[number]]):
            return self.segments[number].stored(local)

    def record(self, number: int, block: int) -> bytes:
        """Return the bytes that are stored with a block of a segment."""
        with blaming([self.segments[number]]):
            return self.segments[number].record(block)

    def find(self, key: str) -> tuple[int, int] | None:
        """Return (segment, block) of the live block that has a key, or None."""
        for number, segment in enumerate(self.segments):
            with blaming([segment]):
                blocks = segment.find(key)
            for block in blocks:
                if not self.deleted[number][block]:
                    return number, block
        return None

    def live_blocks(self) -> Iterator[tuple[int, int]]:
        """Yield (segment, block) of every live block, in order."""
        for number, deleted in enumerate(self.deleted):
            for block in np.flatnonzero(~deleted).tolist():
                yield number, block

    def unfilled(self, schema: Schema) -> list[str]:
        """Return the fields of a schema that blocks lack which were indexed before the schema had the fields."""
        missing = {
            field
            for segment, deleted in zip(self.segments, self.deleted, strict=True)
            if not deleted.all()
            for field in unfilled(segment, schema)
        }
        return [field for field in schema.names() if field in missing]

    @property
    def files(self) -> list[str]:
        """Return the names of the files that the manifest names."""
        return named_files(self.body)

    @property
    def size(self) -> int:
        """Return the size on disk, in bytes, of the commit's files and the manifest with its copy."""
        beside = [*self.files[len(self.names) :], MANIFEST, COPY]
        sizes = [path.stat().st_size for name in beside if (path := self.directory / name).exists()]
        return sum(segment.arrays.size for segment in self.segments) + sum(sizes)

    @property
    def is_intact(self) -> bool:
        """Whether no segment has been cut off since it was mapped. One that was removed is still there for its readers,
        and where a file cannot be looked at, nothing is known against it."""
        for segment in self.segments:
            with contextlib.suppress(OSError):
                if segment.path.stat().st_size < segment.arrays.size:
                    return False
        return True

    def superseded(self) -> Superseded:
        """Return the superseded sources; none of them if their file is damaged, as it is not essential."""
        from cablesearch.engine.index.superseded import Superseded

        superseded = Superseded.read(self.directory, self.body)
        if superseded.fault:
            # A writer may have replaced the file. That of a later commit serves as well: sources are looked for there
            # only when no block was read from them.
            superseded = Superseded.read(self.directory, read_manifest(self.directory))
        return superseded

    def verify(self) -> list[str]:
        """Return a sentence for each fault; empty when there is no damage."""
        # Searching does not need it.
        from cablesearch.engine.check.verify import verified
        from cablesearch.engine.index.superseded import Superseded

        superseded = Superseded.read(self.directory, self.body).fault
        return [
            *self._faults_of_copy(),
            *([f"{superseded}; the next writer drops it, as nothing depends on it"] if superseded else []),
            *(fault for segment in self.segments for fault in verified(segment)),
        ]

    def _faults_of_copy(self) -> Iterator[str]:
        """Yield the fault of the copy of the manifest, if any. It may be missing, or belong to an earlier commit."""
        try:
            read_manifest(self.directory, COPY)
        except ArchiveNotFoundError:
            return
        except CablesearchError as error:
            yield f"{error}; the next commit writes it again"


def _stamped_manifest(folder: Folder) -> tuple[tuple[int, int, int] | None, dict[str, Any]]:
    """Return the body of the manifest with its stamp, not that of one published meanwhile."""
    before, body = stamp(folder), read_manifest(folder)
    while (after := stamp(folder)) != before:
        before, body = after, read_manifest(folder)
    return before, body


def _deleted_mask(segment: Segment, entry: Mapping[str, Any]) -> Bools:
    if entry["blocks"] != segment.blocks:
        raise CorruptIndexError(segment.path, f"it has {segment.blocks} blocks, the manifest says {entry['blocks']}")
    deletions = Deletions(entry["deleted"])
    mask = deletions.mask(segment.blocks)
    if np.count_nonzero(mask) != len(deletions):
        raise CorruptIndexError(segment.path, "the manifest deletes blocks that do not exist")
    return mask
