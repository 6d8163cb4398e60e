"""The Whoosh schema of an archive: its fields, and how a cable becomes documents.

A cable is a block of documents. The first, the lead, stands for the cable as a whole (envelope, header, references,
recipients ...); the members are its paragraphs in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from whoosh.fields import FieldType, Schema

from cablesearch.cable import Cable, Classification, Paragraph
from cablesearch.protocols.fields import Document, Spellings, Text, Value, is_shared
from cablesearch.schema.field_types import (
    Cased,
    Country,
    Date,
    Day,
    Exact,
    Id,
    LevelField,
    Number,
    Origin,
    Part,
    Precedence,
    to_minutes,
    upper,
)
from cablesearch.schema.visibility import visibility
from cablesearch.text.analysis import RULES, count_words, indexing_stem, prepare, prepare_as_written, split, stem

__all__ = [
    "ALSO",
    "BARE_FIELDS",
    "BARE_FIELDS_OF_CABLE",
    "ID_FIELDS",
    "NAMES",
    "WEIGHTS",
    "documents",
    "indexing_schema",
    "query_schema",
]

ID_FIELDS = ("id", "ref", "cites", "answers")
"""The fields whose values are ids of cables."""

BARE_FIELDS = ("text", "subject", "heading")
"""The fields in which a paragraph is searched for a word without a field."""

BARE_FIELDS_OF_CABLE = (*BARE_FIELDS, "envelope")
"""The fields in which a whole cable is searched for a word without a field."""

WEIGHTS = {"text": 1.0, "subject": 1.5, "heading": 1.0, "envelope": 0.5}
"""The factor for the scores in each of those fields."""


ALSO = {"name": ("mention",)}
"""The fields that are searched together with a field that a query names."""

NAMES = {"person": "persons", "organization": "organizations", "place": "places"}
"""The fields of names, by the attributes of `cablesearch.names.cable_names.ParagraphNames`."""


def _control(text: str) -> str:
    """Return the stored form of a control; empty if it is not a control."""
    classification = Classification.parse("S//" + text)
    return classification.controls[0] if classification and classification.controls else ""


def _marking(text: str) -> str:
    """Return the stored form of a portion marking: ``(c/nf)`` as ``C/NF``."""
    return "".join(text.upper().split()).strip("()")


class IndexField(NamedTuple):
    """A field of the index.

    Attributes:
        make: returns the field's type, given a stemmer.
        of_cable: returns a cable's value: for all its documents if the type is shared, else for the lead.
        of_paragraph: returns a paragraph's value.
        of_paragraphs: returns the values of all paragraphs of a cable, where one depends on others.
        names: the names by which a query calls the field; none for a field that only the program uses.
        example: values in a query, for a field that is not text.
    """

    make: Callable[[Callable[[str], str]], FieldType]
    of_cable: Callable[[Cable], Value] | None = None
    of_paragraph: Callable[[Cable, Paragraph], Value] | None = None
    of_paragraphs: Callable[[Cable], Sequence[Value]] | None = None
    names: tuple[str, ...] = ()
    example: str | None = None


def _words(
    *,
    stemmed: bool = False,
    unstemmed: str | None = None,
    of_block: bool = False,
) -> Callable[[Callable[[str], str]], FieldType]:
    """Return a function that makes the type of a field of words, given a stemmer."""
    return lambda stemmer: Text(
        split, stemmer if stemmed else None, prepare=prepare, unstemmed=unstemmed, of_block=of_block, rules=RULES
    )


def _visible_subjects(cable: Cable) -> list[str | None]:
    """Return for each paragraph the subject, if everyone who may read the paragraph may read the subject."""
    of_subject = cable.subject_classification
    return [cable.subject if paragraph.classification.covers(of_subject) else None for paragraph in cable.paragraphs]


def _references(cable: Cable) -> list[str]:
    """Return the ids of the cables in the list of references, as written there and canonical: TAIPEI and AITTAIPEI."""
    # Searching needs no names of posts.
    from cablesearch.vocabulary.identifiers import cable_id

    return [name for reference in cable.references for name in (upper(reference), cable_id(reference))]


def _derived(name: str) -> Callable[[Cable], Value]:
    """Return a function of `cablesearch.schema.derived`, which is loaded when it is first called."""

    def value(cable: Cable) -> Value:
        from cablesearch.schema import derived

        function: Callable[[Cable], Value] = getattr(derived, name)
        return function(cable)

    return value


def _declassified(cable: Cable) -> int | None:
    """Return the day on which a cable is to be declassified."""
    from cablesearch.schema.derived import days_since_1970

    return days_since_1970(cable.declassify_on)


def _length(cable: Cable, paragraph: Paragraph) -> int:
    """Return the number of words of a paragraph."""
    del cable
    return count_words(paragraph.text)


_RULES_OF_NAMES = 100
"""The version of the rules for names and for their keys, in steps that versions of the analysis do not reach."""


# Most searches do not ask for names.


def _prepare_names(text: str) -> str:
    from cablesearch.names.spelling import prepare_names

    return prepare_names(text)


def _split_names(text: str, for_query: bool = False) -> tuple[list[str], list[int] | None]:
    from cablesearch.names.spelling import split_names

    return split_names(text, for_query)


def _word_key(word: str) -> str:
    from cablesearch.names.spelling import word_key

    return word_key(word)


def _text(stemmer: Callable[[str], str]) -> FieldType:
    spellings = _spellings() if stemmer is indexing_stem else None
    return Text(split, stemmer, prepare=prepare_as_written, unstemmed="exact", spellings=spellings, rules=RULES)


def _spellings() -> Spellings:
    """Return how the ways in which words are written are recorded."""
    # Searching records nothing.
    from cablesearch.text.cased import CAPITALS, prefix_of, spelt_chunk

    return Spellings("case", spelt_chunk, prefix_of, CAPITALS)


def _parts(cable: Cable) -> list[list[str]]:
    """Return the kinds of part in which each paragraph stands."""
    # Searching needs no patterns of parts.
    from cablesearch.schema.parts import kinds_of_paragraphs

    return kinds_of_paragraphs(cable.paragraphs)


@lru_cache(maxsize=1)
def _acronyms_in(text: str) -> tuple[str, ...]:
    """Return the acronyms that a text defines, for both fields that have them."""
    # Most searches do not need it.
    from cablesearch.text.acronyms import definitions, long_key, short_key

    return tuple(
        f"{short}\t{long_key(definition.long, indexing_stem)}\t{definition.short}\t{definition.long}"
        for definition in definitions(text)
        if (short := short_key(definition.short))
    )


def _acronyms(paragraph: Paragraph) -> list[str]:
    """Return the acronyms that a paragraph defines: the two forms as they are compared, and both as they are written,
    with tabs between them: ``tip``, ``traffickinperson``, ``TIP``, ``trafficking in persons``."""
    text = paragraph.text
    # Most paragraphs have no brackets, and the last text is kept.
    return [*_acronyms_in(text)] if "(" in text or "[" in text else []


def _long_forms(paragraph: Paragraph) -> list[str]:
    """Return the long forms of the acronyms that a paragraph defines, each with its short form, as they are compared:
    ``traffickinperson``, a tab, ``tip``."""
    acronyms = _acronyms(paragraph)
    if not acronyms:
        return acronyms
    values = (value.split("\t") for value in acronyms)
    return list(dict.fromkeys(f"{long}\t{short}" for short, long, *_ in values))


FIELDS = {
    "text": IndexField(_text, of_paragraph=lambda cable, paragraph: paragraph.text, names=("text",)),
    "exact": IndexField(_words(), names=("exact",)),
    # `documents` adds the subject to a lead too.
    "subject": IndexField(
        _words(stemmed=True, unstemmed="subject_exact"), of_paragraphs=_visible_subjects, names=("subject",)
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
    "attribute": IndexField(
        _words(of_block=True),
        of_cable=lambda cable: "\n".join(f"{name}: {value}" for name, value in cable.attributes.items()),
        names=("attribute", "attributes"),
    ),
    "name": IndexField(_words(of_block=True), of_cable=lambda cable: "\n".join(cable.names), names=("name", "names")),
    # `documents` fills these from the names in each paragraph.
    "mention": IndexField(
        lambda _: Text(
            _split_names, _word_key, prepare=_prepare_names, unstemmed="mention_exact", rules=RULES + _RULES_OF_NAMES
        )
    ),
    "mention_exact": IndexField(lambda _: Text(_split_names, prepare=_prepare_names, rules=RULES + _RULES_OF_NAMES)),
    "person": IndexField(lambda _: Exact(str)),
    "organization": IndexField(lambda _: Exact(str)),
    "place": IndexField(lambda _: Exact(str)),
    "collection": IndexField(
        lambda _: Exact(upper, of_block=True),
        of_cable=lambda cable: upper(cable.provenance.collection or "") or None if cable.provenance else None,
        names=("collection",),
        example='collection:aad or collection:"my scans"',
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
        of_cable=_references,
        names=("ref", "refs", "references"),
        example="ref:09STATE1234",
    ),
    "cites": IndexField(
        lambda _: Id(of_block=True), of_cable=_derived("cites"), names=("cites",), example="cites:09STATE1234"
    ),
    "answers": IndexField(
        lambda _: Id(of_block=True), of_cable=_derived("answers"), names=("answers",), example="answers:09STATE1234"
    ),
    "country": IndexField(
        lambda _: Country(shared=True),
        of_cable=_derived("countries"),
        names=("country", "countries"),
        example='country:china or country:"South Korea"',
    ),
    "recipients": IndexField(
        lambda _: Origin(of_block=True),
        of_cable=_derived("recipients"),
        names=("recipients",),
        example='recipients:tokyo or recipients:"hong kong"',
    ),
    "signer": IndexField(
        lambda _: Exact(upper, of_block=True),
        of_cable=_derived("signers"),
        names=("signer",),
        example="signer:GOLDBERG",
    ),
    "precedence": IndexField(
        lambda _: Precedence(),
        of_cable=_derived("precedences"),
        names=("precedence",),
        example="precedence:IMMEDIATE",
    ),
    "declassify": IndexField(
        lambda _: Day(),
        of_cable=_declassified,
        names=("declassify", "declassify_on"),
        example="declassify:2019, declassify:<=2019-06 or declassify:[2019 to 2020]",
    ),
    # The engine fills it from the text.
    "case": IndexField(
        lambda _: Cased("exact"),
        names=("case",),
        example="case:WHO or case:Mc*",
    ),
    "in": IndexField(
        lambda _: Part(),
        of_paragraphs=_parts,
        names=("in",),
        example='in:summary, in:comment or in:"bio notes"',
    ),
    "length": IndexField(
        lambda _: Number(),
        of_paragraph=_length,
        names=("length",),
        example="length:>=100 or length:20..50",
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
        example="position:1 or position:<=3",
    ),
    "visibility": IndexField(
        lambda _: Exact(str),
        of_cable=lambda cable: visibility(cable.whole_classification),
        of_paragraph=lambda cable, paragraph: visibility(paragraph.classification),
    ),
    "cable_classification": IndexField(
        lambda _: Exact(upper, shared=True), of_cable=lambda cable: cable.classification.level.title
    ),
    "acronym": IndexField(lambda _: Exact(str), of_paragraph=lambda cable, paragraph: _acronyms(paragraph)),
    "long_form": IndexField(lambda _: Exact(str), of_paragraph=lambda cable, paragraph: _long_forms(paragraph)),
}
"""The fields of the index by name. To add a field, add an entry.

``number`` is a paragraph's printed number and ``position`` its place. ``visibility`` is the classification that covers
the whole document. ``classification`` and ``cable_classification`` are names of levels, for facets. ``acronym`` and
``long_form`` have the acronyms that a paragraph defines, in the order of their short and of their long forms.
"""


def _build(stemmer: Callable[[str], str]) -> Schema:
    return Schema(**{name: field.make(stemmer) for name, field in FIELDS.items()})


@cache
def query_schema() -> Schema:
    """Return the schema for reading queries. It uses Whoosh's stemmer, which is fast to import."""
    return _build(stem)


@cache
def indexing_schema() -> Schema:
    """Return the schema for indexing: the same with NLTK's stemmer, which is fast to run."""
    return _build(indexing_stem)


def documents(cable: Cable, *, names: bool = True) -> tuple[list[Document], int]:
    """Return the documents of a cable's block, and how many of them are leads.

    The subject is indexed with each paragraph whose readers may all read the subject, and with the cable as a whole: in
    the first lead, or in a second lead if the subject's classification is not that of the whole.

    Args:
        cable: the cable.
        names: whether to find names in the text, which takes longer than the rest.
    """
    shared: dict[str, Value] = {}
    lead: dict[str, Value] = {}
    shared_fields = _shared_fields()
    for name, field in FIELDS.items():
        if field.of_cable is not None:
            (shared if name in shared_fields else lead)[name] = field.of_cable(cable)
    leads = [shared | lead]
    of_subject = visibility(cable.subject_classification)
    if of_subject == lead["visibility"]:
        leads[0]["subject"] = cable.subject
    elif cable.subject:
        leads.append(shared | {"visibility": of_subject, "subject": cable.subject})
    of_paragraph = [(name, field.of_paragraph) for name, field in FIELDS.items() if field.of_paragraph is not None]
    members = [
        shared | {name: value(cable, paragraph) for name, value in of_paragraph} for paragraph in cable.paragraphs
    ]
    for name, field in FIELDS.items():
        if field.of_paragraphs is not None:
            for member, value in zip(members, field.of_paragraphs(cable), strict=True):
                member[name] = value
    if names:
        for member, of_names in zip(members, _names(cable), strict=True):
            member.update(of_names)
    return [*leads, *members], len(leads)


def _names(cable: Cable) -> Iterator[dict[str, Value]]:
    """Yield the values of the fields of names for each paragraph."""
    # Searching needs no rules for names.
    from cablesearch.names.cable_names import names_by_paragraph, tagged_persons
    from cablesearch.names.spelling import plain_name

    # TAGS are visible with any part of a cable, and so with each paragraph.
    tagged = tagged_persons(cable)
    for names in names_by_paragraph(cable):
        values: dict[str, Value] = {field: getattr(names, kind) for field, kind in NAMES.items()}
        every = (*names.every, *tagged)
        values["mention"] = "\n".join(dict.fromkeys((*every, *map(plain_name, every))))
        yield values


@cache
def _shared_fields() -> frozenset[str]:
    return frozenset(name for name, field in query_schema().items() if is_shared(field))
