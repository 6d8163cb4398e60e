"""cables.csv: rows told apart by their quotes, broken ones reported, the rest kept."""

from __future__ import annotations

import csv
import datetime as dt
import io
import sys
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cablesearch.readers.errors import UnreadableCable
from cablesearch.readers.formats.cables_csv import (
    COLUMNS,
    BrokenRow,
    Row,
    looks_like_rows,
    parse_row,
    rows,
    to_line,
)
from cablesearch.readers.given_dates import created

HEADER = "P 080326Z JAN 10\nFM AMEMBASSY BEIJING\nTO RUEHC/SECSTATE WASHDC PRIORITY 7532"
BODY = 'C O N F I D E N T I A L BEIJING 000030\n\nTAGS: PGOV, CH\nSUBJECT: A "TEST"\n\n1. (C) Text \\ and more.\n\nDOE'


def fields(number: int = 1, body: str = BODY) -> tuple[str, ...]:
    name = f"10BEIJING{29 + number}"
    return (str(number), "1/8/2010 3:26", name, "Embassy Beijing", "CONFIDENTIAL", "", HEADER, body)


def read(text: str, block: int = 1 << 20, longest: int = 10_000) -> list[Row | BrokenRow]:
    return list(rows((text[at : at + block] for at in range(0, len(text), block)), longest))


def outcome(found: list[Row | BrokenRow]) -> list[tuple[int, str]]:
    return [(one.number, one.fields[0] if isinstance(one, Row) else "broken") for one in found]


def python_reader(text: str) -> list[tuple[str, ...]]:
    csv.field_size_limit(sys.maxsize)
    return [tuple(row) for row in csv.reader(io.StringIO(text, newline=""), escapechar="\\") if row]


@st.composite
def files(draw: st.DrawFn) -> str:
    """A file as any writer may have it: backslashes or doubled quotes, any line end."""
    alphabet = st.sampled_from([*'ab",\\\n\r', "\u2028", "\x85", "\f", "é", "\udce9"])
    text = ""
    for number in range(draw(st.integers(0, 4))):
        columns = [str(number), *draw(st.lists(st.text(alphabet, max_size=12), min_size=7, max_size=7))]
        if draw(st.booleans()):
            line = to_line(tuple(columns))
        else:
            line = ",".join('"' + one.replace("\\", "\\\\").replace('"', '""') + '"' for one in columns)
        text += line + draw(st.sampled_from(["\n", "\r\n"]))
    return text


@given(files(), st.integers(1, 30))
def test_rows_are_those_of_pythons_reader_however_the_text_arrives(text: str, block: int) -> None:
    found = read(text, block)
    assert all(isinstance(one, Row) for one in found)
    assert [one.fields for one in found if isinstance(one, Row)] == python_reader(text)


@given(st.lists(st.tuples(*[st.text()] * COLUMNS), min_size=1, max_size=3))
def test_what_is_written_is_read_again(written: list[tuple[str, ...]]) -> None:
    found = read("\n".join(map(to_line, written)))
    assert [one.fields for one in found if isinstance(one, Row)] == written


@pytest.mark.parametrize(
    ("stands", "means"),
    [
        (r"a \"quoted\" word", 'a "quoted" word'),
        ('a ""quoted"" word', 'a "quoted" word'),
        (r"a path C:\\dir", "a path C:\\dir"),
        ("a backslash\\\nand a line break", "a backslash\nand a line break"),
        (r"\n is the letter", "n is the letter"),
        ("kept:\u2028\x85\f\r\nall", "kept:\u2028\x85\f\r\nall"),
        (r"ends in a quote\"", 'ends in a quote"'),
        ("ends in a backslash\\\\", "ends in a backslash\\"),
        ("nothing\0lost", "nothing\0lost"),
    ],
)
def test_escapes(stands: str, means: str) -> None:
    line = to_line(fields(body="@")).replace("@", stands)
    found = read(f"{line}\n{to_line(fields(2))}\n")
    assert outcome(found) == [(1, "1"), (2, "2")]
    assert isinstance(found[0], Row)
    assert found[0].fields[7] == means


def test_fields_without_quotes_and_blank_lines_are_read() -> None:
    text = '\n1,1/8/2010 3:26,10BEIJING30,Embassy Beijing,SECRET,,"head, er","body"\r\n\r\n\n' + to_line(fields(2))
    assert outcome(read(text)) == [(1, "1"), (2, "2")]


BROKEN = {
    "too few columns": '"1","1/8/2010 3:26","10BEIJING30"',
    "too many columns": to_line(fields(1)) + ',"more","and more"',
    "one column": "Some text",
    "the last quote missing": to_line(fields(1))[:-1],
    "an inner quote missing": to_line(fields(1)).replace('","10B', ',"10B'),
    "a first quote missing": to_line(fields(1)).replace(',"Embassy', ",Embassy").replace("Beijing", 'Bei"jing'),
    "a quote not escaped": to_line(fields(1)).replace('\\"TEST\\"', '"TEST"'),
    "a quote not escaped at a line's end": to_line(fields(1)).replace('\\"TEST\\"', 'TEST"'),
    "a backslash that escapes the last quote": to_line(fields(1))[:-1] + '\\"',
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
@pytest.mark.parametrize("block", [17, 1 << 20])
def test_a_broken_row_is_reported_and_takes_no_other_with_it(broken: str, block: int) -> None:
    found = read(f"{to_line(fields(7))}\n{broken}\n{to_line(fields(8))}\n{to_line(fields(9))}\n", block)
    assert outcome(found) == [(1, "7"), (2, "broken"), (3, "8"), (4, "9")]
    assert isinstance(found[1], BrokenRow)
    assert found[1].raw == broken
    line = 1 + to_line(fields(7)).count("\n") + 1
    assert found[1].reason.startswith(f"line {line}: ")


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_row_may_be_the_last(broken: str) -> None:
    assert outcome(read(f"{to_line(fields(7))}\n{broken}")) == [(1, "7"), (2, "broken")]


def test_a_file_cut_off_loses_only_its_last_row() -> None:
    text = f"{to_line(fields(1))}\n{to_line(fields(2))}"
    found = read(text[:-5])
    assert outcome(found) == [(1, "1"), (2, "broken")]
    assert isinstance(found[1], BrokenRow)
    assert "the file ends within a field" in found[1].reason


def test_a_line_after_the_last_row_is_not_taken_for_a_part_of_it() -> None:
    assert outcome(read(f"{to_line(fields(1))}\n(1 row)\n")) == [(1, "1"), (2, "broken")]


def test_a_row_longer_than_the_bound_is_rejected_and_reading_goes_on() -> None:
    text = "\n".join([to_line(fields(1)), to_line(fields(2, "x" * 50_000)), to_line(fields(3))])
    found = read(text, block=1000)
    assert outcome(found) == [(1, "1"), (2, "broken"), (3, "3")]
    assert isinstance(found[1], BrokenRow)
    assert "longer than 0.01 MB" in found[1].reason
    assert found[1].raw.startswith('"2","1/8/2010 3:26"')


def test_an_endless_row_takes_bounded_memory() -> None:
    """The row is a hundred times as long as what may be held."""
    endless = chain([to_line(fields(1)) + '\n"2","'], ("x" * 1000 for _ in range(1000)), ["\n", to_line(fields(3))])
    reader = rows(endless, longest=10_000)
    assert outcome(list(reader)) == [(1, "1"), (2, "broken"), (3, "3")]


@given(st.text(st.sampled_from(list('1"\\,\n\r /:x')), max_size=60), st.integers(1, 9))
def test_any_text_is_read_to_its_end_and_no_text_is_lost(text: str, block: int) -> None:
    found = read(text, block)
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    assert bool(found) == bool(text.strip("\r\n"))


@given(st.text(st.sampled_from(list('1"\\,\n\r /:x')), max_size=60), st.integers(1, 9))
def test_the_size_of_blocks_changes_nothing(text: str, block: int) -> None:
    assert read(text, block) == read(text)


@pytest.mark.parametrize(
    "piece",
    ['"', '""', "\\", '\\"', ",", '",', '","', "\n", '\n"', '"\n"1","', '"1","1/1/2000 1:01","', "1,1\n", 'x"\n'],
)
def test_megabytes_of_hostile_text_are_read(piece: str) -> None:
    """In quadratic time this would not end."""
    size = 2_000_000
    assert read('"1","' + piece * (size // len(piece)), longest=2 * size, block=1 << 16)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1/8/2010 3:26", (2010, 1, 8, 3, 26)),
        ("2/5/1972 9:00", (1972, 2, 5, 9, 0)),
        ("12/31/2009 23:59:07", (2009, 12, 31, 23, 59)),
        ("2010-01-08 03:26:00", (2010, 1, 8, 3, 26)),
        ("1/8/2010", (2010, 1, 8, 0, 0)),
        ("2/30/2008 9:00", None),
        ("13/1/2008 9:00", None),
        ("1/8/2010 24:00", None),
        ("0/0/0000 0:00", None),
        ("", None),
        ("yesterday", None),
    ],
)
def test_created(text: str, expected: tuple[int, int, int, int, int] | None) -> None:
    assert created(text) == (dt.datetime(*expected, tzinfo=dt.timezone.utc) if expected else None)


@settings(max_examples=50)
@given(st.text(st.sampled_from("0123456789/-: TZ٣")))
def test_created_never_raises(text: str) -> None:
    created(text)


def test_a_row_becomes_a_cable() -> None:
    cable = parse_row(fields())
    assert (cable.id, cable.origin, cable.classification_text) == ("10BEIJING30", "Embassy Beijing", "CONFIDENTIAL")
    assert cable.date == dt.datetime(2010, 1, 8, 3, 26, tzinfo=dt.timezone.utc)
    assert (cable.header, cable.body) == (HEADER, BODY)
    assert [one.text for one in cable.paragraphs] == ["Text \\ and more."]


def test_the_classification_is_given_in_capitals() -> None:
    row = (*fields()[:4], " Secret//NoForn ", *fields()[5:])
    assert parse_row(row).classification_text == "SECRET//NOFORN"


def test_an_impossible_date_gives_way_to_the_headers() -> None:
    row = ("1", "2/30/2010 9:00", *fields()[2:])
    assert parse_row(row).date == dt.datetime(2010, 1, 8, 3, 26, tzinfo=dt.timezone.utc)


def test_references_that_only_the_column_has_are_added() -> None:
    row = (*fields()[:5], "09STATE1|10BEIJING30|", *fields()[6:])
    assert parse_row(row).references == ("09STATE1",)


@pytest.mark.parametrize("name", ["", "  ", "reference_id"])
def test_a_row_without_an_id_is_refused(name: str) -> None:
    with pytest.raises(UnreadableCable, match="column 3"):
        parse_row((*fields()[:2], name, *fields()[3:]))


def test_rows_are_told_by_their_first_fields_or_by_a_later_start_of_a_row() -> None:
    assert looks_like_rows(to_line(fields()))
    assert looks_like_rows("garbage\n" + to_line(fields()))
    assert not looks_like_rows(HEADER + "\n\n" + BODY)
    assert not looks_like_rows('{"id": "10BEIJING30"}')
