"""The command as clients start it: over standard input and output, and over HTTP."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import pty
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from mcp import Client

from cablesearch.archive import Archive
from cablesearch.engine.disk.arrays import Arrays
from tests.support.cables import cable
from tests.support.files import write_cables
from tests.support.models import ERAS, Told, ask_all, call, command, over_http, server_of, talk

MakeArchive = Callable[..., Archive]

QUESTIONS = [
    ("search", {"query": "china"}),
    ("search", {"query": "zephyr"}),
    ("read", {"id": "10A1"}),
    ("facets", {"query": "china"}),
    ("timeline", {"query": "china"}),
    ("related", {"id": "10A1@1"}),
    ("cite", {"citation": "10A1 ¶1", "quotation": "china and labor"}),
    ("cite", {"citation": "10A1 ¶2"}),
]


@pytest.fixture
def secret(archive_of: MakeArchive) -> Path:
    """Return an archive with secrets."""
    made = [cable("10A1", ("U", "china and labor"), ("S", "zephyr of china")), cable("10A2", ("U", "china and trade"))]
    return archive_of(*made).path


@pytest.mark.parametrize("era", ERAS)
def test_a_program_talks_over_standard_input_and_output(secret: Path, era: str) -> None:
    told = ask_all(command(secret, "--clearance", "SBU", "--verbose"), *QUESTIONS, era=era)
    assert told == ask_all(server_of(secret, "SBU"), *QUESTIONS)
    assert [answer.is_error for answer in told] == [False] * 7 + [True]
    assert not any("zephyr" in answer.text for answer in told)


@pytest.mark.parametrize("era", ERAS)
def test_programs_talk_over_http(secret: Path, era: str) -> None:
    with over_http(secret, "--clearance", "SBU") as address:
        told = ask_all(address, *QUESTIONS, era=era)
    assert told == ask_all(server_of(secret, "SBU"), *QUESTIONS)


def test_nothing_but_the_protocol_is_written_to_standard_output(secret: Path) -> None:
    hello = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        },
    }
    ready = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    search = {
        "jsonrpc": "2.0",
        "id": 2,
        "method": "tools/call",
        "params": {"name": "search", "arguments": {"query": "x"}},
    }
    started = command(secret, "--verbose", "--clearance", "SBU//NOFORM")
    result = subprocess.run(
        [started.command, *started.args],
        env=started.env,
        input="".join(json.dumps(line) + "\n" for line in (hello, ready, search)) + "not json\n",
        capture_output=True,
        text=True,
        check=True,
    )
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert {answer.get("id") for answer in answers} >= {1, 2}
    assert all(answer["jsonrpc"] == "2.0" for answer in answers)
    assert "unknown control NOFORM" in result.stderr
    assert f"Archive: {secret}" in result.stderr


def test_a_commit_is_picked_up_and_a_vanished_archive_recovers(archive_of: MakeArchive, tmp_path: Path) -> None:
    archive = archive_of(cable("10A1", "china"))
    path, away = archive.path, tmp_path / "away"

    async def conversation(client: Client) -> list[str]:
        said = [(await call(client, "search", query="china")).text]
        archive.index([write_cables(tmp_path / "more.jsonl", [cable("10A2", "china")])], jobs=1)
        said.append((await call(client, "search", query="china")).text)
        path.rename(away)
        said.append((await call(client, "search", query="china")).text)
        away.rename(path)
        said.append((await call(client, "search", query="china")).text)
        manifest = path / "manifest.json"
        whole = manifest.read_bytes()
        manifest.write_bytes(whole[:-9])
        said.append((await call(client, "read", id="10A1")).text)
        manifest.write_bytes(whole)
        said.append((await call(client, "search", query="china")).text)
        return said

    said = talk(command(path), conversation)
    assert [text.split(" matching")[0] for text in said if text.startswith("Showing")] == [
        "Showing 1 of 1",
        "Showing 1-2 of 2",
        "Showing 1-2 of 2",
        "Showing 1-2 of 2",
    ]
    assert said[2] == "the archive cannot be read: there is no archive here"
    assert said[4].startswith("the archive cannot be read: it is malformed")


def test_damage_found_while_answering_is_forgotten_once_it_is_mended(archive_of: MakeArchive, tmp_path: Path) -> None:
    archive = archive_of(*(cable(f"10A{number}", "china " * 200) for number in range(50)))
    (segment,) = archive.path.glob("*.seg")
    sound, damaged = tmp_path / "sound", tmp_path / "damaged"
    shutil.copy(segment, sound)
    shutil.copy(segment, damaged)
    _, count, offset, _ = Arrays(damaged)._entries["store.data"]
    content = bytearray(damaged.read_bytes())
    content[offset : offset + count] = bytes(count)
    damaged.write_bytes(content)
    damaged.replace(segment)

    async def conversation(client: Client) -> list[Told]:
        answers = [await call(client, "read", id="10A25")]
        sound.replace(segment)
        return [*answers, await call(client, "read", id="10A25")]

    hidden, mended = talk(server_of(archive.path, "SECRET"), conversation)
    assert hidden.is_error
    assert hidden.text == "the archive cannot be read: it is damaged; someone with full clearance can verify it"
    assert not mended.is_error


def posted(address: str, *, method: str = "POST", target: str = "", **headers: str) -> tuple[int, str]:
    """Return status and body of a request that lists the tools; ``target``: its path is sent so."""
    url = urlsplit(address)
    assert url.hostname
    connection = http.client.HTTPConnection(url.hostname, url.port or 80, timeout=30)
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    usual = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    usual["MCP-Protocol-Version"] = "2025-06-18"
    connection.request(method, target or url.path, json.dumps(body), usual | headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def test_pages_of_others_do_not_reach_the_server(secret: Path) -> None:
    with over_http(secret, "--allowed-host", "cables.example.org") as address:
        port = urlsplit(address).port
        assert address == f"http://127.0.0.1:{port}/mcp"
        for host in (f"127.0.0.1:{port}", f"localhost:{port}", "cables.example.org", "cables.example.org:443"):
            status, text = posted(address, Host=host)
            assert status == 200
            assert json.loads(text)["result"]["tools"][0]["name"] == "search"
        for host in ("evil.example.org", f"evil.example.org:{port}", "127.0.0.1.evil.example.org", "localhost.evil:1"):
            assert posted(address, Host=host)[0] == 421
        assert posted(address, Origin="https://evil.example.org")[0] == 403
        assert posted(address, Origin=f"http://localhost:{port}")[0] == 200
        assert posted(address, **{"Content-Type": "text/plain"})[0] == 400
        # A whole address says which host is meant, whatever the header says.
        assert posted(address, target=address, Host="evil.example.org")[0] == 200
        assert posted(address, Host="evil\x9b31m.example.org")[0] == 421
        for method in ("GET", "DELETE", "PUT", "OPTIONS"):
            assert posted(address, method=method)[0] == 405
        assert posted(address.replace("/mcp", "/"))[0] == 404
        assert posted(address, **{"Content-Length": str(2 << 20)})[0] == 413


def test_other_computers_are_answered_where_that_is_allowed(secret: Path) -> None:
    options = ["--host", "0.0.0.0", "--allow-remote", "--allowed-host", "cables.example.org"]
    with over_http(secret, *options) as address:
        local = address.replace("0.0.0.0", "127.0.0.1")
        assert posted(local, Host="cables.example.org:80")[0] == 200
        assert posted(local)[0] == 421


def test_clients_that_are_slow_are_cut_off(secret: Path) -> None:
    head = b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with over_http(secret, slowest=0.2) as address:
        url = urlsplit(address)
        for sent, answer in [
            (b"", b""),
            (head, b""),
            (head + b"Content-Length: 10\r\n\r\n{", b"408"),
            (head + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", b"408"),
            (head + b"Content-Length: 9999999999999\r\n\r\n{", b"413"),
            (head + b"Transfer-Encoding: chunked\r\n\r\n100001\r\n" + b" " * 0x100001 + b"\r\n", b"413"),
        ]:
            with socket.create_connection((url.hostname, url.port), timeout=30) as client:
                client.sendall(sent)
                with contextlib.suppress(ConnectionError):
                    received = b"".join(iter(lambda: client.recv(1 << 16), b""))
                    assert received[9:12] == answer, (sent[-40:], received)
        assert posted(address)[0] == 200


@pytest.mark.parametrize("place", ["file", "environment"])
def test_with_a_token_only_those_who_have_it_are_answered(secret: Path, tmp_path: Path, place: str) -> None:
    token = "a-token-that-nobody-guesses"
    (tmp_path / "token").write_text(f"{token}\n")
    options = ["--token-file", str(tmp_path / "token")] if place == "file" else []
    other = token if place == "environment" else "one-that-does-not-count"
    with over_http(secret, *options, CABLESEARCH_MCP_TOKEN=other) as address:
        assert posted(address, Authorization=f"Bearer {token}")[0] == 200
        assert posted(address, Authorization=f"bearer  {token}")[0] == 200
        for wrong in ("", token, f"Basic {token}", f"Bearer {token}x", f"Bearer {token[:-1]}", "Bearer"):
            assert posted(address, Authorization=wrong) == (401, "Unauthorized")
        assert posted(address) == (401, "Unauthorized")
        assert posted(address, method="GET")[0] == 401


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--http", "--host", "0.0.0.0"], "other computers can reach 0.0.0.0; add --allow-remote if they may"),
        (["--http", "--host", "example.org"], "other computers can reach example.org"),
        (["--http", "--host", "0.0.0.0", "--allow-remote"], "name it with --allowed-host"),
        (["--http", "--host", "", "--allow-remote"], "name it with --allowed-host"),
        (["--port", "8001"], "--port needs --http"),
        (["--allow-remote"], "--allow-remote needs --http"),
        (["--token-file", "x"], "--token-file needs --http"),
        (["--http", "--token-file", "nowhere"], "nowhere: No such file or directory"),
        (["--http", "--host", "127.0.0.1", "--port", "1", "--allow-remote", "--host", "192.0.2.1"], "cannot listen on"),
    ],
    ids=str,
)
def test_what_would_be_unsafe_or_make_no_sense_is_refused(secret: Path, options: list[str], message: str) -> None:
    started = command(secret, *options)
    result = subprocess.run(
        [started.command, *started.args], env=started.env, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("token", ["short", "with blanks in the middle of it", "żółw" * 9])
def test_a_weak_token_is_refused(secret: Path, token: str) -> None:
    started = command(secret, "--http", CABLESEARCH_MCP_TOKEN=token)
    result = subprocess.run(
        [started.command, *started.args], env=started.env, capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert "the token in CABLESEARCH_MCP_TOKEN must have at least 16" in result.stderr
    assert token not in result.stderr


def test_a_person_at_a_terminal_is_told_what_the_command_waits_for(secret: Path) -> None:
    ours, theirs = pty.openpty()
    started = command(secret)
    with subprocess.Popen(
        [started.command, *started.args], env=started.env, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        os.close(theirs)
        assert process.stderr
        assert process.stderr.readline().startswith(b"Waiting for a program that speaks the Model Context Protocol")
        os.write(ours, b"\x04")
        assert process.communicate() == (b"", b"")
    os.close(ours)
    assert process.returncode == 0


def test_without_the_sdk_the_command_says_what_to_install(secret: Path) -> None:
    code = "import sys; sys.modules['mcp'] = None; from cablesearch.cli import main; main()"
    result = subprocess.run(
        [sys.executable, "-c", code, "mcp", "--index", str(secret)], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "Error: tools for models need the MCP SDK: pip install 'cablesearch[mcp]'\n"


def test_without_an_archive_the_command_ends(tmp_path: Path) -> None:
    started = command(tmp_path / "nothing")
    result = subprocess.run(
        [started.command, *started.args], env=started.env, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout) == (2, "")
    assert "there is no archive here" in result.stderr
