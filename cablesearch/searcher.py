"""Searcher: one commit of an archive as one reader sees it. It never changes, so threads can share it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from whoosh import query as q

from cablesearch import query
from cablesearch.cable import Cable, Paragraph
from cablesearch.errors import QueryError
from cablesearch.protocols.answers import Found
from cablesearch.protocols.queries import EXPANSIONS, leaves
from cablesearch.protocols.reader import Reader, Selection
from cablesearch.request import Request
from cablesearch.results.hits import CableIds, Hit, Results, hit
from cablesearch.results.marking import Highlighter
from cablesearch.text.folding import without_unseen

if TYPE_CHECKING:
    from cablesearch.results.facets import Count
    from cablesearch.results.stats import Stats
    from cablesearch.variants.acronyms import Acronyms
    from cablesearch.variants.expander import Expander
    from cablesearch.variants.expanding import Expansion

__all__ = ["Searcher"]

_MOST_SCANNED_WORDS = 250_000_000
"""The most visible words that the patterns and fuzzy words of a query may scan together."""


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


class Searcher:
    """Answers questions about one commit of an archive as its reader sees it."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def search(self, request: Request) -> Results:
        """Return the requested page of hits, with totals and facets.

        Raises:
            QueryError: the query or a filter is invalid.
        """
        started = time.perf_counter()
        trees = self._trees(request)
        total, found = self.reader.page(
            trees.whole,
            trees.shown,
            by_cable=request.by_cable,
            order=request.sort,
            limit=request.limit,
            offset=request.offset,
        )
        return Results(
            query=request.text,
            total=total,
            hits=tuple(_hits(found, Highlighter(leaves(trees.shown)))),
            offset=request.offset,
            facets=self._facets(request, trees.whole) if request.facets else {},
            **self._advice(request, trees, has_hits=bool(total)),
            took=time.perf_counter() - started,
        )

    def _facets(self, request: Request, tree: q.Query) -> dict[str, list[Count]]:
        """Return the values of each facet with their numbers of hits."""
        # Few searches need it.
        from cablesearch.results.counting import facet_counts

        selection = self.reader.select(tree, by_cable=request.by_cable)
        counts = facet_counts(self.reader, selection, request.facets)
        return {name: counts[name] for name in request.facets}

    def select(self, request: Request) -> Selection:
        """Return all units that match a request, whatever its limit and offset.

        Raises:
            QueryError: the query or a filter is invalid.
        """
        return self.reader.select(self._trees(request).whole, by_cable=request.by_cable)

    def iter_all(self, request: Request, *, is_marked: bool = True) -> Iterator[Hit]:
        """Run a search now, and return an iterator that reads its hits one after another.

        Without ``is_marked`` their snippets are beginnings of texts without marks, which takes a third of the time.

        Raises:
            QueryError: the query or a filter is invalid.
        """
        trees = self._trees(request)
        _, found = self.reader.page(
            trees.whole, trees.shown, by_cable=request.by_cable, order=request.sort, limit=None, offset=request.offset
        )
        return _hits(found, Highlighter(leaves(trees.shown) if is_marked else ()))

    def matching_ids(self, request: Request) -> CableIds:
        """Return the ids of the cables that have hits, in the order of their best hits.

        Nothing is read of the cables but their ids, and the limit and the offset count cables.

        Raises:
            QueryError: the query or a filter is invalid.
        """
        keys, total = self.reader.ranked_keys(
            self._trees(request).whole,
            by_cable=request.by_cable,
            order=request.sort,
            limit=request.limit,
            offset=request.offset,
        )
        return CableIds(tuple(keys), total, min(request.offset, total))

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

        return Acronyms(self.reader)

    def _narrowed(self, request: Request, trees: _Trees) -> _Trees:
        """Return the trees without hits that have only common words, if there are other hits."""
        # Few searches need it.
        from cablesearch.suggestions.common_words import is_common

        by_cable = request.by_cable
        beside = query.AnyWord(lambda part: is_common(self.reader, part, by_cable=by_cable))
        parsed = trees.parse(request.text, by_cable=by_cable, beside=beside)
        narrow = query.both(parsed, trees.condition)
        if not beside.is_narrowed or not self.reader.select(narrow, by_cable=by_cable).count:
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
                self.reader, text, by_cable=by_cable, read=trees.parse, expanded=starts
            )
        if not has_hits or query.has_optional_values(trees.whole):
            # All other values are known: the hits have them.
            from cablesearch.suggestions.unknown_values import unknown_values

            filters = {"tags": request.tags, "origins": request.origins, "classifications": request.classifications}
            advice["unknown_values"] = unknown_values(self.reader, text, **filters)
        if not has_hits and trees.parsed is not None:
            from cablesearch.suggestions.nothing_found import Question

            scanned = _MOST_SCANNED_WORDS
            question = Question(self.reader, text, trees.condition, by_cable, any_word, scanned, trees.parse)
            advice |= {"suggestion": question.suggestion(), "alternatives": question.alternatives()}
        return advice

    def _affordable(self, text: str, tree: q.Query) -> q.Query:
        """Return the query after checking how many words its patterns would scan.

        Raises:
            QueryError: the patterns would scan more than `_MOST_SCANNED_WORDS` words.
        """
        patterns = sum(isinstance(leaf, EXPANSIONS) for leaf in tree.leaves())
        if patterns and (breadth := self.reader.breadth(tree)) > _MOST_SCANNED_WORDS:
            raise QueryError(
                text,
                0,
                f"the patterns and fuzzy words would scan {breadth:,} words; the limit is {_MOST_SCANNED_WORDS:,}",
                "Use fewer, or limit each to one field, such as text:negotiat*",
            )
        return tree

    def show(self, reference: str) -> tuple[Cable, Paragraph | None]:
        """Return a cable, and a paragraph of it if the reference names one.

        ``10BEIJING30`` is a cable, ``10BEIJING30¶4`` a paragraph by its printed number, ``10BEIJING30@4`` by its
        position.

        Raises:
            UnknownCableError: no visible cable or paragraph has this reference.
        """
        from cablesearch.suggestions.lookup import named_paragraph, split_reference, unknown_cable

        name = reference.strip()
        if key := self.reader.find(name):
            return self.reader.cable(key), None
        name, number = split_reference(name)
        key = self.reader.find(name) if number else None
        if not key or not number:
            raise unknown_cable(self.reader, name)
        cable = self.reader.cable(key)
        return cable, named_paragraph(cable, *number)

    def export(self, request: Request) -> Iterator[Cable]:
        """Yield all cables, or those that match a request, by date and id (undated cables last).

        Raises:
            QueryError: the query or a filter is invalid.
        """
        return self.reader.cables(self.select(request) if request.is_narrow else None)

    def stats(self) -> Stats:
        """Return the size of the archive as its reader sees it."""
        # Searching does not need it.
        from cablesearch.results.stats import stats_of

        return stats_of(self.reader)


def _hits(found: Iterable[Found], highlighter: Highlighter) -> Iterator[Hit]:
    """Yield hits as results have them."""
    for cable, position, score, citations in found:
        yield hit(cable, position, score, highlighter, citations)
