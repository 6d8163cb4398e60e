"""The Whoosh schema of an archive: its fields, and a cable as documents of it.

A cable is a block of documents: the first stands for the cable as a whole (its envelope, header, references,
recipients ...), the others are its paragraphs in order.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, lru_cache
from typing import NamedTuple

from whoosh.fields import FieldType, Schema

from cablesearch.cable import Cable, Classification, Level, Paragraph
from cablesearch.engine.fields import Document, Text, Value, is_shared
from cablesearch.schema.field_types import Date, Exact, Id, LevelField, Number, Origin, to_minutes, upper
from cablesearch.text.analysis import indexing_stem, prepare, split, stem
from cablesearch.vocabulary.identifiers import cable_id

__all__ = [
    "BARE_FIELDS",
    "BARE_FIELDS_OF_CABLE",
    "WEIGHTS",
    "documents",
    "indexing_schema",
    "query_schema",
    "read_visibility",
    "visibility",
]

BARE_FIELDS = ("text", "subject", "heading")
"""Where a word without a field is looked for, in a paragraph."""

BARE_FIELDS_OF_CABLE = (*BARE_FIELDS, "envelope")
"""Where a word without a field is looked for, in a cable as a whole."""

WEIGHTS = {"text": 1.0, "subject": 1.5, "heading": 1.0, "envelope": 0.5}
"""By how much the score of each of those fields counts."""


def _control(text: str) -> str:
    found = Classification.parse("S//" + text)
    return found.controls[0] if found and found.controls else ""


def _marking(text: str) -> str:
    return "".join(text.upper().split()).strip("()")


@lru_cache(1024)
def visibility(classification: Classification) -> str:
    """The visibility class of what is classified so, as it is stored with a document."""
    return json.dumps([int(classification.level), *classification.controls])


def read_visibility(text: str) -> Classification | None:
    """The classification of a stored visibility class; None when it cannot be read, and so nobody may see it."""
    try:
        level, *controls = json.loads(text)
        found = Classification(Level(level), tuple(controls))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    # What stands there in another form than ours may mean anything.
    return found if visibility(found) == text else None


class IndexField(NamedTuple):
    """A field of the index.

    ``make`` makes its type, given the stemmer. ``of_cable`` gives its value of a cable: of all documents of the cable
    when the type is shared, else of the document that stands for the whole. ``of_paragraph`` gives its value of a
    paragraph. ``names`` are those that a query may use, none for a field that only the program asks; ``example`` shows
    values of one that is not text.
    """

    make: Callable[[Callable[[str], str]], FieldType]
    of_cable: Callable[[Cable], Value] | None = None
    of_paragraph: Callable[[Cable, Paragraph], Value] | None = None
    names: tuple[str, ...] = ()
    example: str | None = None


def _words(
    *,
    stemmed: bool = False,
    unstemmed: str | None = None,
    of_block: bool = False,
) -> Callable[[Callable[[str], str]], FieldType]:
    """Return what makes a field of words."""
    return lambda stemmer: Text(
        split, stemmer if stemmed else None, prepare=prepare, unstemmed=unstemmed, of_block=of_block
    )


def _visible_subject(cable: Cable, paragraph: Paragraph) -> str | None:
    """The subject, for a paragraph all of whose readers may read it."""
    return cable.subject if paragraph.classification.covers(cable.subject_classification) else None


FIELDS = {
    "text": IndexField(
        _words(stemmed=True, unstemmed="exact"), of_paragraph=lambda cable, paragraph: paragraph.text, names=("text",)
    ),
    "exact": IndexField(_words(), names=("exact",)),
    # `documents` says with which document the subject goes that stands for the cable.
    "subject": IndexField(
        _words(stemmed=True, unstemmed="subject_exact"), of_paragraph=_visible_subject, names=("subject",)
    ),
    "subject_exact": IndexField(_words()),
    "heading": IndexField(
        _words(stemmed=True, unstemmed="heading_exact"),
        of_paragraph=lambda cable, paragraph: paragraph.section,
        names=("heading", "section"),
    ),
    "heading_exact": IndexField(_words()),
    "envelope": IndexField(
        _words(stemmed=True, unstemmed="envelope_exact", of_block=True),
        of_cable=lambda cable: cable.envelope,
        names=("envelope",),
    ),
    "envelope_exact": IndexField(_words(of_block=True)),
    "header": IndexField(_words(of_block=True), of_cable=lambda cable: cable.header, names=("header",)),
    "recipient": IndexField(
        _words(of_block=True),
        of_cable=lambda cable: "\n".join(recipient.name for recipient in (*cable.recipients, *cable.info_recipients)),
        names=("recipient", "to"),
    ),
    "signature": IndexField(
        _words(of_block=True), of_cable=lambda cable: "\n".join(cable.signers), names=("signature", "signed")
    ),
    "classified_by": IndexField(
        _words(of_block=True),
        of_cable=lambda cable: "\n".join((*cable.classified_by.names, cable.classified_by.reason or "")),
        names=("classified_by",),
    ),
    "tag": IndexField(
        lambda _: Exact(upper, shared=True),
        of_cable=lambda cable: [tag.name for tag in cable.tags],
        names=("tag", "tags"),
        example='tag:PHUM or tag:"CLINTON, HILLARY"',
    ),
    "origin": IndexField(
        lambda _: Origin(shared=True),
        of_cable=lambda cable: cable.origin or None,
        names=("origin", "post", "from"),
        example='origin:beijing or origin:"hong kong"',
    ),
    "class": IndexField(
        lambda _: LevelField(),
        of_paragraph=lambda cable, paragraph: int(paragraph.classification.level),
        names=("class", "classification"),
        example="class:SECRET or class:>=CONFIDENTIAL",
    ),
    "classification": IndexField(
        lambda _: Exact(upper), of_paragraph=lambda cable, paragraph: paragraph.classification.level.title
    ),
    "control": IndexField(
        lambda _: Exact(_control),
        of_paragraph=lambda cable, paragraph: list(paragraph.classification.controls),
        names=("control",),
        example="control:NOFORN",
    ),
    "marking": IndexField(
        lambda _: Exact(_marking),
        of_paragraph=lambda cable, paragraph: _marking(paragraph.marking) if paragraph.marking else None,
        names=("marking",),
        example="marking:C/NF",
    ),
    "date": IndexField(
        lambda _: Date(),
        of_cable=lambda cable: to_minutes(cable.date) if cable.date else None,
        names=("date",),
        example="date:2009, date:2009-11..2010-02 or date:[2009 to 2010]",
    ),
    "id": IndexField(
        lambda _: Id(shared=True),
        of_cable=lambda cable: list(dict.fromkeys([upper(cable.id), cable.reference_id])),
        names=("id", "cable"),
        example="id:10BEIJING30",
    ),
    "ref": IndexField(
        lambda _: Id(of_block=True),
        # As written in the list and as the id of a cable: TAIPEI and AITTAIPEI.
        of_cable=lambda cable: [name for ref in cable.references for name in (upper(ref), cable_id(ref))],
        names=("ref", "refs", "references"),
        example="ref:09STATE1234",
    ),
    "number": IndexField(
        lambda _: Number(),
        of_paragraph=lambda cable, paragraph: paragraph.number,
        names=("number", "paragraph"),
        example="number:4 or number:2..5",
    ),
    "position": IndexField(
        lambda _: Number(),
        of_paragraph=lambda cable, paragraph: paragraph.position,
        names=("position",),
        example="position:1",
    ),
    "visibility": IndexField(
        lambda _: Exact(str),
        of_cable=lambda cable: visibility(cable.whole_classification),
        of_paragraph=lambda cable, paragraph: visibility(paragraph.classification),
    ),
    "cable_classification": IndexField(
        lambda _: Exact(upper, shared=True), of_cable=lambda cable: cable.classification.level.title
    ),
}
"""The fields of the index by name; a new field is one entry.

``number`` and ``position`` are a paragraph's printed number and its place; ``visibility`` is the classification of
everything in the document; ``classification`` and ``cable_classification`` are the names of levels, for facets.
"""


def _build(stemmer: Callable[[str], str]) -> Schema:
    return Schema(**{name: field.make(stemmer) for name, field in FIELDS.items()})


@cache
def query_schema() -> Schema:
    """The schema for reading queries: its stemmer is Whoosh's, which imports fast."""
    return _build(stem)


@cache
def indexing_schema() -> Schema:
    """The schema for indexing: the same, but that its stemmer is NLTK's."""
    return _build(indexing_stem)


def documents(cable: Cable) -> tuple[list[Document], int]:
    """Return a cable as the documents of its block, and how many of them stand for the cable as a whole.

    The subject's words go with the paragraphs whose readers may all read it, and with the cable as a whole: in the
    first document, or in one of its own when the subject may be read by others than the whole.
    """
    shared: dict[str, Value] = {}
    lead: dict[str, Value] = {}
    for name, field in FIELDS.items():
        if field.of_cable is not None:
            (shared if name in _shared_fields() else lead)[name] = field.of_cable(cable)
    leads = [shared | lead]
    of_subject = cable.subject_classification
    if of_subject == cable.whole_classification:
        leads[0]["subject"] = cable.subject
    elif cable.subject:
        leads.append(shared | {"visibility": visibility(of_subject), "subject": cable.subject})
    of_paragraph = [(name, field.of_paragraph) for name, field in FIELDS.items() if field.of_paragraph is not None]
    members = [
        shared | {name: value(cable, paragraph) for name, value in of_paragraph} for paragraph in cable.paragraphs
    ]
    return [*leads, *members], len(leads)


@cache
def _shared_fields() -> frozenset[str]:
    return frozenset(name for name, field in query_schema().items() if is_shared(field))
