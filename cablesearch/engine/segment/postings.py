"""The postings of a text field in a segment.

A posting stores the low 16 bits of its document's number. A segment of more than 65,536 documents stores the high bits
apart: for a rare term one value per posting; for a frequent term a row that says where its postings in each *container*
begin. A container holds 65,536 neighbouring documents.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cablesearch.algorithms.kernels import Ints, is_in, ranges, unpack_bits
from cablesearch.engine.disk.arrays import CHUNK_BITS, Arrays, Touch, untouched
from cablesearch.errors import CorruptIndexError

__all__ = [
    "CHAMPIONS_FROM",
    "FREQUENT",
    "GROUP",
    "LOW_BITS",
    "MOST_COUNT",
    "Occurrences",
    "PostingsReader",
    "bit_words",
    "containers",
    "dense",
    "shape",
]


LOW_BITS = 16
"""The bits of a document's number that a posting stores."""
FREQUENT = 128
"""Terms with this many postings have a row of containers in place of the high bits of each posting."""
CHAMPIONS = 64
CHAMPIONS_FROM = 1024
"""Terms with this many postings have champions: the candidates for the `CHAMPIONS` best documents."""
DENSE = 16
"""Terms with champions that at least a sixteenth of the documents contain have a bit for each document."""
GROUP = 64
"""The place of the positions is recorded (a *mark*) for every 64th posting."""
_AT_ONCE = 1 << 16
_SLICES = 256
"""The most terms that do not follow each other whose postings are read term by term."""
MOST_COUNT = 255
"""The byte of a frequency that stands for this and any higher frequency, which is stored apart."""


class Occurrences(NamedTuple):
    """The postings of neighbouring terms, end to end.

    ``docs`` and ``counts`` give the document (increasing within a term) and the frequency of each posting;
    ``positions`` the positions of all postings, as many for each as its frequency.
    """

    docs: Ints
    counts: Ints
    positions: NDArray[Any]


def dense(sizes: Ints, docs: int) -> NDArray[np.bool_]:
    """Return which terms, given their numbers of postings, have a bit for every document."""
    is_dense: NDArray[np.bool_] = (sizes >= CHAMPIONS_FROM) & (sizes * DENSE >= docs)
    return is_dense


def bit_words(docs: int) -> int:
    """Return the number of words of 64 bits that hold a bit for each document."""
    return -(-docs // 64)


def containers(docs: int) -> int:
    """Return the number of containers of 65,536 documents.

    Example: a term in documents 3, 65,536 and 65,540 has low bits [3, 0, 4] and the row [0, 1, 3]: one posting in the
    first container, two in the second.

    >>> containers(65_536), containers(65_537)
    (1, 2)
    """
    return -(-docs >> LOW_BITS)


def shape(total: int, docs: int) -> tuple[int, int, int]:
    """Return the number of marks of ``total`` postings, and the numbers of bit words and containers of ``docs``
    documents."""
    return -(-total // GROUP), bit_words(docs), containers(docs)


def _stretch(firsts: NDArray[Any], terms: Ints, sizes: Ints) -> slice | Ints:
    """Return the places of the values of some terms (increasing), given where those of each term begin and how many
    each of ``terms`` has."""
    if not len(terms):
        return slice(0)
    if terms[-1] - terms[0] == len(terms) - 1:
        return slice(int(firsts[terms[0]]), int(firsts[terms[-1] + 1]))
    return ranges(firsts[terms].astype(np.int64), sizes)


def _places(own: NDArray[Any], wanted: NDArray[Any]) -> Ints:
    """Return the place of each wanted number among the own numbers (both increasing), -1 where it is absent.

    >>> _places(np.array([2, 5, 9]), np.array([5, 6])).tolist()
    [1, -1]
    """
    if not len(own):
        return np.full(len(wanted), -1)
    places = np.searchsorted(own, wanted)
    places[places == len(own)] = 0
    places[own[places] != wanted] = -1
    return places


def _touch(touch: Touch, own: slice | Ints) -> None:
    """Check the values of an array that are about to be read: a slice, or places (increasing)."""
    if isinstance(own, slice):
        touch(int(own.start or 0), int(own.stop))
    elif touch is not untouched:
        # Do not read everything between distant stretches.
        gaps = np.flatnonzero(np.diff(own) > 1 << CHUNK_BITS)
        for first, last in zip(np.append(0, gaps + 1).tolist(), np.append(gaps, len(own) - 1).tolist(), strict=True):
            if len(own):
                touch(int(own[first]), int(own[last]) + 1)


class PostingsReader:
    """The postings of a field by the number of the term."""

    def __init__(self, arrays: Arrays, name: str, docs: int) -> None:
        self._docs, self._touch_docs = arrays.sliced(f"{name}.docs")
        self._first = arrays.starts(f"{name}.first", len(self._docs))
        self._counts, self._touch_counts = arrays.sliced(f"{name}.counts")
        self._positions, self._touch_positions = arrays.sliced(f"{name}.positions")
        self._position_first = arrays.starts(f"{name}.position_first", len(self._positions))
        self._large_at, self._large_counts = arrays[f"{name}.large_at"], arrays[f"{name}.large_counts"]
        if int(self._large_counts.sum(dtype=np.int64)) > len(self._positions):
            raise CorruptIndexError(arrays.path, f"{name}.large_counts exceed the number of positions")
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
        """Return where the postings of each term begin; one more value closes the last."""
        return self._first

    @property
    def has_large(self) -> bool:
        """Whether any frequency exceeds one byte."""
        return len(self._large_at) > 0

    @property
    def occurrences(self) -> int:
        """Return the number of positions."""
        return len(self._positions)

    def size(self, term: int) -> int:
        """Return the number of postings of a term."""
        return int(self._first[term + 1]) - int(self._first[term])

    def sizes(self, terms: Ints) -> Ints:
        """Return the number of postings of each term."""
        sizes: Ints = self._first[terms + 1].astype(np.int64) - self._first[terms]
        return sizes

    def mark(self, terms: Ints, mask: NDArray[np.bool_]) -> None:
        """Set a mask for the documents that contain any of the terms (increasing)."""
        sizes = self.sizes(terms)
        frequent = np.flatnonzero(sizes >= FREQUENT)
        for term in terms[frequent].tolist():
            bits = self.bits(term)
            if bits is None:
                mask[self.docs(term)] = True
            else:
                mask |= unpack_bits(bits)[: len(mask)]
        rare = np.flatnonzero(sizes < FREQUENT)
        for start in range(0, len(rare), _AT_ONCE):
            stretch = rare[start : start + _AT_ONCE]
            own = _stretch(self._first, terms[stretch], sizes[stretch])
            _touch(self._touch_docs, own)
            docs = self._docs[own].astype(np.int64)
            if self._containers > 1:
                own = _stretch(self._high_first, terms[stretch], sizes[stretch])
                _touch(self._touch_high, own)
                docs += self._high[own].astype(np.int64) << LOW_BITS
            mask[docs] = True

    def docs(self, term: int) -> Ints:
        """Return the documents that contain a term, increasing."""
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
        """Return the frequency of a term in each of its documents."""
        start, end = int(self._first[term]), int(self._first[term + 1])
        self._touch_counts(start, end)
        counts = self._counts[start:end].astype(np.int64)
        if len(self._large_at):
            first, last = np.searchsorted(self._large_at, [start, end]).tolist()
            counts[self._large_at[first:last].astype(np.int64) - start] = self._large_counts[first:last]
        return counts

    def positions(self, term: int) -> NDArray[Any]:
        """Return the positions of a term, document by document."""
        start, end = int(self._position_first[term]), int(self._position_first[term + 1])
        self._touch_positions(start, end)
        return self._positions[start:end]

    def between(self, start: int, end: int) -> Occurrences:
        """Return the postings of the terms from ``start`` to ``end``."""
        return self._read(np.arange(start, end), lambda firsts, sizes: slice(int(firsts[start]), int(firsts[end])))

    def some(self, terms: Ints) -> Occurrences:
        """Return the postings of some terms, term by term."""
        if not len(terms):
            return self.between(0, 0)
        if len(terms) == 1 or np.all(np.diff(terms) == 1):
            return self.between(int(terms[0]), int(terms[-1]) + 1)
        return self._read(terms, lambda firsts, sizes: ranges(firsts[terms].astype(np.int64), sizes))

    def _read(self, terms: Ints, where: Callable[[NDArray[Any], Ints], slice | Ints]) -> Occurrences:
        """Return the postings of some terms. ``where`` returns the places of their values in an array, given where the
        values of each term begin and how many each of ``terms`` has."""
        sizes = self._first[terms + 1].astype(np.int64) - self._first[terms]
        own = where(self._first, sizes)
        _touch(self._touch_docs, own)
        _touch(self._touch_counts, own)
        docs = self._docs[own].astype(np.int64)
        if self._containers > 1:
            frequent = sizes >= FREQUENT
            in_frequent = np.repeat(frequent, sizes)
            rare = where(self._high_first, np.where(frequent, 0, sizes))
            _touch(self._touch_high, rare)
            docs[~in_frequent] += self._high[rare].astype(np.int64) << LOW_BITS
            rows = self._rows[np.searchsorted(self._frequent, terms[frequent].astype(np.uint32))]
            high = np.tile(np.arange(self._containers) << LOW_BITS, len(rows))
            shares = (rows[:, 1:] - rows[:, :-1]).ravel()
            if int(shares.sum(dtype=np.int64)) != np.count_nonzero(in_frequent):
                raise ValueError("containers do not hold all postings")
            docs[in_frequent] += np.repeat(high, shares)
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
        """Return the place of each document (increasing) among a term's postings, -1 for documents without the term."""
        start, end = int(self._first[term]), int(self._first[term + 1])
        self._touch_docs(start, end)
        if self._containers <= 1:
            return _places(self._docs[start:end], docs.astype(np.uint16))
        if end - start < FREQUENT:
            return _places(self.docs(term), docs)
        row = self._rows[int(np.searchsorted(self._frequent, np.uint32(term)))].tolist()
        cuts = np.searchsorted(docs, np.arange(self._containers + 1) << LOW_BITS).tolist()
        low = (docs & (1 << LOW_BITS) - 1).astype(np.uint16)
        result = np.full(len(docs), -1)
        for number, (first, last) in enumerate(pairwise(cuts)):
            if first < last and row[number] < row[number + 1]:
                own = self._docs[start + row[number] : start + row[number + 1]]
                places = _places(own, low[first:last])
                places[places >= 0] += row[number]
                result[first:last] = places
        return result

    def among(self, terms: Ints, docs: Ints) -> tuple[Ints, Ints, Ints]:
        """Return the postings of some terms (increasing) in a few documents: for each of them the place of its term
        among ``terms``, its document, and its place among the postings of all terms.

        The low bits of all postings are looked up in a table, the high bits of those alone that are left.
        """
        sizes = self.sizes(terms)
        table = np.zeros(1 << LOW_BITS, bool)
        table[docs & (1 << LOW_BITS) - 1] = True
        places = np.flatnonzero(table.take(self._low(terms, sizes)))
        ends = np.cumsum(sizes)
        owners = np.searchsorted(ends, places, "right")
        at = places + (self._first[terms].astype(np.int64) - ends + sizes)[owners]
        own_docs = self._docs[at].astype(np.int64)
        if self._containers > 1:
            rare = np.flatnonzero(sizes[owners] < FREQUENT)
            high = self._high_first[terms[owners[rare]]].astype(np.int64) + places[rare] - (ends - sizes)[owners[rare]]
            _touch(self._touch_high, high)
            own_docs[rare] += self._high[high].astype(np.int64) << LOW_BITS
            frequent = np.flatnonzero(sizes[owners] >= FREQUENT)
            in_rows = terms[sizes >= FREQUENT]
            rows = self._rows[np.searchsorted(self._frequent, in_rows.astype(np.uint32)), 1:]
            # Where each container of each term ends.
            closed = (rows.astype(np.int64) + self._first[in_rows, None].astype(np.int64)).ravel()
            containers_before = np.searchsorted(closed, at[frequent], "right")
            own_docs[frequent] += containers_before % self._containers << LOW_BITS
        kept = np.flatnonzero(is_in(own_docs, docs))
        return owners[kept], own_docs[kept], at[kept]

    def _low(self, terms: Ints, sizes: Ints) -> NDArray[Any]:
        """Return the low bits of the documents of some terms (increasing), given the number of postings of each."""
        if len(terms) > _SLICES or terms[-1] - terms[0] == len(terms) - 1:
            own = _stretch(self._first, terms, sizes)
            _touch(self._touch_docs, own)
            return self._docs[own]
        # Slices of a few long lists are faster than all their places.
        stretches = list(zip(self._first[terms].tolist(), self._first[terms + 1].tolist(), strict=True))
        for start, end in stretches:
            self._touch_docs(start, end)
        return np.concatenate([self._docs[:0], *(self._docs[start:end] for start, end in stretches)])

    def positions_at(self, at: Ints) -> tuple[NDArray[Any], Ints]:
        """Return the positions of some postings, given their places among those of all terms (increasing), end to end,
        and how many each posting has."""
        starts, sizes = self._after_marks(at)
        own = ranges(starts, sizes, len(self._positions))
        _touch(self._touch_positions, own)
        return self._positions[own], sizes

    def bits(self, term: int) -> NDArray[np.uint64] | None:
        """Return the bitmap of a term (the lowest bit of each word first), None unless the term is `dense`."""
        row = self._dense.get(term)
        if row is None:
            return None
        start, end = row * self._words, (row + 1) * self._words
        self._touch_bits(start, end)
        return self._bits[start:end]

    def bounds(self, term: int) -> NDArray[np.uint8] | None:
        """Return the highest bound of the term's frequencies in each 64 documents, None unless the term is `dense`.

        The bounds (see `bm25.bounds`) hold for the average length `bounded_for`. A word of 64 documents whose best
        posting has frequency 2 in a document of average length has the byte 97; a word without postings has 0.
        """
        row = self._dense.get(term)
        if row is None:
            return None
        start, end = row * self._words, (row + 1) * self._words
        self._touch_bounds(start, end)
        return self._bounds[start:end]

    @property
    def all_positions(self) -> NDArray[Any]:
        """Return the positions of all terms; read only the stretches that `stretches_at` returns."""
        return self._positions

    def stretches_at(self, term: int, places: Ints) -> tuple[Ints, Ints]:
        """Return where the positions of some postings of a term begin, and how many each posting has.

        Without large frequencies, a start is the nearest mark before plus the frequencies in between: for places 65 and
        66 of a segment's first term, mark 1 plus the frequencies of posting 64, then also of 65.

        Args:
            term: the number of the term.
            places: the places (increasing) among its postings.
        """
        first = int(self._first[term])
        self._touch_term(term)
        if self.has_large or len(places) * GROUP // 2 > self.size(term):
            counts = self.counts(term) if self.has_large else self._counts[first : first + self.size(term)]
            sizes = counts[places].astype(np.int64)
            starts = np.cumsum(counts, dtype=np.int64)[places] - sizes + int(self._position_first[term])
        else:
            starts, sizes = self._after_marks(places + first)
        return starts, sizes

    def _after_marks(self, at: Ints) -> tuple[Ints, Ints]:
        """Return where the positions of postings begin, given their places among those of all terms (increasing), and
        how many each has."""
        groups = at // GROUP
        fresh = np.append(True, groups[1:] != groups[:-1]) if len(groups) else np.zeros(0, bool)
        within = np.minimum(groups[fresh][:, None] * GROUP + np.arange(GROUP), len(self._counts) - 1)
        _touch(self._touch_counts, within.ravel())
        _touch(self._touch_marks, groups[fresh])
        counts = self._counts[within].astype(np.int64)
        if self.has_large:
            large = counts == MOST_COUNT
            counts[large] = self._large_counts[np.searchsorted(self._large_at, within[large])]
        row, column = np.cumsum(fresh) - 1, at % GROUP
        sizes = counts[row, column]
        return self._marks[groups].astype(np.int64) + np.cumsum(counts, axis=1)[row, column] - sizes, sizes

    def _touch_term(self, term: int) -> None:
        """Check the frequencies, marks and positions of a term, whatever parts of them are read."""
        start, end = int(self._first[term]), int(self._first[term + 1])
        self._touch_counts(start // GROUP * GROUP, min(-(-end // GROUP) * GROUP, len(self._counts)))
        self._touch_marks(start // GROUP, -(-end // GROUP))
        self._touch_positions(int(self._position_first[term]), int(self._position_first[term + 1]))

    def container(self, term: int, number: int) -> tuple[Ints, NDArray[Any], NDArray[Any]]:
        """Return the postings of a dense term in one container.

        Returns:
            The documents, numbered from the container's first, the frequencies, and the positions.
        """
        start, end = int(self._first[term]), int(self._first[term + 1])
        self._touch_docs(start, end)
        self._touch_term(term)
        if self._containers > 1:
            row = self._rows[int(np.searchsorted(self._frequent, np.uint32(term)))]
            if not row[number] <= row[number + 1] <= end - start:
                raise ValueError("containers do not hold all postings")
            start, end = start + int(row[number]), start + int(row[number + 1])
        if start == end:
            # There is no mark after the last posting.
            return np.empty(0, np.int64), self._counts[:0], self._positions[:0]
        counts: NDArray[Any] = self._counts[start:end]
        if self.has_large:
            counts = self.counts_at(term, np.arange(start, end) - int(self._first[term]))
        begin = self._position_at(term, start)
        return self._docs[start:end].astype(np.int64), counts, self._positions[begin : begin + int(counts.sum())]

    def _position_at(self, term: int, posting: int) -> int:
        """Return where the positions of a posting begin."""
        group = posting // GROUP
        begin = group * GROUP
        first = int(self._first[term])
        if begin < first:
            begin, at = first, int(self._position_first[term])
        else:
            at = int(self._marks[group])
        return at + int(self.counts_at(term, np.arange(begin, posting) - first).sum())

    def counts_at(self, term: int, places: Ints) -> Ints:
        """Return the frequencies at some places among a term's postings."""
        at = places + int(self._first[term])
        if len(at):
            self._touch_counts(int(self._first[term]), int(self._first[term + 1]))
        counts = self._counts[at].astype(np.int64)
        large = np.flatnonzero(counts == MOST_COUNT) if len(self._large_at) else ()
        if len(large):
            counts[large] = self._large_counts[np.searchsorted(self._large_at, at[large])]
        return counts

    def docs_at(self, term: int, places: Ints) -> Ints:
        """Return the documents at some places (increasing) among a term's postings."""
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
        """Return the places of postings (increasing) that include the ``wanted`` best for any average length.

        Return None when any posting may be among the best: when more than `CHAMPIONS` are wanted, or the term has no
        champions.
        """
        if wanted > CHAMPIONS or self.size(term) < CHAMPIONS_FROM:
            return None
        row = int(np.searchsorted(self._with_champions, np.uint32(term)))
        return self._champions[int(self._champions_first[row]) : int(self._champions_first[row + 1])].astype(np.int64)

    def position_sizes(self, terms: Ints) -> Ints:
        """Return the number of positions of each term."""
        return self._position_first[terms + 1].astype(np.int64) - self._position_first[terms].astype(np.int64)
