"""The bytes that are stored with documents, packed so that one document is read without many others."""

from __future__ import annotations

import contextlib
import threading
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from cablesearch.engine.arrays import Arrays, ArrayWriter
from cablesearch.engine.postings import pack_strings, small
from cablesearch.errors import CorruptIndexError

__all__ = ["LARGEST", "StoreReader", "StoreWriter", "read_spare", "write_records", "write_spare", "write_stores"]

_FRAME = 1 << 10
_LEVEL = 3
_DICTIONARY = 1 << 16
_BEFORE_DICTIONARY = 1 << 22
LARGEST = 1 << 29
"""Bytes; no record is larger, and so no frame. What is read from one source is shorter than 64 million characters."""
_KEPT = 1 << 10
"""Of how many frames a reader keeps the contents."""
_LARGE = 1 << 16
"""Bytes; of the frames that are larger, which hold one record of a document, a reader keeps the last alone."""
_AT_ONCE = 1 << 20
"""About how many packed bytes are written together."""
_STRETCH, _SHORTEST = 256, 8
"""What the training of a dictionary looks for (k and d of COVER); to find the best for each takes ten times as long."""


class StoreWriter:
    """Records of documents, compressed together in frames of some 1 KB, so that one is read without many others.

    A dictionary of what the first records look like makes up for the smallness of the frames.

    Args:
        dictionary: one that was learnt from other records (`StoreReader.dictionary`), to be used instead.
    """

    def __init__(self, dictionary: bytes = b"") -> None:
        self._frames: list[bytes] = []
        self._widths = array("I")
        self._sizes = array("I")
        self._lengths = array("I")
        self._pending: list[bytes] = []
        self._unpacked = 0
        self._early: list[bytes] = []
        self._compressor: zstandard.ZstdCompressor | None = None
        self._dictionary = b""
        self.weight = 0
        # One that is damaged, or made to do harm, is not used.
        if 0 < len(dictionary) <= 2 * _DICTIONARY:
            with contextlib.suppress(zstandard.ZstdError):
                self._compress_with(zstandard.ZstdCompressionDict(dictionary))

    def add(self, record: bytes) -> None:
        """Add the record of the next document."""
        self._lengths.append(len(record))
        self.weight += len(record)
        if self._compressor is None:
            self._early.append(record)
            if self.weight >= _BEFORE_DICTIONARY:
                self._begin()
        else:
            self._put(record)

    def _begin(self) -> None:
        self._compress_with(_trained(self._early))
        for record in self._early:
            self._put(record)
        self._early.clear()

    def _compress_with(self, dictionary: zstandard.ZstdCompressionDict) -> None:
        dictionary.precompute_compress(level=_LEVEL)
        self._dictionary = dictionary.as_bytes()
        # With a checksum in each frame, so that all but the damaged ones can be saved.
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL, dict_data=dictionary, write_checksum=True)

    def _put(self, record: bytes) -> None:
        if self._unpacked + len(record) > LARGEST:
            self._flush()
        self._pending.append(record)
        self._unpacked += len(record)
        if self._unpacked >= _FRAME:
            self._flush()

    def _flush(self) -> None:
        assert self._compressor is not None
        self._frames.append(self._compressor.compress(b"".join(self._pending)))
        self._widths.append(len(self._frames[-1]))
        self._sizes.append(self._unpacked)
        self._pending.clear()
        self._unpacked = 0

    def take(self) -> NDArray[np.uint8]:
        """The frames that are packed, end to end; they are not kept."""
        packed = np.frombuffer(b"".join(self._frames), np.uint8)
        self._frames.clear()
        return packed

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The store as arrays: frames end to end (less those that were taken) and where each begins, where each ends
        when all are unpacked, where the records end then, and the dictionaries with the frame from which each holds."""
        if self._early:
            self._begin()
        if self._pending:
            self._flush()
        return {
            "store.data": self.take(),
            "store.frames": _sums(np.frombuffer(self._widths, np.uint32)),
            "store.sizes": _sums(np.frombuffer(self._sizes, np.uint32)),
            "store.ends": _sums(np.frombuffer(self._lengths, np.uint32)),
            **_dictionaries([self._dictionary] if self._widths else []),
        }


def _dictionaries(contents: Sequence[bytes]) -> dict[str, NDArray[Any]]:
    """One dictionary, or none, as arrays."""
    blob, starts = pack_strings(contents)
    return {
        "store.dictionaries": blob,
        "store.dictionary_starts": starts,
        "store.from": np.zeros(len(contents), np.uint8),
    }


def _trained(records: Sequence[bytes]) -> zstandard.ZstdCompressionDict:
    """A dictionary of what records look like; of the first of them as they are when they are too few to learn from."""
    if sum(map(len, records)) >= _BEFORE_DICTIONARY // 4:
        with contextlib.suppress(zstandard.ZstdError):
            # The rest of a long record would take many times its size and teach nothing new.
            samples: list[bytes | bytearray | memoryview] = [record[: 4 * _DICTIONARY] for record in records]
            return zstandard.train_dictionary(_DICTIONARY, samples, k=_STRETCH, d=_SHORTEST)
    size = sum(map(len, records))
    # It must not begin as one that was learnt does.
    content = b"\0" + b"".join(records[:: max(1, size // _DICTIONARY)])[:_DICTIONARY]
    return zstandard.ZstdCompressionDict(content)


def _sums(sizes: NDArray[Any]) -> NDArray[Any]:
    return small(np.append(0, np.cumsum(sizes, dtype=np.int64)))


def write_stores(writer: ArrayWriter, stores: Sequence[Mapping[str, NDArray[Any]]]) -> NDArray[np.uint8]:
    """Write several stores as one, packed as they are; the dictionaries once more, for `write_spare`."""
    for part in ("frames", "sizes", "ends"):
        writer.add(f"store.{part}", _chained([store[f"store.{part}"].astype(np.int64) for store in stores]))
    frames = np.cumsum([0, *(len(store["store.frames"]) - 1 for store in stores)])
    contents: list[bytes] = []
    since: list[int] = []
    for store, base in zip(stores, frames.tolist(), strict=False):
        starts = store["store.dictionary_starts"].tolist()
        for number, first in enumerate(store["store.from"].tolist()):
            content = store["store.dictionaries"][starts[number] : starts[number + 1]].tobytes()
            if contents[-1:] != [content]:
                contents.append(content)
                since.append(base + first)
    blob, dictionary_starts = pack_strings(contents)
    writer.add("store.dictionaries", blob)
    writer.add("store.dictionary_starts", dictionary_starts)
    writer.add("store.from", small(np.array(since, np.int64)))
    writer.allocate("store.data", "u1", sum(len(store["store.data"]) for store in stores))
    for store in stores:
        writer.append("store.data", store["store.data"])
    return blob


def write_records(writer: ArrayWriter, records: Iterable[bytes], dictionary: bytes) -> NDArray[np.uint8]:
    """Write a store of records as they come, in memory that does not grow with their bytes; the dictionary once more,
    for `write_spare`.

    Args:
        dictionary: how they are packed (`StoreReader.dictionary`); learnt from the first of them when it is empty.
    """
    store = StoreWriter(dictionary)
    # Before the records, which cannot be read without it should the file be cut off.
    early = _dictionaries([dictionary]) if dictionary else {}
    for name, values in early.items():
        writer.add(name, values)
    writer.allocate("store.data", "u1", None)
    pending = 0
    for record in records:
        store.add(record)
        pending += len(record)
        if pending >= _AT_ONCE:
            writer.append("store.data", store.take())
            pending = 0
    arrays = store.arrays()
    writer.append("store.data", arrays.pop("store.data"))
    arrays |= early
    for name in [name for name in arrays if name not in early]:
        writer.add(name, arrays[name])
    return arrays["store.dictionaries"]


def write_spare(writer: ArrayWriter, dictionaries: NDArray[np.uint8]) -> None:
    """Write the dictionaries a second time, far from the first: without them no record can be read."""
    packed = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(dictionaries.tobytes())
    writer.add("store.spare", np.frombuffer(packed, np.uint8))


def read_spare(packed: bytes) -> bytes | None:
    """The dictionaries that were written by `write_spare`, None when they are damaged."""
    try:
        if 0 <= zstandard.frame_content_size(packed) <= LARGEST:
            return zstandard.ZstdDecompressor().decompress(packed)
    except zstandard.ZstdError:
        pass
    return None


def _chained(starts: list[NDArray[np.int64]]) -> NDArray[Any]:
    """Where the pieces of several things begin when the things stand end to end."""
    bases = np.cumsum([0, *(int(each[-1]) for each in starts)])
    shifted = [each[1:] + base for each, base in zip(starts, bases, strict=False)]
    return small(np.concatenate([np.zeros(1, np.int64), *shifted]))


class _Frames:
    """The frames of a store.

    Apart from the reader that keeps what comes of them, so that neither has to be looked for by the garbage collector:
    a file stays mapped as long as anything of it is there.
    """

    def __init__(self, arrays: Arrays) -> None:
        self._path = arrays.path
        self._data, self._touch = arrays.sliced("store.data")
        # Single values of a memoryview are read much faster than those of an array.
        self._starts, self.sizes = (arrays[f"store.{part}"].data for part in ("frames", "sizes"))
        self.since = arrays["store.from"].tolist()
        self._dictionaries = arrays["store.dictionaries"]
        self._dictionary_starts = arrays["store.dictionary_starts"].tolist()
        if sorted(self.since) != self.since or (len(self._starts) > 1 and self.since[:1] != [0]):
            raise CorruptIndexError(f"{self._path}: its dictionaries are not for all records")
        # Decompressors must not be shared between threads.
        self._local = threading.local()

    def dictionary(self, number: int) -> bytes:
        """One of the dictionaries."""
        return self._dictionaries[self._dictionary_starts[number] : self._dictionary_starts[number + 1]].tobytes()

    def read(self, number: int) -> bytes:
        """Unpack a frame.

        Raises:
            CorruptIndexError: it cannot be unpacked.
        """
        size = self.sizes[number + 1] - self.sizes[number]
        self._touch(self._starts[number], self._starts[number + 1])
        data = self._data[self._starts[number] : self._starts[number + 1]].data
        try:
            if zstandard.frame_content_size(data) != size or size > LARGEST:
                raise zstandard.ZstdError("its size is not what the index says")
            unpacked: bytes = self._decompressor(bisect_right(self.since, number) - 1).decompress(data)
        except zstandard.ZstdError as error:
            raise CorruptIndexError(f"{self._path}: a stored record is damaged ({error})") from error
        return unpacked

    def _decompressor(self, number: int) -> zstandard.ZstdDecompressor:
        made: dict[int, zstandard.ZstdDecompressor] | None = getattr(self._local, "made", None)
        if made is None:
            made = self._local.made = {}
        if number not in made:
            dictionary = zstandard.ZstdCompressionDict(self.dictionary(number))
            made[number] = zstandard.ZstdDecompressor(dict_data=dictionary)
        return made[number]


class StoreReader:
    """The bytes stored with the documents of a segment.

    Args:
        arrays: of the segment.
        kept: of how many frames the contents are kept.
    """

    def __init__(self, arrays: Arrays, kept: int = _KEPT) -> None:
        self._path = arrays.path
        self._frames = _Frames(arrays)
        self._sizes, self._ends = self._frames.sizes, arrays["store.ends"].data
        self._small, self._last = lru_cache(kept)(self._frames.read), lru_cache(1)(self._frames.read)

    def _unpacked(self, frame: int) -> bytes:
        return (self._last if self._sizes[frame + 1] - self._sizes[frame] > _LARGE else self._small)(frame)

    @property
    def dictionary(self) -> bytes:
        """The first of the dictionaries; empty when there is none."""
        return self._frames.dictionary(0) if self._frames.since else b""

    def between(self, first: int, last: int) -> bytes:
        """The bytes of the documents from ``first`` to ``last``, end to end.

        Raises:
            CorruptIndexError: they cannot be unpacked.
        """
        start, end = self._ends[first], self._ends[last]
        if start == end:
            return b""
        if not start <= end <= self._sizes[-1] or end - start > LARGEST:
            raise CorruptIndexError(f"{self._path}: a stored record is damaged (its size cannot be)")
        frame = bisect_right(self._sizes, start) - 1
        begin = self._sizes[frame]
        if not 0 <= start - begin <= LARGEST:
            raise CorruptIndexError(f"{self._path}: a stored record is damaged (its frame begins elsewhere)")
        parts = [self._unpacked(frame)]
        there = begin + len(parts[0])
        while there < end:
            frame += 1
            parts.append(self._unpacked(frame))
            there += len(parts[-1])
        return b"".join(parts)[start - begin : end - begin] if len(parts) > 1 else parts[0][start - begin : end - begin]

    def check(self, number: int) -> None:
        """Unpack a frame.

        Raises:
            CorruptIndexError: it cannot be unpacked.
        """
        self._frames.read(number)
