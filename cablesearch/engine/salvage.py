"""What can be read of a segment, however it is damaged.

Nothing is taken for right: each record counts when it can be unpacked and the application takes it for whole. Where a
record begins and ends is what the segment says, and when that is damaged, what the record before it and the record
itself say. So damage to a part of the file costs the records that lie there, and no others.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import zstandard
from numpy.typing import NDArray

from cablesearch.engine import arrays
from cablesearch.engine.builder import DIGEST_BYTES
from cablesearch.engine.store import LARGEST, read_spare

__all__ = ["Salvaged", "salvage"]

_UNKNOWN = bytes(DIGEST_BYTES)
_LEARNT = b"\x37\xa4\x30\xec"
"""What zstandard dictionaries that were learnt begin with (RFC 8878, 5)."""
_AHEAD = 1 << 16
"""Bytes in which the length of a record is looked for at first."""


class Salvaged(NamedTuple):
    """A block of a segment: its number, its key (None when that is damaged), the digest of its source (zeros then), and
    its record, None when it is lost."""

    number: int
    key: str | None
    digest: bytes
    record: bytes | None


def salvage(
    path: Path,
    extent: Callable[[bytes], int | None],
    accept: Callable[[bytes, str | None], bool],
) -> Iterator[Salvaged]:
    """The blocks of a segment, deleted ones too, in their order.

    Args:
        extent: how many bytes the record takes that a stream begins with, None when it begins with none.
        accept: whether a record is whole, and that of the key when there is one.

    Raises:
        ValueError: nothing can be read of it.
        OSError: the file cannot be read.
    """
    with arrays.open_file(path) as file:
        if not os.fstat(file.fileno()).st_size:
            raise ValueError("it is empty")
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return _Blocks(_Wreck(content), extent, accept).blocks()


class _Wreck:
    """The arrays of a damaged file, as far as they are there."""

    def __init__(self, content: mmap.mmap) -> None:
        self._content = content
        self._entries = self._directory()

    def _directory(self) -> dict[str, arrays.Entry]:
        for directory in self._directories():
            try:
                return arrays.read_entries(directory, 0, 1 << 62)
            except ValueError:
                continue
        raise ValueError("neither its directory nor the spare one can be read")

    def _directories(self) -> Iterator[bytes]:
        """The directory, by the first and the last bytes of the file, and the spare one."""
        content = self._content
        for prefix in (content[: arrays.PREFIX.size], content[-arrays.PREFIX.size :]):
            if len(prefix) == arrays.PREFIX.size:
                magic, _, length, crc, at = arrays.PREFIX.unpack(prefix)
                directory = content[at : at + length]
                if magic == arrays.MAGIC and zlib.crc32(directory) == crc:
                    yield directory
        room = content[arrays.PREFIX.size : arrays.PREFIX.size + arrays.ROOM]
        if len(room) == arrays.ROOM and (spare := arrays.spare_directory(room)) is not None:
            yield spare

    def count(self, name: str) -> int:
        """How many values an array had."""
        return self._entries[name][1] if name in self._entries else 0

    def __getitem__(self, name: str) -> NDArray[Any]:
        """What is there of an array."""
        if name not in self._entries:
            return np.empty(0, np.uint8)
        dtype, count, offset, _ = self._entries[name]
        there = max(0, min(count, (len(self._content) - offset) // dtype.itemsize))
        return np.frombuffer(self._content, dtype, there, offset if there else 0)

    def sound(self, name: str) -> NDArray[Any] | None:
        """An array if it is whole and nothing of it is damaged."""
        found = self[name]
        if name not in self._entries or len(found) < self.count(name):
            return None
        return found if arrays.check_of(found.data.cast("B")) == self._entries[name][3] else None


def _beginnings(dictionaries: bytes) -> list[int]:
    """Where dictionaries that stand end to end may begin."""
    return [0, *(found.start() for found in re.finditer(re.escape(_LEARNT), dictionaries) if found.start())]


class _Frames:
    """The store of a damaged segment as one stream of bytes, some of which are missing, read from its start to its
    end."""

    def __init__(self, wreck: _Wreck) -> None:
        self._data = wreck["store.data"].data.cast("B")
        self._starts = wreck["store.frames"]
        self._sizes = wreck["store.sizes"]
        self._count = max(wreck.count("store.frames") - 1, 0)
        # The latest first: the last that begins before a frame is the one for it.
        self._dictionaries = list(self._read_dictionaries(wreck))[::-1]
        self._next = 0
        self._after: int | None = 0
        self._base = 0
        self._buffer = bytearray()
        self._missing: list[tuple[int, int]] = []

    @staticmethod
    def _read_dictionaries(wreck: _Wreck) -> Iterator[tuple[int, zstandard.ZstdDecompressor]]:
        starts, since = wreck["store.dictionary_starts"].tolist(), wreck["store.from"].tolist()
        contents = [read_spare(wreck["store.spare"].tobytes()) or b"", wreck["store.dictionaries"].tobytes()]
        # When it is not known where each begins: there are seldom several, and learnt ones begin with a magic number.
        found = [(0, content[at:]) for content in contents for at in _beginnings(content)]
        for content in reversed(contents):
            found += [(first, content[start:end]) for first, start, end in zip(since, starts, starts[1:], strict=False)]
        for first, content in found:
            with contextlib.suppress(zstandard.ZstdError):
                yield first, zstandard.ZstdDecompressor(dict_data=zstandard.ZstdCompressionDict(content))

    def _grow(self) -> bool:
        """Unpack the next frame; whether there was one."""
        if self._next >= self._count:
            return False
        number, end = self._next, self._base + len(self._buffer)
        unpacked = self._unpacked(number)
        self._next += 1
        if unpacked is None:
            size = self._size(number, end)
            self._missing.append((end, end + size))
            unpacked = bytes(size)
        self._buffer += unpacked
        return True

    def _unpacked(self, number: int) -> bytes | None:
        # Frames stand end to end: where the one before ended counts more than what the segment says.
        for start in dict.fromkeys([self._after, self._start(number)]):
            if start is not None and 0 <= start < len(self._data):
                for _, decompressor in sorted(self._dictionaries, key=lambda one: one[0] > number):
                    if found := self._unpack(decompressor, start):
                        unpacked, self._after = found
                        return unpacked
        self._after = None
        return None

    def _start(self, number: int) -> int | None:
        return int(self._starts[number]) if number < len(self._starts) else None

    def _unpack(self, decompressor: zstandard.ZstdDecompressor, start: int) -> tuple[bytes, int] | None:
        """The frame that begins somewhere, and where it ends."""
        try:
            size = zstandard.frame_content_size(self._data[start : start + 32])
            if not 0 <= size <= LARGEST:
                return None
            # A frame is no longer than what comes of it, but for its headers.
            window = self._data[start : start + size + (size >> 7) + 64]
            stream = decompressor.decompressobj()
            unpacked = stream.decompress(window)
            if not stream.eof or len(unpacked) != size:
                return None
            return unpacked, start + len(window) - len(stream.unused_data)
        except zstandard.ZstdError:
            return None

    def _size(self, number: int, end: int) -> int:
        """How much is missing of the stream with a frame that cannot be unpacked."""
        if number + 1 < len(self._sizes) and end <= int(self._sizes[number + 1]) <= end + LARGEST:
            return int(self._sizes[number + 1]) - end
        return 0

    def read(self, start: int, end: int) -> bytes | None:
        """Some bytes; None when any of them is missing, or was let go."""
        while self._base + len(self._buffer) < end and self._grow():
            pass
        if not self._base <= start <= end <= self._base + len(self._buffer):
            return None
        if any(first < end and start < last for first, last in self._missing):
            return None
        return bytes(self._buffer[start - self._base : end - self._base])

    def ahead(self, start: int, size: int) -> bytes:
        """About so many bytes from a place on, up to the first that is missing."""
        while self._base + len(self._buffer) < start + size and self._grow():
            pass
        if start < self._base:
            return b""
        stop = min([start + size, *(first for first, last in self._missing if last > start)])
        return bytes(self._buffer[start - self._base : max(stop - self._base, 0)])

    def let_go(self, before: int) -> None:
        """Forget what stands before a place."""
        gone = min(max(before - self._base, 0), len(self._buffer))
        if gone > 1 << 20:
            del self._buffer[:gone]
            self._base += gone
            self._missing = [(first, last) for first, last in self._missing if last > self._base]


class _Blocks:
    """The blocks of a damaged segment."""

    def __init__(
        self, wreck: _Wreck, extent: Callable[[bytes], int | None], accept: Callable[[bytes, str | None], bool]
    ) -> None:
        self._frames = _Frames(wreck)
        self._extent, self._accept = extent, accept
        self._count = max(wreck.count("block.first") - 1, 0)
        self._first, self._ends = wreck["block.first"], wreck["store.ends"]
        self._digests = wreck.sound("block.digests")
        self._keys, self._key_starts = wreck.sound("block.keys"), wreck.sound("block.key_starts")

    def blocks(self) -> Iterator[Salvaged]:
        """The blocks, in their order."""
        before: int | None = 0
        for number in range(self._count):
            key = self._key(number)
            found = None
            for start, end in self._places(number, before):
                record = self._frames.read(start, end)
                if record and self._accept(record, key):
                    found, before = record, end
                    break
            else:
                before = self._cut(number + 1)
            yield Salvaged(number, key, self._digest(number), found)
            self._frames.let_go(before or 0)

    def _cut(self, number: int) -> int | None:
        """Where a block's record begins, as the segment says."""
        if number >= len(self._first) or (doc := int(self._first[number])) >= len(self._ends):
            return None
        return int(self._ends[doc])

    def _places(self, number: int, before: int | None) -> Iterator[tuple[int, int]]:
        """Where a block's record may begin and end, the likeliest first; ``before`` is where the last one ended."""
        start, end = self._cut(number), self._cut(number + 1)
        if start is not None and end is not None and 0 < end - start <= LARGEST:
            yield start, end
        for begin in dict.fromkeys([before, start]):
            if begin is not None and (size := self._size(begin)):
                yield begin, begin + size

    def _size(self, start: int) -> int | None:
        """The size of the record that begins somewhere, as it says itself."""
        wanted = _AHEAD
        while True:
            ahead = self._frames.ahead(start, wanted)
            size = self._extent(ahead)
            if size is not None or len(ahead) < wanted or wanted > LARGEST:
                return size
            wanted *= 4

    def _key(self, number: int) -> str | None:
        if self._keys is None or self._key_starts is None or number + 1 >= len(self._key_starts):
            return None
        key = self._keys[int(self._key_starts[number]) : int(self._key_starts[number + 1])].tobytes()
        return key.decode("utf-8", "surrogatepass")

    def _digest(self, number: int) -> bytes:
        if self._digests is None:
            return _UNKNOWN
        return self._digests[number * DIGEST_BYTES : (number + 1) * DIGEST_BYTES].tobytes()
