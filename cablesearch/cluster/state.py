"""The state of an archive on a cluster: one document that says what counts, and changes by compare-and-set alone.

Documents in the indices of an archive never change. Each has the number of the commit that it belongs to (``born``),
and readers see those whose numbers are committed. So a commit is one change of the state, all or nothing.

A number has two parts. The *epoch* is new for each writer; the rest counts the commits of this writer from 0. What a
writer leaves that was killed, or that stalls and sends something when another has long gone on, is in no committed
interval and never will be.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from cablesearch.cable import Clearance
from cablesearch.cluster.client import Client
from cablesearch.cluster.documents.mapping import FORMAT
from cablesearch.cluster.documents.views import ViewClass
from cablesearch.cluster.faults import RefusedError
from cablesearch.errors import ArchiveNotFoundError, CorruptIndexError, VersionError

__all__ = ["MOST_COMMITS", "ConflictError", "Generation", "Held", "Lease", "Register", "Stamp", "State", "extended"]

_COMMIT_BITS = 20
MOST_COMMITS = 1 << _COMMIT_BITS
"""The commits that an epoch has numbers for."""

_MOST_INTERVALS = 64
"""The most intervals of committed numbers. Each writer that was killed leaves a gap; of more, the oldest is closed.

By then 64 other writers were killed, so no request of that one can still be under way, and what it sent was deleted.
"""

_NOTHING = 0
"""The number of the index without documents, so that there is always one to ask."""

Interval = tuple[int, int]
"""The first and the last number of an interval."""

Stamp = tuple[int, int, str]
"""What tells commits apart: the number of the generation and of the commit, and a random token."""


class ConflictError(Exception):
    """Someone else has changed the state."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write, for a while.

    Attributes:
        owner: a random name of the writer.
        host, pid: where it runs, for messages.
        since, until: when it began, and when others may take its place; in seconds from 1970.
    """

    owner: str
    host: str
    pid: int
    since: float
    until: float


@dataclass(frozen=True, slots=True)
class Generation:
    """A set of indices, one for each view class; indexing anew makes another one.

    The names of indices are short, since the addresses of requests have them all, and tell nothing.

    Attributes:
        number: its number, which the names of its indices have.
        made: how many indices have been given a number, from 1 on. No number is used twice, so that what was meant for
            an index of a writer that was killed never goes to another one. Number 0 is an index without documents.
        indices: the numbers of those that count, each with its view class.
        committed: the intervals of committed numbers, increasing.
        dead: the editions of views of cables that were replaced or removed, and may still be there.
        is_worn: whether anything was deleted since the last merge of segments with deleted documents.
        commit: the number of its last commit.
        token: the random token of this commit.
        notes: notes, values of JSON by name.
    """

    number: int
    made: int = 0
    indices: tuple[tuple[int, ViewClass], ...] = ()
    committed: tuple[Interval, ...] = ()
    dead: tuple[str, ...] = ()
    is_worn: bool = False
    commit: int = 0
    token: str = ""
    notes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def stamp(self) -> Stamp:
        """What tells its commits apart."""
        return self.number, self.commit, self.token

    def name_of(self, archive: str, index: int) -> str:
        """Return the name of an index on the cluster."""
        return f"{archive}.{self.number}.{np.base_repr(index, 36).lower()}"

    def asked_by(self, archive: str, clearance: Clearance | None) -> list[str]:
        """Return the names of the indices that a reader asks; None: full clearance."""
        wanted = [index for index, view in self.indices if view.is_asked_by(clearance)]
        return [self.name_of(archive, index) for index in (_NOTHING, *wanted)]

    @property
    def _ranges(self) -> list[dict[str, Any]]:
        """A query for each interval of committed numbers."""
        return [{"range": {"born": {"gte": first, "lte": last}}} for first, last in self.committed]

    @property
    def visible(self) -> list[dict[str, Any]]:
        """The queries that all committed documents match."""
        ranges = self._ranges
        if not ranges:
            return [{"match_none": {}}]
        queries: list[dict[str, Any]] = [ranges[0] if len(ranges) == 1 else {"bool": {"should": ranges}}]
        if self.dead:
            queries.append({"bool": {"must_not": {"terms": {"edition": list(self.dead)}}}})
        return queries

    @property
    def uncommitted(self) -> dict[str, Any]:
        """The query for documents that no commit has."""
        return {"bool": {"must_not": self._ranges}}

    def next(self, **changes: Any) -> Generation:
        """Return the generation after another commit."""
        return replace(self, commit=self.commit + 1, token=secrets.token_hex(8), **changes)


@dataclass(frozen=True, slots=True)
class State:
    """The state of an archive.

    Attributes:
        generation: the generation that readers read.
        renewal: the generation that a reindex is filling.
        origin: from what it is filled; values of JSON by name.
        retired: the numbers of former generations, with the times in seconds from 1970 when they were replaced.
        generations: the number of the generation that was made last; none is used twice.
        epoch: the number of the last writer.
        barrier: the first epoch after the last one that left anything uncommitted.
        is_clean: whether that writer left nothing uncommitted.
        lease: that of the writer at work.
        change: a random token of the last change of the state.
    """

    generation: Generation
    renewal: Generation | None = None
    origin: Mapping[str, Any] = field(default_factory=dict)
    retired: tuple[tuple[int, float], ...] = ()
    generations: int = 0
    epoch: int = 0
    barrier: int = 0
    is_clean: bool = True
    lease: Lease | None = None
    change: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the state as values of JSON."""
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> State:
        """Read a state.

        Raises:
            KeyError, TypeError, ValueError: it is malformed.
        """
        lease, renewal = values["lease"], values["renewal"]
        return cls(
            _generation(values["generation"]),
            None if renewal is None else _generation(renewal),
            dict(values["origin"]),
            tuple((int(number), float(at)) for number, at in values["retired"]),
            int(values["generations"]),
            int(values["epoch"]),
            int(values["barrier"]),
            bool(values["is_clean"]),
            None if lease is None else Lease(**lease),
            str(values["change"]),
        )


def _generation(values: Mapping[str, Any]) -> Generation:
    return Generation(
        int(values["number"]),
        int(values["made"]),
        tuple((int(index), ViewClass.from_json(entry)) for index, entry in values["indices"]),
        tuple((int(first), int(last)) for first, last in values["committed"]),
        tuple(map(str, values["dead"])),
        bool(values["is_worn"]),
        int(values["commit"]),
        str(values["token"]),
        dict(values["notes"]),
    )


def first_of(epoch: int) -> int:
    """Return the first number of an epoch."""
    return epoch << _COMMIT_BITS


def extended(committed: tuple[Interval, ...], state: State, commits: int) -> tuple[Interval, ...]:
    """Return the committed intervals after another commit.

    Args:
        committed: the intervals before it.
        state: the state, with the epoch of the writer.
        commits: how many commits the writer has made before.
    """
    first, last = first_of(state.barrier), first_of(state.epoch) + commits
    if committed and committed[-1][1] >= first:
        # Nothing was left between: all writers since then committed what they sent.
        intervals = (*committed[:-1], (committed[-1][0], last))
    else:
        intervals = (*committed, (first, last))
    if len(intervals) > _MOST_INTERVALS:
        intervals = ((intervals[0][0], intervals[1][1]), *intervals[2:])
    return intervals


@dataclass(frozen=True, slots=True)
class Held:
    """A state as it was read, and what must not have changed when it is replaced."""

    state: State
    seq_no: int
    primary_term: int


class Register:
    """The document with the state of an archive."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.index = f"{client.address.archive}.state"

    @property
    def _path(self) -> str:
        return f"/{self.index}/_doc/state"

    def read(self, patience: float | None = None) -> Held:
        """Return the state.

        Args:
            patience: as for `Client.ask`.

        Raises:
            ArchiveNotFoundError: there is no archive.
            CorruptIndexError: the state is malformed, or of a program of another version.
        """
        answer = self._get(patience)
        values = answer["_source"]
        if values.get("format") != FORMAT:
            reason = "it was made by another version of the program; reindex it with that one, or upgrade this one"
            is_newer = isinstance(values.get("format"), int) and values["format"] > FORMAT
            raise VersionError(str(self._client.address), reason, "newer" if is_newer else "older")
        try:
            return Held(State.from_json(values), int(answer["_seq_no"]), int(answer["_primary_term"]))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise CorruptIndexError(str(self._client.address), f"its state is malformed ({error!r})") from None

    def stamp(self) -> Stamp:
        """Return the stamp of the last commit, without the rest of the state.

        Raises:
            ArchiveNotFoundError, CorruptIndexError: as in `read`.
        """
        names = ("number", "commit", "token")
        wanted = ",".join(f"generation.{name}" for name in names)
        answer = self._get(None, wanted)
        try:
            number, commit, token = (answer["_source"]["generation"][name] for name in names)
            return int(number), int(commit), str(token)
        except (KeyError, TypeError, ValueError) as error:
            raise CorruptIndexError(str(self._client.address), f"its state is malformed ({error!r})") from None

    def _get(self, patience: float | None, wanted: str = "*") -> dict[str, Any]:
        try:
            # Other copies of the document may lag behind the primary one.
            return self._client.ask(
                "GET", self._path, patience=patience, preference="_primary", _source_includes=wanted
            )
        except RefusedError as error:
            if error.status != 404:
                raise
        raise ArchiveNotFoundError(str(self._client.address))

    def create(self, state: State) -> bool:
        """Write the first state, and return whether there was none."""
        state = replace(state, change=secrets.token_hex(8))
        patience = self._client.settings.patience
        try:
            self._client.ask("PUT", self._path, state.to_json(), patience=patience, op_type="create")
        except RefusedError as error:
            if error.status != 409:
                raise
            # The first answer may be lost, so that an own second attempt failed.
            return self.read(patience).state.change == state.change
        return True

    def swap(self, held: Held, state: State, patience: float) -> Held:
        """Replace a state that was read by another one, and return this as held.

        Args:
            held: the state that was read.
            state: the new one.
            patience: as for `Client.ask`.

        Raises:
            ConflictError: it has changed since it was read; nothing is written.
        """
        state = replace(state, change=secrets.token_hex(8))
        try:
            answer = self._client.ask(
                "PUT",
                self._path,
                state.to_json(),
                patience=patience,
                if_seq_no=held.seq_no,
                if_primary_term=held.primary_term,
            )
        except RefusedError as error:
            if error.status != 409:
                raise
            now = self.read(patience)
            if now.state.change == state.change:
                # An earlier attempt was carried out, and its answer lost.
                return now
            raise ConflictError from None
        return Held(state, int(answer["_seq_no"]), int(answer["_primary_term"]))
