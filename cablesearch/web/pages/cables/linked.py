"""How a cable hangs together with others: its references, its thread, related cables."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from cablesearch.archive import Archive
from cablesearch.cable import Cable
from cablesearch.features.links.references import References
from cablesearch.features.links.threads import Thread
from cablesearch.features.links.web import LinkedCable
from cablesearch.results.hits import Hit, Results

__all__ = ["Linked", "Related", "RelatedCable", "linked", "related", "thread_of"]

_FEW = 8
"""The most cables in each list on the page of a cable."""
_RELATED = 20
"""The most related cables on a page."""
_WORD = re.compile(r'"([^"]+)"\^')
"""A word of the query that finds related cables."""


@dataclass(frozen=True, slots=True)
class Linked:
    """The cables that belong to a cable.

    Attributes:
        references: the cables to which it refers, and those that refer to it.
        thread: the cables that answer each other; None if it stands alone.
    """

    references: References
    thread: Thread | None

    @property
    def cites(self) -> tuple[LinkedCable, ...]:
        """The cables to which it refers."""
        return tuple(entry.cable for entry in self.references.cites)

    @property
    def cited_by(self) -> tuple[LinkedCable, ...]:
        """The cables that refer to it."""
        return tuple(entry.cable for entry in self.references.cited_by)


@dataclass(frozen=True, slots=True)
class RelatedCable:
    """A related cable: its best paragraph, and the words of that which relate it."""

    hit: Hit
    words: tuple[str, ...]

    @property
    def id(self) -> str:
        """The id of the cable."""
        return self.hit.cable

    @property
    def date(self) -> dt.datetime | None:
        """The date of the cable."""
        return self.hit.date

    @property
    def origin(self) -> str:
        """The post that sent it."""
        return self.hit.origin

    @property
    def subject(self) -> str | None:
        """The subject."""
        return self.hit.subject


@dataclass(frozen=True, slots=True)
class Related:
    """What is related to a cable or a paragraph.

    Attributes:
        pinpoint: the end of the citation of the paragraph; empty: it is about a cable.
        words: the words that set it apart, the weightiest first.
        query: the query that was run; empty if no word sets it apart.
        results: the page of hits.
        cables: the hits, with the words that relate them.
    """

    pinpoint: str
    words: tuple[str, ...]
    query: str
    results: Results
    cables: tuple[RelatedCable, ...]

    @property
    def before(self) -> int:
        """The offset of the page before this one."""
        return max(self.results.offset - _RELATED, 0)


def linked(archive: Archive, cable: Cable, limit: int | None = _FEW) -> Linked:
    """Return the cables that belong to a cable, at most ``limit`` in each list; None: all."""
    return Linked(archive.references(cable.id, limit=limit), thread_of(archive, cable.id, limit))


def thread_of(archive: Archive, name: str, limit: int | None) -> Thread | None:
    """Return the thread of a cable; None if it stands alone."""
    thread = archive.thread(name, limit=limit)
    return thread if thread.total > 1 else None


def related(archive: Archive, reference: str, offset: int = 0) -> Related:
    """Return what is related to a cable, or to a paragraph of it.

    Raises:
        UnknownCableError: no cable or paragraph that the reader may see has this reference.
    """
    paragraph = archive.show(reference)[1]
    results = archive.related(reference, limit=_RELATED, offset=offset)
    return Related(
        pinpoint=paragraph.pinpoint if paragraph else "",
        words=tuple(_WORD.findall(results.query)),
        query=results.query,
        results=results,
        cables=tuple(RelatedCable(hit, _words(hit)) for hit in results),
    )


def _words(hit: Hit) -> tuple[str, ...]:
    """Return the words that are marked in a hit, each once, as they are written first."""
    return tuple(_distinct(text for text, is_match in hit.snippet.parts if is_match))


def _distinct(words: Iterable[str]) -> Iterable[str]:
    known: dict[str, str] = {}
    for word in words:
        known.setdefault(word.casefold(), word)
    return known.values()
