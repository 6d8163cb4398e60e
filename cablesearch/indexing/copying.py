"""Copying an archive to another place, from the cables that it stores: to a cluster, from there, or to a folder.

The copy is an archive with commits of its own, so that a run that is interrupted can be continued. A note in it says
from which commit it is made, until it is complete and was compared with the original.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, TypeVar

from cablesearch.access import default_of
from cablesearch.cable import clearance_name
from cablesearch.errors import CablesearchError
from cablesearch.indexing.ingest import batch_bytes
from cablesearch.indexing.report import UNSEEN, OnProgress, Progress, Steps
from cablesearch.indexing.transfer import Transfer, Written, in_batches
from cablesearch.indexing.workers import Workers
from cablesearch.protocols.pen import MEMORY, Batch, Pen
from cablesearch.protocols.places import Place
from cablesearch.protocols.reader import Reader
from cablesearch.protocols.stored import Stored
from cablesearch.readers.errors import UnreadableCable
from cablesearch.readers.json_cables import dumps
from cablesearch.schema.origin import origin_of
from cablesearch.text.wording import plural

__all__ = ["CopyReport", "copy"]

_UNFINISHED = "copy"
"""The note of an unfinished copy that says from what it is made."""

_Item = TypeVar("_Item")
_Pair = tuple["Stored | None", "Stored | None"]
"""A cable of the original and the one in its place in the copy; None where one of them has no more cables."""


@dataclass(frozen=True, slots=True)
class CopyReport:
    """The counts of copying an archive.

    ``cables`` are all cables of the copy, each of which was compared with the original; ``copied`` those that this run
    added. The rest were there already, from a run that was interrupted.
    """

    cables: int
    copied: int


def copy(
    reader: Reader,
    name: str,
    target: Place,
    *,
    jobs: int = 1,
    memory: int = MEMORY,
    on_progress: OnProgress | None = None,
) -> CopyReport:
    """Copy a commit of an archive to a new or empty one, and compare them.

    Args:
        reader: the commit, with full clearance.
        name: the name of the archive, for messages.
        target: where the copy is to be.
        jobs: number of processes.
        memory: approximate bytes for all processes together.
        on_progress: called with the progress.

    Raises:
        CablesearchError: something else is at the target, or the copy differs from the original.
        CorruptIndexError: a stored cable is damaged.
        LockedError: another process is writing to the target.
    """
    if _UNFINISHED in reader.notes:
        raise CablesearchError(f"{name}: this is an unfinished copy; finish it first, with the command that began it")
    target.create(default_of(name, reader.notes))
    with target.pen(memory) as pen, pen.guarding():
        _begin(pen, reader, name)
        most = batch_bytes(memory, jobs)
        transfer = Transfer(pen, build, "copying", reader.cable_count, jobs=jobs, most=most, on_progress=on_progress)
        transfer.run(_guarded(reader, reader.stored(pen.digests())))
        for digest, key in _guarded(reader, reader.superseded()):
            pen.superseded.add(digest, key)
        pen.settle(transfer.steps.merging)
        count = _compare(reader, pen, jobs, most, transfer.steps)
        with transfer.steps.during("committing"):
            del pen.notes[_UNFINISHED]
            pen.commit()
    return CopyReport(count, transfer.added)


def build(cables: Sequence[Stored], batch: Batch, /, *, steps: Steps = UNSEEN) -> Written:
    """Write a batch of stored cables as they are.

    Raises:
        CorruptIndexError: a stored cable is damaged.
        CablesearchError: a cable exceeds a limit of this version, or of the archive to which it is copied.
    """
    builder = batch.builder()
    for number, stored in enumerate(cables, 1):
        cable = stored.cable()
        try:
            builder.add(cable, stored.digest)
        except UnreadableCable as error:
            raise CablesearchError(f"{stored.key!r} cannot be copied: {error.reason}") from error
        steps.tick(number)
    return Written(builder.write(), {})


def _begin(pen: Pen, reader: Reader, name: str) -> None:
    """Note in an empty archive that it is a copy of a commit; or find this note, and leave it as it is.

    Raises:
        CablesearchError: the archive is neither empty nor an unfinished copy of the commit.
    """
    notes: dict[str, Any] = {**reader.notes, _UNFINISHED: origin_of(reader.commit)}
    if pen.notes == notes:
        return
    if _UNFINISHED in pen.notes:
        raise CablesearchError(
            f"{pen.name}: this is an unfinished copy of another commit, or by another version of the program; delete "
            "it, or choose another target"
        )
    if pen.count:
        raise CablesearchError(f"{pen.name}: the target has {plural(pen.count, 'cable')} already; choose another one")
    default, other = default_of(name, reader.notes), default_of(pen.name, pen.notes)
    if default != other:
        raise CablesearchError(
            f"{pen.name}: the default clearance of the target is {clearance_name(other)}, that of {name} is "
            f"{clearance_name(default)}; choose a new target"
        )
    # An archive whose cables were removed may know superseded sources that the original does not know.
    for digest, _ in list(pen.reader.superseded()):
        pen.superseded.discard(digest)
    pen.notes.clear()
    pen.notes.update(notes)
    pen.commit()


def _guarded(reader: Reader, items: Iterator[_Item]) -> Iterator[_Item]:
    """Yield what is read of the original; its faults are not taken for those of the copy."""
    while True:
        with reader.guarding():
            try:
                item = next(items)
            except StopIteration:
                return
        yield item


def _compare(reader: Reader, pen: Pen, jobs: int, most: int, steps: Steps) -> int:
    """Compare all cables of the original and of the copy, and return their number.

    Raises:
        CablesearchError: a cable differs; it names the first one.
    """
    total, count = reader.cable_count, 0
    steps.at(Progress("comparing", 0, 0, total))
    workers = Workers(jobs, steps.again if steps.are_shown else None)

    def check(size: int, difference: str | BaseException | None) -> None:
        nonlocal count
        if isinstance(difference, BaseException):
            raise difference
        if difference is not None:
            raise CablesearchError(f"{pen.name}: the copy differs from the original: {difference}")
        count += size
        steps.at(Progress("comparing", 0, count, total))

    try:
        pairs = zip_longest(_guarded(reader, reader.stored({})), pen.reader.stored({}))
        for batch in in_batches(pairs, _weight, most):
            for compared in workers.submit(_difference, len(batch), batch):
                check(*compared)
        for compared in workers.drain():
            check(*compared)
    except BaseException:
        workers.close(now=True)
        raise
    workers.close()
    return count


def _weight(pair: _Pair) -> int:
    return sum(stored.size for stored in pair if stored is not None)


def _difference(pairs: Sequence[_Pair]) -> str | None:
    """Return what differs in the first pair of cables that are not alike; None if all are."""
    for original, copied in pairs:
        if original is None or copied is None or original.key != copied.key:
            names = [repr(stored.key) if stored else "no more cables" for stored in (original, copied)]
            return f"it has {names[1]} in the place of {names[0]}"
        if original.digest != copied.digest:
            return f"{original.key!r} has another source"
        if dumps(original.cable()) != dumps(copied.cable()):
            return f"{original.key!r} has another content"
    return None
