"""A failing disk: every step of a history fails in turn, some after half of a write, some permanently."""

from __future__ import annotations

import errno
import random
import re
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock

from cablesearch.engine.disk import files
from trials.disk import failing, watched
from trials.history import (
    Answers,
    Commits,
    Outcome,
    command,
    commands,
    leftovers,
    put_back,
    small_batches,
    state,
    told_well,
    whole,
)

__all__ = ["faults", "reads"]


@dataclass(frozen=True)
class _Way:
    """A way to fail (see `failing`)."""

    title: str
    code: int
    written: float
    stays: bool


WAYS = (
    _Way("I/O error", errno.EIO, 0.0, False),
    _Way("disk full permanently, half of the data written", errno.ENOSPC, 0.5, True),
    _Way("quota exceeded, most of the data written", errno.EDQUOT, 0.9, False),
)


@dataclass(frozen=True)
class _Undisturbed:
    """A command of the history without failures: the archive before it, its steps, and its result.

    ``possible``: the answers of the archive before it, after each of its batches, and at its end.
    """

    arguments: list[str]
    saved: Path
    generation: int
    steps: int
    writes: frozenset[int]
    outcome: Outcome
    possible: list[Answers]


def _undisturbed(folder: Path, jobs: int, commits: Commits, segments: int | None) -> list[_Undisturbed]:
    done = []
    many = segments is not None
    for number, arguments in enumerate(commands(folder, commits.path, jobs, segments or 14)):
        saved = folder / "saved" / str(number)
        put_back(commits.path, saved)
        before = commits.returned
        # The batches do not depend on the jobs, but only a single job can be made to commit after each.
        commits.states = {before: state(commits.path)}
        with commits.recorded(), small_batches(many=many):
            command(*[{str(jobs): "1"}.get(word, word) for word in arguments])
        put_back(saved, commits.path)
        commits.returned = before
        count = failing(0, errno.EIO)
        with watched(count), commits.followed(), small_batches(every_batch=jobs == 1, many=many):
            outcome = command(*arguments)
        possible = list(commits.states.values())
        assert whole(commits.path)[1] == possible[-1]
        writes = frozenset(count.writes)
        done.append(_Undisturbed(arguments, saved, before, count.count.value, writes, outcome, possible))
    return done


def faults(seed: int, jobs: int = 1, some: int | None = None, segments: int | None = None) -> dict[str, object]:
    """Fail at each step of a history (or at ``some`` steps) and check what is left.

    With ``segments``, the history has about that many segments, which are merged during the run. Writes, and the steps
    of other processes, fail in one of the ways, in turn and by ``seed``; all other steps fail in every way.

    After each failure the command has reported the error in one line that names the file, or did not need the step. The
    archive is sound and at the last commit, or at the one that was being made. The same command again ends as if
    nothing had failed, and leaves nothing behind.
    """
    chance = random.Random(seed)
    figures: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        commits = Commits(folder / "archives" / "one")
        history = _undisturbed(folder, jobs, commits, segments)
        cases = [
            (case, step, way)
            for case in history
            for step in range(1, case.steps + 1)
            for number, way in enumerate(WAYS)
            if (step + seed) % len(WAYS) == number or (jobs == 1 and step not in case.writes)
        ]
        for case, step, way in chance.sample(cases, some) if some else cases:
            try:
                figures[_fail(case, step, way, commits, jobs, segments is not None)] += 1
            except AssertionError as error:
                raise AssertionError(f"{case.arguments[0]}, step {step}, {way.title}: {error}") from error
    return {
        "jobs": jobs,
        "segments": segments or 0,
        "steps": sum(case.steps for case in history),
        "tried": sum(figures.values()),
        **figures,
    }


def _fail(one: _Undisturbed, step: int, way: _Way, commits: Commits, jobs: int, many: bool) -> str:
    put_back(one.saved, commits.path)
    commits.begun = commits.returned = one.generation
    watch = failing(step, way.code, way.written, way.stays)
    with watched(watch), commits.followed(), small_batches(every_batch=jobs == 1, many=many):
        outcome = command(*one.arguments)
    generation, state = whole(commits.path)
    assert generation in {commits.begun, commits.returned}, f"generation {generation}, not {commits.returned}"
    assert state in (one.possible if generation > one.generation else one.possible[:1]), "it answers otherwise"
    if not watch.failed.value:
        # Other processes do not always need the same number of steps.
        kind = "not reached"
    elif _plain(outcome) == _plain(one.outcome):
        kind = "not needed"
    else:
        assert told_well(outcome, commits.path.parent.parent), outcome
        kind = "told"
    with small_batches(every_batch=jobs == 1, many=many):
        again = command(*one.arguments)
    assert again.status in {0, 1}, again
    assert whole(commits.path)[1] == one.possible[-1], "repeating the command gives another result"
    assert not leftovers(commits.path), leftovers(commits.path)
    return kind


def _plain(outcome: Outcome) -> Outcome:
    """Return the result of a command without sizes, as the copy of the manifest may be an older one, and times."""
    said = re.sub(r"[\d.,]+ [kMGT]?B -> .+ \(.+\)", "sizes", outcome.said)
    return replace(outcome, said=re.sub(r" in \d+(?:\.\d+)? s\b.*", "", said))


def reads(seed: int) -> dict[str, object]:
    """Fail at each attempt to open a file, in every command."""
    del seed
    figures: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "archives" / "one"
        history = commands(folder, path, 1)
        with small_batches():
            command(*history[0])
            command(*history[1])
        saved = folder / "saved"
        shutil.copytree(path, saved)
        before = whole(path)[1]
        readers = [["search", "palladium"], ["show", "09PALERMO1"], ["stats"], ["export"], ["verify"]]
        for arguments in [*([*reader, "--index", str(path)] for reader in readers), *history[2:]]:
            for number in range(1, 1000):
                put_back(saved, path)
                opened = _failing_open(number)
                with mock.patch.object(files, "open_file", opened):
                    outcome = command(*arguments)
                if opened.count < number:
                    break
                if outcome.status not in {0, 1}:
                    assert told_well(outcome, path.parent), (arguments, number, outcome)
                    figures["told"] += 1
                else:
                    figures["not needed"] += 1
                if arguments[0] not in {"remove", "compact", "index"}:
                    assert whole(path)[1] == before
                else:
                    whole(path)
    return {"tried": sum(figures.values()), **figures}


class _failing_open:  # noqa: N801
    """An `open_file` that fails the n-th time."""

    def __init__(self, number: int) -> None:
        self.count = 0
        self._number = number
        self._open = files.open_file

    def __call__(self, path: Path) -> object:
        self.count += 1
        if self.count == self._number:
            raise OSError(errno.EIO, "Input/output error", str(path))
        return self._open(path)
