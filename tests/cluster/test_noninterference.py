"""Hidden text changes no output of an archive on a cluster, and is in no answer that a cleared reader gets."""

from __future__ import annotations

import pytest

from trials.cluster.nodes import Cluster
from trials.cluster.noninterference import experiment_on
from trials.cluster.recording import Exchange, trespasses

pytestmark = [pytest.mark.cluster, pytest.mark.xdist_group("cluster")]

CASES = 36


def test_an_archive_answers_as_one_of_the_visible_part(cluster: Cluster) -> None:
    figures, differences = experiment_on(cluster, CASES, seed=1, clearances=1)
    assert not differences, "\n".join(differences)
    cases, requests = figures["cases"], figures["requests"]
    assert isinstance(cases, int)
    assert isinstance(requests, int)
    assert requests > cases >= CASES


ALLOWED = {"cables.state", "cables.1.0"}


@pytest.mark.parametrize(
    "exchange",
    [
        Exchange("GET", "/cables.1.1/_search", "{}", "{}"),
        Exchange("GET", "/cables.1.*/_search", "{}", "{}"),
        Exchange("GET", "/cables/_search", "{}", "{}"),
        Exchange("GET", "/_search", "{}", "{}"),
        Exchange("POST", "/_search?ignore_unavailable=true", '{"pit": {"id": "of someone else"}}', "{}"),
        Exchange("POST", "/_msearch", '{"index": "cables.1.1"}\n{"query": {}}\n', "{}"),
        Exchange("GET", "/cables.state/_doc/state", "", '{"_source": "Zephyr"}'),
    ],
    ids=lambda exchange: f"{exchange.method} {exchange.path}",
)
def test_the_trial_notices_what_a_reader_must_not_ask_or_get(exchange: Exchange) -> None:
    point = Exchange("POST", "/cables.1.0/_search/point_in_time?keep_alive=9ms", "", '{"pit_id": "own"}')
    search = Exchange("POST", "/_search", '{"pit": {"id": "own"}}', '{"hits": []}')
    assert trespasses([point, search], "cables", ALLOWED, {"zephyr"}) == []
    assert len(trespasses([point, search, exchange], "cables", ALLOWED, {"zephyr"})) >= 1
