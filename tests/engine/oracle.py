"""What a search must find, computed document by document from the definitions alone."""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby, pairwise, product
from typing import Any

from whoosh import query as q

from cablesearch.algorithms.bm25 import LENGTHS
from cablesearch.protocols.queries import Near
from cablesearch.text.continuation import CONTINUED

Document = dict[str, object]


Held = Mapping[str, Sequence[int]]
"""The terms of a field of one document, and the places where each stands."""


@dataclass
class Unit:
    """A live document: its block, its place in the block, what it holds, and where its block stands in order."""

    block: int
    place: int
    values: Document
    order: tuple[object, ...]
    held: dict[str, Held] = field(default_factory=dict)

    @property
    def lead(self) -> bool:
        return self.place == 0


class Oracle:
    """Scores by the definition of BM25 over the visible documents of ``blocks``.

    Args:
        blocks: the documents of each live block, by any key that names it.
        order_by: the field by whose number blocks stand in order, those without one last, then by code points of their
            keys.
    """

    def __init__(
        self,
        blocks: Sequence[tuple[str, Sequence[Document]]],
        visible: Callable[[Document], bool],
        terms: Callable[[str, object], Iterable[tuple[str, int]]],
        of_block: frozenset[str],
        keywords: frozenset[str],
        stored: Callable[[str], str],
        order_by: str,
    ) -> None:
        self.terms, self.of_block, self.keywords, self.stored = terms, of_block, keywords, stored
        self.units: list[Unit] = []
        self.averages: dict[str, float] = {}
        self.idfs: dict[tuple[str, str], float] = {}
        for number, (key, documents) in enumerate(blocks):
            when: Any = documents[0].get(order_by)
            order = (when is None, when or 0, [ord(sign) for sign in key])
            shown = [visible(document) for document in documents]
            for place, document in enumerate(documents):
                if shown[place] and (place or len(documents) == 1 or any(shown[1:])):
                    self.units.append(Unit(number, place, document, order))

    def words(self, unit: Unit, field: str) -> Held:
        if field not in unit.held:
            held: dict[str, list[int]] = {}
            for term, place in self.terms(field, unit.values.get(self.stored(field))):
                held.setdefault(term, []).append(place)
            unit.held[field] = held
        return unit.held[field]

    def length(self, unit: Unit, field: str) -> int:
        return sum(map(len, self.words(unit, field).values()))

    @cached_property
    def leads(self) -> dict[int, Unit]:
        """The lead of each block that has one."""
        return {unit.block: unit for unit in self.units if unit.lead}

    def counted(self, field: str) -> list[Unit]:
        return [unit for unit in self.units if unit.lead == (field in self.of_block)]

    def idf(self, field: str, term: str) -> float:
        if (field, term) not in self.idfs:
            counted = self.counted(field)
            having = sum(term in self.words(unit, field) for unit in counted)
            total = len({unit.block for unit in self.units}) if field in self.of_block else len(counted)
            self.idfs[field, term] = math.log(1 + (total - having + 0.5) / (having + 0.5))
        return self.idfs[field, term]

    def average(self, field: str) -> float:
        if field not in self.averages:
            lengths = [length for one in self.counted(field) if (length := self.length(one, field))]
            self.averages[field] = sum(lengths) / len(lengths) if lengths else 0
        return self.averages[field]

    def weight(self, unit: Unit, field: str, count: int) -> float:
        average = self.average(field)
        words = self.length(unit, field)
        length = max(value for value in LENGTHS.tolist() if value <= words)
        norm = 1.2 * (0.25 + 0.75 * length / average) if average else 1.2
        return count * 2.2 / (count + norm)

    def leaf(self, unit: Unit, query: Any) -> float | None:  # noqa: PLR0911
        """The score of one document for a leaf, or None."""
        field = query.fieldname
        if isinstance(query, q.NumericRange):
            value = unit.values.get(field)
            if value is None:
                return None
            assert isinstance(value, int)
            low = query.start is None or (value > query.start if query.startexcl else value >= query.start)
            high = query.end is None or (value < query.end if query.endexcl else value <= query.end)
            return query.boost if low and high else None
        words = self.words(unit, field)
        if isinstance(query, q.Term):
            if query.text not in words:
                return None
            if field in self.keywords:
                return query.boost
            return query.boost * self.idf(field, query.text) * self.weight(unit, field, len(words[query.text]))
        if isinstance(query, q.Phrase):
            last = set(words.get(query.words[0], ()))
            for before, wanted in pairwise(query.words):
                ends = {end_of(words, before, place) for place in last}
                last = {place for place in words.get(wanted, ()) if any(0 < place - end <= query.slop for end in ends)}
            if not last:
                return None
            return (
                query.boost * sum(self.idf(field, word) for word in query.words) * self.weight(unit, field, len(last))
            )
        if isinstance(query, Near):
            count = len(ends_of_matches(words, query))
            lowest = [min(sum(self.idf(field, word) for word in words) for words, _ in own) for own in query.operands]
            return query.boost * sum(lowest) * self.weight(unit, field, count) if count else None
        if isinstance(query, q.Prefix):
            return query.boost if any(word.startswith(query.text) for word in words) else None
        if isinstance(query, q.Wildcard):
            return query.boost if any(fnmatch.fnmatchcase(word, query.text) for word in words) else None
        if isinstance(query, q.FuzzyTerm):
            near = any(
                word[: query.prefixlength] == query.text[: query.prefixlength]
                and edits(word, query.text) <= query.maxdist
                for word in words
            )
            return query.boost if near else None
        assert isinstance(query, q.Every)
        return query.boost if words else None

    def score(self, query: Any, members: list[Unit], lead: Unit | None) -> float | None:  # noqa: PLR0911
        """The score of a group of documents taken together (one paragraph, or all of a block), or None."""
        if isinstance(query, q.And):
            scores = [self.score(one, members, lead) for one in query.subqueries]
            return None if None in scores else query.boost * sum(score for score in scores if score is not None)
        if isinstance(query, (q.Or, q.DisjunctionMax)):
            scores = [self.score(one, members, lead) for one in query.subqueries]
            found = [score for score in scores if score is not None]
            combine = max if isinstance(query, q.DisjunctionMax) else sum
            return query.boost * combine(found) if found else None
        if isinstance(query, q.Not):
            return 0.0 if self.score(query.query, members, lead) is None else None
        if isinstance(query, q.AndNot):
            return self.score(query.a, members, lead) if self.score(query.b, members, lead) is None else None
        if isinstance(query, q.AndMaybe):
            needed = self.score(query.a, members, lead)
            return None if needed is None else needed + (self.score(query.b, members, lead) or 0.0)
        if isinstance(query, q.Require):
            return self.score(query.a, members, lead) if self.score(query.b, members, lead) is not None else None
        if isinstance(query, q.ConstantScoreQuery):
            return query.score if self.score(query.child, members, lead) is not None else None
        if isinstance(query, q.Every) and query.fieldname is None:
            return float(query.boost)
        units = ([lead] if lead else []) if query.fieldname in self.of_block else members
        found = [score for unit in units if (score := self.leaf(unit, query)) is not None]
        return max(found) if found else None

    def search(self, query: q.Query, *, by_block: bool) -> list[tuple[tuple[int, int], float]]:
        """((block, place), score) of all that match, as blocks were given; the place of a block is 0."""
        result = []
        if by_block:
            for block, group in groupby(self.units, lambda unit: unit.block):
                units = list(group)
                score = self.score(query, units, self.leads.get(block))
                if score is not None:
                    result.append(((block, 0), score))
            return result
        for unit in self.units:
            if not unit.lead:
                score = self.score(query, [unit], self.leads.get(unit.block))
                if score is not None:
                    result.append(((unit.block, unit.place), score))
        return result

    def ranked(self, scores: Mapping[tuple[int, int], float]) -> list[tuple[int, int]]:
        """What has these scores, (block, place), the best first; equals in order of blocks."""
        orders = {unit.block: unit.order for unit in self.units}
        return sorted(scores, key=lambda where: (-scores[where], orders[where[0]], where[1]))


def end_of(words: Held, word: str, place: int) -> int:
    """The place where a word ends that begins at a place."""
    while place + 1 in words.get(CONTINUED + word, ()):
        place += 1
    return place


def occurrences(words: Held, run: Sequence[str], slop: int) -> set[tuple[int, int]]:
    """The first and the last place of each occurrence of a phrase: those with the nearest words, from either side."""
    chains = [[place] for place in words.get(run[0], ())]
    for before, wanted in pairwise(run):
        chains = [
            [*chain, place]
            for chain in chains
            for place in words.get(wanted, ())
            if 0 < place - end_of(words, before, chain[-1]) <= slop
        ]
    last: dict[int, list[int]] = {}
    first: dict[int, list[int]] = {}
    for chain in chains:
        last[chain[-1]] = max(last.get(chain[-1], chain), chain, key=lambda own: own[::-1])
        first[chain[0]] = min(first.get(chain[0], chain), chain)
    return {(chain[0], end_of(words, run[-1], chain[-1])) for chain in [*last.values(), *first.values()]}


def ends_of_matches(words: Held, query: Near) -> set[int]:
    """Where matches of a near query end, by trying all choices of occurrences."""
    operands = [
        {span for words_of, slop in own for span in occurrences(words, words_of, slop)} for own in query.operands
    ]
    ends = set()
    for chosen in product(*operands):
        spans = sorted(chosen)
        gaps = [after[0] - before[1] - 1 for before, after in pairwise(spans)]
        near = sum(gaps) <= (len(spans) - 1) * (query.distance - 1)
        if query.in_order:
            near = spans == list(chosen) and all(gap < query.distance for gap in gaps)
        if near and min(gaps, default=0) >= 0:
            ends.add(spans[-1][1])
    return ends


def edits(one: str, other: str) -> int:
    """Optimal string alignment, by its recursive definition."""
    table = [[max(i, j) if not i or not j else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            table[i][j] = min(
                table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (one[i - 1] != other[j - 1])
            )
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]
