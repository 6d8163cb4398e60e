"""Write the postings of a field, stretch by stretch (see `cablesearch.engine.segment.postings`)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cablesearch.algorithms import bm25
from cablesearch.algorithms.kernels import Ints, offsets, pack_bits, small
from cablesearch.engine.disk.arrays import ArraySink
from cablesearch.engine.segment import postings
from cablesearch.engine.segment.postings import MOST_COUNT, Occurrences, bit_words, containers, dense

__all__ = ["PostingsWriter", "best_places"]


class PostingsWriter:
    """Write a field's postings, some terms at a time.

    Terms with 1,024 postings get champions; those in a sixteenth of the documents also bits and bounds. In a segment of
    several containers, terms with 128 postings get rows of containers and all others high bits.

    Args:
        writer: the destination.
        name: the name of the field.
        sizes: the number of postings of each term, int64.
        occurrences: the number of positions of all terms.
        norms: the lengths of the segment's documents as bytes, uint8.
        longest: a number above all positions.
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
        is_dense = dense(sizes, len(norms))
        writer.add(f"{name}.dense", np.flatnonzero(is_dense).astype(np.uint32))
        writer.allocate(f"{name}.bits", "u8", int(np.count_nonzero(is_dense)) * bit_words(len(norms)))
        writer.allocate(f"{name}.bounds", "u1", int(np.count_nonzero(is_dense)) * bit_words(len(norms)))
        writer.add(f"{name}.bounded_for", np.array([int(average * 1000)], np.uint32))
        if self._containers > 1:
            frequent = sizes >= postings.FREQUENT
            high_first = offsets(np.where(frequent, 0, sizes))
            writer.add(f"{name}.high_first", small(high_first))
            writer.allocate(f"{name}.high", "u2", int(high_first[-1]))
            writer.add(f"{name}.frequent", np.flatnonzero(frequent).astype(np.uint32))
            writer.allocate(f"{name}.containers", "u4", int(np.count_nonzero(frequent)) * (self._containers + 1))

    def append(self, start: int, end: int, occurrences: Occurrences) -> None:
        """Write the postings of the next terms, from ``start`` to ``end``."""
        name, sizes = self._name, self._sizes[start:end]
        self._writer.append(f"{name}.docs", (occurrences.docs & (1 << postings.LOW_BITS) - 1).astype(np.uint16))
        large = np.flatnonzero(occurrences.counts >= postings.MOST_COUNT)
        self._large.append((large + self._first[start], occurrences.counts[large]))
        self._writer.append(f"{name}.counts", np.minimum(occurrences.counts, postings.MOST_COUNT).astype(np.uint8))
        self._writer.append(f"{name}.positions", occurrences.positions)
        self._append_champions(start, sizes, occurrences)
        places = offsets(occurrences.counts)
        self._position_sizes[start:end] = np.diff(places[offsets(sizes)])
        # The first posting here whose number in the whole field is a multiple of 64 has the first mark.
        first = int(self._first[start])
        self._writer.append(
            f"{name}.marks", places[-first % postings.GROUP : len(occurrences.counts) : postings.GROUP] + self._written
        )
        self._written += int(places[-1])
        self._append_bits(sizes, occurrences)
        if self._containers > 1:
            self._append_containers(sizes, occurrences)

    def _append_bits(self, sizes: Ints, occurrences: Occurrences) -> None:
        """Write the bitmaps of dense terms, and the highest bound of their frequencies in each 64 documents."""
        for own in self._each(sizes, dense(sizes, len(self._norms))):
            docs = occurrences.docs[own]
            having = np.zeros(len(self._norms), bool)
            having[docs] = True
            self._writer.append(f"{self._name}.bits", pack_bits(having))
            most = self._bound_of[np.minimum(occurrences.counts[own], postings.MOST_COUNT) << 8 | self._norms[docs]]
            bounds = np.zeros(bit_words(len(self._norms)), np.uint8)
            words = docs >> 6
            starts = np.flatnonzero(np.append(True, words[1:] != words[:-1]))
            bounds[words[starts]] = np.maximum.reduceat(most, starts)
            self._writer.append(f"{self._name}.bounds", bounds)

    def _append_containers(self, sizes: Ints, occurrences: Occurrences) -> None:
        """Write the high bits of rare terms, and for each frequent term where its postings in each container begin.

        A frequent term whose documents have the high bits [0, 0, 2] gets the row [0, 2, 2, 3].
        """
        frequent = sizes >= postings.FREQUENT
        in_frequent = np.repeat(frequent, sizes)
        high = occurrences.docs >> postings.LOW_BITS
        self._writer.append(f"{self._name}.high", high[~in_frequent].astype(np.uint16))
        rows = int(np.count_nonzero(frequent))
        row = np.repeat(np.arange(rows), sizes[frequent])
        filled = np.bincount(row * self._containers + high[in_frequent], minlength=rows * self._containers)
        starts = np.zeros((rows, self._containers + 1), np.uint32)
        np.cumsum(filled.reshape(rows, self._containers), axis=1, out=starts[:, 1:])
        self._writer.append(f"{self._name}.containers", starts.ravel())

    @staticmethod
    def _each(sizes: Ints, which: NDArray[np.bool_]) -> Iterator[slice]:
        """Yield where the postings of each chosen term are, given the number of postings of all terms."""
        ends = offsets(sizes)
        for term in np.flatnonzero(which).tolist():
            yield slice(int(ends[term]), int(ends[term + 1]))

    def _append_champions(self, start: int, sizes: Ints, occurrences: Occurrences) -> None:
        """Choose the champions, which `close` writes."""
        chosen_terms = sizes >= postings.CHAMPIONS_FROM
        self._with_champions += (np.flatnonzero(chosen_terms) + start).tolist()
        for own in self._each(sizes, chosen_terms):
            counts = np.minimum(occurrences.counts[own], postings.MOST_COUNT)
            self._champions.append(best_places(counts, self._norms[occurrences.docs[own]]))

    def close(self) -> None:
        """Write the arrays that are complete only at the end."""
        chosen = offsets(np.array([len(places) for places in self._champions], np.int64))
        self._writer.add(f"{self._name}.champions", small(np.concatenate([np.empty(0, np.int64), *self._champions])))
        self._writer.add(f"{self._name}.champions_first", small(chosen))
        self._writer.add(f"{self._name}.with_champions", np.array(self._with_champions, np.uint32))
        self._writer.add(f"{self._name}.first", small(self._first))
        self._writer.add(f"{self._name}.position_first", small(offsets(self._position_sizes)))
        at, counts = (
            (np.concatenate([np.empty(0, np.int64), *parts]) for parts in zip(*self._large, strict=True))
            if self._large
            else (np.empty(0, np.int64), np.empty(0, np.int64))
        )
        self._writer.add(f"{self._name}.large_at", small(at))
        self._writer.add(f"{self._name}.large_counts", small(counts))


def best_places(counts: Ints, norms: NDArray[np.uint8]) -> Ints:
    """Return the champions of a term: the postings that can be among the `CHAMPIONS` best for any average length.

    A posting beats another when its frequency is at least as high in a document at most as long; of equal postings the
    earlier one does. Champions are beaten by fewer than `CHAMPIONS` others.

    >>> counts = np.repeat([3, 2], [postings.CHAMPIONS, 9])  # 64 postings beat the last 9, where documents are as long.
    >>> len(best_places(counts, np.full(len(counts), 7, np.uint8)))
    64
    >>> norms = np.array([7] * postings.CHAMPIONS + [6] + [8] * 8, np.uint8)  # Nothing beats that in the shorter one.
    >>> best_places(counts, norms)[-1].item()
    64

    Args:
        counts: the frequencies, at most 255, int64.
        norms: the lengths of the documents as bytes.

    Returns:
        The places of the champions among the postings, increasing.
    """
    # A table of frequency x length: the number of postings in each cell, then in all cells that are as good or better.
    cells = counts << 8 | norms
    filled = np.bincount(cells, minlength=int(counts.max()) + 1 << 8).reshape(-1, 256)
    as_good = np.cumsum(np.cumsum(filled[::-1], axis=0)[::-1], axis=1).ravel()
    better = as_good - filled.ravel()
    places = np.flatnonzero(better[cells] < postings.CHAMPIONS)
    cell = cells[places]
    order = np.argsort(cell, kind="stable")
    ordered = cell[order]
    # The number of earlier postings in the same cell.
    before = np.arange(len(order)) - np.searchsorted(ordered, ordered)
    chosen = places[order[better[ordered] + before < postings.CHAMPIONS]]
    # The true frequencies of postings in the last row are not known here, so all of them are kept.
    return np.union1d(chosen, np.flatnonzero(counts >= MOST_COUNT))
