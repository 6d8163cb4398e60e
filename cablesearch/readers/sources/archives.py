"""Compressed files read as streams: gzip and zip, one inside the other, nothing ever written to disk."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, cast

__all__ = ["Allowance", "Stream", "gunzipped", "is_gzip", "is_zip", "members"]

FREE = 100_000_000
"""Bytes that any archive may unpack to."""
RATIO = 200
"""Beyond that, an archive may unpack to this multiple of its size; plain text packs 3 to 10 times."""
LARGEST_INNER = 64_000_000
"""Bytes of a zip archive inside another archive, which is held in memory."""
_PACKED = 1 << 16
"""Packed bytes that are read at once."""

LARGEST_DIRECTORY = 32_000_000
"""Bytes of the directory of a zip archive, which takes some ten times as much memory; 251,287 files need 25 MB."""
LARGEST_INNER_DIRECTORY = 4_000_000
"""The same for an archive inside another."""

_DAMAGE = (
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
_OFFICE_PART = "[Content_Types].xml"
_FORM_PART = "mimetype"


class _BombError(Exception):
    """An archive is a bomb."""


class Allowance:
    """The limit to what a file, and all that is packed in it, may unpack to. ``packed`` returns the bytes read of the
    file."""

    def __init__(self, packed: Callable[[], int]) -> None:
        self._packed = packed
        self._unpacked = 0

    def spend(self, size: int) -> None:
        """Count unpacked bytes; raise an error when there are too many."""
        self._unpacked += size
        if self._unpacked > FREE and self._unpacked > RATIO * self._packed():
            raise _BombError


class Stream:
    """A stream of bytes with a name that ends early, and says why, instead of raising.

    ``damage`` is None, or, after the end, describes the fault of the stream in words for the person at the terminal.
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
        """Return the next bytes without taking them, less than ``size`` only at the end."""
        while len(self._ahead) < size and (more := self._next(size - len(self._ahead))):
            self._ahead += more
        return self._ahead

    def read(self, size: int) -> bytes:
        """Return at most ``size`` bytes, an empty text at the end."""
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
                f"unpacks to more than {RATIO} times its size (a decompression bomb?); if you trust it, unpack it first"
            )
        except _DAMAGE as error:
            self.damage = f"cannot be read to its end: {_words(error)}"
        return b""


def is_gzip(start: bytes) -> bool:
    """Return whether bytes are the start of a gzip file."""
    return start.startswith(b"\x1f\x8b")


def is_zip(start: bytes) -> bool:
    """Return whether bytes are the start of a zip archive."""
    return start.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def gunzipped(stream: Stream) -> Stream:
    """Return what a gzip stream unpacks to."""
    unpacker = _Gunzip(stream)

    def read(size: int) -> bytes:
        try:
            block = unpacker.read(size)
        except _DAMAGE as error:
            raise OSError(stream.damage) if stream.damage else error from None
        stream.allowance.spend(len(block))
        return block

    return Stream(stream.name, read, stream.allowance)


class _Gunzip:
    """Unpacks gzip data, one part after another, never more than is asked for, and all that stands before damage.

    The standard library's reader takes headers, and zeros behind a part, byte by byte.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._unpacker = zlib.decompressobj(wbits=31)
        self._packed = b""

    def read(self, size: int) -> bytes:
        while True:
            packed = self._packed or self._stream.read(_PACKED)
            if self._unpacker.eof:
                self._packed = packed.lstrip(b"\0")
                if self._packed:
                    self._unpacker = zlib.decompressobj(wbits=31)
                elif not packed:
                    return self._ended()
                continue
            block = self._unpacker.decompress(packed, size)
            self._packed = self._unpacker.unused_data if self._unpacker.eof else self._unpacker.unconsumed_tail
            if block:
                return block
            if not packed:
                raise EOFError("the file ends within the packed data")

    def _ended(self) -> bytes:
        if self._stream.damage:
            raise OSError(self._stream.damage)
        return b""


def members(stream: Stream) -> Iterator[Stream]:
    """Yield the files in a zip archive, in the order of its directory; one that cannot be opened is damaged from the
    start.

    When the archive as a whole cannot be read, the damage is ``stream``'s.
    """
    try:
        if stream.file and stream.file.seekable():
            archive = zipfile.ZipFile(_Directory(stream.file, LARGEST_DIRECTORY))
        else:
            archive = zipfile.ZipFile(_Directory(_held(stream), LARGEST_INNER_DIRECTORY))
    except _DAMAGE as error:
        stream.damage = stream.damage or f"cannot be read: {_words(error)}"
        return
    with archive:
        if _is_document(archive):
            stream.damage = "not a cable: an office document or e-book (a zip file); save it as plain text first"
            return
        for member in archive.infolist():
            if not member.filename.endswith("/") or member.file_size:
                yield _member(stream, archive, member)


def _is_document(archive: zipfile.ZipFile) -> bool:
    """Return whether an archive is the file of a word processor or the like: these name the kinds of their parts, or
    their own kind before anything else."""
    files = archive.infolist()
    return bool(files) and (files[0].filename == _FORM_PART or _OFFICE_PART in archive.NameToInfo)


def _member(stream: Stream, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Stream:
    name = f"{stream.name}/{member.filename}"
    failed = Stream(name, lambda _: b"", stream.allowance)
    if member.flag_bits & 1:
        failed.damage = "is encrypted: unpack it first"
        return failed
    if stat.S_ISLNK(member.external_attr >> 16):
        failed.damage = "a link in an archive is not followed; name its target as a source"
        return failed
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # The standard library unpacks a block at once, and it may grow a million times.
        failed.damage = "compressed by a method other than deflate: unpack it first"
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
    """Return a zip archive that is not a file of its own, in memory, as it is read from its end."""
    held = io.BytesIO()
    while block := stream.read(1 << 20):
        held.write(block)
        if held.tell() > LARGEST_INNER:
            raise ValueError(f"a zip archive of more than {LARGEST_INNER // 1_000_000} MB in a stream; unpack it first")
    if stream.damage:
        raise OSError(stream.damage)
    return held


class _Directory(io.RawIOBase):
    """A file that refuses to read more at once than the directory of a zip archive may have."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        super().__init__()
        self._file = file
        self._most = most

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size if 0 <= size <= self._most else self._most + 1)
        if len(block) > self._most:
            raise ValueError(f"its directory is larger than {self._most / 1e6:g} MB; unpack it first")
        return block


def _words(error: BaseException) -> str:
    """Return an error in words, the system's own where there are some."""
    return (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__
