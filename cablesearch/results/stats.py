"""The size of an archive."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cablesearch.engine.search import collect
from cablesearch.engine.search.view import View
from cablesearch.protocols.fields import NO_NUMBER
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


def stats_of(view: View, moment: Callable[[int], dt.datetime], *, sees_all: bool) -> Stats:
    """Return the size of the visible part of an archive.

    Args:
        view: the visible part.
        moment: returns a date of the index as a datetime.
        sees_all: whether the reader's clearance is full.
    """
    units = np.concatenate(
        [np.flatnonzero(mask) + base for mask, base in zip(view.blocks, view.block_bases, strict=False)]
        or [np.empty(0, np.int64)]
    )
    dates = collect.number_column(view, units, "date", by_block=True)
    dates = dates[dates != NO_NUMBER]
    ends = [iso_date(moment(int(end))) for end in (dates.min(), dates.max())] if len(dates) else [None, None]
    return Stats(
        cables=view.block_count,
        paragraphs=view.member_count,
        words=view.word_count("text"),
        first_date=ends[0],
        last_date=ends[1],
        size_bytes=view.snapshot.size if sees_all else None,
        unfilled_fields=tuple(view.snapshot.unfilled(view.schema)) if sees_all else None,
    )
