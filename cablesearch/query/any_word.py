"""Read a query so that any of its words may match, instead of all."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from whoosh import query as q

from cablesearch.query.fields import is_text
from cablesearch.query.trees import conjunction, disjunction

__all__ = ["AnyWord"]


class AnyWord:
    """Joins operands that have no operator between them (see `parse`): any of the words must match.

    Values (``tag:PHUM``) and ``*`` stay required, and what is excluded stays excluded. Common words only add to the
    score, unless all the words are common.

    Attributes:
        has_choice: whether there are two words to choose from.
        has_rare: whether a word among them is not common.
        is_narrowed: whether common words only add to the score, because others are not.
    """

    def __init__(self, is_common: Callable[[q.Query], bool] = lambda part: False) -> None:
        self._is_common = is_common
        self.has_choice = self.has_rare = self.is_narrowed = False

    def __call__(self, parts: Sequence[q.Query]) -> q.Query:
        words = [part for part in parts if _has_words(part)]
        required = [part for part in parts if not _has_words(part)]
        if len(words) < 2:
            return conjunction(parts)
        self.has_choice = True
        rare: list[q.Query] = []
        common: list[q.Query] = []
        for part in words:
            (common if self._is_common(part) else rare).append(part)
        self.has_rare = self.has_rare or bool(rare)
        if not rare or not common:
            return conjunction([disjunction(words), *required])
        self.is_narrowed = True
        # The scores are those of the disjunction of all. Each part is used once, as a query would else grow with every
        # pair of brackets.
        return conjunction([q.AndMaybe(disjunction(rare), disjunction(common)), *required])


def _has_words(part: q.Query) -> bool:
    """Return whether words are looked for in a part of a query that must match."""
    return not isinstance(part, q.Not) and any(
        not isinstance(leaf, q.Every) and is_text(leaf.field()) for leaf in part.leaves()
    )
