"""A folder with an archive, or in which one may be created."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from cablesearch.access import default_of, with_default
from cablesearch.embedded.reader import EmbeddedReader
from cablesearch.engine.check.blame import blaming
from cablesearch.engine.disk.files import Folder
from cablesearch.engine.index.manifest import has_remains, held, last_commit
from cablesearch.engine.index.snapshot import latest

if TYPE_CHECKING:
    from cablesearch.cable import Clearance
    from cablesearch.embedded.upkeep.pen import FolderPen
    from cablesearch.protocols.places import RepairReport

__all__ = ["FolderPlace", "has_archive"]

# Searching needs nothing that writes, so that is imported inside of methods.


class FolderPlace:
    """The folder of an archive: see `cablesearch.protocols.places.Place`.

    Args:
        path: the folder.
        opened: the folder that is held open; None: that which is at the path.
    """

    def __init__(self, path: Path, opened: Folder | None = None) -> None:
        self._path = path
        self._directory = path if opened is None else opened

    @property
    def name(self) -> str:
        """The absolute path."""
        return str(self._path.absolute())

    @property
    def folder(self) -> Path:
        """The path."""
        return self._path

    def create(self, default: Clearance | None) -> bool:
        """Create an empty archive with a default clearance, unless there is one; return whether it was created.

        Raises:
            ArchiveNotFoundError: a file is in the place of the folder.
            CorruptIndexError: the folder has segments of an archive, but no manifest.
            LockedError: another process is writing there.
        """
        from cablesearch.engine.index.creation import create

        return create(self._path, with_default({}, default))

    def check(self) -> None:
        """Check that there is an archive.

        Raises:
            ArchiveNotFoundError: there is no archive.
            CorruptIndexError: its manifest is damaged.
        """
        last_commit(self._directory)

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was committed to the archive since it was created."""
        return not last_commit(self._directory)[0]

    @contextlib.contextmanager
    def held(self) -> Iterator[FolderPlace]:
        """Give the block the folder that is at the path now, even if another one takes its place meanwhile."""
        with held(self._directory) as folder:
            yield FolderPlace(self._path, folder)

    def default_clearance(self) -> Clearance | None:
        """Return the default clearance from the notes in the manifest; None: full.

        Raises:
            CorruptIndexError: it is invalid; with the kind ``clearance``.
        """
        return default_of(self._path, last_commit(self._directory)[1])

    def reader(self, clearance: Clearance | None) -> EmbeddedReader:
        """Open the last commit for a reader with a clearance; None: full."""
        snapshot = latest(self._directory)
        with blaming(snapshot.segments):
            return EmbeddedReader(snapshot, clearance)

    def pen(self, memory: int) -> FolderPen:
        """Return the one that writes.

        Raises:
            LockedError: another process is writing.
        """
        from cablesearch.embedded.upkeep.pen import FolderPen

        return FolderPen(self._path, memory)

    def repair(
        self, target: Path, memory: int, clearance: str | Clearance | None, default: str | Clearance | None
    ) -> RepairReport:
        """Save what can be read of a damaged archive to a new one."""
        from cablesearch.embedded.upkeep.rescue import repair

        return repair(self._path, target, memory, clearance, default)


def has_archive(folder: Path) -> bool:
    """Whether a folder has files of an archive, other than its manifest."""
    return has_remains(folder)
