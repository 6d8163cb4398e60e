"""Indexing a whole archive again from the cables that it stores.

The new archive grows beside the old one, with commits of its own, so that a run that is interrupted can be continued.
When it is complete, one commit puts it in the place of the old one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cablesearch.indexing.ingest import batch_bytes
from cablesearch.indexing.report import UNSEEN, OnProgress, Steps
from cablesearch.indexing.transfer import Transfer, Written
from cablesearch.protocols.pen import MEMORY, Batch, Builder, Pen
from cablesearch.protocols.stored import Stored
from cablesearch.readers.rereading import reread

__all__ = ["ReindexReport", "reindex"]

_CHANGED, _KEPT = "changed", "kept"
"""The notes of the new archive with the counts of the report."""


@dataclass(frozen=True, slots=True)
class ReindexReport:
    """The counts of indexing an archive again from its stored cables.

    ``changed`` are those that are read differently now; ``kept`` those that the rules of today cannot read, which stay
    as they were. ``cables`` are all.
    """

    cables: int
    changed: int
    kept: int


def reindex(
    pen: Pen,
    *,
    jobs: int = 1,
    memory: int = MEMORY,
    progress: Callable[[int, int], None] | None = None,
    on_progress: OnProgress | None = None,
) -> ReindexReport:
    """Index the cables of an archive again, and commit the result in place of what there is.

    Args:
        pen: that of the archive.
        jobs: number of processes.
        memory: approximate bytes for all processes together.
        progress: called with the number of cables that are done, and of all.
        on_progress: called with the progress, also while segments are merged.

    Raises:
        CorruptIndexError: a stored cable is damaged; nothing is changed.
        OSError: there is no room for the new archive beside the old one; nothing is changed.
    """
    with pen.renewal() as fresh:
        transfer = Transfer(
            fresh,
            build,
            "reindexing",
            pen.count,
            jobs=jobs,
            most=batch_bytes(memory, jobs),
            progress=progress,
            on_progress=on_progress,
        )
        # By digest too: the archive may have been replaced by a copy whose last commit has the same name.
        transfer.run(pen.reader.stored(fresh.digests()))
        report = ReindexReport(pen.count, fresh.notes.get(_CHANGED, 0), fresh.notes.get(_KEPT, 0))
        fresh.settle(transfer.steps.merging)
        with transfer.steps.during("committing"):
            pen.take_over(fresh)
    return report


def build(cables: Sequence[Stored], batch: Batch, /, *, steps: Steps = UNSEEN) -> Written:
    """Write a batch of stored cables, read again.

    Raises:
        CorruptIndexError: a stored cable is damaged.
    """
    builder = batch.builder()
    counts: Counter[str] = Counter()
    for number, stored in enumerate(cables, 1):
        if outcome := _added(builder, stored):
            counts[outcome] += 1
        steps.tick(number)
    return Written(builder.write(), counts)


def _added(builder: Builder, stored: Stored) -> str | None:
    """Add a stored cable as it is read now, or as it is stored if it cannot be read now; return the note in which it
    is counted."""
    cable = stored.cable()
    try:
        again = reread(cable)
        builder.add(again, stored.digest)
    except (MemoryError, OSError):
        raise
    except Exception:
        # A cable that was readable once is not lost to a rule of today, nor to a fault in one.
        builder.add(cable, stored.digest)
        return _KEPT
    return _CHANGED if again != cable else None
