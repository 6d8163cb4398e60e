"""Keyness: how much more frequent a phrase is in some texts than in others."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEAST_RATIO", "LEAST_SCORE", "Table", "association", "keyness", "log_ratio"]

Floats = NDArray[np.float64]

LEAST_SCORE = 3.84
"""The critical value of the chi-squared distribution with one degree of freedom for p < 0.05."""
LEAST_RATIO = 1.5
"""How many times as frequent a phrase must be here as elsewhere: with many texts, the slightest difference is
significant, and says nothing."""
_MISSING = 0.5
"""Stands for a count of 0 in ratios, as in Hardie's log ratio."""


class Table(NamedTuple):
    """How many texts have a phrase.

    Attributes:
        here, others: the number of texts with the phrase, here and elsewhere; numbers or arrays of the same shape.
        all_here, all_others: the number of all texts, here and elsewhere.
    """

    here: Floats
    others: Floats
    all_here: float
    all_others: float

    @property
    def ratio(self) -> Floats:
        """How many times as large the share of texts with the phrase is here as elsewhere."""
        here = np.maximum(self.here, _MISSING) / max(self.all_here, 1)
        others = np.maximum(self.others, _MISSING) / max(self.all_others, 1)
        return np.asarray(here / others)


def keyness(table: Table) -> Floats:
    """Return the log-likelihood G2 of phrases; 0 for those that are not more frequent here.

    The measure is that of Dunning, "Accurate Methods for the Statistics of Surprise and Coincidence" (1993). It is
    taken over numbers of texts, not of occurrences, as in Egbert and Biber, "Incorporating text dispersion into keyword
    analyses" (2019): what a single text repeats is not key.

    >>> keyness(Table(np.array([9.0, 1.0]), np.array([1.0, 9.0]), 10, 10)).round(2).tolist()
    [14.72, 0.0]
    """
    here, others, all_here, all_others = table
    share = (here + others) / max(all_here + all_others, 1)
    total = (
        _part(here, all_here * share)
        + _part(all_here - here, all_here * (1 - share))
        + _part(others, all_others * share)
        + _part(all_others - others, all_others * (1 - share))
    )
    # Rounding makes sums of arrays of different lengths equal.
    return np.where(table.ratio > 1, np.maximum(np.round(2 * total, 9), 0), 0.0)


def association(having: Floats, expected: Floats, total: float) -> Floats:
    """Return the log-likelihood G2 of finding words together in ``having`` of ``total`` texts, of which chance would
    give ``expected``; 0 where chance would give as many."""
    score = 2 * (_part(having, expected) + _part(total - having, total - expected))
    return np.where(having > expected, np.maximum(np.round(score, 9), 0), 0.0)


def _part(observed: Floats, expected: Floats) -> Floats:
    """Return observed * ln(observed / expected), 0 where nothing was observed."""
    observed, expected = np.asarray(observed, float), np.asarray(expected, float)
    safe = np.where((observed > 0) & (expected > 0), observed / np.where(expected > 0, expected, 1), 1.0)
    return observed * np.log(safe)


def log_ratio(ratio: float) -> float:
    """Return the binary logarithm of a ratio (Hardie 2014): 1 for twice as frequent."""
    return math.log2(ratio)
