"""Editions in TEI, such as the volumes of Foreign Relations of the United States (FRUS): a document a cable.

https://github.com/HistoryAtState/frus has the volumes, https://tei-c.org/release/doc/tei-p5-doc/ the names of elements.
A volume is read as a stream, a document at a time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers.expat import ExpatError
from xml.sax.saxutils import escape, quoteattr

from cablesearch.readers.records import BEGINNING, LONGEST_RECORD, FileText, Format, Record, Rejected, too_long
from cablesearch.readers.tei_documents import (
    MalformedTeiError,
    local_name,
    parse_document,
    parser_without_entities,
)

__all__ = ["TEI"]

_ROOTS = ("TEI", "TEI.2", "teiCorpus", "teiCorpus.2")
_ROOT = re.compile(rf"<(?:[A-Za-z]{{1,20}}:)?(?:{'|'.join(map(re.escape, _ROOTS))})[\s>]")
_OF_PAGE = re.compile(r"<(?:html|table|pre|body)[\s>]", re.IGNORECASE)
_KINDS = frozenset({"document", "letter", "telegram", "memorandum", "report", "despatch", "dispatch"})
"""The kinds of a division that are documents."""
_DIVISION = re.compile(r"div[0-9]?")
_MOST_DEPTH = 200
_LONGEST_TITLE = 1000
_BLOCK = 1 << 16


def _looks_like_tei(head: str) -> bool:
    """Return whether a text begins like TEI, or like other XML that is not a web page and is rejected as such."""
    start = head[:20].lstrip("\ufeff \t\r\n")
    if not start.startswith("<"):
        return False
    return _ROOT.search(head) is not None or (start.startswith("<?xml") and not _OF_PAGE.search(head))


@dataclass(slots=True)
class _Division:
    """A division that holds documents: the depth at which it stands, and the pieces of its title."""

    depth: int
    title: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Document:
    """A document in a volume: its id, its text as XML, the titles above it, and the page on which it begins."""

    id: str
    text: str
    titles: str
    page: int | None
    is_too_long: bool


class _Volume:
    """Cuts a volume into its documents, as its text comes in."""

    def __init__(self) -> None:
        self.id = ""
        self.documents: list[_Document] = []
        self._title: list[str] = []
        self._divisions: list[_Division] = []
        self._depth = 0
        self._page: int | None = None
        # The document that is open: its id, depth, first byte and page.
        self._open: tuple[str, int, int, int | None] | None = None
        # What text is added to, up to which depth, and how many notes within it are open.
        self._into: tuple[list[str], int] | None = None
        self._notes = 0
        # The bytes of the open document, and the block before.
        self._kept, self._kept_from = bytearray(), 0
        self._long: bytes | None = None
        self._parser = parser_without_entities(self._add)
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    @property
    def title(self) -> str:
        """The title of the volume."""
        return _title(self._title)

    @property
    def line(self) -> int:
        """The line that is being read."""
        return self._parser.CurrentLineNumber

    def feed(self, text: str, *, is_last: bool = False) -> None:
        """Take the next part of the volume.

        Raises:
            ExpatError, MalformedTeiError: it is not XML, or not that of an edition.
        """
        data = text.encode("utf-8", "surrogateescape")
        if not text.isascii() and any("\udc80" <= character <= "\udcff" for character in text):
            data = data.decode("cp1252", "replace").encode()
        if self._open is None or self._long is not None:
            # An element that begins in one block may end in the next.
            whole = self._kept_from + len(self._kept)
            self._kept = self._kept[-_BLOCK:]
            self._kept_from = whole - len(self._kept)
        elif len(self._kept) > LONGEST_RECORD:
            start = self._open[2] - self._kept_from
            self._long = bytes(self._kept[start : start + BEGINNING])
        self._kept += data
        self._parser.Parse(data, is_last)

    def _start(self, name: str, values: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise MalformedTeiError(f"its elements are nested more than {_MOST_DEPTH} deep")
        name = local_name(name)
        if self._depth == 1:
            self.id = _id(values)
            if name not in _ROOTS:
                raise MalformedTeiError(f"XML that is neither a web page nor an edition in TEI (<{name[:50]}>)")
        elif name == "pb":
            page = values.get("n", "")
            self._page = int(page) if page.isascii() and page.isdecimal() and len(page) < 7 else None
        elif name == "note":
            self._notes += 1
        elif self._open is not None:
            return
        elif _DIVISION.fullmatch(name):
            if values.get("type") in _KINDS:
                self._open = _id(values), self._depth, self._parser.CurrentByteIndex, self._page
            else:
                self._divisions.append(_Division(self._depth))
        elif name == "head" and self._divisions and self._divisions[-1].depth == self._depth - 1:
            self._into = self._divisions[-1].title, self._depth
        elif name == "title" and not self._divisions and (not self._title or values.get("type") == "complete"):
            self._title.clear()
            self._into = self._title, self._depth

    def _end(self, name: str) -> None:
        if local_name(name) == "note":
            self._notes -= 1
        if self._open is not None and self._open[1] == self._depth:
            self._close(name)
        if self._divisions and self._divisions[-1].depth == self._depth:
            self._divisions.pop()
        if self._into and self._into[1] == self._depth:
            self._into = None
        self._depth -= 1

    def _close(self, name: str) -> None:
        """End the open document."""
        assert self._open is not None
        document_id, _, start, page = self._open
        if start < self._kept_from and self._long is None:
            raise MalformedTeiError(f"an element is longer than {_BLOCK:,} bytes")
        end = self._parser.CurrentByteIndex - self._kept_from
        xml = self._long or bytes(self._kept[start - self._kept_from : end]) + f"</{name}>".encode()
        titles = " > ".join(filter(None, (_title(division.title) for division in self._divisions)))
        is_long = self._long is not None
        self.documents.append(_Document(document_id, xml.decode("utf-8", "replace"), titles, page, is_long))
        self._open = self._long = None

    def _add(self, text: str) -> None:
        if self._into and not self._notes and self._open is None:
            self._into[0].append(text)


def _id(values: dict[str, str]) -> str:
    return " ".join((values.get("xml:id") or values.get("id") or "").split())


def _title(pieces: list[str]) -> str:
    return " ".join("".join(pieces).split())[:_LONGEST_TITLE]


def _records(text: FileText) -> Iterator[Record | Rejected]:
    volume = _Volume()
    file_id = os.path.basename(text.name).split(".", 1)[0]
    number = 0
    blocks = (block[at : at + _BLOCK] for block in text.blocks for at in range(0, len(block), _BLOCK))
    is_last = False
    while not is_last:
        block = next(blocks, None)
        is_last = block is None
        if is_last and text.damage():
            return  # the file is cut off, and that is reported
        fault = None
        try:
            volume.feed(block or "", is_last=is_last)
        except (ExpatError, MalformedTeiError) as error:
            fault = f"faulty XML: {error}" if isinstance(error, ExpatError) else str(error)
        for document in volume.documents:
            number += 1
            yield _record(text, number, document, volume.id or file_id, volume.title)
        volume.documents.clear()
        if fault:
            why = f"not read on from line {volume.line}" if number else "not a cable"
            yield Rejected(text.name, None, f"{why}: {fault}", "")
            return
    if not number:
        reason = "not a cable: TEI without documents (divisions of the type document or letter)"
        yield Rejected(text.name, None, reason, "")


def _record(text: FileText, number: int, document: _Document, volume: str, title: str) -> Record | Rejected:
    if document.is_too_long:
        return Rejected(text.name, number, too_long(), document.text)
    if not document.id:
        reason = "not a cable: a document without an id (xml:id)"
        return Rejected(text.name, number, reason, document.text[:BEGINNING])
    return text.record(TEI, (document.text, volume, title, document.titles), number, document.page)


def _raw(fields: tuple[str, ...]) -> str:
    """Return a volume that has only the document."""
    text, volume, title, titles = fields
    return (
        f'<TEI xmlns="http://www.tei-c.org/ns/1.0" xmlns:frus="http://history.state.gov/frus/ns/1.0" '
        f"xml:id={quoteattr(volume)}><teiHeader><title>{escape(title)}</title></teiHeader><text><div>"
        f"<head>{escape(titles)}</head>{text}</div></text></TEI>"
    )


TEI = Format("tei", "documents of editions in TEI (FRUS)", _looks_like_tei, _records, parse_document, raw=_raw)
