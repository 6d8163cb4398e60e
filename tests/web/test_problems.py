"""The problems of an archive on a cluster, as readers of a server see them."""

from __future__ import annotations

import cablesearch
from cablesearch.web.problems import problem_of

_ADDRESS = "opensearch://secret-host:9200/cables"


def test_a_cluster_that_cannot_be_reached_is_an_archive_that_cannot_be_read() -> None:
    problem = problem_of(cablesearch.UnreachableError(_ADDRESS, "no route to secret-host"))
    assert (problem.kind, problem.status) == ("archive-unavailable", 503)
    assert problem.headers == {"Retry-After": "1"}
    assert "secret-host" not in str(problem.document())


def test_what_a_cluster_cannot_do_is_said() -> None:
    problem = problem_of(cablesearch.UnsupportedError("backup is not possible on a cluster; make a snapshot"))
    assert (problem.kind, problem.status) == ("unsupported", 501)
    assert problem.detail == "backup is not possible on a cluster; make a snapshot"
