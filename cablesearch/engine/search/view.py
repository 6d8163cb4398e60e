"""A snapshot as one reader sees it: the visible documents, and their statistics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, wraps
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from whoosh import query as q
from whoosh.fields import Schema

from cablesearch.algorithms import bm25
from cablesearch.algorithms.kernels import pack_bits
from cablesearch.engine.check.blame import blaming
from cablesearch.engine.index.snapshot import Snapshot
from cablesearch.engine.segment.fitting import fitted
from cablesearch.engine.segment.order import ranks
from cablesearch.engine.segment.segment import Segment
from cablesearch.protocols.fields import is_of_block, kind_of, order_field
from cablesearch.protocols.queries import EXPANSIONS

__all__ = ["View", "Visible", "blamed"]

Reading = TypeVar("Reading", bound=Callable[..., Any])

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

Visible = Callable[[Segment], Bools]
"""Returns which documents of a segment are visible, bool [docs]; the values of deleted documents are ignored."""

_CACHED_FREQUENCIES = 10_000


class Shown:
    """The visible part of a segment, as masks: ``members`` and ``leads`` (bool [docs]), ``blocks`` (bool [blocks])."""

    def __init__(self, segment: Segment, deleted: Bools, visible: Visible | None) -> None:
        self._segment = segment
        self._deleted = deleted if deleted.any() else None
        self._visible = visible(segment) if visible else None
        if self._visible is not None and self._visible.all():
            self._visible = None

    @property
    def everything(self) -> bool:
        """Whether nothing is hidden or deleted."""
        return self._deleted is None and self._visible is None

    @cached_property
    def _seen(self) -> Bools:
        seen = np.ones(self._segment.docs, bool) if self._visible is None else self._visible
        return seen if self._deleted is None else seen & ~self._deleted[self._segment.block_of]

    @cached_property
    def members(self) -> Bools:
        return ~self._segment.leads if self.everything else self._seen & ~self._segment.leads

    @cached_property
    def member_bits(self) -> NDArray[np.uint64]:
        """Return the visible members as a bitmap."""
        return pack_bits(self.members)

    @cached_property
    def blocks(self) -> Bools:
        segment = self._segment
        if self.everything:
            return np.ones(segment.blocks, bool)
        first = segment.first[:-1]
        with_member: Bools = np.logical_or.reduceat(self.members, first) if len(first) else np.zeros(0, bool)
        alone = np.diff(segment.first) == segment.arrays["block.leads"]
        blocks: Bools = with_member | (alone & self._seen[first])
        return blocks

    @cached_property
    def leads(self) -> Bools:
        segment = self._segment
        if self.everything:
            return segment.leads
        return self._seen & segment.leads & self.blocks[segment.block_of]


class View:
    """The visible part of a snapshot.

    The first document or documents of a block, its *leads*, stand for the block as a whole; the others are its
    *members*. ``visible`` decides which documents are visible; a lead is visible only if a member of its block is, or
    if the block has no members and its first lead is visible. Statistics (the number of documents, document
    frequencies, average lengths) cover visible members; those of fields of the block cover visible blocks.
    """

    def __init__(self, snapshot: Snapshot, schema: Schema, visible: Visible | None = None) -> None:
        self.snapshot = snapshot
        self.schema = schema
        self.segments = [fitted(segment, schema) for segment in snapshot.segments]
        self.shown = [
            Shown(segment, deleted, visible) for segment, deleted in zip(self.segments, snapshot.deleted, strict=True)
        ]
        self._frequencies: dict[tuple[str, str], int] = {}
        self._averages: dict[str, float] = {}
        self._breadths: dict[str, int] = {}
        self._tables: dict[str, NDArray[np.float64]] = {}

    @property
    def members(self) -> list[Bools]:
        """Return the visible members of each segment, as masks of documents."""
        return [shown.members for shown in self.shown]

    @property
    def leads(self) -> list[Bools]:
        """Return the visible leads of each segment, as masks of documents."""
        return [shown.leads for shown in self.shown]

    @property
    def blocks(self) -> list[Bools]:
        """Return the visible blocks of each segment, as masks."""
        return [shown.blocks for shown in self.shown]

    def all_counted(self, number: int, field: str) -> bool:
        """Whether all documents of a segment with words in a text field are visible and counted in its statistics."""
        if self.is_of_block(field):
            return False
        return self.shown[number].everything and not self.segments[number].stands_on_leads(field)

    def table(self, field: str) -> NDArray[np.float64]:
        """Return the part of a text field's scores that depends on the document, at ``min(count, 255) << 8 | norm``."""
        if field not in self._tables:
            counts, norms = np.arange(256)[:, np.newaxis], np.arange(256, dtype=np.uint8)
            self._tables[field] = bm25.weights(counts, norms, self.average_length(field)).ravel()
        return self._tables[field]

    @cached_property
    def member_count(self) -> int:
        """Return the number of visible members."""
        return sum(
            segment.members if shown.everything else int(np.count_nonzero(shown.members))
            for segment, shown in zip(self.segments, self.shown, strict=True)
        )

    @cached_property
    def block_count(self) -> int:
        """Return the number of visible blocks."""
        return sum(int(np.count_nonzero(mask)) for mask in self.blocks)

    @cached_property
    def block_bases(self) -> Ints:
        """Return the number of blocks before each segment."""
        return np.append(0, np.cumsum([segment.blocks for segment in self.segments])).astype(np.int64)

    def block_at(self, unit: int) -> tuple[int, int]:
        """Return the segment of a block that is numbered over all segments, and the block's number there."""
        number = int(np.searchsorted(self.block_bases, unit, "right")) - 1
        return number, unit - int(self.block_bases[number])

    def place(self, number: int, block: int) -> tuple[int, int, bytes]:
        """Return a sort key of a block among those of all segments (see `cablesearch.engine.segment.order`).

        Segments of older versions, whose blocks are not sorted, come first, one after the other.
        """
        segment, field = self.segments[number], self._order_field
        if not segment.is_ordered_by(field):
            return -1, number, b""
        rank = int(ranks(segment.column(field)[block : block + 1])[0]) if field else 0
        return 0, rank, segment.keys[block]

    @cached_property
    def _order_field(self) -> str | None:
        return order_field(self.schema)

    def is_of_block(self, field: str) -> bool:
        """Whether a field belongs to blocks as wholes."""
        return is_of_block(self.schema[field])

    def has_keyword(self, field: str, text: str) -> bool:
        """Return whether a visible document or block has a keyword."""
        for segment, shown in zip(self.segments, self.shown, strict=True):
            term = segment.term(field, text)
            if term is not None:
                seen = shown.blocks if segment.is_shared(field) else self._counted(shown, field)
                if seen[segment.having(field, [term])].any():
                    return True
        return False

    def _counted(self, shown: Shown, field: str) -> Bools:
        """Return the documents that a field's statistics cover, as a mask."""
        return shown.leads if self.is_of_block(field) else shown.members

    def total(self, field: str) -> int:
        """Return the number of documents, or blocks, that a field's statistics cover."""
        return self.block_count if self.is_of_block(field) else self.member_count

    def frequency(self, field: str, term: str) -> int:
        """Return the number of visible documents that contain a term in a text field."""
        key = (field, term)
        count = self._frequencies.get(key)
        if count is None:
            if len(self._frequencies) >= _CACHED_FREQUENCIES:
                self._frequencies.clear()
            count = self._frequencies[key] = sum(
                self._frequency(number, field, term) for number in range(len(self.segments))
            )
        return count

    def _frequency(self, number: int, field: str, text: str) -> int:
        segment = self.segments[number]
        term = segment.term(field, text)
        if term is None:
            return 0
        if self.all_counted(number, field):
            return segment.frequency(field, term)
        postings, term = segment.located(field, term)
        bits = None if self.is_of_block(field) else postings.bits(term)
        if bits is not None:
            return int(np.bitwise_count(bits & self.shown[number].member_bits).sum(dtype=np.int64))
        return int(np.count_nonzero(self._counted(self.shown[number], field)[postings.docs(term)]))

    def average_length(self, field: str) -> float:
        """Return the mean length in words of a text field over the visible documents that have any words."""
        if field not in self._averages:
            words, having = (sum(part) for part in zip((0, 0), *self._totals(field), strict=True))
            self._averages[field] = words / having if having else 0.0
        return self._averages[field]

    def _totals(self, field: str) -> Iterator[tuple[int, int]]:
        """Yield for each segment the number of words, and of documents that have any words."""
        for number, segment in enumerate(self.segments):
            if self.all_counted(number, field):
                yield segment.totals(field)
            else:
                lengths = segment.lengths(field)[self._counted(self.shown[number], field)]
                yield int(lengths.sum(dtype=np.uint64)), int(np.count_nonzero(lengths))

    def word_count(self, field: str) -> int:
        """Return the number of words of a text field in visible documents."""
        return sum(words for words, _ in self._totals(field))

    def breadth(self, query: q.Query) -> int:
        """Return how much the patterns and fuzzy words of a query may have to read: the sum of the visible words of
        their text fields, or of the visible members for keyword fields. It depends only on what is visible."""
        return sum(self._breadth(leaf.fieldname) for leaf in query.leaves() if isinstance(leaf, EXPANSIONS))

    def _breadth(self, field: str) -> int:
        if field not in self._breadths:
            is_text = field in self.schema and kind_of(self.schema[field]) == "text"
            self._breadths[field] = self.word_count(field) if is_text else self.member_count
        return self._breadths[field]

    def idf(self, field: str, terms: Iterable[str]) -> float:
        """Return the sum of the terms' inverse document frequencies."""
        total = self.total(field)
        return sum(bm25.idf(total, self.frequency(field, term)) for term in terms)


def blamed(function: Reading) -> Reading:
    """Decorate a function of a view (its first argument): attribute its errors to a damaged segment (see `blaming`).

    NumPy's warnings are suppressed: overflowing values may be hidden from the reader, or come from an odd boost.
    """

    # As a decorator this takes half the time of a `with`.
    quiet = np.errstate(all="ignore")(function)

    @wraps(function)
    def reading(view: View, *args: Any, **kwargs: Any) -> Any:
        with blaming(view.segments):
            return quiet(view, *args, **kwargs)

    return cast(Reading, reading)
