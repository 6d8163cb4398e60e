"""Caches of bounded size for functions of a text."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache, wraps
from typing import TypeVar

__all__ = ["LONGEST", "cached_if_short", "compiled_lazily"]

LONGEST = 256
"""The most code points of a cached text. Longer ones may have megabytes, and seldom repeat."""

_Answer = TypeVar("_Answer")


def cached_if_short(maxsize: int) -> Callable[[Callable[[str], _Answer]], Callable[[str], _Answer]]:
    """Return a decorator like `functools.lru_cache` that does not cache texts longer than `LONGEST`.

    The cache therefore takes a bounded amount of memory, whatever is read.

    Args:
        maxsize: the number of results to keep.
    """

    def decorate(function: Callable[[str], _Answer]) -> Callable[[str], _Answer]:
        cached = lru_cache(maxsize)(function)

        @wraps(function)
        def answer(text: str) -> _Answer:
            return cached(text) if len(text) <= LONGEST else function(text)

        return answer

    return decorate


def compiled_lazily(pattern: str, flags: int = 0) -> Callable[[], re.Pattern[str]]:
    """Return a function that compiles a pattern at its first call.

    Compiling all patterns for markings would take longer than a search, which seldom needs one.
    """
    return cache(lambda: re.compile(pattern, flags))
