"""From documents to the arrays of a segment.

Words become numbers as they come, through a dictionary that each distinct word enters once; everything after that is
array work. Inversion is one sort of packed keys (term << 32 | place in the stream of words).
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import zstandard
from numpy.typing import NDArray
from whoosh.fields import Schema

from cablesearch.engine.fields import Text, kind_of

__all__ = ["DIGEST_BYTES", "NO_NUMBER", "SegmentBuilder", "StoreWriter", "invert", "pack_strings"]

DIGEST_BYTES = 16
NO_NUMBER = int(np.iinfo(np.int64).min)
STORE_BLOCK = 1 << 16

Value = str | int | Sequence[str] | None
Document = Mapping[str, Value]


class _Numbers(dict[str, int]):
    """word -> its number, in order of first appearance."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


def to_bytes(word: str) -> bytes:
    """The form in which terms are stored; lone surrogates pass."""
    return word.encode("utf-8", "surrogatepass")


def pack_strings(strings: Sequence[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.uint64]]:
    """Strings end to end, and the offset at which each begins; one more offset closes the last."""
    starts = np.zeros(len(strings) + 1, np.uint64)
    np.cumsum(np.fromiter(map(len, strings), np.uint64, len(strings)), out=starts[1:])
    return np.frombuffer(b"".join(strings), np.uint8), starts


def invert(
    terms: NDArray[np.uint32], docs: NDArray[np.uint32], positions: NDArray[np.uint32], count: int
) -> dict[str, NDArray[Any]]:
    """Postings of a stream of words.

    Args:
        terms: each word's term, uint32, below ``count``.
        docs: each word's document, uint32, never falling along the stream.
        positions: each word's position in its document, uint32, never falling within a document.
        count: the number of terms.

    Returns:
        ``first`` (uint64, count + 1): where each term's postings begin; ``docs`` (uint32): the documents of the
        postings; ``places`` (uint32, postings + 1): where each posting's positions begin; ``positions`` (uint32).
    """
    keys = terms.astype(np.uint64) << np.uint64(32) | np.arange(len(terms), dtype=np.uint64)
    keys.sort()
    order = (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)
    sorted_terms = (keys >> np.uint64(32)).astype(np.uint32)
    sorted_docs = docs[order]
    fresh = np.ones(len(keys), bool)
    fresh[1:] = (sorted_terms[1:] != sorted_terms[:-1]) | (sorted_docs[1:] != sorted_docs[:-1])
    starts = np.flatnonzero(fresh)
    return {
        "first": np.searchsorted(sorted_terms[starts], np.arange(count + 1, dtype=np.uint32)).astype(np.uint64),
        "docs": sorted_docs[starts],
        "places": np.append(starts, len(keys)).astype(np.uint32),
        "positions": positions[order],
    }


class _TextColumn:
    """The stream of words of one text field, and its unstemmed twin's."""

    def __init__(self, field: Text) -> None:
        self.field = field
        self.numbers = _Numbers()
        self.words = array("I")
        self.places = array("I")
        self.counts = array("I")

    def add(self, text: str) -> None:
        words, places = self.field.split(text, False) if text else ([], None)
        self.words.extend(map(self.numbers.__getitem__, words))
        self.places.extend(range(len(words)) if places is None else places)
        self.counts.append(len(words))

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        counts = np.frombuffer(self.counts, np.uint32)
        docs = np.repeat(np.arange(len(counts), dtype=np.uint32), counts)
        places = np.frombuffer(self.places, np.uint32)
        words = np.frombuffer(self.words, np.uint32)
        spelt = list(self.numbers)
        result: dict[str, NDArray[Any]] = {}
        if self.field.unstemmed:
            result |= _inverted(self.field.unstemmed, spelt, words, docs, places, counts)
        if self.field.normalise:
            stems = _Numbers()
            of_word = np.fromiter((stems[stem] for stem in map(self.field.normalise, spelt)), np.uint32, len(spelt))
            spelt, words = list(stems), of_word[words]
        return result | _inverted(name, spelt, words, docs, places, counts)


def _inverted(
    name: str,
    spelt: list[str],
    words: NDArray[np.uint32],
    docs: NDArray[np.uint32],
    places: NDArray[np.uint32],
    counts: NDArray[np.uint32],
) -> dict[str, NDArray[Any]]:
    order, packed = _sorted_terms(name, spelt)
    postings = invert(order[words], docs, places, len(spelt))
    return packed | {f"{name}.{part}": values for part, values in postings.items()} | {f"{name}.lengths": counts}


def _sorted_terms(name: str, spelt: Sequence[str]) -> tuple[NDArray[np.uint32], dict[str, NDArray[Any]]]:
    """The rank of each string among the sorted ones, and the sorted ones packed."""
    encoded = [to_bytes(word) for word in spelt]
    by_rank = sorted(range(len(encoded)), key=encoded.__getitem__)
    rank = np.empty(len(encoded), np.uint32)
    rank[by_rank] = np.arange(len(encoded), dtype=np.uint32)
    blob, starts = pack_strings([encoded[index] for index in by_rank])
    return rank, {f"{name}.terms": blob, f"{name}.term_starts": starts}


class _KeywordColumn:
    def __init__(self) -> None:
        self.numbers = _Numbers()
        self.values = array("I")
        self.counts = array("I")

    def add(self, value: Value) -> None:
        values = dict.fromkeys([value] if isinstance(value, str) else cast("Sequence[str]", value or ()))
        self.values.extend(map(self.numbers.__getitem__, values))
        self.counts.append(len(values))

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        rank, packed = _sorted_terms(name, list(self.numbers))
        first = np.zeros(len(self.counts) + 1, np.uint64)
        np.cumsum(np.frombuffer(self.counts, np.uint32), out=first[1:])
        return packed | {f"{name}.values": rank[np.frombuffer(self.values, np.uint32)], f"{name}.first": first}


class StoreWriter:
    """Records of bytes, compressed together in blocks of some 64 KB."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._blocks: list[bytes] = []
        self._compressor = zstandard.ZstdCompressor(level=3)
        self._where: list[tuple[int, int, int]] = []

    def add(self, record: bytes) -> None:
        start = len(self._pending)
        self._pending += record
        self._where.append((len(self._blocks), start, len(self._pending)))
        if len(self._pending) >= STORE_BLOCK:
            self._flush()

    def _flush(self) -> None:
        self._blocks.append(self._compressor.compress(bytes(self._pending)))
        self._pending.clear()

    def arrays(self) -> dict[str, NDArray[Any]]:
        if self._pending:
            self._flush()
        blob, starts = pack_strings(self._blocks)
        where = np.array(self._where, np.uint64).reshape(-1, 3)
        return {
            "store.data": blob,
            "store.blocks": starts,
            "store.block": where[:, 0],
            "store.start": where[:, 1],
            "store.end": where[:, 2],
        }


def _check(name: str, column: Any, value: Value) -> None:
    """Raise ValueError when a value is not of the kind of its column."""
    if value is None:
        return
    if isinstance(column, array):
        fits = isinstance(value, int) and NO_NUMBER < value <= -(NO_NUMBER + 1)
    elif isinstance(column, _TextColumn):
        fits = isinstance(value, str)
    else:
        fits = isinstance(value, str) or (not isinstance(value, int) and all(isinstance(one, str) for one in value))
    if not fits:
        raise ValueError(f"{name} cannot be {value!r}")


class SegmentBuilder:
    """Collects blocks of documents for one segment."""

    def __init__(self, schema: Schema) -> None:
        self._fields = {name: field for name, field in schema.items() if not schema_twin(schema, name)}
        self._columns: dict[str, Any] = {}
        for name, field in self._fields.items():
            kind = kind_of(field)
            self._columns[name] = (
                _TextColumn(cast(Text, field))
                if kind == "text"
                else array("q")
                if kind == "number"
                else _KeywordColumn()
            )
        self._keys: list[str] = []
        self._digests = bytearray()
        self._first = array("I", [0])
        self._leads = array("B")
        self.records: list[bytes] = []
        self._stored = 0

    def __len__(self) -> int:
        """The number of blocks collected."""
        return len(self._keys)

    @property
    def weight(self) -> int:
        """About how many bytes the words and records collected take."""
        words = sum(8 * len(column.words) for column in self._columns.values() if isinstance(column, _TextColumn))
        return words + self._stored

    def add(self, key: str, digest: bytes, documents: Sequence[Document], record: bytes, leads: int = 1) -> None:
        """Add a block: its key, the digest of its source, its documents (the first ``leads`` stand for the whole) and
        the bytes stored with it.

        Raises:
            ValueError: a value is not of its field's kind; then nothing is added.
        """
        if len(digest) != DIGEST_BYTES or not 0 < leads <= len(documents):
            raise ValueError(f"the digest of {key!r} has not {DIGEST_BYTES} bytes, or its leads are not among it")
        for name, column in self._columns.items():
            for document in documents:
                _check(name, column, document.get(name))
        for name, column in self._columns.items():
            for document in documents:
                value = document.get(name)
                if isinstance(column, array):
                    column.append(NO_NUMBER if value is None else value)
                else:
                    column.add("" if value is None and isinstance(column, _TextColumn) else value)
        self._keys.append(key)
        self._digests += digest
        self._first.append(self._first[-1] + len(documents))
        self._leads.append(leads)
        self.records.append(record)
        self._stored += len(record)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays of the segment."""
        store = StoreWriter()
        for record in self.records:
            store.add(record)
        result = store.arrays()
        for name, column in self._columns.items():
            if isinstance(column, array):
                result[name] = np.frombuffer(column, np.int64)
            else:
                result |= column.arrays(name)
        first, leads = np.asarray(self._first), np.frombuffer(self._leads, np.uint8)
        return result | block_arrays(self._keys, np.frombuffer(self._digests, np.uint8), first, leads)


def schema_twin(schema: Schema, name: str) -> bool:
    """Whether the field is another's unstemmed twin, and so is filled with it."""
    return any(isinstance(field, Text) and field.unstemmed == name for _, field in schema.items())


def block_arrays(
    keys: Sequence[str], digests: NDArray[np.uint8], first: NDArray[Any], leads: NDArray[np.uint8]
) -> dict[str, NDArray[Any]]:
    """What a segment knows of its blocks: keys, their sorted order, digests, where their documents begin, and how many
    of these stand for the whole."""
    encoded = [to_bytes(key) for key in keys]
    blob, starts = pack_strings(encoded)
    order = sorted(range(len(encoded)), key=encoded.__getitem__)
    return {
        "block.keys": blob,
        "block.key_starts": starts,
        "block.by_key": np.array(order, np.uint32),
        "block.digests": digests,
        "block.first": first.astype(np.uint32),
        "block.leads": leads,
    }
