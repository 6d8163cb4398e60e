"""A file of named flat arrays: written once, memory-mapped ever after.

Layout (integers little-endian): the prefix of 64 bytes: 8 bytes magic, uint32 version, uint32 length of the directory,
uint32 CRC-32 of the directory, 4 zero bytes, uint64 offset of the directory, 32 zero bytes; 8 KB for a spare directory:
uint32 length, uint32 CRC-32, and the directory packed by zlib, or zeros when it has no room there; the arrays, each at
a multiple of 64 bytes from the start of the file; the directory (UTF-8 JSON: name -> [dtype, count, offset, check]);
the prefix again, which ends the file. Repair needs the spare directory and the second prefix; nobody else does.

An array is checked in chunks of 64 KB. Its check is its CRC-32 when it is no larger than one; else that of the CRC-32
of all of its chunks, which stand in the array ``checksums`` (uint32) for all such arrays in the order of the directory.
Version 3 has neither spare directory, second prefix nor chunks.
"""

from __future__ import annotations

import copy
import json
import os
import stat
import struct
import zlib
from array import array
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, BinaryIO, Protocol

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
    "open_file",
    "read_entries",
    "spare_directory",
    "untouched",
    "write_arrays",
]

MAGIC = b"CABLSEG\n"
VERSION = 5
OLDEST = 4
WITHOUT_ORDER = 4
"""The last version whose blocks lie as they came."""
PREFIX = struct.Struct("<8sIII4xQ32x")
_SPARE = struct.Struct("<II")
ROOM = 1 << 13
"""Bytes for the spare directory."""
CHUNK_BITS = 16
_CHECKSUMS = "checksums"
_DTYPES = {"u1", "u2", "u4", "u8", "i4", "i8"}
_CAREFULLY = sum(getattr(os, flag, 0) for flag in ("O_NONBLOCK", "O_CLOEXEC", "O_NOFOLLOW"))
_ALIGN = 64
_CHECKED_AT_ONCE = 8 << 20
LARGEST_DIRECTORY = 1 << 20
"""A directory is some kilobytes; what JSON becomes in memory is a multiple of its text."""


def _aligned(offset: int) -> int:
    return -(-offset // _ALIGN) * _ALIGN


def open_file(place: files.Place) -> BinaryIO:
    """Open a file for reading; a pipe or a device is not waited for, and a link not followed: an index from a
    stranger is never to lead out of its folder.

    Raises:
        CorruptIndexError: it is no file.
        OSError: it cannot be read.
    """
    if stat.S_ISLNK(files.status(place).st_mode):
        raise CorruptIndexError(f"{place}: it is a link, not a file")
    descriptor = files.open_descriptor(place, os.O_RDONLY | _CAREFULLY)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise CorruptIndexError(f"{place}: it is no file")
    return open(descriptor, "rb")


class _Check:
    """The checksum of an array that is written piece by piece."""

    def __init__(self) -> None:
        self._chunks = array("I")
        self._current = self._filled = 0

    def extend(self, data: memoryview) -> None:
        """Count more of the array's bytes in."""
        while data:
            some = data[: (1 << CHUNK_BITS) - self._filled]
            self._current = zlib.crc32(some, self._current)
            self._filled += len(some)
            data = data[len(some) :]
            if self._filled == 1 << CHUNK_BITS:
                self._close_chunk()

    def _close_chunk(self) -> None:
        self._chunks.append(self._current)
        self._current = self._filled = 0

    def close(self) -> tuple[int, array[int]]:
        """What the directory says, and what the array of checksums does."""
        if self._filled:
            self._close_chunk()
        if len(self._chunks) < 2:
            return (self._chunks[0] if self._chunks else 0), array("I")
        return zlib.crc32(np.asarray(self._chunks).astype("<u4").data), self._chunks


class ArraySink(Protocol):
    """Takes arrays: a file (`ArrayWriter`) or the memory."""

    def add(self, name: str, array: NDArray[Any]) -> None: ...

    def allocate(self, name: str, dtype: str, count: int | None) -> None: ...

    def append(self, name: str, values: NDArray[Any]) -> None: ...


class ArrayWriter:
    """Writes a file of arrays, each whole or piece by piece; `close` makes it one that can be read.

    Raises:
        FileExistsError: there is a file already; it may be one that readers have mapped.
    """

    def __init__(self, place: files.Place) -> None:
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
            # The room may be what it failed for want of.
            files.remove(self._file.place)

    def allocate(self, name: str, dtype: str, count: int | None) -> None:
        """Keep room for an array of that many values, to be filled by `append`; with None for one that grows until the
        next is allocated."""
        offset = _aligned(self._end)
        size = (count or 0) * np.dtype(dtype).itemsize
        self._entries[name] = [dtype, count or 0, offset, 0]
        self._written[name] = offset
        self._checks[name] = _Check()
        self._end = offset + size
        self._growing = name if count is None else None

    def append(self, name: str, values: NDArray[Any]) -> None:
        """Write the next values of an array that there is room for."""
        data = np.ascontiguousarray(values, dtype="<" + self._entries[name][0]).data.cast("B")
        self._checks[name].extend(data)
        self._file.write(data, self._written[name])
        self._written[name] += len(data)
        if name == self._growing:
            self._entries[name][1] += len(values)
            self._end += len(data)

    def add(self, name: str, array: NDArray[Any]) -> None:
        """Write a one-dimensional array of integers."""
        self.allocate(name, array.dtype.str[1:], len(array))
        self.append(name, array)

    def close(self) -> int:
        """Write the directory and sync everything to the disk; the file's size in bytes.

        Raises:
            CablesearchError: the directory would be larger than a reader takes.
            OSError: it cannot be written.
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
                f"{self._file.path}: {len(self._entries):,} arrays are more than the directory of a file can name"
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
    """Return the checksum of an array, given its bytes: the CRC-32 of the CRC-32s of its chunks when it has several."""
    check = _Check()
    check.extend(data)
    return check.close()[0]


def write_arrays(place: files.Place, arrays: Mapping[str, NDArray[Any]]) -> int:
    """Write ``arrays`` (one-dimensional, of integers) to a new file and sync it to the disk; its size in bytes."""
    with ArrayWriter(place) as writer:
        for name, array in arrays.items():
            writer.add(name, array)
        return writer.close()


Entry = tuple[np.dtype[Any], int, int, int]
"""Type, number of values, offset and checksum of an array."""

Touch = Callable[[int, int], None]
"""Called with where a stretch of an array's values begins and ends before it is read.

Raises:
    CorruptIndexError: it is damaged.
"""


def untouched(start: int, end: int) -> None:
    """What need not be checked, as the whole array was."""


class _Chunks:
    """The chunks of an array, each checked when it is first read."""

    def __init__(self, fault: str, array: NDArray[Any], checksums: NDArray[np.uint32]) -> None:
        self._fault = fault
        self._data = array.data.cast("B")
        self._itemsize = array.itemsize
        self._checksums = checksums
        self._unchecked = bytearray(b"\1") * len(checksums)

    def touch(self, start: int, end: int) -> None:
        """Check what has not been of the chunks that the values from ``start`` to ``end`` are in."""
        first = start * self._itemsize >> CHUNK_BITS
        last = (end * self._itemsize - 1 >> CHUNK_BITS) + 1
        chunk = self._unchecked.find(1, first, last)
        while chunk >= 0:
            at = chunk << CHUNK_BITS
            if zlib.crc32(self._data[at : at + (1 << CHUNK_BITS)]) != self._checksums[chunk]:
                raise CorruptIndexError(self._fault)
            self._unchecked[chunk] = 0
            chunk = self._unchecked.find(1, chunk + 1, last)


def read_entries(directory: bytes, start: int, end: int) -> dict[str, Entry]:
    """What a directory says of its arrays, which lie between two offsets of the file.

    Raises:
        ValueError: it makes no sense.
    """
    entries: dict[str, Entry] = {}
    try:
        for name, (kind, count, offset, check) in json.loads(directory).items():
            if kind not in _DTYPES or any(type(one) is not int or one < 0 for one in (count, offset, check)):
                raise ValueError(name)
            entries[name] = (np.dtype("<" + kind), count, offset, check)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"its directory makes no sense ({error})") from error
    for name, (dtype, count, offset, _) in entries.items():
        if offset < start or offset + count * dtype.itemsize > end:
            raise ValueError(f"cut off within {name}")
    return entries


def spare_directory(room: bytes) -> bytes | None:
    """The directory that is packed into some bytes, None when there is none or it is damaged."""
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

    ``content`` are the bytes of the file; ``forget()`` gives back the memory of what was read, which is read from the
    file again when it is asked for.

    Raises:
        CorruptIndexError: the file is not one of ours, of another version, cut off or damaged in its directory.
    """

    def __init__(self, place: files.Place) -> None:
        self.path = path = files.path_of(place)
        try:
            with open_file(place) as file:
                size = os.fstat(file.fileno()).st_size
                if size < PREFIX.size:
                    raise CorruptIndexError(f"{path}: cut off, only {size} bytes long")
                self.content, self.forget = map_file(file.fileno(), size)
        except OSError as error:
            if not isinstance(error, FileNotFoundError):
                raise CablesearchError(f"{path}: cannot be read ({error.strerror})") from error
            raise CorruptIndexError(f"{path}: it is missing") from None
        self.size = size
        self._extra: Mapping[str, NDArray[Any]] = {}
        self._entries = self._read_directory()
        self._chunks = self._read_checksums()
        self._open: dict[str, NDArray[Any]] = {}
        self._touches: dict[str, Touch] = {}

    def _read_directory(self) -> dict[str, Entry]:
        magic, version, length, crc, at = PREFIX.unpack_from(self.content)
        if magic != MAGIC:
            raise CorruptIndexError(f"{self.path}: not a segment of cablesearch")
        if version > VERSION:
            raise VersionError(
                f"{self.path}: made by a newer cablesearch (segments of version {version}, this one reads {OLDEST} to "
                f"{VERSION}); upgrade this one"
            )
        if version < OLDEST:
            raise VersionError(
                f"{self.path}: made by an older cablesearch (segments of version {version}, this one reads {OLDEST} to "
                f"{VERSION}); index the cables again"
            )
        self.version = int(version)
        end = at + length + PREFIX.size
        if end != self.size:
            what = "it is cut off" if self.size < end else "something stands behind its end"
            raise CorruptIndexError(f"{self.path}: {self.size} bytes long instead of {end}; {what}")
        if length > LARGEST_DIRECTORY:
            raise CorruptIndexError(f"{self.path}: its directory is too large to be one")
        directory = bytes(self.content[at : at + length])
        if zlib.crc32(directory) != crc:
            raise CorruptIndexError(f"{self.path}: its directory is damaged")
        # No checksum covers the version, which says how the rest is read.
        if PREFIX.unpack_from(self.content, at + length)[1] != version:
            raise CorruptIndexError(f"{self.path}: its first and its last bytes say that it is of different versions")
        try:
            entries = read_entries(directory, PREFIX.size + ROOM, at)
        except ValueError as error:
            raise CorruptIndexError(f"{self.path}: {error}") from error
        end = 0
        for name, (dtype, count, offset, _) in sorted(entries.items(), key=lambda entry: (entry[1][2], entry[1][1])):
            if offset < end:
                raise CorruptIndexError(f"{self.path}: {name} lies over another array")
            end = offset + count * dtype.itemsize
        return entries

    def _read_checksums(self) -> dict[str, tuple[int, int]]:
        """Where the checksums of the chunks of each large array are, and how many."""
        found: dict[str, tuple[int, int]] = {}
        total = 0
        for name, (dtype, count, _, _) in self._entries.items():
            if name != _CHECKSUMS and count * dtype.itemsize > 1 << CHUNK_BITS:
                found[name] = (total, -(-count * dtype.itemsize >> CHUNK_BITS))
                total += found[name][1]
        if self.type_of(_CHECKSUMS) != ("u4", total):
            raise CorruptIndexError(f"{self.path}: its checksums are not those of its arrays")
        return found

    def with_others(self, extra: Mapping[str, NDArray[Any]], replaces: Callable[[str], bool]) -> Arrays:
        """Return the same file with other arrays, held in memory, in place of those that it is to lose.

        Args:
            extra: the other arrays by name.
            replaces: whether the array of that name is lost.
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
        """The names of the arrays."""
        return [name for name in self._entries if name != _CHECKSUMS]

    def type_of(self, name: str) -> tuple[str, int]:
        """The type (``u4``) and the number of values of an array, which is not read.

        Raises:
            CorruptIndexError: there is none.
        """
        if name in self._extra:
            return self._extra[name].dtype.str[1:], len(self._extra[name])
        try:
            dtype, count, _, _ = self._entries[name]
        except KeyError:
            raise CorruptIndexError(f"{self.path}: it has no {name}") from None
        return dtype.str[1:], count

    def starts(self, name: str, end: int) -> NDArray[Any]:
        """An array that says where things begin that stand end to end; one more closes the last.

        Raises:
            CorruptIndexError: it does not rise from 0 to ``end``.
        """
        values = self[name]
        if not len(values) or values[0] or int(values[-1]) != end or bool((values[1:] < values[:-1]).any()):
            raise CorruptIndexError(f"{self.path}: {name} does not rise from 0 to {end}")
        return values

    def __getitem__(self, name: str) -> NDArray[Any]:
        """The array of that name, a read-only view of the file, checked as a whole when it is first asked for.

        Raises:
            CorruptIndexError: there is none, or its checksum is wrong.
        """
        array = self._open.get(name)
        if array is None:
            array = self._view(name)
            self._check(name, array)
            self._open[name] = array
        return array

    def sliced(self, name: str) -> tuple[NDArray[Any], Touch]:
        """An array of which parts are read, and what has to be called before one is: (start, end) of its values.

        Raises:
            CorruptIndexError: there is none, or its checksum is wrong.
        """
        if name in self._extra:
            return self._extra[name], untouched
        array = self._view(name)
        if array.nbytes <= _CHECKED_AT_ONCE:
            return self[name], untouched
        if name not in self._touches:
            self._touches[name] = _Chunks(f"{self.path}: the checksum of {name} is wrong", array, self._own(name)).touch
        return array, self._touches[name]

    def _view(self, name: str) -> NDArray[Any]:
        self.type_of(name)
        dtype, count, offset, _ = self._entries[name]
        return np.frombuffer(self.content, dtype, count, offset)

    def _own(self, name: str) -> NDArray[np.uint32]:
        """The checksums of an array's chunks."""
        first, count = self._chunks[name]
        own: NDArray[np.uint32] = self[_CHECKSUMS][first : first + count]
        if zlib.crc32(own.data) != self._entries[name][3]:
            raise CorruptIndexError(f"{self.path}: the checksum of {name} is wrong")
        return own

    def _check(self, name: str, array: NDArray[Any]) -> None:
        """Compare the checksum of a whole array, or those of all of its chunks."""
        if name in self._chunks:
            _Chunks(f"{self.path}: the checksum of {name} is wrong", array, self._own(name)).touch(0, len(array))
        elif zlib.crc32(array.data) != self._entries[name][3]:
            raise CorruptIndexError(f"{self.path}: the checksum of {name} is wrong")

    def verify(self) -> list[str]:
        """What is damaged, a sentence each: every array is read and its checksum compared, and what lies between the
        arrays must be zero, and what is there twice the same."""
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
            faults.append(f"{self.path}: its last bytes are not its first ones")
        for start, end in [*sorted(ends), (directory, directory)]:
            between += self.content[at:start]
            at = max(at, end)
        return [*faults, f"{self.path}: something stands between its arrays"] if any(between) else faults

    def _beyond_spare(self, directory: bytes) -> bytes:
        """What stands in the room of the spare directory besides; all of it when it is another's."""
        room = bytes(self.content[PREFIX.size : PREFIX.size + ROOM])
        spare = spare_directory(room)
        return room[_SPARE.size + _SPARE.unpack_from(room)[0] :] if spare == directory else room
