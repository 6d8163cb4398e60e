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
from cablesearch.engine.fresh import fresh_folder
from cablesearch.engine.salvage import Salvaged, salvage
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
        VersionError: it is, or a segment is, of a newer version.
        PermissionError: a file may not be read.
        CablesearchError: the target is not empty, or the reader has no full clearance.
    """
    require_full_clearance("repair", clearance)
    source, target = Path(source), Path(target)
    if not source.is_dir() or not (engine.has_remains(source) or (source / engine.MANIFEST).exists()):
        # Before anything is locked: that would make a folder of what is none.
        raise ArchiveNotFoundError(f"there is no archive at {source.absolute()}, nor any segment of one")
    lost = _Lost()
    with _left_alone(source):
        segments, notes, doubts = _segments(source)
        if clearance is None:
            need_full("repair", default_of(source, notes))
        with fresh_folder(target) as fresh:
            engine.create(fresh, notes)
            with engine.Writer(fresh, indexing_schema(), memory) as writer:
                for segment in segments:
                    _save(segment, writer, lost)
                saved = sum(1 for _ in writer.settle().live_blocks())
    return RepairReport(saved, tuple(lost.sentences), lost.count, tuple(doubts))


class _Lost:
    """What cannot be read."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.count = 0

    def one(self, path: Path, key: str | None, number: int) -> None:
        """A cable is lost."""
        name = f"the cable {key!r}" if key is not None else "a cable whose id is damaged too"
        self.sentences.append(f"{path}: {name} (block {number}) cannot be read")
        self.count += 1

    def rest(self, segment: _Segment, seen: int, reason: str) -> None:
        """Nothing of a segment can be read from a block on."""
        if segment.blocks is None:
            count, cables = 0, "nobody knows how many"
        else:
            count = max(segment.blocks - seen - sum(number >= seen for number in segment.deleted), 0)
            cables = f"{count:,}"
        which = "other cables" if seen else "cables"
        self.sentences.append(f"{segment.path}: its {which} ({cables}) cannot be read: {reason}")
        self.count += count


def _save(segment: _Segment, writer: engine.Writer, lost: _Lost) -> None:
    """Add the cables of a segment that can be read to an archive. What goes wrong there is no loss here, and raised."""
    read: list[Cable] = []

    def accept(record: bytes, key: str | None) -> bool:
        try:
            cable = unpack(record)
        except (ValueError, UnreadableCable):
            return False
        read[:] = [cable]
        return key is None or cable.id == key

    seen, reason = 0, ""
    for block in _told(segment.path, salvage(segment.path, extent, accept)):
        if isinstance(block, str):
            reason = block
            break
        seen += 1
        if block.number in segment.deleted:
            continue
        if block.record is None or not _added(writer, read[0], block.digest):
            lost.one(segment.path, block.key, block.number)
    if reason or (segment.blocks is not None and seen < segment.blocks):
        lost.rest(segment, seen, reason or "it is cut off")


def _told(path: Path, blocks: Iterator[Salvaged]) -> Iterator[Salvaged | str]:
    """The blocks of a segment, and at last why there are no more of them that can be read, if there are."""
    try:
        yield from blocks
    except FileNotFoundError:
        yield "it is missing"
    except PermissionError:
        # It may be whole.
        raise
    except VersionError as error:
        raise VersionError(f"{path}: {error}") from None
    except (ValueError, OSError, CablesearchError) as error:
        yield str(error)


def _added(writer: engine.Writer, cable: Cable, digest: bytes) -> bool:
    """Whether a cable could be added: one that this version would not take cannot."""
    try:
        content, leads = documents(cable)
        writer.add(cable.id, digest, content, pack(cable, leads), leads)
    except ValueError:
        return False
    return True


@contextlib.contextmanager
def _left_alone(source: Path) -> Iterator[None]:
    """With nobody writing to the damaged archive, as far as that can be had: it may lie where nobody can write."""
    lock: engine.WriterLock | None = None
    with contextlib.suppress(OSError):
        lock = engine.WriterLock(source)
    try:
        yield
    finally:
        if lock is not None:
            lock.release()


def _segments(source: Path) -> tuple[list[_Segment], dict[str, Any], list[str]]:
    """The segments to read, the notes of the archive, and what is to be told of how they were found."""
    there = engine.segment_files(source)
    told: list[str] = []
    for name in (engine.MANIFEST, engine.COPY):
        if not (source / name).exists():
            told.append(f"{source / name}: it is missing")
            continue
        try:
            body = engine.read_manifest(source, name)
        except VersionError:
            raise
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
        unnamed = set(there) - {segment.path for segment in named}
        if unnamed:
            # The copy is that of an earlier commit, or these were left by a writer that was cut off.
            told[-1] += "; there are segments that it does not name, and what had been removed or replaced may be back"
            gone = [segment.path for segment in named if segment.path not in there]
            told += [f"{path}: it is missing; its cables may be in one of those segments" for path in gone]
            named = [segment for segment in named if segment.path in there]
            named += [_Segment(path, frozenset(), None) for path in unnamed]
            # The newest last: what it says of a cable holds.
            named.sort(key=lambda segment: segment.path.name)
        return named, body["notes"], told
    told.append(
        f"{source}: which cables had been removed or replaced is lost, and they may be back; if the archive had a "
        "default clearance, that is lost too"
    )
    return [_Segment(path, frozenset(), None) for path in there], {}, told
