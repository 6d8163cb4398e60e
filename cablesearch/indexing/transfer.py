"""Stored cables that are indexed in another archive, which keeps what was done when this is interrupted."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple, Protocol, TypeVar

from cablesearch.errors import CablesearchError
from cablesearch.indexing.bulk import Built, Bulk, DiedError
from cablesearch.indexing.ingest import COMMIT_SECONDS
from cablesearch.indexing.report import OnProgress, Progress, Stage, Steps
from cablesearch.protocols.pen import Batch, Pen
from cablesearch.protocols.stored import Stored

__all__ = ["Build", "Transfer", "Written", "in_batches"]

_Item = TypeVar("_Item")


class Written(NamedTuple):
    """A batch of stored cables that was written: the place of each, and numbers to add to notes of the archive."""

    places: Sequence[int]
    counts: Mapping[str, int]


class Build(Protocol):
    """Writes a batch of stored cables, in any process."""

    def __call__(self, cables: Sequence[Stored], batch: Batch, /, *, steps: Steps) -> Written:
        """Return what was written; ``steps`` are told how far it is."""


def in_batches(items: Iterable[_Item], weight: Callable[[_Item], int], most: int) -> Iterator[list[_Item]]:
    """Yield items in lists, each of which ends with the item that makes its weight ``most`` or more."""
    batch: list[_Item] = []
    total = 0
    for item in items:
        batch.append(item)
        total += weight(item)
        if total >= most:
            yield batch
            batch, total = [], 0
    if batch:
        yield batch


class Transfer:
    """A run that adds stored cables to an archive.

    Args:
        pen: that of the archive.
        build: writes a batch; it must be picklable.
        stage: what the run is called in its progress.
        total: the number of cables.
        jobs: number of processes.
        most: the bytes of a batch.
        progress: called with the number of cables that are done, and of all.
        on_progress: called with the progress.

    Attributes:
        added: the number of cables that were added.
        steps: reports the progress.
    """

    def __init__(
        self,
        pen: Pen,
        build: Build,
        stage: Stage,
        total: int,
        *,
        jobs: int,
        most: int,
        progress: Callable[[int, int], None] | None = None,
        on_progress: OnProgress | None = None,
    ) -> None:
        self._pen, self._stage, self._total, self._most, self._progress = pen, stage, total, most, progress
        self.added = 0
        self._done = 0
        self.steps = Steps(on_progress, lambda: self._done)
        on_wait = self.steps.again if self.steps.are_shown else None
        self._bulk = Bulk(pen, partial(build, steps=self.steps), jobs, on_wait)
        self._committed_at = time.monotonic()

    def run(self, cables: Iterable[Stored | None]) -> None:
        """Add cables; None stands for one that the archive has. What was added when this is interrupted is committed.

        Raises:
            CorruptIndexError: a stored cable is damaged.
        """
        self.steps.at(Progress(self._stage, 0, 0, self._total))
        try:
            for batch in in_batches(self._lacking(cables), lambda stored: stored.size, self._most):
                for built in self._bulk.give(batch, batch):
                    self._receive(built)
                if time.monotonic() - self._committed_at > COMMIT_SECONDS:
                    self._pen.commit()
                    self._committed_at = time.monotonic()
            for built in self._bulk.drain():
                self._receive(built)
            self._pen.commit()
        except BaseException:
            self._bulk.close(now=True)
            with contextlib.suppress(OSError, CablesearchError):
                self._pen.commit()
            raise
        self._bulk.close()

    def _lacking(self, cables: Iterable[Stored | None]) -> Iterator[Stored]:
        """Yield the cables that the archive lacks, and count the others."""
        for stored in cables:
            if stored is None:
                self._count(1)
            else:
                yield stored

    def _receive(self, built: Built) -> None:
        """Adopt the cables of a batch; one for which there was not enough memory is built again in halves."""
        batch: list[Stored] = built.tag
        if isinstance(built.outcome, (MemoryError, DiedError)):
            if len(batch) == 1:
                raise built.outcome
            middle = len(batch) // 2
            for half in (batch[:middle], batch[middle:]):
                self._receive(self._bulk.now(half, half))
            return
        written: Written = built.outcome
        for place in written.places:
            self._pen.adopt(built.number, place)
        for name, count in written.counts.items():
            self._pen.notes[name] = self._pen.notes.get(name, 0) + count
        self.added += len(batch)
        self._count(len(batch))

    def _count(self, cables: int) -> None:
        self._done += cables
        self.steps.at(Progress(self._stage, 0, self._done, self._total))
        if self._progress:
            self._progress(self._done, self._total)
