"""Real processes, really killed: in every phase of every command, and at any moment from outside."""

from __future__ import annotations

import json
import math
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from cablesearch.archive import open_archive
from cablesearch.embedded.reader import embedded
from cablesearch.engine.index.writer import Writer
from cablesearch.errors import ArchiveNotFoundError
from cablesearch.readers.formats.json_lines import parse_line
from cablesearch.readers.json_cables import dumps
from cablesearch.schema.index_fields import indexing_schema
from trials import victim
from trials.cables import State, cable, contents, digest, name, write
from trials.history import clear, commands, leftovers, state
from trials.victim import PHASES

__all__ = ["kills", "possible_states"]

_ROOT = Path(__file__).parent.parent
_ONCE = {"parse", "build", "take"}
_TRIES = 12
"""How many times a command is killed, or started without reaching the step, before it may finish."""
_ENDS_WITHIN = 20.0
"""Seconds within which the processes of a dead writer must end."""
_LONGEST = 300
"""Seconds that a process may take; each takes a few."""


@dataclass(frozen=True)
class _Run:
    """The result of a process: its exit status (negative: the signal), its messages, and its log by first words."""

    status: int
    said: str
    log: list[tuple[str, str]]
    ended: int
    seconds: float

    def last(self, word: str, default: int) -> int:
        """Return the last number that it logged with a word."""
        return max((int(rest) for first, rest in self.log if first == word), default=default)


def _run(
    folder: Path,
    arguments: list[str],
    many: bool,
    phase: str = "",
    number: int = 0,
    whom: str = "self",
    after: float | None = None,
) -> _Run:
    """Run a command line in a separate process that kills itself at a step, or is killed ``after`` seconds.

    ``ended`` is a descriptor that reaches its end when the last process of the run has ended.
    """
    log = folder / "log"
    log.unlink(missing_ok=True)
    plan = {"log": str(log), "phase": phase, "number": number, "whom": whom, "many": many}
    instructions = [json.dumps(plan), *arguments]
    ended, alive = os.pipe()
    began = time.monotonic()
    with (folder / "said").open("w+b") as said:
        if after is None:
            status = _forked(instructions, said.fileno())
            os.close(alive)
        else:
            process = subprocess.Popen(
                [sys.executable, "-m", "trials.victim", *instructions],
                cwd=_ROOT,
                stdout=subprocess.DEVNULL,
                stderr=said,
                pass_fds=[alive],
            )
            os.close(alive)
            if not select.select([ended], [], [], after)[0]:
                process.send_signal(signal.SIGKILL)
            status = process.wait()
        said.seek(0)
        text = said.read().decode()
    lines = [line.partition(" ") for line in log.read_text().splitlines()] if log.exists() else []
    return _Run(status, text, [(first, rest) for first, _, rest in lines], ended, time.monotonic() - began)


def _forked(given: list[str], said: int) -> int:
    """Run the program in a process that need not import it again."""
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    status = 70
    # A process that does not end is stopped by another signal than the expected one.
    signal.alarm(_LONGEST)
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(said, 2)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
        sys.argv[1:] = given
        victim.main()
    except SystemExit as end:
        status = int(end.code or 0)
    finally:
        sys.stderr.flush()
        os._exit(status)


def _wait(run: _Run) -> None:
    """Wait until no process of a run is left."""
    assert select.select([run.ended], [], [], _ENDS_WITHIN)[0], "processes of a dead writer keep running"
    os.close(run.ended)


def _generation(path: Path) -> int:
    try:
        with open_archive(path) as archive:
            return embedded(archive._reading.reader).snapshot.generation
    except ArchiveNotFoundError:
        return -1


def _held(path: Path) -> State:
    """Return the content of the archive, after reading every byte."""
    try:
        with open_archive(path) as archive:
            faults = archive.verify()
            assert not faults, faults
            return contents(archive)
    except ArchiveNotFoundError:
        return {}


def possible_states(before: State, arguments: list[str], *, losers: bool) -> list[State]:
    """Return all states in which a command may leave an archive, in order.

    Args:
        losers: whether a cable is added although a later one in the source has its id; false if that was seen before.
    """
    states = [before]
    if arguments[0] == "index":
        cables = [parse_line((line,)) for line in Path(arguments[1]).read_text().splitlines()]
        last = {cable.id: digest(cable) for cable in cables}
        for cable in cables:
            taken = {cable.id: digest(cable)} if losers or last[cable.id] == digest(cable) else {}
            states.append({**states[-1], **taken})
    elif arguments[0] == "remove":
        states.append({key: value for key, value in before.items() if key not in arguments})
    return states


class _Series:
    """Commands over one archive, each killed repeatedly until it may finish."""

    def __init__(self, folder: Path, size: int, jobs: int, *, many: bool = False) -> None:
        self.folder = folder
        self.many = many
        self.path = folder / "archives" / "one"
        self.commands = commands(folder, self.path, jobs, size)
        more = write(folder / "more.jsonl", [cable(slot, 3) for slot in range(size // 2, size + size // 2)])
        tail = self.commands[0][2:]
        self.commands.append(["index", str(more), *tail])
        self.commands.append(["remove", *(name(slot) for slot in range(0, size, 4)), *self.commands[3][1:]])
        self.commands.append(self.commands[3])
        self.counts: list[dict[str, int]] = []
        self.seconds: list[float] = []
        for arguments in self.commands:
            run = _run(folder, arguments, many)
            _wait(run)
            assert run.status in {0, 1}, run
            self.counts.append(json.loads(dict(run.log)["counts"]))
            self.seconds.append(run.seconds)
        self.end = self._whole()
        self.size = _size(self.path)

    def _whole(self) -> tuple[str, str]:
        with open_archive(self.path) as archive:
            exported = "".join(dumps(cable) for cable in archive.export())
        return state(self.path), exported

    def run(self, chance: random.Random, figures: Counter[str], most: int) -> None:
        """Kill every command several times, ``most`` in all."""
        clear(self.folder / "archives")
        for arguments, counts, seconds in zip(self.commands, self.counts, self.seconds, strict=True):
            held = _held(self.path)
            states = [possible_states(held, arguments, losers=losers) for losers in (True, False)]
            reached, left = 0, []
            for _ in range(_TRIES):
                if figures["killed"] >= most:
                    break
                # Committed work is not repeated.
                left_over = 1 - reached / max(1, len(states[0]) - 1)
                steps = {phase: math.ceil(counts[phase] * (left_over if phase in _ONCE else 1)) for phase in PHASES}
                ways = [phase for phase in PHASES if steps[phase]] + ["outside"]
                way = min(ways, key=lambda item: (figures[item], chance.random()))
                before = _generation(self.path)
                if way == "outside":
                    run = _run(self.folder, arguments, self.many, after=chance.uniform(0, seconds))
                else:
                    whom = chance.choice(("self", "writer"))
                    run = _run(self.folder, arguments, self.many, way, chance.randint(1, steps[way]), whom)
                # Half of the time the next one does not wait until the helpers of the dead one have ended.
                if chance.random() < 0.5:
                    _wait(run)
                else:
                    left.append(run)
                reached = self._check(run, before, states, reached)
                dead = run.status == -signal.SIGKILL
                helper = ("killed", "helper") in run.log
                # Another helper takes over the work of a killed one.
                assert dead or run.status in {0, 1}, run
                assert "Traceback" not in run.said, run
                if dead or helper:
                    figures.update(["killed", way, *(["a helper alone"] if helper else [])])
                    if not dead:
                        continue
                else:
                    figures["not reached"] += 1
            run = _run(self.folder, arguments, self.many)
            assert run.status in {0, 1}, run
            for item in [*left, run]:
                _wait(item)
            assert _held(self.path) == states[0][-1], f"{arguments[0]} has another result"
            # Files that the helpers of a dead writer wrote after the last one began are removed by the next writer.
            with Writer(self.path, indexing_schema()):
                pass
            assert not leftovers(self.path), leftovers(self.path)
        assert self._whole() == self.end, "the answers at the end are different"
        figures["series"] += 1

    def _check(self, run: _Run, before: int, states: list[list[State]], reached: int) -> int:
        """Check that the archive is at a commit that was made or was being made; return the progress of the command."""
        done = run.last("done", before)
        possible = {done, run.last("begun", before)}
        generation = _generation(self.path)
        assert generation in possible, f"generation {generation}, not of {possible}"
        held = _held(self.path)
        result = max((number for some in states for number, item in enumerate(some) if item == held), default=-1)
        assert result >= reached, f"{len(held)} cables are not one of its states, or one before {reached}"
        assert not self.path.exists() or _size(self.path) < 8 * self.size, "leftover files accumulate"
        return result


def _size(path: Path) -> int:
    return sum(file.stat().st_size for file in path.iterdir())


def kills(seed: int, count: int = 500, size: int = 40, segments: int = 200) -> dict[str, object]:
    """Kill ``count`` processes, in histories of ``size`` cables and in one of ``segments`` cables with about as many
    segments, which are merged during the run.

    After each kill the archive opens, is sound, is at the last commit or at the one that was being made, and has the
    cables from before and the first of the added ones; the processes of the dead writer end and block no other. In the
    end the archive answers and exports like one that was never interrupted.
    """
    chance = random.Random(seed)
    figures: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        made = []
        for jobs in (1, 2):
            under = Path(folder) / str(jobs)
            under.mkdir()
            made.append(_Series(under, size, jobs))
        assert made[0].end == made[1].end
        under = Path(folder) / "many"
        under.mkdir()
        made.append(_Series(under, segments, 2, many=True))
        while figures["killed"] < count:
            chance.choice(made).run(chance, figures, count)
    return dict(figures)
