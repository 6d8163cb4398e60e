"""Reading the text of a telegram into a :class:`~cablesearch.cable.Cable`.

The *header* is what the wire added: transmission id, routing, date-time group, FM, TO and INFO lists. The *body* is
the message, from the line of its classification on. Either may be missing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

from cablesearch.cable import UNREADABLE, Attributes, Cable, Classification, ClassifiedBy, Paragraph, ReferenceId, Tag
from cablesearch.classification.classification import OPEN
from cablesearch.classification.leading import leading_marking
from cablesearch.readers.errors import UnreadableCable
from cablesearch.readers.limits import check_controls, check_header, check_size
from cablesearch.readers.telegram import attributes
from cablesearch.readers.telegram.banners import BANNER, banners
from cablesearch.readers.telegram.body.envelope import envelope
from cablesearch.readers.telegram.body.layout import Layout, lay_out
from cablesearch.readers.telegram.body.paragraphs import paragraphs
from cablesearch.readers.telegram.opening import (
    addressees,
    classifier,
    date_line,
    executive_order,
    reference_list,
    subject_line,
    tags_line,
)
from cablesearch.readers.telegram.page_breaks import Span, is_caption, page_breaks
from cablesearch.text.analysis import split
from cablesearch.text.lookalikes import odd_characters
from cablesearch.vocabulary import identifiers

__all__ = ["parse_cable", "parse_telegram", "split_telegram"]

_LONGEST_HEADER = 60_000
_BANNER_LINE = re.compile(rf"\n{BANNER.pattern}")
_HEADER_MARK = re.compile(
    r"\n[^\S\n]*(?:VZCZ[A-Z0-9]|ZN[YR] [A-Z]{5}|DE R[A-Z]{4,8} ?#|FM [A-Z]"
    r"|(?:[ZOPRY] ){1,3}[0-9]{6}Z [A-Z]{3} [0-9]{2})"
)
_OPENING_LABEL = re.compile(
    r"\n[^\S\n]*(?:E\.? ?O\.? ?1[0-9]{3,4}|TAGS\b|SUBJECT\b|SUBJ:|REF:|SIPDIS\b|1\. )", re.IGNORECASE
)
_MESSAGE_BEGAN = re.compile(r"\n[^\S\n]*(?:E\.? ?O\.? ?1[0-9]{3,4}|TAGS\b)", re.IGNORECASE)
_ADDRESSEE_FOLLOWS = re.compile(r"[^\n]{0,300}\n(?:[^\S\n]{0,99}\n){0,3}[^\S\n]{0,20}(?:(?:TO|INFO)\b|R[A-Z]{4,7}/)")
_TITLE = "Message Text"
_REACH_OF_TITLE = 5000
_TITLE_LINE = re.compile(rf"\n[^\S\n]{{0,200}}{_TITLE}:?[^\S\n]{{0,200}}(?=\n)")
"""The line that the National Archives put above a telegram."""
_ADDRESSED = re.compile(r"\n[^\S\n]*(?:FM|TO|INFO) ")
_OFFICE = re.compile(r"[A-Z]-[0-9]{2}\b")
_BLANK_LINES = re.compile(r"\n(?:[^\S\n]{0,99}\n)+")
_PAGE_LINE = re.compile(r"\s{0,99}PAGE [0-9]")
_ROUTING_LINE = re.compile(
    r"\s{0,99}(?:PAGE {1,9}[0-9]|[0-9]{1,6}\s*\n|(?:ACTION|ORIGIN|INFO)\s+[A-Z/]{1,8}-[0-9]"
    r"|(?:[A-Z/]{1,8}-[0-9]{1,3}\s+){1,12}|/[0-9]{2,4} ?[A-Z]?\s*\n|-{9}|(?:DRAFTED|APPROVED) BY\b"
    r"|(?:[ZOPRY] ){1,4}[0-9]{6}Z |FM [A-Z]|(?:TO|INFO) (?:SECSTATE|AMEMB|AMCON|US|R[A-Z]{4,7}/))"
)
"""A line of the header, as the Department distributed a telegram."""
_SIGNS_OF_BANNER = ("PAGE 0", "SECRET", "CONFIDENTIAL", "S E C R E T", "C O N F I D")
"""What stands in a header that may have banners of pages."""
_SECTION = re.compile(r"SECTION [0-9]{1,3} OF {1,2}[0-9]{1,3}")
_SERIAL = re.compile(r"([A-Z][A-Z .'-]{1,40}?)\s{1,4}#?([0-9]{2,8})(?![0-9])")
_STATION_SERIAL = re.compile(r"\bDE R[A-Z]{3,8} ?#([0-9]{1,8})")
_STATION_SERIALS = 10_000
_SHORTEST_LONG_ID = len("06XX9999")
_SUBJECT_LABEL = re.compile(r"[A-Z]{2,8} {0,2}:?", re.IGNORECASE)


def split_telegram(text: str) -> tuple[str, str]:
    """Split a telegram's text into header and body; put together they are the text again.

    The body starts with the line of its classification, or of its first label when it has none; all white space
    before that line stays with the header. A text without the marks of a header is all body.
    """
    start = _body_start(text)
    return text[:start], text[start:]


def parse_telegram(text: str, *, cable_id: str | None = None, named_id: str = "") -> Cable:
    """Read a telegram, header and body in one text.

    ``named_id`` is the id that something beside the text says, such as the name of its file: it is used if the text
    gives no id, or only the end of its serial.

    Raises:
        UnreadableCable: it has no id, and its date, post and serial do not give one.
    """
    header, body = split_telegram(text)
    try:
        return parse_cable(header, body, cable_id=cable_id or _longer_id(header, body, named_id))
    except UnreadableCable:
        if not named_id:
            raise
    return parse_cable(header, body, cable_id=named_id)


def parse_cable(
    header: str,
    body: str,
    *,
    cable_id: str | None = None,
    date: dt.datetime | None = None,
    origin: str | None = None,
    classification: str | Classification | None = None,
) -> Cable:
    """Read a cable. What is not given is derived: the date from the date-time group, the origin from the FM line,
    the id from year, post and serial, the classification from the body's first line and captions.

    A date without a time zone is in UTC; a classification that cannot be read is the highest. ``header`` and ``body``
    are kept as they come; fields read from them show undecodable bytes (surrogate escapes) as in code page 1252.

    Raises:
        UnreadableCable: there is no id, and it cannot be derived; or the cable is too large (see
            `cablesearch.readers.limits`).
    """
    check_header(header)
    odd = odd_characters(body)
    shown_header, shown_body = _readable(header, odd_characters(header)), _readable(body, odd)
    message, values = attributes.split_body(shown_body)
    fm_line = None if cable_id and origin else addressees.from_line(shown_header) or attributes.sender(values)
    sent = _in_utc(date) if date else _sent(shown_header, values)
    name = cable_id or attributes.document_id(values) or _derived_id(shown_header, message, fm_line, sent)
    breaks = [(0, len(message))] if values and attributes.is_notice(message) else page_breaks(message)
    classification_text, level = _classified(classification, *_banners(shown_header, message, breaks, values))
    layout = lay_out(message, level, breaks, odd if message is body else None)
    read = paragraphs(layout, level)
    reference_id = identifiers.cable_id(name)
    cable = Cable(
        id=name,
        reference_id=reference_id,
        date=sent,
        origin=origin or (identifiers.origin(fm_line) if fm_line else ""),
        classification=level,
        classification_text=classification_text,
        signers=layout.signers,
        paragraphs=read,
        header=header,
        body=body,
        attributes=values,
        given=_named(id=cable_id, date=date, origin=origin, classification=classification),
        **_said_by_header(shown_header),
        **_said_by_opening(layout, read, level, reference_id, sent),
    )
    cable = attributes.completed(cable, layout.opening)
    check_size(cable)
    return cable.heeding()


def _in_utc(date: dt.datetime) -> dt.datetime:
    """Return a date in UTC; one without a time zone is already."""
    return date.replace(tzinfo=dt.timezone.utc) if date.tzinfo is None else date.astimezone(dt.timezone.utc)


def _sent(header: str, values: Attributes) -> dt.datetime | None:
    """Return when a cable was sent, or else printed or drafted."""
    return addressees.date_time_group(header) or date_line.date(header) or attributes.draft_date(values)


def _named(**values: object) -> tuple[str, ...]:
    """Return the names of the values that are given."""
    return tuple(name for name, value in values.items() if value)


def _banners(header: str, message: str, breaks: list[Span], values: Attributes) -> tuple[str, Classification | None]:
    """Return the text of the banner of a message, and what covers it and the banners of pages in its header, and what
    the National Archives say."""
    text, covering = banners(message, breaks)
    stated = [covering, attributes.classification(values)] if values else [covering]
    text = text or values.get("Original Classification", "")
    if any(sign in header for sign in _SIGNS_OF_BANNER):
        of_pages, covering = banners("\n".join(filter(is_caption, header.split("\n"))))
        text = text or of_pages
        stated.append(covering)
    known = [classification for classification in stated if classification]
    return text, reduce(Classification.join, known) if known else None


def _classified(
    given: str | Classification | None, banner: str, covering: Classification | None
) -> tuple[str, Classification]:
    """Return the classification of a cable as text, and as it is given, joined with what covers its banners."""
    if isinstance(given, Classification):
        text, level = str(given), given
    else:
        text = given or banner
        level = Classification.parse(text) or UNREADABLE
    if covering:
        level = level.join(covering)
    check_controls(level)
    return text, level


def _said_by_header(header: str) -> dict[str, Any]:
    """Return the fields of a cable that only its header says."""
    action, information = addressees.addressees(header)
    return {
        "recipients": tuple(action),
        "info_recipients": tuple(information),
        "precedence": addressees.precedence(header),
    }


def _said_by_opening(
    layout: Layout,
    read: tuple[Paragraph, ...],
    classification: Classification,
    reference_id: str,
    sent: dt.datetime | None,
) -> dict[str, Any]:
    """Return the fields of a cable that are read from its opening, and its envelope.

    TAGS are read only from text that everyone may read; the other fields from text that everyone with access to the
    cable may read."""
    opening = _without(layout.opening, read, lambda paragraph: classification.covers(paragraph.classification))
    subject = subject_line.find_subject(opening)
    return {
        "tags": tuple(Tag(tag, tags_line.tag_kind(tag)) for tag in tags_line.tags(_unmarked(opening, read))),
        "subject": subject.text or None if subject else None,
        "subject_marking": _subject_marking(layout.opening, subject, classification) if subject else None,
        "references": tuple(reference_list.references(opening, _year(reference_id, sent), reference_id)),
        "eo_line": executive_order.eo_line(opening),
        "declassify_on": _deadline(opening, reference_id, sent),
        "classified_by": ClassifiedBy(
            tuple(classifier.classified_by(opening, normalize=True)), classifier.classification_reason(opening)
        ),
        "envelope": envelope(layout, _subject_span(opening, subject) if subject else None),
    }


def _body_start(text: str) -> int:
    """Return where the body starts; 0 when there is no header."""
    head = "\n" + text[:_LONGEST_HEADER]
    title = _TITLE_LINE.search(head) if head.find(_TITLE, 0, _REACH_OF_TITLE) >= 0 else None
    mark = title or _header_mark(head)
    if not mark:
        return date_line.end(text)
    label = _OPENING_LABEL.search(head, mark.end())
    limit = label.start() if label else len(head)
    for banner in _BANNER_LINE.finditer(head, mark.end(), limit):
        # Under the title, a banner alone is as often that of a page.
        if not _PAGE_LINE.match(head, banner.end()) and (not title or _SERIAL.search(banner[2])):
            return banner.start()
    if title:
        return _routing_end(head, title.end()) - 1
    addressed = mark.end()
    for line in _ADDRESSED.finditer(head, mark.end(), limit):
        addressed = line.end()
    blank = _BLANK_LINES.search(head, addressed, limit)
    if blank:
        return blank.end() - 1
    return limit if label else len(text)


def _header_mark(head: str) -> re.Match[str] | None:
    """Return the first mark of a header, which stands before the message: an FM line alone is one if an addressee
    follows it, or if it is the first line and in capitals."""
    done = 0
    is_labelled = False
    for mark in _HEADER_MARK.finditer(head):
        start = mark.start()
        if start and _begins_message(head, done, start):
            return None
        if not mark[0].lstrip().startswith("FM "):
            return mark
        is_labelled = is_labelled or _OPENING_LABEL.search(head, done, start) is not None
        is_first = not head[:start].strip() and head[start : head.find("\n", mark.end())].isupper()
        if is_first or (not is_labelled and _ADDRESSEE_FOLLOWS.match(head, mark.end())):
            return mark
        done = start
    return None


def _begins_message(head: str, start: int, end: int) -> bool:
    """Return whether a message begins between two places: with its numbered first line, its E.O. line or its TAGS."""
    if _MESSAGE_BEGAN.search(head, start, end):
        return True
    return any(_SERIAL.search(banner[2]) for banner in _BANNER_LINE.finditer(head, start, end))


def _routing_end(head: str, start: int) -> int:
    """Return where the header under the title ends that has no numbered first line of a message behind it."""
    is_addressed = False
    while start < len(head):
        end = head.find("\n", start)
        end = len(head) if end < 0 else end + 1
        line = head[start:end]
        if not line.strip():
            is_addressed = False
        elif _ROUTING_LINE.match(line):
            is_addressed = _ADDRESSED.match("\n" + line) is not None and not _OFFICE.search(line)
        elif not is_addressed and not (BANNER.match(line) and _ROUTING_LINE.match(head, end)):
            break
        start = end
    return start


def _readable(text: str, odd: str) -> str:
    """Return the text, of which ``odd`` are the odd characters, with the characters of code page 1252 for bytes that
    could not be decoded."""
    return text if _SURROGATE.search(odd) is None else text.translate(_UNDECODABLE)


def _character(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


_SURROGATE = re.compile("[\ud800-\udfff]")
_UNDECODABLE = {0xDC00 + byte: _character(byte) for byte in range(0x80, 0x100)}


def _derived_id(header: str, body: str, fm_line: str | None, sent: dt.datetime | None) -> str:
    """Return an id made of year, post and serial."""
    if sent is None:
        raise UnreadableCable("the cable has no id, and no date-time group (such as 110944Z SEP 07) to derive one from")
    place, serial = _banner_place(body)
    if serial is None:
        station = _STATION_SERIAL.search(header)
        serial = station[1] if station else None
    post = identifiers.post(fm_line) if fm_line else ""
    post = post or (identifiers.post(place) if place else "")
    if not post or serial is None:
        missing = "serial" if post else "FM line"
        raise UnreadableCable(f"the cable has no id, and no {missing} to derive one from")
    return identifiers.cable_id(f"{sent.year % 100:02d}{post}{int(serial)}")


def _longer_id(header: str, body: str, named_id: str) -> str | None:
    """Return the id that something beside a telegram says, if the telegram gives only the end of its serial.

    A station counts to 9999 and begins again.
    """
    named = ReferenceId.parse(identifiers.cable_id(named_id)) if len(named_id) > _SHORTEST_LONG_ID else None
    if named is None or named.serial < _STATION_SERIALS or _banner_place(body)[1] is not None:
        return None
    fm_line, sent = addressees.from_line(header), addressees.date_time_group(header)
    derived = ReferenceId.parse(_derived_id(header, body, fm_line, sent))
    is_same = derived and (derived.year, derived.post) == (named.year, named.post)
    return named_id if is_same and derived and named.serial % _STATION_SERIALS == derived.serial else None


def _banner_place(body: str) -> tuple[str | None, str | None]:
    """Return the post and serial of a body's first line, ``CONFIDENTIAL SECTION 01 OF 02 BEIJING 000030``."""
    banner = BANNER.match(body.lstrip()[:400])
    match = _SERIAL.search(_SECTION.sub("", banner[2])) if banner else None
    return (match[1].strip(), match[2]) if match else (None, None)


def _without(opening: str, paragraphs: Iterable[Paragraph], is_open: Callable[[Paragraph], bool]) -> str:
    """Return the opening with blanks in place of its paragraphs that are not ``is_open``."""
    for paragraph in paragraphs:
        if paragraph.start >= len(opening):
            break
        if is_open(paragraph):
            continue
        end = min(paragraph.end, len(opening))
        opening = opening[: paragraph.start] + " " * (end - paragraph.start) + opening[end:]
    return opening


def _unmarked(opening: str, paragraphs: Iterable[Paragraph]) -> str:
    """Return what of the opening is not marked to be read by some only, as TAGS are shown to all."""
    opening = _without(opening, paragraphs, lambda paragraph: not paragraph.marking or paragraph.classification == OPEN)
    if "\n(" not in opening and "\n[" not in opening:
        return opening
    return "\n".join("" if _is_marked(line) else line for line in opening.split("\n"))


def _is_marked(line: str) -> bool:
    mark = leading_marking(line, 0)
    return mark is not None and Classification.parse(mark[0]) != OPEN


def _year(reference_id: str, sent: dt.datetime | None) -> int | None:
    """Return the year of which a reference without one is."""
    parsed = ReferenceId.parse(reference_id)
    if parsed:
        return parsed.year
    return sent.year if sent else None


def _deadline(opening: str, reference_id: str, sent: dt.datetime | None) -> dt.date | None:
    """Return the date of declassification; of a cable without a date, the year of its id tells the century."""
    if sent:
        return executive_order.declassification_date(opening, sent.date())
    year = _year(reference_id, sent)
    return executive_order.declassification_date(opening, dt.date(year, 1, 1) if year else None)


def _subject_marking(opening: str, subject: subject_line.SubjectLine, classification: Classification) -> str | None:
    """Return the subject's own marking, joined with one that stands under it and says more."""
    below = subject_line.marking_below(opening, subject.end)
    marked = Classification.parse(below)
    if marked is None or (Classification.parse(subject.marking) or classification).covers(marked):
        return subject.marking
    return f"{below}/{subject.marking or classification}"


def _subject_span(opening: str, subject: subject_line.SubjectLine) -> Span | None:
    """Return the subject's place without its label, unless the subject as read lacks words of it, such as entities."""
    label = _SUBJECT_LABEL.match(opening, subject.start, subject.end)
    start = label.end() if label else subject.start
    if subject.text == " ".join(opening[start : subject.end].split()):
        return start, subject.end
    words = set(split(f"{subject.text} {subject.marking or ''}", True)[0])
    return (start, subject.end) if words.issuperset(split(opening[start : subject.end], True)[0]) else None
