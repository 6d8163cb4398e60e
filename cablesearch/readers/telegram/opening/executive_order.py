"""The E.O. line, which names the executive order a cable is classified under and when it may be declassified.

As in ``E.O. 12958: DECL: 01/08/2035``. What follows ``DECL:`` may also be an event, an exemption (``X1``), ``OADR`` or
``N/A``. The orders of 1972 and 1978 name a schedule first: ``E.O. 11652: XGDS-1, DECLAS 12/31/84``, ``E.O. 12065: GDS
6/5/85 (SMITH, ANN) OR-M``.
"""

from __future__ import annotations

import datetime as dt
import re

from cablesearch.readers.telegram.opening.extent import LONGEST_OPENING, first_paragraph
from cablesearch.vocabulary.dates import MONTH, month_number

__all__ = ["declassification_date", "eo_line", "nondisclosure_deadline"]

_LONGEST_LINE = 400
_NEAR = 120
_TWO_DIGITS = 2
_ORDER = re.compile(
    r"[Ee](?<![A-Za-z].)[.,]?[ ]?[Oo0]M?[.,;:]{0,2}[ ]{0,3}"
    r"(?=1[0-9O]\)?[0-9O]{2,3}(?![0-9])|[Nn]/?[Aa](?![a-z])|[Dd][Ee][Cc][Ll])"
)
_NEXT_LABEL = re.compile(r"(?<![^\s.;,])(?:TAGS?|SUBJ(?:ECT)?|REFS?|CLASSIFIED[ ]BY)\b[ ]?[:;,]", re.IGNORECASE)
_DECLASSIFY = re.compile(
    r"\bDECL(?:AS(?:S(?:IFY|IFICATION|IFIED)?)?)?\b(?:[\s:;.,-]{0,12}\b(?:ON|UPON|BY|DATE|DECL)\b)?[\s:;.,(-]{0,12}",
    re.IGNORECASE,
)
_OF_A_DATE = r"\s[A-Z]{3}(?![A-Z]{0,6}\.?\s[0-9]{1,2},)"
"""What follows the day of a date: a month behind which no other day stands."""
_NUMBER_OF_EXEMPTION = (
    r"(?:-[1-4](?![0-9]|\s?[/.-]\s?[0-9])"
    rf"|(?:[ ,/&]{{0,3}}|\sAND\s)\(?[1-4](?![0-9]|\s?[/.-]\s?[0-9]|{_OF_A_DATE})\)?)"
)
_SCHEDULE = re.compile(rf"(?<![A-Z])(?:X?GDS|[ARX]DS){_NUMBER_OF_EXEMPTION}{{0,4}}[\s:;.,(-]{{0,12}}", re.IGNORECASE)
_DATE_AFTER_ORDER = re.compile(r"1[0-9O)]{3,5}[\s:;.,-]{0,12}(?=[0-9]{1,4} ?[/.-])")
_MONTH_FIRST = re.compile(r"([0-9]{1,2})\s?[/.-]{1,2}\s?([0-9]{1,2})\s?[/.-]{1,2}\s?([0-9]{4}|[0-9]{2})(?![0-9])")
_YEAR_FIRST = re.compile(r"([0-9]{4})\s?[/.-]{1,2}\s?([0-9]{1,2})\s?[/.-]{1,2}\s?([0-9]{1,2})(?![0-9])")
_MONTH_NAME = rf"({MONTH})[A-Z]{{0,6}}\.?"
_YEAR = r"['’]?([0-9]{4}|[0-9]{2}(?![:/-]))(?![0-9])"
_NAMED_MONTH_FIRST = re.compile(rf"{_MONTH_NAME}\s?([0-9]{{1,2}})(?:\s?,\s?|\s){_YEAR}", re.IGNORECASE)
_NAMED_MONTH_SECOND = re.compile(rf"([0-9]{{1,2}})[\s-]?{_MONTH_NAME}(?:,?\s?|-){_YEAR}", re.IGNORECASE)


def eo_line(text: str) -> str | None:
    """Return the E.O. line of a cable's body as written, trimmed, or None.

    It ends at the line's end, or before the next label where a body has lost its line breaks.
    """
    opening = _opening(text)
    order = _order(opening)
    return _rest_of_line(opening, order.start()).rstrip() if order else None


def nondisclosure_deadline(text: str) -> str | None:
    """Return the date of declassification that the E.O. line gives, as ``YYYY-MM-DD``.

    The date stands right after ``DECL:`` or a schedule (``GDS``), month first or four-digit year first. A year of two
    digits is of this century; after a schedule, which is of the last one, it is no date without the cable's. None when
    there is no date (``N/A``, ``OADR``, an event) or it is in no calendar.
    """
    date = declassification_date(text, None)
    return date.isoformat() if date else None


def declassification_date(text: str, sent: dt.date | None) -> dt.date | None:
    """Return the date of declassification in the E.O. line of a cable of ``sent``, as `nondisclosure_deadline` does.

    Where the year has two digits, it is the next such date after the cable's.
    """
    opening = _opening(text)
    order = _order(opening)
    start = order.start() if order else 0
    reach = start + (_NEAR if order else _LONGEST_LINE)
    may_say = "DECL" in opening[start:reach].upper()
    declassify = _DECLASSIFY.search(opening, start, reach) if may_say else None
    if declassify is None and order:
        declassify = _DATE_AFTER_ORDER.match(opening, order.end())
    date = _date(opening, declassify.end()) if declassify else None
    if date is None and order:
        date = _date_of_schedule(opening, order.end(), sent)
    return _calendar_date(*date, sent) if date else None


def _date_of_schedule(opening: str, start: int, sent: dt.date | None) -> tuple[str, int, int] | None:
    """Return the date behind a schedule in the E.O. line, if its century can be known."""
    label = _NEXT_LABEL.search(opening, start, start + _NEAR)
    schedule = _SCHEDULE.search(opening, start, label.start() if label else start + _NEAR)
    date = _date(opening, schedule.end()) if schedule else None
    return date if date and (sent or len(date[0]) > _TWO_DIGITS) else None


def _opening(text: str) -> str:
    """Return what stands before the first paragraph."""
    end = first_paragraph(text)
    return text[: LONGEST_OPENING if end is None else end]


def _order(opening: str) -> re.Match[str] | None:
    """Return where the E.O. line starts: at a line's start or before a declassification, else at the first mention."""
    first = None
    for order in _ORDER.finditer(opening):
        line = order.start() == 0 or opening[order.start() - 1] == "\n"
        if line or "DECL" in opening[order.end() : order.end() + 16].upper():
            return order
        first = first or order
    return first


def _rest_of_line(opening: str, start: int) -> str:
    end = opening.find("\n", start, start + _LONGEST_LINE)
    line = opening[start : end if end >= 0 else start + _LONGEST_LINE]
    label = _NEXT_LABEL.search(line)
    return line[: label.start()] if label else line


def _date(text: str, start: int) -> tuple[str, int, int] | None:
    """Return year as written, month and day of the date that stands exactly at ``start``."""
    match = _YEAR_FIRST.match(text, start)
    if match:
        return match[1], int(match[2]), int(match[3])
    match = _MONTH_FIRST.match(text, start)
    if match:
        return match[3], int(match[1]), int(match[2])
    match = _NAMED_MONTH_FIRST.match(text, start)
    if match:
        return match[3], month_number(match[1]), int(match[2])
    match = _NAMED_MONTH_SECOND.match(text, start)
    return (match[3], month_number(match[2]), int(match[1])) if match else None


def _calendar_date(year: str, month: int, day: int, sent: dt.date | None) -> dt.date | None:
    """Return a date, the century of which follows from when the cable was ``sent``; None when no calendar has it."""
    try:
        if len(year) > _TWO_DIGITS:
            return dt.date(int(year), month, day)
        century = 2000 if sent is None else sent.year // 100 * 100
        date = dt.date(century + int(year), month, day)
        return date if sent is None or date > sent else dt.date(date.year + 100, month, day)
    except ValueError:
        return None
