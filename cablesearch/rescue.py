"""What can be read of a damaged archive, saved into a new one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from cablesearch import engine
from cablesearch.archive import default_of, need_full, require_full_clearance
from cablesearch.cable import Cable, Clearance
from cablesearch.engine.salvage import salvage
from cablesearch.errors import ArchiveNotFoundError, CablesearchError, VersionError
from cablesearch.readers.errors import UnreadableCable
from cablesearch.schema import documents, indexing_schema
from cablesearch.stored import extent, pack, unpack

__all__ = ["RepairReport", "repair"]


@dataclass(frozen=True, slots=True)
class RepairReport:
    """What became of a damaged archive: how many cables were ``saved``; what was ``lost``, a sentence for each cable or
    segment, and how many cables those are (``missing``; of a segment only when the manifest tells); and what is wrong
    with the manifest (``doubts``), so that it is not sure which cables belong to the archive."""

    saved: int
    lost: tuple[str, ...]
    missing: int
    doubts: tuple[str, ...]


class _Segment(NamedTuple):
    """A segment's file, which of its blocks are deleted, and how many it has (None: the manifest does not tell)."""

    path: Path
    deleted: frozenset[int]
    blocks: int | None


def repair(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    memory: int = engine.MEMORY,
    clearance: str | Clearance | None = None,
) -> RepairReport:
    """Save every cable that can be read of the archive at ``source`` into a new one at ``target``.

    Cables that were removed stay so as long as the manifest, or its copy, can be read.

    Args:
        source: the damaged archive; it is left as it is.
        target: a folder that is not there, or empty.
        memory: see `cablesearch.archive.Archive.index`.
        clearance: has to be ``FULL`` when the archive has a default clearance.

    Raises:
        ArchiveNotFoundError: there is no archive, nor the ruins of one.
        VersionError: it is none of ours to read.
        CablesearchError: the target is not empty, or the reader has no full clearance.
    """
    require_full_clearance("repair", clearance)
    source, target = Path(source), Path(target)
    _check_source(source)
    _check_target(source, target)
    with _left_alone(source):
        segments, notes, doubts = _segments(source)
        if clearance is None:
            need_full("repair", default_of(source, notes))
        lost: list[str] = []
        missing = 0
        engine.create(target, notes)
        with engine.Writer(target, indexing_schema(), memory) as writer:
            for segment in segments:
                found = _Lost(segment.path)
                try:
                    for cable, digest in _cables(segment, found):
                        content, leads = documents(cable)
                        writer.add(cable.id, digest, content, pack(cable, leads), leads)
                except (ValueError, OSError, CablesearchError) as error:
                    found.whole(segment, error)
                lost += found.sentences
                missing += found.count
            saved = sum(1 for _ in writer.settle().live_blocks())
    return RepairReport(saved, tuple(lost), missing, tuple(doubts))


class _Lost:
    """What cannot be read of a segment."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.sentences: list[str] = []
        self.count = 0

    def one(self, key: str | None, number: int) -> None:
        """A cable is lost."""
        name = f"the cable {key!r}" if key is not None else "a cable whose id is damaged too"
        self.sentences.append(f"{self._path}: {name} (block {number}) cannot be read")
        self.count += 1

    def whole(self, segment: _Segment, error: Exception) -> None:
        """Nothing of the segment can be read."""
        reason = "it is missing" if isinstance(error, FileNotFoundError) else str(error)
        count = 0 if segment.blocks is None else segment.blocks - len(segment.deleted)
        cables = "nobody knows how many" if segment.blocks is None else f"{count:,}"
        self.sentences.append(f"{self._path}: its cables ({cables}) cannot be read: {reason}")
        self.count += count


def _cables(segment: _Segment, lost: _Lost) -> Iterator[tuple[Cable, bytes]]:
    """The cables of a segment that can be read, each with the digest of its source."""
    read: list[Cable] = []

    def accept(record: bytes, key: str | None) -> bool:
        try:
            cable = unpack(record)
        except (ValueError, UnreadableCable):
            return False
        read[:] = [cable]
        return key is None or cable.id == key

    for found in salvage(segment.path, extent, accept):
        if found.number not in segment.deleted:
            if found.record is None:
                lost.one(found.key, found.number)
            else:
                yield read[0], found.digest


def _check_source(source: Path) -> None:
    # Before anything is locked: that would make a folder of what is none.
    manifests = (source / name for name in (engine.MANIFEST, engine.COPY))
    if not engine.segment_files(source) and not any(path.exists() for path in manifests):
        raise ArchiveNotFoundError(f"there is no archive at {source.absolute()}, nor any segment of one")


def _check_target(source: Path, target: Path) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise CablesearchError(f"{target.absolute()} is there already, and not empty; save into a new folder")
    if target.resolve() == source.resolve():
        raise CablesearchError(f"{target.absolute()} is the damaged archive itself; save into a new folder")


@contextlib.contextmanager
def _left_alone(source: Path) -> Iterator[None]:
    """With nobody writing to the damaged archive, as far as that can be had: it may lie where nobody can write."""
    try:
        lock = engine.WriterLock(source)
    except OSError:
        yield
        return
    try:
        yield
    finally:
        lock.release()


def _segments(source: Path) -> tuple[list[_Segment], dict[str, Any], list[str]]:
    """The segments to read, the notes of the archive, and what is to be told of how they were found."""
    there = engine.segment_files(source)
    told: list[str] = []
    for name in (engine.MANIFEST, engine.COPY):
        try:
            body = engine.read_manifest(source, name)
        except VersionError:
            raise
        except ArchiveNotFoundError:
            told.append(f"{source / name}: it is missing")
            continue
        except CablesearchError as error:
            told.append(str(error))
            continue
        named = [
            _Segment(source / entry["name"], frozenset(entry["deleted"]), entry.get("blocks"))
            for entry in body["segments"]
        ]
        if name == engine.MANIFEST:
            return named, body["notes"], []
        told[-1] += f"; its copy, of commit {body['generation']}, was used"
        if not all(segment.path in there for segment in named):
            # The copy is older than what is here; newer segments may have cables that it does not know of.
            newer = [path for path in there if int(path.name[:8]) >= body["next_segment"]]
            named += [_Segment(path, frozenset(), None) for path in newer]
        return named, body["notes"], told
    told.append(
        f"{source}: which cables had been removed or replaced is lost, and they may be back; if the archive had a "
        "default clearance, that is lost too"
    )
    return [_Segment(path, frozenset(), None) for path in there], {}, told
