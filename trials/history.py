"""A history of an archive as command lines, run in this process, and the states that it passes through."""

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
from cablesearch.embedded.reader import embedded
from cablesearch.engine.disk.files import Directory, path_of
from cablesearch.engine.index import manifest
from cablesearch.engine.index import writer as writing
from cablesearch.engine.segment import merge as merging
from cablesearch.errors import ArchiveNotFoundError
from cablesearch.indexing import ingest
from trials.cables import cable, contents, name, search_answers, write
from trials.running import run

__all__ = ["Commits", "Outcome", "command", "commands", "small_batches", "state", "whole"]

Answers = str
"""A digest of the content and the answers of an archive."""


@dataclass(frozen=True)
class Outcome:
    """The result of a command: its exit status and its standard error."""

    status: int
    said: str


def command(*arguments: str) -> Outcome:
    """Run a command line by the program itself."""
    answer = run(*arguments)
    assert isinstance(answer.status, int | None)
    return Outcome(answer.status or 0, answer.err.decode())


@contextlib.contextmanager
def small_batches(*, every_batch: bool = True, many: bool = False) -> Iterator[None]:
    """Make segments, parts of merges and intervals of commits so small that a small archive has several of each, and
    merges during a run.

    Args:
        every_batch: commit after each batch, not only at the end of a run.
        many: make a segment of every one or two records, so that merged segments are merged again.
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
    """Write sources to a folder and return a history of command lines for an archive at a path: ``size`` cables are
    added, some are replaced, duplicated or removed; segments are merged; the archive is compacted."""
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
    """The commits of an archive: the states by generation, added as they are reported, and the progress of commits."""

    path: Path
    states: dict[int, Answers] = field(default_factory=dict)
    begun: int = -1
    returned: int = -1
    uncertain: frozenset[int] = frozenset()
    """The generations of which one may be on disk after a kill; empty once the next has been committed."""

    @property
    def possible(self) -> set[int]:
        """Return the generations of which one is valid after a power cut."""
        return {self.begun, self.returned} | self.uncertain

    def after_a_kill(self) -> None:
        """Continue after a kill from the state on disk."""
        self.uncertain = frozenset(self.possible)
        self.begun = self.returned = whole(self.path)[0]
        assert self.returned in self.uncertain
        self.states[self.returned] = state(self.path)

    def settled(self) -> None:
        """Continue after a regular end: the state that the program found is on disk."""
        self.uncertain = frozenset()

    @contextlib.contextmanager
    def followed(self) -> Iterator[None]:
        """Follow the commits of this process."""
        publish: Any = vars(manifest)["publish"]

        def follow(directory: Directory, body: Any) -> None:
            if path_of(directory) != self.path:
                publish(directory, body)
                return
            self.begun = int(body["generation"])
            publish(directory, body)
            self.returned = self.begun
            self.uncertain = frozenset()

        with mock.patch.object(manifest, "publish", follow):
            yield

    @contextlib.contextmanager
    def recorded(self) -> Iterator[None]:
        """Follow the commits, and record the answers of the archive at each."""
        with self.followed():
            publish: Any = vars(manifest)["publish"]

            def record(directory: Directory, body: Any) -> None:
                publish(directory, body)
                if path_of(directory) == self.path:
                    self.states[self.returned] = state(self.path)

            with mock.patch.object(manifest, "publish", record):
                yield


NOTHING: Answers = "no archive"


def _answers(archive: Archive) -> Answers:
    result = repr((list(contents(archive).items()), search_answers(archive)))
    return hashlib.blake2b(result.encode(), digest_size=16).hexdigest()


def state(path: Path) -> Answers:
    """Return the answers of the archive at a path."""
    try:
        with open_archive(path) as archive:
            return _answers(archive)
    except ArchiveNotFoundError:
        return NOTHING


def whole(path: Path) -> tuple[int, Answers]:
    """Return the generation of the archive at a path (-1 if there is none) and its answers, after reading every byte.

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
        return embedded(archive._reading.reader).snapshot.generation, _answers(archive)


def leftovers(path: Path) -> set[str]:
    """Return the files in an archive's folder that no archive needs."""
    with open_archive(path) as archive:
        named = set(embedded(archive._reading.reader).snapshot.files)
    return {file.name for file in path.iterdir()} - named - {"manifest.json", "manifest.copy.json", "writer.lock"}


def clear(path: Path) -> None:
    """Remove a folder."""
    shutil.rmtree(path, ignore_errors=True)


def put_back(saved: Path, path: Path) -> None:
    """Restore a folder as it was saved; remove it if it did not exist."""
    clear(path)
    if saved.exists():
        shutil.copytree(saved, path, symlinks=True)


def told_well(outcome: Outcome, folder: Path) -> bool:
    """Return whether an error is reported in one line that names the file, and by the exit status."""
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
