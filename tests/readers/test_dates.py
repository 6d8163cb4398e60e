"""Months, years of two digits and dates in UTC, which all readers of dates share."""

from __future__ import annotations

import datetime as dt

import pytest

from cablesearch.cable import ReferenceId
from cablesearch.readers.given_dates import given_date
from cablesearch.readers.telegram.opening.addressees import date_time_group
from cablesearch.vocabulary.dates import MONTHS, full_year, month_number, utc_date


def test_a_month_is_known_by_three_letters_in_any_case() -> None:
    assert [month_number(name) for name in MONTHS] == list(range(1, 13))
    assert [month_number(name) for name in ("june", "Sept", "DECEMBER")] == [6, 9, 12]
    assert [month_number(name) for name in ("", "ju", "unj", "anf")] == [0, 0, 0, 0]


@pytest.mark.parametrize(("digits", "year"), [("65", 2065), ("66", 1966), ("99", 1999), ("00", 2000), ("0066", 66)])
def test_two_digits_of_a_year_stand_for_1966_to_2065(digits: str, year: int) -> None:
    assert full_year(digits) == year


def test_a_date_that_no_calendar_has_is_none() -> None:
    assert utc_date(2000, 2, 29, 9, 20) == dt.datetime(2000, 2, 29, 9, 20, tzinfo=dt.timezone.utc)
    assert [utc_date(1900, 2, 29), utc_date(2000, 0, 1), utc_date(2000, 1, 1, 24)] == [None, None, None]


@pytest.mark.parametrize("short", ["65", "66", "99", "05"])
def test_ids_headers_and_sources_agree_on_the_century(short: str) -> None:
    cable_id, group = ReferenceId.parse(f"{short}OSLO1"), date_time_group(f"P 051200Z JUN {short}")
    given = given_date(f"05 Jun {short}")
    assert cable_id is not None
    assert group is not None
    assert given is not None
    assert cable_id.year == group.year == given.date.year == full_year(short)
