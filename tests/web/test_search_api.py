"""The HTTP API: searching and reading, as the command line answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.archives import write
from tests.support.cables import cable
from tests.support.running import run
from tests.support.serving import served


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("api")
    write(folder, [cable(f"09ROME{number}", "The whale swims.", tags=["PHUM"]) for number in range(1, 26)])
    return folder / "archive"


@pytest.fixture(scope="module")
def client(index: Path) -> Iterator[httpx.Client]:
    with served(index, "--clearance", "FULL") as address, httpx.Client(base_url=address) as made:
        yield made


def without_time(answer: dict[str, object]) -> dict[str, object]:
    return answer | {"took_ms": 0}


def test_a_search_answers_as_the_command_line_does(index: Path, client: httpx.Client) -> None:
    printed = run("search", "whale", "tag:PHUM", "--facet", "tags", "-f", "json", "--index", index).stdout
    answer = client.get("/api/v1/search", params={"q": "whale tag:PHUM", "facet": "tags"}).json()
    assert without_time(answer) == without_time(json.loads(printed))


def test_the_links_lead_through_all_hits_of_one_commit(index: Path, client: httpx.Client) -> None:
    found, address = [], "/api/v1/search?q=whale&limit=10"
    while address:
        response = client.get(address)
        found += [hit["cable"] for hit in response.json()["hits"]]
        address = response.links.get("next", {}).get("url", "")
    assert found == sorted(f"09ROME{number}" for number in range(1, 26))


def test_an_answer_that_is_known_is_not_sent_again(client: httpx.Client) -> None:
    first = client.get("/api/v1/search?q=whale")
    again = client.get("/api/v1/search?q=whale", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/api/v1/search?q=swims", headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_errors_are_problem_documents_with_the_words_of_the_command_line(client: httpx.Client) -> None:
    response = client.get("/api/v1/search", params={"q": "china) japan"})
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert (problem["detail"], problem["position"]) == ("unmatched closing bracket", 5)
    response = client.get("/api/v1/cable/09ROME99")
    assert response.status_code == 404
    assert response.json()["near"]


def test_a_new_commit_is_shown_without_a_restart_while_its_predecessor_is_paged_through(tmp_path: Path) -> None:
    write(tmp_path, [cable(f"09ROME{number}", "Whale.") for number in range(1, 4)])
    with served(tmp_path / "archive") as address, httpx.Client(base_url=address) as client:
        first = client.get("/api/v1/search?q=whale&limit=2")
        write(tmp_path, [cable(f"08ROME{number}", "Whale.") for number in range(1, 4)])
        assert client.get("/api/v1/search?q=whale").json()["total"] == 6
        second = client.get(first.links["next"]["url"]).json()
        assert (second["total"], [hit["cable"] for hit in second["hits"]]) == (3, ["09ROME3"])
