"""What a reader sees of a snapshot on a cluster, on which all answers are built."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, NamedTuple, Protocol

from whoosh import query as q

from cablesearch.cluster import pages
from cablesearch.cluster.documents.mapping import CABLE, PARAGRAPH, cable_field, paragraph_field
from cablesearch.cluster.documents.wire import value_in, value_out
from cablesearch.cluster.dsl.compiler import Compiler
from cablesearch.cluster.dsl.queries import Query, both
from cablesearch.cluster.reading.frequencies import Asked, Frequencies
from cablesearch.protocols.queries import Tested
from cablesearch.protocols.reader import Order
from cablesearch.schema.index_fields import query_schema

__all__ = ["Hit", "Place", "Searched", "Seen"]

_PAGE_OF_RECORDS = 500
"""The most hits of a page with what is stored of them."""
_AT_ONCE = 200
"""The most searches of a request."""


class Searched(Protocol):
    """A snapshot of the indices that a reader asks."""

    @property
    def name(self) -> str:
        """The name of the archive, for messages."""

    @property
    def stored(self) -> int:
        """The bytes that the whole archive takes."""

    @property
    def is_weighted(self) -> bool:
        """Whether the server multiplies scores by ``K1 + 1``, as versions before 3 do."""

    @property
    def visible(self) -> list[Query]:
        """The filters that leave the documents of the commit."""

    def search(self, body: Mapping[str, Any], /, *, scored: bool = False) -> dict[str, Any]:
        """Return the answer to a search of all indices; if it is scored, with the statistics of all of them."""

    def msearch(self, bodies: Sequence[Mapping[str, Any]], /) -> list[dict[str, Any]]:
        """Return the answers to several searches without scores."""


class Place(NamedTuple):
    """A paragraph, or with position 0 a cable."""

    key: str
    position: int


class Hit(NamedTuple):
    """A hit.

    Attributes:
        place: what was found.
        score: its score; 0 where scores were not asked for.
        values: those of its sort keys.
        source: the part of what is stored of it that was asked for.
        also: the values of its fields, among them those that were asked for.
    """

    place: Place
    score: float
    values: list[Any]
    source: Mapping[str, Any]
    also: Mapping[str, Any]


def _hit(found: Mapping[str, Any]) -> Hit:
    """Return a hit, given as the cluster gives it."""
    fields = found["fields"]
    place = Place(value_in(fields["key"][0]), fields.get("position", [0])[0])
    return Hit(place, found["_score"] or 0.0, found.get("sort", []), found.get("_source", {}), fields)


_ORDERS: dict[str, list[dict[str, Any]]] = {
    "relevance": [{"_score": "desc"}, {"date": {"order": "asc", "missing": "_last"}}],
    "date": [{"date": {"order": "asc", "missing": "_last"}}],
    "-date": [{"date": {"order": "desc", "missing": "_last"}}],
}


def _is_ranked(sort: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether documents are sorted by score."""
    return any("_score" in key for key in sort)


class Seen:
    """What a reader sees of a snapshot, of which all documents are visible to the reader.

    Args:
        snapshot: what is searched.
        passing: returns the visible values of a keyword field that pass a test.
    """

    def __init__(self, snapshot: Searched, passing: Callable[[Seen, Tested], Sequence[str]]) -> None:
        self.snapshot, self._passing = snapshot, passing
        self.schema = query_schema()
        self._known: dict[Asked, int] = {}

    @property
    def frequencies_of(self) -> Frequencies:
        """The frequencies of words.

        It is made anew, since an object that it would keep would keep it too: then the point in time would stay on the
        cluster until Python looks for such circles.
        """
        return Frequencies(self, self._known)

    # Queries

    def query(self, tree: q.Query, *, by_cable: bool) -> Query:
        """Return the query for the units that match a tree."""
        compiler = self._compiler(tree, by_cable=by_cable)
        return self.cables(compiler.cables(tree)) if by_cable else self.paragraphs(compiler.paragraphs(tree))

    def prepare(self, trees: Sequence[q.Query], *, by_cable: bool) -> None:
        """Ask together for what the queries for several trees depend on."""
        self.frequencies_of.prepare(q.Or(list(trees)), by_cable=by_cable)

    def outside(self, tree: q.Query) -> Query:
        """Return the query for cables of which the text outside of the paragraphs matches a tree."""
        return self.cables(self._compiler(tree, by_cable=True).outside(tree))

    def _compiler(self, tree: q.Query, *, by_cable: bool) -> Compiler:
        self.frequencies_of.prepare(tree, by_cable=by_cable)
        return Compiler(self.schema, self.frequencies_of, lambda query: self._passing(self, query))

    def paragraphs(self, query: Query) -> Query:
        """Return the query for visible paragraphs that match another one."""
        return both(query, {"term": {"kind": PARAGRAPH}}, *self.snapshot.visible)

    def cables(self, query: Query) -> Query:
        """Return the query for visible cables that match another one."""
        return both(query, {"term": {"kind": CABLE}}, *self.snapshot.visible)

    def of_keys(self, keys: Iterable[str], *, by_cable: bool = False) -> Query:
        """Return the query for cables with some keys, or for their paragraphs."""
        query = {"terms": {"key": [value_out(key) for key in keys]}}
        return self.cables(query) if by_cable else self.paragraphs(query)

    def field(self, name: str, *, by_cable: bool) -> str:
        """Return where documents of units have a field."""
        return cable_field(name) if by_cable else paragraph_field(name)

    # Answers

    def aggregated(self, query: Query, aggregations: Mapping[str, Any]) -> dict[str, Any]:
        """Return aggregations of the documents that match a query."""
        body = {"query": query, "size": 0, "track_total_hits": False, "aggs": aggregations}
        found: dict[str, Any] = self.snapshot.search(body)["aggregations"]
        return found

    def count(self, query: Query) -> int:
        """Return how many documents match a query."""
        return self.counts([query])[0]

    def counts(self, queries: Sequence[Query]) -> list[int]:
        """Return how many documents match each query."""
        counts: list[int] = []
        for start in range(0, len(queries), _AT_ONCE):
            part = queries[start : start + _AT_ONCE]
            bodies = [
                {"query": {"constant_score": {"filter": query}}, "size": 0, "track_total_hits": True} for query in part
            ]
            answers = [self.snapshot.search(bodies[0])] if len(bodies) == 1 else self.snapshot.msearch(bodies)
            counts += [answer["hits"]["total"]["value"] for answer in answers]
        return counts

    def order(self, order: Order, *, by_cable: bool) -> list[dict[str, Any]]:
        """Return the order of units as a list of sort keys; it is total."""
        return [*_ORDERS[order], {"key": "asc"}, *([] if by_cable else [{"position": "asc"}])]

    def hits(
        self,
        query: Query,
        sort: Sequence[Mapping[str, Any]],
        most: int | None,
        *,
        stored: str = "",
        scored: bool = False,
        after: Sequence[Hit] = (),
        also: Sequence[str] = (),
    ) -> Iterator[Hit]:
        """Yield the first documents that match a query, in a total order; they are read page by page.

        Args:
            query: the query.
            sort: the sort keys.
            most: the most hits; None: all.
            stored: the part of each document to return: ``record`` or ``head``; empty for nothing.
            scored: whether scores are needed, also where hits are not sorted by them.
            after: the hits before these, if any.
            also: fields whose values to return.
        """
        body = {**self._body(query, sort, stored, also), "track_scores": scored}
        size = _PAGE_OF_RECORDS if stored else pages.MOST
        last = after[-1].values if after else ()
        search = partial(self.snapshot.search, scored=scored or _is_ranked(sort))
        yield from map(_hit, pages.hits(search, body, size=size, most=most, after=last))

    def first(
        self, query: Query, sort: Sequence[Mapping[str, Any]], most: int, *, stored: str = ""
    ) -> tuple[int, list[Hit]]:
        """Return how many documents match a query, and the first of them with their scores."""
        body = {**self._body(query, sort, stored), "size": most, "track_total_hits": True, "track_scores": True}
        answer = self.snapshot.search(body, scored=True)["hits"]
        return answer["total"]["value"], [*map(_hit, answer["hits"])]

    def firsts(self, query: Query, sort: Sequence[Mapping[str, Any]], most: int, *, stored: str = "") -> list[Hit]:
        """Return the first document of each cable that has matching ones, in some order, at most ``most``."""
        collapsed = {"size": min(most, pages.MOST), "track_total_hits": False, "collapse": {"field": "key"}}
        answer = self.snapshot.search({**self._body(query, sort, stored), **collapsed}, scored=_is_ranked(sort))
        return [*map(_hit, answer["hits"]["hits"])]

    @staticmethod
    def _body(query: Query, sort: Sequence[Mapping[str, Any]], stored: str, also: Sequence[str] = ()) -> Query:
        return {
            "query": query,
            "sort": list(sort),
            # Without them not even the id is read, so that the compressed records need not be unpacked.
            **({"_source": [stored]} if stored else {"stored_fields": "_none_"}),
            "docvalue_fields": ["key", "position", *also],
        }

    def keys_of(self, query: Query) -> Iterator[str]:
        """Yield the keys of documents that match a query, in the order of keys; a key may come several times."""
        sort: list[dict[str, Any]] = [{"key": "asc"}, {"position": {"order": "asc", "missing": "_first"}}]
        yield from (hit.place.key for hit in self.hits(query, sort, None))

    def has_any(self, query: Query) -> bool:
        """Return whether any document matches a query."""
        body = {"query": {"constant_score": {"filter": query}}, "size": 0, "track_total_hits": 1}
        return bool(self.snapshot.search(body)["hits"]["total"]["value"])

    @property
    def name(self) -> str:
        """The name of the archive, for messages."""
        return self.snapshot.name

    @property
    def is_weighted(self) -> bool:
        """Whether the server multiplies scores by ``K1 + 1``."""
        return self.snapshot.is_weighted

    @cached_property
    def paragraph_count(self) -> int:
        """The number of visible paragraphs."""
        return self._sizes[0]

    @cached_property
    def cable_count(self) -> int:
        """The number of visible cables."""
        return self._sizes[1]

    @cached_property
    def _sizes(self) -> list[int]:
        everything: Query = {"match_all": {}}
        return self.counts([self.paragraphs(everything), self.cables(everything)])
