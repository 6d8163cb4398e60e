"""The archive of a server, as each clearance sees it, and the commits that readers still page through."""

from __future__ import annotations

import time
from collections import OrderedDict
from threading import Lock
from typing import NamedTuple

from cablesearch.archive import Archive, open_archive
from cablesearch.cable import FULL
from cablesearch.errors import CablesearchError, CorruptIndexError
from cablesearch.web.settings import Settings

__all__ = ["Archives", "SupersededError"]

_KEPT_SECONDS = 15 * 60
"""How long a commit is kept for readers who page through it, after another has taken its place."""
_MOST_KEPT = 8
"""The most commits that are kept."""
_MOST_CLEARANCES = 32
"""The most clearances for which an archive is held, for each commit."""
_AGAIN_AFTER = 1.0
"""Seconds after which an archive that could not be opened is tried again."""


class SupersededError(CablesearchError):
    """The commit that a reader pages through is no longer held."""

    def __init__(self) -> None:
        super().__init__("the first page of this answer is too old to go on from it; ask again without snapshot")


class _Commit(NamedTuple):
    """A commit that is held: the archive in full, and as the clearances see it that have been asked for."""

    archive: Archive
    lowered: OrderedDict[str, Archive]


class Archives:
    """Opens an archive, and follows its commits.

    Threads may share it. An archive that vanishes or is damaged raises an error until it is back.
    """

    def __init__(self, settings: Settings) -> None:
        self._path = settings.index
        self._lock = Lock()
        self._commits: OrderedDict[str, tuple[_Commit, float]] = OrderedDict()
        """The commits by name, the last one at the end, each with the time at which another took its place."""
        self._failure: tuple[float, CablesearchError] | None = None

    def archive(self, clearance: str, commit: str | None = None) -> Archive:
        """Return the archive for a clearance: its last commit, or one that was the last a short time ago.

        Raises:
            SupersededError: the commit is no longer held.
            CablesearchError: the archive cannot be opened.
        """
        with self._lock:
            self._follow()
            if commit is None:
                held, _ = next(reversed(self._commits.values()))
            elif commit in self._commits:
                held, _ = self._commits[commit]
            else:
                raise SupersededError
            return _lowered(held, clearance)

    def held(self, clearance: str, commit: str | None = None) -> Archive | None:
        """Return what `archive` returns if that takes no time: the archive is open, and shows the last commit."""
        if not self._lock.acquire(blocking=False):
            return None
        try:
            if not self._commits:
                return None
            last, _ = next(reversed(self._commits.values()))
            if not last.archive.is_last:
                return None
            held = last if commit is None else self._commits.get(commit, (None,))[0]
            if held is None:
                return None
            return held.archive if clearance == FULL else held.lowered.get(clearance)
        finally:
            self._lock.release()

    def forget(self) -> None:
        """Open the archive again for the next question: it turned out to be damaged."""
        with self._lock:
            self._commits.clear()

    def _follow(self) -> None:
        """Make the last commit the last one held."""
        now = time.monotonic()
        if self._failure and now - self._failure[0] < _AGAIN_AFTER:
            raise self._failure[1].with_traceback(None)
        try:
            self._check()
            if not self._commits or not next(reversed(self._commits.values()))[0].archive.is_last:
                self._hold(open_archive(self._path, FULL), now)
        except (CablesearchError, OSError) as error:
            failure = error if isinstance(error, CablesearchError) else CorruptIndexError(self._path, str(error))
            self._failure = now, failure
            raise failure from None
        self._failure = None
        for name, (_, since) in list(self._commits.items())[:-1]:
            if now - since > _KEPT_SECONDS or len(self._commits) > _MOST_KEPT:
                del self._commits[name]

    def _check(self) -> None:
        """Let go of all commits if one of them has a file that was cut off: to read on would end the process.

        Raises:
            CorruptIndexError: there is such a file.
        """
        if not all(held.archive.is_intact for held, _ in self._commits.values()):
            self._commits.clear()
            raise CorruptIndexError(self._path, "a file was cut off")

    def _hold(self, archive: Archive, now: float) -> None:
        if self._commits:
            name, (held, _) = self._commits.popitem()
            self._commits[name] = held, now
        self._commits.pop(archive.commit, None)
        self._commits[archive.commit] = _Commit(archive, OrderedDict()), now


def _lowered(held: _Commit, clearance: str) -> Archive:
    if clearance == FULL:
        return held.archive
    if clearance in held.lowered:
        held.lowered.move_to_end(clearance)
        return held.lowered[clearance]
    while len(held.lowered) >= _MOST_CLEARANCES:
        held.lowered.popitem(last=False)
    archive = held.lowered[clearance] = held.archive.lowered(clearance)
    return archive
