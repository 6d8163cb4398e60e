"""Names in selected units, with the spellings of one name as a group.

Spellings with one key (`cablesearch.names.spelling.name_key`) are a group. A last name alone joins the full name if the
selected units have exactly one full name that ends with it, or begins with it as family names of East Asia do; else it
is a group of its own. A group is called by its most frequent spelling in full; of equal ones, the first by text.

The time and the memory depend on the number of names in the selected units, and on that of different spellings.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cablesearch.engine.search.collect import Selection
from cablesearch.engine.search.view import View, blamed
from cablesearch.names.spelling import name_key
from cablesearch.protocols.fields import NO_NUMBER
from cablesearch.results.facets import Count

__all__ = ["NameGroup", "NameGroups", "name_groups"]

Ints = NDArray[np.int64]


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


class _Mentions(NamedTuple):
    """Names in units, one mention a place.

    Attributes:
        units: the units, numbered over all segments; int64 [mentions].
        spellings: the numbers of the spellings; int64 [mentions].
        dates: the dates of the units in minutes; int64 [mentions].
        texts: the spellings by number.
    """

    units: Ints
    spellings: Ints
    dates: Ints
    texts: list[str]


class NameGroups(NamedTuple):
    """The most frequent names of a kind, by descending number of units, then by text.

    Attributes:
        groups: the names.
        total: the number of all names.
    """

    groups: list[NameGroup]
    total: int


@blamed
def name_groups(view: View, selection: Selection, field: str, limit: int | None = None) -> NameGroups:
    """Return the names in the selected units.

    Args:
        view: the view that is searched.
        selection: the units.
        field: the field with the names of a kind.
        limit: the number of names to return; None: all.
    """
    mentions = _mentions(view, selection, field)
    if not mentions.texts:
        return NameGroups([], 0)
    counts = _units_with_each(mentions.units, mentions.spellings, len(mentions.texts))
    group_of, members, own = _groups(mentions.texts)
    groups = np.array(group_of, np.int64)[mentions.spellings]
    totals = _units_with_each(mentions.units, groups, len(members))
    first, last = _ends(groups, mentions.dates, len(members))
    found = []
    least = 0 if limit is None or limit >= len(members) else int(np.sort(totals)[len(members) - max(limit, 1)])
    for number in np.flatnonzero(totals >= least).tolist():
        variants = sorted(((mentions.texts[each], int(counts[each])) for each in members[number]), key=_rank)
        name = min(((text, count) for text, count in variants if text in own[number]), key=_rank)[0]
        found.append(NameGroup(name, tuple(variants), int(totals[number]), first[number], last[number]))
    return NameGroups(sorted(found, key=lambda group: (-group.hits, group.name))[:limit], len(members))


def _units_with_each(units: Ints, values: Ints, size: int) -> Ints:
    """Return the number of units that have each value, which a unit may have several times; int64 [size].

    Example: for the units [4, 4, 5] with the values [0, 0, 1], ``[1, 1]``.
    """
    # The units come in order, which sorting uses, and hashing does not.
    pairs = np.sort(units * size + values, kind="stable")
    return np.bincount(pairs[np.append(True, pairs[1:] != pairs[:-1])] % size, minlength=size)


def _rank(count: Count) -> tuple[int, str]:
    return -count[1], count[0]


def _mentions(view: View, selection: Selection, field: str) -> _Mentions:
    """Return the names in the selected units."""
    numbers: dict[str, int] = {}
    units, spellings, dates = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for number, segment in enumerate(view.segments):
        docs = selection.members(number)
        blocks = segment.block_of[docs].astype(np.int64)
        sizes = np.diff(segment.keywords(field)[0])[docs]
        terms, places = np.unique(segment.keywords_of(field, docs), return_inverse=True)
        texts = segment.terms(field)
        known = [numbers.setdefault(texts.text(term), len(numbers)) for term in terms.tolist()]
        spellings.append(np.array(known, np.int64)[places] if known else np.empty(0, np.int64))
        owners = blocks + view.block_bases[number] if selection.by_block else docs + view.snapshot.bases[number]
        units.append(np.repeat(owners, sizes))
        dates.append(np.repeat(segment.column("date")[blocks], sizes))
    return _Mentions(np.concatenate(units), np.concatenate(spellings), np.concatenate(dates), list(numbers))


def _groups(texts: list[str]) -> tuple[list[int], list[list[int]], list[set[str]]]:
    """Return the group of each spelling, the spellings of each group, and those that are in full."""
    keys = [name_key(text) for text in texts]
    full: dict[str, set[str]] = {}
    for key in keys:
        words = key.split(" ")
        if len(words) > 1:
            for word in (words[0], words[-1]):
                full.setdefault(word, set()).add(key)
    numbers: dict[str, int] = {}
    group_of: list[int] = []
    members: list[list[int]] = []
    own: list[set[str]] = []
    for place, (key, text) in enumerate(zip(keys, texts, strict=True)):
        named = full.get(key, ())
        joined = next(iter(named)) if len(named) == 1 else key
        number = numbers.setdefault(joined, len(numbers))
        if number == len(members):
            members.append([])
            own.append(set())
        group_of.append(number)
        members[number].append(place)
        if joined == key:
            own[number].add(text)
    return group_of, members, own


def _ends(groups: Ints, dates: Ints, size: int) -> tuple[list[int | None], list[int | None]]:
    """Return the oldest and the newest date of each group."""
    dated = dates != NO_NUMBER
    order = np.lexsort((dates[dated], groups[dated]))
    numbers, sorted_dates = groups[dated][order], dates[dated][order]
    first: list[int | None] = [None] * size
    last: list[int | None] = [None] * size
    if len(numbers):
        starts = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1]))
        ends: NDArray[Any] = np.append(starts[1:], len(numbers)) - 1
        for number, start, end in zip(numbers[starts].tolist(), starts.tolist(), ends.tolist(), strict=True):
            first[number], last[number] = int(sorted_dates[start]), int(sorted_dates[end])
    return first, last
