"""Searcher: a snapshot of an archive as one reader sees it. It never changes, so any number of threads may use it."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import query as q

from cablesearch import query
from cablesearch.cable import Cable, Clearance, Paragraph
from cablesearch.engine.fields import NO_NUMBER
from cablesearch.engine.index.snapshot import Snapshot
from cablesearch.engine.search import collect, execute, expand, topk
from cablesearch.engine.search.collect import Selection
from cablesearch.engine.search.expand import EXPANSIONS
from cablesearch.engine.search.topk import Page
from cablesearch.engine.search.view import View
from cablesearch.engine.segment.segment import Segment
from cablesearch.errors import CorruptIndexError, QueryError, UnknownCableError
from cablesearch.results.facets import FACETS, facet_name
from cablesearch.results.hits import Hit, Results, hit
from cablesearch.results.passages import Highlighter
from cablesearch.schema.field_types import from_minutes, id_forms
from cablesearch.schema.index_fields import BARE_FIELDS, BARE_FIELDS_OF_CABLE, query_schema, read_visibility
from cablesearch.schema.stored import check_records, unpack_block
from cablesearch.text.analysis import fold, stem

__all__ = ["Request", "Searcher", "Stats", "need", "several"]

Ints = NDArray[np.int64]

GROUPS = ("paragraph", "cable")
SORTS = ("relevance", "date", "-date")
_MOST_SUGGESTIONS = 5
_LONGEST_SUGGESTED = 60
"""Letters of the longest word for which others are suggested."""
_MOST_LOOKED_THROUGH = 250_000_000
"""How many visible words the patterns and fuzzy words of a query may look through together."""
_LONGEST_REFERENCE = 200
"""Characters of an unknown id that a message shows."""
_MOST_DAYS = 1_000_000


@dataclass(frozen=True, slots=True)
class Stats:
    """The size of an archive as its reader sees it.

    ``words`` counts the words of the paragraphs' text. Dates are ISO 8601 (``2010-01-08T03:26Z``). ``size_bytes`` is
    the index's size on disk, None for a reader with a clearance. ``unfilled_fields`` are the fields of the index that
    were added after some cables were indexed, so that these have no values in them until `Archive.reindex`; None for a
    reader with a clearance.
    """

    cables: int
    paragraphs: int
    words: int
    first_date: str | None
    last_date: str | None
    size_bytes: int | None
    unfilled_fields: tuple[str, ...] | None


def _periods(minutes: Ints, period: str) -> Ints:
    """The number of the year or month in which each minute is."""
    if not len(minutes):
        return minutes
    days = minutes // (24 * 60)
    least, most = int(days.min()), int(days.max())
    if most - least > _MOST_DAYS:
        return days.astype("datetime64[D]").astype(period).astype(np.int64)
    # A calendar of the days in question: NumPy converts one by one.
    calendar = np.arange(least, most + 1).astype("datetime64[D]").astype(period).astype(np.int64)
    periods: Ints = calendar[days - least]
    return periods


def need(kind: type[Any], value: Any) -> Any:
    """A value, if it is of the type that is needed.

    Raises:
        TypeError: it is not.
    """
    if not isinstance(value, kind):
        raise TypeError(f"expected {kind.__name__}, found {type(value).__name__} ({value!r})")
    return value


def several(given: str | Iterable[str]) -> tuple[str, ...]:
    """A string or several, as several.

    Raises:
        TypeError: it is neither.
    """
    return (given,) if isinstance(given, str) else tuple(need(str, one) for one in need(Iterable, given))


@dataclass(frozen=True, slots=True)
class Request:
    """What is searched for; see `cablesearch.archive.Archive.search`."""

    text: str = ""
    tags: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    classifications: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    limit: int = 10
    offset: int = 0
    sort: str = "relevance"
    group: str = "paragraph"
    facets: tuple[str, ...] = ()

    def check(self) -> list[str]:
        """The names of the facets, when all is well.

        Raises:
            TypeError: something is of another type.
            ValueError: something is none that there is.
        """
        need(str, self.text)
        for period in (self.since, self.until):
            need(str, "" if period is None else period)
        for number in (self.limit, self.offset):
            need(Integral, number)
        if self.sort not in SORTS or self.group not in GROUPS or self.limit < 0 or self.offset < 0:
            raise ValueError(f"sort is one of {SORTS}, group one of {GROUPS}, limit and offset at least 0")
        names = [facet_name(name) for name in self.facets]
        for name in names:
            FACETS[name].field(by_cable=self.group == "cable")
        return names


class Searcher:
    """What one commit answers to a reader with a clearance (None: who may see everything)."""

    def __init__(self, snapshot: Snapshot, clearance: Clearance | None) -> None:
        self.clearance = clearance
        self._view = View(snapshot, query_schema(), self._visible if clearance else None)

    @property
    def snapshot(self) -> Snapshot:
        """The commit that is searched."""
        return self._view.snapshot

    def _visible(self, segment: Segment) -> NDArray[np.bool_]:
        """Which documents the clearance lets one see: each has one visibility class, or nobody sees it."""
        classes = segment.terms("visibility")
        seen = np.array([self._sees(classes[number]) for number in range(len(classes))], bool)
        first, values = segment.keywords("visibility")
        single = np.diff(first) == 1
        if single.all():
            visible: NDArray[np.bool_] = seen[values]
        else:
            visible = np.zeros(segment.docs, bool)
            visible[single] = seen[values[first[:-1][single]]]
        return visible

    def _sees(self, stored: bytes) -> bool:
        classification = read_visibility(stored.decode("utf-8", "replace"))
        return classification is not None and self.clearance is not None and self.clearance.sees(classification)

    def search(self, request: Request) -> Results:
        """The page of hits that is asked for.

        Raises:
            QueryError: the query or a condition cannot be read.
            ValueError: sort, group, a facet, limit or offset is none that there is.
        """
        started = time.perf_counter()
        names = request.check()
        bounds = query.Bounds()
        condition = query.filters(
            bounds=bounds,
            tags=request.tags,
            origins=request.origins,
            classifications=request.classifications,
            since=request.since,
            until=request.until,
        )
        text, by_cable = request.text, request.group == "cable"
        wanted = query.parse(text, by_cable=by_cable, bounds=bounds) if text.strip() or condition is None else None
        tree = self._affordable(text, query.both(wanted, condition))
        page = self._best(tree, request)
        nothing = wanted is not None and not page.total
        selection = collect.select(self._view, tree, by_block=by_cable) if names else None
        return Results(
            query=text,
            total=page.total or 0,
            hits=tuple(self._hits(page, wanted or condition or q.Every(), by_cable)),
            offset=request.offset,
            facets={name: self._facet(name, selection) for name in names if selection},
            suggestion=self._suggest(text, by_cable) if nothing else None,
            alternatives=self._alternatives(text, wanted, condition, by_cable)
            if wanted is not None and nothing
            else {},
            took=time.perf_counter() - started,
        )

    def _affordable(self, text: str, tree: q.Query) -> q.Query:
        """A query, unless its patterns would have to look through too many words.

        Raises:
            QueryError: they would.
        """
        patterns = sum(isinstance(leaf, EXPANSIONS) for leaf in tree.leaves())
        if patterns and (breadth := self._view.breadth(tree)) > _MOST_LOOKED_THROUGH:
            raise QueryError(
                text,
                0,
                f"the patterns and fuzzy words would look through {breadth:,} words; the most is "
                f"{_MOST_LOOKED_THROUGH:,}",
                "Use fewer, or ask for each in one field, such as text:negotiat*",
            )
        return tree

    def _best(self, tree: q.Query, request: Request) -> Page:
        """The page of units that is asked for."""
        view, by_cable = self._view, request.group == "cable"
        if request.sort == "relevance":
            return topk.search(view, tree, limit=request.limit, offset=request.offset, by_block=by_cable)
        matches = execute.execute(view, tree, by_block=by_cable)
        keys = self._date_keys(matches.units, request.sort, by_cable)
        places = collect.top(view, matches, request.offset, request.limit, keys, by_block=by_cable)
        return Page(matches.units[places], matches.scores[places], len(matches.units))

    def _hits(self, page: Page, wanted: q.Query, by_cable: bool) -> Iterator[Hit]:
        units, scores = page.units.tolist(), page.scores.tolist()
        docs = execute.best_documents(self._view, wanted, units) if by_cable else units
        highlighter = Highlighter(execute.leaves(wanted))
        cables: dict[int, Cable] = {}
        for doc, score in zip(docs, scores, strict=True):
            number, local = self._view.snapshot.place(doc)
            segment = self._view.segments[number]
            block = segment.block(local)
            key = int(self._view.block_bases[number]) + block
            if key not in cables:
                cables[key] = self._cable(number, block, has_body=False)
            # What stands for a cable as a whole has no position.
            position = max(segment.number("position", local), 0)
            if position and all(one.position != position for one in cables[key].paragraphs):
                raise CorruptIndexError(f"{segment.path}: the record of block {block} has no paragraph {position}")
            yield hit(cables[key], position, score, highlighter)

    def _date_keys(self, units: Ints, sort: str, by_cable: bool) -> Ints:
        dates = collect.number_column(self._view, units, "date", by_block=by_cable)
        keys = -dates if sort == "-date" else dates.copy()
        keys[dates == NO_NUMBER] = np.iinfo(np.int64).max
        return keys

    def _facet(self, name: str, selection: Selection) -> list[tuple[str, int]]:
        facet = FACETS[name]
        field = facet.field(by_cable=selection.by_block)
        if facet.period:
            period = f"datetime64[{facet.period}]"
            counts = collect.histogram(self._view, selection, field, lambda minutes: _periods(minutes, period))
            return [(str(np.array(number, np.int64).astype(period)), count) for number, count in counts.items()]
        counter = collect.facet(self._view, selection, field)
        return sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))

    def _cable(self, number: int, block: int, *, has_body: bool = True) -> Cable:
        """The visible part of a cable that has any; without its body it is faster to see what is visible.

        Raises:
            CorruptIndexError: what is stored is no cable, or not the one that the index speaks of.
        """
        segment = self._view.segments[number]
        whole = unpack_block(segment, block)
        cable = (whole if has_body or self.clearance is None else replace(whole, body="")).view(self.clearance)
        if cable is None:
            raise CorruptIndexError(f"{segment.path}: the record of block {block} is not what was indexed")
        return cable

    def _suggest(self, text: str, by_cable: bool) -> str | None:
        """The query with the first few words that nobody wrote replaced by the commonest near ones."""
        result, shift = text, 0
        fields = BARE_FIELDS_OF_CABLE if by_cable else BARE_FIELDS
        unknown = (
            place
            for place in query.plain_words(text)
            if len(place[0]) >= 3 and len(fold(place[0])) <= _LONGEST_SUGGESTED and not self._occurs(place[0], fields)
        )
        for word, start, end in islice(unknown, _MOST_SUGGESTIONS):
            if better := self._nearest(fold(word)):
                result = result[: start + shift] + better + result[end + shift :]
                shift += len(better) - (end - start)
        return result if result != text else None

    def _occurs(self, word: str, fields: Sequence[str]) -> bool:
        """Whether the word is found in any of its forms."""
        return any(self._view.frequency(field, stem(fold(word))) for field in fields)

    def _nearest(self, word: str) -> str | None:
        """The commonest of the nearest words that may be seen."""
        known: set[str] = set()
        for distance in (1,) if len(word) < 5 else (1, 2):
            # The commonest, of equals the first; looked for among those that are one letter further away at the end.
            best: tuple[int, str] | None = None
            for segment in self._view.segments:
                terms = segment.terms("exact")
                near = {terms.text(number) for number in expand.fuzzy(segment, "exact", word, distance, 1)} - known
                known |= near
                for other in near:
                    if count := self._view.frequency("exact", other):
                        best = min(best or (0, ""), (-count, other))
            if best:
                return best[1]
        return None

    def _alternatives(self, text: str, tree: q.Query, condition: q.Query | None, by_cable: bool) -> dict[str, int]:
        found = {}
        loose = query.any_word(tree)
        if loose is not tree:
            found["any_word"] = collect.select(self._view, query.both(loose, condition), by_block=by_cable).count
        if not by_cable:
            whole = query.both(query.parse(text, by_cable=True), condition)
            # It also reaches the envelope.
            if self._view.breadth(whole) > _MOST_LOOKED_THROUGH:
                return {name: count for name, count in found.items() if count}
            found["group_cable"] = collect.select(self._view, whole, by_block=True).count
        return {name: count for name, count in found.items() if count}

    def show(self, reference: str) -> tuple[Cable, Paragraph | None]:
        """A cable by its id, and the paragraph when the reference names one: ``10BEIJING30``, ``10BEIJING30¶4`` (by
        printed number) or ``10BEIJING30@4`` (by position).

        Raises:
            UnknownCableError: there is none, or none that may be seen.
        """
        name, number = reference.strip(), None
        where = self.find(name)
        if where is None and (found := re.search(r"([¶@])[^\S\n]{0,9}([0-9]{1,9})$", name)):
            number = int(found[2])
            where = self.find(name[: found.start()].rstrip())
        if where:
            cable = self._cable(*where)
            if number is None:
                return cable, None
            for paragraph in cable.paragraphs:
                if number == (paragraph.number if found and found[1] == "¶" else paragraph.position):
                    return cable, paragraph
        shown = name if len(name) <= _LONGEST_REFERENCE else name[:_LONGEST_REFERENCE] + "…"
        raise UnknownCableError(f"there is no cable or paragraph {shown!r} in this archive")

    def find(self, name: str) -> tuple[int, int] | None:
        """(segment, block) of the visible cable with that id, as written or canonical."""
        view = self._view
        exact = view.snapshot.find(name.strip())
        if exact and view.blocks[exact[0]][exact[1]]:
            return exact
        for wanted in id_forms(name):
            units = topk.search(view, q.Term("id", wanted), limit=1, by_block=True).units
            if len(units):
                number = int(np.searchsorted(view.block_bases, units[0], "right")) - 1
                return number, int(units[0] - view.block_bases[number])
        return None

    def export(self, text: str = "") -> Iterator[Cable]:
        """The cables, by date and id (those without a date last): all, or those in which a paragraph fulfils the query.

        Raises:
            QueryError: the query cannot be read.
        """
        wanted = None
        if text.strip():
            wanted = execute.execute(self._view, self._affordable(text, query.parse(text))).units
        return self._cables(wanted)

    def _cables(self, wanted: Ints | None) -> Iterator[Cable]:
        view = self._view
        parts = [np.empty(0, np.int64)]
        for number, blocks in enumerate(view.blocks):
            segment, base = view.segments[number], int(view.snapshot.bases[number])
            shown = blocks
            if wanted is not None:
                shown = np.zeros_like(blocks)
                shown[segment.block_of[wanted[(wanted >= base) & (wanted < base + segment.docs)] - base]] = True
            parts.append(np.flatnonzero(shown) + view.block_bases[number])
        units = np.concatenate(parts)
        for place in collect.in_order(view, units, by_block=True):
            number = int(np.searchsorted(view.block_bases, units[place], "right")) - 1
            yield self._cable(number, int(units[place] - view.block_bases[number]))

    def stats(self) -> Stats:
        """The size of the archive as its reader sees it."""
        view = self._view
        everything = np.concatenate(
            [np.flatnonzero(mask) + base for mask, base in zip(view.blocks, view.block_bases, strict=False)]
            or [np.empty(0, np.int64)]
        )
        dates = collect.number_column(view, everything, "date", by_block=True)
        dates = dates[dates != NO_NUMBER]
        first, last = (
            (self._moment(int(end)).strftime("%Y-%m-%dT%H:%MZ") for end in (dates.min(), dates.max()))
            if len(dates)
            else (None, None)
        )
        return Stats(
            cables=view.block_count,
            paragraphs=view.member_count,
            words=view.word_count("text"),
            first_date=first,
            last_date=last,
            size_bytes=None if self.clearance else view.snapshot.size,
            unfilled_fields=None if self.clearance else tuple(view.snapshot.unfilled(view.schema)),
        )

    def _moment(self, minutes: int) -> dt.datetime:
        """What a date in the index stands for.

        Raises:
            CorruptIndexError: it is beyond the calendar.
        """
        try:
            return from_minutes(minutes)
        except OverflowError as error:
            having = next(one.path for one in self._view.segments if minutes in one.column("date"))
            raise CorruptIndexError(f"{having}: a date is {minutes} minutes from 1970") from error

    def verify(self) -> list[str]:
        """Which stored cables cannot be read, or are not those that their blocks name; a sentence each."""
        faults: list[str] = []
        for segment, deleted in zip(self._view.segments, self.snapshot.deleted, strict=True):
            faults += check_records(segment, np.flatnonzero(~deleted).tolist())
        return faults
