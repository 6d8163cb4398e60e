"""Names in selected units, with the spellings of one name as a group.

Spellings with one key (`cablesearch.names.spelling.name_key`) are a group. A last name alone joins the full name if the
selected units have exactly one full name that ends with it, or begins with it as family names of East Asia do; else it
is a group of its own. A group is called by its most frequent spelling in full; of equal ones, the first by text.

The time and the memory depend on the number of names in the selected units, and on that of different spellings.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cablesearch.names.spelling import name_key
from cablesearch.protocols.reader import Reader, Selection
from cablesearch.results.facets import Count

__all__ = ["NameGroup", "NameGroups", "name_groups"]


class NameGroup(NamedTuple):
    """A name.

    Attributes:
        name: its most frequent spelling.
        variants: its spellings with the numbers of units that have them, the most frequent first.
        hits: the number of units that have any of them.
        first, last: the oldest and the newest date of these units, in minutes since 1970; None if none has a date.
    """

    name: str
    variants: tuple[Count, ...]
    hits: int
    first: int | None
    last: int | None


class NameGroups(NamedTuple):
    """The most frequent names of a kind, by descending number of units, then by text.

    Attributes:
        groups: the names.
        total: the number of all names.
    """

    groups: list[NameGroup]
    total: int


def name_groups(reader: Reader, selection: Selection, field: str, limit: int | None = None) -> NameGroups:
    """Return the names in the selected units.

    Args:
        reader: the reader that is searched.
        selection: the units.
        field: the field with the names of a kind.
        limit: the number of names to return; None: all.
    """
    grouping = _Grouping()
    names = reader.names(selection, field, grouping.groups)
    totals = sorted((name.units for name in names), reverse=True)
    least = 0 if limit is None or limit >= len(names) else totals[max(limit, 1) - 1]
    found = []
    for name in names:
        if name.units >= least:
            variants = sorted(name.spellings, key=_rank)
            usual = next(text for text, _ in variants if text in grouping.full)
            found.append(NameGroup(usual, tuple((text, count) for text, count in variants), *name[1:]))
    return NameGroups(sorted(found, key=lambda group: (-group.hits, group.name))[:limit], len(names))


def _rank(count: Count) -> tuple[int, str]:
    return -count[1], count[0]


class _Grouping:
    """Groups spellings; ``full`` has those that are in full, which a group can be called by."""

    def __init__(self) -> None:
        self.full: set[str] = set()

    def groups(self, texts: Sequence[str]) -> list[int]:
        """Return the number of the group of each spelling, counted up from 0."""
        keys = [name_key(text) for text in texts]
        full: dict[str, set[str]] = {}
        for key in keys:
            words = key.split(" ")
            if len(words) > 1:
                for word in (words[0], words[-1]):
                    full.setdefault(word, set()).add(key)
        numbers: dict[str, int] = {}
        group_of: list[int] = []
        for key, text in zip(keys, texts, strict=True):
            named = full.get(key, ())
            joined = next(iter(named)) if len(named) == 1 else key
            group_of.append(numbers.setdefault(joined, len(numbers)))
            if joined == key:
                self.full.add(text)
        return group_of
