"""The pages: the start page, the search and its facets, help."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from cablesearch.cable import Cable, Clearance, Paragraph
from cablesearch.results.facets import Count
from cablesearch.web.pages.helping import EXPLANATIONS
from cablesearch.web.pages.search.periods import chart, unit_of
from cablesearch.web.problems import KINDS
from tests.support.archives import write
from tests.support.cables import cable
from tests.support.html import Element, read_html
from tests.support.page_cables import mixed
from tests.support.serving import served

DOCS = Path(__file__).parent.parent.parent / "docs"
OWN = ("/", "/search", "/search/values", "/help", "/help/problems")
"""The pages that are tested here."""
HOSTILE = "</p><script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp; \x1b[31m \u202egnidaer\u202c {{ 7*7 }}"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("pages")
    write(folder, mixed())
    with served(folder / "archive", "--clearance", "FULL") as address, httpx.Client(base_url=address) as made:
        yield made


def read(client: httpx.Client, address: str, status: int = 200) -> Element:
    response = client.get(address)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return read_html(response.text)


def links(page: Element, name: str) -> dict[str, str]:
    """Return the addresses of the links within elements of a class, by their texts."""
    return {link.text: link.attributes["href"] for part in page.all(class_=name) for link in part.all("a")}


def total(page: Element) -> int:
    return int(page.one("h1").text.split()[0].replace(",", "").replace("No", "0"))


@pytest.mark.parametrize("start", ["/", "/search?q=whale", "/help", "/search?q=harbour+tag:PHUN"])
def test_the_links_of_pages_lead_to_pages(client: httpx.Client, start: str) -> None:
    page = read(client, start)
    anchors = {name for element in page if (name := element.attributes.get("id"))}
    for address in {element.attributes["href"] for element in page.all("a")}:
        parts = urlsplit(address)
        if parts.path in OWN:
            linked = read(client, address)
            assert not parts.fragment or any(part.attributes.get("id") == parts.fragment for part in linked)
        elif not parts.path:
            assert parts.fragment in anchors
        else:
            # Other routes have tests of their own.
            assert re.match(r"/cable/\w|/api/v1/export\?|https://github\.com/", address), address


@pytest.mark.parametrize("address", ["/", "/search", "/search?q=whale", "/search?q=whale)", "/help", "/help/problems"])
def test_pages_have_nothing_that_their_policy_forbids(client: httpx.Client, address: str) -> None:
    response = client.get(address)
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    page = read_html(response.text)
    assert not page.all("style")
    for element in page:
        assert not [name for name in element.attributes if name.startswith("on") or name == "style"]
        loaded = element.attributes.get("src") or (element.attributes["href"] if element.tag == "link" else "")
        if loaded:
            file = client.get(loaded)
            assert file.status_code == 200
            assert "immutable" in file.headers["cache-control"]
    for script in page.all("script"):
        assert script.attributes["src"].startswith("/static/")
        assert not script.text


@pytest.mark.parametrize("address", ["/", "/search", "/search?q=whale", "/search?q=whale)", "/help", "/help/problems"])
def test_pages_have_landmarks_headings_and_labels(client: httpx.Client, address: str) -> None:
    page = read(client, address, 400 if ")" in address else 200)
    assert page.one("html").attributes["lang"] == "en"
    assert page.all("title")[0].text.endswith(" · cablesearch")
    for name in ("main", "h1", "header", "footer"):
        assert len(page.all(name)) == 1
    assert page.all("a")[0].attributes["href"] == "#main"
    levels = [int(element.tag[1]) for element in page if re.fullmatch("h[1-6]", element.tag)]
    assert all(level <= before + 1 for before, level in itertools.pairwise(levels)), levels
    labelled = {label.attributes["for"] for label in page.all("label")}
    for field in page.all("input"):
        assert field.attributes.get("type") == "hidden" or field.attributes["id"] in labelled
    ids = [element.attributes["id"] for element in page if "id" in element.attributes]
    assert len(ids) == len({*ids})


def test_the_start_page_counts_the_archive_and_leads_to_searches(client: httpx.Client) -> None:
    page = read(client, "/")
    assert page.one("h1").text == "60 cables, 120 paragraphs"
    values = page.one(class_="overview").all("li")
    assert len(values) > 10
    for value in values:
        assert total(read(client, value.one("a").attributes["href"])) == int(value.text.split()[-1]), value.text
    bars = [link for link in page.one(class_="years").all("a") if "data-since" in link.attributes]
    assert [bar.text for bar in bars] == [f"{year}: 12 cables" for year in range(2005, 2010)]
    assert [total(read(client, bar.attributes["href"])) for bar in bars] == [12] * 5
    assert "Internal" not in page.text
    assert "Human rights" in page.text


@pytest.mark.parametrize(
    ("query", "group"),
    [
        *(("whale", "paragraph"), ("whale OR trafficking", "paragraph"), ("harbor any", "paragraph")),
        *(("TIP", "cable"), ("", "cable")),
    ],
)
def test_a_value_of_a_facet_finds_as_much_as_it_says(client: httpx.Client, query: str, group: str) -> None:
    any_word = "true" if "any" in query else "false"
    given = {"q": query, "group": group, "any": any_word, "since": "2005"}
    page = read(client, str(httpx.URL("/search", params=given)))
    items = page.one(id="narrow").all("li")
    assert len(items) > 12
    for item in items:
        narrowed = read(client, item.one("a").attributes["href"])
        assert total(narrowed) == int(item.text.split()[-1].replace(",", "")), item.text
        # The filter is shown, and can be removed.
        assert len(links(narrowed, "chips")) == len(links(page, "chips")) + 1
        assert total(page) in [
            total(read(client, address)) for text, address in links(narrowed, "chips").items() if "2005" not in text
        ]
    for bar in page.one("figure").all("a"):
        if "data-since" in bar.attributes:
            assert f": {total(read(client, bar.attributes['href']))} " in bar.text


def test_all_values_of_a_facet_are_on_a_page_of_their_own(client: httpx.Client) -> None:
    page = read(client, "/search/values?q=whale&facet=tags")
    assert page.one("h1").text == "5 tags"
    assert "CLINTON, HILLARY" in page.text
    link = next(address for text, address in links(page, "in-columns").items() if text.startswith("CLINTON"))
    assert parse_qs(urlsplit(link).query) == {"q": ["whale"], "tag": ["CLINTON, HILLARY"]}
    assert client.get("/search/values?q=whale&facet=nothing").status_code == 400
    assert client.get("/search/values?q=whale)&facet=tags").status_code == 303


def test_hits_have_what_a_reader_needs_to_cite_them(client: httpx.Client) -> None:
    page = read(client, "/search?q=whale+date:2005-01")
    hit = page.all("li", class_="hit")[0]
    assert hit.text.startswith("WHALES 0 OR FISH 05BEIJING1 ¶1 1 January 2005 Embassy Beijing UNCLASSIFIED The whale")
    assert [mark.text for mark in hit.all("mark")] == ["WHALES", "whale"]
    assert hit.one("a").attributes["href"] == "/cable/05BEIJING1?q=whale+date%3A2005-01#p1"


def test_the_first_and_the_last_date_lead_to_the_oldest_and_the_newest_hits(client: httpx.Client) -> None:
    summary = read(client, "/search?q=harbor+origin:rome").one(class_="summary")
    dates = [link for link in summary.all("a") if link.all("time")]
    assert summary.text.startswith(f"20 paragraphs in 20 cables, {dates[0].text} to {dates[1].text}")
    for link in dates:
        hits = read(client, link.attributes["href"]).all("li", class_="hit")
        assert hits[0].one("time").text == link.text
    assert dates[0].text != dates[1].text


def test_a_marking_is_a_colour_and_words(client: httpx.Client) -> None:
    page = read(client, "/search?q=whale&limit=100")
    shown = {
        (mark.text, mark.attributes["class"]) for hit in page.all(class_="hit") for mark in hit.all(class_="marking")
    }
    assert ("SECRET//NOFORN", "marking marking-secret") in shown
    assert ("TOP SECRET", "marking marking-top-secret") in shown
    assert ("SENSITIVE BUT UNCLASSIFIED", "marking marking-sbu") in shown


def test_a_wrong_query_is_shown_with_its_place(client: httpx.Client) -> None:
    page = read(client, "/search?q=whale)+fish&origin=Embassy+Rome", 400)
    alert = page.one(class_="error")
    assert "Unmatched closing bracket" in alert.text
    assert "Add ( before it, or remove it." in alert.text
    assert (page.one("pre").text, page.one(class_="caret").text) == ("whale) fish", ") fish")
    box = page.one(id="q")
    assert (box.attributes["value"], box.attributes["data-position"]) == ("whale) fish", "5")
    assert box.attributes["aria-describedby"] == alert.attributes["id"]
    # The filter is not lost.
    kept = [(field.attributes["name"], field.attributes["value"]) for field in page.all("input") if field is not box]
    assert kept == [("origin", "Embassy Rome")]


@pytest.mark.parametrize("address", ["/search?q=whale&since=soon", "/search?q=whale&classification=PURPLE"])
def test_a_wrong_filter_is_shown_with_advice(client: httpx.Client, address: str) -> None:
    page = read(client, address, 400)
    assert urlsplit(address).query.split("&")[1].split("=")[0] in page.one(class_="error").text
    assert page.one(id="q").attributes["value"] == "whale"
    assert links(page, "chips")


def test_fields_of_a_form_that_are_left_empty_are_not_given(client: httpx.Client) -> None:
    page = read(client, "/search?q=whale&since=&until=&tag=&origin=")
    assert total(page) == 120
    assert not page.all(class_="chips")
    assert read(client, "/search?q=+&since=").one("h1").text == "Search"


@pytest.mark.parametrize(
    ("address", "words", "link"),
    [
        ("/search?q=wahle", "Did you mean whale?", "whale"),
        ("/search?q=whale&tag=PHUN", "Unknown tag 'PHUN'. Did you mean PHUM?", "PHUM"),
        ("/search?q=whale+tag:PHUN", "Unknown tag 'PHUN'. Did you mean PHUM?", "PHUM"),
        ("/search?q=whale+origin:Rom", "", ""),
        ("/search?q=harbor+persons", "60 cables contain all the words", "60 cables"),
        ("/search?q=7+zebra", "2 paragraphs contain at least one of these words", "2 paragraphs"),
        ("/search?q=TIP", "TIP also finds trafficking in persons", "Search as written"),
        ("/search?q=05BEIJING1", "The cable 05BEIJING1 Read 05BEIJING1", "05BEIJING1"),
        ("/search?q=05BEIJING2", "Similar ids", "05BEIJING1"),
    ],
)
def test_what_would_find_more_is_a_link(client: httpx.Client, address: str, words: str, link: str) -> None:
    page = read(client, address)
    assert words in page.text
    if link:
        target = links(page, "note")[link]
        assert target.startswith("/cable/") or total(read(client, target)) > 0


def test_the_pages_of_results_are_of_one_commit(tmp_path: Path) -> None:
    cables = [cable(f"09ROME{number}", f"Whale {number}.") for number in range(1, 51)]
    write(tmp_path, cables)
    with served(tmp_path / "archive") as address, httpx.Client(base_url=address) as client:
        first = read(client, "/search?q=whale")
        assert total(first) == 50
        write(tmp_path, [cable("08ROME1", "Whale whale.")])
        assert total(read(client, "/search?q=whale")) == 51
        found = [element.text for element in first.all(class_="citation")]
        page = first
        while following := links(page, "places").get("Next", ""):
            page = read(client, following)
            assert total(page) == 50
            found += [element.text for element in page.all(class_="citation")]
        assert sorted(found) == sorted(f"{entry.id} ¶1" for entry in cables)
        # A token that is not known, or too old, leads to the same place in the present results, with a word about it.
        forgotten = re.sub("snapshot=[^&]*", "snapshot=forgotten", links(first, "places")["Next"])
        again = read(client, forgotten)
        assert "These are the results as of now." in again.text
        assert total(read(client, links(again, "note")["start over"])) == 51
        assert (total(again), again.one("ol", class_="hits").attributes["start"]) == (51, "21")


def test_a_page_beyond_the_last_says_so(client: httpx.Client) -> None:
    page = read(client, "/search?q=whale&offset=1000")
    assert "Only 120 results." in page.text


def test_a_page_that_is_known_is_not_sent_again(client: httpx.Client) -> None:
    for address in ("/", "/search?q=harbor+origin:rome", "/help"):
        first = client.get(address)
        again = client.get(address, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["cache-control"] == "private, no-cache"


def test_the_links_of_a_server_behind_a_proxy_have_its_root(tmp_path: Path) -> None:
    from starlette.testclient import TestClient

    from cablesearch.web.app import create_app
    from cablesearch.web.settings import Settings

    write(tmp_path, mixed())
    app = create_app(Settings(str(tmp_path / "archive"), anonymous="FULL"))
    with TestClient(app, root_path="/cables") as client:
        for address in ("/", "/search?q=whale", "/help"):
            page = read_html(client.get(f"/cables{address}").text)
            for element in page:
                target = element.attributes.get("href") or element.attributes.get("src") or "#"
                assert target.startswith(("/cables/", "#", "https://github.com/")), target
            assert page.one("form").attributes["action"] == "/cables/search"


def hostile() -> list[Cable]:
    paragraphs = (Paragraph(1, 1, HOSTILE, cable("1A1").classification, HOSTILE, f"whale {HOSTILE}"),)
    made = cable("09ROME1", subject=f"WHALE {HOSTILE}", origin=HOSTILE, tags=[HOSTILE, "PHUM"], classification="SECRET")
    right = cable("09CAIRO1", "الحوت whale يسبح", subject="الحوت في الميناء", origin="القاهرة")
    chinese = cable("09BEIJING1", "鲸鱼 whale 在港口游泳" * 100, subject="鲸鱼" * 200)
    return [dataclasses.replace(made, paragraphs=paragraphs), right, chinese]


def test_what_a_cable_says_is_text(tmp_path: Path) -> None:
    write(tmp_path, hostile())
    with served(tmp_path / "archive", "--clearance", "FULL") as address, httpx.Client(base_url=address) as client:
        for target in (
            "/",
            "/search?q=whale",
            "/search/values?q=whale&facet=origin",
            "/search/values?q=whale&facet=tags",
        ):
            response = client.get(target)
            page = read_html(response.text)
            assert "alert(1)" in page.text
            assert not [script for script in page.all("script") if "src" not in script.attributes]
            assert not page.all("img")
            assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", response.text)
            assert "{{ 7*7 }}" in page.text
        params = httpx.QueryParams({"q": HOSTILE + ")", "tag": HOSTILE})
        page = read(client, f"/search?{params}", 400)
        assert not page.all("img")
        assert "alert(1)" in page.one("pre").text
        page = read(client, "/search?q=whale")
        assert "الحوت" in page.text
        assert "鲸鱼" in page.text


@pytest.mark.parametrize("clearance", ["UNCLASSIFIED", "SBU", "CONFIDENTIAL//NOFORN"])
def test_a_page_is_that_of_the_archive_of_what_is_visible(tmp_path: Path, clearance: str) -> None:
    granted = Clearance.parse(clearance)
    visible = [seen for entry in mixed() if (seen := entry.view(granted))]
    (tmp_path / "all").mkdir()
    (tmp_path / "visible").mkdir()
    write(tmp_path / "all", mixed())
    write(tmp_path / "visible", visible)
    addresses = [
        *("/", "/search?q=whale", "/search?q=whale&group=cable&sort=citations", "/search?q=whale&offset=20"),
        *("/search?q=wahle", "/search?q=TIP", "/search?q=whale+tag:KS&classification=SECRET", "/search?q=09BEIJING5"),
        *("/search/values?q=whale&facet=tags", "/search?q=number&sort=date&since=2006-01&until=2006-12"),
        *("/search?q=whale)", "/search/values?facet=control&q=whale", "/search?q=control:NOFORN"),
    ]
    option = ("--clearance", clearance)
    with (
        served(tmp_path / "all" / "archive", *option) as all_of_it,
        served(tmp_path / "visible" / "archive", *option) as part,
    ):
        for address in addresses:
            answers = [httpx.get(server + address) for server in (all_of_it, part)]
            pages = [re.sub(r"snapshot=[\w-]+", "", answer.text) for answer in answers]
            assert pages[0] == pages[1], address
            assert answers[0].status_code == answers[1].status_code
            # The tag of a page with a token also has the time.
            tags = [re.sub('-[0-9]+"$', "", answer.headers.get("etag", "")) for answer in answers]
            assert tags[0] == tags[1]
            headers = [{name: answer.headers.get(name) for name in ("vary", "content-type")} for answer in answers]
            assert headers[0] == headers[1]


def test_help_has_the_whole_query_language_without_the_shell(client: httpx.Client) -> None:
    page = read(client, "/help")
    assert "labor NEAR/5" in page.text
    assert "tag:PHUM" in page.text
    assert "ANDMAYBE" in page.text
    assert "so that the shell leaves it alone" not in page.text
    for level in ("UNCLASSIFIED", "SENSITIVE BUT UNCLASSIFIED", "CONFIDENTIAL", "SECRET", "TOP SECRET"):
        assert level in [element.text for element in page.all(class_="marking")]


def test_every_kind_of_problem_is_explained_where_it_points(client: httpx.Client) -> None:
    assert EXPLANATIONS.keys() == KINDS.keys()
    page = read(client, "/help/problems")
    assert [element.attributes["id"] for element in page.all("section")] == [*KINDS]


def test_places_of_later_work_are_free(client: httpx.Client) -> None:
    for address in ("/quotation", "/labels", "/saved"):
        assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("counts", "unit", "bars"),
    [
        ([("2003-01", 1), ("2010-12", 5)], "year", 8),
        ([("2009-11", 1), ("2010-02", 5)], "month", 4),
        ([("1901-11", 1), ("2010-02", 5)], "year", 56),
        ([("0001-01", 1), ("9999-12", 5)], "year", 60),
    ],
)
def test_a_timeline_has_as_many_bars_as_can_be_seen(counts: list[Count], unit: str, bars: int) -> None:
    assert unit_of(counts) == unit
    made = chart(counts, unit, lambda since, until: f"{since}..{until}")
    assert made is not None
    assert len(made.bars) == bars
    assert sum(bar.number for bar in made.bars) == 6
    assert 1 <= len(made.ticks) <= 9
    # The bars cover every period, each once.
    for bar, following in zip(made.bars, made.bars[1:], strict=False):
        assert bar.since <= bar.until < following.since


def test_a_timeline_of_days_and_one_of_a_single_period() -> None:
    days = chart([("2009-11-28", 2), ("2009-12-03", 1)], "day", lambda since, until: since)
    assert days is not None
    assert [bar.name for bar in days.bars][:2] == ["28 November 2009", "29 November 2009"]
    assert [bar.number for bar in days.bars] == [2, 0, 0, 0, 0, 1]
    assert unit_of([("2009-11", 3), ("2009-12", 3)]) == "day"
    assert chart([("2009-11", 3)], "month", lambda since, until: since) is None
    assert chart([], "year", lambda since, until: since) is None


def test_the_addresses_of_the_documentation_are_pages(client: httpx.Client) -> None:
    addresses = re.findall(r"\| `(/[^`]*)` \|", (DOCS / "web-page.md").read_text(encoding="utf-8"))
    assert len(addresses) == 13
    for address in addresses:
        assert client.get(address).status_code == 200, address
