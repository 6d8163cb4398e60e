"""Exports and batches: streamed, of one commit, bounded, and over when their reader is gone."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI

from cablesearch.errors import CorruptIndexError
from cablesearch.readers import json_cables
from cablesearch.web.api.inprocess import Reply, _scope, exchange
from cablesearch.web.app import create_app
from cablesearch.web.settings import Settings
from tests.support.archives import write
from tests.support.cables import cable
from tests.support.running import run
from tests.support.serving import served

TOOK = re.compile(r'"took_ms": [0-9.]+')
MANY = 3_000


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive whose export is larger than what a connection holds back."""
    folder = tmp_path_factory.mktemp("streams")
    text = "The whale swims in the sea. " * 80
    cables = [cable(f"09ROME{number}", f"{text}{number}", tags=["PHUM"]) for number in range(1, MANY + 1)]
    write(folder, [*cables, cable("09ROME0", ("U", "=whale"), ("S", "A hidden whale."), tags=["PREL"])])
    return folder / "archive"


@pytest.fixture(scope="module")
def app(index: Path) -> Iterator[FastAPI]:
    made = create_app(Settings(str(index), anonymous="FULL"))
    yield made
    made.state.service.queue.close()


def ask(app: FastAPI, target: str, **options: Any) -> Reply:
    return asyncio.run(exchange(app, f"/api/v1/{target}", **options))


@pytest.mark.parametrize(
    ("target", "command"),
    [
        ("export?tag=PREL", ["export", "--tag", "PREL"]),
        ("export?q=nothing", ["export", "nothing"]),
        ("export?q=id:09ROME12*&of=hits", ["search", "id:09ROME12*", "-n", "all", "-f", "jsonl"]),
        ("export?q=id:09ROME12*&format=csv&sort=-date", ["search", "id:09ROME12*", "-n", "all", "-f", "csv",
         "--sort=-date"]),
        ("export?tag=PREL&format=csv&excel=true", ["search", "--tag", "PREL", "-n", "all", "--excel"]),
        ("export?q=hidden+sea&any=true&of=hits&group=cable&tag=PREL", ["search", "hidden", "sea", "--any", "--group",
         "cable", "--tag", "PREL", "-f", "jsonl"]),
    ],
)  # fmt: skip
def test_an_export_is_what_the_command_line_writes(index: Path, app: FastAPI, target: str, command: list[str]) -> None:
    reply = ask(app, target)
    assert reply.status == 200
    printed = run(*command, "--index", index).stdout
    # Lines that end with CRLF lose the CR on their way through the standard output of a test.
    assert reply.body.decode().replace("\r\n", "\n") == printed.replace("\r\n", "\n")
    assert reply.headers["content-disposition"].startswith('attachment; filename="')
    assert "etag" not in reply.headers


@pytest.mark.parametrize(
    ("target", "detail"),
    [
        ("export?format=csv&of=cables", "CSV is for hits; cables are JSON lines"),
        ("export?sort=date", "only hits can be sorted; cables are by date and id"),
        ("export?excel=true", "excel needs format=csv"),
        ("export?limit=3", "unknown argument 'limit'; choose from: "),
        ("export?q=(", "this bracket is not closed"),
    ],
)
def test_what_cannot_be_exported_is_refused_before_anything_is_sent(app: FastAPI, target: str, detail: str) -> None:
    reply = ask(app, target)
    assert (reply.status, reply.headers["content-type"]) == (400, "application/problem+json")
    assert json.loads(reply.body)["detail"].startswith(detail)
    assert app.state.streams.open == 0


def test_a_stream_is_of_one_commit_whatever_is_written_meanwhile(tmp_path: Path) -> None:
    text = "The whale swims. " * 100
    write(tmp_path, [cable(f"09ROME{number}", text) for number in range(200)])
    before = run("export", "--index", tmp_path / "archive").stdout
    app = create_app(Settings(str(tmp_path / "archive"), anonymous="FULL"))
    parts: list[bytes] = []

    async def on_body(part: bytes) -> None:
        if not parts:
            write(tmp_path, [cable(f"08ROME{number}", text) for number in range(9)])
        parts.append(part)

    assert ask(app, "export", on_body=on_body).status == 200
    assert len(parts) > 1
    assert b"".join(parts).decode() == before
    assert ask(app, "export").body.count(b"\n") == 209
    app.state.service.queue.close()


def test_a_stream_ends_when_its_reader_is_gone(app: FastAPI) -> None:
    parts = 0

    async def on_body(part: bytes) -> None:
        nonlocal parts
        parts += 1
        raise ConnectionResetError

    ask(app, "export", on_body=on_body)
    assert (parts, app.state.streams.open) == (1, 0)


def test_a_reader_who_receives_nothing_is_cut_off(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("cablesearch.web.api.streams._SLOWEST", 0.01)

    async def never(part: bytes) -> None:
        await asyncio.Event().wait()

    assert ask(app, "export", on_body=never).status == 200
    assert app.state.streams.open == 0
    assert "its reader did not receive it" in caplog.text


def test_a_batch_ends_when_its_reader_is_gone(app: FastAPI) -> None:
    parts = 0

    async def on_body(part: bytes) -> None:
        nonlocal parts
        parts += 1
        raise ConnectionResetError

    ask(app, "batch", method="POST", body=b'{"command": "stats"}\n' * 1_000, on_body=on_body)
    assert (parts, app.state.streams.open) == (1, 0)


def test_the_head_of_an_export_takes_no_export(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    read = 0

    def counted(value: Any) -> str:
        nonlocal read
        read += 1
        return json_cables.dumps(value)

    monkeypatch.setattr("cablesearch.web.api.exporting.dumps", counted)
    reply = ask(app, "export", method="HEAD")
    assert (reply.status, reply.headers["content-type"], reply.body) == (200, "application/x-ndjson", b"")
    assert read < MANY // 2
    assert app.state.streams.open == 0


def test_a_connection_that_is_closed_ends_the_stream_of_a_real_server(index: Path) -> None:
    with (
        served(index, "--clearance", "FULL") as address,
        httpx.Client(base_url=f"{address}/api/v1/", timeout=60) as client,
    ):
        place = urlsplit(address)
        with socket.create_connection((str(place.hostname), int(place.port or 0))) as connection:
            connection.sendall(b"GET /api/v1/export HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(1_000).startswith(b"HTTP/1.1 200")
            assert "cablesearch_streams 1.0" in client.get("metrics").text
        ended = ("cablesearch_streams 0.0" in client.get("metrics").text for _ in range(2_000))
        assert any(ended)


def test_streams_are_bounded_and_more_are_told_to_come_again(app: FastAPI) -> None:
    async def many() -> list[Reply]:
        release, begun = asyncio.Event(), 0

        async def slowly(part: bytes) -> None:
            nonlocal begun
            begun += 1
            await release.wait()

        running = [asyncio.create_task(exchange(app, "/api/v1/export", on_body=slowly)) for _ in range(8)]
        while begun < len(running):
            await asyncio.sleep(0)
        refused = await exchange(app, "/api/v1/export")
        answered = await exchange(app, "/api/v1/search?q=whale")
        release.set()
        await asyncio.gather(*running)
        return [refused, answered, await exchange(app, "/api/v1/export?tag=PREL")]

    refused, answered, later = asyncio.run(many())
    assert (refused.status, refused.headers["retry-after"]) == (429, "1")
    assert (answered.status, later.status) == (200, 200)


def test_a_stream_waits_for_its_turn_in_a_full_queue(index: Path) -> None:
    app = create_app(Settings(str(index), anonymous="FULL", threads=1, waiting=0))

    async def both() -> tuple[int, list[int]]:
        begun, others, count = asyncio.Event(), list[int](), 0

        async def on_body(part: bytes) -> None:
            nonlocal count
            begun.set()
            count += part.count(b"\n")

        stream = asyncio.create_task(exchange(app, "/api/v1/export?q=id:09ROME1*", on_body=on_body))
        await begun.wait()
        while not stream.done():
            others.append((await exchange(app, f"/api/v1/search?q=hidden&offset={len(others)}")).status)
        await stream
        return count, others

    count, others = asyncio.run(both())
    assert count == 1_111
    assert others
    assert set(others) <= {200, 429}
    app.state.service.queue.close()


def batch(app: FastAPI, *questions: Any) -> list[dict[str, Any]]:
    body = "\n".join(question if isinstance(question, str) else json.dumps(question) for question in questions)
    reply = ask(app, "batch", method="POST", body=body.encode("utf-8", "surrogatepass"))
    assert (reply.status, reply.headers["content-type"]) == (200, "application/x-ndjson"), reply.body
    return [json.loads(line) for line in reply.body.splitlines()]


def test_a_batch_answers_each_line_as_its_route_does(app: FastAPI) -> None:
    asked: list[tuple[dict[str, Any], str]] = [
        ({"command": "search", "q": "sea", "limit": 2}, "search?q=sea&limit=2"),
        ({"command": "search", "tag": "PREL", "facet": ["tags"]}, "search?tag=PREL&facet=tags"),
        ({"command": "cable", "reference": "09ROME7"}, "cable/09ROME7"),
        ({"command": "paragraph", "reference": "09ROME0@2", "context": 1}, "paragraph/09ROME0@2?context=1"),
        ({"command": "compare", "q": ["sea", "hidden"], "limit": 3}, "compare?q=sea&q=hidden&limit=3"),
        ({"command": "cable", "reference": "09ROME77777"}, "cable/09ROME77777"),
        ({"command": "search", "q": "(sea"}, "search?q=(sea"),
        ({"command": "search", "limt": 3}, "search?limt=3"),
    ]
    lines = batch(app, *(question for question, _ in asked))
    assert [line["line"] for line in lines] == list(range(1, len(asked) + 1))
    for line, (_, target) in zip(lines, asked, strict=True):
        reply = ask(app, target)
        assert line["status"] == reply.status
        said = json.dumps(line["answer"] if reply.status == 200 else line["problem"])
        alone = json.dumps(json.loads(reply.body))
        if "limt" in target:
            # The snapshot is that of the batch.
            said, alone = (text.replace(", 'snapshot'", "") for text in (said, alone))
        assert TOOK.sub("", said) == TOOK.sub("", alone)


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        ("nonsense", "the line is not JSON: Expecting value, at character 1; write such as {"),
        ("[1]", "the line is not an object; write such as {"),
        ("[" * 100_000, "the line is nested too deeply"),
        ("{}", "command is missing; choose from: search, ids"),
        ('{"command": 3}', "unknown command 3; choose from: "),
        ('{"command": "serch"}', "unknown command 'serch'; did you mean search?"),
        ('{"command": "cable"}', "reference is missing"),
        ('{"command": "cable", "reference": 7}', "reference must be a string, not 7"),
        ('{"command": "search", "reference": "09ROME7"}', "unknown argument 'reference'; "),
        ('{"command": "search", "snapshot": "x"}', "unknown argument 'snapshot'; "),
        ('{"command": "search", "limit": 1, "limit": 2}', "limit is given 2 times"),
        ('{"command": "search", "limit": 1001}', "limit must be at most 1,000, not 1001"),
        ('{"command": "search", "q": 7}', "q must be a string, not 7"),
        ('{"command": "search", "tag": 7}', "tag must be a list, not 7"),
        ('{"command": "search", "sort": "size"}', "sort must be 'relevance', 'date', '-date' or 'citations', not 'si"),
        ('{"command": "graph", "format": "dot"}', "format must be 'json' here"),
        ('{"command": "search", "q": "\udcff"}', "the line is not UTF-8"),
    ],
)
def test_a_line_that_is_wrong_has_its_problem_and_stops_no_other(app: FastAPI, line: str, detail: str) -> None:
    wrong, right = batch(app, line, "", {"command": "search", "q": "hidden"}, " ")
    assert wrong["status"] == wrong["problem"]["status"] == 400
    assert wrong["problem"]["detail"].startswith(detail)
    assert (right["line"], right["status"], right["answer"]["total"]) == (3, 200, 1)


@pytest.mark.parametrize(
    "line",
    [
        # One of many members is there twice.
        "{" + ", ".join(f'"{number}": 0' for number in range(60_000)) + ', "limit": 1, "limit": 2}',
        # One of many names is wrong.
        json.dumps({"command": "search", "q": "hidden", "facet": ["tags"] * 90_000}),
        json.dumps({"command": "timeline", "q": "hidden", "also": ["hidden"] * 90_000}),
    ],
)
def test_a_line_of_a_megabyte_does_not_take_long(app: FastAPI, line: str) -> None:
    start = time.process_time()
    assert len(batch(app, line)) == 1
    assert time.process_time() - start < 2


def test_batches_have_bounds(app: FastAPI) -> None:
    empty = ask(app, "batch", method="POST", body=b"\n \n")
    assert (empty.status, json.loads(empty.body)["detail"][:18]) == (400, "the batch is empty")
    long = ask(app, "batch", method="POST", body=b"{}\n" * 1_001)
    assert (long.status, json.loads(long.body)["detail"]) == (413, "a batch has at most 1,000 questions, not 1,001")
    large = ask(app, "batch", method="POST", body=b" " * (1 << 21))
    assert (large.status, json.loads(large.body)["title"]) == (413, "The request is too large")
    assert len(batch(app, *["{}"] * 1_000)) == 1_000


def test_a_batch_is_of_one_commit(tmp_path: Path) -> None:
    write(tmp_path, [cable("09ROME1", "Whale.")])
    app = create_app(Settings(str(tmp_path / "archive"), anonymous="FULL"))
    answers: list[dict[str, Any]] = []
    question = '{"command": "search", "q": "whale"}\n'

    async def on_body(part: bytes) -> None:
        if not answers:
            write(tmp_path, [cable("09ROME2", "Whale.")])
        answers.extend(map(json.loads, part.splitlines()))

    ask(app, "batch", method="POST", body=question.encode() * 3, on_body=on_body)
    assert [line["answer"]["total"] for line in answers] == [1, 1, 1]
    assert json.loads(ask(app, "search?q=whale").body)["total"] == 2
    app.state.service.queue.close()


def test_damage_that_is_met_on_the_way_cuts_the_stream_so_that_its_reader_knows(
    index: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    written = json_cables.dumps
    count = 0

    def failing(value: Any) -> str:
        nonlocal count
        count += 1
        if count > MANY // 2:
            raise CorruptIndexError(index, "a block is damaged")
        return written(value)

    monkeypatch.setattr("cablesearch.web.api.exporting.dumps", failing)
    app = create_app(Settings(str(index), anonymous="FULL"))
    messages: list[Any] = []
    asyncio.run(_raw(app, "/api/v1/export", messages.append))
    assert messages[0]["status"] == 200
    assert all(message["more_body"] for message in messages[1:])
    assert "a stream was cut off" in caplog.text
    app.state.service.queue.close()


async def _raw(app: FastAPI, path: str, on_message: Callable[[Any], None]) -> None:
    """Send a request, and hand on all messages of the reply."""

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        on_message(message)

    await app(_scope(path, "GET", {}), receive, send)
