"""Read as much as possible of a damaged segment.

Nothing is trusted: a record counts only if it can be unpacked and the application accepts it as whole. The segment says
where a record begins and ends; where that is damaged, the end of the record before and the record itself do. So damage
to a part of the file costs only the records that lie there.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import re
import zlib
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import zstandard
from numpy.typing import NDArray

from cablesearch.engine.disk import arrays, files
from cablesearch.engine.segment.store import LARGEST, read_spare
from cablesearch.engine.segment.strings import DIGEST_BYTES
from cablesearch.errors import VersionError

__all__ = ["Salvaged", "salvage"]

_UNKNOWN = bytes(DIGEST_BYTES)
_LEARNT = b"\x37\xa4\x30\xec"
"""The first bytes of learnt zstandard dictionaries (RFC 8878, 5)."""
_AHEAD = 1 << 16
"""The bytes that are read first to learn the length of a record."""
_KEPT = 8 << 20
"""The bytes of unpacked frames to keep."""
_MOST_DICTIONARIES = 400
"""The most dictionaries to try: up to 100 of a segment (`merge._MOST_DICTIONARIES`), each twice, and guesses."""


class Salvaged(NamedTuple):
    """A block of a segment: its number, its key (None if damaged), the digest of its source (zeros if damaged), and its
    record (None if lost)."""

    number: int
    key: str | None
    digest: bytes
    record: bytes | None


def salvage(
    path: Path,
    extent: Callable[[bytes], int | None],
    accept: Callable[[bytes, str | None], bool],
) -> Iterator[Salvaged]:
    """Yield the blocks of a segment in order, deleted ones included.

    Args:
        path: the file of the segment.
        extent: returns the size in bytes of the record at the start of a stream; 0 when there is no record that names
            its size, None when more of the stream is needed.
        accept: whether a record is whole, and belongs to the key if there is one.

    Raises:
        ValueError: nothing can be read, or the segment is cut off.
        VersionError: the segment has a newer version.
        OSError: the file cannot be read.
    """
    with files.open_file(path) as file:
        if not os.fstat(file.fileno()).st_size:
            raise ValueError("it is empty")
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    yield from _Blocks(_Wreck(path, content), extent, accept).blocks()


class _Wreck:
    """The arrays of a damaged file, as far as they exist."""

    def __init__(self, path: Path, content: mmap.mmap) -> None:
        self._path = path
        self._content = content
        self._entries = self._directory()

    def _directory(self) -> dict[str, arrays.Entry]:
        directories = list(self._directories())
        versions = [version for _, version in directories if version is not None]
        if versions and min(versions) > arrays.VERSION:
            raise VersionError(self._path, "made by a newer version; upgrade this one", "newer")
        for directory, _ in directories:
            try:
                return arrays.read_entries(directory, 0, 1 << 62)
            except ValueError:
                continue
        raise ValueError("neither its directory nor the spare one can be read")

    def _directories(self) -> Iterator[tuple[bytes, int | None]]:
        """Yield the directories to which the first and the last bytes of the file point, each with its version, and
        the spare directory."""
        content = self._content
        for prefix in (content[: arrays.PREFIX.size], content[-arrays.PREFIX.size :]):
            if len(prefix) == arrays.PREFIX.size:
                magic, version, length, crc, at = arrays.PREFIX.unpack(prefix)
                directory = content[at : at + min(length, arrays.LARGEST_DIRECTORY)]
                if magic == arrays.MAGIC and zlib.crc32(directory) == crc:
                    yield directory, version
        room = content[arrays.PREFIX.size : arrays.PREFIX.size + arrays.ROOM]
        if len(room) == arrays.ROOM and (spare := arrays.spare_directory(room)) is not None:
            yield spare, None

    def count(self, name: str) -> int:
        """Return the number of values that an array had, at most the size of the file."""
        return min(self._entries[name][1], len(self._content)) if name in self._entries else 0

    def is_cut(self, name: str) -> bool:
        """Whether an array had more values than `count` returns."""
        return name in self._entries and self._entries[name][1] > len(self._content)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return the values of an array that exist."""
        if name not in self._entries:
            return np.empty(0, np.uint8)
        dtype, count, offset, _ = self._entries[name]
        existing = max(0, min(count, (len(self._content) - offset) // dtype.itemsize))
        return np.frombuffer(self._content, dtype, existing, offset if existing else 0)

    def sound(self, name: str) -> NDArray[Any] | None:
        """Return an array, None unless it is whole and undamaged."""
        array = self[name]
        if name not in self._entries or len(array) < self._entries[name][1]:
            return None
        return array if arrays.checksum(array.data.cast("B")) == self._entries[name][3] else None


def _beginnings(dictionaries: bytes) -> Iterator[int]:
    """Yield where dictionaries may begin that are stored end to end."""
    yield 0
    for match in islice(re.finditer(re.escape(_LEARNT), dictionaries), _MOST_DICTIONARIES):
        if match.start():
            yield match.start()


class _Dictionary(NamedTuple):
    """A compression dictionary: its number in the segment, or -1 for a guess, and the first frame to which it may
    apply."""

    number: int
    first: int
    decompressor: zstandard.ZstdDecompressor


class _Frames:
    """The unpacked store of a damaged segment as a stream of bytes, some of which are missing.

    Frames are located one after the other, as the end of a frame may be the only hint where the next begins. Their
    contents are unpacked again when they are needed again.
    """

    def __init__(self, wreck: _Wreck) -> None:
        self._data = wreck["store.data"].data.cast("B")
        self._starts = wreck["store.frames"]
        self._sizes = wreck["store.sizes"]
        self._count = max(wreck.count("store.frames") - 1, 0)
        # The latest first: a frame needs the last dictionary that begins before it.
        self._dictionaries = list(islice(self._read_dictionaries(wreck), _MOST_DICTIONARIES))[::-1]
        self._named = wreck["store.by"]
        self._after: int | None = 0
        # For each frame so far: its place in the file (-1 if lost), its dictionary, and its place in the stream; one
        # more place closes the last.
        self._where, self._by, self._begins = array("q"), array("H"), array("q", [0])
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        self._held = 0

    @staticmethod
    def _read_dictionaries(wreck: _Wreck) -> Iterator[_Dictionary]:
        sound = [wreck.sound("store.dictionary_starts"), wreck.sound("store.spare_starts")]
        starts = next((array for array in sound if array is not None), wreck["store.dictionary_starts"]).tolist()
        since = wreck["store.from"].tolist()
        contents = [read_spare(wreck["store.spare"].tobytes()) or b"", wreck["store.dictionaries"].tobytes()]
        # Where their starts are lost, guess: learnt dictionaries begin with a magic number.
        guesses = ((-1, 0, content, at, len(content)) for content in contents for at in _beginnings(content))
        named = (
            (number, first, content, start, end)
            for content in reversed(contents)
            for number, (first, start, end) in enumerate(zip(since, starts, starts[1:], strict=False))
        )
        for number, first, content, start, end in chain(islice(guesses, _MOST_DICTIONARIES // 2), named):
            with contextlib.suppress(zstandard.ZstdError):
                dictionary = zstandard.ZstdCompressionDict(content[start:end])
                yield _Dictionary(number, first, zstandard.ZstdDecompressor(dict_data=dictionary))

    def _find_next(self) -> bool:
        """Locate the next frame, and return whether there is one."""
        number, end = len(self._where), self._begins[-1]
        if number >= self._count:
            return False
        if located := self._locate(number):
            start, by, unpacked = located
            size = len(unpacked)
            self._keep(number, unpacked)
        else:
            start, by, size = -1, 0, self._size(number, end)
        self._where.append(start)
        self._by.append(by)
        self._begins.append(end + size)
        return True

    def _locate(self, number: int) -> tuple[int, int, bytes] | None:
        """Return the place of a frame in the file, its dictionary and its contents; None when it is lost."""
        # Frames are consecutive: the end of the frame before is a better guide than the segment.
        for start in dict.fromkeys([self._after, self._start(number)]):
            if start is not None and 0 <= start < len(self._data):
                for by in self._likeliest(number):
                    if result := self._unpacked(start, by):
                        unpacked, self._after = result
                        return start, by, unpacked
        self._after = None
        return None

    def _likeliest(self, frame: int) -> list[int]:
        """Return the numbers of all dictionaries, those that the segment names for a frame first."""
        named = int(self._named[frame]) if frame < len(self._named) else None
        return sorted(
            range(len(self._dictionaries)),
            key=lambda place: (
                named != self._dictionaries[place].number if named is not None else 0,
                self._dictionaries[place].first > frame,
            ),
        )

    def _start(self, number: int) -> int | None:
        return int(self._starts[number]) if number < len(self._starts) else None

    def _unpacked(self, start: int, by: int) -> tuple[bytes, int] | None:
        """Return the contents of the frame at a place of the file, and where it ends; None if it cannot be unpacked."""
        try:
            size = zstandard.frame_content_size(self._data[start : start + 32])
            if not 0 <= size <= LARGEST:
                return None
            # Apart from its headers, a frame is no longer than its contents.
            window = self._data[start : start + size + (size >> 7) + 64]
            stream = self._dictionaries[by].decompressor.decompressobj()
            unpacked = stream.decompress(window)
            if not stream.eof or len(unpacked) != size:
                return None
            return unpacked, start + len(window) - len(stream.unused_data)
        except zstandard.ZstdError:
            return None

    def _size(self, number: int, end: int) -> int:
        """Return the number of bytes of the stream that are missing with a lost frame."""
        if number + 1 < len(self._sizes) and end <= int(self._sizes[number + 1]) <= end + LARGEST:
            return int(self._sizes[number + 1]) - end
        return 0

    def _keep(self, number: int, unpacked: bytes) -> None:
        self._kept[number] = unpacked
        self._held += len(unpacked)
        while self._held > _KEPT and len(self._kept) > 1:
            self._held -= len(self._kept.popitem(last=False)[1])

    def _frame(self, number: int) -> bytes | None:
        """Return the contents of a located frame; None when it is lost."""
        if number not in self._kept and self._where[number] >= 0:
            result = self._unpacked(self._where[number], self._by[number])
            self._keep(number, result[0] if result else b"")
        return self._kept.get(number)

    def read(self, start: int, end: int) -> bytes | None:
        """Return the bytes from ``start`` to ``end``; None when any of them is missing."""
        content = self.ahead(start, end - start)
        return content if len(content) == end - start else None

    def ahead(self, start: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``start``, fewer before a missing byte."""
        while self._begins[-1] < start + size and self._find_next():
            pass
        parts = []
        at, number = start, bisect_right(self._begins, start) - 1
        while at < start + size and number < len(self._where) and (content := self._frame(number)) is not None:
            begin = self._begins[number]
            parts.append(content[at - begin : start + size - begin])
            at, number = self._begins[number + 1], number + 1
        return b"".join(parts)


class _Blocks:
    """The blocks of a damaged segment."""

    def __init__(
        self, wreck: _Wreck, extent: Callable[[bytes], int | None], accept: Callable[[bytes, str | None], bool]
    ) -> None:
        self._frames = _Frames(wreck)
        self._extent, self._accept = extent, accept
        self._count, self._is_cut = max(wreck.count("block.first") - 1, 0), wreck.is_cut("block.first")
        self._first, self._ends = wreck["block.first"], wreck["store.ends"]
        self._digests = wreck.sound("block.digests")
        self._keys, self._key_starts = wreck.sound("block.keys"), wreck.sound("block.key_starts")

    def blocks(self) -> Iterator[Salvaged]:
        """Yield the blocks in order.

        Raises:
            ValueError: further blocks are lost.
        """
        before: int | None = 0
        taken: set[int] = set()
        for number in range(self._count):
            key = self._key(number)
            result = None
            for start, end in self._places(number, before):
                # Records of two blocks never begin at the same place, whatever the segment claims.
                record = self._frames.read(start, end) if start not in taken else None
                if record and self._accept(record, key):
                    result, before = record, end
                    taken.add(start)
                    break
            else:
                before = self._cut(number + 1)
            yield Salvaged(number, key, self._digest(number), result)
        if self._is_cut:
            raise ValueError("it is cut off")

    def _cut(self, number: int) -> int | None:
        """Return where the record of a block begins according to the segment."""
        if number >= len(self._first) or (doc := int(self._first[number])) >= len(self._ends):
            return None
        place = int(self._ends[doc])
        return place if place >= 0 else None

    def _places(self, number: int, before: int | None) -> Iterator[tuple[int, int]]:
        """Yield where the record of a block may begin and end, the likeliest first; ``before`` is the end of the last
        record."""
        start, end = self._cut(number), self._cut(number + 1)
        size = end - start if start is not None and end is not None else 0
        recorded = [(start, start + size)] if start is not None and 0 < size <= LARGEST else []
        if start == before and size <= _AHEAD:
            yield from recorded
        for begin in dict.fromkeys([before, start]):
            if begin is not None and (own := self._size(begin)):
                yield begin, begin + own
        yield from recorded

    def _size(self, start: int) -> int | None:
        """Return the size that the record at a place gives for itself."""
        wanted = _AHEAD
        while True:
            ahead = self._frames.ahead(start, wanted)
            size = self._extent(ahead)
            if size is not None and size > LARGEST:
                return None
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
