"""Fixtures: archives that the real program makes from real cables."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cablesearch.archive import Archive, create
from cablesearch.cable import Cable
from tests.support.files import BEIJING, write_cables


@pytest.fixture(scope="session", autouse=True)
def _warnings_are_errors_in_other_processes() -> Iterator[None]:
    """The `filterwarnings` of setup.cfg, for the processes that tests start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONWARNINGS", "error")
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_archive_in_the_data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let no test find the archive of the person who runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let the started process be interrupted, even if the tests run where interrupts are ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def beijing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Return an archive of the one real cable."""
    with create(tmp_path_factory.mktemp("beijing")) as archive:
        archive.index([BEIJING])
        yield archive


@pytest.fixture
def archive_of(tmp_path: Path) -> Callable[..., Archive]:
    """Return a function that makes archives of generated cables, each in a new folder."""
    count = iter(range(1_000_000))

    def make(*cables: Cable) -> Archive:
        number = next(count)
        source = write_cables(tmp_path / f"cables-{number}.jsonl", cables)
        archive = create(tmp_path / f"archive-{number}")
        archive.index([source])
        return archive

    return make
