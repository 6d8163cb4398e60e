"""A glance at an index without NumPy: the keywords of its visible documents, for programs that must answer at once.

NumPy alone takes longer to import than a shell may wait for completions. This reads the few arrays that it needs with
the standard library. Like `cablesearch.engine.disk.arrays` it checks every array that it reads, as a whole; unlike it,
whatever is damaged or made by another version raises `GlanceError` without saying what.
"""

from __future__ import annotations

import base64
import json
import mmap
import re
import struct
import sys
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from cablesearch.engine.disk import files

__all__ = ["Glance", "GlanceError"]

_MANIFEST = "manifest.json"
_LARGEST_MANIFEST = 64 << 20
_MOST_BRACKETS = 1 << 17
_SEGMENT = re.compile(r"[0-9]{8}\.seg")
_FORMATS = range(2, 6)
_VERSIONS = range(4, 6)
_MAGIC = b"CABLSEG\n"
_PREFIX = struct.Struct("<8sIII4xQ32x")
_LARGEST_DIRECTORY = 1 << 20
_CHUNK = 1 << 16
_CODES: dict[str, Literal["B", "H", "I", "Q"]] = {"u1": "B", "u2": "H", "u4": "I", "u8": "Q"}
"""The formats of `struct` for the types of arrays."""

_Sees = Callable[[bytes], bool]


class GlanceError(Exception):
    """The index cannot be read without NumPy."""


class Glance:
    """The last commit of an index.

    Attributes:
        notes: the notes of the application.

    Args:
        path: the folder of the index.

    Raises:
        GlanceError: there is no index, it is damaged, or made by another version.
    """

    def __init__(self, path: Path) -> None:
        try:
            body = _body(_content(path / _MANIFEST, _LARGEST_MANIFEST))
            self.notes: Mapping[str, object] = dict(body["notes"])
            self._segments = [(path / entry["name"], _deleted(entry["deleted"])) for entry in body["segments"]]
            if not all(_SEGMENT.fullmatch(entry["name"]) for entry in body["segments"]):
                raise GlanceError
        except GlanceError:
            raise
        except Exception as error:
            raise GlanceError from error

    def keywords(
        self,
        field: str,
        prefix: str,
        *,
        class_field: str,
        sees: _Sees | None,
        length: int | None = None,
        most: int | None = None,
    ) -> list[str]:
        """Return the keywords of visible documents that begin with a prefix, sorted.

        Args:
            field: the keyword field.
            prefix: what the keywords begin with.
            class_field: the keyword field whose one value decides whether a document is visible.
            sees: returns whether documents of such a value are visible; None: all are.
            length: return only the first letters of each keyword, up to this number, each beginning once.
            most: if there are more than this, return the first ones of them, one more than this.

        Raises:
            GlanceError: the index is damaged.
        """
        words: set[str] = set()
        wanted = None if most is None else most + 1
        try:
            for path, deleted in self._segments:
                with _Segment(path) as segment:
                    shown = _Shown(segment, deleted, class_field, sees)
                    # The first ones of all are among the first ones of each, however documents are spread.
                    words.update(islice(_matching(segment, field, prefix, shown, length), wanted))
        except GlanceError:
            raise
        except Exception as error:
            raise GlanceError from error
        return sorted(words)[:wanted]


def _body(content: bytes) -> Any:
    """Return the body of a manifest after a check of its checksum."""
    # Brackets take far more memory than text.
    if content.count(b"[") + content.count(b"{") > _MOST_BRACKETS:
        raise GlanceError
    outer = json.loads(content)
    body = outer["body"]
    if outer["format"] not in _FORMATS or outer["crc32"] != zlib.crc32(json.dumps(body, sort_keys=True).encode()):
        raise GlanceError
    return body


def _content(path: Path, largest: int) -> bytes:
    with files.open_file(path) as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise GlanceError
    return content


def _deleted(listed: object) -> Callable[[int], bool] | None:
    """Return a test for deleted blocks, from the entry of a manifest; None if no block is deleted."""
    if not listed:
        return None
    if isinstance(listed, str):
        bits = base64.b64decode(listed, validate=True)
        return lambda block: block >> 3 < len(bits) and bool(bits[block >> 3] >> (block & 7) & 1)
    assert isinstance(listed, list)
    return set(listed).__contains__


class _Segment:
    """The arrays of a segment, read when they are asked for; a context manager, after which they cannot be used."""

    def __init__(self, path: Path) -> None:
        if sys.byteorder != "little":
            raise GlanceError
        with files.open_file(path) as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._content = memoryview(self._map)
        self._views: dict[str, memoryview[int]] = {}
        magic, version, length, crc, at = _PREFIX.unpack_from(self._content)
        directory = bytes(self._content[at : at + min(length, _LARGEST_DIRECTORY)])
        if magic != _MAGIC or version not in _VERSIONS or zlib.crc32(directory) != crc:
            raise GlanceError
        self._entries: dict[str, Any] = json.loads(directory)

    def __enter__(self) -> _Segment:
        return self

    def __exit__(self, *error: object) -> None:
        # The mapping goes with the last of its views.
        self._views.clear()

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def __getitem__(self, name: str) -> memoryview[int]:
        """Return an array after a check of its checksum."""
        if name not in self._views:
            kind, count, offset, check = self._entries[name]
            data = self._content[offset : offset + count * struct.calcsize(_CODES[kind])]
            chunks = [zlib.crc32(data[at : at + _CHUNK]) for at in range(0, len(data), _CHUNK)]
            whole = zlib.crc32(struct.pack(f"<{len(chunks)}I", *chunks)) if len(chunks) > 1 else sum(chunks)
            values = data.cast(_CODES[kind])
            if whole != check or len(values) != count:
                raise GlanceError
            self._views[name] = values
        return self._views[name]


class _Strings(Sequence[bytes]):
    """The sorted terms of a field."""

    def __init__(self, segment: _Segment, field: str) -> None:
        self._terms, self._starts = segment[f"{field}.terms"], segment[f"{field}.term_starts"]

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, number: Any) -> Any:
        return bytes(self._terms[self._starts[number] : self._starts[number + 1]])


class _Shown:
    """Which documents and blocks of a segment are visible; see `cablesearch.engine.search.view`."""

    def __init__(
        self, segment: _Segment, deleted: Callable[[int], bool] | None, class_field: str, sees: _Sees | None
    ) -> None:
        self._segment, self._deleted, self._class_field, self._sees = segment, deleted, class_field, sees
        self._blocks: dict[int, bool] = {}
        self._looked_at = 0

    @property
    def everything(self) -> bool:
        return self._deleted is None and self._sees is None

    @cached_property
    def _covered(self) -> list[bool]:
        return [self._sees is None or self._sees(term) for term in _Strings(self._segment, self._class_field)]

    def _seen(self, doc: int) -> bool:
        """Return whether a document is visible, deleted or not: whether its one class is."""
        if self._sees is None:
            return True
        values, first = self._segment[f"{self._class_field}.values"], f"{self._class_field}.first"
        if first not in self._segment:
            return self._covered[values[doc]]
        start, end = self._segment[first][doc], self._segment[first][doc + 1]
        return end == start + 1 and self._covered[values[start]]

    def block(self, block: int) -> bool:
        """Return whether a block is visible: one of its members, or its first lead if it has no members."""
        if self._deleted and self._deleted(block):
            return False
        if block not in self._blocks:
            first = self._segment["block.first"]
            start, end = first[block], first[block + 1]
            # In a segment that was made to keep us busy, blocks may overlap.
            self._looked_at += end - start
            if end < start or self._looked_at > first[-1]:
                raise GlanceError
            members = range(start + self._segment["block.leads"][block], end)
            self._blocks[block] = any(map(self._seen, members)) if members else self._seen(start)
        return self._blocks[block]

    def document(self, doc: int) -> bool:
        """Return whether a document is visible; a lead is only with its block."""
        first = self._segment["block.first"]
        block = bisect_right(first, doc) - 1
        if self._deleted and self._deleted(block):
            return False
        is_lead = doc < first[block] + self._segment["block.leads"][block]
        return self._seen(doc) and (not is_lead or self.block(block))


def _matching(segment: _Segment, field: str, prefix: str, shown: _Shown, length: int | None) -> Iterator[str]:
    """Yield the visible keywords of a segment that begin with a prefix, or the beginnings of these."""
    if f"{field}.units" not in segment:
        # Written before there was this field.
        return
    terms = _Strings(segment, field)
    units, first = segment[f"{field}.units"], segment[f"{field}.unit_first"]
    visible = shown.block if f"{field}.shared" in segment else shown.document
    start = prefix.encode("utf-8", "surrogatepass")
    number = bisect_left(terms, start)
    while number < len(terms) and (term := terms[number]).startswith(start):
        begin, end = first[number], first[number + 1]
        if end < begin:
            raise GlanceError
        number += 1
        if shown.everything or any(map(visible, units[begin:end])):
            word = term.decode("utf-8", "surrogatepass")[:length]
            yield word
            if len(word) == length:
                # To the first term that begins otherwise: no UTF-8 has the byte 255.
                number = bisect_left(terms, word.encode("utf-8", "surrogatepass") + b"\xff", number)
