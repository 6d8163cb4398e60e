"""A file of named flat arrays: written once, memory-mapped ever after.

Layout (integers little-endian): 8 bytes magic, uint32 version, uint32 length of the header, uint32 CRC-32 of the
header, 4 zero bytes, the header (UTF-8 JSON: name -> [dtype, count, offset, CRC-32]), then the arrays, each at a
multiple of 64 bytes from the start of the file.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cablesearch.errors import CablesearchError, CorruptIndexError

__all__ = ["Arrays", "write_arrays"]

MAGIC = b"CABLSEG\n"
VERSION = 1
_PREFIX = struct.Struct("<8sIII4x")
_DTYPES = {"u1", "u2", "u4", "u8", "i4", "i8"}
_UNUSED = 4
_ALIGN = 64
_CHECKED_AT_ONCE = 8 << 20


def _aligned(offset: int) -> int:
    return -(-offset // _ALIGN) * _ALIGN


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> int:
    """Write ``arrays`` (one-dimensional, of integers) to ``path`` and sync it to the disk; its size in bytes."""
    flat = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    entries: dict[str, list[Any]] = {}
    offset = 0
    for name, array in flat.items():
        entries[name] = [array.dtype.str[1:], len(array), offset, zlib.crc32(array.data)]
        offset = _aligned(offset + array.nbytes)
    header = json.dumps(entries, separators=(",", ":")).encode()
    start = _aligned(_PREFIX.size + len(header))
    # A file that is there already may be one that readers have mapped.
    with path.open("xb") as file:
        file.write(_PREFIX.pack(MAGIC, VERSION, len(header), zlib.crc32(header)))
        file.write(header)
        for name, array in flat.items():
            file.seek(start + entries[name][2])
            file.write(array.data)
        file.truncate(start + offset)
        file.flush()
        os.fsync(file.fileno())
    return start + offset


class Arrays:
    """The arrays of one file, memory-mapped and read-only.

    Raises:
        CorruptIndexError: the file is not one of ours, of another version, cut off or damaged in its header.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                if size < _PREFIX.size:
                    raise CorruptIndexError(f"{path}: cut off, only {size} bytes long")
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            if not isinstance(error, FileNotFoundError):
                raise CablesearchError(f"{path}: cannot be read ({error.strerror})") from error
            raise CorruptIndexError(f"{path}: it is missing") from None
        self.size = size
        self._entries = self._read_header()
        self._checked: set[str] = set()

    def _read_header(self) -> dict[str, tuple[np.dtype[Any], int, int, int]]:
        magic, version, length, crc = _PREFIX.unpack_from(self._map)
        if magic != MAGIC:
            raise CorruptIndexError(f"{self.path}: not a segment of cablesearch")
        if version != VERSION:
            raise CorruptIndexError(
                f"{self.path}: format version {version}; this program reads {VERSION}: index the cables again"
            )
        header = self._map[_PREFIX.size : _PREFIX.size + length]
        if len(header) < length or zlib.crc32(header) != crc:
            raise CorruptIndexError(f"{self.path}: its header is damaged")
        start = _aligned(_PREFIX.size + length)
        entries = {}
        try:
            for name, (kind, count, offset, check) in json.loads(header).items():
                if kind not in _DTYPES or type(count) is not int or type(offset) is not int or min(count, offset) < 0:
                    raise ValueError(name)
                dtype = np.dtype("<" + kind)
                if start + offset + count * dtype.itemsize > self.size:
                    raise CorruptIndexError(f"{self.path}: cut off within {name}")
                entries[name] = (dtype, count, start + offset, check)
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise CorruptIndexError(f"{self.path}: its header makes no sense ({error})") from error
        return entries

    @property
    def names(self) -> list[str]:
        """The names of the arrays."""
        return list(self._entries)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """The array of that name, a read-only view of the file.

        Raises:
            CorruptIndexError: there is none, or its checksum is wrong. Arrays too large to be read whole for one
                search are checked by `verify` alone.
        """
        try:
            dtype, count, offset, check = self._entries[name]
        except KeyError:
            raise CorruptIndexError(f"{self.path}: it has no {name}") from None
        array = np.frombuffer(self._map, dtype, count, offset)
        if name not in self._checked and array.nbytes <= _CHECKED_AT_ONCE:
            if zlib.crc32(array.data) != check:
                raise CorruptIndexError(f"{self.path}: the checksum of {name} is wrong")
            self._checked.add(name)
        return array

    def verify(self) -> list[str]:
        """What is damaged, a sentence each: every array is read and its checksum compared, and what lies between the
        arrays must be zero."""
        faults = [
            f"{self.path}: the checksum of {name} is wrong"
            for name, (dtype, count, offset, check) in self._entries.items()
            if zlib.crc32(np.frombuffer(self._map, dtype, count, offset).data) != check
        ]
        at = _PREFIX.size + _PREFIX.unpack_from(self._map)[2]
        ends = [(offset, offset + count * dtype.itemsize) for dtype, count, offset, _ in self._entries.values()]
        between = self._map[_PREFIX.size - _UNUSED : _PREFIX.size]
        for start, end in [*sorted(ends), (self.size, self.size)]:
            between += self._map[at:start]
            at = max(at, end)
        return [*faults, f"{self.path}: something stands between its arrays"] if any(between) else faults
