"""The bytes that are stored with documents, packed so that one document is read without many others."""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from cablesearch.engine.arrays import Arrays, ArrayWriter
from cablesearch.engine.postings import pack_strings, small
from cablesearch.errors import CorruptIndexError

__all__ = ["StoreReader", "StoreWriter"]

_FRAME = 1 << 11
_LEVEL = 3
_DICTIONARY = 1 << 16
_BEFORE_DICTIONARY = 1 << 22
_Dictionaries = Sequence[tuple[int, bytes]]


class StoreWriter:
    """Records of documents, compressed together in frames of some 2 KB, so that one is read without many others.

    A dictionary of what the first records look like makes up for the smallness of the frames. Frames can be taken
    over from another store together with their dictionary.
    """

    def __init__(self) -> None:
        self._frames: list[bytes] = []
        self._sizes = array("I")
        self._lengths = array("I")
        self._pending: list[bytes] = []
        self._unpacked = 0
        self._early: list[bytes] = []
        self._compressor: zstandard.ZstdCompressor | None = None
        self._dictionaries: list[bytes] = []
        self._from: list[int] = []
        self.weight = 0

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

    def take(
        self, frames: list[bytes], sizes: NDArray[Any], lengths: NDArray[Any], dictionaries: _Dictionaries
    ) -> None:
        """Add documents as they are packed elsewhere: frames, their unpacked sizes, and the lengths of the records."""
        self._settle()
        for first, dictionary_ in dictionaries:
            self._from.append(len(self._frames) + first)
            self._dictionaries.append(dictionary_)
        self._compressor = None
        self._frames += frames
        self._sizes.extend(sizes.tolist())
        self._lengths.extend(lengths.tolist())

    def _begin(self) -> None:
        size = sum(map(len, self._early))
        dictionary_ = b"".join(self._early[:: max(1, size // _DICTIONARY)])[:_DICTIONARY]
        self._from.append(len(self._frames))
        self._dictionaries.append(dictionary_)
        raw = zstandard.ZstdCompressionDict(dictionary_, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        raw.precompute_compress(level=_LEVEL)
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL, dict_data=raw)
        for record in self._early:
            self._put(record)
        self._early.clear()

    def _put(self, record: bytes) -> None:
        self._pending.append(record)
        self._unpacked += len(record)
        if self._unpacked >= _FRAME:
            self._flush()

    def _flush(self) -> None:
        assert self._compressor is not None
        self._frames.append(self._compressor.compress(b"".join(self._pending)))
        self._sizes.append(self._unpacked)
        self._pending.clear()
        self._unpacked = 0

    def _settle(self) -> None:
        if self._early:
            self._begin()
        if self._pending:
            self._flush()

    def write(self, writer: ArrayWriter) -> None:
        """Write the frames, the dictionaries and where each begins to hold, and where the records end when all frames
        are unpacked end to end."""
        self._settle()
        blob, starts = pack_strings(self._frames)
        writer.add("store.data", blob)
        writer.add("store.frames", starts)
        writer.add("store.sizes", small(np.append(0, np.cumsum(np.frombuffer(self._sizes, np.uint32), dtype=np.int64))))
        writer.add(
            "store.ends", small(np.append(0, np.cumsum(np.frombuffer(self._lengths, np.uint32), dtype=np.int64)))
        )
        dictionaries, dictionary_starts = pack_strings(self._dictionaries)
        writer.add("store.dictionaries", dictionaries)
        writer.add("store.dictionary_starts", dictionary_starts)
        writer.add("store.from", small(np.array(self._from, np.int64)))


class StoreReader:
    """The bytes stored with the documents of a segment."""

    def __init__(self, arrays: Arrays) -> None:
        self._path = arrays.path
        self._data = arrays["store.data"].data
        self._frames, self._sizes, self._ends = (arrays[f"store.{part}"] for part in ("frames", "sizes", "ends"))
        self._from = arrays["store.from"].tolist()
        self._dictionaries, self._starts = arrays["store.dictionaries"], arrays["store.dictionary_starts"].tolist()
        # Decompressors must not be shared between threads.
        self._local = threading.local()

    def between(self, first: int, last: int) -> bytes:
        """The bytes of the documents from ``first`` to ``last``, end to end.

        Raises:
            CorruptIndexError: they cannot be unpacked.
        """
        start, end = int(self._ends[first]), int(self._ends[last])
        if start == end:
            return b""
        frame = int(self._sizes.searchsorted(start, "right")) - 1
        pieces, begin = [], int(self._sizes[frame])
        done = begin
        while done < end:
            pieces.append(self._frame(frame))
            done += len(pieces[-1])
            frame += 1
        return b"".join(pieces)[start - begin : end - begin]

    def _frame(self, number: int) -> bytes:
        size = int(self._sizes[number + 1]) - int(self._sizes[number])
        data = self._data[int(self._frames[number]) : int(self._frames[number + 1])]
        try:
            if zstandard.frame_content_size(data) != size:
                raise zstandard.ZstdError("its size is not what the index says")
            unpacked: bytes = self._decompressor(bisect_right(self._from, number) - 1).decompress(data)
        except zstandard.ZstdError as error:
            raise CorruptIndexError(f"{self._path}: a stored record is damaged ({error})") from error
        return unpacked

    def _decompressor(self, number: int) -> zstandard.ZstdDecompressor:
        made: dict[int, zstandard.ZstdDecompressor] | None = getattr(self._local, "made", None)
        if made is None:
            made = self._local.made = {}
        if number not in made:
            made[number] = zstandard.ZstdDecompressor(dict_data=zstandard.ZstdCompressionDict(self.dictionary(number)))
        return made[number]

    def dictionary(self, number: int) -> bytes:
        """One of the dictionaries."""
        return bytes(self._dictionaries[self._starts[number] : self._starts[number + 1]].data)

    def give(self, store: StoreWriter) -> None:
        """Give everything to a store that is being written, packed as it is."""
        starts = self._frames.tolist()
        frames = [bytes(self._data[one:other]) for one, other in pairwise(starts)]
        dictionaries = [(first, self.dictionary(number)) for number, first in enumerate(self._from)]
        store.take(frames, np.diff(self._sizes.astype(np.int64)), np.diff(self._ends.astype(np.int64)), dictionaries)
