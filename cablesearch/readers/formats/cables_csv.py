r"""cables.csv: eight columns, every field in double quotes, read without ever holding the file.

Columns: row number, created, reference id, origin, classification, references joined by ``|``, header, body. There is
no heading. Inside a field a backslash makes the next character literal (``\"`` a quote, ``\\`` a backslash, ``\n`` the
letter n), two quotes are one, and everything else stands for itself, line breaks of any kind included. So rows are
separated by their quotes, never by lines.

A row that breaks these rules is given back as broken, and reading goes on with the next text that starts as a row
does: a line starting with a quoted number and two short quoted fields. In a sound row such a text cannot stand, as its
quotes would be escaped.

Other tables are read in the same way, with the rules of their own `Dialect`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cablesearch.cable import Cable
from cablesearch.readers.buffer import Buffer, closing_quote
from cablesearch.readers.errors import UnreadableCable
from cablesearch.readers.given_dates import created
from cablesearch.readers.records import LONGEST_BROKEN, LONGEST_RECORD, FileText, Format, Record, Rejected
from cablesearch.readers.telegram.telegram import parse_cable
from cablesearch.vocabulary import identifiers

__all__ = [
    "CABLES_CSV",
    "COLUMNS",
    "BrokenRow",
    "Dialect",
    "Row",
    "first_row",
    "looks_like_rows",
    "parse_row",
    "rows",
    "to_line",
]

COLUMNS = 8

_ROW_START = re.compile(
    r'\n(?="[0-9]{1,12}","[^"\n]{0,40}","[^"\n]{0,100}",'
    r"|[0-9]{1,12},[0-9]{1,2}/[0-9]{1,2}/[0-9]{4} [0-9]{1,2}:[0-9]{2},)"
)
_FIRST_ROW = re.compile(
    r'\s*(?:"[^"\n]{0,100}","[^"\n]{0,100}","[^"\n]{0,200}",'
    r"|[0-9]{1,12},[0-9]{1,2}/[0-9]{1,2}/[0-9]{4} [0-9]{1,2}:[0-9]{2},)"
)
_LINE_ENDS = re.compile(r"[\r\n]*")
_ESCAPE = re.compile(r'\\(.)|""', re.DOTALL)
_UNCLOSED = r'an unclosed quote, or a quote inside a field that is not escaped (\" or "")'


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the rows of a table are written.

    ``separator`` stands between its ``columns``. ``bare`` matches a field without quotes. ``row_start`` matches the
    line feed before a row, at which reading goes on after a broken one, and looks at most ``longest_start`` characters
    ahead. ``escapes``: a backslash makes the next character of a quoted field literal. ``is_strict``: quotes stand
    around fields and, escaped, in quoted fields, and nowhere else. ``name`` is the table's in reasons.
    """

    separator: str
    columns: int
    bare: re.Pattern[str]
    row_start: re.Pattern[str]
    longest_start: int = 200
    escapes: bool = True
    is_strict: bool = True
    name: str = "cables.csv"


_DIALECT = Dialect(",", COLUMNS, re.compile(r'[^,"\\\r\n]*'), _ROW_START)


@dataclass(frozen=True, slots=True)
class Row:
    """A sound row: its number among all rows, from 1, and its fields."""

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


def rows(
    blocks: Iterator[str], longest: int = LONGEST_RECORD, dialect: Dialect = _DIALECT
) -> Iterator[Row | BrokenRow]:
    """Yield the rows of a text that comes in blocks, sound and broken, in order; ``longest`` bounds the memory."""
    return _Rows(blocks, longest, dialect).read()


def first_row(text: str, dialect: Dialect, at: int = 0, *, ended: bool = True) -> tuple[tuple[str, ...], int] | None:
    """Return the fields of the row that starts at a place of a text (of too many those that fit, and one more), and
    the place behind it; None when it is broken, or not complete and ``ended`` is false."""
    try:
        return _row(text, at, ended, dialect, lambda start: text.find('"', start))
    except (_UnfinishedError, _BrokenError):
        return None


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
    return cable.with_given(references=tuple(names))


class _Rows(Buffer):
    """The state of reading rows."""

    def __init__(self, blocks: Iterator[str], longest: int, dialect: Dialect) -> None:
        super().__init__(blocks, longest)
        self._dialect = dialect
        self._sought: tuple[int, int] | None = None

    def read(self) -> Iterator[Row | BrokenRow]:
        number = 1
        while self._skip_blank_lines():
            try:
                fields, end = _row(self.text, self.at, self.ended, self._dialect, self._next_quote)
            except _UnfinishedError:
                if self.has_room():
                    self.extend()
                    continue
                yield self._broken(number, f"longer than {self.longest / 1e6:g} MB")
            except _BrokenError as error:
                yield self._broken(number, str(error))
            else:
                if len(fields) == self._dialect.columns:
                    yield Row(number, fields)
                    self.at = end
                else:
                    yield self._miscounted(number, len(fields), end)
            number += 1

    def extend(self) -> None:
        super().extend()
        self._sought = None

    def _next_quote(self, at: int) -> int:
        """Return the next quote from a place on, or -1. It is searched for once, however many lines precede it."""
        if self._sought is None or at < self._sought[0] or -1 < self._sought[1] < at:
            self._sought = at, self.text.find('"', at)
        return self._sought[1]

    def _skip_blank_lines(self) -> bool:
        """Go to the next row; False at the end."""
        while True:
            self.at = _after_line_ends(self.text, self.at)
            if self.at < len(self.text):
                return True
            if self.ended:
                return False
            self.extend()

    def _miscounted(self, number: int, count: int, end: int) -> BrokenRow:
        most, name = self._dialect.columns, self._dialect.name
        columns = f"{count} column{'s' * (count != 1)}" if count <= most else f"more than {most} columns"
        reason = f"line {self.line()}: {columns} where {name} has {most}"
        raw = self.text[self.at : end].rstrip("\r\n")
        self.at = end
        return BrokenRow(number, reason, raw)

    def _broken(self, number: int, reason: str) -> BrokenRow:
        """Go to the next start of a row, holding no more text than a row may have."""
        reason = f"line {self.line()}: {reason}"
        kept = ""
        start = self.at + 1
        row_start, longest_start = self._dialect.row_start, self._dialect.longest_start
        while not (following := row_start.search(self.text, start)):
            if self.ended:
                kept = kept or self.text[self.at :]
                self.at = len(self.text)
                return BrokenRow(number, reason, kept)
            if self.has_room():
                start = max(0, len(self.text) - self.at - longest_start)
            else:
                kept = kept or self.text[self.at : self.at + LONGEST_BROKEN]
                reason += f" (of its text only the first {LONGEST_BROKEN:,} characters are kept)"
                self.at = max(self.at, len(self.text) - longest_start)
                start = 0
            self.extend()
        kept = kept or self.text[self.at : following.start()]
        self.at = following.end()
        return BrokenRow(number, reason, kept.rstrip("\r"))


def _row(
    text: str, at: int, ended: bool, dialect: Dialect, next_quote: Callable[[int], int]
) -> tuple[tuple[str, ...], int]:
    """Return the fields of the row that starts at ``at`` (of too many those that fit, and one more) and the place
    behind it."""
    fields: list[str] = []
    separator, columns, bare, escapes = dialect.separator, dialect.columns, dialect.bare, dialect.escapes
    while True:
        field, at = _quoted(text, at + 1, ended, escapes) if text.startswith('"', at) else _bare(text, at, bare)
        if len(fields) <= columns:
            fields.append(field)
        if at >= len(text) - 1 and not ended:
            raise _UnfinishedError
        following = text[at : at + 1]
        if following != separator:
            break
        at += 1
    if following not in ("", "\n", "\r"):
        raise _BrokenError(_UNCLOSED)
    at = _after_line_ends(text, at)
    if at >= len(text) and not ended:
        raise _UnfinishedError
    if dialect.is_strict and not _ends_row(text, at, ended, next_quote):
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


def _bare(text: str, at: int, bare: re.Pattern[str]) -> tuple[str, int]:
    match = bare.match(text, at)
    end = match.end() if match else at
    return text[at:end], end


def _quoted(text: str, start: int, ended: bool, escapes: bool) -> tuple[str, int]:
    """Return the field whose opening quote stands before ``start``, and the place behind its closing quote."""
    end = closing_quote(text, start, '"', escapes=escapes, doubled=True)
    if end >= 0:
        field = text[start:end]
        return _unescaped(field) if escapes else field.replace('""', '"'), end + 1
    if ended:
        raise _BrokenError(f"the file ends within a field: {_UNCLOSED}")
    raise _UnfinishedError


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
