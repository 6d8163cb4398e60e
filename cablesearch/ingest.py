"""From sources to the index: what is new, changed, unchanged or refused."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple, TextIO

from cablesearch.cable import Cable
from cablesearch.engine import Writer
from cablesearch.readers import Record, Rejected, UnreadableCable, scan
from cablesearch.readers.json_lines import dumps
from cablesearch.schema import documents

__all__ = ["Ingest", "IngestReport", "OnTrouble"]

OnTrouble = Callable[[str, str, "int | None", str], None]
"""Called with ``refused`` or ``incomplete``, the file, the row and the reason."""

COMMIT_SECONDS = 25.0
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


class Ingest:
    """One run of indexing.

    The notes of the index remember under ``superseded`` the digests of records that lost to a later one of the same
    id, so that the same sources again change nothing.
    """

    def __init__(
        self,
        writer: Writer,
        rejects: TextIO | None = None,
        on_trouble: OnTrouble | None = None,
    ) -> None:
        self._writer = writer
        self._rejects = rejects
        self._on_trouble = on_trouble
        self._report = IngestReport()
        self._known = writer.digests()
        self._superseded: dict[str, str] = dict(writer.notes.get("superseded", {}))
        self._deferred: list[Record] = []
        self._seen: dict[str, _Seen] = {}
        self._committed_at = time.monotonic()

    def run(
        self, sources: Iterable[str | os.PathLike[str]], progress: Callable[[int, int], None] | None = None
    ) -> IngestReport:
        """Read and index all sources."""
        try:
            for item in scan(sources, progress=progress):
                if isinstance(item, Rejected):
                    self._refuse(item)
                else:
                    self._take(item)
                if self._writer.full or time.monotonic() - self._committed_at > COMMIT_SECONDS:
                    self._commit()
            for record in self._deferred:
                self._take_deferred(record)
        finally:
            # Also when someone interrupts: what was taken is worth keeping.
            self._commit()
        return self._report

    def _take(self, record: Record) -> None:
        digest = record.digest()
        key = self._known.get(digest)
        if key is None and digest.hex() in self._superseded:
            self._deferred.append(record)
        elif key is not None and key not in self._seen:
            self._seen[key] = _Seen(record.file, record.row, digest, "unchanged", False)
            self._count(self._seen[key], 1)
        elif key is not None and self._seen[key].digest == digest:
            self._report.unchanged += 1
        else:
            self._add(record, digest)

    def _take_deferred(self, record: Record) -> None:
        """A record that lost to one of the same id in an earlier run loses again when that one came again."""
        winner = self._seen.get(self._superseded[record.digest().hex()])
        if winner is None:
            self._add(record, record.digest())
        else:
            self._refuse(Rejected(record.file, record.row, _same_id(winner), record.raw()))

    def _add(self, record: Record, digest: bytes) -> None:
        try:
            cable = record.parse()
            content, leads = documents(cable)
            stored = dumps(cable).encode()
            replaces = self._writer.has(cable.id)
            earlier = self._seen.get(cable.id)
            before = self._writer.record(cable.id).decode() if earlier else ""
            self._writer.add(cable.id, digest, content, stored, leads)
        except UnreadableCable as error:
            self._refuse(Rejected(record.file, record.row, str(error), record.raw()))
        except Exception as error:
            # A fault of ours must not stop the rest, nor lose this one.
            reason = f"our reader failed on it, please report this: {type(error).__name__}: {error}"
            self._refuse(Rejected(record.file, record.row, reason, record.raw()))
        else:
            missing = _missing(cable)
            seen = _Seen(record.file, record.row, digest, "replaced" if replaces else "added", bool(missing))
            if earlier is not None:
                seen = self._supersede(cable.id, earlier, seen, before)
            self._count(seen, 1)
            self._seen[cable.id] = seen
            self._superseded.pop(digest.hex(), None)
            self._known[digest] = cable.id
            if missing and self._on_trouble:
                self._on_trouble("incomplete", record.file, record.row, f"{cable.id} is taken, but has {missing}")

    def _supersede(self, key: str, earlier: _Seen, seen: _Seen, raw: str) -> _Seen:
        """Refuse the earlier record of an id in favour of the one just added."""
        self._count(earlier, -1)
        self._superseded[earlier.digest.hex()] = key
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
            # ASCII, so that bytes that are no UTF-8 pass as escapes.
            self._rejects.write(json.dumps(entry) + "\n")
            self._rejects.flush()

    def _commit(self) -> None:
        if self._superseded != self._writer.notes.get("superseded", {}):
            self._writer.notes["superseded"] = dict(self._superseded)
        self._writer.commit()
        self._committed_at = time.monotonic()


def _missing(cable: Cable) -> str:
    """What a cable lacks that every cable should have, in words; empty when nothing."""
    missing = [] if cable.date else ["no date that can be read"]
    if not cable.paragraphs and not cable.body.strip():
        missing.append("no body")
    return " and ".join(missing)


def _same_id(winner: _Seen) -> str:
    place = winner.file + (f", row {winner.row}" if winner.row is not None else "")
    return f"the same id comes again in {place}; that one is kept"
