"""Fixtures of tests in a browser: Chromium, and two archives with a server each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from cablesearch.archive import create
from tests.support.archives import write
from tests.support.browser import browser
from tests.support.cables import cable
from tests.support.files import SAMPLES
from tests.support.page_cables import CABLES, REPORT, mixed
from tests.support.serving import served


# A browser that stays open would leave an event loop running in tests of other modules.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as made:
        yield made


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a server of the samples."""
    index = tmp_path_factory.mktemp("samples") / "archive"
    with create(index) as archive:
        archive.index([SAMPLES], jobs=1)
    with served(index, "--clearance", "CONFIDENTIAL") as address:
        yield address


@pytest.fixture(scope="session")
def made_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an archive of generated cables: of all levels, short and long, and hostile ones."""
    folder = tmp_path_factory.mktemp("made")
    secret = cable("08ROME1", ("S", "A secret narwhal."), classification="SECRET")
    write(folder, [*mixed(), *CABLES, REPORT, secret])
    return folder / "archive"


@pytest.fixture(scope="session")
def made(made_index: Path) -> Iterator[str]:
    """Return the address of a server of the generated cables."""
    with served(made_index, "--clearance", "CONFIDENTIAL//NOFORN") as address:
        yield address
