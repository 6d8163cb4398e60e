"""Run many cases of every target, each target in a separate process with limits of memory and time.

A case follows from the seed, the target's name and its number, so a failure can be reproduced; its bytes are kept in a
file too. A case that takes too long or ends the process is identified by the number that the process had reached.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any

import click

from trials.meter import Bounds, Meter, bound_memory

__all__ = ["NAMES", "fuzz"]

SHARES = {
    "telegrams": 19,
    "rows": 8,
    "pages": 9,
    "lines": 20,
    "tables": 5,
    "objects": 4,
    "mails": 5,
    "editions": 4,
    "packed": 13,
    "queries": 10,
    "indexes": 2,
    "ruins": 1,
}
"""The share of each target in a hundred cases."""
NAMES = tuple(SHARES)

MEMORY = 1 << 30
"""Bytes of address space that the cases may use beside the program itself."""
PATIENCE = 20.0
"""Seconds after which a case counts as endless; a large one has `_LONGER` times as many."""
_LONGER = 15
SECONDS, SECONDS_A_BYTE = 2.0, 10e-6
"""Seconds of processor time for a case: a constant, and for each byte of its input. Most take a twentieth."""
BYTES, BYTES_A_BYTE, BYTES_A_BYTE_OF_INDEX = 96 << 20, 1000, 100
"""Bytes of memory for a case: a constant, and for each byte. A paragraph of four letters takes several kilobytes in the
forms that are compared; the content of an index takes less."""
LARGE_EVERY = 1000
"""One case in this many is a large one."""
LARGEST = 1 << 22
"""Bytes of a large case."""
_MOST_FAILURES = 20


def fuzz(
    cases: int, seed: int, targets: tuple[str, ...] = NAMES, engine: str = "random", first: int = 0, jobs: int = 1
) -> dict[str, Any]:
    """Run a number of cases, divided among the targets, in as many processes as there are jobs (one for Atheris).
    Return the counts, and the files with the bytes of failures."""
    folder = Path(tempfile.mkdtemp(prefix="cablesearch-failures-"))
    run = partial(_random, jobs=jobs) if engine == "random" else _guided
    whole = sum(SHARES[name] for name in targets)
    figures = {name: run(name, -(-cases * SHARES[name] // whole), seed, first, folder) for name in targets}
    failures = sum(len(figure["failures"]) for figure in figures.values())
    if not any(folder.iterdir()):
        folder.rmdir()
    return {
        "experiment": "fuzz",
        "engine": engine,
        "seed": seed,
        "cases": sum(figure["cases"] for figure in figures.values()),
        "failures": failures,
        "targets": figures,
    }


def case(name: str, seed: int, number: int) -> bytes:
    """Return the bytes of a case."""
    from trials.mutators import MUTATORS, SEEDS, grown

    chance = random.Random(f"{seed} {name} {number}")
    if _is_large(number):
        return grown(name, chance, int(LARGEST * 2.0 ** -chance.uniform(0, 6)))
    return MUTATORS[name](chance.choice(SEEDS[name]), chance)


def _is_large(number: int) -> bool:
    return number % LARGE_EVERY == LARGE_EVERY - 1


# Cases that follow from a seed


def _random(name: str, cases: int, seed: int, first: int, folder: Path, *, jobs: int) -> dict[str, Any]:
    started = time.monotonic()
    share = -(-cases // jobs)
    stretches = [range(at, min(at + share, first + cases)) for at in range(first, first + cases, share)]
    with ThreadPoolExecutor(jobs) as pool:
        parts = list(pool.map(lambda numbers: _stretch(name, numbers, seed, folder), stretches))
    outcomes: Counter[str] = Counter()
    for part in parts:
        outcomes.update(part["outcomes"])
    return {
        "cases": sum(part["cases"] for part in parts),
        "seconds": round(time.monotonic() - started, 1),
        "slowest_ms": round(max(part["slowest"] for part in parts) * 1000),
        "largest_mb": max(part["largest"] for part in parts) >> 20,
        "outcomes": dict(sorted(outcomes.items())),
        "failures": {kind: path for part in parts for kind, path in part["failures"].items()},
    }


def _stretch(name: str, numbers: range, seed: int, folder: Path) -> dict[str, Any]:
    """Run consecutive cases in one process after another; each process continues after the case that ended the last
    one."""
    processes = multiprocessing.get_context("spawn")
    outcomes: Counter[str] = Counter()
    failures: dict[str, str] = {}
    slowest, largest, at = 0.0, 0, numbers.start
    while at < numbers.stop and len(failures) < _MOST_FAILURES:
        reached = processes.Value("q", at)
        receiver, sender = processes.Pipe(duplex=False)
        worker = processes.Process(target=_work, args=(name, seed, at, numbers.stop, reached, sender, str(folder)))
        worker.start()
        sender.close()
        reported, why = _watched(worker, receiver, reached)
        for kind, path in reported.get("failures", {}).items():
            failures.setdefault(kind, path)
        outcomes.update(reported.get("outcomes", {}))
        slowest, largest = max(slowest, reported.get("slowest", 0.0)), max(largest, reported.get("largest", 0))
        at = numbers.stop
        if why:
            at = reached.value
            failures.setdefault(why, _kept(folder, name, f"case {at}", case(name, seed, at), why))
            at += 1
    cases = min(at, numbers.stop) - numbers.start
    return {"cases": cases, "outcomes": outcomes, "failures": failures, "slowest": slowest, "largest": largest}


def _watched(worker: Any, receiver: Connection, reached: Synchronized[int]) -> tuple[dict[str, Any], str]:
    """Return the report of a worker at its end, or the reason why there is none."""
    seen, since = -1, time.monotonic()
    reported: dict[str, Any] = {}
    while True:
        if receiver.poll(1.0):
            with contextlib.suppress(EOFError):
                reported = receiver.recv()
            worker.join()
            return reported, "" if reported else f"the process ended with status {worker.exitcode}"
        if reached.value != seen:
            seen, since = reached.value, time.monotonic()
        elif time.monotonic() - since > PATIENCE * (_LONGER if _is_large(seen) else 1) + (seen == -1) * 60:
            worker.kill()
            worker.join()
            return reported, f"no end after {time.monotonic() - since:.0f} seconds"


def _work(
    name: str, seed: int, start: int, end: int, reached: Synchronized[int], sender: Connection, folder: str
) -> None:
    """Run cases in a separate process and report the results."""
    from trials.mutators import SEEDS

    def reach(number: int) -> None:
        reached.value = number

    targets()[name](SEEDS[name][0])
    bound_memory(MEMORY)
    sender.send(attempts(name, seed, range(start, end), Path(folder), reach))


def targets() -> dict[str, Callable[[bytes], str]]:
    """Return the targets by name; only the processes that run them import what they test."""
    from trials.fuzz import TARGETS

    return TARGETS


def attempts(
    name: str, seed: int, numbers: Iterable[int], folder: Path, reach: Callable[[int], None]
) -> dict[str, Any]:
    """Run the cases with these numbers; ``reach`` is called with each number first."""
    target = targets()[name]
    outcomes: Counter[str] = Counter()
    failures: dict[str, str] = {}
    slowest = 0.0
    largest = 0
    for number in numbers:
        reach(number)
        data = case(name, seed, number)
        meter = Meter()
        began = time.perf_counter()
        try:
            outcome = target(data)
            largest = max(largest, meter.check(_bounds(name, number, data)))
            outcomes[outcome] += 1
        except Exception as error:
            meter.close()
            kind = kind_of(error)
            outcomes["failed"] += 1
            if kind not in failures:
                failures[kind] = _kept(folder, name, f"case {number}", data, traceback.format_exc())
            if len(failures) == _MOST_FAILURES:
                break
        slowest = max(slowest, time.perf_counter() - began)
    return {"outcomes": dict(outcomes), "failures": failures, "slowest": slowest, "largest": largest}


def _bounds(name: str, number: int, data: bytes) -> Bounds:
    """Return the bounds for a case, by the bytes of its unpacked input or of the largest record of a damaged index."""
    of_index = name in ("indexes", "ruins")
    if of_index:
        from trials.mutators import size_in_index

        size = size_in_index(data)
    else:
        size = LARGEST if name == "packed" and _is_large(number) else len(data)
    a_byte = BYTES_A_BYTE_OF_INDEX if of_index else BYTES_A_BYTE
    return Bounds(SECONDS + SECONDS_A_BYTE * size, BYTES + a_byte * size)


def kind_of(error: BaseException) -> str:
    """Return a text that failures of the same cause share."""
    frames = traceback.extract_tb(error.__traceback__)
    what = re.sub(r"[0-9]+|'.*|\[.*", "", str(error).partition("\n")[0])[:60]
    return f"{type(error).__name__}: {what} ({frames[-1].name}, {frames[-1].lineno})"


def _kept(folder: Path, name: str, label: str, data: bytes, why: str) -> str:
    """Save the bytes of a failed case and report it."""
    path = folder / f"{name}-{label.replace(' ', '-')}"
    path.write_bytes(data)
    path.with_suffix(".txt").write_text(why, encoding="utf-8", errors="backslashreplace")
    click.echo(f"{name}, {label}: {why.strip().splitlines()[-1]!r}; its bytes are in {path}", err=True)
    return str(path)


# Cases that are guided by coverage


def _guided(name: str, cases: int, seed: int, first: int, folder: Path) -> dict[str, Any]:
    """Run with coverage guidance by Atheris until a case fails, because Atheris cannot continue then."""
    del first
    started = time.monotonic()
    command = [sys.executable, "-m", "trials.guided", name, str(cases), str(seed), str(folder)]
    done = subprocess.run(command, capture_output=True, check=False, env=os.environ | {"PYTHONWARNINGS": "ignore"})
    words = done.stderr.decode("utf-8", "replace")
    coverage = re.findall(r"cov: ([0-9]+)", words)
    ran = re.findall(r"^#([0-9]+)\s", words, re.MULTILINE)
    failures = {}
    if done.returncode:
        path = folder / f"{name}-atheris.txt"
        path.write_text(words, encoding="utf-8")
        kept = re.findall(r"Test unit written to (\S+)", words)
        click.echo(f"{name}: failed under Atheris; see {path}, its bytes are in {kept}", err=True)
        failures[f"status {done.returncode}"] = kept[0] if kept else str(path)
    return {
        "cases": int(ran[-1]) if ran else 0,
        "seconds": round(time.monotonic() - started, 1),
        "coverage": int(coverage[-1]) if coverage else 0,
        "failures": failures,
    }
