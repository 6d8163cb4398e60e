"""From sources to the index: what is new, changed, unchanged or refused."""

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
from cablesearch.engine import MEMORY
from cablesearch.engine.disk.files import Place
from cablesearch.engine.index.bulk import Built, Bulk, DiedError
from cablesearch.engine.index.superseded import key_digest
from cablesearch.engine.index.writer import Writer
from cablesearch.engine.segment.builder import SegmentBuilder
from cablesearch.engine.segment.words import NoRoomError
from cablesearch.errors import CablesearchError, CorruptIndexError
from cablesearch.indexing.own_files import skip_archives
from cablesearch.readers import Record, Rejected, UnreadableCable, scan
from cablesearch.readers.formats.json_lines import JSON_LINES
from cablesearch.readers.json_cables import dumps
from cablesearch.schema.index_fields import documents, indexing_schema
from cablesearch.schema.stored import pack, unpack

__all__ = ["Ingest", "IngestReport", "OnTrouble"]

OnTrouble = Callable[[str, str, "int | None", str], None]
"""Called with ``refused`` or ``incomplete``, the file, the row and the reason; or with ``damaged`` and the archive."""

BATCH = 24_000_000
"""The most code points of records that go into one segment."""

LONGEST_ID = 256
"""Code points of the id of a cable, and of its canonical form. Those of real cables have up to 30."""

_BUILDING, _WAITING = 16, 3
"""The bytes that a code point takes while a process makes a segment of it, and while it is in line."""

_WEIGHT_OF_RECORD = 200
"""What stands beside the text of a record, and in place of that of one that is known."""

_LEAST_ROOM = 16 << 20
"""Bytes that a process may take to make a segment, whatever the memory."""

_READING_PARAGRAPH = 1500
"""The bytes that a paragraph takes while its cable is made documents."""

_SMALL_CABLE = '{"id": "x", "paragraphs": [{"text": "x"}]}'

COMMIT_SECONDS = 20.0
"""How long added cables wait for a commit at the most; with the commit's own time it stays below 30 seconds."""


@dataclass(slots=True)
class IngestReport:
    """What became of the records of a run: each is counted once, as added, replaced, unchanged or rejected.

    ``incomplete`` counts those of the added and replaced that lack a date, or both body and paragraphs.
    """

    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    rejected: int = 0
    incomplete: int = 0

    @property
    def taken(self) -> int:
        """The cables that the archive now has from this run."""
        return self.added + self.replaced + self.unchanged


class _Seen(NamedTuple):
    """The last record of an id in this run. ``counted`` names the count of the report that it is in."""

    file: str
    row: int | None
    digest: bytes
    counted: str
    incomplete: bool


@dataclass(slots=True)
class _Entry:
    """A record that waits for its turn, its digest, and whether it is being parsed."""

    record: Record
    digest: bytes
    parsed: bool


class _Outcome(NamedTuple):
    """What became of a record: the cable's id, what it lacks and its block in the segment, or the reason why it is
    none."""

    key: str | None
    lacks: str
    block: int = -1


def batch_bytes(memory: int, jobs: int) -> int:
    """Return about how many bytes of records a batch has, so that ``jobs`` processes take ``memory`` bytes together."""
    return min(BATCH, memory // (jobs * _BUILDING + (jobs + 2) * _WAITING))


class Ingest:
    """One run of indexing.

    Records go into batches of some megabytes. Each batch becomes a segment, in another process when there are several
    jobs; then its records are taken one by one in the order in which they came, so that the answers are the same
    whatever the number of jobs.

    The index remembers the digests of records that lost to a later one of the same id (`Writer.superseded`), so that
    the same sources again change nothing.
    """

    def __init__(
        self,
        writer: Writer,
        rejects: TextIO | None = None,
        on_trouble: OnTrouble | None = None,
        jobs: int = 1,
        memory: int = MEMORY,
    ) -> None:
        self._writer = writer
        self._rejects = rejects
        self._on_trouble = on_trouble
        self._report = IngestReport()
        self._known = writer.digests()
        self._superseded = writer.superseded
        if self._superseded.fault and on_trouble:
            on_trouble("damaged", str(writer.snapshot.directory), None, self._superseded.fault)
        self._deferred: list[Record] = []
        self._seen: dict[str, _Seen] = {}
        self._committed_at = time.monotonic()
        self._sound = True
        # Besides those that are being built, one more batch waits for a process and one is being read.
        self._most = batch_bytes(memory, jobs)
        room = max(_LEAST_ROOM, memory * _BUILDING // (jobs * _BUILDING + (jobs + 2) * _WAITING))
        allowed = f"--memory {memory >> 20}M" + (f" and --jobs {jobs}" if jobs > 1 else "")
        self._too_large = f"it takes more memory to index than {allowed} allow; try --memory {memory >> 17}M --jobs 1"
        self._bulk = Bulk(writer, partial(build, room=room, too_large=self._too_large), jobs)
        self._batch: list[_Entry] = []
        self._began = 0.0
        self._weight = 0

    def run(
        self, sources: Iterable[str | os.PathLike[str]], progress: Callable[[int, int], None] | None = None
    ) -> IngestReport:
        """Read and index all sources."""
        try:
            for item in scan(sources, progress=progress, skip=skip_archives(self._writer.snapshot.directory)):
                if isinstance(item, Rejected):
                    self._refuse(item)
                else:
                    self._wait(item)
                if self._batch and time.monotonic() - self._began > COMMIT_SECONDS:
                    self._finish()
                    self._commit()
            self._finish()
            self._take_deferred()
            self._finish()
            self._commit()
        except BaseException:
            # Also when someone interrupts: what was taken is worth keeping. What is told is why it ended.
            self._bulk.close(now=True)
            if self._sound:
                with contextlib.suppress(OSError, CablesearchError):
                    self._commit()
            raise
        self._bulk.close()
        try:
            self._writer.settle()
        except CorruptIndexError as error:
            # Everything is committed; segments that are not merged cost some speed.
            if self._on_trouble:
                self._on_trouble("damaged", str(self._writer.snapshot.directory), None, str(error))
        return self._report

    def _wait(self, record: Record) -> None:
        """Put a record in line."""
        digest = record.digest()
        new = digest not in self._known and digest not in self._superseded
        self._put(_Entry(record, digest, new))

    def _put(self, entry: _Entry) -> None:
        if not self._batch:
            self._began = time.monotonic()
        self._batch.append(entry)
        self._weight += _WEIGHT_OF_RECORD + (_size(entry.record) if entry.parsed else 0)
        if self._weight >= self._most:
            self._send()
            if time.monotonic() - self._committed_at > COMMIT_SECONDS:
                self._commit()

    def _send(self) -> None:
        """Have the batch made a segment, and take what is ready."""
        batch, self._batch, self._weight = self._batch, [], 0
        for built in self._bulk.give([entry.record for entry in batch if entry.parsed], batch):
            self._receive(built)

    def _finish(self) -> None:
        """Take everything that is in line."""
        if self._batch:
            self._send()
        for built in self._bulk.drain():
            self._receive(built)

    def _receive(self, built: Built) -> None:
        """Take the records of a batch in their order. Those that did not fit into its segment get another one, and what
        failed for want of memory is tried again in halves, down to the record that is too large."""
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
                # What is cut off here is not to be committed: an id may be taken from one record and not yet given to
                # another.
                self._sound = False
                known_before += self._take(built._replace(tag=entries[:done]))
                self._sound = True
                rest += [entries[done:]] if done < len(entries) else []
            if not rest:
                break
            built = self._again(rest.pop())
        for entry in known_before:
            self._put(entry)

    def _again(self, entries: list[_Entry]) -> Built:
        """Have records made a segment before those that came later."""
        return self._bulk.now([entry.record for entry in entries if entry.parsed], entries)

    def _alone(self, failed: Built) -> Built:
        """Try a single record again, with nothing beside it. It is too large if it fails where another does not.

        Raises:
            MemoryError, DiedError: any record would fail.
        """
        built = self._again(failed.tag)
        if not isinstance(built.outcome, (MemoryError, DiedError)):
            return built
        small = self._bulk.now([Record("", None, JSON_LINES, (_SMALL_CABLE,))])
        if isinstance(small.outcome, (MemoryError, DiedError)):
            raise small.outcome
        return built._replace(outcome=[_Outcome(None, self._too_large)])

    def _take(self, built: Built) -> list[_Entry]:
        """Take the records of a batch; those that have to be parsed after all."""
        results = iter(built.outcome)
        again: list[_Entry] = []
        for entry in built.tag:
            outcome = next(results) if entry.parsed else None
            if outcome is not None and outcome.key is None:
                record = entry.record
                self._refuse(Rejected(record.file, record.row, outcome.lacks, record.raw()))
                continue
            key = self._known.get(entry.digest)
            if key is None and entry.digest in self._superseded:
                self._deferred.append(entry.record)
            elif key is not None and key not in self._seen:
                self._seen[key] = _Seen(entry.record.file, entry.record.row, entry.digest, "unchanged", False)
                self._count(self._seen[key], 1)
            elif key is not None and self._seen[key].digest == entry.digest:
                self._report.unchanged += 1
            elif outcome is not None:
                self._adopt(entry, outcome, built.segment)
            else:
                # It was known when it came, but another of its id has taken its place since.
                again.append(_Entry(entry.record, entry.digest, True))
        return again

    def _take_deferred(self) -> None:
        """Records that lost to one of the same id in an earlier run lose again when that one came again."""
        deferred, self._deferred = self._deferred, []
        winners = {key_digest(key): seen for key, seen in self._seen.items()} if deferred else {}
        for record in deferred:
            digest = record.digest()
            winner = winners.get(self._superseded.key_of(digest) or b"")
            if winner is None:
                self._superseded.discard(digest)
                self._put(_Entry(record, digest, True))
            else:
                self._refuse(Rejected(record.file, record.row, _same_id(winner), record.raw()))

    def _adopt(self, entry: _Entry, outcome: _Outcome, segment: int) -> None:
        """Add a cable that was made a block of a segment."""
        key, record = outcome.key, entry.record
        assert key is not None
        replaces = self._writer.has(key)
        earlier = self._seen.get(key)
        before = dumps(unpack(self._writer.record(key))) if earlier else ""
        self._writer.adopt(segment, outcome.block)
        counted = "replaced" if replaces else "added"
        seen = _Seen(record.file, record.row, entry.digest, counted, bool(outcome.lacks))
        if earlier is not None:
            seen = self._supersede(key, earlier, seen, before)
        self._count(seen, 1)
        self._seen[key] = seen
        self._superseded.discard(entry.digest)
        self._known[entry.digest] = key
        if outcome.lacks and self._on_trouble:
            self._on_trouble("incomplete", record.file, record.row, f"{key} is taken, but has {outcome.lacks}")

    def _supersede(self, key: str, earlier: _Seen, seen: _Seen, raw: str) -> _Seen:
        """Refuse the earlier record of an id in favour of the one just added."""
        self._count(earlier, -1)
        self._superseded.add(earlier.digest, key)
        self._known.pop(earlier.digest, None)
        self._refuse(Rejected(earlier.file, earlier.row, _same_id(seen), raw))
        return seen._replace(counted="added" if earlier.counted == "added" else "replaced")

    def _count(self, seen: _Seen, change: int) -> None:
        setattr(self._report, seen.counted, getattr(self._report, seen.counted) + change)
        self._report.incomplete += change * seen.incomplete

    def _refuse(self, item: Rejected) -> None:
        self._report.rejected += 1
        if self._on_trouble:
            self._on_trouble("refused", item.file, item.row, item.reason)
        if self._rejects is not None:
            entry = {"file": item.file, "row": item.row, "reason": item.reason, "raw": item.raw}
            try:
                # ASCII, so that bytes that are no UTF-8 pass as escapes.
                self._rejects.write(json.dumps(entry) + "\n")
                self._rejects.flush()
            except OSError as error:
                raise OSError(error.errno, error.strerror, getattr(self._rejects, "name", None)) from None

    def _commit(self) -> None:
        # What fails here, or is cut off, would fail again.
        self._sound = False
        self._writer.commit()
        self._committed_at = time.monotonic()
        self._sound = True


def build(
    records: Sequence[Record], place: Place, dictionary: bytes, room: int = MEMORY // 2, too_large: str = "too large"
) -> list[_Outcome]:
    """Write a segment of the records that can be made cables, unless none can; ``dictionary`` packs them.

    Only the first of the records are taken that fit into ``room`` bytes of memory together, and there are only outcomes
    of those; one that does not fit alone is rejected as ``too_large``.
    """
    builder = SegmentBuilder(indexing_schema(), dictionary, room)
    outcomes = []
    for record in records:
        try:
            outcomes.append(_added(builder, record, room))
        except NoRoomError:
            if len(builder):
                break
            outcomes.append(_Outcome(None, too_large))
    if len(builder):
        builder.write(place)
    places = iter(builder.places)
    return [each if each.key is None else each._replace(block=next(places)) for each in outcomes]


def _check_ids(cable: Cable) -> None:
    """Raise UnreadableCable when an id is too long to be one."""
    for name, value in (("id", cable.id), ("reference_id", cable.reference_id)):
        if len(value) > LONGEST_ID:
            raise UnreadableCable(f"{name}: {len(value):,} code points, more than {LONGEST_ID} ({value[:32]!r}…)")


def _added(builder: SegmentBuilder, record: Record, room: int) -> _Outcome:
    """Add the cable of a record, or say why it is none.

    Raises:
        NoRoomError: there is no room for it; then nothing is added.
    """
    try:
        room -= builder.weight
        if not record.fits(room):
            raise NoRoomError
        cable = record.parse()
        _check_ids(cable)
        if _READING_PARAGRAPH * len(cable.paragraphs) > room:
            raise NoRoomError
        content, leads = documents(cable)
        builder.add(cable.id, record.digest(), content, pack(cable, leads), leads)
    except UnreadableCable as error:
        return _Outcome(None, str(error))
    except (MemoryError, OSError):
        # That says nothing about the record.
        raise
    except Exception as error:
        # A fault of ours must not stop the rest, nor lose this one.
        return _Outcome(None, f"our reader failed on it, please report this: {type(error).__name__}: {error}")
    return _Outcome(cable.id, _missing(cable))


def _size(record: Record) -> int:
    """The code points of a record."""
    return sum(map(len, record.fields))


def _covered(entries: Sequence[_Entry], outcomes: int) -> int:
    """How many of the entries come before the first that is parsed and has no outcome."""
    parsed = (number for number, entry in enumerate(entries) if entry.parsed)
    return next(islice(parsed, outcomes, None), len(entries))


def _missing(cable: Cable) -> str:
    """What a cable lacks that every cable should have, in words; empty when nothing."""
    missing = [] if cable.date else ["no date that can be read"]
    if not cable.paragraphs and not cable.body.strip():
        missing.append("no body")
    return " and ".join(missing)


def _same_id(winner: _Seen) -> str:
    place = winner.file + (f", row {winner.row}" if winner.row is not None else "")
    return f"the same id comes again in {place}; that one is kept"
