"""A view as Whoosh's own searchers read it, and queries that Whoosh's matchers answer instead of our executor.

The documents that a `ViewReader` shows are the visible members, numbered through the snapshot; all others count as
deleted, and what stands only in them is in no listing and no statistic. A term of a field of the block is found in
every visible member of the blocks whose visible leads have it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from heapq import merge
from itertools import groupby
from math import inf
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh import query as q
from whoosh.columns import ColumnReader
from whoosh.matching import Matcher, NullMatcher
from whoosh.query.spans import Span
from whoosh.reading import IndexReader, TermInfo, TermNotFound
from whoosh.scoring import BaseScorer, WeightingModel
from whoosh.searching import Searcher
from whoosh.spelling import Corrector

from cablesearch.engine import bm25
from cablesearch.engine.fields import NO_NUMBER, kind_of
from cablesearch.engine.search import expand
from cablesearch.engine.search.view import View
from cablesearch.errors import CablesearchError

__all__ = ["Bm25", "Stored", "ViewReader", "whoosh_matches"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

Stored = Callable[[bytes, int], Mapping[str, Any]]
"""(the bytes stored with a block, a document's place in it) -> that document's stored fields, and of no other."""

_UNKNOWN, _HIDDEN, _SEEN = 0, 1, 2
_CACHED_TERMS = 32


class _Found(NamedTuple):
    """The documents that have a term, numbered through the snapshot and rising, and how often each does; both int64."""

    docs: Ints
    counts: Ints


_NONE = _Found(np.empty(0, np.int64), np.empty(0, np.int64))


class _Term(Matcher):
    """The documents of one term in turn, or the terms of one document.

    ``scores`` says what each is worth, or else ``scorer`` is asked, or else it is the count. ``places`` gives the
    positions in a document; None for fields that have none.
    """

    def __init__(
        self,
        term: tuple[str, bytes] | None,
        ids: list[Any],
        counts: list[int],
        places: Callable[[Any], list[int]] | None,
        *,
        scorer: BaseScorer | None = None,
        scores: list[float] | None = None,
        at: int = 0,
    ) -> None:
        self._term = term
        self._ids = ids
        self._counts = counts
        self._places = places
        self._scorer = scorer
        self._scores = scores
        self._at = at

    def is_active(self) -> bool:
        return self._at < len(self._ids)

    def reset(self) -> None:
        self._at = 0

    def copy(self) -> Matcher:
        return _Term(
            self._term,
            self._ids,
            self._counts,
            self._places,
            scorer=self._scorer,
            scores=self._scores,
            at=self._at,
        )

    def term(self) -> tuple[str, bytes] | None:
        return self._term

    def replace(self, minquality: float = 0) -> Matcher:
        del minquality
        return self if self.is_active() else NullMatcher()

    def supports_block_quality(self) -> bool:
        # What Whoosh skips by qualities was, now and then, one of the best hits.
        return False

    def max_quality(self) -> float:
        # Asked for all the same; nothing is ruled out by it.
        return inf

    def id(self) -> Any:
        return self._ids[self._at]

    def next(self) -> None:
        self._at += 1

    def skip_to(self, id: Any) -> None:  # noqa: A002
        self._at = bisect_left(self._ids, id, self._at)

    def supports(self, astype: str) -> bool:
        return astype in {"frequency", "weight"} or (astype == "positions" and self._places is not None)

    def value(self) -> bytes:
        return b""

    def value_as(self, astype: str) -> Any:
        if astype == "positions":
            if self._places is None:
                field = self._term[0] if self._term else "this field"
                raise CablesearchError(f"the values of {field} have no order in which they could be near one another")
            return self._places(self.id())
        return self._counts[self._at]

    def spans(self) -> list[Span]:
        return [Span(place) for place in self.value_as("positions")]

    def weight(self) -> float:
        return self._counts[self._at]

    def score(self) -> float:
        if self._scores is not None:
            return self._scores[self._at]
        return self._scorer.score(self) if self._scorer else self.weight()


class Bm25(WeightingModel):
    """Scores as our executor gives them: `cablesearch.engine.bm25` over the statistics of a view, and 1 for whatever is
    no word of a text."""

    def __init__(self, view: View) -> None:
        self.view = view

    def idf(self, searcher: Any, fieldname: str, text: str | bytes) -> float:
        del searcher
        word = text.decode("utf-8", "surrogatepass") if isinstance(text, bytes) else text
        return self.view.idf(fieldname, [word])

    def scorer(self, searcher: Any, fieldname: str, text: str | bytes, qf: int = 1) -> BaseScorer:
        if kind_of(self.view.schema[fieldname]) != "text":
            return _One()
        return _Scorer(searcher.reader(), fieldname, self.idf(searcher, fieldname, text) * qf)


class _One(BaseScorer):
    """1 for every document."""

    def score(self, matcher: Any) -> float:
        del matcher
        return 1.0

    def scores(self, docs: Ints, counts: Ints) -> Floats:
        """1 for each of the documents."""
        del counts
        return np.ones(len(docs))


class _Scorer(BaseScorer):
    """BM25 of one term; ``factor`` is what its weight in each document is multiplied by."""

    def __init__(self, reader: ViewReader, field: str, factor: float) -> None:
        self._reader = reader
        self._field = field
        self._factor = factor
        self._average = reader.view.average_length(field)

    def score(self, matcher: Any) -> float:
        docs, counts = np.array([matcher.id()]), np.array([matcher.weight()])
        return float(self.scores(docs, counts)[0])

    def scores(self, docs: Ints, counts: Ints) -> Floats:
        """The score of each of the documents (numbered through the snapshot), given how often it has the term."""
        return (
            bm25.weights(counts, bm25.length_bytes(self._reader.lengths(self._field)[docs]), self._average)
            * self._factor
        )


class _Speller(Corrector):
    """Suggestions from the words of a field: the nearest first, of equally near ones the most frequent."""

    def __init__(self, reader: ViewReader, field: str) -> None:
        self._reader = reader
        self._field = field

    def _suggestions(self, text: str, maxdist: int, prefix: int) -> Iterator[tuple[float, str]]:
        words = list(self._reader.terms_within(self._field, text, maxdist, prefix))
        distances = expand.edit_distances(text, words).tolist() if words else []
        for word, distance in zip(words, distances, strict=True):
            yield -(distance + 0.5 / self._reader.frequency(self._field, word)), word


class _NumberColumn(ColumnReader):
    """The values of a number field: in their sortable form, or with ``translate`` as the field gives them back.

    A document without a value has the greatest sortable one, or None.
    """

    def __init__(self, field: Any, values: NDArray[np.uint64], given: NDArray[np.bool_], *, translate: bool) -> None:
        self._field = field
        self._values = values
        self._given = given
        self._translate = translate
        self._most = (1 << field.bits) - 1
        self._reversed = False

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, docnum: int) -> Any:
        if not self._given[docnum]:
            return None if self._translate else self._most
        value = int(self._values[docnum])
        return self._field.from_column_value(value) if self._translate else value

    def __iter__(self) -> Iterator[Any]:
        return map(self.__getitem__, range(len(self)))

    def sort_key(self, docnum: int) -> Any:
        value = int(self._values[docnum]) if self._given[docnum] else self._most
        return self._most - value if self._reversed else value

    def set_reverse(self) -> None:
        self._reversed = True


class ViewReader(IndexReader):
    """A view, or one segment of it, as Whoosh reads an index; ``Searcher(ViewReader(view))`` searches it.

    Number fields show the terms that Whoosh would have indexed, so its ranges work. Terms that are not UTF-8 (lone
    surrogates) are left out of listings, as Whoosh cannot read them. There are no cursors, as no automaton needs them.

    Args:
        view: what may be seen.
        segment: the number of the one segment whose documents are shown; documents keep their numbers.
        stored: how a document's stored fields are had from the bytes stored with its block; without it there are none.
    """

    def __init__(self, view: View, *, segment: int | None = None, stored: Stored | None = None) -> None:
        self.view = view
        self.schema = view.schema
        self._numbers = list(range(len(view.segments))) if segment is None else [segment]
        self._stored = stored
        self._bases: list[int] = view.snapshot.bases.tolist()
        self._shown = np.zeros(self._bases[-1], bool)
        for number in self._numbers:
            self._shown[self._bases[number] : self._bases[number + 1]] = view.members[number]
        self._count = int(np.count_nonzero(self._shown))
        self._states: dict[tuple[int, str], NDArray[np.uint8]] = {}
        self._lengths: dict[str, NDArray[np.uint32]] = {}
        self._ordered: dict[str, tuple[NDArray[np.uint64], Ints]] = {}
        self._found = lru_cache(_CACHED_TERMS)(self._find)

    # Documents

    def generation(self) -> int:
        return self.view.snapshot.generation

    def has_deletions(self) -> bool:
        return self._count < len(self._shown)

    def is_deleted(self, docnum: int) -> bool:
        return docnum < len(self._shown) and not self._shown[docnum]

    def all_doc_ids(self) -> Iterator[int]:
        return iter(np.flatnonzero(self._shown).tolist())

    def doc_count_all(self) -> int:
        return len(self._shown)

    def doc_count(self) -> int:
        return self._count

    def _where(self, docnum: int) -> tuple[int, int]:
        """The segment of a visible document and the document's number there.

        Raises:
            KeyError: nothing visible has that number.
        """
        if not 0 <= docnum < len(self._shown) or not self._shown[docnum]:
            raise KeyError(f"no document number {docnum}")
        number = int(np.searchsorted(self.view.snapshot.bases, docnum, "right")) - 1
        return number, docnum - self._bases[number]

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        number, doc = self._where(docnum)
        if self._stored is None:
            return {}
        segment = self.view.segments[number]
        block = int(segment.block_of[doc])
        return dict(self._stored(segment.record(block), doc - int(np.searchsorted(segment.block_of, block))))

    # Lengths

    def lengths(self, field: str) -> NDArray[np.uint32]:
        """The words of each document in a field, uint32, one a document of the snapshot; 0 where it is not shown, and
        for fields that are no texts."""
        found = self._lengths.get(field)
        if found is None:
            found = self._lengths[field] = np.zeros(len(self._shown), np.uint32)
            if kind_of(self.schema[field]) == "text":
                for number in self._numbers:
                    found[self._bases[number] : self._bases[number + 1]] = self._segment_lengths(number, field)
                found[~self._shown] = 0
        return found

    def _segment_lengths(self, number: int, field: str) -> NDArray[Any]:
        segment, leads = self.view.segments[number], self.view.leads[number]
        lengths = segment.lengths(field)
        if not self.view.is_of_block(field):
            return lengths
        of_block = np.zeros(segment.blocks, np.uint32)
        np.add.at(of_block, segment.block_of[leads], lengths[leads])
        return of_block[segment.block_of]

    def field_length(self, fieldname: str) -> int:
        return int(self.lengths(fieldname).sum(dtype=np.uint64))

    def min_field_length(self, fieldname: str) -> int:
        lengths = self.lengths(fieldname)
        return int(lengths[lengths > 0].min()) if lengths.any() else 0

    def max_field_length(self, fieldname: str) -> int:
        return int(self.lengths(fieldname).max(initial=0))

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        return int(self.lengths(fieldname)[docnum]) or default

    # Listings of terms

    def indexed_field_names(self) -> list[str]:
        return sorted(self.schema.names())

    def all_terms(self) -> Iterator[tuple[str, bytes]]:
        return self._terms_after("", b"")

    def terms_from(self, fieldname: str, prefix: str | bytes) -> Iterator[tuple[str, bytes]]:
        return self._terms_after(fieldname, self._text_to_bytes(fieldname, prefix))

    def _terms_after(self, field: str, start: bytes) -> Iterator[tuple[str, bytes]]:
        for name in self.indexed_field_names():
            if name >= field:
                yield from ((name, term) for term in self._terms(name, start if name == field else b""))

    def expand_prefix(self, fieldname: str, prefix: str | bytes) -> Iterator[bytes]:
        start = self._text_to_bytes(fieldname, prefix)
        for term in self._terms(fieldname, start):
            if not term.startswith(start):
                return
            yield term

    def lexicon(self, fieldname: str) -> Iterator[bytes]:
        self._text_to_bytes(fieldname, b"")
        return self._terms(fieldname, b"")

    def _terms(self, field: str, start: bytes) -> Iterator[bytes]:
        """The terms of a field that visible documents have, rising from ``start``."""
        if kind_of(self.schema[field]) == "number":
            return (term for term in self._number_terms(field) if term >= start)
        parts = [self._segment_terms(number, field, start) for number in self._numbers]
        return (term for term, _ in groupby(merge(*parts)))

    def _segment_terms(self, number: int, field: str, start: bytes) -> Iterator[bytes]:
        terms = self.view.segments[number].terms(field)
        for index in range(bisect_left(terms, start), len(terms)):
            term = terms[index]
            if _is_utf8(term) and self._is_seen(number, field, index):
                yield term

    def _is_seen(self, number: int, field: str, index: int) -> bool:
        """Whether a visible document has a term of a segment's dictionary."""
        states = self._states.get((number, field))
        if states is None:
            states = self._states[number, field] = np.zeros(len(self.view.segments[number].terms(field)), np.uint8)
        if states[index] == _UNKNOWN:
            states[index] = _SEEN if len(self._in_segment(number, field, index).docs) else _HIDDEN
        return bool(states[index] == _SEEN)

    def terms_within(self, fieldname: str, text: str, maxdist: int, prefix: int = 0) -> Iterable[str]:
        found = set()
        for number in self._numbers:
            segment = self.view.segments[number]
            for index in expand.fuzzy(segment, fieldname, text, int(maxdist), prefix):
                if _is_utf8(segment.terms(fieldname)[index]) and self._is_seen(number, fieldname, index):
                    found.add(segment.terms(fieldname).text(index))
        return found

    def corrector(self, fieldname: str) -> Any:
        """What suggests corrections: the words of the field, as written if it has a twin that keeps them so."""
        return _Speller(self, getattr(self.schema[fieldname], "unstemmed", None) or fieldname)

    # Postings

    def __contains__(self, term: tuple[str, str | bytes]) -> bool:
        field, text = term
        if field not in self.schema:
            return False
        wanted = self._text_to_bytes(field, text)
        if kind_of(self.schema[field]) == "number":
            return len(self._number_docs(field, wanted)) > 0
        return any(
            index is not None and self._is_seen(number, field, index)
            for number in self._numbers
            for index in [self.view.segments[number].terms(field).find(wanted)]
        )

    def _in_segment(self, number: int, field: str, index: int) -> _Found:
        """The visible documents of a segment (numbered there) that have a term."""
        segment = self.view.segments[number]
        if kind_of(self.schema[field]) == "text":
            docs, counts = segment.postings(field, index)
        else:
            docs = segment.docs_with(field, [index])
            counts = np.ones(len(docs), np.int64)
        return self._spread(number, field, docs, counts)

    def _spread(self, number: int, field: str, docs: Ints, counts: Ints, combine: np.ufunc = np.add) -> _Found:
        """The visible ones of the documents (rising), or for a field of the block the visible members of the blocks of
        which they are visible leads; then the counts of a block's leads are combined."""
        members = self.view.members[number]
        if not self.view.is_of_block(field):
            seen = members[docs]
            return _Found(docs[seen], counts[seen])
        segment = self.view.segments[number]
        seen = self.view.leads[number][docs]
        blocks, counts = segment.block_of[docs[seen]], counts[seen]
        if not len(blocks):
            return _NONE
        starts = np.flatnonzero(np.append(True, np.diff(blocks) > 0))
        blocks, counts = blocks[starts], combine.reduceat(counts, starts)
        firsts, ends = np.searchsorted(segment.block_of, blocks), np.searchsorted(segment.block_of, blocks, "right")
        sizes = ends - firsts
        spread = np.arange(sizes.sum()) + np.repeat(firsts - np.cumsum(sizes) + sizes, sizes)
        seen = members[spread]
        return _Found(spread[seen], np.repeat(counts, sizes)[seen])

    def _find(self, field: str, term: bytes) -> _Found:
        if kind_of(self.schema[field]) == "number":
            docs = self._number_docs(field, term)
            return _Found(docs, np.ones(len(docs), np.int64))
        parts = []
        for number in self._numbers:
            index = self.view.segments[number].terms(field).find(term)
            if index is not None:
                found = self._in_segment(number, field, index)
                parts.append(_Found(found.docs + self._bases[number], found.counts))
        if not parts:
            return _NONE
        return _Found(np.concatenate([part.docs for part in parts]), np.concatenate([part.counts for part in parts]))

    def frequency(self, fieldname: str, text: str | bytes) -> int:
        return int(self._found(fieldname, self._text_to_bytes(fieldname, text)).counts.sum())

    def doc_frequency(self, fieldname: str, text: str | bytes) -> int:
        return len(self._found(fieldname, self._text_to_bytes(fieldname, text)).docs)

    def term_info(self, fieldname: str, text: str | bytes) -> TermInfo:
        docs, counts = self._existing(fieldname, text)
        lengths = self.lengths(fieldname)[docs]
        return TermInfo(
            weight=int(counts.sum()),
            df=len(docs),
            minlength=int(lengths.min()),
            maxlength=int(lengths.max()),
            maxweight=int(counts.max()),
            minid=int(docs[0]),
            maxid=int(docs[-1]),
        )

    def _existing(self, field: str, text: str | bytes) -> _Found:
        """A term's documents.

        Raises:
            TermNotFound: no visible document has it.
        """
        found = self._found(field, self._text_to_bytes(field, text))
        if not len(found.docs):
            raise TermNotFound(f"{field}:{text!r}")
        return found

    def postings(self, fieldname: str, text: str | bytes, **kwargs: Any) -> Matcher:
        docs, counts = self._existing(fieldname, text)
        term = self._text_to_bytes(fieldname, text)
        scorer = kwargs.get("scorer")
        return _Term(
            (fieldname, term),
            docs.tolist(),
            counts.tolist(),
            self._places(fieldname, term) if kind_of(self.schema[fieldname]) == "text" else None,
            scorer=scorer,
            scores=scorer.scores(docs, counts).tolist() if isinstance(scorer, (_One, _Scorer)) else None,
        )

    def _places(self, field: str, term: bytes) -> Callable[[int], list[int]]:
        """The positions of a term in a document, by the document's number."""
        places: dict[int, Ints] = {}

        def positions(docnum: int) -> list[int]:
            number, doc = self._where(docnum)
            segment = self.view.segments[number]
            if number not in places:
                index = segment.terms(field).find(term)
                places[number] = _NONE.docs if index is None else segment.places(field, index)
            found = []
            for source in self._sources(number, field, doc):
                start, end = np.searchsorted(places[number], [source << 32, (source + 1) << 32])
                found += (places[number][start:end] & 0xFFFFFFFF).tolist()
            return sorted(found)

        return positions

    def _sources(self, number: int, field: str, doc: int) -> list[int]:
        """The documents of a segment whose words in a field are those of a visible document: itself, or the visible
        leads of its block."""
        if not self.view.is_of_block(field):
            return [doc]
        block_of = self.view.segments[number].block_of
        start, end = np.searchsorted(block_of, [block_of[doc], block_of[doc] + 1]).tolist()
        leads: list[int] = (np.flatnonzero(self.view.leads[number][start:end]) + start).tolist()
        return leads

    # Terms of one document

    def has_vector(self, docnum: int, fieldname: str) -> bool:
        return not self.is_deleted(docnum) and kind_of(self.schema[fieldname]) == "text"

    def vector(self, docnum: int, fieldname: str, format_: Any = None) -> Matcher:
        """The words (str) of a document in a text field, rising, and how often each stands there.

        They are had from the stored text, or else from the postings of every term of the document's segment, which
        takes long where there are many.
        """
        del format_
        text = self.stored_fields(docnum).get(fieldname)
        field = self.schema[fieldname]
        if isinstance(text, str):
            counts = Counter({str(field.from_bytes(term)): int(count) for term, count, *_ in field.index(text)})
        else:
            counts = self._scan(docnum, fieldname)
        words = sorted(counts)
        return _Term(
            None,
            words,
            [counts[word] for word in words],
            lambda word: self._places(fieldname, self._text_to_bytes(fieldname, word))(docnum),
        )

    def _scan(self, docnum: int, field: str) -> Counter[str]:
        number, doc = self._where(docnum)
        segment = self.view.segments[number]
        counts: Counter[str] = Counter()
        for source in self._sources(number, field, doc):
            left = int(segment.lengths(field)[source])
            for index in range(len(segment.terms(field))):
                if not left:
                    break
                docs, found = segment.postings(field, index)
                at = int(np.searchsorted(docs, source))
                if at < len(docs) and docs[at] == source:
                    counts[segment.terms(field).text(index)] += int(found[at])
                    left -= int(found[at])
        return counts

    # Numbers

    def _sortable(self, field: str) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
        """The values of a number field in the form that Whoosh sorts, and which shown documents have one; an entry for
        each document of the snapshot."""
        values = np.zeros(len(self._shown), np.int64)
        given = np.zeros(len(self._shown), bool)
        for number in self._numbers:
            column = self.view.segments[number].numbers(field)
            having = np.flatnonzero(column != NO_NUMBER)
            # What is spread is the place of each value in the column; of a block's leads the first has its way.
            docs, places = self._spread(number, field, having, having, np.minimum)
            values[docs + self._bases[number]] = column[places]
            given[docs + self._bases[number]] = True
        kind: Any = self.schema[field]
        shift = 1 << (kind.bits - 1) if kind.signed else 0
        return values.astype(np.uint64) + np.uint64(shift), given

    def _by_value(self, field: str) -> tuple[NDArray[np.uint64], Ints]:
        """The sortable values of a number field, rising, and the documents that have them."""
        found = self._ordered.get(field)
        if found is None:
            values, given = self._sortable(field)
            docs = np.flatnonzero(given)
            order = np.argsort(values[docs], kind="stable")
            found = self._ordered[field] = values[docs][order], docs[order]
        return found

    def _number_terms(self, field: str) -> Iterator[bytes]:
        kind: Any = self.schema[field]
        values, _ = self._by_value(field)
        for shift in range(0, kind.bits, kind.shift_step) if kind.shift_step else [0]:
            for value in np.unique(values >> np.uint64(shift)).tolist():
                yield kind.sortable_to_bytes(value << shift, shift)

    def _number_docs(self, field: str, term: bytes) -> Ints:
        """The documents of one of the terms that Whoosh makes of numbers: a byte that says how many bits are cut off,
        and the rest of the sortable value."""
        kind: Any = self.schema[field]
        bits = kind.bits
        if len(term) != 1 + bits // 8 or term[0] >= bits:
            return _NONE.docs
        values, docs = self._by_value(field)
        first = int.from_bytes(term[1:], "big") << term[0]
        last = first + (1 << term[0]) - 1
        if last >= 1 << bits:
            return _NONE.docs
        start = int(np.searchsorted(values, np.uint64(first)))
        end = int(np.searchsorted(values, np.uint64(last), "right"))
        return np.sort(docs[start:end])

    def has_column(self, fieldname: str) -> bool:
        """Whether Whoosh may sort by a column: it asks the field for the column's type, so only number fields that were
        made ``sortable`` have one for it. Others it sorts by their terms."""
        field = self.schema[fieldname]
        return kind_of(field) == "number" and bool(field.column_type)

    def column_reader(
        self, fieldname: str, column: Any = None, reverse: bool = False, translate: bool = True
    ) -> ColumnReader:
        del column
        field = self.schema[fieldname]
        if kind_of(field) != "number":
            raise CablesearchError(f"{fieldname} has no column of single values")
        reader = _NumberColumn(field, *self._sortable(fieldname), translate=translate)
        if reverse:
            reader.set_reverse()
        return reader


def _is_utf8(term: bytes) -> bool:
    """Whether a stored term is UTF-8, and not one with lone surrogates."""
    if b"\xed" in term:
        try:
            term.decode()
        except UnicodeDecodeError:
            return False
    return True


def whoosh_matches(view: View, query: q.Query, *, segment: int | None = None) -> tuple[Ints, Floats]:
    """The visible members that Whoosh's own matchers find for a query, scored by our BM25.

    Args:
        view: what may be seen.
        query: a query of any of Whoosh's types.
        segment: the number of the one segment to search; all when None.

    Returns:
        The documents, numbered through the snapshot and rising (int64), and the score of each (float64).

    Raises:
        CablesearchError: the query makes no sense for a field, such as an order of words for one without positions.
    """
    reader = ViewReader(view, segment=segment)
    searcher = Searcher(reader, Bm25(view))
    units: list[int] = []
    scores: list[float] = []
    try:
        matcher = query.matcher(searcher, searcher.context(needs_current=True))
        while matcher.is_active():
            units.append(matcher.id())
            scores.append(matcher.score())
            matcher.next()
    except (q.QueryError, NotImplementedError) as error:
        raise CablesearchError(f"queries of type {type(query).__name__} cannot be run here: {error}") from error
    except TermNotFound:
        return _NONE.docs, np.empty(0)
    found, places = np.unique(np.array(units, np.int64), return_index=True)
    # A query may bring documents of its own, which need not be visible.
    seen = np.array([not reader.is_deleted(doc) for doc in found.tolist()], bool)
    return found[seen], np.array(scores, np.float64)[places][seen]
