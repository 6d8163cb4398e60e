"""The right to write to an archive on a cluster: a lease in its state, which the writer renews.

Nothing depends on clocks but how soon another may write: whoever takes the lease also takes a new epoch, and what the
former writer still does changes nothing any more (see `cablesearch.cluster.state`).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from cablesearch.cluster.client import Client
from cablesearch.cluster.state import ConflictError, Held, Lease, Register, State
from cablesearch.errors import CablesearchError, LockedError, UnreachableError

__all__ = ["LeaseKeeper"]

_GOODBYE = 5.0
"""The seconds for which a writer that ends tries to say so; otherwise its lease runs out."""
_PAUSE = 0.05
"""Seconds between looks at whether the lease was renewed."""


class LeaseKeeper:
    """The lease of a writer, which a thread renews until `release`.

    Args:
        client: the client.

    Attributes:
        left_clean: whether the writer before left nothing uncommitted.

    Raises:
        ArchiveNotFoundError, CorruptIndexError: as in `Register.read`.
        LockedError: another process is writing.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._register = Register(client)
        self._seconds = client.settings.lease
        self._owner = secrets.token_hex(8)
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._is_lost = False
        self._held, self.left_clean = self._taken()
        self._thread = threading.Thread(target=self._keep, name="cablesearch-lease", daemon=True)
        self._thread.start()

    @property
    def state(self) -> State:
        """The state as this writer left it."""
        return self._held.state

    def change(self, change: Callable[[State], State]) -> State:
        """Change the state, renew the lease, and return the new state.

        Args:
            change: returns the new state; it may be called several times.

        Raises:
            LockedError: another process has taken the lease; nothing is changed.
        """
        with self._lock:
            return self._change(lambda state: replace(change(state), lease=self._lease(state.lease)))

    def wait(self) -> None:
        """Wait until at least a third of the lease is left, so that what is sent now arrives within it.

        Raises:
            LockedError: another process has taken the lease.
            UnreachableError: it could not be renewed.
        """
        until = time.monotonic() + self._client.settings.patience
        while self._until - time.monotonic() < self._seconds / 3:
            if self._is_lost:
                raise self._lost()
            if time.monotonic() > until:
                raise UnreachableError(
                    str(self._client.address), "the right to write could not be renewed; run it again"
                )
            time.sleep(_PAUSE)

    def release(self, *, is_clean: bool) -> None:
        """Give the lease back, unless it is lost.

        Args:
            is_clean: whether nothing uncommitted is left, and nothing can still arrive.
        """
        if self._ended.is_set():
            return
        self._ended.set()
        with self._lock, contextlib.suppress(CablesearchError):
            if not self._is_lost:
                self._change(lambda state: replace(state, lease=None, is_clean=is_clean), _GOODBYE)

    def _taken(self) -> tuple[Held, bool]:
        """Take the lease with a new epoch; return the state, and whether the one before was clean."""
        while True:
            held = self._register.read()
            state = held.state
            if state.lease is not None and state.lease.until > time.time():
                raise LockedError(str(self._client.address), _named(state.lease))
            epoch = state.epoch + 1
            barrier = state.barrier if state.is_clean else epoch
            new = replace(state, lease=self._lease(), epoch=epoch, barrier=barrier, is_clean=False)
            began = time.monotonic()
            with contextlib.suppress(ConflictError):
                taken = self._register.swap(held, new, self._client.settings.patience)
                self._until = began + self._seconds
                return taken, state.is_clean

    def _lease(self, before: Lease | None = None) -> Lease:
        """Return the lease from now on."""
        now = time.time()
        if before is not None:
            return replace(before, until=now + self._seconds)
        return Lease(self._owner, socket.gethostname(), os.getpid(), now, now + self._seconds)

    def _change(self, change: Callable[[State], State], patience: float | None = None) -> State:
        patience = self._client.settings.patience if patience is None else patience
        while True:
            began = time.monotonic()
            try:
                self._held = self._register.swap(self._held, change(self._held.state), patience)
            except ConflictError:
                now = self._register.read(patience)
                if now.state.lease is None or now.state.lease.owner != self._owner:
                    self._is_lost = True
                    raise self._lost() from None
                self._held = now
                continue
            self._until = began + self._seconds
            return self._held.state

    def _lost(self) -> LockedError:
        reason = "this process did not answer for so long that another one took over; run it again"
        return LockedError(str(self._client.address), reason)

    def _keep(self) -> None:
        """Renew the lease now and then."""
        while not self._ended.wait(self._seconds / 4):
            # A cluster that cannot be reached may be back before the lease ends; who waits for that sees the error.
            with contextlib.suppress(CablesearchError):
                self._renew()
            if self._is_lost:
                return

    def _renew(self) -> None:
        with self._lock:
            if not self._ended.is_set():
                self._change(lambda state: replace(state, lease=self._lease(state.lease)))


def _named(lease: Lease) -> str:
    """Return the reason why a lease cannot be taken."""
    since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(lease.since))
    left = max(1, round(lease.until - time.time()))
    return (
        f"process {lease.pid} on {lease.host} is writing to this archive, since {since}; if it has ended without "
        f"saying so, try again in {left} s"
    )
