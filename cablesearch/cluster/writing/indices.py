"""The indices of an archive: made, shown, cleaned and deleted."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from itertools import islice
from typing import Any

from cablesearch.cluster.client import Client, pauses
from cablesearch.cluster.documents.mapping import index_body
from cablesearch.cluster.faults import RefusedError, refusal
from cablesearch.cluster.settings import Settings
from cablesearch.cluster.state import Generation
from cablesearch.errors import UnreachableError

__all__ = [
    "create_index",
    "delete_documents",
    "delete_indices",
    "expunge",
    "indices_of",
    "refresh",
    "settings_of",
    "show",
]

_DELETING, _MERGING = 600.0, 60.0
"""The most seconds for deleting documents, and for waiting until they are merged away."""
_PAUSE = 1.0
_PARTS_OF_NAME = 3
_AT_ONCE = 50
"""The most indices that a request names."""


def settings_of(settings: Settings) -> dict[str, Any]:
    """Return the settings of every index."""
    if settings.replicas is None:
        return {"auto_expand_replicas": "0-1"}
    return {"number_of_replicas": settings.replicas}


def create_index(client: Client, name: str, alias: str | None = None) -> None:
    """Create the index of a view class, unless it exists.

    Args:
        client: the client.
        name: the name of the index.
        alias: another name that it gets.
    """
    body = index_body()
    body["settings"]["index"] |= {"number_of_shards": client.settings.shards, **settings_of(client.settings)}
    create(client, name, body, alias)


def create(client: Client, name: str, body: dict[str, Any], alias: str | None = None) -> None:
    """Create an index, unless it exists."""
    aliases: dict[str, Any] = {} if alias is None else {"aliases": {alias: {}}}
    try:
        client.ask("PUT", f"/{name}", {**body, **aliases}, patience=client.settings.patience)
    except RefusedError as error:
        if "resource_already_exists_exception" not in error.kinds:
            raise


def indices_of(client: Client) -> list[tuple[str, int, int]]:
    """Return the indices of all generations: their names, and the numbers of their generations and their own."""
    found = client.ask("GET", f"/{client.address.archive}.*/_alias", patience=client.settings.patience)
    names = (name.split(".") for name in sorted(found))
    return [(".".join(name), int(name[1]), int(name[2], 36)) for name in names if len(name) == _PARTS_OF_NAME]


def delete_indices(client: Client, names: Iterable[str]) -> None:
    """Delete indices, if they are there."""
    iterator = iter(names)
    while part := list(islice(iterator, _AT_ONCE)):
        client.ask("DELETE", f"/{','.join(part)}", patience=client.settings.patience, ignore_unavailable=True)


def _all_of(client: Client, generation: Generation) -> str:
    """Return the pattern for the indices of a generation."""
    return f"/{client.address.archive}.{generation.number}.*"


def refresh(client: Client, generation: Generation) -> None:
    """Let searches find all documents of a generation that were acknowledged.

    Raises:
        UnreachableError: that fails on a node.
    """
    path = f"{_all_of(client, generation)}/_refresh"
    patience = client.settings.patience
    for pause in pauses(patience=patience):
        shards = client.ask("POST", path, patience=patience, ignore_unavailable=True)["_shards"]
        if not shards["failed"]:
            return
        time.sleep(pause)
    raise UnreachableError(str(client.address), "not all nodes answer")


def delete_documents(client: Client, generation: Generation, query: dict[str, Any]) -> int:
    """Delete the documents of a generation that match a query, and return how many there were.

    They must have been refreshed, and so is what is left.
    """
    path = f"{_all_of(client, generation)}/_delete_by_query"
    deleted = 0
    for pause in pauses(patience=_DELETING):
        answer = client.ask(
            "POST",
            path,
            {"query": query},
            patience=client.settings.patience,
            seconds=_DELETING,
            refresh=True,
            conflicts="proceed",
            ignore_unavailable=True,
        )
        deleted += int(answer["deleted"])
        failures = answer["failures"]
        if failures:
            fault = refusal(client.address, int(failures[0].get("status", 503)), failures)
            if not isinstance(fault, UnreachableError):
                raise fault
        elif answer["deleted"] == answer["total"]:
            return deleted
        time.sleep(pause)
    raise UnreachableError(str(client.address), "documents are not deleted in time")


def expunge(client: Client, generation: Generation) -> bool:
    """Merge away the documents of a generation that were deleted; return whether that is done on all nodes.

    Until then Lucene counts them in the statistics of words, on which scores depend. The cluster keeps the latest
    deleted documents for half a minute, for copies that lag behind, so it takes that long. What takes longer than we
    wait goes on without us.
    """
    path = _all_of(client, generation)
    patience = client.settings.patience
    until = time.monotonic() + _MERGING
    while True:
        client.ask("POST", f"{path}/_flush", patience=patience, ignore_unavailable=True)
        client.ask(
            "POST", f"{path}/_forcemerge", patience=patience, only_expunge_deletes=True, wait_for_completion=False
        )
        time.sleep(_PAUSE)
        refresh(client, generation)
        stats = client.ask("GET", f"{path}/_stats/docs", patience=patience, filter_path="_all.total")
        if not stats["_all"]["total"]["docs"]["deleted"]:
            return True
        if time.monotonic() > until:
            return False


def show(client: Client, generation: Generation, former: Collection[int] = ()) -> None:
    """Give the name of the archive to what readers with full clearance see, for other programs that look at it.

    Args:
        client: the client.
        generation: the generation that is shown from now on.
        former: the numbers of generations that are no longer shown.
    """
    archive = client.address.archive
    actions: list[dict[str, Any]] = [
        {"remove": {"index": f"{archive}.{number}.*", "alias": archive, "must_exist": False}} for number in former
    ]
    actions += [{"add": {"index": name, "alias": archive}} for name in generation.asked_by(archive, None)]
    client.ask("POST", "/_aliases", {"actions": actions}, patience=client.settings.patience)
