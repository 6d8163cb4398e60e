"""Cables as objects of JSON: what is exported, what an index stores, and what other programs may write.

An object has the names ``id, date, origin, classification, tags, subject, references, signature, paragraphs``, and of
each paragraph ``number, marking, section, text``. That is enough to read a cable. Beside them stands the rest of
:class:`~cablesearch.cable.Cable`, so that nothing is lost when a cable is written and read again. A name that is not
one of ours is refused: what it holds would be lost without a word.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import reduce
from typing import Any, TypeVar

from cablesearch.cable import UNREADABLE, Cable, Classification, ClassifiedBy, Level, Paragraph, Recipient, Tag
from cablesearch.classification.classification import OPEN, marking_of
from cablesearch.classification.covering import covering, covering_title
from cablesearch.classification.leading import opening_marking
from cablesearch.readers.errors import UnreadableCable, check_paragraphs
from cablesearch.readers.limits import check_controls, check_json, check_places, check_size
from cablesearch.readers.telegram.banners import banners
from cablesearch.readers.telegram.opening.subject_line import find_subject, marking_below
from cablesearch.readers.telegram.page_breaks import page_breaks
from cablesearch.text.terminal import json_line
from cablesearch.vocabulary import identifiers, tag_names

__all__ = ["dumps", "from_json", "loads", "to_json"]

_T = TypeVar("_T")
_D = TypeVar("_D")
_SEPARATOR = "; "
_DIGITS = 18
_LARGEST = 10**_DIGITS
"""Numbers are below it, so that an index can hold them."""
# An escape may stand beside a byte that is no UTF-8; written as escapes both, they would be read as one character.
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_PARAGRAPH_NAMES = frozenset(
    ("number", "marking", "section", "text", "position", "classification", "controls", "start", "end")
)
_CLASSIFIED_BY_NAMES = frozenset(("names", "reason"))
_RECIPIENT_NAMES = frozenset(("name", "route", "precedence", "mcn", "excluded"))
_CABLE_NAMES = frozenset(
    (
        "id",
        "date",
        "origin",
        "classification",
        "tags",
        "subject",
        "references",
        "signature",
        "paragraphs",
        "reference_id",
        "level",
        "controls",
        "tag_kinds",
        "subject_marking",
        "eo_line",
        "declassify_on",
        "classified_by",
        "recipients",
        "info_recipients",
        "precedence",
        "signers",
        "header",
        "body",
        "envelope",
        "version",
    )
)


def to_json(cable: Cable) -> dict[str, Any]:
    """A cable as an object of JSON; :func:`from_json` makes the same cable of it again."""
    return {
        "id": cable.id,
        "date": cable.date.replace(tzinfo=None).isoformat(timespec="minutes") if cable.date else None,
        "origin": cable.origin,
        "classification": cable.classification_text,
        "tags": [tag.name for tag in cable.tags],
        "subject": cable.subject,
        "references": list(cable.references),
        "signature": _SEPARATOR.join(cable.signers) or None,
        "paragraphs": [_paragraph_to_json(one) for one in cable.paragraphs],
        "reference_id": cable.reference_id,
        "level": cable.classification.level.title,
        "controls": list(cable.classification.controls),
        "tag_kinds": [tag.kind for tag in cable.tags],
        "subject_marking": cable.subject_marking,
        "eo_line": cable.eo_line,
        "declassify_on": cable.declassify_on.isoformat() if cable.declassify_on else None,
        "classified_by": {"names": list(cable.classified_by.names), "reason": cable.classified_by.reason},
        "recipients": [_recipient_to_json(one) for one in cable.recipients],
        "info_recipients": [_recipient_to_json(one) for one in cable.info_recipients],
        "precedence": list(cable.precedence),
        "signers": list(cable.signers),
        "header": cable.header,
        "body": cable.body,
        "envelope": cable.envelope,
    }


def dumps(cable: Cable) -> str:
    """A cable as one line of JSON without the line break; what UTF-8 cannot write, or could command a terminal, is
    escaped."""
    return json_line(to_json(cable))


def loads(line: str, make: Callable[[list[tuple[str, Any]]], Any] | None = None) -> Any:
    """Read a line of JSON whose values are not too many to be a cable's; ``make`` makes objects of names and values.

    Raises:
        UnreadableCable: it is no JSON, nested too deeply, or has too many values.
    """
    check_json(line)
    try:
        return json.loads(line, object_pairs_hook=make)
    except UnreadableCable:
        raise
    except RecursionError:
        raise UnreadableCable("not the JSON of a cable: nested too deeply") from None
    except ValueError as error:
        raise UnreadableCable(f"not JSON: {error}") from None


def from_json(entry: object) -> Cable:
    """Make a cable of an object of JSON.

    What is missing (or null) is derived: a paragraph's classification from its marking, else the cable's; positions
    from the order; the kinds of TAGS from the TAGS; signers from the signature. When there are no paragraphs but a
    body, header and body are read as a telegram, and what the object gives holds against what was read.

    Raises:
        UnreadableCable: a name is unknown, what stands under it is not what it should be, or the cable is too large
            (`cablesearch.readers.limits`).
    """
    try:
        values = _object(entry, _CABLE_NAMES)
        cable = _telegram(values) if values.get("paragraphs") is None else _cable(values)
    except _WrongError as error:
        raise UnreadableCable(str(error)) from None
    check_size(cable)
    check_places(cable.paragraphs, cable.body)
    return cable.heeding()


def _cable(values: Mapping[str, Any]) -> Cable:
    name = _given(values, "id", _text, "")
    if not name.strip():
        raise UnreadableCable("id: there is none")
    reference_id = _given(values, "reference_id", _text, None)
    classification = _classification(values) or UNREADABLE.join(_only(values))
    body = _given(values, "body", _text, "")
    marking = _given(values, "subject_marking", _text, None)
    # What `to_json` writes says all that its body says.
    if body and values.get("level") is None:
        classification = classification.join(banners(body, page_breaks(body))[1] or classification)
    if body and "subject_marking" not in values:
        marked = _subject_of(body)
        marking = str(classification.join(marked)) if marked != OPEN else None
    check_controls(classification)
    return Cable(
        id=name,
        reference_id=identifiers.cable_id(name) if reference_id is None else reference_id,
        date=_given(values, "date", _date_time, None),
        origin=_given(values, "origin", _text, ""),
        classification=classification,
        classification_text=_given(values, "classification", _text, ""),
        tags=_tags(values),
        subject=_given(values, "subject", _text, None),
        subject_marking=marking,
        references=_given(values, "references", _texts, ()),
        eo_line=_given(values, "eo_line", _text, None),
        declassify_on=_given(values, "declassify_on", _day, None),
        classified_by=_given(values, "classified_by", _classified_by, ClassifiedBy()),
        recipients=_given(values, "recipients", _recipients, ()),
        info_recipients=_given(values, "info_recipients", _recipients, ()),
        precedence=_given(values, "precedence", _texts, ()),
        signers=_signers(values),
        paragraphs=_given(values, "paragraphs", lambda value: _paragraphs(value, classification), ()),
        header=_given(values, "header", _text, ""),
        body=body,
        envelope=_given(values, "envelope", _text, ""),
    )


def _subject_of(body: str) -> Classification:
    """What the markings of the subject say that a body has."""
    subject = find_subject(body)
    if subject is None:
        return OPEN
    said = (subject.marking, marking_below(body, subject.end))
    return reduce(
        Classification.join, filter(None, map(Classification.parse, said)), covering_title(OPEN, subject.text)
    )


def _telegram(values: Mapping[str, Any]) -> Cable:
    """A cable of a header and a body; other values given take the place of those read."""
    body = _given(values, "body", _text, "")
    if not body.strip():
        raise UnreadableCable("paragraphs: there are none, and no body either")
    classification_text = _given(values, "classification", _text, None)
    classification = _classification(values)
    # Entries that are whole, as those in an index are, do not need it.
    from cablesearch.readers.telegram.telegram import parse_cable

    cable = parse_cable(
        _given(values, "header", _text, ""),
        body,
        cable_id=_given(values, "id", _text, "").strip() or None,
        date=_given(values, "date", _date_time, None),
        origin=_given(values, "origin", _text, None),
        classification=classification or classification_text,
    )
    if classification is None:
        cable = cable.covered(_only(values))
    read: dict[str, object] = {
        "classification_text": classification_text,
        "signers": _signers(values) or None,
        "tags": _tags(values) or None,
    }
    read |= {name: _given(values, name, reader, None) for name, reader in _PLAIN_READERS.items()}
    changes: dict[str, Any] = {name: value for name, value in read.items() if value is not None}
    given, stated = replace(cable, **changes), cable.subject_classification
    if cable.subject and not given.subject_classification.covers(stated):
        return replace(given, subject_marking=str(given.subject_classification.join(stated)))
    return given


def _classification(values: Mapping[str, Any]) -> Classification | None:
    """What level, controls and classification say together; none of them lowers what another says."""
    stated = Classification.parse(_given(values, "classification", _text, None))
    level = _given(values, "level", _level, None)
    return _joined(stated, level, controls=_given(values, "controls", _texts, None))


def _only(values: Mapping[str, Any]) -> Classification:
    """The controls that are given, without a level."""
    return Classification(Level.UNCLASSIFIED, _given(values, "controls", _texts, ()))


def _joined(*parts: Classification | None, controls: tuple[str, ...] | None) -> Classification | None:
    """The lowest classification that covers what is given; None when no level is."""
    joined: Classification | None = None
    for part in parts:
        if part is not None:
            joined = part if joined is None else joined.join(part)
    return Classification(joined.level, joined.controls + controls) if joined and controls else joined


def _tags(values: Mapping[str, Any]) -> tuple[Tag, ...]:
    names = _given(values, "tags", _texts, ())
    kinds = _given(values, "tag_kinds", _texts, None)
    if kinds is None:
        return tuple(Tag(name, tag_names.tag_kind(name)) for name in names)
    if len(kinds) != len(names):
        raise _WrongError(f"{len(kinds)} kinds for {len(names)} tags").under("tag_kinds")
    return tuple(map(Tag, names, kinds))


def _signers(values: Mapping[str, Any]) -> tuple[str, ...]:
    signers = _given(values, "signers", _texts, None)
    if signers is not None:
        return signers
    signature = _given(values, "signature", _text, "")
    return tuple(name for name in signature.split(_SEPARATOR) if name)


def _paragraphs(value: object, classification: Classification) -> tuple[Paragraph, ...]:
    found: list[Paragraph] = []
    check_paragraphs(len(_list(value)))
    for index, entry in enumerate(_list(value)):
        try:
            found.append(_paragraph(entry, found[-1].position if found else 0, classification))
        except _WrongError as error:
            raise error.under(f"[{index}]") from None
    return tuple(found)


def _paragraph(entry: object, before: int, cable_classification: Classification) -> Paragraph:
    values = _object(entry, _PARAGRAPH_NAMES)
    marking = _given(values, "marking", _text, None)
    section = _given(values, "section", _text, None)
    if values.get("text") is None:
        raise _WrongError("there is none").under("text")
    text = _given(values, "text", _text, "")
    own = Classification.parse(marking)
    # Controls alone leave the level open.
    beside = marking_of(marking) if marking and own is None else None
    stated = _given(values, "classification", _level, None)
    if stated is not None:
        # It says how all of the text is classified, but for a marking that opens it, and those of the heading.
        stated = covering_title(_joined(stated, opening_marking(text), controls=None) or stated, section or "")
        own = own or beside
    else:
        if beside is not None:
            own = cable_classification.join(beside)
        elif own is None and any(map(str.isalnum, marking or "")):
            own = UNREADABLE
        own = covering_title(covering(own or cable_classification, text), section or "")
    classification = _joined(own, stated, controls=_given(values, "controls", _texts, None)) or cable_classification
    position = _given(values, "position", _count, before + 1)
    if position <= before:
        raise _WrongError(f"positions rise from paragraph to paragraph, {position} does not").under("position")
    return Paragraph(
        position=position,
        number=_given(values, "number", _number, None),
        marking=marking,
        classification=classification,
        section=section,
        text=text,
        start=_given(values, "start", _count, 0),
        end=_given(values, "end", _count, 0),
    )


def _paragraph_to_json(paragraph: Paragraph) -> dict[str, Any]:
    return {
        "number": paragraph.number,
        "marking": paragraph.marking,
        "section": paragraph.section,
        "text": paragraph.text,
        "position": paragraph.position,
        "classification": paragraph.classification.level.title,
        "controls": list(paragraph.classification.controls),
        "start": paragraph.start,
        "end": paragraph.end,
    }


def _recipients(value: object) -> tuple[Recipient, ...]:
    return _each(value, _recipient)


def _recipient(entry: object) -> Recipient:
    values = _object(entry, _RECIPIENT_NAMES)
    return Recipient(
        name=_given(values, "name", _text, ""),
        route=_given(values, "route", _text, None),
        precedence=_given(values, "precedence", _text, None),
        mcn=_given(values, "mcn", _text, None),
        excluded=_given(values, "excluded", _texts, ()),
    )


def _recipient_to_json(recipient: Recipient) -> dict[str, Any]:
    return {
        "name": recipient.name,
        "route": recipient.route,
        "precedence": recipient.precedence,
        "mcn": recipient.mcn,
        "excluded": list(recipient.excluded),
    }


def _classified_by(entry: object) -> ClassifiedBy:
    values = _object(entry, _CLASSIFIED_BY_NAMES)
    return ClassifiedBy(_given(values, "names", _texts, ()), _given(values, "reason", _text, None))


class _WrongError(Exception):
    """A value is not what it should be; the place in the object is put before what is wrong on the way up."""

    def __init__(self, what: str, place: str = "") -> None:
        super().__init__(what)
        self._what = what
        self._place = place

    def under(self, name: str) -> _WrongError:
        joint = "." if self._place and not self._place.startswith("[") else ""
        return _WrongError(self._what, name + joint + self._place)

    def __str__(self) -> str:
        return f"{self._place}: {self._what}" if self._place else self._what


def _given(values: Mapping[str, Any], name: str, reader: Callable[[Any], _T], default: _D) -> _T | _D:
    """The value under a name as its reader reads it, the default when it is missing or null."""
    value = values.get(name)
    if value is None:
        return default
    try:
        return reader(value)
    except _WrongError as error:
        raise error.under(name) from None


def _object(value: object, names: frozenset[str]) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _expected("an object", value)
    if not names.issuperset(value):
        unknown = next(name for name in value if name not in names)
        raise _WrongError(f"the name is unknown; known are {', '.join(sorted(names))}").under(repr(unknown)[:100])
    return value


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise _expected("a list", value)
    return value


def _each(value: object, reader: Callable[[Any], _T]) -> tuple[_T, ...]:
    found: list[_T] = []
    for index, one in enumerate(_list(value)):
        try:
            found.append(reader(one))
        except _WrongError as error:
            raise error.under(f"[{index}]") from None
    return tuple(found)


def _texts(value: object) -> tuple[str, ...]:
    return _each(value, _text)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _expected("a string", value)
    return value if value.isascii() else _PAIR.sub(_character, value)


def _character(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _expected("a whole number", value)
    if abs(value) >= _LARGEST:
        raise _WrongError(f"expected a number of at most {_DIGITS} digits")
    return value


def _count(value: object) -> int:
    number = _number(value)
    if number < 0:
        raise _expected("a number from 0", value)
    return number


def _level(value: object) -> Classification:
    classification = Classification.parse(_text(value))
    if classification is None:
        raise _expected("a level such as CONFIDENTIAL", value)
    return classification


def _date_time(value: object) -> dt.datetime:
    text = _text(value)
    try:
        read = dt.datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text)
        utc = read.astimezone(dt.timezone.utc) if read.tzinfo else read.replace(tzinfo=dt.timezone.utc)
    except (ValueError, OverflowError):
        raise _expected("a date and time such as 2010-01-08T03:26", value) from None
    return utc.replace(second=0, microsecond=0)


def _day(value: object) -> dt.date:
    try:
        return dt.date.fromisoformat(_text(value))
    except ValueError:
        raise _expected("a day such as 2010-01-08", value) from None


def _expected(what: str, value: object) -> _WrongError:
    shown = repr(value)
    return _WrongError(f"expected {what}, found {shown if len(shown) <= 60 else shown[:60] + '...'}")


_PLAIN_READERS: dict[str, Callable[[Any], object]] = {
    "reference_id": _text,
    "subject": _text,
    "subject_marking": _text,
    "references": _texts,
    "eo_line": _text,
    "declassify_on": _day,
    "classified_by": _classified_by,
    "recipients": _recipients,
    "info_recipients": _recipients,
    "precedence": _texts,
    "envelope": _text,
}
