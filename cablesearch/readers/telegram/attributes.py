"""The block "Message Attributes" under a telegram of the 1970s, as the National Archives publish it.

An attribute is a name, a colon and a value. Plain text has one a line; in text that was made of a PDF, names are glued
to the value before (``n/aControl Number:``), and values stand on the lines below.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from typing import NamedTuple

from cablesearch.cable import Attributes, Cable, Classification, Level, Tag
from cablesearch.classification.classification import OPEN, marking_of
from cablesearch.classification.covering import covering, covering_title
from cablesearch.readers.telegram.opening import reference_list, tags_line
from cablesearch.readers.telegram.page_breaks import stamps
from cablesearch.vocabulary import identifiers
from cablesearch.vocabulary.dates import month_number, utc_date

__all__ = [
    "block_end",
    "classification",
    "completed",
    "document_id",
    "draft_date",
    "is_notice",
    "sender",
    "split_body",
]

_NONE = Attributes()
_TITLE = "Message Attributes"
_TITLE_LINE = re.compile(rf"^[^\S\n]{{0,200}}{_TITLE}:?[^\S\n]{{0,200}}$", re.MULTILINE)
_IN_ORDER = """
Automatic Decaptioning, Capture Date, Channel Indicators, Concepts, Control Number, Copy, Current Classification,
Decaption Date, Decaption Note, Disposition Action, Disposition Approved on Date, Disposition Authority,
Disposition Case Number, Disposition Comment, Disposition Date, Disposition Event, Disposition History,
Disposition Reason, Disposition Remarks, Document Number, Document Source, Document Unique ID, Draft Date, Drafter,
Enclosure, Errors, Executive Order, Expiration, Film Number, Format, From, Handling Restrictions, ISecure,
Image Path, Legacy Key, Line Count, Litigation Code IDs, Litigation Codes, Litigation History, Locator, Markings,
Message ID, Office, Original Classification, Original Handling Restrictions, Original Previous Classification,
Original Previous Handling Restrictions, Page Count, Previous Channel Indicators, Previous Classification,
Previous Handling Restrictions, Reference, Retention, Review Action, Review Authority, Review Comment,
Review Content Flags, Review Date, Review Event, Review Exemptions, Review History, Review Markings,
Review Media Identifier, Review Referrals, Review Release Date, Review Release Event, Review Transfer Date,
Review Withdrawn Fields, SAS ID, Secure, Status, Subject, TAGS, To, Type, vdkvgwkey
"""
_NAMES = frozenset(name.strip() for name in _IN_ORDER.split(","))
"""The names of attributes, as they stand under the telegrams of 1973 to 1979."""
_LONGEST_NAME = max(map(len, _NAMES))
_OTHER_NAME = re.compile(r"[A-Z][a-z]{2,20}(?: [A-Z][A-Za-z]{1,20}){0,4}\Z")
"""What else is a name, at the beginning of a line: words in small letters; the values of the time are in capitals."""
_CURRENT = re.compile(
    r"^[^\S\n]{0,20}\*{3}[^\S\n]{1,4}(Current [A-Z][A-Za-z ]{5,40}?) \*{3}([^\n]{0,99})$", re.MULTILINE
)
"""What stands under the text of a telegram that was corrected: ``*** Current Classification ***   UNCLASSIFIED``."""
_REACH_ABOVE = 4000
_REACH_OF_FIRST = 2000
"""Characters under the title in which the first attribute stands."""
_INDENT = 40
_EMPTY = ("", "N/A")
_STAMPS = ("Markings", "Review Markings")
"""The attributes whose value is stamped on the pages, too, on the last one under the block."""
_BLANK_LINES = re.compile(r"\n(?:[^\S\n]{0,400}\n)+")
_DATE = re.compile(r"([0-9]{1,2})[ -]([A-Za-z]{3})[ -]([0-9]{4})")
_DOCUMENT_NUMBER = re.compile(r"19([0-9]{2})([A-Z]+)0*([1-9][0-9]{0,6})")
_OFFICE = re.compile(r" [A-Z]{2}-[A-Z]{1,3}$")
_CLASSIFICATIONS = ("Original Classification", "Original Previous Classification", "Previous Classification")
_HANDLING = (
    *("Original Handling Restrictions", "Handling Restrictions"),
    *("Original Previous Handling Restrictions", "Previous Handling Restrictions"),
)
_LONGEST_NOTICE = 500
_NOTICE = re.compile(
    r"\W*(?:(?:UNCLASSIFIED|LIMITED OFFICIAL USE|CONFIDENTIAL|(?:TOP )?SECRET)\W+)?(?:(?:THIS|THE|FULL) )?"
    r"(?:(?:TEXT|TELEGRAM|MESSAGE|RECORD|DOCUMENT|CABLE|CONTENT|ITEM)\b[^.]{0,80}?\b"
    r"(?:WITHDRAWN|UN(?:AVAILABLE|RETRIEVABLE|READABLE)|NOT (?:AVAILABLE|RETRIEVABLE|READABLE)|MISSING|(?:MICRO)?FILM)"
    r"|WITHDRAWN\b|ERRORS?(?::| READING\b)|N/A\b)"
)
"""What the National Archives put in the place of a text that they do not have."""
_COMMA = re.compile(r",(?![^()]{0,200}\))")
"""A comma that is not in brackets."""


class _Entry(NamedTuple):
    """An attribute's name, and where the name and the value start."""

    name: str
    start: int
    value_start: int


def split_body(body: str) -> tuple[str, Attributes]:
    """Return the body of a telegram without the block, and the attributes, which are empty without one.

    The attributes have the names of the National Archives, and are in order. Those without a value (``n/a``) are left
    out. The text under the last one is part of its value, but for the stamp.
    """
    if _TITLE not in body:
        return body, _NONE
    title, start = _block(body)
    entries = list(_entries(body, title, len(body)))
    if not entries:
        return body, _NONE
    values = {match[1]: match[2].strip() for match in _CURRENT.finditer(body, start, title)}
    values |= _values(body, entries, len(body))
    spans = _pieces(body, entries[-1].value_start, len(body))
    pieces = list(filter(None, (" ".join(_words(entries[-1].name, body[first:last])) for first, last in spans)))
    known = {*_stamps(values), *pieces[:1]}
    below = (piece for piece in pieces[1:] if piece not in known)
    # Markings count at the beginning of a line.
    below = ((" " if covering(OPEN, piece) == OPEN else "\n") + piece for piece in below)
    values[entries[-1].name] = "".join([*pieces[:1], *below])
    return body[:start], Attributes({name: value for name, value in values.items() if value.upper() not in _EMPTY})


def block_end(text: str, start: int, limit: int) -> int:
    """Return where the block whose title ends at ``start`` ends, before ``limit``: behind its last value, and the
    stamps under it."""
    entries = list(_entries(text, start, limit))
    if not entries:
        return limit
    known = _stamps(_values(text, entries, limit))
    end = entries[-1].value_start
    for number, (first, last) in enumerate(_pieces(text, end, limit)):
        piece = " ".join(text[first:last].split())
        if number and piece not in known:
            break
        known.add(piece)
        end = last
    return end


def document_id(attributes: Attributes) -> str | None:
    """Return the id that the document number is, such as ``74OSLO1999`` of ``1974OSLO01999``; None without one.

    Document numbers cut the post's name off (``1974BUENOS00123``); the sender has it in full.
    """
    number = attributes.get("Document Number", "")
    regular = _DOCUMENT_NUMBER.fullmatch(number)
    if regular is None:
        return identifiers.cable_id(number) or None
    year, post, serial = regular.groups()
    name = sender(attributes) or ""
    if "".join(filter(str.isalpha, name)).startswith(post):
        post = identifiers.post(name)
    return identifiers.cable_id(year + post + serial)


def sender(attributes: Attributes) -> str | None:
    """Return the post that sent the telegram, without the code of an office: ``LA PAZ`` of ``LA PAZ OR-P``."""
    return _OFFICE.sub("", attributes.get("From", "").upper()) or None


def draft_date(attributes: Attributes) -> dt.datetime | None:
    """Return the day on which the telegram was drafted, in UTC."""
    match = _DATE.fullmatch(attributes.get("Draft Date", ""))
    return utc_date(int(match[3]), month_number(match[2]), int(match[1])) if match else None


def classification(attributes: Attributes) -> Classification:
    """Return how the telegram was classified and handled when it was sent; a value that is not known raises nothing.

    Their present classification does not count, as their paragraphs have the markings of the time.
    """
    stated = [Classification.parse(attributes.get(name)) for name in _CLASSIFICATIONS]
    for name in _HANDLING:
        for caption in filter(None, map(str.strip, re.split("[,;/]", attributes.get(name, "")))):
            stated.append(marking_of(caption) or Classification(Level.UNCLASSIFIED, (caption,)))
    return reduce(Classification.join, filter(None, stated), OPEN)


def completed(cable: Cable, opening: str) -> Cable:
    """Return a cable with the TAGS, subject and references that its attributes give and its text does not.

    ``opening`` is the beginning of the text. TAGS are shown to all, so none are added if their line has a marking.
    """
    attributes = cable.attributes
    if not attributes:
        return cable
    known = {tag.name for tag in cable.tags}
    is_marked = any("TAGS" in line and covering_title(OPEN, line) != OPEN for line in opening.split("\n"))
    added = {} if is_marked else {tag.name: tag for tag in _tags(attributes) if tag.name not in known}
    references = cable.references
    if not references and "Reference" in attributes:
        year = cable.date.year if cable.date else None
        references = tuple(reference_list.references(f"REF: {attributes['Reference']}", year, cable.reference_id))
    return replace(
        cable,
        tags=(*cable.tags, *added.values()),
        subject=cable.subject or attributes.get("Subject", "").replace('\\"', '"') or None,
        references=references,
    )


def is_notice(message: str) -> bool:
    """Return whether what stands in the place of a message only says that its text is missing: withdrawn, on film."""
    notice = message.strip()
    return not notice or (len(notice) < _LONGEST_NOTICE and _NOTICE.match(" ".join(notice.upper().split())) is not None)


def _block(text: str) -> tuple[int, int]:
    """Return where the title of the block ends, and where the block starts; the length of a text without one."""
    for title in _TITLE_LINE.finditer(text):
        if next(_entries(text, title.end(), title.end() + _REACH_OF_FIRST), None):
            above = _CURRENT.search(text, max(0, title.start() - _REACH_ABOVE), title.start())
            return title.end(), above.start() if above else title.start()
    return len(text), len(text)


def _tags(attributes: Attributes) -> Iterator[Tag]:
    """Yield the TAGS that the National Archives give; persons stand in brackets there."""
    for entry in _COMMA.split(attributes.get("TAGS", "")):
        name = entry.strip().upper()
        if name.startswith("("):
            yield Tag(", ".join(part.strip() for part in name.strip("() ").split(",")), "person")
        elif name:
            yield Tag(name, tags_line.tag_kind(name))


def _entries(text: str, start: int, limit: int) -> Iterator[_Entry]:
    """Yield the attributes of a block: a name opens a line, is glued to the value before, or follows a name without a
    value."""
    behind, done = start, start
    at = text.find(":", start, limit)
    while at >= 0:
        name = _name_before(text, max(behind, at - _LONGEST_NAME - _INDENT), at, done)
        behind = at + 1
        if name:
            done = behind
            yield _Entry(name, at - len(name), done)
        at = text.find(":", behind, limit)


def _name_before(text: str, floor: int, colon: int, done: int) -> str | None:
    """Return the name of an attribute that ends at a colon, the longest that is known; None without one.

    ``done`` is where the value of the attribute before starts.
    """
    _, line_end, words = text[floor:colon].rpartition("\n")
    words = words.lstrip()
    known = next((words[at:] for at in range(len(words)) if words[at:] in _NAMES), None)
    if known is None:
        return words if line_end and _OTHER_NAME.match(words) else None
    place = colon - len(known)
    is_apart = (line_end and known == words) or not text[place - 1].isspace()
    return known if is_apart or (place - done < _INDENT and text[done:place].isspace()) else None


def _values(text: str, entries: list[_Entry], limit: int) -> dict[str, str]:
    """Return the values by name, with their white space collapsed, and without the stamps of pages that end in them."""
    words: dict[str, list[str]] = {}
    ends = [*(entry.start for entry in entries[1:]), limit]
    for entry, end in zip(entries, ends, strict=True):
        words.setdefault(entry.name, []).extend(_words(entry.name, text[entry.value_start : end]))
    return {name: " ".join(value) for name, value in words.items()}


def _words(name: str, value: str) -> list[str]:
    """Return the words of an attribute's value, without the stamps of pages that end in it."""
    if name not in _STAMPS:
        for start, end in reversed(stamps(value)):
            value = f"{value[:start]} {value[end:]}"
    return value.split()


def _stamps(values: dict[str, str]) -> set[str]:
    """Return the values that archivists also stamped on the pages."""
    return {values[name] for name in _STAMPS if name in values}


def _pieces(text: str, start: int, limit: int) -> Iterator[tuple[int, int]]:
    """Yield where the pieces between blank lines stand."""
    while start < limit:
        blank = _BLANK_LINES.search(text, start, limit)
        end = blank.start() if blank else limit
        if not text[start:end].isspace() and start < end:
            yield start, end
        start = blank.end() if blank else limit
