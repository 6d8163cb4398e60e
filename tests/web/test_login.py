"""Logging in and out, and errors as pages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cablesearch.web.app import create_app
from cablesearch.web.readers import COOKIE
from cablesearch.web.settings import Settings
from cablesearch.web.tokens import Tokens
from tests.support.archives import write
from tests.support.cables import cable
from tests.support.html import Element, read_html
from tests.support.serving import served

OURS = {"Sec-Fetch-Site": "same-origin"}
HTML = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("login")
    write(folder, [cable("09ROME1", ("U", "An open whale."), ("S", "A secret whale."), classification="SECRET")])
    return folder / "archive"


@pytest.fixture(scope="module")
def token(index: Path) -> str:
    return Tokens(index).add("Ishmael <b>", "SECRET")


@pytest.fixture(scope="module")
def address(index: Path) -> Iterator[str]:
    with served(index, "--clearance", "UNCLASSIFIED") as made:
        yield made


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, headers=HTML) as made:
        yield made


def paragraphs(client: httpx.Client) -> list[str]:
    page = read_html(client.get("/cable/09ROME1").text)
    return [element.text for element in page.all(class_="paragraph-text")]


def head(client: httpx.Client) -> Element:
    return read_html(client.get("/cable/09ROME1").text).one("header", class_="masthead")


def test_a_reader_who_logs_in_sees_what_was_granted_and_loses_it_on_logging_out(
    client: httpx.Client, token: str
) -> None:
    assert paragraphs(client) == ["An open whale."]
    way = head(client).one("a", href="/login?to=%2Fcable%2F09ROME1")
    assert way.text == "Log in"
    form = read_html(client.get(way.attributes["href"]).text).one("form", class_="login")
    fields = {entry.attributes["name"]: entry.attributes.get("value", "") for entry in form.all("input")}
    response = client.post("/login", data=fields | {"token": f" {token}\n"}, headers=OURS)
    assert (response.status_code, response.headers["location"]) == (303, "/cable/09ROME1")
    cookie = response.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert paragraphs(client) == ["An open whale.", "A secret whale."]
    assert head(client).one(class_="reader").text == "Ishmael <b> · Clearance SECRET"
    response = client.post("/logout", headers=OURS)
    assert (response.status_code, response.headers["location"]) == (303, "/")
    assert response.headers["clear-site-data"] == '"cache"'
    assert COOKIE not in client.cookies
    assert paragraphs(client) == ["An open whale."]


def test_a_search_that_finds_nothing_says_the_same_of_clearance_whatever_is_hidden(
    client: httpx.Client, token: str
) -> None:
    def said(query: str) -> list[str]:
        page = read_html(client.get("/search", params={"q": query}).text)
        return [note.text for note in page.all("p", class_="note")]

    advice = "Only what your clearance covers was searched."
    assert said("secret") == said("unheard") == [f"{advice} If you have a token, log in to search what it covers."]
    assert said("open") == []
    client.post("/login", data={"token": token}, headers=OURS)
    assert said("secret") == []
    assert said("unheard") == [advice]


def test_a_cable_that_is_hidden_and_one_that_is_missing_give_the_same_page(tmp_path: Path) -> None:
    hidden = cable("09LIMA7", ("S", "A secret whale."), classification="SECRET")
    write(tmp_path, [cable("09ROME1", "An open whale."), hidden])
    token = Tokens(tmp_path / "archive").add("Ishmael", "CONFIDENTIAL")
    with served(tmp_path / "archive") as address, httpx.Client(base_url=address, headers=HTML) as client:

        def said(name: str) -> tuple[int, str]:
            response = client.get(f"/cable/{name}")
            return response.status_code, response.text.replace(name, "ID")

        status, page = said("09LIMA7")
        assert (status, page) == said("09LIMA8")
        note = "Only what your clearance covers was looked up."
        assert status == 404
        assert f"{note} If you have a token, log in to see what it covers." in read_html(page).one("main").text
        client.post("/login", data={"token": token}, headers=OURS)
        assert said("09LIMA7") == said("09LIMA8")
        assert read_html(said("09LIMA7")[1]).one("main").one("p", class_="note").text == note


def test_a_wrong_token_is_said_to_be_wrong_and_sets_no_cookie(client: httpx.Client, token: str) -> None:
    answers = [client.post("/login", data={"token": given}, headers=OURS) for given in ("wrong", token + "x")]
    for response in answers:
        assert response.status_code == 401
        assert "set-cookie" not in response.headers
        page = read_html(response.text)
        assert page.one(id="token-problem").text == "This token is wrong, revoked or expired."
        assert page.one("input", id="token").attributes["aria-invalid"] == "true"
        assert "value" not in page.one("input", id="token").attributes
    assert answers[0].content == answers[1].content
    response = client.post("/login", data={"token": " "}, headers=OURS)
    assert (response.status_code, read_html(response.text).one(id="token-problem").text) == (400, "Enter your token.")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://example.org"},
        {"Origin": "null"},
        {"Origin": "https://example.org", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_what_other_pages_send_is_refused(client: httpx.Client, token: str, headers: dict[str, str]) -> None:
    for path in ("/login", "/logout"):
        response = client.post(path, data={"token": token}, headers=headers)
        assert response.status_code == 403
        assert "set-cookie" not in response.headers


def test_the_origin_counts_where_a_browser_says_nothing_else(client: httpx.Client, token: str, address: str) -> None:
    response = client.post("/login", data={"token": token}, headers={"Origin": address})
    assert response.status_code == 303
    assert client.get("/login").headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    "to",
    [
        "https://example.org/",
        "//example.org/",
        "/\\example.org/",
        "/\t/example.org/",
        "\\\\example.org",
        "javascript:alert(1)",
        "/\r\nSet-Cookie: a=b",
        "cable/09ROME1",
        "/" + "x" * 9_000,
    ],
)
def test_logging_in_never_leads_to_another_server(client: httpx.Client, token: str, to: str) -> None:
    response = client.post("/login", data={"token": token, "to": to}, headers=OURS)
    assert (response.status_code, response.headers.get("location")) in ((303, "/"), (400, None))
    assert read_html(client.get("/login", params={"to": to}).text).one("input", type="hidden").attributes["value"] == ""


def test_the_cookie_is_for_the_path_of_the_server_and_secure_over_https(index: Path, token: str) -> None:
    app = create_app(Settings(str(index)))

    async def logged_in() -> httpx.Response:
        transport = httpx.ASGITransport(app, root_path="/cables")
        async with httpx.AsyncClient(transport=transport, base_url="https://example.org") as client:
            return await client.post("/cables/login", data={"token": token, "to": "/search?q=a"}, headers=OURS)

    response = asyncio.run(logged_in())
    assert response.headers["location"] == "/cables/search?q=a"
    assert {"Secure", "Path=/cables"} <= set(response.headers["set-cookie"].split("; "))


def test_many_wrong_tokens_make_the_log_in_page_busy_and_not_others(address: str) -> None:
    async def answers() -> tuple[set[int], int]:
        async with httpx.AsyncClient(base_url=address, headers=HTML | OURS) as client:
            tries = [asyncio.create_task(client.post("/login", data={"token": "wrong"})) for _ in range(40)]
            other = await client.get("/cable/09ROME1")
            return {response.status_code for response in await asyncio.gather(*tries)}, other.status_code

    assert asyncio.run(answers()) == ({401, 429}, 200)


def test_errors_are_pages_for_browsers_with_the_words_and_the_status_of_the_problem(client: httpx.Client) -> None:
    response = client.get("/cable/09ROME2")
    assert (response.status_code, response.headers["content-type"]) == (404, "text/html; charset=utf-8")
    main = read_html(response.text).one("main")
    assert main.one("h1").text == "There is no such cable"
    assert [link.attributes["href"] for link in main.one("ul").all("a")] == ["/cable/09ROME1"]
    assert main.one("p", class_="lead").text == "No cable 09ROME2 in this archive; did you mean 09ROME1?"
    problem = client.get("/cable/09ROME2", headers={"Accept": "*/*"})
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["near"] == ["09ROME1"]
    assert client.get("/api/v1/cable/09ROME2").headers["content-type"] == "application/problem+json"
    hostile = client.get("/cable/%3Cscript%3Ealert(1)%3C/script%3E%E2%80%AE")
    assert "<script>alert" not in hostile.text
    assert "\u202e" not in hostile.text


@pytest.mark.parametrize(
    ("method", "headers", "query", "kind"),
    [
        ("GET", {"Host": "evil.example"}, "", "unknown-host"),
        ("GET", {"X-Long": "x" * (33 << 10)}, "", "headers-too-large"),
        ("GET", {}, "?q=" + "x" * (17 << 10), "too-large"),
        ("POST", {"Sec-Fetch-Site": "cross-site"}, "", "forbidden"),
    ],
)
def test_requests_that_are_refused_give_a_page_to_browsers_and_a_document_to_programs(
    client: httpx.Client, token: str, method: str, headers: dict[str, str], query: str, kind: str
) -> None:
    client.cookies.set(COOKIE, token)
    page = client.request(method, f"/search{query}", headers=headers)
    document = client.request(method, f"/search{query}", headers=headers | {"Accept": "application/json"})
    program = client.request(method, f"/api/v1/search{query}", headers=headers)
    said = document.json()
    assert said["type"] == program.json()["type"] == f"/help/problems#{kind}"
    assert page.status_code == document.status_code == program.status_code == said["status"]
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    main = read_html(page.text).one("main")
    assert main.one("h1").text == said["title"]
    assert main.one("p", class_="lead").text.lower().startswith(said["detail"].lower())
    # Whoever sent it may not be the reader whose cookie it has.
    assert "Ishmael" not in page.text
    assert "Clearance" not in page.text


def test_a_page_that_does_not_exist_says_so(client: httpx.Client) -> None:
    response = client.get("/nothing/here")
    assert response.status_code == 404
    assert read_html(response.text).one("h1").text == "There is nothing here"
    assert client.get("/cable").status_code == 404


def test_a_wrong_token_in_the_header_gives_a_page_that_says_so(client: httpx.Client) -> None:
    response = client.get("/cable/09ROME1", headers={"Authorization": "Bearer wrong"})
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
    main = read_html(response.text).one("main")
    assert "The token is wrong, revoked or expired." in main.text
    assert main.one("a", href="/login")


def test_an_archive_that_vanished_gives_a_page_that_says_to_try_again(tmp_path: Path) -> None:
    write(tmp_path, [cable("09ROME1", "Whale.")])
    with served(tmp_path / "archive") as address, httpx.Client(base_url=address, headers=HTML) as client:
        assert client.get("/cable/09ROME1").status_code == 200
        (tmp_path / "archive").rename(tmp_path / "elsewhere")
        response = client.get("/cable/09ROME1")
        assert (response.status_code, response.headers["retry-after"]) == (503, "1")
        main = read_html(response.text).one("main")
        assert "Try again in a moment." in main.text
        assert str(tmp_path) not in response.text
