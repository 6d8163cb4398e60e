"""Measure the processor time of the query parser, class by class.

    python benchmarks/parsing.py [--repeats N]

For each class the number of queries and the median over them of the median of N repeats are printed, in microseconds,
after a warm-up (stems and fields are cached). No archive or index is needed.
"""

from __future__ import annotations

import argparse
import itertools
import platform
import statistics
import time
from importlib import metadata

from cablesearch.query import parse

WORDS = ["labor", "trafficking", "embassy", "minister", "negotiations", "summit", "palermo", "visa", "rights"]
PAIRS = list(itertools.pairwise(WORDS))

CLASSES = {
    "1 word": WORDS,
    "2 words": [f"{first} {second}" for first, second in PAIRS],
    "word in a field": [f"subject:{word}" for word in WORDS],
    "phrase": [f'"{first} {second}"' for first, second in PAIRS],
    "near phrase": [f'"{first} {second}"~5' for first, second in PAIRS],
    "OR of 2": [f"{first} OR {second}" for first, second in PAIRS],
    "word without another": [f"{first} -{second}" for first, second in PAIRS],
    "prefix": [f"{word[:5]}*" for word in WORDS],
    "fuzzy word": [f"{word}~" for word in WORDS],
    "word, tag, level": [f"{word} tag:PHUM class:>=SECRET" for word in WORDS],
    "word, dates": [f"{word} date:2009-11..2010-02" for word in WORDS],
    "brackets and boosts": [
        f"({first}^2 OR {second}) AND (text:{first} OR tag:(PHUM PREL))^0.5" for first, second in PAIRS
    ],
    "50 different words": [" ".join(f"word{number}" for number in range(50))],
    "1,000 different words": [" ".join(f"word{number}" for number in range(1000))],
    "brackets 50 deep": ["(a OR " * 49 + "b" + ")" * 49],
}


def _median(query: str, repeats: int) -> float:
    """Return the median of the processor times that a query takes, in microseconds."""
    parse(query)
    times = []
    for _ in range(repeats):
        start = time.process_time()
        parse(query)
        times.append(time.process_time() - start)
    return statistics.median(times) * 1e6


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the query parser.")
    parser.add_argument("--repeats", type=int, default=200, help="Repeats of each query. Default: 200.")
    repeats = parser.parse_args().repeats
    print(f"{platform.platform()}, {platform.processor() or platform.machine()}")
    print(
        f"Python {platform.python_version()}, Whoosh {metadata.version('whoosh3')}, {repeats} repeats of each query\n"
    )
    print(f"{'class':24}{'queries':>8}{'microseconds':>15}")
    for name, queries in CLASSES.items():
        median = statistics.median(_median(query, repeats) for query in queries)
        print(f"{name:24}{len(queries):8}{median:15,.1f}")


if __name__ == "__main__":
    main()
