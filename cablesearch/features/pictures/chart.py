"""What a picture shows: series over time, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["FORMS", "HEADROOM", "Chart", "Curve", "Form"]

Form = Literal["png", "svg"]
"""The formats of pictures."""
FORMS: tuple[Form, ...] = ("png", "svg")
HEADROOM = 1.08
"""The least height of the axes, as a multiple of the highest number."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A series of numbers.

    Attributes:
        name: its name.
        values: a number for each period, from 0.
        marked: stretches of periods to mark, as (first, last) from 0.
    """

    name: str
    values: tuple[float, ...]
    marked: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """Series over time, and the texts around them.

    Attributes:
        by: the length of a period: ``year``, ``month`` or ``day``.
        periods: the periods without gaps: ``2009-11`` for a month.
        curves: the series.
        caption: what the numbers are, such as ``paragraphs per month``.
        is_share: whether the numbers are shares, from 0 to 1.
        absent: stretches of periods to show as having nothing to count, as (first, last) from 0.
        notes: sentences below the picture, on where the numbers come from.
        title: the title; None for none.
        ceiling: the value that sets the scale, above which by more than `HEADROOM` numbers are cut off; 0: the highest.
    """

    by: str
    periods: tuple[str, ...]
    curves: tuple[Curve, ...]
    caption: str
    is_share: bool = False
    absent: tuple[tuple[int, int], ...] = ()
    notes: tuple[str, ...] = ()
    title: str | None = None
    ceiling: float = 0.0
