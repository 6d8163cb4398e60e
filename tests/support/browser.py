"""A real browser: Debian's Chromium, headless, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

_PATH = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# A browser must not be skipped where it is said to be there.
_IS_EXPECTED = bool(os.environ.get("CABLESEARCH_EXPECTS_BROWSER"))
_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]

needs_browser = pytest.mark.skipif(
    _PATH is None and not _IS_EXPECTED, reason="there is no Chromium; with Debian: apt-get install chromium"
)
"""Marks tests that need a browser."""


@contextmanager
def browser() -> Iterator[Browser]:
    """Give the block a browser."""
    assert _PATH is not None, "there is no Chromium"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=_PATH, args=_OPTIONS)
        yield started
        started.close()


@contextmanager
def reading(chromium: Browser, address: str, **options: Any) -> Iterator[Page]:
    """Give the block a page of its own for one reader, and see that nothing goes wrong on it.

    Args:
        chromium: the browser.
        address: the server, which is the only one that the page may ask.
        **options: options of Playwright's contexts, such as ``viewport``.
    """
    context = chromium.new_context(base_url=address, **options)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if is_wrong(message) else None)
    page.on("request", lambda request: wrong.append(request.url) if not request.url.startswith(address) else None)
    try:
        yield page
    finally:
        context.close()
    assert not wrong, wrong


def is_wrong(message: ConsoleMessage) -> bool:
    """Whether a message on the console is more than the status of a page that reports an error, such as 404."""
    return message.type in ("error", "warning") and "the server responded with a status of 4" not in message.text
