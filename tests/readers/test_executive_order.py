"""The E.O. line and the date of declassification in it."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.readers.telegram.opening.executive_order import (
    declassification_date,
    eo_line,
    nondisclosure_deadline,
)
from cablesearch.readers.telegram.telegram import parse_telegram


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
        ("E.OM 11652: GDS\nTAGS: PREL", "E.OM 11652: GDS"),
        ("E.O. 11)652: N/A\nTAGS: PREL", "E.O. 11)652: N/A"),
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
        ("DECL: (11/22/2012)", "2012-11-22"),
        ("DECL: 11//22/2012", "2012-11-22"),
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


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("GDS 6/5/85 (WHITTEY, ANN) OR-M", "1985-06-05"),
        ("GDS 1-8-85 (WHITTEY, ANN) OR-E", "1985-01-08"),
        ("GDS, 6/5/85", "1985-06-05"),
        ("GDS: 12/31/84", "1984-12-31"),
        ("GDS-1/8/85", "1985-01-08"),
        ("GDS 3 DEC 84", "1984-12-03"),
        ("GDS 12/31/84\nTAGS: PREL\nSUBJECT: DECLASSIFICATION OF FILES", "1984-12-31"),
        ("RDS-1 6/5/99 (WHITTEY, ANN)", "1999-06-05"),
        ("RDS-3 06/05/2009", "2009-06-05"),
        ("RDS-1 AND 3 6/5/99", "1999-06-05"),
        ("XDS-1 10/6/99 (WHITTEY, ANN H.) OR-M", "1999-10-06"),
        ("XDS-1,3 OCTOBER 6, 1999 (WHITTEY)", "1999-10-06"),
        ("XGDS1, DECLAS 12-31-84", "1984-12-31"),
        ("XGDS (1)(2) DECLAS 12/31/84", "1984-12-31"),
        ("XGDS-2 DECLASSIFY ON DEC. 31, '84", "1984-12-31"),
        ("ADS, DECLAS 6/5/84", "1984-06-05"),
        ("DECLAS 31 DEC 84", "1984-12-31"),
    ],
)
def test_the_date_stands_after_a_schedule_of_the_older_orders(value: str, expected: str) -> None:
    text = f"E.O. 11652: {value}\nTAGS: PREL\n"
    assert declassification_date(text, dt.date(1974, 6, 5)) == dt.date.fromisoformat(expected)


@pytest.mark.parametrize(
    "value",
    [
        "GDS",
        "GDS 85",
        "XGDS-1",
        "XGDS (1)(2)",
        "XGDS-3 DECLAS IMPOSSIBLE TO DETERMINE",
        "N/A\nTAGS: PREL\nSUBJECT: GDS 6/5/85",
    ],
)
def test_a_schedule_alone_is_no_date(value: str) -> None:
    assert declassification_date(f"E.O. 11652: {value}\nTAGS: PREL\n", dt.date(1974, 6, 5)) is None


@pytest.mark.parametrize(
    ("sent", "value", "expected"),
    [
        ("JUN 89", "6/5/96", dt.date(1996, 6, 5)),
        ("JUN 95", "6/5/99", dt.date(1999, 6, 5)),
        ("JUN 95", "6/5/05", dt.date(2005, 6, 5)),
        ("JUN 05", "6/5/15", dt.date(2015, 6, 5)),
        ("JUN 05", "6/5/2015", dt.date(2015, 6, 5)),
        ("FEB 88", "2/29/96", dt.date(1996, 2, 29)),
        ("FEB 88", "2/29/97", None),
    ],
)
def test_a_year_of_two_digits_is_the_next_after_that_of_the_cable(
    sent: str, value: str, expected: dt.date | None
) -> None:
    header = f"R 061020Z {sent}\nFM AMEMBASSY OSLO\nTO SECSTATE WASHDC 1291\n\n"
    cable = parse_telegram(
        f"{header}CONFIDENTIAL OSLO 00905\n\nE.O. 12356: DECL: {value}\nTAGS: EFIS\n\n1. (C) It rained.\n"
    )
    assert cable.declassify_on == expected


def test_the_year_of_the_id_stands_for_a_missing_date() -> None:
    text = "CONFIDENTIAL OSLO 00905\n\nE.O. 12065: GDS 6/5/85\nTAGS: EFIS\n\n1. (C) It rained.\n"
    assert parse_telegram(text, cable_id="79OSLO905").declassify_on == dt.date(1985, 6, 5)


@given(st.dates(dt.date(1900, 1, 1)), st.dates(dt.date(1970, 1, 1), dt.date(2010, 12, 31)))
def test_a_date_with_two_digits_is_after_the_cable_and_within_a_century(date: dt.date, sent: dt.date) -> None:
    deadline = declassification_date(f"E.O. 12356: DECL: {date.strftime('%m/%d/%y')}\n", sent)
    assert deadline is None or (sent < deadline and deadline.year <= sent.year + 100)


def test_dates_of_paragraphs_are_no_deadline() -> None:
    assert nondisclosure_deadline("E.O. 12958: N/A\nTAGS: PREL\n\n1. (U) DECL: 11/22/2012") is None


@given(st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)))
def test_every_date_is_read_in_every_way_of_writing(date: dt.date) -> None:
    for way in ("%m/%d/%Y", "%m/%d/%y", "%Y/%m/%d"):
        assert nondisclosure_deadline(f"E.O. 12958: DECL: {date.strftime(way)}\n") == date.isoformat()


@given(
    st.text()
    | st.lists(st.sampled_from(["E.O. ", "12958", ": ", "DECL: ", "GDS ", "1/2/", "2015", "\n", "MAR "])).map("".join)
)
def test_any_text_is_read_without_an_error(text: str) -> None:
    line = eo_line(text)
    deadline = nondisclosure_deadline(text)
    assert line is None or (line in text and line == line.strip())
    assert deadline is None or dt.date.fromisoformat(deadline)


@pytest.mark.parametrize(
    "fragment", ["E.O. ", "E.O. 12958: ", "DECL: ", "E.O. 12958: DECL: ", "GDS-1 ", "\n", " ", "E"]
)
def test_a_megabyte_of_fragments_is_read(fragment: str) -> None:
    text = fragment * (1_000_000 // len(fragment))
    eo_line(text)
    assert nondisclosure_deadline(text) is None
