"""Measure the speed and memory of reading a cables.csv in one process.

    python benchmarks/reading.py [--cables N] [FILE]

Without FILE, a file of N generated cables is written to a temporary folder (always the same for the same N). The output
has the median, the slowest and the fastest of five runs of the scan alone (splitting rows) and of scan and parse
(making cables), and the peak memory of reading N and 4 N cables, each in a separate process.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from cablesearch.readers.formats.cables_csv import to_line
from cablesearch.readers.records import Record
from cablesearch.readers.sources.files import scan

RUNS = 5
SEED = 1
POSTS = (
    ("AMEMBASSY CAIRO", "CAIRO", "Embassy Cairo", "RUEHEG", "EG"),
    ("AMEMBASSY HANOI", "HANOI", "Embassy Hanoi", "RUEHHI", "VM"),
    ("AMEMBASSY NEW DELHI", "NEWDELHI", "Embassy New Delhi", "RUEHNE", "IN"),
    ("AMCONSUL SAO PAULO", "SAOPAULO", "Consulate Sao Paulo", "RUEHSO", "BR"),
)
SYLLABLES = [
    "an",
    "ber",
    "co",
    "der",
    "es",
    "for",
    "gan",
    "hi",
    "in",
    "jo",
    "ket",
    "lo",
    "min",
    "ner",
    "or",
    "pra",
    "qui",
    "ran",
    "ster",
    "tion",
    "un",
    "ver",
    "wal",
    "xi",
    "yor",
    "zen",
]
LEVELS = (
    ("UNCLASSIFIED", "UNCLAS", "UUUUU", ("U",)),
    ("CONFIDENTIAL", "C O N F I D E N T I A L", "CCCCC", ("C", "C", "SBU", "U")),
    ("SECRET//NOFORN", "S E C R E T", "SSSSS", ("S", "S//NF", "C")),
)
TAGS = ["PGOV", "PREL", "PHUM", "ECON", "ETRD", "ENRG", "EAID", "SMIG", "KTIP", "KDEM"]


def words(rng: random.Random, count: int) -> list[str]:
    """Generate words: short ones more often, occasionally one with a quote or a letter outside of ASCII."""
    result = ["".join(rng.choices(SYLLABLES, k=rng.choice((1, 1, 2, 2, 3)))) for _ in range(count)]
    for at in range(rng.randrange(40), count, 40):
        result[at] = rng.choice(('"' + result[at] + '"', result[at] + "é", result[at].upper()))
    return result


def wrapped(found: list[str], width: int = 66) -> str:
    """Generate words in lines as wide as a telegram's."""
    lines, line = [], ""
    for word in found:
        if line and len(line) + len(word) >= width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "\n".join([*lines, line])


def row(rng: random.Random, serial: int) -> tuple[str, ...]:
    """Return the eight columns of a generated cable of 2003 to 2009."""
    address, post, origin, station, country = rng.choice(POSTS)
    level, banner, letters, marks = rng.choice(LEVELS)
    year, month, day, hour, minute = rng.randint(2003, 2009), rng.randint(1, 12), rng.randint(1, 28), serial % 24, 26
    group = f"{day:02d}{hour:02d}{minute:02d}Z {time.strftime('%b', (2000, month, 1, 0, 0, 0, 0, 1, 0)).upper()}"
    place = address.partition(" ")[2]
    header = (
        f"VZCZCXRO{serial % 10000:04d}\nPP RUEHC RUEHGH\nDE {station} #{serial % 10000:04d}/01 0080326\n"
        f"ZNY {letters} ZZH\nP {group} {year % 100:02d}\nFM {address}\nTO RUEHC/SECSTATE WASHDC PRIORITY 7532\n"
        "INFO RUCNDT/USMISSION USUN NEW YORK PRIORITY\nRUEKJCS/SECDEF WASHDC"
    )
    paragraphs = [
        wrapped(f"{number}. ({rng.choice(marks)})".split() + words(rng, rng.randint(60, 160)))
        for number in range(1, rng.randint(4, 16))
    ]
    reference = f"{(year - 1) % 100:02d} {place} {serial % 900 + 1}"
    body = (
        f"{banner} {place} {serial:06d}\n\nSIPDIS\n\nE.O. 12958: DECL: {month:02d}/{day:02d}/{year + 10}\n"
        f"TAGS: {', '.join(rng.sample(TAGS, 3))}, {country}\nSUBJECT: {wrapped(words(rng, 8)).upper()}\n\n"
        f"REF: {reference}\n\nClassified By: Political Counselor John Doe. Reason 1.4 (b) and (d).\n\n"
        + "\n\n".join(paragraphs)
        + "\n\nDOE"
    )
    created = f"{month}/{day}/{year} {hour}:{minute}"
    return str(serial), created, f"{year % 100:02d}{post}{serial}", origin, level, "", header, body


def write(path: Path, cables: int) -> None:
    """Write a cables.csv of generated cables."""
    rng = random.Random(SEED)
    with path.open("w", encoding="utf-8", newline="") as file:
        for serial in range(1, cables + 1):
            file.write(to_line(row(rng, serial)) + "\n")


def scan_all(path: Path, limit: int | None = None) -> int:
    """Split the rows and return their number."""
    return sum(isinstance(item, Record) for item in islice(scan([path]), limit))


def read_all(path: Path, limit: int | None = None) -> int:
    """Split the rows, make cables of them and return their number."""
    return sum(bool(item.parse().id) for item in islice(scan([path]), limit) if isinstance(item, Record))


def report(name: str, read: Callable[[Path], int], path: Path) -> None:
    """Print the speed of a way of reading."""
    megabytes = path.stat().st_size / 1e6
    speeds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        count = read(path)
        speeds.append(megabytes / (time.perf_counter() - start))
    print(
        f"{name:14} {statistics.median(speeds):7.1f} MB/s median  {min(speeds):7.1f} min  {max(speeds):7.1f} max"
        f"  ({count:,} cables, {megabytes:.1f} MB)"
    )


def peak_memory(path: Path, limit: int) -> float:
    """Return the peak memory, in megabytes, of a process that reads a given number of cables of a file."""
    command = [sys.executable, __file__, "--peak", str(limit), str(path)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cables", type=int, default=5000, metavar="N")
    parser.add_argument("--peak", type=int, metavar="N", help=argparse.SUPPRESS)
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE")
    arguments = parser.parse_args()
    if arguments.peak:
        read_all(arguments.file, arguments.peak)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10))
        return
    with tempfile.TemporaryDirectory() as folder:
        path, count = arguments.file, arguments.cables
        if path is None:
            path = Path(folder, "cables.csv")
            write(path, 4 * count)
        else:
            count = max(1, scan_all(path) // 4)
        print(f"{platform.platform()}, {platform.processor() or platform.machine()}, {os.cpu_count()} processors")
        print(f"Python {platform.python_version()}, one process, {RUNS} runs, {path.name}")
        # This comes first because a child process inherits the peak of its parent.
        peaks = [(limit, peak_memory(path, limit)) for limit in (count, 4 * count)]
        report("scan", scan_all, path)
        report("scan and parse", read_all, path)
        for limit, peak in peaks:
            print(f"peak memory    {peak:7.1f} MiB for {limit:,} cables")


if __name__ == "__main__":
    main()
