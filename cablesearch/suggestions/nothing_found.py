"""What would find something in the place of a query that finds nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from whoosh import query as q

from cablesearch.errors import QueryError
from cablesearch.protocols.queries import EXPANSIONS
from cablesearch.protocols.reader import Reader
from cablesearch.query import AnyWord, both, parse
from cablesearch.query.trees import phrase_count
from cablesearch.suggestions.common_words import is_common
from cablesearch.suggestions.spelling import apart, suggested

__all__ = ["Question"]

_MOST_TRIES = 8
_MOST_LEAVES = 300
"""The most leaves of a query that is tried more than once."""
_MOST_PHRASES = 100
"""The most phrases, counted in each field, of a query of which looser readings are tried: each takes as long as the
query itself, and phrases take longest."""


class Question(NamedTuple):
    """A query that found nothing, and how it was asked.

    Attributes:
        reader: the archive as its reader sees it.
        text: the query.
        condition: the filters.
        by_cable: whether cables were searched.
        any_word: whether any of its words was to match.
        most_scanned: the most words that the patterns of a query may scan.
        parse: reads queries as this one was read: `cablesearch.query.parse`, or with acronyms and synonyms.
    """

    reader: Reader
    text: str
    condition: q.Query | None
    by_cable: bool
    any_word: bool
    most_scanned: int
    parse: Callable[..., q.Query] = parse

    def suggestion(self) -> str | None:
        """Return the query with its spelling corrected; it finds something.

        If no correction finds anything, and the query is nothing but words, these are corrected and joined by OR.
        """
        parsed = self._parsed(self.text, by_cable=self.by_cable)
        leaves = list(both(parsed, self.condition).leaves())
        tries = _MOST_TRIES if len(leaves) <= _MOST_LEAVES else 1
        if any(isinstance(leaf, EXPANSIONS) for leaf in leaves):
            breadth = self.reader.breadth(q.Or(leaves))
            tries = max(1, min(tries, self.most_scanned // max(1, breadth)))
        corrected = suggested(self.reader, self.text, by_cable=self.by_cable, finds=self._finds, tries=tries)
        if corrected is not None or self.any_word:
            return corrected
        corrected = apart(self.reader, self.text, by_cable=self.by_cable, is_common=self._is_common)
        return corrected if corrected is not None and self._finds(corrected) else None

    def alternatives(self) -> dict[str, int]:
        """Return how many hits looser readings of the query have, by name; see `Results.alternatives`."""
        counts: dict[str, int] = {}
        if phrase_count(self._parsed(self.text, by_cable=self.by_cable)) > _MOST_PHRASES:
            return counts
        if not self.any_word:
            choice = AnyWord(lambda part: is_common(self.reader, part, by_cable=self.by_cable))
            loose = self.parse(self.text, by_cable=self.by_cable, beside=choice)
            if choice.has_choice and choice.has_rare:
                counts["any_word"] = self._count(loose, by_cable=self.by_cable)
        if not self.by_cable:
            whole = self._parsed(self.text, by_cable=True)
            # A search for cables also scans the words of envelopes, which may exceed the limit.
            if self.reader.breadth(both(whole, self.condition)) <= self.most_scanned:
                counts["group_cable"] = self._count(whole, by_cable=True)
        return {name: count for name, count in counts.items() if count}

    def _is_common(self, word: str) -> bool:
        return is_common(self.reader, self._parsed(word, by_cable=self.by_cable), by_cable=self.by_cable)

    def _parsed(self, text: str, *, by_cable: bool) -> q.Query:
        return self.parse(text, by_cable=by_cable, beside=AnyWord() if self.any_word else None)

    def _finds(self, text: str) -> bool:
        try:
            return self._count(self._parsed(text, by_cable=self.by_cable), by_cable=self.by_cable) > 0
        except QueryError:
            # The corrected query is too long.
            return False

    def _count(self, tree: q.Query, *, by_cable: bool) -> int:
        return self.reader.select(both(tree, self.condition), by_cable=by_cable).count
