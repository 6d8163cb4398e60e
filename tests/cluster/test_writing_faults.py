"""Faults while an archive on a cluster is written: nothing is lost or half seen, and errors say what is wrong."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cablesearch.archive import Archive, open_archive
from cablesearch.cable import Cable
from cablesearch.cluster.client import Client
from cablesearch.cluster.place import ClusterPlace
from cablesearch.cluster.settings import PREFIX
from cablesearch.cluster.writing.lease import LeaseKeeper
from cablesearch.cluster.writing.pen import ClusterPen
from cablesearch.errors import CablesearchError, LockedError
from tests.cluster.written import MANY, SECRET, by_id, client_of, contents, create, documents, put, state_of
from trials.cluster.home import find_home
from trials.cluster.nodes import Cluster
from trials.cluster.proxy import HOST, Direction, Proxy

pytestmark = [pytest.mark.cluster, pytest.mark.xdist_group("cluster")]

ROOT = Path(__file__).parents[2]

WRITER = """
import sys
import cablesearch
from cablesearch.indexing import ingest
from cablesearch.cluster.writing import sending

# Many small requests and commits, so that there is much to interrupt.
ingest.COMMIT_SECONDS = 0.3
sending._BYTES = 20_000
with cablesearch.open(sys.argv[1]) as archive:
    archive.index(sys.argv[2], memory=1_000_000)
"""
REINDEXER = """
import sys, time
import cablesearch
from cablesearch.indexing import reindex, transfer

reindex.batch_bytes = lambda memory, jobs: 20_000
transfer.COMMIT_SECONDS = 0

def slowly(done, total):
    if done > total / 2:
        print("far enough", flush=True)
        time.sleep(60)

with cablesearch.open(sys.argv[1]) as archive:
    archive.reindex(progress=slowly)
"""
LEASE = 3.0
"""Seconds; a killed writer keeps others from writing for so long."""


@pytest.fixture
def place(cluster: Cluster, archive_name: str) -> ClusterPlace:
    """Return a new archive without cables."""
    return create(cluster, archive_name)


@pytest.fixture
def client(cluster: Cluster, archive_name: str) -> Client:
    """Return a client for it."""
    return client_of(cluster, archive_name, lease=LEASE)


@pytest.fixture
def environment(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return the environment of this process, with the settings of a writer in it."""
    nodes = ", ".join(f"{HOST}:{node.http_port}" for node in cluster.nodes[1:])
    for name, value in (("LEASE", f"{LEASE}"), ("HOSTS", nodes), ("PATIENCE", "60")):
        monkeypatch.setenv(PREFIX + name, value)
    return {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a file with cables; as many come twice, of which the second version counts."""
    lines = gzip.decompress((ROOT / "samples" / "telegrams-1930s.jsonl.gz").read_bytes()).splitlines()
    cables = [json.loads(line) for line in lines[:200]]
    changed = [{**one, "subject": f"Second version of {one['id']}"} for one in cables[::4]]
    path = tmp_path / "cables.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in (*cables, *changed)), encoding="utf-8")
    return path


def started(place: ClusterPlace, source: Path, environment: dict[str, str]) -> subprocess.Popen[str]:
    """Start a writer of its own process."""
    command = [sys.executable, "-c", WRITER, place.name, str(source)]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


def after_commits(client: Client, count: int, process: subprocess.Popen[str]) -> None:
    """Wait until a writer has made some commits."""
    until = time.monotonic() + 120
    while state_of(client).generation.commit < count:
        assert process.poll() is None, process.stderr and process.stderr.read()
        assert time.monotonic() < until
        time.sleep(0.02)


def settle(client: Client) -> None:
    """Wait until documents that were deleted do not count any more; a busy cluster takes longer than a writer waits."""
    while state_of(client).generation.is_worn:
        with ClusterPen.of(client) as pen:
            pen.settle()


def answers(archive: Archive) -> list[object]:
    """Return what an archive answers to some questions."""
    found: list[object] = [len(archive), archive.stats().paragraphs, archive.stats().words]
    for query in ("treaty AND minister", '"secretary of state"', "subject:second", "conver*"):
        results = archive.search(query, limit=200, facets=["year", "origin"])
        found += [results.total, results.facets, [(hit.citation, round(hit.score, 4)) for hit in results]]
    return found


def test_a_killed_writer_leaves_the_last_commit_and_another_continues(
    cluster: Cluster,
    client: Client,
    place: ClusterPlace,
    source: Path,
    environment: dict[str, str],
) -> None:
    for commits in (1, 2):
        with started(place, source, environment) as process:
            after_commits(client, state_of(client).generation.commit + commits, process)
            process.kill()
        found = contents(place)
        assert found
        with pytest.raises(LockedError, match="if it has ended without saying so, try again in"):
            ClusterPen.of(client)
        assert contents(place) == found
        time.sleep(LEASE)
    with open_archive(place.name) as archive:
        archive.index(source)
        # Nothing of the killed writers is left.
        generation = state_of(client).generation
        with cluster.fresh_name() as name:
            undisturbed = create(cluster, name)
            with open_archive(undisturbed.name) as other:
                other.index(source)
                settle(client)
                settle(client_of(cluster, name))
                archive.reload()
                other.reload()
                assert documents(client) == documents(client_of(cluster, name))
                assert answers(archive) == answers(other)
                assert contents(place) == contents(undisturbed)
        assert len(generation.committed) >= 2


def test_a_reindex_that_is_killed_goes_on(
    client: Client, place: ClusterPlace, source: Path, environment: dict[str, str]
) -> None:
    with open_archive(place.name) as archive:
        archive.index(source)
    before, former = contents(place), state_of(client).generation.number
    with subprocess.Popen(
        [sys.executable, "-c", REINDEXER, place.name], env=environment, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"far enough\n"
        process.kill()
    renewal = state_of(client).renewal
    assert renewal is not None
    assert renewal.commit > 0
    assert contents(place) == before
    time.sleep(LEASE)
    with open_archive(place.name) as archive:
        assert archive.reindex().cables == len(before)
    state = state_of(client)
    # A run that begins anew makes another generation.
    assert (state.generation.number, state.renewal) == (renewal.number, None)
    assert former in [number for number, _ in state.retired]
    assert contents(place) == before


def test_a_writer_that_stalls_loses_its_lease(
    client: Client, place: ClusterPlace, source: Path, environment: dict[str, str]
) -> None:
    with started(place, source, environment) as process:
        after_commits(client, 2, process)
        process.send_signal(signal.SIGSTOP)
        try:
            time.sleep(LEASE)
            with ClusterPen.of(client) as pen:
                put(pen, *MANY[:5])
                pen.commit()
                expected = contents(place)
                process.send_signal(signal.SIGCONT)
                _, message = process.communicate(timeout=60)
                assert process.returncode == 1
                assert "LockedError" in message
                assert "took over" in message or "taken over" in message
                client.ask("POST", f"/{client.address.archive}.*/_refresh")
                assert contents(place) == expected
                put(pen, *MANY[5:10])
                pen.commit()
        finally:
            process.kill()
    assert contents(place).keys() == expected.keys() | by_id(MANY[:10]).keys()


def test_a_lease_that_cannot_be_renewed_permits_nothing(
    cluster: Cluster, place: ClusterPlace, proxy: Proxy, archive_name: str
) -> None:
    del place
    client = client_of(cluster, archive_name, proxy.port, lease=2.0, patience=10.0)
    keeper = LeaseKeeper(client)
    keeper.wait()
    proxy.refuse()
    proxy.drop()
    time.sleep(2.0)
    began = time.monotonic()
    threading.Timer(1.0, proxy.pass_all).start()
    keeper.wait()
    assert time.monotonic() - began > 0.9
    proxy.refuse()
    proxy.drop()
    time.sleep(2.0)
    with pytest.raises(CablesearchError, match="could not be renewed"):
        keeper.wait()
    proxy.pass_all()
    keeper.release(is_clean=True)


@pytest.mark.parametrize("direction", ["requests", "responses"])
def test_a_cut_connection_loses_nothing(
    cluster: Cluster, place: ClusterPlace, proxy: Proxy, archive_name: str, direction: Direction
) -> None:
    client = client_of(cluster, archive_name, proxy.port)
    with ClusterPen.of(client) as pen:
        for number in range(0, 40, 4):
            # Somewhere in what follows: in documents, in a refresh, in the change of the state, or in its answer.
            proxy.drop_after(700 * number if direction == "requests" else 150 * number, direction)
            put(pen, *MANY[number : number + 4])
            pen.delete(f"09STATE{number}")
            pen.commit()
            assert contents(place).keys() == {f"09STATE{one}" for one in range(number + 4) if one % 4}
        proxy.pass_all()
    expected = [one for number, one in enumerate(MANY) if number % 4]
    assert contents(place) == by_id(expected)
    assert contents(place, SECRET) == by_id(expected, SECRET)
    assert state_of(client).is_clean


def test_a_node_that_is_killed_while_cables_are_sent_loses_nothing(
    cluster: Cluster, place: ClusterPlace, source: Path, environment: dict[str, str], client: Client
) -> None:
    cluster.wait_until_green()
    with started(place, source, environment) as process:
        after_commits(client, 2, process)
        # A shard without a copy is gone until its node is back.
        cluster.wait_until_green()
        cluster.kill(1)
        try:
            after_commits(client, state_of(client).generation.commit + 1, process)
            contents(place)
        finally:
            cluster.start(1)
        _, message = process.communicate(timeout=120)
        assert process.returncode == 0, message
    cluster.wait_until_green()
    assert len(contents(place)) == 200
    assert state_of(client).is_clean


def write(client: Client, cables: list[Cable]) -> None:
    """Add cables and commit them."""
    with ClusterPen.of(client) as pen:
        put(pen, *cables)
        pen.commit()


@pytest.fixture
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Return a node that takes one request at a time, and refuses a third one."""
    del tmp_path_factory
    alone = Cluster(find_home(), 1)
    file = alone.nodes[0].folder / "config" / "opensearch.yml"
    settings = json.loads(file.read_text(encoding="utf-8"))
    settings |= {"thread_pool.write.size": 1, "thread_pool.write.queue_size": 1}
    file.write_text(json.dumps(settings), encoding="utf-8")
    with alone:
        yield alone


def test_a_busy_cluster_gets_everything_in_the_end(busy: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    place = create(busy, "cables")
    client = client_of(busy, "cables", senders=8)
    monkeypatch.setattr("cablesearch.cluster.writing.sending._DOCUMENTS", 5)
    write(client, MANY)
    assert contents(place) == by_id(MANY)
    pools = client.ask("GET", "/_nodes/stats/thread_pool")["nodes"]
    assert [node["thread_pool"]["write"]["rejected"] > 0 for node in pools.values()] == [True]
    # A full disk is another matter: it is not tried again and again.
    others = [replace(one, id=f"10{one.id}") for one in MANY[:5]]
    block = {"index.blocks.read_only_allow_delete": True}
    client.ask("PUT", "/cables.1.*/_settings", block)
    began = time.monotonic()
    with pytest.raises(CablesearchError, match="the disks of the cluster are full"):
        write(client, others)
    assert time.monotonic() - began < 20
    assert contents(place) == by_id(MANY)
    client.ask("PUT", "/cables.1.*/_settings", {"index.blocks.read_only_allow_delete": None})
    write(client, others)
    assert contents(place) == by_id([*MANY, *others])
