"""Indexing a whole archive again from the cables that it stores.

The new index grows in a folder of the archive, as an index of its own with commits of its own, so that a run that is
interrupted can be continued. When it is complete, one commit of the archive puts it in the place of the old one.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from cablesearch.engine import MEMORY
from cablesearch.engine.disk.files import Place
from cablesearch.engine.index.bulk import Built, Bulk, DiedError
from cablesearch.engine.index.creation import create
from cablesearch.engine.index.snapshot import Snapshot, latest
from cablesearch.engine.index.writer import Writer
from cablesearch.engine.segment.builder import SegmentBuilder
from cablesearch.engine.segment.store import LARGEST
from cablesearch.errors import CablesearchError, CorruptIndexError
from cablesearch.indexing.ingest import COMMIT_SECONDS, batch_bytes
from cablesearch.indexing.report import UNSEEN, OnProgress, Progress, Steps
from cablesearch.protocols.fields import records_of
from cablesearch.readers.errors import UnreadableCable
from cablesearch.readers.rereading import reread
from cablesearch.schema.index_fields import documents, indexing_schema
from cablesearch.schema.stored import pack, unpack

__all__ = ["ReindexReport", "discard_stale", "reindex"]

FOLDER = "reindex"
_STATE, _CHANGED, _KEPT = "state", "changed", "kept"
"""The notes of the new index: from what it is made, and the counts of the report."""


@dataclass(frozen=True, slots=True)
class ReindexReport:
    """The counts of indexing an archive again from its stored cables.

    ``changed`` are those that are read differently now; ``kept`` those that the rules of today cannot read, which stay
    as they were. ``cables`` are all.
    """

    cables: int
    changed: int
    kept: int


class _Stored(NamedTuple):
    """A cable in the archive: the file of its segment, its key, the digest of its source and its record."""

    path: Path
    key: str
    digest: bytes
    record: bytes


class _Outcome(NamedTuple):
    """A cable in the new index: its block in the segment, and what became of it."""

    block: int
    is_changed: bool
    is_kept: bool


def reindex(
    writer: Writer,
    *,
    jobs: int = 1,
    memory: int = MEMORY,
    progress: Callable[[int, int], None] | None = None,
    on_progress: OnProgress | None = None,
) -> ReindexReport:
    """Index the cables of an archive again, and commit the result in place of what there is.

    Args:
        writer: that of the archive.
        jobs: number of processes.
        memory: approximate bytes for all processes together.
        progress: called with the number of cables that are done, and of all.
        on_progress: called with the progress, also while segments are merged.

    Raises:
        CorruptIndexError: a stored cable is damaged; nothing is changed.
        OSError: there is no room for the new index beside the old one; nothing is changed.
    """
    snapshot = writer.snapshot
    folder = snapshot.directory / FOLDER
    _prepare(folder, snapshot)
    with Writer(folder, indexing_schema(), memory) as fresh:
        run = _Run(fresh, snapshot, jobs, memory, progress, on_progress)
        run.finish()
        report = ReindexReport(run.total, fresh.notes.get(_CHANGED, 0), fresh.notes.get(_KEPT, 0))
        complete = fresh.settle(run.steps.merging)
        if sum(1 for _ in complete.live_blocks()) != run.total:
            raise CablesearchError(f"{folder}: the new index is not complete; remove this folder and run it again")
        with run.steps.during("committing"):
            writer.take_over(complete)
    _discard(folder)
    return report


def discard_stale(snapshot: Snapshot) -> None:
    """Remove the work of an interrupted run from another commit: it may have cables that were removed since."""
    folder = snapshot.directory / FOLDER
    if not _is_from(folder, snapshot):
        _discard(folder)


def _prepare(folder: Path, snapshot: Snapshot) -> None:
    """Have the new index there: one that an interrupted run began from this commit, or else an empty one."""
    if _is_from(folder, snapshot):
        return
    _discard(folder)
    if not create(folder, {_STATE: _state(snapshot)}):
        raise CablesearchError(f"{folder}: this folder is left from another run and cannot be removed; remove it")


def _state(snapshot: Snapshot) -> dict[str, Any]:
    """Return from what a new index is made."""
    return {
        "commit": snapshot.generation,
        "program": version("cablesearch"),
        "fields": {name: list(record) for name, record in sorted(records_of(indexing_schema()).items())},
    }


def _is_from(folder: Path, snapshot: Snapshot) -> bool:
    """Whether an interrupted run began a new index from this commit, and it can be continued."""
    if folder.is_symlink():
        return False
    with contextlib.suppress(CablesearchError):
        # Its segments are opened too: where files cannot have two names, `Writer.take_over` moves them away.
        return bool(latest(folder).notes.get(_STATE) == _state(snapshot))
    return False


def _discard(folder: Path) -> None:
    # What stands here may come from a stranger: a link may lead to anything, and a pipe may never end.
    if folder.is_symlink() or not folder.is_dir():
        folder.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


class _Run:
    """One run, which adds to the new index what it does not have yet."""

    def __init__(
        self,
        fresh: Writer,
        snapshot: Snapshot,
        jobs: int,
        memory: int,
        progress: Callable[[int, int], None] | None,
        on_progress: OnProgress | None,
    ) -> None:
        self.total = sum(1 for _ in snapshot.live_blocks())
        self._fresh, self._snapshot, self._progress = fresh, snapshot, progress
        self._most = batch_bytes(memory, jobs)
        self._done = 0
        self.steps = Steps(on_progress, lambda: self._done)
        on_wait = self.steps.again if self.steps.are_shown else None
        self._bulk = Bulk(fresh, partial(build, steps=self.steps), jobs, on_wait)
        self._committed_at = time.monotonic()

    def finish(self) -> None:
        """Add every cable. What was added when this is interrupted is committed to the new index."""
        self.steps.at(Progress("reindexing", 0, 0, self.total))
        try:
            for batch in self._batches():
                for built in self._bulk.give(batch, batch):
                    self._receive(built)
                if time.monotonic() - self._committed_at > COMMIT_SECONDS:
                    self._fresh.commit()
                    self._committed_at = time.monotonic()
            for built in self._bulk.drain():
                self._receive(built)
            self._fresh.commit()
        except BaseException:
            self._bulk.close(now=True)
            with contextlib.suppress(OSError, CablesearchError):
                self._fresh.commit()
            raise
        self._bulk.close()

    def _batches(self) -> Iterator[list[_Stored]]:
        """Yield the cables that the new index lacks, some megabytes at a time."""
        batch: list[_Stored] = []
        weight = 0
        # By digest too: the archive may have been replaced by a copy whose last commit has the same number.
        done = self._fresh.digests()
        for number, block in self._snapshot.live_blocks():
            segment = self._snapshot.segments[number]
            key, digest = segment.keys.text(block), segment.digest(block)
            if done.get(digest) == key:
                self._count(1)
                continue
            batch.append(_Stored(segment.path, key, digest, self._snapshot.record(number, block)))
            weight += len(batch[-1].record)
            if weight >= self._most:
                yield batch
                batch, weight = [], 0
        if batch:
            yield batch

    def _receive(self, built: Built) -> None:
        """Adopt the cables of a batch; one for which there was not enough memory is built again in halves."""
        batch: list[_Stored] = built.tag
        if isinstance(built.outcome, (MemoryError, DiedError)):
            if len(batch) == 1:
                raise built.outcome
            middle = len(batch) // 2
            for half in (batch[:middle], batch[middle:]):
                self._receive(self._bulk.now(half, half))
            return
        outcomes: list[_Outcome] = built.outcome
        for outcome in outcomes:
            self._fresh.adopt(built.segment, outcome.block)
        self._add(_CHANGED, sum(outcome.is_changed for outcome in outcomes))
        self._add(_KEPT, sum(outcome.is_kept for outcome in outcomes))
        self._count(len(batch))

    def _add(self, name: str, count: int) -> None:
        self._fresh.notes[name] = self._fresh.notes.get(name, 0) + count

    def _count(self, cables: int) -> None:
        self._done += cables
        self.steps.at(Progress("reindexing", 0, self._done, self.total))
        if self._progress:
            self._progress(self._done, self.total)


def build(batch: Sequence[_Stored], place: Place, dictionary: bytes, steps: Steps = UNSEEN) -> list[_Outcome]:
    """Write a segment of stored cables, read again; ``dictionary`` packs their records.

    Raises:
        CorruptIndexError: the record of a cable is damaged.
    """
    builder = SegmentBuilder(indexing_schema(), dictionary)
    outcomes = []
    for stored in batch:
        outcomes.append(_added(builder, stored))
        steps.tick(len(outcomes))
    builder.write(place)
    return [outcome._replace(block=builder.places[outcome.block]) for outcome in outcomes]


def _added(builder: SegmentBuilder, stored: _Stored) -> _Outcome:
    """Add a stored cable as it is read now, or as it is stored if it cannot be read now."""
    number = len(builder)
    try:
        cable = unpack(stored.record)
        if cable.id != stored.key:
            raise ValueError(f"it is that of {cable.id!r}")
    except (ValueError, UnreadableCable) as error:
        raise CorruptIndexError(stored.path, f"the record of {stored.key!r} is damaged ({error})") from error
    try:
        again = reread(cable)
        _add(builder, stored, again)
    except (MemoryError, OSError):
        raise
    except Exception:
        # A cable that was readable once is not lost to a rule of today, nor to a fault in one.
        _add(builder, stored, cable)
        return _Outcome(number, is_changed=False, is_kept=True)
    return _Outcome(number, is_changed=again != cable, is_kept=False)


def _add(builder: SegmentBuilder, stored: _Stored, cable: Any) -> None:
    content, leads = documents(cable)
    builder.add(stored.key, stored.digest, content, pack(cable, leads), leads, longest_key=LARGEST)
