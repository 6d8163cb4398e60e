"""The page of a cable and the log-in page in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from cablesearch.web.tokens import Tokens
from tests.support.archives import write
from tests.support.browser import browser, needs_browser
from tests.support.cables import cable
from tests.support.serving import served
from tests.web.test_cable_pages import CABLES

pytestmark = needs_browser

PAGES = [
    "/cable/09ROME1",
    "/cable/09ROME1?q=whale#p3",
    "/cable/09TINY1",
    "/cable/74LAPAZ1?q=whales",
    "/cable/09LONG1?q=whale",
    "/cable/09EVIL1",
    "/cable/09ROME1/thread",
    "/cable/09ROME1/refs",
    "/cable/09ROME2/related",
    "/cable/09ROME9",
    "/login",
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    write(folder, [*CABLES, cable("08ROME1", ("S", "A secret."), classification="SECRET")])
    return folder / "archive"


@pytest.fixture(scope="module")
def address(index: Path) -> Iterator[str]:
    with served(index, "--clearance", "CONFIDENTIAL//NOFORN") as made:
        yield made


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as made:
        yield made


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    made = context.new_page()
    errors: list[str] = []
    made.on("pageerror", lambda error: errors.append(str(error)))
    made.on("console", lambda message: errors.append(message.text) if "Content Security" in message.text else None)
    yield made
    context.close()
    assert errors == []


def current(page: Page) -> str:
    return page.locator("mark.current").get_attribute("id") or ""


def test_keys_go_from_match_to_match_and_say_which_it_is(page: Page, address: str) -> None:
    page.goto(f"{address}/cable/09ROME1?q=whale")
    for key, mark in (("n", "m1"), ("n", "m2"), ("n", "m3"), ("p", "m2"), ("n", "m3"), ("n", "m1"), ("p", "m3")):
        page.keyboard.press(key)
        assert current(page) == mark
    expect(page.get_by_role("status")).to_have_text("3 of")
    page.get_by_role("button", name="Previous").click()
    assert current(page) == "m2"
    page.locator("#q").focus()
    page.keyboard.press("n")
    assert current(page) == "m2"


def test_the_first_match_is_that_of_the_paragraph_in_the_address(page: Page, address: str) -> None:
    page.goto(f"{address}/cable/09ROME1?q=whale#p3")
    page.keyboard.press("n")
    assert current(page) == "m3"


def test_keys_go_on_in_the_next_part_of_a_long_cable(page: Page, address: str) -> None:
    page.goto(f"{address}/cable/09LONG1?q=whale#p500")
    page.keyboard.press("n")
    page.keyboard.press("n")
    page.wait_for_url("**#m501")
    expect(page.locator("mark.current")).to_have_id("m501")
    page.keyboard.press("p")
    page.wait_for_url("**#m500")
    expect(page.locator("mark.current")).to_have_id("m500")


def test_citations_are_copied_for_the_cable_and_for_the_paragraph_of_the_address(page: Page, address: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{address}/cable/09ROME1")
    page.get_by_role("button", name="Copy citation").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    whole = "Embassy Beijing, “A WHALE IN THE TIBER,” cable 09ROME1, 1 May 2009, CONFIDENTIAL//NOFORN"
    assert page.evaluate("navigator.clipboard.readText()") == f"{whole}."
    page.get_by_role("link", name="¶3").click()
    page.locator("#p3").get_by_role("button", name="Copy citation").click()
    expect(page.locator("#p3").get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{whole}, ¶3 (C)."
    page.locator("#p3").get_by_role("link", name="Related").click()
    expect(page.locator("h1")).to_have_text("Related to ¶3")


def test_a_tag_is_explained_on_hover_on_focus_and_on_tap(chromium: Browser, address: str) -> None:
    for with_script in (True, False):
        context = chromium.new_context(java_script_enabled=with_script, has_touch=True)
        page = context.new_page()
        page.goto(f"{address}/cable/09ROME1")
        meaning, tag = page.get_by_text("Human rights"), page.locator("summary", has_text="PHUM")
        expect(meaning).to_be_hidden()
        tag.hover()
        expect(meaning).to_be_visible()
        page.mouse.move(0, 0)
        expect(meaning).to_be_hidden()
        tag.focus()
        expect(meaning).to_be_visible()
        page.locator("#q").focus()
        expect(meaning).to_be_hidden()
        tag.tap()
        expect(meaning).to_be_visible()
        context.close()


def test_escape_closes_an_explanation(page: Page, address: str) -> None:
    page.goto(f"{address}/cable/09ROME1")
    page.locator("summary", has_text="PHUM").click()
    expect(page.get_by_text("Human rights")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Human rights")).to_be_hidden()


def test_the_page_is_whole_without_a_script(chromium: Browser, address: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/cable/09ROME1?q=whale")
    page.get_by_label("Matches").get_by_role("link", name="¶3").click()
    expect(page.locator(".paragraph:target")).to_have_id("p3")
    expect(page.locator("#citation")).to_be_visible()
    expect(page.get_by_role("button", name="Copy citation")).to_have_count(0)
    context.close()


def test_a_reader_logs_in_and_out(page: Page, address: str, index: Path) -> None:
    token = Tokens(index).add("Ahab", "SECRET")
    page.goto(f"{address}/cable/08ROME1")
    expect(page.locator("h1")).to_have_text("There is no such cable")
    page.get_by_role("link", name="Log in").click()
    page.get_by_label("Token").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("This token is wrong, revoked or expired.")
    expect(page.get_by_label("Token")).to_be_focused()
    page.get_by_label("Token").fill(token)
    page.keyboard.press("Enter")
    expect(page.locator(".paragraph-text")).to_have_text("A secret.")
    expect(page.get_by_role("banner")).to_contain_text(re.compile("Ahab.*SECRET"))
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("banner")).not_to_contain_text("Ahab")
    page.goto(f"{address}/cable/08ROME1")
    expect(page.locator("h1")).to_have_text("There is no such cable")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_pages_fit_and_can_be_used_by_all(chromium: Browser, address: str, scheme: str, width: int) -> None:
    # The tool that looks for barriers is a script of its own.
    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    for path in PAGES:
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        found = Axe().run(page).response["violations"]
        assert [(path, entry["id"], entry["nodes"][0]["html"]) for entry in found] == []
    context.close()


def test_nothing_moves_while_a_page_loads(page: Page, address: str) -> None:
    for path in ("/cable/09ROME1?q=whale#p3", "/cable/09LONG1?q=whale"):
        page.goto(address + path)
        shift = page.evaluate(
            """() => new Promise((resolve) => {
              new PerformanceObserver((list) => resolve(list.getEntries().reduce((sum, entry) => sum + entry.value, 0)))
                .observe({ type: "layout-shift", buffered: true });
              setTimeout(() => resolve(0), 300);
            })"""
        )
        assert shift < 0.01, path
