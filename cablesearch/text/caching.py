"""Answers that are kept for questions that come again."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache, wraps
from typing import TypeVar

__all__ = ["LONGEST", "cached_if_short", "compiled_lazily"]

LONGEST = 256
"""Code points of the longest text that is kept. What is read may be megabytes long, and then seldom comes again."""

_Answer = TypeVar("_Answer")


def cached_if_short(maxsize: int) -> Callable[[Callable[[str], _Answer]], Callable[[str], _Answer]]:
    """Decorate a function of a text as `functools.lru_cache` does, but keep no text longer than `LONGEST`: so what is
    kept takes a bounded amount of memory, whatever is read.

    Args:
        maxsize: how many answers are kept.
    """

    def decorate(function: Callable[[str], _Answer]) -> Callable[[str], _Answer]:
        cached = lru_cache(maxsize)(function)

        @wraps(function)
        def answer(text: str) -> _Answer:
            return cached(text) if len(text) <= LONGEST else function(text)

        return answer

    return decorate


def compiled_lazily(pattern: str, flags: int = 0) -> Callable[[], re.Pattern[str]]:
    """A pattern that is compiled when it is first asked for, as to compile all takes longer than a search, which seldom
    reads a marking."""
    return cache(lambda: re.compile(pattern, flags))
