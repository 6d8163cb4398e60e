"""Making an empty index."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cablesearch.engine.disk import files
from cablesearch.engine.disk.lock import WriterLock
from cablesearch.engine.index import manifest
from cablesearch.engine.index.manifest import (
    MANIFEST,
    has_remains,
    held,
    read_manifest,
    segment_entries,
)
from cablesearch.errors import ArchiveNotFoundError

__all__ = ["create"]


def create(directory: Path, notes: Mapping[str, Any] | None = None) -> bool:
    """Create an empty index with notes of the application, unless there is one; return whether it was created.

    Raises:
        ArchiveNotFoundError: a file is in the place of the folder.
        CorruptIndexError: the folder has segments of an index, but no manifest.
        LockedError: another process is writing there.
    """
    if directory.exists() and not directory.is_dir():
        raise ArchiveNotFoundError(directory.absolute(), "this is a file; an archive is a folder", "file")
    if (directory / MANIFEST).exists():
        return False
    if not directory.is_dir():
        files.make_folder(directory.parent)
        files.new_folder(directory)
    # From here on use this folder, wherever its path leads.
    with held(directory) as folder:
        files.sync_names(directory.parent)
        lock = WriterLock(folder, wait=True)
        try:
            if (folder / MANIFEST).exists():
                return False
            if has_remains(folder):
                # Raise an error; a new index would overwrite what can be saved.
                read_manifest(folder)
            folder.check()
            body = {"generation": 0, "next_segment": 1, **segment_entries([]), "superseded": None}
            manifest.publish(folder, {**body, "notes": dict(notes or {})})
        finally:
            lock.release()
        # The caller opens the index by its path.
        folder.check()
    return True
