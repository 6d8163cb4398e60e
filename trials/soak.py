"""Readers beside a writer, for any length of time: every answer is compared with what its commit must give."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import random
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from cablesearch.archive import Archive, create
from cablesearch.cable import Cable, Clearance
from cablesearch.embedded.reader import embedded
from cablesearch.engine.index import manifest
from cablesearch.errors import LockedError, UnknownCableError
from cablesearch.readers import Record
from cablesearch.readers.formats.json_lines import JSON_LINES
from cablesearch.readers.json_cables import dumps
from trials.cables import EVERYWHERE, TAGS, cable, name, write

__all__ = ["soak"]

_SLOTS = 120
_SAMPLE = 2.0
"""Seconds between two measurements of the processes."""
_LONG = 240.0
"""Seconds after which memory and descriptors have reached their level."""
_SPARE, _SPARE_ON_DISK = 16, 512
_RELOAD, _OPEN, _EXPORT, _SECOND = 100, 1_500, 5_000, 800
"""The numbers of rounds after which a reader reloads, reopens, exports everything, and tries to write."""
_KINDS = ("everywhere", "version", "slot", "tag", "facets", "show", "hit")
_CHEAP = 8
_WEIGHTS = (25, 25, 25, 15, 3, 4, 3)

Changes = Mapping[str, "int | None"]


class _Facts(NamedTuple):
    """The share of one version of a cable in the answers, as one reader sees it."""

    seen: Cable | None
    digest: bytes
    paragraphs: int
    tags: tuple[str, ...]


@lru_cache(maxsize=512)
def _facts(slot: int, version: int, clearance: Clearance | None) -> _Facts:
    whole = cable(slot, version)
    seen = whole.view(clearance) if clearance else whole
    digest = Record("", None, JSON_LINES, (dumps(whole),)).digest()
    return _Facts(
        seen, digest, len(seen.paragraphs) if seen else 0, tuple(tag.name for tag in seen.tags) if seen else ()
    )


class _Truth:
    """The right answers for a reader at a commit, from the log that the writer keeps."""

    def __init__(self, log: Path, clearance: Clearance | None) -> None:
        self._log = log.open("rb")
        self._clearance = clearance
        self.generation = -1
        self.versions: dict[int, int] = {}
        self.paragraphs = 0
        self.by_version: Counter[int] = Counter()
        self.by_tag: Counter[str] = Counter()

    def facts(self, slot: int) -> _Facts | None:
        """Return the facts about a cable; None if there is no such cable."""
        version = self.versions.get(slot)
        return None if version is None else _facts(slot, version, self._clearance)

    def go_to(self, generation: int) -> None:
        """Continue to a commit, which the writer logged before it made it."""
        while self.generation < generation:
            line = json.loads(self._log.readline())
            self.generation = line["generation"]
            for slot, version in line["changes"].items():
                self._count(int(slot), -1)
                self.versions.pop(int(slot), None)
                if version is not None:
                    self.versions[int(slot)] = version
                    self._count(int(slot), 1)

    def _count(self, slot: int, sign: int) -> None:
        if facts := self.facts(slot):
            self.paragraphs += sign * facts.paragraphs
            self.by_version[self.versions[slot]] += sign * facts.paragraphs
            if not self.by_version[self.versions[slot]]:
                del self.by_version[self.versions[slot]]
            for tag in facts.tags:
                self.by_tag[tag] += sign * facts.paragraphs


@contextlib.contextmanager
def _logged(log: Path, changes: dict[str, int | None]) -> Iterator[None]:
    """Log each commit before it is made: the pending changes, which are then no longer pending."""
    publish: Any = vars(manifest)["publish"]
    with log.open("a", encoding="utf-8", buffering=1) as file:

        def tell(directory: Path, body: Any) -> None:
            file.write(json.dumps({"generation": body["generation"], "changes": changes}) + "\n")
            publish(directory, body)
            changes.clear()

        with mock.patch.object(manifest, "publish", tell):
            yield


def _write(folder: Path, seed: int, stop: Any) -> dict[str, int]:
    """Index, replace, remove and compact until the time is over."""
    chance = random.Random(seed)
    figures: Counter[str] = Counter()
    changes: dict[str, int | None] = {}
    source = folder / "source.jsonl"
    with _logged(folder / "truth", changes), create(folder / "archive") as archive:
        version = 0
        while not stop.is_set():
            what = chance.choices(("index", "remove", "compact"), (80, 12, 8))[0]
            changes.clear()
            slots = chance.sample(range(_SLOTS), chance.randint(1, 8))
            if what == "index":
                version += 1
                write(source, [cable(slot, version) for slot in slots])
                changes.update({str(slot): version for slot in slots})
            elif what == "remove":
                there = [slot for slot in slots if str(slot) in _present(archive)]
                changes.update(dict.fromkeys(map(str, there)))
            # Another writer may hold the lock for a moment.
            with contextlib.suppress(LockedError):
                if what == "index":
                    archive.index([source])
                elif what == "remove":
                    archive.remove([name(slot) for slot in slots])
                else:
                    archive.compact()
                figures[what] += 1
        figures["commits"] = embedded(archive._reading.reader).snapshot.generation
    return figures


def _present(archive: Archive) -> set[str]:
    snapshot = embedded(archive._reading.reader).snapshot
    keys = (snapshot.segments[number].keys.text(block) for number, block in snapshot.live_blocks())
    return {str(int(key.removeprefix("09PALERMO")) - 1) for key in keys}


class _Reader:
    """A process that reads, with any number of threads over one archive."""

    def __init__(self, folder: Path, seed: int, clearance: str | None, writer: int, *, second: bool) -> None:
        self._path = folder / "archive"
        self._clearance = Clearance.parse(clearance) if clearance else None
        self._seed = seed
        self._writer = writer
        self._second = second
        self._truth = _Truth(folder / "truth", self._clearance)
        self._turn = 0
        """Odd while the archive and the expected answers move to another commit."""
        self._errors: list[str] = []
        self._open()

    def _open(self) -> None:
        self._archive = Archive(self._path, self._clearance)
        self._truth.go_to(embedded(self._archive._reading.reader).snapshot.generation)

    def run(self, stop: Any, count: int | None, threads: int) -> dict[str, int]:
        """Compare answers until the time is over or their number is reached; return how many of each kind."""
        figures: Counter[str] = Counter()
        done = threading.Event()
        counts: list[Counter[str]] = [Counter() for _ in range(threads - 1)]
        others = [
            threading.Thread(target=self._beside, args=(number, counts[number], done)) for number in range(threads - 1)
        ]
        for other in others:
            other.start()
        try:
            chance = random.Random(self._seed)
            rounds = 0
            while not stop.is_set() and not self._errors and (count is None or figures.total() < count):
                rounds += 1
                self._check(chance, figures)
                self._now_and_then(rounds, figures)
        finally:
            done.set()
            for other in others:
                other.join()
        if self._errors:
            raise AssertionError(self._errors[0])
        for item in counts:
            figures.update(item)
        return figures

    def _beside(self, number: int, figures: Counter[str], done: threading.Event) -> None:
        chance = random.Random(self._seed * 1000 + number)
        try:
            while not done.is_set():
                self._check(chance, figures)
        except BaseException:
            self._errors.append(traceback.format_exc())

    def _now_and_then(self, rounds: int, figures: Counter[str]) -> None:
        if rounds % _RELOAD == 0:
            self._turn += 1
            if rounds % _OPEN == 0:
                self._archive.close()
                self._open()
                figures["opened anew"] += 1
            else:
                before = embedded(self._archive._reading.reader).snapshot.generation
                self._archive.reload()
                generation = embedded(self._archive._reading.reader).snapshot.generation
                assert generation >= before, f"generation {generation} after {before}"
                self._truth.go_to(generation)
                figures["reloaded"] += 1
            self._turn += 1
        if rounds % _EXPORT == 0:
            exported = {cable.id: cable for cable in self._archive.export()}
            truth = {name(slot): self._truth.facts(slot) for slot in self._truth.versions}
            assert exported == {key: facts.seen for key, facts in truth.items() if facts and facts.seen}, "export"
            figures["export"] += 1
        if rounds % _SECOND == 0 and self._second:
            with Archive(self._path) as second:
                try:
                    second.remove(["nothing"])
                except LockedError as error:
                    named = f"(pid {self._writer})" in str(error)
                    figures["second writer refused" if named else "second writer got no clear error"] += 1

    def _check(self, chance: random.Random, figures: Counter[str]) -> None:
        """Ask one question, and for the versions of several cables."""
        self._check_one(chance.choices(_KINDS, _WEIGHTS)[0], chance, figures)
        for _ in range(_CHEAP):
            self._check_one("live", chance, figures)

    def _check_one(self, kind: str, chance: random.Random, figures: Counter[str]) -> None:
        turn = self._turn
        try:
            wrong = self._compare(kind, chance)
        except Exception:
            # Between two commits the expected answers are not valid.
            if turn % 2 == 0 and turn == self._turn:
                raise
            return
        if turn % 2 or turn != self._turn:
            return
        if wrong:
            raise AssertionError(f"{kind}, generation {self._truth.generation}: {wrong}")
        figures[kind] += 1

    def _compare(self, kind: str, chance: random.Random) -> str:
        """Compare one answer and return the difference."""
        slot = chance.randrange(_SLOTS)
        result, wanted = getattr(self, f"_{kind}")(slot, self._truth.facts(slot))
        return "" if result == wanted else f"{result!r} instead of {wanted!r}"

    def _live(self, slot: int, facts: _Facts | None) -> tuple[object, object]:
        snapshot = embedded(self._archive._reading.reader).snapshot
        where = snapshot.find(name(slot))
        return where and snapshot.segments[where[0]].digest(where[1]), facts.digest if facts else None

    def _total(self, text: str, **conditions: str) -> int:
        return self._archive.search(text, limit=0, **conditions).total  # type: ignore[arg-type]

    def _everywhere(self, slot: int, facts: _Facts | None) -> tuple[object, object]:
        del slot, facts
        return self._total(EVERYWHERE), self._truth.paragraphs

    def _version(self, slot: int, facts: _Facts | None) -> tuple[object, object]:
        del facts
        version = self._truth.versions.get(slot, 0)
        return self._total(f"version{version}"), self._truth.by_version[version]

    def _slot(self, slot: int, facts: _Facts | None) -> tuple[object, object]:
        return self._total(f"slot{slot}"), facts.paragraphs if facts else 0

    def _tag(self, slot: int, facts: _Facts | None) -> tuple[object, object]:
        del facts
        tag = TAGS[slot % len(TAGS)]
        return self._total(EVERYWHERE, tags=tag), self._truth.by_tag[tag]

    def _facets(self, slot: int, facts: _Facts | None) -> tuple[object, object]:
        del slot, facts
        results = self._archive.search(EVERYWHERE, limit=0, facets="tags").facets["tags"]
        return dict(results), {tag: count for tag, count in self._truth.by_tag.items() if count}

    def _show(self, slot: int, facts: _Facts | None) -> tuple[object, object]:
        try:
            visible = self._archive.show(name(slot))[0]
        except UnknownCableError:
            visible = None
        return visible, facts.seen if facts else None

    def _hit(self, slot: int, facts: _Facts | None) -> tuple[object, object]:
        results = [hit.text.split()[1] for hit in self._archive.search(f"slot{slot}", limit=1).hits]
        return results, [f"version{self._truth.versions[slot]}"] if facts and facts.paragraphs else []


class _Held(NamedTuple):
    """The resources of a process: megabytes of memory, open descriptors, mapped segments."""

    megabytes: int
    descriptors: int
    segments: int


def _held(pid: int) -> _Held:
    process = Path(f"/proc/{pid}")
    resident = int((process / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    mapped = (process / "maps").read_text().count(".seg")
    return _Held(resident >> 20, len(list((process / "fd").iterdir())), mapped)


def _within(result: Path, work: Any) -> None:
    """Do the work of a process, and write its figures, or its error, to a file."""
    try:
        reported: object = {"figures": work()}
    except BaseException:
        reported = {"error": traceback.format_exc()}
    result.write_text(json.dumps(reported))


def soak(seed: int, minutes: float = 10, readers: int = 4, count: int | None = None) -> dict[str, object]:
    """Write with one process without a pause while others read, until the time is over or each compared ``count``
    answers.

    A comparison of an answer is one check. The memory, descriptors and mapped files of the processes, and the disk
    space of the archive, must not grow from the second quarter of the time to the last.
    """
    context = multiprocessing.get_context("fork")
    stop = context.Event()
    with tempfile.TemporaryDirectory() as name_of_folder:
        folder = Path(name_of_folder)
        create(folder / "archive").close()
        (folder / "truth").write_text(json.dumps({"generation": 0, "changes": {}}) + "\n")
        writer = context.Process(
            target=_within, args=(folder / "writer.json", lambda: _write(folder, seed, stop)), name="writer"
        )
        writer.start()
        processes = [writer]
        for number in range(readers):
            # The last but one has a clearance; every other one has several threads.
            clearance = "SBU" if number == readers - 2 else None
            threads = 3 if number % 2 else 1
            processes.append(
                context.Process(
                    target=_within,
                    args=(
                        folder / f"reader {number}.json",
                        _reading(folder, seed + number, clearance, writer, stop, count, threads),
                    ),
                    name=f"reader {number}",
                )
            )
            processes[-1].start()
        held = _watch(processes, folder / "archive", minutes * 60)
        stop.set()
        for process in processes:
            process.join()
        reported = {process.name: json.loads((folder / f"{process.name}.json").read_text()) for process in processes}
        with Archive(folder / "archive") as archive:
            assert not archive.verify()
    for who, item in reported.items():
        assert "error" not in item, f"{who}: {item['error']}"
    checks: Counter[str] = Counter()
    for number in range(readers):
        checks.update(reported[f"reader {number}"]["figures"])
    growth = _growth(held)
    return {
        "minutes": minutes if count is None else None,
        "checks": sum(checks[kind] for kind in (*_KINDS, "live", "export")),
        **checks,
        "writer": reported["writer"]["figures"],
        "most held by quarters": growth,
    }


def _reading(
    folder: Path, seed: int, clearance: str | None, writer: Any, stop: Any, count: int | None, threads: int
) -> Any:
    return lambda: _Reader(folder, seed, clearance, writer.pid, second=threads == 1 and not clearance).run(
        stop, count, threads
    )


def _watch(processes: list[Any], archive: Path, seconds: float) -> list[dict[str, tuple[int, ...]]]:
    """Measure resources until the time is over or a process has ended, and then until the readers have ended."""
    held = []
    until = time.monotonic() + seconds
    while time.monotonic() < until and processes[0].is_alive() and any(process.is_alive() for process in processes[1:]):
        processes[1].join(min(_SAMPLE, max(0.0, until - time.monotonic())))
        with contextlib.suppress(OSError):
            now: dict[str, tuple[int, ...]] = {process.name: _held(process.pid) for process in processes}
            files = list(archive.iterdir())
            now["disk"] = (sum(file.stat().st_size for file in files) >> 10, len(files))
            held.append(now)
    return held


def _growth(held: list[dict[str, tuple[int, ...]]]) -> dict[str, list[tuple[int, ...]]]:
    """Return the peaks in each quarter of the time: megabytes, descriptors and mapped segments of the processes,
    kilobytes and files of the archive.

    Raises:
        AssertionError: one of them grew, and the run was long enough to judge.
    """
    quarters = [held[len(held) * part // 4 : len(held) * (part + 1) // 4] for part in range(4)]
    if not all(quarters):
        return {}
    growth = {
        who: [
            tuple(max(item[who][place] for item in quarter) for place in range(len(held[0][who])))
            for quarter in quarters
        ]
        for who in held[0]
    }
    if len(held) * _SAMPLE >= _LONG:
        for who, (_, second, _, last) in growth.items():
            spare = _SPARE_ON_DISK if who == "disk" else _SPARE
            for before, after in zip(second, last, strict=True):
                assert after <= before * 1.25 + spare, f"{who} grew: {growth[who]}"
    return growth
