"""The last commit of an archive, opened when it is needed and kept until there is another one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock

from cablesearch.archive import Archive, open_archive
from cablesearch.engine.index.manifest import MANIFEST

__all__ = ["Commit", "Commits"]

_Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class Commit:
    """A commit, as its reader sees it. It never changes: an answer comes from one commit, whatever is written."""

    archive: Archive

    @cached_property
    def size(self) -> list[object]:
        """What a reader sees of how large the archive is; another commit that this reader can see differs in it, but
        for texts of the same length."""
        stats = self.archive.stats()
        return [stats.cables, stats.paragraphs, stats.words, stats.first_date, stats.last_date]


class Commits:
    """The commits of an archive, for a reader with a clearance. Threads may share it.

    Args:
        path: the archive's folder.
        clearance: as for `cablesearch.open`.

    Raises:
        ArchiveNotFoundError, CorruptIndexError, CablesearchError: the archive cannot be opened.
    """

    def __init__(self, path: str | os.PathLike[str], clearance: str | None = None) -> None:
        self._path, self._clearance = Path(path), clearance
        self._lock = Lock()
        self._stamp: _Stamp | None = None
        self._commit: Commit | None = None
        self.last()

    def last(self) -> Commit:
        """Return the last commit. It is opened again after an error, so that a mended archive is found.

        Raises:
            ArchiveNotFoundError: the archive has vanished.
            CorruptIndexError: it is damaged.
        """
        with self._lock:
            # Looked at before the archive is opened: a commit in between is opened by the next call.
            stamp = self._look()
            if self._commit is None or stamp is None or stamp != self._stamp:
                self._commit = None
                self._commit = Commit(open_archive(self._path, self._clearance))
                self._stamp = stamp
            return self._commit

    def forget(self, commit: Commit) -> None:
        """Open the archive again at the next call, because this commit proved to be damaged."""
        with self._lock:
            if self._commit is commit:
                self._commit = None

    def _look(self) -> _Stamp | None:
        """Return what changes with every commit, which renames a new manifest into its place; None if there is none."""
        try:
            status = os.stat(self._path / MANIFEST)
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size
