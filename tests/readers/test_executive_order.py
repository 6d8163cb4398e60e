"""The E.O. line and the date of declassification in it."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.readers.telegram.opening.executive_order import eo_line, nondisclosure_deadline


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "C O N F I D E N T I A L QUITO 000012\n\nE.O. 12958: DECL: 01/08/2035  \nTAGS: PREL",
            "E.O. 12958: DECL: 01/08/2035",
        ),
        ("SIPDIS\nEO 13526 DECL 2020/02/23\nSUBJECT: X", "EO 13526 DECL 2020/02/23"),
        ("TAGS: PREL\nE.O. 12356: DECL:  OADR\n", "E.O. 12356: DECL:  OADR"),
        ("DEPT FOR EUR/NB E.O. 12958: N/A TAGS: PREL SUBJECT: X", "E.O. 12958: N/A"),
        ("E.O.1295: NA\n", "E.O.1295: NA"),
        ("E.O. 12958:\nDECL: 01/02/2015\n", "E.O. 12958:"),
    ],
)
def test_the_line_is_returned_as_it_stands(text: str, expected: str) -> None:
    assert eo_line(text) == expected


def test_a_mention_of_the_order_does_not_hide_the_line() -> None:
    text = "CLASSIFIED BY DCM, E.O. 12958, REASON 1.4\nE.O. 12958: DECL: 01/02/2015\nTAGS: PREL\n"
    assert eo_line(text) == "E.O. 12958: DECL: 01/02/2015"


@pytest.mark.parametrize(
    "text", ["", "SUBJECT: THE REO 12958 PROGRAM", "1. (C) Nothing.\n", "\n1. (C) E.O. 12958: DECL: 01/02/2015"]
)
def test_without_a_line_there_is_none(text: str) -> None:
    assert eo_line(text) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("DECL: 12/31/2034", "2034-12-31"),
        ("decl: 6/30/08", "2008-06-30"),
        ("DECL 2020/2/3", "2020-02-03"),
        ("DECL: 10-02-2019", "2019-10-02"),
        ("DECL: 1 /2/ 2015", "2015-01-02"),
        ("DECL: DECL: 11/22/2012", "2012-11-22"),
        ("\nDECL: 11/22/2012", "2012-11-22"),
        ("11/22/2012", "2012-11-22"),
        ("DECLASSIFY ON: 11/22/2012", "2012-11-22"),
        ("DECL: January 5, 2015", "2015-01-05"),
        ("DECL: 5 JAN 2015", "2015-01-05"),
    ],
)
def test_a_date_right_after_the_label_is_the_deadline(value: str, expected: str) -> None:
    assert nondisclosure_deadline(f"SIPDIS\n\nE.O. 12958: {value}\nTAGS: PREL\n") == expected


@pytest.mark.parametrize(
    "value",
    [
        "N/A",
        "DECL: OADR",
        "DECL: X1, X5",
        "DECL: 1.6X1",
        "DECL: AFTER KOREAN UNIFICATION",
        "DECL: UPON RETIREMENT, 11/22/2012",
        "DECL: 02/30/2015",
        "DECL: 13/01/2015",
        "DECL: 12/31/20189",
        "GDS 11/5/85",
    ],
)
def test_events_exemptions_and_impossible_dates_are_no_deadline(value: str) -> None:
    assert nondisclosure_deadline(f"E.O. 12958: {value}\nTAGS: PREL\nSUBJECT: X\n") is None


def test_dates_of_paragraphs_are_no_deadline() -> None:
    assert nondisclosure_deadline("E.O. 12958: N/A\nTAGS: PREL\n\n1. (U) DECL: 11/22/2012") is None


@given(st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)))
def test_every_date_is_read_in_every_way_of_writing(date: dt.date) -> None:
    for way in ("%m/%d/%Y", "%m/%d/%y", "%Y/%m/%d"):
        assert nondisclosure_deadline(f"E.O. 12958: DECL: {date.strftime(way)}\n") == date.isoformat()


@given(
    st.text() | st.lists(st.sampled_from(["E.O. ", "12958", ": ", "DECL: ", "1/2/", "2015", "\n", "MAR "])).map("".join)
)
def test_any_text_is_read_without_an_error(text: str) -> None:
    line = eo_line(text)
    deadline = nondisclosure_deadline(text)
    assert line is None or (line in text and line == line.strip())
    assert deadline is None or dt.date.fromisoformat(deadline)


@pytest.mark.parametrize("fragment", ["E.O. ", "E.O. 12958: ", "DECL: ", "E.O. 12958: DECL: ", "\n", " ", "E"])
def test_a_megabyte_of_fragments_is_read(fragment: str) -> None:
    text = fragment * (1_000_000 // len(fragment))
    eo_line(text)
    assert nondisclosure_deadline(text) is None
