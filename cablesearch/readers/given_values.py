"""Values that a source gives beside the text of a cable: columns of a table, fields of an object, rows of a page.

Sources have many names for the same field; `usual_fields` knows them. A value without a field becomes an attribute. A
record holds its values already sorted (`pack`), so that its parser need not know their names.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from typing import Any, TypeVar

from cablesearch.cable import Attributes, Cable, Classification, Level, ReferenceId, Tag
from cablesearch.classification.classification import OPEN, marking_of
from cablesearch.classification.covering import covering_title
from cablesearch.readers.errors import UnreadableCable
from cablesearch.readers.given_dates import given_date
from cablesearch.readers.limits import check_size
from cablesearch.readers.telegram.opening import addressees, tags_line
from cablesearch.readers.telegram.opening.subject_line import unmarked
from cablesearch.readers.telegram.telegram import parse_cable, split_telegram
from cablesearch.vocabulary import identifiers

__all__ = [
    "FIELDS",
    "cable_of",
    "chosen_names",
    "distinct_names",
    "fields_by_value",
    "guessed",
    "is_blank",
    "is_id",
    "is_of_cables",
    "named",
    "names_marking",
    "pack",
    "parse_packed",
    "sort_values",
    "unpack",
    "usual_fields",
    "with_chosen",
]

_Place = TypeVar("_Place")

FIELDS: dict[str, tuple[str, ...]] = {
    "id": (
        *("reference id", "refid", "mrn", "message reference number", "document number", "doc nbr", "doc number"),
        *("canonical id", "cable id", "cable number", "telegram number", "message number", "doc id", "document id"),
        *("identifier", "id", "_id", "name", "number", "reference", "ref", "cable", "file name", "key"),
    ),
    "date": (
        *("date", "datetime", "date time", "created", "date sent", "sent", "sent date", "draft date", "document date"),
        *("doc date", "cable date", "message date", "authored", "date authored", "date time group", "dtg", "timestamp"),
        *("transmitted", "creation date", "date created", "date of cable"),
    ),
    "origin": ("origin", "from", "sender", "from office", "originator", "from field", "post", "embassy", "office"),
    "classification": (
        *("original classification", "classification", "security classification", "class", "classification level"),
        *("cable classification", "original class", "security level", "classification text"),
    ),
    "controls": (
        *("handling restrictions", "original handling restrictions", "handling", "controls", "caveats", "caption"),
        "captions",
    ),
    "tags": ("tags", "tag", "tags list", "traffic analysis"),
    "subject": ("subject", "title", "subj", "subject line", "cable subject"),
    "references": ("references", "refs", "referenced cables", "cable references", "reference", "ref", "destination"),
    "header": ("header", "headers", "cable header", "message header"),
    "body": (
        *("body", "message text", "raw content", "full text", "text", "cable text", "content", "contents", "message"),
        *("message body", "cable body", "document text", "raw text", "body text", "original text"),
    ),
}
"""The fields that a source may give, each with the names that sources use for it, the surest first.

``body`` is the text of the cable, with its header unless that is given apart. ``controls`` are restrictions beside
the classification.
"""

_BLANK = re.compile(
    r"\s*(?:n/a|null|none|~|\\N|-- ?n/a or blank ?--|-- ?not assigned ?--|-- ?blank ?--)?\s*", re.IGNORECASE
)
_ID = re.compile(r"(?:[0-9]{2}|[0-9]{4})[A-Z][A-Z .'-]{1,40}[0-9]{1,8}(?:_[A-Z])?", re.IGNORECASE)
_NUMBER_OF_DATABASE = re.compile(r"[0-9]{1,20}|[0-9a-fA-F]{24,40}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MARKING_NAME = re.compile(
    r"clas|marking|portion|level|secur|secre|sensitiv|caveat|handling|^column [0-9]+$", re.IGNORECASE
)
_YES = frozenset({"true", "yes", "y", "1", "x"})
"""What says that the name of a value holds (``secret: true``)."""
_SHORTEST_FLAG = len("EXDIS")
_NOT_CONTROLS = frozenset({"SIPDIS", "LOU"})
"""Captions that stand beside controls: an instruction to the machine, and a level."""
_LEVEL = re.compile(r"(?:UNCLAS|CONFIDENTIAL|SECRET|TOP SECRET|LIMITED OFFICIAL|SENSITIVE BUT|SBU\b)", re.IGNORECASE)
_ORIGIN = re.compile(
    r"(?:(?:American )?Embassy|Consulate|(?:US)?Mission|Secretary of State|AMEMBASSY|AMCONSUL)\b", re.I
)
_ENTRIES = re.compile(r"[|,;\n]")
"""What stands between the entries of a list of controls or references."""
_LONGEST_CELL = 100
"""Characters of an origin or a classification, which tell a column of them from one of texts."""
_LONGEST_BLANK = 40
"""Characters of the longest text that stands for a missing value, such as ``-- Not Assigned --``."""
_NEAR = dt.timedelta(days=14)
"""How far a date without a time may be from the date-time group of the same cable."""


def _plain(name: str) -> str:
    """Return a name by its letters and digits: ``Doc_Nbr`` is ``docnbr``."""
    return "".join(filter(str.isalnum, name.lower()))


_PLAIN = {field: tuple(map(_plain, names)) for field, names in FIELDS.items()}


def usual_fields(names: Sequence[str], values: Sequence[str] = ()) -> dict[str, str]:
    """Return which of the names of a source stands for which field: ``usual_fields(["MRN", "Created"])`` returns
    ``{"id": "MRN", "date": "Created"}``.

    Of several names for the id that one is taken under which an id of a cable stands among the ``values``, which are
    those of the first record, by the order of the names.
    """
    by_plain: dict[str, str] = {}
    for name in names:
        by_plain.setdefault(_plain(name), name)
    sample = dict(zip(names, values, strict=False))
    fields: dict[str, str] = {}
    for field, usual in _PLAIN.items():
        present = [by_plain[name] for name in usual if name in by_plain and by_plain[name] not in fields.values()]
        if field == "id":
            present = _names_of_id(present, sample)
        elif field in ("origin", "classification") and sample:
            present = [name for name in present if len(sample.get(name, "")) <= _LONGEST_CELL] or present
        if present:
            fields[field] = present[0]
    return fields


_SURE_IDS = frozenset(_PLAIN["id"][: FIELDS["id"].index("name")])
"""The names that stand for an id whatever their values."""


def _names_of_id(present: list[str], sample: Mapping[str, str]) -> list[str]:
    """Return those names that stand for the id, the surest first."""
    sure = [name for name in present if _plain(name) in _SURE_IDS]
    ids = [name for name in present if is_id(sample.get(name, ""))]
    surest = [name for name in ids if name in sure]
    # Numbers of a database are no ids of cables where others are.
    if surest or all(_NUMBER_OF_DATABASE.fullmatch(sample.get(name, "").strip()) for name in sure):
        return surest or ids or sure
    return sure


def is_id(text: str) -> bool:
    """Return whether a text is the id of a cable, such as ``1979OSLO00912_e``."""
    name = text.strip()
    return (
        _ID.fullmatch(name) is not None
        and given_date(name) is None
        and ReferenceId.parse(identifiers.cable_id(name)) is not None
    )


def chosen_names(names: Sequence[str], chosen: Mapping[str, str]) -> dict[str, str | None]:
    """Return the names of a source that the options choose for fields; capitals and blanks may differ.

    A chosen name that the source lacks is replaced by the surest name of the field, under which rejected records are
    written out; if that is missing as well, by None.
    """
    plain = {_plain(name): name for name in reversed(names)}
    return {
        field: name if name in names else plain.get(_plain(name), plain.get(_PLAIN[field][0]))
        for field, name in chosen.items()
    }


def distinct_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of columns without surrounding blanks; one that repeats gets a number, an empty one a name."""
    distinct: dict[str, None] = {}
    counts: Counter[str] = Counter()
    for name in names:
        plain = shown = " ".join(name.split()) or "unnamed"
        while shown in distinct:
            counts[plain] += 1
            shown = f"{plain} {counts[plain] + 1}"
        distinct[shown] = None
    return tuple(distinct)


def is_blank(value: str) -> bool:
    """Return whether a text is empty or stands for a missing value, such as ``n/a``."""
    return len(value) < _LONGEST_BLANK and _BLANK.fullmatch(value) is not None


def is_of_cables(fields: Iterable[str]) -> bool:
    """Return whether records with these fields may be cables: they have a text, and a field that identifies it."""
    return "body" in fields and len({"id", "date", "header", "subject", "origin", "classification"} & {*fields}) > 0


def guessed(fields: Mapping[str, str], chosen: Iterable[str] = ()) -> str | None:
    """Return which names were taken for which fields, in words (``id from 'MRN'``); None when none was guessed.

    Args:
        fields: the name of the source for each field.
        chosen: the fields for which the options name a place.
    """
    own = {*chosen}
    pairs = [f"{field} from {name!r}" for field, name in fields.items() if field not in own and field != name.lower()]
    return ", ".join(pairs) or None


def with_chosen(fields: Mapping[str, _Place], chosen: Mapping[str, _Place]) -> dict[str, _Place]:
    """Return the places of fields: those that the options name, and of the usual ones those that they leave."""
    return {field: place for field, place in fields.items() if place not in chosen.values()} | {**chosen}


def fields_by_value(values: Sequence[str]) -> dict[str, int]:
    """Return which of the values of a record that has no names stands for which field, by what they look like.

    Without the id and the text of a cable there are no fields.
    """
    short = {
        place: value.strip() for place, value in enumerate(values) if len(value) <= _LONGEST_CELL and "\n" not in value
    }
    tests: dict[str, Callable[[str], bool]] = {
        "id": is_id,
        "date": lambda value: given_date(value) is not None and not value.isdigit(),
        "classification": lambda value: _LEVEL.match(value) is not None,
        "origin": lambda value: _ORIGIN.match(value) is not None,
    }
    fields: dict[str, int] = {}
    for field, test in tests.items():
        place = next((place for place, value in short.items() if test(value)), None)
        if place is not None:
            fields[field] = place
            del short[place]
    long = [place for place in range(len(values)) if place not in short and place not in fields.values()]
    long.sort(key=lambda place: len(values[place]))
    if "id" not in fields or not long:
        return {}
    header = next((place for place in long[:-1] if addressees.date_time_group(values[place]) is not None), None)
    fields["body"] = long[-1]
    if header is not None:
        fields["header"] = header
    if len(values) == 8 and (fields["id"], header, fields["body"]) == (2, 6, 7):
        fields["references"] = 5  # as in cables.csv, and in dumps of the same collection
    return fields


def sort_values(
    names: Sequence[str], fields: Mapping[str, str], row: Sequence[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the values of a record by field, and the others by their own names; blank ones are dropped.

    Args:
        names: the names of the record's values, all distinct.
        fields: the name for each field.
        row: the values, as many as names.
    """
    by_name = {name: field for field, name in fields.items()}
    values: dict[str, str] = {}
    attributes: dict[str, str] = {}
    for name, value in zip(names, row, strict=False):
        if is_blank(value):
            continue
        field = by_name.get(name)
        if field is not None:
            values.setdefault(field, value)
        if field is None or _is_kept_as_well(field, value):
            attributes[name] = value
    return values, attributes


def _is_kept_as_well(field: str, value: str) -> bool:
    """Return whether a value says more than the cable has a place for, and is an attribute as well."""
    return (
        field == "controls"
        or (field == "tags" and covering_title(OPEN, value) != OPEN)
        or (field == "references" and any(entry.strip() and not is_id(entry) for entry in _ENTRIES.split(value)))
        or (field == "date" and given_date(value) is None)
    )


def pack(values: Mapping[str, str], attributes: Mapping[str, str]) -> tuple[str, ...]:
    """Return values by field and attributes as the fields of a record."""
    fields = [text for pair in values.items() for text in pair]
    return (*fields, "", *(text for pair in attributes.items() for text in pair))


def unpack(fields: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the values by field and the attributes that `pack` made the fields of a record of."""
    end = next(place for place in range(0, len(fields), 2) if not fields[place])
    return (
        dict(zip(fields[:end:2], fields[1:end:2], strict=True)),
        dict(zip(fields[end + 1 :: 2], fields[end + 2 :: 2], strict=True)),
    )


def named(fields: Sequence[str]) -> dict[str, str]:
    """Return all values of a record by names under which they can be read again, for the rejects.

    Values by field have the surest names that are not those of attributes.
    """
    values, attributes = unpack(fields)
    together = dict(attributes)
    for field, value in values.items():
        if value not in attributes.values():
            together[next(name for name in FIELDS[field] if name not in attributes)] = value
    return together


def parse_packed(fields: tuple[str, ...]) -> Cable:
    """Return the cable of what `pack` returned.

    Raises:
        UnreadableCable: it is not one.
    """
    return cable_of(*unpack(fields))


def cable_of(
    values: Mapping[str, str], attributes: Mapping[str, str] | None = None, names: Iterable[str] = ()
) -> Cable:
    """Return the cable of the values of a source, by field (`FIELDS`).

    Id, date, origin and classification take the place of those that the text says; but a date without a time yields to
    a date-time group near it, and an origin that names the post of the FM line to that line, which say more. TAGS and
    references are added to those of the text, and a subject is used if the text has none. Nothing that is given lowers
    what the text says of its classification, and every marking in it counts.

    Args:
        values: the values by field; a blank one is the same as a missing one.
        attributes: what else the source says, by its own names.
        names: the persons that the source marks in the text.

    Raises:
        UnreadableCable: they are not those of a cable.
    """
    filled = {field: value.strip() for field, value in values.items() if not is_blank(value)}
    header, body = values.get("header", ""), values.get("body", "")
    if is_blank(body):
        raise UnreadableCable("no text of a cable")
    if is_blank(header):
        header, body = split_telegram(body)
    cable = _parsed(header, body, filled)
    changes: dict[str, Any] = {}
    marked = _marked(filled, attributes or {})
    if not cable.classification.covers(marked):
        cable = cable.raised_beside(marked)
    if added := _added_tags(cable, filled.get("tags", "")):
        changes["tags"] = (*cable.tags, *added)
    beside = dict(attributes or {})
    if subject := " ".join(filled.get("subject", "").split()):
        changes |= _subject(cable, subject)
        if "subject" not in changes and _letters(subject) not in _letters(cable.subject or ""):
            beside.setdefault("Subject", subject)
    references = [name for name in _references(filled.get("references", "")) if name != cable.reference_id]
    if references := [name for name in references if name not in cable.references]:
        changes["references"] = (*cable.references, *references)
    if beside:
        changes["attributes"] = Attributes({**cable.attributes, **beside})
    if names:
        changes["names"] = tuple(dict.fromkeys(names))
    cable = cable.with_given(**changes).heeding()
    check_size(cable)
    return cable


def _parsed(header: str, body: str, values: Mapping[str, str]) -> Cable:
    """Return the cable of header and body with the values that take the place of those read."""
    name, classification = values.get("id"), values.get("classification", "").upper() or None
    date, origin = _date(header, values.get("date", "")), _origin(header, values.get("origin"))

    def parsed(cable_id: str | None) -> Cable:
        return parse_cable(header, body, cable_id=cable_id, date=date, origin=origin, classification=classification)

    if name is None or not _NUMBER_OF_DATABASE.fullmatch(name):
        return parsed(name)
    try:
        return parsed(None)
    except UnreadableCable:
        return parsed(name)


def _date(header: str, text: str) -> dt.datetime | None:
    """Return the date that the source gives, or None where the date-time group of the header is as good or better."""
    day = given_date(text)
    if day is None:
        return None
    group = addressees.date_time_group(header)
    if group is not None:
        is_near = abs(group - day.date) < _NEAR
        if is_near and not (day.has_time and (day.date.hour or day.date.minute)):
            return None
        if not is_near and day.swapped is not None and abs(group - day.swapped) < _NEAR:
            return day.swapped if day.has_time else None
    return day.date


def _origin(header: str, origin: str | None) -> str | None:
    """Return the origin that is given, or None where it only names the post of the FM line (``Norway Oslo``)."""
    sender = addressees.from_line(header) if origin else None
    if not origin or not sender:
        return origin
    post = identifiers.post(sender)
    return None if post and post in "".join(filter(str.isalpha, origin.upper())) else " ".join(origin.split())


def _added_tags(cable: Cable, text: str) -> list[Tag]:
    """Return the TAGS of a list that the cable lacks: ``EFIS - Fisheries | NO - Norway``, or as in a telegram."""
    if not text or covering_title(OPEN, text) != OPEN:
        return []
    # A semicolon may stand in the meaning of a code.
    codes = [code.partition(" - ")[0].strip() for code in re.split(r"[|\n]" if "|" in text else r"[;\n]", text)]
    if "|" in text:
        codes = [f"({code})" if "," in code else code for code in codes]  # a name
    known = {tag.name for tag in cable.tags}
    names = dict.fromkeys(name for code in codes if code for name in tags_line.tags(f"TAGS: {code}"))
    return [Tag(name, tags_line.tag_kind(name)) for name in names if name not in known]


def _subject(cable: Cable, text: str) -> dict[str, str]:
    """Return what a subject that is given changes: it stands in for a missing one, and its marking always counts."""
    shown, marking = unmarked(text)
    if cable.subject is None:
        return {"subject": shown, "subject_marking": marking} if marking else {"subject": shown}
    own, beside = cable.subject_classification, covering_title(Classification.parse(marking) or OPEN, text)
    return {} if own.covers(beside) else {"subject_marking": str(own.join(beside))}


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _references(text: str) -> list[str]:
    """Return the ids of cables in a list joined by strokes, commas, semicolons or line ends."""
    entries = map(str.strip, _ENTRIES.split(text))
    return list(dict.fromkeys(identifiers.cable_id(entry) for entry in entries if is_id(entry)))


def names_marking(name: str) -> bool:
    """Return whether the name of a value says that it may be a classification."""
    return _MARKING_NAME.search(name) is not None


def _marked(values: Mapping[str, str], attributes: Mapping[str, str]) -> Classification:
    """Return the classification of the whole cable that follows from other values than the classification itself: its
    controls, markings in TAGS and origin, and markings in attributes whose names speak of one, or are one (``noforn``:
    ``yes``)."""
    markings = [Classification.parse(value.upper()) for name, value in attributes.items() if names_marking(name)]
    flags = [name.upper().removeprefix("IS_") for name, value in attributes.items() if value.lower() in _YES]
    markings += [marking_of(name) for name in flags if len(name) >= _SHORTEST_FLAG]
    markings += [covering_title(OPEN, values[field]) for field in ("tags", "origin") if field in values]
    for entry in _ENTRIES.split(values.get("controls", "")):
        name = entry.partition(" - ")[0].strip().upper()
        if name and not is_blank(name) and name not in _NOT_CONTROLS:
            markings.append(Classification.parse(name) or Classification(Level.UNCLASSIFIED, (name,)))
    return reduce(Classification.join, filter(None, markings), OPEN)
