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
    named,
    pack,
    parse_packed,
    sort_values,
    usual_fields,
    with_chosen,
)
from cablesearch.readers.records import HEAD, LONGEST_RECORD, FileText, Format, Record, Rejected

__all__ = ["TABLES"]

_SEPARATORS = ",\t;|"
_NAMED_SEPARATOR = re.compile(r"sep=([,;|\t])\r?\n", re.IGNORECASE)
_MOST_COLUMNS = 500
"""Columns of the widest table that is read."""
_SAMPLE = 10
"""The rows at the beginning by which a table is judged."""
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
    top = first_row(head, _dialect(separator, head, _MOST_COLUMNS), start, ended=len(head) < HEAD)
    columns = len(top[0]) if top else 0
    if top is None or not 2 <= columns <= _MOST_COLUMNS:
        return None
    names = top[0]
    dialect = _dialect(separator, head, columns)
    sample = list(itertools.islice(rows(iter([head[start:]]), LONGEST_RECORD, dialect), _SAMPLE))
    if len(head) == HEAD and len(sample) > 1 and len(sample) < _SAMPLE:
        del sample[-1]  # it may be cut off
    first = tuple(row.fields for row in sample if isinstance(row, Row))
    if not _is_heading(names):
        # A cables.csv has its own reader.
        is_own = separator == "," and columns == COLUMNS and looks_like_rows(head)
        is_table = columns > 2 and fields_by_value(names) and (len(first) > 1 or any("\n" in value for value in names))
        return _Shape(dialect, start, None, first) if is_table and first and not is_own else None
    usual = usual_fields(distinct_names(names))
    # Other names are those of a table if the rows under them are.
    is_alike = columns > 2 and len(first) == len(sample) > 1 and not _is_heading(first[1])
    is_sound = len(sample) == 1 or len(first) > 1
    if is_alike or (is_sound and {"body", "header"} & {*usual} and len(usual) > 1):
        return _Shape(dialect, start, distinct_names(names), first[1:])
    return None


def _dialect(separator: str, head: str, columns: int) -> Dialect:
    """Return the dialect of a table with this separator, whose rows start with some short fields."""
    escaped = re.search(rf'\\"[^{separator}\r\n"]', head)
    short = [_short_field(separator)] * min(columns - 1, 3)
    return _starting(
        Dialect(
            separator,
            columns,
            re.compile(rf"[^{separator}\r\n]*"),
            re.compile("\n"),
            escapes=escaped is not None,
            is_strict=False,
            name="the table",
        ),
        short,
    )


def _short_field(separator: str) -> str:
    """Return the pattern of a field on one line."""
    return rf'(?:"[^"\n]{{0,200}}"|[^"\n{separator}]{{0,200}})'


def _starting(dialect: Dialect, fields: Sequence[str]) -> Dialect:
    """Return the dialect with rows that start with fields of these patterns."""
    separator = re.escape(dialect.separator)
    pattern = re.compile(rf"\n(?={separator.join(fields)}{separator})")
    return replace(dialect, row_start=pattern, longest_start=220 * (len(fields) + 1))


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
    fields = []
    for value in row[: 3 if last is None else min(last, 5) + 1]:
        if value.strip().isdigit():
            fields.append('"?[0-9]{1,20}"?')
        elif is_id(value):
            fields.append(rf'"?[0-9]{{2,4}}[A-Za-z][^"\n{dialect.separator}]{{1,50}}"?')
        elif "\n" not in value and len(value) <= 200:
            fields.append(_short_field(dialect.separator))
        else:
            break
    return _starting(dialect, fields) if fields else dialect


def _columns(shape: _Shape, chosen: Mapping[str, str]) -> _Columns | str:
    """Return the columns of a table, or the reason why its rows cannot be cables.

    ``chosen`` are the columns by field that the options name.
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
        return f"a table without the column {missing[0]!r} that was named; its columns are: {shown}"
    named = {field: name for field, name in own.items() if name is not None}
    fields = with_chosen(fields, named)
    if not is_of_cables(fields):
        lacking = "the text of cables" if "body" not in fields else "the ids of cables"
        return f"a table without a known column for {lacking}; name the column that has it; its columns are: {shown}"
    dates = [row[names.index(fields["date"])] for row in shape.first] if "date" in fields else []
    return _Columns(names, fields, any(map(is_day_first, dates)))


def _note(shape: _Shape, columns: _Columns, chosen: Mapping[str, str]) -> str | None:
    """Return what was guessed of a table, or None."""
    guesses = [guessed(columns.fields, chosen)]
    if "date" in columns.fields and shape.first:
        date = shape.first[0][columns.names.index(columns.fields["date"])]
        if _STROKES.match(date):
            guesses.append(f"dates are {'day/month' if columns.is_day_first else 'month/day'}/year")
    shown = "; ".join(filter(None, guesses))
    return f"read as a table: {shown}; other columns can be named" if shown else None


def _records(text: FileText) -> Iterator[Record | Rejected]:
    block = next(text.blocks, "")
    shape = _shape(block[:HEAD])
    assert shape is not None, "this file looked like a table"
    chosen = text.options.columns
    columns = _columns(shape, chosen)
    if isinstance(columns, str):
        yield Rejected(text.name, None, columns, block[:HEAD].partition("\n")[0])
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
    number = -1
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
    if number < 1:
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
    together = named(fields)
    return f"{_line(tuple(together))}\n{_line(tuple(together.values()))}"


TABLES = Format("table", "rows of tables", _looks_like_table, _records, parse_packed, raw=_raw)
