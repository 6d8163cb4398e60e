"""The web of cables: the visible cables, the cables to which they refer, and the missing ones among these."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cablesearch.cable import Classification, ReferenceId
from cablesearch.protocols.reader import Reader
from cablesearch.results.hits import iso_date
from cablesearch.schema.field_types import id_forms
from cablesearch.suggestions.lookup import split_reference, unknown_cable
from cablesearch.text.folding import without_unseen

__all__ = ["LinkedCable", "Web", "most_cited"]


@dataclass(frozen=True, slots=True)
class LinkedCable:
    """A cable in the web of cables: one of the archive, or one that is missing from it.

    Attributes:
        id: the id as the cable has it; of a missing cable the canonical id.
        is_missing: whether the archive has no such cable that the reader may see. Only the id and ``citations`` of a
            missing cable are known.
        date: the date in UTC, with its time zone.
        origin: the post that sent the cable.
        subject: the subject.
        classification: the cable's classification.
        references: the number of cables to which it refers, missing ones included.
        citations: the number of cables of the archive that refer to it.
    """

    id: str
    is_missing: bool = False
    date: dt.datetime | None = None
    origin: str = ""
    subject: str | None = None
    classification: Classification | None = None
    references: int = 0
    citations: int = 0

    @property
    def is_unreadable(self) -> bool:
        """Whether this is a reference that is missing and cannot be read as the id of a cable: ``SOME PAPER``."""
        return self.is_missing and ReferenceId.parse(self.id) is None

    def to_json(self) -> dict[str, Any]:
        """Return the cable as the command line prints it in JSON."""
        return {
            "id": self.id,
            "missing": self.is_missing,
            "unreadable": self.is_unreadable,
            "date": iso_date(self.date),
            "origin": self.origin,
            "subject": self.subject,
            "classification": str(self.classification) if self.classification else None,
            "references": self.references,
            "citations": self.citations,
        }


class Web:
    """The web of the cables that a reader sees.

    A *place* in it stands for a cable: that of a cable of the archive is its number (see
    `cablesearch.protocols.links.Cables`), that of a missing cable is the inverted number of its id (``~number``), which
    is negative.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader, self._links, self._cables = reader, reader.links, reader.links.cables
        # Most cables share their origins and classifications with others.
        self._kept: dict[object, Any] = {}

    def place(self, name: str) -> int:
        """Return the place of a cable of the archive, or of one that cables of the archive refer to.

        Args:
            name: the id, as written, canonical or in parts; it may name a paragraph.

        Raises:
            UnknownCableError: the reader sees neither.
        """
        for form in dict.fromkeys([name.strip(), split_reference(name.strip())[0]]):
            key = self._reader.find(form)
            if key is not None:
                return self._cables.number(key)
            for canonical in id_forms(without_unseen(form)):
                number = self._links.number(canonical)
                if number is not None:
                    return ~number
        raise unknown_cable(self._reader, split_reference(name.strip())[0])

    def cited(self, place: int, most: int | None = None) -> tuple[list[int], int]:
        """Return the first of the cables to which a cable refers, at most ``most``, and the number of all of them.

        They are in its order, each once and without its own. If several cables have an id to which it refers, it refers
        to all of them.
        """
        cited = [] if place < 0 else [cited for cited in dict.fromkeys(self._cited(place)) if cited != place]
        return cited[:most], len(cited)

    def _cited(self, cable: int) -> Iterator[int]:
        for name in self._links.targets_of(cable):
            yield from self._links.holders(name) or [~name]

    def citing(self, place: int, most: int | None = None) -> tuple[list[int], int]:
        """Return the first of the cables that refer to a cable, by date and id, at most ``most``, and the number of all
        of them."""
        citing = self._links.sources_of(place) if place >= 0 else self._links.sources_of_name(~place)
        return self._cables.in_order(citing, most), len(citing)

    def citations(self, place: int) -> int:
        """Return the number of cables that refer to a cable."""
        return int(self._links.citations[place]) if place >= 0 else len(self._links.sources_of_name(~place))

    def is_unreadable(self, place: int) -> bool:
        """Return whether a cable is missing because it is no id (see `LinkedCable.is_unreadable`)."""
        return place < 0 and LinkedCable(self._links.name(~place), is_missing=True).is_unreadable

    def name(self, place: int) -> str:
        """Return the id of a cable."""
        return self._links.name(~place) if place < 0 else self._cables.key(place)

    def cable(self, place: int) -> LinkedCable:
        """Return what is known of a cable. It is read from the archive."""
        if place < 0:
            return LinkedCable(self._links.name(~place), is_missing=True, citations=self.citations(place))
        head = self._cables.head(place)
        return LinkedCable(
            id=head.id,
            date=head.date,
            origin=self._kept.setdefault(head.origin, head.origin),
            subject=head.subject,
            classification=self._kept.setdefault(head.classification, head.classification),
            references=self.cited(place)[1],
            citations=self.citations(place),
        )


def most_cited(reader: Reader, number: int, among: NDArray[np.bool_] | None = None) -> tuple[LinkedCable, ...]:
    """Return the cables of the archive that most other cables refer to: by descending number, then by date and id.

    The time depends on the number of cables and of references; only the cables that are returned are read.

    Args:
        reader: the reader.
        number: the most cables to return.
        among: which cables may be returned; bool [room]; None: all of them.
    """
    citations = reader.links.citations
    cited = np.flatnonzero(citations if among is None else citations * among)
    web = Web(reader)
    return tuple(map(web.cable, reader.links.cables.best(cited, citations[cited], number)))
