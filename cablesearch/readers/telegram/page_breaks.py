"""Page-break lines, which the telegraph put into the middle of sentences.

Two styles occur. The newer is one line, ``MONTEVIDEO 00000123  002.2 OF 004``. The older is
``PAGE 02        HARARE  03759  01 OF 03  111533Z`` with the classification, SIPDIS and blank lines around it, and below
it perhaps the header of the next section. Archivists added the stamps of their review at the ends of the pages, and a
machine lines with SIPDIS.
"""

from __future__ import annotations

import re

from cablesearch.readers.telegram.section_headers import header_below, section_header
from cablesearch.vocabulary.posts import stations

__all__ = ["Span", "blank_out", "is_caption", "is_page_break", "is_routing", "page_breaks", "stamps"]

Span = tuple[int, int]
"""Where something stands in a text: first code point, and one past the last."""

_LONGEST_LINE = 160
_LONGEST_INLINE = 80
_NEIGHBOURS = 4
_MOST_REPEATED = 12
_REACH_OF_CAPTIONS = 600
"""Characters, mostly of blank lines and of stamps that were blanked out, between a break and its captions."""
_NEW_STYLE = re.compile(r"\s*[A-Z][A-Z .'&-]{1,30}? {1,4}#?\d{4,9}\s{1,6}\d{1,3}(?:\.\d)? {1,4}OF {1,4}\d{1,3}\s*")
_LEVEL = r"(?:UNCLAS(?:SIFIED)?|CONFIDENTIAL|SECRET|LIMITED OFFICIAL USE|POSS DUPE)"
_OLD_STYLE = re.compile(
    r"\s*PAGE\s{1,9}\d{1,3}\s{1,20}[A-Z][A-Z .'-]{0,20}? {1,9}\d{3,8}(?: {1,9}(?:TO)?SEC(?:TO)? {0,3}\d{3,8})?"
    r"(?: {1,9}\d{1,3} {1,4}OF {1,4}\d{1,3})?(?: {1,9}(?:\d{2}[0-9A-Z]{4}Z"
    rf"(?:[^\S\n]{{1,20}}(?:[A-Z]{{0,8}}[0-9][A-Z0-9]{{0,8}}|{_LEVEL})){{0,3}}|\d{{1,6}}))?\s{{0,30}}"
)
_WITH_ROUTE = re.compile(r"\s*PAGE {1,9}\d{1,3} {1,20}R[A-Z]{3,7} ?#?\d{3,6}(?:/\d\d)?[A-Z0-9 /]{0,60}\s*")
_TWO_LINES = re.compile(r"[^\S\n]{0,80}PAGE {1,9}\d{1,3}[^\S\n]{0,9}\n\s{0,90}(?=[A-Z])")
_INLINE = re.compile(
    r"(?<!\S)(?:[A-Z]{2,20}(?: [A-Z]{2,20}){0,2} {1,3}0\d{7} {1,4}\d{3}(?:\.\d)? OF \d{3}"
    rf"|(?:{_LEVEL} {{1,80}}){{0,2}}PAGE {{1,9}}0\d {{1,20}}[A-Z][A-Z .]{{0,20}}? {{1,9}}\d{{3,8}}"
    r"(?: {1,9}\d{1,3} OF \d{1,3})? {1,9}\d{6}Z)(?!\S)"
)
# A pattern that begins with a literal letter skips other text fast.
_OF, _PAGE = re.compile("O(?=F )"), re.compile("P(?=AGE)")
_BEFORE_OF = frozenset("0123456789 ")
_RELEASED = re.compile("/(?=R(?:eleased|ELEASED))")
_SIPDIS = re.compile(r"(?<=\n)[^\S\n]{0,80}SIPDIS[^\S\n]{0,80}(?=\n|\Z)")
_SUBJECT = re.compile("SUBJ|Subj")
_STAMP = re.compile(
    r"Declassified/Released\s{1,80}US\s{1,80}Department\s{1,80}of\s{1,80}State\s{1,80}EO\s{1,80}Systematic\s{1,80}Review"
    r"\s{1,80}\d{1,2}\s{1,80}[A-Z]{3}\s{1,80}\d{4}",
    re.IGNORECASE,
)
_NAME = r"[A-Z][\w.'’-]{0,20}(?:[^\S\n]{1,3}(?:[A-Z][\w.'’-]{0,20}|[a-z]{2,3})){0,4}[^\S\n]{1,3}[A-Z][\w.'’-]{0,20}"
_REVIEWER = re.compile(
    rf"(?:(?:\n|\A|\t)[^\S\n]{{0,80}}|[^\S\n]{{2,80}})({_NAME})[^\S\n]{{1,80}}\Z|(?:\n|\A|\t)[^\S\n]{{8,80}}({_NAME})\s{{1,80}}\Z"
    r"|\b([A-Z][a-z]{1,20} [A-Z]\. [A-Z][\w'’-]{1,20})\s{1,80}\Z"
)
"""The name of the reviewer: in front of the stamp on its line, centred on the line above, or with a middle initial."""
_LONGEST_REVIEWER = 200
_HANDLING = (
    r"(?:SIPDIS|NOFORN|SENSITIVE(?: BUT UNCLASSIFIED)?|SBU|FOUO|NF|NODIS|EXDIS|LIMDIS|STADIS|ORCON|NOCONTRACT|PROPIN"
    r"|ROGER CHANNEL|NO FORN|FOR OFFICIAL USE ONLY)"
)
_CAPTION = re.compile(
    rf"(?:{_HANDLING}|NNNN?|LIMITED OFFICIAL USE|UNCLAS(?:SIFIED)?|U N C L A S(?: S I F I E D)?|CONFIDENTIAL"
    rf"|C O N F I D E N T I A L|(?:TOP |T O P {{1,3}})?(?:SECRET|S E C R E T))"
    rf"(?:[ /]{{1,4}}(?:{_HANDLING}|POSS DUPE)){{0,4}}"
)
_ROUTING = re.compile(
    r"(?:ALSO )?(?:FOR|FROM|(?:DEPT|DEPARTMENT|STATE)(?=[^a-z\n]{0,60}(?:\b(?:FOR|PASS)\b|/))|PASS"
    r"|([A-Z0-9/]{2,12}(?: [A-Z]{2,12})?) (?:PLEASE |ALSO )?(?:PASS|FOR))\b[^a-z\n]{0,80}(?<![.?!])"
)
_CORRECTED = re.compile(r"C ?O ?R ?R ?E ?C ?T ?E ?D {1,3}C ?O ?P ?Y\b[^a-z\n]{0,80}")
_AGENCIES = frozenset(
    """AGRICULTURE COMMERCE DEFENSE DEPT DOD DOE ENERGY FAA HQS INTERIOR JUSTICE LABOR NSC STATE TREASURY USAID USDA
    USDOC USIA USTR""".split()  # noqa: SIM905 - reads better than quoted words
)
_MOST_WORDS_OF_ROUTING = 10
_LONGEST_CAPTIONS = 3000
"""Characters at the beginning of a body in which captions are looked for."""


def is_routing(line: str) -> bool:
    """Return whether a line says only for whom in the Department the message is, or that it is a corrected copy."""
    line = line.strip()
    if line[1:2].islower():
        return False
    match = _ROUTING.fullmatch(line)
    if match is None or line.count(" ") >= _MOST_WORDS_OF_ROUTING:
        return _CORRECTED.fullmatch(line) is not None
    office = match[1]
    return office is None or "/" in office or office in _AGENCIES or office.replace(" ", "") in stations()


def _with_single_blanks(line: str) -> str:
    line = line.strip()
    return " ".join(line.split()) if "  " in line else line


def is_caption(line: str) -> bool:
    """Return whether a line is only a classification or a handling caption, such as ``CONFIDENTIAL`` or ``SIPDIS``."""
    if len(line) > _LONGEST_LINE or not line.isupper():
        return False
    return _CAPTION.fullmatch(_with_single_blanks(line)) is not None


def is_page_break(line: str) -> bool:
    """Return whether a line is a page break of either style."""
    if len(line) > _LONGEST_LINE:
        return False
    if "PAGE" not in line:
        return _NEW_STYLE.fullmatch(line) is not None
    return _OLD_STYLE.fullmatch(line) is not None or _WITH_ROUTE.fullmatch(line) is not None


def page_breaks(text: str) -> list[Span]:
    """Return where page breaks stand in a text, with the captions and the header that belong to them, and where stamps
    and the lines of a machine do; in order, apart."""
    inserted = [*stamps(text), *_stray_captions(text)]
    # Captions stand around them, too.
    rest = blank_out(text, sorted(inserted)) if inserted else text
    spans: list[Span] = []
    suspects = _suspects(rest)
    subject = _SUBJECT.search(rest) if suspects else None
    opening = subject.end() if subject else len(rest)
    for place in suspects:
        if spans and place < spans[-1][1]:
            continue
        span = _break_at(rest, place, spans[-1][1] if spans else 0, opening)
        if span is not None:
            spans.append((max(span[0], spans[-1][1]) if spans else span[0], span[1]))
    if not inserted:
        return spans
    return _joined([*spans, *(_with_captions(rest, span) for span in inserted)])


def blank_out(text: str, spans: list[Span]) -> str:
    """Overwrite the spans with blanks, keeping line breaks, so that all places in the text stay what they were."""
    pieces, done = [], 0
    for start, end in spans:
        pieces += [text[done:start], "\n".join(" " * len(line) for line in text[start:end].split("\n"))]
        done = end
    return "".join([*pieces, text[done:]]) if spans else text


def _break_at(text: str, place: int, floor: int, opening: int) -> Span | None:
    """Return the break, or the banner of a section behind ``opening``, around a suspect place."""
    span = _line_span(text, place)
    if span is None:
        return _inline_span(text, place)
    line = text[slice(*span)]
    if "SECTION" in line:
        # The first line of a body is no break.
        banner = section_header(text, *span, floor) if opening <= span[0] else None
        return _with_captions(text, banner, of_section=True) if banner else None
    if "PAGE" not in line:
        return _with_captions(text, span) if _NEW_STYLE.fullmatch(line) else _inline_span(text, place)
    page = _TWO_LINES.match(text, span[0])
    if page and (below := _line_span(text, page.end())):
        span = span[0], below[1]
    if not is_page_break(text[slice(*span)]):
        return _inline_span(text, place)
    start, end = _with_captions(text, span)
    header = start, header_below(text, end)
    return _with_captions(text, header, of_section=True) if header[1] > end else (start, end)


def stamps(text: str) -> list[Span]:
    """Return where stamps of the archivists' review stand, each with the name of the reviewer before it."""
    if not _RELEASED.search(text):
        return []
    spans: list[Span] = []
    for stamp in _STAMP.finditer(text):
        floor = max(stamp.start() - _LONGEST_REVIEWER, spans[-1][1] if spans else 0)
        reviewer = _REVIEWER.search(text[floor : stamp.start()])
        start = floor + reviewer.start(reviewer.lastindex or 0) if reviewer else stamp.start()
        spans.append((start, stamp.end()))
    return spans


def _stray_captions(text: str) -> list[Span]:
    """Return the lines under the subject that are only SIPDIS: a machine put them behind the word SECRETARY."""
    last = text.rfind("SIPDIS")
    if last < text.find("SUBJ"):
        return []
    subject = max(text.find("SUBJ"), text.find("Subj", 0, _LONGEST_CAPTIONS))
    if not 0 <= subject <= last:
        return []
    return [match.span() for match in _SIPDIS.finditer(text, subject)]


def _joined(spans: list[Span]) -> list[Span]:
    """Return spans in order, and overlapping ones as one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _suspects(text: str) -> list[int]:
    """Return places of `` OF `` between digits and of ``PAGE `` before a digit, in order."""
    places = []
    for match in _OF.finditer(text):
        place = match.start() - 1
        if (
            place > 0
            and text[place] == " "
            and text[place - 1] in _BEFORE_OF
            and text[place + 4 : place + 5] in _BEFORE_OF
        ):
            places.append(place)
    for match in _PAGE.finditer(text):
        place = match.start()
        if text[place + 4 : place + 14].lstrip()[:1].isdigit():
            places.append(place)
    return sorted(places)


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
            opens_line = not text[max(0, match.start() - _LONGEST_INLINE) : match.start()].rpartition("\n")[2].strip()
            return (_with_captions(text, match.span())[0] if opens_line else match.start()), match.end()
    return None


def _with_captions(text: str, span: Span, *, of_section: bool = False) -> Span:
    """Widen a break over the classification and SIPDIS lines before and after it, and that of a section over lines
    after it that stand in the opening, too."""
    start, end = span
    for _ in range(_NEIGHBOURS):
        floor = max(0, start - _REACH_OF_CAPTIONS)
        above = text[floor:start].rstrip()
        line = above[above.rfind("\n") + 1 :]
        if not line or not is_caption(line):
            break
        start = floor + len(above) - len(line)
    for _ in range(_MOST_REPEATED if of_section else _NEIGHBOURS):
        below = text[end : end + _REACH_OF_CAPTIONS]
        shift = len(below) - len(below.lstrip())
        line = below[shift:].partition("\n")[0]
        if not line or not (is_caption(line) or (of_section and _is_repeated(text, line, start))):
            break
        end += shift + len(line.rstrip())
    return start, end


def _is_repeated(text: str, line: str, end: int) -> bool:
    """Return whether a line stands in the opening, too."""
    first = text.find("\n1.", 0, min(end, _LONGEST_CAPTIONS))
    return text.find(f"\n{line.strip()}\n", 0, first if first >= 0 else min(end, _LONGEST_CAPTIONS)) >= 0
