"""The size of an archive."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Stats"]


@dataclass(frozen=True, slots=True)
class Stats:
    """The size of an archive as its reader sees it.

    Attributes:
        cables, paragraphs: the numbers of those that the reader may see.
        words: the number of words in the text of those paragraphs.
        first_date, last_date: the dates of the oldest and the newest cable in ISO 8601 (``2010-01-08T03:26Z``); None
            if no cable has a date.
        size_bytes: the size of the index on disk; None unless the reader's clearance is full.
        unfilled_fields: the fields of the index that were added or changed after some cables were indexed, so that
            these cables have no values in them, or those of older rules, until `Archive.reindex`; None unless the
            reader's clearance is full.
    """

    cables: int
    paragraphs: int
    words: int
    first_date: str | None
    last_date: str | None
    size_bytes: int | None
    unfilled_fields: tuple[str, ...] | None
