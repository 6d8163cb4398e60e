"""A server that holds: requests that are refused, clients that are slow, an archive that vanishes, and what readers
could learn of what they may not see."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from cablesearch.archive import Archive
from cablesearch.web.readers import COOKIE
from cablesearch.web.tokens import Tokens
from tests.support.archives import write
from tests.support.cables import cable
from tests.support.serving import Server, get, running, until

SEARCH = "/api/v1/search?q=whale"
CABLES = [
    cable("09ROME1", ("U", "The whale swims."), ("S", "The whale is ours.")),
    *(cable(f"09ROME{number}", ("U", f"The whale number {number} " + "sleeps " * 600)) for number in range(2, 400)),
]
PROBLEM = "application/problem+json"
TOOK = re.compile(rb'"took_ms": [0-9.]+')


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("safe")
    write(folder, CABLES)
    return folder / "archive"


@pytest.fixture(scope="module")
def server(index: Path) -> Iterator[Server]:
    with running(index, "--client-timeout", "1", "--allow-origin", "https://friend.example") as made:
        yield made


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.address, timeout=20) as made:
        yield made


def problem(response: httpx.Response, status: int, kind: str) -> str:
    """Return the words of a problem document after checking the rest of it."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == PROBLEM
    document = response.json()
    assert (document["status"], document["type"]) == (status, f"/help/problems#{kind}")
    detail = document["detail"]
    assert isinstance(detail, str)
    return detail


# Headers


def test_all_responses_have_the_headers_of_security(server: Server, client: httpx.Client) -> None:
    responses = [
        client.get(SEARCH),
        client.get("/api/v1/search?q=(", headers={"If-None-Match": "x"}),
        client.get("/nothing"),
        client.post(SEARCH),
        client.options(SEARCH),
        client.get(SEARCH, headers={"Host": "evil.example"}),
        client.get(SEARCH, headers={"Authorization": "Bearer x"}),
        client.get(SEARCH, headers={"If-None-Match": client.get(SEARCH).headers["etag"]}),
        client.get("/api/v1/openapi.json"),
    ]
    assert [response.status_code for response in responses] == [200, 400, 404, 405, 204, 421, 401, 304, 200]
    for response in responses:
        headers = response.headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] in ("private, no-cache", "no-store")
        assert "server" not in headers
        # Not by http: a proxy with https says so.
        assert "strict-transport-security" not in headers
    with server.connect() as raw:
        raw.sendall(b"this is no HTTP\r\n\r\n")
        answer = raw.recv(1 << 16)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.lower().count(b"\r\ncontent-security-policy: ") == 1
    assert answer.lower().count(b"\r\ncache-control: ") == 1
    assert b"invalid-request" in answer


def test_the_head_alone_is_that_of_the_answer(client: httpx.Client) -> None:
    for path in (SEARCH, "/nothing", "/api/v1/cable/09ROME1"):
        whole, head = client.get(path), client.head(path)
        assert (head.status_code, head.content) == (whole.status_code, b"")
        unlike = {"date", "link", "content-length"}
        assert {name: head.headers[name] for name in head.headers if name not in unlike} == {
            name: whole.headers[name] for name in whole.headers if name not in unlike
        }
    known = {"If-None-Match": client.head(SEARCH).headers["etag"]}
    assert client.head(SEARCH, headers=known).status_code == 304


def test_the_methods_of_a_path_are_said(client: httpx.Client) -> None:
    assert client.options(SEARCH).headers["allow"] == "GET, HEAD, OPTIONS"
    assert client.options(SEARCH).content == b""
    refused = client.delete(SEARCH)
    problem(refused, 405, "method-not-allowed")
    assert refused.headers["allow"] == "GET, HEAD, OPTIONS"
    problem(client.options("/nothing"), 404, "not-found")
    assert client.request("TRACE", SEARCH).status_code == 405


# Pages of other sites


def test_pages_of_other_sites_read_nothing_unless_they_are_allowed(client: httpx.Client) -> None:
    for origin, allowed in (("https://friend.example", True), ("https://evil.example", False), ("null", False)):
        response = client.get(SEARCH, headers={"Origin": origin})
        assert response.headers.get("access-control-allow-origin") == (origin if allowed else None)
        assert "Origin" in response.headers["vary"]
        asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}
        preflight = client.options(SEARCH, headers=asked)
        assert preflight.headers.get("access-control-allow-origin") == (origin if allowed else None)
        assert "access-control-allow-credentials" not in {*response.headers, *preflight.headers}


def test_no_page_of_another_site_reads_without_the_option(named: Server) -> None:
    response = get(named.address + SEARCH, headers={"Origin": "https://friend.example"})
    assert not [name for name in response.headers if name.startswith("access-control")]
    assert response.headers["cross-origin-resource-policy"] == "same-origin"


def test_when_any_site_may_read_none_sends_a_cookie(index: Path) -> None:
    with running(index, "--allow-origin", "*") as server:
        response = get(server.address + SEARCH, headers={"Origin": "https://friend.example"})
        assert response.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in response.headers


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"Sec-Fetch-Site": "same-origin", "Cookie": f"{COOKIE}=x"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "none", "Cookie": f"{COOKIE}=x"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null", "Cookie": f"{COOKIE}=x"}, False),
        ({"Cookie": f"{COOKIE}=x"}, False),
        ({"Cookie": "other=x"}, True),
        ({"Cookie": f"a=b; {COOKIE}=x"}, False),
        ({"Origin": "OURS", "Cookie": f"{COOKIE}=x"}, True),
        ({"Origin": "https://friend.example", "Sec-Fetch-Site": "cross-site"}, True),
        # An allowed site may ask, but not with the cookie of a reader.
        ({"Origin": "https://friend.example", "Sec-Fetch-Site": "cross-site", "Cookie": f"{COOKIE}=x"}, False),
    ],
)
def test_what_may_change_something_comes_from_here(
    server: Server, client: httpx.Client, headers: dict[str, str], allowed: bool
) -> None:
    given = {name: value.replace("OURS", server.address) for name, value in headers.items()}
    for method in ("POST", "PUT", "DELETE", "PATCH", "QUERY"):
        response = client.request(method, SEARCH, headers=given)
        if allowed:
            problem(response, 405, "method-not-allowed")
        else:
            problem(response, 403, "forbidden")
    # Reading changes nothing.
    assert client.get(SEARCH, headers=given).status_code == 200


# Names


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8000", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:8000", 200),
        ("cables.example", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("192.0.2.1", 421),
        ("[::2]", 421),
        ("", 421),
    ],
)
def test_only_names_that_are_known_are_answered(index: Path, named: Server, host: str, status: int) -> None:
    del index
    assert get(named.address + SEARCH, headers={"Host": host}).status_code == status


@pytest.fixture(scope="module")
def named(index: Path) -> Iterator[Server]:
    with running(index, "--allowed-host", "cables.example") as made:
        yield made


@pytest.mark.parametrize(
    ("target", "host", "status"),
    [
        ("http://localhost/api/v1/search?q=whale", "localhost", 200),
        ("HTTP://cables.example:80/api/v1/search?q=whale", "cables.example", 200),
        ("http://localhost", "localhost", 200),
        ("http://localhost?x=1", "localhost", 200),
        # The address counts, and not the header.
        ("http://localhost/api/v1/search?q=whale", "evil.example", 200),
        ("http://evil.example/api/v1/search?q=whale", "localhost", 421),
        # The name of a user is an error.
        ("http://ada@localhost/api/v1/search?q=whale", "localhost", 404),
        ("http://localhost:80@evil.example/api/v1/search?q=whale", "localhost", 404),
        ("http:///api/v1/search?q=whale", "localhost", 404),
        # This is not how the connection was made.
        ("https://localhost/api/v1/search?q=whale", "localhost", 404),
        ("/http://localhost/api/v1/search?q=whale", "localhost", 404),
    ],
)
def test_a_request_may_name_a_whole_address(named: Server, target: str, host: str, status: int) -> None:
    with named.connect() as raw:
        raw.sendall(f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: raw.recv(1 << 16), b""))
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer
    assert (b'"total": ' in answer) == (status == 200 and "search" in target)


def test_any_name_is_answered_if_that_is_asked_for(index: Path) -> None:
    with running(index, "--allowed-host", "*") as server:
        assert get(server.address + SEARCH, headers={"Host": "any.example"}).status_code == 200


def test_a_name_that_is_refused_commands_nothing(client: httpx.Client) -> None:
    detail = problem(client.get(SEARCH, headers={"Host": "evil<script>" + "x" * 500}), 421, "unknown-host")
    assert len(detail) < 200


# Behind a proxy


@pytest.mark.parametrize("strips", [True, False])
def test_behind_a_proxy_links_lead_to_where_readers_are(index: Path, strips: bool) -> None:
    with running(
        index, "--root-path", "/cables/", "--trusted-proxy", "127.0.0.0/8", "--allowed-host", "cables.example"
    ) as server:
        base = server.address.removesuffix("/cables")
        headers = {"Host": "cables.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.9"}
        prefix = "" if strips else "/cables"
        response = get(f"{base}{prefix}{SEARCH}&limit=1", headers=headers)
        assert response.status_code == 200
        link = response.links["next"]["url"]
        assert link.startswith("/cables/api/v1/search?")
        assert response.headers["strict-transport-security"].startswith("max-age=")
        following = link.removeprefix("/cables") if strips else link
        assert get(base + following, headers=headers).json()["hits"]
        # The page of a reader is there by https.
        own = {"Origin": "https://cables.example", "Cookie": f"{COOKIE}=x"}
        assert httpx.post(f"{base}{prefix}{SEARCH}", headers=headers | own).status_code == 405
        own = {"Origin": "http://cables.example", "Cookie": f"{COOKIE}=x"}
        assert httpx.post(f"{base}{prefix}{SEARCH}", headers=headers | own).status_code == 403


def test_forwarded_headers_of_anybody_else_are_not_believed(client: httpx.Client, index: Path) -> None:
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "X-Forwarded-For": "192.0.2.9"}
    assert "strict-transport-security" not in client.get(SEARCH, headers=headers).headers
    with running(index, "--trusted-proxy", "192.0.2.1") as server:
        assert "strict-transport-security" not in get(server.address + SEARCH, headers=headers).headers


# Sizes


def test_requests_that_are_too_large_are_refused(client: httpx.Client) -> None:
    said = problem(client.get("/api/v1/search?q=" + "x" * (15 << 10) + "y" * (2 << 10)), 413, "too-large")
    assert said == "a query string has at most 16,384 bytes"
    said = problem(client.get(SEARCH, headers={f"X-{number}": "x" for number in range(120)}), 431, "headers-too-large")
    assert said == "a request has at most 100 headers of 32,768 bytes together"
    problem(client.get(SEARCH, headers={"X-Long": "x" * (33 << 10)}), 431, "headers-too-large")
    said = problem(client.post(SEARCH, content=b"x" * ((1 << 20) + 1)), 413, "too-large")
    assert said == "the body of a request has at most 1,048,576 bytes"


def test_a_body_that_does_not_say_how_long_it_is_is_not_read_to_its_end(server: Server) -> None:
    # No route reads a body yet, so nothing is read of it, and the connection goes on.
    with server.connect() as raw:
        raw.sendall(b"POST /api/v1/search HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        try:
            for _ in range(64):
                raw.sendall(chunk)
            answer = raw.recv(1 << 16)
        except ConnectionError:
            return
        assert answer.startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nA\r\nB: \x00\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(50) + b"\r\n\r\n",
        b"GET " + b"/x" * 40_000,
    ],
)
def test_what_is_not_http_ends_the_connection_and_nothing_else(server: Server, data: bytes) -> None:
    with server.connect() as raw:
        raw.sendall(data)
        answer = b""
        while part := raw.recv(1 << 16):
            answer += part
    assert re.match(rb"HTTP/1.1 4(00|31) ", answer), answer
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["detail"] == "the request could not be read"
    assert not re.search("Traceback|error:|warning:", server.log)
    assert get(server.address + SEARCH).status_code == 200


def test_a_client_that_leaves_before_the_end_of_its_request_is_no_error_of_the_server(index: Path) -> None:
    with running(index) as server:
        for path in ("/api/v1/batch", "/login"):
            with server.connect() as raw:
                raw.sendall(
                    f"POST {path} HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 9\r\n"
                    "Content-Type: application/x-www-form-urlencoded\r\n\r\ntoken".encode()
                )
            until(lambda path=path: f"POST {path} 400" in server.log)  # type: ignore[misc]
        assert "failed" not in server.log


def test_nobody_gets_a_websocket(server: Server) -> None:
    with server.connect() as raw:
        raw.sendall(
            b"GET /api/v1/search?q=whale HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        assert raw.recv(1 << 16).startswith(b"HTTP/1.1 200 ")


# Slow clients


def ended(raw: socket.socket) -> bool:
    """Return whether a connection was ended from the other side, once it is."""
    raw.settimeout(20)
    try:
        while raw.recv(1 << 16):
            pass
    except ConnectionResetError:
        return True
    return True


def test_a_client_that_sends_its_request_slowly_is_cut_off(server: Server) -> None:
    with server.connect() as silent, server.connect() as slow, server.connect() as again, server.connect() as body:
        again.sendall(b"GET /api/v1/search?q=whale&limit=0 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert again.recv(1 << 16)
        again.sendall(b"GET /")
        body.sendall(b"POST /api/v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n")
        start = time.monotonic()
        # A byte now and then changes nothing.
        for byte in b"GET /api/v1/search?q=whale HTTP/1.1\r\nHost":
            try:
                slow.sendall(bytes([byte]))
                body.sendall(b"x")
            except OSError:
                break
            time.sleep(0.1)
        assert all(map(ended, (silent, slow, again, body)))
        assert time.monotonic() - start < 15
    assert get(server.address + SEARCH).status_code == 200


def test_a_request_that_does_not_come_to_its_end_in_time_is_answered_and_logged_as_such(server: Server) -> None:
    with server.connect() as raw:
        raw.sendall(b"POST /api/v1/batch HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{")
        head, _, body = b"".join(iter(lambda: raw.recv(1 << 16), b"")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert json.loads(body)["type"] == "/help/problems#too-late"
    until(lambda: "POST /api/v1/batch 408" in server.log)


@pytest.mark.parametrize("requests", [1, 20])
def test_a_client_that_takes_its_answer_slowly_is_cut_off(server: Server, requests: int) -> None:
    whole = len(get(f"{server.address}/api/v1/search?q=whale&limit=399").content)
    with socket.socket() as raw:
        # So that little of the answer is under way.
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        host, port = server.address.removeprefix("http://").rsplit(":", 1)
        raw.connect((host, int(port)))
        raw.sendall(b"GET /api/v1/search?q=whale&limit=399 HTTP/1.1\r\nHost: localhost\r\n\r\n" * requests)
        time.sleep(3)
        received = 0
        # With so small a window, the systems at both ends may take half a minute to notice.
        raw.settimeout(90)
        try:
            while part := raw.recv(1 << 16):
                received += len(part)
        except ConnectionResetError:
            pass
        assert received < whole * requests
    assert get(server.address + SEARCH).status_code == 200


def test_a_client_that_takes_its_time_but_goes_on_is_served(server: Server) -> None:
    whole = get(f"{server.address}/api/v1/search?q=whale&limit=399").content
    with socket.socket() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        host, port = server.address.removeprefix("http://").rsplit(":", 1)
        raw.connect((host, int(port)))
        raw.sendall(b"GET /api/v1/search?q=whale&limit=399 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        data = b""
        while part := raw.recv(16 << 10):
            data += part
            time.sleep(0.01)
    took = re.compile(rb'"took_ms": [0-9.]+')
    assert took.sub(b"", data.partition(b"\r\n\r\n")[2]) == took.sub(b"", whole)


def test_more_connections_than_a_process_holds_are_refused(index: Path) -> None:
    with running(index, "--client-timeout", "2") as server:
        held = []
        try:
            for _ in range(512):
                held.append(server.connect())
            with server.connect() as more:
                assert more.recv(1 << 16).startswith(b"HTTP/1.1 503 ")
        finally:
            for raw in held:
                raw.close()
        until(lambda: get(server.address + SEARCH).status_code == 200)
        assert "Traceback" not in server.log


# The log


def test_the_log_says_neither_what_was_searched_nor_what_was_read(index: Path) -> None:
    token = Tokens(index).add("ada lovelace", "SECRET")
    try:
        with running(index) as server, httpx.Client(base_url=server.address, verify=False) as client:
            client.get(SEARCH)
            client.get("/api/v1/cable/09ROME1", headers={"Authorization": f"Bearer {token}"})
            client.get("/api/v1/cable/09ROME99999")
            client.get("/09ROME1/whale")
            client.get(SEARCH, headers={"Authorization": "Bearer cablesearch_wrong"})
            client.get("/api/v1/search?q=(whale")
            until(lambda: server.log.count(" GET ") == 6)
            lines = [line.split(" ", 1)[1] for line in server.log.splitlines() if " GET " in line]
            shape = re.compile(r"GET (\S+) (\d+) \d+ [0-9.]+ms (.+)")
            found = [match.groups() for line in lines if (match := shape.fullmatch(line))]
            assert found == [
                ("/api/v1/search", "200", "-"),
                ("/api/v1/cable/{reference}", "200", "ada lovelace"),
                ("/api/v1/cable/{reference}", "404", "-"),
                ("-", "404", "-"),
                ("/api/v1/search", "401", "-"),
                ("/api/v1/search", "400", "-"),
            ]
            assert not re.search("whale|09ROME|cablesearch_", server.log)
            assert "127.0.0.1" not in "".join(lines)
    finally:
        Tokens(index).revoke("ada lovelace")


def test_the_log_has_what_was_searched_if_asked_but_no_token_and_nothing_that_looks_like_a_line(index: Path) -> None:
    with running(index, "--log-queries") as server, server.connect() as raw:
        raw.sendall(
            b"GET /api/v1/search?q=whale%0a2026-01-01T00:00:00.000Z%20GET%20/\x1b[31m HTTP/1.1\r\nHost: localhost\r\n"
            b"Authorization: Bearer cablesearch_secret\r\n\r\n"
        )
        assert raw.recv(1 << 16)
        with httpx.Client(base_url=server.address, verify=False) as client:
            client.get("/api/v1/cable/09ROME1")
            client.get("/api/v1/search", params={"q": "whale " * 2000})
        until(lambda: server.log.count("Z GET") + server.log.count("Z - ") == 3)
        lines = server.log.splitlines()[3:]
        assert len(lines) == 3
        assert lines[1].split(" ", 1)[1].startswith("GET /api/v1/cable/09ROME1 200 ")
        assert lines[2].endswith("… (cut)")
        assert len(lines[2]) <= 4000
        assert "\x1b" not in server.log
        assert "cablesearch_secret" not in server.log


# Work


def test_questions_beyond_those_that_may_wait_are_refused_and_the_rest_answered(index: Path) -> None:
    with (
        running(index, "--threads", "1") as server,
        httpx.Client(verify=False, limits=httpx.Limits(max_connections=200)) as client,
    ):

        def ask(number: int) -> tuple[int, str | None]:
            response = client.get(f"{server.address}/api/v1/search?q=whale+OR+sl*+OR+{number}&limit=20", timeout=60)
            if response.status_code == 429:
                problem(response, 429, "too-busy")
            return response.status_code, response.headers.get("retry-after")

        with ThreadPoolExecutor(100) as pool:
            answers = set(pool.map(ask, range(130)))
        assert (200, None) in answers
        assert answers <= {(200, None), (429, "1")}
        assert get(server.address + SEARCH).status_code == 200


def test_an_answer_that_takes_too_long_is_given_up(index: Path) -> None:
    with running(index, "--timeout", "0.1", "--threads", "1") as server:
        query = "+OR+".join(f"*{letter}*" for letter in "abcdefghijklmnopqrstuvwxyz")
        response = get(f"{server.address}/api/v1/search?q={query}&limit=1000&facet=names&facet=places")
        if response.status_code == 503:
            assert "took longer than 0.1 seconds" in problem(response, 503, "too-slow")
            assert response.headers["retry-after"]
        until(lambda: get(server.address + SEARCH + "&limit=0").status_code == 200)


# The archive


def test_an_archive_that_vanishes_is_unavailable_until_it_is_back(tmp_path: Path) -> None:
    write(tmp_path, CABLES[:3])
    place, away = tmp_path / "archive", tmp_path / "away"
    token = Tokens(place).add("ada", "FULL")
    with running(place) as server:
        before = get(server.address + SEARCH).json()
        for _ in range(2):
            place.rename(away)
            # Nor is a token wrong then.
            for headers in ({}, {"Authorization": f"Bearer {token}"}, {"Cookie": f"{COOKIE}={token}"}):
                response = get(server.address + SEARCH, headers=headers)
                detail = problem(response, 503, "archive-unavailable")
                assert detail == "the archive is not there; it may be back in a moment"
                assert response.headers["retry-after"]
                assert str(tmp_path) not in response.text
            away.rename(place)
            until(lambda: get(server.address + SEARCH).status_code == 200)
            after = get(server.address + SEARCH).json()
            assert after | {"took_ms": 0} == before | {"took_ms": 0}
        # Another one may come in its place.
        place.rename(away)
        write(tmp_path, CABLES[:2])
        until(lambda: get(server.address + SEARCH).json().get("total") == 2)
        until(lambda: server.log.count("the archive can be read again") >= 1)
        assert "Traceback" not in server.log


@pytest.mark.parametrize("how", ["cut", "emptied", "garbled manifest", "no segment"])
def test_a_damaged_archive_is_unavailable_until_it_is_restored(tmp_path: Path, how: str) -> None:
    write(tmp_path, CABLES)
    place, kept = tmp_path / "archive", tmp_path / "kept"
    shutil.copytree(place, kept)
    (segment,) = place.glob("*.seg")
    expected = {"total": len(CABLES)}
    statuses = set()
    with running(place, "--workers", "2") as server:
        assert get(server.address + SEARCH).json()["total"] == len(CABLES)
        if how == "garbled manifest":
            for manifest in place.glob("manifest*"):
                manifest.write_text("{}")
        elif how == "no segment":
            # Whoever holds it open reads on; a new commit needs it.
            segment.unlink()
            os.utime(place / "manifest.json")
        else:
            os.truncate(segment, 0 if how == "emptied" else segment.stat().st_size // 2)

        def ask(number: int) -> None:
            try:
                response = get(f"{server.address}/api/v1/search?q=whale+OR+word{number}")
            except httpx.TransportError:
                # A page that was cut off at this moment ends a process, which is replaced.
                return
            statuses.add(response.status_code)
            if response.status_code == 200:
                assert response.json()["total"] == expected["total"]
            else:
                said = problem(response, 503, "archive-unavailable")
                assert said == "the archive is damaged; those who run this server can verify it"
                assert response.headers["retry-after"]

        for number in range(20):
            ask(number)
        assert 503 in statuses
        for path in kept.iterdir():
            shutil.copyfile(path, place / path.name)
        until(lambda: {get(server.address + SEARCH).status_code for _ in range(8)} == {200})
        statuses.clear()
        for number in range(20):
            ask(number)
        assert statuses == {200}
        assert "Traceback" not in server.log
        assert ".seg" not in server.log


@pytest.mark.parametrize("workers", ["1", "2"])
def test_answers_are_of_one_commit_or_the_next(tmp_path: Path, workers: str) -> None:
    write(tmp_path, [cable(f"09ROME{number}", "Whale 0.") for number in range(10)])
    index = tmp_path / "archive"
    stop = threading.Event()
    wrong: list[str] = []
    seen: set[int] = set()
    with running(index, "--workers", workers) as server:

        def ask() -> None:
            with httpx.Client(base_url=server.address, verify=False) as client:
                while not stop.is_set():
                    response = client.get("/api/v1/search?q=whale&limit=4&facet=year")
                    values = response.json()
                    texts = {hit["text"] for hit in values.get("hits", ())}
                    seen.add(values.get("total", 0))
                    # Each commit replaces all cables, and adds ten.
                    if response.status_code != 200 or len(texts) != 1 or values["total"] % 10:
                        wrong.append(response.text)
                        return
                    if texts != {f"Whale {values['total'] // 10 - 1}."}:
                        wrong.append(response.text)
                    following = client.get(response.links["next"]["url"])
                    if following.status_code == 410:
                        continue
                    rest = following.json()
                    if rest["total"] != values["total"] or {hit["text"] for hit in rest["hits"]} != texts:
                        wrong.append(response.text + following.text)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for commit in range(1, 5):
            write(tmp_path, [cable(f"09ROME{number}", f"Whale {commit}.") for number in range(10 * (commit + 1))])
            until(lambda: 10 * (commit + 1) in seen)  # noqa: B023 - it is called before the next one
        stop.set()
        for thread in threads:
            thread.join()
        assert wrong == []
        assert len(seen) >= 4
        assert "Traceback" not in server.log


# What readers could learn


def test_what_is_kept_for_one_reader_is_for_no_other(tmp_path: Path) -> None:
    write(tmp_path, CABLES[:1])
    index = tmp_path / "archive"
    tokens = {level: Tokens(index).add(level, level) for level in ("SECRET", "CONFIDENTIAL", "SECRET//NOFORN")}
    paths = [SEARCH, f"{SEARCH}&facet=classification", "/api/v1/cable/09ROME1", f"{SEARCH}&limit=0"]
    with running(index) as server, httpx.Client(base_url=server.address, verify=False) as client:
        # Whatever was asked before, by whom and in which order: each gets what the library gives.
        for _ in range(2):
            for level, token in [*tokens.items(), ("UNCLASSIFIED", "")]:
                headers = {"Authorization": f"Bearer {token}"} if token else {}
                with Archive(index, level) as archive:
                    expected = archive.search("whale").total
                    text = len(archive["09ROME1"].paragraphs)
                answers = [client.get(path, headers=headers) for path in paths]
                assert [answers[0].json()["total"], answers[3].json()["total"]] == [expected, expected]
                assert len(answers[2].json()["paragraphs"]) == text
                counted = dict(answers[1].json()["facets"]["classification"])
                assert sum(counted.values()) == expected
                for answer in answers:
                    assert answer.headers["cache-control"] == "private, no-cache"
                    assert {"authorization", "cookie"} <= {
                        name.strip().lower() for name in answer.headers["vary"].split(",")
                    }
        # A commit between is not hidden by what is kept.
        write(tmp_path, CABLES[:2])
        assert client.get(SEARCH).json()["total"] == 2


def test_the_page_of_one_reader_is_for_no_other(tmp_path: Path) -> None:
    write(tmp_path, CABLES[:2])
    index = tmp_path / "archive"
    secret = "The whale is ours."
    tokens = {
        name: Tokens(index).add(name, level) for name, level in (("ada", "SECRET"), ("bob", "SECRET"), ("cy", "C"))
    }
    paths = ["/", "/search?q=whale", "/search?q=ours", "/cable/09ROME1", "/login", "/help", "/cable/09ROME77"]
    with running(index) as server:
        for _ in range(2):
            for name in ("ada", "", "bob", "cy"):
                cookie = {"Cookie": f"{COOKIE}={tokens[name]}"} if name else {}
                pages = [get(server.address + path, headers=cookie | {"Accept": "text/html"}) for path in paths]
                texts = [re.sub(r"<[^>]+>", "", page.text) for page in pages]
                assert [page.status_code for page in pages] == [200] * 6 + [404]
                assert any(secret in text for text in texts) == (name in ("ada", "bob"))
                for other in {"ada", "bob", "cy"} - {name}:
                    assert not [
                        path for path, text in zip(paths, texts, strict=True) if re.search(rf"\b{other}\b", text)
                    ]
                for page in pages:
                    assert page.headers["cache-control"] in ("private, no-cache", "no-store")
                    if page.status_code == 200:
                        assert {"authorization", "cookie"} <= set(re.split(r",\s*", page.headers["vary"].lower()))
                        tag = {"If-None-Match": page.headers["etag"]} if "etag" in page.headers else {}
                        # A reader who has the page of another does not learn that it would be the same.
                        other_cookie = {"Cookie": f"{COOKIE}={tokens['cy' if name != 'cy' else 'ada']}"}
                        answer = get(str(page.url), headers=tag | other_cookie | {"Accept": "text/html"})
                        assert answer.status_code == 200


def test_what_is_kept_for_one_address_is_for_no_other(server: Server) -> None:
    for _ in range(2):
        first = get(f"{server.address}/api/v1/search?q=whale&limit=1").json()
        second = get(f"{server.address}/api/v1/search?q=whale&limit=2").json()
        assert (len(first["hits"]), len(second["hits"])) == (1, 2)
        names = ["09ROME1", "09ROME2"]
        assert [get(f"{server.address}/api/v1/cable/{name}").json()["id"] for name in names] == names


@pytest.mark.parametrize(
    ("other", "asked"),
    [
        # A stroke that begins the fragment of an address in a browser is a part of the query here.
        ("/api/v1/search?q=whale#&limit=1", "/api/v1/search?q=whale"),
        ("/api/v1/ids?q=whale#&tag=PREL", "/api/v1/ids?q=whale"),
        # What is written as %3F is not what is written as ?.
        ("/api/v1/cable/09ROME%3F", "/api/v1/cable/09ROME%253F"),
        ("/cable/09ROME%3F", "/cable/09ROME%253F"),
    ],
)
def test_no_other_address_that_is_like_it_gives_its_answer(tmp_path: Path, other: str, asked: str) -> None:
    write(tmp_path, [*CABLES[:3], cable("09ROME?", "A whale asks."), cable("09ROME%3F", "A whale is encoded.")])

    def answer(server: Server, target: str) -> bytes:
        # As it is: clients leave out what they take for a fragment.
        with server.connect() as raw:
            raw.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            parts = iter(lambda: raw.recv(1 << 16), b"")
            return TOOK.sub(b"", b"".join(parts).partition(b"\r\n\r\n")[2])

    with running(tmp_path / "archive") as server:
        expected = answer(server, asked)
    with running(tmp_path / "archive") as server:
        assert answer(server, other) != expected
        assert answer(server, asked) == expected


def test_a_commit_that_a_reader_may_not_see_changes_nothing_for_the_reader(tmp_path: Path) -> None:
    write(tmp_path, CABLES[:5])
    unlike = {"date", "link"}
    with running(tmp_path / "archive") as server, httpx.Client(base_url=server.address, verify=False) as client:

        def seen() -> list[object]:
            answers = [client.get(f"{SEARCH}&limit=2&facet=year"), client.get("/api/v1/cable/09ROME88")]
            answers.append(client.head(SEARCH))
            return [
                (
                    answer.status_code,
                    re.sub(r'"took_ms": [0-9.]+', "", answer.text),
                    {name: value for name, value in answer.headers.items() if name not in unlike | {"content-length"}},
                    len(answer.headers.get("link", "")),
                )
                for answer in answers
            ]

        before = seen()
        link = client.get(f"{SEARCH}&limit=2").links["next"]["url"]
        for number in range(3):
            hidden = cable("09ROME88", ("S", f"The whale, again {number}."), classification="SECRET")
            write(tmp_path, [*CABLES[:5], hidden])
            assert seen() == before
        assert client.get(link).status_code == 200


def test_the_token_of_a_commit_says_nothing_and_cannot_be_made(server: Server, client: httpx.Client) -> None:
    def snapshot() -> str:
        link = client.get(f"{SEARCH}&limit=1").links["next"]["url"]
        return str(httpx.URL(link).params["snapshot"])

    first, second = snapshot(), snapshot()
    assert first != second
    assert len(first) == len(second)
    for wrong in (
        "",
        "x",
        first[:-2] + ("AA" if first[-2:] != "AA" else "BB"),
        second[:30] + first[30:],
        "é",
        "A" * 5000,
    ):
        response = client.get(SEARCH, params={"q": "whale", "snapshot": wrong})
        problem(response, 410, "superseded")


def test_errors_have_no_traceback_and_no_path(index: Path, client: httpx.Client) -> None:
    for path in (
        "/api/v1/search?q=(",
        "/api/v1/search?q=whale&since=never",
        "/api/v1/search?limit=x",
        "/api/v1/search?nothing=1",
        "/api/v1/cable/%00",
        "/api/v1/cable/" + "x" * 5000,
        "/api/v1/../../etc/passwd",
        "/static/..%2f..%2fsetup.cfg",
        "//evil.example/%2e%2e",
        "/api/v1/search?q=%ff%fe",
    ):
        response = client.get(path)
        assert response.status_code < 500
        assert not re.search(r"Traceback|\.py|site-packages", response.text)
        assert str(index) not in response.text
        assert "location" not in response.headers or response.headers["location"].startswith("/")
