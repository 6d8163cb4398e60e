"""Faults on a live cluster of three nodes: nodes, clients, connections, queues and disks fail while an archive is
written and read.

After each fault nothing is lost: see `trials.cluster.arena`. During it each answer is right, or there is a clear error.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from trials.cluster.arena import LEASE, Arena, Searching
from trials.cluster.class_archive import make_class_archive
from trials.cluster.home import find_home
from trials.cluster.nodes import DIRECT, Cluster, Node
from trials.cluster.proxy import Proxy
from trials.cluster.recording import Loss, Recorder

__all__ = ["FAULTS", "Fault", "faults", "faults_on"]

_BYTES = 120_000
"""About the most bytes that a writer sends or gets."""
_CUT: tuple[tuple[str, str], ...] = (
    ("POST", r"_bulk"),
    ("PUT", r"\.state/_doc/state"),
    ("POST", r"/_refresh"),
    ("POST", r"_delete_by_query"),
    ("GET", r"\.state/_doc/state"),
)
"""The requests of a writer: of bulk, of a commit, to refresh, to delete, and for the state."""
_ASKED: tuple[tuple[str, str], ...] = (
    ("POST", r"/_search\?"),
    ("POST", r"/_msearch"),
    ("POST", r"point_in_time"),
    ("GET", r"\.state/_doc/state"),
)
"""The requests of a reader."""
_LOSSES: tuple[Loss, ...] = ("request", "answer")


def _pause(arena: Arena, writer: subprocess.Popen[bytes]) -> None:
    """Wait for a moment at which a writer works, which chance chooses."""
    arena.await_lease(writer)
    time.sleep(arena.seconds * arena.chance.random())


def _completed(arena: Arena, writer: subprocess.Popen[bytes]) -> None:
    """Let a writer end, and then the round, by the same command again if needed."""
    outcome = arena.end(writer)
    if outcome.status:
        arena.figures["errors of writers"] += 1
        arena.between()
        time.sleep(LEASE)
    arena.round()


def node_killed_writing(arena: Arena) -> None:
    """Kill one of the nodes while a writer works and readers search."""
    number = arena.chance.randrange(len(arena.cluster.nodes))
    with Searching(arena):
        writer = arena.start(arena.version + 1)
        _pause(arena, writer)
        with arena.cluster.without(number):
            outcome = arena.end(writer)
        arena.figures["errors of writers"] += outcome.status != 0
        arena.between()
    arena.round()


def node_killed_searching(arena: Arena) -> None:
    """Kill one of the nodes while readers search."""
    number = arena.chance.randrange(len(arena.cluster.nodes))
    with Searching(arena) as searching:
        searching.wait(3)
        with arena.cluster.without(number):
            searching.wait(10)
        searching.wait(3)


def client_killed(arena: Arena) -> None:
    """Kill a writer with SIGKILL at random; what it committed stays, and nothing else is seen."""
    writer = arena.start(arena.version + 1)
    _pause(arena, writer)
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    new = arena.between()
    arena.figures["killed with a part committed"] += new > 0
    if arena.chance.random() < 1 / 3:
        time.sleep(LEASE)
        arena.round()
        assert arena.between() == 0


def connection_cut(arena: Arena) -> None:
    """Reset the connection of a writer several times, after some bytes in either direction."""
    with Proxy(arena.cluster.nodes[0].http_port) as proxy, Searching(arena):
        writer = arena.start(arena.version + 1, arena.address_at(proxy.port), HOSTS="")
        while writer.poll() is None:
            proxy.drop_after(arena.chance.randrange(_BYTES), arena.chance.choice(["requests", "responses"]))
            with suppress(subprocess.TimeoutExpired):
                writer.wait(0.5)
        _completed(arena, writer)


def connection_stalled(arena: Arena) -> None:
    """Delay all that a writer sends and gets beyond its time-out, refuse connections for a while, then let all pass."""
    with Proxy(arena.cluster.nodes[0].http_port) as proxy:
        writer = arena.start(arena.version + 1, arena.address_at(proxy.port), HOSTS="", TIMEOUT="2")
        _pause(arena, writer)
        proxy.delay(600)
        time.sleep(3)
        proxy.pass_all()
        proxy.refuse()
        proxy.drop()
        time.sleep(2)
        proxy.pass_all()
        _completed(arena, writer)


def request_lost_writing(arena: Arena) -> None:
    """Lose a request of each kind of a writer before the cluster gets it, and the answer to another one."""
    with Recorder(arena.cluster.nodes[0].http_port) as recorder:
        for method, path in _CUT:
            for loss in _LOSSES:
                recorder.lose(method, path, loss)
        writer = arena.start(arena.version + 1, arena.address_at(recorder.port), HOSTS="")
        outcome = arena.end(writer)
        assert not outcome.status, outcome
        assert not recorder.is_losing
    arena.version += 1
    arena.compare()


def request_lost_searching(arena: Arena) -> None:
    """Lose a request of each kind of a reader before the cluster gets it, and the answer to another one."""
    with Recorder(arena.cluster.nodes[0].http_port) as recorder:
        with Searching(arena, arena.address_at(recorder.port), HOSTS="") as searching:
            for method, path in arena.chance.sample(_ASKED, len(_ASKED)):
                recorder.lose(method, path, arena.chance.choice(_LOSSES))
                searching.wait(2)
        recorder.pass_all()


def all_restarted(arena: Arena) -> None:
    """Restart all nodes while a writer works and readers search."""
    with Searching(arena) as searching:
        writer = arena.start(arena.version + 1)
        _pause(arena, writer)
        arena.cluster.restart()
        outcome = arena.end(writer)
        searching.wait(3)
    arena.figures["errors of writers"] += outcome.status != 0
    arena.between()
    arena.round()


def disk_full(arena: Arena) -> None:
    """Let the disks pass the flood stage, so that the cluster takes no more documents, and then make room."""
    with _flooded(arena):
        outcome = arena.end(arena.start(arena.version + 1, PATIENCE="5"))
        assert outcome.status, "a full disk was not noticed"
        assert "disk" in outcome.said, outcome
        with Searching(arena) as searching:
            searching.wait(5)
        assert not searching.errors, searching.errors
        arena.figures["errors of writers"] += 1
    time.sleep(LEASE)
    arena.round()


@contextmanager
def _flooded(arena: Arena) -> Iterator[None]:
    """Make the cluster believe that its disks are full, for the length of the block."""
    disk = "cluster.routing.allocation.disk"
    marks = {f"{disk}.watermark.{name}": "1000tb" for name in ("low", "high", "flood_stage")}
    every = {"cluster.info.update.interval": "10s"}
    node = arena.cluster.nodes[0]
    _configure(node, {f"{disk}.threshold_enabled": True, **marks, **every})
    try:
        _await(lambda: _blocks(node, arena.name)[0], "the disks did not become full")
        yield
    finally:
        _configure(node, {f"{disk}.threshold_enabled": True, **dict.fromkeys(marks, "1b"), **every})
        _await(lambda: not any(_blocks(node, arena.name)), "the disks stayed full")
        _configure(node, dict.fromkeys([f"{disk}.threshold_enabled", *marks, *every]))
        arena.cluster.wait_until_green()


def _configure(node: Node, settings: dict[str, Any]) -> None:
    body = json.dumps({"transient": settings}).encode()
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(f"{node.url}/_cluster/settings", body, headers, method="PUT")
    DIRECT.open(request, timeout=30).close()


def _blocks(node: Node, name: str) -> tuple[bool, bool]:
    """Return whether documents of an archive are refused, and whether new indices are."""
    with DIRECT.open(f"{node.url}/_cluster/state/blocks", timeout=30) as response:
        blocks = json.load(response)["blocks"]
    return any(index.startswith(f"{name}.") for index in blocks.get("indices", {})), "global" in blocks


def _await(condition: Callable[[], bool], reason: str, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, reason
        time.sleep(0.5)


def two_writers(arena: Arena) -> None:
    """Start a second writer while the first works: it is told who writes, and the first is not disturbed."""
    first = arena.start(arena.version + 1)
    arena.await_lease(first)
    second = arena.end(arena.start(arena.version + 1))
    outcome = arena.end(first)
    assert not outcome.status, outcome
    if second.status:
        assert f"process {first.pid} on" in second.said, second
        arena.figures["second writers refused"] += 1
    arena.version += 1
    arena.compare()


def writer_stalled(arena: Arena) -> None:
    """Stop a writer until another one has taken over and finished, and let it go on: it changes nothing any more."""
    stalled = arena.start(arena.version + 1)
    _pause(arena, stalled)
    stalled.send_signal(signal.SIGSTOP)
    try:
        arena.between()
        time.sleep(LEASE + 0.5)
        # The next version, so that a late document of the stalled one would show.
        arena.version += 1
        source_version = arena.version + 1
        outcome = arena.end(arena.start(source_version))
        assert not outcome.status, outcome
        arena.version = source_version
        arena.compare()
    finally:
        stalled.send_signal(signal.SIGCONT)
    outcome = arena.end(stalled)
    arena.figures["stalled writers told"] += outcome.status != 0
    arena.compare()
    arena.round()


def queue_full(arena: Arena) -> None:
    """Write with many requests at once where the cluster has room for few, so that it refuses some of them."""
    node = arena.cluster.nodes[0]
    before = _rejected(node)
    stop = threading.Event()
    others = [threading.Thread(target=_fill, args=(node, arena.name, stop)) for _ in range(6)]
    for thread in others:
        thread.start()
    try:
        arena.round(SENDERS="12")
    finally:
        stop.set()
        for thread in others:
            thread.join()
    arena.figures["requests refused with 429"] += _rejected(node) - before


def _fill(node: Node, name: str, stop: threading.Event) -> None:
    """Write to an index of its own without a pause."""
    lines = b'{"index":{}}\n{"text":"palladium"}\n' * 2_000
    request = urllib.request.Request(
        f"{node.url}/{name}-busy/_bulk?filter_path=errors", lines, {"content-type": "application/x-ndjson"}
    )
    while not stop.is_set():
        with suppress(OSError):
            DIRECT.open(request, timeout=60).close()


def _rejected(node: Node) -> int:
    with DIRECT.open(f"{node.url}/_nodes/stats/thread_pool", timeout=30) as response:
        nodes = json.load(response)["nodes"].values()
    return sum(int(each["thread_pool"]["write"]["rejected"]) for each in nodes)


class Fault(NamedTuple):
    """A fault: its title in the table, what does it, how often it is done, and whether it needs nodes with a tiny
    queue."""

    title: str
    run: Callable[[Arena], None]
    times: int
    is_of_queue: bool = False


FAULTS: Sequence[Fault] = (
    Fault("a node is killed while an archive is written and read", node_killed_writing, 6),
    Fault("a node is killed while an archive is read", node_killed_searching, 4),
    Fault("the writer is killed with SIGKILL at random, and the command repeated", client_killed, 40),
    Fault("the writer's connections are reset again and again after random bytes", connection_cut, 6),
    Fault("the writer's connections stall beyond the time-out and are then refused", connection_stalled, 4),
    Fault("a request of each kind, and an answer, is lost in bulk, commit, refresh, deletion", request_lost_writing, 4),
    Fault("a request of each kind, or the answer, is lost in a search", request_lost_searching, 6),
    Fault("all nodes are restarted while an archive is written and read", all_restarted, 3),
    Fault("the disks pass the flood stage, and are emptied", disk_full, 2),
    Fault("a second writer starts", two_writers, 5),
    Fault("a writer is stopped beyond its lease, another takes over, and the first goes on", writer_stalled, 8),
    Fault("the queue for writing is full", queue_full, 4, is_of_queue=True),
)
QUEUE = {"thread_pool.write.queue_size": 4, "thread_pool.write.size": 1}


def faults_on(cluster: Cluster, seed: int, plan: Sequence[Fault]) -> Iterator[dict[str, object]]:
    """Do faults on a cluster, and yield the figures of each.

    The first that is not survived ends this with an `AssertionError`.
    """
    for fault in plan:
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder, cluster.fresh_name() as name:
            arena = Arena(cluster, name, Path(folder), random.Random(f"{seed}/{fault.title}"))
            arena.create()
            for number in range(fault.times):
                try:
                    fault.run(arena)
                except AssertionError as error:
                    raise AssertionError(f"{fault.title}, number {number + 1}: {error}") from error
            time.sleep(LEASE)
            arena.round()
        yield {
            "fault": fault.title,
            "seed": seed,
            "tried": fault.times,
            "outcome": dict(+Counter(arena.figures)),
            "nodes": f"{len(cluster.nodes)} nodes of OpenSearch {cluster.nodes[0].home.version}",
            "seconds": round(time.monotonic() - began, 1),
        }


def faults(seed: int, scale: float = 1.0) -> Iterator[dict[str, object]]:
    """Do all faults on three nodes that are started for them, and yield the figures of each.

    Args:
        seed: chooses the moments.
        scale: how often, as a multiple of what each fault has; each is done at least once.
    """
    home = find_home()
    make_class_archive(home)
    plan = [fault._replace(times=max(1, round(fault.times * scale))) for fault in FAULTS]
    with Cluster(home) as cluster:
        yield from faults_on(cluster, seed, [fault for fault in plan if not fault.is_of_queue])
    with Cluster(home, settings=QUEUE) as cluster:
        yield from faults_on(cluster, seed, [fault for fault in plan if fault.is_of_queue])
