"""Records of sources: files, directories, standard input, and the contents of zip and gzip files.

The format of a file is recognised by its content, never by its name. Nothing is skipped silently: files that are not
cables, cannot be read or are hidden are reported as :class:`Rejected`. Files are read in the order of their names, in
blocks, and one record at a time."""

from __future__ import annotations

import bisect
import io
import itertools
import os
import stat
import sys
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from cablesearch.arguments import paths as paths_of
from cablesearch.readers.formats import known
from cablesearch.readers.records import BEGINNING, HEAD, FileText, OnNote, ReadingOptions, Record, Rejected
from cablesearch.readers.sources import archives
from cablesearch.readers.sources.archives import Allowance, Stream
from cablesearch.readers.sources.binaries import SAMPLE, is_pdf, why_binary
from cablesearch.readers.sources.decoding import text_blocks, with_line_feeds

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["Skip", "Skipped", "scan"]

MAX_DEPTH = 4
"""How many archives may be nested."""
_START_OF_RECORD = 500
"""Characters of a record by which its page of a PDF is found."""
_LEAST_OF_RECORD = 40
"""Characters that a record has at least if it is found by them."""
_Key = tuple[int, int]
"""Identifies a directory, whatever names lead to it."""


class Skipped(NamedTuple):
    """Names in a folder that are not read, and the reason that is reported for all of them; None reports nothing."""

    names: Container[str]
    reason: str | None = None


Skip = Callable[[str, Sequence[str]], "Skipped | None"]
"""Called with a folder and the names in it: returns those that are not to be read, or None."""


def scan(
    sources: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    progress: Callable[[int, int], None] | None = None,
    skip: Skip | None = None,
    options: ReadingOptions | None = None,
    on_note: OnNote | None = None,
) -> Iterator[Record | Rejected]:
    """Yield the records of a source or several, and what is rejected, in a fixed order.

    A source is a file, a directory (all files under it, in the order of their names) or ``-``, standard input.
    ``progress(done, total)`` is called with the bytes read of the files on disk; ``total`` is 0 when it is not known
    beforehand, as with standard input. ``skip`` leaves out files of folders, such as those of an archive. ``options``
    say how to read what the files themselves do not explain. ``on_note(file, note)`` is called with what was guessed of
    a file, such as the columns of a table.

    Raises:
        TypeError: ``sources`` is neither a path nor several.
    """
    return _scanned(paths_of("sources", sources), progress, skip, _Reading(options or ReadingOptions(), on_note))


def _scanned(
    paths: Sequence[str], progress: Callable[[int, int], None] | None, skip: Skip | None, reading: _Reading
) -> Iterator[Record | Rejected]:
    meter = _Meter(progress, 0 if progress is None or "-" in paths else _total(paths, skip))
    for path in paths:
        if path == "-":
            yield from _standard_input(meter, _Context(None, reading))
        else:
            yield from _source(path, meter, skip, reading)


class _Reading(NamedTuple):
    """What holds for all files of a scan."""

    options: ReadingOptions
    on_note: OnNote | None


class _Context(NamedTuple):
    """What the reading of a file knows of its source: its path, None for standard input, and what holds for all."""

    source: str | None
    reading: _Reading

    def shown(self, name: str) -> str | None:
        """Return a file's path from the name of the source on."""
        if self.source is None:
            return None
        below = name[len(self.source) :]
        return (os.path.basename(os.path.abspath(self.source)) + below).replace(os.sep, "/")


def _key(status: os.stat_result) -> _Key:
    return status.st_dev, status.st_ino


def _source(path: str, meter: _Meter, skip: Skip | None, reading: _Reading) -> Iterator[Record | Rejected]:
    empty = True
    context = _Context(path.rstrip(os.sep), reading)
    for item in _walk(path, _Tree(path, skip), explicit=True):
        empty = False
        if isinstance(item, Rejected):
            yield item
        else:
            yield from _path(item, meter, context)
    if empty:
        yield Rejected(path, None, "an empty directory", "")


def _total(paths: Iterable[str], skip: Skip | None) -> int:
    """Return the bytes of all files that will be read."""
    items = (item for path in paths for item in _walk(path, _Tree(path, skip), explicit=True))
    return sum(_size(item) for item in items if isinstance(item, str))


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0  # the reason is reported when it is opened


class _Tree:
    """A source that is walked: its place, and the directories and links met so far. Links may lead anywhere inside it,
    but not outside: whoever supplies a folder decides what is in it, not which other files of a disk are read."""

    def __init__(self, source: str, skip: Skip | None = None) -> None:
        self.source, self.skip = source, skip
        self.directories: dict[_Key, str] = {}
        self._root = os.path.realpath(source) if "\0" not in source else source
        self._linked: dict[str, str] = {}

    def why_not(self, link: str) -> str | None:
        """Return why a link is not followed, or None."""
        target = os.path.realpath(link)
        if os.path.commonpath([self._root, target]) != self._root:
            return "a link that leads out of the folder; name its target as a source to read it"
        if not os.path.isfile(target):
            return None
        inside = os.path.relpath(target, self._root)
        if not any(part.startswith(".") for part in inside.split(os.sep)):
            return f"a link to a file that is read as {os.path.join(self.source, inside)}"
        first = self._linked.setdefault(target, link)
        return None if first == link else f"a link to a file that was already read, as {first}"


def _walk(path: str, tree: _Tree, *, explicit: bool = False) -> Iterator[str | Rejected]:
    """Yield the files under a path, and a rejection for what must not be read."""
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
        yield Rejected(path, None, f"a link to a directory that was already read, as {tree.directories[key]}", "")
        return
    tree.directories[key] = path
    try:
        names = sorted(os.listdir(path))
    except OSError as error:
        yield Rejected(path, None, _cannot_be_read(error), "")
        return
    skipped = tree.skip(path, names) if tree.skip else None
    if skipped:
        names = [name for name in names if name not in skipped.names]
        if skipped.reason:
            yield Rejected(path, None, skipped.reason, "")
    for name in names:
        inner = os.path.join(path, name)
        if name.startswith("."):
            yield Rejected(inner, None, "hidden; name it as a source to read it", "", is_hidden=True)
        else:
            yield from _walk(inner, tree)


def _path(path: str, meter: _Meter, context: _Context) -> Iterator[Record | Rejected]:
    try:
        with io.BufferedReader(_CountedFile(path, meter), 1 << 16) as file:
            size = os.fstat(file.fileno()).st_size
            meter.start(size)
            yield from _file(Stream(path, file.read, Allowance(lambda: size or meter.of_file), file), context)
    except OSError as error:
        yield Rejected(path, None, _cannot_be_read(error), "")
    meter.finish()


def _standard_input(meter: _Meter, context: _Context) -> Iterator[Record | Rejected]:
    file = sys.stdin.buffer

    def read(size: int) -> bytes:
        block = file.read(size)
        meter.add(len(block))
        return block

    meter.start(0)
    yield from _file(Stream("-", read, Allowance(lambda: meter.of_file), file), context)
    meter.finish()


def _file(stream: Stream, context: _Context, depth: int = 0) -> Iterator[Record | Rejected]:
    """Yield what a file holds, unpacked when it is packed."""
    start = stream.peek(512)
    if not archives.is_gzip(start) and not archives.is_zip(start):
        yield from _content(stream, context)
    elif depth == MAX_DEPTH:
        yield Rejected(stream.name, None, f"more than {MAX_DEPTH} archives packed in one another; unpack it first", "")
    elif archives.is_gzip(start):
        yield from _file(archives.gunzipped(stream), context, depth + 1)
    else:
        empty = True
        for member in archives.members(stream):
            empty = False
            yield from _file(member, context, depth + 1)
        if stream.damage:
            yield Rejected(stream.name, None, stream.damage, "")
        elif empty:
            yield Rejected(stream.name, None, "an archive without files", "")


def _content(stream: Stream, context: _Context) -> Iterator[Record | Rejected]:
    """Yield the records of a file that is not packed, and at the end the damage to the file."""
    start = stream.peek(SAMPLE)
    if is_pdf(start):
        yield from _pdf(stream, context)
    elif kind := why_binary(start):
        yield Rejected(stream.name, None, f"not a cable: {kind}", start[:BEGINNING].decode("utf-8", "surrogateescape"))
    else:
        yield from _text(stream, text_blocks(stream.read), context)
    if stream.damage:
        yield Rejected(stream.name, None, stream.damage, "")


def _text(stream: Stream, blocks: Iterator[str], context: _Context) -> Iterator[Record | Rejected]:
    """Yield the records of a text."""
    blocks = with_line_feeds(blocks)
    head = next(blocks, "")
    blocks = itertools.chain([head], blocks)
    head = head[:HEAD]
    form = known.format_of(head)
    if form:
        text = FileText(stream.name, blocks, lambda: stream.damage, context.shown(stream.name), context.reading.options)
        on_note = context.reading.on_note
        yield from form.records(replace(text, on_note=on_note) if on_note else text)
    elif not stream.damage:
        yield Rejected(stream.name, None, known.why_no_format(head), head[:BEGINNING])


def _pdf(stream: Stream, context: _Context) -> Iterator[Record | Rejected]:
    """Yield the records of the text of a PDF, each with the page on which it begins."""
    from cablesearch.readers.sources.pdf_text import UnreadablePdfError, pdf_pages

    try:
        pages = pdf_pages(stream.read)
    except UnreadablePdfError as error:
        if not stream.damage:
            yield Rejected(stream.name, None, f"not a cable: {error}", "")
        return
    starts = list(itertools.accumulate((len(page) + 1 for page in pages[:-1]), initial=0))
    text = "\n".join(pages)
    place = 0
    for item in _text(stream, iter([text]), context):
        if isinstance(item, Record) and item.provenance:
            start = item.fields[0][:_START_OF_RECORD]
            # The name of a column, such as the first field of a table's row is, may stand anywhere.
            at = text.find(start, place) if len(start) >= _LEAST_OF_RECORD else -1
            place = max(place, at)
            page = bisect.bisect_right(starts, at) if at >= 0 else None
            yield replace(item, provenance=replace(item.provenance, page=page))
        else:
            yield item


def _cannot_be_read(error: Exception) -> str:
    return f"cannot be read: {(isinstance(error, OSError) and error.strerror) or error}"


class _Meter:
    """Counts the bytes read, and reports them."""

    def __init__(self, tell: Callable[[int, int], None] | None, total: int) -> None:
        self._tell = tell
        self._total = total
        self._before = 0
        self._size = 0
        self.of_file = 0

    def start(self, size: int) -> None:
        """Begin a file of this size; 0 when its size is unknown."""
        self._size = size
        self.of_file = 0

    def add(self, count: int) -> None:
        """Count bytes that were read; some of an archive are read twice."""
        self.of_file += count
        self._report(min(self.of_file, self._size) if self._size else self.of_file)

    def finish(self) -> None:
        """End the file, however much of it was read."""
        self._before += self._size or self.of_file
        self._size = self.of_file = 0
        self._report(0)

    def _report(self, of_file: int) -> None:
        if self._tell:
            done = self._before + of_file
            # A file may have grown since it was measured.
            self._tell(min(done, self._total) if self._total else done, self._total)


class _CountedFile(io.FileIO):
    """A file that reports to a meter how much of it is read."""

    def __init__(self, path: str, meter: _Meter) -> None:
        super().__init__(path)
        self._meter = meter

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        count = super().readinto(buffer)
        self._meter.add(count or 0)
        return count
