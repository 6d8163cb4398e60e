"""The matcher over the documents of a term, on which Whoosh's other matchers are built."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from math import inf
from typing import Any

from whoosh.matching import Matcher, NullMatcher
from whoosh.query.spans import Span
from whoosh.scoring import BaseScorer

from cablesearch.errors import CablesearchError

__all__ = ["TermMatcher"]


class TermMatcher(Matcher):
    """The documents of a term, or the terms of a document, one after another.

    Args:
        term: the field and the term; None for the terms of a document.
        ids: the documents (or terms), in ascending order.
        counts: how often the term occurs in each document (or how often each term occurs).
        positions: returns the positions in a document (or of a term); None for fields that have no positions.
        scorer: scores a matcher at its document; without it, and without ``scores``, the score is the count.
        scores: the score of each document, where it is known in advance.
        at: the place in ``ids`` to start from.
    """

    def __init__(
        self,
        term: tuple[str, bytes] | None,
        ids: list[Any],
        counts: list[int],
        positions: Callable[[Any], list[int]] | None,
        *,
        scorer: BaseScorer | None = None,
        scores: list[float] | None = None,
        at: int = 0,
    ) -> None:
        self._term = term
        self._ids = ids
        self._counts = counts
        self._positions = positions
        self._scorer = scorer
        self._scores = scores
        self._at = at

    def is_active(self) -> bool:
        return self._at < len(self._ids)

    def reset(self) -> None:
        self._at = 0

    def copy(self) -> Matcher:
        return TermMatcher(
            self._term,
            self._ids,
            self._counts,
            self._positions,
            scorer=self._scorer,
            scores=self._scores,
            at=self._at,
        )

    def term(self) -> tuple[str, bytes] | None:
        return self._term

    def replace(self, minquality: float = 0) -> Matcher:
        del minquality
        return self if self.is_active() else NullMatcher()

    def supports_block_quality(self) -> bool:
        # Whoosh, skipping by quality, has been seen to skip some of the best hits.
        return False

    def max_quality(self) -> float:
        # Whoosh asks for it all the same; with this, nothing is skipped.
        return inf

    def id(self) -> Any:
        return self._ids[self._at]

    def next(self) -> None:
        self._at += 1

    def skip_to(self, id: Any) -> None:  # noqa: A002
        self._at = bisect_left(self._ids, id, self._at)

    def supports(self, astype: str) -> bool:
        return astype in {"frequency", "weight"} or (astype == "positions" and self._positions is not None)

    def value(self) -> bytes:
        return b""

    def value_as(self, astype: str) -> Any:
        if astype == "positions":
            if self._positions is None:
                field = self._term[0] if self._term else "this field"
                raise CablesearchError(f"the values of {field} have no positions, so they cannot be near one another")
            return self._positions(self.id())
        return self._counts[self._at]

    def spans(self) -> list[Span]:
        return [Span(place) for place in self.value_as("positions")]

    def weight(self) -> float:
        return self._counts[self._at]

    def score(self) -> float:
        if self._scores is not None:
            return self._scores[self._at]
        return self._scorer.score(self) if self._scorer else self.weight()
