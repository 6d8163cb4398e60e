"""What can be read of a damaged archive, saved into a new one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from cablesearch.access import default_of, need_full, read_clearance, require_full_clearance, with_default
from cablesearch.cable import Cable, Clearance, Level
from cablesearch.engine import MEMORY
from cablesearch.engine.check.salvage import Salvaged, salvage
from cablesearch.engine.disk.lock import WriterLock
from cablesearch.engine.index import manifest
from cablesearch.engine.index.creation import create as create_index
from cablesearch.engine.index.fresh import fresh_folder
from cablesearch.engine.index.manifest import COPY, LOOSE, MANIFEST, Deletions, held
from cablesearch.engine.index.superseded import Superseded
from cablesearch.engine.index.writer import Writer
from cablesearch.engine.segment.store import LARGEST
from cablesearch.errors import ArchiveNotFoundError, CablesearchError, CorruptIndexError, VersionError
from cablesearch.readers.errors import UnreadableCable
from cablesearch.schema.index_fields import documents, indexing_schema
from cablesearch.schema.stored import extent, pack, unpack

__all__ = ["RepairReport", "repair"]


_LONGEST_NAME = 256
"""Code points of the id of a lost cable that are shown."""


@dataclass(frozen=True, slots=True)
class RepairReport:
    """What became of a damaged archive.

    Attributes:
        saved: the number of cables in the new archive.
        lost: a sentence for each cable or segment that could not be read.
        missing: how many cables those are; those of a segment count only when the manifest says how many it has.
        doubts: what is wrong with the manifest, so that it is not certain which cables belong to the archive.
        notices: what else of the archive is lost, and what the new one has instead.
    """

    saved: int
    lost: tuple[str, ...]
    missing: int
    doubts: tuple[str, ...]
    notices: tuple[str, ...] = ()


class _Segment(NamedTuple):
    """A segment's file, which of its blocks are deleted, and how many it has (None: the manifest does not say)."""

    path: Path
    deleted: Deletions
    blocks: int | None


class _Plan(NamedTuple):
    """What a manifest says is to be saved: the segments, the notes, and the superseded sources; and what is to be
    reported of how it was found, `RepairReport.doubts`. Notes are None when those of no manifest can be read."""

    segments: list[_Segment]
    notes: dict[str, Any] | None
    superseded: Superseded
    doubts: list[str]


def repair(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    memory: int = MEMORY,
    clearance: str | Clearance | None = None,
    default_clearance: str | Clearance | None = None,
) -> RepairReport:
    """Save every cable that can be read of the archive at ``source`` into a new one at ``target``.

    Cables that were removed stay so as long as the manifest, or its copy, can be read.

    Args:
        source: the damaged archive; it is left as it is.
        target: a folder that is not there, or empty. Its files get the modes of those of the archive.
        memory: see `cablesearch.archive.Archive.index`.
        clearance: has to be ``FULL`` when the archive has a default clearance.
        default_clearance: that of the new archive, ``FULL`` for none. Not given: that of the damaged one, or the
            lowest when it cannot be read; then `RepairReport.notices` says so.

    Raises:
        ArchiveNotFoundError: there is no archive, nor the ruins of one.
        VersionError: it is, or a segment is, of a newer version.
        PermissionError: a file may not be read.
        CablesearchError: the target is not empty, or the reader has no full clearance.
    """
    require_full_clearance("repair", clearance)
    source, target = Path(source), Path(target)
    if not source.is_dir() or not (manifest.has_remains(source) or (source / MANIFEST).exists()):
        # Before anything is locked: that would make a folder of what is none.
        raise ArchiveNotFoundError(source.absolute(), "there is no archive here, nor any segment of one", "remains")
    chosen = read_clearance(default_clearance)
    lost = _Lost()
    with _left_alone(source):
        plan = _plan(source)
        default, notices = _default(source, plan.notes)
        if clearance is None and not notices:
            need_full("repair", default)
        if default_clearance is not None:
            default, notices = chosen, []
        if plan.superseded.fault:
            notices.append(f"{plan.superseded.fault}; some duplicates may be reported as replaced once more")
        with fresh_folder(target, like=source) as fresh:
            try:
                create_index(fresh, with_default(plan.notes or {}, default))
            except CablesearchError:
                # Other programs' notes, of a manifest that is read here alone.
                notices.append(f"{source}: its notes, except the default clearance, cannot be kept")
                create_index(fresh, with_default({}, default))
            with Writer(fresh, indexing_schema(), memory) as writer:
                writer.superseded = plan.superseded
                writer.superseded.changed = True
                for segment in plan.segments:
                    _save(segment, writer, lost)
                saved = sum(1 for _ in writer.settle().live_blocks())
    return RepairReport(saved, tuple(lost.sentences), lost.count, tuple(plan.doubts), tuple(notices))


def _default(source: Path, notes: dict[str, Any] | None) -> tuple[Clearance | None, list[str]]:
    """The default clearance of the new archive, and what is to be reported when it is not that of the damaged one."""
    if notes is None:
        reason = f"{source}: the notes of no manifest can be read, so its default clearance, if it had one, is lost"
    else:
        try:
            return default_of(source, notes), []
        except CorruptIndexError as error:
            reason = str(error).partition("; open it with")[0]
    lowest = Clearance(Level.UNCLASSIFIED)
    notice = f"{reason}; that of the new archive is the lowest, {lowest}: to choose another, repair with "
    return lowest, [notice + "--default-clearance LEVEL, or FULL for none"]


class _Lost:
    """What cannot be read."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.count = 0

    def one(self, path: Path, key: str | None, number: int) -> None:
        """A cable is lost."""
        shown = repr(key if key is None or len(key) <= _LONGEST_NAME else key[:_LONGEST_NAME] + "…")
        name = f"the cable {shown}" if key is not None else "a cable whose id is damaged too"
        self.sentences.append(f"{path}: {name} (block {number}) cannot be read")
        self.count += 1

    def rest(self, segment: _Segment, seen: int, deleted: int, reason: str) -> None:
        """Nothing of a segment can be read behind ``seen`` blocks, of which ``deleted`` are deleted."""
        if segment.blocks is None:
            count, cables = 0, "nobody knows how many"
        else:
            count = max(segment.blocks - seen - (len(segment.deleted) - deleted), 0)
            cables = f"{count:,}"
        which = "other cables" if seen else "cables"
        self.sentences.append(f"{segment.path}: its {which} ({cables}) cannot be read: {reason}")
        self.count += count


def _save(segment: _Segment, writer: Writer, lost: _Lost) -> None:
    """Add the cables of a segment that can be read to an archive. What goes wrong there is no loss here, and raised."""
    read: list[Cable] = []

    def accept(record: bytes, key: str | None) -> bool:
        try:
            cable = unpack(record)
        except (ValueError, UnreadableCable):
            return False
        read[:] = [cable]
        return key is None or cable.id == key

    seen, deleted, reason = 0, 0, ""
    for block in _told(segment.path, salvage(segment.path, extent, accept)):
        if isinstance(block, str):
            reason = block
            break
        seen += 1
        if block.number in segment.deleted:
            deleted += 1
            continue
        if block.record is None or not _added(writer, read[0], block.digest):
            lost.one(segment.path, block.key, block.number)
    if reason or (segment.blocks is not None and seen < segment.blocks):
        lost.rest(segment, seen, deleted, reason or "it is cut off")


def _told(path: Path, blocks: Iterator[Salvaged]) -> Iterator[Salvaged | str]:
    """The blocks of a segment, and at last why there are no more of them that can be read, if there are."""
    try:
        yield from blocks
    except FileNotFoundError:
        yield "it is missing"
    except PermissionError:
        # It may be whole.
        raise
    except VersionError:
        raise
    except (ValueError, OSError, CablesearchError) as error:
        yield str(error)


def _added(writer: Writer, cable: Cable, digest: bytes) -> bool:
    """Whether a cable could be added: one that this version would not take cannot."""
    try:
        content, leads = documents(cable)
        # Older versions took ids of any length.
        writer.add(cable.id, digest, content, pack(cable, leads), leads, longest_key=LARGEST)
    except ValueError:
        return False
    return True


@contextlib.contextmanager
def _left_alone(source: Path) -> Iterator[None]:
    """With nobody writing to the damaged archive, as far as that can be had: it may lie where nobody can write."""
    with held(source) as folder:
        lock: WriterLock | None = None
        with contextlib.suppress(OSError):
            lock = WriterLock(folder)
        try:
            yield
        finally:
            if lock is not None:
                lock.release()


def _plan(source: Path) -> _Plan:
    """Which segments to read, as the manifest or its copy says, or all of them."""
    there = manifest.segment_files(source)
    doubts: list[str] = []
    for name in (MANIFEST, COPY):
        if not os.path.lexists(source / name):
            doubts.append(f"{source / name}: it is missing")
            continue
        try:
            body = manifest.read_manifest(source, name, LOOSE)
        except VersionError:
            raise
        except CablesearchError as error:
            doubts.append(str(error))
            continue
        if name == MANIFEST:
            return _Plan(_named(source, body), body["notes"], Superseded.read(source, body), [])
        doubts[-1] += f"; its copy, of commit {body['generation']}, was used"
        return _Plan(_with_unnamed(source, body, there, doubts), body["notes"], Superseded.read(source, body), doubts)
    for name in (MANIFEST, COPY):
        with contextlib.suppress(CablesearchError):
            parts = manifest.read_parts(source, name)
            if parts["segments"] or parts["notes"]:
                doubts.append(f"{source / name}: the parts of it that make sense were used")
                lost = Superseded(fault=f"{source / name}: what was superseded cannot be read")
                return _Plan(_with_unnamed(source, parts, there, doubts), parts["notes"], lost, doubts)
    doubts.append(f"{source}: which cables had been removed or replaced is lost, and they may be back")
    segments = [_Segment(path, Deletions([]), None) for path in there]
    return _Plan(segments, None, Superseded(), doubts)


def _named(source: Path, body: Mapping[str, Any]) -> list[_Segment]:
    """The segments that a manifest names."""
    return [
        _Segment(source / entry["name"], Deletions(entry["deleted"]), entry.get("blocks")) for entry in body["segments"]
    ]


def _with_unnamed(source: Path, body: Mapping[str, Any], there: list[Path], doubts: list[str]) -> list[_Segment]:
    """The segments that a manifest names, and those that are there besides."""
    named = _named(source, body)
    unnamed = set(there) - {segment.path for segment in named}
    if unnamed:
        # The copy is that of an earlier commit, or these were left by a writer that was cut off.
        doubts[-1] += "; there are segments that it does not name, and what had been removed or replaced may be back"
        gone = [segment.path for segment in named if segment.path not in there]
        doubts += [f"{path}: it is missing; its cables may be in one of those segments" for path in gone]
        named = [segment for segment in named if segment.path in there]
        named += [_Segment(path, Deletions([]), None) for path in unnamed]
        # The newest last: what it says of a cable holds.
        named.sort(key=lambda segment: segment.path.name)
    return named
