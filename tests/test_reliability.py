"""What an archive survives, in short: the experiments of `tests.reliability` with few cases."""

from __future__ import annotations

from pathlib import Path

from cablesearch.archive import create
from tests.reliability.cables import cable, contents, digest, write
from tests.reliability.history import small_batches


def test_a_commit_leaves_alone_what_other_processes_are_writing(tmp_path: Path) -> None:
    cables = [cable(slot, 1) for slot in range(60)]
    source = write(tmp_path / "cables.jsonl", cables)
    with small_batches(), create(tmp_path / "archive") as archive:
        archive.index([source], jobs=2)
        assert list(contents(archive).items()) == [(one.id, digest(one)) for one in cables]
