"""The queries that stand for several terms; `cablesearch.engine.search.expand` finds these terms."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from whoosh import query as q

__all__ = ["EXPANSIONS", "Tested"]


class Tested(q.PatternQuery):
    """A query for the terms that pass ``accepts``, described by ``text``: queries with the same text are equal."""

    def __init__(self, fieldname: str, text: str, accepts: Callable[[str], bool], boost: float = 1.0) -> None:
        super().__init__(fieldname, text, boost)
        self.accepts = accepts

    def __str__(self) -> str:
        return f"{self.fieldname}:{self.text}"

    def _btexts(self, ixreader: Any) -> Iterable[bytes]:
        from_bytes = ixreader.schema[self.fieldname].from_bytes
        return (term for term in ixreader.lexicon(self.fieldname) if self.accepts(from_bytes(term)))


EXPANSIONS = (q.Prefix, q.Wildcard, q.Regex, q.FuzzyTerm, q.TermRange, Tested)
"""The types of queries that stand for several terms."""
