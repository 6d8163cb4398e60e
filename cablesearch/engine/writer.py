"""The one writer of an index."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from whoosh.fields import Schema

from cablesearch.engine import files
from cablesearch.engine.builder import LONGEST_KEY, Document, SegmentBuilder
from cablesearch.engine.fields import Text, order_field
from cablesearch.engine.lock import WriterLock
from cablesearch.engine.manifest import (
    LEFTOVER,
    MANIFEST,
    MOST_SEGMENTS,
    NUMBERED,
    has_remains,
    named_files,
    publish,
    read_manifest,
    segment_entry,
)
from cablesearch.engine.segment import Segment, blaming
from cablesearch.engine.snapshot import Snapshot, latest
from cablesearch.engine.superseded import Superseded
from cablesearch.errors import ArchiveNotFoundError, CablesearchError, CorruptIndexError

__all__ = ["MEMORY", "Writer", "create"]

_MERGE_WIDTH = 4
MEMORY = 512 << 20
"""About how many bytes indexing takes, beside what the programs themselves do."""
_SMALL = 1 << 24
"""Segments of fewer words are merged whatever their sizes."""

_BUILDING = -1
"""In place of a segment's number: it is still being built."""


def create(directory: Path, notes: Mapping[str, Any] | None = None) -> bool:
    """Make an empty index at ``directory`` (made too if it is not there), with notes of the application's, unless
    there is one; whether it was made.

    Raises:
        ArchiveNotFoundError: there is a file in its place.
        CorruptIndexError: there are segments of an index whose manifest is missing.
        LockedError: another process is writing there.
    """
    if directory.exists() and not directory.is_dir():
        raise ArchiveNotFoundError(f"{directory.absolute()} is a file; an archive is a folder")
    if (directory / MANIFEST).exists():
        return False
    files.make_folder(directory)
    lock = WriterLock(directory, wait=True)
    try:
        if (directory / MANIFEST).exists():
            return False
        if has_remains(directory):
            # The error says what to do; to begin anew would overwrite what can be saved.
            read_manifest(directory)
        body = {"generation": 0, "next_segment": 1, "segments": [], "notes": dict(notes or {}), "superseded": None}
        publish(directory, body)
    finally:
        lock.release()
    return True


class Writer:
    """The one writer of an index; what it adds and deletes counts from the next `commit` on.

    Args:
        directory: of the index.
        schema: its fields.
        memory: about how many bytes documents may take before they are made a segment, and postings that are merged.

    Raises:
        LockedError: another process is writing.
    """

    def __init__(self, directory: Path, schema: Schema, memory: int = MEMORY) -> None:
        self._directory = directory
        self._memory = memory
        self._schema = schema
        self._lock = WriterLock(directory)
        try:
            self._number = 0
            self._generation = 0
            snapshot = latest(directory)
            # Its writer may have been stopped before it was on the disk, and nothing may be left to be committed.
            files.sync_folder(directory)
            self._made: set[str] = set()
            with blaming(snapshot.segments, alone=True):
                self._take(snapshot)
            self._clean(snapshot.files, LEFTOVER)
        except BaseException:
            self._lock.release()
            raise

    def _take(self, snapshot: Snapshot) -> None:
        """Go on from a commit."""
        self.snapshot = snapshot
        self._generation = max(self._generation, snapshot.generation)
        self._number = max(self._number, snapshot.next_segment)
        self._segments = list(snapshot.segments)
        # What a commit keeps is what stands here and nothing else: a change is one assignment, which an interrupt
        # finds made or not made.
        self._where = {
            snapshot.segments[number].keys.text(block): (number, block) for number, block in snapshot.live_blocks()
        }
        self.notes: dict[str, Any] = dict(snapshot.notes)
        self._superseded: Superseded | None = None
        self._builder = SegmentBuilder(self._schema, self.dictionary)
        self._changed = False

    def _clean(self, names: Sequence[str], leftover: re.Pattern[str] | None = None) -> None:
        """Remove the numbered files that are not among ``names``, those of the last commit, and what has the name of a
        ``leftover`` of work that was cut off."""
        # What cannot be removed now is in nobody's way.
        with contextlib.suppress(OSError):
            leftovers = [
                path
                for path in self._directory.iterdir()
                if (NUMBERED.fullmatch(path.name) and path.name not in names)
                or (leftover and leftover.fullmatch(path.name))
            ]
            if leftovers:
                # If the last commit failed to come on the disk, the one before counts after a power cut, with all
                # its segments.
                files.sync_folder(self._directory)
            for path in leftovers:
                with contextlib.suppress(OSError):
                    files.remove(path)

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Forget what is not committed and let the next writer in."""
        try:
            # What the disk says counts: a commit that failed may be there all the same.
            with contextlib.suppress(CablesearchError, OSError):
                self._clean(named_files(read_manifest(self._directory)), LEFTOVER)
        finally:
            self._lock.release()

    def add(
        self,
        key: str,
        digest: bytes,
        documents: Sequence[Document],
        records: Sequence[bytes],
        leads: int = 1,
        *,
        longest_key: int = LONGEST_KEY,
    ) -> None:
        """Add a block (see `SegmentBuilder.add`); one of the same key is replaced."""
        if self._builder.weight >= self._memory // 2:
            self._flush()
        place = len(self._builder)
        self._builder.add(key, digest, documents, records, leads, longest_key=longest_key)
        self._changed = True
        self._where[key] = (_BUILDING, place)

    def new_path(self) -> Path:
        """Where a new segment is to be written (`SegmentBuilder.write`) that `attach` then takes.

        Raises:
            CablesearchError: the numbers of segments are used up.
        """
        if self._number >= MOST_SEGMENTS:
            raise CablesearchError(f"{self._directory}: there are no more numbers for segments; go on in a new archive")
        self._number += 1
        # Another process of a writer that was killed may still be writing.
        return self._directory / f"{self._number - 1:08d}.{os.getpid()}.part"

    def attach(self, path: Path) -> int:
        """Take a segment that was written to a path from `new_path`, none of its blocks yet; its number."""
        self._flush()
        return self._attach(path)

    def _attach(self, path: Path) -> int:
        self._segments.append(Segment(_finished(path)))
        self._made.add(self._segments[-1].path.name)
        self._changed = True
        return len(self._segments) - 1

    @property
    def dictionary(self) -> bytes:
        """What `SegmentBuilder` is to pack records with, so that those of many segments are alike."""
        return self._segments[0].store.dictionary if self._segments else b""

    def adopt(self, number: int, block: int) -> None:
        """Add a block of an attached segment; one of the same key is replaced."""
        if number < 0:
            raise ValueError(f"there is no segment {number}")
        self._changed = True
        self._where[self._segments[number].keys.text(block)] = (number, block)

    def _flush(self) -> None:
        """Make a segment of what is pending."""
        builder = self._builder
        if len(builder):
            path = self.new_path()
            builder.write(path)
            number = self._attach(path)
            pending = [(key, place) for key, (number, place) in self._where.items() if number == _BUILDING]
            for key, place in pending:
                self._where[key] = (number, builder.places[place])
            self._builder = SegmentBuilder(self._schema, self.dictionary)

    def has(self, key: str) -> bool:
        """Whether there is a block of that key, committed or pending."""
        return key in self._where

    def record(self, key: str) -> bytes:
        """The record of the block of that key, committed or pending.

        Raises:
            KeyError: there is none.
        """
        if self._where[key][0] == _BUILDING:
            self._flush()
        number, block = self._where[key]
        return self._segments[number].record(block)

    def digests(self) -> dict[bytes, str]:
        """The keys of the committed blocks by the digests of their sources."""
        segments = self.snapshot.segments
        return {
            segments[number].digest(block): segments[number].keys.text(block)
            for number, block in self.snapshot.live_blocks()
        }

    @property
    def superseded(self) -> Superseded:
        """The sources that lost to others of the same key, to be kept with the next commit."""
        if self._superseded is None:
            self._superseded = Superseded.read(self._directory, self.snapshot.body)
        return self._superseded

    @superseded.setter
    def superseded(self, superseded: Superseded) -> None:
        self._superseded = superseded

    def delete(self, key: str) -> bool:
        """Delete the block of that key; whether there was one."""
        if key not in self._where:
            return False
        self._changed = True
        del self._where[key]
        return True

    def commit(self) -> Snapshot:
        """Make what was added and deleted the index's next state, all or nothing."""
        self._flush()
        forgot_or_learnt = self._superseded is not None and self._superseded.changed
        if self._changed or self.notes != self.snapshot.notes or forgot_or_learnt:
            kept = [np.zeros(segment.blocks, bool) for segment in self._segments]
            for number, block in self._where.values():
                kept[number][block] = True
            self._publish(
                [segment_entry(segment.path.name, ~mask) for segment, mask in zip(self._segments, kept, strict=True)]
            )
        return self.snapshot

    def settle(self) -> Snapshot:
        """Commit, and merge segments when there are many of a size, each merge in a commit of its own."""
        self.commit()
        while width := self._mergeable():
            count = len(self.snapshot.segments)
            self._merge(count - width, count)
        return self.snapshot

    def compact(self) -> Snapshot:
        """Drop deleted blocks from the disk and make one segment of all, whose blocks lie in order."""
        self.commit()
        segments, ordered_by = self.snapshot.segments, order_field(self._schema)
        if (
            len(segments) > 1
            or any(mask.any() for mask in self.snapshot.deleted)
            or not all(segment.is_ordered_by(ordered_by) for segment in segments)
        ):
            self._merge(0, len(segments))
        return self.snapshot

    def _weights(self) -> list[int]:
        """The number of words in each segment, about what a merge of it costs."""
        return [
            sum(
                segment.arrays.type_of(f"{name}.positions")[1]
                for name, field in self._schema.items()
                if isinstance(field, Text)
            )
            for segment in self.snapshot.segments
        ]

    def _mergeable(self) -> int:
        """How many segments at the end are alike enough in size, and many enough, to be merged; 0 for none."""
        width, total = 0, 0
        for weight in reversed(self._weights()):
            if width and weight > max(total, _SMALL):
                break
            total += weight
            width += 1
        return width if width >= (2 if total <= _SMALL else _MERGE_WIDTH) else 0

    def _merge(self, start: int, end: int) -> None:
        """Replace the segments ``start`` to ``end`` by one, in a commit of its own."""
        # Searching does not need it.
        from cablesearch.engine.merge import merge

        sources = list(zip(self.snapshot.segments[start:end], self.snapshot.deleted[start:end], strict=True))
        entries: list[dict[str, Any]] = [
            segment_entry(segment.path.name, mask)
            for segment, mask in zip(self.snapshot.segments, self.snapshot.deleted, strict=True)
        ]
        for segment, _ in sources:
            # In the new segment its faults would stand under right checksums. What was found here may be made to do
            # harm, and is checked in full.
            is_own = segment.path.name in self._made
            if faults := segment.arrays.verify() if is_own else segment.verify():
                raise CorruptIndexError(f"{faults[0]}; it is not merged: save what can be read with verify --repair")
            segment.arrays.forget()
        merged = []
        if any(not mask.all() for _, mask in sources):
            path = self.new_path()
            with blaming(self.snapshot.segments[start:end], alone=True):
                merge(self._schema, sources, path, self._memory)
            segment = Segment(_finished(path))
            self._made.add(segment.path.name)
            merged = [segment_entry(segment.path.name, np.zeros(segment.blocks, bool))]
        entries[start:end] = merged
        self._publish(entries)

    def _publish(self, entries: list[dict[str, Any]]) -> None:
        superseded = self._write_superseded()
        # A commit that failed may be on the disk, or not: no other one has its number.
        self._generation += 1
        publish(
            self._directory,
            {
                "generation": self._generation,
                "next_segment": self._number,
                "segments": entries,
                "notes": self.notes,
                "superseded": superseded,
            },
        )
        if self._superseded is not None:
            self._superseded.changed = False
        known = {segment.path.name: segment for segment in self._segments}
        self._take(Snapshot(self._directory, known=known))
        # Other processes may be writing segments that are to be attached.
        self._clean(self.snapshot.files)

    def _write_superseded(self) -> dict[str, Any] | None:
        """Write what has changed of it; what the manifest says of it."""
        if self.snapshot.body["superseded_notes"]:
            # It was among the notes, and has to be moved.
            self.superseded.changed = True
        if self._superseded is None or not self._superseded.changed:
            entry: dict[str, Any] | None = self.snapshot.body["superseded"]
            return entry
        if not len(self._superseded):
            return None
        fresh = self.new_path()
        return self._superseded.write(fresh, fresh.with_name(fresh.name[:8] + ".superseded"))


def _finished(path: Path) -> Path:
    """Give a segment that is written and synced the name under which a manifest may name it."""
    final = path.with_name(path.name[:8] + ".seg")
    files.rename(path, final)
    return final
