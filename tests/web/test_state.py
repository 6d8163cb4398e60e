"""Health and metrics of a server."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from cablesearch.serving.connections import REFUSED
from cablesearch.web.api.metrics import Measured
from cablesearch.web.tokens import Tokens
from tests.support.archives import write
from tests.support.cables import cable
from tests.support.serving import served


@pytest.fixture
def index(tmp_path: Path) -> Path:
    write(tmp_path, [cable("09ROME1", "The whale swims.")])
    return tmp_path / "archive"


@pytest.fixture
def client(index: Path) -> Iterator[httpx.Client]:
    with (
        served(index, "--clearance", "FULL") as address,
        httpx.Client(base_url=f"{address}/api/v1/", timeout=60) as made,
    ):
        yield made


def figure(text: str, name: str) -> float:
    """Return the sum of the figures with a name, or with a name and the beginning of its labels."""
    found = re.findall(rf"^{re.escape(name)}\S* (\S+)$", text, re.MULTILINE)
    return sum(map(float, found))


def test_an_archive_that_vanishes_and_comes_back_is_not_ready_meanwhile(index: Path, client: httpx.Client) -> None:
    ready = client.get("health/ready")
    assert (ready.status_code, ready.json()) == (200, {"version": 1, "status": "ready"})
    index.rename(index.with_name("elsewhere"))
    gone = client.get("health/ready")
    assert gone.status_code == 503
    assert gone.json()["detail"] == "the archive is not there; it may be back in a moment"
    assert str(index.parent) not in gone.text + client.get("search?q=whale").text
    assert gone.headers["retry-after"] == "1"
    assert client.get("health/live").json() == {"version": 1, "status": "live"}
    index.with_name("elsewhere").rename(index)
    wait_for(lambda: client.get("health").status_code == 200)
    assert client.get("search?q=whale").json()["total"] == 1


def wait_for(happens: Callable[[], bool]) -> None:
    """Ask until something has happened, a bounded number of times."""
    assert any(happens() for _ in range(2_000))


def test_who_may_not_see_all_is_not_told_what_is_damaged(index: Path) -> None:
    with served(index) as address, httpx.Client(base_url=f"{address}/api/v1/", timeout=60) as client:
        assert client.get("health/ready").status_code == 200
        (segment,) = index.glob("*.seg")
        segment.write_bytes(segment.read_bytes()[:100])
        problem = client.get("health/ready").json()
        assert (problem["status"], problem["title"]) == (503, "The archive cannot be read")
        assert problem["detail"] == "the archive is damaged; those who run this server can verify it"


def test_metrics_count_requests_and_say_nothing_of_what_was_asked(client: httpx.Client) -> None:
    for address in ("search?q=whale", "search?q=whale", "search?q=(", "cable/09ROME1", "cable/09ROME2", "nothing"):
        client.get(address)
    response = client.get("metrics")
    assert response.headers["content-type"].startswith("text/plain; version=")
    text = response.text
    assert figure(text, 'cablesearch_requests_total{method="GET",route="/api/v1/search",status="200"}') == 2
    assert figure(text, 'cablesearch_requests_total{method="GET",route="/api/v1/search",status="400"}') == 1
    assert figure(text, 'cablesearch_requests_total{method="GET",route="/api/v1/cable/{reference}",status="404"}') == 1
    assert figure(text, 'cablesearch_requests_total{method="GET",route="-",status="404"}') == 1
    assert figure(text, 'cablesearch_request_seconds_count{route="/api/v1/search"}') == 3
    assert figure(text, 'cablesearch_cache_total{result="hit"}') == 1
    assert figure(text, "cablesearch_questions") == 0
    assert not re.search("whale|ROME", text)


def test_metrics_need_full_clearance(index: Path) -> None:
    tokens = Tokens(index)
    full, secret = tokens.add("prometheus", "FULL"), tokens.add("reader", "SECRET")
    with served(index) as address:
        asked = [
            httpx.get(f"{address}/api/v1/metrics", headers={"Authorization": f"Bearer {token}"} if token else {})
            for token in ("", secret, full)
        ]
    assert [response.status_code for response in asked] == [403, 403, 200]


def test_metrics_are_those_of_all_processes(index: Path) -> None:
    with served(index, "--clearance", "FULL", "--workers", "2") as address:
        for _ in range(40):
            # Each connection may go to another process.
            assert httpx.get(f"{address}/api/v1/search?q=whale", timeout=60).status_code == 200
        text = httpx.get(f"{address}/api/v1/metrics", timeout=60).text
    assert figure(text, 'cablesearch_requests_total{method="GET",route="/api/v1/search",status="200"}') == 40
    assert figure(text, "cablesearch_cache_total") == 40
    assert figure(text, 'cablesearch_cache_total{result="miss"}') <= 2


def test_a_request_that_the_connection_refused_is_counted_with_the_status_that_was_sent() -> None:
    counted: list[int] = []

    class Metrics:
        def count(self, method: str, route: str, status: int, seconds: float) -> None:
            counted.append(status)

    async def nothing() -> Message:
        return {"type": "http.request"}

    async def refused(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] = {REFUSED: 408}
        await send({"type": "http.response.start", "status": 400, "headers": []})

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Message) -> None:
        pass

    metrics: Any = Metrics()
    for app in (refused, answered):
        asyncio.run(Measured(app, metrics)({"type": "http", "method": "POST"}, nothing, send))
    assert counted == [408, 200]
