"""The hits of a query: which they are, in what order, and what they show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from whoosh import query as q

from cablesearch.algorithms.kernels import Ints
from cablesearch.cable import Cable, Clearance
from cablesearch.embedded.records.visible_cables import cable_with
from cablesearch.engine.search import collect, execute, topk
from cablesearch.engine.search.view import View
from cablesearch.protocols.answers import Found
from cablesearch.protocols.fields import NO_NUMBER
from cablesearch.protocols.reader import Order

__all__ = ["Ranking", "best", "in_turn", "ranked_blocks"]

_FIRST_PART, _LARGEST_PART = 100, 12_800
"""The numbers of hits that `in_turn` prepares at once if it is not said: at first, and at most."""
_KEPT_CABLES = 256
"""The most cables that are held while hits are read."""


class Ranking(NamedTuple):
    """How hits are ranked.

    Attributes:
        by_cable: whether units are cables.
        order: their order.
        citations: the number of other cables that refer to each cable; int64 [blocks]; None unless ``order`` needs it.
    """

    by_cable: bool
    order: Order
    citations: Ints | None


def best(view: View, tree: q.Query, ranking: Ranking, *, limit: int | None, offset: int) -> topk.Page:
    """Return the page of units from an offset on; a limit of None means all of them."""
    by_cable = ranking.by_cable
    most = view.block_count if by_cable else view.member_count
    limit, offset = most if limit is None else min(limit, most), min(offset, most)
    if ranking.order == "relevance":
        return topk.search(view, tree, limit=limit, offset=offset, by_block=by_cable)
    matches = execute.execute(view, tree, by_block=by_cable)
    keys = _sort_keys(view, matches.units, ranking)
    places = collect.top(view, matches, offset, limit, keys, by_block=by_cable)
    return topk.Page(matches.units[places], matches.scores[places], len(matches.units))


def ranked_blocks(
    view: View, tree: q.Query, ranking: Ranking, *, limit: int | None, offset: int
) -> tuple[list[int], int]:
    """Return the blocks that have hits, over all segments, in the order of their best hits, and the number of all of
    them; the limit and the offset count blocks."""
    by_relevance = ranking.order == "relevance"
    matches = execute.execute(view, tree, by_block=ranking.by_cable, scored=by_relevance)
    if not ranking.by_cable:
        matches = collect.blocks_of(view, matches)
    keys = None if by_relevance else _sort_keys(view, matches.units, ranking._replace(by_cable=True))
    total = len(matches.units)
    offset = min(offset, total)
    limit = total if limit is None else min(limit, total)
    places = collect.top(view, matches, offset, limit, keys, by_block=True)
    blocks: list[int] = matches.units[places].tolist()
    return blocks, total


def _sort_keys(view: View, units: Ints, ranking: Ranking) -> Ints:
    """Return the keys to sort units by, ascending: undated ones are last by date in either direction."""
    if ranking.citations is not None:
        negated: Ints = -ranking.citations[_blocks_of(view, units, by_cable=ranking.by_cable)]
        return negated
    dates = collect.number_column(view, units, "date", by_block=ranking.by_cable)
    keys = -dates if ranking.order == "-date" else dates.copy()
    keys[dates == NO_NUMBER] = np.iinfo(np.int64).max
    return keys


def _blocks_of(view: View, units: Ints, *, by_cable: bool) -> Ints:
    """Return the block of each unit (increasing), over all segments."""
    if by_cable:
        return units
    bases = view.snapshot.bases
    cuts = np.searchsorted(units, bases)
    parts = [
        segment.blocks_of(units[cuts[number] : cuts[number + 1]] - bases[number]) + view.block_bases[number]
        for number, segment in enumerate(view.segments)
    ]
    return np.concatenate([np.empty(0, np.int64), *parts])


def in_turn(
    view: View, page: topk.Page, shown: q.Query, ranking: Ranking, clearance: Clearance | None, at_once: int | None
) -> Iterator[Found]:
    """Yield the hits of a page of any size.

    Choosing the best paragraphs of cables runs the query again, so each part is larger than the one before.

    Args:
        view: the view.
        page: the units.
        shown: the query that chooses the best paragraph of a cable.
        ranking: how the units were ranked.
        clearance: the reader's clearance; None: full.
        at_once: how many hits are prepared at once; None: few at first.
    """
    start, size = 0, _FIRST_PART if at_once is None else at_once
    while start < len(page.units):
        end = start + size
        part = topk.Page(page.units[start:end], page.scores[start:end], page.total)
        yield from _found(view, part, shown, ranking, clearance)
        start, size = end, min(2 * size, _LARGEST_PART)


def _found(
    view: View, page: topk.Page, shown: q.Query, ranking: Ranking, clearance: Clearance | None
) -> Iterator[Found]:
    """Yield the hits of a page."""
    units, scores = page.units.tolist(), page.scores.tolist()
    docs = execute.best_documents(view, shown, units) if ranking.by_cable else units
    places = [view.snapshot.place(doc) for doc in docs]
    blocks = [(number, view.segments[number].block(local)) for number, local in places]
    # The lead, which stands for the cable as a whole, has no position.
    positions = [max(view.segments[number].number("position", local), 0) for number, local in places]
    shown_of: dict[tuple[int, int], set[int]] = {}
    for block, position in zip(blocks, positions, strict=True):
        shown_of.setdefault(block, set()).add(position)
    cables: dict[tuple[int, int], Cable] = {}
    for block, position, score in zip(blocks, positions, scores, strict=True):
        if block not in cables:
            if len(cables) == _KEPT_CABLES:
                cables.clear()
            cables[block] = cable_with(view.segments[block[0]], block[1], shown_of[block], clearance)
        key = int(view.block_bases[block[0]]) + block[1]
        citations = None if ranking.citations is None else int(ranking.citations[key])
        yield Found(cables[block], position, score, citations)
