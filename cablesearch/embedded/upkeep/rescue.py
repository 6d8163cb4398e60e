"""Repair: save the readable cables of a damaged archive to a new one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cablesearch.access import default_of, need_full, read_clearance, with_default
from cablesearch.cable import Cable, Clearance, Level
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
from cablesearch.protocols.places import RepairReport
from cablesearch.readers.errors import UnreadableCable
from cablesearch.schema.index_fields import documents, indexing_schema
from cablesearch.schema.stored import extent, pack, unpack
from cablesearch.text.wording import excerpt

__all__ = ["repair"]


_LONGEST_NAME = 256
"""The most code points of a lost cable's id in a message."""


class _Segment(NamedTuple):
    """A segment's file, its deleted blocks, and its number of blocks (None: not in the manifest)."""

    path: Path
    deleted: Deletions
    blocks: int | None


class _Plan(NamedTuple):
    """The parts of the damaged archive to save.

    Attributes:
        segments: the segments to read, oldest first.
        notes: the archive's notes; None if no manifest has readable notes.
        superseded: the superseded sources.
        doubts: see `RepairReport.doubts`.
    """

    segments: list[_Segment]
    notes: dict[str, Any] | None
    superseded: Superseded
    doubts: list[str]


def repair(
    source: Path,
    target: Path,
    memory: int,
    clearance: str | Clearance | None,
    default_clearance: str | Clearance | None,
) -> RepairReport:
    """Save every readable cable of the archive in a folder to a new archive (see `cablesearch.repair`)."""
    if clearance is not None:
        need_full("repair", read_clearance(clearance))
    if not source.is_dir() or not (manifest.has_remains(source) or (source / MANIFEST).exists()):
        # Check before locking, which would create the folder.
        raise ArchiveNotFoundError(source.absolute(), "there is no archive here, nor any segment of one", "remains")
    chosen = read_clearance(default_clearance)
    lost = _Losses()
    with _locked(source):
        plan = _plan(source)
        default, notices = _default(source, plan.notes)
        if clearance is None and not notices:
            need_full("repair", default)
        if default_clearance is not None:
            default, notices = chosen, []
        if plan.superseded.fault:
            notices.append(f"{plan.superseded.fault}; some duplicates may be reported as replaced once more")
        with fresh_folder(target, like=source) as fresh:
            _create(fresh, source, plan, default, notices)
            saved = _fill(fresh, plan, memory, lost)
    return RepairReport(saved, tuple(lost.sentences), lost.count, tuple(plan.doubts), tuple(notices))


def _default(source: Path, notes: dict[str, Any] | None) -> tuple[Clearance | None, list[str]]:
    """Return the default clearance of the new archive, and a notice if that of the damaged one is lost."""
    if notes is None:
        reason = f"{source}: no manifest has readable notes, so the default clearance, if there was one, is lost"
    else:
        try:
            return default_of(source, notes), []
        except CorruptIndexError as error:
            reason = str(error).partition("; open it with")[0]
    lowest = Clearance(Level.UNCLASSIFIED)
    notice = f"{reason}; the new archive gets the lowest, {lowest}. To choose another, "
    return lowest, [notice + "repair again with a default clearance (FULL: none)"]


def _create(fresh: Path, source: Path, plan: _Plan, default: Clearance | None, notices: list[str]) -> None:
    """Create the new archive with the notes of the damaged one."""
    try:
        create_index(fresh, with_default(plan.notes or {}, default))
    except CablesearchError:
        # Other programs may have written notes that a manifest of ours may not have.
        notices.append(f"{source}: its notes, except the default clearance, cannot be kept")
        create_index(fresh, with_default({}, default))


def _fill(fresh: Path, plan: _Plan, memory: int, lost: _Losses) -> int:
    """Save the cables of all segments to the new archive and return how many it has."""
    with Writer(fresh, indexing_schema(), memory) as writer:
        writer.superseded = plan.superseded
        writer.superseded.changed = True
        for segment in plan.segments:
            _save(segment, writer, lost)
        return sum(1 for _ in writer.settle().live_blocks())


class _Losses:
    """The cables that cannot be read, as sentences and as a count."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.count = 0

    def add_cable(self, path: Path, key: str | None, number: int) -> None:
        """Add the cable of a block; ``key`` is its id, None if that is damaged too."""
        name = "a cable with a damaged id" if key is None else f"the cable {excerpt(key, _LONGEST_NAME)!r}"
        self.sentences.append(f"{path}: {name} (block {number}) cannot be read")
        self.count += 1

    def add_rest(self, segment: _Segment, read: int, deleted: int, reason: str) -> None:
        """Add all blocks of a segment after the first ``read``, of which ``deleted`` are deleted."""
        if segment.blocks is None:
            count, cables = 0, "number unknown"
        else:
            count = max(segment.blocks - read - (len(segment.deleted) - deleted), 0)
            cables = f"{count:,}"
        which = "other cables" if read else "cables"
        self.sentences.append(f"{segment.path}: its {which} ({cables}) cannot be read: {reason}")
        self.count += count


def _save(segment: _Segment, writer: Writer, lost: _Losses) -> None:
    """Add the readable cables of a segment to the new archive.

    Errors of writing the new archive are raised: they are no loss of the old one.
    """
    read: list[Cable] = []

    def accept(record: bytes, key: str | None) -> bool:
        try:
            cable = unpack(record)
        except (ValueError, UnreadableCable):
            return False
        read[:] = [cable]
        return key is None or cable.id == key

    seen, deleted, reason = 0, 0, ""
    for block in _with_reason(segment.path, salvage(segment.path, extent, accept)):
        if isinstance(block, str):
            reason = block
            break
        seen += 1
        if block.number in segment.deleted:
            deleted += 1
            continue
        if block.record is None or not _added(writer, read[0], block.digest):
            lost.add_cable(segment.path, block.key, block.number)
    if reason or (segment.blocks is not None and seen < segment.blocks):
        lost.add_rest(segment, seen, deleted, reason or "it is truncated")


def _with_reason(path: Path, blocks: Iterator[Salvaged]) -> Iterator[Salvaged | str]:
    """Yield the blocks of a segment; then, if the rest cannot be read, the reason."""
    try:
        yield from blocks
    except FileNotFoundError:
        yield "the file is missing"
    except PermissionError:
        # The file may be sound.
        raise
    except VersionError:
        raise
    except (ValueError, OSError, CablesearchError) as error:
        yield str(error)


def _added(writer: Writer, cable: Cable, digest: bytes) -> bool:
    """Add a cable; return False if it is one that this version rejects."""
    try:
        content, leads = documents(cable)
        # Older versions accepted ids of any length.
        writer.add(cable.id, digest, content, pack(cable, leads), leads, longest_key=LARGEST)
    except ValueError:
        return False
    return True


@contextlib.contextmanager
def _locked(source: Path) -> Iterator[None]:
    """Hold the writer lock of the damaged archive if possible: its folder may be read-only."""
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
    """Plan the repair by the manifest, by its copy, by their consistent parts, or by the segment files alone."""
    files = manifest.segment_files(source)
    doubts: list[str] = []
    for name in (MANIFEST, COPY):
        if not os.path.lexists(source / name):
            doubts.append(f"{source / name}: the file is missing")
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
        return _Plan(_with_unnamed(source, body, files, doubts), body["notes"], Superseded.read(source, body), doubts)
    for name in (MANIFEST, COPY):
        with contextlib.suppress(CablesearchError):
            parts = manifest.read_parts(source, name)
            if parts["segments"] or parts["notes"]:
                doubts.append(f"{source / name}: its consistent parts were used")
                lost = Superseded(fault=f"{source / name}: the superseded sources cannot be read")
                return _Plan(_with_unnamed(source, parts, files, doubts), parts["notes"], lost, doubts)
    doubts.append(f"{source}: the record of removed and replaced cables is lost; such cables may be back")
    segments = [_Segment(path, Deletions([]), None) for path in files]
    return _Plan(segments, None, Superseded(), doubts)


def _named(source: Path, body: Mapping[str, Any]) -> list[_Segment]:
    """Return the segments that a manifest names."""
    return [
        _Segment(source / entry["name"], Deletions(entry["deleted"]), entry.get("blocks")) for entry in body["segments"]
    ]


def _with_unnamed(source: Path, body: Mapping[str, Any], files: list[Path], doubts: list[str]) -> list[_Segment]:
    """Return the segments that a manifest names, and the other segment files in the folder."""
    named = _named(source, body)
    unnamed = set(files) - {segment.path for segment in named}
    if unnamed:
        # The copy is of an earlier commit, or an interrupted writer left these files.
        doubts[-1] += "; other segments exist that it does not name; removed and replaced cables may be back"
        missing = [segment.path for segment in named if segment.path not in files]
        doubts += [f"{path}: the file is missing; its cables may be in one of those segments" for path in missing]
        named = [segment for segment in named if segment.path in files]
        named += [_Segment(path, Deletions([]), None) for path in unnamed]
        # The newest segment comes last, because the last version of a cable is kept.
        named.sort(key=lambda segment: segment.path.name)
    return named
