"""How the postings of a text field lie in a segment.

The documents of a term are kept by the low 16 bits of their numbers. In a segment of more than 65,536 documents the
others are kept apart: for a term of few documents one value a posting, for a frequent one a row that says where the
documents of each 65,536 begin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cablesearch.engine import bm25
from cablesearch.engine.disk.arrays import CHUNK_BITS, Arrays, ArrayWriter, Touch, untouched
from cablesearch.errors import CorruptIndexError

__all__ = [
    "Occurrences",
    "PostingsReader",
    "PostingsWriter",
    "best_places",
    "dense",
    "differences",
    "pack_bits",
    "pack_strings",
    "ranges",
    "shape",
    "small",
    "stretches",
    "unpack_bits",
]

Ints = NDArray[np.int64]

LOW_BITS = 16
FREQUENT = 128
CHAMPIONS = 64
CHAMPIONS_FROM = 1024
DENSE = 16
_GROUP = 64
_AT_ONCE = 1 << 16
_MOST = 255


class Occurrences(NamedTuple):
    """Postings of neighbouring terms, end to end: documents (rising within a term), frequencies, and the positions,
    as many as the frequencies say."""

    docs: Ints
    counts: Ints
    positions: NDArray[Any]


def small(values: NDArray[Any]) -> NDArray[Any]:
    """Whole numbers from 0 in the narrowest type that holds them."""
    most = int(values.max()) if len(values) else 0
    return values.astype(np.min_scalar_type(most))


def ranges(starts: Ints, sizes: Ints, most: int | None = None) -> Ints:
    """Stretches of whole numbers, end to end: each from its start, so many.

    Raises:
        ValueError: they are more than ``most`` in all.
    """
    ends = np.cumsum(sizes)
    if most is not None and len(ends) and int(ends[-1]) > most:
        raise ValueError(f"{ends[-1]} values of {most}")
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + sizes, sizes)


def differences(starts: NDArray[Any]) -> Ints:
    """The sizes of the stretches that begin at ``starts``."""
    whole = starts.astype(np.int64)
    return whole[1:] - whole[:-1]


def stretches(sizes: Ints, at_once: int) -> Iterator[tuple[int, int]]:
    """Neighbouring terms whose sizes add up to ``at_once`` at the most, or single ones that are larger."""
    ends = np.cumsum(sizes)
    start = 0
    while start < len(sizes):
        before = int(ends[start - 1]) if start else 0
        end = max(start + 1, int(np.searchsorted(ends, before + at_once, "right")))
        yield start, end
        start = end


def pack_bits(mask: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """A mask as words of 64 bits, the lowest of each first."""
    packed = np.packbits(mask, bitorder="little")
    words = np.zeros(-(-len(mask) // 64), np.uint64)
    words.view(np.uint8)[: len(packed)] = packed
    return words


def unpack_bits(words: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Words of 64 bits as a mask."""
    return np.unpackbits(words.view(np.uint8), bitorder="little").view(bool)


def dense(sizes: Ints, docs: int) -> NDArray[np.bool_]:
    """Which terms also have a bit for every document."""
    many: NDArray[np.bool_] = (sizes >= CHAMPIONS_FROM) & (sizes * DENSE >= docs)
    return many


def _words(docs: int) -> int:
    """How many words of 64 bits have a bit for each document."""
    return -(-docs // 64)


def _containers(docs: int) -> int:
    return -(-docs >> LOW_BITS)


def shape(total: int, docs: int) -> tuple[int, int, int]:
    """How many marks so many postings have, and how many words of bits and how many containers so many documents."""
    return -(-total // _GROUP), _words(docs), _containers(docs)


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
    return np.union1d(chosen, np.flatnonzero(counts >= _MOST))


def _offsets(sizes: NDArray[Any]) -> Ints:
    result = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=result[1:])
    return result


def pack_strings(strings: Sequence[bytes]) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """Strings end to end, and the offset at which each begins; one more offset closes the last."""
    starts = np.zeros(len(strings) + 1, np.uint64)
    np.cumsum(np.fromiter(map(len, strings), np.uint64, len(strings)), out=starts[1:])
    return np.frombuffer(b"".join(strings), np.uint8), small(starts)


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
        writer: ArrayWriter,
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
        self._containers = _containers(len(norms))
        self._first = _offsets(sizes)
        self._position_sizes = np.zeros(len(sizes), np.int64)
        self._large: list[tuple[Ints, Ints]] = []
        total = int(self._first[-1])
        writer.allocate(f"{name}.docs", "u2", total)
        writer.allocate(f"{name}.counts", "u1", total)
        writer.allocate(f"{name}.positions", "u2" if longest <= 1 << 16 else "u4", occurrences)
        writer.allocate(f"{name}.marks", "u4" if occurrences < 1 << 32 else "u8", -(-total // _GROUP))
        self._written = 0
        many = dense(sizes, len(norms))
        writer.add(f"{name}.dense", np.flatnonzero(many).astype(np.uint32))
        writer.allocate(f"{name}.bits", "u8", int(np.count_nonzero(many)) * _words(len(norms)))
        writer.allocate(f"{name}.bounds", "u1", int(np.count_nonzero(many)) * _words(len(norms)))
        writer.add(f"{name}.bounded_for", np.array([int(average * 1000)], np.uint32))
        if self._containers > 1:
            frequent = sizes >= FREQUENT
            few = _offsets(np.where(frequent, 0, sizes))
            writer.add(f"{name}.high_first", small(few))
            writer.allocate(f"{name}.high", "u2", int(few[-1]))
            writer.add(f"{name}.frequent", np.flatnonzero(frequent).astype(np.uint32))
            writer.allocate(f"{name}.containers", "u4", int(np.count_nonzero(frequent)) * (self._containers + 1))

    def append(self, start: int, end: int, found: Occurrences) -> None:
        """Write the postings of the terms from ``start`` to ``end``, which come next."""
        name, sizes = self._name, self._sizes[start:end]
        self._writer.append(f"{name}.docs", (found.docs & (1 << LOW_BITS) - 1).astype(np.uint16))
        large = np.flatnonzero(found.counts >= _MOST)
        self._large.append((large + self._first[start], found.counts[large]))
        self._writer.append(f"{name}.counts", np.minimum(found.counts, _MOST).astype(np.uint8))
        self._writer.append(f"{name}.positions", found.positions)
        self._choose(start, sizes, found)
        places = _offsets(found.counts)
        self._position_sizes[start:end] = np.diff(places[_offsets(sizes)])
        first = int(self._first[start])
        self._writer.append(f"{name}.marks", places[-first % _GROUP : len(found.counts) : _GROUP] + self._written)
        self._written += int(places[-1])
        for own in self._each(sizes, dense(sizes, len(self._norms))):
            docs = found.docs[own]
            having = np.zeros(len(self._norms), bool)
            having[docs] = True
            self._writer.append(f"{name}.bits", pack_bits(having))
            most = self._bound_of[np.minimum(found.counts[own], _MOST) << 8 | self._norms[docs]]
            bounds = np.zeros(_words(len(self._norms)), np.uint8)
            words = docs >> 6
            starts = np.flatnonzero(np.append(True, words[1:] != words[:-1]))
            bounds[words[starts]] = np.maximum.reduceat(most, starts)
            self._writer.append(f"{name}.bounds", bounds)
        if self._containers > 1:
            frequent = sizes >= FREQUENT
            often = np.repeat(frequent, sizes)
            high = found.docs >> LOW_BITS
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
        ends = _offsets(sizes)
        for term in np.flatnonzero(which).tolist():
            yield slice(int(ends[term]), int(ends[term + 1]))

    def _choose(self, start: int, sizes: Ints, found: Occurrences) -> None:
        """Find the champions."""
        chosen_terms = sizes >= CHAMPIONS_FROM
        self._with_champions += (np.flatnonzero(chosen_terms) + start).tolist()
        for own in self._each(sizes, chosen_terms):
            self._champions.append(best_places(np.minimum(found.counts[own], _MOST), self._norms[found.docs[own]]))

    def close(self) -> None:
        """Write what is known at the end only."""
        chosen = _offsets(np.array([len(places) for places in self._champions], np.int64))
        self._writer.add(f"{self._name}.champions", small(np.concatenate([np.empty(0, np.int64), *self._champions])))
        self._writer.add(f"{self._name}.champions_first", small(chosen))
        self._writer.add(f"{self._name}.with_champions", np.array(self._with_champions, np.uint32))
        self._writer.add(f"{self._name}.first", small(self._first))
        self._writer.add(f"{self._name}.position_first", small(_offsets(self._position_sizes)))
        at, counts = (
            (np.concatenate([np.empty(0, np.int64), *parts]) for parts in zip(*self._large, strict=True))
            if (self._large)
            else (np.empty(0, np.int64), np.empty(0, np.int64))
        )
        self._writer.add(f"{self._name}.large_at", small(at))
        self._writer.add(f"{self._name}.large_counts", small(counts))


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
            raise CorruptIndexError(f"{arrays.path}: {name}.large_counts are more than there are positions")
        self._marks, self._touch_marks = arrays.sliced(f"{name}.marks")
        self._dense = {term: row for row, term in enumerate(arrays[f"{name}.dense"].tolist())}
        self._words = _words(docs)
        self._bits, self._touch_bits = arrays.sliced(f"{name}.bits")
        self._bounds, self._touch_bounds = arrays.sliced(f"{name}.bounds")
        self.bounded_for = int(arrays[f"{name}.bounded_for"][0]) / 1000
        if not self.bounded_for:
            raise CorruptIndexError(f"{arrays.path}: {name}.bounded_for is 0")
        self._champions = arrays[f"{name}.champions"]
        self._champions_first = arrays.starts(f"{name}.champions_first", len(self._champions))
        self._with_champions = arrays[f"{name}.with_champions"]
        self._containers = _containers(docs)
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
        if len(self._large_at) and (counts == _MOST).any():
            at = np.arange(own.start, own.stop) if isinstance(own, slice) else own
            large = np.flatnonzero(counts == _MOST)
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
        if self.has_large or len(places) * _GROUP // 2 > self.size(term):
            counts = self.counts(term) if self.has_large else self._counts[first : first + self.size(term)]
            sizes = counts[places].astype(np.int64)
            starts = np.cumsum(counts, dtype=np.int64)[places] - sizes + int(self._position_first[term])
        else:
            at = places + first
            groups = at // _GROUP
            fresh = np.append(True, groups[1:] != groups[:-1]) if len(groups) else np.zeros(0, bool)
            within = groups[fresh][:, None] * _GROUP + np.arange(_GROUP)
            sums = np.cumsum(self._counts[np.minimum(within, len(self._counts) - 1)], axis=1, dtype=np.int64)
            sizes = self._counts[at].astype(np.int64)
            starts = self._marks[groups] + sums[np.cumsum(fresh) - 1, at % _GROUP] - sizes
        return starts, sizes

    def _touch_term(self, term: int) -> None:
        """Check what is read of a term's frequencies and positions, by whatever parts."""
        start, end = int(self._first[term]), int(self._first[term + 1])
        self._touch_counts(start // _GROUP * _GROUP, min(-(-end // _GROUP) * _GROUP, len(self._counts)))
        self._touch_marks(start // _GROUP, -(-end // _GROUP))
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
        group = posting // _GROUP
        begin = group * _GROUP
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
        large = np.flatnonzero(counts == _MOST) if len(self._large_at) else ()
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
