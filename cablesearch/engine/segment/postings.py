"""How the postings of a text field lie in a segment.

The documents of a term are kept by the low 16 bits of their numbers. In a segment of more than 65,536 documents the
others are kept apart: for a term of few documents one value a posting, for a frequent one a row that says where the
documents of each 65,536 begin.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cablesearch.engine.disk.arrays import CHUNK_BITS, Arrays, Touch, untouched
from cablesearch.engine.kernels import Ints, ranges, unpack_bits
from cablesearch.errors import CorruptIndexError

__all__ = [
    "CHAMPIONS_FROM",
    "FREQUENT",
    "GROUP",
    "LOW_BITS",
    "MOST_COUNT",
    "Occurrences",
    "PostingsReader",
    "best_places",
    "bit_words",
    "containers",
    "dense",
    "shape",
]


LOW_BITS = 16
FREQUENT = 128
CHAMPIONS = 64
CHAMPIONS_FROM = 1024
DENSE = 16
GROUP = 64
_AT_ONCE = 1 << 16
MOST_COUNT = 255


class Occurrences(NamedTuple):
    """Postings of neighbouring terms, end to end: documents (rising within a term), frequencies, and the positions,
    as many as the frequencies say."""

    docs: Ints
    counts: Ints
    positions: NDArray[Any]


def dense(sizes: Ints, docs: int) -> NDArray[np.bool_]:
    """Which terms also have a bit for every document."""
    many: NDArray[np.bool_] = (sizes >= CHAMPIONS_FROM) & (sizes * DENSE >= docs)
    return many


def bit_words(docs: int) -> int:
    """How many words of 64 bits have a bit for each document."""
    return -(-docs // 64)


def containers(docs: int) -> int:
    return -(-docs >> LOW_BITS)


def shape(total: int, docs: int) -> tuple[int, int, int]:
    """How many marks so many postings have, and how many words of bits and how many containers so many documents."""
    return -(-total // GROUP), bit_words(docs), containers(docs)


def best_places(counts: Ints, norms: NDArray[np.uint8]) -> Ints:
    """The champions of a term's postings, given their frequencies (255 for more) and the lengths of their documents:
    the places (rising) of those that fewer than `CHAMPIONS` others beat, by being as frequent in a document as short,
    or equal and before."""
    cells = counts << 8 | norms
    filled = np.bincount(cells, minlength=int(counts.max()) + 1 << 8).reshape(-1, 256)
    as_good = np.cumsum(np.cumsum(filled[::-1], axis=0)[::-1], axis=1).ravel()
    better = as_good - filled.ravel()
    places = np.flatnonzero(better[cells] < CHAMPIONS)
    cell = cells[places]
    order = np.argsort(cell, kind="stable")
    ordered = cell[order]
    # How many of the same cell stand before.
    before = np.arange(len(order)) - np.searchsorted(ordered, ordered)
    chosen = places[order[better[ordered] + before < CHAMPIONS]]
    # Of those in the last row the frequencies are not known here.
    return np.union1d(chosen, np.flatnonzero(counts >= MOST_COUNT))


def _stretch(firsts: NDArray[Any], terms: Ints, sizes: Ints) -> slice | Ints:
    """Where the values of some terms (rising) are, given where those of each begin and how many each has."""
    if not len(terms):
        return slice(0)
    if terms[-1] - terms[0] == len(terms) - 1:
        return slice(int(firsts[terms[0]]), int(firsts[terms[-1] + 1]))
    return ranges(firsts[terms].astype(np.int64), sizes)


def _places(own: NDArray[Any], wanted: NDArray[Any]) -> Ints:
    """The place of each of some numbers among others (both rising), -1 for those that are not there."""
    if not len(own):
        return np.full(len(wanted), -1)
    places = np.searchsorted(own, wanted)
    places[places == len(own)] = 0
    places[own[places] != wanted] = -1
    return places


def _touch(touch: Touch, own: slice | Ints) -> None:
    """Check the values that are read of an array: those of a slice, or at some places (rising)."""
    if isinstance(own, slice):
        touch(int(own.start or 0), int(own.stop))
    elif touch is not untouched:
        # Stretches apart are not to have everything between them read.
        gaps = np.flatnonzero(np.diff(own) > 1 << CHUNK_BITS)
        for first, last in zip(np.append(0, gaps + 1).tolist(), np.append(gaps, len(own) - 1).tolist(), strict=True):
            if len(own):
                touch(int(own[first]), int(own[last]) + 1)


class PostingsReader:
    """A field's postings, by the numbers of its terms."""

    def __init__(self, arrays: Arrays, name: str, docs: int) -> None:
        self._docs, self._touch_docs = arrays.sliced(f"{name}.docs")
        self._first = arrays.starts(f"{name}.first", len(self._docs))
        self._counts, self._touch_counts = arrays.sliced(f"{name}.counts")
        self._positions, self._touch_positions = arrays.sliced(f"{name}.positions")
        self._position_first = arrays.starts(f"{name}.position_first", len(self._positions))
        self._large_at, self._large_counts = arrays[f"{name}.large_at"], arrays[f"{name}.large_counts"]
        if int(self._large_counts.sum(dtype=np.int64)) > len(self._positions):
            raise CorruptIndexError(arrays.path, f"{name}.large_counts are more than there are positions")
        self._marks, self._touch_marks = arrays.sliced(f"{name}.marks")
        self._dense = {term: row for row, term in enumerate(arrays[f"{name}.dense"].tolist())}
        self._words = bit_words(docs)
        self._bits, self._touch_bits = arrays.sliced(f"{name}.bits")
        self._bounds, self._touch_bounds = arrays.sliced(f"{name}.bounds")
        self.bounded_for = int(arrays[f"{name}.bounded_for"][0]) / 1000
        if not self.bounded_for:
            raise CorruptIndexError(arrays.path, f"{name}.bounded_for is 0")
        self._champions = arrays[f"{name}.champions"]
        self._champions_first = arrays.starts(f"{name}.champions_first", len(self._champions))
        self._with_champions = arrays[f"{name}.with_champions"]
        self._containers = containers(docs)
        if self._containers > 1:
            self._high, self._touch_high = arrays.sliced(f"{name}.high")
            self._high_first = arrays.starts(f"{name}.high_first", len(self._high))
            self._frequent = arrays[f"{name}.frequent"]
            self._rows = arrays[f"{name}.containers"].reshape(-1, self._containers + 1)

    @property
    def first(self) -> NDArray[Any]:
        """Where the postings of each term begin; one more closes the last."""
        return self._first

    @property
    def has_large(self) -> bool:
        """Whether any frequency is beyond what one byte holds."""
        return len(self._large_at) > 0

    @property
    def occurrences(self) -> int:
        """The number of positions."""
        return len(self._positions)

    def size(self, term: int) -> int:
        """The number of documents that have a term."""
        return int(self._first[term + 1]) - int(self._first[term])

    def sizes(self, terms: Ints) -> Ints:
        """The number of documents that have each of some terms."""
        sizes: Ints = self._first[terms + 1].astype(np.int64) - self._first[terms]
        return sizes

    def mark(self, terms: Ints, found: NDArray[np.bool_]) -> None:
        """Mark the documents that have any of some terms (rising)."""
        sizes = self.sizes(terms)
        many = np.flatnonzero(sizes >= FREQUENT)
        for term in terms[many].tolist():
            bits = self.bits(term)
            if bits is None:
                found[self.docs(term)] = True
            else:
                found |= unpack_bits(bits)[: len(found)]
        few = np.flatnonzero(sizes < FREQUENT)
        for start in range(0, len(few), _AT_ONCE):
            some = few[start : start + _AT_ONCE]
            own = _stretch(self._first, terms[some], sizes[some])
            _touch(self._touch_docs, own)
            docs = self._docs[own].astype(np.int64)
            if self._containers > 1:
                own = _stretch(self._high_first, terms[some], sizes[some])
                _touch(self._touch_high, own)
                docs += self._high[own].astype(np.int64) << LOW_BITS
            found[docs] = True

    def docs(self, term: int) -> Ints:
        """The documents that have a term, rising."""
        start, end = int(self._first[term]), int(self._first[term + 1])
        self._touch_docs(start, end)
        low = self._docs[start:end].astype(np.int64)
        if self._containers > 1:
            if end - start < FREQUENT:
                at = int(self._high_first[term])
                self._touch_high(at, at + end - start)
                low += self._high[at : at + end - start].astype(np.int64) << LOW_BITS
            else:
                row = self._rows[int(np.searchsorted(self._frequent, np.uint32(term)))].tolist()
                for number in range(1, self._containers):
                    low[row[number] : row[number + 1]] += number << LOW_BITS
        return low

    def counts(self, term: int) -> Ints:
        """How often a term stands in each of its documents."""
        start, end = int(self._first[term]), int(self._first[term + 1])
        self._touch_counts(start, end)
        counts = self._counts[start:end].astype(np.int64)
        if len(self._large_at):
            first, last = np.searchsorted(self._large_at, [start, end]).tolist()
            counts[self._large_at[first:last].astype(np.int64) - start] = self._large_counts[first:last]
        return counts

    def positions(self, term: int) -> NDArray[Any]:
        """The positions of a term in its documents, document by document."""
        start, end = int(self._position_first[term]), int(self._position_first[term + 1])
        self._touch_positions(start, end)
        return self._positions[start:end]

    def between(self, start: int, end: int) -> Occurrences:
        """Everything of the terms from ``start`` to ``end``."""
        return self._read(np.arange(start, end), lambda firsts, sizes: slice(int(firsts[start]), int(firsts[end])))

    def some(self, terms: Ints) -> Occurrences:
        """Everything of some terms, one after the other."""
        if not len(terms):
            return self.between(0, 0)
        if len(terms) == 1 or np.all(np.diff(terms) == 1):
            return self.between(int(terms[0]), int(terms[-1]) + 1)
        return self._read(terms, lambda firsts, sizes: ranges(firsts[terms].astype(np.int64), sizes))

    def _read(self, terms: Ints, where: Callable[[NDArray[Any], Ints], slice | Ints]) -> Occurrences:
        """Everything of some terms; ``where`` says which values of an array are theirs, given where those of each term
        begin and how many each of ``terms`` has."""
        sizes = self._first[terms + 1].astype(np.int64) - self._first[terms]
        own = where(self._first, sizes)
        _touch(self._touch_docs, own)
        _touch(self._touch_counts, own)
        docs = self._docs[own].astype(np.int64)
        if self._containers > 1:
            frequent = sizes >= FREQUENT
            often = np.repeat(frequent, sizes)
            few = where(self._high_first, np.where(frequent, 0, sizes))
            _touch(self._touch_high, few)
            docs[~often] += self._high[few].astype(np.int64) << LOW_BITS
            rows = self._rows[np.searchsorted(self._frequent, terms[frequent].astype(np.uint32))]
            high = np.tile(np.arange(self._containers) << LOW_BITS, len(rows))
            shares = (rows[:, 1:] - rows[:, :-1]).ravel()
            if int(shares.sum(dtype=np.int64)) != np.count_nonzero(often):
                raise ValueError("containers do not hold all postings")
            docs[often] += np.repeat(high, shares)
        counts = self._counts[own].astype(np.int64)
        if len(self._large_at) and (counts == MOST_COUNT).any():
            at = np.arange(own.start, own.stop) if isinstance(own, slice) else own
            large = np.flatnonzero(counts == MOST_COUNT)
            counts[large] = self._large_counts[np.searchsorted(self._large_at, at[large])]
        at_positions = where(self._position_first, self.position_sizes(terms))
        _touch(self._touch_positions, at_positions)
        positions = self._positions[at_positions]
        if int(counts.sum()) != len(positions):
            raise ValueError("frequencies and positions do not agree")
        return Occurrences(docs, counts, positions)

    def find(self, term: int, docs: Ints) -> Ints:
        """The place among a term's postings of each of some documents (rising); -1 for those that lack the term."""
        start, end = int(self._first[term]), int(self._first[term + 1])
        self._touch_docs(start, end)
        if self._containers <= 1:
            return _places(self._docs[start:end], docs.astype(np.uint16))
        if end - start < FREQUENT:
            return _places(self.docs(term), docs)
        row = self._rows[int(np.searchsorted(self._frequent, np.uint32(term)))].tolist()
        cuts = np.searchsorted(docs, np.arange(self._containers + 1) << LOW_BITS).tolist()
        low = (docs & (1 << LOW_BITS) - 1).astype(np.uint16)
        found = np.full(len(docs), -1)
        for number, (first, last) in enumerate(pairwise(cuts)):
            if first < last and row[number] < row[number + 1]:
                own = self._docs[start + row[number] : start + row[number + 1]]
                places = _places(own, low[first:last])
                places[places >= 0] += row[number]
                found[first:last] = places
        return found

    def bits(self, term: int) -> NDArray[np.uint64] | None:
        """A bit for every document (the lowest of each word first), when the term has so many that it is stored."""
        row = self._dense.get(term)
        if row is None:
            return None
        start, end = row * self._words, (row + 1) * self._words
        self._touch_bits(start, end)
        return self._bits[start:end]

    def bounds(self, term: int) -> NDArray[np.uint8] | None:
        """For each 64 documents what no frequency of the term exceeds there (see `bm25.bounds`), for the average
        length `bounded_for`; None when the term has no `bits`."""
        row = self._dense.get(term)
        if row is None:
            return None
        start, end = row * self._words, (row + 1) * self._words
        self._touch_bounds(start, end)
        return self._bounds[start:end]

    @property
    def all_positions(self) -> NDArray[Any]:
        """The positions of all terms; to be read where `stretches_at` says."""
        return self._positions

    def stretches_at(self, term: int, places: Ints) -> tuple[Ints, Ints]:
        """Where the positions at some places (rising) among a term's postings begin, and how many each has."""
        first = int(self._first[term])
        self._touch_term(term)
        if self.has_large or len(places) * GROUP // 2 > self.size(term):
            counts = self.counts(term) if self.has_large else self._counts[first : first + self.size(term)]
            sizes = counts[places].astype(np.int64)
            starts = np.cumsum(counts, dtype=np.int64)[places] - sizes + int(self._position_first[term])
        else:
            at = places + first
            groups = at // GROUP
            fresh = np.append(True, groups[1:] != groups[:-1]) if len(groups) else np.zeros(0, bool)
            within = groups[fresh][:, None] * GROUP + np.arange(GROUP)
            sums = np.cumsum(self._counts[np.minimum(within, len(self._counts) - 1)], axis=1, dtype=np.int64)
            sizes = self._counts[at].astype(np.int64)
            starts = self._marks[groups] + sums[np.cumsum(fresh) - 1, at % GROUP] - sizes
        return starts, sizes

    def _touch_term(self, term: int) -> None:
        """Check what is read of a term's frequencies and positions, by whatever parts."""
        start, end = int(self._first[term]), int(self._first[term + 1])
        self._touch_counts(start // GROUP * GROUP, min(-(-end // GROUP) * GROUP, len(self._counts)))
        self._touch_marks(start // GROUP, -(-end // GROUP))
        self._touch_positions(int(self._position_first[term]), int(self._position_first[term + 1]))

    def container(self, term: int, number: int) -> tuple[Ints, NDArray[Any], NDArray[Any]]:
        """The postings of a term with `bits` in one container: documents, numbered from its first, frequencies and
        positions."""
        start, end = int(self._first[term]), int(self._first[term + 1])
        self._touch_docs(start, end)
        self._touch_term(term)
        if self._containers > 1:
            row = self._rows[int(np.searchsorted(self._frequent, np.uint32(term)))]
            if not row[number] <= row[number + 1] <= end - start:
                raise ValueError("containers do not hold all postings")
            start, end = start + int(row[number]), start + int(row[number + 1])
        if start == end:
            # Behind the last posting there is no mark.
            return np.empty(0, np.int64), self._counts[:0], self._positions[:0]
        counts: NDArray[Any] = self._counts[start:end]
        if self.has_large:
            counts = self.counts_at(term, np.arange(start, end) - int(self._first[term]))
        begin = self._position_at(term, start)
        return self._docs[start:end].astype(np.int64), counts, self._positions[begin : begin + int(counts.sum())]

    def _position_at(self, term: int, posting: int) -> int:
        """Where the positions of a posting begin."""
        group = posting // GROUP
        begin = group * GROUP
        first = int(self._first[term])
        if begin < first:
            begin, at = first, int(self._position_first[term])
        else:
            at = int(self._marks[group])
        return at + int(self.counts_at(term, np.arange(begin, posting) - first).sum())

    def counts_at(self, term: int, places: Ints) -> Ints:
        """The frequencies at some places among a term's postings."""
        at = places + int(self._first[term])
        if len(at):
            self._touch_counts(int(self._first[term]), int(self._first[term + 1]))
        counts = self._counts[at].astype(np.int64)
        large = np.flatnonzero(counts == MOST_COUNT) if len(self._large_at) else ()
        if len(large):
            counts[large] = self._large_counts[np.searchsorted(self._large_at, at[large])]
        return counts

    def docs_at(self, term: int, places: Ints) -> Ints:
        """The documents at some places (rising) among a term's postings."""
        start, size = int(self._first[term]), self.size(term)
        self._touch_docs(start, start + size)
        docs = self._docs[start + places].astype(np.int64)
        if self._containers > 1:
            if size < FREQUENT:
                at = int(self._high_first[term])
                self._touch_high(at, at + size)
                docs += self._high[at + places].astype(np.int64) << LOW_BITS
            else:
                row = self._rows[int(np.searchsorted(self._frequent, np.uint32(term)))]
                docs += np.searchsorted(row, places, "right") - 1 << LOW_BITS
        return docs

    def champions(self, term: int, wanted: int) -> Ints | None:
        """Places of a term's postings (rising) among which the ``wanted`` best are, whatever the average length; None
        when that may be any."""
        if wanted > CHAMPIONS or self.size(term) < CHAMPIONS_FROM:
            return None
        row = int(np.searchsorted(self._with_champions, np.uint32(term)))
        return self._champions[int(self._champions_first[row]) : int(self._champions_first[row + 1])].astype(np.int64)

    def position_sizes(self, terms: Ints) -> Ints:
        """The number of positions of each of some terms."""
        return self._position_first[terms + 1].astype(np.int64) - self._position_first[terms].astype(np.int64)
