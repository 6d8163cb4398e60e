"""How many visible documents have words and fields: asked for together before a query, and kept for the snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from whoosh import query as q
from whoosh.fields import Schema

from cablesearch.cluster.documents.mapping import (
    CABLE,
    NESTED,
    PARAGRAPH,
    cable_field,
    is_of_both,
    is_of_cable,
    own_field,
    paragraph_field,
)
from cablesearch.cluster.documents.wire import word_out
from cablesearch.cluster.dsl.queries import Query
from cablesearch.protocols.fields import kind_of
from cablesearch.protocols.queries import Near
from cablesearch.text.continuation import CONTINUED

__all__ = ["Asked", "Frequencies"]

_KEPT = 10_000
"""The most words of which the frequency is kept."""
_AT_ONCE = 500
"""The most filters of a request; each is a clause, of which a cluster allows 1,024 by default."""

Asked = tuple[str, str]
"""Where documents have a field, and a word; an empty word stands for any."""


class Counted(Protocol):
    """The visible documents, as they are counted."""

    @property
    def schema(self) -> Schema:
        """The schema."""

    @property
    def is_weighted(self) -> bool:
        """Whether the server multiplies scores by ``K1 + 1``."""

    @property
    def paragraph_count(self) -> int:
        """The number of visible paragraphs."""

    @property
    def cable_count(self) -> int:
        """The number of visible cables."""

    def paragraphs(self, query: Query, /) -> Query:
        """Return the query for visible paragraphs that match another one."""

    def cables(self, query: Query, /) -> Query:
        """Return the query for visible cables that match another one."""

    def aggregated(self, query: Query, aggregations: Mapping[str, Any], /) -> dict[str, Any]:
        """Return aggregations of the documents that match a query."""


class Frequencies:
    """The frequencies of words in the visible documents of text fields.

    Args:
        seen: what the reader sees.
        known: the frequencies that were asked for before; it is filled.
    """

    def __init__(self, seen: Counted, known: dict[Asked, int]) -> None:
        self._seen, self._known = seen, known

    @property
    def is_weighted(self) -> bool:
        """Whether the server multiplies scores by ``K1 + 1``."""
        return self._seen.is_weighted

    def total(self, field: str) -> int:
        """Return the number of paragraphs, or of cables for a field of cables."""
        return self._seen.cable_count if is_of_cable(field) else self._seen.paragraph_count

    def frequency(self, field: str, word: str) -> int:
        """Return in how many paragraphs, or cables for a field of cables, a word occurs."""
        return self.frequency_at(own_field(field), word)

    def frequencies(self, field: str, words: Sequence[str]) -> list[int]:
        """Return the same of several words."""
        asked = [(own_field(field), word) for word in words]
        known = self._ask(asked)
        return [known[each] for each in asked]

    def frequency_at(self, path: str, word: str) -> int:
        """Return the number of documents that have a word where they have a field."""
        asked = (_counted(path), word)
        return self._ask([asked])[asked]

    def having(self, path: str) -> int:
        """Return the number of documents that have any word there."""
        return self.frequency_at(path, "")

    def prepare(self, tree: q.Query, *, by_cable: bool) -> None:
        """Ask for all that the scores of a query depend on, in one request for each kind of documents."""
        asked: dict[Asked, None] = {}
        for field, word in _terms(tree):
            if kind_of(self._seen.schema[field]) == "text":
                for path in {own_field(field), *(() if by_cable else (paragraph_field(field),))}:
                    asked |= {(path, word): None, (path, ""): None}
                if by_cable and is_of_both(field):
                    asked |= {(cable_field(field), word): None, (cable_field(field), ""): None}
        self._ask([*asked])

    def _ask(self, asked: Sequence[Asked]) -> dict[Asked, int]:
        """Return how many documents have words; unknown numbers are asked for together."""
        known = {each: self._known[each] for each in asked if each in self._known}
        left = [each for each in dict.fromkeys(asked) if each not in known]
        everything: Query = {"match_all": {}}
        for kind, of_kind in ((PARAGRAPH, self._seen.paragraphs), (CABLE, self._seen.cables)):
            own = [each for each in left if each[0].partition(".")[0] == kind]
            for start in range(0, len(own), _AT_ONCE):
                part = own[start : start + _AT_ONCE]
                filters = [
                    {"term": {path: word_out(word)}} if word else {"exists": {"field": path}} for path, word in part
                ]
                found = self._seen.aggregated(of_kind(everything), {"counts": {"filters": {"filters": filters}}})
                counts = [bucket["doc_count"] for bucket in found["counts"]["buckets"]]
                known |= dict(zip(part, counts, strict=True))
        if len(self._known) + len(left) > _KEPT:
            self._known.clear()
        self._known |= {each: known[each] for each in left}
        return known


def _counted(path: str) -> str:
    """Return where the documents of nested ones are counted: each stands for a paragraph."""
    kind, _, field = path.partition(".")
    return paragraph_field(field) if kind == NESTED else path


def _terms(tree: q.Query) -> Iterator[tuple[str, str]]:
    """Yield the words of a tree with their fields, and the marks where they may go on."""
    for leaf in tree.leaves():
        if isinstance(leaf, q.Term):
            yield leaf.fieldname, leaf.text
        elif isinstance(leaf, (q.Phrase, Near)):
            for word in leaf.words:
                yield leaf.fieldname, word
                yield leaf.fieldname, CONTINUED + word
