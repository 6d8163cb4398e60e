"""A real browser: Debian's Chromium, headless, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

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
