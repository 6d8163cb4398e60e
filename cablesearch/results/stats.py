"""The size of an archive."""

from __future__ import annotations

from dataclasses import dataclass

from cablesearch.protocols.reader import Reader
from cablesearch.results.hits import iso_date

__all__ = ["Stats", "stats_of"]


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


def stats_of(reader: Reader) -> Stats:
    """Return the size of an archive as its reader sees it.

    Raises:
        CorruptIndexError: a date is outside of the calendar.
    """
    size = reader.size()
    first, last = (None if end is None else iso_date(reader.moment(end)) for end in (size.first, size.last))
    return Stats(size.cables, size.paragraphs, size.words, first, last, size.stored, size.unfilled)
