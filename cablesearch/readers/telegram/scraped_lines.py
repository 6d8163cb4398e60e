"""Texts of a public collection: id, title, date, classification and origin on a line each, then header and body.

Where the lines of header and body meet, the line break is lost: ``STOCKHOLM PRIORITYS E C R E T SECTION 01 OF 02``.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from cablesearch.cable import UNREADABLE, Attributes, Cable, Classification
from cablesearch.classification.bare import line_marking
from cablesearch.classification.classification import OPEN, marking_of
from cablesearch.readers.telegram.opening import addressees, date_line
from cablesearch.readers.telegram.opening.patterns import LABEL
from cablesearch.readers.telegram.opening.subject_line import unmarked
from cablesearch.readers.telegram.telegram import parse_cable, split_telegram
from cablesearch.vocabulary import identifiers
from cablesearch.vocabulary.dates import utc_date
from cablesearch.vocabulary.posts import stations

__all__ = ["Scraped", "parse_scraped", "scraped_lines"]

_LONGEST = 1000
_MOST_LINES = 5
_ID = re.compile(r"(?:19|20)?[0-9]{2}[A-Z]{2,40}[0-9]{1,8}(?:_[A-Za-z])?")
_LEVEL = re.compile(
    r"(?:UNCLASSIFIED|SENSITIVE BUT UNCLASSIFIED|FOR OFFICIAL USE ONLY|LIMITED OFFICIAL USE|CONFIDENTIAL|SECRET"
    r"|TOP SECRET)(?: ?/{1,2} ?[A-Z ,/]{1,60})?",
    re.IGNORECASE,
)
_KIND_OF_POST = re.compile(
    r"(?:American )?(?:Embassy|Consulate|Mission|US|USUN|REO|Secretary of|Department of)\b", re.IGNORECASE
)
_UNIX_DATE = re.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}([0-9]{1,2}) ([0-9]{1,2}:[0-9]{2})(?::[0-9]{2})?(?: [+-][0-9]{4}| [A-Z]{2,5})?"
    r" ([0-9]{4})"
)
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]([0-9]{2}):([0-9]{2}).{0,20})?")
_STROKE_DATE = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?: ([0-9]{1,2}):([0-9]{2}).{0,9})?")
_ZONE = re.compile(r" ?(?:[+-][0-9]{2}:?[0-9]{2}|Z|GMT|UTC)\Z")
_GLUED = re.compile(
    r"(?:^|(?<=\S)|(?<=[.:a-z0-9] ))(?:(?:T O P {1,3}S E C R E T|S E C R E T|C O N F I D E N T I A L"
    r"|U N C L A S(?: S I F I E D)?)(?= |$)|(?:TOP SECRET|SECRET|CONFIDENTIAL|UNCLAS(?:SIFIED)?|LIMITED OFFICIAL USE)"
    r" [^\n]{0,80}?(?<![0-9])[0-9]{2,8}(?: [A-Z /,]{2,60})?[^\S\n]{0,99}$)",
    re.MULTILINE,
)
"""The first line of a body: letters that stand apart, or a level with post and number, perhaps with captions."""
_LABEL = re.compile(rf"^[^\S\n]{{0,20}}(?:{LABEL}|SIPDIS)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Scraped:
    """What the lines say, and where the text begins."""

    id: str
    title: str
    date: dt.datetime
    classification: str
    origin: str
    end: int


def scraped_lines(text: str) -> Scraped | None:
    """Return what the lines say with which a text begins, in whatever order they stand behind the id; else None."""
    start = text[:_LONGEST].lstrip("\ufeff\n\r\t ")
    first, _, rest = start.partition("\n")
    if not _ID.fullmatch(first.strip()):
        return None
    date, classification, origin, marked = None, "", "", OPEN
    others: list[str] = []
    place = len(text[:_LONGEST]) - len(rest)
    for line in rest.split("\n")[:-1]:
        words = line.strip()
        if date and classification and (origin or len(others) == _MOST_LINES - 1):
            break
        place += len(line) + 1
        if not words:
            continue
        if date is None and (day := _date(words)):
            date = day
        elif not classification and _LEVEL.fullmatch(words):
            classification = words.upper()
        elif classification and (said := line_marking(words) or marking_of(words)):
            marked = marked.join(said)
        elif len(others) == _MOST_LINES - 1:
            return None
        else:
            others.append(words)
            # The line behind the id may be a title that begins like a post.
            if identifiers.post(words) in stations() or (_is_kind_of_post(words) and (date or classification)):
                origin = words
    if date is None or not classification or not origin:
        return None
    if marked != OPEN:
        classification = str((Classification.parse(classification) or UNREADABLE).join(marked))
    title = " ".join(line for line in others if line is not origin)
    return Scraped(first.strip(), title, date, classification, origin, place)


def parse_scraped(text: str, lines: Scraped) -> Cable:
    """Return the cable of a text and of the lines before it.

    Raises:
        UnreadableCable: it is not one.
    """
    header, body = _split(text[lines.end :])
    sent = addressees.date_time_group(header)
    is_day = not (lines.date.hour or lines.date.minute)
    cable = parse_cable(
        header,
        body,
        cable_id=lines.id,
        date=sent if is_day and sent and sent.date() == lines.date.date() else lines.date,
        origin=lines.origin,
        classification=lines.classification,
    )
    if not lines.title:
        return cable
    titled = cable.with_given(attributes=Attributes({"Title": lines.title}))
    if cable.subject is not None:
        return titled
    subject, marking = unmarked(lines.title)
    return titled.with_given(subject=subject, subject_marking=marking)


def _split(text: str) -> tuple[str, str]:
    """Split a text into header and body, also where the body begins in the middle of a line."""
    label = _LABEL.search(text)
    glued = _GLUED.search(text, 0, label.start() if label else len(text))
    return (text[: glued.start()], text[glued.start() :]) if glued else split_telegram(text)


def _date(words: str) -> dt.datetime | None:
    """Return the date of a line; the zone is not heeded, as these dates are days with a midnight of some zone."""
    if iso := _ISO_DATE.fullmatch(words):
        return utc_date(int(iso[1]), int(iso[2]), int(iso[3]), int(iso[4] or 0), int(iso[5] or 0))
    if strokes := _STROKE_DATE.fullmatch(words):
        month, day, year, hour, minute = strokes.groups(default="0")
        return utc_date(int(year), int(month), int(day), int(hour), int(minute))
    if unix := _UNIX_DATE.fullmatch(words):
        return date_line.date(f"{unix[2]} {unix[1]} {unix[4]}, {unix[3]}")
    return date_line.date(_ZONE.sub("", words))


def _is_kind_of_post(words: str) -> bool:
    """Return whether a line begins like the name of a post, known or not."""
    return _KIND_OF_POST.match(words) is not None
