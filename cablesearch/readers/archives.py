"""Compressed files read as streams: gzip and zip, one inside the other, nothing ever written to disk."""

from __future__ import annotations

import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, cast

__all__ = ["Allowance", "Stream", "foreign_archive", "gunzipped", "is_gzip", "is_zip", "members"]

FREE = 100_000_000
"""Bytes that any archive may unpack to."""
RATIO = 200
"""Beyond that, an archive may unpack to so many times its size; plain text packs 3 to 10 times."""
LARGEST_INNER = 64_000_000
"""Bytes of a zip archive inside another archive, which is held in memory."""

_DAMAGE = (
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
_FOREIGN = (
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"BZh", "compressed with bzip2"),
    (b"\xfd7zXZ\x00", "compressed with xz"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
)


class _BombError(Exception):
    """An archive is a bomb."""


class Allowance:
    """How much a file and all that is packed in it may unpack to. ``packed`` gives the bytes of the file so far."""

    def __init__(self, packed: Callable[[], int]) -> None:
        self._packed = packed
        self._unpacked = 0

    def spend(self, size: int) -> None:
        """Count unpacked bytes; an error when they are too many."""
        self._unpacked += size
        if self._unpacked > FREE and self._unpacked > RATIO * self._packed():
            raise _BombError


class Stream:
    """A stream of bytes with a name that ends early, and says why, instead of raising.

    ``damage`` is None, or after the end what is wrong with the stream, in words for the person at the terminal.
    ``file`` is the file on disk when its bytes are the stream's own.
    """

    def __init__(
        self, name: str, read: Callable[[int], bytes], allowance: Allowance, file: BinaryIO | None = None
    ) -> None:
        self.name = name
        self.allowance = allowance
        self.file = file
        self.damage: str | None = None
        self._read = read
        self._ahead = b""

    def peek(self, size: int) -> bytes:
        """The next bytes without taking them, less than ``size`` only at the end."""
        while len(self._ahead) < size and (more := self._next(size - len(self._ahead))):
            self._ahead += more
        return self._ahead

    def read(self, size: int) -> bytes:
        """At most ``size`` bytes, none at the end."""
        if self._ahead:
            taken, self._ahead = self._ahead[:size], self._ahead[size:]
            return taken
        return self._next(size)

    def _next(self, size: int) -> bytes:
        if self.damage is not None:
            return b""
        try:
            return self._read(size)
        except _BombError:
            self.damage = (
                f"unpacks to more than {RATIO} times its size (a decompression bomb?); "
                "if it is what it should be, unpack it first"
            )
        except _DAMAGE as error:
            self.damage = f"cannot be read to its end: {_words(error)}"
        return b""


def is_gzip(start: bytes) -> bool:
    """Whether bytes are the start of a gzip file."""
    return start.startswith(b"\x1f\x8b")


def is_zip(start: bytes) -> bool:
    """Whether bytes are the start of a zip archive."""
    return start.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def foreign_archive(start: bytes) -> str | None:
    """What kind of archive starts with these bytes, if it is one that is not read here."""
    if start[257:262] == b"ustar":
        return "a tar archive"
    return next((kind for magic, kind in _FOREIGN if start.startswith(magic)), None)


def gunzipped(stream: Stream) -> Stream:
    """What a gzip stream unpacks to."""
    unpacker = gzip.GzipFile(fileobj=_Reading(stream), mode="rb")

    def read(size: int) -> bytes:
        try:
            # read1 gives what was unpacked before a place of damage, read would drop it.
            block = unpacker.read1(size)
        except _DAMAGE as error:
            raise OSError(stream.damage) if stream.damage else error from None
        stream.allowance.spend(len(block))
        return block

    return Stream(stream.name, read, stream.allowance)


def members(stream: Stream) -> Iterator[Stream]:
    """The files in a zip archive, in the order of its directory; one that cannot be opened is damaged from the start.

    When the archive as a whole cannot be read, the damage is ``stream``'s.
    """
    try:
        file = stream.file if stream.file and stream.file.seekable() else _held(stream)
        archive = zipfile.ZipFile(file)
    except _DAMAGE as error:
        stream.damage = stream.damage or f"cannot be read: {_words(error)}"
        return
    with archive:
        for member in archive.infolist():
            if not member.is_dir():
                yield _member(stream, archive, member)


def _member(stream: Stream, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Stream:
    name = f"{stream.name}/{member.filename}"
    failed = Stream(name, lambda _: b"", stream.allowance)
    if member.flag_bits & 1:
        failed.damage = "is encrypted: unpack it first"
        return failed
    try:
        opened = cast(zipfile.ZipExtFile, archive.open(member))
    except _DAMAGE as error:
        failed.damage = f"cannot be read: {_words(error)}"
        return failed

    def read(size: int) -> bytes:
        block = opened.read1(size)
        stream.allowance.spend(len(block))
        return block

    return Stream(name, read, stream.allowance)


def _held(stream: Stream) -> BinaryIO:
    """A zip archive that is no file of its own, in memory, since it is read from its end."""
    held = io.BytesIO()
    while block := stream.read(1 << 20):
        held.write(block)
        if held.tell() > LARGEST_INNER:
            raise ValueError(f"a zip archive of more than {LARGEST_INNER // 1_000_000} MB in a stream; unpack it first")
    if stream.damage:
        raise OSError(stream.damage)
    return held


class _Reading(io.RawIOBase):
    """A stream as the file object that gzip wants."""

    def __init__(self, stream: Stream) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size if size > 0 else 1 << 16)


def _words(error: BaseException) -> str:
    """An error in words, the system's own where there are some."""
    return (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__
