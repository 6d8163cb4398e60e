"""Copying an archive to another folder from its stored cables: whole, compared, continued, and only to a free place."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import cablesearch
from cablesearch.archive import Archive
from cablesearch.engine.index.snapshot import latest
from cablesearch.indexing import copying
from cablesearch.protocols.stored import Stored
from cablesearch.readers.json_cables import dumps
from tests.support.cables import RIVERS, cable
from tests.support.files import write_cables
from tests.support.running import run


@pytest.fixture
def sources(tmp_path: Path) -> list[Path]:
    """Return two files; a cable of the first is superseded by one of the second."""
    older = write_cables(tmp_path / "older.jsonl", [cable("09X3", "An older text."), cable("09Y1", "A note\ud800.")])
    return [older, write_cables(tmp_path / "cables.jsonl", RIVERS)]


@pytest.fixture
def original(tmp_path: Path, sources: list[Path]) -> Archive:
    """Return an archive of several segments, from which a cable was removed."""
    with cablesearch.create(tmp_path / "original", default_clearance="SBU") as archive:
        for source in sources:
            archive.index([source])
        archive.index(sources)
        archive.remove("09X5")
    return cablesearch.open(tmp_path / "original", "FULL")


def exported(path: Path) -> str:
    with cablesearch.open(path, "FULL") as archive:
        return "".join(dumps(each) + "\n" for each in archive.export())


def answers(path: Path) -> list[object]:
    found: list[object] = []
    for clearance in ("FULL", "SBU", None):
        with cablesearch.open(path, clearance) as archive:
            for text in ("river", "china", "riv* -china", "tag:PHUM", '"river 8 rose"', "river~"):
                results = archive.search(text, limit=None, facets=["tags", "classification"])
                found.append([(hit.citation, hit.score, hit.snippet.plain()) for hit in results])
                found.append(results.facets)
            found.append((archive.stats().cables, archive.stats().words, archive.clearance))
    return found


def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "batch_bytes", lambda memory, jobs: 2000)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_copy_exports_and_answers_the_same(
    original: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    small_batches(monkeypatch)
    before = latest(original.path).generation
    report = original.copy(tmp_path / "copy", jobs=jobs)
    assert report == cablesearch.CopyReport(cables=60, copied=60)
    assert exported(tmp_path / "copy") == exported(tmp_path / "original")
    assert answers(tmp_path / "copy") == answers(tmp_path / "original")
    with cablesearch.open(tmp_path / "copy", "FULL") as copy:
        assert copy.verify(deep=True) == []
        assert copy._reading.reader.notes == original._reading.reader.notes
    assert latest(original.path).generation == before


def test_the_same_sources_change_nothing_in_a_copy(original: Archive, sources: list[Path], tmp_path: Path) -> None:
    superseded = dict(original._reading.reader.superseded())
    assert superseded
    original.copy(tmp_path / "copy")
    with cablesearch.open(tmp_path / "copy", "FULL") as copy:
        assert dict(copy._reading.reader.superseded()) == superseded
        with cablesearch.open(tmp_path / "original", "FULL") as again:
            assert copy.index(sources) == again.index(sources)
    assert exported(tmp_path / "copy") == exported(tmp_path / "original")


def test_a_copy_is_the_commit_that_is_shown(original: Archive, tmp_path: Path) -> None:
    before = exported(tmp_path / "original")
    with cablesearch.open(tmp_path / "original", "FULL") as writing:
        writing.remove(["09X1", "09X2"])
        writing.compact()
    assert original.copy(tmp_path / "copy").cables == 60
    assert exported(tmp_path / "copy") == before


def test_a_copy_needs_no_lock_on_the_original(original: Archive, tmp_path: Path) -> None:
    with original._place.pen(1 << 28):
        assert original.copy(tmp_path / "copy").cables == 60
    with (
        cablesearch.open(tmp_path / "copy", "FULL")._place.pen(1 << 28),
        pytest.raises(cablesearch.LockedError),
    ):
        original.copy(tmp_path / "copy")


def test_an_interrupted_copy_goes_on(original: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_batches(monkeypatch)

    def interrupt(now: cablesearch.Progress) -> None:
        if now.cables >= 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        original.copy(tmp_path / "copy", on_progress=interrupt)
    with cablesearch.open(tmp_path / "copy", "FULL") as unfinished:
        there = len(unfinished)
        assert 20 <= there < 60
        with pytest.raises(cablesearch.CablesearchError, match="unfinished copy; finish it first"):
            unfinished.copy(tmp_path / "another")
    assert original.copy(tmp_path / "copy") == cablesearch.CopyReport(60, 60 - there)
    assert exported(tmp_path / "copy") == exported(tmp_path / "original")


@pytest.mark.parametrize("stage", ["merging", "comparing", "committing"])
def test_a_copy_that_is_interrupted_near_its_end_goes_on(
    original: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    small_batches(monkeypatch)

    def interrupt(now: cablesearch.Progress) -> None:
        if now.stage == stage:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        original.copy(tmp_path / "copy", on_progress=interrupt)
    assert original.copy(tmp_path / "copy") == cablesearch.CopyReport(60, 0)
    assert answers(tmp_path / "copy") == answers(tmp_path / "original")


def test_a_copy_that_is_killed_goes_on(original: Archive, tmp_path: Path) -> None:
    program = (
        "import sys, time, cablesearch\n"
        "from cablesearch.indexing import copying, transfer\n"
        "copying.batch_bytes = lambda memory, jobs: 2000\n"
        "transfer.COMMIT_SECONDS = 0\n"
        "def slowly(now):\n"
        "    if now.cables > 20: print('far enough', flush=True); time.sleep(60)\n"
        "cablesearch.open(sys.argv[1], 'FULL').copy(sys.argv[2], jobs=2, on_progress=slowly)\n"
    )
    command = [sys.executable, "-c", program, str(original.path), str(tmp_path / "copy")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "far enough\n"
        process.send_signal(signal.SIGKILL)
    with cablesearch.open(tmp_path / "copy", "FULL") as unfinished:
        there = len(unfinished)
        assert 0 < there < 60
    assert original.copy(tmp_path / "copy") == cablesearch.CopyReport(60, 60 - there)
    assert exported(tmp_path / "copy") == exported(tmp_path / "original")


def test_a_copy_is_not_continued_from_another_commit(original: Archive, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        original.copy(tmp_path / "copy", on_progress=interrupt_the_comparison)
    with cablesearch.open(tmp_path / "original", "FULL") as changed:
        changed.remove("09X1")
        with pytest.raises(cablesearch.CablesearchError, match="unfinished copy of another commit"):
            changed.copy(tmp_path / "copy")


def interrupt_the_comparison(now: cablesearch.Progress) -> None:
    if now.stage == "comparing":
        raise KeyboardInterrupt


def test_a_copy_goes_only_to_a_free_place(original: Archive, tmp_path: Path) -> None:
    original.copy(tmp_path / "copy")
    for target in (tmp_path / "copy", original.path):
        with pytest.raises(cablesearch.CablesearchError, match="the target has 60 cables already"):
            original.copy(target)
    cablesearch.create(tmp_path / "open").close()
    with pytest.raises(cablesearch.CablesearchError, match=r"default clearance of the target is FULL, .* is S"):
        original.copy(tmp_path / "open")
    (tmp_path / "file").touch()
    with pytest.raises(cablesearch.ArchiveNotFoundError):
        original.copy(tmp_path / "file")


def test_a_copy_to_an_archive_that_was_emptied_knows_no_other_sources(
    original: Archive, sources: list[Path], tmp_path: Path
) -> None:
    other = [cable("09Z1", "one text"), cable("09Z1", "another text")]
    with cablesearch.create(tmp_path / "copy", default_clearance="SBU") as emptied:
        emptied.index([write_cables(tmp_path / "other.jsonl", other)])
        emptied.remove("09Z1")
    assert original.copy(tmp_path / "copy").cables == 60
    with cablesearch.open(tmp_path / "copy", "FULL") as copy:
        assert dict(copy._reading.reader.superseded()) == dict(original._reading.reader.superseded())


@pytest.mark.parametrize("harm", ["changed", "removed", "added"])
def test_a_difference_is_named(original: Archive, tmp_path: Path, harm: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        original.copy(tmp_path / "copy", on_progress=interrupt_the_comparison)
    with cablesearch.open(tmp_path / "copy", "FULL") as unfinished:
        if harm != "removed":
            given = [cable("09A1", "More.")] if harm == "added" else [cable("09X13", "A fake."), cable("09X17", "Too.")]
            unfinished.index([write_cables(tmp_path / "given.jsonl", given)])
        else:
            # What is removed is copied again.
            unfinished.remove(["09X13", "09X17"])
    if harm == "added":
        message = "the copy differs from the original: it has '09A1' in the place of '09X1'"
        with pytest.raises(cablesearch.CablesearchError, match=message):
            original.copy(tmp_path / "copy")
    else:
        assert original.copy(tmp_path / "copy") == cablesearch.CopyReport(60, 2)


def test_another_content_is_a_difference(original: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_batches(monkeypatch)
    falsified = {"09X13", "09X17"}
    build = copying.build

    def fake(stored: Stored) -> Stored:
        return stored._replace(cable=lambda: cable(stored.key, "A fake.")) if stored.key in falsified else stored

    def falsify(cables: Sequence[Stored], *given: Any, **named: Any) -> Any:
        return build([*map(fake, cables)], *given, **named)

    monkeypatch.setattr(copying, "build", falsify)
    with pytest.raises(cablesearch.CablesearchError, match="differs from the original: '09X13' has another content"):
        original.copy(tmp_path / "copy")


def test_a_damaged_record_stops_a_copy(tmp_path: Path) -> None:
    from cablesearch.engine.index.writer import Writer
    from cablesearch.schema.index_fields import documents, indexing_schema
    from cablesearch.schema.stored import pack

    with cablesearch.create(tmp_path / "archive") as archive:
        with Writer(archive.path, indexing_schema()) as writer:
            content, leads = documents(cable("09X1", "river"))
            writer.add("09X1", bytes(16), content, pack(cable("09X2", "river"), leads), leads)
            writer.commit()
        archive.reload()
        with pytest.raises(cablesearch.CorruptIndexError, match="the record of '09X1' is damaged"):
            archive.copy(tmp_path / "copy")


def test_whole_cables_are_only_for_full_clearance(original: Archive, tmp_path: Path) -> None:
    low = original.lowered("SECRET")
    with pytest.raises(cablesearch.CablesearchError, match="copy needs full clearance"):
        low.copy(tmp_path / "copy")
    with pytest.raises(cablesearch.CablesearchError, match="needs full clearance"):
        low._reading.reader.stored({})
    assert not (tmp_path / "copy").exists()


def test_progress_is_reported(original: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_batches(monkeypatch)
    seen: list[cablesearch.Progress] = []
    original.copy(tmp_path / "copy", on_progress=seen.append)
    assert list(dict.fromkeys(now.stage for now in seen)) == ["copying", "merging", "comparing", "committing"]
    for stage in ("copying", "comparing"):
        done = [now.done for now in seen if now.stage == stage]
        assert done == sorted(done)
        assert (done[0], done[-1]) == (0, 60)


def test_the_command_copies(original: Archive, tmp_path: Path) -> None:
    names = (str(original.path), str(tmp_path / "copy"))
    refused = run("copy", *names)
    assert (refused.returncode, refused.stderr) == (
        2,
        "Error: copy needs full clearance (FULL), not SENSITIVE BUT UNCLASSIFIED\n",
    )
    copied = run("copy", *names, "--clearance", "FULL", "--jobs", "1")
    assert (copied.returncode, copied.stdout) == (0, "")
    lines = copied.stderr.splitlines()
    assert lines[0].startswith("Copied 60 cables in ")
    assert lines[1:] == ["Compared 60 cables: no differences", f"Copy: {tmp_path / 'copy'}"]
    assert run("export", "--index", names[1], "--clearance", "FULL").stdout == exported(original.path)
    again = run("copy", *names, "--clearance", "FULL")
    assert (again.returncode, again.stderr) == (
        2,
        f"Error: {names[1]}: the target has 60 cables already; choose another one\n",
    )
    for given, message in (
        (("--index", names[0], "copy", *names), "copy takes both archives as arguments, not with --index"),
        (("copy", names[0]), "Missing argument 'TO'"),
        (("copy", "", names[1]), "must not be empty"),
        (("copy", str(tmp_path / "nowhere"), names[1], "--clearance", "FULL"), "there is no archive here\n"),
    ):
        result = run(*given)
        assert result.returncode == 2
        assert message in result.stderr


def test_an_interrupted_command_says_how_to_go_on(
    original: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*given: object, **named: object) -> None:
        raise KeyboardInterrupt

    names = (str(original.path), str(tmp_path / "copy"), "--clearance", "FULL", "--jobs", "1")
    with monkeypatch.context() as patches:
        patches.setattr(copying, "dumps", interrupt)
        interrupted = run("copy", *names)
    message = f"Interrupted. The copy at {tmp_path / 'copy'} is not complete; run the same command to continue.\n"
    assert (interrupted.returncode, interrupted.stderr) == (130, message)
    assert "Copied 0 cables (60 were there already) in " in run("copy", *names).stderr
