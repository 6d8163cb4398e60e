"""Page-break lines, which the telegraph put into the middle of sentences.

Two styles occur. The newer is one line, ``MONTEVIDEO 00000123  002.2 OF 004``. The older is
``PAGE 02        HARARE  03759  01 OF 03  111533Z`` with the classification, SIPDIS and blank lines around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["Span", "blank_out", "is_caption", "is_page_break", "page_breaks"]

Span = tuple[int, int]
"""Where something stands in a text: first code point, and one past the last."""

_LONGEST_LINE = 160
_LONGEST_INLINE = 80
_NEIGHBOURS = 4
_NEW_STYLE = re.compile(r"\s*[A-Z][A-Z .'&-]{1,30}? {1,4}#?\d{4,9}\s{1,6}\d{1,3}(?:\.\d)? OF \d{1,3}\s*")
_OLD_STYLE = re.compile(
    r"\s*PAGE {1,9}\d{1,3} {1,20}[A-Z][A-Z .]{0,20}? {1,9}\d{3,8}(?: {1,9}\d{1,3} OF \d{1,3})?"
    r" {1,9}\d{6}Z\b(?:[^\S\n]{1,20}[A-Z0-9]{1,9}){0,3}\s{0,30}"
)
_INLINE = re.compile(
    r"(?<!\S)(?:[A-Z]{2,20}(?: [A-Z]{2,20}){0,2} {1,3}0\d{7} {1,4}\d{3}(?:\.\d)? OF \d{3}"
    r"|PAGE {1,9}0\d {1,20}[A-Z][A-Z .]{0,20}? {1,9}\d{3,8}(?: {1,9}\d{1,3} OF \d{1,3})? {1,9}\d{6}Z)(?!\S)"
)
# A pattern that begins with a literal letter skips other text fast.
_OF, _PAGE = re.compile("O(?=F )"), re.compile("P(?=AGE)")
_HANDLING = (
    r"(?:SIPDIS|NOFORN|SENSITIVE(?: BUT UNCLASSIFIED)?|SBU|FOUO|NF|NODIS|EXDIS|LIMDIS|STADIS|ORCON|NOCONTRACT|PROPIN"
    r"|ROGER CHANNEL|NO FORN|FOR OFFICIAL USE ONLY)"
)
_CAPTION = re.compile(
    rf"(?:{_HANDLING}|NNNN|LIMITED OFFICIAL USE|UNCLAS(?:SIFIED)?|U N C L A S(?: S I F I E D)?|CONFIDENTIAL"
    rf"|C O N F I D E N T I A L|(?:TOP |T O P {{1,3}})?(?:SECRET|S E C R E T))(?:[ /]{{1,4}}{_HANDLING}){{0,4}}"
)


def is_caption(line: str) -> bool:
    """Return whether a line is only a classification or a handling caption, such as ``CONFIDENTIAL`` or ``SIPDIS``."""
    return len(line) <= _LONGEST_LINE and _CAPTION.fullmatch(line.strip()) is not None


def is_page_break(line: str) -> bool:
    """Return whether a line is a page break of either style."""
    if len(line) > _LONGEST_LINE:
        return False
    return _NEW_STYLE.fullmatch(line) is not None or _OLD_STYLE.fullmatch(line) is not None


def page_breaks(text: str) -> list[Span]:
    """Return where page breaks stand in a text, with the captions that belong to them; in order, apart."""
    spans: list[Span] = []
    for place in _suspects(text):
        if spans and place < spans[-1][1]:
            continue
        span = _line_span(text, place)
        if span is None or not is_page_break(text[span[0] : span[1]]):
            span = _inline_span(text, place)
        else:
            span = _with_captions(text, span)
        if span is not None:
            spans.append((max(span[0], spans[-1][1]) if spans else span[0], span[1]))
    return spans


def blank_out(text: str, spans: list[Span]) -> str:
    """Overwrite the spans with blanks, keeping line breaks, so that all places in the text stay what they were."""
    pieces, done = [], 0
    for start, end in spans:
        pieces += [text[done:start], "\n".join(" " * len(line) for line in text[start:end].split("\n"))]
        done = end
    return "".join([*pieces, text[done:]]) if spans else text


def _suspects(text: str) -> Iterator[int]:
    """Return places of `` OF `` between digits and of ``PAGE `` before a digit, in order."""
    places = []
    for match in _OF.finditer(text):
        place = match.start() - 1
        if place > 0 and text[place] == " " and text[place - 1].isdigit() and text[place + 4 : place + 5].isdigit():
            places.append(place)
    for match in _PAGE.finditer(text):
        place = match.start()
        if text[place + 4 : place + 14].lstrip()[:1].isdigit():
            places.append(place)
    return iter(sorted(places))


def _line_span(text: str, place: int) -> Span | None:
    """Return the line around a place, None when it is longer than any page-break line."""
    floor = max(0, place - _LONGEST_LINE)
    start = text.rfind("\n", floor, place) + 1
    if start == 0 and floor:
        return None
    end = text.find("\n", place, place + _LONGEST_LINE)
    if end < 0:
        end = len(text)
    return (start, end) if end - start <= _LONGEST_LINE else None


def _inline_span(text: str, place: int) -> Span | None:
    """Return a break inside a line: pages of the mirror lost their line breaks."""
    for match in _INLINE.finditer(text, max(0, place - _LONGEST_INLINE), min(len(text), place + _LONGEST_INLINE)):
        if match.start() <= place < match.end():
            return match.span()
    return None


def _with_captions(text: str, span: Span) -> Span:
    """Widen a break over the classification and SIPDIS lines before and after it."""
    start, end = span
    for _ in range(_NEIGHBOURS):
        above = text[max(0, start - _LONGEST_LINE) : start].rstrip()
        line = above[above.rfind("\n") + 1 :]
        if not line or not is_caption(line):
            break
        start = start - len(text[max(0, start - _LONGEST_LINE) : start]) + len(above) - len(line)
    for _ in range(_NEIGHBOURS):
        below = text[end : end + _LONGEST_LINE]
        shift = len(below) - len(below.lstrip())
        line = below[shift:].partition("\n")[0]
        if not line or not is_caption(line):
            break
        end += shift + len(line.rstrip())
    return start, end
