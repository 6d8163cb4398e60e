"""Measure whole commands, start-up included, of this version and an earlier one, pairwise.

    python benchmarks/startup.py --before PATH [--cables N] [--repeats N]

PATH is the folder of another clone, or the Python of another environment in which cablesearch is installed. Both
versions index the bundled telegrams, and with --cables N repetitions of them until there are N; then their commands
take turns, in changing order, with compiled modules in the caches. For each command the medians and the minima of the
processor time (user and system) are printed in milliseconds, with the median of the ratios of the pairs and the ratio
of the minima. On an idle machine the wall-clock time is the same.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "samples"
TELEGRAMS = SAMPLES / "telegrams-1930s.jsonl.gz"
COMPLETION = {
    "_CABLESEARCH_COMPLETE": "bash_complete",
    "COMP_WORDS": "cablesearch search --facet ta",
    "COMP_CWORD": "3",
}


class Version(NamedTuple):
    """A version of cablesearch, and how to run it."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]

    def run(self, *arguments: str | Path, **environment: str) -> float:
        """Run a command line and return the processor time that it takes, in milliseconds."""
        process = subprocess.Popen(
            [*self.command, *map(str, arguments)],
            env={**self.environment, **environment},
            cwd=tempfile.gettempdir(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 1):
            raise SystemExit(f"{self.name}: exit status {process.returncode}: {' '.join(map(str, arguments))}")
        return (usage.ru_utime + usage.ru_stime) * 1000


def version(name: str, place: Path) -> Version:
    """Return the version of a clone, or of an environment whose Python is at ``place``."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("CABLESEARCH_", "PYTHON"))}
    python = sys.executable if place.is_dir() else str(place)
    if place.is_dir():
        environment["PYTHONPATH"] = str(place)
    return Version(name, (python, "-m", "cablesearch"), environment)


def repeated(count: int) -> Iterator[str]:
    """Yield lines of JSON with the bundled telegrams, repeated with other ids until there are ``count``."""
    with gzip.open(TELEGRAMS, "rt", encoding="utf-8") as file:
        telegrams = list(map(json.loads, file))
    for number, telegram in enumerate(itertools.islice(itertools.cycle(telegrams), count)):
        yield json.dumps(telegram | {"id": f"{telegram['id']}-{number // len(telegrams)}"}) + "\n"


def commands(folder: str, label: str) -> dict[str, Callable[[Version], float]]:
    """Return the searches of the archives that the versions have in a folder, by name."""
    queries = {
        "a rare word": ("quarantine",),
        "a common word": ("government",),
        "a phrase": ('"foreign office"',),
        "three words": ("government treaty minister",),
        "word and tag, as JSON": ("government", "--tag", "PREL", "--format", "json"),
        "nothing found": ("governmnt",),
    }

    def search(arguments: tuple[str, ...]) -> Callable[[Version], float]:
        return lambda one: one.run("search", *arguments, "--index", Path(folder, one.name, label))

    return {f"{label}: {name}": search(arguments) for name, arguments in queries.items()}


def measure(versions: tuple[Version, Version], command: Callable[[Version], float], repeats: int) -> str:
    """Return a row of the report."""
    before, now = versions
    pairs = []
    for number in range(repeats + 1):
        if number % 2:
            old, new = command(before), command(now)
        else:
            new, old = command(now), command(before)
        # The first round fills the caches of the system, and writes the compiled modules.
        pairs += [(old, new)] if number else []
    ratio = statistics.median(new / old for old, new in pairs)
    (median, least), (median_now, least_now) = ((statistics.median(one), min(one)) for one in zip(*pairs, strict=True))
    return f"{median:9.1f}{median_now:8.1f}{ratio:7.2f}{least:10.1f}{least_now:8.1f}{least_now / least:7.2f}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure whole commands of two versions.")
    parser.add_argument("--before", type=Path, required=True, help="Another clone, or the Python of an environment.")
    parser.add_argument("--cables", type=int, default=0, help="Measure an archive of so many generated cables too.")
    parser.add_argument("--repeats", type=int, default=15, help="Pairs of runs of each command. Default: 15.")
    options = parser.parse_args()
    versions = version("before", options.before.absolute()), version("now", ROOT)
    print(f"{platform.platform()}, {platform.processor() or platform.machine()}, {os.cpu_count()} processors")
    libraries = ", ".join(f"{name} {metadata.version(name)}" for name in ("numpy", "whoosh3", "click"))
    print(f"Python {platform.python_version()}, {libraries}; {options.repeats} pairs of runs of each command")
    with tempfile.TemporaryDirectory() as folder:
        sources = {"samples": SAMPLES}
        if options.cables:
            sources[f"{options.cables:,} cables"] = file = Path(folder) / "cables.jsonl"
            with file.open("w", encoding="utf-8") as lines:
                lines.writelines(repeated(options.cables))
        rows: dict[str, Callable[[Version], float]] = {
            "--help": lambda one: one.run("--help"),
            "search --help": lambda one: one.run("search", "--help"),
            "completion": lambda one: one.run(**COMPLETION),
        }
        for label, source in sources.items():
            for one in versions:
                one.run("index", source, "--index", Path(folder, one.name, label))
            rows |= commands(folder, label)
        print(f"\n{'':38}{'median':>9}{'now':>8}{'ratio':>7}{'minimum':>10}{'now':>8}{'ratio':>7}")
        for name, command in rows.items():
            print(f"{name:38}{measure(versions, command, options.repeats)}", flush=True)


if __name__ == "__main__":
    main()
