"""Near words and phrases: the documents in which they stand together, and how often they do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import numpy as np

from cablesearch.algorithms.kernels import Ints, stretches
from cablesearch.algorithms.windows import TEXT, Spans, spans_of_words, windows
from cablesearch.engine.search.lists import Places, TermList, together
from cablesearch.protocols.queries import Near, Run

__all__ = ["near"]

_AT_ONCE = 1 << 20
"""The number of words of documents that are matched together."""


def near(query: Near, lists: Mapping[str, TermList], going_on: Mapping[TermList, TermList]) -> tuple[Ints, Ints]:
    """Return the documents (increasing) in which the operands of a query stand near each other, and at how many places
    a match ends.

    The time grows with the words of the documents that contain all operands, and with the number of operands; the
    memory with their number alone, as these documents are matched in stretches.

    Args:
        query: the query.
        lists: its words.
        going_on: the places at which words of several places go on (see `cablesearch.text.continuation`), by the word.
    """
    docs, places = _candidates(query, lists)
    if not len(docs):
        return docs, np.empty(0, np.int64)
    lengths = next(iter(lists.values())).lengths
    found, counts = [], []
    for start, end in stretches(lengths[docs].astype(np.int64) + 1, _AT_ONCE):
        part = docs[start:end]
        matching = windows(query, _located(part, slice(start, end), lists, going_on, places))
        own = np.bincount(matching.ends >> TEXT, minlength=len(part))
        which = np.flatnonzero(own)
        found.append(part[which])
        counts.append(own[which])
    return np.concatenate(found), np.concatenate(counts)


def _candidates(query: Near, lists: Mapping[str, TermList]) -> tuple[Ints, dict[str, Callable[[slice], Ints]]]:
    """Return the documents that contain all operands, and functions for the places of some words in stretches of them.

    ``places[word](part)`` are the places of the documents ``docs[part]`` in the list of the word.
    """
    alone = [operand[0] for operand in query.operands if len(operand) == 1]
    needed = list(dict.fromkeys(word for run in alone for word in run.words))
    several = list(dict.fromkeys(operand for operand in query.operands if len(operand) > 1))
    if not needed:
        # The operand with the fewest occurrences comes first.
        several.sort(key=lambda operand: sum(min(lists[word].size for word in run.words) for run in operand))
        having = np.zeros(len(next(iter(lists.values())).lengths), bool)
        for run in several[0]:
            having[together(_distinct(run, lists))[0]] = True
        return _with_any(np.flatnonzero(having), several[1:], lists), {}
    docs, places = together([lists[word] for word in needed])
    if several:
        return _with_any(docs, several, lists), {}
    return docs, {word: _of(places, number) for number, word in enumerate(needed)}


def _of(places: Places, number: int) -> Callable[[slice], Ints]:
    return lambda part: places(number, part)


def _distinct(run: Run, lists: Mapping[str, TermList]) -> list[TermList]:
    return list(dict.fromkeys(lists[word] for word in run.words))


def _with_any(docs: Ints, operands: Sequence[Sequence[Run]], lists: Mapping[str, TermList]) -> Ints:
    """Return those of the documents that contain all words of any run of each operand."""
    for operand in operands:
        having = np.zeros(len(docs), bool)
        for run in operand:
            of_run = np.ones(len(docs), bool)
            for term in _distinct(run, lists):
                of_run &= term.narrow(docs)[0]
            having |= of_run
        docs = docs[having]
    return docs


def _located(
    docs: Ints,
    part: slice,
    lists: Mapping[str, TermList],
    going_on: Mapping[TermList, TermList],
    places: Mapping[str, Callable[[slice], Ints]],
) -> Callable[[str], Spans]:
    """Return a function for the occurrences of a word in some documents, the texts of `windows`."""

    def begins(term: TermList, own: Ints | None = None) -> Ints:
        which = np.arange(len(docs)) if own is not None else np.flatnonzero(term.narrow(docs)[0])
        positions, sizes = term.positions(term.places(docs[which]) if own is None else own)
        begins = np.repeat(which << TEXT, sizes) + positions
        # A word may occur twice at one place, when two of its forms have the same stem.
        new = begins[1:] != begins[:-1]
        return begins if new.all() else begins[np.append(True, new)]

    @cache
    def located(word: str) -> Spans:
        term = lists[word]
        own = begins(term, places[word](part) if word in places else None)
        further = going_on.get(term)
        return spans_of_words(own, begins(further) if further is not None and further.size else own[:0])

    return located
