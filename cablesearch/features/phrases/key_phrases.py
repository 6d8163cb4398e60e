"""Key phrases of a query, and what sets the hits of two queries apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from whoosh import query as q

from cablesearch import query
from cablesearch.features.phrases.contrast import SAMPLED, KeyPhrase, Side, contrast
from cablesearch.protocols.queries import leaves
from cablesearch.protocols.reader import Reader, Selection
from cablesearch.request import Group, Request
from cablesearch.searcher import Searcher
from cablesearch.text.analysis import stem
from cablesearch.text.wording import plural

__all__ = ["Comparison", "Contrasted", "KeyPhrases", "compare", "key_phrases", "most"]

_MOST = 1_000
"""The most phrases of an answer."""


@dataclass(frozen=True, slots=True)
class KeyPhrases:
    """The phrases that set the hits of a query apart from the rest of the archive.

    Attributes:
        query: the query.
        unit: what is counted: ``paragraph`` or ``cable``.
        total: the number of hits.
        others: the number of all other visible paragraphs, or cables.
        paragraphs: the number of paragraphs of the hits.
        sampled: how many of these were read to find phrases.
        phrases: the phrases, best first. If there are no others, they are those whose words stand together more often
            than by chance.
    """

    query: str
    unit: Group
    total: int
    others: int
    paragraphs: int
    sampled: int
    phrases: tuple[KeyPhrase, ...]

    def _repr_html_(self) -> str:
        from cablesearch.features.notebook import counts_html

        counts = [(phrase.text, phrase.count) for phrase in self.phrases]
        said = [f"Phrases that set {plural(self.total, self.unit)} apart from {self.others:,} others, best first"]
        if not self.others:
            said = [f"Phrases of {plural(self.total, self.unit)} whose words stand together more often than by chance"]
        if self.sampled < self.paragraphs:
            said.append(f"found in {self.sampled:,} of {plural(self.paragraphs, 'paragraph')}")
        return counts_html(self.query, said, {f"{self.unit}s": counts})

    def to_json(self) -> dict[str, Any]:
        """Return the phrases as the command line prints them in JSON."""
        return {
            "version": 1,
            "query": self.query,
            "unit": self.unit,
            "total": self.total,
            "others": self.others,
            "paragraphs": self.paragraphs,
            "sampled": self.sampled,
            "phrases": [phrase.to_json() for phrase in self.phrases],
        }


@dataclass(frozen=True, slots=True)
class Contrasted:
    """One of two queries, with the phrases that set its hits apart from those of the other.

    Attributes:
        query: the query.
        total: the number of hits.
        paragraphs: the number of paragraphs of the hits.
        sampled: how many of these were read to find phrases.
        phrases: the phrases, best first.
    """

    query: str
    total: int
    paragraphs: int
    sampled: int
    phrases: tuple[KeyPhrase, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the query and its phrases as the command line prints them in JSON."""
        return {
            "query": self.query,
            "total": self.total,
            "paragraphs": self.paragraphs,
            "sampled": self.sampled,
            "phrases": [phrase.to_json() for phrase in self.phrases],
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """The phrases that set the hits of two queries apart from each other.

    Attributes:
        unit: what is counted: ``paragraph`` or ``cable``.
        shared: the number of hits of both queries, which count on both sides.
        sides: the two queries.
    """

    unit: Group
    shared: int
    sides: tuple[Contrasted, Contrasted]

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as the command line prints it in JSON."""
        return {
            "version": 1,
            "unit": self.unit,
            "shared": self.shared,
            "sides": [side.to_json() for side in self.sides],
        }


def key_phrases(searcher: Searcher, request: Request, limit: int) -> KeyPhrases:
    """Return the key phrases of a request's hits.

    At most `SAMPLED` paragraphs are read of the hits, and as many of the rest. The number of phrases that are searched
    for grows with the limit: 100 for 20. Choosing the sample takes longer the more cables and paragraphs there are.

    Raises:
        QueryError: the query or a filter is invalid.
    """
    reader, hits = searcher.reader, searcher.select(request)
    side, rest = _side(reader, hits), _side(reader, hits.rest())
    known = _words_asked_for(request)
    return KeyPhrases(
        query=request.text,
        unit=request.group,
        total=side.count,
        others=rest.count,
        paragraphs=side.sample.total,
        sampled=len(side.sample.texts),
        phrases=tuple(contrast(reader, side, rest, limit, known)) if side.count else (),
    )


def compare(searcher: Searcher, first: Request, second: Request, limit: int) -> Comparison:
    """Return the phrases that set the hits of two requests apart from each other.

    It reads and searches as much as `key_phrases`, for each request.

    Raises:
        QueryError: a query or a filter is invalid.
    """
    reader = searcher.reader
    sides = [_side(reader, searcher.select(request)) for request in (first, second)]
    both = all(side.count for side in sides)
    contrasted = [
        Contrasted(
            query=request.text,
            total=side.count,
            paragraphs=side.sample.total,
            sampled=len(side.sample.texts),
            phrases=tuple(contrast(reader, side, other, limit, _words_asked_for(request))) if both else (),
        )
        for request, side, other in zip((first, second), sides, reversed(sides), strict=True)
    ]
    shared = sides[0].selection.common(sides[1].selection).count
    return Comparison(first.group, shared, (contrasted[0], contrasted[1]))


def _side(reader: Reader, selection: Selection) -> Side:
    return Side(selection, reader.sample(selection, SAMPLED), *reader.counts([selection, selection.cables()]))


def _words_asked_for(request: Request) -> frozenset[str]:
    """Return the stems of the words of a query: its hits have them because it asks for them."""
    if not request.text.strip():
        return frozenset()
    words: set[str] = set()
    for leaf in leaves(query.parse(request.text, by_cable=request.by_cable)):
        if isinstance(leaf, (q.Phrase, q.Term)) and leaf.fieldname in ("text", "exact"):
            own = leaf.words if isinstance(leaf, q.Phrase) else [leaf.text]
            words.update(own if leaf.fieldname == "text" else map(stem, own))
    return frozenset(words)


def most(limit: int) -> int:
    """Return a number of phrases after checking it.

    Raises:
        ValueError: it is too large.
    """
    if limit > _MOST:
        raise ValueError(f"limit must not exceed {_MOST:,}, not {limit:,}")
    return limit
