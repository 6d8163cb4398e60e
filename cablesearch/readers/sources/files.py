"""Sources made records: files, directories, standard input, and what is packed in zip and gzip files.

What a file holds is told by its content and never by its name. Nothing is skipped without a word: what is no cable,
cannot be read, or is hidden comes out as :class:`Rejected`. Files are read in the order of their names, in blocks, and
one record at a time.
"""

from __future__ import annotations

import io
import itertools
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from cablesearch.cable import ReferenceId
from cablesearch.readers.formats.cables_csv import MAX_RECORD, Row, looks_like_rows, rows
from cablesearch.readers.formats.html_pages import looks_like_page
from cablesearch.readers.formats.telegram_texts import telegram_texts, why_no_telegram
from cablesearch.readers.records import Record, Rejected
from cablesearch.readers.sources import archives
from cablesearch.readers.sources.archives import Allowance, Stream
from cablesearch.readers.sources.decoding import text_blocks, text_lines

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["Record", "Rejected", "scan"]

MAX_DEPTH = 4
"""How many archives may be packed in one another."""
_HEAD = 65_536
_RAW_OF_JUNK = 1000
_TOO_LONG = f"longer than {MAX_RECORD / 1e6:g} MB"
_JSON_LINE = re.compile(r'^[^\S\n]*\{[^\S\n]*(?:"\w+"[^\S\n]*:|\})', re.MULTILINE)
_OF_AN_INDEX = re.compile(r"manifest(\.copy)?\.json(\.new)?|[0-9]{8}(\.seg|(\.[0-9]+)?\.part)|writer\.lock(\.pid)?")
_Key = tuple[int, int]
"""What tells one directory from all others, whatever names lead to it."""
_SEGMENT = re.compile(r"[0-9]{8}\.seg")
_JSON_SPREAD = re.compile(r"\s*(?:\{[^\S\n]*\n|\[\s*\{)")


def scan(
    sources: Iterable[str | os.PathLike[str]],
    *,
    progress: Callable[[int, int], None] | None = None,
    without: str | os.PathLike[str] | None = None,
) -> Iterator[Record | Rejected]:
    """The records of all sources, and what was refused, in a fixed order.

    A source is a file, a directory (all files under it, in the order of their names) or ``-``, standard input.
    ``progress(done, total)`` is told the bytes read of the files on disk; ``total`` is 0 when it is not known
    beforehand, as with standard input. Of the directory ``without``, the archive in which the
    cables are to go, its own files are not read.
    """
    paths = [os.fspath(source) for source in sources]
    apart = None if without is None else _key(os.stat(without))
    meter = _Meter(progress, 0 if progress is None or "-" in paths else _total(paths, apart))
    for path in paths:
        yield from _standard_input(meter) if path == "-" else _source(path, meter, apart)


def _key(status: os.stat_result) -> _Key:
    return status.st_dev, status.st_ino


def _source(path: str, meter: _Meter, apart: _Key | None) -> Iterator[Record | Rejected]:
    empty = True
    for item in _walk(path, _Tree(path, apart), explicit=True):
        empty = False
        if isinstance(item, Rejected):
            yield item
        else:
            yield from _path(item, meter)
    if empty:
        yield Rejected(path, None, "an empty directory", "")


def _total(paths: Iterable[str], apart: _Key | None) -> int:
    """The bytes of all files that will be read."""
    found = (item for path in paths for item in _walk(path, _Tree(path, apart), explicit=True))
    return sum(_size(item) for item in found if isinstance(item, str))


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0  # why, is said when it is opened


class _Tree:
    """A source that is walked: where it lies, and what of it was met so far. Its links may lead to any place in it, and
    to none outside: who gives away a folder decides what is in it, not what else of a disk is read."""

    def __init__(self, source: str, apart: _Key | None = None) -> None:
        self.source, self.apart = source, apart
        self.directories: dict[_Key, str] = {}
        self._root = os.path.realpath(source) if "\0" not in source else source
        self._linked: dict[str, str] = {}

    def why_not(self, link: str) -> str | None:
        """Why a link is not followed, if it is not."""
        target = os.path.realpath(link)
        if os.path.commonpath([self._root, target]) != self._root:
            return "a link that leads out of the folder; to have it read, name it as a source"
        if not os.path.isfile(target):
            return None
        inside = os.path.relpath(target, self._root)
        if not any(part.startswith(".") for part in inside.split(os.sep)):
            return f"a link to a file that is read as {os.path.join(self.source, inside)}"
        first = self._linked.setdefault(target, link)
        return None if first == link else f"a link to a file that is read already, as {first}"


def _walk(path: str, tree: _Tree, *, explicit: bool = False) -> Iterator[str | Rejected]:
    """The files under a path, and what is there but not to be read."""
    if not explicit and os.path.islink(path) and (reason := tree.why_not(path)):
        yield Rejected(path, None, reason, "")
        return
    try:
        status = os.stat(path)
    except (OSError, ValueError) as error:
        yield Rejected(path, None, _cannot_be_read(error), "")
        return
    if stat.S_ISDIR(status.st_mode):
        yield from _walk_directory(path, _key(status), tree)
    elif stat.S_ISREG(status.st_mode) or explicit:
        yield path
    else:
        yield Rejected(path, None, "not a file but a device, pipe or socket", "")


def _walk_directory(path: str, key: _Key, tree: _Tree) -> Iterator[str | Rejected]:
    if key in tree.directories:
        yield Rejected(path, None, f"a link to a directory that is read already, as {tree.directories[key]}", "")
        return
    tree.directories[key] = path
    try:
        names = sorted(os.listdir(path))
    except OSError as error:
        yield Rejected(path, None, _cannot_be_read(error), "")
        return
    apart = key == tree.apart
    if apart or ("manifest.json" in names and any(map(_SEGMENT.fullmatch, names))):
        names = [name for name in names if not _OF_AN_INDEX.fullmatch(name)]
        if not apart:
            yield Rejected(path, None, "an archive of cablesearch; export its cables, and have those read", "")
    for name in names:
        inner = os.path.join(path, name)
        if name.startswith("."):
            yield Rejected(inner, None, "hidden, so not read; to have it read, name it as a source", "")
        else:
            yield from _walk(inner, tree)


def _path(path: str, meter: _Meter) -> Iterator[Record | Rejected]:
    try:
        with io.BufferedReader(_CountedFile(path, meter), 1 << 16) as file:
            size = os.fstat(file.fileno()).st_size
            meter.start(size)
            yield from _file(Stream(path, file.read, Allowance(lambda: size or meter.of_file), file))
    except OSError as error:
        yield Rejected(path, None, _cannot_be_read(error), "")
    meter.finish()


def _standard_input(meter: _Meter) -> Iterator[Record | Rejected]:
    file = sys.stdin.buffer

    def read(size: int) -> bytes:
        block = file.read(size)
        meter.add(len(block))
        return block

    meter.start(0)
    yield from _file(Stream("-", read, Allowance(lambda: meter.of_file), file))
    meter.finish()


def _file(stream: Stream, depth: int = 0) -> Iterator[Record | Rejected]:
    """What a file holds, unpacked when it is packed."""
    start = stream.peek(512)
    if not archives.is_gzip(start) and not archives.is_zip(start):
        yield from _content(stream, start)
    elif depth == MAX_DEPTH:
        yield Rejected(stream.name, None, f"more than {MAX_DEPTH} archives packed in one another; unpack it first", "")
    elif archives.is_gzip(start):
        yield from _file(archives.gunzipped(stream), depth + 1)
    else:
        empty = True
        for member in archives.members(stream):
            empty = False
            yield from _file(member, depth + 1)
        if stream.damage:
            yield Rejected(stream.name, None, stream.damage, "")
        elif empty:
            yield Rejected(stream.name, None, "an archive without files", "")


def _content(stream: Stream, start: bytes) -> Iterator[Record | Rejected]:
    """The records in a file that is not packed, and at the end what is wrong with the file."""
    blocks = text_blocks(stream.read)
    head = next(blocks, "")
    blocks = itertools.chain([head], blocks)
    kind = _format(head[:_HEAD])
    if kind == "csv":
        yield from _rows(stream, blocks)
    elif kind == "jsonl":
        yield from _lines(stream, blocks)
    elif kind:
        yield from _whole(stream, blocks, kind)
    elif not stream.damage:
        yield Rejected(stream.name, None, _why_no_cable(head[:_HEAD], start), head[:_RAW_OF_JUNK])
    if stream.damage:
        yield Rejected(stream.name, None, stream.damage, "")


def _format(start: str) -> str | None:
    """The format of a file whose text starts so, None when there is no cable in it."""
    if looks_like_rows(start):
        return "csv"
    has_objects = "{" in start and _JSON_LINE.search(start) and not _JSON_SPREAD.match(start)
    if has_objects and start.lstrip().startswith("{"):
        return "jsonl"
    if looks_like_page(start):
        return "html"
    if has_objects:
        return "jsonl"
    return None if _JSON_SPREAD.match(start) or why_no_telegram(start) else "telegram"


def _why_no_cable(text: str, start: bytes) -> str:
    foreign = archives.foreign_archive(start)
    if foreign:
        return f"not a cable: {foreign}; unpack it first"
    if _JSON_SPREAD.match(text):
        return "JSON, but not one object a line; write it so, as jq -c '.[]' does with a list"
    return why_no_telegram(text) or "not a cable"


def _rows(stream: Stream, blocks: Iterator[str]) -> Iterator[Record | Rejected]:
    for row in rows(blocks):
        if isinstance(row, Row):
            yield Record(stream.name, row.number, "csv", row.fields)
        else:
            yield Rejected(stream.name, row.number, row.reason, row.raw)


def _lines(stream: Stream, blocks: Iterator[str]) -> Iterator[Record | Rejected]:
    for number, (line, whole) in enumerate(text_lines(blocks, MAX_RECORD), 1):
        if not whole:
            yield Rejected(stream.name, number, _TOO_LONG, line[:_RAW_OF_JUNK])
        elif line and not line.isspace():
            yield Record(stream.name, number, "jsonl", (line.rstrip("\r"),))


def _whole(stream: Stream, blocks: Iterator[str], kind: str) -> Iterator[Record | Rejected]:
    """A file that is one page or telegram, or several telegrams."""
    text, whole = _joined(blocks)
    if stream.damage:
        # What is left of a cable may lack its signature, or what lowers or raises its classification.
        yield Rejected(stream.name, None, "cut off by damage to its file", text)
    elif not whole:
        yield Rejected(stream.name, None, _TOO_LONG, text[:_RAW_OF_JUNK])
    elif kind == "html":
        yield Record(stream.name, None, kind, (text, _file_id(stream.name)))
    else:
        texts = telegram_texts(text)
        if len(texts) == 1:
            yield Record(stream.name, None, kind, (text, _file_id(stream.name)))
            return
        for number, one in enumerate(texts, 1):
            yield Record(stream.name, number, kind, (one, ""))


def _joined(blocks: Iterator[str]) -> tuple[str, bool]:
    """The text, and whether it is whole, having no more than the characters of the longest record."""
    held: list[str] = []
    size = 0
    for block in blocks:
        held.append(block)
        size += len(block)
        if size > MAX_RECORD:
            return held[0], False
    return "".join(held), True


def _file_id(name: str) -> str:
    """The reference id that a file is named after (``10BEIJING30.txt``, ``10BEIJING30_a.html.gz``), else nothing."""
    stem = os.path.basename(name).split(".", 1)[0].upper().removesuffix("_A")
    return stem if ReferenceId.parse(stem) else ""


def _cannot_be_read(error: Exception) -> str:
    return f"cannot be read: {(isinstance(error, OSError) and error.strerror) or error}"


class _Meter:
    """Counts the bytes read and tells of them."""

    def __init__(self, tell: Callable[[int, int], None] | None, total: int) -> None:
        self._tell = tell
        self._total = total
        self._before = 0
        self._size = 0
        self.of_file = 0

    def start(self, size: int) -> None:
        """A file of this size follows; 0 when its size is not known."""
        self._size = size
        self.of_file = 0

    def add(self, count: int) -> None:
        """So many bytes were read; of archives some are read twice."""
        self.of_file += count
        self._report(min(self.of_file, self._size) if self._size else self.of_file)

    def finish(self) -> None:
        """The file is done, however much of it was read."""
        self._before += self._size or self.of_file
        self._size = self.of_file = 0
        self._report(0)

    def _report(self, of_file: int) -> None:
        if self._tell:
            done = self._before + of_file
            # A file may have grown since it was measured.
            self._tell(min(done, self._total) if self._total else done, self._total)


class _CountedFile(io.FileIO):
    """A file that tells a meter how much of it is read."""

    def __init__(self, path: str, meter: _Meter) -> None:
        super().__init__(path)
        self._meter = meter

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        count = super().readinto(buffer)
        self._meter.add(count or 0)
        return count
