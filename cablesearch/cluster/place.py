"""An archive on a cluster, or where one may be created."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from cablesearch.access import default_of, with_default
from cablesearch.cluster.addresses import parse_address
from cablesearch.errors import ArchiveNotFoundError, CablesearchError, CorruptIndexError, UnsupportedError

if TYPE_CHECKING:
    from cablesearch.cable import Clearance
    from cablesearch.cluster.client import Client
    from cablesearch.cluster.reader import ClusterReader
    from cablesearch.cluster.snapshots import Snapshot
    from cablesearch.cluster.state import Register
    from cablesearch.cluster.writing.pen import ClusterPen
    from cablesearch.protocols.places import RepairReport

__all__ = ["ClusterPlace"]

# The library of the client takes long to load, and reading needs nothing that writes; so both are imported in methods.


class ClusterPlace:
    """The address of an archive: see `cablesearch.protocols.places.Place`.

    Raises:
        CablesearchError: the address is invalid.
    """

    def __init__(self, address: str) -> None:
        self.address = parse_address(address)

    @property
    def name(self) -> str:
        """The address in full."""
        return str(self.address)

    @property
    def folder(self) -> None:
        """None: there is no folder."""

    @property
    def _client(self) -> Client:
        """The client, with the settings of the environment.

        Raises:
            CablesearchError: its library is missing, or a setting is invalid.
        """
        try:
            from cablesearch.cluster.client import Client
        except ModuleNotFoundError as error:
            if error.name is None or error.name.partition(".")[0] != "opensearchpy":
                raise
            message = "an archive on a cluster needs opensearch-py: pip install 'cablesearch[cluster]'"
            raise CablesearchError(message) from None
        return Client.of(self.address)

    @property
    def _register(self) -> Register:
        client = self._client
        from cablesearch.cluster.state import Register

        return Register(client)

    def create(self, default: Clearance | None) -> bool:
        """Create an empty archive with a default clearance, unless there is one; return whether it was created.

        Raises:
            CorruptIndexError: there are indices of an archive, but no state of it.
        """
        register = self._register
        with contextlib.suppress(ArchiveNotFoundError):
            register.stamp()
            return False
        from cablesearch.cluster.state import Generation, State
        from cablesearch.cluster.writing.indices import create, create_index, indices_of, settings_of
        from cablesearch.cluster.writing.superseded import create_superseded

        client = self._client
        first = Generation(1, token=secrets.token_hex(8), notes=with_default({}, default))
        nothing = first.name_of(self.address.archive, 0)
        if remains := [name for name, *_ in indices_of(client) if name != nothing]:
            raise CorruptIndexError(self.name, f"its state is missing, but not its indices, such as {remains[0]}")
        create_index(client, nothing, self.address.archive)
        create_superseded(client)
        body = {"settings": {"index": settings_of(client.settings)}, "mappings": {"dynamic": False}}
        create(client, register.index, body)
        return register.create(State(first, generations=1))

    def check(self) -> None:
        """Check that there is an archive.

        Raises:
            ArchiveNotFoundError: there is no archive.
        """
        self._register.stamp()

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was committed to the archive since it was created."""
        return self._register.stamp()[1] == 0

    @contextlib.contextmanager
    def held(self) -> Iterator[ClusterPlace]:
        """Give the block a place that opens no other archive than the one of which it read the default clearance."""
        yield _HeldPlace(self.name)

    def default_clearance(self) -> Clearance | None:
        """Return the clearance of readers who give none; None: full.

        Raises:
            CorruptIndexError: it is invalid; with the kind ``clearance``.
        """
        return default_of(self.name, self._register.read().state.generation.notes)

    def reader(self, clearance: Clearance | None) -> ClusterReader:
        """Open the last commit for a reader with a clearance; None: full."""
        from cablesearch.cluster.reader import ClusterReader

        return ClusterReader(self._snapshot(clearance), clearance)

    def _snapshot(self, clearance: Clearance | None) -> Snapshot:
        client = self._client
        from cablesearch.cluster.snapshots import Snapshot

        return Snapshot(client, clearance)

    def pen(self, memory: int) -> ClusterPen:
        """Return the one that writes; its memory is that of batches, which are in files.

        Raises:
            LockedError: another process is writing.
        """
        del memory
        client = self._client
        from cablesearch.cluster.writing.pen import ClusterPen

        return ClusterPen.of(client)

    def repair(
        self, target: Path, memory: int, clearance: str | Clearance | None, default: str | Clearance | None
    ) -> RepairReport:
        """Refuse: a cluster keeps copies of its own."""
        del target, memory, clearance, default
        raise UnsupportedError("repair is not possible on a cluster; it keeps copies of what it has, and snapshots")


class _HeldPlace(ClusterPlace):
    """A place that refuses to open an archive with another default clearance than it read."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self._read: tuple[Clearance | None] | None = None

    def default_clearance(self) -> Clearance | None:
        """Return the clearance of readers who give none."""
        default = super().default_clearance()
        self._read = (default,)
        return default

    def _snapshot(self, clearance: Clearance | None) -> Snapshot:
        snapshot = super()._snapshot(clearance)
        if self._read not in (None, (default_of(self.name, snapshot.generation.notes),)):
            raise CablesearchError(f"{self.name}: another archive has taken its place; try again")
        return snapshot
