"""Build a segment from documents.

Each word becomes a number as it arrives, through a dictionary that each distinct word enters once; all further work is
on arrays. Inversion is one sort of packed keys (term << 32 | place in the stream of words).
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, islice
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from whoosh.fields import Schema

from cablesearch.algorithms import bm25
from cablesearch.algorithms.kernels import Ints, differences, ranges, small
from cablesearch.engine.disk.arrays import ArrayWriter
from cablesearch.engine.disk.files import Place
from cablesearch.engine.segment.columns import (
    alone,
    dictionary,
    has_spellings,
    is_twin,
    write_blocks,
    write_keywords,
    write_kinds,
    write_lengths,
    write_numbers,
)
from cablesearch.engine.segment.order import arrange, block_order
from cablesearch.engine.segment.postings import Occurrences
from cablesearch.engine.segment.postings_writer import PostingsWriter
from cablesearch.engine.segment.store import LARGEST, StoreWriter, write_spare, write_stores
from cablesearch.engine.segment.strings import DIGEST_BYTES, to_bytes
from cablesearch.engine.segment.words import (
    Chunks,
    Numbers,
    Words,
    forget_documents,
    invert,
    sorted_terms,
    spelling_stream,
    word_stream,
)
from cablesearch.protocols.fields import NO_NUMBER, Document, Text, Value, is_shared, kind_of, order_field
from cablesearch.protocols.pen import NoRoomError

__all__ = ["LONGEST_KEY", "MOST_DOCUMENTS", "SegmentBuilder"]

LONGEST_KEY = 1 << 10
"""The most bytes of the key of a new block. Readers accept any length, as older versions had no limit."""
MOST_DOCUMENTS = (1 << 32) - 1
"""The most documents of a segment."""
MOST_LEADS = 255
_BYTES_OF_A_VALUE, _BYTES_OF_A_KEYWORD = 40, 250
"""The memory that each value of a keyword field takes while a segment is written, and each distinct keyword."""

_INTEGERS = frozenset({int})
_STRING = frozenset({str})
_STRINGS = frozenset({str, type(None)})
_LISTS = frozenset({list, type(None)})


class _TextColumn:
    """The words of one text field, of its unstemmed twin, and their spellings."""

    def __init__(self, field: Text, schema: Schema) -> None:
        self.field = field
        self.spellings = field.spellings if field.spellings and field.spellings.field in schema else None
        self.chunks = Chunks(field.prepare, field.split)
        self.in_capitals = bytearray()
        """For each document 1 if it is in capitals throughout; only for a field that records spellings."""

    @staticmethod
    def fit(values: Sequence[Value]) -> bool:
        return _STRINGS.issuperset(map(type, values)) or all(
            value is None or isinstance(value, str) for value in values
        )

    @property
    def weight(self) -> int:
        return self.chunks.weight

    def extend(self, values: Sequence[Value], room: int) -> None:
        texts = cast("Sequence[str | None]", values)
        if self.spellings:
            self.in_capitals.extend([text is not None and text.isupper() for text in texts])
        self.chunks.extend(texts, room)

    def forget(self, docs: int) -> None:
        del self.in_capitals[docs:]
        self.chunks.forget(docs)

    def write(self, writer: ArrayWriter, name: str, order: Ints | None) -> None:
        self._write_spellings(writer, order)
        stream = word_stream(self.chunks, order)
        rank, terms = sorted_terms(stream.spellings)
        words = rank[stream.words]
        longest = int(stream.positions.max()) + 1 if len(words) else 0
        norms = bm25.length_bytes(stream.lengths)
        if self.field.normalise:
            spellings = [stream.spellings[index] for index in np.argsort(rank).tolist()]
            numbers = Numbers()
            stems = np.array([numbers[stem] for stem in map(self.field.normalise, spellings)], np.uint32)
            stem_rank, stem_terms = sorted_terms(list(numbers))
            stems = stem_rank[stems]
            if twin := self.field.unstemmed:
                self._write_twin(writer, twin, terms, words, stems, stream, norms, longest)
            terms, words = stem_terms, stems[words]
        _write_text(writer, name, terms, *invert(words, stream, len(terms)), norms, longest)
        write_lengths(writer, name, stream.lengths)

    def _write_spellings(self, writer: ArrayWriter, order: Ints | None) -> None:
        if spellings := self.spellings:
            in_capitals = np.frombuffer(self.in_capitals, bool)
            values, numbers, counts = spelling_stream(self.chunks, spellings, in_capitals, order)
            rank, terms = sorted_terms(values)
            write_keywords(writer, spellings.field, terms, rank[numbers], counts)

    @staticmethod
    def _write_twin(
        writer: ArrayWriter,
        twin: str,
        terms: list[bytes],
        words: NDArray[np.uint32],
        stems: NDArray[np.uint32],
        stream: Words,
        norms: NDArray[np.uint8],
        longest: int,
    ) -> None:
        kept = ~alone(stems)[words]
        part = stream._replace(docs=stream.docs[kept], positions=stream.positions[kept])
        _write_text(writer, twin, terms, *invert(words[kept], part, len(terms)), norms, longest)
        writer.add(f"{twin}.stems", small(stems))


def _write_text(
    writer: ArrayWriter,
    name: str,
    terms: list[bytes],
    sizes: Ints,
    occurrences: Occurrences,
    norms: NDArray[np.uint8],
    longest: int,
) -> None:
    for part, values in dictionary(name, terms).items():
        writer.add(part, values)
    postings = PostingsWriter(writer, name, sizes, len(occurrences.positions), norms, longest)
    postings.append(0, len(sizes), occurrences)
    postings.close()


class _KeywordColumn:
    """The strings of one keyword field."""

    def __init__(self) -> None:
        self.numbers = Numbers()
        self.values = array("I")
        self.counts = array("I")
        self.weight = 0

    def _weigh(self) -> int:
        self.weight = _BYTES_OF_A_VALUE * len(self.values) + _BYTES_OF_A_KEYWORD * len(self.numbers)
        return self.weight

    @staticmethod
    def fit(values: Sequence[Value]) -> bool:
        kinds = {*map(type, values)}
        if kinds <= _STRINGS:
            return True
        if kinds <= _LISTS:
            # In one pass over the strings of all documents.
            strings = chain.from_iterable(cast("Iterable[list[str]]", filter(None, values)))
            return _STRING.issuperset(map(type, strings)) or all(map(_is_keyword, values))
        return all(map(_is_keyword, values))

    def forget(self, docs: int) -> None:
        forget_documents(docs, self.numbers, self.values, self.counts)
        self._weigh()

    def extend(self, values: Sequence[Value], room: int) -> None:
        # Most documents have no value in most fields.
        if not any(values) and "" not in values:
            self.counts.extend([0] * len(values))
            return
        number, add, count = self.numbers.__getitem__, self.values.append, self.counts.append
        for value in values:
            if isinstance(value, str):
                add(number(value))
                count(1)
            elif value:
                distinct = dict.fromkeys(cast("Sequence[str]", value))
                self.values.extend(map(number, distinct))
                count(len(distinct))
            else:
                count(0)
        if self._weigh() > room:
            raise NoRoomError

    def write(self, writer: ArrayWriter, name: str, order: Ints | None) -> None:
        rank, terms = sorted_terms(list(self.numbers))
        values, counts = arrange(np.frombuffer(self.values, np.uint32), np.frombuffer(self.counts, np.uint32), order)
        write_keywords(writer, name, terms, rank[values], counts)


def _is_keyword(value: Value) -> bool:
    if value is None or isinstance(value, str):
        return True
    return not isinstance(value, int) and (_STRING.issuperset(map(type, value)) or all(map(_is_string, value)))


def _is_string(value: object) -> bool:
    return isinstance(value, str)


class _NumberColumn:
    """The numbers of one number field."""

    def __init__(self) -> None:
        self.values = array("q")

    @staticmethod
    def fit(values: Sequence[Value]) -> bool:
        given = [value for value in values if value is not None]
        if _INTEGERS.issuperset(map(type, given)):
            numbers = cast("list[int]", given)
            return not numbers or (min(numbers) > NO_NUMBER and max(numbers) <= -(NO_NUMBER + 1))
        return all(isinstance(value, int) and NO_NUMBER < value <= -(NO_NUMBER + 1) for value in given)

    weight = 0
    """Numbers take little memory beside the other columns."""

    def forget(self, docs: int) -> None:
        del self.values[docs:]

    def extend(self, values: Sequence[Value], room: int) -> None:
        self.values.extend([NO_NUMBER if value is None else cast(int, value) for value in values])

    def write(self, writer: ArrayWriter, name: str, order: Ints | None) -> None:
        values = np.frombuffer(self.values, np.int64)
        write_numbers(writer, name, values if order is None else values[order])


_COLUMNS: dict[str, Callable[[Any, Schema], Any]] = {
    "text": _TextColumn,
    "keyword": lambda field, schema: _KeywordColumn(),
    "number": lambda field, schema: _NumberColumn(),
}


class SegmentBuilder:
    """Collect blocks of documents and write them as one segment, sorted (see `cablesearch.engine.segment.order`).

    Args:
        schema: the fields of the documents.
        dictionary: a compression dictionary learnt from similar records (`Writer.dictionary`); empty: learn a new one.
        room: the most bytes of memory that writing the segment may take.

    Attributes:
        weight: the approximate number of bytes of memory that writing the segment takes.
        places: for each added block, its number in the segment; known once the segment is written.
    """

    def __init__(self, schema: Schema, dictionary: bytes = b"", room: int = sys.maxsize) -> None:
        self._schema = schema
        self._room = room
        self._shared: list[tuple[str, Any]] = []
        self._columns: list[tuple[str, Any]] = []
        for name, field in schema.items():
            if not is_twin(schema, name) and not has_spellings(schema, name):
                (self._shared if is_shared(field) else self._columns).append(
                    (name, _COLUMNS[kind_of(field)](field, schema))
                )
        self._keys: list[str] = []
        self._digests = bytearray()
        self._first = array("I", [0])
        self._leads = array("B")
        self._dictionary = dictionary
        self._records: list[bytes] = []
        self.weight = 0
        self.places: list[int] = []

    def __len__(self) -> int:
        """Return the number of collected blocks."""
        return len(self._keys)

    def add(
        self,
        key: str,
        digest: bytes,
        documents: Sequence[Document],
        records: Sequence[bytes],
        leads: int = 1,
        *,
        longest_key: int = LONGEST_KEY,
    ) -> None:
        """Add a block. After an error nothing of it is added.

        Args:
            key: the block's key.
            digest: the digest of its source.
            documents: its documents; the first ``leads`` are leads. Shared fields are read from the first document.
            records: the bytes stored with each document; documents without any may be left off at the end.
            leads: the number of leads.
            longest_key: the most bytes of the key; higher for blocks of older indexes.

        Raises:
            ValueError: a value is not of its field's kind, or the block exceeds the limits of a segment.
            NoRoomError: writing the segment would take more memory than there is room for.
        """
        if (size := len(to_bytes(key))) > longest_key:
            raise ValueError(f"a key of {size:,} bytes is longer than {longest_key:,}")
        if len(digest) != DIGEST_BYTES or not 0 < leads <= len(documents) >= len(records):
            raise ValueError(f"the digest, the leads or the records of {key!r} do not fit its documents")
        if leads > MOST_LEADS or self._first[-1] + len(documents) > MOST_DOCUMENTS:
            raise ValueError(f"{key!r} has more documents than a segment holds")
        if (stored := sum(map(len, records))) > LARGEST:
            raise ValueError(f"the records of {key!r} have more than {LARGEST >> 20} MB")
        self.weight = self._room - self._extend(documents, self._room - self.weight - stored)
        self._keys.append(key)
        self._digests += digest
        self._first.append(self._first[-1] + len(documents))
        self._leads.append(leads)
        self._records += records
        self._records += [b""] * (len(documents) - len(records))

    def _extend(self, documents: Sequence[Document], room: int) -> int:
        """Add the values of a block's documents to the columns and return how much of the room is left."""
        values: list[Sequence[Value]] = [[documents[0].get(name)] for name, _ in self._shared]
        names = [name for name, _ in self._columns]
        values += zip(*[map(document.get, names) for document in documents], strict=True)
        columns = self._shared + self._columns
        for (name, column), given in zip(columns, values, strict=True):
            # Most documents have no value in most fields.
            if given.count(None) < len(given) and not column.fit(given):
                wrong = next(value for value in given if not column.fit([value]))
                raise ValueError(f"{name} cannot be {wrong!r}")
        try:
            for (_, column), given in zip(columns, values, strict=True):
                room += column.weight
                column.extend(given, room)
                room -= column.weight
        except (NoRoomError, ValueError):
            for _, column in self._shared:
                column.forget(len(self._keys))
            for _, column in self._columns:
                column.forget(self._first[-1])
            raise
        return room

    def write(self, place: Place) -> int:
        """Write the segment and return its size in bytes. This can be done only once."""
        keys = [to_bytes(key) for key in self._keys]
        digests, leads = np.frombuffer(self._digests, np.uint8), np.frombuffer(self._leads, np.uint8)
        first = np.asarray(self._first).astype(np.int64)
        sizes = differences(first)
        blocks = block_order(self._numbers(), keys)
        docs = None
        self.places = list(range(len(keys)))
        if blocks is not None:
            docs = ranges(first[blocks], sizes[blocks])
            self.places = np.argsort(blocks).tolist()
            keys = [keys[block] for block in blocks.tolist()]
            digests = digests.reshape(-1, DIGEST_BYTES)[blocks].ravel()
            sizes, leads = sizes[blocks], leads[blocks]
        with ArrayWriter(place) as writer:
            # First the parts that cannot be rebuilt: they survive when the end of the file is lost.
            write_blocks(writer, keys, digests, sizes, leads)
            dictionaries = write_stores(writer, [self._store(docs, sizes)])
            write_kinds(writer, self._schema)
            for name, column in self._shared:
                column.write(writer, name, blocks)
            for name, column in self._columns:
                column.write(writer, name, docs)
            write_spare(writer, dictionaries)
            return writer.close()

    def _numbers(self) -> Ints:
        """Return the number by which each block is sorted."""
        for name, column in self._shared:
            if name == order_field(self._schema):
                return np.frombuffer(column.values, np.int64)
        return np.full(len(self), NO_NUMBER)

    def _store(self, docs: Ints | None, sizes: Ints) -> dict[str, NDArray[Any]]:
        """Pack the records of the documents in order, and drop them; ``sizes`` is the number of documents per block."""
        store = StoreWriter(self._dictionary)
        records = iter(self._records if docs is None else map(self._records.__getitem__, docs.tolist()))
        for size in sizes.tolist():
            store.add(list(islice(records, size)))
        self._records = []
        return store.arrays()
