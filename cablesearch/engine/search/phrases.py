"""Words one after another: in which documents, and how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache, reduce

import numpy as np
from numpy.typing import NDArray

from cablesearch.engine.kernels import Ints, stretches
from cablesearch.engine.search.chains import Chains
from cablesearch.engine.search.lists import Places, TermList, together
from cablesearch.engine.segment.postings import LOW_BITS

__all__ = ["phrase"]

_SCANNED = 12
"""Words are compared by going through all their places when the rarest has one in so many of these at least, and one in
every other document."""

_AT_ONCE = 1 << 21
"""How many places of a word are looked at together."""

_WORDY = 1 << 26
"""Where so many words stand in a container of documents, no table of all of its places is made."""

_KEPT = 16
"""Of how many words the places are kept as bits while a phrase is followed."""

_NONE = (np.empty(0, np.int64), np.empty(0, np.int64))


def phrase(lists: Sequence[TermList], slop: int) -> tuple[Ints, Ints]:
    """The documents (rising) in which words follow each other, and in how many places they do.

    A word may stand twice in one place, when two forms of it have one stem.

    Args:
        lists: the words, in order.
        slop: how far, in words, each may stand behind the one before; 1 is next to it.
    """
    if not all(one.size for one in lists):
        return _NONE
    if slop == 1 and len(lists) > 1:
        sizes = [one.occurrences for one in lists]
        often = 2 * min(sizes) >= len(lists[0].lengths) and sum(sizes) < _SCANNED * min(sizes)
        if often and all(one.bits is not None for one in lists):
            return _scanned(lists)
    docs, places = _together(lists)
    if not len(docs):
        return _NONE
    if _is_repetitive(lists, docs, places):
        return _followed(lists, slop, docs, places)
    if slop == 1 and len(lists) > 1:
        return _looked_up(lists, docs, places)
    return _chained(lists, slop, docs, places)


def _together(lists: Sequence[TermList]) -> tuple[Ints, Places]:
    """The documents (rising) that all words are in, and where each word has them, by its number in the phrase."""
    distinct = list(dict.fromkeys(lists))
    docs, places = together(distinct)
    if len(distinct) == len(lists):
        return docs, places
    numbers = [distinct.index(one) for one in lists]
    return docs, lambda number, part: places(numbers[number], part)


def _is_repetitive(lists: Sequence[TermList], docs: Ints, places: Places) -> bool:
    """Whether to look at all places of each word of the phrase is to look at more places than the documents have."""
    if len(set(lists)) == len(lists):
        return False
    every = slice(0, len(docs))
    looked_at = sum(
        times * int(one.stretches(places(lists.index(one), every))[1].sum())
        for one, times in Counter(lists).items()
        if times > 1
    )
    return looked_at > int(lists[0].lengths[docs].sum(dtype=np.int64))


def _in_stretches(lists: Sequence[TermList], docs: Ints, places: Places, which: Sequence[int]) -> Iterator[slice]:
    """Cut documents that have all words in stretches in which none of some of the words has too many places."""
    if sum(lists[number].occurrences > _AT_ONCE for number in which) == 0:
        yield slice(0, len(docs))
        return
    every = slice(0, len(docs))
    sizes = reduce(np.maximum, (lists[number].stretches(places(number, every))[1] for number in which))
    for start, end in stretches(sizes, _AT_ONCE):
        yield slice(start, end)


def _joined(parts: Sequence[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    if len(parts) < 2:
        return parts[0] if parts else _NONE
    return np.concatenate([docs for docs, _ in parts]), np.concatenate([counts for _, counts in parts])


def _followed(lists: Sequence[TermList], slop: int, docs: Ints, places: Places) -> tuple[Ints, Ints]:
    """All places of the documents at once, word by word (see `cablesearch.engine.search.chains`)."""
    parts = stretches(lists[0].lengths[docs].astype(np.int64) + 1, _AT_ONCE)
    return _joined([_followed_in(lists, slop, docs, places, slice(start, end)) for start, end in parts])


def _followed_in(lists: Sequence[TermList], slop: int, docs: Ints, places: Places, part: slice) -> tuple[Ints, Ints]:
    docs = docs[part]
    own = lists[0].lengths[docs].astype(np.int64) + 1
    ends = np.cumsum(own)
    chains = Chains(ends - own, int(ends[-1]), int(own.max()), slop)

    @lru_cache(maxsize=_KEPT)
    def bits(one: TermList) -> int:
        positions, sizes = one.positions(places(lists.index(one), part))
        return chains.bits(np.repeat(ends - own, sizes) + positions)

    counts = np.add.reduceat(chains.mask(chains.ends(map(bits, lists))), ends - own, dtype=np.int64)
    which = np.flatnonzero(counts)
    return docs[which], counts[which]


def _chained(lists: Sequence[TermList], slop: int, docs: Ints, places: Places) -> tuple[Ints, Ints]:
    parts = _in_stretches(lists, docs, places, range(len(lists)))
    return _joined([_chained_in(lists, slop, docs, places, part) for part in parts])


def _chained_in(lists: Sequence[TermList], slop: int, docs: Ints, places: Places, part: slice) -> tuple[Ints, Ints]:
    docs = docs[part]
    ends: Ints = np.empty(0, np.int64)
    for number, one in enumerate(lists):
        positions, sizes = one.positions(places(number, part))
        following = np.repeat(np.arange(len(docs)) << 32, sizes) + positions
        if number == 0:
            ends = following
            continue
        # The nearest end before each place; a document's places never reach into the next one's.
        before = np.searchsorted(ends, following) - 1
        near = before >= 0
        near[near] = following[near] - ends[before[near]] <= slop
        ends = following[near]
    which, counts = np.unique(ends[_new(ends)] >> 32, return_counts=True)
    return docs[which], counts.astype(np.int64)


def _looked_up(lists: Sequence[TermList], docs: Ints, places: Places) -> tuple[Ints, Ints]:
    """The places of the rarest word, and for each whether the other words stand where they should."""
    order = sorted(range(len(lists)), key=lambda number: lists[number].occurrences)
    parts = _in_stretches(lists, docs, places, order[:1])
    return _joined([_looked_up_in(lists, order, docs, places, part) for part in parts])


def _looked_up_in(
    lists: Sequence[TermList], order: Sequence[int], docs: Ints, places: Places, part: slice
) -> tuple[Ints, Ints]:
    docs, rarest = docs[part], order[0]
    positions, sizes = lists[rarest].positions(places(rarest, part))
    of = np.repeat(np.arange(len(docs)), sizes)
    for number in order[1:]:
        wanted = positions + (number - rarest)
        starts, counts = lists[number].stretches(places(number, part))
        kept = _contains(lists[number].all_positions, starts[of], counts[of], wanted)
        positions, of = positions[kept], of[kept]
        if not len(of):
            return _NONE
    counted = np.bincount(of[_new(of) | _new(positions)], minlength=len(docs))
    which = np.flatnonzero(counted)
    return docs[which], counted[which]


def _new(values: Ints) -> NDArray[np.bool_]:
    """Which values are not the same as the one before."""
    new = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return new


def _contains(values: NDArray[np.integer], starts: Ints, sizes: Ints, wanted: Ints) -> NDArray[np.bool_]:
    """Whether each wanted value is in its stretch of rising ``values``."""
    low, width = starts, sizes
    # The stretches are halved until one value is left of each: the last that is not above the wanted one, or the first.
    for _ in range(int(sizes.max()).bit_length()):
        if int(width.max()) <= 1:
            break
        half = width >> 1
        low = low + half * (values[low + half] <= wanted)
        width = width - half
    found: NDArray[np.bool_] = values[low] == wanted
    return found


def _scanned(lists: Sequence[TermList]) -> tuple[Ints, Ints]:
    """All places of all words, container by container: places are numbered through, and marked in a table."""
    lengths = lists[0].lengths
    docs, counts = [], []
    marked = np.empty(0, bool)
    for first in range(0, len(lengths), 1 << LOW_BITS):
        own = lengths[first : first + (1 << LOW_BITS)].astype(np.int64) + 1
        ends = np.cumsum(own)
        if int(ends[-1]) > _WORDY:
            return _looked_up(lists, *_together(lists))
        if len(marked) <= int(ends[-1]):
            marked = np.empty(int(ends[-1]) * 9 // 8 + 1, bool)
        marked[:] = False
        begin = ends - own
        for number, one in enumerate(lists):
            low, sizes, positions = one.container(first >> LOW_BITS)
            if not len(low):
                break
            keys = _keys(begin[low], sizes, positions)
            if number == 0:
                marked[keys + 1] = True
                continue
            found = marked[keys]
            if number < len(lists) - 1:
                marked[:] = False
                marked[keys[found] + 1] = True
                continue
            sums = np.cumsum(found & _new(keys), dtype=np.int64)
            per_doc = np.diff(sums[np.cumsum(sizes, dtype=np.int64) - 1], prepend=0)
            which = np.flatnonzero(per_doc)
            docs.append(low[which] + first)
            counts.append(per_doc[which])
    return (np.concatenate(docs), np.concatenate(counts)) if docs else _NONE


def _keys(begin: Ints, sizes: NDArray[np.integer], positions: NDArray[np.integer]) -> Ints:
    """Each position plus where its document begins."""
    steps = np.zeros(len(positions), np.int64)
    starts = np.cumsum(sizes, dtype=np.int64) - sizes
    steps[starts] = np.diff(begin, prepend=0)
    keys = np.cumsum(steps)
    keys += positions
    return keys
