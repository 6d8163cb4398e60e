"""The terms that visible documents have: listings, documents and positions.

Terms are bytes, as in Whoosh. A term that occurs only in hidden documents does not exist here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from heapq import merge
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cablesearch.engine.search import expand
from cablesearch.engine.search.view import View
from cablesearch.engine.whoosh_reader.documents import NOTHING, Documents, Having, spread
from cablesearch.protocols.fields import kind_of

__all__ = ["Terms"]

Ints = NDArray[np.int64]

_UNKNOWN, _HIDDEN, _SEEN = 0, 1, 2


def _is_utf8(term: bytes) -> bool:
    """Return whether a stored term is UTF-8 (without lone surrogates, which Whoosh cannot read)."""
    if b"\xed" in term:
        try:
            term.decode()
        except UnicodeDecodeError:
            return False
    return True


class Terms:
    """The terms of the text and keyword fields of a view."""

    def __init__(self, view: View, documents: Documents) -> None:
        self._view = view
        self._documents = documents
        self._states: dict[tuple[int, str], NDArray[np.uint8]] = {}

    def rising(self, field: str, start: bytes) -> Iterator[bytes]:
        """Yield the terms of a field in ascending order, from ``start`` on."""
        parts = [self._rising(number, field, start) for number in range(len(self._view.segments))]
        return (term for term, _ in groupby(merge(*parts)))

    def _rising(self, number: int, field: str, start: bytes) -> Iterator[bytes]:
        terms = self._view.segments[number].terms(field)
        for index in range(bisect_left(terms, start), len(terms)):
            term = terms[index]
            if _is_utf8(term) and self._is_seen(number, field, index):
                yield term

    def _is_seen(self, number: int, field: str, index: int) -> bool:
        """Return whether a visible document has a term of a segment's dictionary."""
        states = self._states.get((number, field))
        if states is None:
            states = self._states[number, field] = np.zeros(len(self._view.segments[number].terms(field)), np.uint8)
        if states[index] == _UNKNOWN:
            states[index] = _SEEN if len(self._having(number, field, index).docs) else _HIDDEN
        return bool(states[index] == _SEEN)

    def near(self, field: str, word: str, distance: int, prefix_length: int) -> set[str]:
        """Return the terms within an edit distance of a word (see `cablesearch.engine.search.expand.fuzzy`)."""
        terms = set()
        for number, segment in enumerate(self._view.segments):
            for index in expand.fuzzy(segment, field, word, distance, prefix_length):
                if _is_utf8(segment.terms(field)[index]) and self._is_seen(number, field, index):
                    terms.add(segment.terms(field).text(index))
        return terms

    def has(self, field: str, term: bytes) -> bool:
        """Return whether a visible document has a term."""
        indices = (segment.terms(field).find(term) for segment in self._view.segments)
        return any(index is not None and self._is_seen(number, field, index) for number, index in enumerate(indices))

    def having(self, field: str, term: bytes) -> Having:
        """Return the documents that have a term, and how often it occurs in each."""
        indices = (segment.terms(field).find(term) for segment in self._view.segments)
        return self._documents.gather(
            [NOTHING if index is None else self._having(number, field, index) for number, index in enumerate(indices)]
        )

    def _having(self, number: int, field: str, index: int) -> Having:
        """Return the visible documents of a segment (numbered there) that have a term of its dictionary."""
        segment = self._view.segments[number]
        if kind_of(self._view.schema[field]) == "text":
            having = Having(*segment.postings(field, index))
        else:
            docs = segment.docs_with(field, [index])
            having = Having(docs, np.ones(len(docs), np.int64))
        return spread(self._view, number, field, having)

    def lengths(self, field: str) -> NDArray[np.uint32]:
        """Return the number of words of each document in a text field."""
        lengths = [np.zeros(0, np.uint32)]
        lengths += [self._lengths(number, field).astype(np.uint32) for number in range(len(self._view.segments))]
        return np.concatenate(lengths)[self._documents.docs]

    def _lengths(self, number: int, field: str) -> NDArray[Any]:
        segment, leads = self._view.segments[number], self._view.leads[number]
        lengths = segment.lengths(field)
        if not self._view.is_of_block(field):
            return lengths
        of_block = np.zeros(segment.blocks, np.uint32)
        np.add.at(of_block, segment.block_of[leads], lengths[leads])
        return of_block[segment.block_of]

    def positions(self, field: str, term: bytes) -> Callable[[int, int], list[int]]:
        """Return a function that gives the positions of a term in a document (its segment, its number there)."""
        places: dict[int, Ints] = {}

        def positions(number: int, doc: int) -> list[int]:
            segment = self._view.segments[number]
            if number not in places:
                index = segment.terms(field).find(term)
                places[number] = NOTHING.docs if index is None else segment.places(field, index)
            values = []
            for source in self._sources(number, field, doc):
                start, end = np.searchsorted(places[number], [source << 32, (source + 1) << 32])
                values += (places[number][start:end] & 0xFFFFFFFF).tolist()
            return sorted(values)

        return positions

    def _sources(self, number: int, field: str, doc: int) -> list[int]:
        """Return the documents of a segment with the words of a visible document: itself, or its block's visible
        leads."""
        if not self._view.is_of_block(field):
            return [doc]
        segment = self._view.segments[number]
        block = segment.block(doc)
        start, end = segment.first[block : block + 2].tolist()
        leads: list[int] = (np.flatnonzero(self._view.leads[number][start:end]) + start).tolist()
        return leads

    def words_of(self, field: str, number: int, doc: int) -> Counter[str]:
        """Return the words of a document (its segment, its number there) in a text field, and how often each occurs.

        The postings of the segment's terms are searched one after another, which is slow if there are many.
        """
        segment = self._view.segments[number]
        counts: Counter[str] = Counter()
        for source in self._sources(number, field, doc):
            left = int(segment.lengths(field)[source])
            for index in range(len(segment.terms(field))):
                if not left:
                    break
                docs, times = segment.postings(field, index)
                at = int(np.searchsorted(docs, source))
                if at < len(docs) and docs[at] == source:
                    counts[segment.terms(field).text(index)] += int(times[at])
                    left -= int(times[at])
        return counts
