"""What sources give beside the text: dates, names of fields, and what takes the place of what."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.readers.errors import UnreadableCable
from cablesearch.readers.given_dates import given_date
from cablesearch.readers.given_values import FIELDS, cable_of, distinct_names, pack, unpack, usual_fields
from tests.support.scanning import BODY, HEADER


def shown(text: str) -> str | None:
    date = given_date(text)
    return date and f"{date.date:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    "text",
    [
        *("05 jun 1979", "5 June 1979", "5th June 1979", "5. June 1979", "5-Jun-1979", "05-JUN-79", "June 5, 1979"),
        *(
            "Jun 5 1979",
            "Jun. 5, 1979",
            "1979 June 5",
            "1979 Jun 05",
            "1979-06-05",
            "1979/06/05",
            "1979.6.5",
            "19790605",
        ),
        *(
            "Tuesday, 5 June 1979",
            "5 June 1979 (Tuesday)",
            "6/5/1979",
            "5.6.1979",
            " 5 June 1979 ",
            "1979-06-05 00:00:00",
        ),
    ],
)
def test_days(text: str) -> None:
    assert shown(text) == "1979-06-05 00:00"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "6/5/1979 10:20",
            "1979-06-05T10:20:00.000Z",
            "1979-06-05 10:20:00",
            "1979-06-05T12:20+02:00",
            "051020Z JUN 79",
        ),
        *("1979 June 5, 10:20 (Tuesday)", "Tue, 05 Jun 1979 10:20:00 +0000", "June 5, 1979 10:20 AM", "197906051020"),
        *("19790605T102000Z", "5 June 1979 at 10:20", "Tue, 5 Jun 1979 10:20 GMT", "1979-06-05 10:20:00+00"),
    ],
)
def test_times(text: str) -> None:
    date = given_date(text)
    assert date is not None
    assert (shown(text), date.has_time) == ("1979-06-05 10:20", True)


@pytest.mark.parametrize(
    "text",
    [
        *("", "n/a", "1979", "June 1979", "05-06-1979", "1979-13-01", "31 June 1979", "99/99/1979", "79", "5/6/79"),
        *("1979-06-05 25:00", "0001-01-01 00:00 +05:00", "5 June 1979 5 June 1979", "June 5, 1979 13:00 PM", "x" * 99),
    ],
)
def test_what_is_no_date_or_does_not_say_which(text: str) -> None:
    assert given_date(text) is None


@given(st.text("0123456789/-.,: TZJUNEMAYPM()+", max_size=70) | st.text(max_size=20))
def test_any_text_is_a_date_or_is_not(text: str) -> None:
    date = given_date(text)
    assert date is None or date.date.tzinfo == dt.timezone.utc


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("5 June 1979", "1979-06-05 10:20"),
        ("1979-06-05 00:00:00", "1979-06-05 10:20"),
        ("1 June 1979", "1979-06-05 10:20"),
        ("5 May 1979", "1979-05-05 00:00"),
        ("5 June 1979 11:00", "1979-06-05 11:00"),
        ("5/6/1979", "1979-06-05 10:20"),
        ("5/6/1979 11:00", "1979-06-05 11:00"),
        ("1/8/1980", "1980-01-08 00:00"),
        ("some day", "1979-06-05 10:20"),
    ],
)
def test_a_date_without_a_time_yields_to_a_date_time_group_near_it(date: str, expected: str) -> None:
    cable = cable_of({"id": "79OSLO1", "date": date, "body": f"{HEADER}\n{BODY}"})
    assert f"{cable.date:%Y-%m-%d %H:%M}" == expected


def test_an_origin_that_names_the_post_of_the_text_yields_to_it() -> None:
    for origin, expected in (("Norway Oslo", "Embassy Oslo"), ("OSLO", "Embassy Oslo"), ("Rome", "Rome")):
        assert cable_of({"id": "79OSLO1", "origin": origin, "body": f"{HEADER}\n{BODY}"}).origin == expected
    assert cable_of({"id": "79OSLO1", "origin": "Norway Oslo", "body": BODY}).origin == "Norway Oslo"


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("EFIS, NO", ["EFIS", "NO"]),
        ("EFIS - Economic Affairs--Fish | PEPR - Political Affairs", ["EFIS", "NO", "PEPR"]),
        ("PEPR; PREL", ["EFIS", "NO", "PEPR", "PREL"]),
        ("PEPR | SMITH, JOHN", ["EFIS", "NO", "PEPR", "SMITH, JOHN"]),
        ("-- N/A or Blank --", ["EFIS", "NO"]),
        ("(S) PEPR", ["EFIS", "NO"]),
    ],
)
def test_tags_are_added_to_those_of_the_text(tags: str, expected: list[str]) -> None:
    assert [tag.name for tag in cable_of({"id": "79OSLO1", "tags": tags, "body": BODY}).tags] == expected


def test_references_are_added_to_those_of_the_text() -> None:
    cable = cable_of({"id": "79OSLO1", "references": "79STATE00012|79OSLO1, nothing; 79BERN3", "body": BODY})
    assert cable.references == ("79STATE12", "79BERN3")


def test_a_blank_text_is_no_cable() -> None:
    for body in ("", " \n", "n/a", "-- N/A or Blank --"):
        with pytest.raises(UnreadableCable, match="no text of a cable"):
            cable_of({"id": "79OSLO1", "body": body})


def test_each_usual_name_stands_for_its_field() -> None:
    for field, names in FIELDS.items():
        for name in names:
            for written in (name, name.upper(), name.title().replace(" ", ""), name.replace(" ", "_")):
                found = usual_fields([written], ["79OSLO1"])
                # A few names may be the id or references.
                assert found in ({field: written}, {"id": written})


def test_columns_of_the_same_name_are_told_apart() -> None:
    assert distinct_names(["a", "a", "", "a ", "", "b"]) == ("a", "a 2", "unnamed", "a 3", "unnamed 2", "b")


texts = st.dictionaries(st.text(min_size=1), st.text(), max_size=4)


@given(texts, texts)
def test_what_is_packed_is_unpacked(values: dict[str, str], attributes: dict[str, str]) -> None:
    assert unpack(pack(values, attributes)) == (values, attributes)


def test_attributes_beside_a_text_are_added_to_those_in_it() -> None:
    block = "\n\n   Message Attributes\n\nDocument Number: 1979OSLO00921\nFilm Number: D790001-0002\nOffice: EUR\n"
    cable = cable_of({"body": f"UNCLAS OSLO 0921\n\nSUBJECT: RAIN\n\n1. RAIN FELL.{block}"}, {"Shelf": "12"})
    assert cable.attributes["Film Number"] == "D790001-0002"
    assert cable.attributes["Shelf"] == "12"
