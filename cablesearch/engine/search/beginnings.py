"""What begins with some letters: the most common words, and the words that follow a phrase."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cablesearch.algorithms.kernels import Ints, is_in, ranges, run_starts
from cablesearch.engine.search.lists import TermList, together
from cablesearch.engine.search.view import View, blamed
from cablesearch.engine.segment.postings import PostingsReader
from cablesearch.engine.segment.segment import Segment
from cablesearch.text.continuation import CONTINUED

__all__ = ["containing", "ends", "following", "having", "most_common", "next_terms", "sharing"]

_DEPTH = 16
"""The number of terms that are looked at first in each segment; then twice as many, and so on."""


@blamed
def most_common(
    view: View, field: str, prefix: str, wanted: int, accepts: Callable[[str], bool] = lambda term: True
) -> list[tuple[str, int]]:
    """Return the terms of a text field that begin with a prefix and that most visible documents have, each with their
    number; equal ones in alphabetical order.

    The number of documents that have a term, visible or not, bounds that of the visible ones. So terms are counted in
    the order of these bounds, until no other term can be among those that are wanted (the threshold algorithm of Fagin,
    Lotem and Naor, "Optimal aggregation algorithms for middleware", 2003). The answer depends only on visible
    documents, the time on all.

    Args:
        view: the view that is searched.
        field: the field.
        prefix: the beginning of terms; not empty.
        wanted: the most terms to return.
        accepts: returns whether a term may be returned.
    """
    best: list[tuple[int, str]] = []
    for most, term in _bounded(view, field, prefix):
        if len(best) >= wanted and best[-1] < (-most, term):
            break
        if accepts(term) and (count := view.frequency(field, term)):
            best = sorted([*best, (-count, term)])[:wanted]
    return [(term, -count) for count, term in best]


def _bounded(view: View, field: str, prefix: str) -> Iterator[tuple[int, str]]:
    """Yield terms by the number of documents that have them, visible or not, descending; equal ones in alphabetical
    order."""
    parts = [(segment, segment.words(field, prefix)) for segment in view.segments]
    parts = [(segment, span) for segment, span in parts if len(span)]
    if len(parts) == 1:
        segment, span = parts[0]
        sizes = segment.frequencies(field, span)
        yield from ((int(sizes[place]), segment.terms(field).text(span.start + place)) for place in _largest(sizes))
        return
    frequencies = [segment.frequencies(field, span) for segment, span in parts]
    order = [_largest(sizes) for sizes in frequencies]
    seen: set[str] = set()
    waiting: list[tuple[int, str]] = []
    depth = _DEPTH
    while True:
        # What no segment has shown yet is in fewer documents than the last terms that were shown, all together.
        unseen = 0
        for (segment, span), sizes, places in zip(parts, frequencies, order, strict=True):
            shown = [place for _, place in zip(range(depth), places, strict=False)]
            unseen += int(sizes[shown[-1]]) if len(shown) == depth else 0
            for place in shown:
                term = segment.terms(field).text(span.start + place)
                if term not in seen:
                    seen.add(term)
                    heapq.heappush(waiting, (-_total(parts, field, term), term))
        while waiting and (not unseen or -waiting[0][0] > unseen):
            most, term = heapq.heappop(waiting)
            yield -most, term
        if not unseen:
            return
        depth *= 2


def _total(parts: Sequence[tuple[Segment, range]], field: str, term: str) -> int:
    numbers = ((segment, segment.term(field, term)) for segment, _ in parts)
    return sum(segment.frequency(field, number) for segment, number in numbers if number is not None)


def _largest(sizes: Ints) -> Iterator[int]:
    """Yield the places of values by descending value, equal ones in their order.

    >>> list(_largest(np.array([3, 9, 3, 5])))
    [1, 3, 0, 2]
    """
    # A key of its own for each value makes the order of equal ones certain.
    keys = sizes << 32 | np.arange(len(sizes))[::-1]
    done, depth = 0, _DEPTH
    while done < len(keys):
        if depth < len(keys):
            places = np.argpartition(-keys, depth - 1)[:depth]
            places = places[np.argsort(-keys[places])]
        else:
            places = np.argsort(-keys)
        yield from places[done:].tolist()
        done, depth = len(places), depth * 4


# Phrases

_FEW = 4_096
"""The most documents of which the postings are looked up in a table of their low bits."""


def following(
    view: View, number: int, field: str, head: Sequence[str], prefix: str, without: Iterable[str] = ()
) -> tuple[Ints, Ints]:
    """Return the terms with a prefix that stand next to a phrase in visible documents of a segment, and the documents
    in which they do: a pair for each term and document; int64.

    The time depends on the number of documents of the terms with the prefix, and of the rarest word of the phrase.

    Args:
        view: the view that is searched.
        number: the number of the segment.
        field: a text field that does not belong to blocks.
        head: the words of the phrase, at least one.
        prefix: the beginning of the next word.
        without: words that are not looked for.
    """
    docs = having(view, number, field, head)
    return next_terms(view, number, field, ends(view, number, field, head, docs), prefix, without)


_NONE = (np.empty(0, np.int64), np.empty(0, np.int64))


@blamed
def having(view: View, number: int, field: str, words: Sequence[str]) -> Ints:
    """Return the visible documents of a segment that have all words, anywhere."""
    lists = [TermList(view, number, field, word, 0.0) for word in words]
    if not all(term.size for term in lists):
        return _NONE[0]
    docs = together(lists)[0]
    return docs[view.shown[number].members[docs]]


@blamed
def next_terms(
    view: View, number: int, field: str, places: Ints, begun: str | Set[str], without: Iterable[str] = ()
) -> tuple[Ints, Ints]:
    """Return the terms that stand at some places of a segment, and their documents: a pair for each term and document.

    Args:
        view: the view that is searched.
        number: the number of the segment.
        field: a text field that does not belong to blocks.
        places: the places (increasing): document << 32 | position.
        begun: the beginning of the terms, or the terms themselves.
        without: words that are not looked for.
    """
    segment = view.segments[number]
    if isinstance(begun, str):
        spans = [np.arange(span.start, span.stop) for span in _spans(segment, field, begun, without)]
    else:
        known = sorted(term for term in (segment.term(field, text) for text in begun) if term is not None)
        spans = [np.array(known, np.int64)]
    docs = np.unique(places >> 32)
    parts = [_NONE]
    for terms in spans if len(docs) else ():
        if len(docs) <= _FEW:
            parts += _looked_up(segment, field, terms, docs, places)
        else:
            parts += _marked(segment, field, terms, docs, places)
    return np.concatenate([terms for terms, _ in parts]), np.concatenate([docs for _, docs in parts])


def _looked_up(segment: Segment, field: str, terms: Ints, docs: Ints, places: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Yield the terms at some places, and their documents, given the few documents of these places."""
    for reader, own, names in _readers(segment, field, terms):
        owners, own_docs, at = reader.among(own, docs)
        positions, sizes = reader.positions_at(at)
        postings = np.repeat(np.arange(len(at)), sizes)[is_in(np.repeat(own_docs << 32, sizes) + positions, places)]
        postings = postings[run_starts(postings)]
        yield names[owners[postings]], own_docs[postings]


def _marked(segment: Segment, field: str, terms: Ints, docs: Ints, places: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Yield the terms at some places, and their documents, given the documents of these places, which may be many."""
    table = _Table(docs, segment.lengths(field))
    table.mark(places)
    for reader, own, names in _readers(segment, field, terms):
        yield _Postings(names, reader.sizes(own), *reader.some(own)).marked(table)


def _readers(segment: Segment, field: str, terms: Ints) -> Iterator[tuple[PostingsReader, Ints, Ints]]:
    """Yield what has the postings of some terms (increasing): a reader, the numbers that terms have there (increasing)
    and their own. Terms may share the postings of their stem."""
    reader = segment.postings_of(field)
    borrowed = np.zeros(len(terms), bool)
    if f"{field}.stems" in segment.arrays:
        borrowed = reader.sizes(terms) == 0
    if not borrowed.all():
        yield reader, terms[~borrowed], terms[~borrowed]
    if borrowed.any():
        stems = segment.arrays[f"{field}.stems"][terms[borrowed]].astype(np.int64)
        order = np.argsort(stems)
        yield segment.postings_of(segment.twins[field]), stems[order], terms[borrowed][order]


def _spans(segment: Segment, field: str, prefix: str, without: Iterable[str]) -> Iterator[range]:
    """Yield the terms with a prefix, in stretches between those that are left out."""
    span = segment.words(field, prefix)
    start = span.start
    left_out = (segment.term(field, word) for word in without if word.startswith(prefix))
    for term in sorted(term for term in left_out if term is not None):
        if start < term:
            yield range(start, term)
        start = term + 1
    if start < span.stop:
        yield range(start, span.stop)


@blamed
def ends(view: View, number: int, field: str, head: Sequence[str], docs: Ints) -> Ints:
    """Return the places (increasing) that follow a phrase in documents that have all its words:
    document << 32 | position."""
    found: Ints | None = None
    for word in head:
        term = TermList(view, number, field, word, 0.0)
        if not term.size or not len(docs):
            return _NONE[0]
        places = _places_in(term, docs)
        if found is not None:
            places = places[is_in(places, found)]
        found = places + 1
        going_on = TermList(view, number, field, CONTINUED + word, 0.0)
        if going_on.size and len(found):
            # A word that was joined from its parts goes on over the places of all of them.
            steps = _places_in(going_on, docs[going_on.narrow(docs)[0]])
            while (on := is_in(found, steps)).any():
                found = np.where(on, found + 1, found)
            found = np.unique(found)
    return _NONE[0] if found is None else found


def _places_in(term: TermList, docs: Ints) -> Ints:
    """Return the places of a term in documents that have it (increasing)."""
    positions, sizes = term.positions(term.places(docs))
    places: Ints = np.repeat(docs << 32, sizes) + positions
    return places


class _Table:
    """Marked places of some documents, which are numbered end to end: those of documents of 3 and 2 words from 0 to 3
    and from 4 to 6. (A phrase may end where a document does, so each has a place more.)

    Args:
        docs: the documents, increasing.
        lengths: the number of words of every document.
    """

    def __init__(self, docs: Ints, lengths: NDArray[Any]) -> None:
        sizes = lengths[docs].astype(np.int64) + 1
        ends = np.cumsum(sizes)
        self.having = np.zeros(len(lengths), bool)
        self.having[docs] = True
        self.first = np.zeros(len(lengths), np.int64)
        self.first[docs] = ends - sizes
        self.is_marked = np.zeros(int(ends[-1]), bool)

    def mark(self, places: Ints) -> None:
        """Mark places: document << 32 | position."""
        self.is_marked[self.first[places >> 32] + (places & (1 << 32) - 1)] = True


class _Postings:
    """The postings of several terms, end to end."""

    def __init__(self, terms: Ints, sizes: Ints, docs: Ints, counts: Ints, positions: NDArray[np.integer]) -> None:
        self._terms, self._sizes = terms, sizes
        self._docs, self._counts, self._positions = docs, counts, positions

    def marked(self, table: _Table) -> tuple[Ints, Ints]:
        """Return the postings that have a position at a marked place: their terms and documents."""
        chosen = np.flatnonzero(table.having[self._docs])
        sizes = self._counts[chosen]
        starts = np.cumsum(self._counts, dtype=np.int64)[chosen] - sizes
        positions = self._positions[ranges(starts, sizes, len(self._positions))]
        postings = np.repeat(chosen, sizes)[
            table.is_marked[np.repeat(table.first[self._docs[chosen]], sizes) + positions]
        ]
        postings = postings[run_starts(postings)]
        owners = np.searchsorted(np.cumsum(self._sizes), postings, "right")
        return self._terms[owners], self._docs[postings]


@blamed
def containing(view: View, field: str, head: Sequence[str], prefix: str, without: Iterable[str] = ()) -> list[Ints]:
    """Return the visible documents, of each segment, that have a term with a prefix, after the words before it; the
    arguments are those of `following`."""
    found: list[Ints] = []
    for number, segment in enumerate(view.segments):
        if head:
            docs = np.unique(following(view, number, field, head, prefix, without)[1])
        else:
            terms = [np.arange(span.start, span.stop) for span in _spans(segment, field, prefix, without)]
            mask = segment.with_any(field, np.concatenate(terms)) if terms else np.zeros(segment.docs, bool)
            docs = np.flatnonzero(mask & view.shown[number].members)
        found.append(docs)
    return found


@blamed
def sharing(view: View, field: str, words: Sequence[str], number: int, block: int) -> list[Ints]:
    """Return the visible documents of each segment that have several words, given a block that has them.

    The words are looked up, the rarest first, until only documents of the block are left. All documents of the block
    that have any of the words must have all of them.
    """
    found: list[Ints] = []
    for place, segment in enumerate(view.segments):
        numbers = [segment.term(field, word) for word in dict.fromkeys(words)]
        terms = sorted((segment.frequency(field, term), term) for term in numbers if term is not None)
        docs = np.empty(0, np.int64)
        if len(terms) == len(numbers):
            postings, term = segment.located(field, terms[0][1])
            docs = postings.docs(term)
            docs = docs[view.shown[place].members[docs]]
        for _, each in terms[1:]:
            if not len(docs) or (place == number and (segment.blocks_of(docs) == block).all()):
                break
            postings, term = segment.located(field, each)
            docs = docs[postings.find(term, docs) >= 0]
        found.append(docs)
    return found
