"""What an archive survives: the experiments of `trials` with few cases, and failures that they once found."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest

from cablesearch.archive import Archive, create
from cablesearch.cable import Cable
from cablesearch.embedded.upkeep import batches
from cablesearch.engine.index.writer import Writer
from cablesearch.errors import LockedError
from cablesearch.indexing import ingest
from cablesearch.indexing.workers import DiedError, Workers
from cablesearch.readers.json_cables import dumps
from cablesearch.schema.index_fields import documents, indexing_schema
from tests.support.files import ROOT
from trials.cables import cable, contents, digest, name, write
from trials.disk import PowerOffError, Step, WrongError, failing, watched
from trials.faults import faults, reads
from trials.history import command, leftovers, small_batches, whole
from trials.interrupts import Lines, interrupts
from trials.kills import kills
from trials.moved import moved
from trials.powercut import powercut
from trials.report import BEGIN, END, put_between, table
from trials.soak import soak

Source = Callable[..., Path]


@pytest.fixture
def source(tmp_path: Path) -> Source:
    """Return a function that writes files of cables of a version."""
    return lambda version, slots: write(tmp_path / f"{version}.jsonl", [cable(slot, version) for slot in slots])


# The experiments, in short


def test_killed_processes_lose_no_commit() -> None:
    assert kills(seed=1, count=25, size=6, segments=14)["killed"] == 25


@pytest.mark.parametrize(("jobs", "some"), [(1, 10), (2, 3)])
def test_every_failing_step_is_survived(jobs: int, some: int) -> None:
    assert faults(seed=1, jobs=jobs, some=some)["tried"] == some


def test_steps_fail_while_many_segments_are_merged() -> None:
    assert faults(seed=1, some=2, segments=16)["tried"] == 2


def test_another_archive_in_the_place_of_the_folder_is_left_alone() -> None:
    figures = moved(seed=1, some=12)
    assert figures["tried"] == 12
    assert figures["readers"] == 3


def test_files_that_cannot_be_opened_are_reported() -> None:
    reads(seed=1)


def test_power_cuts_are_survived() -> None:
    figures = powercut(seed=1, some=30, stops=1)
    assert isinstance(figures["states"], int)
    assert figures["states"] > 150


def test_ctrl_c_at_any_line_loses_no_commit() -> None:
    interrupts(seed=1, some=6)


def test_readers_beside_a_writer_see_whole_commits() -> None:
    checks = soak(seed=1, readers=2, count=3_000)["checks"]
    assert isinstance(checks, int)
    assert checks >= 6_000


def _name(step: Step | None) -> str:
    return step.other.name if step and step.other else ""


@pytest.mark.parametrize(
    "drop",
    [
        lambda step, before: step.kind == "sync" and step.path.suffix == ".part",
        lambda step, before: step.kind == "sync" and step.path.name == "manifest.json.new",
        lambda step, before: step.kind == "sync_folder" and _name(before).startswith("manifest"),
        lambda step, before: step.kind == "sync_folder" and step.path.name != "one",
    ],
    ids=["contents of segments", "contents of manifests", "names of manifests", "names of folders"],
)
def test_an_omitted_sync_is_noticed(drop: Callable[[Step, Step | None], bool]) -> None:
    with pytest.raises(WrongError):
        powercut(seed=1, some=40, stops=0, drop=drop)


# Failures that they found


def test_a_commit_leaves_files_of_other_processes_alone(source: Source, tmp_path: Path) -> None:
    cables = [cable(slot, 1) for slot in range(60)]
    with small_batches(), create(tmp_path / "archive") as archive:
        archive.index([source(1, range(60))], jobs=2)
        assert list(contents(archive).items()) == [(cable.id, digest(cable)) for cable in cables]


def _stopped_at(wanted: Callable[[Step], bool], *arguments: str) -> list[Step]:
    """Stop the program before a step, and return the steps until then."""
    steps: list[Step] = []

    def watch(step: Step) -> None:
        if steps and wanted(steps[-1]):
            raise PowerOffError
        steps.append(step)
        step.do()

    with watched(watch), pytest.raises(PowerOffError):
        command(*arguments)
    return steps


def test_a_manifest_that_a_killed_writer_did_not_sync_is_synced_before_anything_is_removed(
    source: Source, tmp_path: Path
) -> None:
    path = tmp_path / "archive"
    command("index", str(source(1, range(3))), "--index", str(path))
    command("remove", name(1), "--index", str(path))
    _stopped_at(lambda step: step.other == path / "manifest.json", "compact", "--index", str(path))
    kinds = []

    def watch(step: Step) -> None:
        kinds.append((step.kind, step.path.suffix))
        step.do()

    with watched(watch):
        command("remove", "nothing", "--index", str(path))
    assert ("sync_folder", "") in kinds[: kinds.index(("remove", ".seg"))]


def test_a_folder_that_a_killed_program_made_is_synced_by_the_next(source: Source, tmp_path: Path) -> None:
    path = tmp_path / "archives" / "one"
    arguments = ("index", str(source(1, range(3))), "--index", str(path))
    _stopped_at(lambda step: step.kind == "make_folder" and step.path == path, *arguments)
    synced = []

    def watch(step: Step) -> None:
        if step.kind == "sync_folder":
            synced.append(step.path)
        step.do()

    with watched(watch):
        assert command(*arguments).status == 0
    assert synced.index(path.parent) < synced.index(path)


@pytest.mark.parametrize("place", range(1, 5))
def test_an_interrupt_while_a_cable_is_replaced_loses_none(place: int, source: Source, tmp_path: Path) -> None:
    with create(tmp_path / "archive") as archive:
        archive.index([source(1, range(6))])
        before = contents(archive)
        second = source(2, range(6))
        with pytest.raises(KeyboardInterrupt), Lines(place, {Writer.adopt.__code__.co_filename}, "adopt"):
            archive.index([second])
        assert contents(archive) == before
        assert archive.index([second]).replaced == 6


def test_the_first_error_is_reported_and_not_its_consequences(source: Source, tmp_path: Path) -> None:
    path = tmp_path / "archive"
    command("index", str(source(1, range(3))), "--index", str(path))
    for number in range(1, 200):
        watch = failing(number, errno.ENOSPC, stays=True)
        with watched(watch):
            outcome = command("index", str(source(2, range(3))), "--index", str(path))
        if outcome.status == 2:
            break
    assert outcome.said.splitlines()[-1].startswith(f"Error: {path}")
    assert whole(path)[0] == 1


def _unlucky(monkeypatch: pytest.MonkeyPatch, name: str, fail: Callable[[], None]) -> None:
    """Make indexing fail at the cable with this id."""

    def unlucky(cable: Cable) -> object:
        if cable.id == name:
            fail()
        return documents(cable)

    monkeypatch.setattr(batches, "documents", unlucky)


def _exhausted() -> None:
    raise MemoryError


@pytest.mark.parametrize(
    ("jobs", "fail"), [(1, _exhausted), (2, _exhausted), (2, lambda: os.kill(os.getpid(), signal.SIGKILL))]
)
def test_a_record_that_needs_too_much_memory_is_rejected_alone(
    jobs: int, fail: Callable[[], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cables.jsonl"
    path.write_text("".join(f'{{"id": "X{number}", "paragraphs": [{{"text": "x"}}]}}\n' for number in range(40)))
    monkeypatch.setattr(ingest, "BATCH", 2000)
    _unlucky(monkeypatch, "X13", fail)
    reported: list[str] = []
    with create(tmp_path / "archive") as archive:
        report = archive.index([path], jobs=jobs, on_trouble=lambda kind, *what: reported.append(f"{kind} {what[2]}"))
        assert (report.added, report.rejected) == (39, 1)
        assert [cable.id for cable in archive.export()] == sorted(f"X{number}" for number in range(40) if number != 13)
        assert archive.verify() == []
    (reason,) = [words for words in reported if words.startswith("rejected")]
    assert "takes more memory than 512M" in reason


@pytest.mark.parametrize("jobs", [1, 2])
def test_records_that_do_not_fit_into_a_segment_together_get_several(jobs: int, tmp_path: Path) -> None:
    def line(name: str, start: int, count: int) -> str:
        words = " ".join(f"w{number:x}" for number in range(start, start + count))
        return json.dumps({"id": name, "paragraphs": [{"text": words}]}) + "\n"

    path = tmp_path / "cables.jsonl"
    lines = [line(f"X{number}", number * 4000, 4000) for number in range(24)]
    path.write_text("".join([*lines[:10], line("HUGE", 0, 200_000), *lines[10:]]))
    reported: list[str] = []
    with create(tmp_path / "archive") as archive:
        report = archive.index(
            [path], jobs=jobs, memory=16 << 20, on_trouble=lambda kind, *what: reported.append(f"{kind} {what[1:]}")
        )
        assert (report.added, report.rejected) == (24, 1)
        assert [cable.id for cable in archive.export()] == sorted(f"X{number}" for number in range(24))
        assert archive.verify() == []
        assert archive.search(f"w{10 * 4000:x}").total == 1
    (reason,) = [words for words in reported if words.startswith("rejected")]
    allowed = "16M" if jobs == 1 else "16M for 2 processes"
    assert f"(11, 'indexing it takes more memory than {allowed}; allow 128M for one process" in reason


def test_a_machine_without_memory_rejects_no_record(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(cable: object) -> None:
        raise MemoryError

    monkeypatch.setattr(batches, "documents", fail)
    with create(tmp_path / "archive") as archive, pytest.raises(MemoryError):
        archive.index([source(1, range(3))])


def test_an_error_of_writing_rejects_names_the_file(source: Source, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no full device")
    path = source(1, range(3))
    path.write_text(path.read_text() + "{}\n")
    outcome = command("index", str(path), "--rejects", "/dev/full", "--index", str(tmp_path / "archive"))
    assert outcome.status == 2
    assert outcome.said.splitlines()[-1] == "Error: /dev/full: No space left on device"


def test_work_given_after_a_process_died_fails_like_lost_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(self: ProcessPoolExecutor, *given: Any) -> Future[Any]:
        raise BrokenProcessPool

    monkeypatch.setattr(ProcessPoolExecutor, "submit", broken)
    workers = Workers(2)
    assert not list(workers.submit(str, "one", 1))
    assert not list(workers.submit(str, "two", 2))
    (one, first), (two, second) = workers.drain()
    assert (one, two) == ("one", "two")
    assert isinstance(first, DiedError)
    assert isinstance(second, DiedError)
    assert "a process that was indexing died" in str(first)
    workers.close()


def test_a_dead_helper_does_not_end_the_program_with_a_broken_pipe(source: Source, tmp_path: Path) -> None:
    code = (
        "import signal, sys; from cablesearch import cli; from cablesearch.indexing import ingest\n"
        "def run(self, *given): sys.exit(signal.getsignal(signal.SIGPIPE) is not signal.SIG_IGN)\n"
        "ingest.Ingest.run = run\n"
        "cli.main()"
    )
    command = [sys.executable, "-c", code, "index", str(source(1, range(3))), "--index", str(tmp_path / "archive")]
    assert subprocess.run(command, check=False, cwd=ROOT).returncode == 0


def test_an_orphaned_helper_does_not_block_the_next_writer(tmp_path: Path) -> None:
    create(tmp_path / "archive").close()
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from cablesearch.engine.index.writer import Writer\n"
        "from cablesearch.schema.index_fields import documents, indexing_schema\n"
        "writer = Writer(Path(sys.argv[1]), indexing_schema())\n"
        "child = os.fork()\n"
        "if not child: os.kill(os.getpid(), signal.SIGSTOP)\n"
        "os.waitpid(child, os.WUNTRACED); print(child, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "archive")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as dying:
        assert dying.stdout is not None
        helper = int(dying.stdout.readline())
        try:
            assert dying.wait() == -signal.SIGKILL
            with Writer(tmp_path / "archive", indexing_schema()):
                pass
        finally:
            os.kill(helper, signal.SIGKILL)


@pytest.mark.parametrize("size", [1, 3_000_000])
def test_processes_stop_their_work_at_once(size: int) -> None:
    for pause in (0.0, 0.02, 0.05):
        workers = Workers(2)
        for seconds in (0.02, 0.02, 60, 60, 60):
            for _ in workers.submit(_slow, None, seconds, size):
                pass
        time.sleep(pause)
        began = time.monotonic()
        workers.close(now=True)
        assert time.monotonic() - began < 30


def _slow(seconds: float, size: int) -> bytes:
    time.sleep(seconds)
    return bytes(size)


def test_a_lock_file_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    path, letter = tmp_path / "archive", tmp_path / "letter.txt"
    create(path).close()
    letter.write_text("mine")
    (path / "writer.lock").unlink(missing_ok=True)
    (path / "writer.lock").symlink_to(letter)
    with pytest.raises(OSError, match=r"it is a link, or not a file.*writer\.lock"):
        Writer(path, indexing_schema())
    assert letter.read_text() == "mine"


def test_the_holder_of_the_lock_is_not_read_from_a_pipe(tmp_path: Path) -> None:
    create(tmp_path).close()
    with Writer(tmp_path, indexing_schema()):
        (tmp_path / "writer.lock.pid").unlink()
        os.mkfifo(tmp_path / "writer.lock.pid")
        with pytest.raises(LockedError, match="another process is writing"):
            Writer(tmp_path, indexing_schema())
    (tmp_path / "writer.lock").unlink(missing_ok=True)
    os.mkfifo(tmp_path / "writer.lock")
    with pytest.raises(OSError, match="not a file"):
        Writer(tmp_path, indexing_schema())


def test_leftover_files_are_removed(source: Source, tmp_path: Path) -> None:
    path = tmp_path / "archive"
    with create(path) as archive:
        archive.index([source(1, range(3))])
        for left in ("00000009.12.part", "00000009.seg", "manifest.json.new", "manifest.copy.json.new"):
            (path / left).write_bytes(b"half")
        (path / "writer.lock.pid").write_text("999999999")
        archive.remove(["nothing"])
    assert not leftovers(path)


def test_many_segments_need_few_descriptors(source: Source, tmp_path: Path) -> None:
    code = (
        "import resource, sys; from unittest import mock\n"
        "from cablesearch.engine.index import writer\n"
        "from trials.history import command, small_batches\n"
        "index, backup, source, jobs, most = sys.argv[1:]\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))\n"
        "def run(*words): outcome = command(*words, '--index', index); assert outcome.status == 0, outcome\n"
        "with small_batches(every_batch=False, many=True), mock.patch.object(writer, '_MOST_OPEN', int(most)):\n"
        "    run('index', source, '--jobs', jobs, '--memory', '16M')\n"
        "    run('search', 'palladium')\n"
        "    run('verify')\n"
        "    run('backup', backup)\n"
        "    run('compact')\n"
    )
    path = source(1, range(90))
    digests = []
    for jobs, most in (("1", "1000"), ("16", "12")):
        archive, backup = tmp_path / f"archive {jobs}", tmp_path / f"backup {jobs}"
        command = [sys.executable, "-c", code, str(archive), str(backup), str(path), jobs, most]
        done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        digests += [whole(archive)[1], whole(backup)[1]]
    assert len(set(digests)) == 1


def test_a_failure_to_start_processes_ends_with_advice(source: Source, tmp_path: Path) -> None:
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))\n"
        "from cablesearch import cli; from cablesearch.indexing import ingest; ingest.BATCH = 500; cli.main()"
    )
    command = ["index", str(source(1, range(9))), "--jobs", "100", "--index", str(tmp_path / "archive")]
    done = subprocess.run([sys.executable, "-c", code, *command], check=False, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("Error: 100 processes cannot be started (Too many open files); try")


@pytest.mark.parametrize("hard", [100, 5000])
def test_the_program_raises_its_limit_of_open_files(hard: int, tmp_path: Path) -> None:
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (64, int(sys.argv[1])))\n"
        "from cablesearch import archive, cli\n"
        "archive.open_archive = lambda *given: sys.exit(print(resource.getrlimit(resource.RLIMIT_NOFILE)))\n"
        "sys.argv[1:] = ['stats']; cli.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(hard)], check=False, cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == str((min(hard, 1024), hard))


# The report


def test_the_table_is_built_from_the_figures() -> None:
    figures = {
        "experiment": "another",
        "command": "python -m trials another",
        "tried": 12,
        "date": "2010-01-01",
    }
    made = table([json.dumps(figures)])
    assert "| all but 1 |" in table([json.dumps(figures | {"failures": 1})])
    assert "| another | tried 12 | all | `python -m trials another` | 2010-01-01 |" in made
    assert put_between(f"before\n{BEGIN}\nold\n{END}\nafter", made) == f"before\n{BEGIN}\n{made}{END}\nafter"


def test_the_page_has_a_place_for_the_table() -> None:
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    assert put_between(page, "x\n") != page


def test_an_export_is_the_same_after_any_interruption(source: Source, tmp_path: Path) -> None:
    def exported(path: Path) -> list[str]:
        with Archive(path) as archive:
            return [dumps(cable) for cable in archive.export()]

    first, second = str(source(1, range(9))), str(source(2, range(4)))
    for path in (tmp_path / "one", tmp_path / "other"):
        with small_batches():
            command("index", first, "--index", str(path))
            if path.name == "other":
                _stopped_at(lambda step: step.kind == "sync", "index", second, "--index", str(path))
            command("index", second, "--index", str(path))
    assert exported(tmp_path / "one") == exported(tmp_path / "other")
