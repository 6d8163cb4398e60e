"""A cable as the documents that a cluster stores: those of each of its views."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from cablesearch.algorithms.hashing import hash_of
from cablesearch.cable import Cable
from cablesearch.cluster.documents.analysis import Analyser
from cablesearch.cluster.documents.mapping import CABLE, FORMAT, NESTED, PARAGRAPH, SIZE, is_of_cable
from cablesearch.cluster.documents.views import ViewClass, views
from cablesearch.cluster.documents.wire import cited_out, value_out
from cablesearch.protocols.fields import Document, Text, Value, kind_of
from cablesearch.readers.json_cables import dumps, to_json
from cablesearch.schema.index_fields import documents, indexing_schema
from cablesearch.schema.stored import HEAD
from cablesearch.text.terminal import json_line

__all__ = ["Built", "built", "place_of"]

_LONGEST_CITATION = 400
"""The most bytes of a citation in the id of a document; an id has at most 512."""

_HALF = 1 << 63
"""Makes a number of 64 bits of a hash, with the same order; the server knows numbers with a sign only."""

Values = dict[str, Any]


class Built(NamedTuple):
    """The documents of one view of a cable: the class of the view, its edition, and the documents by their ids."""

    view: ViewClass
    edition: str
    documents: dict[str, Values]


def built(cable: Cable, digest: bytes) -> Iterator[Built]:
    """Yield the documents of each view of a cable.

    Args:
        cable: the cable.
        digest: the digest of its source.

    Raises:
        UnreadableCable: it has too many views.
    """
    encoder = _Encoder()
    for view_class, view in views(cable):
        record = dumps(view)
        hashed = hashlib.sha256(f"{FORMAT} {digest.hex()} {view_class.name} {record}".encode())
        edition = base64.urlsafe_b64encode(hashed.digest()[:15]).decode()
        own = _documents(view, record, encoder)
        shown: Values = {"key": value_out(view.id), "edition": edition}
        if view_class.is_full:
            own[0]["digest"] = digest.hex()
        yield Built(view_class, edition, {_id(view.id, place, edition): shown | one for place, one in own.items()})


def place_of(key: str, position: int) -> str:
    """Return the value by which a paragraph is found."""
    return value_out(f"{key}@{position}")


def _id(key: str, position: int, edition: str) -> str:
    """Return the id of a document: its citation, and the edition of its cable."""
    citation = value_out(f"{key}@{position}" if position else key)
    if len(citation.encode()) > _LONGEST_CITATION:
        citation = f"{hashlib.sha256(citation.encode()).hexdigest()}@{position}"
    return f"{citation}.{edition}"


def _documents(view: Cable, record: str, encoder: _Encoder) -> dict[int, Values]:
    """Return the documents of a view by position; 0 is that of the cable."""
    content, leads = documents(view)
    entry = to_json(view)
    head = {name: entry[name] for name in HEAD if name in entry}
    lead = {name: value for name, value in content[0].items() if is_of_cable(name)}
    encoded = [encoder.encoded(document) for document in content]
    repeated, members = encoder.encoded(lead), encoded[leads:]
    # The numbers of words count once, with the cable.
    shared = {name: value for name, value in repeated.items() if name in indexing_schema()}
    date = {} if lead["date"] is None else {"date": lead["date"]}
    found: dict[int, Values] = {
        0: {
            **date,
            "kind": CABLE,
            "cited": [cited_out(place, name) for place, name in enumerate(dict.fromkeys(_several(lead.get("cites"))))],
            "record": record,
            "head": json_line({**head, "paragraphs": []}),
            CABLE: _of_cable(repeated, _subject(content, leads, encoder), encoded),
            NESTED: [{name: value for name, value in member.items() if name in _nested()} for member in members],
        }
    }
    for paragraph, values, member in zip(view.paragraphs, entry["paragraphs"], members, strict=True):
        own = {**values, "position": paragraph.position, "start": 0, "end": 0}
        found[paragraph.position] = {
            **date,
            "kind": PARAGRAPH,
            "position": paragraph.position,
            "place": place_of(view.id, paragraph.position),
            "sample": hash_of(view.id, paragraph.position) - _HALF,
            "record": json_line({**head, "paragraphs": [own]}),
            PARAGRAPH: shared | member,
        }
    return found


def _subject(content: list[Document], leads: int, encoder: _Encoder) -> Values:
    """Return the subject that a cable has beside its paragraphs, unless one of these has it."""
    subjects = [document.get("subject") for document in content]
    subject = next((each for each in subjects[:leads] if each), None)
    return {} if not subject or subject in subjects[leads:] else encoder.encoded({"subject": subject})


def _of_cable(repeated: Values, subject: Values, documents: list[Values]) -> Values:
    """Return the fields of a cable: its own, and all other keywords and numbers of its documents."""
    found = repeated | subject
    for name in _united():
        values = dict.fromkeys(value for document in documents for value in _several(document.get(name)))
        if values:
            found[name] = [*values]
    return found


def _several(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


@cache
def _nested() -> frozenset[str]:
    """Return the fields of paragraphs, which nested documents have."""
    return frozenset(name for name in indexing_schema().names() if not is_of_cable(name))


@cache
def _united() -> tuple[str, ...]:
    """Return the keywords and numbers of paragraphs, which their cable has all together."""
    return tuple(name for name in sorted(_nested()) if kind_of(indexing_schema()[name]) != "text")


class _Encoder:
    """Encodes the fields of documents as they are sent. The views of a cable share most texts, so it keeps them."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Values] = {}

    def encoded(self, document: Document) -> Values:
        """Return the fields of a document; those without a value are left out."""
        found: Values = {}
        for name, value in document.items():
            if isinstance(indexing_schema()[name], Text):
                if isinstance(value, str) and value:
                    found |= self._text(name, value)
            elif value is not None and value != []:
                found[name] = value_out(value) if isinstance(value, str) else _keywords(value)
        return found

    def _text(self, name: str, text: str) -> Values:
        if (name, text) not in self._kept:
            self._kept[name, text] = _text(name, text)
        return self._kept[name, text]


def _keywords(value: Value) -> Any:
    return value if isinstance(value, int) or value is None else [value_out(each) for each in dict.fromkeys(value)]


def _text(name: str, text: str) -> Values:
    """Return the words of a text, those of its unstemmed twin, their number, and how they are written."""
    field, analyser = _analyser(name)
    own = analyser.analysed(text)
    if not own.size:
        return {}
    found: Values = {name: own.words, name + SIZE: own.size}
    if field.unstemmed:
        found |= {field.unstemmed: own.exact, field.unstemmed + SIZE: own.size}
    if name == "text":
        found["words"] = own.distinct
    if field.spellings:
        found[field.spellings.field] = own.spellings
    return found


@cache
def _analyser(name: str) -> tuple[Text, Analyser]:
    field = indexing_schema()[name]
    if not isinstance(field, Text):
        raise TypeError(f"{name} is not a text")
    return field, Analyser(field)
