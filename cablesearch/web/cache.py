"""Answers that were given, so that the same question does not have to be answered again.

All processes of a server keep their answers in the same memory, which is mapped before they are forked: each question
is answered once, whichever process is asked. The memory is a ring, in which new answers overwrite the oldest, with a
table of where each answer starts.

A process may be killed at any moment. So entries are given up before their bytes are overwritten, an answer is complete
before the table names it, and the system releases the lock of a process that ends.
"""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import struct
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import zstandard

__all__ = ["Answer", "Cache", "Key"]

_BYTES = 64 << 20
_USUAL = 1 << 10
"""Bytes of a compressed answer; the table has one place per this many bytes."""
_LARGEST = 1 << 20
"""Bytes of an answer; larger ones are not kept."""
_LEVEL = 1
"""The level of compression: answers of eleven kilobytes shrink to a third, and take 17 microseconds to unpack."""
_BUCKET = 8
"""Places of the table that an answer may have."""
_HEAD = struct.Struct("=Q")
_PLACE = struct.Struct("=16sQ")
_ENTRY = struct.Struct("=16sI")
_ANSWER = struct.Struct("=qB")

Key = tuple[str, ...]
"""What an answer depends on: the commit, the clearance, and the whole question."""


class Answer(NamedTuple):
    """An answer as it is sent.

    Attributes:
        body: its bytes.
        etag: the entity tag.
        total: the number of hits, if the answer is a page of them.
    """

    body: bytes
    etag: str
    total: int | None = None


class Cache:
    """Keeps the answers that were used last, in bounded memory that is shared with processes forked later.

    Args:
        size: the bytes of the answers, as they are kept.
    """

    def __init__(self, size: int = _BYTES) -> None:
        self.on_get: Callable[[bool], None] = lambda is_hit: None
        """Is to be called with whether an answer was there, once for each question."""
        self._size = size
        self._buckets = max(1, size // _USUAL // _BUCKET)
        self._ring = _HEAD.size + self._buckets * _BUCKET * _PLACE.size
        # Memory without a name: it is on no disk, and gone with the last process. Pages not yet written take none.
        self._file = os.memfd_create("answers")
        weakref.finalize(self, os.close, self._file)
        os.ftruncate(self._file, self._ring + size)
        self._memory = mmap.mmap(self._file, self._ring + size)
        # An empty place of the table starts before every answer.
        _HEAD.pack_into(self._memory, 0, size)
        # The lock of the file holds between processes, not between the threads of one.
        self._lock = threading.Lock()
        self._salt = os.urandom(16)
        self._packers = threading.local()

    def get(self, key: Key) -> Answer | None:
        """Return the answer that is kept for a question, if there is one."""
        name = self._name(key)
        with self._locked():
            entry = self._entry(name)
            if entry is None:
                return None
            start, packed = entry
            if self._head - start > self._size * 3 // 4:
                # It would be written over soon.
                self._write(name, packed)
        total, length = _ANSWER.unpack_from(packed)
        etag = packed[_ANSWER.size : _ANSWER.size + length].decode()
        if not hasattr(self._packers, "unpack"):
            self._packers.unpack = zstandard.ZstdDecompressor().decompress
        body: bytes = self._packers.unpack(packed[_ANSWER.size + length :])
        return Answer(body, etag, None if total < 0 else total)

    def put(self, key: Key, answer: Answer) -> None:
        """Keep an answer, unless it is large."""
        if len(answer.body) > min(_LARGEST, self._size // 4):
            return
        if not hasattr(self._packers, "pack"):
            self._packers.pack = zstandard.ZstdCompressor(_LEVEL).compress
        etag = answer.etag.encode()
        total = -1 if answer.total is None else answer.total
        packed = b"".join([_ANSWER.pack(total, len(etag)), etag, self._packers.pack(answer.body)])
        with self._locked():
            self._write(self._name(key), packed)

    def _name(self, key: Key) -> bytes:
        return hashlib.blake2b(repr(key).encode("utf-8", "surrogatepass"), digest_size=16, salt=self._salt).digest()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._lock:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)

    @property
    def _head(self) -> int:
        """Where the next answer starts, counted over all rounds of the ring."""
        head: int = _HEAD.unpack_from(self._memory)[0]
        return head

    def _places(self, name: bytes) -> list[tuple[int, bytes, int]]:
        """Return the places of the table that an answer may have: where each is, the name in it, and its start."""
        bucket = int.from_bytes(name[:8], "little") % self._buckets
        first = _HEAD.size + bucket * _BUCKET * _PLACE.size
        offsets = range(first, first + _BUCKET * _PLACE.size, _PLACE.size)
        return [(offset, *_PLACE.unpack_from(self._memory, offset)) for offset in offsets]

    def _entry(self, name: bytes) -> tuple[int, bytes] | None:
        """Return where an answer starts, and the answer."""
        for _, kept, start in self._places(name):
            if kept == name and self._head - start <= self._size:
                at = self._ring + start % self._size
                own, size = _ENTRY.unpack_from(self._memory, at)
                at += _ENTRY.size
                # Another name, if a process was killed while it wrote this place of the table.
                return (start, self._memory[at : at + size]) if own == name else None
        return None

    def _write(self, name: bytes, packed: bytes) -> None:
        size = _ENTRY.size + len(packed)
        start = self._head
        if start % self._size + size > self._size:
            start += self._size - start % self._size
        _HEAD.pack_into(self._memory, 0, start + size)
        at = self._ring + start % self._size
        self._memory[at : at + size] = _ENTRY.pack(name, len(packed)) + packed
        places = self._places(name)
        offset = next((place for place, kept, _ in places if kept == name), None)
        if offset is None:
            offset = min(places, key=lambda place: place[2])[0]
        _PLACE.pack_into(self._memory, offset, name, start)
