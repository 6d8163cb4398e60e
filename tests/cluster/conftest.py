"""Fixtures: a cluster of three nodes, a client, names for archives on it, and a proxy."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from opensearchpy import OpenSearch

from trials.cluster.class_archive import make_class_archive
from trials.cluster.home import UnavailableError, find_home
from trials.cluster.nodes import Cluster
from trials.cluster.proxy import Proxy


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Return a cluster that all tests share; one that stops a node starts it again."""
    try:
        home = find_home()
    except UnavailableError as error:
        # The tests must not be skipped where a cluster is said to be there.
        (pytest.fail if os.environ.get("CABLESEARCH_EXPECTS_CLUSTER") else pytest.skip)(f"no OpenSearch: {error}")
    make_class_archive(home)
    with Cluster(home) as started:
        yield started


@pytest.fixture
def client(cluster: Cluster) -> Iterator[OpenSearch]:
    """Return a client that knows all nodes."""
    with OpenSearch(cluster.urls) as opened:
        yield opened


@pytest.fixture
def archive_name(cluster: Cluster) -> Iterator[str]:
    """Return a name that no other test has; the indices whose names begin with it are deleted afterwards."""
    with cluster.fresh_name() as name:
        yield name


@pytest.fixture(scope="module")
def shared_archive_name(cluster: Cluster) -> Iterator[str]:
    """Return a name for an archive that the tests of a module share; see `archive_name`."""
    with cluster.fresh_name() as name:
        yield name


@pytest.fixture
def proxy(cluster: Cluster) -> Iterator[Proxy]:
    """Return a proxy in front of the first node."""
    with Proxy(cluster.nodes[0].http_port) as opened:
        yield opened
