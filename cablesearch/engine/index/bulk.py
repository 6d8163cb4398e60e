"""Bulk indexing: batches that become segments in other processes, returned in the order in which they were given."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from cablesearch.engine.disk.files import Entry
from cablesearch.engine.index.workers import DiedError, Workers
from cablesearch.engine.index.writer import Writer

__all__ = ["Built", "Bulk", "DiedError"]


class Built(NamedTuple):
    """A batch that was built.

    ``tag`` is the tag of the batch; ``outcome`` the result of ``build``, or its `MemoryError` or `DiedError`;
    ``segment`` the number of its segment, -1 when none was written. Its blocks count once the writer adopts them.
    """

    tag: Any
    outcome: Any
    segment: int


class Bulk:
    """Build segments from batches in up to ``jobs`` processes; in this process for one job.

    Args:
        writer: the writer that attaches the segments.
        build: called in another process with a batch, an entry of the writer's folder, and the dictionary for the
            `SegmentBuilder`; writes a segment there, or nothing. The function, the batch and the result must be
            picklable.
        jobs: the number of processes.
        on_wait: called now and then while there is nothing to do but to wait for a batch.
    """

    def __init__(
        self,
        writer: Writer,
        build: Callable[[Any, Entry, bytes], Any],
        jobs: int,
        on_wait: Callable[[], object] | None = None,
    ) -> None:
        self._writer = writer
        self._build = build
        self._workers = Workers(jobs, on_wait)

    def give(self, batch: Any, tag: Any = None) -> Iterator[Built]:
        """Submit a batch, and yield earlier batches for which it has to wait."""
        entry = self._writer.new_entry()
        with self._folder_there():
            for given, outcome in self._workers.submit(
                self._build, (tag, entry), batch, entry, self._writer.dictionary
            ):
                yield self._attach(given, outcome)

    def drain(self) -> Iterator[Built]:
        """Yield all batches that are still being built."""
        with self._folder_there():
            for given, outcome in self._workers.drain():
                yield self._attach(given, outcome)

    def now(self, batch: Any, tag: Any = None) -> Built:
        """Build a batch, and return it before batches that are still being built."""
        entry = self._writer.new_entry()
        with self._folder_there():
            outcome = self._workers.now(self._build, batch, entry, self._writer.dictionary)
            return self._attach((tag, entry), outcome)

    @contextlib.contextmanager
    def _folder_there(self) -> Iterator[None]:
        """Report that the folder was moved, rather than that a file in it is missing."""
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
        """End the processes. Batches that have not begun are dropped; with ``now``, also those that have."""
        self._workers.close(now=now)
