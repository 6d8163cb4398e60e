"""Whether a segment says what docs/index-format.md allows: everything is read, and compared with what follows from the
rest. Checksums are another matter (`Arrays.verify`): who writes a segment to do harm writes those, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cablesearch.engine import bm25
from cablesearch.engine.disk.arrays import WITHOUT_ORDER
from cablesearch.engine.kernels import Ints, differences, offsets, pack_bits, stretches
from cablesearch.engine.segment import postings
from cablesearch.engine.segment.order import block_order
from cablesearch.engine.segment.postings import Occurrences, PostingsReader, best_places
from cablesearch.engine.segment.segment import Segment
from cablesearch.engine.segment.store import read_spare
from cablesearch.engine.segment.strings import Strings
from cablesearch.errors import CorruptIndexError

__all__ = ["faults", "verified"]

_AT_ONCE = 1 << 20
"""About how many postings or strings are looked at together."""


def verified(segment: Segment) -> list[str]:
    """Return what is damaged in a segment, one sentence each: checksums first, then the contents.

    Everything is read, and compared with what follows from the rest.
    """
    segment = segment.as_written
    return segment.arrays.verify() or [f"{segment.path}: {fault}" for fault in faults(segment)]


def faults(segment: Segment) -> list[str]:
    """What is wrong in a segment whose checksums are right, a sentence each."""
    found: list[str] = []
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
            found += [f"{name}: {fault}" for fault in check()]
        except MemoryError:
            raise
        except CorruptIndexError as error:
            found.append(str(error).removeprefix(f"{segment.path}: "))
        except Exception as error:
            # Whatever keeps it from being read: it is damage.
            found.append(f"{name}: it cannot be read ({error})")
    return found


def _same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return len(one) == len(other) and bool(np.all(one == other))


def _sorted(strings: Strings, *, distinct: bool) -> Iterator[str]:
    last: bytes | None = None
    for start in range(0, len(strings), _AT_ONCE):
        some = strings.between(start, min(start + _AT_ONCE, len(strings)))
        for one, other in pairwise(some if last is None else [last, *some]):
            if one > other or (distinct and one == other):
                yield f"{other!r} stands behind {one!r}"
                return
        for one in some:
            one.decode("utf-8", "surrogatepass")
        last = some[-1]


def _dictionary(segment: Segment, field: str) -> Iterator[str]:
    terms, heads = segment.terms(field), segment.arrays[f"{field}.heads"]
    yield from _sorted(terms, distinct=True)
    for start in range(0, len(terms), _AT_ONCE):
        some = terms.between(start, min(start + _AT_ONCE, len(terms)))
        expected = np.frombuffer(b"".join([term[:8].ljust(8, b"\0") for term in some]), ">u8")
        if not _same(heads[start : start + len(some)], expected):
            yield "its heads are not those of its terms"


def _blocks(segment: Segment) -> Iterator[str]:
    arrays, blocks = segment.arrays, segment.blocks
    if blocks and not int(arrays["block.leads"].min()):
        yield "one has no lead"
    by_key = arrays["block.by_key"]
    if not _same(np.sort(by_key), np.arange(blocks)):
        yield "the order of their keys leaves some out"
        return
    keys = [segment.keys[block] for block in by_key.tolist()]
    for one, other in pairwise(keys):
        if one > other:
            yield f"the key {other!r} stands behind {one!r}"
    for key in keys:
        key.decode("utf-8", "surrogatepass")
    in_place = [segment.keys[block] for block in range(blocks)]
    if arrays.version > WITHOUT_ORDER and block_order(segment.block_numbers, in_place) is not None:
        yield "they do not lie in order"
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
        yield "the spare dictionaries are not those that are used"
    if (
        "store.spare_starts" in arrays
        and arrays["store.spare_starts"].tolist() != arrays["store.dictionary_starts"].tolist()
    ):
        yield "the spare dictionaries do not begin where those that are used do"


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
        yield "its units are not those that have its values"
    counts = np.bincount(values, minlength=len(segment.terms(field)))
    if not _same(segment.arrays[f"{field}.unit_first"], offsets(counts)):
        yield "its units are not shared out among its terms as its values are"
    ordered, of = values[order], units[order]
    if np.any((ordered[1:] == ordered[:-1]) & (of[1:] == of[:-1])):
        yield "a value comes twice"


def _text(segment: Segment, field: str) -> Iterator[str]:
    yield from _Text(segment, field).faults()


class _Text:
    """The postings of a text field."""

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
            found = self._reader.between(start, end)
            first = int(self._reader.first[start])
            yield from self._stretch(found, start, end)
            places = offsets(found.counts)
            marks.append(places[-first % group : len(found.counts) : group] + done)
            done += len(found.positions)
            for term in np.flatnonzero(self._sizes[start:end] >= postings.CHAMPIONS_FROM).tolist():
                yield from self._frequent(start + term)
        if not _same(self._part("marks"), np.concatenate([np.empty(0, np.int64), *marks])):
            yield "its marks are not where its positions are"
        stemmed = f"{self._field}.stems" not in self._segment.arrays
        if stemmed and not _same(self._part("lengths"), self._lengths):
            yield "its lengths are not the numbers of its words"

    def _stretches(self) -> Iterator[tuple[int, int]]:
        """Neighbouring terms that are looked at together."""
        weights = np.maximum(self._sizes, self._reader.position_sizes(np.arange(len(self._sizes))))
        return stretches(weights, _AT_ONCE)

    def _numbers(self) -> Iterator[str]:
        """What is kept of terms and of documents."""
        sizes, docs = self._sizes, self._segment.docs
        at, large = self._part("large_at"), self._part("large_counts")
        if (
            np.any(at[1:] <= at[:-1])
            or not _same(np.flatnonzero(self._part("counts") == 255), at)
            or np.any(large < 255)
        ):
            yield "its large frequencies are not those that are marked"
        if not _same(self._part("with_champions"), np.flatnonzero(sizes >= postings.CHAMPIONS_FROM)):
            yield "other terms than the frequent ones have champions"
        if not _same(self._part("dense"), np.flatnonzero(postings.dense(sizes, docs))):
            yield "other terms than the frequent ones have bits"
        if docs > 1 << postings.LOW_BITS:
            often = sizes >= postings.FREQUENT
            if not _same(self._part("frequent"), np.flatnonzero(often)):
                yield "other terms than the frequent ones have containers"
            if not _same(self._part("high_first"), offsets(np.where(often, 0, sizes))):
                yield "its high bits are not shared out as its postings are"
            rows = self._part("containers").reshape(-1, postings.shape(0, docs)[2] + 1)
            if np.any(rows[:, 1:] < rows[:, :-1]) or np.any(rows[:, 0]) or not _same(rows[:, -1], sizes[often]):
                yield "its containers do not hold its postings"
        if f"{self._field}.stems" in self._segment.arrays:
            yield from self._stems()
            return
        if not np.all(sizes):
            yield "a term has no postings"
        lengths = self._part("lengths")
        if not _same(self._part("norms"), bm25.length_bytes(lengths)):
            yield "its norms are not those of its lengths"
        if self._part("totals").tolist() != [int(lengths.sum(dtype=np.int64)), int(np.count_nonzero(lengths))]:
            yield "its totals are not those of its lengths"

    def _stems(self) -> Iterator[str]:
        """What an unstemmed field keeps of its words."""
        stems = self._part("stems")
        stemmed = differences(self._segment.postings_of(self._segment.twins[self._field]).first)
        if len(stems) and int(stems.max()) >= len(stemmed):
            yield "its stems are beyond those there are"
            return
        single = np.bincount(stems, minlength=1)[stems] == 1
        if np.any(~single & (self._sizes == 0)) or not np.all(stemmed[stems]):
            yield "other words than those alone in their stem have no postings"

    def _stretch(self, found: Occurrences, start: int, end: int) -> Iterator[str]:
        docs, counts, positions = found
        terms = np.repeat(np.arange(start, end), self._sizes[start:end])
        same = terms[1:] == terms[:-1]
        if len(docs) and (int(docs.max()) >= self._segment.docs or np.any(docs[1:][same] <= docs[:-1][same])):
            yield "the documents of a term do not rise, or are beyond those there are"
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
            yield "a position is beyond the words of its document"
        falls = positions[1:] < positions[:-1]
        falls[np.cumsum(counts)[:-1] - 1] = False
        if falls.any():
            yield "positions fall within a document"

    def _frequent(self, term: int) -> Iterator[str]:
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
            yield "its bits are not its documents"
        most = np.zeros(len(bounds), np.uint8)
        np.maximum.at(most, docs >> 6, self._bound_of[counts << 8 | self._norms[docs]])
        if not _same(bounds, most):
            yield "its bounds are not those of its frequencies"
