"""The references between the visible cables of a view, which are numbered as the blocks of all segments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cablesearch.cable import Clearance
from cablesearch.embedded.cables import head_of, key_at, place_of
from cablesearch.embedded.selections import units_of
from cablesearch.engine.search import collect
from cablesearch.engine.search.execute import Matches
from cablesearch.engine.search.view import View, blamed
from cablesearch.engine.segment.strings import Strings, pack_strings, to_bytes
from cablesearch.protocols.answers import CableHead
from cablesearch.protocols.links import Links
from cablesearch.protocols.reader import Selection

__all__ = ["links"]

Ints = NDArray[np.int64]

_AT_ONCE = 1 << 16
"""The most terms of a dictionary that are held as strings at once."""


class _Names:
    """Distinct names, sorted by their bytes (see `cablesearch.protocols.links.Names`)."""

    def __init__(self, strings: Strings) -> None:
        self._strings = strings

    def __len__(self) -> int:
        return len(self._strings)

    def text(self, number: int) -> str:
        """Return a name."""
        return self._strings.text(number)

    def number(self, name: str) -> int | None:
        """Return the number of a name; None if it is not among them."""
        return self._strings.find(to_bytes(name))


class _Cables:
    """The cables of a view: the number of a cable is that of its block over all segments (see
    `cablesearch.protocols.links.Cables`)."""

    def __init__(self, view: View, clearance: Clearance | None) -> None:
        self._view, self._clearance = view, clearance

    @property
    def room(self) -> int:
        """A number above all others."""
        return int(self._view.block_bases[-1])

    @cached_property
    def dates(self) -> Ints:
        """The date of each cable in minutes from 1970, `NO_NUMBER` for none; int64 [room]."""
        return collect.number_column(self._view, np.arange(self.room), "date", by_block=True)

    def key(self, number: int) -> str:
        """Return the key of a cable."""
        return key_at(self._view, *self._view.block_at(number))

    def number(self, key: str) -> int:
        """Return the number of a visible cable.

        Raises:
            KeyError: no visible cable has this key.
        """
        segment, block = place_of(self._view, key)
        return int(self._view.block_bases[segment]) + block

    def head(self, number: int) -> CableHead:
        """Return what is visible of a cable without its whole."""
        return head_of(self._view, *self._view.block_at(number), self._clearance)

    def in_order(self, numbers: Ints, most: int | None = None) -> list[int]:
        """Return the first of some cables (increasing) by date (undated ones last) and key, at most ``most``."""
        places = collect.in_order(self._view, numbers, by_block=True)
        return [int(numbers[place]) for place in islice(places, most)]

    def best(self, numbers: Ints, values: Ints, most: int) -> list[int]:
        """Return the cables (increasing) with the greatest values, at most ``most``; equal ones by date and key."""
        matches = Matches(numbers, values.astype(np.float64))
        best: list[int] = numbers[collect.top(self._view, matches, 0, most, by_block=True)].tolist()
        return best

    def having(self, selection: Selection) -> NDArray[np.bool_]:
        """Return which cables have a selected unit; bool [room]."""
        units = units_of(selection)
        parts = [units.per_block(number) > 0 for number in range(len(self._view.segments))]
        return np.concatenate([np.zeros(0, bool), *parts])


@blamed
def links(view: View, clearance: Clearance | None, of: str, to: str) -> Links:
    """Return the links from the cables with names in a field of blocks to those with the names in a shared field.

    The time and the memory depend on the number of blocks and of links, not on that of documents.

    Example: if block 0 has the name "b" in the shared field, block 1 has "b" and "x" in the field of blocks, and no
    block has "x" in the shared field, then block 1 links to two names, of which "x" is missing, and the one edge leads
    from 1 to 0.

    Args:
        view: the view.
        clearance: the reader's clearance; None: full.
        of: a keyword field that belongs to blocks as wholes: the names to which a block links.
        to: a shared keyword field: the names that a block has.
    """
    parts = [_linked(view, number, of) for number in range(len(view.segments))]
    # The strings of one segment are distinct and sorted.
    distinct = parts[0].strings if len(parts) == 1 else sorted(set[bytes]().union(*(part.strings for part in parts)))
    numbers = {string: number for number, string in enumerate(distinct)}
    sources, targets = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for part in parts:
        renumbered = np.fromiter(map(numbers.__getitem__, part.strings), np.int64, len(part.strings))
        sources.append(part.blocks)
        targets.append(renumbered[part.names])
    named, holders = _holders(view, to, distinct, numbers)
    names = _Names(Strings(*pack_strings(distinct)))
    return Links(_Cables(view, clearance), names, np.concatenate(sources), np.concatenate(targets), named, holders)


class _Part(NamedTuple):
    """The links of a segment: the block and the name of each, and the distinct names, sorted."""

    blocks: Ints
    names: Ints
    strings: list[bytes]


def _linked(view: View, number: int, field: str) -> _Part:
    """Return the links of a segment."""
    segment = view.segments[number]
    sizes = np.diff(segment.keywords(field)[0])
    docs = np.flatnonzero(view.shown[number].leads & (sizes > 0))
    terms = segment.keywords_of(field, docs).astype(np.int64)
    blocks = np.repeat(segment.blocks_of(docs) + view.block_bases[number], sizes[docs])
    occurs = np.bincount(terms, minlength=len(segment.terms(field))) > 0
    names = (np.cumsum(occurs) - 1)[terms]
    return _Part(blocks, names, list(_strings(segment.terms(field), np.flatnonzero(occurs))))


def _strings(strings: Strings, wanted: Ints) -> Iterator[bytes]:
    """Yield some of the strings, given their numbers, increasing."""
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        first = int(part[0])
        if int(part[-1]) - first < 2 * len(part):
            chunk = strings.between(first, int(part[-1]) + 1)
            yield from (chunk[number - first] for number in part.tolist())
        else:
            yield from map(strings.__getitem__, part.tolist())


def _holders(view: View, field: str, names: list[bytes], numbers: dict[bytes, int]) -> tuple[Ints, Ints]:
    """Return the names that visible blocks have in a shared field, increasing, and the block that has each."""
    named, holders = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for number, segment in enumerate(view.segments):
        first, values = segment.keywords(field)
        table = _numbered(segment.terms(field), numbers)
        found = table[values] if len(table) else np.empty(0, np.int64)
        blocks = np.repeat(np.arange(segment.blocks), np.diff(first))
        kept = (found >= 0) & view.shown[number].blocks[blocks]
        named.append(found[kept])
        holders.append(blocks[kept] + view.block_bases[number])
    all_named, all_holders = np.concatenate(named), np.concatenate(holders)
    order = np.lexsort((all_holders, all_named))
    all_named, all_holders = all_named[order], all_holders[order]
    _order_shared(view, all_named, all_holders, names)
    return all_named, all_holders


def _numbered(terms: Strings, numbers: dict[bytes, int]) -> Ints:
    """Return the number of each term of a dictionary; -1 for terms that have none."""
    table = np.empty(len(terms), np.int64)
    for start in range(0, len(terms), _AT_ONCE):
        chunk = terms.between(start, min(start + _AT_ONCE, len(terms)))
        table[start : start + len(chunk)] = [numbers.get(term, -1) for term in chunk]
    return table


def _order_shared(view: View, named: Ints, holders: Ints, names: list[bytes]) -> None:
    """Bring the blocks of each name that several have into order, in place: the one whose key it is, then the others
    in the order of blocks."""
    starts = np.flatnonzero(np.append(True, named[1:] != named[:-1])[: len(named)])
    ends = np.append(starts[1:], len(named))[: len(starts)]
    shared = ends - starts > 1
    for start, end in zip(starts[shared].tolist(), ends[shared].tolist(), strict=True):
        blocks = holders[start:end].copy()
        ordered: Sequence[int] = [int(blocks[place]) for place in collect.in_order(view, blocks, by_block=True)]
        name = names[int(named[start])]
        holders[start:end] = sorted(ordered, key=lambda block: _key(view, block) != name)


def _key(view: View, unit: int) -> bytes:
    number, block = view.block_at(unit)
    return view.segments[number].keys[block]
