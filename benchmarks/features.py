"""Measure every feature that shows an archive as a whole: p50 and p95 of its answers, and the memory.

    python benchmarks/features.py [--paragraphs N ...] [--queries N] [--clearance LEVEL] [--archive DIR]

The archive is that of corpus.py with what its cables lack: subjects, references to other cables (some of which do not
exist), addressees, names of persons with their titles, and acronyms. Each feature is asked `--queries` questions, after
a first one that is reported alone, because it opens arrays and fills caches: rare, middling and common words in turn,
or cables. Times are in milliseconds. The peak of memory is that of the process so far, without the index, which is
mapped. With --archive the archive is kept in DIR and used again.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import re
import resource
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import corpus
from engines import machine, p95, table

import cablesearch
from cablesearch import Archive

SEED = 1
LEVELS = ("UNCLASSIFIED", "SENSITIVE BUT UNCLASSIFIED", "CONFIDENTIAL", "SECRET")
MARKS = {"0": "U", "1": "SBU", "2": "C", "2 NOFORN": "C/NF", "3": "S", "3 NOFORN": "S/NF"}
TITLES = ("Foreign Minister", "President", "Ambassador", "Prime Minister", "General", "Deputy Secretary")
GIVEN = ("Hamid", "Maria", "Ahmed", "John", "Jiechi", "Natalia", "Robert", "Ana", "Viktor", "Aisha")
SHORT = {
    "TIP": "trafficking in persons",
    "GOE": "Government of Egypt",
    "NGO": "non-governmental organization",
    "WTO": "World Trade Organization",
    "UNSC": "United Nations Security Council",
}


class Question(NamedTuple):
    """What a feature is asked about: a word, a cable, two words that follow each other, and a number of letters."""

    word: str
    cable: str
    pair: tuple[str, str]
    letters: int


FEATURES: dict[str, Callable[[Archive, Question], Any]] = {
    "overview": lambda archive, _: archive.overview(),
    "overview of hits": lambda archive, asked: archive.overview(asked.word),
    "facets, all usual ones": lambda archive, asked: archive.facets(asked.word),
    "timeline by year": lambda archive, asked: archive.timeline(asked.word),
    "timeline by day": lambda archive, asked: archive.timeline(asked.word, by="day"),
    "refs, three levels": lambda archive, asked: archive.references(asked.cable, depth=3),
    "thread": lambda archive, asked: archive.thread(asked.cable),
    "cited-but-missing": lambda archive, asked: archive.cited_but_missing(asked.word),
    "search by citations": lambda archive, asked: archive.search(asked.word, sort="citations"),
    "acronyms of a query": lambda archive, asked: archive.acronyms(asked.word, limit=20),
    "search, an acronym": lambda archive, asked: archive.search(f"TIP {asked.word}"),
    "search, the acronym alone": lambda archive, asked: archive.search(f"TIP {asked.word}", acronyms=False),
    "search, a long form": lambda archive, asked: archive.search(f"trafficking in persons {asked.word}"),
    "suggest, 1 to 8 letters": lambda archive, asked: archive.suggest(asked.word[: asked.letters]),
    "suggest, second word of 2 letters or more": lambda archive, asked: archive.suggest(
        f"{asked.pair[0]} {asked.pair[1][: max(2, asked.letters)]}"
    ),
    "first": lambda archive, asked: archive.first(asked.word),
    "last": lambda archive, asked: archive.last(asked.word),
    "bursts": lambda archive, asked: archive.bursts(asked.word),
    "bursts by day": lambda archive, asked: archive.bursts(asked.word, by="day"),
    "key phrases": lambda archive, asked: archive.key_phrases(asked.word),
    "key phrases of a cable": lambda archive, asked: archive.key_phrases(f"id:{asked.cable}"),
    "key phrases of a year": lambda archive, asked: archive.key_phrases(since=2005, until=2005),
    "compare two years": lambda archive, asked: archive.compare("date:2005", "date:2006"),
    "related paragraphs": lambda archive, asked: archive.related(f"{asked.cable}@1"),
    "related cables": lambda archive, asked: archive.related(asked.cable),
    "names of hits": lambda archive, asked: archive.names(asked.word),
    "names of the archive": lambda archive, _: archive.names(),
    "facet of names": lambda archive, asked: archive.facets(asked.word, "names"),
    "search, a name in any spelling": lambda archive, _: archive.search('name:"hamid"'),
    "search, in a part": lambda archive, asked: archive.search(f"in:summary {asked.word}"),
    "search, as written": lambda archive, asked: archive.search(f"case:{asked.word}"),
    "search, near in any order": lambda archive, asked: archive.search(f'"{" ".join(asked.pair)}"~~5'),
    "graph of hits": lambda archive, asked: archive.graph(f"{asked.word} {asked.pair[0]}"),
}
"""The features by name, each as a program would ask."""


def lines(paragraphs: int) -> Iterator[str]:
    """Yield cables as lines of JSON."""
    rng = random.Random(SEED)
    earlier: list[str] = []
    for cable in corpus.cables(paragraphs):
        year = 2003 + (cable.date - corpus.FIRST_MINUTE) // corpus.YEAR
        name = f"{year % 100:02}{cable.origin.upper().replace(' ', '')}{len(earlier) + 1}"
        cited = [rng.choice(earlier[-5000:]) for _ in range(rng.choice((0, 0, 1, 1, 2, 3))) if earlier]
        if rng.random() < 0.3:
            cited.append(f"{rng.randint(1, 9):02}STATE{rng.randint(1, 3000)}")
        earlier.append(name)
        yield json.dumps(
            {
                "id": name,
                "date": time.strftime("%Y-%m-%dT%H:%M", time.gmtime(60 * cable.date)),
                "origin": f"Embassy {cable.origin}",
                "classification": LEVELS[max(paragraph.level for paragraph in cable.paragraphs)],
                "tags": cable.tags,
                "subject": " ".join(cable.paragraphs[0].text.split()[:8]).upper(),
                "references": list(dict.fromkeys(cited)),
                "signature": rng.choice(("RICE", "CLINTON", "HUNTSMAN", "BURNS")),
                "paragraphs": [
                    {
                        "number": paragraph.number,
                        "marking": MARKS[paragraph.visibility],
                        "section": "SUMMARY" if paragraph.number == 1 else None,
                        "text": _peopled(rng, paragraph.text),
                    }
                    for paragraph in cable.paragraphs
                ],
            }
        )


def _peopled(rng: random.Random, text: str) -> str:
    """Return a text with a person in a third of all cases, and now and then an acronym and what it stands for."""
    if rng.random() < 0.3:
        text += f" {rng.choice(TITLES)} {rng.choice(GIVEN)} {corpus.name(int(30 * rng.paretovariate(0.8)))} agreed."
    if rng.random() < 0.03:
        short = rng.choice(list(SHORT))
        text += f" We raised {SHORT[short]} ({short}). The {short} report is due."
    return text


def questions(source: Path, count: int) -> list[Question]:
    """Return words of the archive, rare, middling and common in turn, cables, and words that follow each other."""
    rng = random.Random(SEED)
    frequency: Counter[str] = Counter()
    names, pairs = [], []
    with source.open(encoding="utf-8") as file:
        for line in islice(file, 5000):
            made = json.loads(line)
            names.append(made["id"])
            for paragraph in made["paragraphs"]:
                frequency.update(set(re.findall(r"[a-z]{4,}", paragraph["text"])))
                pairs += re.findall(r"\b([a-z]{4,}) ([a-z]{4,})\b", paragraph["text"])
    ranked = [word for word, number in frequency.most_common() if number > 2]
    third = len(ranked) // 3
    groups = ranked[:50], ranked[third : third + 500], ranked[-500:]
    return [
        Question(rng.choice(groups[place % 3]), rng.choice(names), rng.choice(pairs), 1 + place % 8)
        for place in range(count)
    ]


def measure(archive: Archive, asked: list[Question]) -> list[list[str]]:
    """Return a row for each feature."""
    rows = []
    for name, answer in FEATURES.items():
        times = []
        for question in [asked[0], *asked]:
            started = time.perf_counter()
            answer(archive, question)
            times.append(1000 * (time.perf_counter() - started))
        first, *rest = times
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        rows.append([name, f"{first:.1f}", f"{statistics.median(rest):.1f}", f"{p95(rest):.1f}", str(peak)])
    return rows


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--paragraphs", type=int, nargs="+", default=[80_000], metavar="N")
    parser.add_argument("--queries", type=int, default=30, metavar="N", help="for each feature (30)")
    parser.add_argument("--clearance", default="FULL", metavar="LEVEL", help="of the reader (%(default)s)")
    parser.add_argument("--archive", type=Path, metavar="DIR", help="keep the archive here")
    arguments = parser.parse_args()
    print(f"{machine()}\nPython {platform.python_version()}, cablesearch {cablesearch.__version__}")
    with tempfile.TemporaryDirectory() as folder:
        for count in arguments.paragraphs:
            place = (arguments.archive or Path(folder)) / str(count)
            source = place.with_suffix(".jsonl")
            if not source.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                source.write_text("".join(f"{line}\n" for line in lines(count)), encoding="utf-8")
                with cablesearch.create(place) as archive:
                    archive.index([source])
            with cablesearch.open(place, arguments.clearance) as archive:
                rows = measure(archive, questions(source, arguments.queries))
                paragraphs = archive.stats().paragraphs
            print(f"\n{count:,} paragraphs, of which {paragraphs:,} are visible with clearance {arguments.clearance}\n")
            table(["feature", "first, ms", "p50, ms", "p95, ms", "peak, MB"], rows)


if __name__ == "__main__":
    main()
