"""Switching to a new commit, and naming the one that is shown."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import cablesearch
from cablesearch.errors import ArchiveNotFoundError, CablesearchError, CorruptIndexError
from tests.support.archives import write
from tests.support.cables import cable


def test_refresh_takes_a_new_commit_and_says_so(tmp_path: Path) -> None:
    write(tmp_path, [cable("09ROME1", "One.")])
    with cablesearch.open(tmp_path / "archive") as archive:
        assert not archive.refresh()
        commit = archive.commit
        write(tmp_path, [cable("09ROME2", "Two.")])
        assert len(archive) == 1
        assert archive.commit == commit
        assert archive.refresh()
        assert not archive.refresh()
        assert len(archive) == 2
        assert archive.commit != commit
    with pytest.raises(CablesearchError, match="closed"):
        archive.refresh()


def test_an_archive_that_vanishes_or_is_damaged_is_still_shown_and_taken_again_when_it_is_back(tmp_path: Path) -> None:
    write(tmp_path, [cable("09ROME1", "One.")])
    path = tmp_path / "archive"
    with cablesearch.open(path) as archive:
        path.rename(tmp_path / "elsewhere")
        with pytest.raises(ArchiveNotFoundError):
            archive.refresh()
        assert archive.search("one").total == 1
        (tmp_path / "elsewhere").rename(path)
        assert not archive.refresh()
        manifest = (path / "manifest.json").read_bytes()
        (path / "manifest.json").unlink()
        with pytest.raises(CorruptIndexError):
            archive.refresh()
        assert archive.search("one").total == 1
        (path / "manifest.json").write_bytes(manifest)
        assert archive.refresh()
        assert archive.search("one").total == 1
        assert archive.lowered("UNCLASSIFIED").commit == archive.commit


def test_another_archive_in_the_same_place_is_another_commit(tmp_path: Path) -> None:
    write(tmp_path, [cable("09ROME1", "One.")])
    with cablesearch.open(tmp_path / "archive") as archive:
        commit = archive.commit
        shutil.rmtree(tmp_path / "archive")
        write(tmp_path, [cable("09ROME1", "Two.")])
        assert archive.refresh()
        assert archive.commit != commit
        assert archive.search("two").total == 1


def test_a_file_that_was_cut_off_is_noticed_before_it_is_read(tmp_path: Path) -> None:
    write(tmp_path, [cable("09ROME1", "One.")])
    path = tmp_path / "archive"
    with cablesearch.open(path) as archive:
        assert archive.is_intact
        (segment,) = path.glob("*.seg")
        data = segment.read_bytes()
        os.truncate(segment, len(data) - 1)
        assert not archive.is_intact
        segment.write_bytes(data)
        assert archive.is_intact
        # Who holds a file that was removed, reads on.
        segment.unlink()
        assert archive.is_intact
        assert archive.search("one").total == 1
