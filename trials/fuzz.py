"""The invariants for any input: one target for each kind of input.

A target takes bytes, raises an error if an invariant does not hold, and returns a word for the result. Bytes that once
failed are kept in ``tests/test_fuzz.py``.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gzip
import io
import json
import math
import os
import random
import re
import shutil
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from cablesearch.algorithms import bm25
from cablesearch.archive import Archive, create, open_archive
from cablesearch.cable import Cable
from cablesearch.embedded.upkeep.batches import FolderBatch
from cablesearch.engine.check.verify import verified
from cablesearch.engine.disk import arrays
from cablesearch.engine.index import manifest
from cablesearch.engine.index.writer import Writer
from cablesearch.engine.segment import postings
from cablesearch.engine.segment.builder import SegmentBuilder
from cablesearch.engine.segment.segment import Segment
from cablesearch.errors import ArchiveNotFoundError, CablesearchError, CorruptIndexError, QueryError, UnknownCableError
from cablesearch.indexing.ingest import build
from cablesearch.indexing.repairing import repair
from cablesearch.query import filters, parse
from cablesearch.readers.errors import UnreadableCable
from cablesearch.readers.formats.aad import AAD
from cablesearch.readers.formats.cables_csv import CABLES_CSV
from cablesearch.readers.formats.html_pages import HTML_PAGES
from cablesearch.readers.formats.json_lines import JSON_LINES, parse_line
from cablesearch.readers.formats.tei import TEI
from cablesearch.readers.formats.telegram_texts import TELEGRAM_TEXTS
from cablesearch.readers.json_cables import dumps
from cablesearch.readers.records import Record, Rejected
from cablesearch.readers.sources.files import scan
from cablesearch.readers.telegram.attributes import split_body
from cablesearch.readers.telegram.banners import banners
from cablesearch.readers.telegram.page_breaks import page_breaks
from cablesearch.request import Group, Sort
from cablesearch.results.facets import FACETS, FacetName
from cablesearch.schema.index_fields import documents, indexing_schema
from cablesearch.schema.stored import pack, unpack
from cablesearch.text.analysis import split
from cablesearch.text.lookalikes import legible
from cablesearch.text.terminal import printable
from trials.meter import Bounds, Meter
from trials.mutators import (
    CABLE,
    LARGE_RECORD,
    LARGE_WORDS,
    ROOT,
    Objects,
    Spoiler,
    distinct_words,
    size_in_index,
)

__all__ = ["TARGETS", "Target", "require"]

Target = Callable[[bytes], str]


class BrokenInvariantError(Exception):
    """An invariant does not hold. Unlike an assertion, this is never optimised away."""


def require(holds: object, what: str) -> None:
    """Raise `BrokenInvariantError` unless a condition holds."""
    if not holds:
        raise BrokenInvariantError(what)


@functools.cache
def _folder() -> Path:
    """Return a folder for this process, in memory if possible."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="cablesearch-fuzz-", dir=memory if os.access(memory, os.W_OK) else None))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


# Readers


def _scanned(data: bytes, name: str = "source") -> list[Record | Rejected]:
    """Return the records of a file with these bytes."""
    path = _folder() / name
    path.write_bytes(data)
    items: list[Any] = list(scan([path]))
    require(items, "a file without any output")
    for item in items:
        require(isinstance(item, (Record, Rejected)), f"scan gives {item!r}")
        require(item.row is None or item.row > 0, f"row {item.row}")
        require(item.file.startswith(str(path)), f"an unknown file name, {item.file}")
        if isinstance(item, Rejected):
            require(item.reason.strip(), "rejected without a reason")
    return items


def _parsed(record: Record) -> Cable | None:
    """Return the cable of a record, after writing and reading it in every form."""
    record.digest()
    record.raw()
    try:
        cable = record.parse()
    except UnreadableCable as error:
        require(str(error).strip() and error.reason, "unreadable without a reason")
        return None
    require(isinstance(cable, Cable), f"parse gives {cable!r}")
    content, leads = documents(cable)
    try:
        parts = pack(cable, leads)
    except UnreadableCable as error:
        require("more than" in str(error), "a cable cannot be stored although it is not too large")
        return None
    line = dumps(cable)
    require("\n" not in line and line.encode(), "a cable is not one line of JSON")
    require(parse_line((line,)) == cable, "a cable differs after writing and reading")
    require(len(parts) == len(content), "a record has another number of parts than of documents")
    require(unpack(b"".join(parts)) == cable, "a cable differs after packing and unpacking")
    return cable


_LARGE = 1 << 16
"""Code points of records that are always indexed."""


def _outcome(found: list[Record | Rejected]) -> str:
    """Parse all records, check that the words of telegrams are kept, and occasionally index them."""
    cables = 0
    records = [item for item in found if isinstance(item, Record)]
    if records and (records[0].digest()[0] == 0 or sum(len(item.fields[-1]) for item in records) > _LARGE):
        _indexed(records)
    for item in found:
        if isinstance(item, Record):
            cable = _parsed(item)
            cables += cable is not None
            if cable is not None and item.format != JSON_LINES:
                _keeps_words(cable)
    return "cables" if cables else "no cable" if any(isinstance(item, Record) for item in found) else "refused"


_ROOM, _BESIDE = 64 << 20, 24 << 20
"""Bytes of memory for a segment, and for building it beside that."""
_MOST_RECORDS = 100_000
"""About as many of the smallest records as fit into a batch."""


def _indexed(records: list[Record]) -> None:
    """Check that a segment of the records is sound, and that only readers reject records."""
    path = _folder() / "built.part"
    # A case that exceeded its bounds may have left one.
    path.unlink(missing_ok=True)
    while records:
        meter = Meter()
        outcomes = build(records[:_MOST_RECORDS], FolderBatch(path, b""), _ROOM)
        meter.check(Bounds(math.inf, _ROOM + _BESIDE))
        require(outcomes, "a batch without outcomes")
        records = records[len(outcomes) :]
        for outcome in outcomes:
            require(not outcome.note.startswith("internal error"), outcome.note)
        if path.exists():
            require(verified(Segment(path)) == [], "a segment that was just written is damaged")
            path.unlink()


_PRINTED = re.compile(r"Â?¶?\s*[0-9]*")


def _keeps_words(cable: Cable) -> None:
    """Check that every word of the body is in a part of the cable, except for labels of paragraphs."""
    if re.search("[\ud800-\udfff]", cable.body):
        return  # Paragraphs have other letters for bytes that are not UTF-8.
    # Attributes without a value are not kept.
    message, _ = split_body(cable.body)
    kept, read = [cable.subject or "", cable.subject_marking or "", cable.envelope], legible(cable.body)
    kept.append(cable.attributes.get("Document", ""))  # the number of a document in an edition
    for paragraph in cable.paragraphs:
        printed = _PRINTED.match(read, paragraph.start)
        kept += [paragraph.text, paragraph.section or "", printed[0] if printed else ""]
        if paragraph.marking:
            # The text is shown as a person reads it.
            at = read.find(paragraph.marking, paragraph.start, paragraph.end)
            kept += [paragraph.marking, cable.body[at : at + len(paragraph.marking)] if at >= 0 else ""]
    lost = set(split(message, True)[0]).difference(*(split(text, True)[0] for text in kept))
    require(not lost, f"words of the body are lost: {sorted(lost)[:5]}")


def telegrams(data: bytes) -> str:
    """Check text files of telegrams: the records together are the text."""
    items = _scanned(data)
    text = data.decode("utf-8", "surrogateescape")
    if all(isinstance(item, Record) and item.format in (AAD, TELEGRAM_TEXTS) for item in items) and not _marked(data):
        kept = "".join(item.fields[0] for item in items if isinstance(item, Record))
        require(_signs(kept) == _signs(text), "text of telegrams is lost")
    outcome = _outcome(items)
    if outcome != "cables":
        _parsed(Record("source", None, TELEGRAM_TEXTS, (text, "10STATE284")))
    return outcome


def _marked(data: bytes) -> bool:
    """Return whether a byte order mark determines the encoding."""
    return data[:3] == b"\xef\xbb\xbf" or data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:4] == b"\0\0\xfe\xff"


def rows(data: bytes) -> str:
    """Check rows of cables.csv: every letter and digit is in a row, or in a rejected one."""
    items = _scanned(data)
    if (
        not _marked(data)
        and all(isinstance(item, Rejected) or item.format == CABLES_CSV for item in items)
        and len(items) > 1
    ):
        kept = "".join("".join(item.fields) if isinstance(item, Record) else item.raw for item in items)
        text = data.decode("utf-8", "surrogateescape")
        if not any(isinstance(item, Rejected) and item.row is None for item in items):
            require(_letters(kept) == _letters(text), "letters of rows are lost")
    outcome = _outcome(items)
    if outcome != "cables":
        fields = data.decode("utf-8", "surrogateescape").split("\n", 7)
        _parsed(Record("source", 1, CABLES_CSV, (*fields, *[""] * (8 - len(fields)))))
    return outcome


def _signs(text: str) -> str:
    """Return a text without white space: other line ends than line feeds, and wide gaps, are not kept."""
    return "".join(text.split())


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def pages(data: bytes) -> str:
    """Check web pages: the records together are the text."""
    items = _scanned(data)
    text = data.decode("utf-8", "surrogateescape")
    if not _marked(data) and isinstance(items[0], Record) and items[0].format == HTML_PAGES:
        kept = "".join(item.fields[0] for item in items if isinstance(item, Record))
        require(_signs(kept) == _signs(text), "text of a page is lost")
    outcome = _outcome(items)
    if outcome != "cables":
        _parsed(Record("source", None, HTML_PAGES, (text, "10STATE284")))
    return outcome


def lines(data: bytes) -> str:
    """Check JSON lines: every line that is not blank is a record or rejected."""
    items = _scanned(data)
    text = data.decode("utf-8", "surrogateescape")
    if not _marked(data) and isinstance(items[0], Record) and items[0].format == JSON_LINES:
        expected = [number for number, line in enumerate(text.split("\n"), 1) if line and not line.isspace()]
        require([item.row for item in items] == expected, "lines are lost")
    outcome = _outcome(items)
    if outcome != "cables":
        _parsed(Record("source", 1, JSON_LINES, (text,)))
    return outcome


def others(data: bytes) -> str:
    """Check files that other programs wrote: tables, dumps, JSON, mail, editions. Nothing that they give lowers what
    the text says of its classification."""
    items = _scanned(data)
    for item in items:
        if isinstance(item, Record) and item.format not in (AAD, TELEGRAM_TEXTS, TEI):
            with contextlib.suppress(UnreadableCable):
                cable = item.parse()
                message = split_body(cable.body)[0]
                stated = banners(message, page_breaks(message))[1]
                require(not stated or cable.classification.covers(stated), f"{stated} became {cable.classification}")
    return _outcome(items)


def packed(data: bytes) -> str:
    """Check zip and gzip files: every member is named in the output."""
    items = _scanned(data, "source.zip")
    with contextlib.suppress(Exception), zipfile.ZipFile(io.BytesIO(data)) as archive:
        if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            names = {
                f"{_folder() / 'source.zip'}/{member.filename}" for member in archive.infolist() if not member.is_dir()
            }
            reported = {item.file for item in items}
            missing = [
                name for name in names if not any(file == name or file.startswith(name + "/") for file in reported)
            ]
            require(not missing or len(reported) > 1000, f"members were skipped: {missing[:3]}")
    require(all(item.file.startswith(str(_folder())) for item in items), "a member has the name of a file elsewhere")
    return _outcome(items)


# Queries


@functools.cache
def _searched() -> Archive:
    """Return a small archive of real cables."""
    source = _folder() / "cables.jsonl"
    with gzip.open(ROOT / "samples" / "telegrams-1930s.jsonl.gz", "rb") as file:
        source.write_bytes(b"".join(line for line, _ in zip(file, range(60), strict=False)))
    archive = create(_folder() / "searched")
    archive.index([source, ROOT / "samples" / "10BEIJING30.txt"])
    return archive


def queries(data: bytes) -> str:
    """Check that a query is answered, or rejected with its place, and that equivalent searches agree."""
    text, choice = data.decode("utf-8", "surrogateescape"), zlib.crc32(data)
    archive = _searched()
    for suggestion in archive.suggest(text, 4):
        found = archive.search(suggestion.query, limit=0).total
        require(found >= suggestion.count > 0, f"{suggestion} finds {found}")
    try:
        if choice % 8 == 0:
            values = text.split(" ", 4) + [""] * 4
            filters(tags=values[:1], origins=values[1:2], classifications=values[2:3])
            filters(since=values[3], until=values[4])
        if not text.strip():
            return "empty"
        group: Group = ("paragraph", "cable")[choice >> 4 & 1]
        # The searches parse the other form.
        parse(text, by_cable=group != "cable")
        best = archive.search(text, limit=3, group=group, facets=["tags", "month"] if choice & 8 else [])
        first = archive.search(text, limit=3, group=group, sort=("date", "-date")[choice >> 5 & 1])
    except QueryError as error:
        _well_said(error)
        return "refused"
    require(best.total == first.total, f"{best.total} best, {first.total} first")
    require(len(best) == len(first) == min(3, best.total), "a page has the wrong hits")
    json.dumps(best.to_json())
    for hit in best:
        plain = re.sub(r"</?mark>", "", hit.snippet.html())
        require(not re.search("[<>\"']", plain), f"a snippet is not escaped: {plain}")
    return "found" if best.total else "nothing"


def _well_said(error: QueryError) -> None:
    """Check that an error points into the query and is printable."""
    require(0 <= error.position <= len(error.query), "an error points beyond the query")
    require(error.reason and error.advice, "an error without reason or advice")
    require(printable(str(error)) == str(error), "an error has control characters")


# Damaged and hostile indexes

_ASKED = [
    *(
        "china",
        "text:legation",
        "negotiat*",
        '"united states"',
        '"the government"~3',
        "the of",
        "the OR minister OR war",
    ),
    *(
        "japan -war",
        "minster~1",
        "tag:PGOV",
        "date:1930..1933",
        "class:>=C",
        "*",
        "origin:beijing",
        "number:[2 to 5] the",
    ),
    *("exact:the^2 of", "m?n", "envelope:the", "subject:china OR heading:comment", "id:10BEIJING30", "ref:10BEIJING30"),
]
_FEW: dict[str, Any] = {"LOW_BITS": 3, "FREQUENT": 4, "CHAMPIONS": 3, "CHAMPIONS_FROM": 5, "GROUP": 2}
"""Treat a few documents as many, so that a small segment has arrays of every kind."""


_bounds = functools.lru_cache(256)(bm25.bounds)


@contextlib.contextmanager
def _small() -> Iterator[None]:
    # Most segments here have the same mean lengths; a table for each would take longer than the rest of a check.
    patches = mock.patch.multiple(postings, **_FEW), mock.patch.object(bm25, "bounds", _bounds)
    with patches[0], patches[1], warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


_CITING = CABLE | {
    "id": "09STATE1234",
    "date": "2009-12-01T00:00",
    "references": ["10BEIJING30", "08ROME7"],
    "declassify_on": "1960-03-01",
    "body": "",
    "paragraphs": [
        {"marking": "U", "text": "Summary. The report on trafficking in persons (TIP) quoted President Hu Jintao."},
        {"marking": "C", "text": "Hu spoke of labor trafficking (TIP, a Tourism Info Post). End summary."},
    ],
}


class _Whole:
    """A sound index: its files, its arrays, and its answers."""

    def __init__(self) -> None:
        self.directory = _folder() / "index"
        source = _folder() / "few.jsonl"
        with gzip.open(ROOT / "samples" / "telegrams-1930s.jsonl.gz", "rb") as file:
            few = [line for line, _ in zip(file, range(12), strict=False)]
        source.write_bytes(b"".join(few[:10]) + json.dumps(CABLE).encode() + b"\n" + json.dumps(_CITING).encode())
        with create(self.directory) as archive:
            archive.index([source])
            first = next(iter(archive.export())).id
            archive.remove([first])
        with Writer(self.directory, indexing_schema()) as writer:
            # A second segment, which is never damaged.
            sound = [parse_line((line.decode(),)) for line in few[10:]]
            for cable in sound:
                content, leads = documents(cable)
                writer.add(cable.id, cable.id.encode()[:16].ljust(16), content, pack(cable, leads), leads)
            writer.commit()
        self.sound = {cable.id: dumps(cable) for cable in sound}
        self.manifest = (self.directory / manifest.MANIFEST).read_bytes()
        self.segment_path, self.sound_path = sorted(self.directory.glob("*.seg"))
        self.segment, self.sound_segment = self.segment_path.read_bytes(), self.sound_path.read_bytes()
        read = arrays.Arrays(self.segment_path)
        self.arrays: dict[str, NDArray[Any]] = {name: read[name].copy() for name in read.names}
        self.known: dict[int, str] = {}
        with open_archive(self.directory) as archive:
            self.cables = {cable.id: dumps(cable) for cable in archive.export()}
        self.blocks: int = json.loads(self.manifest)["body"]["segments"][0]["blocks"]

    def sound_in(self, directory: Path) -> dict[str, str]:
        """Return the undamaged cables, if the manifest of a copy still names their segment."""
        named = directory / manifest.MANIFEST
        return self.sound if named.exists() and named.read_bytes() == self.manifest else {}

    def restore(self) -> None:
        """Restore the files."""
        for path in self.directory.iterdir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        (self.directory / manifest.MANIFEST).write_bytes(self.manifest)
        self.segment_path.write_bytes(self.segment)
        self.sound_path.write_bytes(self.sound_segment)

    def answer(self, which: int) -> str:
        """Return the answers of a sound index."""
        if which not in self.known:
            self.restore()
            self.known[which] = _answers(self.directory, which)
        return self.known[which]


@functools.cache
def _whole() -> _Whole:
    with _small():
        return _Whole()


def _answers(directory: Path, which: int) -> str:
    """Return several answers as text."""
    result: list[object] = []
    with open_archive(directory, None if which % 3 else "CONFIDENTIAL") as archive:
        for step in range(3):
            query, by_cable = _ASKED[(which + step * 7) % len(_ASKED)], (which + step) % 4 == 0
            names: list[FacetName] = ["tags", "year", "origin", "classification"]
            facets = names[: (which + step) % 5]
            sort: Sort = ("relevance", "relevance", "date")[step]
            results = archive.search(
                query, limit=4, group="cable" if by_cable else "paragraph", sort=sort, facets=facets
            ).to_json()
            del results["took_ms"]
            result.append(results)
        try:
            cable, _ = archive.show("10BEIJING30@1")
            result.append(dumps(cable))
        except UnknownCableError as error:
            result.append(str(error))
        if which % 4 == 0:
            result += [dumps(cable) for cable in archive.export()]
        begun = ("p", "hum", "labor tr", "human tra", "subject:re", "bei")[which % 6]
        result.append([suggestion.to_json() for suggestion in archive.suggest(begun)])
        result.append(_of_whole(archive, which))
        result.append(repr(archive.stats()))
        if which % 3:
            faults = archive.verify()
            require(all(isinstance(fault, str) and fault for fault in faults), "a fault without a message")
            result.append([])
    return json.dumps(result)


def _of_whole(archive: Archive, which: int) -> object:
    """Return what a feature says about an archive as a whole."""
    query, name = _ASKED[which // 16 % len(_ASKED)], ("10BEIJING30", "09STATE1234", "10BEIJING30@1")[which // 16 % 3]
    group: Group = "cable" if which // 16 % 2 else "paragraph"
    asked: list[Callable[[], object]] = [
        lambda: archive.overview(query if which % 3 else "", group=group).to_json(),
        lambda: archive.references(name, depth=3).to_json(),
        lambda: archive.thread(name).to_json(),
        lambda: archive.graph("" if which % 3 else query).to_json(),
        lambda: archive.cited_but_missing("" if which % 3 else query).to_json(),
        lambda: archive.related_query(name),
        lambda: archive.names("" if which % 3 else query, group=group).to_json(),
        lambda: archive.acronyms("" if which % 3 else query, group=group).to_json(),
        lambda: [expansion.to_json() for expansion in archive.expansions('TIP "trafficking in persons" MFA')],
        lambda: archive.key_phrases("" if which % 3 else query, group=group).to_json(),
        lambda: archive.compare(query, "*", group=group).to_json(),
        lambda: archive.timeline(query, by="month", bursts=True, group=group).to_json(),
        lambda: archive.bursts(query, group=group).to_json(),
        lambda: [archive.first(query, limit=3).to_json(), archive.last(query, limit=3).to_json()],
        lambda: archive.facets(query, [*FACETS], group=group),
        lambda: list(archive.ids(_CONDITIONS[which // 16], sort="citations", group=group)),
    ]
    try:
        return asked[which % len(asked)]()
    except UnknownCableError as error:
        return str(error)


_CONDITIONS = [
    "in:summary",
    "in:comment -in:note",
    "country:china",
    "country:c*",
    "recipients:*s*",
    "signer:*",
    "case:*",
]
_CONDITIONS += ["precedence:*", "declassify:*", "cites:*", "answers:*", "length:5..50", "name:*", 'name:"hu jintao"']
_CONDITIONS += ['"labor trafficking"~~5 OR (human NEAR/5 "the border")', "is:due OR missing:declassify OR has:cites"]


class _Script:
    """Bytes that are read as decisions."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self, below: int) -> int:
        """Return a number from 0; 0 if the bytes are used up."""
        size = 1 if below <= 256 else 4
        part = self._data[self._at : self._at + size]
        self._at += size
        return int.from_bytes(part, "little") % max(1, below)

    @property
    def goes_on(self) -> bool:
        """Return whether bytes are left."""
        return self._at < len(self._data)

    def rest(self) -> bytes:
        """Return the remaining bytes."""
        return self._data[self._at :]


def indexes(data: bytes) -> str:
    """Damage an index as the bytes say, and check that it answers correctly or reports damage.

    If checksums were corrected, answers may differ, but nothing else may happen. The same holds while the index is
    written to; its sound parts stay sound.
    """
    script = _Script(data)
    which, kind = script.number(256), script.number(256)
    with _small():
        whole = _whole()
        right = whole.answer(which)
        whole.restore()
        damage, honest = _damage(kind)
        damage(whole, script)
        # Working on an index takes longer than searching it.
        choice = zlib.crc32(data)
        if kind in _LARGE_DAMAGES or choice % 2:
            _work_on(whole, choice // 2)
        try:
            result = _answers(whole.directory, which)
        except (CorruptIndexError, ArchiveNotFoundError) as error:
            require(str(whole.directory) in str(error), f"an error that names no file: {error}")
            return "refused"
        except CablesearchError as error:
            require("cannot be read" in str(error), f"an error that is not about an index: {error}")
            return "refused"
    require(not honest or result == right, "a damaged index gives another answer")
    return "right" if result == right else "other"


def _work_on(whole: _Whole, choice: int) -> None:
    """Change, copy or check a copy of a damaged index."""
    directory = _folder() / "worked"
    shutil.rmtree(directory, ignore_errors=True)
    if not all(path.is_file() and not path.is_symlink() for path in whole.directory.iterdir()):
        return
    shutil.copytree(whole.directory, directory)
    sound = whole.sound_in(directory)
    work = _WORKS[choice % len(_WORKS)]
    try:
        with open_archive(directory, "FULL") as archive:
            gone = work(whole, archive)
    except CablesearchError as error:
        require(str(directory) in str(error), f"an error of {work.__name__} that names no file: {error}")
        gone = None
    if left := {name: line for name, line in sound.items() if name != gone}:
        require(left.items() <= _saved(directory).items(), f"{work.__name__} lost a sound cable")


def _saved(directory: Path) -> dict[str, str]:
    """Return the cables of an index, or those that can be saved of it."""
    with contextlib.suppress(CablesearchError), open_archive(directory, "FULL") as archive:
        return {cable.id: dumps(cable) for cable in archive.export()}
    target = _folder() / "saved"
    shutil.rmtree(target, ignore_errors=True)
    repair(directory, target, clearance="FULL")
    with open_archive(target, "FULL") as archive:
        return {cable.id: dumps(cable) for cable in archive.export()}


def _index(whole: _Whole, archive: Archive) -> None:
    source = _folder() / "more.jsonl"
    source.write_text(json.dumps(CABLE | {"id": "10BEIJING31"}) + "\n" + json.dumps(CABLE), encoding="utf-8")
    report = archive.index([source])
    require(report.taken == 2, f"of two cables {report.taken} are added")


def _remove(whole: _Whole, archive: Archive) -> str | None:
    name, sound = min(whole.sound), whole.sound_in(archive.path)
    unknown = archive.remove([name])
    require(not (sound and unknown), "an existing cable is unknown")
    return name


def _compact(whole: _Whole, archive: Archive) -> None:
    archive.compact()
    require(archive.verify() == [], "damage was merged")


def _backup(whole: _Whole, archive: Archive) -> None:
    target, sound = _folder() / "copied", whole.sound_in(archive.path)
    shutil.rmtree(target, ignore_errors=True)
    archive.backup(target)
    require(sound.items() <= _saved(target).items(), "a copy lacks a sound cable")


def _deep(whole: _Whole, archive: Archive) -> None:
    require(all(isinstance(fault, str) and fault for fault in archive.verify(deep=True)), "a fault without a message")


_WORKS: list[Callable[[_Whole, Archive], str | None]] = [_index, _remove, _compact, _backup, _deep]


def ruins(data: bytes) -> str:
    """Damage an index as the bytes say and repair it. Check that only true cables are saved (unless checksums were
    corrected), and that all errors are ours."""
    script = _Script(data)
    has_copy, kind = script.number(256) % 4, script.number(256)
    target = _folder() / "saved"
    shutil.rmtree(target, ignore_errors=True)
    with _small():
        whole = _whole()
        whole.restore()
        if has_copy:
            (whole.directory / manifest.COPY).write_bytes(whole.manifest)
        damage, honest = _damage(kind)
        damage(whole, script)
        try:
            report = repair(whole.directory, target)
        except CablesearchError as error:
            require(str(whole.directory) in str(error), f"an error that names no file: {error}")
            return "refused"
        with open_archive(target, "FULL") as archive:
            # Verifying takes as long as saving.
            if zlib.crc32(data) % 4 == 0:
                require(archive.verify() == [], "what was saved is damaged")
            saved = {cable.id: dumps(cable) for cable in archive.export()}
    right = whole.cables
    require(len(saved) == report.saved, "the report has the wrong number of cables")
    if honest and not report.doubts:
        require(len(saved) + report.missing == len(right), "a cable is neither saved nor lost")
    if honest and not any("may be back" in doubt for doubt in report.doubts):
        require(saved.items() <= right.items(), "a false cable was saved")
    return "all" if len(saved) == len(right) else "some" if saved else "none"


def _overwritten(content: bytes, script: _Script) -> bytes:
    changed = bytearray(content)
    while script.goes_on:
        place = script.number(1 << 32) % len(changed)
        changed[place] ^= script.number(255) + 1
    return bytes(changed)


def _bytes_of_segment(whole: _Whole, script: _Script) -> None:
    whole.segment_path.unlink()
    whole.segment_path.write_bytes(_overwritten(whole.segment, script))


def _bytes_of_manifest(whole: _Whole, script: _Script) -> None:
    (whole.directory / manifest.MANIFEST).write_bytes(_overwritten(whole.manifest, script))


def _cut(whole: _Whole, script: _Script) -> None:
    path = (whole.segment_path, whole.directory / manifest.MANIFEST)[script.number(2)]
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[: script.number(len(content))])


def _other_manifest(whole: _Whole, script: _Script) -> None:
    """Replace the manifest by another one with a correct checksum."""
    body, chance = json.loads(whole.manifest)["body"], random.Random(script.rest())
    line = Objects(Spoiler([whole.manifest], ["generation", "deleted", "name", "00000002.seg", "../x"]))(
        json.dumps(body).encode(), chance
    )
    try:
        changed = json.loads(line)
        outer = {"format": manifest.FORMAT, "crc32": manifest._checksum(changed), "body": changed}
        (whole.directory / manifest.MANIFEST).write_text(json.dumps(outer), encoding="utf-8")
    except (ValueError, TypeError):
        (whole.directory / manifest.MANIFEST).write_bytes(line)


def _other_directory(whole: _Whole, script: _Script) -> None:
    """Replace a directory of arrays by another one with a correct checksum."""
    chance = random.Random(script.rest())
    magic, version, length, _, at = arrays.PREFIX.unpack_from(whole.segment)
    directory = whole.segment[at : at + length]
    names = [*whole.arrays, "u8", "i8", "x.docs", "text.shared", "4294967296"]
    changed = Objects(Spoiler([directory], names))(directory, chance)
    prefix = arrays.PREFIX.pack(magic, version, len(changed), zlib.crc32(changed), at)
    whole.segment_path.unlink()
    whole.segment_path.write_bytes(prefix + whole.segment[len(prefix) : at] + changed + prefix)


def _other_arrays(whole: _Whole, script: _Script) -> None:
    """Replace one or more arrays, with correct checksums."""
    _craft(whole, dict(whole.arrays), script)


def _craft(whole: _Whole, changed: dict[str, NDArray[Any]], script: _Script) -> None:
    """Change one or more arrays, and write the segment."""
    names = sorted(changed)
    for _ in range(1 + script.number(4) // 2):
        name = names[script.number(len(names))]
        if name in changed:
            values = _CRAFTS[script.number(len(_CRAFTS))](changed[name], script)
            if values is None:
                del changed[name]
            else:
                changed[name] = values
    whole.segment_path.unlink()
    arrays.write_arrays(whole.segment_path, changed)


def _value(values: NDArray[Any], script: _Script) -> int:
    most = int(np.iinfo(values.dtype).max)
    return (0, 1, most, most // 2, script.number(1 << 32) % (most + 1), script.number(300) % (most + 1))[
        script.number(6)
    ]


def _with_one(values: NDArray[Any], script: _Script) -> NDArray[Any]:
    changed = values.copy()
    if len(changed):
        changed[script.number(1 << 32) % len(changed)] = _value(values, script)
    return changed


def _with_a_bit(values: NDArray[Any], script: _Script) -> NDArray[Any]:
    changed = values.copy()
    if len(changed):
        place = script.number(1 << 32) % len(changed)
        changed[place] ^= changed.dtype.type(1 << script.number(changed.dtype.itemsize * 8 - 1))
    return changed


def _swapped(values: NDArray[Any], script: _Script) -> NDArray[Any]:
    changed = values.copy()
    if len(changed):
        first, second = (script.number(1 << 32) % len(changed) for _ in range(2))
        changed[first], changed[second] = changed[second], changed[first]
    return changed


_CRAFTS: list[Callable[[NDArray[Any], _Script], NDArray[Any] | None]] = [
    *(_with_one, _with_one, _with_one, _with_a_bit, _with_a_bit, _swapped),
    lambda values, script: np.full_like(values, _value(values, script)),
    lambda values, script: values[: script.number(1 << 32) % (len(values) + 1)],
    lambda values, script: np.append(values, values[script.number(4) :]),
    lambda values, script: np.roll(values, script.number(8)),
    lambda values, script: values[::-1],
    lambda values, script: values.astype(("u1", "u2", "u4", "u8", "i4", "i8")[script.number(6)]),
    lambda values, script: np.arange(len(values)).astype(values.dtype),
    lambda values, script: _with_one(values.astype("u4"), script),
    lambda values, script: None,
]


def _other_file(whole: _Whole, script: _Script) -> None:
    """Replace a file by something else."""
    path = (whole.segment_path, whole.directory / manifest.MANIFEST)[script.number(2)]
    path.unlink()
    kind = script.number(5)
    if kind == 0:
        path.mkdir()
    elif kind == 1:
        os.mkfifo(path)
    elif kind == 2:
        path.write_bytes(script.rest())
    elif kind == 3:
        path.write_bytes(whole.manifest if path == whole.segment_path else whole.segment)


def _large_record(whole: _Whole, script: _Script) -> None:
    """Write a segment of cables whose records are large, and compressed a thousandfold."""
    size = size_in_index(bytes([0, LARGE_RECORD, script.number(256)])) // 2
    body = b"a b " * (size // 4)
    claim = {"text": 1, "start": 0, "end": len(body)}
    line = [
        b"[" * size,
        b"[" + b"[]," * (size // 3),
        b'{"id": [' + b'"ab",' * (size // 5) + b'"c"]}',
        b'{"id": "x", "paragraphs": [' + b'{"text": ""},' * (size // 13) + b'{"text": ""}]}',
        json.dumps({"id": "x", "paragraphs": [claim] * (size // 256), "tail": 0, "rest": len(body)}).encode(),
    ][script.number(5)]
    cables = _cables_like(["china the of"] * whole.blocks)
    _write_segment(whole, [(cable, [line + b"\n" + body]) for cable in cables])


def _large_words(whole: _Whole, script: _Script) -> None:
    """Write a segment of a cable with very many distinct words; usually change one of its arrays, with a correct
    checksum."""
    words = distinct_words(size_in_index(bytes([0, LARGE_WORDS, script.number(256)])), 3 + script.number(8))
    cables = _cables_like([words, *["china the of"] * (whole.blocks - 1)])
    _write_segment(whole, [(cable, pack(cable, documents(cable)[1])) for cable in cables])
    if script.number(4):
        read = arrays.Arrays(whole.segment_path)
        _craft(whole, {name: read[name].copy() for name in read.names}, script)


def _cables_like(texts: list[str]) -> list[Cable]:
    """Return a cable for each text, with distinct ids."""
    ids = [CABLE["id"], *(f"{CABLE['id']}-{number}" for number in range(1, len(texts)))]
    entries = [
        CABLE | {"id": name, "body": "", "paragraphs": [{"text": text}]} for name, text in zip(ids, texts, strict=True)
    ]
    return [parse_line((json.dumps(entry),)) for entry in entries]


def _write_segment(whole: _Whole, cables: list[tuple[Cable, list[bytes]]]) -> None:
    """Write a segment of cables and their records in the place of the one to damage."""
    builder = SegmentBuilder(indexing_schema())
    for number, (cable, parts) in enumerate(cables):
        content, leads = documents(cable)
        builder.add(cable.id, bytes(15) + bytes([number]), content, parts, leads)
    whole.segment_path.unlink()
    builder.write(whole.segment_path)


_DAMAGES: list[tuple[Callable[[_Whole, _Script], None], bool]] = [
    (_bytes_of_segment, True),
    (_bytes_of_segment, True),
    (_bytes_of_manifest, True),
    (_cut, True),
    (_other_file, True),
    (_other_manifest, False),
    (_other_directory, False),
    *[(_other_arrays, False)] * 5,
]
"""A way to damage an index, and whether its checksums stay honest."""
_LARGE_DAMAGES: dict[int, Callable[[_Whole, _Script], None]] = {LARGE_RECORD: _large_record, LARGE_WORDS: _large_words}


def _damage(kind: int) -> tuple[Callable[[_Whole, _Script], None], bool]:
    """Return the way to damage an index that a byte stands for, and whether its checksums stay honest."""
    return (_LARGE_DAMAGES[kind], False) if kind in _LARGE_DAMAGES else _DAMAGES[kind % len(_DAMAGES)]


TARGETS: dict[str, Target] = {
    "telegrams": telegrams,
    "rows": rows,
    "pages": pages,
    "lines": lines,
    "tables": others,
    "objects": others,
    "mails": others,
    "editions": others,
    "packed": packed,
    "queries": queries,
    "indexes": indexes,
    "ruins": ruins,
}
"""The targets by name."""
