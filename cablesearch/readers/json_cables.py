"""Cables as objects of JSON: what is exported, what an index stores, and what other programs may write.

An object has the names ``id, date, origin, classification, tags, subject, references, signature, paragraphs``, and of
each paragraph ``number, marking, section, text``. That is enough to read a cable. Beside them stands the rest of
:class:`~cablesearch.cable.Cable`, so that nothing is lost when a cable is written and read again. An unknown name is
rejected, as its value would be lost silently."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from typing import Any

from cablesearch.cable import UNREADABLE, Cable, Classification, Level, Paragraph, Tag
from cablesearch.cable_fields import CABLE, PARAGRAPH, SEPARATOR, JsonObject
from cablesearch.classification.classification import OPEN, marking_of
from cablesearch.classification.covering import covering, covering_title
from cablesearch.classification.leading import opening_marking
from cablesearch.json_values import WrongValueError
from cablesearch.readers.errors import UnreadableCable, check_paragraphs
from cablesearch.readers.limits import check_controls, check_json, check_places, check_size
from cablesearch.text.terminal import json_line

__all__ = ["dumps", "from_json", "loads", "to_json"]

_AS_GIVEN = tuple(
    field.name
    for field in CABLE.fields
    if [entry.name for entry in field.json] == [field.name]
    and field.name not in ("id", "date", "origin", "paragraphs", "header", "body", "given")
)
"""The fields that have the values of their names, or else those read from the body."""


def to_json(cable: Cable) -> dict[str, Any]:
    """Return a cable as an object of JSON; :func:`from_json` makes the same cable of it again."""
    return CABLE.to_json(cable)


def dumps(cable: Cable) -> str:
    """Return a cable as one line of JSON without the line break; what UTF-8 cannot write, or could command a terminal,
    is escaped."""
    return json_line(to_json(cable))


def loads(line: str, make: Callable[[list[tuple[str, Any]]], Any] | None = None) -> Any:
    """Read a line of JSON whose values are not too many to be a cable's; ``make`` makes objects of names and values.

    Raises:
        UnreadableCable: it is not JSON, nested too deeply, or has too many values.
    """
    check_json(line)
    try:
        return json.loads(line, object_pairs_hook=make)
    except UnreadableCable:
        raise
    except RecursionError:
        raise UnreadableCable("not a cable: JSON nested too deeply") from None
    except ValueError as error:
        raise UnreadableCable(f"not JSON: {error}") from None


def from_json(entry: object) -> Cable:
    """Make a cable of an object of JSON.

    What is missing (or null) is derived: a paragraph's classification from its marking, else the cable's; positions
    from the order; the kinds of TAGS from the TAGS; signers from the signature. An object with a body but no paragraphs
    is read as a telegram, and its other values replace those that were read.

    Raises:
        UnreadableCable: a field is unknown, its value is invalid, or the cable is too large
            (`cablesearch.readers.limits`).
    """
    try:
        values = JsonObject(CABLE, entry)
        cable = _cable(values) if values.has("paragraphs") else _telegram(values)
    except WrongValueError as error:
        raise UnreadableCable(str(error)) from None
    check_size(cable)
    check_places(cable.paragraphs, cable.body)
    return cable.heeding()


def _cable(values: JsonObject) -> Cable:
    name = values.get("id", "")
    if not name.strip():
        raise WrongValueError("missing; every cable needs one").under("id")
    classification = _classification(values) or UNREADABLE.join(_only(values))
    body = values.get("body", "")
    given = values.among(_AS_GIVEN)
    # What `to_json` writes already includes what its body says.
    if body and not values.has("level"):
        classification = classification.join(_of_banners(body) or classification)
    if body and "subject_marking" not in values:
        marked = _subject_of(body)
        given["subject_marking"] = str(classification.join(marked)) if marked != OPEN else None
    check_controls(classification)
    return Cable(
        id=name,
        reference_id=given.pop("reference_id") if "reference_id" in given else _canonical(name),
        date=values.get("date"),
        origin=values.get("origin", ""),
        classification=classification,
        classification_text=values.get("classification", ""),
        tags=_tags(values),
        signers=_signers(values),
        paragraphs=_paragraphs(values.get("paragraphs"), classification),
        header=values.get("header", ""),
        body=body,
        given=values.get("given"),
        **given,
    )


# Cables in an index say all of this themselves, and a search loads as little as it can.


def _canonical(name: str) -> str:
    """Return the canonical form of a cable's id."""
    from cablesearch.vocabulary.identifiers import cable_id

    return cable_id(name)


def _of_banners(body: str) -> Classification | None:
    """Return the classification that covers what the banners of a body say."""
    from cablesearch.readers.telegram.banners import banners
    from cablesearch.readers.telegram.page_breaks import page_breaks

    return banners(body, page_breaks(body))[1]


def _subject_of(body: str) -> Classification:
    """Return what the markings of a body's subject say."""
    from cablesearch.readers.telegram.opening.subject_line import find_subject, marking_below

    subject = find_subject(body)
    if subject is None:
        return OPEN
    said = (subject.marking, marking_below(body, subject.end))
    return reduce(
        Classification.join, filter(None, map(Classification.parse, said)), covering_title(OPEN, subject.text)
    )


def _telegram(values: JsonObject) -> Cable:
    """Return a cable of a header and a body; other values given take the place of those read."""
    body = values.get("body", "")
    if not body.strip():
        raise UnreadableCable("paragraphs: missing, and so is the body; a cable needs one of them")
    classification_text = values.get("classification")
    classification = _classification(values)
    # Complete entries, such as those in an index, do not need it.
    from cablesearch.readers.telegram.telegram import parse_cable

    cable = parse_cable(
        values.get("header", ""),
        body,
        cable_id=values.get("id", "").strip() or None,
        date=values.get("date"),
        origin=values.get("origin"),
        classification=classification or classification_text,
    )
    if classification is None:
        cable = cable.covered(_only(values))
    read: dict[str, object] = {
        "classification_text": classification_text,
        "signers": _signers(values) or None,
        "tags": _tags(values) or None,
    }
    changes: dict[str, Any] = {name: value for name, value in read.items() if value is not None}
    changes |= values.among(_AS_GIVEN)
    changes["given"] = tuple(name for name in CABLE.readers if name not in ("header", "body") and values.has(name))
    given, stated = replace(cable, **changes), cable.subject_classification
    if cable.subject and not given.subject_classification.covers(stated):
        return replace(given, subject_marking=str(given.subject_classification.join(stated)))
    return given


def _classification(values: JsonObject) -> Classification | None:
    """Return the classification that level, controls and classification state together: the highest of each."""
    stated = Classification.parse(values.get("classification"))
    level = values.get("level")
    return _joined(stated, level, controls=values.get("controls"))


def _only(values: JsonObject) -> Classification:
    """Return the controls that are given, without a level."""
    return Classification(Level.UNCLASSIFIED, values.get("controls", ()))


def _joined(*parts: Classification | None, controls: tuple[str, ...] | None) -> Classification | None:
    """Return the lowest classification that covers all that is given; None when no level is given."""
    joined: Classification | None = None
    for part in parts:
        if part is not None:
            joined = part if joined is None else joined.join(part)
    return Classification(joined.level, joined.controls + controls) if joined and controls else joined


def _tags(values: JsonObject) -> tuple[Tag, ...]:
    names = values.get("tags", ())
    kinds = values.get("tag_kinds")
    if kinds is None:
        from cablesearch.vocabulary.tag_names import tag_kind

        return tuple(Tag(name, tag_kind(name)) for name in names)
    if len(kinds) != len(names):
        raise WrongValueError(f"{len(kinds)} kinds for {len(names)} tags").under("tag_kinds")
    return tuple(map(Tag, names, kinds))


def _signers(values: JsonObject) -> tuple[str, ...]:
    signers: tuple[str, ...] | None = values.get("signers")
    if signers is not None:
        return signers
    signature = values.get("signature", "")
    return tuple(name for name in signature.split(SEPARATOR) if name)


def _paragraphs(entries: list[Any], classification: Classification) -> tuple[Paragraph, ...]:
    paragraphs: list[Paragraph] = []
    check_paragraphs(len(entries))
    for index, entry in enumerate(entries):
        try:
            paragraphs.append(_paragraph(entry, paragraphs[-1].position if paragraphs else 0, classification))
        except WrongValueError as error:
            raise error.under(f"paragraphs[{index}]") from None
    return tuple(paragraphs)


def _paragraph(entry: object, before: int, cable_classification: Classification) -> Paragraph:
    values = PARAGRAPH.from_json(entry)
    marking = values.get("marking")
    section = values.get("section")
    if "text" not in values:
        raise WrongValueError("missing; every paragraph needs one").under("text")
    text = values["text"]
    own = Classification.parse(marking)
    # Controls alone leave the level open.
    beside = marking_of(marking) if marking and own is None else None
    stated = values.get("classification")
    if stated is not None:
        # It classifies the whole text, except for a marking that opens it, and for those of the heading.
        stated = covering_title(_joined(stated, opening_marking(text), controls=None) or stated, section or "")
        own = own or beside
    else:
        if beside is not None:
            own = cable_classification.join(beside)
        elif own is None and any(map(str.isalnum, marking or "")):
            own = UNREADABLE
        own = covering_title(covering(own or cable_classification, text), section or "")
    classification = _joined(own, stated, controls=values.get("controls")) or cable_classification
    position = values.get("position", before + 1)
    if position <= before:
        raise WrongValueError(f"positions rise from paragraph to paragraph; {position} does not").under("position")
    return Paragraph(
        position=position,
        number=values.get("number"),
        marking=marking,
        classification=classification,
        section=section,
        text=text,
        start=values.get("start", 0),
        end=values.get("end", 0),
    )
