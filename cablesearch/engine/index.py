"""A directory of segments: commits, snapshots, and one writer at a time.

``manifest.json`` names the segments of the last commit and which of their blocks are deleted. A commit writes new
files beside the old ones, syncs them, and renames one new manifest over the old; files that no manifest names are
removed afterwards, and by the next writer after a crash. Readers keep the files they have mapped.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.fields import Schema

from cablesearch.engine.arrays import open_file
from cablesearch.engine.builder import Document, SegmentBuilder
from cablesearch.engine.fields import Text
from cablesearch.engine.segment import Segment
from cablesearch.errors import ArchiveNotFoundError, CablesearchError, CorruptIndexError, LockedError

__all__ = ["MANIFEST", "MEMORY", "Snapshot", "Writer", "create", "last_commit", "latest"]

MANIFEST = "manifest.json"
FORMAT = 1
_LOCK = "writer.lock"
_MERGE_WIDTH = 4
MEMORY = 512 << 20
"""About how many bytes indexing takes, beside what the programs themselves do."""
_SMALL = 1 << 24
"""Segments of fewer words are merged whatever their sizes."""

_BUILDING = -1
"""In place of a segment's number: it is still being built."""

Bools = NDArray[np.bool_]


def _read_manifest(directory: Path) -> dict[str, Any]:
    path = directory / MANIFEST
    try:
        with open_file(path) as file:
            text = file.read()
    except FileNotFoundError:
        raise ArchiveNotFoundError(
            f"there is no archive at {directory.absolute()}; make one with: cablesearch index SOURCE"
        ) from None
    except NotADirectoryError:
        raise ArchiveNotFoundError(f"{directory.absolute()} is a file; an archive is a folder") from None
    except OSError as error:
        raise CablesearchError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        outer = json.loads(text)
        if outer["format"] != FORMAT:
            raise CorruptIndexError(
                f"{path}: format {outer['format']!r}; this program reads {FORMAT}: index the cables again"
            )
        body = outer["body"]
        if outer["crc32"] != _checksum(body):
            raise CorruptIndexError(f"{path}: its checksum is wrong")
        _check_body(body)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CorruptIndexError(f"{path}: it makes no sense ({error})") from error
    return dict(body)


def _check_body(body: dict[str, Any]) -> None:
    """Raise ValueError, KeyError or TypeError when a manifest says what no commit of ours does."""
    numbers = [body["generation"], body["next_segment"]]
    names = [entry["name"] for entry in body["segments"]]
    deleted = [block for entry in body["segments"] for block in entry["deleted"]]
    if not all(type(number) is int and 0 <= number < 1 << 63 for number in numbers + deleted):
        raise ValueError("a number is none")
    if not all(re.fullmatch(r"[0-9]{8}\.seg", name) for name in names) or len(set(names)) < len(names):
        raise ValueError("the name of a segment is none, or comes twice")
    if any(int(name[:8]) >= body["next_segment"] for name in names):
        raise ValueError("a segment is numbered as the next one")
    if not isinstance(body["notes"], dict):
        raise TypeError("its notes are none")


def _checksum(body: Mapping[str, Any]) -> int:
    return zlib.crc32(json.dumps(body, sort_keys=True).encode())


def _write_manifest(directory: Path, body: Mapping[str, Any]) -> None:
    fresh = directory / (MANIFEST + ".new")
    with fresh.open("w", encoding="utf-8") as file:
        json.dump({"format": FORMAT, "crc32": _checksum(body), "body": body}, file, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(directory / MANIFEST)
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def create(directory: Path, notes: Mapping[str, Any] | None = None) -> bool:
    """Make an empty index at ``directory`` (made too if it is not there) with some notes, unless there is one.

    Returns:
        Whether it was made.
    """
    if directory.exists() and not directory.is_dir():
        raise ArchiveNotFoundError(f"{directory.absolute()} is a file; an archive is a folder")
    directory.mkdir(parents=True, exist_ok=True)
    made = False
    if not (directory / MANIFEST).exists():
        # Linked, not renamed into place: of two that create the same index, neither undoes what the other has written.
        with tempfile.TemporaryDirectory(dir=directory) as folder:
            body = {"generation": 0, "next_segment": 1, "segments": [], "notes": dict(notes or {})}
            _write_manifest(Path(folder), body)
            with contextlib.suppress(FileExistsError):
                os.link(Path(folder) / MANIFEST, directory / MANIFEST)
                made = True
    return made


def last_commit(directory: Path) -> tuple[int, dict[str, Any]]:
    """The number of the last commit (0: an index that was made and no more) and its notes, read without its segments.

    Raises:
        ArchiveNotFoundError: there is none.
        CorruptIndexError: it cannot be read.
    """
    body = _read_manifest(directory)
    return int(body["generation"]), dict(body["notes"])


def latest(directory: Path) -> Snapshot:
    """The last commit.

    Raises:
        ArchiveNotFoundError: there is none.
        CorruptIndexError: it cannot be read.
    """
    generation = None
    while True:
        try:
            return Snapshot(directory)
        except CorruptIndexError:
            # A writer may have replaced the segments between our reading the manifest and opening them.
            seen = int(_read_manifest(directory)["generation"])
            if seen == generation:
                raise
            generation = seen


class Snapshot:
    """The segments of one commit, which never change.

    ``bases[i]`` is the number of documents before segment i: a document's number in the snapshot is its number in
    its segment plus that.
    """

    def __init__(self, directory: Path, *, known: Mapping[str, Segment] | None = None) -> None:
        body = _read_manifest(directory)
        self.directory = directory
        self.generation = int(body["generation"])
        self.next_segment = int(body["next_segment"])
        self.notes: dict[str, Any] = body["notes"]
        self.names: list[str] = [entry["name"] for entry in body["segments"]]
        known = known or {}
        self.segments = [known.get(name) or Segment(directory / name) for name in self.names]
        self.deleted = [
            _deleted_mask(segment, entry["deleted"])
            for segment, entry in zip(self.segments, body["segments"], strict=True)
        ]
        self.bases = np.append(0, np.cumsum([segment.docs for segment in self.segments])).astype(np.int64)
        self._starts: list[int] = self.bases[:-1].tolist()

    def place(self, doc: int) -> tuple[int, int]:
        """The segment of a document, and the document's number there."""
        number = bisect_right(self._starts, doc) - 1
        return number, doc - self._starts[number]

    def stored(self, doc: int) -> bytes:
        """The bytes stored with a document."""
        number, local = self.place(doc)
        return self.segments[number].stored(local)

    def find(self, key: str) -> tuple[int, int] | None:
        """(segment, block) of the live block with that key, or None."""
        for number, segment in enumerate(self.segments):
            for block in segment.find(key):
                if not self.deleted[number][block]:
                    return number, block
        return None

    def live_blocks(self) -> Iterator[tuple[int, int]]:
        """(segment, block) of every live block, in order."""
        for number, deleted in enumerate(self.deleted):
            for block in np.flatnonzero(~deleted).tolist():
                yield number, block

    @property
    def size(self) -> int:
        """Bytes on disk of the segments and the manifest."""
        return sum(segment.arrays.size for segment in self.segments) + (self.directory / MANIFEST).stat().st_size

    def verify(self) -> list[str]:
        """What is damaged, a sentence each; empty when all is well."""
        return [fault for segment in self.segments for fault in segment.verify()]


def _deleted_mask(segment: Segment, blocks: Sequence[int]) -> Bools:
    mask = np.zeros(segment.blocks, bool)
    if blocks:
        if min(blocks) < 0 or max(blocks) >= segment.blocks:
            raise CorruptIndexError(f"{segment.path}: the manifest deletes blocks that it does not have")
        mask[np.asarray(blocks)] = True
    return mask


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
        # Readers need no lock, and importing this takes longer than many a search.
        from filelock import FileLock, Timeout

        self._directory = directory
        self._memory = memory
        self._schema = schema
        self._lock = FileLock(directory / _LOCK)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            holder = ""
            with contextlib.suppress(OSError):
                holder = (directory / (_LOCK + ".pid")).read_text(encoding="ascii", errors="replace").strip()
            raise LockedError(
                f"{directory.absolute()}: another process{' (pid ' + holder + ')' if holder else ''} is writing to "
                "this archive; wait for it to end"
            ) from None
        try:
            (directory / (_LOCK + ".pid")).write_text(str(os.getpid()), encoding="ascii")
            self._number = 0
            self._take(latest(directory))
            for path in directory.glob("*.part"):
                path.unlink(missing_ok=True)
        except BaseException:
            self._lock.release()
            raise

    def _take(self, snapshot: Snapshot) -> None:
        """Go on from a commit."""
        self.snapshot = snapshot
        self._number = max(self._number, snapshot.next_segment)
        self._names = list(snapshot.names)
        self._segments = list(snapshot.segments)
        self._deleted: list[set[int]] = [set(np.flatnonzero(mask).tolist()) for mask in snapshot.deleted]
        self._where = {
            snapshot.segments[number].keys.text(block): (number, block) for number, block in snapshot.live_blocks()
        }
        self.notes: dict[str, Any] = dict(snapshot.notes)
        self._builder = SegmentBuilder(self._schema, self.dictionary)
        self._changed = False
        # Replaced segments, and those of a run that was cut off.
        for path in self._directory.glob("*.seg"):
            if path.name not in self._names:
                path.unlink(missing_ok=True)

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Forget what is not committed and let the next writer in."""
        self._lock.release()

    def add(
        self, key: str, digest: bytes, documents: Sequence[Document], records: Sequence[bytes], leads: int = 1
    ) -> None:
        """Add a block (see `SegmentBuilder.add`); one of the same key is replaced."""
        if self._builder.weight >= self._memory // 2:
            self._flush()
        place = len(self._builder)
        self._builder.add(key, digest, documents, records, leads)
        self.delete(key)
        self._where[key] = (_BUILDING, place)
        self._changed = True

    def new_path(self) -> Path:
        """Where a new segment is to be written (`SegmentBuilder.write`) that `attach` then takes."""
        self._number += 1
        return self._directory / f"{self._number - 1:08d}.part"

    def attach(self, path: Path) -> int:
        """Take a segment that was written to a path from `new_path`, none of its blocks yet; its number."""
        self._flush()
        return self._attach(path)

    def _attach(self, path: Path) -> int:
        final = path.with_suffix(".seg")
        path.rename(final)
        self._names.append(final.name)
        self._segments.append(Segment(final))
        self._deleted.append(set(range(self._segments[-1].blocks)))
        self._changed = True
        return len(self._segments) - 1

    @property
    def dictionary(self) -> bytes:
        """What `SegmentBuilder` is to pack records with, so that those of many segments are alike."""
        return self._segments[0].store.dictionary if self._segments else b""

    def adopt(self, number: int, block: int) -> None:
        """Add a block of an attached segment; one of the same key is replaced."""
        key = self._segments[number].keys.text(block)
        self.delete(key)
        self._deleted[number].discard(block)
        self._where[key] = (number, block)

    def _flush(self) -> None:
        """Make a segment of what is pending."""
        builder = self._builder
        if len(builder):
            path = self.new_path()
            builder.write(path)
            pending = [(key, place) for key, (number, place) in self._where.items() if number == _BUILDING]
            for key, _ in pending:
                del self._where[key]
            self._builder = SegmentBuilder(self._schema, self.dictionary)
            number = self._attach(path)
            for _, place in pending:
                self.adopt(number, place)

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

    def delete(self, key: str) -> bool:
        """Delete the block of that key; whether there was one."""
        place = self._where.pop(key, None)
        if place is None:
            return False
        self._changed = True
        if place[0] != _BUILDING:
            self._deleted[place[0]].add(place[1])
        return True

    def commit(self) -> Snapshot:
        """Make what was added and deleted the index's next state, all or nothing."""
        self._flush()
        if self._changed or self.notes != self.snapshot.notes:
            entries = [
                {"name": name, "deleted": sorted(blocks)}
                for name, blocks in zip(self._names, self._deleted, strict=True)
            ]
            self._publish(entries)
        return self.snapshot

    def settle(self) -> Snapshot:
        """Commit, and merge segments when there are many of a size, each merge in a commit of its own."""
        self.commit()
        while width := self._mergeable():
            count = len(self.snapshot.segments)
            self._merge(count - width, count)
        return self.snapshot

    def compact(self) -> Snapshot:
        """Drop deleted blocks from the disk and make one segment of all."""
        self.commit()
        if len(self.snapshot.segments) > 1 or any(mask.any() for mask in self.snapshot.deleted):
            self._merge(0, len(self.snapshot.segments))
        return self.snapshot

    def _weights(self) -> list[int]:
        """The number of words in each segment, about what a merge of it costs."""
        return [
            sum(
                segment.postings_of(name).occurrences for name, field in self._schema.items() if isinstance(field, Text)
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
            {"name": name, "deleted": np.flatnonzero(mask).tolist()}
            for name, mask in zip(self.snapshot.names, self.snapshot.deleted, strict=True)
        ]
        merged = []
        if any(not mask.all() for _, mask in sources):
            path = self.new_path()
            merge(self._schema, sources, path, self._memory)
            path.rename(path.with_suffix(".seg"))
            merged = [{"name": path.with_suffix(".seg").name, "deleted": []}]
        entries[start:end] = merged
        self._publish(entries)

    def _publish(self, entries: list[dict[str, Any]]) -> None:
        _write_manifest(
            self._directory,
            {
                "generation": self.snapshot.generation + 1,
                "next_segment": self._number,
                "segments": entries,
                "notes": self.notes,
            },
        )
        known = dict(zip(self._names, self._segments, strict=True))
        self._take(Snapshot(self._directory, known=known))
