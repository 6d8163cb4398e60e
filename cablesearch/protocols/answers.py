"""What readers answer with. Dates are in minutes from 1970, unless they are said to be something else."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from cablesearch.cable import Cable, Classification

__all__ = ["CableHead", "Defined", "Found", "Grouped", "Page", "Sample", "Size", "Spelling", "Spread"]


class Found(NamedTuple):
    """A hit.

    Attributes:
        cable: what hits show of the cable: its id, date, origin, classification, tags and subject, and the visible
            paragraph at ``position``, perhaps with others; the whole but for the body if that is 0.
        position: the position of the paragraph; 0 for the text outside of the paragraphs.
        score: the score.
        citations: the number of other visible cables that refer to the cable; None unless hits are sorted by it.
    """

    cable: Cable
    position: int
    score: float
    citations: int | None


class Page(NamedTuple):
    """Hits in order: the number of all hits, and those of the page, which are read one after another."""

    total: int
    found: Iterator[Found]


class Size(NamedTuple):
    """The size of an archive as its reader sees it.

    Attributes:
        cables, paragraphs: the numbers of those that the reader may see.
        words: the number of words in the text of these paragraphs.
        first, last: the oldest and the newest date of these cables; None if no cable has a date.
        stored: the bytes that the whole archive takes; None unless the reader's clearance is full.
        unfilled: the fields of which some cables lack values until `reindex`; None unless the clearance is full.
    """

    cables: int
    paragraphs: int
    words: int
    first: int | None
    last: int | None
    stored: int | None
    unfilled: tuple[str, ...] | None


class Spread(NamedTuple):
    """How units are spread over time.

    Attributes:
        units, cables: the number of all units, and that of the cables to which they belong.
        undated: the number of units without a date.
        first, last: the earliest and the latest date; 0 if no unit has a date.
        at_first, at_last: the numbers of units with exactly these dates.
    """

    units: int
    cables: int
    undated: int
    first: int
    last: int
    at_first: int
    at_last: int


class Spelling(NamedTuple):
    """One spelling of a name: its text, and the number of units that have it."""

    text: str
    units: int


class Grouped(NamedTuple):
    """Spellings that count as one name.

    Attributes:
        spellings: the spellings, in no order.
        units: the number of units that have any of them.
        first, last: the oldest and the newest date of these units; None if none has a date.
    """

    spellings: tuple[Spelling, ...]
    units: int
    first: int | None
    last: int | None


class Defined(NamedTuple):
    """Values of a keyword field that have the same key.

    Attributes:
        paragraphs: the number of paragraphs that have any of them.
        values: the values, each with the number of paragraphs that have it.
        first: the earliest date of these paragraphs; None if none has a date, or if dates were not asked for.
    """

    paragraphs: int
    values: Counter[str]
    first: int | None = None


class Sample(NamedTuple):
    """A sample of paragraphs.

    Attributes:
        texts: their texts, each cut to `LONGEST_TEXT` code points.
        total: the number of paragraphs from which they were taken.
    """

    texts: list[str]
    total: int


LONGEST_TEXT = 10_000
"""The most code points that are read of a sampled paragraph."""


class CableHead(NamedTuple):
    """The parts of a cable that are visible with any part of it, and the subject, if it is visible; the date is UTC."""

    id: str
    date: dt.datetime | None
    origin: str
    subject: str | None
    classification: Classification
