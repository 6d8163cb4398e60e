"""The web of cables: the visible cables, the cables to which they refer, and the missing ones among these."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cablesearch.cable import Classification, ReferenceId
from cablesearch.engine.search import collect
from cablesearch.engine.search.collect import Selection
from cablesearch.engine.search.execute import Matches
from cablesearch.lookup import split_reference, unknown_cable
from cablesearch.results.hits import iso_date
from cablesearch.schema.field_types import id_forms
from cablesearch.searcher import Searcher
from cablesearch.text.folding import without_unseen

__all__ = ["LinkedCable", "Web", "cable_mask", "most_cited"]


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

    A *place* in it stands for a cable: that of a cable of the archive is its number over all segments, that of a
    missing cable is the inverted number of its id (``~number``), which is negative.
    """

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self._links = searcher.links
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
            if where := self._searcher.find(form):
                number, block = where
                return int(self._searcher.view.block_bases[number]) + block
            for canonical in id_forms(without_unseen(form)):
                number_of_name = self._links.number(canonical)
                if number_of_name is not None:
                    return ~number_of_name
        raise unknown_cable(self._searcher.view, split_reference(name.strip())[0])

    def cited(self, place: int, most: int | None = None) -> tuple[list[int], int]:
        """Return the first of the cables to which a cable refers, at most ``most``, and the number of all of them.

        They are in its order, each once and without its own. If several cables have an id to which it refers, it refers
        to all of them.
        """
        cited = [] if place < 0 else [cited for cited in dict.fromkeys(self._cited(place)) if cited != place]
        return cited[:most], len(cited)

    def _cited(self, block: int) -> Iterator[int]:
        for name in self._links.targets_of(block):
            yield from self._links.holders(name) or [~name]

    def citing(self, place: int, most: int | None = None) -> tuple[list[int], int]:
        """Return the first of the cables that refer to a cable, by date and id, at most ``most``, and the number of all
        of them."""
        blocks = self._links.sources_of(place) if place >= 0 else self._links.sources_of_name(~place)
        return self._links.in_order(blocks, most), len(blocks)

    def citations(self, place: int) -> int:
        """Return the number of cables that refer to a cable."""
        return int(self._links.citations[place]) if place >= 0 else len(self._links.sources_of_name(~place))

    def is_unreadable(self, place: int) -> bool:
        """Return whether a cable is missing because it is no id (see `LinkedCable.is_unreadable`)."""
        return place < 0 and LinkedCable(self._links.name(~place), is_missing=True).is_unreadable

    def name(self, place: int) -> str:
        """Return the id of a cable."""
        if place < 0:
            return self._links.name(~place)
        number, block = self._searcher.view.block_at(place)
        return self._searcher.view.segments[number].keys.text(block)

    def cable(self, place: int) -> LinkedCable:
        """Return what is known of a cable. It is read from the archive."""
        if place < 0:
            return LinkedCable(self._links.name(~place), is_missing=True, citations=self.citations(place))
        head = self._searcher.head_at(place)
        return LinkedCable(
            id=head.id,
            date=head.date,
            origin=self._kept.setdefault(head.origin, head.origin),
            subject=head.subject,
            classification=self._kept.setdefault(head.classification, head.classification),
            references=self.cited(place)[1],
            citations=self.citations(place),
        )


def cable_mask(searcher: Searcher, hits: Selection) -> NDArray[np.bool_]:
    """Return which cables have hits, as a mask over the cables of all segments."""
    parts = [hits.per_block(number) > 0 for number in range(len(searcher.view.segments))]
    return np.concatenate([np.zeros(0, bool), *parts])


def most_cited(searcher: Searcher, number: int, among: NDArray[np.bool_] | None = None) -> tuple[LinkedCable, ...]:
    """Return the cables of the archive that most other cables refer to: by descending number, then by date and id.

    The time depends on the number of cables and of references; only the cables that are returned are read.

    Args:
        searcher: the searcher.
        number: the most cables to return.
        among: the cables that may be returned, as a mask over those of all segments; None: all of them.
    """
    citations = searcher.links.citations
    cited = np.flatnonzero(citations if among is None else citations * among)
    matches = Matches(cited, citations[cited].astype(np.float64))
    best = cited[collect.top(searcher.view, matches, 0, number, by_block=True)]
    web = Web(searcher)
    return tuple(map(web.cable, best.tolist()))
