"""Threads: the cables that answer each other.

The cable that another one answers is the first of its references that the archive has and that is not newer; where
either has no date, it may be any. So each cable answers at most one, and threads are trees. Where cables with equal
dates or none answer each other in a circle, the first of them by date and id answers none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cablesearch.algorithms.kernels import Ints
from cablesearch.features.links.web import LinkedCable, Web
from cablesearch.protocols.fields import NO_NUMBER
from cablesearch.protocols.links import Links
from cablesearch.protocols.reader import Reader
from cablesearch.results.hits import iso_date
from cablesearch.searcher import Searcher
from cablesearch.suggestions.lookup import unknown_cable

__all__ = ["Thread", "ThreadMessage", "ThreadSummary", "longest_threads", "thread"]

_KEPT = "threads"
"""The name under which a reader keeps which cable answers which."""


@dataclass(frozen=True, slots=True)
class ThreadMessage:
    """A cable of a thread.

    Attributes:
        cable: the cable.
        depth: how many cables lead to it: 0 for the first cable of the thread.
        answers: the id of the cable that it answers; None for the first one.
        left_out: how many cables that answer it are not shown, because there would be too many.
    """

    cable: LinkedCable
    depth: int
    answers: str | None
    left_out: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the message as the command line prints it in JSON."""
        return {
            **self.cable.to_json(),
            "depth": self.depth,
            "answers": self.answers,
            "left_out": self.left_out,
        }


@dataclass(frozen=True, slots=True)
class Thread:
    """The cables that answer each other.

    Attributes:
        id: the id of the cable that was asked for.
        total: the number of cables in the thread.
        first_date, last_date: the dates of the oldest and the newest of them in ISO 8601; None if none has a date.
        messages: the cables, each followed by those that answer it, by date and id.
    """

    id: str
    total: int
    first_date: str | None
    last_date: str | None
    messages: tuple[ThreadMessage, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the thread as the command line prints it in JSON."""
        return {
            "version": 1,
            "id": self.id,
            "total": self.total,
            "first_date": self.first_date,
            "last_date": self.last_date,
            "cables": [message.to_json() for message in self.messages],
        }


@dataclass(frozen=True, slots=True)
class ThreadSummary:
    """The size of a thread.

    Attributes:
        first: the first cable of the thread.
        total: the number of cables in the thread.
        first_date, last_date: the dates of the oldest and the newest of them in ISO 8601; None if none has a date.
    """

    first: LinkedCable
    total: int
    first_date: str | None
    last_date: str | None

    def to_json(self) -> dict[str, Any]:
        """Return the summary as the command line prints it in JSON: its first cable with the size of the thread."""
        return {
            **self.first.to_json(),
            "total": self.total,
            "first_date": self.first_date,
            "last_date": self.last_date,
        }


def _answered(reader: Reader) -> Ints:
    """Return the cable that each cable answers, -1 for one that answers none; int64 [room].

    It is kept, as 32-bit numbers, for the next question about the same commit.
    """
    kept = reader.kept.get(_KEPT)
    if kept is None:
        kept = reader.kept[_KEPT] = _computed(reader.links).astype(np.int32)
    return kept.astype(np.int64)


def _computed(links: Links) -> Ints:
    dates, (sources, targets) = links.cables.dates, links.edges
    cited, citing = dates[targets], dates[sources]
    may_answer = (cited <= citing) | (cited == NO_NUMBER) | (citing == NO_NUMBER)
    answering, first = np.unique(sources[may_answer], return_index=True)
    answered = np.full(len(dates), -1, np.int64)
    answered[answering] = targets[may_answer][first]
    for circle in _circles(answered):
        answered[links.cables.in_order(np.sort(circle), 1)[0]] = -1
    return answered


def _circles(answered: Ints) -> Iterator[Ints]:
    """Yield the cables of each circle of answers.

    Example: for [1, 2, 1, -1], in which 0 answers 1, and 1 and 2 answer each other, [1, 2].
    """
    left = np.unique(_followed(answered))
    left = left[answered[left] >= 0]
    seen: set[int] = set()
    for start in left.tolist():
        circle, member = [], start
        while member not in seen:
            seen.add(member)
            circle.append(member)
            member = int(answered[member])
        if circle:
            yield np.array(circle, np.int64)


def _followed(answered: Ints) -> Ints:
    """Return for each cable the one at the end of its answers: the first of its thread, or one of a circle.

    Example: for [-1, 0, 1], in which 1 answers 0, and 2 answers 1, [0, 0, 0].
    """
    pointers = np.where(answered < 0, np.arange(len(answered)), answered)
    # Each step doubles the number of answers that are followed.
    for _ in range(len(pointers).bit_length()):
        pointers = pointers[pointers]
    return pointers


def _ends(reader: Reader, dates: Ints) -> tuple[str | None, str | None]:
    known = dates[dates != NO_NUMBER]
    if not len(known):
        return None, None
    return iso_date(reader.moment(int(known.min()))), iso_date(reader.moment(int(known.max())))


def thread(searcher: Searcher, name: str, limit: int | None) -> Thread:
    """Return the thread of a cable.

    If not all cables are returned, they are those that lead to the cable, then those nearest to the first cable of the
    thread, by date and id among equals. The time depends on the number of cables and of references of the archive; the
    cables that are returned are read.

    Args:
        searcher: the searcher.
        name: the id of the cable.
        limit: the most cables to return (but all that lead to the cable); None: any number.

    Raises:
        UnknownCableError: the archive has no such cable.
    """
    reader = searcher.reader
    web, cables = Web(reader), reader.links.cables
    asked = web.place(name)
    if asked < 0:
        raise unknown_cable(reader, name.strip())
    answered = _answered(reader)
    roots = _followed(answered)
    members = np.flatnonzero(roots == roots[asked])
    answers: dict[int, list[int]] = {}
    for member in cables.in_order(members):
        answers.setdefault(int(answered[member]), []).append(member)
    shown = _shown(answers, _way(answered, asked), len(members) if limit is None else limit)
    first_date, last_date = _ends(reader, cables.dates[members])
    messages = tuple(_messages(web, answers, shown))
    return Thread(web.name(asked), len(members), first_date, last_date, messages)


def _way(answered: Ints, asked: int) -> list[int]:
    """Return the cables that lead to a cable, and the cable."""
    way = [asked]
    while (above := int(answered[way[-1]])) >= 0:
        way.append(above)
    return way


def _shown(answers: dict[int, list[int]], way: Iterable[int], limit: int) -> set[int]:
    """Return which cables are shown: those of a way, then level by level those of the thread."""
    shown = set(way)
    level = answers[-1]
    while level and len(shown) < limit:
        for member in level:
            if len(shown) >= limit:
                break
            shown.add(member)
        level = [answer for member in level for answer in answers.get(member, ())]
    return shown


def _messages(web: Web, answers: dict[int, list[int]], shown: set[int]) -> Iterator[ThreadMessage]:
    """Yield the cables that are shown, each followed by those that answer it."""
    waiting: list[tuple[int, int, str | None]] = [(answers[-1][0], 0, None)]
    while waiting:
        member, depth, above = waiting.pop()
        cable = web.cable(member)
        below = answers.get(member, [])
        kept = [answer for answer in below if answer in shown]
        waiting += [(answer, depth + 1, cable.id) for answer in reversed(kept)]
        yield ThreadMessage(cable, depth, above, len(below) - len(kept))


def longest_threads(reader: Reader, number: int, among: NDArray[np.bool_] | None = None) -> tuple[ThreadSummary, ...]:
    """Return the threads with the most cables, and at least two: by descending number, then by date and id of their
    first cables.

    The time depends on the number of cables and of references of the archive; the first cables are read.

    Args:
        reader: the reader.
        number: the most threads to return.
        among: cables, one of which a thread must have; bool [room]; None: all of them.
    """
    cables, answered = reader.links.cables, _answered(reader)
    roots = _followed(answered)
    sizes = np.bincount(roots, minlength=len(roots))
    chosen = sizes if among is None else np.bincount(roots[among], minlength=len(roots))
    firsts = np.flatnonzero((sizes > 1) & (chosen > 0))
    web, summaries = Web(reader), []
    for first in cables.best(firsts, sizes[firsts], number):
        ends = _ends(reader, cables.dates[roots == first])
        summaries.append(ThreadSummary(web.cable(first), int(sizes[first]), *ends))
    return tuple(summaries)
