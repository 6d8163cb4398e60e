"""A file of named flat arrays: written once, then memory-mapped.

Layout, with little-endian integers:

* the prefix, 64 bytes: 8 bytes magic, uint32 version, uint32 length of the directory, uint32 CRC-32 of the directory,
  4 zero bytes, uint64 offset of the directory, 32 zero bytes;
* the spare directory, 8 KB: uint32 length, uint32 CRC-32, and the directory compressed by zlib; all zeros when it does
  not fit;
* the arrays, each at a multiple of 64 bytes from the start of the file;
* the directory: UTF-8 JSON, name -> [dtype, count, offset, check];
* the prefix again. Only repair needs this copy and the spare directory.

Arrays are checked in chunks of 64 KB. The check of an array of one chunk is its CRC-32. The check of a larger array is
the CRC-32 of the CRC-32s of its chunks, which the array ``checksums`` (uint32) holds for all larger arrays, in the
order of the directory.
"""

from __future__ import annotations

import copy
import json
import os
import struct
import zlib
from array import array
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cablesearch.engine.disk import files
from cablesearch.engine.disk.mapping import map_file
from cablesearch.errors import CablesearchError, CorruptIndexError, VersionError

__all__ = [
    "CHUNK_BITS",
    "ArrayWriter",
    "Arrays",
    "Entry",
    "Touch",
    "checksum",
    "read_entries",
    "spare_directory",
    "untouched",
    "write_arrays",
]

MAGIC = b"CABLSEG\n"
VERSION = 5
OLDEST = 4
WITHOUT_ORDER = 4
"""The last version whose blocks are not sorted."""
PREFIX = struct.Struct("<8sIII4xQ32x")
_SPARE = struct.Struct("<II")
ROOM = 1 << 13
"""Bytes for the spare directory."""
CHUNK_BITS = 16
_CHECKSUMS = "checksums"
_DTYPES = {"u1", "u2", "u4", "u8", "i4", "i8"}
_ALIGN = 64
_CHECKED_AT_ONCE = 1 << 20
"""Bytes. Of a larger array that is read in parts, only the parts are checked."""
LARGEST_DIRECTORY = 1 << 20
"""Bytes. A directory has a few kilobytes; parsed JSON takes a multiple of its text in memory."""


def _aligned(offset: int) -> int:
    return -(-offset // _ALIGN) * _ALIGN


class _Check:
    """The checksum of an array, computed piece by piece."""

    def __init__(self) -> None:
        self._chunks = array("I")
        self._current = self._filled = 0

    def extend(self, data: memoryview) -> None:
        """Add the next bytes of the array."""
        while data:
            piece = data[: (1 << CHUNK_BITS) - self._filled]
            self._current = zlib.crc32(piece, self._current)
            self._filled += len(piece)
            data = data[len(piece) :]
            if self._filled == 1 << CHUNK_BITS:
                self._close_chunk()

    def _close_chunk(self) -> None:
        self._chunks.append(self._current)
        self._current = self._filled = 0

    def close(self) -> tuple[int, array[int]]:
        """Return the check for the directory and, for an array of several chunks, the checksums of its chunks."""
        if self._filled:
            self._close_chunk()
        if len(self._chunks) < 2:
            return (self._chunks[0] if self._chunks else 0), array("I")
        return zlib.crc32(np.asarray(self._chunks).astype("<u4").data), self._chunks


class ArraySink(Protocol):
    """A destination of arrays: a file (`ArrayWriter`) or the memory."""

    def add(self, name: str, array: NDArray[Any]) -> None: ...

    def allocate(self, name: str, dtype: str, count: int | None) -> None: ...

    def append(self, name: str, values: NDArray[Any]) -> None: ...


class ArrayWriter:
    """Write a file of arrays, each whole or piece by piece. The file can be read after `close`.

    ``on_write`` is called with the number of bytes of each piece.

    Raises:
        FileExistsError: the file exists; readers may have mapped it.
    """

    def __init__(self, place: files.Place, on_write: Callable[[int], object] | None = None) -> None:
        self._on_write = on_write
        self._file = files.NewFile(place)
        self._end = PREFIX.size + ROOM
        self._entries: dict[str, list[Any]] = {}
        self._written: dict[str, int] = {}
        self._checks: dict[str, _Check] = {}
        self._growing: str | None = None

    def __enter__(self) -> ArrayWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if error is not None:
            # The writer may have failed because the disk is full.
            files.remove(self._file.place)

    def allocate(self, name: str, dtype: str, count: int | None) -> None:
        """Reserve space for an array of ``count`` values, which `append` fills.

        With None as ``count`` the array grows until the next one is allocated.
        """
        offset = _aligned(self._end)
        size = (count or 0) * np.dtype(dtype).itemsize
        self._entries[name] = [dtype, count or 0, offset, 0]
        self._written[name] = offset
        self._checks[name] = _Check()
        self._end = offset + size
        self._growing = name if count is None else None

    def append(self, name: str, values: NDArray[Any]) -> None:
        """Write the next values of an allocated array."""
        data = np.ascontiguousarray(values, dtype="<" + self._entries[name][0]).data.cast("B")
        self._checks[name].extend(data)
        self._file.write(data, self._written[name])
        self._written[name] += len(data)
        if self._on_write is not None:
            self._on_write(len(data))
        if name == self._growing:
            self._entries[name][1] += len(values)
            self._end += len(data)

    def add(self, name: str, array: NDArray[Any]) -> None:
        """Write a one-dimensional array of integers."""
        self.allocate(name, array.dtype.str[1:], len(array))
        self.append(name, array)

    def close(self) -> int:
        """Write the directory, sync the file to the disk and return its size in bytes.

        Raises:
            CablesearchError: the directory would be larger than readers accept.
            OSError: the file cannot be written.
        """
        chunks: array[int] = array("I")
        for name, entry in self._entries.items():
            dtype, count, offset, _ = entry
            assert self._written[name] == offset + count * np.dtype(dtype).itemsize, name
            entry[3], own = self._checks[name].close()
            chunks += own
        self.add(_CHECKSUMS, np.asarray(chunks).astype(np.uint32))
        self._entries[_CHECKSUMS][3] = zlib.crc32(np.asarray(chunks).astype("<u4").data)
        directory = json.dumps(self._entries, separators=(",", ":")).encode()
        if len(directory) > LARGEST_DIRECTORY:
            raise CablesearchError(
                f"{self._file.path}: the directory of a file has no room for {len(self._entries):,} arrays"
            )
        spare = zlib.compress(directory)
        if _SPARE.size + len(spare) <= ROOM:
            self._file.write(_SPARE.pack(len(spare), zlib.crc32(spare)) + spare, PREFIX.size)
        prefix = PREFIX.pack(MAGIC, VERSION, len(directory), zlib.crc32(directory), self._end)
        self._file.write(directory + prefix, self._end)
        self._file.write(prefix, 0)
        self._file.sync()
        return self._end + len(directory) + len(prefix)


def checksum(data: memoryview) -> int:
    """Return the checksum of an array, given its bytes."""
    check = _Check()
    check.extend(data)
    return check.close()[0]


def write_arrays(place: files.Place, arrays: Mapping[str, NDArray[Any]]) -> int:
    """Write one-dimensional arrays of integers to a new file, sync it to the disk and return its size in bytes."""
    with ArrayWriter(place) as writer:
        for name, array in arrays.items():
            writer.add(name, array)
        return writer.close()


Entry = tuple[np.dtype[Any], int, int, int]
"""The type, number of values, offset and checksum of an array."""

Touch = Callable[[int, int], None]
"""Called with the start and end of a stretch of an array's values before the stretch is read.

Raises:
    CorruptIndexError: the stretch is damaged.
"""


def _wrong_checksum(path: Path, name: str) -> CorruptIndexError:
    return CorruptIndexError(path, f"the checksum of {name} is wrong")


def untouched(start: int, end: int) -> None:
    """Check nothing, as the whole array has been checked."""


class _Chunks:
    """The chunks of an array; each is checked before it is first read."""

    def __init__(self, path: Path, name: str, array: NDArray[Any], checksums: NDArray[np.uint32]) -> None:
        self._path, self._name = path, name
        self._data = array.data.cast("B")
        self._itemsize = array.itemsize
        self._checksums = checksums
        self._unchecked = bytearray(b"\1") * len(checksums)

    def touch(self, start: int, end: int) -> None:
        """Check the unchecked chunks that hold the values from ``start`` to ``end``."""
        first = start * self._itemsize >> CHUNK_BITS
        last = (end * self._itemsize - 1 >> CHUNK_BITS) + 1
        chunk = self._unchecked.find(1, first, last)
        while chunk >= 0:
            at = chunk << CHUNK_BITS
            if zlib.crc32(self._data[at : at + (1 << CHUNK_BITS)]) != self._checksums[chunk]:
                raise _wrong_checksum(self._path, self._name)
            self._unchecked[chunk] = 0
            chunk = self._unchecked.find(1, chunk + 1, last)


def read_entries(directory: bytes, start: int, end: int) -> dict[str, Entry]:
    """Parse a directory whose arrays lie between two offsets of the file.

    Raises:
        ValueError: the directory is malformed, or an array lies elsewhere.
    """
    entries: dict[str, Entry] = {}
    try:
        for name, (kind, count, offset, check) in json.loads(directory).items():
            if kind not in _DTYPES or any(type(number) is not int or number < 0 for number in (count, offset, check)):
                raise ValueError(name)
            entries[name] = (np.dtype("<" + kind), count, offset, check)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"its directory is malformed ({error})") from error
    for name, (dtype, count, offset, _) in entries.items():
        if offset < start or offset + count * dtype.itemsize > end:
            raise ValueError(f"it is cut off within {name}")
    return entries


def spare_directory(room: bytes) -> bytes | None:
    """Unpack a spare directory; None when it is absent or damaged."""
    length, crc = _SPARE.unpack_from(room)
    packed = room[_SPARE.size : _SPARE.size + length]
    if not length or zlib.crc32(packed) != crc:
        return None
    try:
        return zlib.decompressobj().decompress(packed, LARGEST_DIRECTORY)
    except zlib.error:
        return None


class Arrays:
    """The arrays of one file, memory-mapped and read-only.

    ``content`` holds the bytes of the file. ``forget()`` releases the memory of the pages that were read; the system
    reads them again when they are used.

    Raises:
        VersionError: the file has another version.
        CorruptIndexError: the file is not a segment, is missing or cut off, or its directory is damaged.
        UnreadableFileError: the system cannot read the file.
    """

    def __init__(self, place: files.Place) -> None:
        self.path = path = files.path_of(place)
        try:
            with files.open_file(place) as file:
                size = os.fstat(file.fileno()).st_size
                if size < PREFIX.size:
                    raise CorruptIndexError(path, f"it is cut off, only {size} bytes long")
                self.content, self.forget = map_file(file.fileno(), size)
        except OSError as error:
            if not isinstance(error, FileNotFoundError):
                raise files.unreadable(path, error) from error
            raise CorruptIndexError(path, "the file is missing") from None
        self.size = size
        self._extra: Mapping[str, NDArray[Any]] = {}
        self._entries = self._read_directory()
        self._chunks = self._read_checksums()
        self._open: dict[str, NDArray[Any]] = {}
        self._touches: dict[str, Touch] = {}

    def _read_directory(self) -> dict[str, Entry]:
        magic, version, length, crc, at = PREFIX.unpack_from(self.content)
        if magic != MAGIC:
            raise CorruptIndexError(self.path, "it is not a segment")
        if version > VERSION:
            reason = f"made by a newer version (segment version {version}, this one reads {OLDEST} to {VERSION})"
            raise VersionError(self.path, f"{reason}; upgrade this one", "newer")
        if version < OLDEST:
            reason = f"made by an older version (segment version {version}, this one reads {OLDEST} to {VERSION})"
            raise VersionError(self.path, f"{reason}; build the index again from its sources", "older")
        self.version = int(version)
        end = at + length + PREFIX.size
        if end != self.size:
            problem = "it is cut off" if self.size < end else "something follows its end"
            raise CorruptIndexError(self.path, f"it is {self.size} bytes long instead of {end}; {problem}")
        if length > LARGEST_DIRECTORY:
            raise CorruptIndexError(self.path, "its directory is too large")
        directory = bytes(self.content[at : at + length])
        if zlib.crc32(directory) != crc:
            raise CorruptIndexError(self.path, "its directory is damaged")
        # No checksum covers the version, which determines how the rest is read.
        if PREFIX.unpack_from(self.content, at + length)[1] != version:
            raise CorruptIndexError(self.path, "its first and last bytes name different versions")
        try:
            entries = read_entries(directory, PREFIX.size + ROOM, at)
        except ValueError as error:
            raise CorruptIndexError(self.path, str(error)) from error
        end = 0
        for name, (dtype, count, offset, _) in sorted(entries.items(), key=lambda entry: (entry[1][2], entry[1][1])):
            if offset < end:
                raise CorruptIndexError(self.path, f"{name} overlaps another array")
            end = offset + count * dtype.itemsize
        return entries

    def _read_checksums(self) -> dict[str, tuple[int, int]]:
        """Return the place and the number of the chunk checksums of each large array."""
        chunks: dict[str, tuple[int, int]] = {}
        total = 0
        for name, (dtype, count, _, _) in self._entries.items():
            if name != _CHECKSUMS and count * dtype.itemsize > 1 << CHUNK_BITS:
                chunks[name] = (total, -(-count * dtype.itemsize >> CHUNK_BITS))
                total += chunks[name][1]
        if self.type_of(_CHECKSUMS) != ("u4", total):
            raise CorruptIndexError(self.path, "its checksums do not match its arrays")
        return chunks

    def with_others(self, extra: Mapping[str, NDArray[Any]], replaces: Callable[[str], bool]) -> Arrays:
        """Return the same file with some arrays replaced by arrays in memory.

        Args:
            extra: the new arrays by name.
            replaces: whether the array of a name is dropped.
        """
        other = copy.copy(self)
        other._entries = {name: entry for name, entry in self._entries.items() if not replaces(name)}
        other._extra = extra
        other._open = {**extra}
        other._touches = {}
        return other

    def __contains__(self, name: str) -> bool:
        return name in self._entries or name in self._extra

    @property
    def names(self) -> list[str]:
        """Return the names of the arrays."""
        return [name for name in self._entries if name != _CHECKSUMS]

    def type_of(self, name: str) -> tuple[str, int]:
        """Return the type (such as ``u4``) and the number of values of an array without reading it.

        Raises:
            CorruptIndexError: there is no array of that name.
        """
        if name in self._extra:
            return self._extra[name].dtype.str[1:], len(self._extra[name])
        try:
            dtype, count, _, _ = self._entries[name]
        except KeyError:
            raise CorruptIndexError(self.path, f"it has no array {name}") from None
        return dtype.str[1:], count

    def starts(self, name: str, end: int) -> NDArray[Any]:
        """Return an array of offsets: where each of several consecutive pieces begins; one more value closes the last.

        Raises:
            CorruptIndexError: the offsets do not increase from 0 to ``end``.
        """
        values = self[name]
        if not len(values) or values[0] or int(values[-1]) != end or bool((values[1:] < values[:-1]).any()):
            raise CorruptIndexError(self.path, f"{name} does not increase from 0 to {end}")
        return values

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return an array as a read-only view of the file. It is checked as a whole on first use.

        Raises:
            CorruptIndexError: there is no array of that name, or its checksum is wrong.
        """
        array = self._open.get(name)
        if array is None:
            array = self._view(name)
            self._check(name, array)
            self._open[name] = array
        return array

    def sliced(self, name: str) -> tuple[NDArray[Any], Touch]:
        """Return an array that is read in parts, and the function to call before a part is read (see `Touch`).

        Raises:
            CorruptIndexError: there is no array of that name, or its checksum is wrong.
        """
        if name in self._extra:
            return self._extra[name], untouched
        array = self._view(name)
        if array.nbytes <= _CHECKED_AT_ONCE:
            return self[name], untouched
        if name not in self._touches:
            self._touches[name] = _Chunks(self.path, name, array, self._own(name)).touch
        return array, self._touches[name]

    def _view(self, name: str) -> NDArray[Any]:
        self.type_of(name)
        dtype, count, offset, _ = self._entries[name]
        return np.frombuffer(self.content, dtype, count, offset)

    def _own(self, name: str) -> NDArray[np.uint32]:
        """Return the checksums of an array's chunks."""
        first, count = self._chunks[name]
        own: NDArray[np.uint32] = self[_CHECKSUMS][first : first + count]
        if zlib.crc32(own.data) != self._entries[name][3]:
            raise _wrong_checksum(self.path, name)
        return own

    def _check(self, name: str, array: NDArray[Any]) -> None:
        """Compare the checksum of a whole array, or those of all its chunks."""
        if name in self._chunks:
            _Chunks(self.path, name, array, self._own(name)).touch(0, len(array))
        elif zlib.crc32(array.data) != self._entries[name][3]:
            raise _wrong_checksum(self.path, name)

    def verify(self) -> list[str]:
        """Return a sentence for each kind of damage: wrong checksums, non-zero bytes between the arrays, and copies
        that differ from their originals."""
        faults = []
        for name in self._entries:
            try:
                self._check(name, self._view(name))
            except CorruptIndexError as error:
                faults.append(str(error))
        ends = [(offset, offset + count * dtype.itemsize) for dtype, count, offset, _ in self._entries.values()]
        prefix = bytes(self.content[: PREFIX.size])
        length, directory = PREFIX.unpack(prefix)[2], PREFIX.unpack(prefix)[4]
        between = prefix[20:24] + prefix[32:]
        at = PREFIX.size
        between += self._beyond_spare(bytes(self.content[directory : directory + length]))
        at += ROOM
        if self.content[directory + length :] != prefix:
            faults.append(f"{self.path}: its last bytes differ from its first ones")
        for start, end in [*sorted(ends), (directory, directory)]:
            between += self.content[at:start]
            at = max(at, end)
        return [*faults, f"{self.path}: there are bytes between its arrays"] if any(between) else faults

    def _beyond_spare(self, directory: bytes) -> bytes:
        """Return the bytes after the spare directory; all bytes of its space when it is another directory."""
        room = bytes(self.content[PREFIX.size : PREFIX.size + ROOM])
        spare = spare_directory(room)
        return room[_SPARE.size + _SPARE.unpack_from(room)[0] :] if spare == directory else room
