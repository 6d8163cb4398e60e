"""Fewer points for a line that has more of them than a picture has columns."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["thinned"]


def thinned(values: Sequence[float], most: int) -> tuple[list[int], list[float]]:
    """Return the places and the values of the points with which a line looks the same.

    Of neighbours that share a column, the lowest and the highest are kept, in their order, and so are both ends.

    Values that are NaN break the line, and are kept at the end of each stretch of others.

    Example: of [3, 1, 2, 9, 5, 4, 4, 4], with two columns, those at the places 0, 1, 3, 4, 5 and 7.

    Args:
        values: the values.
        most: the most columns.
    """
    size = -(-len(values) // most) if values else 1
    places = {0, len(values) - 1} if values else set()
    for start in range(0, len(values), size):
        span = range(start, min(start + size, len(values)))
        group = [place for place in span if not math.isnan(values[place])]
        if len(group) < len(span):
            places.add(next(place for place in span if math.isnan(values[place])))
        if group:
            places |= {min(group, key=values.__getitem__), max(group, key=values.__getitem__)}
    kept = sorted(places)
    return kept, [values[place] for place in kept]
