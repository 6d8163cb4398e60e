"""Writing the postings of a field, stretch by stretch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cablesearch.engine import bm25
from cablesearch.engine.disk.arrays import ArraySink
from cablesearch.engine.kernels import Ints, offsets, pack_bits, small
from cablesearch.engine.segment import postings
from cablesearch.engine.segment.postings import Occurrences, best_places, bit_words, containers, dense

__all__ = ["PostingsWriter"]


class PostingsWriter:
    """Writes a field's postings, some terms at a time.

    Args:
        writer: where to.
        name: of the field.
        sizes: the number of postings of each term, int64.
        occurrences: the number of positions of all.
        norms: the lengths of the segment's documents as the score knows them, uint8.
        longest: no position reaches this.
    """

    def __init__(
        self,
        writer: ArraySink,
        name: str,
        sizes: Ints,
        occurrences: int,
        norms: NDArray[np.uint8],
        longest: int,
    ) -> None:
        self._writer, self._name, self._sizes = writer, name, sizes
        self._norms = norms
        average = bm25.LENGTHS[norms[norms > 0]].mean() if norms.any() else 1.0
        self._bound_of = bm25.bounds(int(average * 1000))
        self._champions: list[Ints] = []
        self._with_champions: list[int] = []
        self._containers = containers(len(norms))
        self._first = offsets(sizes)
        self._position_sizes = np.zeros(len(sizes), np.int64)
        self._large: list[tuple[Ints, Ints]] = []
        total = int(self._first[-1])
        writer.allocate(f"{name}.docs", "u2", total)
        writer.allocate(f"{name}.counts", "u1", total)
        writer.allocate(f"{name}.positions", "u2" if longest <= 1 << 16 else "u4", occurrences)
        writer.allocate(f"{name}.marks", "u4" if occurrences < 1 << 32 else "u8", -(-total // postings.GROUP))
        self._written = 0
        many = dense(sizes, len(norms))
        writer.add(f"{name}.dense", np.flatnonzero(many).astype(np.uint32))
        writer.allocate(f"{name}.bits", "u8", int(np.count_nonzero(many)) * bit_words(len(norms)))
        writer.allocate(f"{name}.bounds", "u1", int(np.count_nonzero(many)) * bit_words(len(norms)))
        writer.add(f"{name}.bounded_for", np.array([int(average * 1000)], np.uint32))
        if self._containers > 1:
            frequent = sizes >= postings.FREQUENT
            few = offsets(np.where(frequent, 0, sizes))
            writer.add(f"{name}.high_first", small(few))
            writer.allocate(f"{name}.high", "u2", int(few[-1]))
            writer.add(f"{name}.frequent", np.flatnonzero(frequent).astype(np.uint32))
            writer.allocate(f"{name}.containers", "u4", int(np.count_nonzero(frequent)) * (self._containers + 1))

    def append(self, start: int, end: int, found: Occurrences) -> None:
        """Write the postings of the terms from ``start`` to ``end``, which come next."""
        name, sizes = self._name, self._sizes[start:end]
        self._writer.append(f"{name}.docs", (found.docs & (1 << postings.LOW_BITS) - 1).astype(np.uint16))
        large = np.flatnonzero(found.counts >= postings.MOST_COUNT)
        self._large.append((large + self._first[start], found.counts[large]))
        self._writer.append(f"{name}.counts", np.minimum(found.counts, postings.MOST_COUNT).astype(np.uint8))
        self._writer.append(f"{name}.positions", found.positions)
        self._choose(start, sizes, found)
        places = offsets(found.counts)
        self._position_sizes[start:end] = np.diff(places[offsets(sizes)])
        first = int(self._first[start])
        self._writer.append(
            f"{name}.marks", places[-first % postings.GROUP : len(found.counts) : postings.GROUP] + self._written
        )
        self._written += int(places[-1])
        for own in self._each(sizes, dense(sizes, len(self._norms))):
            docs = found.docs[own]
            having = np.zeros(len(self._norms), bool)
            having[docs] = True
            self._writer.append(f"{name}.bits", pack_bits(having))
            most = self._bound_of[np.minimum(found.counts[own], postings.MOST_COUNT) << 8 | self._norms[docs]]
            bounds = np.zeros(bit_words(len(self._norms)), np.uint8)
            words = docs >> 6
            starts = np.flatnonzero(np.append(True, words[1:] != words[:-1]))
            bounds[words[starts]] = np.maximum.reduceat(most, starts)
            self._writer.append(f"{name}.bounds", bounds)
        if self._containers > 1:
            frequent = sizes >= postings.FREQUENT
            often = np.repeat(frequent, sizes)
            high = found.docs >> postings.LOW_BITS
            self._writer.append(f"{name}.high", high[~often].astype(np.uint16))
            rows = int(np.count_nonzero(frequent))
            row = np.repeat(np.arange(rows), sizes[frequent])
            filled = np.bincount(row * self._containers + high[often], minlength=rows * self._containers)
            starts = np.zeros((rows, self._containers + 1), np.uint32)
            np.cumsum(filled.reshape(rows, self._containers), axis=1, out=starts[:, 1:])
            self._writer.append(f"{name}.containers", starts.ravel())

    @staticmethod
    def _each(sizes: Ints, which: NDArray[np.bool_]) -> Iterator[slice]:
        """Where the postings of some of the terms of these sizes are."""
        ends = offsets(sizes)
        for term in np.flatnonzero(which).tolist():
            yield slice(int(ends[term]), int(ends[term + 1]))

    def _choose(self, start: int, sizes: Ints, found: Occurrences) -> None:
        """Find the champions."""
        chosen_terms = sizes >= postings.CHAMPIONS_FROM
        self._with_champions += (np.flatnonzero(chosen_terms) + start).tolist()
        for own in self._each(sizes, chosen_terms):
            self._champions.append(
                best_places(np.minimum(found.counts[own], postings.MOST_COUNT), self._norms[found.docs[own]])
            )

    def close(self) -> None:
        """Write what is known at the end only."""
        chosen = offsets(np.array([len(places) for places in self._champions], np.int64))
        self._writer.add(f"{self._name}.champions", small(np.concatenate([np.empty(0, np.int64), *self._champions])))
        self._writer.add(f"{self._name}.champions_first", small(chosen))
        self._writer.add(f"{self._name}.with_champions", np.array(self._with_champions, np.uint32))
        self._writer.add(f"{self._name}.first", small(self._first))
        self._writer.add(f"{self._name}.position_first", small(offsets(self._position_sizes)))
        at, counts = (
            (np.concatenate([np.empty(0, np.int64), *parts]) for parts in zip(*self._large, strict=True))
            if (self._large)
            else (np.empty(0, np.int64), np.empty(0, np.int64))
        )
        self._writer.add(f"{self._name}.large_at", small(at))
        self._writer.add(f"{self._name}.large_counts", small(counts))
