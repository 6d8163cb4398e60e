r"""Dumps of databases: ``INSERT INTO`` statements of MySQL, PostgreSQL and SQLite, and PostgreSQL's ``COPY`` blocks.

The columns are those of the statement, else those of the table's ``CREATE TABLE``, else they are guessed from the first
values. Tables that are not of cables are skipped, and named in a note. A statement that cannot be read is rejected,
and reading goes on with the next one.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple, NoReturn

from cablesearch.readers.buffer import Buffer, closing_quote
from cablesearch.readers.given_values import (
    chosen_names,
    distinct_names,
    fields_by_value,
    guessed,
    is_id,
    is_of_cables,
    named,
    pack,
    parse_packed,
    sort_values,
    usual_fields,
    with_chosen,
)
from cablesearch.readers.records import BEGINNING, HEAD, LONGEST_BROKEN, FileText, Format, Record, Rejected, too_long

__all__ = ["SQL_DUMPS"]

_WORD = r"(?:`[^`\n]{1,99}`|\"[^\"\n]{1,99}\"|\[[^\]\n]{1,99}\]|[\w$]{1,99})"
_TABLE = rf"(?:{_WORD}(?:\.{_WORD}){{0,2}})"
_FIRST = re.compile(
    r"\s*(?:--|/\*|\#|\\|(?:CREATE|INSERT|REPLACE|COPY|SET|DROP|BEGIN|PRAGMA|USE|LOCK|START|DELETE|ALTER|SELECT)\s)",
    re.IGNORECASE,
)
_START = re.compile(
    rf"^[^\S\n]{{0,99}}(?:(?:INSERT|REPLACE)[A-Z ]{{0,40}}?\s(?:INTO\s{{1,9}}|(?=\[))(?P<inserted>{_TABLE})"
    rf"|CREATE\s(?:[A-Z]{{1,20}}\s)?TABLE\s(?:IF\sNOT\sEXISTS\s)?(?P<created>{_TABLE})(?=\s{{0,9}}\()"
    rf"|COPY\s(?P<copied>{_TABLE})(?=[^;\n]{{0,20000}}\bFROM\sstdin))",
    re.MULTILINE | re.IGNORECASE,
)
_RESUME = re.compile(
    _START.pattern + r"|^\((?=(?:[0-9]{1,12}|[EN]?'[^'\n]{1,60}'), ?[EN]?['0-9])", re.MULTILINE | re.IGNORECASE
)
"""Where reading goes on after what cannot be read: the next statement, or row on a line of its own."""
_LONGEST_START = 30_000
_NAMES = re.compile(r"\s{0,99}\(([^()']{1,20000})\)")
_VALUES = re.compile(r"\s{0,99}(?:OVERRIDING [A-Z]{1,9} VALUE\s{1,9})?VALUES?\s{0,99}", re.IGNORECASE)
_COPY = re.compile(
    r"[^\S\n]{0,99}(?:\(([^()]{1,20000})\))?\s{1,9}FROM\sstdin\s{0,9}(?:WITH\s{0,9})?;[^\n]{0,99}\n", re.I
)
_NO_COLUMN = re.compile(
    r"\s*(?:PRIMARY|KEY|UNIQUE|INDEX|CONSTRAINT|FOREIGN|CHECK|FULLTEXT|SPATIAL|EXCLUDE|LIKE)\b", re.IGNORECASE
)
_COLUMN = re.compile(rf"\s*({_WORD})")
_DEFINITION = re.compile(r"'[^']{0,9999}'|[(),;]")
_LONGEST_TABLE = _LONGEST_START
_BEFORE_STRING = re.compile(r"\s{0,99}(?:(E)|N|_[a-z0-9]{1,20}\s?)?(?=['\"])", re.IGNORECASE)
_BARE = re.compile(r"\s{0,99}(0x[0-9a-f]*|X'[0-9a-f]*'|[\w.+-]{1,999}(?!\())", re.IGNORECASE)
_FUNCTION = re.compile(r"\s{0,99}(replace|unistr)\(", re.IGNORECASE)
_REPLACED = re.compile(r"\s{0,9},\s{0,9}'([^']{1,20})'\s{0,9},\s{0,9}char\(([0-9]{1,3})\)\s{0,9}\)", re.IGNORECASE)
_UNICODE = re.compile(r"\\u([0-9a-fA-F]{4})")
_MOST_NESTED = 5
_BETWEEN_ROWS = re.compile(r"[\s,]*")
_CAST = re.compile(r"(?:::[\w ]{1,40}(?:\([0-9]{1,5}\))?)?\s{0,99}")
_ESCAPE = re.compile(r"\\(.)|''|\"\"", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f", "v": "\v", "Z": "\x1a"}
_OF_MYSQL = re.compile(r"(?:INTO|TABLE)[^\n`]{0,30} `|ENGINE ?=|MySQL|MariaDB|phpMyAdmin", re.IGNORECASE)
_OF_OTHERS = re.compile(
    r"PostgreSQL|standard_conforming_strings = on|PRAGMA |[\s,(]E'|\breplace\('|^BEGIN(?: TRANSACTION)?;", re.MULTILINE
)
_ESCAPED = re.compile(r"\\'(?![,)\s;])|\\n")
_BOUND = 200
"""Characters after which text that does not begin a value is a fault, rather than cut off."""


class _Row(NamedTuple):
    """A row of a table: the names of its columns (None when they are not known), and its values."""

    table: str
    names: tuple[str, ...] | None
    values: tuple[str, ...]


class _Broken(NamedTuple):
    """A statement, or a row of one, that cannot be read."""

    reason: str
    raw: str


class _UnfinishedError(Exception):
    """The text ends within a row."""


class _BrokenError(Exception):
    """The text is not a row."""


class _Dump(Buffer):
    """The state of reading a dump: the columns of the tables so far, and whether backslashes escape in all strings."""

    def __init__(self, blocks: Iterator[str], has_escapes: bool) -> None:
        super().__init__(blocks)
        self._has_escapes = has_escapes
        self._columns: dict[str, tuple[str, ...]] = {}

    def read(self) -> Iterator[_Row | _Broken]:
        """Yield the rows of all statements."""
        while start := self._next_statement():
            table = _plain_name(start["inserted"] or start["created"] or start["copied"])
            self.at = start.end()
            if start["created"]:
                self._create(table)
            elif start["copied"]:
                yield from self._copy(table)
            else:
                yield from self._insert(table)

    def _next_statement(self) -> re.Match[str] | None:
        """Go to the next statement, with enough text behind it to read its first lines."""
        while True:
            start = _START.search(self.text, self.at)
            if self.ended or (start and len(self.text) - start.end() > _LONGEST_START):
                return start
            # A statement may be cut off by the end of the text.
            self.at = start.start() if start else max(self.at, len(self.text) - _LONGEST_START)
            self.extend()

    def _create(self, table: str) -> None:
        """Remember the columns of a table."""
        depth, begin = 0, self.at
        names: list[str] = []
        for sign in _DEFINITION.finditer(self.text, self.at, self.at + _LONGEST_TABLE):
            depth += {"(": 1, ")": -1}.get(sign[0], 0)
            if depth == 1 and sign[0] == "(" and begin == self.at:
                begin = sign.end()
            elif (depth == 1 and sign[0] == ",") or (depth == 0 and sign[0] == ")"):
                column = _COLUMN.match(self.text, begin, sign.start())
                if column and not _NO_COLUMN.match(self.text, begin, sign.start()):
                    names.append(_plain_name(column[1]))
                begin = sign.end()
            if depth <= 0:
                self.at = sign.end()
                break
        self._columns[table] = distinct_names(names)

    def _names(self, table: str, written: str | None) -> tuple[str, ...] | None:
        """Return the names of the columns as a statement gives them, else those of the table."""
        if written is None:
            return self._columns.get(table) or None
        return distinct_names([_plain_name(name) for name in written.split(",")])

    def _insert(self, table: str) -> Iterator[_Row | _Broken]:
        listed = _NAMES.match(self.text, self.at)
        names = self._names(table, listed[1] if listed else None)
        values = _VALUES.match(self.text, listed.end() if listed else self.at)
        if values is None:
            begin = self.text.rfind("\n", 0, self.at) + 1
            yield _Broken(f"line {self.line()}: not an INSERT of VALUES", self.text[begin : self.at + BEGINNING])
            return
        self.at = values.end()
        statement = _statement(table, names)
        while self._has_row():
            try:
                row, end = self._row(self.at)
            except _UnfinishedError:
                if not self.ended and self.has_room():
                    self.extend()
                    continue
                fault = too_long() if not self.ended else "the file ends within a row"
            except _BrokenError as error:
                fault = str(error)
            else:
                if names and len(row) != len(names):
                    reason = f"line {self.line()}: {len(row)} values where the table has {len(names)} columns"
                    yield _Broken(reason, statement + self.text[self.at : end])
                else:
                    yield _Row(table, names, row)
                self.at = end
                continue
            yield self._broken(statement, fault)

    def _has_row(self) -> bool:
        """Go to the next row of an INSERT; False at the end of the statement."""
        while not self.ended and len(self.text) - self.at < _BOUND:
            self.extend()
        between = _BETWEEN_ROWS.match(self.text, self.at)
        self.at = between.end() if between else self.at
        return self.text.startswith("(", self.at)

    def _broken(self, statement: str, fault: str) -> _Broken:
        """Go to the next row or statement, holding no more text than a row may have."""
        reason, kept, start = f"line {self.line()}: {fault}", "", self.at + 1
        while True:
            following = _RESUME.search(self.text, start)
            end = following.start() if following else len(self.text)
            kept = kept or self.text[self.at : min(end, self.at + LONGEST_BROKEN)]
            if following or self.ended:
                self.at = end
                return _Broken(reason, statement + kept.rstrip())
            start = 0
            self.at = max(self.at + 1, len(self.text) - _LONGEST_START)
            self.extend()

    def _row(self, at: int) -> tuple[tuple[str, ...], int]:
        """Return the values of the row whose bracket opens at a place, and the place behind it."""
        values: list[str] = []
        while True:
            value, at = self._value(at + 1)
            values.append(value)
            sign = self.text[at : at + 1]
            if sign == ")":
                return tuple(values), at + 1
            if sign != ",":
                self._stop(at, "a value is followed by what is neither a comma nor a bracket")

    def _stop(self, at: int, fault: str) -> NoReturn:
        """Raise what stops a row at a place: the end of the text, or a fault."""
        if len(self.text) - at < _BOUND and not self.ended:
            raise _UnfinishedError
        raise _BrokenError(fault)

    def _value(self, at: int, depth: int = 0) -> tuple[str, int]:
        """Return the value at a place, and the place behind it and the blanks after it."""
        before = _BEFORE_STRING.match(self.text, at)
        if before and self.text[before.end() : before.end() + 1] in ("'", '"'):
            value, at = self._string(before.end(), self._has_escapes or before[1] is not None)
        elif (function := _FUNCTION.match(self.text, at)) and depth < _MOST_NESTED:
            value, at = self._value(function.end(), depth + 1)
            replaced = _REPLACED.match(self.text, at) if function[1].lower() == "replace" else None
            if replaced:
                value, at = value.replace(replaced[1], chr(int(replaced[2]))), replaced.end()
            elif function[1].lower() == "unistr" and self.text.startswith(")", at):
                value, at = _UNICODE.sub(lambda match: chr(int(match[1], 16)), value), at + 1
            else:
                self._stop(at, f"a call of {function[1]} that cannot be read")
        elif bare := _BARE.match(self.text, at):
            value, at = _of_word(bare[1]), bare.end()
        else:
            self._stop(at, "a value that cannot be read")
        cast = _CAST.match(self.text, at)
        at = cast.end() if cast else at
        if at >= len(self.text) and not self.ended:
            raise _UnfinishedError
        return value, at

    def _string(self, at: int, has_escapes: bool) -> tuple[str, int]:
        quote = self.text[at]
        has_escapes = has_escapes or quote == '"'
        end = closing_quote(self.text, at + 1, quote, escapes=has_escapes, doubled=True)
        if end < 0 or (end + 1 == len(self.text) and not self.ended):
            if self.ended:
                raise _BrokenError("a string that does not end")
            raise _UnfinishedError
        text = self.text[at + 1 : end]
        if has_escapes and "\\" in text:
            return _ESCAPE.sub(_unescaped, text), end + 1
        return text.replace(quote * 2, quote), end + 1

    def _copy(self, table: str) -> Iterator[_Row | _Broken]:
        copy = _COPY.match(self.text, self.at)
        if copy is None:
            yield _Broken(f"line {self.line()}: not a COPY in the form of pg_dump", self.text[self.at :][:BEGINNING])
            return
        names = self._names(table, copy[1])
        self.at = copy.end()
        while (line := self._copied_line()) is not None and line != "\\.":
            if isinstance(line, _Broken):
                yield line
                continue
            values = tuple("" if value == "\\N" else _ESCAPE.sub(_unescaped, value) for value in line.split("\t"))
            if names and len(values) != len(names):
                reason = f"line {self.line()}: {len(values)} values where the table has {len(names)} columns"
                yield _Broken(reason, line)
            else:
                yield _Row(table, names, values)

    def _copied_line(self) -> str | _Broken | None:
        """Return the next line of a COPY, and None at the end of the file."""
        fault = None
        while (end := self.text.find("\n", self.at)) < 0 and not self.ended:
            if not self.has_room():
                fault = fault or _Broken(f"line {self.line()}: {too_long()}", self.text[self.at :][:BEGINNING])
                self.at = len(self.text)
            self.extend()
        if end < 0 and self.at >= len(self.text):
            return fault
        line = self.text[self.at : end if end >= 0 else len(self.text)]
        self.at = end + 1 if end >= 0 else len(self.text)
        return fault or line.removesuffix("\r")


def _plain_name(name: str) -> str:
    """Return the name of a table or column without quotes and without that of its schema."""
    return re.split(r"[`\]\"]?\.[`\[\"]?", name.strip())[-1].strip('`"[] ')


def _unescaped(match: re.Match[str]) -> str:
    sign: str | None = match[1]
    return match[0][0] if sign is None else _ESCAPES.get(sign, sign)


def _of_word(word: str) -> str:
    """Return the value of a word that is not a string: nothing for NULL, the text of digits of base 16."""
    if word.upper() == "NULL":
        return ""
    digits = word[2:].rstrip("'") if word[:2].upper() in ("0X", "X'") else ""
    return bytes.fromhex(digits).decode("utf-8", "surrogateescape") if digits and len(digits) % 2 == 0 else word


class _Columns(NamedTuple):
    """The names of the columns of a table of cables, and the one of each field."""

    names: tuple[str, ...]
    fields: Mapping[str, str]


def _numbered(row: _Row) -> tuple[str, ...]:
    """Return names for the values of a row that have none."""
    return tuple(f"column {number}" for number in range(1, len(row.values) + 1))


def _columns(row: _Row, chosen: Mapping[str, str]) -> _Columns | None:
    """Return the columns of a table by its first row; None if it is not one of cables."""
    if row.names is None:
        names = _numbered(row)
        fields = {field: names[place] for field, place in fields_by_value(row.values).items()}
    else:
        names, fields = row.names, usual_fields(row.names, row.values)
    own = {field: name for field, name in chosen_names(names, chosen).items() if name is not None}
    if len(own) < len(chosen):
        return None
    fields = with_chosen(fields, own)
    by_name = dict(zip(names, row.values, strict=True))
    # Tables of comments or of articles about cables have a text, too.
    is_cable = {"header", "classification"} & {*fields} or is_id(by_name.get(fields.get("id", ""), ""))
    return _Columns(names, fields) if is_of_cables(fields) and (own or is_cable) else None


def _looks_like_dump(head: str) -> bool:
    return _FIRST.match(head) is not None and _START.search(head) is not None


def _has_escapes(head: str) -> bool:
    """Return whether a backslash escapes in all strings of a dump, as it does in MySQL."""
    if _OF_MYSQL.search(head):
        return True
    return _OF_OTHERS.search(head) is None and _ESCAPED.search(head) is not None


def _records(text: FileText) -> Iterator[Record | Rejected]:
    block = next(text.blocks, "")
    chosen = text.options.columns
    tables: dict[tuple[str, tuple[str, ...] | None], _Columns | None] = {}
    number = 0
    for row in _Dump(itertools.chain([block], text.blocks), _has_escapes(block[:HEAD])).read():
        if isinstance(row, _Broken):
            number += 1
            yield Rejected(text.name, number, row.reason, row.raw)
            continue
        table = row.table, row.names
        if table not in tables:
            tables[table] = _columns(row, chosen)
            if (columns := tables[table]) and (guesses := guessed(columns.fields, chosen)):
                text.note(f"read as a dump of a database, table {row.table}: {guesses}; other columns can be named")
        if columns := tables[table]:
            number += 1
            if len(row.values) != len(columns.names):  # without names only the first row says how many there are
                reason = f"{len(row.values)} values where the first row has {len(columns.names)}"
                raw = _raw(pack({}, dict(zip(_numbered(row), row.values, strict=True))))
                yield Rejected(text.name, number, reason, raw)
                continue
            yield text.record(SQL_DUMPS, pack(*sort_values(columns.names, columns.fields, row.values)), number)
    others = [table for table, columns in tables.items() if columns is None]
    shown = "; ".join(name + (f" ({', '.join(names)})" if names else "") for name, names in others)[:BEGINNING]
    if len(others) == len(tables):
        reason = "a dump of a database (SQL) without a known table of cables; name its columns"
        yield Rejected(text.name, None, f"{reason}; its tables are: {shown or 'none with rows'}", block[:BEGINNING])
    elif others:
        text.note(f"tables that are not of cables are not read: {shown}")


def _raw(fields: tuple[str, ...]) -> str:
    """Return a row as a statement, whose columns are named by field where they are of one."""
    together = named(fields)
    return f"{_statement('cable', tuple(together))}({', '.join(map(_literal, together.values()))});"


def _statement(table: str, names: tuple[str, ...] | None) -> str:
    """Return the beginning of a statement that inserts rows."""
    listed = ", ".join('"' + name.replace('"', "'") + '"' for name in names or ())
    return f'INSERT INTO "{table}" {f"({listed}) " if listed else ""}VALUES '


def _literal(text: str) -> str:
    """Return a text as a string of SQL in which backslashes escape."""
    return "E'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


SQL_DUMPS = Format("sql", "rows of databases", _looks_like_dump, _records, parse_packed, raw=_raw)
