"""Power cuts: possible states of a disk after one, derived from the steps of a history, and opened.

A disk keeps what was synced: the contents of a file by its sync, the names in a folder by the folder's. Of the rest it
keeps any selection: names that were added, changed or removed since, and contents that are whole, missing, truncated,
zero, or torn by sectors. A rename is one change: the old name or the new one is there.
"""

from __future__ import annotations

import contextlib
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cablesearch.errors import CablesearchError
from trials.disk import PowerOffError, Step, WrongError, unwatched, watched
from trials.history import (
    NOTHING,
    Answers,
    Commits,
    clear,
    command,
    commands,
    leftovers,
    small_batches,
    state,
    whole,
)

__all__ = ["Dropped", "powercut"]

_SECTOR = 512
_GOES_ON = 12
"""After one power cut in this many, the history continues to its end."""
_BEHIND_A_KILL = 60
"""The number of steps after a kill before which the power is cut."""
_MINOR = {"create", "write"}


@dataclass(eq=False)
class _File:
    """A file's synced contents, its current contents, and whether the two differ."""

    synced: bytes = b""
    now: bytearray = field(default_factory=bytearray)
    dirty: bool = False


@dataclass(frozen=True, eq=False)
class _Change:
    """A change of names that is not synced: ``name`` now stands for ``file`` (a folder if None and not ``gone``)."""

    name: Path
    file: _File | None
    gone: bool = False
    instead: Path | None = None


class Disk:
    """The contents of a disk, step by step, under a folder that existed at the start."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.names: dict[Path, _File | None] = {}
        self._synced: dict[Path, _File | None] = {}
        self._pending: list[_Change] = []

    def __call__(self, step: Step) -> None:
        """Make a change and record it."""
        step.do()
        getattr(self, f"_{step.kind}")(step)

    def _change(self, change: _Change) -> None:
        self._pending.append(change)
        _apply(self.names, change)

    def _create(self, step: Step) -> None:
        self._change(_Change(step.path, _File()))

    def _make_folder(self, step: Step) -> None:
        if step.path not in self.names:
            self._change(_Change(step.path, None))

    def _write(self, step: Step) -> None:
        file = self._file(step.path)
        file.now.extend(bytes(max(0, step.at + len(step.data) - len(file.now))))
        file.now[step.at : step.at + len(step.data)] = step.data
        file.dirty = True

    def _sync(self, step: Step) -> None:
        file = self._file(step.path)
        file.synced, file.dirty = bytes(file.now), False

    def _file(self, path: Path) -> _File:
        file = self.names[path]
        assert file is not None
        return file

    def _rename(self, step: Step) -> None:
        assert step.other is not None
        self._change(_Change(step.other, self._file(step.path), instead=step.path))

    def _remove(self, step: Step) -> None:
        if step.path in self.names:
            self._change(_Change(step.path, None, gone=True))

    def _sync_folder(self, step: Step) -> None:
        for change in self._pending:
            if change.name.parent == step.path:
                _apply(self._synced, change)
        self._pending = [change for change in self._pending if change.name.parent != step.path]

    def after_a_cut(self, chance: random.Random, keep: str, contents: str) -> dict[Path, bytes | None]:
        """Return a possible state after a power cut now: contents by path, None for folders.

        Args:
            keep: which changes of names survive: all, none or some.
            contents: the fate of contents that are not synced (see `_lost`).
        """
        names = dict(self._synced)
        for change in self._pending:
            if keep == "all" or (keep == "some" and chance.random() < 0.5):
                _apply(names, change)
        # Names in a missing folder are missing too.
        there = {path: file for path, file in names.items() if all(up in names for up in _above(path, self.root))}
        return {path: None if file is None else _lost(file, chance, contents) for path, file in there.items()}


def _above(path: Path, root: Path) -> Iterator[Path]:
    for parent in path.parents:
        if parent == root:
            return
        yield parent


def _apply(names: dict[Path, _File | None], change: _Change) -> None:
    if change.gone:
        names.pop(change.name, None)
        return
    names[change.name] = change.file
    if change.instead is not None:
        names.pop(change.instead, None)


def _lost(file: _File, chance: random.Random, contents: str) -> bytes:
    """Return the rest of a file: everything written, the synced contents, a part, zeros, or some sectors."""
    if not file.dirty or contents == "kept":
        return bytes(file.now) if file.dirty else file.synced
    if contents == "lost":
        return file.synced
    if contents == "cut off":
        return bytes(file.now[: chance.randrange(len(file.now) + 1)])
    if contents == "zero":
        return file.synced + bytes(len(file.now) - len(file.synced))
    torn = bytearray(file.synced.ljust(len(file.now), b"\0"))
    for start in range(0, len(file.now), _SECTOR):
        if chance.random() < 0.5:
            torn[start : start + _SECTOR] = file.now[start : start + _SECTOR]
    return bytes(torn)


_KINDS = (
    ("none", "lost"),
    ("all", "lost"),
    ("all", "zero"),
    ("all", "torn"),
    ("all", "kept"),
    ("some", "kept"),
    ("some", "lost"),
    ("some", "torn"),
    ("some", "cut off"),
    ("some", "zero"),
)


@dataclass
class Dropped:
    """A disk without the syncs that ``which(step, the step before it)`` selects, to check that their absence is
    noticed."""

    which: Callable[[Step, Step | None], bool]
    disk: Disk
    before: Step | None = None
    count: int = 0

    def __call__(self, step: Step) -> None:
        if self.which(step, self.before):
            self.count += 1
        else:
            self.disk(step)
        self.before = step


def powercut(
    seed: int,
    each: int = len(_KINDS),
    stops: int = 12,
    some: int | None = None,
    drop: Callable[[Step, Step | None], bool] | None = None,
) -> dict[str, object]:
    """Cut the power before each step of a history (or ``some`` of them): once before writes, ``each`` times where names
    change or are synced.

    Then do the same after the history was killed at one of its steps (``stops`` times) and begun again: what the killed
    program had not synced is still not synced.

    Each time the archive is sound and at the last commit or at the one that was being made. Occasionally the history
    continues, and ends as if nothing had happened.
    """
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        cutting = _Cutting(Path(name), chance, each, drop)
        minor, major = cutting.learn()
        every = sorted(minor + major)
        cutting.run({*_some(chance, minor, some and some // 2), *_some(chance, major, some and some // 2)}, None)
        for number in range(stops):
            # Most steps are writes, so half of the kills are where names change.
            stop = chance.choice(major if number % 2 else every)
            behind = [place for place in major if place > stop][:_BEHIND_A_KILL]
            cutting.run(set(_some(chance, behind, some and some // 10)), stop)
    figures = cutting.figures
    return {"steps": len(every), "kills": stops, "states": figures.total(), **figures}


def _some(chance: random.Random, places: list[int], count: int | None) -> list[int]:
    return places if count is None else chance.sample(places, min(count, len(places)))


class _Cutting:
    def __init__(
        self, root: Path, chance: random.Random, each: int, drop: Callable[[Step, Step | None], bool] | None
    ) -> None:
        self._root = root / "disk"
        self._root.mkdir()
        self._after = root / "after"
        self._after.mkdir()
        self._chance = chance
        self._each = each
        self._drop = drop
        self._path = self._root / "archives" / "one"
        self._commands = commands(root, self._path, 1)
        self._end = ""
        self._turn = 0
        self._seen: list[tuple[int, Answers, str]] = []
        self.figures: Counter[str] = Counter()

    def learn(self) -> tuple[list[int], list[int]]:
        """Record the history without failures; return the numbers of the steps that create and write files, and of the
        others."""
        places: tuple[list[int], list[int]] = [], []

        def see(step: Step) -> None:
            places[step.kind not in _MINOR].append(1 + len(places[0]) + len(places[1]))
            step.do()

        with watched(see), small_batches():
            for arguments in self._commands:
                command(*arguments)
        self._end = state(self._path)
        return places

    def run(self, places: set[int], stop: int | None) -> None:
        """Run the history and cut the power before the steps ``places``, and at the end; with a kill if given."""
        clear(self._root / "archives")
        commits = Commits(self._path, {-1: NOTHING})
        disk = Disk(self._root)
        does: Callable[[Step], None] = Dropped(self._drop, disk) if self._drop else disk
        count, dead, left = 0, False, self._commands

        def watch(step: Step) -> None:
            nonlocal count, dead
            if dead:
                raise PowerOffError
            count += 1
            if count == stop:
                dead = True
                raise PowerOffError
            if count in places:
                for _ in range(1 if step.kind in _MINOR else self._each):
                    self._cut(disk, commits, left, killed=stop is not None and count > stop)
            does(step)

        self._seen = []
        for number, arguments in enumerate(self._commands):
            left = self._commands[number:]
            with contextlib.suppress(PowerOffError):
                self._do(arguments, watch, commits)
            if dead:
                # What the killed program did not sync is still not synced.
                dead = False
                commits.after_a_kill()
                self._do(arguments, watch, commits)
            commits.settled()
        for _ in range(self._each):
            self._cut(disk, commits, [], killed=stop is not None)
        for generation, held, title in self._seen:
            if held != commits.states[generation]:
                raise WrongError(f"{title}: generation {generation} gives other answers")

    @staticmethod
    def _do(arguments: list[str], watch: Callable[[Step], None], commits: Commits) -> None:
        with watched(watch), commits.recorded(), small_batches():
            outcome = command(*arguments)
        assert outcome.status in {0, 1}, outcome

    def _cut(self, disk: Disk, commits: Commits, left: list[list[str]], *, killed: bool) -> None:
        keep, contents = _KINDS[self._turn % len(_KINDS)]
        self._turn += 1
        clear(self._after / "archives")
        for path, data in sorted(disk.after_a_cut(self._chance, keep, contents).items()):
            target = self._after / path.relative_to(self._root)
            if data is None:
                target.mkdir()
            else:
                target.write_bytes(data)
        path = self._after / "archives" / "one"
        title = f"names {keep}, contents {contents}"
        with unwatched():
            try:
                generation, current = whole(path)
            except (AssertionError, CablesearchError) as error:
                raise WrongError(f"{title}: {error}") from error
            if generation not in commits.possible:
                raise WrongError(f"{title}: generation {generation}, not of {commits.possible}")
            self._seen.append((generation, current, title))
            self.figures[f"contents {contents}{', after a kill' if killed else ''}"] += 1
            if self._turn % _GOES_ON == 0:
                for arguments in left:
                    command(*[word.replace(str(self._path), str(path)) for word in arguments])
                if left:
                    if state(path) != self._end or leftovers(path):
                        raise WrongError(f"{title}: continuing gives another result, and leaves {leftovers(path)}")
                    self.figures["gone on"] += 1
