"""The bytes that are stored with documents, packed so that one document is read without many others."""

from __future__ import annotations

import contextlib
import threading
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain, pairwise
from typing import Any, NamedTuple

import numpy as np
import zstandard
from numpy.typing import NDArray

from cablesearch.engine.disk.arrays import Arrays, ArrayWriter
from cablesearch.engine.kernels import Ints, ranges, small
from cablesearch.engine.segment.strings import pack_strings
from cablesearch.errors import CorruptIndexError

__all__ = [
    "LARGEST",
    "Dictionaries",
    "Frames",
    "PackedBlocks",
    "StoreReader",
    "StoreWriter",
    "read_spare",
    "write_spare",
    "write_store",
    "write_stores",
]

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


class Dictionaries(NamedTuple):
    """Dictionaries end to end, and where each begins; one more closes the last."""

    contents: NDArray[np.uint8]
    starts: NDArray[Any]


class Frames(NamedTuple):
    """Neighbouring frames as they are packed: their bytes end to end; how many bytes each of them has, how many come of
    it, and the number of its dictionary; and how many bytes each record has."""

    data: bytes
    widths: NDArray[np.uint32]
    sizes: NDArray[np.uint32]
    by: NDArray[np.uint16]
    lengths: NDArray[np.uint32]


class StoreWriter:
    """Records of documents, compressed together in frames of some 1 KB, so that one is read without many others. No
    frame has records of two blocks, so that blocks can be copied as they are packed.

    A dictionary of what the first records look like makes up for the smallness of the frames.

    Args:
        dictionary: one that was learnt from other records (`StoreReader.dictionary`), to be used instead.
        others: dictionaries of frames that are to be copied.

    Attributes:
        dictionaries: all of them.
    """

    def __init__(self, dictionary: bytes = b"", others: Iterable[bytes] = ()) -> None:
        self._frames: list[bytes] = []
        self._widths = array("I")
        self._sizes = array("I")
        self._by = array("H")
        self._lengths = array("I")
        self._pending: list[bytes] = []
        self._unpacked = 0
        self._early: list[list[bytes]] = []
        self._waiting = 0
        self._compressor: zstandard.ZstdCompressor | None = None
        self.dictionaries = list(others)
        self._own = -1
        # One that is damaged, or made to do harm, is not used.
        if 0 < len(dictionary) <= 2 * _DICTIONARY:
            with contextlib.suppress(zstandard.ZstdError):
                self._compress_with(zstandard.ZstdCompressionDict(dictionary))

    def add(self, records: list[bytes]) -> None:
        """Add the records of the documents of the next block."""
        self._lengths.extend(map(len, records))
        if self._compressor is None:
            self._early.append(records)
            self._waiting += sum(map(len, records))
            if self._waiting >= _BEFORE_DICTIONARY:
                self._begin()
        else:
            self._put(records)

    def copy(self, frames: Frames) -> None:
        """Add the frames of the next blocks, which are packed by the dictionaries that they name."""
        self._frames.append(frames.data)
        self._widths.frombytes(frames.widths.tobytes())
        self._sizes.frombytes(frames.sizes.tobytes())
        self._by.frombytes(frames.by.tobytes())
        self._lengths.frombytes(frames.lengths.tobytes())

    def learn(self, records: list[bytes]) -> None:
        """Learn a dictionary of records, unless there is one that may be used."""
        if self._compressor is None:
            self._compress_with(_trained(records))

    def _begin(self) -> None:
        self.learn(list(chain.from_iterable(self._early)))
        for records in self._early:
            self._put(records)
        self._early.clear()

    def _compress_with(self, dictionary: zstandard.ZstdCompressionDict) -> None:
        dictionary.precompute_compress(level=_LEVEL)
        content = dictionary.as_bytes()
        if content not in self.dictionaries:
            self.dictionaries.append(content)
        self._own = self.dictionaries.index(content)
        # With a checksum in each frame, so that all but the damaged ones can be saved.
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL, dict_data=dictionary, write_checksum=True)

    def _put(self, records: list[bytes]) -> None:
        for record in records:
            if self._unpacked + len(record) > LARGEST:
                self._flush()
            self._pending.append(record)
            self._unpacked += len(record)
            if self._unpacked >= _FRAME:
                self._flush()
        if self._unpacked:
            self._flush()

    def _flush(self) -> None:
        assert self._compressor is not None
        self._frames.append(self._compressor.compress(b"".join(self._pending)))
        self._widths.append(len(self._frames[-1]))
        self._sizes.append(self._unpacked)
        self._by.append(self._own)
        self._pending.clear()
        self._unpacked = 0

    def take(self) -> NDArray[np.uint8]:
        """The frames that are packed, end to end; they are not kept."""
        packed = np.frombuffer(b"".join(self._frames), np.uint8)
        self._frames.clear()
        return packed

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The store as arrays: frames end to end (less those that were taken) and where each begins, where each ends
        when all are unpacked, where the records end then, and the dictionaries; when these are several, also which of
        them packs each frame."""
        if self._early:
            self._begin()
        found = {
            "store.data": self.take(),
            "store.frames": _sums(np.frombuffer(self._widths, np.uint32)),
            "store.sizes": _sums(np.frombuffer(self._sizes, np.uint32)),
            "store.ends": _sums(np.frombuffer(self._lengths, np.uint32)),
            **_dictionaries(self.dictionaries),
        }
        if len(self.dictionaries) > 1:
            found["store.by"] = small(np.frombuffer(self._by, np.uint16))
        return found


def _dictionaries(contents: Sequence[bytes]) -> dict[str, NDArray[Any]]:
    """Dictionaries as arrays, with the first frame that each may pack."""
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
            samples: list[bytes | bytearray | memoryview] = [one[: 4 * _DICTIONARY] for one in records if one]
            return zstandard.train_dictionary(_DICTIONARY, samples, k=_STRETCH, d=_SHORTEST)
    size = sum(map(len, records))
    # It must not begin as one that was learnt does.
    content = b"\0" + b"".join(records[:: max(1, size // _DICTIONARY)])[:_DICTIONARY]
    return zstandard.ZstdCompressionDict(content)


def _sums(sizes: NDArray[Any]) -> NDArray[Any]:
    return small(np.append(0, np.cumsum(sizes, dtype=np.int64)))


def write_stores(writer: ArrayWriter, stores: Sequence[Mapping[str, NDArray[Any]]]) -> Dictionaries:
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
    return Dictionaries(blob, dictionary_starts)


def write_store(writer: ArrayWriter, store: StoreWriter, blocks: Iterable[list[bytes] | Frames]) -> Dictionaries:
    """Write a store of blocks as they come, in memory that does not grow with their bytes; the dictionaries once more,
    for `write_spare`.

    Args:
        store: an empty one that knows all dictionaries.
        blocks: the records of each, or its frames.
    """
    # Before the records, which cannot be read without them should the file be cut off.
    early = _dictionaries(store.dictionaries)
    for name, values in early.items():
        writer.add(name, values)
    writer.allocate("store.data", "u1", None)
    pending = 0
    for block in blocks:
        if isinstance(block, Frames):
            store.copy(block)
            pending += len(block.data)
        else:
            store.add(block)
            pending += sum(map(len, block))
        if pending >= _AT_ONCE:
            writer.append("store.data", store.take())
            pending = 0
    arrays = store.arrays()
    writer.append("store.data", arrays.pop("store.data"))
    for name in [name for name in arrays if name not in early]:
        writer.add(name, arrays[name])
    return Dictionaries(early["store.dictionaries"], early["store.dictionary_starts"])


def write_spare(writer: ArrayWriter, dictionaries: Dictionaries) -> None:
    """Write the dictionaries a second time, far from the first: without them no record can be read."""
    packed = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(dictionaries.contents.tobytes())
    writer.add("store.spare", np.frombuffer(packed, np.uint8))
    writer.add("store.spare_starts", dictionaries.starts)


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
        self._by = arrays["store.by"].data if "store.by" in arrays else None
        self._dictionaries = arrays["store.dictionaries"]
        self._dictionary_starts = arrays["store.dictionary_starts"].tolist()
        if sorted(self.since) != self.since or (len(self._starts) > 1 and self.since[:1] != [0]):
            raise CorruptIndexError(self._path, "its dictionaries are not for all records")
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
            unpacked: bytes = self._decompressor(self._dictionary_of(number)).decompress(data)
        except zstandard.ZstdError as error:
            raise CorruptIndexError(self._path, f"a stored record is damaged ({error})") from error
        return unpacked

    def _dictionary_of(self, frame: int) -> int:
        """The number of the dictionary that packs a frame."""
        if self._by is None:
            return bisect_right(self.since, frame) - 1
        number: int = self._by[frame]
        if number >= len(self.since):
            raise zstandard.ZstdError("its dictionary is not there")
        return number

    def _decompressor(self, number: int) -> zstandard.ZstdDecompressor:
        made: dict[int, zstandard.ZstdDecompressor] | None = getattr(self._local, "made", None)
        if made is None:
            made = self._local.made = {}
        if number not in made:
            dictionary = zstandard.ZstdCompressionDict(self.dictionary(number))
            made[number] = zstandard.ZstdDecompressor(dict_data=dictionary)
        return made[number]


class PackedBlocks:
    """The store of a segment by blocks, as it is packed.

    Args:
        arrays: of the segment.
        first: where the documents of each block begin; one more closes the last.

    Attributes:
        is_apart: whether each block can be copied: no frame has records of several blocks, and all have a checksum.
            Those of older versions are not so.

    Raises:
        CorruptIndexError: the arrays do not fit one another.
    """

    def __init__(self, arrays: Arrays, first: NDArray[Any]) -> None:
        self._data, self._touch = arrays.sliced("store.data")
        self._first = first
        self._starts = arrays.starts("store.frames", len(self._data))
        ends = arrays["store.ends"]
        ends = arrays.starts("store.ends", int(ends[-1]) if len(ends) else 0)
        sizes = arrays.starts("store.sizes", int(ends[-1]))
        begins = ends[first]
        self._frames = np.searchsorted(sizes, begins)
        self._widths, self._sizes, self._lengths = (
            np.diff(values).astype(np.uint32) for values in (self._starts, sizes, ends)
        )
        self.is_apart = np.array_equal(sizes[self._frames], begins) and self._have_checksums()
        contents = arrays["store.dictionaries"].tobytes()
        known = arrays.starts("store.dictionary_starts", len(contents)).tolist()
        self._dictionaries = [contents[start:end] for start, end in pairwise(known)]
        if "store.by" in arrays:
            by = arrays["store.by"].astype(np.int64)
        else:
            by = np.searchsorted(arrays["store.from"].astype(np.int64), np.arange(len(self._widths)), "right") - 1
        if len(by) and not 0 <= int(by.min()) <= int(by.max()) < len(self._dictionaries):
            raise CorruptIndexError(arrays.path, "its dictionaries are not for all records")
        self._by = by.astype(np.uint16)

    def _have_checksums(self) -> bool:
        """Whether all frames say so in their headers (RFC 8878, 3.1.1.1.1)."""
        places = np.minimum(self._starts[:-1].astype(np.int64) + 4, len(self._data) - 1)
        return bool((self._data[places] & 4).all())

    def dictionaries(self, blocks: Ints) -> list[bytes]:
        """The dictionaries that pack some blocks."""
        begins = self._frames[blocks]
        frames = ranges(begins, self._frames[blocks + 1] - begins)
        return [self._dictionaries[number] for number in np.unique(self._by[frames]).tolist()]

    def rename(self, numbers: Mapping[bytes, int]) -> None:
        """Give the dictionaries that are used other numbers, which the frames then name."""
        named = np.array([numbers.get(content, 0) for content in self._dictionaries], np.uint16)
        self._by = named[self._by]

    def block(self, number: int) -> Frames:
        """The frames of a block.

        Raises:
            CorruptIndexError: they are damaged.
        """
        begin, end = self._frames[number : number + 2].tolist()
        start, stop = self._starts[[begin, end]].tolist()
        self._touch(start, stop)
        first, last = self._first[number : number + 2].tolist()
        return Frames(
            self._data[start:stop].tobytes(),
            self._widths[begin:end],
            self._sizes[begin:end],
            self._by[begin:end],
            self._lengths[first:last],
        )


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
            raise CorruptIndexError(self._path, "a stored record is damaged (its size cannot be)")
        frame = bisect_right(self._sizes, start) - 1
        begin = self._sizes[frame]
        if not 0 <= start - begin <= LARGEST:
            raise CorruptIndexError(self._path, "a stored record is damaged (its frame begins elsewhere)")
        content = self._unpacked(frame)
        if end - begin <= len(content):
            return content[start - begin : end - begin]
        parts, there = [content], begin + len(content)
        while there < end:
            frame += 1
            parts.append(self._unpacked(frame))
            there += len(parts[-1])
        return b"".join(parts)[start - begin : end - begin]

    def check(self, number: int) -> None:
        """Unpack a frame.

        Raises:
            CorruptIndexError: it cannot be unpacked.
        """
        self._frames.read(number)
