"""Measure near words beside phrases: the time of the engine for a page of ten and the count, in milliseconds.

    python benchmarks/near.py [--paragraphs N] [--queries N] [--archive DIR]

The archive is that of features.py. Words are drawn side by side from its texts, two or three whose rarest is rare,
middling or among the fifty most common; each form of the query is asked with the same words. Medians, and the medians
of the ratios to the phrase with a distance of 5.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import re
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from engines import machine, table
from features import lines

import cablesearch
from cablesearch.embedded.reader import embedded
from cablesearch.engine.search.topk import search
from cablesearch.engine.search.view import View
from cablesearch.query import parse

SEED = 1
FORMS: dict[str, Callable[[tuple[str, ...]], str]] = {
    "phrase": lambda words: f'text:"{" ".join(words)}"',
    "~5": lambda words: f'text:"{" ".join(words)}"~5',
    "~~5": lambda words: f'text:"{" ".join(words)}"~~5',
    "NEAR/5": lambda words: "text:(" + " NEAR/5 ".join(words) + ")",
    "phrase NEAR/5 word": lambda words: f'text:("{" ".join(words[:-1])}" NEAR/5 {words[-1]})',
    "AND": lambda words: f"text:({' '.join(words)})",
}


def runs(source: Path, length: int, count: int) -> dict[str, list[tuple[str, ...]]]:
    """Return words that stand side by side, by how common the rarest of them is."""
    frequency: Counter[str] = Counter()
    texts = []
    with source.open(encoding="utf-8") as file:
        for line in islice(file, 5000):
            for paragraph in json.loads(line)["paragraphs"]:
                words = re.findall(r"[a-z]+", paragraph["text"].lower())
                frequency.update(set(words))
                texts.append(words)
    place = {word: number for number, (word, _) in enumerate(frequency.most_common())}
    classes = {"common": range(50), "middling": range(200, 2000), "rare": range(3000, len(place))}
    rng = random.Random(SEED)
    drawn: dict[str, list[tuple[str, ...]]] = {name: [] for name in classes}
    while any(len(own) < count for own in drawn.values()):
        words = rng.choice(texts)
        start = rng.randrange(max(1, len(words)))
        run = tuple(words[start : start + length])
        for name, ranks in classes.items():
            if len(set(run)) == length and max(map(place.__getitem__, run)) in ranks and len(drawn[name]) < count:
                drawn[name].append(run)
    return drawn


def measure(view: View, text: str) -> float:
    """Return the least time of three."""
    tree = parse(text)
    times = []
    for _ in range(4):
        started = time.perf_counter()
        search(view, tree)
        times.append(1000 * (time.perf_counter() - started))
    return min(times[1:])


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--paragraphs", type=int, default=80_000, metavar="N")
    parser.add_argument("--queries", type=int, default=20, metavar="N", help="of each class (20)")
    parser.add_argument("--archive", type=Path, metavar="DIR", help="keep the archive here")
    arguments = parser.parse_args()
    print(f"{machine()}\nPython {platform.python_version()}, cablesearch {cablesearch.__version__}\n")
    with tempfile.TemporaryDirectory() as folder:
        place = (arguments.archive or Path(folder)) / str(arguments.paragraphs)
        source = place.with_suffix(".jsonl")
        if not source.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            source.write_text("".join(f"{line}\n" for line in lines(arguments.paragraphs)), encoding="utf-8")
            with cablesearch.create(place) as archive:
                archive.index([source])
        rows = []
        with cablesearch.open(place) as archive:
            view = embedded(archive._reading.reader).view
            for length in (2, 3):
                for name, words in runs(source, length, arguments.queries).items():
                    times = {form: [measure(view, make(run)) for run in words] for form, make in FORMS.items()}
                    for form, own in times.items():
                        ratios = [one / other for one, other in zip(own, times["~5"], strict=True)]
                        median, ratio = statistics.median(own), statistics.median(ratios)
                        rows.append([f"{length} {name}", form, f"{median:.2f}", f"{max(own):.1f}", f"{ratio:.2f}"])
        table(["words", "form", "median, ms", "most, ms", "over ~5"], rows)


if __name__ == "__main__":
    main()
