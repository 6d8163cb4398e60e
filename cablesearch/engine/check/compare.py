"""Compare two segments of the same blocks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cablesearch.algorithms.kernels import differences, stretches
from cablesearch.engine.segment.segment import Segment

__all__ = ["differing"]

_AT_ONCE = 1 << 20
"""The approximate number of positions that are compared together."""


def differing(segment: Segment, rebuilt: Segment, fields: Collection[str]) -> Iterator[str]:
    """Yield how a segment differs from one rebuilt from the same blocks; one sentence for each field.

    The blocks of both are sorted (see `cablesearch.engine.segment.order`).

    Args:
        segment: the segment.
        rebuilt: the segment that was rebuilt.
        fields: the fields to compare, of those that both have.
    """
    checks: list[tuple[str, Callable[[], str | None]]] = [("blocks", partial(_blocks, segment, rebuilt))]
    for field in filter(fields.__contains__, rebuilt.layout.texts):
        checks.append((field, partial(_text, segment, rebuilt, field)))
    for field in filter(fields.__contains__, rebuilt.layout.keywords):
        checks.append((field, partial(_keyword, segment, rebuilt, field)))
    for field in filter(fields.__contains__, rebuilt.layout.numbers):
        checks.append((field, partial(_number, segment, rebuilt, field)))
    for name, check in checks:
        if fault := check():
            yield f"{name}: {fault}"


def _same(left: NDArray[Any], right: NDArray[Any]) -> bool:
    return len(left) == len(right) and bool(np.all(left == right))


def _blocks(segment: Segment, rebuilt: Segment) -> str | None:
    leads = (each.arrays["block.leads"] for each in (segment, rebuilt))
    if not _same(segment.first, rebuilt.first) or not _same(*leads):
        return "their documents differ from the stored records"
    return None


def _terms(segment: Segment, rebuilt: Segment, field: str) -> str | None:
    own, expected = segment.terms(field), rebuilt.terms(field)
    for start in range(0, max(len(own), len(expected)), _AT_ONCE):
        own_batch, expected_batch = (
            terms.between(start, max(start, min(start + _AT_ONCE, len(terms)))) for terms in (own, expected)
        )
        if own_batch != expected_batch:
            odd = min(set(own_batch) ^ set(expected_batch))
            shown = odd.decode("utf-8", "replace")
            return f"{shown!r} is " + ("missing" if odd in expected_batch else "there, but not in the stored records")
    return None


def _text(segment: Segment, rebuilt: Segment, field: str) -> str | None:
    if fault := _terms(segment, rebuilt, field):
        return fault
    if not _same(segment.lengths(field), rebuilt.lengths(field)):
        return "its lengths differ from the stored records"
    stems = f"{field}.stems"
    if stems in rebuilt.arrays and not _same(segment.arrays[stems], rebuilt.arrays[stems]):
        return "its stems do not match its words"
    own, expected = segment.postings_of(field), rebuilt.postings_of(field)
    sizes = differences(expected.first)
    if not _same(differences(own.first), sizes):
        term = int(np.flatnonzero(differences(own.first) != sizes)[0])
        return f"{segment.terms(field).text(term)!r} occurs in other documents"
    for start, end in stretches(np.maximum(sizes, expected.position_sizes(np.arange(len(sizes)))), _AT_ONCE):
        if not all(map(_same, own.between(start, end), expected.between(start, end))):
            term = next(
                term
                for term in range(start, end)
                if not all(map(_same, own.between(term, term + 1), expected.between(term, term + 1)))
            )
            return f"{segment.terms(field).text(term)!r} occurs at other places"
    return None


def _keyword(segment: Segment, rebuilt: Segment, field: str) -> str | None:
    if fault := _terms(segment, rebuilt, field):
        return fault
    if not all(map(_same, segment.keywords(field), rebuilt.keywords(field))):
        return "its values differ from the stored records"
    return None


def _number(segment: Segment, rebuilt: Segment, field: str) -> str | None:
    return None if _same(segment.column(field), rebuilt.column(field)) else "its values differ from the stored records"
