"""The last commit of an archive, opened when it is needed and kept until there is another one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

from cablesearch.archive import Archive, open_archive

__all__ = ["Commit", "Commits"]


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

    @property
    def is_empty(self) -> bool:
        """Whether the archive has no cable that the reader may see."""
        return not self.size[0]


class Commits:
    """The commits of an archive, for a reader with a clearance. Threads may share it.

    Args:
        path: the archive's folder, or its address on a cluster.
        clearance: as for `cablesearch.open`.

    Raises:
        ArchiveNotFoundError, CorruptIndexError, CablesearchError: the archive cannot be opened.
    """

    def __init__(self, path: str | os.PathLike[str], clearance: str | None = None) -> None:
        self._path, self._clearance = path, clearance
        self._lock = Lock()
        self._commit: Commit | None = None
        self.last()

    def last(self) -> Commit:
        """Return the last commit.

        Raises:
            ArchiveNotFoundError: the archive has vanished.
            CorruptIndexError: it is damaged.
        """
        with self._lock:
            if self._commit is None or not self._commit.archive.is_last:
                self._commit = None
                # Another archive may have taken its place, with another default clearance.
                self._commit = Commit(open_archive(self._path, self._clearance))
            return self._commit

    def forget(self, commit: Commit) -> None:
        """Open the archive again at the next call, because this commit proved to be damaged."""
        with self._lock:
            if self._commit is commit:
                self._commit = None
