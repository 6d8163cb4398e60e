"""Bulk indexing: batches that are built in other processes, returned in the order in which they were given."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from cablesearch.indexing.workers import DiedError, Workers
from cablesearch.protocols.pen import Batch, Pen

__all__ = ["Built", "Bulk", "DiedError"]


class Built(NamedTuple):
    """A batch that was built.

    ``tag`` is the tag of the batch; ``outcome`` the result of ``build``, or its `MemoryError` or `DiedError`;
    ``number`` the number of the batch, -1 when none was written. Its cables count once the pen adopts them.
    """

    tag: Any
    outcome: Any
    number: int


class Bulk:
    """Build batches in up to ``jobs`` processes; in this process for one job.

    Args:
        pen: takes the batches over.
        build: called in another process with what the batch is built from, and its place; writes it there, or nothing.
            The function, what it gets and its result must be picklable.
        jobs: the number of processes.
        on_wait: called now and then while there is nothing to do but to wait for a batch.
    """

    def __init__(
        self,
        pen: Pen,
        build: Callable[[Any, Batch], Any],
        jobs: int,
        on_wait: Callable[[], object] | None = None,
    ) -> None:
        self._pen = pen
        self._build = build
        self._workers = Workers(jobs, on_wait)

    def give(self, content: Any, tag: Any = None) -> Iterator[Built]:
        """Submit what a batch is built from, and yield earlier batches for which it has to wait."""
        batch = self._pen.batch()
        with self._archive_there():
            for given, outcome in self._workers.submit(self._build, (tag, batch), content, batch):
                yield self._attach(given, outcome)

    def drain(self) -> Iterator[Built]:
        """Yield all batches that are still being built."""
        with self._archive_there():
            for given, outcome in self._workers.drain():
                yield self._attach(given, outcome)

    def now(self, content: Any, tag: Any = None) -> Built:
        """Build a batch, and return it before batches that are still being built."""
        batch = self._pen.batch()
        with self._archive_there():
            return self._attach((tag, batch), self._workers.now(self._build, content, batch))

    @contextlib.contextmanager
    def _archive_there(self) -> Iterator[None]:
        """Report that the archive was moved, rather than that a file of it is missing."""
        try:
            yield
        except FileNotFoundError:
            self._pen.check()
            raise

    def _attach(self, given: tuple[Any, Batch], outcome: Any) -> Built:
        tag, batch = given
        failed = isinstance(outcome, (MemoryError, DiedError))
        return Built(tag, outcome, self._pen.attach(batch, failed=failed))

    def close(self, *, now: bool = False) -> None:
        """End the processes. Batches that have not begun are dropped; with ``now``, also those that have."""
        self._workers.close(now=now)
