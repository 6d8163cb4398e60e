"""An archive on a cluster under faults: writers to disturb, readers that judge every answer, and what must be there.

All cables have a version. Each round indexes the next version of all of them. So at any time every cable must be there,
whole, and of the version of this round or the one before; after the round, all must be as in an archive in a folder.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from unittest import mock

import cablesearch
from cablesearch.archive import Archive, create
from cablesearch.cable import Cable, Classification, Clearance, Level
from cablesearch.cluster.addresses import parse_address
from cablesearch.cluster.client import Client
from cablesearch.cluster.state import Register
from cablesearch.errors import CablesearchError
from trials.cables import EVERYWHERE, QUERIES, cable, contents, digest, write
from trials.cluster.nodes import Cluster
from trials.history import Outcome, command

__all__ = ["Arena", "Searching", "is_told_well"]

COUNT = 24
"""The number of cables."""
SECONDS = 240
"""The most seconds of a writer."""
LEASE = 3.0
SETTINGS = {"TIMEOUT": "10", "PATIENCE": "90", "LEASE": f"{LEASE:g}", "RETRIES": "6", "SENDERS": "2"}
PREFIX = "CABLESEARCH_OPENSEARCH_"
CLEARANCES = ("FULL", "UNCLASSIFIED")
_VERSION = re.compile(r"\bversion(\d+) slot(\d+)\b")
_MOST_RUNS = 20
UNCLASSIFIED, SECRET = Classification(Level.UNCLASSIFIED), Classification(Level.SECRET)


def made(slot: int, version: int) -> Cable:
    """Return a version of a cable in which at most every second paragraph is secret."""
    whole = cable(slot, version)
    paragraphs = [
        replace(each, classification=own, marking=str(own))
        for each in whole.paragraphs
        for own in ([SECRET if each.position % 2 == 0 else UNCLASSIFIED])
    ]
    return replace(whole, classification=UNCLASSIFIED, classification_text="UNCLASSIFIED", paragraphs=tuple(paragraphs))


def is_told_well(outcome: Outcome, address: str) -> bool:
    """Return whether an error is reported in one line that names the archive, and by the exit status."""
    lines = outcome.said.strip().splitlines()
    errors = [line for line in lines if line.startswith("Error: ")]
    return (
        outcome.status == 2
        and len(errors) == 1
        and address in errors[0]
        and "internal error" not in outcome.said
        and "Traceback" not in outcome.said
    )


@dataclass
class Arena:
    """An archive on a cluster, and the version that all its cables have.

    Attributes:
        cluster: the cluster.
        name: the name of the archive.
        folder: where sources and an archive to compare with are.
        chance: what chooses moments.
        version: the version of all cables after the last round that ended.
        figures: what came of the faults, counted.
        seconds: how long a writer that is not disturbed works, from when it has the right to write.
    """

    cluster: Cluster
    name: str
    folder: Path
    chance: random.Random
    version: int = 0
    figures: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def address(self) -> str:
        """The address of the archive at the first node."""
        return self.address_at(self.cluster.nodes[0].http_port)

    def address_at(self, port: int) -> str:
        """Return the address of the archive at a port of this machine."""
        return f"opensearch://127.0.0.1:{port}/{self.name}"

    @property
    def environment(self) -> dict[str, str]:
        """The settings, with all nodes."""
        hosts = " ".join(f"127.0.0.1:{node.http_port}" for node in self.cluster.nodes)
        return {PREFIX + name: value for name, value in {**SETTINGS, "HOSTS": hosts}.items()}

    @contextmanager
    def settings(self, **changes: str) -> Iterator[None]:
        """Let clients in this process have the settings for the block; empty ones do not count."""
        changed = self.environment | {PREFIX + name: value for name, value in changes.items()}
        with mock.patch.dict(os.environ, changed):
            yield

    # Writing

    def create(self) -> None:
        """Create the archive, with the first version of all cables."""
        with self.settings():
            create(self.address).close()
        self.round()
        writer = self.start(self.version + 1)
        self.await_lease(writer)
        began = time.monotonic()
        self.end(writer)
        self.seconds = time.monotonic() - began
        self.version += 1

    def start(self, version: int, address: str | None = None, **changes: str) -> subprocess.Popen[bytes]:
        """Start a writer that indexes a version of all cables, at an address and with changed settings."""
        source = write(self.folder / f"{version}.jsonl", [made(slot, version) for slot in range(COUNT)])
        arguments = ["index", str(source), "--jobs", "1", "--index", address or self.address]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CABLESEARCH_")}
        environment |= self.environment | {PREFIX + name: value for name, value in changes.items()}
        return subprocess.Popen(
            [sys.executable, "-m", "trials.cluster.writer", *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment,
        )

    def await_lease(self, writer: subprocess.Popen[bytes]) -> None:
        """Wait until a writer has the right to write, or has ended."""
        with self.settings():
            register = Register(Client.of(parse_address(self.address)))
            deadline = time.monotonic() + SECONDS
            while writer.poll() is None:
                lease = register.read().state.lease
                if lease is not None and lease.pid == writer.pid:
                    return
                assert time.monotonic() < deadline, "a writer does not begin"
                time.sleep(0.05)

    def end(self, writer: subprocess.Popen[bytes]) -> Outcome:
        """Wait until a writer ends, and return what came of it; an error must be clear."""
        _, said = writer.communicate(timeout=SECONDS)
        outcome = Outcome(writer.returncode, said.decode())
        # The address is that at which the writer looked.
        assert outcome.status == 0 or is_told_well(outcome, f"/{self.name}"), outcome
        return outcome

    def round(self, address: str | None = None, **changes: str) -> int:
        """Index the next version of all cables until that is done, compare, and return how often it was started."""
        for number in range(1, _MOST_RUNS):
            outcome = self.end(self.start(self.version + 1, address, **changes))
            if not outcome.status:
                self.version += 1
                self.compare()
                return number
            self.between()
            time.sleep(LEASE / 3)
        raise AssertionError(f"not done after {_MOST_RUNS} runs: {outcome}")

    # Judging

    def between(self) -> int:
        """Check that each cable is there, whole, and of one of the two versions of this round; return how many are of
        the new one."""
        with self.settings(), cablesearch.open(self.address) as archive:
            state = contents(archive)
        new = 0
        for slot in range(COUNT):
            own = made(slot, self.version + 1)
            if state.get(own.id) == digest(own):
                new += 1
            else:
                assert self.version == 0 or state.get(own.id) == digest(made(slot, self.version)), f"{own.id} is lost"
        return new

    def compare(self) -> None:
        """Check that the archive answers like an archive in a folder into which all cables were indexed at once."""
        path = self.folder / f"undisturbed-{self.version}"
        if not path.exists():
            source = write(self.folder / "all.jsonl", [made(slot, self.version) for slot in range(COUNT)])
            assert command("index", str(source), "--index", str(path), "--jobs", "1").status == 0
        for clearance in CLEARANCES:
            with self.settings(), cablesearch.open(self.address, clearance) as archive:
                got = answers(archive)
            with cablesearch.open(path, clearance) as archive:
                expected = answers(archive)
            differing = [(mine, its) for mine, its in zip(got, expected, strict=True) if mine != its]
            assert not differing, f"version {self.version} as {clearance}: {differing[0]}"


def answers(archive: Archive) -> list[object]:
    """Return the export of an archive, its counts, and all hits and facets of queries; other trials compare scores."""
    result: list[object] = [list(contents(archive).items()), len(archive), archive.stats().paragraphs]
    for query, group in QUERIES:
        page = archive.search(query, limit=None, group=group, facets=["tags", "origin", "classification"])
        # The best paragraph of a cable depends on scores, and these on replaced documents until they are merged away.
        hits = sorted((hit.cable, hit.position if group == "paragraph" else 0) for hit in page)
        result.append((query, page.total, hits, page.facets))
    return result


class Searching:
    """A context manager: a reader that asks again and again, judges each answer, and counts errors.

    Args:
        arena: the archive.
        address: where it is asked; None: at all nodes.
        changes: changed settings.
    """

    def __init__(self, arena: Arena, address: str | None = None, **changes: str) -> None:
        self._arena, self._address, self._changes = arena, address or arena.address, changes
        self._versions = {arena.version, arena.version + 1}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._search)
        self.right = 0
        self.errors: list[str] = []
        self._wrong: list[str] = []

    def __enter__(self) -> Searching:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()
        self._arena.figures += Counter({"answers": self.right, "errors of readers": len(self.errors)})
        assert not self._wrong, self._wrong[:3]
        assert self.right, f"no answer at all: {self.errors[:3]}"

    def wait(self, count: int) -> None:
        """Wait until there were that many more answers."""
        until = self.right + count
        deadline = time.monotonic() + SECONDS
        while self.right < until and self._thread.is_alive():
            assert time.monotonic() < deadline, f"no answers any more: {self.errors[-1:]}"
            time.sleep(0.02)

    def _search(self) -> None:
        with self._arena.settings(**self._changes):
            while not self._ended.is_set():
                clearance = self._arena.chance.choice(CLEARANCES)
                try:
                    with cablesearch.open(self._address, clearance) as archive:
                        for _ in range(3):
                            self._judge(archive, clearance)
                except CablesearchError as error:
                    self.errors.append(str(error))
                    if "\n" in str(error) or self._arena.name not in str(error):
                        self._wrong.append(f"not clear: {error!r}")
                except Exception as error:
                    self._wrong.append(f"{type(error).__name__}: {error}")
                    return

    def _judge(self, archive: Archive, clearance: str) -> None:
        page = archive.search(EVERYWHERE, limit=None)
        found: dict[int, dict[int, int]] = {}
        for hit in page:
            match = _VERSION.search(hit.text or "")
            assert match, hit
            found.setdefault(int(match[2]), {})[hit.position] = int(match[1])
        if wrong := self._fault(found, clearance):
            self._wrong.append(f"as {clearance}: {wrong}")
        self.right += 1

    def _fault(self, found: Mapping[int, Mapping[int, int]], clearance: str) -> str | None:
        """Return what is wrong with an answer, given the version of each position of each slot."""
        if found.keys() != {*range(COUNT)}:
            return f"{len(found)} cables"
        for slot, versions in found.items():
            version = next(iter(versions.values()))
            if {*versions.values()} != {version} or version not in self._versions:
                return f"cable {slot} has paragraphs of versions {versions}"
            seen = made(slot, version).view(Clearance.parse(clearance)) if clearance != "FULL" else made(slot, version)
            if seen is None or {each.position for each in seen.paragraphs} != versions.keys():
                return f"cable {slot} of version {version} has the positions {[*versions]}"
        return None
