"""Read a segment: dictionaries, postings, columns and stored records, straight from the mapped arrays."""

from __future__ import annotations

import copy
import json
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cablesearch.algorithms.kernels import differences, ranges
from cablesearch.engine.disk.arrays import WITHOUT_ORDER, Arrays
from cablesearch.engine.disk.files import Place
from cablesearch.engine.segment.layout import Layout
from cablesearch.engine.segment.postings import PostingsReader
from cablesearch.engine.segment.store import StoreReader
from cablesearch.engine.segment.strings import DIGEST_BYTES, Strings, to_bytes
from cablesearch.errors import CorruptIndexError
from cablesearch.protocols.fields import NO_NUMBER, FieldRecord
from cablesearch.text.continuation import CONTINUED

__all__ = ["Postings", "Segment"]

Ints = NDArray[np.int64]

_FEW = 10_000


class Postings(NamedTuple):
    """The documents that contain a term (increasing) and its frequency in each; both int64."""

    docs: Ints
    counts: Ints


class Segment:
    """An immutable segment on disk.

    Args:
        place: the file of the segment.
        written: the records of the fields with which it was written; None where an older index has no records.
        unfilled: the fields without values of some documents, which were merged from segments without the field.

    Raises:
        CorruptIndexError: the file is damaged (see `Arrays`), or its fields differ from their records.
    """

    def __init__(
        self, place: Place, written: Mapping[str, FieldRecord] | None = None, unfilled: Collection[str] = ()
    ) -> None:
        self._as_written: Segment | None = None
        self.arrays = Arrays(place)
        self.path = path = self.arrays.path
        first = self.arrays["block.first"]
        self.first = first.astype(np.int64)
        self.blocks = len(self.first) - 1
        if first.dtype != np.uint32 or self.blocks < 0 or self.first[0] or np.any(np.diff(self.first) < 1):
            raise CorruptIndexError(path, "its blocks do not fit together")
        self.docs = int(self.first[-1])
        self.layout = Layout(self.arrays, self.docs, self.blocks)
        if np.any(self.arrays["block.leads"] > np.diff(self.first)):
            raise CorruptIndexError(path, "a block has more leads than documents")
        self._forget()
        self.written = self._fields() if written is None else written
        self.unfilled = frozenset(unfilled)
        if written is not None and self._fields() != {
            name: record._replace(of_block=None, rules=0) for name, record in written.items()
        }:
            raise CorruptIndexError(path, "its fields differ from the manifest")

    def _forget(self) -> None:
        """Empty the caches."""
        self._checked: set[str] = set()
        self._strings: dict[str, Strings] = {}
        self._postings: dict[str, PostingsReader] = {}
        self._columns: dict[str, Ints] = {}
        self._on_leads: dict[str, bool] = {}

    def _fields(self) -> dict[str, FieldRecord]:
        """Return the records of the fields as the file has them."""
        layout = self.layout
        kinds = {"text": layout.texts, "keyword": layout.keywords, "number": layout.numbers}
        return {
            name: FieldRecord(kind, name in layout.shared, None, self.twins.get(name))
            for kind, names in kinds.items()
            for name in names
        }

    @property
    def as_written(self) -> Segment:
        """Return the segment as it is on disk."""
        # No reference to itself: a file stays mapped until its segment is gone.
        return self._as_written or self

    def with_columns(
        self, arrays: Mapping[str, NDArray[Any]], fields: Mapping[str, str | None], orders: list[str]
    ) -> Segment:
        """Return the same segment with columns in memory for some fields.

        Args:
            arrays: the arrays of the columns.
            fields: the fields of the columns, each with its stemmed field if it is an unstemmed twin.
            orders: the field by which blocks are sorted, if any.
        """
        other = copy.copy(self)
        other._as_written = self.as_written
        other._forget()
        other.arrays = self.arrays.with_others(arrays, lambda name: name.rpartition(".")[0] in fields)
        other.layout = copy.copy(self.layout)
        other.layout.orders = orders
        own = {name: stemmed for name, stemmed in self.twins.items() if name not in fields}
        other.twins = own | {name: stemmed for name, stemmed in fields.items() if stemmed is not None}
        return other

    # Dictionaries

    def terms(self, field: str) -> Strings:
        """Return the sorted terms of a text or keyword field."""
        if field not in self._strings:
            blob = self.arrays[f"{field}.terms"]
            starts = self.arrays.starts(f"{field}.term_starts", len(blob))
            self._strings[field] = Strings(blob, starts, self.arrays[f"{field}.heads"])
        return self._strings[field]

    def term(self, field: str, text: str) -> int | None:
        """Return the number of a term, or None when the segment lacks it."""
        return self.terms(field).find(to_bytes(text))

    def matching(self, field: str, prefix: str, accept: Callable[[str], bool] | None) -> Ints:
        """Return the terms that begin with ``prefix`` and pass ``accept``, increasing."""
        terms = self.terms(field)
        span = self.words(field, prefix)
        if accept is None:
            return np.arange(span.start, span.stop)
        return np.array([number for number in span if accept(terms.text(number))], np.int64)

    def words(self, field: str, prefix: str = "") -> range:
        """Return the terms that begin with ``prefix``, without those that only say where a word of a text goes on."""
        terms = self.terms(field)
        # No word of a text comes before those.
        start = terms.span(to_bytes(CONTINUED)).stop if field in self.layout.texts and not prefix else 0
        return terms.span(to_bytes(prefix)) if prefix else range(start, len(terms))

    # Postings of text

    def located(self, field: str, term: int) -> tuple[PostingsReader, int]:
        """Return the reader that has the postings of a term, and the term's number there.

        A word that is the only one of its stem shares the postings of the stem.
        """
        reader = self.postings_of(field)
        if not reader.size(term) and f"{field}.stems" in self.arrays:
            return self.postings_of(self.twins[field]), int(self.arrays[f"{field}.stems"][term])
        return reader, term

    def with_any(self, field: str, terms: Ints) -> NDArray[np.bool_]:
        """Return which documents contain any of the terms (increasing) of a text field, as a mask."""
        mask = np.zeros(self.docs, bool)
        reader = self.postings_of(field)
        if f"{field}.stems" in self.arrays:
            borrowed = reader.sizes(terms) == 0
            stems = self.arrays[f"{field}.stems"][terms[borrowed]]
            self.postings_of(self.twins[field]).mark(np.unique(stems).astype(np.int64), mask)
            terms = terms[~borrowed]
        reader.mark(terms, mask)
        return mask

    def postings_of(self, field: str) -> PostingsReader:
        """Return the reader of the postings that are stored under the field's own name."""
        if field not in self._postings:
            self._postings[field] = PostingsReader(self.arrays, field, self.docs)
        return self._postings[field]

    @cached_property
    def twins(self) -> dict[str, str]:
        """Return the unstemmed twins, each with its stemmed field."""
        try:
            twins = json.loads(bytes(self.arrays["twins"]))
            stemmed = {twin for twin in self.layout.texts if f"{twin}.stems" in self.arrays}
            if set(twins) != stemmed or not set(twins.values()) <= set(self.layout.texts) - stemmed:
                raise ValueError("they name other fields")
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise CorruptIndexError(self.path, f"its twins are malformed ({error})") from error
        return dict(twins)

    def frequency(self, field: str, term: int) -> int:
        """Return the number of documents that contain a term of a text field."""
        reader, number = self.located(field, term)
        return reader.size(number)

    def frequencies(self, field: str, terms: range) -> Ints:
        """Return the number of documents that contain each of some neighbouring terms of a text field; int64."""
        sizes = differences(self.postings_of(field).first[terms.start : terms.stop + 1])
        if f"{field}.stems" in self.arrays:
            borrowed = np.flatnonzero(sizes == 0)
            stems = self.arrays[f"{field}.stems"][terms.start : terms.stop][borrowed].astype(np.int64)
            sizes[borrowed] = self.postings_of(self.twins[field]).sizes(stems)
        return sizes

    def postings(self, field: str, term: int) -> Postings:
        """Return the documents and frequencies of a term of a text field."""
        reader, number = self.located(field, term)
        return Postings(reader.docs(number), reader.counts(number))

    def places(self, field: str, term: int) -> Ints:
        """Return every place of a term, increasing: document << 32 | position, int64."""
        reader, number = self.located(field, term)
        counts, positions = reader.counts(number), reader.positions(number)
        if int(counts.sum()) != len(positions):
            raise ValueError("frequencies and positions do not agree")
        places: Ints = np.repeat(reader.docs(number) << 32, counts) + positions
        return places

    def lengths(self, field: str) -> NDArray[Any]:
        """Return the number of words of each document in a text field."""
        stored = self.twins.get(field, field)
        lengths = self.arrays[f"{stored}.lengths"]
        if stored not in self._checked:
            if int(lengths.sum(dtype=np.int64)) != self.postings_of(stored).occurrences:
                raise CorruptIndexError(self.path, f"{stored}.lengths do not add up to the number of positions")
            self._checked.add(stored)
        return lengths

    def totals(self, field: str) -> tuple[int, int]:
        """Return the number of words of a text field, and the number of documents that have any."""
        stored = self.twins.get(field, field)
        words, having = self.arrays[f"{stored}.totals"].tolist()
        if words != self.postings_of(stored).occurrences or not min(words, 1) <= having <= min(words, self.docs):
            raise CorruptIndexError(self.path, f"{stored}.totals do not match its words")
        return words, having

    def norms(self, field: str) -> NDArray[np.uint8]:
        """Return the length of each document as a byte (see `cablesearch.algorithms.bm25.LENGTHS`)."""
        return self.arrays[f"{self.twins.get(field, field)}.norms"]

    # Columns

    def column(self, field: str) -> Ints:
        """Return the values of a number field, one per document, or one per block for a shared field; `NO_NUMBER`
        where a value is missing."""
        if (known := self._columns.get(field)) is not None:
            return known
        values, base = self.raw_numbers(field)
        result = (values.astype(np.uint64) + np.uint64((base - 1) % (1 << 64))).astype(np.int64)
        result[values == 0] = NO_NUMBER
        result.flags.writeable = False
        if self.is_shared(field):
            self._columns[field] = result
        return result

    def raw_numbers(self, field: str) -> tuple[NDArray[Any], int]:
        """Return the stored values of a number field (value - base + 1; 0 where a value is missing), and the base."""
        values, base = self.arrays[f"{field}.values"], int(self.arrays[f"{field}.base"][0])
        if field not in self._checked:
            if int(values.max(initial=0)) - 1 + base > np.iinfo(np.int64).max:
                raise CorruptIndexError(self.path, f"{field}.values exceed 64 bits")
            self._checked.add(field)
        return values, base

    def number(self, field: str, doc: int) -> int:
        """Return the value of a number field for one document; `NO_NUMBER` where it is missing."""
        values, base = self.raw_numbers(field)
        value = int(values[self.block(doc) if self.is_shared(field) else doc])
        return value - 1 + base if value else NO_NUMBER

    def numbers(self, field: str) -> Ints:
        """Return the values of a number field, one per document; `NO_NUMBER` where a value is missing."""
        column = self.column(field)
        return column[self.block_of] if self.is_shared(field) else column

    def is_shared(self, field: str) -> bool:
        """Whether a number or keyword field is stored once per block."""
        return f"{field}.shared" in self.arrays

    def _keywords(self, field: str) -> NDArray[Any]:
        """Return the stored values of a keyword field, after a check of its arrays."""
        arrays, values = self.arrays, self.arrays[f"{field}.values"]
        if field not in self._checked:
            if f"{field}.first" in arrays:
                arrays.starts(f"{field}.first", len(values))
            arrays.starts(f"{field}.unit_first", len(values))
            if len(values) and int(values.max()) >= len(self.terms(field)):
                raise CorruptIndexError(self.path, f"{field}.values are beyond its terms")
            self._checked.add(field)
        return values

    def keywords(self, field: str) -> tuple[Ints, NDArray[Any]]:
        """Return the values of a keyword field.

        Returns:
            Where the values of each document (each block for a shared field) begin (int64; one more closes the last),
            and the values as numbers of terms.
        """
        values = self._keywords(field)
        if f"{field}.first" in self.arrays:
            return self.arrays[f"{field}.first"].astype(np.int64), values
        return np.arange(len(values) + 1), values

    def keywords_of(self, field: str, docs: Ints) -> NDArray[Any]:
        """Return the values of some documents in a keyword field that is not shared, as numbers of terms."""
        values = self._keywords(field)
        if f"{field}.first" not in self.arrays:
            return values[docs]
        first = self.arrays[f"{field}.first"]
        starts = first[docs].astype(np.int64)
        return values[ranges(starts, first[docs + 1] - starts)]

    def sums_by_keyword(self, field: str, weights: NDArray[np.uint32]) -> Ints:
        """Return for each term of a keyword field the total weight of the documents (blocks for a shared field) that
        have it; int64."""
        sums = np.append(0, np.cumsum(weights.take(self.arrays[f"{field}.units"]), dtype=np.int64))
        return differences(sums[self.arrays[f"{field}.unit_first"]])

    def has_keyword(self, field: str) -> NDArray[np.bool_]:
        """Return which documents have a value in a keyword field, as a mask."""
        having = np.diff(self.keywords(field)[0]) > 0
        return having[self.block_of] if self.is_shared(field) else having

    def having(self, field: str, terms: list[int]) -> Ints:
        """Return the documents (blocks for a shared field) that have any of some keywords, increasing."""
        units, first = self.arrays[f"{field}.units"], self.arrays[f"{field}.unit_first"]
        if len(terms) == 1:
            return units[int(first[terms[0]]) : int(first[terms[0] + 1])].astype(np.int64)
        mask = np.zeros(self.blocks if self.is_shared(field) else self.docs, bool)
        for term in terms:
            mask[units[int(first[term]) : int(first[term + 1])]] = True
        return np.flatnonzero(mask)

    def docs_with(self, field: str, terms: list[int]) -> Ints:
        """Return the documents that have any of the terms in a keyword field, increasing."""
        units = self.having(field, terms)
        return self.docs_of(units) if self.is_shared(field) else units

    def docs_of(self, blocks: Ints) -> Ints:
        """Return all documents of some blocks (increasing), leads included."""
        return ranges(self.first[blocks], self.first[blocks + 1] - self.first[blocks], self.docs)

    # Blocks

    @cached_property
    def block_of(self) -> Ints:
        """Return the block of each document."""
        return np.repeat(np.arange(self.blocks), np.diff(self.first))

    def block(self, doc: int) -> int:
        """Return the block of a document."""
        return int(self.first.searchsorted(doc, "right")) - 1

    def blocks_of(self, docs: Ints) -> Ints:
        """Return the blocks of some documents."""
        if len(docs) < _FEW and "block_of" not in self.__dict__:
            return np.searchsorted(self.first, docs, "right") - 1
        return self.block_of[docs]

    @cached_property
    def _cuts(self) -> tuple[Ints, NDArray[np.uint64]]:
        """Return where each block begins among words of 64 documents: the word, and a mask of its earlier bits."""
        return self.first >> 6, (np.uint64(1) << (self.first & 63).astype(np.uint64)) - np.uint64(1)

    def bits_per_block(self, words: NDArray[np.uint64]) -> NDArray[np.uint32]:
        """Return the number of bits that are set for the documents of each block."""
        words = np.append(words, np.uint64(0))
        before = np.zeros(len(words), np.uint32)
        np.cumsum(np.bitwise_count(words[:-1]), out=before[1:])
        at, masks = self._cuts
        ranks = before.take(at)
        ranks += np.bitwise_count(words.take(at) & masks)
        return ranks[1:] - ranks[:-1]

    @cached_property
    def leads(self) -> NDArray[np.bool_]:
        """Return which documents are leads, as a mask."""
        leads = np.zeros(self.docs, bool)
        for docs in self._lead_numbers():
            leads[docs] = True
        return leads

    def _lead_numbers(self) -> Iterator[Ints]:
        """Yield the first lead of each block, then the second lead of the blocks that have one, and so on."""
        counts = self.arrays["block.leads"]
        for place in range(int(counts.max(initial=0))):
            yield self.first[:-1][counts > place] + place

    @cached_property
    def members(self) -> int:
        """Return the number of members: documents that are not leads."""
        return self.docs - int(self.arrays["block.leads"].sum(dtype=np.int64))

    def stands_on_leads(self, field: str) -> bool:
        """Whether a text field has words in any lead."""
        if field not in self._on_leads:
            lengths = self.lengths(field)
            self._on_leads[field] = any(lengths[docs].any() for docs in self._lead_numbers())
        return self._on_leads[field]

    def is_ordered_by(self, field: str | None) -> bool:
        """Whether blocks are sorted by their numbers in a field (None: by their keys alone)."""
        return self.arrays.version > WITHOUT_ORDER and self.layout.orders == ([field] if field else [])

    @property
    def block_numbers(self) -> Ints:
        """Return the number by which each block is sorted, int64; `NO_NUMBER` where it is missing."""
        return self.column(self.layout.orders[0]) if self.layout.orders else np.full(self.blocks, NO_NUMBER)

    @cached_property
    def keys(self) -> Strings:
        """Return the keys of the blocks."""
        blob = self.arrays["block.keys"]
        return Strings(blob, self.arrays.starts("block.key_starts", len(blob)))

    def find(self, key: str) -> list[int]:
        """Return the blocks that have a key."""
        by_key, wanted = self.arrays["block.by_key"], to_bytes(key)
        index = bisect_left(by_key, wanted, key=lambda block: self.keys[int(block)])
        blocks = []
        while index < len(by_key) and self.keys[int(by_key[index])] == wanted:
            blocks.append(int(by_key[index]))
            index += 1
        return blocks

    def digest(self, block: int) -> bytes:
        """Return the digest of a block's source."""
        return self.arrays["block.digests"][block * DIGEST_BYTES : (block + 1) * DIGEST_BYTES].tobytes()

    def record(self, block: int) -> bytes:
        """Return the record of a block: the bytes stored with its documents, end to end.

        Raises:
            CorruptIndexError: the record cannot be unpacked.
        """
        return self.store.between(int(self.first[block]), int(self.first[block + 1]))

    def stored(self, doc: int) -> bytes:
        """Return the bytes stored with a document.

        Raises:
            CorruptIndexError: they cannot be unpacked.
        """
        return self.store.between(doc, doc + 1)

    @cached_property
    def store(self) -> StoreReader:
        """Return the reader of the stored bytes."""
        return StoreReader(self.arrays)
