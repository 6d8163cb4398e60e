"""Many documents at once: batches that become segments in other processes, taken in the order in which they came."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from cablesearch.engine.disk.files import Entry
from cablesearch.engine.index.workers import DiedError, Workers
from cablesearch.engine.index.writer import Writer

__all__ = ["Built", "Bulk", "DiedError"]


class Built(NamedTuple):
    """A batch that was built: what it was tagged with, what ``build`` returned or the `MemoryError` or `DiedError` that
    it ended with, and the number of its segment (-1 when no segment was written). Its blocks count from when the writer
    adopts them."""

    tag: Any
    outcome: Any
    segment: int


class Bulk:
    """Has batches made segments by up to ``jobs`` processes, in this one when there is but one.

    Args:
        writer: attaches the segments.
        build: called in another process with a batch, an entry of the writer's folder, and the dictionary for the
            `SegmentBuilder`; writes a segment there, or nothing. It, the batch and what it returns have to be
            picklable.
        jobs: how many processes.
    """

    def __init__(self, writer: Writer, build: Callable[[Any, Entry, bytes], Any], jobs: int) -> None:
        self._writer = writer
        self._build = build
        self._workers = Workers(jobs)

    def give(self, batch: Any, tag: Any = None) -> Iterator[Built]:
        """Give a batch, and take back those before it that have to be waited for."""
        entry = self._writer.new_entry()
        with self._folder_there():
            for given, outcome in self._workers.submit(
                self._build, (tag, entry), batch, entry, self._writer.dictionary
            ):
                yield self._attach(given, outcome)

    def drain(self) -> Iterator[Built]:
        """Take back all that were given."""
        with self._folder_there():
            for given, outcome in self._workers.drain():
                yield self._attach(given, outcome)

    def now(self, batch: Any, tag: Any = None) -> Built:
        """Have a batch built before those that were given and not yet taken back."""
        entry = self._writer.new_entry()
        with self._folder_there():
            outcome = self._workers.now(self._build, batch, entry, self._writer.dictionary)
            return self._attach((tag, entry), outcome)

    @contextlib.contextmanager
    def _folder_there(self) -> Iterator[None]:
        """Say that the folder is gone rather than that there is no such file in it."""
        try:
            yield
        except FileNotFoundError:
            self._writer.check_folder()
            raise

    def _attach(self, given: tuple[Any, Entry], outcome: Any) -> Built:
        tag, entry = given
        whole = entry.exists() and not isinstance(outcome, (MemoryError, DiedError))
        if not whole:
            self._writer.check_folder()
        return Built(tag, outcome, self._writer.attach(entry) if whole else -1)

    def close(self, *, now: bool = False) -> None:
        """End the processes; batches that have not begun are dropped, and with ``now`` those that have, too."""
        self._workers.close(now=now)
