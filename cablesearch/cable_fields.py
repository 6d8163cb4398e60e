"""The fields of a cable: with what each is visible, and how it is written to and read from JSON.

A field that is not in these tables is hidden from every reader with a clearance, and is not written to JSON. Tests hold
the tables to the classes.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable
from enum import IntFlag, auto
from functools import partial
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar, cast

from cablesearch.cable_parts import Attributes, ClassifiedBy, Provenance, Recipient, Tag
from cablesearch.classification.classification import Classification
from cablesearch.json_values import (
    WrongValueError,
    count,
    date_time,
    day,
    each,
    expected,
    level,
    list_of_values,
    number,
    text,
    texts,
    texts_by_name,
)

__all__ = [
    "CABLE",
    "CLASSIFIED_BY",
    "PARAGRAPH",
    "PROVENANCE",
    "RECIPIENT",
    "SEPARATOR",
    "FieldTable",
    "JsonObject",
    "Seen",
]

_T = TypeVar("_T")
SEPARATOR = "; "
"""What stands between the names of a signature."""


class Seen(IntFlag):
    """The parts of a cable that are visible or hidden together, see `Cable.view`."""

    NEVER = 0
    ALWAYS = auto()
    """As soon as anything of the cable is visible; of a paragraph, with the paragraph."""
    SUBJECT = auto()
    WHOLE = auto()
    BODY = auto()
    """The body, and places in it."""


class JsonName(NamedTuple):
    """A name in JSON: how its value is read, and written when it is not the field's as it is.

    ``is_basic``: it is among those with which other programs make do, which stand first.
    """

    name: str
    read: Callable[[Any], Any]
    write: Callable[[Any], object] | None = None
    is_basic: bool = False


def _pass_over(value: object) -> None:
    """Read nothing."""


def _texts(value: object) -> Iterable[str]:
    """Return the texts of a value that is a text or texts; none of any other."""
    if isinstance(value, str):
        return (value,)
    return [each for each in value if isinstance(each, str)] if isinstance(value, tuple) else ()


class Field:
    """A field of a class: its name, with what it is visible, and its names in JSON.

    ``said`` gives those texts of a value whose markings count.
    """

    def __init__(self, name: str, seen: Seen, *json: JsonName, said: Callable[[Any], Iterable[str]] = _texts) -> None:
        self.name, self.seen, self.json, self.said = name, seen, json, said


class FieldTable:
    """The fields of a class. ``passed_over``: names in JSON that are accepted and not read."""

    def __init__(self, *fields: Field, passed_over: Iterable[str] = ()) -> None:
        self.fields = fields
        entries = [(field.name, entry) for field in fields for entry in field.json]
        entries.sort(key=lambda named: not named[1].is_basic)
        self.readers = {entry.name: entry.read for _, entry in entries}
        self._written = tuple(self.readers)
        self.readers |= dict.fromkeys(passed_over, _pass_over)
        self._names = frozenset(self.readers)
        self._values = attrgetter(*(name for name, _ in entries))
        self._writers = [(entry.name, entry.write) for _, entry in entries if entry.write]
        self._visible: dict[tuple[type, Seen], tuple[tuple[str, ...], bool]] = {}

    def copy(self, original: _T, seen: Seen, **changes: object) -> _T:
        """Return what has ``changes`` and those fields of ``original`` that ``seen`` shows; others have their defaults.

        That is ``original`` itself when nothing is changed and all of its fields are shown.
        """
        kind = type(original)
        known = self._visible.get((kind, seen))
        if known is None:
            shown = tuple(field.name for field in self.fields if field.seen & seen)
            is_whole = {*shown}.issuperset(field.name for field in dataclasses.fields(cast(Any, kind)))
            known = self._visible[kind, seen] = shown, is_whole
        names, is_whole = known
        if is_whole and not changes:
            return original
        return kind(**{name: getattr(original, name) for name in names}, **changes)

    def said(self, value: object, seen: Seen) -> list[str]:
        """Return the texts of those fields that are visible with ``seen`` alone."""
        return [text for field in self.fields if field.seen == seen for text in field.said(getattr(value, field.name))]

    def to_json(self, value: object) -> dict[str, Any]:
        """Return an object of JSON."""
        written = dict(zip(self._written, self._values(value), strict=True))
        for name, write in self._writers:
            written[name] = write(written[name])
        return written

    def checked(self, value: object) -> dict[str, Any]:
        """Return an object of JSON as it is.

        Raises:
            WrongValueError: it is not an object, or has a name that the table lacks.
        """
        if not isinstance(value, dict):
            raise expected("an object", value)
        if not self._names.issuperset(value):
            unknown = next(name for name in value if name not in self._names)
            known = ", ".join(sorted(self._names))
            raise WrongValueError(f"unknown field; allowed fields: {known}").under(repr(unknown)[:100])
        return value

    def from_json(self, value: object) -> dict[str, Any]:
        """Return what an object of JSON holds by its names, without what is null.

        Raises:
            WrongValueError: it is not an object, has a name that the table lacks, or a value that is wrong.
        """
        entries, readers = self.checked(value), self.readers
        values: dict[str, Any] = {}
        name = ""
        try:
            for name, entry in entries.items():
                if entry is not None:
                    values[name] = readers[name](entry)
        except WrongValueError as error:
            raise error.under(name) from None
        return values


class JsonObject:
    """An object of JSON, of which each value is read as the table says when it is asked for.

    Raises:
        WrongValueError: it is not an object, or has a name that the table lacks.
    """

    __slots__ = ("_readers", "_values")

    def __init__(self, table: FieldTable, value: object) -> None:
        self._readers = table.readers
        self._values = table.checked(value)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def has(self, name: str) -> bool:
        """Return whether there is a value under a name, and not null."""
        return self._values.get(name) is not None

    def among(self, names: Iterable[str]) -> dict[str, Any]:
        """Return the values under those of some names that have one, by name; errors are those of `get`."""
        values = self._values
        return {name: self.get(name) for name in names if values.get(name) is not None}

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value under a name, the default when it is missing or null.

        Raises:
            WrongValueError: the value is not what stands under this name.
        """
        value = self._values.get(name)
        if value is None:
            return default
        try:
            return self._readers[name](value)
        except WrongValueError as error:
            raise error.under(name) from None


def _minutes(date: dt.datetime | None) -> str | None:
    return date.replace(tzinfo=None).isoformat(timespec="minutes") if date else None


def _iso_day(date: dt.date | None) -> str | None:
    return date.isoformat() if date else None


def _list_or_null(names: tuple[str, ...] | None) -> list[str] | None:
    return None if names is None else list(names)


_level_title = attrgetter("level.title")


def _controls(classification: Classification) -> list[str]:
    return list(classification.controls)


def _tag_names(tags: tuple[Tag, ...]) -> list[str]:
    return [tag.name for tag in tags]


def _tag_kinds(tags: tuple[Tag, ...]) -> list[str]:
    return [tag.kind for tag in tags]


def _signature(signers: tuple[str, ...]) -> str | None:
    return SEPARATOR.join(signers) or None


RECIPIENT = FieldTable(
    Field("name", Seen.ALWAYS, JsonName("name", text)),
    Field("route", Seen.ALWAYS, JsonName("route", text)),
    Field("precedence", Seen.ALWAYS, JsonName("precedence", text)),
    Field("mcn", Seen.ALWAYS, JsonName("mcn", text)),
    Field("excluded", Seen.ALWAYS, JsonName("excluded", texts, list)),
)
CLASSIFIED_BY = FieldTable(
    Field("names", Seen.ALWAYS, JsonName("names", texts, list)),
    Field("reason", Seen.ALWAYS, JsonName("reason", text)),
)


PROVENANCE = FieldTable(
    Field("collection", Seen.ALWAYS, JsonName("collection", text)),
    Field("file", Seen.ALWAYS, JsonName("file", text)),
    Field("row", Seen.ALWAYS, JsonName("row", count)),
    Field("page", Seen.ALWAYS, JsonName("page", count)),
)


def _provenance(value: object) -> Provenance:
    return Provenance(**PROVENANCE.from_json(value))


def _json_of_provenance(provenance: Provenance | None) -> dict[str, Any] | None:
    return None if provenance is None else PROVENANCE.to_json(provenance)


def _attributes(value: object) -> Attributes:
    return Attributes(texts_by_name(value))


def _texts_of_attributes(attributes: Attributes) -> Iterable[str]:
    return (*attributes, *attributes.values())


def _texts_of_provenance(provenance: Provenance | None) -> Iterable[str]:
    return () if provenance is None else filter(None, (provenance.collection, provenance.file))


def _recipient(value: object) -> Recipient:
    values = RECIPIENT.from_json(value)
    values.setdefault("name", "")
    return Recipient(**values)


def _classified_by(value: object) -> ClassifiedBy:
    return ClassifiedBy(**CLASSIFIED_BY.from_json(value))


_recipients = partial(each, read=_recipient)


def _json_of_recipients(recipients: tuple[Recipient, ...]) -> list[dict[str, Any]]:
    return [RECIPIENT.to_json(recipient) for recipient in recipients]


PARAGRAPH = FieldTable(
    Field("position", Seen.ALWAYS, JsonName("position", count)),
    Field("number", Seen.ALWAYS, JsonName("number", number, is_basic=True)),
    Field("marking", Seen.ALWAYS, JsonName("marking", text, is_basic=True)),
    Field(
        "classification",
        Seen.ALWAYS,
        JsonName("classification", level, _level_title),
        JsonName("controls", texts, _controls),
    ),
    Field("section", Seen.ALWAYS, JsonName("section", text, is_basic=True)),
    Field("text", Seen.ALWAYS, JsonName("text", text, is_basic=True)),
    Field("start", Seen.BODY, JsonName("start", count)),
    Field("end", Seen.BODY, JsonName("end", count)),
)


def _json_of_paragraphs(paragraphs: tuple[object, ...]) -> list[dict[str, Any]]:
    return [PARAGRAPH.to_json(paragraph) for paragraph in paragraphs]


def _recipient_names(recipients: tuple[Recipient, ...]) -> list[str]:
    return [recipient.name for recipient in recipients]


CABLE = FieldTable(
    Field("id", Seen.ALWAYS, JsonName("id", text, is_basic=True)),
    Field("reference_id", Seen.ALWAYS, JsonName("reference_id", text)),
    Field("date", Seen.ALWAYS, JsonName("date", date_time, _minutes, is_basic=True)),
    Field("origin", Seen.ALWAYS, JsonName("origin", text, is_basic=True)),
    Field(
        "classification", Seen.ALWAYS, JsonName("level", level, _level_title), JsonName("controls", texts, _controls)
    ),
    Field("classification_text", Seen.ALWAYS, JsonName("classification", text, is_basic=True)),
    Field(
        "tags",
        Seen.ALWAYS,
        JsonName("tags", texts, _tag_names, is_basic=True),
        JsonName("tag_kinds", texts, _tag_kinds),
    ),
    Field("subject", Seen.SUBJECT, JsonName("subject", text, is_basic=True)),
    Field("subject_marking", Seen.SUBJECT, JsonName("subject_marking", text)),
    Field("references", Seen.WHOLE, JsonName("references", texts, list, is_basic=True)),
    Field("eo_line", Seen.WHOLE, JsonName("eo_line", text)),
    Field("declassify_on", Seen.WHOLE, JsonName("declassify_on", day, _iso_day)),
    # A reason such as 1.4 (C) is not a marking.
    Field(
        "classified_by",
        Seen.WHOLE,
        JsonName("classified_by", _classified_by, CLASSIFIED_BY.to_json),
        said=attrgetter("names"),
    ),
    Field("recipients", Seen.WHOLE, JsonName("recipients", _recipients, _json_of_recipients), said=_recipient_names),
    Field(
        "info_recipients",
        Seen.WHOLE,
        JsonName("info_recipients", _recipients, _json_of_recipients),
        said=_recipient_names,
    ),
    Field("precedence", Seen.WHOLE, JsonName("precedence", texts, list)),
    Field(
        "signers",
        Seen.WHOLE,
        JsonName("signature", text, _signature, is_basic=True),
        JsonName("signers", texts, list),
    ),
    # Each paragraph by its own classification, so the view gives those that are visible.
    Field("paragraphs", Seen.NEVER, JsonName("paragraphs", list_of_values, _json_of_paragraphs, is_basic=True)),
    Field("header", Seen.WHOLE, JsonName("header", text)),
    Field("body", Seen.BODY, JsonName("body", text)),
    Field("envelope", Seen.WHOLE, JsonName("envelope", text)),
    Field("attributes", Seen.WHOLE, JsonName("attributes", _attributes, dict), said=_texts_of_attributes),
    Field("names", Seen.WHOLE, JsonName("names", texts, list)),
    Field("given", Seen.WHOLE, JsonName("given", texts, _list_or_null)),
    Field(
        "provenance", Seen.WHOLE, JsonName("provenance", _provenance, _json_of_provenance), said=_texts_of_provenance
    ),
    passed_over=["version"],
)
