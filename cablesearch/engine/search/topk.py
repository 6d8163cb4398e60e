"""The best matches of a query, without scoring all of its matches where possible.

Single terms are answered from their champions: the postings that can be among the best for any average length (see
`cablesearch.engine.segment.postings_writer.best_places`). Other queries are answered by bitmaps (see
`cablesearch.engine.search.bitmaps`), searches by block by execution.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh import query as q

from cablesearch.algorithms.kernels import Ints
from cablesearch.engine.check.blame import blaming
from cablesearch.engine.search.bitmaps import best, node_of
from cablesearch.engine.search.collect import top
from cablesearch.engine.search.execute import Matches, execute
from cablesearch.engine.search.lists import TermList
from cablesearch.engine.search.view import View, blamed
from cablesearch.protocols.fields import kind_of

__all__ = ["Page", "search"]

Floats = NDArray[np.float64]


class Page(NamedTuple):
    """The best units of a query in order, their scores, and the number of all matches (None if not counted)."""

    units: Ints
    scores: Floats
    total: int | None


def search(
    view: View, query: q.Query, *, limit: int = 10, offset: int = 0, count: bool = True, by_block: bool = False
) -> Page:
    """Return one page of the units that match a query, by descending score.

    Equal units keep the order of their blocks (see `cablesearch.engine.segment.order`), then of documents.

    Args:
        view: the view that is searched.
        query: Whoosh's query tree.
        limit, offset: the page.
        count: whether to count all matches.
        by_block: search blocks instead of documents.
    """
    if by_block:
        return _page_of_blocks(view, query, offset, limit)
    if isinstance(query, q.Term) and query.boost == 1:
        # Without a boost nothing overflows, and suppressing NumPy's warnings takes half as long as counting a term.
        with blaming(view.segments):
            return _page(view, query, offset, limit, count=count)
    return _quiet_page(view, query, offset, limit, count=count)


def _page(view: View, query: q.Query, offset: int, limit: int, *, count: bool) -> Page:
    """Return a page of documents."""
    if isinstance(query, q.Term) and _counts_all(view, query):
        total = view.frequency(query.fieldname, query.text) if count else None
        matches = _champions(view, query, offset + limit) if limit else _NOTHING
    else:
        matches, total = _by_words(view, query, offset + limit if limit else 0, count=count)
    if not limit:
        return Page(*_NOTHING, total)
    places = top(view, matches, offset, limit)
    return Page(matches.units[places], matches.scores[places], total)


_quiet_page = blamed(_page)


_NOTHING = Matches(np.empty(0, np.int64), np.empty(0))


@blamed
def _page_of_blocks(view: View, query: q.Query, offset: int, limit: int) -> Page:
    """Return a page of blocks."""
    matches = execute(view, query, by_block=True, scored=limit > 0)
    places = top(view, matches, offset, limit, by_block=True)
    return Page(matches.units[places], matches.scores[places], len(matches.units))


def _counts_all(view: View, query: q.Term) -> bool:
    """Whether a term is of a text field, and all its documents are visible and counted in its statistics."""
    return (
        query.boost > 0
        and query.fieldname in view.schema
        and kind_of(view.schema[query.fieldname]) == "text"
        and all(view.all_counted(number, query.fieldname) for number in range(len(view.segments)))
    )


def _champions(view: View, query: q.Term, wanted: int) -> Matches:
    """Return documents that include the ``wanted`` best for a term."""
    factor = view.idf(query.fieldname, [query.text]) * query.boost
    parts = []
    for number, base in enumerate(view.snapshot.bases[:-1].tolist()):
        term = TermList(view, number, query.fieldname, query.text, factor)
        if term.known:
            docs, scores = term.best(wanted)
            parts.append(Matches(docs + base, scores))
    return _joined(parts)


def _by_words(view: View, query: q.Query, wanted: int, *, count: bool) -> tuple[Matches, int | None]:
    """Return documents that include the ``wanted`` best for a query, and the number of all matches."""
    parts, total, least = [], 0, -np.inf
    for number, base in enumerate(view.snapshot.bases[:-1].tolist()):
        node = node_of(view, number, query)
        visible = view.shown[number].member_bits
        if count:
            total += int(np.bitwise_count(node.words & visible).sum(dtype=np.int64))
        if wanted:
            docs, scores = best(node, visible, wanted, least)
            parts.append(Matches(docs + base, scores))
            if len(scores) >= wanted:
                least = max(least, float(np.partition(scores, -wanted)[-wanted]))
    return _joined(parts), total if count else None


def _joined(parts: list[Matches]) -> Matches:
    if not parts:
        return _NOTHING
    return Matches(*(np.concatenate(pieces) for pieces in zip(*parts, strict=True)))
