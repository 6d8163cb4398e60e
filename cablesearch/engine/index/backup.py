"""A copy of one commit, whatever a writer does meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cablesearch.engine.check.blame import damaged
from cablesearch.engine.disk import files
from cablesearch.engine.index.fresh import fresh_folder
from cablesearch.engine.index.manifest import SegmentEntry, publish, segment_entries
from cablesearch.engine.index.snapshot import Snapshot
from cablesearch.engine.segment.segment import Segment

__all__ = ["backup"]

_AT_ONCE = 8 << 20


def backup(snapshot: Snapshot, target: Path) -> int:
    """Copy a commit to ``target`` and return the number of bytes copied.

    The copy appears whole or not at all. Segments are copied from where they are mapped, so it does not matter if a
    writer has removed them; the copy is read again and compared with its checksums.

    Raises:
        CablesearchError: the target already exists and is not empty.
        CorruptIndexError: a segment is damaged.
        OSError: the copy cannot be written.
    """
    with fresh_folder(target, like=snapshot.directory) as fresh:
        for segment in snapshot.segments:
            _copy(segment, fresh)
        publish(
            fresh,
            {
                "generation": snapshot.generation,
                "next_segment": snapshot.next_segment,
                **segment_entries(
                    SegmentEntry(name, deleted, segment.written, segment.unfilled)
                    for name, deleted, segment in zip(snapshot.names, snapshot.deleted, snapshot.segments, strict=True)
                ),
                "notes": snapshot.notes,
                "superseded": _copy_superseded(snapshot, fresh),
            },
        )
    return snapshot.size


def _copy_superseded(snapshot: Snapshot, folder: Path) -> dict[str, Any] | None:
    """Copy the file of superseded records and return its entry in the manifest.

    A damaged file is left out, as it is not essential.
    """
    superseded = snapshot.superseded()
    if not len(superseded):
        return None
    # No writer uses this number.
    return superseded.write(folder / "00000000.part", folder / "00000000.superseded")


def _copy(segment: Segment, folder: Path) -> None:
    content = segment.arrays.content
    file = files.NewFile(folder / segment.path.name)
    try:
        for at in range(0, len(content), _AT_ONCE):
            file.write(content[at : at + _AT_ONCE], at)
        file.sync()
    finally:
        file.close()
    if faults := Segment(file.path).arrays.verify():
        fault = faults[0].removeprefix(f"{file.path}: ")
        raise damaged(segment, fault, "; damaged segments are not backed up")
