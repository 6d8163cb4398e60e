"""The single writer of an index."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.fields import Schema

from cablesearch.engine.check.blame import blaming, damaged
from cablesearch.engine.check.verify import verified
from cablesearch.engine.disk import files
from cablesearch.engine.disk.files import Entry
from cablesearch.engine.disk.lock import WriterLock
from cablesearch.engine.index import manifest
from cablesearch.engine.index.manifest import (
    LEFTOVER,
    MOST_SEGMENTS,
    NUMBERED,
    SegmentEntry,
    held,
    named_files,
    read_manifest,
    segment_entries,
)
from cablesearch.engine.index.snapshot import Snapshot, latest
from cablesearch.engine.index.superseded import Superseded
from cablesearch.engine.segment.builder import LONGEST_KEY, SegmentBuilder
from cablesearch.engine.segment.fitting import unfilled
from cablesearch.engine.segment.segment import Segment
from cablesearch.errors import CablesearchError, CorruptIndexError
from cablesearch.protocols.fields import Document, order_field, records_of
from cablesearch.protocols.pen import MEMORY, OnMerge

__all__ = ["Writer", "alike"]

_MERGE_WIDTH = 4
_SMALL = 1 << 24
"""Segments of fewer words are merged whatever their sizes."""
_MOST_OPEN, _FEW_OPEN = 256, 32
"""The most segments of an index, with much and with little memory. Before another is added, half as many neighbours are
merged; so a word is rewritten about as often as the number of segments has digits to this base."""
_MEMORY_OF_A_SEGMENT = 2 << 20
"""The approximate number of bytes that the words of a segment take while it is merged."""
_SHARE = 4
"""The part (a quarter) of the memory for positions that such a merge may take, as workers go on building segments."""

Check = Callable[[Segment, Iterable[int]], Iterator[str]]
"""Yields a sentence for each fault in the records of some blocks of a segment."""

_BUILDING = -1
"""The number of the segment that is still being built."""


class Writer:
    """The single writer of an index. Additions and deletions take effect with the next `commit`.

    It writes to the folder that is at ``directory`` now, and refuses to commit once the path leads to another folder.

    Args:
        directory: the folder of the index.
        schema: the fields.
        memory: the approximate number of bytes for documents that wait to be written, and for postings being merged.
        check: checks the records of segments from other writers before they are merged; the engine does not know what
            records mean.

    Raises:
        ArchiveNotFoundError: there is no index.
        CorruptIndexError: the last commit is damaged.
        LockedError: another process is writing.
    """

    def __init__(self, directory: Path, schema: Schema, memory: int = MEMORY, check: Check | None = None) -> None:
        self._memory = memory
        self._check = check
        self._most_open = min(_MOST_OPEN, max(_FEW_OPEN, memory // _MEMORY_OF_A_SEGMENT))
        self._schema = schema
        self._damaged: set[int] = set()
        self._made: set[int] = set()
        self._number = 0
        self._generation = 0
        with contextlib.ExitStack() as stack:
            self._folder = stack.enter_context(held(directory))
            self._lock = WriterLock(self._folder)
            stack.callback(self._lock.release)
            snapshot = latest(self._folder)
            # The last writer may have been stopped before the commit was on the disk, and this one may not commit.
            files.sync_folder(self._folder)
            self._superseded: Superseded | None = None
            with blaming(snapshot.segments, alone=True):
                self._take(snapshot)
            self._clean(snapshot.files, LEFTOVER)
            self._closing = stack.pop_all()

    def _take(self, snapshot: Snapshot) -> None:
        """Continue from a commit."""
        self.snapshot = snapshot
        self._generation = max(self._generation, snapshot.generation)
        self._number = max(self._number, snapshot.next_segment)
        self._segments = {_number_of(segment.path.name): segment for segment in snapshot.segments}
        numbers = list(self._segments)
        # A commit keeps exactly these blocks: a change is one assignment, which an interrupt cannot divide.
        self._where = {
            snapshot.segments[index].keys.text(block): (numbers[index], block)
            for index, block in snapshot.live_blocks()
        }
        self.notes: dict[str, Any] = dict(snapshot.notes)
        self._builder = SegmentBuilder(self._schema, self.dictionary)
        self._changed = False

    def _clean(self, names: Sequence[str], leftover: re.Pattern[str] | None = None) -> None:
        """Remove numbered files that are not among ``names``, and leftovers of interrupted work."""
        # Files that cannot be removed now do no harm.
        with contextlib.suppress(OSError):
            leftovers = [
                entry
                for entry in self._folder.iterdir()
                if (NUMBERED.fullmatch(entry.name) and entry.name not in names)
                or (leftover and leftover.fullmatch(entry.name))
            ]
            if leftovers:
                # If the last commit is not on the disk, the one before counts after a power cut, with its segments.
                files.sync_folder(self._folder)
            for entry in leftovers:
                with contextlib.suppress(OSError):
                    files.remove(entry)

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Drop uncommitted changes, and release the lock."""
        # The manifest on disk counts: a commit may be there although it failed.
        with self._closing, contextlib.suppress(CablesearchError, OSError):
            self._clean(named_files(read_manifest(self._folder)), LEFTOVER)

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
        """Add a block (see `SegmentBuilder.add`), in place of a block of the same key."""
        if self._builder.weight >= self._memory // 2:
            self._flush()
        place = len(self._builder)
        self._builder.add(key, digest, documents, records, leads, longest_key=longest_key)
        self._changed = True
        self._where[key] = (_BUILDING, place)

    def check_folder(self) -> None:
        """Check that the path of the index still leads to its folder.

        Raises:
            CablesearchError: the path leads elsewhere, or nowhere.
        """
        self._folder.check()

    def new_entry(self) -> Entry:
        """Return the place for a new segment (`SegmentBuilder.write`) that is then attached (`attach`).

        Raises:
            CablesearchError: the numbers of segments are used up.
        """
        if self._number >= MOST_SEGMENTS:
            raise CablesearchError(f"{self._folder}: the numbers of segments are used up; continue in a new archive")
        self._number += 1
        # A worker of a killed writer may still be writing.
        return self._folder / f"{self._number - 1:08d}.{os.getpid()}.part"

    def attach(self, entry: Entry) -> int:
        """Attach a segment that was written to a place from `new_entry`, without its blocks, and return its number.

        Blocks of segments that were attached before must have been adopted, as these may be merged now.
        """
        self._flush()
        return self._attach(entry)

    def _attach(self, entry: Entry) -> int:
        self._make_room()
        segment = Segment(_finished(entry), records_of(self._schema))
        number = _number_of(entry.name)
        self._made.add(number)
        self._segments[number] = segment
        self._changed = True
        return number

    @property
    def dictionary(self) -> bytes:
        """Return the compression dictionary for a `SegmentBuilder`, so that many segments share it."""
        return next((segment.store.dictionary for segment in self._segments.values()), b"")

    def adopt(self, number: int, block: int) -> None:
        """Add a block of an attached segment, in place of a block of the same key."""
        if number < 0:
            raise ValueError(f"there is no segment {number}")
        self._changed = True
        self._where[self._segments[number].keys.text(block)] = (number, block)

    def _flush(self) -> None:
        """Write pending blocks to a segment."""
        builder = self._builder
        if len(builder):
            entry = self.new_entry()
            builder.write(entry)
            number = self._attach(entry)
            pending = [(key, place) for key, (number, place) in self._where.items() if number == _BUILDING]
            for key, place in pending:
                self._where[key] = (number, builder.places[place])
            self._builder = SegmentBuilder(self._schema, self.dictionary)

    def has(self, key: str) -> bool:
        """Whether there is a block of a key, committed or pending."""
        return key in self._where

    def record(self, key: str) -> bytes:
        """Return the record of a block by its key, committed or pending.

        Raises:
            KeyError: there is no such block.
        """
        if self._where[key][0] == _BUILDING:
            self._flush()
        number, block = self._where[key]
        with blaming([self._segments[number]]):
            return self._segments[number].record(block)

    def digests(self) -> dict[bytes, str]:
        """Return the keys of the committed blocks by the digests of their sources."""
        segments = self.snapshot.segments
        return {
            segments[number].digest(block): segments[number].keys.text(block)
            for number, block in self.snapshot.live_blocks()
        }

    @property
    def superseded(self) -> Superseded:
        """Return the superseded sources, which the next commit saves."""
        if self._superseded is None:
            self._superseded = Superseded.read(self._folder, self.snapshot.body)
        return self._superseded

    @superseded.setter
    def superseded(self, superseded: Superseded) -> None:
        self._superseded = superseded

    def delete(self, key: str) -> bool:
        """Delete the block of a key, and return whether there was one."""
        if key not in self._where:
            return False
        self._changed = True
        del self._where[key]
        return True

    def commit(self) -> Snapshot:
        """Commit all additions and deletions, all or nothing."""
        self._flush()
        forgot_or_learnt = self._superseded is not None and self._superseded.changed
        if self._changed or self.notes != self.snapshot.notes or forgot_or_learnt:
            kept = {number: np.zeros(segment.blocks, bool) for number, segment in self._segments.items()}
            for number, block in self._where.values():
                kept[number][block] = True
            self._publish(
                [
                    SegmentEntry(segment.path.name, ~kept[number], segment.written, segment.unfilled)
                    for number, segment in self._segments.items()
                ]
            )
        return self.snapshot

    def settle(self, on_merge: OnMerge | None = None) -> Snapshot:
        """Commit, then merge segments while there are many of similar size; each merge is a commit of its own."""
        self.commit()
        while width := self._mergeable():
            self._merge(list(self._segments)[-width:], self._memory, on_merge)
            self.commit()
        return self.snapshot

    def compact(self, on_merge: OnMerge | None = None) -> Snapshot:
        """Merge all segments into one sorted segment without deleted blocks."""
        self.commit()
        segments, ordered_by = self.snapshot.segments, order_field(self._schema)
        if (
            len(segments) > 1
            or any(mask.any() for mask in self.snapshot.deleted)
            or not all(segment.is_ordered_by(ordered_by) for segment in segments)
            or any(segment.written.keys() - set(self._schema.names()) for segment in segments)
        ):
            self._merge(list(self._segments), self._memory, on_merge)
            self.commit()
        return self.snapshot

    def take_over(self, other: Snapshot) -> Snapshot:
        """Commit the live blocks of another index of the same schema in place of all blocks of this one.

        The segments of the other index get a second name in this one's folder; it is not needed afterwards.
        """
        numbers: list[int] = []
        segments: dict[int, Segment] = {}
        for segment in other.segments:
            entry = self.new_entry()
            final = entry.with_name(entry.name[:8] + ".seg")
            files.link(segment.path, final)
            numbers.append(_number_of(final.name))
            segments[numbers[-1]] = Segment(final, segment.written, segment.unfilled)
        where = {
            other.segments[index].keys.text(block): (numbers[index], block) for index, block in other.live_blocks()
        }
        self._made |= segments.keys()
        self._segments, self._where, self._changed = segments, where, True
        return self.commit()

    def _weights(self) -> list[int]:
        """Return the number of words in each segment, the approximate cost of merging it."""
        return [
            sum(segment.arrays.type_of(f"{name}.positions")[1] for name in segment.layout.texts)
            for segment in self._segments.values()
        ]

    def _mergeable(self) -> int:
        """Return how many segments at the end are to be merged, as they are many and of similar size; 0 for none."""
        width, total = 0, 0
        for weight in reversed(self._weights()):
            if width and weight > max(total, _SMALL):
                break
            total += weight
            width += 1
        return width if width >= (2 if total <= _SMALL else _MERGE_WIDTH) else 0

    def _make_room(self) -> None:
        """Merge neighbours until there is room for one more segment."""
        width = max(2, self._most_open // 2)
        while len(self._segments) >= self._most_open:
            numbers = list(self._segments)
            barred = [number in self._damaged for number in numbers]
            start = alike(self._weights(), barred, width)
            if start is None:
                return
            # Damaged segments stay as they are, and are reported at the end.
            with contextlib.suppress(CorruptIndexError):
                self._merge(numbers[start : start + width], self._memory // _SHARE)

    def _merge(self, numbers: Collection[int], memory: int, on_merge: OnMerge | None = None) -> None:
        """Replace neighbouring segments by one, with effect from the next commit.

        Raises:
            CorruptIndexError: a segment is damaged; nothing has changed.
        """
        # Searching does not need it.
        from cablesearch.engine.segment.merge import merge

        sources = [(self._segments[number], self._deleted(number)) for number in numbers]
        for number, (segment, deleted) in zip(numbers, sources, strict=True):
            # Merging would hide faults under right checksums. Segments of other writers may be made to do harm, and are
            # verified in full.
            if faults := segment.arrays.verify() if number in self._made else self._faults(segment, deleted):
                self._damaged.add(number)
                raise damaged(segment, faults[0], "; damaged segments are not merged")
            segment.arrays.forget()
        if any(not mask.all() for _, mask in sources):
            entry = self.new_entry()
            with blaming([segment for segment, _ in sources], alone=True):
                merge(self._schema, sources, entry, memory, on_merge and _counted(on_merge, sources))
            kept = [segment for segment, deleted in sources if not deleted.all()]
            missing = set[str]().union(*(unfilled(segment, self._schema) for segment in kept))
            merged = Segment(_finished(entry), records_of(self._schema), missing)
            new = _number_of(entry.name)
            self._made.add(new)
            # At an interrupt each block is in its old or its new place, in the same order.
            first = next(iter(numbers))
            self._segments = {
                number: segment
                for old, kept in self._segments.items()
                for number, segment in ([(new, merged), (old, kept)] if old == first else [(old, kept)])
            }
            for block in range(merged.blocks):
                self._where[merged.keys.text(block)] = (new, block)
        self._changed = True
        self._segments = {number: segment for number, segment in self._segments.items() if number not in numbers}

    def _faults(self, segment: Segment, deleted: NDArray[np.bool_]) -> list[str]:
        """Return a sentence for each fault of a segment from another writer; only the first fault of its records."""
        faults = verified(segment)
        if not faults and self._check is not None:
            faults = list(islice(self._check(segment, np.flatnonzero(~deleted).tolist()), 1))
        return faults

    def _deleted(self, number: int) -> NDArray[np.bool_]:
        """Return which blocks of a segment are deleted or replaced, as a mask."""
        keys, blocks = self._segments[number].keys, self._segments[number].blocks
        return np.array([self._where.get(keys.text(block)) != (number, block) for block in range(blocks)], bool)

    def _publish(self, entries: list[SegmentEntry]) -> None:
        superseded = self._write_superseded()
        # A failed commit may be on the disk or not, so no other commit gets its number.
        self._generation += 1
        self._folder.check()
        manifest.publish(
            self._folder,
            {
                "generation": self._generation,
                "next_segment": self._number,
                **segment_entries(entries),
                "notes": self.notes,
                "superseded": superseded,
            },
        )
        if self._superseded is not None:
            self._superseded.changed = False
        known = {segment.path.name: segment for segment in self._segments.values()}
        self._take(Snapshot(self._folder, known=known))
        # Leave leftovers alone: workers may be writing segments that will be attached.
        self._clean(self.snapshot.files)

    def _write_superseded(self) -> dict[str, Any] | None:
        """Write the superseded sources if they have changed, and return their entry for the manifest."""
        if self.snapshot.body["superseded_notes"]:
            # Move them out of the notes of an older format.
            self.superseded.changed = True
        if self._superseded is None or not self._superseded.changed:
            entry: dict[str, Any] | None = self.snapshot.body["superseded"]
            return entry
        if not len(self._superseded):
            return None
        fresh = self.new_entry()
        return self._superseded.write(fresh, fresh.with_name(fresh.name[:8] + ".superseded"))


def alike(weights: Sequence[int], barred: Sequence[bool], width: int) -> int | None:
    """Return the first of the ``width`` neighbours, none of them barred, that are most alike in size; None without any.

    These are the neighbours whose largest has the smallest share of their total; of equal ones the lightest. So a word
    is rewritten only when its segment grows many times over, not each time that a small segment is added:

    >>> alike([900, 1, 1, 1, 30, 30, 30], [False] * 7, 3)
    1
    """
    if len(weights) < width:
        return None
    windows = np.lib.stride_tricks.sliding_window_view
    # An empty segment counts too.
    heavy = np.array(weights, np.float64) + 1
    total, largest = windows(heavy, width).sum(axis=1), windows(heavy, width).max(axis=1)
    share = np.where(windows(np.array(barred), width).any(axis=1), np.inf, largest / total)
    best = int(np.lexsort((total, share))[0])
    return best if np.isfinite(share[best]) else None


def _counted(on_merge: OnMerge, sources: Iterable[tuple[Segment, NDArray[np.bool_]]]) -> Callable[[int], object]:
    """Return a callback for the pieces of a merge, which adds them up."""
    total = sum(segment.arrays.size for segment, _ in sources)
    done = 0

    def count(size: int) -> None:
        nonlocal done
        # Sorting changes how well numbers are packed.
        done = min(done + size, total)
        on_merge(done, total)

    return count


def _number_of(name: str) -> int:
    """Return the number in the name of a segment."""
    return int(name[:8])


def _finished(entry: Entry) -> Entry:
    """Rename a segment that is written and synced to its final name."""
    final = entry.with_name(entry.name[:8] + ".seg")
    files.rename(entry, final)
    return final
