"""The archive as readers of different clearances see it."""

from __future__ import annotations

import os
import threading
import time

import cablesearch

__all__ = ["Archives"]

FRESH = 10.0
"""For how many seconds a commit is shown before a newer one is looked for."""


class Archives:
    """One archive, opened when it is first asked for, and the same commit of it for each clearance.

    Requests may share archives: an archive is safe to read from in several threads. If it cannot be opened, each
    request tries again, so the application recovers as soon as the archive is there.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._whole: cablesearch.Archive | None = None
        self._lowered: dict[str, cablesearch.Archive] = {}
        self._checked = 0.0

    def at(self, clearance: str) -> cablesearch.Archive:
        """Return the archive as a reader with a clearance sees it.

        Raises:
            CablesearchError: the archive cannot be opened, or the clearance is invalid.
        """
        with self._lock:
            if self._whole is None or time.monotonic() - self._checked > FRESH:
                # An archive that is closed would fail under the requests that use it; one that is dropped is closed
                # with the last of them.
                self._whole, self._lowered = cablesearch.open(self._path, clearance="FULL"), {}
                self._checked = time.monotonic()
            if clearance not in self._lowered:
                self._lowered[clearance] = self._whole.lowered(clearance)
            return self._lowered[clearance]
