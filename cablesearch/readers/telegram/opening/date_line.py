"""The date that newspapers print above a cable in place of its header: ``Tuesday, 14 March 2000, 09:20``."""

from __future__ import annotations

import datetime as dt
import re

from cablesearch.readers.telegram.opening.patterns import LEVEL_OF_BANNER
from cablesearch.vocabulary.dates import MONTH, month_number, utc_date

__all__ = ["date", "end"]

_WEEKDAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}\.?,? {1,3})?"
_DAY = r"([0-9]{1,2})(?:st|nd|rd|th)?"
_MONTH = rf"({MONTH})[a-z]{{0,6}}\.?"
_YEAR = r",? {1,3}((?:19|20)[0-9]{2})"
_TIME = r"(?:(?:,? {1,3}(?:at )?|\n)([0-9]{1,2})[:.]([0-9]{2})(?::[0-9]{2})?(?: ?(?:Z|GMT|UTC|hrs)\b)?)?"
_ISO = r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]([0-9]{2}):([0-9]{2})(?::[0-9]{2})?Z?)?"
_LINE = re.compile(
    r"\s{0,99}(?:\(|(?:Date|Dated|Sent|Created)[:.]? {1,3})?"
    rf"(?:{_WEEKDAY}(?:{_DAY} {{1,3}}{_MONTH}|{_MONTH} {{1,3}}{_DAY}){_YEAR}{_TIME}|{_ISO})[).,]?[^\S\n]{{0,99}}"
    # The classification may follow on the same line.
    r"(?:\n\s{0,99}|\Z|(?-i:(?=[A-Z] ?[A-Z])))",
    re.IGNORECASE,
)
_MOST_LINES_BEFORE = 2
_LONGEST_LINE_BEFORE = 200
_LEVEL = re.compile(rf"{LEVEL_OF_BANNER}|\Z")


def end(text: str) -> int:
    """Return where the date line ends with which a text begins, and the white space after it; 0 without one."""
    line = _line(text)
    return line.end() if line else 0


def date(text: str) -> dt.datetime | None:
    """Return the date of the line with which a text begins, in UTC; None without one, or if it is impossible."""
    line = _line(text)
    if line is None:
        return None
    day, month, month_first, day_last, year, hour, minute, *iso = line.groups()
    if iso[0]:
        year, number, day, hour, minute = iso[0], int(iso[1]), *iso[2:]
    else:
        number = month_number(month or month_first)
    return utc_date(int(year), number, int(day or day_last), int(hour or 0), int(minute or 0))


def _line(text: str) -> re.Match[str] | None:
    """Return the date line of a text: its first line, or one between a headline and the classification."""
    place = 0
    for _ in range(_MOST_LINES_BEFORE + 1):
        line = _LINE.match(text, place)
        if line:
            return line if place == 0 or _LEVEL.match(text, line.end()) else None
        place = text.find("\n", place, place + _LONGEST_LINE_BEFORE) + 1
        if place == 0:
            break
    return None
