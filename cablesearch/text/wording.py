"""The forms of words in messages: numbers with their nouns, choices, pages, days, and long text cut."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

__all__ = ["day", "excerpt", "one_of", "page", "plural"]


def plural(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 cable``, ``3,000 cables``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def one_of(values: Collection[str]) -> str:
    """Return values as a choice: ``one_of(["PHUM", "PHSA", "PREL"]) == "PHUM, PHSA or PREL"``; empty for none."""
    *others, last = values or ("",)
    return f"{', '.join(others)} or {last}" if others else last


def page(offset: int, count: int) -> str:
    """Return which results a page has: ``page(10, 10) == "11-20"``, ``page(6, 1) == "7"``, ``page(10, 0) == "0"``."""
    first, last = offset + 1, offset + count
    return "0" if not count else f"{first:,}" if count == 1 else f"{first:,}-{last:,}"


def day(date: dt.datetime | None) -> str:
    """Return the day of a cable's date: ``2010-01-08``, or ``no date``."""
    return date.date().isoformat() if date else "no date"


def excerpt(text: str, most: int) -> str:
    """Return a text, cut to at most ``most`` code points with an ellipsis: ``excerpt("telegram", 4) == "tel…"``."""
    return text if len(text) <= most else text[: most - 1] + "…"
