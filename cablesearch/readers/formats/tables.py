r"""Tables other than cables.csv: with any separator, with or without a heading row, and with other columns.

The columns are those that the options name, else those with usual names in the heading row, else those whose first
values look like an id, a date, a classification and a text. Fields with separators, quotes or line breaks stand in
double quotes; inside, a quote is doubled, or a backslash stands before it where the beginning of the file shows that.
The eight columns of cables.csv in their order are read as a cables.csv.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cablesearch.readers.formats.cables_csv import (
    CABLES_CSV,
    COLUMNS,
    BrokenRow,
    Dialect,
    Row,
    first_row,
    looks_like_rows,
    rows,
)
from cablesearch.readers.given_dates import created, given_date, is_day_first
from cablesearch.readers.given_values import (
    chosen_names,
    distinct_names,
    fields_by_value,
    guessed,
    is_blank,
    is_id,
    is_of_cables,
    pack,
    parse_packed,
    sort_values,
    unpack,
    usual_fields,
)
from cablesearch.readers.records import LONGEST_RECORD, FileText, Format, Record, Rejected

__all__ = ["TABLES"]

_HEAD = 65_536
_SEPARATORS = ",\t;|"
_NAMED_SEPARATOR = re.compile(r"sep=([,;|\t])\r?\n", re.IGNORECASE)
_MOST_COLUMNS = 500
_NAME = re.compile(r"[^\W\d][\w #/()&'.?:-]{0,59}|#")
_WORDS_OF_NAME = 5
_SHOWN_NAMES = 300
_EIGHT = {"date": 1, "id": 2, "origin": 3, "classification": 4, "references": 5, "header": 6, "body": 7}
"""The places of the columns of cables.csv."""
_STROKES = re.compile(r"(\s*)([0-9]{1,2})/([0-9]{1,2})/")


@dataclass(frozen=True, slots=True)
class _Shape:
    """The shape of a table: how its rows are written, where they start, the names in its heading row (None without
    one), and its first rows."""

    dialect: Dialect
    start: int
    names: tuple[str, ...] | None
    first: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class _Columns:
    """The names of the columns, the one of each field, and whether dates between strokes begin with the day."""

    names: tuple[str, ...]
    fields: Mapping[str, str]
    is_day_first: bool

    def is_eight(self, row: Sequence[str]) -> bool:
        """Return whether these are the columns of cables.csv, in their order, with its dates."""
        places = {field: self.names.index(name) for field, name in self.fields.items()}
        return (
            len(self.names) == COLUMNS
            and all(_EIGHT.get(field) == place for field, place in places.items())
            and not self.is_day_first
            and (is_blank(row[_EIGHT["date"]]) or created(row[_EIGHT["date"]]) is not None)
        )


def _shape(head: str) -> _Shape | None:
    """Return the shape of the table that begins with ``head``, or None if that is not the beginning of a table."""
    start = len(head) - len(head.lstrip("\r\n "))
    separators = _SEPARATORS
    if named := _NAMED_SEPARATOR.match(head, start):
        start, separators = named.end(), named[1]
    if head[start : start + 1] in ("{", "[", "<", ""):
        return None
    line = head[start : start + 5000].partition("\n")[0]
    shapes = [_shape_with(head, start, separator) for separator in separators if separator in line]
    return max(filter(None, shapes), key=lambda shape: shape.dialect.columns, default=None)


def _shape_with(head: str, start: int, separator: str) -> _Shape | None:
    """Return the shape of a table with this separator, or None."""
    ended = len(head) < _HEAD
    dialect = _dialect(separator, head)
    top = first_row(head, dialect, start, ended=ended)
    if top is None or not 2 <= len(top[0]) <= _MOST_COLUMNS:
        return None
    names, at = top
    columns = len(names)
    dialect = replace(dialect, columns=columns)
    first: list[tuple[str, ...]] = []
    while at < len(head) and (row := first_row(head, dialect, at, ended=ended)):
        if len(row[0]) == columns:
            first.append(row[0])
        elif len(first) < 2:
            first = []
            break
        at = row[1]
    if _is_heading(names):
        usual = usual_fields(distinct_names(names))
        is_table = {"body", "header"} & {*usual} and len(usual) > 1
        if is_table or (columns > 2 and first and not _is_heading(first[0])):
            return _Shape(dialect, start, distinct_names(names), tuple(first))
    elif columns > 2 and fields_by_value(names) and (first or any("\n" in value for value in names)):
        # A cables.csv has its own reader.
        is_own = separator == "," and columns == COLUMNS and looks_like_rows(head)
        return None if is_own else _Shape(dialect, start, None, (names, *first))
    return None


def _dialect(separator: str, head: str) -> Dialect:
    """Return how the rows of a table with this separator are written."""
    escaped = re.search(rf'\\"[^{separator}\r\n"]', head)
    return Dialect(
        separator,
        _MOST_COLUMNS,
        re.compile(rf"[^{separator}\r\n]*"),
        re.compile("\n"),
        escapes=escaped is not None,
        is_strict=False,
        name="the table",
    )


def _is_heading(names: Sequence[str]) -> bool:
    """Return whether a row is one of names: short ones, and neither ids nor dates."""
    filled = [name.strip() for name in names if name.strip()]
    return len({*filled}) >= max(2, len(names) // 2) and all(
        _NAME.fullmatch(name)
        and ": " not in name
        and len(name.split()) <= _WORDS_OF_NAME
        and not is_id(name)
        and given_date(name) is None
        for name in filled
    )


def _looks_like_table(head: str) -> bool:
    return _shape(head) is not None


def _row_start(dialect: Dialect, row: Sequence[str], last: int | None) -> Dialect:
    """Return the dialect with what starts a row: the kind of its first fields, up to the id at the place ``last``."""
    other = rf'[^"\n{dialect.separator}]'
    pieces = []
    for value in row[: 3 if last is None else min(last, 5) + 1]:
        if value.strip().isdigit():
            pieces.append('"?[0-9]{1,20}"?')
        elif is_id(value):
            pieces.append(rf'"?[0-9]{{2,4}}[A-Za-z]{other}{{1,50}}"?')
        elif "\n" not in value and len(value) <= 200:
            pieces.append(rf'(?:"[^"\n]{{0,200}}"|{other}{{0,200}})')
        else:
            break
    if not pieces:
        return dialect
    separator = re.escape(dialect.separator)
    pattern = re.compile(rf"\n(?={separator.join(pieces)}{separator})")
    return replace(dialect, row_start=pattern, longest_start=220 * (len(pieces) + 1))


def _columns(shape: _Shape, chosen: Mapping[str, str]) -> _Columns | str:
    """Return the columns of a table, or the reason why its rows cannot be cables.

    ``chosen`` are the columns by field that someone named.
    """
    count, sample = shape.dialect.columns, shape.first[0] if shape.first else ()
    names = shape.names or tuple(f"column {number}" for number in range(1, count + 1))
    if shape.names is None:
        chosen = {field: f"column {name}" if name.isdigit() else name for field, name in chosen.items()}
        fields = {field: names[place] for field, place in fields_by_value(sample).items()}
    else:
        fields = usual_fields(names, sample)
    shown = ", ".join(names)[:_SHOWN_NAMES]
    own = chosen_names(names, chosen)
    if missing := [chosen[field] for field, name in own.items() if name is None]:
        return f"a table without the column {missing[0]!r} that --columns names; its columns are: {shown}"
    named = {field: name for field, name in own.items() if name is not None}
    fields = {field: name for field, name in fields.items() if name not in named.values()} | named
    if not is_of_cables(fields):
        lacking = "the text of cables" if "body" not in fields else "the ids of cables"
        return f"a table without a known column for {lacking}; name it with --columns; its columns are: {shown}"
    dates = [row[names.index(fields["date"])] for row in shape.first] if "date" in fields else []
    return _Columns(names, fields, any(map(is_day_first, dates)))


def _note(shape: _Shape, columns: _Columns, chosen: Mapping[str, str]) -> str | None:
    """Return what was guessed of a table, or None."""
    said = guessed(columns.fields, chosen)
    if said and "date" in columns.fields and shape.first:
        date = shape.first[0][columns.names.index(columns.fields["date"])]
        if _STROKES.match(date):
            said += " as day/month/year" if columns.is_day_first else " (dates are month/day/year)"
    return f"read as a table: {said}; use --columns to change" if said else None


def _records(text: FileText) -> Iterator[Record | Rejected]:
    block = next(text.blocks, "")
    shape = _shape(block[:_HEAD])
    assert shape is not None, "this file looked like a table"
    chosen = text.options.columns
    columns = _columns(shape, chosen)
    if isinstance(columns, str):
        yield Rejected(text.name, None, columns, block[:_HEAD].partition("\n")[0])
        return
    if note := _note(shape, columns, chosen):
        text.note(note)
    sample = shape.first[0] if shape.first else ()
    id_place = columns.names.index(columns.fields["id"]) if "id" in columns.fields else None
    is_eight = bool(sample) and columns.is_eight(sample)
    dialect = _row_start(shape.dialect, sample, id_place)
    if is_eight and dialect.separator == ",":
        dialect = replace(dialect, escapes=True)
    headings = 0 if shape.names is None else 1
    blocks = itertools.chain([block[shape.start :]], text.blocks)
    for row in rows(blocks, LONGEST_RECORD, dialect):
        number = row.number - headings
        if isinstance(row, BrokenRow):
            heading = _line(columns.names) + "\n" if headings else ""
            yield Rejected(text.name, number or None, row.reason, heading + row.raw)
        elif not number or all(map(is_blank, row.fields)):
            continue  # the heading, or a row of separators
        elif is_eight:
            yield text.record(CABLES_CSV, row.fields, number)
        else:
            yield text.record(TABLES, _packed(columns, row), number)
    if not sample:
        yield Rejected(text.name, None, "a table without rows", _line(columns.names))


def _packed(columns: _Columns, row: Row) -> tuple[str, ...]:
    values, attributes = sort_values(columns.names, columns.fields, row.fields)
    if columns.is_day_first and "date" in values:
        values["date"] = _STROKES.sub(r"\1\3/\2/", values["date"], count=1)
    return pack(values, attributes)


def _line(fields: Sequence[str]) -> str:
    """Return a row of a table with commas, whose quotes are doubled."""
    return ",".join('"' + field.replace('"', '""') + '"' for field in fields)


def _raw(fields: tuple[str, ...]) -> str:
    """Return a row with a heading row of its own, which names columns by field where they are of one."""
    values, attributes = unpack(fields)
    together = attributes | values
    return f"{_line(tuple(together))}\n{_line(tuple(together.values()))}"


TABLES = Format("table", "rows of tables", _looks_like_table, _records, parse_packed, raw=_raw)
