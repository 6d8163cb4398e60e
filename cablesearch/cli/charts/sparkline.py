"""Sparklines: a series of numbers in one line."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["grouped", "sparkline"]

_LEVELS = "▁▂▃▄▅▆▇█"


def grouped(count: int, most: int) -> list[tuple[int, int]]:
    """Return as few groups of neighbours as fit: ``grouped(7, 3) == [(0, 3), (3, 6), (6, 7)]``.

    All but the last have the same size, so that they can be compared.

    Args:
        count: the number of values.
        most: the most groups.
    """
    size = max(1, -(-count // most))
    return [(start, min(start + size, count)) for start in range(0, count, size)]


def sparkline(values: Sequence[float], largest: float) -> str:
    """Return a character for each value: a blank for 0, and a bar of one to eight eighths for others.

    Args:
        values: the values, from 0.
        largest: the value of a full bar.
    """
    steps = len(_LEVELS)
    return "".join(_LEVELS[min(steps - 1, int(value / largest * steps))] if value > 0 else " " for value in values)
