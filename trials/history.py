"""A history of an archive as command lines, done in this process, and the states that it goes through."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from cablesearch.archive import Archive, open_archive
from cablesearch.engine.disk.files import Directory, path_of
from cablesearch.engine.index import writer as writing
from cablesearch.engine.segment import merge as merging
from cablesearch.errors import ArchiveNotFoundError
from cablesearch.indexing import ingest
from trials.cables import cable, contents, name, search_answers, write
from trials.running import run

__all__ = ["Commits", "Outcome", "command", "commands", "small_batches", "state", "whole"]

Answers = str
"""What an archive holds and answers, as a digest."""


@dataclass(frozen=True)
class Outcome:
    """What a command did: its exit status, and what it said on standard error."""

    status: int
    said: str


def command(*arguments: str) -> Outcome:
    """Do what a command line says, by the program itself."""
    answer = run(*arguments)
    assert isinstance(answer.status, int | None)
    return Outcome(answer.status or 0, answer.err.decode())


@contextlib.contextmanager
def small_batches(*, every_batch: bool = True, many: bool = False) -> Iterator[None]:
    """Segments, stretches of merges and times between commits as a small archive needs to have several of each, and
    merges while a run goes on.

    Args:
        every_batch: commit after each batch, not only at the end of a run.
        many: make a segment of each record or two, so that merged segments are merged again.
    """
    with (
        mock.patch.object(ingest, "BATCH", 500 if many else 9000),
        mock.patch.object(writing, "_MOST_OPEN", 12),
        mock.patch.object(ingest.Ingest, "_put", _put_by_weight if every_batch else ingest.Ingest._put),
        mock.patch.object(merging, "_BYTES_OF_A_POSITION", 1 << 14),
    ):
        yield


def _put_by_weight(self: Any, entry: Any, put: Any = ingest.Ingest._put) -> None:
    """Commit as if batches were far apart in time."""
    put(self, entry)
    if not self._batch:
        self._commit()


def commands(folder: Path, path: Path, jobs: int, size: int = 14) -> list[list[str]]:
    """Write sources to a folder, and tell a history of command lines over them for an archive at a path: ``size``
    cables that come, some that are replaced, come twice, are removed; merges, compaction."""
    first = [cable(slot, 1) for slot in range(size)]
    first.insert(size // 2, cable(size - 1, 7))
    second = [cable(slot, 2) for slot in range(0, size, 3)] + [cable(slot, 1) for slot in range(size, size + 4)]
    sources = [str(write(folder / f"{number}.jsonl", cables)) for number, cables in enumerate((first, second), 1)]
    index = ["--index", str(path)]
    by = ["--jobs", str(jobs), "--memory", "16M"]
    return [
        ["index", sources[0], *by, *index],
        ["index", sources[1], *by, *index],
        ["remove", name(1), name(3), name(size), *index],
        ["compact", *index],
        ["index", sources[0], *by, *index],
    ]


@dataclass
class Commits:
    """What was committed: the states of the archive by generation, told as they come, and how far commits have got."""

    path: Path
    states: dict[int, Answers] = field(default_factory=dict)
    begun: int = -1
    returned: int = -1
    uncertain: frozenset[int] = frozenset()
    """Those of which one may be on the disk since a program was killed; none when the next has committed."""

    @property
    def possible(self) -> set[int]:
        """The generations of which one counts after a power cut."""
        return {self.begun, self.returned} | self.uncertain

    def after_a_kill(self) -> None:
        """A program was killed; go on from what is there."""
        self.uncertain = frozenset(self.possible)
        self.begun = self.returned = whole(self.path)[0]
        assert self.returned in self.uncertain
        self.states[self.returned] = state(self.path)

    def settled(self) -> None:
        """A program has ended as it should: what it found is on the disk."""
        self.uncertain = frozenset()

    @contextlib.contextmanager
    def followed(self) -> Iterator[None]:
        """Follow the commits that this process makes."""
        publish: Any = vars(writing)["publish"]

        def follow(directory: Directory, body: Any) -> None:
            if path_of(directory) != self.path:
                publish(directory, body)
                return
            self.begun = int(body["generation"])
            publish(directory, body)
            self.returned = self.begun
            self.uncertain = frozenset()

        with mock.patch.object(writing, "publish", follow):
            yield

    @contextlib.contextmanager
    def recorded(self) -> Iterator[None]:
        """Follow the commits, and keep what the archive answers at each."""
        with self.followed():
            publish: Any = vars(writing)["publish"]

            def record(directory: Directory, body: Any) -> None:
                publish(directory, body)
                if path_of(directory) == self.path:
                    self.states[self.returned] = state(self.path)

            with mock.patch.object(writing, "publish", record):
                yield


NOTHING: Answers = "no archive"


def _answers(archive: Archive) -> Answers:
    found = repr((list(contents(archive).items()), search_answers(archive)))
    return hashlib.blake2b(found.encode(), digest_size=16).hexdigest()


def state(path: Path) -> Answers:
    """What the archive at a path answers."""
    try:
        with open_archive(path) as archive:
            return _answers(archive)
    except ArchiveNotFoundError:
        return NOTHING


def whole(path: Path) -> tuple[int, Answers]:
    """The generation of the archive at a path, -1 when there is none, and what it answers, after a look at every byte.

    Raises:
        AssertionError: something is damaged.
    """
    try:
        archive = Archive(path)
    except ArchiveNotFoundError:
        return -1, NOTHING
    with archive:
        faults = archive.verify()
        assert not faults, faults
        return archive._reading.snapshot.generation, _answers(archive)


def leftovers(path: Path) -> set[str]:
    """What lies in an archive's folder that no archive needs."""
    with open_archive(path) as archive:
        named = set(archive._reading.snapshot.files)
    return {one.name for one in path.iterdir()} - named - {"manifest.json", "manifest.copy.json", "writer.lock"}


def clear(path: Path) -> None:
    """Have no folder there."""
    shutil.rmtree(path, ignore_errors=True)


def put_back(saved: Path, path: Path) -> None:
    """Have a folder as it was saved; nothing when it was not there."""
    clear(path)
    if saved.exists():
        shutil.copytree(saved, path, symlinks=True)


def told_well(outcome: Outcome, folder: Path) -> bool:
    """Whether an error is told in one line that names the file, and by the exit status."""
    lines = outcome.said.strip().splitlines()
    errors: Sequence[str] = [line for line in lines if line.startswith("Error: ")]
    return (
        outcome.status == 2
        and len(errors) == 1
        and lines[-1] == errors[0]
        and str(folder) in errors[0]
        and "internal error, please report" not in outcome.said
        and "Traceback" not in outcome.said
    )
