"""Many readers of a server at once, beside Datasette over the same paragraphs: speed, memory, and wrong answers.

Both servers run on loopback, and get the same questions from the same client, in turns: a phase for each in every
round. Datasette is one process, which asks SQLite in threads; ours has as many processes as it is told. A question is
one word, two words, or a phrase of two words, taken from paragraphs of the archive. Both answer with JSON: the number
of all hits, and the text and a snippet of the ten best. Every answer of ours is compared, after its phase, with what
the library says. Datasette gets a query in SQL that counts, ranks by FTS5's bm25(), and makes snippets; that it answers
with status 200 is checked.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from cablesearch.answers.objects import search_object
from cablesearch.archive import Archive, create, open_archive
from cablesearch.text.terminal import json_line

__all__ = ["Load", "load"]

_SAMPLES = Path(__file__).parent.parent / "samples"
_TOOK = re.compile(rb'"took_ms": [0-9.]+')
_SQL = (
    "select p.cable, p.text, snippet(found, 0, '<mark>', '</mark>', '…', 40) as snippet,"
    " (select count(*) from found where found match :q) as total"
    " from found join paragraphs p on p.rowid = found.rowid where found match :q order by rank limit 10"
)
_WORD = re.compile(r"[a-z]{3,12}")
_SETTLED = 1 / 3
"""The part of the time after which memory has reached its level."""
_CACHE = 64 << 20
"""Bytes by which memory may grow after that, for the answers that are kept."""


class Phase(NamedTuple):
    """What one server did in one phase.

    Attributes:
        times: seconds from each question to its whole answer.
        seconds: how long the phase took.
        failures: answers with another status than 200, or none.
        bodies: the distinct answers to each question.
        memory: bytes of the process, measured every second.
    """

    times: list[float]
    seconds: float
    failures: int
    bodies: dict[str, set[bytes]]
    memory: list[int]


class Load(NamedTuple):
    """How the servers are loaded.

    Attributes:
        connections: how many readers ask at the same time, each one question after the other.
        workers: the number of processes of our server.
        seconds: the length of a phase.
        rounds: the number of phases of each server.
        questions: the number of different questions.
    """

    connections: int
    workers: int
    seconds: float
    rounds: int
    questions: int


def load(seed: int, index: Path | None, datasette: str | None, plan: Load) -> Mapping[str, object]:
    """Load the servers and return the figures.

    Args:
        seed: the seed of the questions.
        index: the archive; None: one of the samples.
        datasette: the command that starts Datasette; None leaves it out.
        plan: how the servers are loaded.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        index = index or _sampled(folder)
        with open_archive(index) as archive:
            questions = _questions(archive, random.Random(seed), plan.questions)
            paragraphs = archive.stats().paragraphs
            servers = {"cablesearch": _ours(index, plan.workers)}
            if datasette:
                servers["datasette"] = _theirs(datasette, _database(archive, folder))
            phases: dict[str, list[Phase]] = {name: [] for name in servers}
            with contextlib.ExitStack() as stack:
                running = {name: stack.enter_context(started) for name, started in servers.items()}
                for _ in range(plan.rounds):
                    for server, (port, process) in running.items():
                        phases[server].append(asyncio.run(_phase(server, port, process, questions, plan)))
            wrong = sum(_wrong(archive, phase.bodies) for phase in phases["cablesearch"])
    figures: dict[str, object] = {"paragraphs": paragraphs, "plan": plan._asdict()}
    for name, run in phases.items():
        figures[name] = _summary(run)
    ours = phases["cablesearch"]
    failures = wrong + sum(phase.failures for phase in ours) + _grows(ours)
    return {**figures, "wrong": wrong, "failures": failures}


def _sampled(folder: Path) -> Path:
    with create(folder / "index") as archive:
        archive.index([_SAMPLES])
    return folder / "index"


def _questions(archive: Archive, rng: random.Random, count: int) -> list[str]:
    """Return queries of words that stand in paragraphs of the archive."""
    texts = [hit.text for hit in archive.search("*", limit=count)]
    found: dict[str, None] = {}
    for _ in range(50 * count):
        if len(found) == count:
            break
        words = _WORD.findall(rng.choice(texts).lower())
        if len(words) < 2:
            continue
        place = rng.randrange(len(words) - 1)
        pair = " ".join(words[place : place + 2])
        found[rng.choice([words[place], f"{words[place]} {rng.choice(words)}", f'"{pair}"'])] = None
    return list(found)


def _database(archive: Archive, folder: Path) -> Path:
    """Return a database with all paragraphs, and FTS5 over their text."""
    path = folder / "cables.db"
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("create table paragraphs (cable text, position integer, text text)")
        rows = ((hit.cable, hit.position, hit.text) for hit in archive.iter_all("*", sort="date"))
        database.executemany("insert into paragraphs values (?, ?, ?)", rows)
        options = "content='paragraphs', content_rowid='rowid', tokenize='porter unicode61'"
        database.execute(f"create virtual table found using fts5(text, {options})")
        database.execute("insert into found(found) values ('rebuild')")
        database.execute("insert into found(found) values ('optimize')")
    return path


@contextlib.contextmanager
def _started(command: Sequence[str | Path], port: int) -> Iterator[tuple[int, int]]:
    """Start a server, and give the block its port and its process once it answers."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(300):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.1)
            yield port, process.pid
        finally:
            process.terminate()


def _ours(index: Path, workers: int) -> contextlib.AbstractContextManager[tuple[int, int]]:
    port = _free_port()
    command = [sys.executable, "-m", "cablesearch", "serve", "--port", str(port), "--clearance", "FULL"]
    command += ["--workers", str(workers)] * (workers > 1)
    return _started([*command, "--index", index], port)


def _theirs(datasette: str, database: Path) -> contextlib.AbstractContextManager[tuple[int, int]]:
    port = _free_port()
    limit = "--setting", "sql_time_limit_ms", "30000"
    return _started([datasette, "serve", "--immutable", database, "--port", str(port), *limit], port)


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port


def _path(server: str, question: str) -> str:
    if server == "cablesearch":
        return f"/api/v1/search?q={quote(question)}"
    matched = question if question.startswith('"') else " AND ".join(f'"{word}"' for word in question.split())
    return f"/cables.json?_shape=array&sql={quote(_SQL)}&q={quote(matched)}"


async def _phase(server: str, port: int, process: int, questions: Sequence[str], plan: Load) -> Phase:
    """Ask a server for some time."""
    seconds = plan.seconds
    phase = Phase([], seconds, 0, {}, [])
    order = iter(random.Random(seconds).choices(questions, k=1_000_000))
    failures = 0
    end = time.perf_counter() + seconds

    async def reader() -> None:
        nonlocal failures
        stream, writer = await asyncio.open_connection("127.0.0.1", port)
        while (begun := time.perf_counter()) < end:
            question = next(order)
            writer.write(f"GET {_path(server, question)} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
            head = await stream.readuntil(b"\r\n\r\n")
            body = await _body(head.lower(), stream)
            phase.times.append(time.perf_counter() - begun)
            if not head.startswith(b"HTTP/1.1 200 "):
                failures += 1
            elif server == "cablesearch":
                phase.bodies.setdefault(question, set()).add(_TOOK.sub(b"", body, count=1))
        writer.close()

    async def meter() -> None:
        while time.perf_counter() < end:
            phase.memory.append(_memory(process))
            await asyncio.sleep(1)

    begun = time.perf_counter()
    await asyncio.gather(meter(), *(reader() for _ in range(plan.connections)))
    return phase._replace(failures=failures, seconds=time.perf_counter() - begun)


async def _body(head: bytes, stream: asyncio.StreamReader) -> bytes:
    length = re.search(rb"content-length: (\d+)", head)
    if length:
        return await stream.readexactly(int(length[1]))
    parts = []
    while size := int(await stream.readuntil(b"\r\n"), 16):
        parts.append(await stream.readexactly(size))
        await stream.readexactly(2)
    await stream.readexactly(2)
    return b"".join(parts)


def _memory(process: int) -> int:
    """Return the bytes that a process and those that it started have for themselves, and their share of what they
    have together with others."""
    own = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    (size,) = re.findall(r"^Pss: +(\d+)", own, re.MULTILINE)
    started = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return 1024 * int(size) + sum(_memory(int(child)) for child in started.split())


def _wrong(archive: Archive, bodies: Mapping[str, set[bytes]]) -> int:
    """Return how many of the distinct answers are not what the library says."""
    wrong = 0
    for question, answers in bodies.items():
        right = _TOOK.sub(b"", json_line(search_object(archive.search(question))).encode(), count=1)
        wrong += len(answers - {right})
    return wrong


def _grows(phases: Sequence[Phase]) -> int:
    """Return 1 if the memory of a server still grows after some time, else 0."""
    memory = [size for phase in phases for size in phase.memory]
    settled = memory[int(len(memory) * _SETTLED)]
    return int(max(memory) > settled * 1.1 + _CACHE)


def _summary(phases: Sequence[Phase]) -> dict[str, object]:
    times = sorted(time for phase in phases for time in phase.times)
    memory = [size for phase in phases for size in phase.memory]
    rates = sorted(len(phase.times) / phase.seconds for phase in phases)
    return {
        "answers": len(times),
        "failures": sum(phase.failures for phase in phases),
        "per second": round(rates[len(rates) // 2], 1),
        "p50 ms": round(1000 * times[len(times) // 2], 1),
        "p99 ms": round(1000 * times[int(len(times) * 0.99)], 1),
        "memory MB": [round(memory[int(len(memory) * _SETTLED)] / 1e6), round(max(memory) / 1e6)],
    }
