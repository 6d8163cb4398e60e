"""Reading the header and the body of a stored cable again, by the rules of today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cablesearch.cable import Cable, Classification, Paragraph
from cablesearch.readers.json_cables import from_json, to_json

__all__ = ["reread"]

_ALWAYS_KEPT = ("id", "provenance")
_KEPT_OF_OLD = ("date", "origin", "classification")
"""The values that are also kept for a cable that does not record which were given: cables.csv gives these."""


def reread(cable: Cable) -> Cable:
    """Read a cable again from its header and body; the values that were given beside them stay.

    A cable whose paragraphs do not stand in its body was not read from it, and stays as it is. So does a value that
    reading does not find again, if the cable does not record which values were given.

    Nothing is classified lower than it was stored: the stored classification may have been given, such as in an export
    that someone edited.

    Raises:
        UnreadableCable: the cable cannot be read by the rules of today.
    """
    if not cable.body.strip() or not all(paragraph.end for paragraph in cable.paragraphs):
        return cable
    if cable.given is not None and "paragraphs" in cable.given:
        return cable
    stored = to_json(cable)
    kept = _KEPT_OF_OLD if cable.given is None else cable.given
    names = dict.fromkeys(["header", "body", *_ALWAYS_KEPT, *kept])
    # An empty value may have been given; one that was not is left to reading.
    given = cable.given or ()
    fresh = from_json({name: stored[name] for name in names if name in given or stored[name] not in ("", None)})
    if {"level", "controls"} & set(given) or (cable.given is None and not cable.classification_text):
        # These include what the body says, and would be written out as text.
        fresh = replace(fresh, classification_text=cable.classification_text)
    if cable.given is None:
        fresh = _with_stored(fresh, cable)
    return _not_lower(replace(fresh, id=cable.id, given=cable.given), cable)


def _with_stored(fresh: Cable, stored: Cable) -> Cable:
    """Add what only the stored cable has."""
    beside = tuple(name for name in stored.references if name not in fresh.references)
    return replace(
        fresh,
        tags=fresh.tags or stored.tags,
        subject=stored.subject if fresh.subject is None else fresh.subject,
        subject_marking=stored.subject_marking if fresh.subject is None else fresh.subject_marking,
        references=fresh.references + beside,
        recipients=fresh.recipients or stored.recipients,
        info_recipients=fresh.info_recipients or stored.info_recipients,
        signers=fresh.signers or stored.signers,
    )


def _not_lower(fresh: Cable, stored: Cable) -> Cable:
    """Raise a cable, its subject and its paragraphs to the stored classifications."""
    raised = replace(
        fresh,
        classification=_joined(fresh.classification, stored.classification),
        paragraphs=_not_below(fresh.paragraphs, stored.paragraphs),
    )
    if raised.subject is None or raised.subject_classification.covers(stored.subject_classification):
        return raised
    marking = str(raised.subject_classification.join(stored.subject_classification))
    return replace(raised, subject_marking=marking)


def _not_below(paragraphs: Sequence[Paragraph], stored: Sequence[Paragraph]) -> tuple[Paragraph, ...]:
    """Raise each paragraph to the stored ones in its place; the places of both rise."""
    raised = []
    first = 0
    for paragraph in paragraphs:
        classification = paragraph.classification
        while first < len(stored) and stored[first].end <= paragraph.start:
            first += 1
        place = first
        while place < len(stored) and stored[place].start < paragraph.end:
            classification = _joined(classification, stored[place].classification)
            place += 1
        raised.append(replace(paragraph, classification=classification))
    return tuple(raised)


def _joined(classification: Classification, stored: Classification) -> Classification:
    return classification if classification.covers(stored) else classification.join(stored)
