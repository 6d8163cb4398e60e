"""The references between cables: a cable links to names, and so to the cables that have such a name."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cablesearch.algorithms.kernels import Ints, offsets, ranges
from cablesearch.protocols.answers import CableHead

__all__ = ["Cables", "Links", "Names"]


class Names(Protocol):
    """Distinct names, sorted by their bytes."""

    def __len__(self) -> int: ...

    def text(self, number: int, /) -> str:
        """Return a name."""

    def number(self, name: str, /) -> int | None:
        """Return the number of a name; None if it is not among them."""


class Cables(Protocol):
    """The visible cables of a reader by number. Numbers are below `room`; some may stand for no visible cable."""

    @property
    def room(self) -> int:
        """A number above all others."""

    @property
    def dates(self) -> Ints:
        """The date of each cable in minutes from 1970, `NO_NUMBER` for none; int64 [room]."""

    def key(self, number: int) -> str:
        """Return the key of a cable."""

    def number(self, key: str) -> int:
        """Return the number of a visible cable."""

    def head(self, number: int) -> CableHead:
        """Return what is visible of a cable without its whole."""

    def in_order(self, numbers: Ints, most: int | None = None) -> list[int]:
        """Return the first of some cables (increasing) by date (undated ones last) and key, at most ``most``."""

    def best(self, numbers: Ints, values: Ints, most: int) -> list[int]:
        """Return the cables (increasing) with the greatest values, at most ``most``; equal ones by date and key."""

    def having(self, selection: Any) -> NDArray[np.bool_]:
        """Return which cables have a selected unit; bool [room]."""


class Links:
    """The links between the visible cables.

    Args:
        cables: the cables.
        names: the names to which cables link.
        sources: the cable of each link, increasing; int64 [links].
        targets: the name of each link; those of a cable are in its order; int64 [links].
        named: the names that visible cables have, increasing, a name once for each cable; int64.
        holders: the cable that has each of these names; of one name the cable whose key it is comes first, then the
            others by date and key; int64.
    """

    def __init__(self, cables: Cables, names: Names, sources: Ints, targets: Ints, named: Ints, holders: Ints) -> None:
        self.cables, self._names = cables, names
        self.sources, self.targets = sources, targets
        self._first_holder = offsets(np.bincount(named, minlength=len(names)))
        self._holders = holders

    def name(self, number: int) -> str:
        """Return a name."""
        return self._names.text(number)

    def number(self, name: str) -> int | None:
        """Return the number of a name; None if no cable links to it."""
        return self._names.number(name)

    def holders(self, name: int) -> list[int]:
        """Return the cables that have a name."""
        holders: list[int] = self._holders[self._first_holder[name] : self._first_holder[name + 1]].tolist()
        return holders

    @cached_property
    def is_missing(self) -> NDArray[np.bool_]:
        """Whether no visible cable has a name, by the number of the name."""
        missing: NDArray[np.bool_] = np.diff(self._first_holder) == 0
        return missing

    def targets_of(self, cable: int) -> list[int]:
        """Return the names to which a cable links, in its order."""
        start, end = np.searchsorted(self.sources, [cable, cable + 1])
        targets: list[int] = self.targets[start:end].tolist()
        return targets

    @cached_property
    def edges(self) -> tuple[Ints, Ints]:
        """The links from cable to cable, each once and none to the cable itself: their sources, increasing, and their
        targets, in the order of the names in the source; int64 [edges] each."""
        counts = np.diff(self._first_holder)[self.targets]
        sources = np.repeat(self.sources, counts)
        targets = self._holders[ranges(self._first_holder[self.targets], counts)]
        pairs = sources * max(1, self.cables.room) + targets
        kept = np.sort(np.unique(pairs, return_index=True)[1])
        kept = kept[sources[kept] != targets[kept]]
        return sources[kept], targets[kept]

    @cached_property
    def citations(self) -> Ints:
        """The number of other cables that link to each cable; int64 [room]."""
        return np.bincount(self.edges[1], minlength=self.cables.room).astype(np.int64)

    @cached_property
    def _by_target(self) -> tuple[Ints, Ints]:
        """The sources of the edges by target, and where those of each target begin."""
        sources, targets = self.edges
        return sources[np.argsort(targets, kind="stable")], offsets(self.citations)

    def sources_of(self, cable: int) -> Ints:
        """Return the other cables that link to a cable, increasing."""
        sources, first = self._by_target
        own: Ints = sources[first[cable] : first[cable + 1]]
        return own

    @cached_property
    def _by_name(self) -> tuple[Ints, Ints]:
        """The sources of the links by name, and where those of each name begin."""
        order = np.argsort(self.targets, kind="stable")
        return self.sources[order], offsets(np.bincount(self.targets, minlength=len(self._names)))

    def sources_of_name(self, name: int) -> Ints:
        """Return the cables that link to a name, increasing."""
        sources, first = self._by_name
        own: Ints = sources[first[name] : first[name + 1]]
        return own
