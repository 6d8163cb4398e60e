"""Hits in order: pages of units, and the cables that have them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

from whoosh import query as q

from cablesearch.cable import Cable
from cablesearch.cluster.documents.records import cable_of
from cablesearch.cluster.dsl.queries import Query, both
from cablesearch.cluster.reading.cables import cables_with
from cablesearch.cluster.reading.seen import Hit, Place, Seen
from cablesearch.cluster.reading.selections import ClusterSelection
from cablesearch.protocols.answers import Found, Page
from cablesearch.protocols.fields import is_of_block
from cablesearch.protocols.links import Links
from cablesearch.protocols.queries import leaves
from cablesearch.protocols.reader import Order

__all__ = ["page", "ranked_keys"]

_FIRST_PART, _LARGEST_PART = 100, 500
"""The numbers of hits that are read at once: at first, and at most."""


class _Ranked(NamedTuple):
    """A unit in order: its hit, and the citations of its cable."""

    hit: Hit
    citations: int | None = None


def page(
    seen: Seen,
    links: Callable[[], Links],
    tree: q.Query,
    shown: q.Query,
    *,
    by_cable: bool,
    order: Order,
    limit: int | None,
    offset: int,
) -> Page:
    """Run a query, and return the hits from an offset on.

    A page of few hits takes one search; of more, the rest is searched for when it is asked for. The links are only
    needed to sort by citations.
    """
    selection = ClusterSelection(seen, tree, by_cable=by_cable)
    stored = "" if by_cable else "record"
    if order == "citations":
        total = selection.count
        ranked = _by_citations(seen, links(), selection, stored)
    else:
        sort = seen.order(order, by_cable=by_cable)
        wanted = _LARGEST_PART if limit is None else offset + limit
        total, first = seen.first(selection.query, sort, min(wanted, _LARGEST_PART), stored=stored)
        rest = seen.hits(selection.query, sort, None, stored=stored, scored=True, after=first)
        ranked = map(_Ranked, chain(first, rest))
    end = total if limit is None else min(total, offset + limit)
    return Page(total, _found(seen, islice(ranked, min(offset, end), end), shown, by_cable=by_cable))


def _by_citations(seen: Seen, links: Links, selection: ClusterSelection, stored: str) -> Iterator[_Ranked]:
    """Yield units, those first whose cables most cables refer to."""
    cables = links.cables
    numbers = {cables.number(key) for key in seen.keys_of(selection.cables().query)}
    ranked = sorted(numbers, key=lambda number: (-int(links.citations[number]), number))
    sort = seen.order("date", by_cable=selection.by_cable)
    for start in range(0, len(ranked), _LARGEST_PART):
        keys = [cables.key(number) for number in ranked[start : start + _LARGEST_PART]]
        own: dict[str, list[_Ranked]] = {}
        query = both(selection.query, seen.of_keys(keys, by_cable=selection.by_cable))
        for hit in seen.hits(query, sort, None, stored=stored, scored=True):
            citations = int(links.citations[cables.number(hit.place.key)])
            own.setdefault(hit.place.key, []).append(_Ranked(hit, citations))
        for key in keys:
            yield from own.get(key, ())


def _found(seen: Seen, units: Iterator[_Ranked], shown: q.Query, *, by_cable: bool) -> Iterator[Found]:
    """Yield the hits of units, some at a time."""
    size = _FIRST_PART
    while part := [*islice(units, size)]:
        size = min(2 * size, _LARGEST_PART)
        if not by_cable:
            for hit, citations in part:
                yield Found(_cable(seen, hit), hit.place.position, hit.score, citations)
            continue
        best = _best_places(seen, shown, [unit.hit.place.key for unit in part])
        cables = cables_with(seen, [*best.values()])
        for hit, citations in part:
            place = best[hit.place.key]
            yield Found(cables[place], place.position, hit.score, citations)


def _cable(seen: Seen, hit: Hit) -> Cable:
    return cable_of(hit.source.get("record"), hit.place.key, seen.name)


def _best_places(seen: Seen, shown: q.Query, keys: Sequence[str]) -> dict[str, Place]:
    """Return for each cable the paragraph that contributes most to its match.

    This is the best paragraph that matches, else the cable as a whole if the text outside of its paragraphs does, else
    the first paragraph; of equal paragraphs the earliest.
    """
    wanted = [*leaves(shown)]
    result: dict[str, Place] = {}
    inside = [leaf for leaf in wanted if not _is_of_block(seen, leaf)]
    if inside:
        query = both(seen.query(q.Or(inside), by_cable=False), seen.of_keys(keys))
        result = _first_of_each(seen, query, "relevance", len(keys))
    left = [key for key in keys if key not in result]
    if left and wanted:
        query = both(seen.outside(q.Or(wanted)), seen.of_keys(left, by_cable=True))
        result |= {key: Place(key, 0) for key in seen.keys_of(query)}
        left = [key for key in left if key not in result]
    if left:
        result |= _first_of_each(seen, seen.of_keys(left), "date", len(left))
    return {key: result.get(key, Place(key, 0)) for key in keys}


def _is_of_block(seen: Seen, leaf: q.Query) -> bool:
    """Whether a leaf is in a field of cables as wholes, which no paragraph has by itself."""
    name = leaf.field()
    return name is not None and is_of_block(seen.schema[name])


def _first_of_each(seen: Seen, query: Query, order: Order, cables: int) -> dict[str, Place]:
    """Return the first paragraph of each cable that has matching ones, in some order."""
    hits = seen.firsts(query, seen.order(order, by_cable=False), cables)
    return {hit.place.key: hit.place for hit in hits}


def ranked_keys(
    seen: Seen,
    links: Callable[[], Links],
    tree: q.Query,
    *,
    by_cable: bool,
    order: Order,
    limit: int | None,
    offset: int,
) -> tuple[list[str], int]:
    """Return the keys of the cables that have hits, in the order of their best hits, and their number."""
    selection = ClusterSelection(seen, tree, by_cable=by_cable)
    total = selection.cables().count
    end = total if limit is None else min(total, offset + limit)
    hits: Iterator[Hit]
    if order == "citations":
        hits = (unit.hit for unit in _by_citations(seen, links(), selection, ""))
    else:
        hits = seen.hits(selection.query, seen.order(order, by_cable=by_cable), None)
    keys: dict[str, None] = {}
    while len(keys) < end and (hit := next(hits, None)):
        keys[hit.place.key] = None
    return [*keys][offset:end], total
