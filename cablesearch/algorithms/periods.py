"""Periods of the calendar."""

from __future__ import annotations

import numpy as np

from cablesearch.algorithms.kernels import Ints

__all__ = ["periods"]

_LONGEST_CALENDAR = 1_000_000
"""The most days for which `periods` builds a calendar."""
_THURSDAY = 3
"""The day of the week of 1970-01-01, counted from Monday as 0."""


def periods(minutes: Ints, period: str) -> Ints:
    """Return the period of each minute, both counted from 1970: minute 600,000 is in year 1 (1971)."""
    if not len(minutes):
        return minutes
    days: Ints = minutes // (24 * 60)
    if period == "D":
        return days
    if period == "weekday":
        return (days + _THURSDAY) % 7
    unit = f"datetime64[{period}]"
    least, most = int(days.min()), int(days.max())
    if most - least > _LONGEST_CALENDAR:
        return days.astype("datetime64[D]").astype(unit).astype(np.int64)
    # Convert each distinct day once: NumPy converts element by element, slowly.
    calendar = np.arange(least, most + 1).astype("datetime64[D]").astype(unit).astype(np.int64)
    numbers: Ints = calendar[days - least]
    return numbers
