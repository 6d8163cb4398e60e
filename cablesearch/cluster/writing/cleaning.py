"""Cleaning: what former writers left, and indices that nobody needs any more."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

from cablesearch.cluster.client import Client
from cablesearch.cluster.state import Generation, State
from cablesearch.cluster.writing.indices import delete_documents, delete_indices, indices_of, refresh, show
from cablesearch.cluster.writing.lease import LeaseKeeper

__all__ = ["clean", "purge"]

_GRACE = 900.0
"""The seconds for which indices stay that another generation has replaced: their readers lose them with the indices."""

_AT_ONCE = 10_000
"""The most editions in a query; a cluster allows 65,536."""


def clean(client: Client, lease: LeaseKeeper) -> None:
    """Delete what the last writer did not commit, what it committed to delete, and indices that are not in use."""
    state = lease.state
    for generation in filter(None, (state.generation, state.renewal)):
        if not lease.left_clean:
            refresh(client, generation)
            if delete_documents(client, generation, generation.uncommitted):
                lease.change(_worn)
        purge(client, generation, generation.dead)
    if state.retired:
        show(client, state.generation, [number for number, _ in state.retired])
    if not lease.left_clean or state.retired:
        until = time.time() - _GRACE
        retired = tuple((number, at) for number, at in state.retired if at > until)
        delete_indices(client, _unused(client, replace(state, retired=retired)))
        lease.change(lambda state: replace(state, retired=retired))


def purge(client: Client, generation: Generation, dead: tuple[str, ...]) -> None:
    """Delete all documents of some editions."""
    for start in range(0, len(dead), _AT_ONCE):
        delete_documents(client, generation, {"terms": {"edition": dead[start : start + _AT_ONCE]}})


def _worn(state: State) -> State:
    """Return a state that says that documents were deleted."""
    renewal = None if state.renewal is None else replace(state.renewal, is_worn=True)
    return replace(state, generation=replace(state.generation, is_worn=True), renewal=renewal)


def _unused(client: Client, state: State) -> Iterator[str]:
    """Yield the names of the indices that are in no generation."""
    used = {
        (generation.number, index)
        for generation in filter(None, (state.generation, state.renewal))
        for index in (0, *(index for index, _ in generation.indices))
    }
    retired = {number for number, _ in state.retired}
    for name, generation, index in indices_of(client):
        if (generation, index) not in used and generation not in retired:
            yield name
