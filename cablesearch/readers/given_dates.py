"""Dates as sources write them beside the text of a cable.

The order of day and month is that of the words; of numbers between strokes the month comes first, as in cables.csv,
unless it cannot be one (``25/6/1979``). Numbers between hyphens that do not begin with the year say neither, and are
not read.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from cablesearch.vocabulary.dates import MONTH, MONTHS, full_year, month_number, utc_date

__all__ = ["GivenDate", "created", "given_date", "is_day_first"]

_CREATED = re.compile(
    r"\s*(?:(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})/(?P<year>[0-9]{4})"
    r"|(?P<iso_year>[0-9]{4})-(?P<iso_month>[0-9]{1,2})-(?P<iso_day>[0-9]{1,2}))"
    r"(?:[ T](?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::[0-9]{2})?Z?)?\s*"
)
_LONGEST = 60
_MONTH = rf"(?P<word>{MONTH}[A-Z]{{0,6}})"
_WEEKDAY = re.compile(r"\(?\b(?:MON|TUES?|WED(?:NES)?|THU(?:RS?)?|FRI|SAT(?:UR)?|SUN)(?:DAY)?\b\)?[,.]?")
_TIME = re.compile(
    r"(?:[,T ]|\bAT\b)\s{0,3}(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"
    r"\s{0,3}(?P<half>AM|PM)?\s{0,3}(?P<zone>Z|GMT|UTC|[+-][0-9]{2}:?(?:[0-9]{2})?)?(?![0-9:])"
)
_DAY = re.compile(
    r"(?P<year>[0-9]{4})[-/.](?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})"
    r"|(?P<strokes>[0-9]{1,2}/[0-9]{1,2}/[0-9]{4})"
    r"|(?P<day2>[0-9]{1,2})\.\s?(?P<month2>[0-9]{1,2})\.\s?(?P<year2>[0-9]{4})"
    rf"|(?P<day3>[0-9]{{1,2}})(?:ST|ND|RD|TH|\.)?[ -]?{_MONTH},?[ -]?(?P<year3>[0-9]{{4}}|[0-9]{{2}})"
    rf"|{_MONTH.replace('word', 'word4')}\.? (?P<day4>[0-9]{{1,2}})(?:ST|ND|RD|TH)?,? (?P<year4>[0-9]{{4}})"
    rf"|(?P<year5>[0-9]{{4}})[ -]{_MONTH.replace('word', 'word5')},?[ -](?P<day5>[0-9]{{1,2}})"
    r"|(?P<year6>[0-9]{4})(?P<month6>[0-9]{2})(?P<day6>[0-9]{2})"
    r"(?:T?(?P<hour6>[0-9]{2})(?P<minute6>[0-9]{2})(?:[0-9]{2})?Z?)?"
    r"|(?P<day7>[0-9]{2})(?P<hour7>[0-9]{2})(?P<minute7>[0-9]{2})Z "
    rf"{_MONTH.replace('word', 'word7')} (?P<year7>[0-9]{{4}}|[0-9]{{2}})"
)
_STROKES = re.compile(r"\s*([0-9]{1,2})/([0-9]{1,2})/[0-9]{4}(?![0-9])")


class GivenDate(NamedTuple):
    """A date in UTC, whether it has a time of day, and the date with day and month ``swapped`` where the source does
    not show which is which."""

    date: dt.datetime
    has_time: bool
    swapped: dt.datetime | None = None


def created(text: str) -> dt.datetime | None:
    """Read ``1/8/2010 3:26``, or ``2010-01-08 03:26:00``; None when it is not a date."""
    match = _CREATED.fullmatch(text)
    if not match:
        return None
    parts = match.groupdict(default="0")
    return utc_date(
        int(match["year"] or parts["iso_year"]),
        int(match["month"] or parts["iso_month"]),
        int(match["day"] or parts["iso_day"]),
        int(parts["hour"]),
        int(parts["minute"]),
    )


def given_date(text: str) -> GivenDate | None:
    """Read a date in one of the usual forms, such as ``05 jun 1979``, ``1979 June 6, 11:20 (Wednesday)`` or
    ``1979-06-05T10:20:00.000Z``; None when it is not a date."""
    if not text or len(text) > _LONGEST:
        return None
    rest = " ".join(_WEEKDAY.sub(" ", text.upper()).split())
    time = _TIME.search(rest)
    if time:
        rest = f"{rest[: time.start()]} {rest[time.end() :]}"
    match = _DAY.fullmatch(rest.strip(" ,."))
    if match is None:
        return None
    parts = {name.rstrip("234567"): value for name, value in match.groupdict().items() if value is not None}
    if time and "hour" in parts:
        return None
    clock = _clock(time) if time else (int(parts.get("hour", 0)), int(parts.get("minute", 0)), dt.timedelta())
    has_time = time is not None or "hour" in parts
    if clock is None:
        return None
    if "strokes" in parts:
        return _of_strokes(parts["strokes"], clock, has_time)
    month = month_number(parts["word"]) if "word" in parts else int(parts["month"])
    date = _moment(full_year(parts["year"]), month, int(parts["day"]), clock)
    return GivenDate(date, has_time) if date else None


def is_day_first(text: str) -> bool:
    """Return whether a date with numbers between strokes must begin with the day: ``25/6/1979``."""
    match = _STROKES.match(text)
    return match is not None and int(match[1]) > len(MONTHS) >= int(match[2])


_Clock = tuple[int, int, dt.timedelta]
"""Hour, minute, and how much the zone is ahead of UTC."""


def _clock(time: re.Match[str]) -> _Clock | None:
    hour, zone = int(time["hour"]), time["zone"] or ""
    if time["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if time["half"] == "PM" else 0)
    ahead = dt.timedelta()
    if zone[:1] in ("+", "-"):
        digits = zone[1:].replace(":", "").ljust(4, "0")
        ahead = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:])) * (1 if zone[0] == "+" else -1)
    return hour, int(time["minute"]), ahead


def _of_strokes(text: str, clock: _Clock, has_time: bool) -> GivenDate | None:
    first, second, year = map(int, text.split("/"))
    month_first, day_first = _moment(year, first, second, clock), _moment(year, second, first, clock)
    date = month_first or day_first
    return GivenDate(date, has_time, None if date == day_first else day_first) if date else None


def _moment(year: int, month: int, day: int, clock: _Clock) -> dt.datetime | None:
    date = utc_date(year, month, day, clock[0], clock[1])
    try:
        return date - clock[2] if date else None
    except OverflowError:
        return None
