"""What a search must find, computed document by document from the definitions alone."""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from whoosh import query as q

from cablesearch.engine.bm25 import LENGTHS

Document = dict[str, object]


@dataclass
class Unit:
    """A live document: its block, its place in the block, and what it holds."""

    block: int
    place: int
    values: Document

    @property
    def lead(self) -> bool:
        return self.place == 0


class Oracle:
    """Scores by the definition of BM25 over the visible documents of ``blocks``."""

    def __init__(
        self,
        blocks: Sequence[Sequence[Document]],
        visible: Callable[[Document], bool],
        terms: Callable[[str, object], list[str]],
        of_block: frozenset[str],
        stored: Callable[[str], str],
    ) -> None:
        self.terms, self.of_block, self.stored = terms, of_block, stored
        self.units: list[Unit] = []
        for number, documents in enumerate(blocks):
            shown = [visible(document) for document in documents]
            for place, document in enumerate(documents):
                if shown[place] and (place or len(documents) == 1 or any(shown[1:])):
                    self.units.append(Unit(number, place, document))

    def words(self, unit: Unit, field: str) -> list[str]:
        return self.terms(field, unit.values.get(self.stored(field)))

    def counted(self, field: str) -> list[Unit]:
        return [unit for unit in self.units if unit.lead == (field in self.of_block)]

    def idf(self, field: str, term: str) -> float:
        counted = self.counted(field)
        having = sum(term in self.words(unit, field) for unit in counted)
        total = len({unit.block for unit in self.units}) if field in self.of_block else len(counted)
        return math.log(1 + (total - having + 0.5) / (having + 0.5))

    def weight(self, unit: Unit, field: str, count: int) -> float:
        lengths = [length for one in self.counted(field) if (length := len(self.words(one, field)))]
        average = sum(lengths) / len(lengths) if lengths else 0
        length = max(value for value in LENGTHS.tolist() if value <= len(self.words(unit, field)))
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
            if field in {"tag", "link", "secrecy"}:
                return query.boost
            count = words.count(query.text)
            return query.boost * self.idf(field, query.text) * self.weight(unit, field, count)
        if isinstance(query, q.Phrase):
            ends = {place for place, word in enumerate(words) if word == query.words[0]}
            for wanted in query.words[1:]:
                ends = {
                    place
                    for place, word in enumerate(words)
                    if word == wanted and any(0 < place - end <= query.slop for end in ends)
                }
            if not ends:
                return None
            return (
                query.boost * sum(self.idf(field, word) for word in query.words) * self.weight(unit, field, len(ends))
            )
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
        """((block, place), score) of all that match, in order; the place of a block is 0."""
        result = []
        if by_block:
            for block in sorted({unit.block for unit in self.units}):
                units = [unit for unit in self.units if unit.block == block]
                lead = next((unit for unit in units if unit.lead), None)
                score = self.score(query, units, lead)
                if score is not None:
                    result.append(((block, 0), score))
            return result
        for unit in self.units:
            if not unit.lead:
                lead = next((one for one in self.units if one.block == unit.block and one.lead), None)
                score = self.score(query, [unit], lead)
                if score is not None:
                    result.append(((unit.block, unit.place), score))
        return result


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
