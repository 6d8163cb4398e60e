"""The visible documents of a view, numbered as Whoosh numbers the documents of an index."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cablesearch.algorithms.kernels import ranges
from cablesearch.engine.search.view import View
from cablesearch.engine.segment.order import arrange, block_order
from cablesearch.protocols.fields import order_field

__all__ = ["NOTHING", "Documents", "Having", "spread"]

Ints = NDArray[np.int64]


class Having(NamedTuple):
    """Documents in ascending order, and a number for each (such as the frequency of a term in it); both int64."""

    docs: Ints
    counts: Ints


NOTHING = Having(np.empty(0, np.int64), np.empty(0, np.int64))


def spread(view: View, number: int, field: str, having: Having, combine: np.ufunc = np.add) -> Having:
    """Return the visible members of a segment to which the values of some of its documents belong.

    For most fields those are the visible documents among them. A field of the block belongs to every visible member of
    a block, if the lead that has the value is visible; the values of a block's leads are combined.

    Args:
        view: what is visible.
        number: the number of the segment.
        field: the field of the values.
        having: documents of the segment (numbered as there) with their values.
        combine: combines the values of a block's leads into one.
    """
    docs, counts = having
    members = view.members[number]
    if not view.is_of_block(field):
        seen = members[docs]
        return Having(docs[seen], counts[seen])
    segment = view.segments[number]
    seen = view.leads[number][docs]
    blocks, counts = segment.block_of[docs[seen]], counts[seen]
    if not len(blocks):
        return NOTHING
    starts = np.flatnonzero(np.append(True, np.diff(blocks) > 0))
    blocks, counts = blocks[starts], combine.reduceat(counts, starts)
    sizes = segment.first[blocks + 1] - segment.first[blocks]
    docs = ranges(segment.first[blocks], sizes)
    seen = members[docs]
    return Having(docs[seen], np.repeat(counts, sizes)[seen])


class Documents:
    """The visible members of a view, numbered from 0 without gaps.

    They are in the order of their blocks (`cablesearch.engine.segment.order`), so that neither the numbers nor their
    order depend on hidden documents, or on how documents are divided among segments. Segments made before blocks had an
    order come first.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self._bases: list[int] = view.snapshot.bases.tolist()

    @cached_property
    def docs(self) -> Ints:
        """The number in the snapshot of each document."""
        view, field = self._view, order_field(self._view.schema)
        docs = [
            np.flatnonzero(members) + base for members, base in zip(view.members, view.snapshot.bases, strict=False)
        ]
        ordered = [number for number, segment in enumerate(view.segments) if segment.is_ordered_by(field)]
        others = [part for number, part in enumerate(docs) if number not in ordered]
        numbers, keys, sizes = [NOTHING.docs], [], [NOTHING.docs]
        for number in ordered:
            segment = view.segments[number]
            blocks, counts = np.unique(segment.block_of[view.members[number]], return_counts=True)
            numbers.append(segment.block_numbers[blocks])
            keys += [segment.keys[block] for block in blocks.tolist()] if len(ordered) > 1 else []
            sizes.append(counts)
        own = np.concatenate([NOTHING.docs, *(docs[number] for number in ordered)])
        if len(ordered) > 1:
            own, _ = arrange(own, np.concatenate(sizes), block_order(np.concatenate(numbers), keys))
        return np.concatenate([*others, own])

    @cached_property
    def _numbers(self) -> Ints:
        """The number of each document of the snapshot, -1 for those that are not visible."""
        numbers = np.full(self._bases[-1], -1)
        numbers[self.docs] = np.arange(len(self.docs))
        return numbers

    def __len__(self) -> int:
        return self._view.member_count

    def find(self, docnum: int) -> tuple[int, int] | None:
        """Return the segment of a document and its number there; None if there is no such document."""
        if not 0 <= docnum < len(self):
            return None
        doc = int(self.docs[docnum])
        number = int(np.searchsorted(self._view.snapshot.bases, doc, "right")) - 1
        return number, doc - self._bases[number]

    def gather(self, parts: list[Having]) -> Having:
        """Join the documents of all segments, numbered as here; ``parts`` has those of each segment, numbered as there.

        Raises:
            ValueError: a document occurs twice, which happens only in a damaged segment; Whoosh's matchers would fail.
        """
        docs = [self._numbers[part.docs + base] for part, base in zip(parts, self._bases, strict=False)]
        if not docs:
            return NOTHING
        numbers, counts = np.concatenate(docs), np.concatenate([part.counts for part in parts])
        order = np.argsort(numbers)
        numbers = numbers[order]
        if (numbers[1:] == numbers[:-1]).any():
            raise ValueError("a document occurs twice")
        return Having(numbers, counts[order])
