"""Measure the pages of a server: the time to the first byte, and how much is sent.

    python benchmarks/web.py --index DIR [--repeats N]

A real server on loopback, with one process, serves the archive in full. The pages are asked one after the other, each
for the first time (the answer is computed), then N times again (it is kept). Sizes are those of the page with its style
and script, as they are and as they are sent (gzip).
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from cablesearch.archive import Archive, open_archive

_FILE = re.compile(rb'(?:href|src)="([^"]*/static/[^"]+\.(?:css|js))"')
_COMMON = 10


class Answered(NamedTuple):
    """An answer: seconds to its first byte, its body, and the bytes that were sent."""

    first_byte: float
    body: bytes
    sent: int


@contextmanager
def served(index: Path) -> Iterator[str]:
    """Serve an archive and give the block the address."""
    command = [
        sys.executable,
        "-m",
        "cablesearch",
        "serve",
        "--port",
        "0",
        "--clearance",
        "FULL",
        "--index",
        str(index),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        try:
            found = next(filter(None, (re.search(r"http://[\d.]+:\d+", line) for line in process.stdout)))
            yield found[0].removeprefix("http://")
        finally:
            process.terminate()


def get(connection: http.client.HTTPConnection, path: str) -> Answered:
    """Ask for a page as a browser does."""
    begun = time.perf_counter()
    connection.request("GET", path, headers={"Accept-Encoding": "gzip", "Accept": "text/html"})
    response = connection.getresponse()
    first_byte = time.perf_counter() - begun
    sent = response.read()
    body = sent
    if response.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(sent)
    if response.status != 200:
        raise SystemExit(f"{path}: status {response.status}")
    return Answered(first_byte, body, len(sent))


def paths(archive: Archive) -> dict[str, list[str]]:
    """Return the pages that are measured, by kind: those of the words that most paragraphs have, and others."""
    words = [suggestion.text for letter in "stcpa" for suggestion in archive.suggest(letter, 2, ("word",))][:_COMMON]
    cables = list(archive.ids("*", limit=_COMMON))
    return {
        "start": ["/"],
        "search, common word": [f"/search?q={quote(word)}" for word in words],
        "search, two words": [f"/search?q={quote(' '.join(pair))}" for pair in pairwise(words)],
        "search, nothing found": ["/search?q=xyzzyplugh"],
        "cable": [f"/cable/{quote(name, safe='')}" for name in cables],
        "help": ["/help"],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the pages of a server.")
    parser.add_argument("--index", required=True, type=Path, metavar="DIR", help="The archive.")
    parser.add_argument("--repeats", type=int, default=5, metavar="N", help="How often each page is asked again.")
    options = parser.parse_args()
    with open_archive(options.index) as archive:
        kinds = paths(archive)
        print(f"{archive.stats().paragraphs:,} paragraphs")
    print(f"{'page':24} {'first, ms':>10} {'again p50':>10} {'again max':>10} {'kB':>7} {'sent, kB':>9}")
    with served(options.index) as address:
        connection = http.client.HTTPConnection(address)
        get(connection, "/help")
        for kind, addresses in kinds.items():
            first = [get(connection, path) for path in addresses]
            again = [get(connection, path) for path in addresses for _ in range(options.repeats)]
            files = {name for answer in first for name in _FILE.findall(answer.body)}
            beside = [get(connection, urlsplit(name.decode()).path) for name in files]
            size, sent = (
                max(map(of, first)) + sum(map(of, beside))
                for of in (lambda answer: len(answer.body), lambda answer: answer.sent)
            )
            times = [1000 * answer.first_byte for answer in again]
            begun = 1000 * median(answer.first_byte for answer in first)
            print(
                f"{kind:24} {begun:10.1f} {median(times):10.1f} {max(times):10.1f} {size / 1e3:7.1f} {sent / 1e3:9.1f}"
            )


if __name__ == "__main__":
    main()
