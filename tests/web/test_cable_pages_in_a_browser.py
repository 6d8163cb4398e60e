"""The page of a cable in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.archives import write
from tests.support.browser import needs_browser, reading
from tests.support.page_cables import CABLES
from tests.support.serving import served

pytestmark = needs_browser


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    write(folder, CABLES)
    return folder / "archive"


@pytest.fixture(scope="module")
def address(index: Path) -> Iterator[str]:
    with served(index, "--clearance", "CONFIDENTIAL//NOFORN") as made:
        yield made


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    with reading(chromium, address) as made:
        yield made


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


def test_keys_go_on_from_a_part_in_which_no_match_comes(page: Page, address: str) -> None:
    page.goto(f"{address}/cable/09LONG1?q=whale&at=501")
    page.keyboard.press("p")
    page.wait_for_url("**#m500")
    expect(page.locator("mark.current")).to_have_id("m500")
    # Only the first part has the number 7.
    page.goto(f'{address}/cable/09LONG1?q="number+7"&at=501')
    expect(page.locator("mark")).to_have_count(0)
    page.get_by_role("button", name="Previous").click()
    page.wait_for_url("**#m1")
    expect(page.locator("mark.current")).to_have_text("number 7")
    # Only the last part has the number 1001.
    page.goto(f'{address}/cable/09LONG1?q="number+1001"')
    page.keyboard.press("n")
    page.wait_for_url("**at=501#m1")
    page.keyboard.press("n")
    page.wait_for_url("**at=1001#m1")
    expect(page.locator("mark.current")).to_have_text("number 1001")


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


def test_escape_is_left_to_the_browser_where_nothing_is_open(page: Page, address: str) -> None:
    page.goto(f"{address}/cable/09ROME1")
    page.evaluate("addEventListener('keydown', (event) => { window.isTaken = event.defaultPrevented; })")
    page.keyboard.press("Escape")
    assert page.evaluate("window.isTaken") is False
    page.locator("summary", has_text="PHUM").click()
    page.keyboard.press("Escape")
    assert page.evaluate("window.isTaken") is True


def test_the_page_is_whole_without_a_script(chromium: Browser, address: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/cable/09ROME1?q=whale")
    page.get_by_label("Matches").get_by_role("link", name="¶3").click()
    expect(page.locator(".paragraph:target")).to_have_id("p3")
    expect(page.locator("#citation")).to_be_visible()
    expect(page.get_by_role("button", name="Copy citation")).to_have_count(0)
    context.close()
