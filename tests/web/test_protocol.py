"""What all routes of the HTTP API share: entity tags, compression, pages, and problem documents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from cablesearch.web.api.commands import COMMANDS
from tests.support.archives import write
from tests.support.cables import cable
from tests.support.running import run
from tests.support.serving import served


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("protocol")
    cables = [
        cable(f"09ROME{number}", "The whale swims." * 20, tags=["PHUM"], references=["09ROME99"])
        for number in range(1, 26)
    ]
    write(folder, cables)
    return folder / "archive"


@pytest.fixture(scope="module")
def client(index: Path) -> Iterator[httpx.Client]:
    with (
        served(index, "--clearance", "FULL") as address,
        httpx.Client(base_url=f"{address}/api/v1/", timeout=60) as made,
    ):
        yield made


def address_of(name: str) -> str:
    """Return an address of a command."""
    arguments = {"compare": "?q=whale&q=swims"}.get(name, "?q=wh*" if name in ("search", "ids", "suggest") else "")
    return (
        f"{name}/09ROME7@1"
        if name == "paragraph"
        else f"{name}/09ROME7"
        if COMMANDS[name].of_cable
        else (name + arguments)
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_entity_tag_a_304_and_an_answer_to_head(client: httpx.Client, name: str) -> None:
    first = client.get(address_of(name))
    assert first.status_code == 200
    assert first.headers["cache-control"] == "private, no-cache"
    assert {"Authorization", "Cookie", "Accept-Encoding"} >= set(first.headers["vary"].split(", ")) >= {"Authorization"}
    again = client.get(address_of(name), headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    head = client.head(address_of(name))
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", first.headers["etag"])


def test_an_entity_tag_is_that_of_what_is_said(tmp_path: Path) -> None:
    write(tmp_path, [cable("09ROME1", "The whale swims.")])
    with served(tmp_path / "archive") as address, httpx.Client(base_url=f"{address}/api/v1/", timeout=60) as client:
        before = client.get("search?q=whale").headers["etag"]
        write(tmp_path, [cable("09ROME2", ("S", "A hidden whale."), classification="SECRET")])
        assert client.get("search?q=whale").headers["etag"] == before
        write(tmp_path, [cable("09ROME3", "A whale.")])
        assert client.get("search?q=whale").headers["etag"] != before


def test_long_answers_are_compressed_for_those_who_ask_for_it(client: httpx.Client) -> None:
    compressed = client.get("search?q=whale", headers={"Accept-Encoding": "gzip"})
    plain = client.get("search?q=whale", headers={"Accept-Encoding": "identity"})
    assert compressed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert compressed.json() == plain.json()
    assert compressed.headers["etag"] == plain.headers["etag"]
    stream = client.get("export", headers={"Accept-Encoding": "gzip"})
    assert (stream.headers["content-encoding"], stream.text.count("\n")) == ("gzip", 25)


@pytest.mark.parametrize("first", ["search?q=whale&limit=10", "ids?q=whale&limit=10&sort=date", "search?tag=PHUM"])
def test_the_links_lead_forth_and_back(client: httpx.Client, first: str) -> None:
    pages, address = [], first
    while address:
        pages.append(client.get(address))
        address = pages[-1].links.get("next", {}).get("url", "").removeprefix("/api/v1/")
    found = [entry for page in pages for entry in page.json().get("hits", page.json().get("ids"))]
    assert len(pages) == 3
    assert len(found) == pages[0].json()["total"] == len({json.dumps(entry) for entry in found})
    assert "prev" not in pages[0].links
    back = client.get(pages[2].links["prev"]["url"].removeprefix("/api/v1/"))
    assert back.headers["etag"] == pages[1].headers["etag"]


def test_a_snapshot_that_is_not_held_is_gone(client: httpx.Client) -> None:
    for token in ("AAAA", "", "nonsense"):
        problem = client.get("search", params={"q": "whale", "snapshot": token})
        assert problem.status_code == 410
        assert problem.json()["detail"].endswith("; ask again without snapshot")


@pytest.mark.parametrize(
    ("address", "detail", "near"),
    [
        ("search?limt=3", "unknown argument 'limt'; did you mean limit?", ["limit"]),
        ("search?query=whale", "unknown argument 'query'; did you mean q?", ["q"]),
        ("search?facet-size=3", "unknown argument 'facet-size'; did you mean facet_size?", ["facet_size"]),
        ("search?tags=PHUM", "unknown argument 'tags'; did you mean tag?", ["tag"]),
        ("names?kinds=person", "unknown argument 'kinds'; did you mean kind?", ["kind"]),
        ("stats?x=1", "unknown argument 'x'; there are none here", []),
        ("cable/09ROME1?x=1", "unknown argument 'x'; there are none here", []),
        ("health?x=1", "unknown argument 'x'; there are none here", []),
        ("refs/09ROME1?xyzzy=1", "unknown argument 'xyzzy'; choose from: depth, limit", []),
        ("search?q=a&q=b", "q is given 2 times", None),
        ("search?limit=1001", "limit must be at most 1,000, not '1001'", None),
        ("search?limit=all", "limit must be a whole number, not 'all'", None),
        ("names?limit=10001", "limit must be at most 10,000, not '10001'", None),
        ("search?offset=-1", "offset must be at least 0, not '-1'", None),
        ("search?sort=size", "sort must be 'relevance', 'date', '-date' or 'citations', not 'size'", None),
        ("search?facet_size=some", "facet_size must be a whole number or 'all', not 'some'", None),
        ("search?any=perhaps", "any must be true or false, not 'perhaps'", None),
        ("search?facet=flags", "unknown facet 'flags'; did you mean tags?; choose from: tags, ", None),
        ("search?since=soon", "'soon' is not a date; write 2009, 2009-11 or 2009-11-20", None),
        ("search?classification=HIGH", "'HIGH' is not a level", None),
        ("compare?q=whale", "q must be given 2 times, not ['whale']", None),
        ("compare?q=whale&q=sea&q=ship", "q must be given at most 2 times, not ['whale', 'sea', 'ship']", None),
        ("timeline?also=sea" + "&also=sea" * 100, "also must be given at most 100 times, not [", None),
        ("suggest", "q is missing", None),
        ("bursts?s=1", "s must be above 1, not '1'", None),
        ("bursts?gamma=inf", "gamma must be a number, not 'inf'", None),
        ("paragraph/09ROME1", "09ROME1 names a cable; name a paragraph by its number (¶4) or its position (@4)", None),
    ],
)
def test_an_argument_that_is_wrong_is_named(
    client: httpx.Client, address: str, detail: str, near: list[str] | None
) -> None:
    response = client.get(address)
    problem = response.json()
    assert (response.status_code, response.headers["content-type"]) == (400, "application/problem+json")
    assert problem["detail"].startswith(detail)
    assert problem.get("near") == near
    name = address.partition("?")[2].partition("=")[0] or ("reference" if "/" in address else "q")
    assert problem["argument"] == name


def test_words_about_queries_are_those_of_the_command_line(index: Path, client: httpx.Client) -> None:
    for query in ("(whale", "whale AND", "nofield:x", "date:2009-13", '"open'):
        problem: dict[str, Any] = client.get("search", params={"q": query}).json()
        said = run("search", query, "--index", index).stderr
        assert said.startswith(f"Error: {problem['detail']}\n")
        assert said.endswith(f"{problem['advice']}\n")
    unknown = client.get("cable/09ROME77")
    assert unknown.status_code == 404
    assert run("show", "09ROME77", "--index", index).stderr == f"Error: {unknown.json()['detail']}\n"


@pytest.mark.parametrize(
    ("method", "address", "status", "detail"),
    [
        ("GET", "serch?q=x", 404, "there is nothing at /api/v1/serch; did you mean /api/v1/search?"),
        ("GET", "../elsewhere", 404, "there is nothing at /api/elsewhere; all addresses are in /api/v1/openapi.json"),
        ("GET", "search/x", 404, "there is nothing at /api/v1/search/x; all addresses are in /api/v1/openapi.json"),
        ("GET", "../../elsewhere", 404, "there is nothing at /elsewhere"),
        ("POST", "search", 405, "POST is not allowed here, but GET"),
        ("DELETE", "cable/09ROME1", 405, "DELETE is not allowed here, but GET"),
        ("GET", "batch", 405, "GET is not allowed here, but POST"),
    ],
)
def test_where_nothing_is_a_problem_document_says_so(
    client: httpx.Client, method: str, address: str, status: int, detail: str
) -> None:
    response = client.request(method, address)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert response.json()["detail"] == detail
    assert response.json()["status"] == status
    if status == 405:
        assert detail.rpartition(" ")[2] in response.headers["allow"].split(", ")


def test_no_answer_names_a_place_of_the_machine(index: Path, client: httpx.Client) -> None:
    for address in (*map(address_of, COMMANDS), "health", "nothing", "search?q=(", "cable/x", "openapi.json", "export"):
        assert str(index.parent.parent) not in client.get(address).text


def test_a_graph_that_is_too_large_is_refused_and_not_cut(
    index: Path, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(client.get("graph").json()["nodes"]) == 26
    monkeypatch.setattr("cablesearch.web.api.commands.MOST_NODES", 25)
    got = run("get", "/api/v1/graph?format=graphml", "--index", index)
    assert json.loads(got.stdout)["detail"] == "the graph has 26 cables; the limit is 25: search for fewer"
    assert run("get", "/api/v1/graph?since=2010", "--index", index).returncode == 0


@pytest.mark.parametrize("form", ["graphml", "dot"])
def test_a_graph_in_another_format_is_what_the_command_line_writes(
    index: Path, client: httpx.Client, form: str
) -> None:
    response = client.get(f"graph?format={form}&q=whale")
    assert response.text == run("graph", "whale", "--format", form, "--index", index).stdout
    assert response.headers["content-disposition"] == f'attachment; filename="cables.{form}"'
    assert (
        client.get(f"graph?format={form}&q=whale", headers={"If-None-Match": response.headers["etag"]}).status_code
        == 304
    )
