"""The results of a search: hits, totals, facets, and their JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, SupportsIndex, overload

from cablesearch.cable import Cable, Classification
from cablesearch.results.citations import citation
from cablesearch.results.marking import Highlighter
from cablesearch.results.passages import Snippet, best_passage
from cablesearch.results.unknown_values import UnknownValue
from cablesearch.text.terminal import one_line
from cablesearch.text.wording import day, excerpt, page, plural

if TYPE_CHECKING:
    import pandas as pd

    from cablesearch.frames.hits import HitField
    from cablesearch.variants.expanding import Expansion

__all__ = ["CableIds", "Hit", "Results", "hit", "iso_date"]

_LONGEST_SUBJECT = 1_000
"""The most code points of a subject beside a hit."""
_LONGEST_SHOWN = 60
"""The most code points of a text in a ``repr``."""
_SHOWN_IDS = 3
"""The most ids in a ``repr``."""


def iso_date(date: dt.datetime | None) -> str | None:
    """Return a date as ``2010-01-08T03:26Z``, or None."""
    return f"{date.replace(tzinfo=None).isoformat(timespec='minutes')}Z" if date else None


@dataclass(frozen=True, slots=True, repr=False)
class Hit:
    """A paragraph that matches or, in a search for cables, a cable with its best paragraph.

    If only text outside of the paragraphs matches, ``position`` is 0, ``number`` and ``marking`` are None and ``text``
    is the cable's envelope. ``score`` is the BM25 score. ``date`` is in UTC, with its time zone. ``citations`` is the
    number of other cables that refer to the cable, in a search sorted by it.
    """

    cable: str
    number: int | None
    position: int
    score: float
    date: dt.datetime | None
    origin: str
    classification: Classification
    marking: str | None
    cable_classification: Classification
    tags: tuple[str, ...]
    subject: str | None
    section: str | None
    text: str
    snippet: Snippet
    subject_snippet: Snippet | None
    citation: str
    citations: int | None = None

    @property
    def marking_or_level(self) -> str:
        """The portion marking as printed; without one, the level, in small letters."""
        return self.marking or self.classification.level.title.lower()

    def __repr__(self) -> str:
        said = f"{self.citation} ({self.marking_or_level}) {day(self.date)} {self.origin}"
        said = one_line(excerpt(said, 2 * _LONGEST_SHOWN))
        return f"<Hit {said}: {excerpt(self.snippet.plain(), _LONGEST_SHOWN)!r}>"

    def _repr_html_(self) -> str:
        from cablesearch.results.notebook import hit_html

        return hit_html(self)

    def to_json(self) -> dict[str, object]:
        """Return the hit as the command line writes it in JSON."""
        return {
            "cable": self.cable,
            "paragraph": self.number,
            "position": self.position,
            "citation": self.citation,
            "score": round(self.score, 4),
            "date": iso_date(self.date),
            "origin": self.origin,
            "classification": self.classification.level.title,
            "controls": list(self.classification.controls),
            "marking": self.marking,
            "cable_classification": str(self.cable_classification),
            "tags": list(self.tags),
            "subject": self.subject,
            "section": self.section,
            "snippet": self.snippet.html(),
            "text": self.text,
            **({} if self.citations is None else {"citations": self.citations}),
        }


def hit(cable: Cable, position: int, score: float, highlighter: Highlighter, citations: int | None = None) -> Hit:
    """Return the hit for one paragraph of a cable.

    Args:
        cable: the visible part of the cable.
        position: the paragraph's position; 0 means the envelope.
        score: the BM25 score.
        highlighter: marks what the query matches; the same for all hits of a page.
        citations: the number of other cables that refer to the cable, if it is to be shown.
    """
    paragraph = next(entry for entry in cable.paragraphs if entry.position == position) if position else None
    text = paragraph.text if paragraph else cable.envelope
    subject_snippet = None
    if cable.subject:
        width = min(len(cable.subject), _LONGEST_SUBJECT)
        subject_snippet = best_passage(cable.subject, highlighter.subject, width)
    return Hit(
        cable=cable.id,
        number=paragraph.number if paragraph else None,
        position=position,
        score=score,
        date=cable.date,
        origin=cable.origin,
        classification=paragraph.classification if paragraph else cable.classification,
        marking=paragraph.marking if paragraph else None,
        cable_classification=cable.classification,
        tags=tuple(tag.name for tag in cable.tags),
        subject=cable.subject,
        section=paragraph.section if paragraph else None,
        text=text,
        snippet=best_passage(text, highlighter.text if paragraph else highlighter.envelope),
        subject_snippet=subject_snippet,
        citation=citation(cable.id, paragraph),
        citations=citations,
    )


@dataclass(frozen=True, slots=True, repr=False)
class CableIds(Sequence[str]):
    """Ids of the cables that have hits, in the order of their best hits: ``ids[0]`` is the first one, ``ids[:3]`` a
    tuple. ``total`` counts all of these cables, on other pages too."""

    ids: tuple[str, ...]
    total: int
    offset: int = 0

    def __iter__(self) -> Iterator[str]:
        return iter(self.ids)

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, place: SupportsIndex) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[str, ...]: ...
    def __getitem__(self, place: SupportsIndex | slice) -> str | tuple[str, ...]:
        return self.ids[place]

    def __repr__(self) -> str:
        first = ", ".join(self.ids[:_SHOWN_IDS]) + (", …" if len(self.ids) > _SHOWN_IDS else "")
        which = f"{page(self.offset, len(self.ids))} of {plural(self.total, 'cable')}" if self.total else "no cables"
        return f"<CableIds: {which}{one_line(excerpt(f': {first}', 2 * _LONGEST_SHOWN)) if first else ''}>"


@dataclass(frozen=True, slots=True, repr=False)
class Results(Sequence[Hit]):
    """A page of hits, with figures on all hits. It is a sequence of its hits: ``results[0]`` is the first one,
    ``results[:3]`` a tuple, and ``if results:`` is true if the page has a hit.

    ``total`` counts all hits. ``facets`` maps each facet to its (value, count) pairs, most common first; years and
    months are in calendar order. ``common_words`` are the words that find nothing on their own in a search for any of
    the words, because they are too common. ``expansions`` are the parts of the query that were looked for in other
    ways too: acronyms and synonyms. ``took`` is in seconds.

    When nothing matches, ``suggestion`` is the query with its spelling corrected, and ``alternatives`` counts the hits
    for any of the words (``any_word``), or for the same words in whole cables (``group_cable``). ``unknown_values`` are
    values of the query and the filters that do not occur in the archive, also those that no hit needs.
    """

    query: str
    total: int
    hits: tuple[Hit, ...]
    offset: int = 0
    facets: Mapping[str, list[tuple[str, int]]] = field(default_factory=dict)
    suggestion: str | None = None
    alternatives: Mapping[str, int] = field(default_factory=dict)
    unknown_values: tuple[UnknownValue, ...] = ()
    common_words: tuple[str, ...] = ()
    expansions: tuple[Expansion, ...] = ()
    took: float = 0.0

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)

    @overload
    def __getitem__(self, place: SupportsIndex) -> Hit: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Hit, ...]: ...
    def __getitem__(self, place: SupportsIndex | slice) -> Hit | tuple[Hit, ...]:
        return self.hits[place]

    def __repr__(self) -> str:
        hits = f"{self.page} of {plural(self.total, 'hit')}" if self.total else "no hits"
        return f"<Results: {hits} for {excerpt(self.query, _LONGEST_SHOWN)!r}>"

    @property
    def page(self) -> str:
        """Which hits are on the page, as text: ``1-10``, ``7``, or ``0`` if there is none."""
        return page(self.offset, len(self.hits))

    def _repr_html_(self) -> str:
        from cablesearch.results.notebook import results_html

        return results_html(self)

    def to_pandas(self, fields: HitField | Iterable[HitField] = ()) -> pd.DataFrame:
        """Return the hits of the page as a table, with a row for each hit (``pip install 'cablesearch[pandas]'``).

        Example::

            frame = archive.search("trafficking", limit=100).to_pandas(["citation", "date", "classification"])
            print(frame[frame.classification >= "CONFIDENTIAL"])

        The columns are those of `cablesearch.Archive.to_pandas`. ``frame.attrs`` has the ``query``, the ``total`` of
        hits and the ``offset`` of the page.

        Args:
            fields: the columns and their order (see `cablesearch.HitField`); none: all, with ``citations`` only if the
                search counted them.

        Raises:
            CablesearchError: pandas is not installed.
            ValueError, TypeError: a field is invalid, or is named twice.
        """
        from cablesearch.frames.hits import fields_of, hits_frame

        has_citations = any(hit.citations is not None for hit in self.hits)
        frame = hits_frame(self.hits, fields_of(fields, has_citations=has_citations))
        frame.attrs.update(query=self.query, total=self.total, offset=self.offset)
        return frame

    def to_json(self) -> dict[str, object]:
        """Return the results as the command line writes them in JSON."""
        return {
            "version": 1,
            "query": self.query,
            "total": self.total,
            "took_ms": round(self.took * 1000, 1),
            "suggestion": self.suggestion,
            "alternatives": dict(self.alternatives),
            "unknown_values": [value.to_json() for value in self.unknown_values],
            "common_words": list(self.common_words),
            "expansions": [expansion.to_json() for expansion in self.expansions],
            "hits": [hit.to_json() for hit in self.hits],
            "facets": {name: [list(count) for count in counts] for name, counts in self.facets.items()},
        }
