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
"""What zstandard dictionaries that were learnt begin with (RFC 8878, 5)."""
_AHEAD = 1 << 16
"""Bytes in which the length of a record is looked for at first."""
_KEPT = 8 << 20
"""Bytes of frames that are kept unpacked."""
_MOST_DICTIONARIES = 400
"""So many are tried. Segments have up to 100 (`merge._MOST_DICTIONARIES`), each of them twice; the rest are guesses."""


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
        extent: how many bytes the record takes that a stream begins with; 0 when it begins with none that says, None
            when more of the stream is needed.
        accept: whether a record is whole, and that of the key when there is one.

    Raises:
        ValueError: nothing can be read of it.
        VersionError: it is of a newer version.
        OSError: the file cannot be read.
    """
    with files.open_file(path) as file:
        if not os.fstat(file.fileno()).st_size:
            raise ValueError("it is empty")
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    yield from _Blocks(_Wreck(path, content), extent, accept).blocks()


class _Wreck:
    """The arrays of a damaged file, as far as they are there."""

    def __init__(self, path: Path, content: mmap.mmap) -> None:
        self._path = path
        self._content = content
        self._entries = self._directory()

    def _directory(self) -> dict[str, arrays.Entry]:
        found = list(self._directories())
        versions = [version for _, version in found if version is not None]
        if versions and min(versions) > arrays.VERSION:
            raise VersionError(self._path, "made by a newer version; upgrade this one", "newer")
        for directory, _ in found:
            try:
                return arrays.read_entries(directory, 0, 1 << 62)
            except ValueError:
                continue
        raise ValueError("neither its directory nor the spare one can be read")

    def _directories(self) -> Iterator[tuple[bytes, int | None]]:
        """The directory, by the first and the last bytes of the file, and the spare one; with the version that
        these say."""
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
        """How many values an array had; no more than the file has bytes, as no value of ours takes less than one."""
        return min(self._entries[name][1], len(self._content)) if name in self._entries else 0

    def is_cut(self, name: str) -> bool:
        """Whether an array had more values than `count` says."""
        return name in self._entries and self._entries[name][1] > len(self._content)

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
        if name not in self._entries or len(found) < self._entries[name][1]:
            return None
        return found if arrays.checksum(found.data.cast("B")) == self._entries[name][3] else None


def _beginnings(dictionaries: bytes) -> Iterator[int]:
    """Where dictionaries that stand end to end may begin."""
    yield 0
    for found in islice(re.finditer(re.escape(_LEARNT), dictionaries), _MOST_DICTIONARIES):
        if found.start():
            yield found.start()


class _Dictionary(NamedTuple):
    """A dictionary: its number in the segment, or -1 for a guess, and the first frame that it may pack."""

    number: int
    first: int
    decompressor: zstandard.ZstdDecompressor


class _Frames:
    """The store of a damaged segment as one stream of bytes, some of which are missing.

    Frames are found one after the other, as where one begins may follow from the one before only; what comes of them
    is unpacked again when it is needed again.
    """

    def __init__(self, wreck: _Wreck) -> None:
        self._data = wreck["store.data"].data.cast("B")
        self._starts = wreck["store.frames"]
        self._sizes = wreck["store.sizes"]
        self._count = max(wreck.count("store.frames") - 1, 0)
        # The latest first: the last that begins before a frame is the one for it.
        self._dictionaries = list(islice(self._read_dictionaries(wreck), _MOST_DICTIONARIES))[::-1]
        self._named = wreck["store.by"]
        self._after: int | None = 0
        # Of each frame that was looked for: where it begins in the file (-1: it is lost), the dictionary that it needs,
        # and where it begins in the stream; one more closes the last.
        self._where, self._by, self._begins = array("q"), array("H"), array("q", [0])
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        self._held = 0

    @staticmethod
    def _read_dictionaries(wreck: _Wreck) -> Iterator[_Dictionary]:
        sound = [wreck.sound("store.dictionary_starts"), wreck.sound("store.spare_starts")]
        starts = next((one for one in sound if one is not None), wreck["store.dictionary_starts"]).tolist()
        since = wreck["store.from"].tolist()
        contents = [read_spare(wreck["store.spare"].tobytes()) or b"", wreck["store.dictionaries"].tobytes()]
        # When it is not known where each begins: learnt ones begin with a magic number.
        found = ((-1, 0, content, at, len(content)) for content in contents for at in _beginnings(content))
        named = (
            (number, first, content, start, end)
            for content in reversed(contents)
            for number, (first, start, end) in enumerate(zip(since, starts, starts[1:], strict=False))
        )
        for number, first, content, start, end in chain(islice(found, _MOST_DICTIONARIES // 2), named):
            with contextlib.suppress(zstandard.ZstdError):
                dictionary = zstandard.ZstdCompressionDict(content[start:end])
                yield _Dictionary(number, first, zstandard.ZstdDecompressor(dict_data=dictionary))

    def _find_next(self) -> bool:
        """Look for the next frame; whether there was one to be looked for."""
        number, end = len(self._where), self._begins[-1]
        if number >= self._count:
            return False
        if found := self._found(number):
            start, by, unpacked = found
            size = len(unpacked)
            self._keep(number, unpacked)
        else:
            start, by, size = -1, 0, self._size(number, end)
        self._where.append(start)
        self._by.append(by)
        self._begins.append(end + size)
        return True

    def _found(self, number: int) -> tuple[int, int, bytes] | None:
        """Where a frame begins in the file, the dictionary that it needs, and what comes of it."""
        # Frames stand end to end: where the one before ended counts more than what the segment says.
        for start in dict.fromkeys([self._after, self._start(number)]):
            if start is not None and 0 <= start < len(self._data):
                for by in self._likeliest(number):
                    if found := self._unpacked(start, by):
                        unpacked, self._after = found
                        return start, by, unpacked
        self._after = None
        return None

    def _likeliest(self, frame: int) -> list[int]:
        """The dictionaries, first those that the segment names for a frame."""
        named = int(self._named[frame]) if frame < len(self._named) else None
        return sorted(
            range(len(self._dictionaries)),
            key=lambda one: (
                named != self._dictionaries[one].number if named is not None else 0,
                self._dictionaries[one].first > frame,
            ),
        )

    def _start(self, number: int) -> int | None:
        return int(self._starts[number]) if number < len(self._starts) else None

    def _unpacked(self, start: int, by: int) -> tuple[bytes, int] | None:
        """What comes of the frame that begins somewhere, and where it ends."""
        try:
            size = zstandard.frame_content_size(self._data[start : start + 32])
            if not 0 <= size <= LARGEST:
                return None
            # A frame is no longer than what comes of it, but for its headers.
            window = self._data[start : start + size + (size >> 7) + 64]
            stream = self._dictionaries[by].decompressor.decompressobj()
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

    def _keep(self, number: int, unpacked: bytes) -> None:
        self._kept[number] = unpacked
        self._held += len(unpacked)
        while self._held > _KEPT and len(self._kept) > 1:
            self._held -= len(self._kept.popitem(last=False)[1])

    def _frame(self, number: int) -> bytes | None:
        """What comes of a frame that was looked for; None when it is lost."""
        if number not in self._kept and self._where[number] >= 0:
            found = self._unpacked(self._where[number], self._by[number])
            self._keep(number, found[0] if found else b"")
        return self._kept.get(number)

    def read(self, start: int, end: int) -> bytes | None:
        """Some bytes; None when any of them is missing."""
        found = self.ahead(start, end - start)
        return found if len(found) == end - start else None

    def ahead(self, start: int, size: int) -> bytes:
        """So many bytes from a place on, or as many as there are up to the first that is missing."""
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
        """The blocks, in their order.

        Raises:
            ValueError: there were more.
        """
        before: int | None = 0
        taken: set[int] = set()
        for number in range(self._count):
            key = self._key(number)
            found = None
            for start, end in self._places(number, before):
                # Where a record of another block begins, this one does not, whatever the segment says.
                record = self._frames.read(start, end) if start not in taken else None
                if record and self._accept(record, key):
                    found, before = record, end
                    taken.add(start)
                    break
            else:
                before = self._cut(number + 1)
            yield Salvaged(number, key, self._digest(number), found)
        if self._is_cut:
            raise ValueError("it is cut off")

    def _cut(self, number: int) -> int | None:
        """Where a block's record begins, as the segment says."""
        if number >= len(self._first) or (doc := int(self._first[number])) >= len(self._ends):
            return None
        place = int(self._ends[doc])
        return place if place >= 0 else None

    def _places(self, number: int, before: int | None) -> Iterator[tuple[int, int]]:
        """Where a block's record may begin and end, the likeliest first; ``before`` is where the last one ended."""
        start, end = self._cut(number), self._cut(number + 1)
        size = end - start if start is not None and end is not None else 0
        told = [(start, start + size)] if start is not None and 0 < size <= LARGEST else []
        if start == before and size <= _AHEAD:
            yield from told
        for begin in dict.fromkeys([before, start]):
            if begin is not None and (own := self._size(begin)):
                yield begin, begin + own
        yield from told

    def _size(self, start: int) -> int | None:
        """The size of the record that begins somewhere, as it says itself."""
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
