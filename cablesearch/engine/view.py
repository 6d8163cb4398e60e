"""A snapshot as one reader sees it: which documents are visible, and the statistics of those alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from whoosh.fields import Schema

from cablesearch.engine import bm25
from cablesearch.engine.index import Snapshot
from cablesearch.engine.segment import Segment

__all__ = ["View", "Visible"]

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

Visible = Callable[[Segment], Bools]
"""Which documents of a segment may be seen, a bool a document; deleted ones do not matter."""

_CACHED_FREQUENCIES = 10_000


def _any(segment: Segment, documents: Bools) -> Bools:
    """The blocks that have any of the documents."""
    found = np.zeros(segment.blocks, bool)
    found[segment.block_of[documents]] = True
    return found


class View:
    """The visible part of a snapshot.

    The first document of a block, or the first few (its *leads*), stand for the block as a whole; the others are its
    *members*. A document is visible by ``visible``, a lead only in a block of which a member is visible, or that has no
    members and whose first lead is visible. Statistics (the number of documents, document frequencies, average lengths)
    are taken over visible members, and for fields of the block over blocks of which anything is visible.
    """

    def __init__(self, snapshot: Snapshot, schema: Schema, visible: Visible | None = None) -> None:
        self.snapshot = snapshot
        self.schema = schema
        self.segments = snapshot.segments
        self.members: list[Bools] = []
        self.leads: list[Bools] = []
        self.blocks: list[Bools] = []
        for segment, live in zip(snapshot.segments, snapshot.live, strict=True):
            seen = live & visible(segment) if visible else live
            members = seen & ~segment.leads
            alone = np.diff(segment.first) == segment.arrays["block.leads"]
            with_member = _any(segment, members)
            shown = with_member | (alone & seen[segment.first[:-1]])
            leads = seen & segment.leads & shown[segment.block_of]
            self.members.append(members)
            self.leads.append(leads)
            self.blocks.append(shown)
        self._frequencies: dict[tuple[str, str], int] = {}
        self._averages: dict[str, float] = {}

    @cached_property
    def member_count(self) -> int:
        """The number of visible members."""
        return sum(int(np.count_nonzero(mask)) for mask in self.members)

    @cached_property
    def block_count(self) -> int:
        """The number of blocks of which anything is visible."""
        return sum(int(np.count_nonzero(mask)) for mask in self.blocks)

    @cached_property
    def block_bases(self) -> Ints:
        """The number of blocks before each segment."""
        return np.append(0, np.cumsum([segment.blocks for segment in self.segments])).astype(np.int64)

    def is_of_block(self, field: str) -> bool:
        """Whether a field belongs to blocks as wholes."""
        return bool(getattr(self.schema[field], "of_block", False))

    def counted(self, field: str) -> list[Bools]:
        """The documents over which a field's statistics are taken, a mask a segment."""
        return self.leads if self.is_of_block(field) else self.members

    def total(self, field: str) -> int:
        """The number of documents, or blocks, over which a field's statistics are taken."""
        return self.block_count if self.is_of_block(field) else self.member_count

    def frequency(self, field: str, term: str) -> int:
        """The number of visible documents that have the term in a text field."""
        key = (field, term)
        count = self._frequencies.get(key)
        if count is None:
            if len(self._frequencies) >= _CACHED_FREQUENCIES:
                self._frequencies.clear()
            count = self._frequencies[key] = sum(
                int(np.count_nonzero(mask[segment.postings(field, number).docs]))
                for segment, mask in zip(self.segments, self.counted(field), strict=True)
                if (number := segment.term(field, term)) is not None
            )
        return count

    def average_length(self, field: str) -> float:
        """The mean length, in words, of a text field over the visible documents that have any."""
        if field not in self._averages:
            words = having = 0
            for segment, mask in zip(self.segments, self.counted(field), strict=True):
                lengths = segment.lengths(field)[mask]
                words += int(lengths.sum(dtype=np.uint64))
                having += int(np.count_nonzero(lengths))
            self._averages[field] = words / having if having else 0.0
        return self._averages[field]

    def word_count(self, field: str) -> int:
        """The number of words of a text field in visible documents."""
        return sum(
            int(segment.lengths(field)[mask].sum(dtype=np.uint64))
            for segment, mask in zip(self.segments, self.counted(field), strict=True)
        )

    def idf(self, field: str, terms: Iterable[str]) -> float:
        """The sum of the terms' inverse document frequencies."""
        total = self.total(field)
        return sum(bm25.idf(total, self.frequency(field, term)) for term in terms)
