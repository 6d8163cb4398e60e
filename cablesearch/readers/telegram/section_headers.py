"""The header that a telegram of several sections repeats in front of each of them, in the midst of its text.

Under the line of the page (``PAGE 01  OSLO 01502  02 OF 02  181512Z``) it has the distribution in the Department, a
ruler with numbers, date-time group, FM, TO and INFO, and ends with a banner
(``CONFIDENTIAL SECTION 2 OF 2 OSLO 1502``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["header_below", "section_header"]

_LONGEST_LINE = 160
_MOST_LINES = 150
_LONGEST_HEADER = 8000
_LEVEL = r"(?:UNCLAS|C ?O ?N ?F ?I ?D|S ?E ?C ?R ?E ?T|T ?O ?P {1,3}S ?E ?C|L ?I ?M ?I ?T ?E ?D {1,3}O ?F ?F)"
_LINE = re.compile(
    r"(?:ACTION|ORIGIN) {1,9}[A-Z/]{1,6}-[0-9]{2}.{0,70}"
    r"|(?:INFO {0,9})?(?:[A-Z/]{1,6}-[0-9]{2}[ ,]{0,9}){1,14}(?:/ ?[0-9]{2,4}(?: ?[A-Z]{1,2})?)?"
    r"|/[0-9]{2,4}(?: ?[A-Z]{1,2})?|-{5,70} {0,60}[0-9]{5,6}(?: {0,9}[0-9]{6}Z)?(?: {0,9}/[0-9]{2,4})?"
    r"|(?:DRAFTED|APPROVED|CLEARED) BY.{0,70}"
    r"|VZCZ[A-Z0-9]{1,20}|(?:[ZOPRY]{2} {1,3}R|RU)[A-Z]{3,7}(?: R[A-Z]{4,7}){0,9}"
    r"|DE R[A-Z]{3,8} ?#.{0,40}|ZN[RY] [A-Z]{5}.{0,9}"
    r"|(?:(?:[ZOPRY] ?){1,3} )?[0-9]{6}Z [A-Z]{3} [0-9]{2}(?:[0-9]{2})?(?: ZFF.{0,9})?"
)
"""A line that stands only in headers."""
_CHANNEL = re.compile(r"[0-9]{1,3}")
_DRAFTED = ("DRAFTED BY", "APPROVED BY", "CLEARED BY")
_CLEARED = re.compile(r"[A-Z][^a-z]{1,70}")
"""Who cleared a telegram of the Department, under those who drafted and approved it: ``L/OES - MR. PELLOW``."""
_FROM = re.compile(r"FM [A-Z].{0,80}")
_BANNER = re.compile(rf"{_LEVEL}[^a-z]{{0,120}}|[^a-z]{{0,60}}\bSECTION\b[^a-z]{{0,9}}\bOF [0-9].{{0,50}}")
_SECTION = re.compile(r"\b(?:FINAL )?SECTION (?:[0-9]{1,3} )?OF {1,2}[0-9]")
_ADDRESSES = re.compile(r"(?:TO|INFO|XMT|ZEN) ?[A-Z/].{0,90}|[A-Z0-9][^a-z]{1,80}")


def header_below(text: str, start: int) -> int:
    """Return where the header ends that stands under the line of a page, which ends at ``start``; ``start`` without
    one."""
    end, addressed, drafted = start, False, False
    for first, last in _lines(text, start):
        line = " ".join(text[first:last].split())
        if not line:
            continue
        if addressed and _BANNER.fullmatch(line):
            return last
        if _LINE.fullmatch(line):
            end, drafted = last, drafted or line.startswith(_DRAFTED)
        elif _FROM.fullmatch(line):
            end, addressed = last, True
        elif not (
            _CHANNEL.fullmatch(line)
            or (addressed and _ADDRESSES.fullmatch(line))
            or (drafted and not addressed and _CLEARED.fullmatch(line))
        ):
            break
    return end


def section_header(text: str, first: int, last: int, floor: int) -> tuple[int, int] | None:
    """Return the header that ends with the banner ``text[first:last]`` of a section, down to ``floor``; None when the
    line is no such banner."""
    line = " ".join(text[first:last].split())
    if not _BANNER.fullmatch(line) or not _SECTION.search(line):
        return None
    start = first
    sender = text.rfind("\nFM ", max(floor, first - _LONGEST_HEADER), first)
    if sender >= 0 and header_below(text, sender) == last:
        start = sender + 1
        while start > floor:
            above = text[max(floor, start - _LONGEST_LINE) : start].rstrip()
            line = above[above.rfind("\n") + 1 :]
            if not _LINE.fullmatch(" ".join(line.split())):
                break
            start = max(floor, start - _LONGEST_LINE) + len(above) - len(line)
    return start, last


def _lines(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Yield the lines behind a place, as many as a header may have."""
    for _ in range(_MOST_LINES):
        end = text.find("\n", start, start + _LONGEST_LINE)
        if end < 0:
            end = len(text) if len(text) - start < _LONGEST_LINE else start
        if start < end:
            yield start, end
        elif start >= len(text) or text[start] != "\n":
            return
        start = end + 1
