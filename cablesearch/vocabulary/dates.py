"""Months, years of two digits, and dates in UTC, as the readers of dates share them."""

from __future__ import annotations

import datetime as dt

__all__ = ["FIRST_YEAR", "MONTH", "MONTHS", "full_year", "month_number", "utc_date"]

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
"""The first three letters of the names of the months."""
MONTH = f"(?:{'|'.join(MONTHS)})"
"""The pattern of these letters."""
FIRST_YEAR = 1966
"""The first year that two digits may stand for: 66 is 1966, 65 is 2065."""


def month_number(name: str) -> int:
    """Return the number of a month that begins with these letters, whatever their case; 0 if it is not one."""
    letters = name[:3].upper()
    return MONTHS.index(letters) + 1 if letters in MONTHS else 0


def full_year(digits: str) -> int:
    """Return the year of two or four digits."""
    year = int(digits)
    if len(digits) > len("66"):
        return year
    return year + (1900 if year >= FIRST_YEAR % 100 else 2000)


def utc_date(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> dt.datetime | None:
    """Return a date in UTC, or None if no calendar has it."""
    try:
        return dt.datetime(year, month, day, hour, minute, tzinfo=dt.timezone.utc)
    except ValueError:
        return None
