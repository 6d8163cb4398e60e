"""From documents to the arrays of a segment.

Words become numbers as they come, through a dictionary that each distinct word enters once; everything after that is
array work. Inversion is one sort of packed keys (term << 32 | place in the stream of words).
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from whoosh.fields import Schema

from cablesearch.engine import bm25
from cablesearch.engine.disk.arrays import ArrayWriter
from cablesearch.engine.disk.files import Place
from cablesearch.engine.fields import NO_NUMBER, Document, Text, Value, is_shared, kind_of, order_field
from cablesearch.engine.kernels import Ints, differences, ranges, small
from cablesearch.engine.segment.columns import (
    alone,
    dictionary,
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
    NoRoomError,
    Numbers,
    Words,
    forget_documents,
    invert,
    sorted_terms,
    word_stream,
)

__all__ = ["LONGEST_KEY", "MOST_DOCUMENTS", "SegmentBuilder"]

LONGEST_KEY = 1 << 10
"""Bytes of the key of a new block. Readers take any: older versions did not bound them."""
MOST_DOCUMENTS = (1 << 32) - 1
"""Of a segment."""
MOST_LEADS = 255
_BYTES_OF_A_VALUE, _BYTES_OF_A_KEYWORD = 40, 250
"""The same of keywords."""

_STRINGS = frozenset({str, type(None)})


class _TextColumn:
    """The words of one text field, and of its unstemmed twin."""

    def __init__(self, field: Text) -> None:
        self.field = field
        self.chunks = Chunks(field.prepare, field.split)

    @staticmethod
    def fit(values: Sequence[Value]) -> bool:
        return _STRINGS.issuperset(map(type, values)) or all(
            value is None or isinstance(value, str) for value in values
        )

    @property
    def weight(self) -> int:
        return self.chunks.weight

    def extend(self, values: Sequence[Value], room: int) -> None:
        self.chunks.extend(cast("Sequence[str | None]", values), room)

    def forget(self, docs: int) -> None:
        self.chunks.forget(docs)

    def write(self, writer: ArrayWriter, name: str, order: Ints | None) -> None:
        found = word_stream(self.chunks, order)
        rank, terms = sorted_terms(found.spelt)
        words = rank[found.words]
        longest = int(found.positions.max()) + 1 if len(words) else 0
        norms = bm25.length_bytes(found.lengths)
        if self.field.normalise:
            spelt = [found.spelt[index] for index in np.argsort(rank).tolist()]
            stems = Numbers()
            of_word = np.array([stems[stem] for stem in map(self.field.normalise, spelt)], np.uint32)
            stem_rank, stem_terms = sorted_terms(list(stems))
            of_word = stem_rank[of_word]
            if twin := self.field.unstemmed:
                self._write_twin(writer, twin, terms, words, of_word, found, norms, longest)
            terms, words = stem_terms, of_word[words]
        _write_text(writer, name, terms, *invert(words, found, len(terms)), norms, longest)
        write_lengths(writer, name, found.lengths)

    @staticmethod
    def _write_twin(
        writer: ArrayWriter,
        twin: str,
        terms: list[bytes],
        words: NDArray[np.uint32],
        stems: NDArray[np.uint32],
        found: Words,
        norms: NDArray[np.uint8],
        longest: int,
    ) -> None:
        kept = ~alone(stems)[words]
        part = found._replace(docs=found.docs[kept], positions=found.positions[kept])
        _write_text(writer, twin, terms, *invert(words[kept], part, len(terms)), norms, longest)
        writer.add(f"{twin}.stems", small(stems))


def _write_text(
    writer: ArrayWriter,
    name: str,
    terms: list[bytes],
    sizes: Ints,
    found: Occurrences,
    norms: NDArray[np.uint8],
    longest: int,
) -> None:
    for part, values in dictionary(name, terms).items():
        writer.add(part, values)
    postings = PostingsWriter(writer, name, sizes, len(found.positions), norms, longest)
    postings.append(0, len(sizes), found)
    postings.close()


class _KeywordColumn:
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
        return _STRINGS.issuperset(map(type, values)) or all(map(_is_keyword, values))

    def forget(self, docs: int) -> None:
        forget_documents(docs, self.numbers, self.values, self.counts)
        self._weigh()

    def extend(self, values: Sequence[Value], room: int) -> None:
        for value in values:
            if isinstance(value, str):
                self.values.append(self.numbers[value])
                self.counts.append(1)
            elif value:
                several = dict.fromkeys(cast("Sequence[str]", value))
                self.values.extend(map(self.numbers.__getitem__, several))
                self.counts.append(len(several))
            else:
                self.counts.append(0)
        if self._weigh() > room:
            raise NoRoomError

    def write(self, writer: ArrayWriter, name: str, order: Ints | None) -> None:
        rank, terms = sorted_terms(list(self.numbers))
        values, counts = arrange(np.frombuffer(self.values, np.uint32), np.frombuffer(self.counts, np.uint32), order)
        write_keywords(writer, name, terms, rank[values], counts)


def _is_keyword(value: Value) -> bool:
    if value is None or isinstance(value, str):
        return True
    return not isinstance(value, int) and all(isinstance(one, str) for one in value)


class _NumberColumn:
    def __init__(self) -> None:
        self.values = array("q")

    @staticmethod
    def fit(values: Sequence[Value]) -> bool:
        given = [value for value in values if value is not None]
        return all(isinstance(value, int) and NO_NUMBER < value <= -(NO_NUMBER + 1) for value in given)

    weight = 0
    """Less than the other columns."""

    def forget(self, docs: int) -> None:
        del self.values[docs:]

    def extend(self, values: Sequence[Value], room: int) -> None:
        self.values.extend([NO_NUMBER if value is None else cast(int, value) for value in values])

    def write(self, writer: ArrayWriter, name: str, order: Ints | None) -> None:
        values = np.frombuffer(self.values, np.int64)
        write_numbers(writer, name, values if order is None else values[order])


_COLUMNS: dict[str, Callable[[Any], Any]] = {
    "text": _TextColumn,
    "keyword": lambda field: _KeywordColumn(),
    "number": lambda field: _NumberColumn(),
}


class SegmentBuilder:
    """Collects blocks of documents for one segment, in which they lie in order (see `engine.segment.order`).

    Args:
        schema: their fields.
        dictionary: how records like theirs are packed best (`Writer.dictionary`); found out anew when it is empty.
        room: how many bytes of memory it may take to write the segment.

    Attributes:
        weight: about how many bytes of memory it takes to write the segment.
        places: the number in the segment of each block that was added; known when the segment is written.
    """

    def __init__(self, schema: Schema, dictionary: bytes = b"", room: int = sys.maxsize) -> None:
        self._schema = schema
        self._room = room
        self._shared: list[tuple[str, Any]] = []
        self._columns: list[tuple[str, Any]] = []
        for name, field in schema.items():
            if not is_twin(schema, name):
                (self._shared if is_shared(field) else self._columns).append((name, _COLUMNS[kind_of(field)](field)))
        self._keys: list[str] = []
        self._digests = bytearray()
        self._first = array("I", [0])
        self._leads = array("B")
        self._dictionary = dictionary
        self._records: list[bytes] = []
        self.weight = 0
        self.places: list[int] = []

    def __len__(self) -> int:
        """The number of blocks collected."""
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
        """Add a block: its key, the digest of its source, its documents (the first ``leads`` stand for the whole) and
        the bytes stored with each (those that lack have none). Shared fields are read from the first document.

        Args:
            longest_key: bytes; more than usual for blocks of older indexes.

        Raises:
            ValueError: a value is not of its field's kind, or more than a segment holds; then nothing is added.
            NoRoomError: it would take more memory than there is room for; then nothing is added.
        """
        if (size := len(to_bytes(key))) > longest_key:
            raise ValueError(f"a key of {size:,} bytes is longer than {longest_key:,}")
        if len(digest) != DIGEST_BYTES or not 0 < leads <= len(documents) >= len(records):
            raise ValueError(f"the digest, the leads or the records of {key!r} do not fit its documents")
        if leads > MOST_LEADS or self._first[-1] + len(documents) > MOST_DOCUMENTS:
            raise ValueError(f"{key!r} has more documents than a segment holds")
        if (stored := sum(map(len, records))) > LARGEST:
            raise ValueError(f"the records of {key!r} have more than {LARGEST >> 20} MB")
        values = [[documents[0].get(name)] for name, _ in self._shared]
        values += [[document.get(name) for document in documents] for name, _ in self._columns]
        columns = self._shared + self._columns
        for (name, column), given in zip(columns, values, strict=True):
            if not column.fit(given):
                wrong = next(value for value in given if not column.fit([value]))
                raise ValueError(f"{name} cannot be {wrong!r}")
        room = self._room - self.weight - stored
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
        self._keys.append(key)
        self._digests += digest
        self._first.append(self._first[-1] + len(documents))
        self._leads.append(leads)
        self._records += records
        self._records += [b""] * (len(documents) - len(records))
        self.weight = self._room - room

    def write(self, place: Place) -> int:
        """Write the segment, once; its size in bytes."""
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
            # First what cannot be made anew: it survives when the file is cut off behind it.
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
        """The number by which each block lies in order."""
        for name, column in self._shared:
            if name == order_field(self._schema):
                return np.frombuffer(column.values, np.int64)
        return np.full(len(self), NO_NUMBER)

    def _store(self, docs: Ints | None, sizes: Ints) -> dict[str, NDArray[Any]]:
        """The records of the documents, in order; they are not kept. ``sizes``: how many documents each block has."""
        store = StoreWriter(self._dictionary)
        records = iter(self._records if docs is None else map(self._records.__getitem__, docs.tolist()))
        for size in sizes.tolist():
            store.add(list(islice(records, size)))
        self._records = []
        return store.arrays()
