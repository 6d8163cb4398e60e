"""Types of queries beside Whoosh's own, and those that stand for several terms.

`cablesearch.engine.search.expand` finds these terms, `cablesearch.engine.search.nearness` what is near each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from whoosh import query as q
from whoosh.query.wrappers import WrappingQuery

__all__ = ["EXPANSIONS", "InDocument", "Near", "Run", "Tested", "leaves"]


class Tested(q.PatternQuery):
    """A query for the terms that pass ``accepts``, described by ``text``: queries with the same text are equal.

    ``pattern``: a pattern of ``*`` and ``?``; only the terms that fit it are tested.
    """

    def __init__(
        self,
        fieldname: str,
        text: str,
        accepts: Callable[[str], bool],
        boost: float = 1.0,
        *,
        pattern: str | None = None,
    ) -> None:
        super().__init__(fieldname, text, boost)
        self.accepts = accepts
        self.pattern = pattern

    def __str__(self) -> str:
        return f"{self.fieldname}:{self.text}"

    def _btexts(self, ixreader: Any) -> Iterable[bytes]:
        from_bytes = ixreader.schema[self.fieldname].from_bytes
        return (term for term in ixreader.lexicon(self.fieldname) if self.accepts(from_bytes(term)))


class InDocument(WrappingQuery):
    """A query that a single document must match: in a search by block, the blocks of such documents match.

    Otherwise the parts of a query may match in several documents of a block.
    """

    def __eq__(self, other: object) -> bool:
        return isinstance(other, InDocument) and self.child == other.child

    def __hash__(self) -> int:
        return hash(InDocument) ^ hash(self.child)

    @property
    def boost(self) -> float:
        return float(getattr(self.child, "boost", 1.0))


class Run(NamedTuple):
    """Words that follow each other, each at most ``slop`` places after the one before."""

    words: tuple[str, ...]
    slop: int = 1


class Near(q.Query):
    """A query for operands that stand near each other in one text field.

    An occurrence of an operand is one of any of its runs. A match has an occurrence of each operand; none overlaps
    another. In any order, all lie in a window with at most ``(len(operands) - 1) * (distance - 1)`` words outside of
    them, which is as many as a phrase with this distance has room for. ``in_order``, each begins at most ``distance``
    places after the end of the one before.

    Example: ``Near("exact", [[Run(("a",))], [Run(("b",)), Run(("c", "d"))]], 5)`` is for a, and for b or "c d", with at
    most 4 words between them.

    Only this engine answers it: Whoosh's own searcher raises `whoosh.query.QueryError`.
    """

    def __init__(
        self,
        fieldname: str,
        operands: Sequence[Sequence[Run]],
        distance: int,
        boost: float = 1.0,
        *,
        in_order: bool = False,
    ) -> None:
        self.fieldname = fieldname
        self.operands = tuple(map(tuple, operands))
        self.distance = distance
        self.boost = boost
        self.in_order = in_order

    @property
    def key(self) -> tuple[object, ...]:
        """Return a value that is the same for equal queries and different for others."""
        return self.fieldname, self.operands, self.distance, self.in_order, self.boost

    @property
    def runs(self) -> Iterator[Run]:
        """Return the runs of all operands."""
        return (run for operand in self.operands for run in operand)

    @property
    def words(self) -> tuple[str, ...]:
        """Return the distinct words."""
        return tuple(dict.fromkeys(word for run in self.runs for word in run.words))

    @property
    def as_phrases(self) -> int:
        """Return how many phrases the query counts as: itself, and each of its runs of several words."""
        return 1 + sum(len(run.words) > 1 for run in self.runs)

    def has_words(self, words: set[str]) -> bool:
        """Return whether a set of words has all those of a run of each operand."""
        return all(any(words.issuperset(run.words) for run in operand) for operand in self.operands)

    def idf(self, of_words: Callable[[tuple[str, ...]], float]) -> float:
        """Return the idf of the whole: the sum over the operands of the lowest that any of its runs has.

        Args:
            of_words: returns the sum of the idfs of words.
        """
        return sum(min(of_words(run.words) for run in operand) for operand in self.operands)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Near) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        order = ", in_order=True" if self.in_order else ""
        return f"Near({self.fieldname!r}, {self.operands!r}, {self.distance}, boost={self.boost}{order})"

    def __str__(self) -> str:
        between = f" {'PRE' if self.in_order else 'NEAR'}/{self.distance} "
        text = f"{self.fieldname}:({between.join(map(_written, self.operands))})"
        return text if self.boost == 1.0 else f"{text}^{self.boost}"

    def field(self) -> str:
        return self.fieldname

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        del searcher, context
        raise q.QueryError("queries of type Near can be executed on arrays only, not by Whoosh's own searcher")


def _written(operand: Sequence[Run]) -> str:
    """Return an operand as a query has it."""
    runs = [
        run.words[0] if len(run.words) == 1 else f'"{" ".join(run.words)}"' + (f"~{run.slop}" if run.slop > 1 else "")
        for run in operand
    ]
    return runs[0] if len(runs) == 1 else f"({' OR '.join(runs)})"


EXPANSIONS = (q.Prefix, q.Wildcard, q.Regex, q.FuzzyTerm, q.TermRange, Tested)
"""The types of queries that stand for several terms."""


def leaves(query: q.Query) -> Iterator[q.Query]:
    """Yield the leaves of a query that can contribute to a match: all except negated ones."""
    if isinstance(query, q.AndNot):
        yield from leaves(query.a)
    elif isinstance(query, (q.And, q.Or, q.DisjunctionMax)):
        for part in query.subqueries:
            yield from leaves(part)
    elif isinstance(query, (q.AndMaybe, q.Require)):
        yield from leaves(query.a)
        yield from leaves(query.b)
    elif isinstance(query, (q.ConstantScoreQuery, InDocument)):
        yield from leaves(query.child)
    elif not isinstance(query, q.Not):
        yield query
