"""The web application in Flask: its pages, its errors, what a clearance hides, and what a cable cannot do to a page."""

from __future__ import annotations

import re
import shutil
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import cablesearch
from cablesearch.archive import Archive
from tests.support.cables import cable
from tests.support.files import write_cables

if TYPE_CHECKING:
    from flask.testing import FlaskClient

pytest.importorskip("flask")

from examples.flask_view import archives, create_app

Make = Callable[..., Archive]

EVIL = "rain <script>alert(1)</script> & \x1b[31m \u202e"
ADDRESSES = (
    *("/", "/?q=rain", "/?q=quartz", "/?q=rain&page=2", "/?q=Where+is+the+rain%3F", "/?since=2009", "/?q=quartz+xyzzy"),
    *("/?q=%22open", "/?q=tag:QUARTZ", "/cables/10A1", "/cables/10A2", "/cables/10A9", "/cables/10A1/", "/none"),
    *("/?q=rain&page=0", "/?q=rain&since=soon", "/?q=%3F"),
)


def client(archive: Archive, clearance: str = "FULL") -> FlaskClient:
    return create_app(archive.path, lambda: clearance).test_client()


def test_a_search_shows_cited_paragraphs_and_leads_to_their_cables(beijing: Archive) -> None:
    reader = client(beijing)
    page = reader.get("/?q=trafficking").text
    total = beijing.search("trafficking").total
    assert f"<h1>Paragraphs 1-{min(total, 10)} of {total}</h1>" in page
    hit = beijing.search("trafficking")[0]
    assert f'<a href="/cables/10BEIJING30#at{hit.position}">{hit.citation}</a>' in page
    assert "<mark>trafficking</mark>" in page
    assert "(C)" in page
    shown = reader.get("/cables/10BEIJING30").text
    assert f'<p id="at{hit.position}"><b>¶{hit.number}</b>' in shown
    assert shown.count("<h2>China Ratifies Palermo</h2>") == 1
    assert "<dd>CONFIDENTIAL</dd>" in shown


def test_a_question_is_read_as_plain_words(beijing: Archive) -> None:
    page = client(beijing).get("/?q=Did+China+ratify:+yes%3F").text
    assert f"of {beijing.search('China ratify yes', match='any').total}</h1>" in page


def test_all_hits_are_on_some_page(archive_of: Make) -> None:
    archive = archive_of(*(cable(f"10A{number}", "rain") for number in range(23)))
    reader, seen, address = client(archive), [], "/?q=rain"
    while address:
        page = reader.get(address).text
        seen += re.findall(r'href="/cables/([^#"]+)#', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert seen == [hit.cable for hit in archive.search("rain", limit=None)]


@pytest.mark.parametrize(
    ("address", "status", "text"),
    [
        ("/?q=%22open", 400, "this quote is not closed"),
        ("/?q=rain&since=soon", 400, "is not a date"),
        ("/?q=rain&page=x", 400, "The page is a number from 1 to 10,000."),
        ("/?q=rain&page=99999", 400, "The page is a number"),
        ("/?q=" + "x" * 2001, 400, "the limit is 2,000"),
        ("/?q=%3F", 400, "Write at least one word."),
        ("/cables/10BEIJING31", 404, "no cable"),
        ("/none", 404, "No such page"),
        ("/?q=traffickng", 200, "Did you mean"),
        ("/?q=tag:PHUN", 200, "unknown tag"),
    ],
)
def test_errors_are_pages_with_the_words_of_the_library(beijing: Archive, address: str, status: int, text: str) -> None:
    answer = client(beijing).get(address)
    assert answer.status_code == status
    assert text in answer.text
    assert client(beijing).post("/").status_code == 405


def test_what_a_cable_says_is_text_and_nothing_may_run(archive_of: Make) -> None:
    reader = client(archive_of(cable("10A/1", EVIL, ("<b>", EVIL), subject=EVIL, origin=EVIL, tags=["<i>"])))
    for address in ("/?q=rain", "/cables/10A/1", "/?q=%3Cscript%3E", "/?q=%22%3Cscript%3E"):
        answer = reader.get(address)
        assert answer.status_code in (200, 400)
        assert not re.search("<script|<b>EVIL|<i>|\x1b|\u202e", answer.text)
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
        assert answer.headers["Cache-Control"] == "private, no-store"
    assert "style=" not in reader.get("/cables/10A/1").text


def test_a_clearance_leaves_no_trace_of_what_it_hides(archive_of: Make) -> None:
    mixed = cable("10A1", ("U", "rain"), ("S", "quartz rain"), classification="SECRET", subject="QUARTZ")
    whole = archive_of(mixed, cable("10A2", "quartz rain", classification="SECRET", tags=["QUARTZ"]))
    seen = [visible for made in whole.export() if (visible := made.view(cablesearch.Clearance.parse("SBU")))]
    restricted, alone, full = client(whole, "SBU"), client(archive_of(*seen), "SBU"), client(whole)
    for address in ADDRESSES:
        one, two = restricted.get(address), alone.get(address)
        assert (one.status, one.data) == (two.status, two.data), address
        assert {**one.headers} == {**two.headers}, address
    assert full.get("/cables/10A2").status_code == 200
    assert "<h1>Paragraphs 1-3 of 3</h1>" in full.get("/?q=rain").text
    # Without a function that says more, a reader sees what is unclassified.
    assert "<h1>Paragraphs 1 of 1</h1>" in create_app(whole.path).test_client().get("/?q=rain").text


def test_each_reader_has_a_clearance(archive_of: Make) -> None:
    archive = archive_of(cable("10A1", "rain"), cable("10A2", "rain", classification="SECRET"))
    levels = iter(["SECRET", "UNCLASSIFIED", "SECRET"])
    reader = create_app(archive.path, lambda: next(levels)).test_client()
    counts = [re.findall(r"<h1>Paragraphs .*?of (\d+)</h1>", reader.get("/?q=rain").text) for _ in range(3)]
    assert counts == [["2"], ["1"], ["2"]]


def test_a_new_commit_is_shown(archive_of: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "FRESH", 0)
    archive = archive_of(cable("10A1", "rain"))
    reader = client(archive)
    assert "<h1>Paragraphs 1 of 1</h1>" in reader.get("/?q=rain").text
    archive.index(write_cables(tmp_path / "more.jsonl", [cable("10A2", "rain")]))
    assert "<h1>Paragraphs 1-2 of 2</h1>" in reader.get("/?q=rain").text


def test_without_the_archive_the_answer_is_503_until_it_is_there(
    archive_of: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reader = create_app(tmp_path / "later").test_client()
    answer = reader.get("/?q=rain")
    assert answer.status_code == 503
    assert "The archive does not answer at the moment" in answer.text
    assert str(tmp_path) not in answer.text
    assert str(tmp_path) in caplog.text
    shutil.copytree(archive_of(cable("10A1", "rain")).path, tmp_path / "later")
    assert reader.get("/?q=rain").status_code == 200


@pytest.fixture
def address(beijing: Archive) -> Iterator[str]:
    """Run the application at an address of this computer."""
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", 0, create_app(beijing.path, lambda: "FULL"), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_readers_may_ask_at_once(address: str) -> None:
    statuses: list[int] = []

    def ask() -> None:
        for path in ("/?q=china", "/cables/10BEIJING30", "/?q=trafficking&page=2"):
            with urllib.request.urlopen(address + path) as answer:
                statuses.append(answer.status)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 18
