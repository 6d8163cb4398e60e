"""The ten journeys of docs/journeys.md, in a real browser. They take the pictures that the documentation shows."""

from __future__ import annotations

import csv
import io
import os
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from pypdf import PdfReader

from cablesearch.web.tokens import Tokens
from tests.support.browser import needs_browser, reading
from tests.support.files import DOCS
from tests.support.serving import until

pytestmark = needs_browser

PICTURES = os.environ.get("CABLESEARCH_SCREENSHOTS")
"""The folder for pictures; without it none is written."""
DESK = {"width": 1120, "height": 760}
PHONE = {"width": 360, "height": 720}


def picture(page: Page, name: str) -> None:
    """Take a picture of what a reader sees."""
    if PICTURES:
        taken = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
        few_colours = taken.convert("RGB").quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        few_colours.save(Path(PICTURES) / f"{name}.png", optimize=True)


@contextmanager
def at_desk(chromium: Browser, address: str, **options: Any) -> Iterator[Page]:
    with reading(chromium, address, viewport=DESK, **options) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield page


def total(page: Page) -> int:
    """Return the number of results."""
    return int(page.locator("h1").inner_text().split()[0].replace(",", ""))


def count(item: Locator) -> int:
    """Return the number beside a value."""
    return int(item.locator(".count").inner_text().replace(",", ""))


def search(page: Page, query: str) -> None:
    box = page.get_by_label("Search the cables")
    box.fill(query)
    box.press("Enter")
    page.wait_for_url("**/search?*")


def clipboard(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def is_seen(element: Locator) -> bool:
    """Whether the middle of an element is on the screen, and nothing covers it."""
    return bool(
        element.evaluate(
            """element => {
              const box = element.getClientRects()[0];
              const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
              return element.contains(top);
            }"""
        )
    )


def test_first_look(chromium: Browser, samples: str) -> None:
    """1. A first look at an archive"""
    with at_desk(chromium, samples) as page:
        page.goto("/")
        expect(page.locator("h1")).to_have_text("1,790 cables, 5,368 paragraphs")
        expect(page.locator(".span")).to_contain_text("1930 to 8 January 2010")
        picture(page, "start")
        for region, name in (("Posts", "Geneva"), ("TAGS", "PHUM"), ("Levels of paragraphs", "CONFIDENTIAL")):
            value = page.get_by_role("region", name=region).locator("li", has_text=name)
            expected = count(value)
            value.get_by_role("link").click()
            assert total(page) == expected > 0
            page.get_by_role("link", name="Overview").click()


def test_phrase_and_citation(chromium: Browser, samples: str) -> None:
    """2. A phrase, the paragraph that has it, and its citation"""
    with at_desk(chromium, samples) as page:
        page.goto("/")
        search(page, '"human trafficking"')
        assert total(page) == 4
        hit = page.locator(".hit").first
        expect(hit.locator("mark").first).to_have_text("human trafficking")
        citation = hit.locator(".citation").inner_text()
        hit.get_by_role("link").click()
        paragraph = page.locator(".paragraph:target")
        expect(paragraph).to_contain_text("human trafficking was a serious transnational crime")
        until(lambda: is_seen(paragraph.locator("mark").first))
        assert citation == f"10BEIJING30 {paragraph.locator('.paragraph-label a').inner_text()}"
        paragraph.get_by_role("button", name="Copy citation").click()
        expect(paragraph.get_by_role("button", name="Copied")).to_be_visible()
        assert clipboard(page).startswith("Embassy Beijing, “")
        assert clipboard(page).endswith(", ¶7 (C).")
        page.keyboard.press("Home")
        expect(paragraph.get_by_role("button", name="Copy citation")).to_have_count(1)
        picture(page, "cable")
        # The address leads to the same paragraph.
        page.goto(page.url)
        expect(paragraph).to_have_count(1)


def test_wrong_query(chromium: Browser, samples: str) -> None:
    """3. A query that is wrong, and one that finds nothing"""
    with at_desk(chromium, samples) as page:
        page.goto("/")
        search(page, "(visa OR passport) fraud)")
        expect(page.get_by_role("alert")).to_contain_text("Unmatched closing bracket")
        box = page.get_by_label("Search the cables")
        expect(box).to_be_focused()
        picture(page, "wrong-query")
        # The cursor stands before the bracket.
        page.keyboard.press("Delete")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?*")
        expect(box).to_have_value("(visa OR passport) fraud")
        search(page, "traficking")
        expect(page.locator("h1")).to_have_text("No paragraphs match")
        page.get_by_role("link", name="trafficking", exact=True).click()
        assert total(page) > 0


def test_narrowing(chromium: Browser, samples: str) -> None:
    """4. Narrowing the results, and taking them along"""
    with at_desk(chromium, samples) as page:
        page.goto("/")
        search(page, "treaty")
        whole = total(page)
        picture(page, "search")
        post = page.get_by_role("region", name="Post", exact=True).locator("li", has_text="London")
        expected = count(post)
        post.get_by_role("link").click()
        assert total(page) == expected < whole
        chip = page.locator(".chips").get_by_role("link", name="London")
        page.get_by_role("link", name="Cables", exact=True).click()
        assert total(page) < expected
        page.get_by_role("link", name="Paragraphs", exact=True).click()
        page.get_by_role("link", name="Newest", exact=True).click()
        dates = page.locator(".hit time").evaluate_all("all => all.map(time => time.dateTime)")
        assert dates == sorted(dates, reverse=True)
        with page.expect_download() as download:
            page.get_by_role("link", name="as CSV").click()
        rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig"))))
        assert len(rows) == expected
        assert {row["origin"] for row in rows} == {"London"}
        chip.click()
        assert total(page) == whole
        page.get_by_role("link", name=re.compile(r"All \d+ posts")).click()
        expect(page.locator("h1")).to_have_text(re.compile(r"\d+ posts"))
        page.get_by_role("link", name="Back to the results").click()
        assert total(page) == whole


def test_timeline(chromium: Browser, samples: str) -> None:
    """5. To a period"""
    with at_desk(chromium, samples) as page:
        page.goto("/search?q=treaty&until=1936")
        whole = total(page)
        bars = page.locator("svg.bars a")
        names = bars.locator("title").all_text_contents()
        numbers = [int(name.split(": ")[1].split()[0]) for name in names]
        assert sum(numbers) == whole
        # By a click on a bar.
        bars.first.locator(".room").click()
        page.wait_for_url("**since=1930**")
        assert total(page) == numbers[0]
        page.go_back()
        # By dragging over two bars.
        left, right = (bars.nth(place).locator(".room").bounding_box() for place in (0, 1))
        assert left
        assert right
        page.mouse.move(left["x"] + left["width"] / 2, left["y"] + 20)
        page.mouse.down()
        page.mouse.move(right["x"] + right["width"] / 2, right["y"] + 30, steps=4)
        expect(page.locator(".dragged")).to_have_text(re.compile(r"1930 to 19\d\d"))
        page.mouse.up()
        page.wait_for_url("**since=1930&until=19*")
        assert total(page) == numbers[0] + numbers[1]
        page.go_back()
        # By the keyboard.
        page.get_by_text("Results by").last.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text(names[0].split(": ")[0])
        page.keyboard.press("Enter")
        page.wait_for_url("**since=1930**")
        assert total(page) == numbers[0]


def test_conversation(chromium: Browser, made: str) -> None:
    """6. From a cable to the others of its conversation"""
    with at_desk(chromium, made) as page:
        page.goto("/cable/09ROME1")
        page.get_by_role("region", name="Refers to").get_by_role("link", name="09ROME2").click()
        page.wait_for_url("**/cable/09ROME2")
        page.get_by_role("region", name="Cited by").get_by_role("link", name="09ROME1").click()
        page.wait_for_url("**/cable/09ROME1")
        thread = page.get_by_role("region", name="Thread")
        ids = ["09ROME2", "09ROME1", "09ROME4"]
        assert thread.locator(".entry-id").all_inner_texts() == ids
        expect(thread.locator("[aria-current]")).to_contain_text("09ROME1")
        thread.get_by_role("link", name="09ROME4").click()
        page.wait_for_url("**/cable/09ROME4")
        assert page.get_by_role("region", name="Thread").locator(".entry-id").all_inner_texts() == ids
        page.get_by_role("link", name="Cables that share the words").click()
        expect(page.locator("h1")).to_have_text("Related cables")
        page.locator(".related").get_by_role("link").first.click()
        expect(page.locator("mark").first).to_be_visible()


def test_token(chromium: Browser, made: str, made_index: Path) -> None:
    """7. Logging in, and out"""
    token = Tokens(made_index).add("Ahab", "SECRET")
    with at_desk(chromium, made) as page:
        page.goto("/search?q=secret+narwhal")
        expect(page.locator("h1")).to_have_text("No paragraphs match")
        page.get_by_role("link", name="Log in", exact=True).click()
        page.get_by_label("Token").fill("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("This token is wrong, revoked or expired.")
        expect(page.get_by_label("Token")).to_be_focused()
        page.get_by_label("Token").fill(token)
        page.keyboard.press("Enter")
        # Back where she came from, and there is more.
        page.wait_for_url("**/search?q=secret+narwhal")
        assert total(page) == 1
        expect(page.get_by_role("banner")).to_contain_text(re.compile("Ahab.*SECRET"))
        page.locator(".hit").get_by_role("link").click()
        expect(page.locator(".paragraph-text")).to_have_text("A secret narwhal.")
        cable = page.url
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_role("banner")).not_to_contain_text("Ahab")
        page.goto(cable)
        expect(page.locator("h1")).to_have_text("There is no such cable")
        page.goto("/search?q=secret+narwhal")
        expect(page.locator("h1")).to_have_text("No paragraphs match")


def test_phone(chromium: Browser, samples: str, made: str) -> None:
    """8. A long cable on a phone"""
    phone: dict[str, Any] = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
    with reading(chromium, samples, **phone) as page:
        page.goto("/search?q=trafficking")
        picture(page, "phone")
        page.get_by_role("link", name="Narrow the results").tap()
        until(lambda: is_seen(page.get_by_role("heading", name="Narrow the results")))
    with reading(chromium, made, **phone) as page:
        page.goto("/search?q=narwhal")
        assert total(page) == 3
        page.locator(".hit").first.get_by_role("link").tap()
        page.wait_for_url("**/cable/09ROME300*")
        expect(page.locator(".paragraph")).to_have_count(300)
        seen = set()
        for step in ("Next", "Next", "Next", "Next", "Previous"):
            page.get_by_role("button", name=step).tap()
            current = page.locator("mark.current")
            until(lambda: is_seen(page.locator("mark.current")))
            number = current.get_attribute("id") or ""
            expect(page.get_by_role("status")).to_have_text(f"{number[1:]} of")
            seen.add(current.evaluate("mark => mark.closest('.paragraph').id"))
            assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        assert seen == {"p100", "p200", "p300"}


def test_keyboard(chromium: Browser, samples: str) -> None:
    """9. With the keyboard alone"""
    with at_desk(chromium, samples) as page:
        press = page.keyboard.press
        page.goto("/help")
        press("Tab")
        expect(page.locator(":focus")).to_have_text("Skip to the content")
        press("/")
        expect(page.get_by_label("Search the cables")).to_be_focused()
        page.keyboard.type("palermo pr")
        expect(page.get_by_role("option").first).to_contain_text("palermo protocol")
        press("ArrowDown")
        picture(page, "completion")
        press("Enter")
        page.wait_for_url("**/search?*")
        press("j")
        press("j")
        press("k")
        expect(page.locator(".hit").first.get_by_role("link")).to_be_focused()
        press("Enter")
        page.wait_for_url("**/cable/10BEIJING30*")
        expect(page.locator(".paragraph:target")).to_have_count(1)
        press("n")
        first = page.locator("mark.current").get_attribute("id")
        press("n")
        assert page.locator("mark.current").get_attribute("id") != first
        press("c")
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert "10BEIJING30" in clipboard(page)


def test_paper(chromium: Browser, samples: str, tmp_path: Path) -> None:
    """10. Without JavaScript, and on paper"""
    with reading(chromium, samples, viewport=DESK, java_script_enabled=False) as page:
        page.goto("/")
        page.get_by_label("Search the cables").fill("Palermo")
        page.get_by_role("button", name="Search").click()
        page.locator(".hit").first.get_by_role("link").click()
        page.wait_for_url("**/cable/10BEIJING30*")
        page.get_by_label("Matches").get_by_role("link").last.click()
        expect(page.locator(".paragraph:target mark").first).to_be_visible()
        expect(page.get_by_role("button", name="Copy citation")).to_be_hidden()
        citation = page.locator("#citation").inner_text()
        page.pdf(path=tmp_path / "cable.pdf", format="A4")
    paper = " ".join(" ".join(sheet.extract_text() for sheet in PdfReader(tmp_path / "cable.pdf").pages).split())
    assert citation.replace(" ", "") in paper.replace(" ", "")
    assert "Palermo Protocol" in paper
    for name in ("Skip to", "Log in", "Permalink", "Cables that share"):
        assert name not in paper


def test_the_journeys_are_those_of_the_documentation() -> None:
    headings = re.findall(r"^## (\d+\. .*)$", (DOCS / "journeys.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings == [test.__doc__ for test in JOURNEYS]
    assert len(headings) == 10


def test_each_picture_of_the_documentation_is_taken_on_a_journey() -> None:
    text = "".join((DOCS / name).read_text(encoding="utf-8") for name in ("web-page.md", "journeys.md"))
    shown = dict(re.findall(r"!\[([^\]]+)\]\(pictures/([\w-]+)\.png\)", text))
    taken = set(re.findall(r'picture\(page, "([\w-]+)"\)', Path(__file__).read_text(encoding="utf-8")))
    files = {path.stem for path in (DOCS / "pictures").iterdir()}
    assert set(shown.values()) == taken == files
    for path in (DOCS / "pictures").iterdir():
        data = path.read_bytes()
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        assert len(data) < 100_000
        assert struct.unpack(">II", data[16:24]) in [tuple(size.values()) for size in (DESK, PHONE)]


JOURNEYS = [
    *(test_first_look, test_phrase_and_citation, test_wrong_query, test_narrowing, test_timeline),
    *(test_conversation, test_token, test_phone, test_keyboard, test_paper),
]
