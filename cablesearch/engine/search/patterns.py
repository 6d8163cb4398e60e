"""Types of queries beside Whoosh's own, and those that stand for several terms.

`cablesearch.engine.search.expand` finds these terms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from whoosh import query as q
from whoosh.query.wrappers import WrappingQuery

__all__ = ["EXPANSIONS", "InDocument", "Tested"]


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


EXPANSIONS = (q.Prefix, q.Wildcard, q.Regex, q.FuzzyTerm, q.TermRange, Tested)
"""The types of queries that stand for several terms."""
