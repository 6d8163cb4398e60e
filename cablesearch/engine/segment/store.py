"""The bytes stored with documents, packed so that reading one document unpacks few others."""

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

from cablesearch.algorithms.kernels import Ints, ranges, small
from cablesearch.engine.disk.arrays import Arrays, ArrayWriter
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
"""The most bytes of a record, and so of a frame. A source has fewer than 64 million characters."""
_KEPT = 1 << 10
"""The number of unpacked frames that a reader keeps."""
_LARGE = 1 << 16
"""Bytes. A larger frame holds the record of a single document; a reader keeps only the last of these."""
_AT_ONCE = 1 << 20
"""The approximate number of packed bytes that are written together."""
_STRETCH, _SHORTEST = 256, 8
"""k and d of COVER, which trains a dictionary; searching for the best values takes ten times as long."""


class Dictionaries(NamedTuple):
    """Compression dictionaries end to end, and where each begins; one more offset closes the last."""

    contents: NDArray[np.uint8]
    starts: NDArray[Any]


class Frames(NamedTuple):
    """Neighbouring packed frames.

    ``data`` has their bytes, end to end; ``widths``, ``sizes`` and ``by`` give the packed size, the unpacked size and
    the dictionary of each frame; ``lengths`` the size of each document's record.
    """

    data: bytes
    widths: NDArray[np.uint32]
    sizes: NDArray[np.uint32]
    by: NDArray[np.uint16]
    lengths: NDArray[np.uint32]


class StoreWriter:
    """Compress the records of documents in frames of about 1 KB.

    No frame holds records of two blocks, so blocks can be copied without unpacking. A dictionary that is learnt from
    the first records makes up for the small frames.

    Args:
        dictionary: a dictionary learnt from other records (`StoreReader.dictionary`), used instead of learning one.
        others: the dictionaries of frames that will be copied.

    Attributes:
        dictionaries: all dictionaries.
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
        # Ignore a dictionary that is damaged, or made to do harm.
        if 0 < len(dictionary) <= 2 * _DICTIONARY:
            with contextlib.suppress(zstandard.ZstdError):
                self._compress_with(zstandard.ZstdCompressionDict(dictionary))

    def add(self, records: list[bytes]) -> None:
        """Add the records of the next block's documents."""
        self._lengths.extend(map(len, records))
        if self._compressor is None:
            self._early.append(records)
            self._waiting += sum(map(len, records))
            if self._waiting >= _BEFORE_DICTIONARY:
                self._begin()
        else:
            self._put(records)

    def copy(self, frames: Frames) -> None:
        """Add packed frames of the next block; they name their dictionaries."""
        self._frames.append(frames.data)
        self._widths.frombytes(frames.widths.tobytes())
        self._sizes.frombytes(frames.sizes.tobytes())
        self._by.frombytes(frames.by.tobytes())
        self._lengths.frombytes(frames.lengths.tobytes())

    def learn(self, records: list[bytes]) -> None:
        """Learn a dictionary from records, unless there is one to use."""
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
        # Each frame has a checksum, so that repair can save all sound frames.
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
        """Return the packed frames, end to end, and drop them."""
        packed = np.frombuffer(b"".join(self._frames), np.uint8)
        self._frames.clear()
        return packed

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the store as arrays.

        These are the frames, end to end (without those already taken), and where each begins; where each frame and each
        record ends when all frames are unpacked; the dictionaries; and, if there are several, the dictionary of each
        frame.
        """
        if self._early:
            self._begin()
        arrays = {
            "store.data": self.take(),
            "store.frames": _sums(np.frombuffer(self._widths, np.uint32)),
            "store.sizes": _sums(np.frombuffer(self._sizes, np.uint32)),
            "store.ends": _sums(np.frombuffer(self._lengths, np.uint32)),
            **_dictionaries(self.dictionaries),
        }
        if len(self.dictionaries) > 1:
            arrays["store.by"] = small(np.frombuffer(self._by, np.uint16))
        return arrays


def _dictionaries(contents: Sequence[bytes]) -> dict[str, NDArray[Any]]:
    """Return dictionaries as arrays, with the first frame to which each may apply."""
    blob, starts = pack_strings(contents)
    return {
        "store.dictionaries": blob,
        "store.dictionary_starts": starts,
        "store.from": np.zeros(len(contents), np.uint8),
    }


def _trained(records: Sequence[bytes]) -> zstandard.ZstdCompressionDict:
    """Learn a dictionary from records. When they are too few, use some of them as the dictionary."""
    if sum(map(len, records)) >= _BEFORE_DICTIONARY // 4:
        with contextlib.suppress(zstandard.ZstdError):
            # The rest of a long record would take many times its size and teach nothing new.
            samples: list[bytes | bytearray | memoryview] = [record[: 4 * _DICTIONARY] for record in records if record]
            return zstandard.train_dictionary(_DICTIONARY, samples, k=_STRETCH, d=_SHORTEST)
    size = sum(map(len, records))
    # It must not begin like a learnt dictionary.
    content = b"\0" + b"".join(records[:: max(1, size // _DICTIONARY)])[:_DICTIONARY]
    return zstandard.ZstdCompressionDict(content)


def _sums(sizes: NDArray[Any]) -> NDArray[Any]:
    return small(np.append(0, np.cumsum(sizes, dtype=np.int64)))


def write_stores(writer: ArrayWriter, stores: Sequence[Mapping[str, NDArray[Any]]]) -> Dictionaries:
    """Write several stores as one without unpacking them; return the dictionaries for `write_spare`."""
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
    """Write a store of blocks in bounded memory; return the dictionaries for `write_spare`.

    Args:
        store: an empty store that knows all dictionaries.
        blocks: for each block its records, or its packed frames.
    """
    # Dictionaries come before the records, which cannot be read without them if the end of the file is lost.
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
    """Return the dictionaries that `write_spare` wrote, None when they are damaged."""
    try:
        if 0 <= zstandard.frame_content_size(packed) <= LARGEST:
            return zstandard.ZstdDecompressor().decompress(packed)
    except zstandard.ZstdError:
        pass
    return None


def _chained(starts: list[NDArray[np.int64]]) -> NDArray[Any]:
    """Concatenate arrays of offsets: each continues where the one before ends.

    >>> _chained([np.array([0, 2]), np.array([0, 1, 4])]).tolist()
    [0, 2, 3, 6]
    """
    bases = np.cumsum([0, *(int(each[-1]) for each in starts)])
    shifted = [each[1:] + base for each, base in zip(starts, bases, strict=False)]
    return small(np.concatenate([np.zeros(1, np.int64), *shifted]))


class _Frames:
    """The frames of a store.

    They are separate from the reader that caches their contents, so that no reference cycle keeps the file mapped until
    the garbage collector runs.
    """

    def __init__(self, arrays: Arrays) -> None:
        self._path = arrays.path
        self._data, self._touch = arrays.sliced("store.data")
        # Reading single values from a memoryview is much faster than from an array.
        self._starts, self.sizes = (arrays[f"store.{part}"].data for part in ("frames", "sizes"))
        self.since = arrays["store.from"].tolist()
        self._by = arrays["store.by"].data if "store.by" in arrays else None
        self._dictionaries = arrays["store.dictionaries"]
        self._dictionary_starts = arrays["store.dictionary_starts"].tolist()
        if sorted(self.since) != self.since or (len(self._starts) > 1 and self.since[:1] != [0]):
            raise CorruptIndexError(self._path, "its dictionaries do not apply to all records")
        # Decompressors must not be shared between threads.
        self._local = threading.local()

    def dictionary(self, number: int) -> bytes:
        """Return a dictionary by its number."""
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
                raise zstandard.ZstdError("its size differs from the index")
            unpacked: bytes = self._decompressor(self._dictionary_of(number)).decompress(data)
        except zstandard.ZstdError as error:
            raise CorruptIndexError(self._path, f"a stored record is damaged ({error})") from error
        return unpacked

    def _dictionary_of(self, frame: int) -> int:
        """Return the number of the dictionary of a frame."""
        if self._by is None:
            return bisect_right(self.since, frame) - 1
        number: int = self._by[frame]
        if number >= len(self.since):
            raise zstandard.ZstdError("its dictionary is missing")
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
    """The packed frames of a segment by block.

    Args:
        arrays: the arrays of the segment.
        first: the first document of each block; one more closes the last.

    Attributes:
        is_apart: whether each block can be copied: no frame holds records of several blocks, and all frames have
            checksums. This does not hold for older versions.

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
            raise CorruptIndexError(arrays.path, "its dictionaries do not apply to all records")
        self._by = by.astype(np.uint16)

    def _have_checksums(self) -> bool:
        """Whether all frames have a checksum, by their headers (RFC 8878, 3.1.1.1.1)."""
        places = np.minimum(self._starts[:-1].astype(np.int64) + 4, len(self._data) - 1)
        return bool((self._data[places] & 4).all())

    def dictionaries(self, blocks: Ints) -> list[bytes]:
        """Return the dictionaries of some blocks' frames."""
        begins = self._frames[blocks]
        frames = ranges(begins, self._frames[blocks + 1] - begins)
        return [self._dictionaries[number] for number in np.unique(self._by[frames]).tolist()]

    def rename(self, numbers: Mapping[bytes, int]) -> None:
        """Renumber the dictionaries that the frames name."""
        named = np.array([numbers.get(content, 0) for content in self._dictionaries], np.uint16)
        self._by = named[self._by]

    def block(self, number: int) -> Frames:
        """Return the frames of a block.

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
    """Read the bytes stored with the documents of a segment.

    Args:
        arrays: the arrays of the segment.
        kept: the number of unpacked frames to keep.
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
        """Return the first dictionary, or no bytes."""
        return self._frames.dictionary(0) if self._frames.since else b""

    def between(self, first: int, last: int) -> bytes:
        """Return the bytes of the documents from ``first`` to ``last``, end to end.

        Raises:
            CorruptIndexError: they cannot be unpacked.
        """
        start, end = self._ends[first], self._ends[last]
        if start == end:
            return b""
        if not start <= end <= self._sizes[-1] or end - start > LARGEST:
            raise CorruptIndexError(self._path, "a stored record is damaged (its size is impossible)")
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
        """Check that a frame can be unpacked.

        Raises:
            CorruptIndexError: it cannot be unpacked.
        """
        self._frames.read(number)
