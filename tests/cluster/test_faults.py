"""What an archive on a live cluster survives: a few faults of each kind that need no other cluster."""

from __future__ import annotations

import pytest

from trials.cluster.arena import Arena
from trials.cluster.faults import (
    Fault,
    client_killed,
    connection_cut,
    faults_on,
    node_killed_searching,
    request_lost_searching,
    request_lost_writing,
    two_writers,
    writer_stalled,
)
from trials.cluster.nodes import Cluster

pytestmark = [pytest.mark.cluster, pytest.mark.xdist_group("cluster")]


def test_faults_of_clients_connections_and_nodes_lose_nothing(cluster: Cluster) -> None:
    runs = [client_killed, client_killed, connection_cut, request_lost_writing, request_lost_searching]
    runs += [node_killed_searching, two_writers, writer_stalled]

    def all_of_them(arena: Arena) -> None:
        for run in runs:
            run(arena)

    # One archive for all, since to create one takes as long as some faults.
    (figures,) = faults_on(cluster, 1, [Fault("some of each", all_of_them, 1)])
    assert figures["tried"] == 1
