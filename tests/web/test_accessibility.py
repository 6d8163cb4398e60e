"""Pages are for everybody: no barriers, nothing that moves or overflows, and nothing but the pages themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from cablesearch.web.tokens import Tokens
from tests.support.browser import needs_browser, reading
from tests.support.html import read_html
from tests.support.serving import get

pytestmark = needs_browser

PAGES = {
    "overview": "/",
    "search without a query": "/search",
    "no result": "/search?q=wahle",
    "no result for an unknown value": "/search?q=whale&tag=PHUN",
    "an id that is not there": "/search?q=09ROME9",
    "one result": "/search?q=harbor+%22number+8%22",
    "many results": "/search?q=whale&limit=50",
    "a page of results, narrowed": "/search?q=whale&tag=PREL&since=2005&sort=-date&offset=20",
    "whole cables": "/search?q=whale&group=cable&sort=citations",
    "beyond the last result": "/search?q=whale&offset=99999",
    "a wrong query": "/search?q=whale)+fish&tag=PREL",
    "a wrong filter": "/search?q=whale&since=soon",
    "values of a facet": "/search/values?q=whale&facet=tags",
    "a cable": "/cable/09ROME1",
    "a cable with matches": "/cable/09ROME1?q=whale#p3",
    "a cable of one line": "/cable/09TINY1",
    "a cable with a table": "/cable/74LAPAZ1?q=whales",
    "a hostile cable": "/cable/09EVIL1",
    "a cable without matches": "/cable/09ROME2?q=narwhal",
    "a cable with a wrong query": "/cable/09ROME2?q=whale)",
    "a thread": "/cable/09ROME1/thread",
    "references": "/cable/09ROME1/refs",
    "references to a missing cable": "/cable/09ROME3/refs",
    "related cables": "/cable/09ROME2/related",
    "nothing related": "/cable/09TINY1/related",
    "help": "/help",
    "problems": "/help/problems",
    "log-in": "/login",
    "a missing cable": "/cable/09ROME9",
    "a missing page": "/nothing",
}
LONG = {"a cable of 300 paragraphs": "/cable/09ROME300?q=narwhal", "a part of a longer cable": "/cable/09LONG1?q=whale"}
DARK = {
    *("overview", "no result for an unknown value", "one result", "a page of results, narrowed", "a wrong query"),
    *(
        "values of a facet",
        "a cable with matches",
        "a cable with a table",
        "a thread",
        "related cables",
        "help",
        "log-in",
    ),
}
"""Pages that have, together, all the colours."""
PHONE = {"width": 360, "height": 780}
DESK = {"width": 1440, "height": 900}
# WCAG 2.2: what a finger must meet. It is the one rule of that level that the tool leaves out unless it is asked.
RULES: dict[str, Any] = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
COLOURS: dict[str, Any] = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]}
# Adds up how far things move that a reader did not move.
WATCH = """
    window.moved = 0;
    new PerformanceObserver(list => { for (const entry of list.getEntries()) window.moved += entry.value; })
      .observe({ type: "layout-shift", buffered: true });
    document.addEventListener("securitypolicyviolation", event => console.error(`refused: ${event.violatedDirective}`));
"""
SETTLED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(window.moved))))"


@contextmanager
def watched(chromium: Browser, address: str, **options: Any) -> Iterator[Page]:
    with reading(chromium, address, **options) as page:
        page.add_init_script(WATCH)
        yield page


def barriers(page: Page, options: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return what the tool finds on a page as it stands: the rule, how bad it is, and where."""
    found = Axe().run(page, options=options).response["violations"]
    return [(entry["id"], entry["impact"], entry["nodes"][0]["html"]) for entry in found]


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@pytest.mark.parametrize("width", [PHONE, DESK], ids=["phone", "desk"])
def test_pages_have_no_barriers_and_stand_still(chromium: Browser, made: str, width: dict[str, int]) -> None:
    with watched(chromium, made, viewport=width, has_touch=width is PHONE) as page:
        for name, path in PAGES.items():
            page.emulate_media(color_scheme="light")
            page.goto(path)
            assert page.evaluate(SETTLED) < 0.01, name
            assert fits(page), name
            # What is folded is looked at, too.
            page.evaluate("document.querySelectorAll('main details').forEach(part => { part.open = true; })")
            assert fits(page), name
            assert barriers(page, RULES) == [], name
            if width is DESK and name in DARK:
                page.emulate_media(color_scheme="dark")
                assert barriers(page, COLOURS) == [], name


def test_long_cables_have_no_barriers_and_stand_still(chromium: Browser, made: str) -> None:
    with watched(chromium, made, viewport=PHONE, has_touch=True) as page:
        for name, path in LONG.items():
            page.goto(path)
            assert page.evaluate(SETTLED) < 0.01, name
            assert fits(page), name
            # All paragraphs are alike; some are enough for the tool.
            page.evaluate("document.querySelectorAll('.paragraph:nth-of-type(n + 30)').forEach(it => it.remove())")
            page.get_by_role("button", name="Next").click()
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                assert barriers(page, RULES) == [], name


def test_what_appears_later_has_no_barriers(chromium: Browser, made: str, made_index: Path) -> None:
    token = Tokens(made_index).add("Queequeg", "TOP SECRET")
    with watched(chromium, made, viewport=PHONE, has_touch=True) as page:
        page.goto("/search")
        page.get_by_label("Search the cables").press_sequentially("whal")
        expect(page.get_by_role("option").first).to_be_visible()
        page.keyboard.press("ArrowDown")
        assert page.get_by_label("Search the cables").get_attribute("aria-activedescendant") == "suggestion-0"
        assert (barriers(page, RULES), fits(page)) == ([], True)
        page.goto("/login")
        page.get_by_label("Token").fill("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_be_visible()
        assert (barriers(page, RULES), fits(page)) == ([], True)
        page.get_by_label("Token").fill(token)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{made}/")
        # All levels, and the reader's name.
        for path in ("/search?q=whale&limit=30", "/cable/08ROME1"):
            page.goto(path)
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                assert (barriers(page, RULES), fits(page)) == ([], True)


@pytest.mark.parametrize("path", ["/", "/search?q=whale&tag=PREL", "/cable/09ROME1?q=whale", "/login", "/help"])
def test_the_keyboard_reaches_everything_in_its_order_and_shows_where_it_is(
    chromium: Browser, made: str, path: str
) -> None:
    # Without smooth scrolling, during which nothing is where it will be.
    with watched(chromium, made, viewport=DESK, reduced_motion="reduce") as page:
        page.goto(path)
        # Places in the order of the page, and those that are seen without doing anything.
        seen = page.evaluate(
            """() => [...document.querySelectorAll('a[href], button, input, summary, [tabindex="0"]')]
              .filter((it, place) => { it.dataset.place = place; return it.tabIndex >= 0 && it.type !== "hidden"; })
              .filter(it => it.checkVisibility({ contentVisibilityAuto: true })).map(it => Number(it.dataset.place))"""
        )
        # From the top, wherever the page has put the cursor.
        page.evaluate(
            "() => { const it = document.body; it.tabIndex = -1; it.focus(); it.removeAttribute('tabindex'); }"
        )
        reached: list[int] = []
        while not reached or reached[-1] < seen[-1]:
            page.keyboard.press("Tab")
            place, is_shown = page.evaluate(
                """() => {
                  const it = document.activeElement, style = getComputedStyle(it), box = it.getBoundingClientRect();
                  const isRinged = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
                  const isOnScreen = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
                  return [Number(it.dataset.place), isRinged && isOnScreen];
                }"""
            )
            assert is_shown, page.evaluate("document.activeElement.outerHTML")
            assert not reached or reached[-1] < place
            reached.append(place)
        # An explanation that opens on focus has links of its own.
        assert {*seen} <= {*reached}


def test_the_first_link_leads_past_the_head(chromium: Browser, made: str) -> None:
    with watched(chromium, made, viewport=PHONE) as page:
        page.goto("/search?q=whale")
        skip = page.get_by_role("link", name="Skip to the content")
        expect(skip).not_to_be_in_viewport()
        page.keyboard.press("Tab")
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.locator(":focus").evaluate("it => !!it.closest('main')")


def test_nothing_moves_for_readers_who_ask_for_it(chromium: Browser, made: str) -> None:
    moves = """() => [...document.querySelectorAll("*")].some(it => {
      const style = getComputedStyle(it);
      const seconds = parseFloat(style.animationDuration) || parseFloat(style.transitionDuration);
      return style.scrollBehavior === "smooth" || seconds > 0;
    })"""
    with watched(chromium, made, reduced_motion="reduce") as page:
        for path in ("/", "/search?q=whale", "/cable/09ROME1?q=whale"):
            page.goto(path)
            page.keyboard.press("Tab")
            assert not page.evaluate(moves)


def test_text_can_be_spaced_on_a_screen_that_is_enlarged(chromium: Browser, made: str) -> None:
    """See 1.4.10 and 1.4.12 of WCAG: 320 pixels are what is left of 1,280 at 400 percent."""
    with watched(chromium, made, viewport={"width": 320, "height": 640}) as page:
        for path in ("/", "/search?q=whale&tag=PREL", "/cable/09ROME1?q=whale", "/help", "/login"):
            page.goto(path)
            assert fits(page), path
            page.evaluate(
                """() => { for (const it of document.querySelectorAll("*")) Object.assign(it.style, {
                  lineHeight: "1.5", letterSpacing: "0.12em", wordSpacing: "0.16em" }); }"""
            )
            assert fits(page), path


@pytest.mark.parametrize("path", ["/", "/search?q=whale", "/cable/09ROME1?q=whale", "/help", "/cable/09ROME1/thread"])
def test_paper_has_what_is_said_and_none_of_the_controls(chromium: Browser, made: str, path: str) -> None:
    # As wide as A4 at 96 points an inch, without the margins.
    with watched(chromium, made, viewport={"width": 718, "height": 1000}, color_scheme="dark") as page:
        page.goto(path)
        page.emulate_media(media="print")
        assert fits(page)
        for control in ("input", "button", "nav a", "[aria-label='Order'] a", ".skip"):
            assert page.locator(f"{control}:visible").count() == 0, control
        # Ink is not spent on dark paper, and a marking is its words.
        for marking in page.locator("main .marking:visible").all()[:5]:
            colours = marking.evaluate("it => [getComputedStyle(it).backgroundColor, getComputedStyle(it).color]")
            assert colours == ["rgba(0, 0, 0, 0)", "rgb(0, 0, 0)"]
            assert marking.inner_text()
        if "/help" not in path:
            expect(page.locator("h1")).to_have_css("color", "rgb(0, 0, 0)")


def test_all_addresses_of_a_page_are_on_this_server(made: str) -> None:
    for name, path in {**PAGES, **LONG}.items():
        page = read_html(get(made + path, headers={"Accept": "text/html"}).text)
        for element in page:
            for attribute in ("src", "action", "data-suggest"):
                assert not re.match(r"\w+:|//", element.attributes.get(attribute, "")), name
            if element.tag == "link":
                assert element.attributes["href"].startswith("/"), name
