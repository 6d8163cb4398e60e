"""The references between the visible cables: one scan reads the ids, the dates and the references of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cablesearch.algorithms.kernels import Ints
from cablesearch.cluster.documents.mapping import cable_field
from cablesearch.cluster.documents.wire import cited_in, value_in
from cablesearch.cluster.reading import cables
from cablesearch.cluster.reading.seen import Seen
from cablesearch.protocols.answers import CableHead
from cablesearch.protocols.fields import NO_NUMBER
from cablesearch.protocols.links import Links

__all__ = ["links"]

_OWN = cable_field("id")


class _Names:
    """Distinct names, sorted by their bytes (see `cablesearch.protocols.links.Names`)."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = sorted(names, key=_bytes)
        self._numbers = {name: number for number, name in enumerate(self._names)}

    def __len__(self) -> int:
        return len(self._names)

    def text(self, number: int) -> str:
        """Return a name."""
        return self._names[number]

    def number(self, name: str) -> int | None:
        """Return the number of a name; None if it is not among them."""
        return self._numbers.get(name)


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")


class _Cables:
    """The visible cables, numbered by date and key (see `cablesearch.protocols.links.Cables`)."""

    def __init__(self, seen: Seen, keys: list[str], dates: list[int]) -> None:
        self._seen, self._keys = seen, keys
        self._numbers = {key: number for number, key in enumerate(keys)}
        self.dates: Ints = np.array(dates, np.int64)

    @property
    def room(self) -> int:
        """The number of cables."""
        return len(self._keys)

    def key(self, number: int) -> str:
        """Return the key of a cable."""
        return self._keys[number]

    def number(self, key: str) -> int:
        """Return the number of a visible cable.

        Raises:
            KeyError: no visible cable has this key.
        """
        return self._numbers[key]

    def head(self, number: int) -> CableHead:
        """Return what is visible of a cable without its whole."""
        return cables.head(self._seen, self._keys[number])

    def in_order(self, numbers: Ints, most: int | None = None) -> list[int]:
        """Return the first of some cables (increasing) by date (undated ones last) and key, at most ``most``."""
        first: list[int] = numbers[:most].tolist()
        return first

    def best(self, numbers: Ints, values: Ints, most: int) -> list[int]:
        """Return the cables (increasing) with the greatest values, at most ``most``; equal ones by date and key."""
        best: list[int] = numbers[np.argsort(-values, kind="stable")[:most]].tolist()
        return best

    def having(self, selection: Any) -> NDArray[np.bool_]:
        """Return which cables have a selected unit; bool [room]."""
        chosen = np.zeros(self.room, bool)
        chosen[[self._numbers[key] for key in self._seen.keys_of(selection.cables().query)]] = True
        return chosen


def links(seen: Seen) -> Links:
    """Return the references between the visible cables.

    The time and the memory depend on the number of cables and of references.
    """
    keys: list[str] = []
    dates: list[int] = []
    cited: list[list[str]] = []
    own: list[list[str]] = []
    query = seen.cables({"match_all": {}})
    for hit in seen.hits(query, seen.order("date", by_cable=True), None, also=("cited", _OWN)):
        keys.append(hit.place.key)
        # A number that is not there is sorted behind the greatest.
        dates.append(NO_NUMBER if hit.values[0] is None or hit.values[0] == np.iinfo(np.int64).max else hit.values[0])
        cited.append([cited_in(value) for value in sorted(hit.also.get("cited", ()))])
        own.append([value_in(value) for value in hit.also.get(_OWN, ())])
    names = _Names([*set(chain.from_iterable(cited))])
    sources = np.repeat(np.arange(len(keys)), [len(entry) for entry in cited])
    targets = np.array([names.number(name) for name in chain.from_iterable(cited)], np.int64)
    named, holders = _holders(keys, own, names)
    return Links(_Cables(seen, keys, dates), names, sources, targets, named, holders)


def _holders(keys: list[str], own: list[list[str]], names: _Names) -> tuple[Ints, Ints]:
    """Return the names that cables have, increasing, and the cable that has each: first the one whose key it is."""
    pairs = [
        (number, keys[cable] != name, cable)
        for cable, entry in enumerate(own)
        for name in dict.fromkeys(entry)
        if (number := names.number(name)) is not None
    ]
    pairs.sort()
    return (
        np.array([number for number, _, _ in pairs], np.int64),
        np.array([cable for _, _, cable in pairs], np.int64),
    )
