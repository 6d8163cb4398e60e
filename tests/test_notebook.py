"""What a notebook shows: pages that can be cited from, escaped, bounded, without a script, and with nothing hidden."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

import cablesearch
from cablesearch.archive import Archive
from cablesearch.notebook.style import STYLE
from tests.support.cables import cable

Make = Callable[..., Archive]

LONG = "china " * 2_500
EVIL = "<script>alert(1)</script> & \x1b[31m \u202e china"
IN_CAPITALS = "外交 ДИПЛОМАТИЯ CHINA"


def shown(archive: Archive) -> list[Any]:
    """Return everything that a notebook shows as a page."""
    results = archive.search("china", facets=["tags", "origin"], limit=None)
    cables = list(archive.export())
    return [
        *(results, *results, archive.search("china", sort="citations", limit=1), archive.search("chima tag:X")),
        *(archive.timeline("china", '"<b>&" OR china', "none", by="day", bursts=True), archive.timeline(by="month")),
        *(archive.overview(), archive.overview("china"), archive.overview("none")),
        *(archive.first("china"), archive.last("china", limit=None), archive.first("none")),
        *(archive.names(), archive.names("china", limit=1), archive.key_phrases("china")),
        *cables,
        *(part for made in cables for part in made.paragraphs),
    ]


class Page(HTMLParser):
    """Collects the tags and the text of HTML, with a line for each block, and checks that each element is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []
        self.lines = [line.strip() for line in self.text.splitlines() if line.strip()]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.open.append(tag)
        self.text += "\n" if tag in {"p", "li", "dt", "div"} else " " if tag == "span" else ""

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += "" if self.open[-1:] == ["style"] else data


def page(thing: Any) -> Page:
    """Return what a notebook shows of a thing."""
    return Page(thing._repr_html_())


def words(text: str) -> str:
    """Return a text with single blanks."""
    return " ".join(text.split())


def test_results_have_what_people_cite(beijing: Archive) -> None:
    results = beijing.search("trafficking", limit=3, facets=["tags"])
    lines = page(results).lines
    assert lines[:2] == ["trafficking", f"Showing 1-3 of {results.total}"]
    for number, hit in enumerate(results, 1):
        label = f"{hit.citation}  ({hit.marking}) · 2010-01-08 · {hit.origin}"
        for line in (f"{number}. {label}", hit.snippet.plain(), hit.subject):
            assert line in lines
        assert page(hit).lines[0] == label
    assert lines.count(results[0].subject or "") == 1
    assert "mark" in page(results).tags
    assert "PHUM 1" not in words(page(results).text)
    assert f"PHUM {results.total}" in words(page(results).text)
    assert "Showing 4-5 of" in page(beijing.search("trafficking", limit=2, offset=3)).text
    assert "Showing 4 of" in page(beijing.search("trafficking", limit=1, offset=3)).text
    assert page(beijing.search(tags="PHUM", limit=1)).lines[0] == "All that the filters allow"
    assert "cited by 0 cables" in page(beijing.search("china", sort="citations", limit=1)).text


def test_no_results_say_what_would_match(beijing: Archive) -> None:
    none = page(beijing.search("palermo xyzzy")).lines
    assert none[:2] == ["palermo xyzzy", "No hits"]
    assert none[2].startswith('with match="any": ')
    assert "did you mean: trafficking" in page(beijing.search("traffickng")).lines
    assert "Showing 0 of" in page(beijing.search("palermo", limit=0)).text


def test_results_name_values_that_do_not_occur(beijing: Archive) -> None:
    assert "unknown tag 'PHUN'; did you mean PHUM?" in page(beijing.search("tag:PHUN")).lines
    assert "did you mean ['PHUM', 'PGOV']?" in page(beijing.search(tags="PHUM,PGOV")).text
    many = " OR ".join(["palermo", *(f"tag:PHU{number}" for number in range(9))])
    assert "4 more values are unknown" in page(beijing.search(many)).lines
    assert "too common to match on their own: the" in page(beijing.search("the palermo", match="any")).lines


def test_facets_have_the_periods_with_the_most_hits(archive_of: Make) -> None:
    made = [cable(f"{year % 100}A{number}", "x", date=dt.datetime(year, 1, 1, tzinfo=dt.timezone.utc))
            for year in range(1970, 1990) for number in range(2 if year == 1989 else 1)]  # fmt: skip
    with archive_of(*made) as archive:
        assert "1989 2 and 10 more" in words(page(archive.search("x", facets="year")).text)


def test_a_cable_has_its_header_and_its_paragraphs(beijing: Archive) -> None:
    made = beijing["10BEIJING30"]
    lines = page(made).lines
    assert lines[:2] == [made.subject, "10BEIJING30"]
    for line in ("classification CONFIDENTIAL", "date2010-01-08", "originEmbassy Beijing", "toSECSTATE WASHDC"):
        assert line in map(words, lines)
    assert any(line.startswith("TAGS") for line in lines)
    for paragraph in made.paragraphs:
        assert f"¶{paragraph.number}  ({paragraph.marking})" in lines
        assert paragraph.text[:1000] in page(made).text
        assert page(paragraph).lines[0] == f"¶{paragraph.number}  ({paragraph.marking})"
    assert len([line for line in lines if line == "China Ratifies Palermo"]) == 1


def test_a_timeline_has_a_chart_for_each_query(archive_of: Make) -> None:
    made = [cable(f"A{day}", "rain" if day < 5 else "sun", date=dt.datetime(2009, 1, day, tzinfo=dt.timezone.utc))
            for day in range(1, 11)]  # fmt: skip
    archive = archive_of(*made, cable("X", "rain", date=None))
    html = archive.timeline("rain", "sun", "fog", by="day")._repr_html_()
    assert Page(html).lines == [
        "Paragraphs per day",
        "Counted: 11 paragraphs; the bars of all queries have the same scale",
        *("rain", "5 paragraphs · most in 2009-01-01: 1 · 1 without a date", "2009-01-01 2009-01-10"),
        *("sun", "6 paragraphs · most in 2009-01-05: 1", "2009-01-01 2009-01-10"),
        *("fog", "0 paragraphs", "2009-01-01 2009-01-10"),
    ]
    assert html.count("v-100h8V100z") == 10
    year = page(archive.timeline(by="year")).lines
    assert year[2:] == ["everything", "11 paragraphs · most in 2009: 10 · 1 without a date", "2009"]
    many = page(archive.timeline(*(f"query {number}" for number in range(14)))).text
    assert "queries that are not shown: 2" in many
    long = page(archive.timeline("rain", by="day", since=2009, until=2010)).text
    assert "each bar is 5 days" in long


def test_a_timeline_names_its_bursts(archive_of: Make) -> None:
    start = dt.datetime(2009, 1, 1, tzinfo=dt.timezone.utc)
    made = [cable(f"A{n}", "rain" if 14 < n < 30 else "sun", date=start + dt.timedelta(n)) for n in range(70)]
    shown = page(archive_of(*made).timeline("rain", by="day", bursts=True)).lines
    assert "in an unusually large share of the cables: 2009-01-16 to 2009-01-30" in shown


def test_an_overview_has_sizes_years_and_facets(archive_of: Make) -> None:
    made = [cable(f"{year % 100}A{number}", "x", tags=["PREL"], date=dt.datetime(year, 1, 1, tzinfo=dt.timezone.utc))
            for year in range(1970, 1980) for number in range(3 if year == 1973 else 1)]  # fmt: skip
    archive = archive_of(*made, cable("X", "x", date=None))
    lines = [*map(words, page(archive.overview()).lines)]
    assert lines[:2] == ["The archive", "13 cables · 13 paragraphs · 1970-01-01 to 1979-01-01 · 1 without a date"]
    assert "Cables per year; most in 1973: 3" in lines
    assert "1970 1979" in lines
    assert "tagsPREL 12" in [line.replace(" PREL", "PREL") for line in lines]
    assert page(archive.overview("nothing")).lines == ["nothing", "0 cables · 0 paragraphs"]


def test_first_and_last_hits_have_their_dates(beijing: Archive) -> None:
    lines = page(beijing.first("trafficking")).lines
    assert lines[0] == "First: trafficking"
    assert lines[1].endswith(" paragraphs in 1 cable")
    assert lines[2] == "2010-01-08 to 2010-01-08"
    assert lines[3].startswith("1. 10BEIJING30 ¶")
    assert page(beijing.last("xyzzy")).lines == ["Last: xyzzy", "0 paragraphs in 0 cables"]


def test_names_and_phrases_have_their_numbers(beijing: Archive) -> None:
    names = beijing.names(limit=5)
    lines = [*map(words, page(names).lines)]
    hits = f"{names.hits} paragraph{'' if names.hits == 1 else 's'}"
    assert lines[:2] == ["everything", f"Names in {hits}; the most frequent {len(names.names)} of {names.total}"]
    assert all(f"{name.name} {name.count}" in words(page(names).text) for name in names.names)
    phrases = beijing.key_phrases("trafficking", limit=3)
    said = page(phrases)
    apart = f"{phrases.total} paragraphs apart from {phrases.others} others"
    assert said.lines[1] == f"Phrases that set {apart}, best first"
    assert "more often than by chance" in page(beijing.key_phrases(limit=3)).lines[1]
    assert all(f"{phrase.text} {phrase.count}" in words(said.text) for phrase in phrases.phrases)


TAGS = {"div", "p", "b", "span", "mark", "ol", "li", "dl", "dt", "dd", "svg", "path", "style"}
ATTRIBUTES = {"class", "style", "role", "tabindex", "aria-label", "aria-hidden", "viewbox", "preserveaspectratio", "d"}


def test_html_is_escaped_and_bounded(archive_of: Make) -> None:
    archive = archive_of(
        cable("10A1", LONG, EVIL, IN_CAPITALS, subject=EVIL, tags=[EVIL], origin=EVIL),
        cable("10A2", *(["china"] * 120), ("<b>", "china"), subject=EVIL, date=None),
    )
    for thing in shown(archive):
        html = thing._repr_html_()
        assert Page(html).tags <= TAGS
        assert Page(html).attributes <= ATTRIBUTES
        assert html.count("<style>") == 1
        assert not re.search("[\x00-\x1f\u202e]", html)
        assert len(html) < 60_000
    results = archive.search("china", limit=None)
    assert "Showing 1-50 of 124" in page(results).lines
    assert "74 more on this page" in page(results).lines
    assert "showing 50 of these 62 hits" not in page(archive.last("china", limit=None)).text
    assert "Showing 1-50 of 121 paragraphs" in page(archive["10A2"]).text
    assert "more characters)" in page(archive["10A1"]).text
    assert "… (1 more character)" in page(archive_of(cable("10A3", "x" * 2_001))["10A3"]).text


def test_the_style_asks_nothing_of_other_files_and_applies_to_nothing_else() -> None:
    rules = STYLE.removeprefix("<style>").removesuffix("</style>")
    assert not re.search("url|@import|@font-face|expression|<", rules)
    selectors = re.sub(r"\{[^{}]*\}", "|", re.sub(r"@media[^{]*\{", "", rules)).replace("}", "").split("|")
    for selector in ",".join(selectors).split(","):
        assert not selector.strip() or re.match(r"\.cablesearch\b", selector.strip()), selector


def test_what_is_shown_has_nothing_hidden(archive_of: Make) -> None:
    mixed = cable("10A1", ("U", "china"), ("S", "quartz china"), classification="SECRET", subject="QUARTZ")
    whole = archive_of(mixed, cable("10A2", "quartz china", classification="SECRET", tags=["QUARTZ"]))
    visible = [seen for made in whole.export() if (seen := made.view(cablesearch.Clearance.parse("SBU")))]
    alone = archive_of(*visible)
    with cablesearch.open(whole.path, clearance="SBU") as archive:
        restricted, expected = ([thing._repr_html_() for thing in shown(each)] for each in (archive, alone))
        assert restricted == expected
        assert "quartz" not in "".join(restricted).lower()


# In a browser

SURROUNDINGS = {"light": "background: #fff; color: #222", "dark": "background: #111; color: #e0e0e0"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Return Chromium, where it is installed."""
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium")
    if not chromium:
        pytest.skip("needs chromium")
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with (
        playwright.sync_playwright() as started,
        started.chromium.launch(executable_path=chromium, args=options) as opened,
    ):
        yield opened


@pytest.mark.parametrize("width", [360, 1000])
@pytest.mark.parametrize("theme", SURROUNDINGS)
def test_pages_are_accessible_and_fit_the_width_on_light_and_dark(
    beijing: Archive, browser: Any, theme: str, width: int
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    things: list[Any] = [
        beijing.search("trafficking OR palermo", facets=["tags", "origin"], sort="citations"),
        *(beijing["10BEIJING30"], beijing.timeline("china", "trafficking", by="month"), beijing.overview()),
    ]
    inner = "".join(thing._repr_html_() for thing in things)
    tab = browser.new_page(viewport={"width": width, "height": 800})
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    body = f"<main style='padding: 1rem'><h1>Notebook</h1>{inner}</main>"
    tab.set_content(f"<!DOCTYPE html><html lang=en><title>x</title><body style='{SURROUNDINGS[theme]}'>{body}</html>")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    found = axe.run(tab).response["violations"]
    assert [(violation["id"], violation["nodes"]) for violation in found] == []
    assert asked == []
    tab.close()
