"""The cluster of the tests itself: its nodes find each other, may be killed, and come back; the proxy fails as told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from opensearchpy import ConnectionError as NoConnectionError
from opensearchpy import ConnectionTimeout, OpenSearch, helpers

from trials.cluster.home import UnavailableError, find_home
from trials.cluster.nodes import LAUNCHER, Cluster
from trials.cluster.proxy import Proxy

pytestmark = [pytest.mark.cluster, pytest.mark.xdist_group("cluster")]

COUNT = 300
ABOUT_PALERMO = list(range(0, COUNT, 7))
SETTINGS = {"number_of_shards": 3, "number_of_replicas": 1}
FIELDS = {"text": {"type": "text", "analyzer": "whitespace"}, "number": {"type": "integer"}}


@pytest.fixture
def index(cluster: Cluster, client: OpenSearch, archive_name: str) -> str:
    """Return an index of documents, of which every seventh is about Palermo; all replicas are there."""
    client.indices.create(index=archive_name, body={"settings": SETTINGS, "mappings": {"properties": FIELDS}})
    words = ("palermo", "china", "ethiopia", "italy", "saar", "versailles", "managua")
    documents = (
        {"_id": str(number), "text": f"protocol {words[number % 7]}", "number": number} for number in range(COUNT)
    )
    helpers.bulk(client, documents, index=archive_name, refresh=True)
    cluster.wait_until_green()
    return archive_name


@pytest.fixture
def proxied(proxy: Proxy) -> Iterator[OpenSearch]:
    """Return a client that knows nothing but the proxy, and tries once."""
    with OpenSearch([proxy.url], max_retries=0) as client:
        yield client


def about_palermo(client: OpenSearch, index: str) -> list[int]:
    """Return the numbers of the documents about Palermo."""
    body = {"query": {"term": {"text": "palermo"}}, "sort": ["number"], "size": COUNT}
    # Without the last option, an answer may lack the documents of a shard, and only say so.
    options = {"search_type": "dfs_query_then_fetch", "allow_partial_search_results": "false"}
    answer = client.search(index=index, body=body, params=options)
    return [hit["_source"]["number"] for hit in answer["hits"]["hits"]]


def test_three_nodes_find_each_other(client: OpenSearch) -> None:
    health = client.cluster.health()
    assert (health["status"], health["number_of_nodes"]) == ("green", 3)


def test_each_node_finds_what_was_indexed(cluster: Cluster, index: str) -> None:
    for url in cluster.urls:
        with OpenSearch([url]) as client:
            assert about_palermo(client, index) == ABOUT_PALERMO


def test_no_node_runs_as_root(cluster: Cluster) -> None:
    processes = [node.process for node in cluster.nodes if node.process]
    assert [Path(f"/proc/{process.pid}").stat().st_uid for process in processes] != [0, 0, 0]


def test_a_killed_node_costs_no_answer_and_comes_back(cluster: Cluster, client: OpenSearch, index: str) -> None:
    with cluster.without(1):
        for _ in range(40):
            assert about_palermo(client, index) == ABOUT_PALERMO
        client.index(index=index, body={"text": "palermo", "number": COUNT}, params={"refresh": "true"})
    assert client.cluster.health()["number_of_nodes"] == 3
    with OpenSearch([cluster.urls[1]]) as client_of_node:
        assert about_palermo(client_of_node, index) == [*ABOUT_PALERMO, COUNT]


def test_documents_outlast_a_restart_of_all_nodes(cluster: Cluster, client: OpenSearch, index: str) -> None:
    cluster.restart()
    assert about_palermo(client, index) == ABOUT_PALERMO


def test_the_indices_of_a_name_are_deleted_in_the_end(cluster: Cluster, client: OpenSearch) -> None:
    with cluster.fresh_name() as name:
        for suffix in ("", "-1"):
            client.indices.create(index=name + suffix)
    assert not client.indices.exists(index=f"{name}*", params={"allow_no_indices": "false"})


def test_a_node_ends_with_the_program_that_started_it() -> None:
    user = [str(os.getuid() or 65534), str(os.getgid() or 65534)]
    starting = (
        "import os, subprocess, sys; subprocess.Popen([*sys.argv[1:5], str(os.getpid()), '/bin/sh', '-c',"
        " 'echo started; exec sleep 600']).wait()"
    )
    command = [sys.executable, "-c", starting, sys.executable, str(LAUNCHER), *user]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout
        assert starter.stdout.readline() == "started\n"
        starter.send_signal(signal.SIGKILL)
        # The end of the pipe: no process holds it any more.
        assert starter.stdout.read() == ""


def test_without_maven_the_reason_is_given_and_nothing_is_left(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java = cluster.nodes[0].home.java.program
    monkeypatch.setenv("JAVA_HOME", str(java.parents[1]))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CABLESEARCH_TEST_CACHE", str(tmp_path / "cache"))
    with pytest.raises(UnavailableError, match="no Maven"):
        find_home()
    assert [path.name for path in (tmp_path / "cache").iterdir() if path.suffix != ".lock"] == []


def test_a_dropped_connection_is_an_error_once(proxy: Proxy, proxied: OpenSearch, index: str) -> None:
    assert about_palermo(proxied, index) == ABOUT_PALERMO
    proxy.drop_after(100, "responses")
    with pytest.raises(NoConnectionError):
        about_palermo(proxied, index)
    assert about_palermo(proxied, index) == ABOUT_PALERMO
    proxy.drop()
    assert about_palermo(proxied, index) == ABOUT_PALERMO


@pytest.mark.parametrize(("direction", "is_stored"), [("requests", False), ("responses", True)])
def test_a_request_may_be_lost_before_or_after_the_node_heeds_it(
    proxy: Proxy, proxied: OpenSearch, client: OpenSearch, index: str, direction: str, is_stored: bool
) -> None:
    proxy.drop_after(100, "requests" if direction == "requests" else "responses")
    with pytest.raises(NoConnectionError):
        proxied.index(index=index, id="new", body={"text": "x" * 1000, "number": COUNT})
    assert client.exists(index=index, id="new") is is_stored


def test_refused_connections_are_let_in_again(proxy: Proxy, proxied: OpenSearch, index: str) -> None:
    proxy.refuse()
    proxy.drop()
    with pytest.raises(NoConnectionError):
        about_palermo(proxied, index)
    proxy.pass_all()
    assert about_palermo(proxied, index) == ABOUT_PALERMO


def test_a_delay_is_a_time_out_until_it_ends(proxy: Proxy, proxied: OpenSearch, index: str) -> None:
    proxy.delay(600)
    with pytest.raises(ConnectionTimeout):
        proxied.search(index=index, params={"request_timeout": 0.1})
    proxy.pass_all()
    assert about_palermo(proxied, index) == ABOUT_PALERMO
