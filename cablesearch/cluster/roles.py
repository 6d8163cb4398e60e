"""Roles of OpenSearch's security plugin, by which the cluster itself enforces what a clearance may see.

Run as a program, it prints the role for readers with a clearance, as the plugin's REST API takes it::

    python -m cablesearch.cluster.roles opensearch://localhost:9200/cables SECRET//NOFORN
    python -m cablesearch.cluster.roles opensearch://localhost:9200/cables --writer
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from cablesearch.cable import Clearance
from cablesearch.classification.clearance import parse_clearance
from cablesearch.cluster.addresses import parse_address
from cablesearch.cluster.client import Client
from cablesearch.cluster.state import Register, State
from cablesearch.errors import CablesearchError

__all__ = ["main", "reader_role", "writer_role"]

_READING = [
    "indices:data/read/search*",
    "indices:data/read/point_in_time/create",
    "indices:data/read/point_in_time/delete",
]
_OF_CLUSTER = ["cluster:monitor/main", "indices:data/read/msearch"]
"""What is asked of the cluster as a whole: its version, and several searches in one request."""


def reader_role(archive: str, state: State, clearance: Clearance | None) -> dict[str, Any]:
    """Return the role for readers with a clearance; None: full.

    It names each index that such a reader asks, and no other. So it must be made again when there are new ones: after
    runs that add cables with markings that the archive did not have together before, and after a reindex.

    Args:
        archive: the name of the archive.
        state: the state of the archive.
        clearance: the clearance.
    """
    may_read_state = {"index_patterns": [f"{archive}.state"], "allowed_actions": ["indices:data/read/get"]}
    if clearance is None:
        reading = {"index_patterns": [f"{archive}.*"], "allowed_actions": [*_READING, "indices:monitor/stats"]}
    else:
        # A reindex that is under way will take the place of the present generation.
        generations = filter(None, (state.generation, state.renewal))
        names = [name for generation in generations for name in generation.asked_by(archive, clearance)]
        reading = {"index_patterns": names, "allowed_actions": _READING}
    return {"cluster_permissions": _OF_CLUSTER, "index_permissions": [may_read_state, reading]}


def writer_role(archive: str) -> dict[str, Any]:
    """Return the role for those who write to an archive, and create it."""
    return {
        "cluster_permissions": [*_OF_CLUSTER, "indices:data/write/bulk"],
        "index_permissions": [{"index_patterns": [archive, f"{archive}.*"], "allowed_actions": ["indices_all"]}],
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a role.

    Raises:
        SystemExit: the archive cannot be read, or an argument is invalid.
    """
    parser = argparse.ArgumentParser(prog="python -m cablesearch.cluster.roles", description="Print a role as JSON.")
    parser.add_argument("address", help="of the archive: opensearch://HOST:PORT/ARCHIVE")
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("clearance", nargs="?", help="of the readers, such as SECRET//NOFORN, or FULL")
    wanted.add_argument("--writer", action="store_true", help="the role for those who write")
    given = parser.parse_args(arguments)
    try:
        address = parse_address(given.address)
        if given.writer:
            role = writer_role(address.archive)
        else:
            clearance = parse_clearance(given.clearance)
            role = reader_role(address.archive, Register(Client.of(address)).read().state, clearance)
    except (CablesearchError, ValueError) as error:
        sys.exit(str(error))
    sys.stdout.write(json.dumps(role, indent=2) + "\n")


if __name__ == "__main__":
    main()
