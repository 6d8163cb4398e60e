"""What the pens of one writer share: the lease, the sender, and a folder for batches."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal

from cablesearch.cluster.client import Client
from cablesearch.cluster.state import Generation, State
from cablesearch.cluster.writing.cleaning import clean
from cablesearch.cluster.writing.indices import create_index
from cablesearch.cluster.writing.lease import LeaseKeeper
from cablesearch.cluster.writing.sending import Sender
from cablesearch.cluster.writing.superseded import ClusterSuperseded

__all__ = ["Desk", "Part"]

Part = Literal["generation", "renewal"]
"""The generations of a state that can be written."""


class Desk:
    """The desk of the one writer of an archive. What a writer left that was killed is cleaned away first.

    Args:
        client: the client.

    Attributes:
        uncommitted: the generations of which something was sent since their last commit.

    Raises:
        ArchiveNotFoundError, CorruptIndexError, LockedError: as `LeaseKeeper` does.
    """

    def __init__(self, client: Client) -> None:
        self.client = client
        self.lease = LeaseKeeper(client)
        with contextlib.ExitStack() as stack:
            stack.callback(partial(self.lease.release, is_clean=False))
            clean(client, self.lease)
            self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cablesearch-")))
            self.superseded = ClusterSuperseded(client)
            self.sender = Sender(client, self.lease.wait)
            self.uncommitted: set[Part] = set()
            self._closing = stack.pop_all()

    def generation(self, part: Part) -> Generation:
        """Return a generation of the state."""
        return _generation(self.lease.state, part)

    def change(self, part: Part, change: Callable[[Generation], Generation]) -> Generation:
        """Change a generation of the state, and return it."""

        def changed(state: State) -> State:
            generation = change(_generation(state, part))
            return replace(state, generation=generation) if part == "generation" else replace(state, renewal=generation)

        return _generation(self.lease.change(changed), part)

    def new_index(self, part: Part, *, is_shown: bool) -> int:
        """Create an index in a generation, and return its number.

        Args:
            part: the generation.
            is_shown: whether it gets the name of the archive, for other programs that look at it.
        """
        archive = self.client.address.archive
        generation = self.change(part, lambda generation: replace(generation, made=generation.made + 1))
        alias = archive if is_shown and part == "generation" else None
        create_index(self.client, generation.name_of(archive, generation.made), alias)
        return generation.made

    def close(self) -> None:
        """Stop sending, and let others write."""
        with self._closing:
            self.sender.close()
            self.lease.release(is_clean=not self.uncommitted)


def _generation(state: State, part: Part) -> Generation:
    generation = state.generation if part == "generation" else state.renewal
    if generation is None:
        raise ValueError("nothing is being indexed anew")
    return generation
