"""From documents to the arrays of a segment.

Words become numbers as they come, through a dictionary that each distinct word enters once; everything after that is
array work. Inversion is one sort of packed keys (term << 32 | place in the stream of words).
"""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from whoosh.fields import Schema

from cablesearch.engine import bm25
from cablesearch.engine.disk.arrays import ArrayWriter
from cablesearch.engine.disk.files import Place
from cablesearch.engine.fields import Split, Text, is_shared, kind_of, order_field
from cablesearch.engine.segment.order import arrange, block_order
from cablesearch.engine.segment.postings import (
    Ints,
    Occurrences,
    PostingsWriter,
    differences,
    pack_strings,
    ranges,
    small,
)
from cablesearch.engine.segment.store import LARGEST, StoreWriter, write_spare, write_stores

__all__ = [
    "DIGEST_BYTES",
    "NO_NUMBER",
    "NoRoomError",
    "SegmentBuilder",
    "alone",
    "dictionary",
    "write_blocks",
    "write_keywords",
    "write_kinds",
    "write_lengths",
    "write_numbers",
]

DIGEST_BYTES = 16
LONGEST_KEY = 1 << 10
"""Bytes of the key of a new block. Readers take any: older versions did not bound them."""
MOST_DOCUMENTS = (1 << 32) - 1
"""Of a segment."""
MOST_LEADS = 255
NO_NUMBER = int(np.iinfo(np.int64).min)
_BYTES_OF_A_CHUNK, _BYTES_OF_A_WORD, _BYTES_OF_A_FURTHER = 64, 600, 40
"""What a chunk takes while it is inverted, a distinct one beside it (as a key, as a word and as a stem), and each of
its words but the first."""
_UNCOUNTED = 1 << 18
"""How many characters of texts may wait before their chunks are counted word by word."""
_BYTES_OF_A_VALUE, _BYTES_OF_A_KEYWORD = 40, 250
"""The same of keywords."""
_PIECE = 1 << 20
"""Characters of a text that are cut into chunks at once."""
_STRETCH = 1 << 16
"""Chunks of a stream that are taken apart at once."""

Value = str | int | Sequence[str] | None
_STRINGS = frozenset({str, type(None)})
Document = Mapping[str, Value]


class NoRoomError(MemoryError):
    """A block does not fit into the memory that a segment may take to be written."""


class _Numbers(dict[str, int]):
    """word -> its number, in order of first appearance."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


def _forget(docs: int, numbers: _Numbers, values: array[int], counts: array[int]) -> None:
    """Forget what documents from a number on have, in their order of first appearance, of values by their numbers."""
    _forget_values(sum(counts[:docs]), numbers, values)
    del counts[docs:]


def _forget_values(count: int, numbers: _Numbers, values: array[int]) -> None:
    """Keep only the first ``count`` values, and drop the words that no longer occur."""
    del values[count:]
    kept = max(values, default=-1) + 1
    while len(numbers) > kept:
        numbers.popitem()


def _pieces(text: str) -> Iterable[str]:
    """A text cut at blanks, as the list of all chunks of a long one would take many times its size."""
    return (text,) if len(text) <= _PIECE else _cut(text)


def _cut(text: str) -> Iterator[str]:
    start = 0
    while len(text) - start > _PIECE and (end := text.find(" ", start + _PIECE)) >= 0:
        yield text[start:end]
        start = end
    yield text[start:] if start else text


def to_bytes(word: str) -> bytes:
    """The form in which terms are stored; lone surrogates pass."""
    return word.encode("utf-8", "surrogatepass")


class _Chunks:
    """The words of texts, by the chunk: what stands between blanks is taken apart once, however often it comes."""

    def __init__(self, prepare: Callable[[str], str], split: Split) -> None:
        self.prepare = prepare
        self.split = split
        self.numbers = _Numbers()
        self.stream = array("I")
        self.counts = array("I")
        self.words = _Numbers()
        self.pieces, self.places = array("I"), array("I")
        """The words of all chunks that were taken apart, end to end, and where each stands in its chunk."""
        self.sizes, self.widths = array("I"), array("I")
        """How many words each of these chunks has, and how many places they take."""
        self.weight = 0
        """About how many bytes it takes to invert them."""
        self._counted = self._extra = self._pending = 0

    def _weigh(self) -> int:
        self.weight = (
            _BYTES_OF_A_CHUNK * len(self.stream)
            + _BYTES_OF_A_WORD * len(self.numbers)
            + _BYTES_OF_A_FURTHER * self._extra
        )
        return self.weight

    def extend(self, texts: Sequence[str | None], room: int) -> None:
        # Most fields say nothing of most documents.
        if not any(texts):
            self.counts.extend([0] * len(texts))
            return
        number, stream, counts = self.numbers.__getitem__, self.stream, self.counts
        last, start, size = "", 0, 0
        for text in texts:
            if not text:
                counts.append(0)
                continue
            # The subject of a cable comes once a paragraph.
            if text is last:
                stream.extend(stream[start : start + size])
                self._pending += len(text)
            else:
                last, start = text, len(stream)
                for piece in _pieces(self.prepare(text)):
                    stream.extend(map(number, piece.split()))
                    self._pending += len(piece)
                    if len(piece) >= _PIECE:
                        self._check(room)
                size = len(stream) - start
            counts.append(size)
            if self._pending > _UNCOUNTED:
                self._check(room)
        self._check(room)

    def _check(self, room: int) -> None:
        """Raise NoRoomError if inverting the texts would take more than ``room`` bytes."""
        if self._pending > _UNCOUNTED:
            self._count()
        if self._weigh() > room:
            raise NoRoomError

    def _count(self) -> None:
        """Count the words that chunks have beside their first."""
        self.take_apart()
        fresh = np.frombuffer(self.sizes, np.uint32)[np.frombuffer(self.stream[self._counted :], np.uint32)]
        self._extra += int(fresh.sum(dtype=np.int64)) - int(np.count_nonzero(fresh))
        self._counted, self._pending = len(self.stream), 0

    def take_apart(self) -> None:
        """Split the chunks that were not split before."""
        split, words, pieces = self.split, self.words, self.pieces
        places, sizes, widths = self.places, self.sizes, self.widths
        for chunk in list(islice(reversed(self.numbers), len(self.numbers) - len(sizes)))[::-1]:
            found, where = split(chunk, False)
            if where is None and len(found) == 1:
                pieces.append(words[found[0]])
                places.append(0)
                sizes.append(1)
                widths.append(1)
                continue
            width = len(found) if where is None else where[-1] + 1 if where else 0
            if width > len(found):
                raise ValueError(f"of {chunk!r} a word has a position beyond the number of words")
            pieces.extend(map(words.__getitem__, found))
            places.extend(range(len(found)) if where is None else where)
            sizes.append(len(found))
            widths.append(width)

    def forget(self, docs: int) -> None:
        """Keep what the first documents have."""
        _forget(docs, self.numbers, self.stream, self.counts)
        kept = sum(self.sizes[: len(self.numbers)])
        del self.sizes[len(self.numbers) :], self.widths[len(self.numbers) :]
        _forget_values(kept, self.words, self.pieces)
        del self.places[kept:]
        self._counted = self._extra = 0
        self._pending = _UNCOUNTED + 1
        self._weigh()


class _Words(NamedTuple):
    """A stream of words: the word of each, its document and its position there; the words by number; the number of
    words in each document."""

    words: NDArray[np.uint32]
    docs: NDArray[np.uint32]
    positions: NDArray[np.uint32]
    spelt: list[str]
    lengths: NDArray[np.int64]


def _words(chunks: _Chunks, order: Ints | None) -> _Words:
    chunks.take_apart()
    stream, per_doc = arrange(np.frombuffer(chunks.stream, np.uint32), np.frombuffer(chunks.counts, np.uint32), order)
    doc = np.repeat(np.arange(len(per_doc), dtype=np.uint32), per_doc)
    position = _positions(np.frombuffer(chunks.widths, np.uint32)[stream], per_doc)
    count, word, place = (np.frombuffer(values, np.uint32) for values in (chunks.sizes, chunks.pieces, chunks.places))
    if len(word) == len(count) and np.all(count == 1) and not place.any():
        words, docs, positions = word[stream], doc, position
    else:
        words, docs, positions = _taken_apart(stream, doc, position, count, word, place)
    return _Words(words, docs, positions, list(chunks.words), np.bincount(docs, minlength=len(per_doc)))


def _positions(widths: NDArray[np.uint32], per_doc: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Where each chunk of a stream starts in its document, by the widths of the chunks."""
    starts = np.zeros(len(widths) + 1, np.int64)
    np.cumsum(widths, out=starts[1:])
    first = np.zeros(len(per_doc) + 1, np.int64)
    np.cumsum(per_doc, out=first[1:])
    return (starts[:-1] - np.repeat(starts[first[:-1]], per_doc)).astype(np.uint32)


def _taken_apart(
    stream: NDArray[np.uint32],
    doc: NDArray[np.uint32],
    position: NDArray[np.uint32],
    count: NDArray[np.uint32],
    word: NDArray[np.uint32],
    place: NDArray[np.uint32],
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32]]:
    """The words of a stream of chunks, and the document and position of each; stretch by stretch, as it takes many
    times the memory of a stretch.

    Args:
        stream, doc, position: for each chunk that comes its number, its document and where it starts there.
        count: how many words each chunk has, by its number.
        word, place: the words of all chunks, end to end, and where each stands in its chunk.
    """
    first = np.cumsum(count, dtype=np.int64) - count
    total = int(count[stream].sum(dtype=np.int64))
    words, docs, positions = (np.empty(total, np.uint32) for _ in range(3))
    done = 0
    for start in range(0, len(stream), _STRETCH):
        stretch = slice(start, start + _STRETCH)
        sizes = count[stream[stretch]].astype(np.int64)
        which = ranges(first[stream[stretch]], sizes)
        into = slice(done, done := done + len(which))
        words[into] = word[which]
        docs[into] = np.repeat(doc[stretch], sizes)
        positions[into] = np.repeat(position[stretch], sizes) + place[which]
    return words, docs, positions


def invert(words: NDArray[np.uint32], found: _Words, count: int) -> tuple[Ints, Occurrences]:
    """Postings of a stream of words.

    Args:
        words: each word's term, below ``count``.
        found: each word's document (never falling along the stream) and position (never falling within a document).
        count: the number of terms.

    Returns:
        The number of postings of each term, and all of them, term by term.
    """
    # In place, as these are the largest arrays that there are.
    keys = words.astype(np.uint64)
    keys <<= np.uint64(32)
    keys |= np.arange(len(words), dtype=np.uint64)
    keys.sort()
    terms = (keys >> np.uint64(32)).astype(np.uint32)
    keys &= np.uint64(0xFFFFFFFF)
    order = keys.view(np.int64)
    docs = found.docs[order]
    fresh = np.ones(len(order), bool)
    fresh[1:] = (terms[1:] != terms[:-1]) | (docs[1:] != docs[:-1])
    starts = np.flatnonzero(fresh)
    sizes = np.bincount(terms[starts], minlength=count)
    counts = np.diff(np.append(starts, len(order)))
    return sizes, Occurrences(docs[starts].astype(np.int64), counts, found.positions[order])


def sorted_terms(spelt: Sequence[str]) -> tuple[NDArray[np.uint32], list[bytes]]:
    """The rank of each string among the sorted ones, and the sorted ones."""
    encoded = [to_bytes(word) for word in spelt]
    by_rank = sorted(range(len(encoded)), key=encoded.__getitem__)
    rank = np.empty(len(encoded), np.uint32)
    rank[by_rank] = np.arange(len(encoded), dtype=np.uint32)
    return rank, [encoded[index] for index in by_rank]


def dictionary(name: str, terms: Sequence[bytes]) -> dict[str, NDArray[Any]]:
    """Sorted terms as arrays: ``heads`` are the first eight bytes of each as one number, so that a search of them is
    one of numbers."""
    blob, starts = pack_strings(terms)
    heads = np.frombuffer(b"".join([term[:8].ljust(8, b"\0") for term in terms]), ">u8").astype(np.uint64)
    return {f"{name}.terms": blob, f"{name}.term_starts": starts, f"{name}.heads": heads}


def write_lengths(writer: ArrayWriter, name: str, lengths: NDArray[Any]) -> None:
    """Write the number of words of each document, exact and as the score knows it."""
    writer.add(f"{name}.lengths", small(lengths))
    writer.add(f"{name}.norms", bm25.length_bytes(lengths))
    writer.add(f"{name}.totals", np.array([lengths.sum(dtype=np.int64), np.count_nonzero(lengths)], np.int64))


class _TextColumn:
    """The words of one text field, and of its unstemmed twin."""

    def __init__(self, field: Text) -> None:
        self.field = field
        self.chunks = _Chunks(field.prepare, field.split)

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
        found = _words(self.chunks, order)
        rank, terms = sorted_terms(found.spelt)
        words = rank[found.words]
        longest = int(found.positions.max()) + 1 if len(words) else 0
        norms = bm25.length_bytes(found.lengths)
        if self.field.normalise:
            spelt = [found.spelt[index] for index in np.argsort(rank).tolist()]
            stems = _Numbers()
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
        found: _Words,
        norms: NDArray[np.uint8],
        longest: int,
    ) -> None:
        kept = ~alone(stems)[words]
        part = found._replace(docs=found.docs[kept], positions=found.positions[kept])
        _write_text(writer, twin, terms, *invert(words[kept], part, len(terms)), norms, longest)
        writer.add(f"{twin}.stems", small(stems))


def alone(stems: NDArray[Any]) -> NDArray[np.bool_]:
    """Which words are the only ones of their stem, and so have its postings."""
    single: NDArray[np.bool_] = np.bincount(stems)[stems] == 1
    return single


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
        self.numbers = _Numbers()
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
        _forget(docs, self.numbers, self.values, self.counts)
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


def write_keywords(
    writer: ArrayWriter, name: str, terms: list[bytes], values: NDArray[Any], counts: NDArray[Any]
) -> None:
    """Write a keyword column: its dictionary, the values, where those of each document begin (unless each has one), and
    the documents of each term."""
    for part, packed in dictionary(name, terms).items():
        writer.add(part, packed)
    writer.add(f"{name}.values", small(values))
    units = np.repeat(np.arange(len(counts)), counts)
    writer.add(f"{name}.units", small(units[np.argsort(values, kind="stable")]))
    writer.add(f"{name}.unit_first", small(np.append(0, np.cumsum(np.bincount(values, minlength=len(terms))))))
    if not np.all(counts == 1):
        writer.add(f"{name}.first", small(np.append(0, np.cumsum(counts, dtype=np.int64))))


def write_numbers(writer: ArrayWriter, name: str, values: NDArray[np.int64]) -> None:
    """Write a number column: what each is above the least, plus 1; 0 for none."""
    given = values[values != NO_NUMBER]
    base = int(given.min()) if len(given) else 0
    # As unsigned numbers, so that the widest of differences fits.
    above = values.astype(np.uint64) - np.uint64(base % (1 << 64)) + np.uint64(1)
    writer.add(f"{name}.base", np.array([base], np.int64))
    writer.add(f"{name}.values", small(np.where(values == NO_NUMBER, np.uint64(0), above)))


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


def is_twin(schema: Schema, name: str) -> bool:
    """Whether the field is another's unstemmed twin, and so is filled with it."""
    return any(isinstance(field, Text) and field.unstemmed == name for _, field in schema.items())


def write_kinds(writer: ArrayWriter, schema: Schema) -> None:
    """Write what a reader has to know of the schema: which fields are shared, whose twin each unstemmed one is, and by
    which field blocks lie in order."""
    twins = {field.unstemmed: name for name, field in schema.items() if isinstance(field, Text) and field.unstemmed}
    writer.add("twins", np.frombuffer(json.dumps(twins).encode(), np.uint8))
    for name, field in schema.items():
        if is_shared(field):
            writer.add(f"{name}.shared", np.empty(0, np.uint8))
    if ordered := order_field(schema):
        writer.add(f"{ordered}.orders", np.empty(0, np.uint8))


def write_blocks(
    writer: ArrayWriter,
    keys: Sequence[bytes],
    digests: NDArray[np.uint8],
    sizes: Ints,
    leads: NDArray[np.uint8],
) -> None:
    """Write what a segment knows of its blocks: keys, their sorted order, digests, where their documents begin (given
    how many each has), and how many of these stand for the whole."""
    blob, starts = pack_strings(keys)
    order = sorted(range(len(keys)), key=keys.__getitem__)
    writer.add("block.keys", blob)
    writer.add("block.key_starts", starts)
    writer.add("block.by_key", small(np.array(order, np.int64)))
    writer.add("block.digests", digests)
    writer.add("block.first", np.append(0, np.cumsum(sizes)).astype(np.uint32))
    writer.add("block.leads", leads)
