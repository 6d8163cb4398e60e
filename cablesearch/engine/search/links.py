"""Links between blocks: a block links to the names in one of its fields, and so to the blocks that have such a name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cablesearch.algorithms.kernels import offsets, ranges
from cablesearch.engine.search import collect
from cablesearch.engine.search.view import View, blamed
from cablesearch.engine.segment.strings import Strings, pack_strings, to_bytes

__all__ = ["Links", "links"]

Ints = NDArray[np.int64]

_AT_ONCE = 1 << 16
"""The most terms of a dictionary that are held as strings at once."""


class Links:
    """The links between the visible blocks of a view. Blocks are numbered over all segments, names by their bytes.

    Args:
        view: the view.
        names: the distinct names to which blocks link, sorted.
        sources: the block of each link, increasing; int64 [links].
        targets: the name of each link; those of a block are in its order; int64 [links].
        named: the names that visible blocks have, increasing, a name once for each block; int64.
        holders: the block that has each of these names; of one name the block whose key it is comes first, then the
            others in the order of blocks; int64.
    """

    def __init__(self, view: View, names: Strings, sources: Ints, targets: Ints, named: Ints, holders: Ints) -> None:
        self._view, self._names = view, names
        self.sources, self.targets = sources, targets
        self._first_holder = offsets(np.bincount(named, minlength=len(names)))
        self._holders = holders

    def name(self, number: int) -> str:
        """Return a name."""
        return self._names.text(number)

    def number(self, name: str) -> int | None:
        """Return the number of a name; None if no block links to it."""
        return self._names.find(to_bytes(name))

    def holders(self, name: int) -> list[int]:
        """Return the blocks that have a name."""
        holders: list[int] = self._holders[self._first_holder[name] : self._first_holder[name + 1]].tolist()
        return holders

    @cached_property
    def is_missing(self) -> NDArray[np.bool_]:
        """Whether no visible block has a name, by the number of the name."""
        missing: NDArray[np.bool_] = np.diff(self._first_holder) == 0
        return missing

    def targets_of(self, block: int) -> list[int]:
        """Return the names to which a block links, in its order."""
        start, end = np.searchsorted(self.sources, [block, block + 1])
        targets: list[int] = self.targets[start:end].tolist()
        return targets

    @cached_property
    def edges(self) -> tuple[Ints, Ints]:
        """The links from block to block, each once and none to the block itself: their sources, increasing, and their
        targets, in the order of the names in the source; int64 [edges] each."""
        counts = np.diff(self._first_holder)[self.targets]
        sources = np.repeat(self.sources, counts)
        targets = self._holders[ranges(self._first_holder[self.targets], counts)]
        pairs = sources * max(1, self._block_count) + targets
        kept = np.sort(np.unique(pairs, return_index=True)[1])
        kept = kept[sources[kept] != targets[kept]]
        return sources[kept], targets[kept]

    @property
    def _block_count(self) -> int:
        return int(self._view.block_bases[-1])

    @cached_property
    def citations(self) -> Ints:
        """The number of other blocks that link to each block; int64 [blocks]."""
        return np.bincount(self.edges[1], minlength=self._block_count).astype(np.int64)

    def citations_of(self, units: Ints, *, by_block: bool) -> Ints:
        """Return the number of other blocks that link to the block of each unit: of a document (increasing), or of a
        block."""
        if by_block:
            of_blocks: Ints = self.citations[units]
            return of_blocks
        view, bases = self._view, self._view.snapshot.bases
        cuts = np.searchsorted(units, bases)
        parts = [
            segment.blocks_of(units[cuts[number] : cuts[number + 1]] - bases[number]) + view.block_bases[number]
            for number, segment in enumerate(view.segments)
        ]
        of_documents: Ints = self.citations[np.concatenate([np.empty(0, np.int64), *parts])]
        return of_documents

    @cached_property
    def _by_target(self) -> tuple[Ints, Ints]:
        """The sources of the edges by target, and where those of each target begin."""
        sources, targets = self.edges
        return sources[np.argsort(targets, kind="stable")], offsets(self.citations)

    def sources_of(self, block: int) -> Ints:
        """Return the other blocks that link to a block, increasing."""
        sources, first = self._by_target
        own: Ints = sources[first[block] : first[block + 1]]
        return own

    @cached_property
    def _by_name(self) -> tuple[Ints, Ints]:
        """The sources of the links by name, and where those of each name begin."""
        order = np.argsort(self.targets, kind="stable")
        return self.sources[order], offsets(np.bincount(self.targets, minlength=len(self._names)))

    def sources_of_name(self, name: int) -> Ints:
        """Return the blocks that link to a name, increasing."""
        sources, first = self._by_name
        own: Ints = sources[first[name] : first[name + 1]]
        return own

    def in_order(self, blocks: Ints, most: int | None = None) -> list[int]:
        """Return the first of some blocks (increasing) in the order of blocks, at most ``most`` of them."""
        places = collect.in_order(self._view, blocks, by_block=True)
        return [int(blocks[place]) for place in islice(places, most)]


@blamed
def links(view: View, of: str, to: str) -> Links:
    """Return the links from the blocks with names in a field of blocks to those with the names in a shared field.

    The time and the memory depend on the number of blocks and of links, not on that of documents.

    Example: if block 0 has the name "b" in the shared field, block 1 has "b" and "x" in the field of blocks, and no
    block has "x" in the shared field, then block 1 links to two names, of which "x" is missing, and the one edge leads
    from 1 to 0.

    Args:
        view: the view.
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
    names = Strings(*pack_strings(distinct))
    return Links(view, names, np.concatenate(sources), np.concatenate(targets), named, holders)


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
