"""The page of a cable, and those that belong to it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from cablesearch.archive import create
from cablesearch.cable import Cable, Paragraph, parse_clearance
from cablesearch.cable_parts import Recipient
from cablesearch.results.citations import full_citation
from cablesearch.web.app import create_app
from cablesearch.web.pages.links import MOST_PARAGRAPHS, Links
from cablesearch.web.settings import Settings
from tests.support.archives import write
from tests.support.cables import cable
from tests.support.files import BEIJING
from tests.support.html import Element, read_html
from tests.support.page_cables import CABLES, HOSTILE, ODD_IDS, day, telegram
from tests.support.serving import served


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    write(folder, CABLES)
    return folder / "archive"


@pytest.fixture(scope="module")
def client(index: Path) -> Iterator[httpx.Client]:
    with (
        served(index, "--clearance", "FULL") as address,
        httpx.Client(base_url=address, headers={"Accept": "text/html"}) as made,
    ):
        yield made


def read(client: httpx.Client, address: str, status: int = 200) -> Element:
    response = client.get(address, follow_redirects=True)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return read_html(response.text)


def texts(elements: list[Element]) -> list[str]:
    return [element.text for element in elements]


def test_a_page_has_the_header_and_the_paragraphs_of_the_cable(client: httpx.Client) -> None:
    page = read(client, "/cable/09ROME1")
    assert page.one("h1").text == "A WHALE IN THE TIBER"
    assert page.one("title").text.startswith("09ROME1: A WHALE IN THE TIBER")
    assert page.one("p", class_="byline").text == "Embassy Beijing, 1 May 2009, 12:00 Z"
    assert texts(page.all("h2", class_="heading")) == ["Summary", "Comment"]
    paragraphs = page.all(class_="paragraph")
    assert [entry.attributes["id"] for entry in paragraphs] == ["p1", "p2", "p3"]
    assert texts(paragraphs) == ["¶1 C A whale was seen.", "¶2 C It swam.", "¶3 C The whale <left>."]
    assert paragraphs[0].one("a").attributes["href"] == "#p1"
    marking = paragraphs[0].one("span", class_="marking")
    assert (marking.text, marking.attributes["title"]) == ("C", "CONFIDENTIAL")
    assert "marking-confidential" in marking.attributes["class"]
    assert page.one(id="citation").text == full_citation(CABLES[0])


def test_tags_and_controls_are_explained_without_a_script(client: httpx.Client) -> None:
    terms = read(client, "/cable/09ROME1").all("details", class_="term")
    assert {term.one("summary").text: term.one("p").text for term in terms} == {
        "NOFORN": "Not releasable to foreign nationals control",
        "PHUM": "Human rights subject · all cables with it",
        "XYZQ": "No explanation on record term · all cables with it",
    }
    assert [term.all("a")[0].attributes["href"] for term in terms[1:]] == ["/search?tag=PHUM", "/search?tag=XYZQ"]


def test_long_lists_of_recipients_are_shown_on_demand_and_whole(client: httpx.Client) -> None:
    page = read(client, "/cable/09ROME1")
    more = page.one("details", class_="more")
    assert more.one("summary").text == "AMEMBASSY 0 and 8 others"
    assert texts(more.all("li")) == [f"AMEMBASSY {number}" for number in range(1, 9)]


def test_the_matches_of_a_query_are_marked_and_numbered(client: httpx.Client) -> None:
    page = read(client, "/cable/09ROME1?q=whale")
    assert [(mark.attributes["id"], mark.text) for mark in page.all("mark")] == [
        ("m1", "WHALE"),
        ("m2", "whale"),
        ("m3", "whale"),
    ]
    bar = page.one("nav", class_="matches")
    assert bar.attributes["data-total"] == "3"
    links = bar.all("a")
    assert texts(links) == ["¶1", "¶3"]
    assert links[1].attributes["href"] == "/cable/09ROME1?q=whale#p3"
    assert page.one("input", id="q").attributes["value"] == "whale"


def test_words_side_by_side_are_one_match_and_those_of_two_lines_are_two(client: httpx.Client) -> None:
    page = read(client, '/cable/09ROME1?q="whale+was+seen"+OR+left')
    assert texts(page.all("mark")) == ["whale was seen", "left"]
    assert page.one("nav", class_="matches").attributes["data-total"] == "2"
    page = read(client, '/cable/74LAPAZ1?q="tons+1971"')
    assert texts(page.all("mark")) == ["TONS", "1971"]
    assert page.one("nav", class_="matches").attributes["data-total"] == "2"


def test_a_query_that_matches_nothing_or_has_an_error_leaves_the_cable_readable(client: httpx.Client) -> None:
    page = read(client, "/cable/09ROME1?q=zebra")
    assert page.one("nav", class_="matches").text == "No words here match zebra."
    page = read(client, "/cable/09ROME1?q=whale)")
    assert "has an error, unmatched closing bracket" in page.one("nav", class_="matches").text
    assert not page.all("mark")
    assert len(page.all(class_="paragraph")) == 3


def test_the_long_form_of_an_acronym_is_marked_too(tmp_path: Path) -> None:
    texts_of_archive = ["Trafficking in persons (TIP) is a crime.", "It reports on trafficking in persons."]
    write(tmp_path, [cable(f"09ROME{number}", text) for number, text in enumerate(texts_of_archive, 1)])
    with served(tmp_path / "archive") as address, httpx.Client(base_url=address) as client:
        page = read(client, "/cable/09ROME2?q=TIP")
    assert texts(page.all("mark")) == ["trafficking in persons"]


def test_a_table_is_shown_as_the_source_has_it_with_its_matches(client: httpx.Client) -> None:
    page = read(client, "/cable/74LAPAZ1?q=whale")
    table = page.one("pre", class_="table")
    assert table.raw_text == "YEAR      TONS\n1971       <20>\n1972        30\nWHALE       40"
    assert table.one("mark").text == "WHALE"
    assert table.attributes["tabindex"] == "0"


def test_the_raw_text_is_there_on_demand(client: httpx.Client) -> None:
    page = read(client, "/cable/74LAPAZ1")
    opened = {
        entry.one("summary").text: entry.one("pre").raw_text for entry in page.one(class_="sources").all("details")
    }
    assert opened == {"Header as it was sent": "FM LA PAZ", "Raw text": telegram().body}
    raw = client.get("/cable/74LAPAZ1/raw")
    assert raw.headers["content-type"] == "text/plain; charset=utf-8"
    assert raw.text == "FM LA PAZ\n" + telegram().body
    assert client.get("/cable/09ROME1/raw").status_code == 404


def test_text_outside_of_the_paragraphs_is_shown_where_it_matches(client: httpx.Client) -> None:
    page = read(client, "/cable/74LAPAZ1?q=whales")
    outside = page.one("details", id="outside")
    assert "open" in outside.attributes
    assert outside.one("mark").text == "WHALES"


def test_a_cable_of_one_line_has_nothing_that_is_empty(client: httpx.Client) -> None:
    page = read(client, "/cable/09TINY1")
    assert page.one("h1").text == "09TINY1"
    assert page.one(class_="paragraph").text == "¶1 Done."
    main = page.one("main")
    for tag in ("dl", "dd", "ul", "ol", "nav", "section", "details", "h2"):
        assert all(element.text for element in main.all(tag)), tag
    assert not page.all(class_="outline")
    assert not page.all(class_="sources")
    assert not page.all("nav", class_="matches")


def test_a_paragraph_leads_to_its_place_on_the_page(client: httpx.Client) -> None:
    for reference in ("09ROME1¶3", "09ROME1 ¶3", "09ROME1@3", "09rome1@3"):
        response = client.get(Links().reference(reference), params={"q": "whale"})
        assert (response.status_code, response.headers["location"]) == (303, "/cable/09ROME1?q=whale#p3")
    page = read(client, Links().reference("09ROME1¶7"), status=404)
    assert "09ROME1 has no paragraph 7; it has paragraphs 1-3." in page.one("main").text


@pytest.mark.parametrize("name", ODD_IDS)
def test_ids_with_any_characters_have_a_page(client: httpx.Client, name: str) -> None:
    # As a browser reads it, which takes dots and empty parts out of paths.
    address = urljoin("http://cables/", Links().cable(name)).removeprefix("http://cables")
    page = read(client, address)
    assert page.one("h1").raw_text == name
    assert page.one(class_="paragraph").text == f"¶1 Paragraph {ODD_IDS.index(name)}."


def test_a_cable_whose_id_ends_like_the_address_of_a_page_is_shown(client: httpx.Client) -> None:
    assert read(client, "/cable/end/thread").one("h1").text == "end/thread"
    assert read(client, "/cable/end/thread/thread").one("h1").text == "Thread"


def test_what_a_cable_says_never_becomes_an_element(client: httpx.Client) -> None:
    response = client.get("/cable/09EVIL1", params={"q": HOSTILE})
    page = read_html(response.text)
    ours = {"icon", "stylesheet", "canonical", "bookmark"}
    assert {script.attributes["src"].split(".")[0] for script in page.all("script")} == {
        "/static/script",
        "/static/cable",
    }
    assert not page.all("img")
    assert all(link.attributes["rel"] in ours for link in page.all("link"))
    assert not [name for element in page for name in element.attributes if name.startswith("on") or name == "style"]
    assert "<script>alert(1)</script>" in page.one(class_="paragraph").text
    assert "{{ 7*7 }}" in page.one("h1").text
    assert len(page.one("p", class_="signers").all("br")) == 1
    assert "\u202e" not in response.text
    assert "script-src 'self'" in response.headers["content-security-policy"]
    for part in ("thread", "refs", "related"):
        assert "<script>alert" not in client.get(f"/cable/09EVIL1/{part}").text


def test_all_parts_of_a_long_cable_can_be_reached_and_its_matches_are_counted_once(client: httpx.Client) -> None:
    address, found, marks = "/cable/09LONG1?q=whale", list[str](), list[str]()
    while address:
        page = read(client, address)
        assert page.one("nav", class_="matches").attributes["data-total"] == "1001"
        found += [entry.attributes["id"] for entry in page.all(class_="paragraph")]
        marks += [mark.attributes["id"] for mark in page.all("mark")]
        links = page.all("a", rel="next")
        address = links[0].attributes["href"] if links else ""
    assert found == [f"p{number}" for number in range(1, 2 * MOST_PARAGRAPHS + 2)]
    assert marks == [f"m{number}" for number in range(1, 2 * MOST_PARAGRAPHS + 2)]


def test_links_to_a_paragraph_of_a_long_cable_lead_to_the_part_that_has_it(client: httpx.Client) -> None:
    outline = read(client, "/cable/09LONG1").one("nav", class_="outline").all("a")
    assert texts(outline) == ["First", "Second"]
    assert outline[1].attributes["href"] == "/cable/09LONG1?at=600#p600"
    page = read(client, outline[1].attributes["href"])
    assert page.one(id="p600").text == "¶600 Whale number 600."
    assert page.one("nav", aria_label="Parts of this cable").text.startswith("¶501 to ¶1000, of 1,001 paragraphs")
    assert len(read(client, "/cable/09LONG1?at=99999").all(class_="paragraph")) == MOST_PARAGRAPHS
    assert read(client, "/cable/09LONG1?at=soon", status=400)


def test_references_lead_both_ways_and_missing_cables_are_marked(client: httpx.Client) -> None:
    page = read(client, "/cable/09ROME1")
    cites = page.one("section", aria_labelledby="cites")
    assert texts(cites.all("li")) == [
        "09ROME2 1 May 2009 Embassy Beijing UNCLASSIFIED",
        "09NOWHERE1 not in this archive",
    ]
    assert [link.attributes["href"] for link in cites.all("a")] == ["/cable/09ROME2"]
    cited_by = page.one("section", aria_labelledby="cited-by")
    assert [link.attributes["href"] for link in cited_by.all("a")] == ["/cable/09ROME4"]


def test_a_thread_has_its_cables_in_order_and_says_which_is_this_one(client: httpx.Client) -> None:
    for page in (read(client, "/cable/09ROME1"), read(client, "/cable/09ROME1/thread")):
        messages = page.one("ol", class_="thread").all("li")
        assert [message.one(class_="entry-id").text for message in messages] == ["09ROME2", "09ROME1", "09ROME4"]
        assert [message.attributes["class"] for message in messages] == ["depth-0", "depth-1", "depth-2"]
        assert [message for message in messages if "aria-current" in message.attributes] == [messages[1]]
    assert not read(client, "/cable/09TINY1").all(class_="thread")


def test_a_cable_that_is_only_referred_to_has_a_page_of_its_references(client: httpx.Client) -> None:
    page = read(client, "/cable/09ROME3/refs")
    assert "not in this archive" in page.one("p", class_="lead").text
    assert [link.attributes["href"] for link in page.one("ul", class_="entries").all("a")] == [
        "/cable/09ROME2",
        "/cable/09EVIL1",
    ]
    unknown = read(client, "/cable/09ROME3", status=404)
    assert "2 cables of this archive refer to it" in unknown.one("main").text


def test_related_cables_come_with_the_words_that_relate_them(client: httpx.Client) -> None:
    page = read(client, "/cable/09ROME2/related")
    related = page.one("ol", class_="related").all("li")
    words = {entry.one(class_="entry-id").text: entry.one(class_="entry-words").text for entry in related}
    assert words["09ROME4"] == "Shared: Tiber"
    assert "09ROME2" not in words
    page = read(client, "/cable/09ROME2%401/related")
    assert page.one("h1").text == "Related to ¶1"


def test_a_page_that_is_known_is_not_sent_again(client: httpx.Client) -> None:
    first = client.get("/cable/09ROME1")
    again = client.get("/cable/09ROME1", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_all_addresses_are_below_the_path_of_the_server(index: Path) -> None:
    app = create_app(Settings(str(index), anonymous="FULL"))
    names = ["09ROME1?q=whale", "09LONG1", "09ROME1/thread", "09ROME3/refs", "nothing"]

    async def pages() -> list[str]:
        transport = httpx.ASGITransport(app, root_path="/cables")
        async with httpx.AsyncClient(
            transport=transport, base_url="http://cables", headers={"Accept": "text/html"}
        ) as client:
            return [(await client.get(f"/cables/cable/{name}")).text for name in names]

    for page in map(read_html, asyncio.run(pages())):
        addresses = [
            address
            for element in page
            for name in ("href", "src", "action", "data-related", "data-after", "data-suggest")
            if (address := element.attributes.get(name))
        ]
        assert [address for address in addresses if not address.startswith(("/cables/", "#"))] == []


PARTLY_HIDDEN = [
    replace(
        cable(
            "09ROME1",
            ("U", "An open whale."),
            ("S", "A secret whale."),
            ("U", "The end."),
            classification="SECRET//NOFORN",
            subject="A secret subject",
            subject_marking="S",
            tags=["PHUM"],
            references=["09ROME2", "09ROME3"],
            envelope="SECRET words",
        ),
        body="raw",
        recipients=(Recipient("CIA WASHDC"),),
    ),
    cable("09ROME2", ("S", "All secret."), classification="SECRET", references=["09ROME3"]),
    cable("09ROME3", ("U", "All open, about a whale."), date=day(2009, 5, 1)),
    cable("09ROME4", ("U", "An answer."), references=["09ROME3"], date=day(2009, 5, 8)),
    cable(
        "09ROME5",
        ("S", "A secret answer about a whale."),
        classification="SECRET",
        references=["09ROME3"],
        date=day(2009, 5, 7),
    ),
    cable("09ROME6/thread", ("S", "An odd id."), classification="SECRET"),
    cable("09ROME6", ("U", "Its cable."), date=day(2009, 5, 3)),
]
ADDRESSES = [
    *(f"/cable/09ROME{number}" for number in range(1, 8)),
    *(f"/cable/09ROME{number}?q=whale+secret" for number in range(1, 4)),
    *(f"/cable/09ROME{number}/{part}" for number in range(1, 7) for part in ("thread", "refs", "related", "raw")),
    "/cable/09ROME1@2",
    "/cable/09ROME1@3",
    "/cable/09ROME1?at=2",
    "/cable/09ROME1@3/related",
    "/login?to=/cable/09ROME2",
    "/nothing",
]


def test_pages_are_those_of_an_archive_of_what_the_reader_may_see(tmp_path: Path) -> None:
    clearance = parse_clearance("UNCLASSIFIED")
    seen = [view for made in PARTLY_HIDDEN if (view := made.view(clearance))]
    answers = []
    for name, cables in (("all", PARTLY_HIDDEN), ("seen", seen)):
        folder = tmp_path / name
        folder.mkdir()
        write(folder, cables)
        with (
            served(folder / "archive", "--clearance", "UNCLASSIFIED") as address,
            httpx.Client(base_url=address, headers={"Accept": "text/html"}) as client,
        ):
            answers.append([client.get(path) for path in ADDRESSES])
    for path, of_all, of_seen in zip(ADDRESSES, *answers, strict=True):
        assert of_all.content == of_seen.content, path
        assert of_all.status_code == of_seen.status_code
        headers = ({**answer.headers, "date": ""} for answer in (of_all, of_seen))
        assert next(headers) == next(headers)
    assert "secret" not in read_html(answers[0][0].text).one("main").text


def test_the_page_of_the_real_cable_has_all_of_its_paragraphs(tmp_path: Path) -> None:
    index = tmp_path / "archive"
    with create(index) as archive:
        archive.index([BEIJING])
        real = archive["10BEIJING30"]
    with served(index, "--clearance", "FULL") as address, httpx.Client(base_url=address) as client:
        page = read(client, "/cable/10BEIJING30")
    shown = [entry.one(class_="paragraph-text").text for entry in page.all(class_="paragraph")]
    assert shown == [paragraph.text for paragraph in real.paragraphs]
    assert [entry.attributes["data-cited"] for entry in page.all(class_="paragraph")] == [
        added(real, paragraph) for paragraph in real.paragraphs
    ]


def added(real: Cable, paragraph: Paragraph) -> str:
    """Return what the citation of a paragraph adds to that of the cable."""
    whole, own = full_citation(real).removesuffix("."), full_citation(real, paragraph)
    assert own.startswith(whole)
    return own[len(whole) :]
