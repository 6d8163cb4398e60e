"""Files on disk, read with `scan`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cablesearch.cable import Cable
from cablesearch.readers import Record, Rejected, UnreadableCable, scan
from cablesearch.readers.records import ReadingOptions
from cablesearch.readers.rereading import reread

HEADER = "R 051020Z JUN 79\nFM AMEMBASSY OSLO\nTO SECSTATE WASHDC 1291"
BODY = (
    "C O N F I D E N T I A L OSLO 0921\n\nE.O. 12065: N/A\nTAGS: EFIS, NO\nSUBJECT: HERRING QUOTA\n\n"
    '1. (C) THE MINISTRY SAID "NO", AND; THEN\tLEFT |.\nWHITTEY'
)
TEXT = 'THE MINISTRY SAID "NO", AND; THEN LEFT |.'
"""A telegram with all signs that stand between the values of tables, and the text of its paragraph."""


@dataclass
class Found:
    """What a file holds: its cables, what was rejected and why, what was guessed, and its records."""

    cables: list[Cable] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        return [cable.reference_id for cable in self.cables]

    @property
    def cable(self) -> Cable:
        (cable,) = self.cables
        assert self.reasons == []
        return cable


def reading(folder: Path, content: str | bytes, name: str = "file", **options: Any) -> Found:
    """Write a file and read it; ``options`` are those of `ReadingOptions`."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape"))
    found = Found()
    for item in scan([path], options=ReadingOptions(**options), on_note=lambda _, note: found.notes.append(note)):
        if isinstance(item, Rejected):
            found.rejected.append(item)
            found.reasons.append(item.reason)
            continue
        found.records.append(item)
        try:
            found.cables.append(item.parse())
        except UnreadableCable as error:
            found.reasons.append(error.reason)
    return found


def check_round_trip(folder: Path, found: Found) -> None:
    """Check that records written out as rejects are read as the same cables, and that stored cables stay as they are
    when they are read again."""
    for record, cable in zip(found.records, found.cables, strict=True):
        again = reading(folder, record.raw(), "again").cable
        assert replace(again, given=None, provenance=None) == replace(cable, given=None, provenance=None)
        assert replace(reread(cable), provenance=None) == replace(cable, provenance=None)
