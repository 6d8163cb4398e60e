"""The record of a cable: what its header says, in rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from cablesearch.answers.shown import header_rows
from cablesearch.cable import Cable, Recipient
from cablesearch.results.citations import spoken_day
from cablesearch.vocabulary.control_meanings import control_meaning
from cablesearch.vocabulary.tag_names import tag_meaning

__all__ = ["Record", "Term", "record"]


class Term(NamedTuple):
    """A code with its explanation.

    Attributes:
        name: the code.
        meaning: what it stands for; empty if that is not on record.
        kind: what it is, such as ``subject`` or ``country``.
    """

    name: str
    meaning: str
    kind: str


@dataclass(frozen=True, slots=True)
class Record:
    """What the header of a cable says; what is unknown, or hidden from the reader, is empty.

    Attributes:
        rows: labels with plain values, in the order in which they are shown.
        controls: the controls of the classification.
        tags: the TAGS.
        to, info: the recipients.
        names: the persons whom the source marks in the text.
        attributes: the values of the source that have no row of their own.
        source: where the cable was read.
    """

    rows: tuple[tuple[str, str], ...]
    controls: tuple[Term, ...]
    tags: tuple[Term, ...]
    to: tuple[str, ...]
    info: tuple[str, ...]
    names: tuple[str, ...]
    attributes: tuple[tuple[str, str], ...]
    source: str

    @property
    def has_rows(self) -> bool:
        """Whether anything is known."""
        beside = self.controls or self.tags or self.to or self.info or self.names or self.source
        return bool(self.rows or beside)


def record(cable: Cable) -> Record:
    """Return the record of a cable."""
    rows = {
        "Canonical id": cable.reference_id if cable.reference_id != cable.id else "",
        "Precedence": ", ".join(cable.precedence),
        "Classified by": ", ".join(cable.classified_by.names),
        "Reason": cable.classified_by.reason or "",
        "Declassify on": _day(cable.declassify_on),
    }
    return Record(
        rows=tuple((label, value) for label, value in rows.items() if value),
        controls=tuple(Term(name, control_meaning(name) or "", "control") for name in cable.classification.controls),
        tags=tuple(Term(tag.name, tag_meaning(tag.name) or "", tag.kind) for tag in cable.tags),
        to=_names(cable.recipients, cable.precedence),
        info=_names(cable.info_recipients, cable.precedence),
        names=cable.names,
        attributes=tuple(cable.attributes.items()),
        source=header_rows(cable).get("source", ""),
    )


def _day(date: dt.date | None) -> str:
    return spoken_day(dt.datetime.combine(date, dt.time())) if date else ""


def _names(recipients: Iterable[Recipient], usual: Collection[str]) -> tuple[str, ...]:
    """Return recipients, each with its precedence if that is not among the usual ones of the cable."""
    return tuple(
        recipient.name
        + (f" ({recipient.precedence})" if recipient.precedence and recipient.precedence not in usual else "")
        for recipient in recipients
    )
