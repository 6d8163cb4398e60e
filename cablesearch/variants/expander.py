"""Decide whether a query may have anything to expand; `cablesearch.variants.expanding` expands it.

Most queries have nothing, and that module takes long to import.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from whoosh import query as q

from cablesearch.query import AnyWord, Bounds, parse
from cablesearch.text.analysis import stem

if TYPE_CHECKING:
    from cablesearch.query.expansions import Group
    from cablesearch.variants.acronyms import Acronyms
    from cablesearch.variants.expanding import Expanded, Expansion
    from cablesearch.variants.synonyms import Synonyms

__all__ = ["Expander"]


class Expander:
    """Expands the queries of one search.

    Args:
        acronyms: the acronyms of the archive; None: they are not used.
        synonyms: the reader's synonyms, if any.
    """

    def __init__(self, acronyms: Acronyms | None, synonyms: Synonyms | None = None) -> None:
        self._acronyms = acronyms
        self._synonyms = synonyms
        self._known: dict[tuple[str, bool], Expanded | None] = {}

    def parse(
        self, text: str, *, by_cable: bool = False, bounds: Bounds | None = None, beside: AnyWord | None = None
    ) -> q.Query:
        """Read a query with what is expanded of it; the arguments are those of `cablesearch.query.parse`.

        Raises:
            QueryError: the query is invalid, or its synonyms have too many words.
        """
        groups = self.groups(text, any_word=beside is not None)
        return parse(text, by_cable=by_cable, bounds=bounds, beside=beside, groups=groups)

    def groups(self, text: str, *, any_word: bool) -> Sequence[Group]:
        """Return the parts of a query that are expanded, for `cablesearch.query.parse`.

        Args:
            text: the query.
            any_word: whether any of its words may match.

        Raises:
            QueryError: its synonyms have too many words.
        """
        expanded = self._expanded(text, any_word)
        return expanded.groups if expanded else ()

    def expansions(self, text: str, *, any_word: bool) -> tuple[Expansion, ...]:
        """Return what the same parts mean to people, each once; the arguments and errors are those of `groups`."""
        expanded = self._expanded(text, any_word)
        return expanded.expansions if expanded else ()

    def _expanded(self, text: str, any_word: bool) -> Expanded | None:
        """Return what is expanded of a query; None if it is plain."""
        key = text, any_word
        if key not in self._known:
            if self._is_plain(text):
                self._known[key] = None
            else:
                from cablesearch.variants.expanding import expand

                self._known[key] = expand(text, self._acronyms, self._synonyms, any_word=any_word)
        return self._known[key]

    def _is_plain(self, text: str) -> bool:
        """Return whether a query is words in small letters, or with a capital at the beginning, no two of which begin a
        long form: most of those that have nothing to expand. This takes a fraction of the time of expanding it."""
        if self._synonyms is not None or not (text.isascii() and text.replace(" ", "").isalpha()):
            return False
        words = text.split()
        if not all(word.islower() or word[1:].islower() for word in words):
            # It may be an acronym, or an operator.
            return False
        keys = [stem(word.lower()) for word in words]
        return self._acronyms is None or not any(
            self._acronyms.begins(first) and self._acronyms.begins(first + second) for first, second in pairwise(keys)
        )
