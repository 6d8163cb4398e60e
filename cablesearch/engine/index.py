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
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray
from whoosh.fields import Schema

from cablesearch.engine.builder import Document, SegmentBuilder
from cablesearch.engine.fields import Text
from cablesearch.engine.merge import merge
from cablesearch.engine.segment import Segment
from cablesearch.errors import ArchiveNotFoundError, CablesearchError, CorruptIndexError, LockedError

__all__ = ["MANIFEST", "Snapshot", "Writer", "create", "latest"]

MANIFEST = "manifest.json"
FORMAT = 1
_LOCK = "writer.lock"
_MERGE_WIDTH = 8
_MERGE_LIMIT = 40_000_000
_FLUSH_WEIGHT = 256 << 20

Bools = NDArray[np.bool_]


def _read_manifest(directory: Path) -> dict[str, Any]:
    path = directory / MANIFEST
    try:
        text = path.read_bytes()
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
    if not all(type(number) is int and number >= 0 for number in numbers + deleted):
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


def create(directory: Path) -> None:
    """Make an empty index at ``directory`` (made too if it is not there), unless there is one."""
    if directory.exists() and not directory.is_dir():
        raise ArchiveNotFoundError(f"{directory.absolute()} is a file; an archive is a folder")
    directory.mkdir(parents=True, exist_ok=True)
    if not (directory / MANIFEST).exists():
        # Linked, not renamed into place: of two that create the same index, neither undoes what the other has written.
        with tempfile.TemporaryDirectory(dir=directory) as folder:
            _write_manifest(Path(folder), {"generation": 0, "next_segment": 1, "segments": [], "notes": {}})
            with contextlib.suppress(FileExistsError):
                os.link(Path(folder) / MANIFEST, directory / MANIFEST)


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
        self.live: list[Bools] = [
            ~mask[segment.block_of] for segment, mask in zip(self.segments, self.deleted, strict=True)
        ]
        self.bases = np.append(0, np.cumsum([segment.docs for segment in self.segments])).astype(np.int64)

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
        return [fault for segment in self.segments for fault in segment.arrays.verify()]


def _deleted_mask(segment: Segment, blocks: Sequence[int]) -> Bools:
    mask = np.zeros(segment.blocks, bool)
    if blocks:
        if min(blocks) < 0 or max(blocks) >= segment.blocks:
            raise CorruptIndexError(f"{segment.path}: the manifest deletes blocks that it does not have")
        mask[np.asarray(blocks)] = True
    return mask


class Writer:
    """The one writer of an index; what it adds and deletes counts from the next `commit` on.

    Raises:
        LockedError: another process is writing.
    """

    def __init__(self, directory: Path, schema: Schema) -> None:
        self._directory = directory
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
            self.snapshot = latest(directory)
            self._remove_leftovers()
            segments = self.snapshot.segments
            self._keys = {segments[number].keys.text(block) for number, block in self.snapshot.live_blocks()}
            self._reset()
        except BaseException:
            self._lock.release()
            raise

    def _reset(self) -> None:
        self._builder = SegmentBuilder(self._schema)
        self._pending: dict[str, int] = {}
        self._dropped: set[int] = set()
        self._deletions: list[set[int]] = [set(np.flatnonzero(mask).tolist()) for mask in self.snapshot.deleted]
        self.notes: dict[str, Any] = dict(self.snapshot.notes)
        self._changed = False

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Forget what is not committed and let the next writer in."""
        self._lock.release()

    @property
    def full(self) -> bool:
        """Whether so much is pending that it is time to commit."""
        return self._builder.weight >= _FLUSH_WEIGHT

    def add(self, key: str, digest: bytes, documents: Sequence[Document], record: bytes, leads: int = 1) -> None:
        """Add a block, of whose documents the first ``leads`` stand for the whole; one of the same key is replaced."""
        place = len(self._builder)
        self._builder.add(key, digest, documents, record, leads)
        self.delete(key)
        self._pending[key] = place
        self._keys.add(key)
        self._changed = True

    def has(self, key: str) -> bool:
        """Whether there is a block of that key, committed or pending."""
        return key in self._keys

    def record(self, key: str) -> bytes:
        """The record of the block of that key, committed or pending.

        Raises:
            KeyError: there is none.
        """
        if key in self._pending:
            return self._builder.record(self._pending[key])
        for number, segment in enumerate(self.snapshot.segments):
            for block in segment.find(key):
                if block not in self._deletions[number]:
                    return segment.record(block)
        raise KeyError(key)

    def digests(self) -> dict[bytes, str]:
        """The keys of the committed blocks by the digests of their sources."""
        segments = self.snapshot.segments
        return {
            segments[number].digest(block): segments[number].keys.text(block)
            for number, block in self.snapshot.live_blocks()
        }

    def delete(self, key: str) -> bool:
        """Delete the block of that key; whether there was one."""
        if key not in self._keys:
            return False
        self._keys.discard(key)
        self._changed = True
        if key in self._pending:
            self._dropped.add(self._pending.pop(key))
            return True
        for number, segment in enumerate(self.snapshot.segments):
            for block in segment.find(key):
                self._deletions[number].add(block)
        return True

    def commit(self) -> Snapshot:
        """Make what was added and deleted the index's next state, all or nothing."""
        if self._changed or self.notes != self.snapshot.notes:
            entries = [
                {"name": name, "deleted": sorted(blocks)}
                for name, blocks in zip(self.snapshot.names, self._deletions, strict=True)
            ]
            number = self.snapshot.next_segment
            if self._pending:
                name = f"{number:08d}.seg"
                self._builder.write(self._directory / name)
                entries.append({"name": name, "deleted": sorted(self._dropped)})
                number += 1
            self._publish(entries, number)
            while width := self._mergeable():
                self._merge_tail(width)
        return self.snapshot

    def compact(self) -> Snapshot:
        """Drop deleted blocks from the disk and merge small segments."""
        self.commit()
        start = 0
        while start < len(self.snapshot.segments):
            weights = self._weights()
            end = start + 1
            while end < len(weights) and sum(weights[start : end + 1]) <= _MERGE_LIMIT:
                end += 1
            if end - start > 1 or self.snapshot.deleted[start].any():
                before = len(self.snapshot.segments)
                self._merge(start, end)
                end -= before - len(self.snapshot.segments)
            start = end
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
        weights = self._weights()
        width, total = 0, 0
        for weight in reversed(weights):
            if width and weight > max(total, 1 << 16):
                break
            total += weight
            width += 1
        return width if width >= _MERGE_WIDTH and total <= _MERGE_LIMIT else 0

    def _merge_tail(self, width: int) -> None:
        count = len(self.snapshot.segments)
        self._merge(count - width, count)

    def _merge(self, start: int, end: int) -> None:
        """Replace the segments ``start`` to ``end`` by one, in a commit of its own."""
        sources = list(zip(self.snapshot.segments[start:end], self.snapshot.deleted[start:end], strict=True))
        entries: list[dict[str, Any]] = [
            {"name": name, "deleted": np.flatnonzero(mask).tolist()}
            for name, mask in zip(self.snapshot.names, self.snapshot.deleted, strict=True)
        ]
        number = self.snapshot.next_segment
        merged = []
        if any(not mask.all() for _, mask in sources):
            name = f"{number:08d}.seg"
            merge(self._schema, sources, self._directory / name)
            merged = [{"name": name, "deleted": []}]
            number += 1
        entries[start:end] = merged
        self._publish(entries, number)

    def _publish(self, entries: list[dict[str, Any]], next_segment: int) -> None:
        _write_manifest(
            self._directory,
            {
                "generation": self.snapshot.generation + 1,
                "next_segment": next_segment,
                "segments": entries,
                "notes": self.notes,
            },
        )
        known = dict(zip(self.snapshot.names, self.snapshot.segments, strict=True))
        self.snapshot = Snapshot(self._directory, known=known)
        self._remove_leftovers()
        self._reset()

    def _remove_leftovers(self) -> None:
        """Remove the segments that no commit names: replaced ones, and those of a run that was cut off."""
        for path in self._directory.glob("*.seg"):
            if path.name not in self.snapshot.names:
                path.unlink(missing_ok=True)
