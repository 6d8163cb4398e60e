"""The engine's own scores, as a weighting for Whoosh's searcher."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from whoosh.scoring import BaseScorer, WeightingModel

__all__ = ["ArrayScorer", "Bm25", "Weights"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Weights(Protocol):
    """The two parts of a score. Both are 1 in fields that are not texts."""

    def idf(self, fieldname: str, text: str | bytes) -> float:
        """Return the inverse document frequency of a word."""
        ...

    def weights(self, fieldname: str, docs: Ints, counts: Ints) -> Floats:
        """Return the weight of a term in documents in which it occurs ``counts`` times."""
        ...


class ArrayScorer(BaseScorer):
    """Scores many documents of a term at once: ``scores`` takes the documents and the term's frequency in each."""

    def __init__(self, scores: Callable[[Ints, Ints], Floats]) -> None:
        self.scores = scores

    def score(self, matcher: Any) -> float:
        return float(self.scores(np.array([matcher.id()]), np.array([matcher.weight()]))[0])


class Bm25(WeightingModel):
    """Scores as the engine does (`cablesearch.algorithms.bm25`): 1 for all that is not a word in a text field."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights

    def idf(self, searcher: Any, fieldname: str, text: str | bytes) -> float:
        del searcher
        return self._weights.idf(fieldname, text)

    def scorer(self, searcher: Any, fieldname: str, text: str | bytes, qf: int = 1) -> BaseScorer:
        factor = self.idf(searcher, fieldname, text) * qf
        return ArrayScorer(lambda docs, counts: self._weights.weights(fieldname, docs, counts) * factor)
