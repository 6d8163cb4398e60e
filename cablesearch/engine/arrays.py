"""A file of named flat arrays: written once, memory-mapped ever after.

Layout (integers little-endian): 8 bytes magic, uint32 version, uint32 length of the directory, uint32 CRC-32 of the
directory, 4 zero bytes, uint64 offset of the directory, 32 zero bytes; the arrays, each at a multiple of 64 bytes from
the start of the file; the directory (UTF-8 JSON: name -> [dtype, count, offset, CRC-32]), which ends the file.
"""

from __future__ import annotations

import json
import mmap
import os
import stat
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from cablesearch.engine import files
from cablesearch.errors import CablesearchError, CorruptIndexError

__all__ = ["ArrayWriter", "Arrays", "open_file", "write_arrays"]

MAGIC = b"CABLSEG\n"
VERSION = 3
_PREFIX = struct.Struct("<8sIII4xQ32x")
_DTYPES = {"u1", "u2", "u4", "u8", "i4", "i8"}
_CAREFULLY = sum(getattr(os, flag, 0) for flag in ("O_NONBLOCK", "O_CLOEXEC", "O_NOFOLLOW"))
_ALIGN = 64
_CHECKED_AT_ONCE = 8 << 20
_LARGEST_DIRECTORY = 1 << 20
"""A directory is some kilobytes; what JSON becomes in memory is a multiple of its text."""


def _aligned(offset: int) -> int:
    return -(-offset // _ALIGN) * _ALIGN


def open_file(path: Path) -> BinaryIO:
    """Open a file for reading; a pipe or a device is not waited for, and a link not followed: an index from a
    stranger is never to lead out of its folder.

    Raises:
        CorruptIndexError: it is no file.
        OSError: it cannot be read.
    """
    if path.is_symlink():
        raise CorruptIndexError(f"{path}: it is a link, not a file")
    descriptor = os.open(path, os.O_RDONLY | _CAREFULLY)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise CorruptIndexError(f"{path}: it is no file")
    return open(descriptor, "rb")


class ArrayWriter:
    """Writes a file of arrays, each whole or piece by piece; `close` makes it one that can be read.

    Raises:
        FileExistsError: there is a file already; it may be one that readers have mapped.
    """

    def __init__(self, path: Path) -> None:
        self._file = files.NewFile(path)
        self._end = _PREFIX.size
        self._entries: dict[str, list[Any]] = {}
        self._written: dict[str, int] = {}

    def __enter__(self) -> ArrayWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if error is not None:
            # The room may be what it failed for want of.
            files.remove(self._file.path)

    def allocate(self, name: str, dtype: str, count: int) -> None:
        """Keep room for an array of that many values, to be filled by `append`."""
        offset = _aligned(self._end)
        self._entries[name] = [dtype, count, offset, 0]
        self._written[name] = offset
        self._end = offset + count * np.dtype(dtype).itemsize

    def append(self, name: str, values: NDArray[Any]) -> None:
        """Write the next values of an array that there is room for."""
        entry = self._entries[name]
        data = np.ascontiguousarray(values, dtype="<" + entry[0]).data.cast("B")
        entry[3] = zlib.crc32(data, entry[3])
        self._file.write(data, self._written[name])
        self._written[name] += len(data)

    def add(self, name: str, array: NDArray[Any]) -> None:
        """Write a one-dimensional array of integers."""
        self.allocate(name, array.dtype.str[1:], len(array))
        self.append(name, array)

    def close(self) -> int:
        """Write the directory and sync everything to the disk; the file's size in bytes."""
        for name, (dtype, count, offset, _) in self._entries.items():
            assert self._written[name] == offset + count * np.dtype(dtype).itemsize, name
        directory = json.dumps(self._entries, separators=(",", ":")).encode()
        self._file.write(directory, self._end)
        prefix = _PREFIX.pack(MAGIC, VERSION, len(directory), zlib.crc32(directory), self._end)
        self._file.write(prefix, 0)
        self._file.sync()
        return self._end + len(directory)


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> int:
    """Write ``arrays`` (one-dimensional, of integers) to ``path`` and sync it to the disk; its size in bytes."""
    with ArrayWriter(path) as writer:
        for name, array in arrays.items():
            writer.add(name, array)
        return writer.close()


class Arrays:
    """The arrays of one file, memory-mapped and read-only.

    Raises:
        CorruptIndexError: the file is not one of ours, of another version, cut off or damaged in its directory.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with open_file(path) as file:
                size = os.fstat(file.fileno()).st_size
                if size < _PREFIX.size:
                    raise CorruptIndexError(f"{path}: cut off, only {size} bytes long")
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            if not isinstance(error, FileNotFoundError):
                raise CablesearchError(f"{path}: cannot be read ({error.strerror})") from error
            raise CorruptIndexError(f"{path}: it is missing") from None
        self.size = size
        self._entries = self._read_directory()
        self._open: dict[str, NDArray[Any]] = {}

    def _read_directory(self) -> dict[str, tuple[np.dtype[Any], int, int, int]]:
        magic, version, length, crc, at = _PREFIX.unpack_from(self._map)
        if magic != MAGIC:
            raise CorruptIndexError(f"{self.path}: not a segment of cablesearch")
        if version != VERSION:
            raise CorruptIndexError(
                f"{self.path}: format version {version}; this program reads {VERSION}: index the cables again"
            )
        if at + length != self.size:
            raise CorruptIndexError(f"{self.path}: {self.size} bytes long instead of {at + length}; it is cut off")
        if length > _LARGEST_DIRECTORY:
            raise CorruptIndexError(f"{self.path}: its directory is too large to be one")
        directory = self._map[at:]
        if zlib.crc32(directory) != crc:
            raise CorruptIndexError(f"{self.path}: its directory is damaged")
        entries = {}
        try:
            for name, (kind, count, offset, check) in json.loads(directory).items():
                if kind not in _DTYPES or any(type(one) is not int or one < 0 for one in (count, offset, check)):
                    raise ValueError(name)
                dtype = np.dtype("<" + kind)
                if offset < _PREFIX.size or offset + count * dtype.itemsize > at:
                    raise CorruptIndexError(f"{self.path}: cut off within {name}")
                entries[name] = (dtype, count, offset, check)
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise CorruptIndexError(f"{self.path}: its directory makes no sense ({error})") from error
        end = 0
        for name, (dtype, count, offset, _) in sorted(entries.items(), key=lambda entry: (entry[1][2], entry[1][1])):
            if offset < end:
                raise CorruptIndexError(f"{self.path}: {name} lies over another array")
            end = offset + count * dtype.itemsize
        return entries

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    @property
    def names(self) -> list[str]:
        """The names of the arrays."""
        return list(self._entries)

    def type_of(self, name: str) -> tuple[str, int]:
        """The type (``u4``) and the number of values of an array, which is not read.

        Raises:
            CorruptIndexError: there is none.
        """
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
        """The array of that name, a read-only view of the file.

        Raises:
            CorruptIndexError: there is none, or its checksum is wrong. Arrays too large to be read whole for one
                search are checked by `verify` alone.
        """
        array = self._open.get(name)
        if array is not None:
            return array
        try:
            dtype, count, offset, check = self._entries[name]
        except KeyError:
            raise CorruptIndexError(f"{self.path}: it has no {name}") from None
        array = np.frombuffer(self._map, dtype, count, offset)
        if array.nbytes <= _CHECKED_AT_ONCE and zlib.crc32(array.data) != check:
            raise CorruptIndexError(f"{self.path}: the checksum of {name} is wrong")
        self._open[name] = array
        return array

    def verify(self) -> list[str]:
        """What is damaged, a sentence each: every array is read and its checksum compared, and what lies between the
        arrays must be zero."""
        faults = [
            f"{self.path}: the checksum of {name} is wrong"
            for name, (dtype, count, offset, check) in self._entries.items()
            if zlib.crc32(np.frombuffer(self._map, dtype, count, offset).data) != check
        ]
        ends = [(offset, offset + count * dtype.itemsize) for dtype, count, offset, _ in self._entries.values()]
        at = _PREFIX.size
        between = self._map[20:24] + self._map[32:at]
        directory = _PREFIX.unpack_from(self._map)[4]
        for start, end in [*sorted(ends), (directory, directory)]:
            between += self._map[at:start]
            at = max(at, end)
        return [*faults, f"{self.path}: something stands between its arrays"] if any(between) else faults

    def forget(self) -> None:
        """Give back the memory of what was read; it is read from the file again when it is asked for."""
        self._map.madvise(mmap.MADV_DONTNEED)
