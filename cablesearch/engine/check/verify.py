"""Verify a segment: read everything, and compare each array with what follows from the others.

Right checksums (`Arrays.verify`) are not enough, as an attacker who writes a segment writes them too. The rules are in
docs/index-format.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cablesearch.algorithms import bm25
from cablesearch.algorithms.kernels import Ints, differences, offsets, pack_bits, stretches
from cablesearch.engine.disk.arrays import WITHOUT_ORDER
from cablesearch.engine.segment import postings
from cablesearch.engine.segment.order import block_order
from cablesearch.engine.segment.postings import Occurrences, PostingsReader
from cablesearch.engine.segment.postings_writer import best_places
from cablesearch.engine.segment.segment import Segment
from cablesearch.engine.segment.store import read_spare
from cablesearch.engine.segment.strings import Strings
from cablesearch.errors import CorruptIndexError

__all__ = ["faults", "verified"]

_AT_ONCE = 1 << 20
"""The approximate number of postings or strings that are checked together."""


def verified(segment: Segment) -> list[str]:
    """Return a sentence for each fault of a segment: wrong checksums, or else contents that contradict one another."""
    segment = segment.as_written
    return segment.arrays.verify() or [f"{segment.path}: {fault}" for fault in faults(segment)]


def faults(segment: Segment) -> list[str]:
    """Return a sentence for each fault in the contents of a segment whose checksums are right."""
    result: list[str] = []
    layout = segment.layout
    checks: list[tuple[str, Callable[[], Iterator[str]]]] = [
        ("blocks", partial(_blocks, segment)),
        ("records", partial(_store, segment)),
        *((field, partial(_dictionary, segment, field)) for field in [*layout.texts, *layout.keywords]),
        *((field, partial(_text, segment, field)) for field in layout.texts),
        *((field, partial(_keyword, segment, field)) for field in layout.keywords),
        *((field, partial(_number, segment, field)) for field in layout.numbers),
    ]
    for name, check in checks:
        try:
            result += [f"{name}: {fault}" for fault in check()]
        except MemoryError:
            raise
        except CorruptIndexError as error:
            result.append(error.reason)
        except Exception as error:
            # Whatever prevents reading is damage.
            result.append(f"{name}: it cannot be read ({error})")
    return result


def _same(left: NDArray[Any], right: NDArray[Any]) -> bool:
    return len(left) == len(right) and bool(np.all(left == right))


def _sorted(strings: Strings, *, distinct: bool) -> Iterator[str]:
    """Yield a fault if strings are not sorted; raise an error if one is not text."""
    last: bytes | None = None
    for start in range(0, len(strings), _AT_ONCE):
        batch = strings.between(start, min(start + _AT_ONCE, len(strings)))
        for before, after in pairwise(batch if last is None else [last, *batch]):
            if before > after or (distinct and before == after):
                yield f"{after!r} comes after {before!r}"
                return
        for string in batch:
            string.decode("utf-8", "surrogatepass")
        last = batch[-1]


def _dictionary(segment: Segment, field: str) -> Iterator[str]:
    terms, heads = segment.terms(field), segment.arrays[f"{field}.heads"]
    yield from _sorted(terms, distinct=True)
    for start in range(0, len(terms), _AT_ONCE):
        batch = terms.between(start, min(start + _AT_ONCE, len(terms)))
        expected = np.frombuffer(b"".join([term[:8].ljust(8, b"\0") for term in batch]), ">u8")
        if not _same(heads[start : start + len(batch)], expected):
            yield "its heads do not match its terms"


def _blocks(segment: Segment) -> Iterator[str]:
    arrays, blocks = segment.arrays, segment.blocks
    if blocks and not int(arrays["block.leads"].min()):
        yield "a block has no lead"
    by_key = arrays["block.by_key"]
    if not _same(np.sort(by_key), np.arange(blocks)):
        yield "the sorted keys leave some out"
        return
    keys = [segment.keys[block] for block in by_key.tolist()]
    for before, after in pairwise(keys):
        if before > after:
            yield f"the key {after!r} comes after {before!r}"
    for key in keys:
        key.decode("utf-8", "surrogatepass")
    in_place = [segment.keys[block] for block in range(blocks)]
    if arrays.version > WITHOUT_ORDER and block_order(segment.block_numbers, in_place) is not None:
        yield "they are not sorted"
    segment.twins  # noqa: B018


def _store(segment: Segment) -> Iterator[str]:
    arrays = segment.arrays
    frames = arrays.starts("store.frames", len(arrays["store.data"]))
    ends = arrays["store.ends"]
    arrays.starts("store.sizes", int(ends[-1]))
    arrays.starts("store.ends", int(ends[-1]))
    arrays.starts("store.dictionary_starts", len(arrays["store.dictionaries"]))
    for frame in range(len(frames) - 1):
        segment.store.check(frame)
    if read_spare(arrays["store.spare"].tobytes()) != arrays["store.dictionaries"].tobytes():
        yield "the spare dictionaries differ from the others"
    if (
        "store.spare_starts" in arrays
        and arrays["store.spare_starts"].tolist() != arrays["store.dictionary_starts"].tolist()
    ):
        yield "the spare dictionaries begin at other places"


def _number(segment: Segment, field: str) -> Iterator[str]:
    _, base = segment.raw_numbers(field)
    values = segment.arrays[f"{field}.values"]
    given = values[values > 0]
    if len(given) and (int(given.min()) != 1 or int(given.max()) - 1 + base > np.iinfo(np.int64).max):
        yield "its values do not fit its base"


def _keyword(segment: Segment, field: str) -> Iterator[str]:
    first, values = segment.keywords(field)
    units = np.repeat(np.arange(len(first) - 1), np.diff(first))
    order = np.argsort(values, kind="stable")
    if not _same(segment.arrays[f"{field}.units"], units[order]):
        yield "its units do not match its values"
    counts = np.bincount(values, minlength=len(segment.terms(field)))
    if not _same(segment.arrays[f"{field}.unit_first"], offsets(counts)):
        yield "the numbers of units of its terms do not match its values"
    ordered, of = values[order], units[order]
    if np.any((ordered[1:] == ordered[:-1]) & (of[1:] == of[:-1])):
        yield "a value is repeated"


def _text(segment: Segment, field: str) -> Iterator[str]:
    yield from _Text(segment, field).faults()


class _Text:
    """The checks of a text field's postings."""

    def __init__(self, segment: Segment, field: str) -> None:
        self._segment, self._field = segment, field
        self._reader: PostingsReader = segment.postings_of(field)
        self._sizes = differences(self._reader.first)
        self._norms = segment.norms(field)
        self._lengths = np.zeros(segment.docs, np.int64)
        self._bound_of = bm25.bounds(int(self._part("bounded_for")[0]))

    def _part(self, name: str) -> NDArray[Any]:
        return self._segment.arrays[f"{self._field}.{name}"]

    def faults(self) -> Iterator[str]:
        yield from self._numbers()
        done = 0
        marks: list[Ints] = []
        group = postings.GROUP
        for start, end in self._stretches():
            occurrences = self._reader.between(start, end)
            first = int(self._reader.first[start])
            yield from self._stretch(occurrences, start, end)
            places = offsets(occurrences.counts)
            marks.append(places[-first % group : len(occurrences.counts) : group] + done)
            done += len(occurrences.positions)
            for term in np.flatnonzero(self._sizes[start:end] >= postings.CHAMPIONS_FROM).tolist():
                yield from self._frequent(start + term)
        if not _same(self._part("marks"), np.concatenate([np.empty(0, np.int64), *marks])):
            yield "its marks do not match its positions"
        stemmed = f"{self._field}.stems" not in self._segment.arrays
        if stemmed and not _same(self._part("lengths"), self._lengths):
            yield "its lengths do not match its words"

    def _stretches(self) -> Iterator[tuple[int, int]]:
        """Yield stretches of terms that are checked together."""
        weights = np.maximum(self._sizes, self._reader.position_sizes(np.arange(len(self._sizes))))
        return stretches(weights, _AT_ONCE)

    def _numbers(self) -> Iterator[str]:
        """Check the numbers that are kept for each term and each document."""
        sizes, docs = self._sizes, self._segment.docs
        at, large = self._part("large_at"), self._part("large_counts")
        if (
            np.any(at[1:] <= at[:-1])
            or not _same(np.flatnonzero(self._part("counts") == 255), at)
            or np.any(large < 255)
        ):
            yield "its large frequencies do not match its frequencies"
        if not _same(self._part("with_champions"), np.flatnonzero(sizes >= postings.CHAMPIONS_FROM)):
            yield "the terms with champions are not the frequent ones"
        if not _same(self._part("dense"), np.flatnonzero(postings.dense(sizes, docs))):
            yield "the terms with bits are not the dense ones"
        if docs > 1 << postings.LOW_BITS:
            frequent = sizes >= postings.FREQUENT
            if not _same(self._part("frequent"), np.flatnonzero(frequent)):
                yield "the terms with containers are not the frequent ones"
            if not _same(self._part("high_first"), offsets(np.where(frequent, 0, sizes))):
                yield "its high bits do not match its postings"
            rows = self._part("containers").reshape(-1, postings.shape(0, docs)[2] + 1)
            if np.any(rows[:, 1:] < rows[:, :-1]) or np.any(rows[:, 0]) or not _same(rows[:, -1], sizes[frequent]):
                yield "its containers do not hold its postings"
        if f"{self._field}.stems" in self._segment.arrays:
            yield from self._stems()
            return
        if not np.all(sizes):
            yield "a term has no postings"
        lengths = self._part("lengths")
        if not _same(self._part("norms"), bm25.length_bytes(lengths)):
            yield "its norms do not match its lengths"
        if self._part("totals").tolist() != [int(lengths.sum(dtype=np.int64)), int(np.count_nonzero(lengths))]:
            yield "its totals do not match its lengths"

    def _stems(self) -> Iterator[str]:
        """Check the stems of an unstemmed field."""
        stems = self._part("stems")
        stemmed = differences(self._segment.postings_of(self._segment.twins[self._field]).first)
        if len(stems) and int(stems.max()) >= len(stemmed):
            yield "its stems are out of range"
            return
        single = np.bincount(stems, minlength=1)[stems] == 1
        if np.any(~single & (self._sizes == 0)) or not np.all(stemmed[stems]):
            yield "the words without postings are not those alone in their stem"

    def _stretch(self, occurrences: Occurrences, start: int, end: int) -> Iterator[str]:
        """Check the postings of the terms from ``start`` to ``end``, and add them to the lengths of documents."""
        docs, counts, positions = occurrences
        terms = np.repeat(np.arange(start, end), self._sizes[start:end])
        same = terms[1:] == terms[:-1]
        if len(docs) and (int(docs.max()) >= self._segment.docs or np.any(docs[1:][same] <= docs[:-1][same])):
            yield "the documents of a term do not increase, or are out of range"
            return
        self._lengths += np.bincount(docs, counts, self._segment.docs).astype(np.int64)
        if not np.all(counts):
            yield "a frequency is 0"
        widths = np.bincount(terms - start, counts, end - start).astype(np.int64)
        if not _same(widths, self._reader.position_sizes(np.arange(start, end))):
            yield "frequencies and positions do not agree"
            return
        lengths = self._segment.lengths(self._field)
        if np.any(positions >= np.repeat(lengths[docs], counts)):
            yield "a position is beyond the end of its document"
        falls = positions[1:] < positions[:-1]
        falls[np.cumsum(counts)[:-1] - 1] = False
        if falls.any():
            yield "positions decrease within a document"

    def _frequent(self, term: int) -> Iterator[str]:
        """Check the champions, bits and bounds of a frequent term."""
        docs, counts = self._reader.docs(term), np.minimum(self._reader.counts(term), 255)
        row = int(np.searchsorted(self._part("with_champions"), term))
        first = self._part("champions_first")
        champions = self._part("champions")[int(first[row]) : int(first[row + 1])]
        if not _same(champions, best_places(counts, self._norms[docs])):
            yield "its champions are not the best"
        bits, bounds = self._reader.bits(term), self._reader.bounds(term)
        if bits is None or bounds is None:
            return
        having = np.zeros(self._segment.docs, bool)
        having[docs] = True
        if not _same(bits, pack_bits(having)):
            yield "its bits do not match its documents"
        most = np.zeros(len(bounds), np.uint8)
        np.maximum.at(most, docs >> 6, self._bound_of[counts << 8 | self._norms[docs]])
        if not _same(bounds, most):
            yield "its bounds do not match its frequencies"
