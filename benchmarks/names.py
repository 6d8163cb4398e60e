"""Measure how well names of persons are found, on volumes of an edition in TEI that marks persons.

    python benchmarks/names.py PATH... [--capitals] [--complete N] [--errors N]

The paths are volumes of *Foreign Relations of the United States* in TEI (https://github.com/HistoryAtState/frus), in
which ``<persName>`` marks persons. The paragraphs of a document are one cable. Counted are mentions: each marked span
is found if a mention that the rules give overlaps it and has its last word; each mention serves one span. A volume
marks the persons of its own list, and few others, so a mention that is not marked is no error in itself. Hence two
precisions:

* strict: what is marked, of all that is found;
* known: what is marked, or has a last name that one of the volumes marks somewhere, of all that is found.

The truth lies above both, since some persons are in no list: ``--errors`` prints mentions of neither kind, to be judged
by a reader. What a volume leaves unmarked is also counted without the rules that are judged: *complete* is the share
that is marked of the words behind Mr., Mrs. and Dr., which are persons. ``--complete N`` keeps only the documents in
which at least N such words stand and all of them are marked: there, strict precision speaks of the rules. With
``--capitals`` the text is put into capitals first, like that of telegrams of the 1970s.
"""

from __future__ import annotations

import argparse
import platform
import random
import re
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from cablesearch.names.cable_names import evidence, persons
from cablesearch.names.scanning import scan
from cablesearch.text.folding import fold

TEI = "{http://www.tei-c.org/ns/1.0}"
BLOCKS = frozenset(
    ["p", "item", "note", "head", "signed", "row", "l", "salute", "closer", "dateline", "opener", "cell"]
)
COURTESY = re.compile(
    r"\b(?:Mr|Mrs|Dr)\. (?!President|Secretary|Minister|Prime|Foreign|Ambassador|Chairman|Vice|Under|Speaker)([A-Z]\w+)"
)
AROUND = 40
SEED = 14


class Paragraph(NamedTuple):
    """A paragraph with the places of the persons marked in it."""

    text: str
    marked: list[tuple[int, int]]


class Result(NamedTuple):
    """What was counted in a volume."""

    marked: int
    found: int
    right: int
    known: int
    courteous: int
    courteous_marked: int
    unknown: list[str]
    characters: int
    seconds: float


def _collect(element: ET.Element, pieces: list[str], spans: list[tuple[int, int]], out: list[Paragraph]) -> None:
    """Collect the text of an element; blocks within it are paragraphs of their own."""
    start = sum(map(len, pieces))
    pieces.append(element.text or "")
    for child in element:
        name = child.tag.removeprefix(TEI) if isinstance(child.tag, str) else ""
        if name in BLOCKS:
            own: list[str] = []
            own_spans: list[tuple[int, int]] = []
            _collect(child, own, own_spans, out)
            out.append(_paragraph("".join(own), own_spans))
        elif name != "div":
            _collect(child, pieces, spans, out)
            if name in ("lb", "pb"):
                pieces.append(" ")
        pieces.append(child.tail or "")
    if element.tag == TEI + "persName":
        spans.append((start, sum(map(len, pieces))))


def _paragraph(text: str, spans: list[tuple[int, int]]) -> Paragraph:
    """Return a paragraph with its white space collapsed, and spans without marks and possessives at their ends."""
    places, collapsed = [], ""
    for character in text:
        places.append(len(collapsed))
        if not character.isspace():
            collapsed += character
        elif collapsed and collapsed[-1] != " ":
            collapsed += " "
    places.append(len(collapsed))
    marked = []
    for first, last in spans:
        name = collapsed[places[first] : places[last]].strip(" ,.;:").removesuffix("’s").removesuffix("'s")
        if name and (start := collapsed.find(name, places[first])) >= 0:
            marked.append((start, start + len(name)))
    return Paragraph(collapsed.rstrip(), marked)


def documents(path: Path) -> Iterator[list[Paragraph]]:
    """Yield the paragraphs of each document of a volume."""
    for division in ET.parse(path).iter(TEI + "div"):
        if division.get("type") == "document":
            paragraphs: list[Paragraph] = []
            _collect(division, [], [], paragraphs)
            yield [paragraph for paragraph in paragraphs if paragraph.text]


def _last(name: str) -> str:
    return fold(name.rsplit(maxsplit=1)[-1]).strip(".,")


def _courteous(paragraph: Paragraph) -> list[bool]:
    """Return for each word behind Mr., Mrs. or Dr. in a paragraph whether it is marked."""
    return [
        any(first < match.end() and last > match.start(1) for first, last in paragraph.marked)
        for match in COURTESY.finditer(paragraph.text)
    ]


def is_complete(document: list[Paragraph], least: int) -> bool:
    """Return whether at least so many words behind Mr., Mrs. or Dr. stand in a document, and all of them are marked."""
    words = [marked for paragraph in document for marked in _courteous(paragraph)]
    return len(words) >= least and all(words)


def measure(volume: list[list[Paragraph]], known: set[str], *, capitals: bool) -> Result:
    """Return what is found in a volume; ``known`` are last names of persons."""
    marked = found = right = listed = characters = courteous = courteous_marked = 0
    unknown = []
    seconds = 0.0
    for document in volume:
        texts = [_capitals(paragraph.text) if capitals else paragraph.text for paragraph in document]
        begun = time.process_time()
        scans = [scan(text) for text in texts]
        seen = evidence(scans)
        mentions = [persons(each, seen) for each in scans]
        seconds += time.process_time() - begun
        for text, paragraph, given in zip(texts, document, mentions, strict=True):
            characters += len(text)
            behind = _courteous(paragraph)
            courteous += len(behind)
            courteous_marked += sum(behind)
            used: set[int] = set()
            for first, last in paragraph.marked:
                name = _last(text[first:last])
                for number, mention in enumerate(given):
                    words = fold(text[mention.start : mention.end])
                    if number not in used and mention.start < last and mention.end > first and name in words:
                        used.add(number)
                        break
            marked += len(paragraph.marked)
            found += len(given)
            right += len(used)
            for number, mention in enumerate(given):
                if number in used:
                    continue
                if fold(mention.last) in known:
                    listed += 1
                else:
                    start, end = max(0, mention.start - AROUND), mention.end + AROUND
                    unknown.append(f"{text[mention.start : mention.end]}  <-  {text[start:end]}")
    return Result(marked, found, right, listed, courteous, courteous_marked, unknown, characters, seconds)


def _capitals(text: str) -> str:
    """Return a text in capitals, of the same length."""
    return "".join(upper if len(upper := character.upper()) == 1 else character for character in text)


def _line(name: str, result: Result) -> str:
    found, marked = max(result.found, 1), max(result.marked, 1)
    complete = result.courteous_marked / max(result.courteous, 1)
    return (
        f"{name:24} {result.marked:8,} {result.found:8,} {result.right / found:8.3f}"
        f" {(result.right + result.known) / found:8.3f} {result.right / marked:8.3f}"
        f" {complete:8.3f}"
    )


def _total(results: list[Result]) -> Result:
    return Result(
        sum(result.marked for result in results),
        sum(result.found for result in results),
        sum(result.right for result in results),
        sum(result.known for result in results),
        sum(result.courteous for result in results),
        sum(result.courteous_marked for result in results),
        [],
        sum(result.characters for result in results),
        sum(result.seconds for result in results),
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure how well names of persons are found.")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="A volume in TEI.")
    parser.add_argument("--capitals", action="store_true", help="Put the text into capitals first.")
    parser.add_argument("--complete", type=int, default=0, metavar="N", help="Keep documents marked completely.")
    parser.add_argument("--errors", type=int, default=0, help="Print N mentions of unknown persons of each volume.")
    options = parser.parse_args()
    volumes = {path.stem: list(documents(path)) for path in options.paths}
    known = {
        _last(paragraph.text[first:last])
        for volume in volumes.values()
        for document in volume
        for paragraph in document
        for first, last in paragraph.marked
    }
    if options.complete:
        volumes = {
            name: [document for document in volume if is_complete(document, options.complete)]
            for name, volume in volumes.items()
        }
    print(f"{platform.platform()}, Python {platform.python_version()}")
    print(f"{'volume':24} {'marked':>8} {'found':>8} {'strict':>8} {'known':>8} {'recall':>8} {'complete':>8}")
    results = {name: measure(volume, known, capitals=options.capitals) for name, volume in volumes.items()}
    for name, result in results.items():
        print(_line(name, result))
    total = _total(list(results.values()))
    print(_line("all", total))
    print(f"{total.characters / max(total.seconds, 1e-9) / 1e6:.1f} million characters a second")
    chosen = random.Random(SEED)
    for name, result in results.items():
        for error in chosen.sample(result.unknown, min(options.errors, len(result.unknown))):
            print(f"{name}: {error}")


if __name__ == "__main__":
    main()
