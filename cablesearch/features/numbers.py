"""The numbers of units of many selections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from cablesearch.protocols.reader import Reader, Selection

__all__ = ["numbers"]

_AT_ONCE = 32
"""How many selections are counted together: a question for each takes long on a cluster, and all of them at once would
take much memory, a bit for each paragraph."""


def numbers(reader: Reader, selections: Iterable[Selection]) -> Iterator[int]:
    """Yield the number of units of each selection; of an iterator, they are made as they are counted."""
    waiting = iter(selections)
    while part := list(islice(waiting, _AT_ONCE)):
        yield from reader.counts(part)
