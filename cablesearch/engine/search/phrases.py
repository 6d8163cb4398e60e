"""Phrases: the documents in which words follow one another, and how often they do.

`phrase` chooses among four ways by the frequencies of the words: a table of all places (`_scanned`), looking up the
places of the rarest word (`_looked_up`), chains of places word by word (`_chained`), and bits for phrases that repeat
words (`_followed`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, reduce

import numpy as np
from numpy.typing import NDArray

from cablesearch.algorithms.chains import Chains
from cablesearch.algorithms.kernels import Ints, stretches
from cablesearch.engine.search.lists import Places, TermList, together
from cablesearch.engine.segment.postings import LOW_BITS

__all__ = ["phrase"]

_SCANNED = 12
"""A table is used when at least one place in twelve belongs to the rarest word, which occurs at least once in every
other document on average."""

_AT_ONCE = 1 << 21
"""The number of places of a word that are compared together."""

_WORDY = 1 << 26
"""No table is made for a container of documents with more words."""

_KEPT = 16
"""The number of words whose places are kept as bits while a phrase is followed."""

_NONE = (np.empty(0, np.int64), np.empty(0, np.int64))
_NO_LISTS: Mapping[TermList, TermList] = {}


def phrase(
    lists: Sequence[TermList], slop: int, going_on: Mapping[TermList, TermList] = _NO_LISTS
) -> tuple[Ints, Ints]:
    """Return the documents (increasing) in which words follow one another, and at how many places they do.

    A word may occur twice at one place, when two of its forms have the same stem.

    Args:
        lists: the words, in order.
        slop: the greatest distance between neighbouring words; 1 for adjacent words.
        going_on: the places at which words of several places go on (see `cablesearch.text.continuation`), by the word.
    """
    if not all(term.size for term in lists):
        return _NONE
    found = _adjoining(lists, slop)
    steps = {term: going_on[term] for term in lists[:-1] if term in going_on and going_on[term].size}
    return _stepped_over(lists, slop, steps, found) if steps else found


def _stepped_over(
    lists: Sequence[TermList], slop: int, steps: Mapping[TermList, TermList], found: tuple[Ints, Ints]
) -> tuple[Ints, Ints]:
    """Return what was found, corrected in the documents in which a word of the phrase takes several places."""
    docs = np.unique(np.concatenate([term.docs for term in steps.values()]))
    for term in lists:
        docs = docs[term.narrow(docs)[0]]
    if not len(docs):
        return found
    parts = stretches(lists[0].lengths[docs].astype(np.int64) + 1, _AT_ONCE)
    stepped = [_stepped_over_in(lists, slop, steps, docs[start:end]) for start, end in parts]
    kept = ~np.isin(found[0], docs, assume_unique=True)
    every, counts = _joined([(found[0][kept], found[1][kept]), *stepped])
    order = np.argsort(every)
    return every[order], counts[order]


def _stepped_over_in(
    lists: Sequence[TermList], slop: int, steps: Mapping[TermList, TermList], docs: Ints
) -> tuple[Ints, Ints]:
    def located(term: TermList) -> tuple[Ints, Ints, Ints]:
        which = np.flatnonzero(term.narrow(docs)[0])
        return which, *term.positions(term.places(docs[which]))

    return _counted(lists, slop, docs, located, steps)


def _counted(
    lists: Sequence[TermList],
    slop: int,
    docs: Ints,
    located: Callable[[TermList], tuple[Ints, Ints, Ints]],
    steps: Mapping[TermList, TermList] = _NO_LISTS,
) -> tuple[Ints, Ints]:
    """Match a phrase with chains of bits, and return the documents that have it, and at how many places they do.

    Args:
        lists, slop: the words and the greatest distance, as in `phrase`.
        docs: the documents in which to look for it.
        located: returns the indexes of the documents that contain a word, its positions in them, end to end, and the
            number of positions in each.
        steps: the places at which words of several places go on, by the word.
    """
    own = lists[0].lengths[docs].astype(np.int64) + 1
    ends = np.cumsum(own)
    chains = Chains(ends - own, int(ends[-1]), int(own.max()), slop)

    @lru_cache(maxsize=_KEPT)
    def bits(term: TermList | None) -> int:
        if term is None:
            return 0
        which, positions, sizes = located(term)
        return chains.bits(np.repeat((ends - own)[which], sizes) + positions)

    last = chains.last_words((bits(term), bits(steps.get(term))) for term in lists)
    counts = np.add.reduceat(chains.mask(last), ends - own, dtype=np.int64)
    which = np.flatnonzero(counts)
    return docs[which], counts[which]


def _adjoining(lists: Sequence[TermList], slop: int) -> tuple[Ints, Ints]:
    """Return what `phrase` returns for words of one place each, all of which occur."""
    if slop == 1 and len(lists) > 1:
        sizes = [term.occurrences for term in lists]
        frequent = 2 * min(sizes) >= len(lists[0].lengths) and sum(sizes) < _SCANNED * min(sizes)
        if frequent and all(term.bits is not None for term in lists):
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
    """Return the documents (increasing) that contain all words, and the places of these documents in each word's list,
    by the number of the word in the phrase."""
    distinct = list(dict.fromkeys(lists))
    docs, places = together(distinct)
    if len(distinct) == len(lists):
        return docs, places
    numbers = [distinct.index(term) for term in lists]
    return docs, lambda number, part: places(numbers[number], part)


def _is_repetitive(lists: Sequence[TermList], docs: Ints, places: Places) -> bool:
    """Whether repeated words have more places, counted for each repetition, than the documents have words."""
    if len(set(lists)) == len(lists):
        return False
    every = slice(0, len(docs))
    compared = sum(
        times * int(term.stretches(places(lists.index(term), every))[1].sum())
        for term, times in Counter(lists).items()
        if times > 1
    )
    return compared > int(lists[0].lengths[docs].sum(dtype=np.int64))


def _in_stretches(lists: Sequence[TermList], docs: Ints, places: Places, which: Sequence[int]) -> Iterator[slice]:
    """Cut the documents into stretches in which no word of ``which`` has too many places."""
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
    """Match all places of the documents at once, word by word (see `cablesearch.algorithms.chains`)."""
    parts = stretches(lists[0].lengths[docs].astype(np.int64) + 1, _AT_ONCE)
    return _joined([_followed_in(lists, slop, docs, places, slice(start, end)) for start, end in parts])


def _followed_in(lists: Sequence[TermList], slop: int, docs: Ints, places: Places, part: slice) -> tuple[Ints, Ints]:
    docs = docs[part]
    every = np.arange(len(docs))
    return _counted(lists, slop, docs, lambda term: (every, *term.positions(places(lists.index(term), part))))


def _chained(lists: Sequence[TermList], slop: int, docs: Ints, places: Places) -> tuple[Ints, Ints]:
    """Extend chains of places word by word: keep the places of a word that are near the end of a chain."""
    parts = _in_stretches(lists, docs, places, range(len(lists)))
    return _joined([_chained_in(lists, slop, docs, places, part) for part in parts])


def _chained_in(lists: Sequence[TermList], slop: int, docs: Ints, places: Places, part: slice) -> tuple[Ints, Ints]:
    docs = docs[part]
    ends: Ints = np.empty(0, np.int64)
    for number, term in enumerate(lists):
        positions, sizes = term.positions(places(number, part))
        following = np.repeat(np.arange(len(docs)) << 32, sizes) + positions
        if number == 0:
            ends = following
            continue
        # The nearest end before each place; document << 32 keeps the places of documents apart.
        before = np.searchsorted(ends, following) - 1
        near = before >= 0
        near[near] = following[near] - ends[before[near]] <= slop
        ends = following[near]
    which, counts = np.unique(ends[_new(ends)] >> 32, return_counts=True)
    return docs[which], counts.astype(np.int64)


def _looked_up(lists: Sequence[TermList], docs: Ints, places: Places) -> tuple[Ints, Ints]:
    """Check for each place of the rarest word whether the other words are at their places."""
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
    """Return which values differ from the value before."""
    new = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return new


def _contains(values: NDArray[np.integer], starts: Ints, sizes: Ints, wanted: Ints) -> NDArray[np.bool_]:
    """Return whether each wanted value is in its stretch of ``values``, which increase in each stretch.

    >>> values = np.array([3, 5, 9, 4])
    >>> _contains(values, np.array([0, 3]), np.array([3, 1]), np.array([5, 5])).tolist()
    [True, False]
    """
    low, width = starts, sizes
    # A binary search in all stretches at once: halve them until each has one value left, the last that is not above the
    # wanted value, or the first of the stretch.
    for _ in range(int(sizes.max()).bit_length()):
        if int(width.max()) <= 1:
            break
        half = width >> 1
        low = low + half * (values[low + half] <= wanted)
        width = width - half
    contained: NDArray[np.bool_] = values[low] == wanted
    return contained


def _scanned(lists: Sequence[TermList]) -> tuple[Ints, Ints]:
    """Match adjacent words in a table of all places of a container, which are numbered through its documents.

    Each word keeps those of its places that are marked, and marks the places after these for the next word. For "a b"
    with "a" at places 0 and 4 and "b" at 1 and 3, "a" marks 1 and 5, and "b" keeps 1. The extra place of each document
    keeps phrases from crossing into the next one.
    """
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
        for number, term in enumerate(lists):
            low, sizes, positions = term.container(first >> LOW_BITS)
            if not len(low):
                break
            keys = _keys(begin[low], sizes, positions)
            if number == 0:
                marked[keys + 1] = True
                continue
            kept = marked[keys]
            if number < len(lists) - 1:
                marked[:] = False
                marked[keys[kept] + 1] = True
                continue
            sums = np.cumsum(kept & _new(keys), dtype=np.int64)
            per_doc = np.diff(sums[np.cumsum(sizes, dtype=np.int64) - 1], prepend=0)
            which = np.flatnonzero(per_doc)
            docs.append(low[which] + first)
            counts.append(per_doc[which])
    return (np.concatenate(docs), np.concatenate(counts)) if docs else _NONE


def _keys(begin: Ints, sizes: NDArray[np.integer], positions: NDArray[np.integer]) -> Ints:
    """Return each position plus the place where its document begins.

    >>> _keys(np.array([0, 10]), np.array([2, 1]), np.array([3, 5, 4])).tolist()
    [3, 5, 14]
    """
    steps = np.zeros(len(positions), np.int64)
    starts = np.cumsum(sizes, dtype=np.int64) - sizes
    steps[starts] = np.diff(begin, prepend=0)
    keys = np.cumsum(steps)
    keys += positions
    return keys
