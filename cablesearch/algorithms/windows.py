"""Match operands that stand near each other, given where each of them occurs.

Places are numbers; those of different texts are so far apart that no window reaches from one text into another. All
steps are on whole arrays, a few for each operand, however often it occurs.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from functools import cache, reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cablesearch.algorithms.kernels import Ints, stretches
from cablesearch.protocols.queries import Near, Run

__all__ = ["TEXT", "Spans", "occurrences", "spans_of_words", "windows"]

TEXT = 32
"""The place in a text, plus the number of the text shifted by this, is a place among those of several texts."""

_MOST_STATES = 64
"""The most sets of operands for which the best windows are computed: those of 6 operands."""
_AT_ONCE = 1 << 22
"""The number of occurrences, times the number of sets of operands, for which they are computed together."""
_NEVER = 1 << 60


class Spans(NamedTuple):
    """Distinct spans of places by their begin, then by their end: the first place and the last place of each."""

    begins: Ints
    ends: Ints


_NONE = Spans(np.empty(0, np.int64), np.empty(0, np.int64))

Located = Callable[[str], Spans]
"""Returns where a word occurs; it may take several places (see `cablesearch.text.continuation`)."""


def spans_of_words(begins: Ints, going_on: Ints) -> Spans:
    """Return the spans of a word, given the places (increasing) where it begins, and those where it goes on.

    >>> spans_of_words(np.array([0, 5]), np.array([1, 2])).ends.tolist()
    [2, 5]
    """
    if not len(going_on):
        return Spans(begins, begins)
    # The last place of the run of places without a gap to which each place belongs.
    last = np.append(going_on[1:] - going_on[:-1] > 1, True)
    run_ends = going_on[last][np.cumsum(last) - last]
    at = np.searchsorted(going_on, begins + 1)
    at[at == len(going_on)] = 0
    return Spans(begins, np.where(going_on[at] == begins + 1, run_ends[at], begins))


def occurrences(operand: Sequence[Run], located: Located) -> Spans:
    """Return where any of some runs occurs.

    Of the occurrences of a phrase with a distance between its words, these are the ones in which each word is the
    nearest possible before the next one, or after the one before.
    """
    parts = [spans for run in operand if len((spans := _occurrences(run, located)).begins)]
    if len(parts) < 2:
        return parts[0] if parts else _NONE
    return _spans(*map(np.concatenate, zip(*parts, strict=True)))


def _occurrences(run: Run, located: Located) -> Spans:
    words = [located(word) for word in run.words]
    forwards = reduce(lambda spans, word: _extended(spans, word, run.slop), words)
    if run.slop == 1 or len(words) == 1 or not len(forwards.begins):
        return forwards
    backwards = reduce(lambda spans, word: _extended(spans, word, run.slop), map(_mirrored, reversed(words)))
    return _spans(*map(np.concatenate, zip(forwards, _mirrored(backwards), strict=True)))


def _extended(spans: Spans, words: Spans, slop: int) -> Spans:
    """Return spans extended to each word that begins at most ``slop`` after one; the nearest one before it counts."""
    if not len(spans.begins) or not len(words.begins):
        return _NONE
    begins, ends = _by_end(spans)
    at = np.searchsorted(ends, words.begins) - 1
    near = (at >= 0) & (words.begins - ends[at] <= slop)
    return _spans(begins[at[near]], words.ends[near])


def _by_end(spans: Spans) -> Spans:
    if spans.ends is spans.begins:
        return spans
    order = np.argsort(spans.ends, kind="stable")
    return Spans(spans.begins[order], spans.ends[order])


def _mirrored(spans: Spans) -> Spans:
    """Return spans as a reader from right to left sees them; undoes itself."""
    return _spans(-spans.ends, -spans.begins)


def _spans(begins: Ints, ends: Ints) -> Spans:
    """Return spans in order, each once."""
    if (begins[1:] > begins[:-1]).all():
        return Spans(begins, ends)
    order = np.lexsort((ends, begins))
    begins, ends = begins[order], ends[order]
    new = np.ones(len(begins), bool)
    new[1:] = (begins[1:] != begins[:-1]) | (ends[1:] != ends[:-1])
    return Spans(begins[new], ends[new])


def windows(query: Near, located: Located) -> Spans:
    """Return for each place where a match ends the span of one, by their end.

    Args:
        query: the query.
        located: returns where each of its words occurs.
    """
    distinct = {operand: occurrences(operand, located) for operand in dict.fromkeys(query.operands)}
    operands = [distinct[operand] for operand in query.operands]
    if not all(len(operand.begins) for operand in operands):
        return _NONE
    if query.in_order:
        return _with_ends(reduce(lambda spans, own: _extended(spans, own, query.distance), operands))
    groups = [(distinct[operand], query.operands.count(operand)) for operand in distinct]
    room = (len(operands) - 1) * (query.distance - 1)
    return _with_ends(_any_order(groups, room))


def _with_ends(spans: Spans) -> Spans:
    """Return the shortest of the spans with each end, by their end."""
    if not len(spans.ends):
        return spans
    begins, ends = _by_end(spans)
    first = np.flatnonzero(np.append(True, ends[1:] != ends[:-1]))
    return Spans(np.maximum.reduceat(begins, first), ends[first])


_Group = tuple[Spans, int]
"""The occurrences of an operand, and how many of them a match has."""


def _any_order(groups: Sequence[_Group], room: int) -> Spans:
    """Return windows with the occurrences of all groups and at most ``room`` places that these do not take."""
    states = math.prod(times + 1 for _, times in groups)
    if states <= _MOST_STATES and sum(times for _, times in groups) == 2:
        return _best(groups, room)
    merged = _Merged(groups)
    uneven = merged.uneven if states <= _MOST_STATES else None
    if uneven is None or not len(uneven):
        return merged.nearest(room)
    parts = []
    if even := _in_texts(groups, uneven, invert=True):
        parts.append(_Merged(even).nearest(room))
    texts, counts = merged.texts(room, uneven)
    for start, end in stretches(counts, _AT_ONCE // states):
        if chosen := _in_texts(groups, texts[start:end]):
            parts.append(_best(chosen, room))
    return _joined(parts)


def _in_texts(groups: Sequence[_Group], texts: Ints, *, invert: bool = False) -> list[_Group] | None:
    """Return the occurrences in some texts, or in all others; None if some group has none there."""
    chosen = [(_kept(spans, np.isin(spans.begins >> TEXT, texts, invert=invert)), times) for spans, times in groups]
    return chosen if all(len(spans.begins) for spans, _ in chosen) else None


def _joined(parts: Sequence[Spans]) -> Spans:
    return Spans(*map(np.concatenate, zip(*parts, strict=True))) if parts else _NONE


def _kept(spans: Spans, which: NDArray[np.bool_]) -> Spans:
    if spans.ends is spans.begins:
        begins = spans.begins[which]
        return Spans(begins, begins)
    return Spans(spans.begins[which], spans.ends[which])


class _Merged:
    """The occurrences of all groups, by their begin."""

    def __init__(self, groups: Sequence[_Group]) -> None:
        self._groups = groups
        begins = np.concatenate([spans.begins for spans, _ in groups])
        owners = np.repeat(np.arange(len(groups)), [len(spans.begins) for spans, _ in groups])
        order = np.argsort(begins, kind="stable")
        self._begins, self._owners = begins[order], owners[order]
        self._ends = self._begins
        if any(spans.ends is not spans.begins for spans, _ in groups):
            self._ends = np.concatenate([spans.ends for spans, _ in groups])[order]

    @property
    def uneven(self) -> Ints:
        """Return the texts in which occurrences overlap, or those of an operand differ in length."""
        ends = self._ends if self._ends is self._begins else np.maximum.accumulate(self._ends)
        texts = [self._begins[1:][self._begins[1:] <= ends[:-1]]]
        for spans, _ in self._groups:
            if spans.ends is not spans.begins:
                lengths = spans.ends - spans.begins
                texts.append(spans.begins[lengths != lengths.min()])
        return np.unique(np.concatenate(texts) >> TEXT)

    def nearest(self, room: int) -> Spans:
        """Return windows, each with the occurrences that are the last to begin up to its end.

        These are the best if occurrences do not overlap and those of each operand have one length.
        """
        taken = np.zeros(len(self._begins), np.int64)
        for (spans, times), begun in zip(self._groups, self._begun(), strict=True):
            if spans.ends is spans.begins:
                taken += times
            else:
                lengths = np.append(0, np.cumsum(spans.ends - spans.begins + 1))
                taken += lengths[begun] - lengths[np.maximum(begun - times, 0)]
        return self._within(room + taken)

    def texts(self, room: int, among: Ints) -> tuple[Ints, Ints]:
        """Return those of some texts that may have a window, and the number of occurrences in each."""
        longest = sum(times * (int((spans.ends - spans.begins).max()) + 1) for spans, times in self._groups)
        texts, counts = np.unique(self._begins >> TEXT, return_counts=True)
        kept = np.isin(texts, self._within(room + longest).begins >> TEXT) & np.isin(texts, among)
        return texts[kept], counts[kept]

    def _begun(self) -> Iterator[Ints]:
        """Yield for each group the number of its occurrences that begin no later than each occurrence."""
        return (np.cumsum(self._owners == number) for number in range(len(self._groups)))

    def _within(self, most: Ints | int) -> Spans:
        """Return, for each occurrence, the window of the latest occurrences of every group that begin no later than
        it does. Leave out windows that lack any of them, and those of more than ``most`` places."""
        first, complete = self._begins.copy(), np.ones(len(self._begins), bool)
        for (spans, times), begun in zip(self._groups, self._begun(), strict=True):
            complete &= begun >= times
            np.minimum(first, spans.begins[np.maximum(begun - times, 0)], out=first)
        complete &= self._ends - first < most
        return Spans(first[complete], self._ends[complete])


class _Last(NamedTuple):
    """For each occurrence of an operand, the best window that ends with it, for one set of operands: how many places
    the operands leave free in it, and where it begins. A single operand leaves none free: None."""

    free: Ints | None
    begins: Ints


def _best(groups: Sequence[_Group], room: int) -> Spans:
    """Return the windows with the fewest places that are not taken, by all sets of operands from small to large."""
    by_end = [_by_end(spans) for spans, _ in groups]
    orders = [np.argsort(spans.ends, kind="stable") for spans, _ in groups] if sum(n for _, n in groups) > 2 else []
    before = cache(lambda one, other: np.searchsorted(by_end[one].ends, groups[other][0].begins) - 1)
    full = tuple(times for _, times in groups)
    states: dict[tuple[int, ...], dict[int, _Last]] = {}
    for state in sorted(itertools.product(*(range(times + 1) for times in full)), key=sum)[1:]:
        # Only sets with one operand less are needed.
        states = {smaller: own for smaller, own in states.items() if sum(smaller) >= sum(state) - 1}
        states[state] = {}
        for number in np.flatnonzero(state).tolist():
            begins = groups[number][0].begins
            if sum(state) == 1:
                states[state][number] = _Last(None, begins)
                continue
            rest = tuple(count - (place == number) for place, count in enumerate(state))
            options = []
            for one, last in states[rest].items():
                if last.free is None:
                    own = _Last(None, by_end[one].begins)
                else:
                    own = _Last(last.free[orders[one]], last.begins[orders[one]])
                options.append(_following(own, by_end[one].ends, before(one, number), begins, room))
            states[state][number] = reduce(_better, options)
    parts = []
    for number, last in states[full].items():
        spans = Spans(last.begins, groups[number][0].ends)
        parts.append(_kept(spans, last.free <= room) if last.free is not None else spans)
    return _joined(parts)


def _following(last: _Last, ends: Ints, before: Ints, begins: Ints, room: int) -> _Last:
    """Return the best windows that end with the occurrences which begin at ``begins``, given the windows before.

    Args:
        last, ends: the windows that end with the operand before, and these ends (increasing).
        before: the number of the last of these that ends before each of ``begins``; -1 if none does.
        begins: where the next occurrences begin.
        room: the most places that may be left free.
    """
    # The places that stay free are those of the window before and those up to the next occurrence.
    if last.free is None:
        free, which = begins - ends[before] - 1, before
    else:
        values = last.free - ends
        least = np.minimum.accumulate(values)
        which = np.maximum.accumulate(np.where(values == least, np.arange(len(values)), 0))[before]
        free = least[before] + begins - 1
    free[(before < 0) | (free > room)] = _NEVER
    return _Last(free, last.begins[which])


def _better(one: _Last, other: _Last) -> _Last:
    assert one.free is not None
    assert other.free is not None
    better = one.free <= other.free
    return _Last(np.where(better, one.free, other.free), np.where(better, one.begins, other.begins))
