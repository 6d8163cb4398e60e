"""What a search gives back: hits, totals, facets, and their JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from whoosh import query as q

from cablesearch.cable import Cable, Classification, Paragraph
from cablesearch.passages import Marker, Snippet, best_passage

__all__ = ["FACETS", "Hit", "Results", "citation", "facet_name", "hit", "iso_date"]

FACETS = ("tags", "origin", "classification", "marking", "year", "month")
"""The fields that hits can be counted by."""

_TEXT_FIELDS = ("text", "exact")
_SUBJECT_FIELDS = ("subject", "subject_exact")
_LONGEST_SUBJECT = 1_000
"""Code points of a subject that are shown beside a hit at the most."""
_ENVELOPE_FIELDS = ("envelope", "envelope_exact")


def facet_name(name: str) -> str:
    """The facet that a name means (``tag`` is tags, ``class`` classification).

    Raises:
        ValueError: none.
    """
    known = {"tag": "tags", "class": "classification", "post": "origin", "date": "year"}
    name = known.get(name.lower(), name.lower())
    if name not in FACETS:
        raise ValueError(f"there is no facet {name!r}; the facets are {', '.join(FACETS)}")
    return name


def iso_date(date: dt.datetime | None) -> str | None:
    """``2010-01-08T03:26Z``, or None."""
    return date.strftime("%Y-%m-%dT%H:%MZ") if date else None


def citation(cable: str, paragraph: Paragraph | None) -> str:
    """How a paragraph is cited: ``10BEIJING30 ¶4`` by its printed number, ``10BEIJING30 @4`` by its position when it
    has none, and the cable's id alone for what belongs to no paragraph."""
    if paragraph is None:
        return cable
    return f"{cable} ¶{paragraph.number}" if paragraph.number is not None else f"{cable} @{paragraph.position}"


@dataclass(frozen=True, slots=True)
class Hit:
    """A paragraph that was found, or, in a search for cables, a cable with its best paragraph.

    ``position`` is 0, ``number`` and ``marking`` None and ``text`` the cable's envelope when the words stand in no
    paragraph. ``score`` is BM25's. ``date`` is aware, UTC.
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

    def to_json(self) -> dict[str, object]:
        """The hit by the names of the command line's contract."""
        return {
            "cable": self.cable,
            "paragraph": self.number,
            "position": self.position,
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
        }


def hit(cable: Cable, position: int, score: float, leaves: Sequence[q.Query]) -> Hit:
    """The hit for the paragraph of ``cable`` at ``position`` (0: its envelope); ``leaves`` are the query's."""
    paragraph = cable.paragraphs[_index(cable, position)] if position else None
    text = paragraph.text if paragraph else cable.envelope
    subject = None
    if cable.subject:
        width = min(len(cable.subject), _LONGEST_SUBJECT)
        subject = best_passage(cable.subject, Marker(leaves, _SUBJECT_FIELDS), width)
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
        snippet=best_passage(text, Marker(leaves, _TEXT_FIELDS if paragraph else _ENVELOPE_FIELDS)),
        subject_snippet=subject,
        citation=citation(cable.id, paragraph),
    )


def _index(cable: Cable, position: int) -> int:
    return next(index for index, one in enumerate(cable.paragraphs) if one.position == position)


@dataclass(frozen=True, slots=True)
class Results:
    """A page of hits, and what is known of all of them.

    ``total`` counts all hits. ``facets`` maps a facet to (value, count), commonest first; years and months in their
    order. ``suggestion`` is a query with misspelt words put right, and ``alternatives`` how many hits the same words
    have joined by OR (``any_word``) or looked for in cables as wholes (``group_cable``); both only when nothing is
    found. ``took`` is in seconds.
    """

    query: str
    total: int
    hits: tuple[Hit, ...]
    offset: int = 0
    facets: Mapping[str, list[tuple[str, int]]] = field(default_factory=dict)
    suggestion: str | None = None
    alternatives: Mapping[str, int] = field(default_factory=dict)
    took: float = 0.0

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)

    def to_json(self) -> dict[str, object]:
        """The results by the names of the command line's contract."""
        return {
            "version": 1,
            "query": self.query,
            "total": self.total,
            "took_ms": round(self.took * 1000, 1),
            "suggestion": self.suggestion,
            "alternatives": dict(self.alternatives),
            "hits": [hit.to_json() for hit in self.hits],
            "facets": {name: [list(count) for count in counts] for name, counts in self.facets.items()},
        }
