"""Copying an archive to a cluster and back: the same cables, answers and sources, also after a kill."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import cablesearch
from cablesearch.archive import Archive
from cablesearch.readers.json_cables import dumps
from tests.cluster.written import address_of
from tests.support.cables import RIVERS, cable
from tests.support.files import write_cables
from tests.support.running import run
from trials.cluster.nodes import Cluster

pytestmark = [pytest.mark.cluster, pytest.mark.xdist_group("cluster")]

OLDER = [
    cable("09X3", "An older text."),
    cable("09Y1", "A lone surrogate: \ud800."),
    cable("09Y\ud800", "An id with one."),
    cable("09Z\U0001f409", "An id beyond the first plane."),
    cable("09Y" + "long" * 60, "A long id."),
    cable("09Y2"),
]


@pytest.fixture
def sources(tmp_path: Path) -> list[Path]:
    """Return two files; a cable of the first is superseded by one of the second."""
    return [write_cables(tmp_path / "older.jsonl", OLDER), write_cables(tmp_path / "cables.jsonl", RIVERS)]


@pytest.fixture
def original(tmp_path: Path, sources: list[Path]) -> Archive:
    """Return an archive in a folder, from which a cable was removed."""
    with cablesearch.create(tmp_path / "original", default_clearance="SBU") as archive:
        archive.index(sources)
        archive.remove("09X5")
    return cablesearch.open(tmp_path / "original", "FULL")


@pytest.fixture
def address(cluster: Cluster, archive_name: str) -> str:
    """Return the address of an archive that is not there yet."""
    return str(address_of(cluster, archive_name))


def exported(archive: Archive) -> str:
    return "".join(dumps(each) + "\n" for each in archive.export())


def opened(place: Path | str, clearance: str | None = "FULL") -> Archive:
    return cablesearch.open(place, clearance)


def once_free(copy: Callable[[], cablesearch.CopyReport]) -> cablesearch.CopyReport:
    """Return the report of a copy once nobody else may write."""
    while True:
        with contextlib.suppress(cablesearch.LockedError):
            return copy()
        time.sleep(0.2)


def test_there_and_back_nothing_changes(original: Archive, sources: list[Path], address: str, tmp_path: Path) -> None:
    count = len(original)
    assert original.copy(address, jobs=2) == cablesearch.CopyReport(count, count)
    with opened(address) as there:
        assert exported(there) == exported(original)
        assert there.search("river", limit=None).total == original.search("river", limit=None).total
        assert there.copy(tmp_path / "back", jobs=2) == cablesearch.CopyReport(count, count)
    with opened(tmp_path / "back") as back:
        assert exported(back) == exported(original)
        for text in ("river", "china", "tag:PHUM", '"river 8 rose"'):
            hits = [[(hit.citation, hit.score) for hit in each.search(text, limit=None)] for each in (back, original)]
            assert hits[0] == hits[1]
    expected = opened(original.path).index(sources)
    for place in (address, tmp_path / "back"):
        with opened(place, None) as low, opened(place) as copy:
            assert low.clearance == opened(original.path, None).clearance
            superseded = dict(original._reading.reader.superseded())
            assert dict(copy._reading.reader.superseded()) == superseded
            assert superseded
            assert copy.index(sources) == expected


def test_an_archive_is_copied_from_cluster_to_cluster(original: Archive, cluster: Cluster, address: str) -> None:
    original.copy(address)
    with cluster.fresh_name() as other:
        target = str(address_of(cluster, other))
        with opened(address) as there:
            assert there.copy(target) == cablesearch.CopyReport(len(original), len(original))
        with opened(target) as copy, opened(target, None) as low:
            assert exported(copy) == exported(original)
            assert low.clearance == opened(original.path, None).clearance


def test_a_copy_to_a_cluster_that_is_killed_goes_on(original: Archive, address: str) -> None:
    program = (
        "import sys, time, cablesearch\n"
        "from cablesearch.indexing import copying, transfer\n"
        "copying.batch_bytes = lambda memory, jobs: 2000\n"
        "transfer.COMMIT_SECONDS = 0\n"
        "def slowly(now):\n"
        "    if now.cables > 20: print('far enough', flush=True); time.sleep(60)\n"
        "cablesearch.open(sys.argv[1], 'FULL').copy(sys.argv[2], on_progress=slowly)\n"
    )
    command = [sys.executable, "-c", program, str(original.path), address]
    # A writer that was killed keeps its lease for as long as it has asked for.
    environment = {**os.environ, "CABLESEARCH_OPENSEARCH_LEASE": "10"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "far enough\n"
        process.send_signal(signal.SIGKILL)
    with opened(address) as unfinished:
        there = len(unfinished)
        assert 0 < there < len(original)
    assert once_free(lambda: original.copy(address)) == cablesearch.CopyReport(len(original), len(original) - there)
    with opened(address) as copy:
        assert exported(copy) == exported(original)


def test_the_command_copies_to_a_cluster_and_not_over_what_is_there(original: Archive, address: str) -> None:
    copied = run("copy", original.path, address, "--clearance", "FULL", "--jobs", "1")
    assert (copied.returncode, copied.stdout) == (0, "")
    assert f"Compared {len(original)} cables: no differences\nCopy: {address}\n" in copied.stderr
    again = run("copy", original.path, address, "--clearance", "FULL", "--jobs", "1")
    assert again.returncode == 2
    assert f"the target has {len(original)} cables already" in again.stderr
    lines = run("export", "--index", address, "--clearance", "FULL").stdout
    assert lines == exported(original)
    assert json.loads(lines.splitlines()[0])["id"]
