"""The periods by which features divide time."""

from __future__ import annotations

from typing import Literal

from cablesearch.errors import CablesearchError
from cablesearch.protocols.reader import Period

__all__ = ["MOST_PERIODS", "UNITS", "By", "TooManyPeriodsError"]

By = Literal["year", "month", "day"]
"""The length of the periods of a timeline."""

UNITS: dict[By, Period] = {"year": "Y", "month": "M", "day": "D"}
"""Their names where readers count by them."""

MOST_PERIODS = 50_000
"""The most periods of an answer: 136 years of days."""


class TooManyPeriodsError(CablesearchError, ValueError):
    """An answer would have more than `MOST_PERIODS`. It is an error of this package, too, so that readers with a
    clearance get the reason."""
