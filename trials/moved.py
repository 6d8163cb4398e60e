"""A folder that is moved away under its writer, with another archive in its place."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from cablesearch.engine.disk import files
from trials.cables import cable, name, write
from trials.disk import Step, watched
from trials.history import Answers, Commits, clear, command, commands, put_back, small_batches, state, whole

__all__ = ["moved"]


@dataclass(frozen=True)
class _Undisturbed:
    """A command without moves: the archive before it, its steps, and the answers of the archive before it, after each
    commit and at the end."""

    arguments: list[str]
    saved: Path
    steps: int
    possible: list[Answers]


class _Exchange:
    """A watch that moves a folder away before the n-th step, and another one into its place."""

    def __init__(self, number: int, path: Path, away: Path, other: Path) -> None:
        self._number, self._path, self._away, self._other = number, path, away, other
        self.count = 0
        self.made = False

    def __call__(self, step: Step) -> None:
        self.count += 1
        # There is nothing to move until the folder is made.
        if self.count >= self._number > 0 and not self.made and self._path.exists():
            self._path.rename(self._away)
            self._other.rename(self._path)
            self.made = True
        step.do()


def moved(seed: int, some: int | None = None) -> dict[str, object]:
    """Replace the folder of an archive by another archive before each step of a history that changes the disk (or
    before ``some`` steps), and before each file that a reader opens.

    Each time the other archive is unchanged to the byte. The moved one is sound, and at one of the states of the
    command; the command either stopped, or completed its work there.
    """
    chance = random.Random(seed)
    figures: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        path, other = folder / "archives" / "one", folder / "other"
        command(
            "index", str(write(folder / "others.jsonl", [cable(slot, 9) for slot in range(5)])), "--index", str(other)
        )
        history = _undisturbed(folder, path)
        cases = [(case, step) for case in history for step in range(1, case.steps + 1)]
        for case, step in chance.sample(cases, some) if some else cases:
            try:
                figures[_move(case, step, path, other)] += 1
            except AssertionError as error:
                raise AssertionError(f"{case.arguments[0]}, step {step}: {error}") from error
        readers = _readers(folder)
    return {"steps": len(cases), "tried": sum(figures.values()), "readers": readers, **figures}


def _undisturbed(folder: Path, path: Path) -> list[_Undisturbed]:
    done = []
    for number, arguments in enumerate(commands(folder, path, 1)):
        saved = folder / "saved" / str(number)
        put_back(path, saved)
        commits = Commits(path, {-1: state(path)})
        with commits.recorded(), small_batches():
            command(*arguments)
        put_back(saved, path)
        count = _Exchange(0, path, path, path)
        with watched(count), small_batches():
            command(*arguments)
        done.append(_Undisturbed(arguments, saved, count.count, list(commits.states.values())))
    return done


def _move(one: _Undisturbed, step: int, path: Path, other: Path) -> str:
    put_back(one.saved, path)
    away, spare = path.with_name("moved"), path.with_name("spare")
    clear(away)
    put_back(other, spare)
    exchange = _Exchange(step, path, away, spare)
    with watched(exchange), small_batches():
        outcome = command(*one.arguments)
    if not exchange.made:
        assert outcome.status in {0, 1}, outcome
        return "ended before"
    assert _bytes(path) == _bytes(other), "the archive in the other's place was changed"
    state = whole(away)[1]
    assert state in one.possible, "the archive that was moved away gives other answers"
    if outcome.status == 2:
        lines = outcome.said.splitlines()
        assert lines[-1].startswith(f"Error: {path}"), outcome
        assert "Traceback" not in outcome.said, outcome
        return "refused"
    assert outcome.status in {0, 1}, outcome
    assert state == one.possible[-1], "it reported success without doing the work"
    return "committed in the folder it held"


def _bytes(path: Path) -> dict[str, bytes]:
    return {entry.name: entry.read_bytes() for entry in path.iterdir()}


def _readers(folder: Path) -> int:
    """Exchange two archives whose segments have the same names before each file that a reader opens; check that it sees
    one or the other. Return the number of exchanges."""
    path, away, other, spare = (folder / "readers" / name for name in ("one", "moved", "other", "spare"))
    saved = folder / "readers" / "saved"
    for target, version in ((saved, 1), (other, 2)):
        source = write(folder / "read.jsonl", [cable(slot, version) for slot in range(5)])
        command("index", str(source), "--index", str(target))
    command("remove", name(0), "--index", str(saved))
    possible = {state(saved), state(other)}
    for number in range(1, 100):
        put_back(saved, path)
        put_back(other, spare)
        clear(away)
        exchange = _Exchange(number, path, away, spare)
        plain = files.open_file

        def opened(place: files.Place, exchange: _Exchange = exchange, plain: Any = plain) -> Any:
            opening = Step("open", files.path_of(place), lambda: None)
            exchange(opening)
            return plain(place)

        with mock.patch.object(files, "open_file", opened):
            seen = state(path)
        if not exchange.made:
            return number - 1
        assert seen in possible, f"file {number}: a reader sees a mixture of two archives"
    raise AssertionError("a reader does not end")
