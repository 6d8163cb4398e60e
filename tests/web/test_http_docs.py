"""docs/http-api.md: its examples, run by a real server, a shell and a browser; and its tables."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import ConsoleMessage, Page

from cablesearch.web.api import batch, commands, parameters, streams
from cablesearch.web.problems import KINDS
from tests.support.browser import browser, needs_browser
from tests.support.files import DOCS, SAMPLES
from tests.support.running import run
from tests.support.serving import served
from tests.support.shell import run_shell

PAGE = (DOCS / "http-api.md").read_text(encoding="utf-8")
SERVER = "http://127.0.0.1:8000"
BLOCK = re.compile(
    r"^```(?P<language>sh|js)\n(?P<code>.*?)^```$\n\nIt prints:\n\n```\n(?P<printed>.*?)^```$", re.DOTALL | re.MULTILINE
)
BLOCKS = list(BLOCK.finditer(PAGE))
SHELL = [(block["code"], block["printed"]) for block in BLOCKS if block["language"] == "sh"]
SCRIPTS = [(block["code"], block["printed"]) for block in BLOCKS if block["language"] == "js"]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("docs") / "archive"
    run("index", SAMPLES, "--index", folder)
    with served(folder, "--clearance", "FULL") as made:
        yield made


def test_every_block_of_the_page_is_run() -> None:
    assert 4 * len(BLOCKS) == len(re.findall("^```", PAGE, re.MULTILINE))
    assert (len(SHELL), len(SCRIPTS)) >= (6, 2)


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl; with Debian: apt-get install curl")
@pytest.mark.parametrize(("code", "printed"), SHELL)
def test_each_example_of_curl_prints_what_the_page_says(address: str, code: str, printed: str) -> None:
    # The last line may have no end.
    assert run_shell(code.replace(SERVER, address)).rstrip("\n") == printed.rstrip("\n")


@needs_browser
def test_each_example_of_javascript_prints_what_the_page_says(address: str) -> None:
    with browser() as chromium:
        for code, printed in SCRIPTS:
            page = chromium.new_page()
            page.goto(f"{address}/api/v1/health")
            assert said_by(page, code.replace(SERVER, address)) == printed.splitlines()
            page.close()


def said_by(page: Page, code: str) -> list[str]:
    """Run a script in a page and return what it logs."""
    said: list[ConsoleMessage] = []

    def hear(message: ConsoleMessage) -> None:
        said.append(message)

    page.on("console", hear)
    with page.expect_console_message(lambda message: message.text == "the end"):
        page.evaluate(f"async () => {{ {code}\nconsole.log('the end') }}")
    return [message.text for message in said if message.type == "log"][:-1]


def test_the_tables_have_every_address_and_every_status() -> None:
    for name in commands.COMMANDS:
        assert re.search(rf"^\|.*`/{name}\b", PAGE, re.MULTILINE), name
    listed = set(re.findall(r"^\| (\d{3}) \|", PAGE, re.MULTILINE))
    # A server that fails has no excuse.
    assert listed == {str(status) for status, _ in KINDS.values()} - {"500"}


def test_the_limits_are_those_of_the_program() -> None:
    hits, entries, nodes = parameters.MOST_HITS, parameters.MOST_LISTED, commands.MOST_NODES
    assert f"{hits:,} hits, {entries:,} entries of a list, {nodes:,} cables of a graph" in PAGE
    assert f"takes up to {batch.MOST_QUESTIONS:,} questions" in PAGE
    assert streams.MOST_STREAMS == 8
    assert "sends eight exports and batches at a time" in PAGE
