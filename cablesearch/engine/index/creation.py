"""Making an empty index."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cablesearch.engine.disk import files
from cablesearch.engine.disk.lock import WriterLock
from cablesearch.engine.index.manifest import (
    MANIFEST,
    has_remains,
    held,
    publish,
    read_manifest,
    segment_entries,
)
from cablesearch.errors import ArchiveNotFoundError

__all__ = ["create"]


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
    if not directory.is_dir():
        files.make_folder(directory.parent)
        files.new_folder(directory)
    # From here on it is this folder, whatever takes its place.
    with held(directory) as folder:
        files.sync_names(directory.parent)
        lock = WriterLock(folder, wait=True)
        try:
            if (folder / MANIFEST).exists():
                return False
            if has_remains(folder):
                # The error says what to do; to begin anew would overwrite what can be saved.
                read_manifest(folder)
            folder.check()
            body = {
                "generation": 0,
                "next_segment": 1,
                **segment_entries([]),
                "notes": dict(notes or {}),
                "superseded": None,
            }
            publish(folder, body)
        finally:
            lock.release()
        # Whoever goes on opens the path.
        folder.check()
    return True
