"""Patterns of ``*`` and ``?``: test a term, or find the fitting ones among many."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cablesearch.algorithms.kernels import Ints

__all__ = ["fitting", "wildcard_test"]


def wildcard_test(pattern: str) -> Callable[[str], bool]:
    """Return a function that tests whether a whole term fits a pattern of ``*`` and ``?``."""
    # fnmatch translates stars so that the expression never backtracks.
    expression = re.compile(fnmatch.translate(pattern.replace("[", "[[]")))
    return lambda term: expression.match(term) is not None


def fitting(letters: NDArray[Any], starts: Ints, pattern: str) -> Ints:
    """Return the terms that fit a pattern.

    The part before the first star must match the start of the term, the part after the last star its end, and each
    part between two stars the first possible place after the part before.

    >>> letters = np.frombuffer(b"labourlaborers", np.uint8)
    >>> fitting(letters, np.array([0, 6, 14]), "lab*r?").tolist()
    [1]

    Args:
        letters: the letters of all terms, end to end.
        starts: where the letters of each term begin; one more place closes the last.
        pattern: a pattern of ``*`` and ``?``.
    """
    head, *inner = pattern.split("*")
    tail = inner.pop() if inner else None
    least = len(pattern) - pattern.count("*")
    sizes = np.diff(starts)
    alive = np.flatnonzero(sizes == least if tail is None else sizes >= least)
    alive = alive[_has(letters, starts[alive], head)]
    if tail:
        alive = alive[_has(letters, starts[alive + 1] - len(tail), tail)]
    at, ends = starts[alive] + len(head), starts[alive + 1] - len(tail or "")

    @cache
    def places(part: str) -> Ints:
        # A last place after all others means that there is no further match.
        return np.append(_places(letters, part), len(letters))

    for part in filter(None, inner):
        at = places(part)[np.searchsorted(places(part), at)] + len(part)
        kept = at <= ends
        alive, at, ends = alive[kept], at[kept], ends[kept]
    return alive


def _has(letters: NDArray[Any], at: Ints, part: str) -> Ints:
    """Return the indexes of the places at which a part of a pattern matches."""
    left = np.arange(len(at))
    for offset, letter in enumerate(part):
        if letter != "?":
            left = left[letters[at[left] + offset] == ord(letter)]
    return left


def _places(letters: NDArray[Any], part: str) -> Ints:
    """Return every place at which a part of a pattern matches, increasing."""
    size = max(0, len(letters) - len(part) + 1)
    fixed = [(offset, ord(letter)) for offset, letter in enumerate(part) if letter != "?"]
    if not fixed:
        return np.arange(size)
    (first, code), *rest = fixed
    places = np.flatnonzero(letters[first : first + size] == code)
    for offset, code in rest:
        places = places[letters[places + offset] == code]
    return places
