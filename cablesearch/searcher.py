"""Searcher: one commit of an archive as one reader sees it. It never changes, so threads can share it."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh import query as q

from cablesearch import query
from cablesearch.cable import Cable, Classification, Clearance, Paragraph
from cablesearch.engine.index.snapshot import Snapshot
from cablesearch.engine.search import collect, execute, topk
from cablesearch.engine.search.collect import Selection
from cablesearch.engine.search.topk import Page
from cablesearch.engine.search.view import View
from cablesearch.engine.segment.segment import Segment
from cablesearch.errors import CorruptIndexError, QueryError
from cablesearch.protocols.fields import NO_NUMBER
from cablesearch.protocols.queries import EXPANSIONS, leaves
from cablesearch.request import Request
from cablesearch.results.hits import CableIds, Hit, Results, hit
from cablesearch.results.marking import Highlighter
from cablesearch.schema.field_types import from_minutes
from cablesearch.schema.index_fields import query_schema
from cablesearch.schema.stored import check_records
from cablesearch.schema.visibility import is_visible
from cablesearch.schema.visible_cables import cable_with, visible_cable
from cablesearch.text.folding import without_unseen

if TYPE_CHECKING:
    from cablesearch.engine.search.links import Links
    from cablesearch.results.facets import Count
    from cablesearch.results.stats import Stats
    from cablesearch.variants.acronyms import Acronyms
    from cablesearch.variants.expander import Expander
    from cablesearch.variants.expanding import Expansion

__all__ = ["CableHead", "Searcher"]

Ints = NDArray[np.int64]

_MOST_SCANNED_WORDS = 250_000_000
"""The most visible words that the patterns and fuzzy words of a query may scan together."""
_FIRST_PART, _LARGEST_PART = 100, 12_800
"""The numbers of hits that `Searcher.iter_all` prepares at once: at first, and at most."""
_KEPT_CABLES = 256
"""The most cables that are held while hits are read."""


class _Trees(NamedTuple):
    """The query trees of a request.

    Attributes:
        expander: expands the acronyms and synonyms of queries; None if there is nothing to expand.
        parse: reads queries as the request has them: the expander's method, or `query.parse`.
        parsed: the tree of the query's text; None if there is no text.
        condition: the tree of the filters; None if there are none.
        whole: the tree that is executed.
        is_narrowed: whether ``whole`` does not match what has only common words of ``parsed``.
    """

    expander: Expander | None
    parse: Callable[..., q.Query]
    parsed: q.Query | None
    condition: q.Query | None
    whole: q.Query
    is_narrowed: bool = False

    @property
    def shown(self) -> q.Query:
        """Return the tree that chooses the best paragraph of a cable and the words to highlight."""
        return self.parsed or self.condition or q.Every()


class CableHead(NamedTuple):
    """The parts of a cable that are visible with any part of it, and the subject, if it is visible."""

    id: str
    date: dt.datetime | None
    origin: str
    subject: str | None
    classification: Classification


class Searcher:
    """Answers questions about one commit for a reader with a clearance; None stands for full clearance."""

    def __init__(self, snapshot: Snapshot, clearance: Clearance | None) -> None:
        self.clearance = clearance
        self._view = View(snapshot, query_schema(), self._visible if clearance else None)
        self.kept: dict[str, Any] = {}
        """What features have computed of this commit and keep, by the name of the feature."""

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot of the commit that is searched."""
        return self._view.snapshot

    @property
    def view(self) -> View:
        """The visible part of the commit."""
        return self._view

    def _visible(self, segment: Segment) -> NDArray[np.bool_]:
        """Return the mask of documents that the clearance covers; shape (documents,), bool.

        A document without exactly one visibility class is hidden.
        """
        classes = segment.terms("visibility")
        covered = np.array([self._covers(classes[number]) for number in range(len(classes))], bool)
        first, values = segment.keywords("visibility")
        single = np.diff(first) == 1
        if single.all():
            visible: NDArray[np.bool_] = covered[values]
        else:
            visible = np.zeros(segment.docs, bool)
            visible[single] = covered[values[first[:-1][single]]]
        return visible

    def _covers(self, stored: bytes) -> bool:
        """Return whether the clearance covers a stored visibility class."""
        return self.clearance is None or is_visible(stored, self.clearance)

    def search(self, request: Request) -> Results:
        """Return the requested page of hits, with totals and facets.

        Raises:
            QueryError: the query or a filter is invalid.
        """
        started = time.perf_counter()
        trees = self._trees(request)
        page = self._best(trees.whole, request, request.limit)
        return Results(
            query=request.text,
            total=page.total or 0,
            hits=tuple(self._hits(page, trees.shown, request, Highlighter(leaves(trees.shown)))),
            offset=request.offset,
            facets=self._facets(request, trees.whole) if request.facets else {},
            **self._advice(request, trees, has_hits=bool(page.total)),
            took=time.perf_counter() - started,
        )

    def _facets(self, request: Request, tree: q.Query) -> dict[str, list[Count]]:
        """Return the values of each facet with their numbers of hits."""
        # Few searches need it.
        from cablesearch.results.counting import facet_counts

        selection = collect.select(self._view, tree, by_block=request.by_cable)
        return {name: facet_counts(self._view, selection, name) for name in request.facets}

    @property
    def everything(self) -> q.Query:
        """The tree that matches all units."""
        return q.Every()

    def select(self, request: Request) -> Selection:
        """Return all units that match a request, whatever its limit and offset.

        Raises:
            QueryError: the query or a filter is invalid.
        """
        return collect.select(self._view, self._trees(request).whole, by_block=request.by_cable)

    def iter_all(self, request: Request, *, is_marked: bool = True) -> Iterator[Hit]:
        """Run a search now, and return an iterator that reads its hits one after another.

        Without ``is_marked`` their snippets are beginnings of texts without marks, which takes a third of the time.

        Raises:
            QueryError: the query or a filter is invalid.
        """
        trees = self._trees(request)
        page = self._best(trees.whole, request, None)
        highlighter = Highlighter(leaves(trees.shown) if is_marked else ())
        return self._hits_in_turn(page, trees.shown, request, highlighter)

    def _hits_in_turn(self, page: Page, tree: q.Query, request: Request, highlighter: Highlighter) -> Iterator[Hit]:
        """Yield the hits of a page of any size. Choosing the best paragraphs of cables runs the query again, so each
        part is larger than the one before."""
        start, size = 0, _FIRST_PART
        while start < len(page.units):
            end = start + size
            part = Page(page.units[start:end], page.scores[start:end], page.total)
            yield from self._hits(part, tree, request, highlighter)
            start, size = end, min(2 * size, _LARGEST_PART)

    def matching_ids(self, request: Request) -> CableIds:
        """Return the ids of the cables that have hits, in the order of their best hits.

        Nothing is read of the cables but their ids, and the limit and the offset count cables.

        Raises:
            QueryError: the query or a filter is invalid.
        """
        view, by_relevance = self._view, request.sort == "relevance"
        tree = self._trees(request).whole
        matches = execute.execute(view, tree, by_block=request.by_cable, scored=by_relevance)
        if not request.by_cable:
            matches = collect.blocks_of(view, matches)
        keys = None if by_relevance else self._sort_keys(matches.units, request.sort, by_cable=True)
        total = len(matches.units)
        offset = min(request.offset, total)
        limit = total if request.limit is None else min(request.limit, total)
        places = collect.top(view, matches, offset, limit, keys, by_block=True)
        return CableIds(tuple(map(self._key, matches.units[places].tolist())), total, offset)

    def _key(self, unit: int) -> str:
        """Return the id of a cable."""
        number, block = self._view.block_at(unit)
        return self._view.segments[number].keys.text(block)

    def _trees(self, request: Request) -> _Trees:
        """Return the trees of a request.

        Raises:
            QueryError: the query or a filter is invalid.
        """
        bounds = query.Bounds()
        condition = query.filters(
            bounds=bounds,
            tags=request.tags,
            origins=request.origins,
            classifications=request.classifications,
            since=request.since,
            until=request.until,
        )
        text, by_cable = request.text, request.by_cable
        beside = query.AnyWord() if request.match == "any" else None
        expander, parsed = self._expander(request), None
        parse = expander.parse if expander else query.parse
        if text.strip() or condition is None:
            parsed = parse(text, by_cable=by_cable, bounds=bounds, beside=beside)
        trees = _Trees(expander, parse, parsed, condition, self._affordable(text, query.both(parsed, condition)))
        return self._narrowed(request, trees) if beside and beside.has_choice else trees

    def _expander(self, request: Request) -> Expander | None:
        """Return what expands the queries of a request; None if nothing can."""
        text = request.text
        # A single word with no capital but the first letter is no acronym.
        is_plain = text.isalnum() and (text.islower() or text[1:].islower())
        acronyms = None
        if request.acronyms and not (is_plain and request.synonyms is None) and not self._acronyms.is_empty:
            acronyms = self._acronyms
        if acronyms is None and request.synonyms is None:
            return None
        # Few archives and queries need it.
        from cablesearch.variants.expander import Expander

        return Expander(acronyms, request.synonyms)

    def expansions(self, request: Request) -> tuple[Expansion, ...]:
        """Return the parts of a request's query that have other spellings, without searching."""
        expander = self._expander(request)
        return expander.expansions(request.text, any_word=request.match == "any") if expander else ()

    @cached_property
    def _acronyms(self) -> Acronyms:
        from cablesearch.variants.acronyms import Acronyms

        return Acronyms(self._view)

    def _narrowed(self, request: Request, trees: _Trees) -> _Trees:
        """Return the trees without hits that have only common words, if there are other hits."""
        # Few searches need it.
        from cablesearch.suggestions.common_words import is_common

        by_cable = request.by_cable
        beside = query.AnyWord(lambda part: is_common(self._view, part, by_cable=by_cable))
        parsed = trees.parse(request.text, by_cable=by_cable, beside=beside)
        narrow = query.both(parsed, trees.condition)
        if not beside.is_narrowed or not collect.select(self._view, narrow, by_block=by_cable).count:
            return trees
        return trees._replace(whole=narrow, is_narrowed=True)

    def _advice(self, request: Request, trees: _Trees, *, has_hits: bool) -> dict[str, Any]:
        """Return the fields of `Results` that say what would find more."""
        advice: dict[str, Any] = {}
        by_cable, any_word = request.by_cable, request.match == "any"
        # As the query was parsed.
        text = without_unseen(request.text)
        if trees.expander:
            advice["expansions"] = trees.expander.expansions(request.text, any_word=any_word)
        # These modules are loaded only where they are needed.
        if trees.is_narrowed:
            from cablesearch.suggestions.common_words import common_words

            groups = trees.expander.groups(text, any_word=True) if trees.expander else ()
            starts = {group.start for group in groups}
            advice["common_words"] = common_words(
                self._view, text, by_cable=by_cable, read=trees.parse, expanded=starts
            )
        if not has_hits or query.has_optional_values(trees.whole):
            # All other values are known: the hits have them.
            from cablesearch.suggestions.unknown_values import unknown_values

            filters = {"tags": request.tags, "origins": request.origins, "classifications": request.classifications}
            advice["unknown_values"] = unknown_values(self._view, text, **filters)
        if not has_hits and trees.parsed is not None:
            from cablesearch.suggestions.nothing_found import Question

            scanned = _MOST_SCANNED_WORDS
            question = Question(self._view, text, trees.condition, by_cable, any_word, scanned, trees.parse)
            advice |= {"suggestion": question.suggestion(), "alternatives": question.alternatives()}
        return advice

    def _affordable(self, text: str, tree: q.Query) -> q.Query:
        """Return the query after checking how many words its patterns would scan.

        Raises:
            QueryError: the patterns would scan more than `_MOST_SCANNED_WORDS` words.
        """
        patterns = sum(isinstance(leaf, EXPANSIONS) for leaf in tree.leaves())
        if patterns and (breadth := self._view.breadth(tree)) > _MOST_SCANNED_WORDS:
            raise QueryError(
                text,
                0,
                f"the patterns and fuzzy words would scan {breadth:,} words; the limit is {_MOST_SCANNED_WORDS:,}",
                "Use fewer, or limit each to one field, such as text:negotiat*",
            )
        return tree

    def _best(self, tree: q.Query, request: Request, limit: int | None) -> Page:
        """Return the page of units from the requested offset on; a limit of None means all of them."""
        view, by_cable = self._view, request.by_cable
        most = view.block_count if by_cable else view.member_count
        limit, offset = most if limit is None else min(limit, most), min(request.offset, most)
        if request.sort == "relevance":
            return topk.search(view, tree, limit=limit, offset=offset, by_block=by_cable)
        matches = execute.execute(view, tree, by_block=by_cable)
        keys = self._sort_keys(matches.units, request.sort, by_cable)
        places = collect.top(view, matches, offset, limit, keys, by_block=by_cable)
        return Page(matches.units[places], matches.scores[places], len(matches.units))

    def _hits(self, page: Page, tree: q.Query, request: Request, highlighter: Highlighter) -> Iterator[Hit]:
        """Yield the hits of a page; ``tree`` chooses the best paragraph of a cable."""
        units, scores = page.units.tolist(), page.scores.tolist()
        docs = execute.best_documents(self._view, tree, units) if request.by_cable else units
        places = [self._view.snapshot.place(doc) for doc in docs]
        found = [(number, self._view.segments[number].block(local)) for number, local in places]
        positions: dict[tuple[int, int], set[int]] = {}
        for block, (number, local) in zip(found, places, strict=True):
            # The lead, which stands for the cable as a whole, has no position.
            position = max(self._view.segments[number].number("position", local), 0)
            positions.setdefault(block, set()).add(position)
        cables: dict[tuple[int, int], Cable] = {}
        for block, (number, local), score in zip(found, places, scores, strict=True):
            if block not in cables:
                if len(cables) == _KEPT_CABLES:
                    cables.clear()
                cables[block] = cable_with(self._view.segments[number], block[1], positions[block], self.clearance)
            position = max(self._view.segments[number].number("position", local), 0)
            key = int(self._view.block_bases[number]) + block[1]
            citations = int(self.links.citations[key]) if request.sort == "citations" else None
            yield hit(cables[block], position, score, highlighter, citations)

    @cached_property
    def links(self) -> Links:
        """The references between the visible cables."""
        # Searching does not need it.
        from cablesearch.engine.search.links import links

        return links(self._view, "cites", "id")

    def head_at(self, unit: int) -> CableHead:
        """Return what is visible of a cable without its whole, given its number over all segments."""
        # Searching does not need it.
        from cablesearch.schema.excerpts import head_of_block

        number, block = self._view.block_at(unit)
        cable = head_of_block(self._view.segments[number], block)
        is_told = self.clearance is None or self.clearance.sees(cable.subject_classification)
        return CableHead(cable.id, cable.date, cable.origin, cable.subject if is_told else None, cable.classification)

    def _sort_keys(self, units: Ints, sort: str, by_cable: bool) -> Ints:
        """Return the keys to sort units by, ascending: undated ones are last by date in either direction."""
        if sort == "citations":
            return -self.links.citations_of(units, by_block=by_cable)
        dates = collect.number_column(self._view, units, "date", by_block=by_cable)
        keys = -dates if sort == "-date" else dates.copy()
        keys[dates == NO_NUMBER] = np.iinfo(np.int64).max
        return keys

    def cable_at(self, number: int, block: int) -> Cable:
        """Return the visible part of the cable of a block of a segment."""
        return visible_cable(self._view.segments[number], block, self.clearance)

    def show(self, reference: str) -> tuple[Cable, Paragraph | None]:
        """Return a cable, and a paragraph of it if the reference names one.

        ``10BEIJING30`` is a cable, ``10BEIJING30¶4`` a paragraph by its printed number, ``10BEIJING30@4`` by its
        position.

        Raises:
            UnknownCableError: no visible cable or paragraph has this reference.
        """
        from cablesearch.lookup import named_paragraph, split_reference, unknown_cable

        name = reference.strip()
        if where := self.find(name):
            return self.cable_at(*where), None
        name, number = split_reference(name)
        where = self.find(name) if number else None
        if not where or not number:
            raise unknown_cable(self._view, name)
        cable = self.cable_at(*where)
        return cable, named_paragraph(cable, *number)

    def find(self, name: str) -> tuple[int, int] | None:
        """Return (segment, block) of the visible cable with an id; None if it is unknown.

        The id may be as written, canonical, or in parts (``10 BEIJING 30``).
        """
        # Searching does not need it.
        from cablesearch.lookup import find

        return find(self._view, name)

    def export(self, request: Request) -> Iterator[Cable]:
        """Yield all cables, or those that match a request, by date and id (undated cables last).

        Raises:
            QueryError: the query or a filter is invalid.
        """
        return self._cables(self._matching_blocks(request) if request.is_narrow else None)

    def _matching_blocks(self, request: Request) -> Ints:
        """Return the numbers of the cables that match a request, over all segments, in ascending order."""
        matches = execute.execute(self._view, self._trees(request).whole, by_block=request.by_cable)
        return (matches if request.by_cable else collect.blocks_of(self._view, matches)).units

    def _cables(self, units: Ints | None) -> Iterator[Cable]:
        """Yield the cables with the given numbers, or all cables."""
        for number, block in self._blocks(units):
            yield self.cable_at(number, block)

    def ids(self) -> Iterator[str]:
        """Yield the ids of all cables, by date and id (undated cables last). The cables are not read."""
        for number, block in self._blocks():
            yield self._view.segments[number].keys.text(block)

    @property
    def cable_count(self) -> int:
        """Return the number of cables."""
        return self._view.block_count

    def _blocks(self, units: Ints | None = None) -> Iterator[tuple[int, int]]:
        """Yield (segment, block) of the cables with the given numbers, or of all cables, by date and id."""
        view = self._view
        if units is None:
            parts = [np.flatnonzero(blocks) + base for blocks, base in zip(view.blocks, view.block_bases, strict=False)]
            units = np.concatenate([np.empty(0, np.int64), *parts])
        for place in collect.in_order(view, units, by_block=True):
            yield view.block_at(int(units[place]))

    def stats(self) -> Stats:
        """Return the size of the archive as its reader sees it."""
        # Imported here because searching does not need it.
        from cablesearch.results.stats import stats_of

        return stats_of(self._view, self.moment, sees_all=self.clearance is None)

    def moment(self, minutes: int) -> dt.datetime:
        """Return a date of the index as a datetime.

        Raises:
            CorruptIndexError: the date is outside of the calendar.
        """
        try:
            return from_minutes(minutes)
        except OverflowError as error:
            path = next(segment.path for segment in self._view.segments if minutes in segment.column("date"))
            raise CorruptIndexError(path, f"a date is {minutes} minutes from 1970") from error

    def verify(self) -> list[str]:
        """Return a sentence for each stored cable that cannot be read, or is not the cable that its block names."""
        faults: list[str] = []
        for segment, deleted in zip(self._view.segments, self.snapshot.deleted, strict=True):
            faults += check_records(segment, np.flatnonzero(~deleted).tolist())
        return faults
