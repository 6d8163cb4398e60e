"""The E.O. line, which names the executive order a cable is classified under and when it may be declassified.

As in ``E.O. 12958: DECL: 01/08/2035``. What follows ``DECL:`` may also be an event, an exemption (``X1``), ``OADR`` or
``N/A``.
"""

from __future__ import annotations

import datetime as dt
import re

from cablesearch.readers.telegram.opening.extent import LONGEST_OPENING, first_paragraph

__all__ = ["eo_line", "nondisclosure_deadline"]

_LONGEST_LINE = 400
_NEAR = 120
_ORDER = re.compile(
    r"[Ee](?<![A-Za-z].)[.,]?[ ]?[Oo0][.,;:]{0,2}[ ]{0,3}"
    r"(?=1[0-9O]{3,4}(?![0-9])|[Nn]/?[Aa](?![a-z])|[Dd][Ee][Cc][Ll])"
)
_NEXT_LABEL = re.compile(r"(?<![^\s.;,])(?:TAGS?|SUBJ(?:ECT)?|REFS?|CLASSIFIED[ ]BY)\b[ ]?[:;,]", re.IGNORECASE)
_DECLASSIFY = re.compile(
    r"\bDECL(?:AS(?:S(?:IFY|IFICATION|IFIED)?)?)?\b(?:[\s:;.,-]{0,12}\b(?:ON|DATE|DECL)\b)?[\s:;.,-]{0,12}",
    re.IGNORECASE,
)
_DATE_AFTER_ORDER = re.compile(r"1[0-9]{3,4}[\s:;.,-]{0,12}(?=[0-9]{1,4} ?[/.-])")
_MONTH_FIRST = re.compile(r"([0-9]{1,2})\s?[/.-]\s?([0-9]{1,2})\s?[/.-]\s?([0-9]{4}|[0-9]{2})(?![0-9])")
_YEAR_FIRST = re.compile(r"([0-9]{4})\s?[/.-]\s?([0-9]{1,2})\s?[/.-]\s?([0-9]{1,2})(?![0-9])")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MONTH_NAME = "(" + "|".join(_MONTHS) + r")[A-Z]{0,6}\.?"
_NAMED_MONTH_FIRST = re.compile(_MONTH_NAME + r"\s?([0-9]{1,2})\s?,?\s?([0-9]{4})(?![0-9])", re.IGNORECASE)
_NAMED_MONTH_SECOND = re.compile(r"([0-9]{1,2})\s?" + _MONTH_NAME + r",?\s?([0-9]{4})(?![0-9])", re.IGNORECASE)


def eo_line(text: str) -> str | None:
    """Return the E.O. line of a cable's body as written, trimmed, or None.

    It ends at the line's end, or before the next label where a body has lost its line breaks.
    """
    opening = _opening(text)
    order = _order(opening)
    return _rest_of_line(opening, order.start()).rstrip() if order else None


def nondisclosure_deadline(text: str) -> str | None:
    """Return the date of declassification that the E.O. line gives, as ``YYYY-MM-DD``.

    The date stands right after ``DECL:``, month first or four-digit year first; a year of two digits is of this
    century. None when there is no date (``N/A``, ``OADR``, an event) or it is in no calendar.
    """
    opening = _opening(text)
    order = _order(opening)
    start = order.start() if order else 0
    declassify = _DECLASSIFY.search(opening, start, start + (_NEAR if order else _LONGEST_LINE))
    if declassify is None:
        declassify = _DATE_AFTER_ORDER.match(opening, order.end()) if order else None
    return _date(opening, declassify.end()) if declassify else None


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


def _date(text: str, start: int) -> str | None:
    """Return the date that stands exactly at ``start``."""
    match = _YEAR_FIRST.match(text, start)
    if match:
        return _calendar_date(match[1], match[2], match[3])
    match = _MONTH_FIRST.match(text, start)
    if match:
        year = match[3] if len(match[3]) == 4 else "20" + match[3]
        return _calendar_date(year, match[1], match[2])
    match = _NAMED_MONTH_FIRST.match(text, start)
    if match:
        return _calendar_date(match[3], _month(match[1]), match[2])
    match = _NAMED_MONTH_SECOND.match(text, start)
    return _calendar_date(match[3], _month(match[2]), match[1]) if match else None


def _month(name: str) -> int:
    return 1 + _MONTHS.index(name.upper())


def _calendar_date(year: str, month: str | int, day: str) -> str | None:
    try:
        return dt.date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None
