"""Snapshots of an archive on a cluster: a reader keeps the commit that it opened, or says that it is gone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cablesearch.cable import Clearance
from cablesearch.cluster.client import Client
from cablesearch.cluster.place import ClusterPlace
from cablesearch.cluster.snapshots import Snapshot
from cablesearch.cluster.writing.pen import ClusterPen
from cablesearch.errors import CablesearchError, UnreachableError
from tests.cluster.written import MANY, SECRET, by_id, changed, client_of, contents, create, put, state_of
from trials.cluster.nodes import Cluster

pytestmark = [pytest.mark.cluster, pytest.mark.xdist_group("cluster")]

ALL = {"query": {"match_all": {}}, "size": 0, "track_total_hits": True}


@pytest.fixture(scope="module")
def place(cluster: Cluster, shared_archive_name: str) -> ClusterPlace:
    """Return an archive with cables."""
    place = create(cluster, shared_archive_name)
    with place.pen(1) as pen:
        put(pen, *MANY[:10])
        pen.commit()
    return place


@pytest.fixture
def client(cluster: Cluster, shared_archive_name: str) -> Client:
    """Return a client for it."""
    return client_of(cluster, shared_archive_name)


def forget(snapshot: Snapshot) -> None:
    """Let the cluster forget a point in time, as if it had not been asked for too long."""
    body = {"pit_id": [snapshot._point.id]}
    assert snapshot.client.ask("DELETE", "/_search/point_in_time", body)["pits"][0]["successful"]


def indices_of(snapshot: Snapshot) -> list[str]:
    """Return the names of the indices that a snapshot asks."""
    return snapshot.generation.asked_by(snapshot.client.address.archive, snapshot.clearance)


def count(snapshot: Snapshot) -> int:
    """Return the number of documents that a snapshot has."""
    total: int = snapshot.search({**ALL, "query": {"bool": {"filter": snapshot.visible}}})["hits"]["total"]["value"]
    return total


def test_a_reader_keeps_its_commit(client: Client, place: ClusterPlace) -> None:
    reader, restricted = place.reader(None), place.reader(SECRET)
    before, view = contents(place), contents(place, SECRET)
    with ClusterPen.of(client) as pen:
        put(pen, changed(MANY[0], "Another text"), *MANY[10:12])
        pen.delete("09STATE1")
        pen.commit()
        assert not reader.snapshot.is_last
        assert {one.id: one for one in reader.cables()} == before
        with pen.renewal() as fresh:
            put(fresh, *pen.reader.cables())
            fresh.commit()
            pen.take_over(fresh)
        put(pen, MANY[1])
        pen.commit()
    assert {one.id: one for one in reader.cables()} == before
    assert {one.id: one for one in restricted.cables()} == view
    now = contents(place)
    assert now.keys() == before.keys() | {"09STATE10", "09STATE11"}
    assert now["09STATE0"] != before["09STATE0"]


def test_a_lost_point_in_time_is_opened_again(client: Client, place: ClusterPlace) -> None:
    del place
    snapshot = Snapshot(client, None)
    expected = count(snapshot)
    forget(snapshot)
    assert count(snapshot) == expected
    forget(snapshot)
    answers = snapshot.msearch([ALL, {**ALL, "query": {"match_none": {}}}])
    assert [answer["hits"]["total"]["value"] for answer in answers][1] == 0


def test_a_lost_commit_is_said_to_be_lost(client: Client, place: ClusterPlace) -> None:
    snapshot = Snapshot(client, None)
    with ClusterPen.of(client) as pen:
        put(pen, MANY[20])
        pen.commit()
    assert not snapshot.is_last
    forget(snapshot)
    with pytest.raises(CablesearchError, match="the archive has changed since it was opened"):
        count(snapshot)
    with pytest.raises(CablesearchError, match="the archive has changed since it was opened"):
        snapshot.lowered(SECRET)
    assert "09STATE20" in contents(place)


def test_the_same_commit_can_be_opened_for_another_clearance(client: Client, place: ClusterPlace) -> None:
    snapshot = Snapshot(client, None)
    lowered = snapshot.lowered(SECRET)
    assert lowered.stamp == snapshot.stamp
    # Both ask the index without documents.
    assert len({*indices_of(lowered)} & {*indices_of(snapshot)}) == 1
    assert 0 < count(lowered) < count(snapshot)
    del place


def test_a_reader_who_sees_nothing_finds_nothing(client: Client, place: ClusterPlace) -> None:
    del place
    snapshot = Snapshot(client, Clearance.parse("UNCLASSIFIED"))
    assert len(indices_of(snapshot)) == 1
    assert count(snapshot) == 0
    aggregations = {"tags": {"terms": {"field": "c.tag"}}}
    assert snapshot.search({**ALL, "aggs": aggregations})["aggregations"]["tags"]["buckets"] == []


def points(client: Client) -> set[str]:
    """Return the points in time that the cluster keeps."""
    return {point["pit_id"] for point in client.ask("GET", "/_search/point_in_time/_all")["pits"]}


def test_points_in_time_are_closed_when_they_are_not_needed(client: Client, place: ClusterPlace) -> None:
    del place
    before = points(client)
    for _ in range(40):
        Snapshot(client, None)
    assert len(points(client) - before) <= 20
    program = (
        "import sys, cablesearch\n"
        "archive = cablesearch.open(sys.argv[1])\n"
        "other = cablesearch.open(sys.argv[1], 'SECRET')\n"
        "print(len(archive), len(other))"
    )
    now = points(client)
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", program, str(client.address)]
    result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root, env={**os.environ})
    assert result.stdout.split()[0] == result.stdout.split()[1] != "0"
    assert points(client) <= now


def test_a_killed_node_changes_no_answer(cluster: Cluster, client: Client, place: ClusterPlace) -> None:
    cluster.wait_until_green()
    snapshots = [Snapshot(client, clearance) for clearance in (None, SECRET)]
    expected = [count(snapshot) for snapshot in snapshots]
    for number in (2, 1):
        cluster.kill(number)
        try:
            for _ in range(5):
                assert [count(snapshot) for snapshot in snapshots] == expected
            assert contents(place, SECRET) == by_id(list(contents(place).values()), SECRET)
        finally:
            cluster.start(number)
            cluster.wait_until_green()
    assert [count(snapshot) for snapshot in snapshots] == expected


def test_a_cluster_that_does_not_answer_is_an_error(cluster: Cluster) -> None:
    client = client_of(cluster, "nowhere", 1, retries=1)
    with pytest.raises(UnreachableError, match=r"^opensearch://127\.0\.0\.1:1/nowhere: .*refused"):
        state_of(client)
