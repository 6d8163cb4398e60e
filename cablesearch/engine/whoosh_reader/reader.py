"""A view as an index of Whoosh.

Whoosh's searcher, matchers, facets and expansions use a `ViewReader` as they would use an index of Whoosh's own that
held the visible documents and nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Protocol, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from whoosh.columns import ColumnReader
from whoosh.matching import Matcher
from whoosh.reading import IndexReader, TermInfo, TermNotFound

from cablesearch.algorithms import bm25
from cablesearch.engine.search.view import View, blamed
from cablesearch.engine.whoosh_reader.documents import Documents, Having
from cablesearch.engine.whoosh_reader.matchers import TermMatcher
from cablesearch.engine.whoosh_reader.numbers import Numbers
from cablesearch.engine.whoosh_reader.scoring import ArrayScorer, Bm25
from cablesearch.engine.whoosh_reader.spelling import Speller
from cablesearch.engine.whoosh_reader.terms import Terms
from cablesearch.errors import CablesearchError
from cablesearch.protocols.fields import kind_of

__all__ = ["Answering", "Stored", "ViewReader"]

Answer = TypeVar("Answer")
Item = TypeVar("Item")

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

Stored = Callable[[int, int], Mapping[str, Any]]
"""(a segment's number, a document's number there) -> the document's stored fields."""

_CACHED_TERMS = 32


class Answering(Protocol):
    """Answers a question to the index, and may raise other errors in place of the index's own."""

    def __call__(self, question: Callable[[], Answer], /) -> Answer: ...


def _directly(question: Callable[[], Answer]) -> Answer:
    return question()


@blamed
def _put(view: View, question: Callable[[], Answer]) -> Answer:
    """Return the answer to a question about a view."""
    del view
    return question()


class ViewReader(IndexReader):
    """A view as a Whoosh ``IndexReader``: ``Searcher(ViewReader(view))`` searches it.

    The visible members are its documents, numbered from 0 without gaps (see `Documents`): nothing counts as deleted. A
    term of a field of the block is in every visible member of the blocks whose visible leads have it. Number fields
    list the terms that Whoosh would have indexed, so its ranges work. Terms that are not UTF-8 (lone surrogates) are
    not listed, as Whoosh cannot read them. Terms that begin with U+001F only say where a joined word goes on (see
    `cablesearch.text.continuation`). There are no cursors, as nothing in Whoosh needs them here.

    Args:
        view: what is visible.
        stored: returns the stored fields of a document; without it there are none.
        answering: answers every question to the index (see `Answering`).
    """

    def __init__(self, view: View, *, stored: Stored | None = None, answering: Answering = _directly) -> None:
        self.schema = view.schema
        self._view = view
        self._stored = stored
        self._answering = answering
        self._documents = Documents(view)
        self._terms = Terms(view, self._documents)
        self._numbers = Numbers(view, self._documents)
        self._lengths: dict[str, NDArray[np.uint32]] = {}
        self._having = lru_cache(_CACHED_TERMS)(self._look_up)

    def _ask(self, question: Callable[[], Answer]) -> Answer:
        return self._answering(lambda: _put(self._view, question))

    def _each(self, items: Iterator[Item]) -> Iterator[Item]:
        """Yield items; fetching each is a question to the index."""
        # A sentinel of its own, as an item may be false.
        end = object()
        while (item := self._ask(lambda: next(items, end))) is not end:
            yield cast(Item, item)

    def bm25(self) -> Bm25:
        """Return a weighting that scores as the engine does: ``Searcher(reader, weighting=reader.bm25())``."""
        return Bm25(self)

    # Documents

    def has_deletions(self) -> bool:
        return False

    def is_deleted(self, docnum: int) -> bool:
        del docnum
        return False

    def all_doc_ids(self) -> Iterator[int]:
        return iter(range(self.doc_count()))

    def doc_count_all(self) -> int:
        return self.doc_count()

    def doc_count(self) -> int:
        return self._ask(lambda: len(self._documents))

    def _find(self, docnum: int) -> tuple[int, int]:
        """Return the segment of a document and its number there.

        Raises:
            KeyError: there is no such document.
        """
        place = self._ask(lambda: self._documents.find(docnum))
        if place is None:
            raise KeyError(f"no document number {docnum}")
        return place

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        number, doc = self._find(docnum)
        stored = self._stored
        return self._ask(lambda: dict(stored(number, doc))) if stored else {}

    # Lengths

    def lengths(self, field: str) -> NDArray[np.uint32]:
        """Return the number of words of each document in a field (uint32), 0 in fields that are not texts."""
        if self._kind(field) != "text":
            return np.zeros(self.doc_count(), np.uint32)
        if field not in self._lengths:
            self._lengths[field] = self._ask(lambda: self._terms.lengths(field))
        return self._lengths[field]

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
                yield from ((name, term) for term in self._rising(name, start if name == field else b""))

    def expand_prefix(self, fieldname: str, prefix: str | bytes) -> Iterator[bytes]:
        start = self._text_to_bytes(fieldname, prefix)
        for term in self._rising(fieldname, start):
            if not term.startswith(start):
                return
            yield term

    def lexicon(self, fieldname: str) -> Iterator[bytes]:
        self._text_to_bytes(fieldname, b"")
        return self._rising(fieldname, b"")

    def _rising(self, field: str, start: bytes) -> Iterator[bytes]:
        """Yield the terms of a field in ascending order, from ``start`` on."""
        if self._kind(field) == "number":
            return (term for term in self._each(self._numbers.terms(field)) if term >= start)
        return self._each(self._terms.rising(field, start))

    def _kind(self, field: str) -> str:
        return kind_of(self.schema[field])

    def terms_within(self, fieldname: str, text: str, maxdist: int, prefix: int = 0) -> set[str]:
        return self._ask(lambda: self._terms.near(fieldname, text, int(maxdist), prefix))

    def corrector(self, fieldname: str) -> Any:
        """Return a corrector that suggests words of the field, or of its unstemmed twin if it has one."""
        return Speller(self, getattr(self.schema[fieldname], "unstemmed", None) or fieldname)

    # Postings

    def __contains__(self, term: tuple[str, str | bytes]) -> bool:
        field, text = term
        if field not in self.schema:
            return False
        wanted = self._text_to_bytes(field, text)
        if self._kind(field) == "number":
            return len(self._having(field, wanted).docs) > 0
        return self._ask(lambda: self._terms.has(field, wanted))

    def _look_up(self, field: str, term: bytes) -> Having:
        source = self._numbers if self._kind(field) == "number" else self._terms
        return self._ask(lambda: source.having(field, term))

    def frequency(self, fieldname: str, text: str | bytes) -> int:
        return int(self._having(fieldname, self._text_to_bytes(fieldname, text)).counts.sum())

    def doc_frequency(self, fieldname: str, text: str | bytes) -> int:
        return len(self._having(fieldname, self._text_to_bytes(fieldname, text)).docs)

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

    def _existing(self, field: str, text: str | bytes) -> Having:
        """Return the documents of a term.

        Raises:
            TermNotFound: no visible document has it.
        """
        having = self._having(field, self._text_to_bytes(field, text))
        if not len(having.docs):
            raise TermNotFound(f"{field}:{text!r}")
        return having

    def postings(self, fieldname: str, text: str | bytes, **kwargs: Any) -> Matcher:
        docs, counts = self._existing(fieldname, text)
        scorer = kwargs.get("scorer")
        term = self._text_to_bytes(fieldname, text)
        return TermMatcher(
            (fieldname, term),
            docs.tolist(),
            counts.tolist(),
            self._positions(fieldname, term) if self._kind(fieldname) == "text" else None,
            scorer=scorer,
            scores=scorer.scores(docs, counts).tolist() if isinstance(scorer, ArrayScorer) else None,
        )

    def _positions(self, field: str, term: bytes) -> Callable[[int], list[int]]:
        """Return a function that gives the positions of a term in a document, by the document's number."""
        positions = self._terms.positions(field, term)
        return lambda docnum: self._ask(lambda: positions(*self._find(docnum)))

    # Scores

    def idf(self, fieldname: str, text: str | bytes) -> float:
        """Return a word's inverse document frequency, as the engine has it; 1 in fields that are not texts."""
        if self._kind(fieldname) != "text":
            return 1.0
        word = text.decode("utf-8", "surrogatepass") if isinstance(text, bytes) else text
        return self._ask(lambda: self._view.idf(fieldname, [word]))

    def weights(self, fieldname: str, docs: Ints, counts: Ints) -> Floats:
        """Return the weight of a term in documents in which it occurs ``counts`` times, as the engine has it; 1 in
        fields that are not texts."""
        if self._kind(fieldname) != "text":
            return np.ones(len(docs))
        average = self._ask(lambda: self._view.average_length(fieldname))
        return bm25.weights(counts, bm25.length_bytes(self.lengths(fieldname)[docs]), average)

    # Terms of a document

    def has_vector(self, docnum: int, fieldname: str) -> bool:
        del docnum
        return self._kind(fieldname) == "text"

    def vector(self, docnum: int, fieldname: str, format_: Any = None) -> Matcher:
        """Return the words (str) of a document in a text field, in ascending order, and how often each occurs.

        They come from the stored text, or else from the postings of all terms in the document's segment, which is slow
        if there are many.
        """
        del format_
        number, doc = self._find(docnum)
        counts = self._stored_words(docnum, fieldname)
        if counts is None:
            counts = self._ask(lambda: self._terms.words_of(fieldname, number, doc))
        words = sorted(counts)
        return TermMatcher(
            None,
            words,
            [counts[word] for word in words],
            lambda word: self._positions(fieldname, self._text_to_bytes(fieldname, word))(docnum),
        )

    def _stored_words(self, docnum: int, name: str) -> Counter[str] | None:
        """Return the words of a document in a text field, counted in its stored text; None if no text is stored."""
        field: Any = self.schema[name]
        stored = self.stored_fields(docnum)
        twins = (twin for twin, other in self.schema.items() if getattr(other, "unstemmed", None) == name)
        text = stored.get(name, stored.get(next(twins, name)))
        if not isinstance(text, str):
            return None
        return Counter({str(field.from_bytes(term)): int(count) for term, count, *_ in field.index(text)})

    # Columns

    def has_column(self, fieldname: str) -> bool:
        """Return whether Whoosh can sort by a column of this field.

        It can for number fields made with ``sortable=True``, as it asks the field for the column's type. It sorts by
        other fields through their terms.
        """
        field: Any = self.schema[fieldname]
        return self._kind(fieldname) == "number" and bool(field.column_type)

    def column_reader(
        self, fieldname: str, column: Any = None, reverse: bool = False, translate: bool = True
    ) -> ColumnReader:
        del column
        if self._kind(fieldname) != "number":
            raise CablesearchError(f"{fieldname} has no column of single values")
        reader = self._ask(lambda: self._numbers.column(fieldname, translate=translate))
        if reverse:
            reader.set_reverse()
        return reader
