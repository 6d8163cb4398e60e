r"""cables.csv: eight columns, every field in double quotes, read without ever holding the file.

Columns: row number, created, reference id, origin, classification, references joined by ``|``, header, body. There is
no heading. Inside a field a backslash makes the next character literal (``\"`` a quote, ``\\`` a backslash, ``\n`` the
letter n), two quotes are one, and everything else stands for itself, line breaks of any kind included. So rows are
separated by their quotes, never by lines.

A row that breaks these rules is given back as broken, and reading goes on with the next text that starts as a row
does: a line starting with a quoted number and two short quoted fields. In a sound row such a text cannot stand, as its
quotes would be escaped.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from cablesearch.cable import Cable
from cablesearch.readers.errors import UnreadableCable
from cablesearch.readers.records import LONGEST_RECORD, FileText, Format, Record, Rejected
from cablesearch.readers.telegram.telegram import parse_cable
from cablesearch.vocabulary import identifiers

__all__ = ["CABLES_CSV", "COLUMNS", "BrokenRow", "Row", "created", "looks_like_rows", "parse_row", "rows", "to_line"]

COLUMNS = 8
_RAW_KEPT = 100_000

_ROW_START = re.compile(
    r'\n(?="[0-9]{1,12}","[^"\n]{0,40}","[^"\n]{0,100}",'
    r"|[0-9]{1,12},[0-9]{1,2}/[0-9]{1,2}/[0-9]{4} [0-9]{1,2}:[0-9]{2},)"
)
_LONGEST_ROW_START = 200
_FIRST_ROW = re.compile(
    r'\s*(?:"[^"\n]{0,100}","[^"\n]{0,100}","[^"\n]{0,200}",'
    r"|[0-9]{1,12},[0-9]{1,2}/[0-9]{1,2}/[0-9]{4} [0-9]{1,2}:[0-9]{2},)"
)
_BARE = re.compile(r'[^,"\\\r\n]*')
_LINE_ENDS = re.compile(r"[\r\n]*")
_ESCAPE = re.compile(r'\\(.)|""', re.DOTALL)
_CREATED = re.compile(
    r"\s*(?:(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})/(?P<year>[0-9]{4})"
    r"|(?P<iso_year>[0-9]{4})-(?P<iso_month>[0-9]{1,2})-(?P<iso_day>[0-9]{1,2}))"
    r"(?:[ T](?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::[0-9]{2})?Z?)?\s*"
)
_UNCLOSED = r"an unclosed quote, or a quote inside a field without a backslash (\") before it"


@dataclass(frozen=True, slots=True)
class Row:
    """A sound row: its number among all rows, from 1, and its eight fields."""

    number: int
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """Text where a row should be: its number, its fault, and the text (the beginning of a very long one)."""

    number: int
    reason: str
    raw: str


class _UnfinishedError(Exception):
    """The text ends within the row."""


class _BrokenError(Exception):
    """The text is not a row."""


def looks_like_rows(start: str) -> bool:
    """Return whether the start of a file is that of a cables.csv."""
    return bool(_FIRST_ROW.match(start) or ('\n"' in start and _ROW_START.search(start)))


def rows(blocks: Iterator[str], longest: int = LONGEST_RECORD) -> Iterator[Row | BrokenRow]:
    """Yield the rows of a text that comes in blocks, sound and broken, in order; ``longest`` bounds the memory."""
    return _Rows(blocks, longest).read()


def parse_row(fields: tuple[str, ...]) -> Cable:
    """Make a cable of a row's fields. A date that cannot be read is taken from the header instead.

    The references are those of the body, then those that only the column has.

    Raises:
        UnreadableCable: the reference id is missing.
    """
    _, created_text, id_text, origin, classification, references, header, body = fields
    name = id_text.strip()
    if not name:
        raise UnreadableCable("no reference id in column 3")
    if not any(char.isdigit() for char in name):
        raise UnreadableCable(f"{name[:100]!r} in column 3 is not a reference id (is this row a heading?)")
    cable = parse_cable(
        header,
        body,
        cable_id=name,
        date=created(created_text),
        origin=origin or None,
        classification=classification.strip().upper() or None,
    )
    return _with_references(cable, references) if references else cable


def created(text: str) -> dt.datetime | None:
    """Read ``1/8/2010 3:26``, or ``2010-01-08 03:26:00``; None when it is not a date."""
    match = _CREATED.fullmatch(text)
    if not match:
        return None
    parts = match.groupdict(default="0")
    try:
        return dt.datetime(
            int(match["year"] or parts["iso_year"]),
            int(match["month"] or parts["iso_month"]),
            int(match["day"] or parts["iso_day"]),
            int(parts["hour"]),
            int(parts["minute"]),
            tzinfo=dt.timezone.utc,
        )
    except ValueError:
        return None


def to_line(fields: tuple[str, ...]) -> str:
    """Return a row as it stands in the file, without the line break at its end; reading it gives the fields again."""
    return ",".join('"' + field.replace("\\", "\\\\").replace('"', '\\"') + '"' for field in fields)


def _with_references(cable: Cable, column: str) -> Cable:
    names = dict.fromkeys(cable.references)
    for name in column.split("|"):
        if name.strip():
            names[identifiers.cable_id(name.strip())] = None
    names.pop(cable.reference_id, None)
    if len(names) == len(cable.references):
        return cable
    return replace(cable, references=tuple(names), given=(*(cable.given or ()), "references"))


class _Rows:
    """The state of reading rows: the current text, the place in it, and what was counted before it."""

    def __init__(self, blocks: Iterator[str], longest: int) -> None:
        self._blocks = blocks
        self._longest = longest
        self._text = ""
        self._at = 0
        self._lines = 1
        self._counted = 0
        self._sought: tuple[int, int] | None = None
        self._ended = False

    def read(self) -> Iterator[Row | BrokenRow]:
        number = 1
        while self._skip_blank_lines():
            try:
                fields, end = _row(self._text, self._at, self._ended, self._next_quote)
            except _UnfinishedError:
                if self._room_for_more():
                    self._extend()
                    continue
                yield self._broken(number, f"longer than {self._longest / 1e6:g} MB")
            except _BrokenError as error:
                yield self._broken(number, str(error))
            else:
                if len(fields) == COLUMNS:
                    yield Row(number, fields)
                    self._at = end
                else:
                    yield self._miscounted(number, len(fields), end)
            number += 1

    def _room_for_more(self) -> bool:
        return len(self._text) - self._at <= self._longest

    def _extend(self) -> None:
        """Drop what was read and take more text: at least as much as is left, so that long rows cost linear time."""
        self._line()
        parts = [self._text[self._at :]]
        wanted = len(parts[0])
        while wanted >= 0:
            block = next(self._blocks, None)
            if block is None:
                self._ended = True
                break
            parts.append(block)
            wanted -= len(block) + 1
        self._text = "".join(parts)
        self._at = self._counted = 0
        self._sought = None

    def _next_quote(self, at: int) -> int:
        """Return the next quote from a place on, or -1. It is searched for once, however many lines precede it."""
        if self._sought is None or at < self._sought[0] or -1 < self._sought[1] < at:
            self._sought = at, self._text.find('"', at)
        return self._sought[1]

    def _skip_blank_lines(self) -> bool:
        """Go to the next row; False at the end."""
        while True:
            self._at = _after_line_ends(self._text, self._at)
            if self._at < len(self._text):
                return True
            if self._ended:
                return False
            self._extend()

    def _miscounted(self, number: int, count: int, end: int) -> BrokenRow:
        columns = f"{count} column{'s' * (count != 1)}" if count <= COLUMNS else f"more than {COLUMNS} columns"
        reason = f"line {self._line()}: {columns} where cables.csv has {COLUMNS}"
        raw = self._text[self._at : end].rstrip("\r\n")
        self._at = end
        return BrokenRow(number, reason, raw)

    def _broken(self, number: int, reason: str) -> BrokenRow:
        """Go to the next start of a row, holding no more text than a row may have."""
        reason = f"line {self._line()}: {reason}"
        kept = ""
        start = self._at + 1
        while not (following := _ROW_START.search(self._text, start)):
            if self._ended:
                kept = kept or self._text[self._at :]
                self._at = len(self._text)
                return BrokenRow(number, reason, kept)
            if self._room_for_more():
                start = max(0, len(self._text) - self._at - _LONGEST_ROW_START)
            else:
                kept = kept or self._text[self._at : self._at + _RAW_KEPT]
                reason += f" (of its text only the first {_RAW_KEPT:,} characters are kept)"
                self._at = max(self._at, len(self._text) - _LONGEST_ROW_START)
                start = 0
            self._extend()
        kept = kept or self._text[self._at : following.start()]
        self._at = following.end()
        return BrokenRow(number, reason, kept.rstrip("\r"))

    def _line(self) -> int:
        """Return the number of the current line, counted on from the last count."""
        self._lines += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._lines


def _row(text: str, at: int, ended: bool, next_quote: Callable[[int], int]) -> tuple[tuple[str, ...], int]:
    """Return the fields of the row that starts at ``at`` (of more than nine the first nine) and the place behind it."""
    fields: list[str] = []
    while True:
        field, at = _quoted(text, at + 1, ended) if text.startswith('"', at) else _bare(text, at)
        if len(fields) <= COLUMNS:
            fields.append(field)
        if at >= len(text) - 1 and not ended:
            raise _UnfinishedError
        following = text[at : at + 1]
        if following != ",":
            break
        at += 1
    if following not in ("", "\n", "\r"):
        raise _BrokenError(_UNCLOSED)
    at = _after_line_ends(text, at)
    if at >= len(text) and not ended:
        raise _UnfinishedError
    if not _ends_row(text, at, ended, next_quote):
        raise _BrokenError(_UNCLOSED)
    return tuple(fields), at


def _ends_row(text: str, at: int, ended: bool, next_quote: Callable[[int], int]) -> bool:
    """Return whether a row can end before ``at``: what follows is a row, or a line without quotes, such as a footer.

    Otherwise the quote before it stood inside the last field.
    """
    if at >= len(text) or text[at] == '"':
        return True
    quote = next_quote(at)
    if quote < 0 and not ended:
        raise _UnfinishedError
    return quote < 0 or text[quote - 1] in "\r\n,"


def _after_line_ends(text: str, at: int) -> int:
    match = _LINE_ENDS.match(text, at)
    return match.end() if match else at


def _bare(text: str, at: int) -> tuple[str, int]:
    match = _BARE.match(text, at)
    end = match.end() if match else at
    return text[at:end], end


def _quoted(text: str, start: int, ended: bool) -> tuple[str, int]:
    """Return the field whose opening quote stands before ``start``, and the place behind its closing quote."""
    end = text.find('"', start)
    while end >= 0:
        if text[end - 1] == "\\" and _escaped(text, start, end):
            end = text.find('"', end + 1)
        elif text.startswith('"', end + 1):
            end = text.find('"', end + 2)
        else:
            return _unescaped(text[start:end]), end + 1
    if ended:
        raise _BrokenError(f"the file ends within a field: {_UNCLOSED}")
    raise _UnfinishedError


def _escaped(text: str, start: int, at: int) -> bool:
    """Return whether an odd number of backslashes stands before a place of a field."""
    first = at
    while first > start and text[first - 1] == "\\":
        first -= 1
    return (at - first) % 2 == 1


def _unescaped(field: str) -> str:
    if "\\" not in field and '"' not in field:
        return field
    if '""' not in field:
        plain = field.replace('\\"', '"')
        if "\\" not in plain:  # all stood before quotes
            return plain
    return _ESCAPE.sub(lambda match: match[1] or '"', field)


def _records(text: FileText) -> Iterator[Record | Rejected]:
    for row in rows(text.blocks):
        if isinstance(row, Row):
            yield text.record(CABLES_CSV, row.fields, row.number)
        else:
            yield Rejected(text.name, row.number, row.reason, row.raw)


CABLES_CSV = Format("csv", "rows of cables.csv", looks_like_rows, _records, parse_row, raw=to_line)
