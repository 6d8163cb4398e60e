"""What files hold, before it becomes cables: their text, their format, their records, and what was rejected."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cablesearch.cable import Cable, Provenance

__all__ = [
    "BEGINNING",
    "BYTES_OF_CHARACTER",
    "HEAD",
    "LONGEST_BROKEN",
    "LONGEST_RECORD",
    "FileText",
    "Format",
    "OnNote",
    "ReadingOptions",
    "Record",
    "Rejected",
    "cut_at",
    "id_in",
    "text_lines",
    "too_long",
]

LONGEST_RECORD = 64_000_000
"""Characters of the longest record that is read."""
HEAD = 65_536
"""Characters at the beginning of a file by which its format, and the shape of a table or dump, are recognised."""
LONGEST_BROKEN = 100_000
"""Characters that are kept of a broken row of a table or dump."""
BEGINNING = 1000
"""Characters that a rejection shows of a text that is too long, or not of a cable."""
BYTES_OF_CHARACTER = 8
"""The bytes that a character of a record takes while the record becomes documents."""

_ID = r"((?:19|20)?[0-9]{2})([A-Z]{2,40})([0-9]{1,8})(?:[_-][A-Z]| ?\([0-9]{1,2}\))?"
"""An id, or a document number of the archives of telegrams, which has the whole year and zeros before the serial; a
letter at its end, or a number in brackets, tells copies apart."""
_NAMED_AFTER = re.compile(rf"{_ID}(?:\Z|\.)")
_ID_AMONG_WORDS = re.compile(rf"\b{_ID}\b")


@dataclass(frozen=True, slots=True)
class Rejected:
    """What was not taken: where it stands, why, and its text (the beginning when it is very long or not text).

    ``is_hidden`` is true of a hidden file or folder, which is left alone unless it is named as a source.
    """

    file: str
    row: int | None
    reason: str
    raw: str
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How to read the sources of a run, where their files do not show it.

    ``collection`` names the collection to which they belong. ``columns`` gives the column of tables for a field
    (``{"date": "created"}``), ``paths`` the place in objects of JSON (``{"id": ".meta.identifier"}``).
    """

    collection: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)


OnNote = Callable[[str, str], None]
"""Called with the name of a file and what was guessed of how to read it."""


def _pass_over(name: str, note: str) -> None:
    """Report nothing."""


@dataclass(frozen=True, slots=True)
class FileText:
    """The text of the file ``name``, in ``blocks`` that are read once.

    ``damage()`` returns, when all blocks are read, what is wrong with the file, or None. ``shown`` is the path of the
    file from the name of its source on, see `cablesearch.cable.Provenance`. ``on_note(name, note)`` reports what was
    guessed of how to read the file.
    """

    name: str
    blocks: Iterator[str]
    damage: Callable[[], str | None]
    shown: str | None = None
    options: ReadingOptions = ReadingOptions()
    on_note: OnNote = _pass_over

    def note(self, note: str) -> None:
        """Report what was guessed of how to read the file."""
        self.on_note(self.name, note)

    def record(self, form: Format, fields: tuple[str, ...], row: int | None = None, page: int | None = None) -> Record:
        """Return a record of the file."""
        return Record(self.name, row, form, fields, Provenance(self.options.collection, self.shown, row, page))

    def lines(self) -> Iterator[tuple[int, str] | Rejected]:
        """Yield the lines with their numbers, from 1, and a rejection for each that is longer than a record may be."""
        for number, (line, is_whole) in enumerate(text_lines(self.blocks, LONGEST_RECORD), 1):
            yield (number, line) if is_whole else Rejected(self.name, number, too_long(), line[:BEGINNING])

    def whole(self) -> str | Rejected:
        """Return the text of a file that is one record, or the rejection of one that is too long or damaged."""
        parts: list[str] = []
        size = 0
        for block in self.blocks:
            parts.append(block)
            size += len(block)
            if size > LONGEST_RECORD:
                break
        if self.damage():
            # What is left of a cable may lack its signature, or what lowers or raises its classification.
            text = parts[0] if size > LONGEST_RECORD else "".join(parts)
            return Rejected(self.name, None, "cut off by damage to its file", text)
        if size > LONGEST_RECORD:
            return Rejected(self.name, None, too_long(), parts[0][:BEGINNING])
        return "".join(parts)

    def records_of_texts(self, form: Format, split: Callable[[str], list[str]]) -> Iterator[Record | Rejected]:
        """Yield the records of a file that is read as a whole and split into texts, each a record: the text, and, if it
        is the only one, the id that the file is named after."""
        whole = self.whole()
        if isinstance(whole, Rejected):
            yield whole
            return
        texts = split(whole)
        if len(texts) == 1:
            yield self.record(form, (texts[0], self.named_id()))
            return
        for number, text in enumerate(texts, 1):
            yield self.record(form, (text, ""), number)

    def named_id(self) -> str:
        """Return the reference id that the file is named after (``10BEIJING30.txt``, ``1979OSLO00921_e.html.gz``), or
        an empty text."""
        name = _NAMED_AFTER.match(os.path.basename(self.name).upper())
        return _id(name) if name else ""


def cut_at(text: str, starts: Sequence[int]) -> list[str]:
    """Return the pieces of a text that start at these places, the first of which is 0; joined, they are the text."""
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


def id_in(words: str) -> str:
    """Return the first reference id among words (``FW: 10OSLO999 HERRING QUOTA``), or an empty text."""
    match = _ID_AMONG_WORDS.search(words.upper())
    return _id(match) if match else ""


def _id(match: re.Match[str]) -> str:
    """Return an id whose year has two digits and whose serial has no zeros before it, from a match of `_ID`."""
    year, post, serial = match.groups()
    return f"{year[-2:]}{post}{int(serial)}"


def too_long() -> str:
    """Return the reason for which a record is rejected that is longer than records may be."""
    return f"longer than {LONGEST_RECORD / 1e6:g} MB"


def text_lines(blocks: Iterator[str], longest: int) -> Iterator[tuple[str, bool]]:
    """Yield the lines of a text, cut at line feeds alone and given without them, and whether each is whole.

    Of a line of more than ``longest`` characters only the beginning is given, and it is not whole.
    """
    parts: list[str] = []
    size = 0
    for block in blocks:
        first, *rest = block.split("\n")
        if size <= longest:
            parts.append(first)
        size += len(first)
        for line in rest:
            yield "".join(parts)[:longest], size <= longest
            parts, size = [line], len(line)
    if size:
        yield "".join(parts)[:longest], size <= longest


def first_field(fields: tuple[str, ...]) -> str:
    """Return the first field of a record."""
    return fields[0]


def fits_as_text(fields: tuple[str, ...], room: int) -> bool:
    """Return whether a record that takes memory by its length alone fits into ``room`` bytes; an estimate."""
    return BYTES_OF_CHARACTER * sum(map(len, fields)) <= room


def no_reason(head: str) -> None:
    """Return None, whatever a file begins with."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format of input files. Each is a module of `cablesearch.readers.formats` and a line of its list.

    The functions stand at the top of a module, as records are given to other processes.

    - ``name`` is part of the digest of each record, so that one that is changed makes all records new.
    - ``noun`` names the records in the summary of a run, in the plural.
    - ``looks_like(head)``: whether a file whose text begins with ``head`` is of this format.
    - ``records(text)``: the records of such a file, in order, and what of it is rejected.
    - ``parse(fields)``: the cable of a record; raises `UnreadableCable` when it is not one.
    - ``raw(fields)``: the record as text of the format, which can be read again.
    - ``fits(fields, room)``: whether the record can become a cable within ``room`` bytes of memory; an estimate.
    - ``why_not(head)``: why a file that no format accepts is not of this one, where it nearly is; else None.
    """

    name: str
    noun: str
    looks_like: Callable[[str], bool]
    records: Callable[[FileText], Iterator[Record | Rejected]]
    parse: Callable[[tuple[str, ...]], Cable]
    raw: Callable[[tuple[str, ...]], str] = first_field
    fits: Callable[[tuple[str, ...], int], bool] = fits_as_text
    why_not: Callable[[str], str | None] = no_reason


@dataclass(frozen=True, slots=True)
class Record:
    """A cable as it stands in a file, not yet parsed, so that an unchanged one need not be.

    ``row`` counts the records of the file from 1 (lines for JSON lines), None when the file is one record.
    ``fields`` are the format's own, such as the columns of a CSV row or a line of JSON.
    """

    file: str
    row: int | None
    format: Format
    fields: tuple[str, ...]
    provenance: Provenance | None = None

    def digest(self) -> bytes:
        """Return 16 bytes that are the same for the same record of the same collection, in whatever file it stands, and
        differ for different ones."""
        digest = hashlib.blake2b(self.format.name.encode(), digest_size=16)
        collection = self.provenance.collection if self.provenance else None
        for text in self.fields if collection is None else (*self.fields, collection):
            # surrogatepass, unlike surrogateescape, never makes the same bytes of different texts.
            encoded = text.encode("utf-8", "surrogatepass")
            digest.update(len(encoded).to_bytes(8, "little"))
            digest.update(encoded)
        return digest.digest()

    def parse(self) -> Cable:
        """Return the cable of the record.

        Raises:
            UnreadableCable: it is not a cable.
        """
        cable = self.format.parse(self.fields)
        place, first = self.provenance or Provenance(), cable.provenance
        if first is not None:
            # An exported cable says where it was read first, or that it is not known.
            place = replace(first, collection=place.collection or first.collection)
        # The cable is new and no one else has it yet; a copy of all its fields would take 2 % of the time of reading.
        object.__setattr__(cable, "provenance", place.or_none())
        return cable

    def fits(self, room: int) -> bool:
        """Return whether the record can become a cable within ``room`` bytes of memory; an estimate."""
        return self.format.fits(self.fields, room)

    def raw(self) -> str:
        """Return the record as text of its format, to be written out and read again."""
        return self.format.raw(self.fields)
