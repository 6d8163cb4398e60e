"""Reading a segment: dictionaries, postings, columns and stored records, straight from the mapped arrays."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import zstandard
from numpy.typing import NDArray

from cablesearch.engine.arrays import Arrays
from cablesearch.engine.builder import DIGEST_BYTES, STORE_BLOCK, to_bytes
from cablesearch.errors import CorruptIndexError

__all__ = ["Postings", "Segment", "Strings"]

Ints = NDArray[np.int64]


class Strings:
    """Byte strings packed end to end; sorted ones can be searched."""

    def __init__(self, blob: NDArray[np.uint8], starts: NDArray[np.uint64]) -> None:
        self._blob = blob.data
        self._starts = starts

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, index: int) -> bytes:
        return bytes(self._blob[int(self._starts[index]) : int(self._starts[index + 1])])

    def text(self, index: int) -> str:
        """The string as text."""
        return self[index].decode("utf-8", "surrogatepass")

    def find(self, string: bytes) -> int | None:
        """The index of the string among the sorted ones, or None."""
        index = bisect_left(self, string)
        return index if index < len(self) and self[index] == string else None

    def place(self, text: str, *, after: bool) -> int:
        """Where a text would stand among the sorted strings, before or after one equal to it."""
        return (bisect_right if after else bisect_left)(self, to_bytes(text))

    def span(self, prefix: bytes) -> range:
        """The indexes of the sorted strings that begin with ``prefix``."""
        return range(
            bisect_left(self, prefix),
            bisect_left(self, True, key=lambda one: one[: len(prefix)] > prefix),
        )


class Postings(NamedTuple):
    """The documents that hold a term (rising) and how often each does; both int64."""

    docs: Ints
    counts: Ints


class Segment:
    """An immutable segment on disk.

    Raises:
        CorruptIndexError: see `Arrays`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.arrays = Arrays(path)
        self.first = self.arrays["block.first"].astype(np.int64)
        self.blocks = len(self.first) - 1
        if self.blocks < 0 or self.first[0] or np.any(np.diff(self.first) < 1):
            raise CorruptIndexError(f"{path}: its blocks do not fit together")
        self.docs = int(self.first[-1])
        self._strings: dict[str, Strings] = {}
        self._record_cache: tuple[int, bytes] | None = None

    # Dictionaries

    def terms(self, field: str) -> Strings:
        """The sorted strings of a text or keyword field."""
        if field not in self._strings:
            self._strings[field] = Strings(self.arrays[f"{field}.terms"], self.arrays[f"{field}.term_starts"])
        return self._strings[field]

    def term(self, field: str, text: str) -> int | None:
        """The number of a term, or None when the segment does not have it."""
        return self.terms(field).find(to_bytes(text))

    def matching(self, field: str, prefix: str, accept: Callable[[str], bool] | None) -> list[int]:
        """The terms that begin with ``prefix`` and that ``accept`` takes."""
        terms = self.terms(field)
        span = terms.span(to_bytes(prefix))
        return [number for number in span if accept(terms.text(number))] if accept else list(span)

    # Postings of text

    def postings(self, field: str, term: int) -> Postings:
        """Documents and frequencies of a term of a text field."""
        first = self.arrays[f"{field}.first"]
        start, end = int(first[term]), int(first[term + 1])
        places = self.arrays[f"{field}.places"][start : end + 1].astype(np.int64)
        return Postings(self.arrays[f"{field}.docs"][start:end].astype(np.int64), np.diff(places))

    def places(self, field: str, term: int) -> Ints:
        """Every place of a term, rising: document << 32 | position, int64."""
        first = self.arrays[f"{field}.first"]
        start, end = int(first[term]), int(first[term + 1])
        bounds = self.arrays[f"{field}.places"][start : end + 1].astype(np.int64)
        docs = self.arrays[f"{field}.docs"][start:end].astype(np.int64)
        positions = self.arrays[f"{field}.positions"][bounds[0] : bounds[-1]].astype(np.int64)
        return np.repeat(docs << 32, np.diff(bounds)) + positions

    def lengths(self, field: str) -> NDArray[np.uint32]:
        """The number of words of each document in a text field."""
        return self.arrays[f"{field}.lengths"]

    # Columns

    def numbers(self, field: str) -> Ints:
        """The column of a number field, a value a document; `NO_NUMBER` where there is none."""
        return self.arrays[field]

    def values(self, field: str) -> tuple[Ints, NDArray[np.uint32]]:
        """The column of a keyword field: where each document's values begin (int64, documents + 1), and the values
        as numbers of terms."""
        return self.arrays[f"{field}.first"].astype(np.int64), self.arrays[f"{field}.values"]

    def docs_with(self, field: str, terms: list[int]) -> Ints:
        """The documents that have one of the terms in a keyword field, rising."""
        first, values = self.values(field)
        if len(terms) == 1:
            found = np.flatnonzero(values == terms[0])
        else:
            wanted = np.zeros(len(self.terms(field)) + 1, bool)
            wanted[terms] = True
            found = np.flatnonzero(wanted[values])
        docs = np.searchsorted(first, found, "right") - 1
        return docs[np.append(True, np.diff(docs) > 0)] if len(docs) else docs

    # Blocks

    @cached_property
    def block_of(self) -> Ints:
        """The block of each document."""
        return np.repeat(np.arange(self.blocks), np.diff(self.first))

    @cached_property
    def leads(self) -> NDArray[np.bool_]:
        """Which documents stand for their block as a whole."""
        places = np.arange(self.docs) - self.first[self.block_of]
        leads: NDArray[np.bool_] = places < self.arrays["block.leads"][self.block_of]
        return leads

    @cached_property
    def keys(self) -> Strings:
        """The keys of the blocks, in order of blocks."""
        return Strings(self.arrays["block.keys"], self.arrays["block.key_starts"])

    def find(self, key: str) -> list[int]:
        """The blocks of that key."""
        by_key, wanted = self.arrays["block.by_key"], to_bytes(key)
        index = bisect_left(by_key, wanted, key=lambda block: self.keys[int(block)])
        found = []
        while index < len(by_key) and self.keys[int(by_key[index])] == wanted:
            found.append(int(by_key[index]))
            index += 1
        return found

    def digest(self, block: int) -> bytes:
        """The digest of a block's source."""
        return self.arrays["block.digests"][block * DIGEST_BYTES : (block + 1) * DIGEST_BYTES].tobytes()

    def record(self, block: int) -> bytes:
        """The bytes stored with a block.

        Raises:
            CorruptIndexError: they cannot be unpacked.
        """
        packed, start, end = (int(self.arrays[f"store.{part}"][block]) for part in ("block", "start", "end"))
        cached = self._record_cache
        if cached and cached[0] == packed:
            return cached[1][start:end]
        starts = self.arrays["store.blocks"]
        data = self.arrays["store.data"][int(starts[packed]) : int(starts[packed + 1])].data
        try:
            whole = zstandard.ZstdDecompressor().decompress(data)
        except zstandard.ZstdError as error:
            raise CorruptIndexError(f"{self.path}: a stored record is damaged ({error})") from error
        if len(whole) <= 4 * STORE_BLOCK:
            self._record_cache = (packed, whole)
        return whole[start:end]

    def records(self) -> Iterator[tuple[int, bytes]]:
        """Every block and its record, in order."""
        for block in range(self.blocks):
            yield block, self.record(block)

    def field_arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """The arrays of a text field by their short names."""
        return {part: self.arrays[f"{name}.{part}"] for part in ("first", "docs", "places", "positions", "lengths")}
