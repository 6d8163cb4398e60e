"""Index the records of sources: add, replace, skip or reject each."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import NamedTuple, TextIO

from cablesearch.cable import Cable
from cablesearch.embedded.upkeep.own_files import skip_archives
from cablesearch.errors import CablesearchError, CorruptIndexError
from cablesearch.indexing.bulk import Built, Bulk, DiedError
from cablesearch.indexing.report import UNSEEN, IngestReport, OnProgress, OnTrouble, Progress, Steps, kind_of_reason
from cablesearch.protocols.pen import MEMORY, Batch, Builder, NoRoomError, Pen
from cablesearch.readers import Record, Rejected, UnreadableCable, scan
from cablesearch.readers.formats.json_lines import JSON_LINES
from cablesearch.readers.json_cables import dumps
from cablesearch.readers.records import ReadingOptions

__all__ = ["COMMIT_SECONDS", "Ingest", "batch_bytes"]

BATCH = 24_000_000
"""The most code points of records in one batch."""
_FIRST_BATCH = 2_000_000
"""The same for the first batch when several processes build them. The limit doubles with each batch."""

LONGEST_ID = 256
"""The most code points of a cable's id and of its canonical form. Those of real cables have up to 30."""

_BUILDING, _WAITING = 16, 3
"""Bytes for each code point of a record while a process builds a batch of it, and while it waits."""

_WEIGHT_OF_RECORD = 200
"""Bytes for each record beside its text; all that a known record takes, as its text is not kept."""

_LEAST_ROOM = 16 << 20
"""Bytes that a process may always use to build a batch, however small the memory limit."""

_READING_PARAGRAPH = 1500
"""Bytes that a paragraph takes while its cable becomes documents."""

_SMALL_CABLE = '{"id": "x", "paragraphs": [{"text": "x"}]}'

COMMIT_SECONDS = 20.0
"""Maximum delay before added cables are committed. With the commit itself it stays below 30 seconds."""


class _Seen(NamedTuple):
    """The last record of an id in this run. ``counted`` names the field of the report that counts it."""

    file: str
    row: int | None
    digest: bytes
    counted: str
    incomplete: bool
    format: str


@dataclass(slots=True)
class _Entry:
    """A waiting record, its digest, and whether it has to be parsed."""

    record: Record
    digest: bytes
    parsed: bool


class _Outcome(NamedTuple):
    """The result of parsing a record.

    Attributes:
        key: the id of the cable; None if the record was rejected.
        note: the fields that the cable lacks, as words, or the reason why the record was rejected.
        place: the place of the cable in the batch.
    """

    key: str | None
    note: str
    place: int = -1


def batch_bytes(memory: int, jobs: int) -> int:
    """Return about how many bytes of records a batch has, so that ``jobs`` processes take ``memory`` bytes together."""
    return min(BATCH, memory // (jobs * _BUILDING + (jobs + 2) * _WAITING))


class Ingest:
    """One run of indexing.

    Records are gathered in batches of several megabytes. Each batch is built in another process if there are several
    jobs. Its records are then added one by one in the order of the sources, so that the number of jobs does not change
    the result.

    The archive remembers the digests of superseded records: those whose id came again later (`Pen.superseded`).
    Indexing the same sources again therefore changes nothing.
    """

    def __init__(
        self,
        pen: Pen,
        rejects: TextIO | None = None,
        on_trouble: OnTrouble | None = None,
        jobs: int = 1,
        memory: int = MEMORY,
        options: ReadingOptions | None = None,
        on_progress: OnProgress | None = None,
    ) -> None:
        self._pen = pen
        self._options = options
        self._rejects = rejects
        self._on_trouble = on_trouble
        self._report = report = IngestReport()
        self._steps = steps = Steps(on_progress, lambda: report.taken)
        self._sent = self._received = 0
        self._known = pen.digests()
        self._superseded = pen.superseded
        if self._superseded.fault and on_trouble:
            on_trouble("damaged", pen.name, None, self._superseded.fault)
        self._deferred: list[Record] = []
        self._seen: dict[str, _Seen] = {}
        self._committed_at = time.monotonic()
        self._sound = True
        # Besides the batches that are being built, one waits for a process and one is being read.
        self._most = batch_bytes(memory, jobs)
        # With several processes, the first batches are small, so that each has work soon and progress shows.
        self._limit = self._most if jobs == 1 else min(self._most, _FIRST_BATCH)
        room = max(_LEAST_ROOM, memory * _BUILDING // (jobs * _BUILDING + (jobs + 2) * _WAITING))
        allowed = f"{memory >> 20}M" + (f" for {jobs} processes" if jobs > 1 else "")
        self._too_large = f"indexing it takes more memory than {allowed}; allow {memory >> 17}M for one process"
        works = partial(build, room=room, too_large=self._too_large, steps=steps)
        self._bulk = Bulk(pen, works, jobs, steps.again if steps.are_shown else None)
        self._batch: list[_Entry] = []
        self._began = 0.0
        self._weight = 0

    def run(
        self, sources: Iterable[str | os.PathLike[str]], progress: Callable[[int, int], None] | None = None
    ) -> IngestReport:
        """Read and index all sources; commit at least every `COMMIT_SECONDS`, and once more if the run fails."""
        try:
            skip = skip_archives(self._pen.folder)
            read = partial(self._read, progress) if progress or self._steps.are_shown else None
            for item in scan(sources, progress=read, skip=skip, options=self._options, on_note=self._note):
                if isinstance(item, Rejected) and item.is_hidden:
                    self._hidden(item)
                elif isinstance(item, Rejected):
                    self._reject(item)
                else:
                    self._wait(item)
                if self._batch and time.monotonic() - self._began > COMMIT_SECONDS:
                    self._finish()
                    self._commit()
            self._finish(is_end=True)
            self._add_deferred()
            self._finish(is_end=True)
            self._commit()
        except BaseException:
            # Keep what was added, even after an interrupt. Report the first error, not one of this commit.
            self._bulk.close(now=True)
            if self._sound:
                with contextlib.suppress(OSError, CablesearchError):
                    self._commit()
            raise
        self._bulk.close()
        try:
            self._pen.settle(self._steps.merging)
        except CorruptIndexError as error:
            # Everything is committed; segments that are not merged only cost speed.
            if self._on_trouble:
                self._on_trouble("damaged", self._pen.name, None, str(error))
        return self._report

    def _read(self, progress: Callable[[int, int], None] | None, done: int, total: int) -> None:
        """Report how much is read."""
        if progress:
            progress(done, total)
        self._steps.at(Progress("reading", 0, done, total, "bytes"))

    def _hidden(self, item: Rejected) -> None:
        """Count a hidden file, which nobody asked to be read."""
        self._report.hidden += 1
        if self._on_trouble:
            self._on_trouble("hidden", item.file, None, item.reason)

    def _note(self, file: str, note: str) -> None:
        """Report how a file is read."""
        if self._on_trouble:
            self._on_trouble("note", file, None, note)

    def _wait(self, record: Record) -> None:
        """Put a record in the queue."""
        digest = record.digest()
        new = digest not in self._known and digest not in self._superseded
        self._put(_Entry(record, digest, new))

    def _put(self, entry: _Entry) -> None:
        if not self._batch:
            self._began = time.monotonic()
        self._batch.append(entry)
        self._weight += _WEIGHT_OF_RECORD + (_size(entry.record) if entry.parsed else 0)
        if self._weight >= self._limit:
            self._send()
            if time.monotonic() - self._committed_at > COMMIT_SECONDS:
                self._commit()

    def _send(self) -> None:
        """Send the batch to be built, and add the records of batches that are ready."""
        batch, self._batch, self._weight = self._batch, [], 0
        self._limit = min(self._most, 2 * self._limit)
        self._sent += len(batch)
        for built in self._bulk.give([entry.record for entry in batch if entry.parsed], batch):
            self._receive(built)

    def _finish(self, *, is_end: bool = False) -> None:
        """Add all waiting records; at the end of the run nothing more is read."""
        if is_end:
            waiting = self._sent + len(self._batch)
            self._steps.at(Progress("indexing", 0, self._received, waiting))
        if self._batch:
            self._send()
        for built in self._bulk.drain():
            self._receive(built)
            if is_end:
                self._steps.at(Progress("indexing", 0, self._received, waiting))

    def _receive(self, built: Built) -> None:
        """Add the records of a batch in order.

        Records that did not fit into the batch get another one. A batch that ran out of memory is tried again in
        halves, down to the record that is too large.
        """
        self._received += len(built.tag)
        rest: list[list[_Entry]] = []
        known_before: list[_Entry] = []
        while True:
            entries: list[_Entry] = built.tag
            if isinstance(built.outcome, (MemoryError, DiedError)):
                built = self._alone(built) if sum(entry.parsed for entry in entries) < 2 else built
            if isinstance(built.outcome, (MemoryError, DiedError)):
                middle = len(entries) // 2
                rest += [entries[middle:], entries[:middle]]
            else:
                done = _covered(entries, len(built.outcome))
                # Do not commit if this is interrupted: an id may be between two records, deleted and not yet added.
                self._sound = False
                known_before += self._add(built._replace(tag=entries[:done]))
                self._sound = True
                rest += [entries[done:]] if done < len(entries) else []
            if not rest:
                break
            built = self._again(rest.pop())
        for entry in known_before:
            self._put(entry)

    def _again(self, entries: list[_Entry]) -> Built:
        """Build a batch of records right now, before later batches."""
        return self._bulk.now([entry.record for entry in entries if entry.parsed], entries)

    def _alone(self, failed: Built) -> Built:
        """Build a single record again, on its own. It is too large if it fails and a tiny record does not.

        Raises:
            MemoryError, DiedError: even the tiny record failed.
        """
        built = self._again(failed.tag)
        if not isinstance(built.outcome, (MemoryError, DiedError)):
            return built
        small = self._bulk.now([Record("", None, JSON_LINES, (_SMALL_CABLE,))])
        if isinstance(small.outcome, (MemoryError, DiedError)):
            raise small.outcome
        return built._replace(outcome=[_Outcome(None, self._too_large)])

    def _add(self, built: Built) -> list[_Entry]:
        """Add the records of a batch, and return those that have to be parsed after all."""
        results = iter(built.outcome)
        again: list[_Entry] = []
        for entry in built.tag:
            outcome = next(results) if entry.parsed else None
            if outcome is not None and outcome.key is None:
                record = entry.record
                self._reject(Rejected(record.file, record.row, outcome.note, record.raw()))
                continue
            key = self._known.get(entry.digest)
            if key is None and entry.digest in self._superseded:
                self._deferred.append(entry.record)
            elif key is not None and key not in self._seen:
                self._seen[key] = _seen(entry, "unchanged")
                self._count(self._seen[key], 1)
            elif key is not None and self._seen[key].digest == entry.digest:
                self._count(_seen(entry, "unchanged"), 1)
            elif outcome is not None:
                self._adopt(entry, outcome, built.number)
            else:
                # It was known when it was read, but another record of its id has replaced it since.
                again.append(_Entry(entry.record, entry.digest, True))
        return again

    def _add_deferred(self) -> None:
        """Reject deferred records that are superseded again, and queue the others.

        A record is deferred if a later record of its id superseded it in an earlier run. It is superseded again if
        this run has a record of that id.
        """
        deferred, self._deferred = self._deferred, []
        winners = {self._superseded.digest_of(key): seen for key, seen in self._seen.items()} if deferred else {}
        for record in deferred:
            digest = record.digest()
            winner = winners.get(self._superseded.key_of(digest) or b"")
            if winner is None:
                self._superseded.discard(digest)
                self._put(_Entry(record, digest, True))
            else:
                self._reject(Rejected(record.file, record.row, _same_id(winner), record.raw()))

    def _adopt(self, entry: _Entry, outcome: _Outcome, batch: int) -> None:
        """Add a cable of a batch that was built."""
        key, record = outcome.key, entry.record
        assert key is not None
        replaces = self._pen.has(key)
        earlier = self._seen.get(key)
        before = dumps(self._pen.cable(key)) if earlier else ""
        self._pen.adopt(batch, outcome.place)
        counted = "replaced" if replaces else "added"
        seen = _seen(entry, counted)._replace(incomplete=bool(outcome.note))
        if earlier is not None:
            seen = self._supersede(key, earlier, seen, before)
        self._count(seen, 1)
        self._seen[key] = seen
        self._superseded.discard(entry.digest)
        self._known[entry.digest] = key
        if outcome.note and self._on_trouble:
            self._on_trouble("incomplete", record.file, record.row, f"{key} was added, but {outcome.note}")

    def _supersede(self, key: str, earlier: _Seen, seen: _Seen, raw: str) -> _Seen:
        """Reject the earlier record of an id in favour of the one just added."""
        self._count(earlier, -1)
        self._superseded.add(earlier.digest, self._superseded.digest_of(key))
        self._known.pop(earlier.digest, None)
        self._reject(Rejected(earlier.file, earlier.row, _same_id(seen), raw))
        return seen._replace(counted="added" if earlier.counted == "added" else "replaced")

    def _count(self, seen: _Seen, change: int) -> None:
        setattr(self._report, seen.counted, getattr(self._report, seen.counted) + change)
        self._report.incomplete += change * seen.incomplete
        self._report.formats[seen.format] += change

    def _reject(self, item: Rejected) -> None:
        """Count and report a rejected record."""
        self._report.rejected += 1
        self._report.skipped[kind_of_reason(item.reason)] += 1
        if self._on_trouble:
            self._on_trouble("rejected", item.file, item.row, item.reason)
        if self._rejects is not None:
            entry = {"file": item.file, "row": item.row, "reason": item.reason, "raw": item.raw}
            try:
                # Write ASCII, so that bytes that are not UTF-8 become escapes.
                self._rejects.write(json.dumps(entry) + "\n")
                self._rejects.flush()
            except OSError as error:
                raise OSError(error.errno, error.strerror, getattr(self._rejects, "name", None)) from None

    def _commit(self) -> None:
        # Do not try again after an error or an interrupt in here.
        self._sound = False
        with self._steps.during("committing"):
            self._pen.commit()
        self._committed_at = time.monotonic()
        self._sound = True


def build(
    records: Sequence[Record],
    batch: Batch,
    room: int = MEMORY // 2,
    too_large: str = "too large",
    steps: Steps = UNSEEN,
) -> list[_Outcome]:
    """Write a batch of the valid records, and return the outcomes. Nothing is written if no record is valid.

    Args:
        records: the records to parse and index.
        batch: where to write the batch.
        room: bytes of memory for all records together. The first records that fit get an outcome, the others none.
        too_large: the reason to reject a record that does not fit alone.
        steps: reports how many records are done.
    """
    builder = batch.builder(room)
    outcomes = []
    for record in records:
        try:
            outcomes.append(_added(builder, record, room))
        except NoRoomError:
            if len(builder):
                break
            outcomes.append(_Outcome(None, too_large))
        steps.tick(len(outcomes))
    places = iter(builder.write())
    return [outcome if outcome.key is None else outcome._replace(place=next(places)) for outcome in outcomes]


def _check_ids(cable: Cable) -> None:
    """Check the length of a cable's ids.

    Raises:
        UnreadableCable: an id has more than `LONGEST_ID` code points.
    """
    for name, value in (("id", cable.id), ("reference_id", cable.reference_id)):
        if len(value) > LONGEST_ID:
            raise UnreadableCable(f"{name}: {len(value):,} code points, more than {LONGEST_ID} ({value[:32]!r}…)")


def _added(builder: Builder, record: Record, room: int) -> _Outcome:
    """Add the cable of a record to a batch, or return the reason why the record is rejected.

    Raises:
        NoRoomError: it does not fit into ``room``; nothing was added.
    """
    try:
        room -= builder.weight
        if not record.fits(room):
            raise NoRoomError
        cable = record.parse()
        _check_ids(cable)
        if _READING_PARAGRAPH * len(cable.paragraphs) > room:
            raise NoRoomError
        builder.add(cable, record.digest())
    except UnreadableCable as error:
        return _Outcome(None, str(error))
    except (MemoryError, OSError):
        # The machine's problem, not the record's.
        raise
    except Exception as error:
        # A bug in a reader must neither stop the run nor lose the record.
        return _Outcome(None, f"internal error while parsing, please report it: {type(error).__name__}: {error}")
    return _Outcome(cable.id, _missing(cable))


def _seen(entry: _Entry, counted: str) -> _Seen:
    record = entry.record
    return _Seen(record.file, record.row, entry.digest, counted, False, record.format.noun)


def _size(record: Record) -> int:
    """Return the number of code points of a record."""
    return sum(map(len, record.fields))


def _covered(entries: Sequence[_Entry], outcomes: int) -> int:
    """Return how many entries come before the first parsed entry without an outcome."""
    parsed = (number for number, entry in enumerate(entries) if entry.parsed)
    return next(islice(parsed, outcomes, None), len(entries))


def _missing(cable: Cable) -> str:
    """Return the fields that an incomplete cable lacks, as words; empty for a complete cable."""
    missing = [] if cable.date else ["its date could not be read"]
    if not cable.paragraphs and not cable.body.strip():
        missing.append("it has no body")
    return " and ".join(missing)


def _same_id(winner: _Seen) -> str:
    place = winner.file + (f", row {winner.row}" if winner.row is not None else "")
    return f"duplicate id; the later copy in {place} is used"
