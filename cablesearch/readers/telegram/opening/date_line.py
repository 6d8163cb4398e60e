"""The date that newspapers print above a cable in place of its header: ``Tuesday, 14 March 2000, 09:20``."""

from __future__ import annotations

import datetime as dt
import re

__all__ = ["date", "end"]

_MONTHS = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"
_WEEKDAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}\.?,? {1,3})?"
_DAY = r"([0-9]{1,2})(?:st|nd|rd|th)?"
_MONTH = r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?"
_YEAR = r",? {1,3}((?:19|20)[0-9]{2})"
_TIME = r"(?:,? {1,3}(?:at )?([0-9]{1,2})[:.]([0-9]{2})(?::[0-9]{2})?(?: ?(?:Z|GMT|UTC|hrs)\b)?)?"
_LINE = re.compile(
    rf"\s{{0,99}}{_WEEKDAY}(?:{_DAY} {{1,3}}{_MONTH}|{_MONTH} {{1,3}}{_DAY}){_YEAR}{_TIME}[.,]?[^\S\n]{{0,99}}"
    # The classification may follow on the same line.
    r"(?:\n\s{0,99}|\Z|(?-i:(?=[A-Z] ?[A-Z])))",
    re.IGNORECASE,
)


def end(text: str) -> int:
    """Return where the date line ends with which a text begins, and the white space after it; 0 without one."""
    line = _LINE.match(text)
    return line.end() if line else 0


def date(text: str) -> dt.datetime | None:
    """Return the date of the line with which a text begins, in UTC; None without one, or if it is impossible."""
    line = _LINE.match(text)
    if line is None:
        return None
    day, month, month_first, day_last, year, hour, minute = line.groups()
    number = _MONTHS.index((month or month_first).upper()) // 3 + 1
    try:
        return dt.datetime(
            int(year), number, int(day or day_last), int(hour or 0), int(minute or 0), tzinfo=dt.timezone.utc
        )
    except ValueError:
        return None
