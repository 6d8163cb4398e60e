"""Whether two segments say the same of the same blocks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cablesearch.engine.kernels import differences, stretches
from cablesearch.engine.segment.segment import Segment

__all__ = ["differing"]

_AT_ONCE = 1 << 20
"""About how many positions are compared together."""


def differing(segment: Segment, other: Segment, fields: Collection[str]) -> Iterator[str]:
    """Yield how a segment differs from one that was made anew from the same blocks; one sentence for each field.

    The blocks of both lie in order (see `cablesearch.engine.segment.order`).

    Args:
        segment: the segment.
        other: the one that was made anew.
        fields: the fields to compare, of those that both have.
    """
    checks: list[tuple[str, Callable[[], str | None]]] = [("blocks", partial(_blocks, segment, other))]
    for field in filter(fields.__contains__, other.layout.texts):
        checks.append((field, partial(_text, segment, other, field)))
    for field in filter(fields.__contains__, other.layout.keywords):
        checks.append((field, partial(_keyword, segment, other, field)))
    for field in filter(fields.__contains__, other.layout.numbers):
        checks.append((field, partial(_number, segment, other, field)))
    for name, check in checks:
        if fault := check():
            yield f"{name}: {fault}"


def _same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return len(one) == len(other) and bool(np.all(one == other))


def _blocks(segment: Segment, other: Segment) -> str | None:
    leads = (one.arrays["block.leads"] for one in (segment, other))
    if not _same(segment.first, other.first) or not _same(*leads):
        return "its cables have other paragraphs than those that are stored"
    return None


def _terms(segment: Segment, other: Segment, field: str) -> str | None:
    own, wanted = segment.terms(field), other.terms(field)
    for start in range(0, max(len(own), len(wanted)), _AT_ONCE):
        some, others = (one.between(start, max(start, min(start + _AT_ONCE, len(one)))) for one in (own, wanted))
        if some != others:
            odd = min(set(some) ^ set(others))
            shown = odd.decode("utf-8", "replace")
            return f"{shown!r} is " + ("missing" if odd in others else "there, but not in the text")
    return None


def _text(segment: Segment, other: Segment, field: str) -> str | None:
    if fault := _terms(segment, other, field):
        return fault
    if not _same(segment.lengths(field), other.lengths(field)):
        return "its lengths are not those of the texts"
    if f"{field}.stems" in other.arrays and not _same(segment.arrays[f"{field}.stems"], other.arrays[f"{field}.stems"]):
        return "its stems are not those of its words"
    own, wanted = segment.postings_of(field), other.postings_of(field)
    sizes = differences(wanted.first)
    if not _same(differences(own.first), sizes):
        one = int(np.flatnonzero(differences(own.first) != sizes)[0])
        return f"{segment.terms(field).text(one)!r} stands in other documents"
    for start, end in stretches(np.maximum(sizes, wanted.position_sizes(np.arange(len(sizes)))), _AT_ONCE):
        if not all(map(_same, own.between(start, end), wanted.between(start, end))):
            one = next(
                term
                for term in range(start, end)
                if not all(map(_same, own.between(term, term + 1), wanted.between(term, term + 1)))
            )
            return f"{segment.terms(field).text(one)!r} stands in other places"
    return None


def _keyword(segment: Segment, other: Segment, field: str) -> str | None:
    if fault := _terms(segment, other, field):
        return fault
    if not all(map(_same, segment.keywords(field), other.keywords(field))):
        return "its values are not those of the cables"
    return None


def _number(segment: Segment, other: Segment, field: str) -> str | None:
    return None if _same(segment.column(field), other.column(field)) else "its values are not those of the cables"
