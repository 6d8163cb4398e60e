"""Compare an archive in a folder with the same archive on a cluster, in one run: indexing, sizes, and times of answers.

    PYTHONPATH=. python benchmarks/cluster.py [--paragraphs N ...] [--queries N] [--repeats N] [--nodes N] [--heap SIZE]
        [--replicas N] [--shards N] [--marked paragraphs|cables] [--jobs N] [--json FILE]

The benchmark starts the nodes itself (Java and Maven are needed, as for the tests of the cluster). Both archives are
made from the same file, that of features.py. In it each paragraph has a marking of its own, so that a cable has three
or four views for readers with different clearances, each of which a cluster stores; with ``--marked cables`` it has one
view. Before that, the nodes index 3,000 paragraphs that are not measured, since Java is slow until it has compiled what
runs often.

Each class has `--queries` queries. In each repeat both archives are opened anew, answer one question that is not
measured, and then all queries of the class; they take turns in going first. So no answer is kept from an earlier
repeat, and each query is new to the reader. A query's time is the median of its repeats; the report shows the median
and the 95th percentile over the queries of a class, in milliseconds.

The report also shows how many times a shard was searched for an answer, the mean time of that as the nodes count it,
and the processor time of all nodes, which depends less on what else the machine does. For searches it says whether
both archives agree: on the number of hits, on the first ten, and by how much the scores of these differ at most.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import corpus
from corpus import Spec
from engines import machine, p95, table
from features import FEATURES, LEVELS, Question, lines, questions

import cablesearch
from cablesearch import Archive, Results
from trials.cluster.home import find_home
from trials.cluster.nodes import Cluster

FOLDER, CLUSTER = "folder", "cluster"
SAMPLE = 3_000
WARMING = 3_000
"""The paragraphs that the nodes index before anything is measured."""
FURTHER = (
    "facets, all usual ones",
    "timeline by year",
    "overview",
    "overview of hits",
    "names of hits",
    "key phrases",
    "related cables",
    "refs, three levels",
    "suggest, 1 to 8 letters",
    "suggest, second word of 2 letters or more",
    "search, an acronym",
    "search, near in any order",
)
"""The features of features.py that are measured here too."""

Answer = Callable[[Archive], Any]
Times = dict[str, list[list[float]]]
"""By the place of the archive: for each query, the seconds of each repeat."""


class Spent(NamedTuple):
    """What an action took: seconds, and seconds of processors, of this program with its workers and of all nodes."""

    seconds: float
    here: float
    nodes: float


class Stored(NamedTuple):
    """What indexing took, and what is stored: bytes (the first copies alone, and all), documents of Lucene, indices."""

    spent: Spent
    size: int
    size_of_copies: int
    documents: int
    indices: int


class Agreement(NamedTuple):
    """For how many queries both archives agree: all queries, those with the same number of hits and with the same first
    ten; and by how much a score differs at most, as a share of it."""

    queries: int
    totals: int
    orders: int
    difference: float


class Work(NamedTuple):
    """What the nodes did for one answer: how many times a shard was searched, and the mean seconds of that, without the
    collection of statistics and the reading of hits; and the seconds of processors of all nodes."""

    searches: float
    seconds: float
    processors: float


class Outcome(NamedTuple):
    """The measurements on one size of archive."""

    paragraphs: int
    source_bytes: int
    stored: dict[str, Stored]
    heap_bytes: list[int]
    opening: Times
    times: dict[str, Times]
    work: dict[str, Work]
    agreement: dict[str, Agreement]


def unmarked(line: str) -> str:
    """Return a cable without the markings of its paragraphs, which then all have its own classification."""
    cable = json.loads(line)
    for paragraph in cable["paragraphs"]:
        del paragraph["marking"]
    return json.dumps(cable)


# Questions


def searched(spec: Spec, *, by_cable: bool = False, limit: int = 10) -> Answer:
    """Return the search for a query of corpus.py."""
    joint = {"all": " AND ", "any": " OR ", "phrase": " ", "prefix": " "}[spec.shape]
    text = joint.join(spec.words)
    text = {"phrase": f'"{text}"', "prefix": f"{text}*"}.get(spec.shape, text)
    year = None if spec.period is None else 2003 + (spec.period[0] - corpus.FIRST_MINUTE) // corpus.YEAR
    filters: dict[str, Any] = {"tags": spec.tag or (), "since": year, "until": year}
    if spec.level is not None:
        filters["classifications"] = LEVELS[spec.level]
    return lambda archive: archive.search(
        text, limit=limit, acronyms=False, group="cable" if by_cable else "paragraph", **filters
    )


def drawn(source: Path, archive: Archive, paragraphs: int, count: int) -> dict[str, list[Answer]]:
    """Return the questions of each class."""
    counts: dict[str, int] = {}

    def frequency(word: str) -> int:
        if word not in counts:
            counts[word] = archive.search(word, limit=0, acronyms=False).total
        return counts[word]

    found = corpus.sample(source.with_suffix(".pickle"), SAMPLE)
    specs = corpus.draw(found, frequency, paragraphs, count)
    asked = questions(source, count)
    classes: dict[str, list[Answer]] = {kind: [searched(spec) for spec in each] for kind, each in specs.items()}
    classes["AND of 2, by cable"] = [searched(spec, by_cable=True) for spec in specs["AND of 2"]]
    classes["common term, 100 hits"] = [searched(spec, limit=100) for spec in specs["common term"]]
    classes["fuzzy word"] = [partial(_fuzzy, word=question.word) for question in asked]
    classes["show a cable"] = [partial(_shown, question=question) for question in asked]
    for name in FURTHER:
        classes[name] = [partial(_featured, name=name, question=question) for question in asked]
    return classes


def _fuzzy(archive: Archive, *, word: str) -> Results:
    return archive.search(f"{word}~1", acronyms=False)


def _shown(archive: Archive, *, question: Question) -> Any:
    return archive.show(question.cable)


def _featured(archive: Archive, *, name: str, question: Question) -> Any:
    return FEATURES[name](archive, question)


# Measuring


def processors(cluster: Cluster) -> float:
    """Return the seconds of processors that the nodes have used."""
    nodes = cluster.ask("/_nodes/stats/process")["nodes"].values()
    return sum(int(node["process"]["cpu"]["total_in_millis"]) for node in nodes) / 1e3


def indexed(place: str | Path, source: Path, jobs: int, cluster: Cluster) -> Spent:
    """Create an archive of a file, and return what it takes until all is committed."""
    began, nodes, started = os.times(), processors(cluster), time.perf_counter()
    with cablesearch.create(place) as archive:
        report = archive.index([source], jobs=jobs)
    if report.rejected:
        raise RuntimeError(f"{place}: {report.rejected} cables were rejected")
    seconds = time.perf_counter() - started
    # User and system, of this process and of the workers that have ended.
    here = sum(os.times()[:4]) - sum(began[:4])
    return Spent(seconds, here, processors(cluster) - nodes)


def measure(places: Mapping[str, str], answers: list[Answer], repeats: int, opening: Times) -> Times:
    """Return the times of answers, and add those of opening an archive."""
    times: Times = {place: [[] for _ in answers] for place in places}
    for repeat in range(repeats):
        turns = list(places) if repeat % 2 else list(places)[::-1]
        for place in turns:
            started = time.perf_counter()
            with cablesearch.open(places[place], "FULL") as archive:
                opening.setdefault(place, [[]])[0].append(time.perf_counter() - started)
                archive.search("quietly", limit=1)
                for number, answer in enumerate(answers):
                    started = time.perf_counter()
                    answer(archive)
                    times[place][number].append(time.perf_counter() - started)
    return times


def searched_shards(cluster: Cluster) -> tuple[int, int]:
    """Return how many times shards have been searched, and for how many milliseconds in all."""
    nodes = cluster.ask("/_nodes/stats/indices/search")["nodes"].values()
    searches = [node["indices"]["search"] for node in nodes]
    return sum(each["query_total"] for each in searches), sum(each["query_time_in_millis"] for each in searches)


def measure_all(
    cluster: Cluster, places: Mapping[str, str], classes: Mapping[str, list[Answer]], repeats: int
) -> tuple[Times, dict[str, Times], dict[str, Work]]:
    """Return the times of opening, and by class those of answers and the work of the shards."""
    opening: Times = {}
    times: dict[str, Times] = {}
    work: dict[str, Work] = {}
    # The first round, which is not kept, loads what both need.
    for answers in classes.values():
        measure(places, answers, 1, {})
    for kind, answers in classes.items():
        (searches, milliseconds), spent = searched_shards(cluster), processors(cluster)
        times[kind] = measure(places, answers, repeats, opening)
        now, until = searched_shards(cluster)
        more, asked = now - searches, repeats * (len(answers) + 1)
        mean = (until - milliseconds) / 1e3 / max(more, 1)
        work[kind] = Work(more / asked, mean, (processors(cluster) - spent) / asked)
    return opening, times, work


def agreement(places: Mapping[str, str], answers: list[Answer]) -> Agreement | None:
    """Return in how far the archives agree; None if the answers are no results of searches."""
    with contextlib.ExitStack() as stack:
        opened = [stack.enter_context(cablesearch.open(place, "FULL")) for place in places.values()]
        totals, orders, difference = 0, 0, 0.0
        for answer in answers:
            ours, theirs = (answer(archive) for archive in opened)
            if not isinstance(ours, Results) or not isinstance(theirs, Results):
                return None
            totals += ours.total == theirs.total
            orders += [hit.citation for hit in ours] == [hit.citation for hit in theirs]
            scores = {hit.citation: hit.score for hit in ours}
            for hit in theirs:
                if score := scores.get(hit.citation):
                    difference = max(difference, abs(hit.score / score - 1))
    return Agreement(len(answers), totals, orders, difference)


def in_folder(folder: Path, spent: Spent) -> Stored:
    """Return what an archive in a folder takes."""
    with cablesearch.open(folder) as archive:
        figures = archive.stats()
    size = figures.size_bytes or 0
    return Stored(spent._replace(nodes=0.0), size, size, figures.paragraphs + figures.cables, 1)


def on_cluster(cluster: Cluster, name: str, spent: Spent) -> Stored:
    """Return what an archive on a cluster takes, with nested documents among those of Lucene."""
    cluster.ask(f"/{name}.*/_flush", "POST")
    stats = cluster.ask(f"/{name}.*/_stats/store,docs")
    segments = cluster.ask(f"/{name}.*/_segments")
    shards = [copy for index in segments["indices"].values() for copies in index["shards"].values() for copy in copies]
    # The count of an index leaves nested documents out; that of its segments has them.
    documents = sum(
        segment["num_docs"] for shard in shards if shard["routing"]["primary"] for segment in shard["segments"].values()
    )
    return Stored(
        spent,
        stats["_all"]["primaries"]["store"]["size_in_bytes"],
        stats["_all"]["total"]["store"]["size_in_bytes"],
        documents,
        len(stats["indices"]),
    )


def heap(cluster: Cluster) -> list[int]:
    """Return the bytes of the heap in use on each node, garbage included."""
    nodes = cluster.ask("/_nodes/stats/jvm")["nodes"]
    return [node["jvm"]["mem"]["heap_used_in_bytes"] for node in nodes.values()]


# Reporting


def _shown_times(times: Times, place: str) -> list[str]:
    medians = [1e3 * statistics.median(each) for each in times[place]]
    return [f"{statistics.median(medians):.1f}", f"{p95(medians):.1f}"]


def report(outcome: Outcome) -> None:
    """Print the measurements on an archive of one size."""
    print(f"{outcome.paragraphs:,} paragraphs, {outcome.source_bytes / 1e6:.1f} MB of cables as JSON\n")
    rows = []
    for place, stored in outcome.stored.items():
        spent = stored.spent
        each = [size / outcome.paragraphs for size in (stored.size, stored.size_of_copies)]
        cells = [f"{spent.seconds:.1f}", f"{outcome.paragraphs / spent.seconds:,.0f}"]
        cells += [f"{spent.here:.1f}", f"{spent.nodes:.1f}", *(f"{size:,.0f}" for size in each)]
        rows.append([place, *cells, f"{stored.documents:,}", str(stored.indices)])
    header = ["s", "paragraphs/s", "CPU s here", "of nodes", "bytes/paragraph", "with copies", "documents", "indices"]
    table(["indexing", *header], rows)
    print(f"heap in use: {', '.join(f'{size / 2**20:.0f} MiB' for size in outcome.heap_bytes)}\n")
    rows = []
    for kind, times in {"open": outcome.opening, **outcome.times}.items():
        cells = [*_shown_times(times, FOLDER), *_shown_times(times, CLUSTER)]
        ratio = float(cells[2]) / max(float(cells[0]), 0.1)
        same = outcome.agreement.get(kind)
        agreed = ["", "", ""]
        if same:
            agreed = [f"{same.totals}/{same.queries}", f"{same.orders}/{same.queries}", f"{same.difference:.1%}"]
        shards = outcome.work.get(kind)
        done = ["", "", ""]
        if shards:
            done = [f"{shards.searches:.0f}", f"{1e3 * shards.seconds:.2f}", f"{1e3 * shards.processors:.0f}"]
        rows.append([kind, *cells, f"{ratio:.1f}", *done, *agreed])
    header = [
        "folder",
        "p95",
        "cluster",
        "p95",
        "ratio",
        "shards",
        "ms each",
        "CPU ms",
        "same total",
        "same ten",
        "scores",
    ]
    table(["ms", *header], rows)


def warm(cluster: Cluster, folder: Path, jobs: int) -> None:
    """Let the nodes index something that is not measured."""
    source = folder / "warming.jsonl"
    source.write_text("".join(f"{line}\n" for line in lines(WARMING)), encoding="utf-8")
    with cluster.fresh_name() as name:
        indexed(address(cluster, name), source, jobs, cluster)


def address(cluster: Cluster, name: str) -> str:
    """Return the address of an archive."""
    return f"opensearch://{cluster.urls[0][7:]}/{name}"


@contextlib.contextmanager
def started(nodes: int, heap_size: str) -> Iterator[Cluster]:
    """Give the block a cluster, with the compiler of a server and not that of the tests."""
    with Cluster(find_home(), nodes, heap_size, ["-XX:TieredStopAtLevel=4"]) as cluster:
        yield cluster


def run(cluster: Cluster, count: int, folder: Path, arguments: argparse.Namespace) -> Outcome:
    """Generate an archive, index it in a folder and on the cluster, measure, print the results, and remove both."""
    source = folder / "cables.jsonl"
    made = lines(count) if arguments.marked == "paragraphs" else map(unmarked, lines(count))
    source.write_text("".join(f"{line}\n" for line in made), encoding="utf-8")
    corpus.write(source.with_suffix(".pickle"), count)
    with cluster.fresh_name() as name:
        places = {FOLDER: str(folder / "archive"), CLUSTER: address(cluster, name)}
        spent = {place: indexed(where, source, arguments.jobs, cluster) for place, where in places.items()}
        stored = {
            FOLDER: in_folder(folder / "archive", spent[FOLDER]),
            CLUSTER: on_cluster(cluster, name, spent[CLUSTER]),
        }
        with cablesearch.open(places[FOLDER], "FULL") as archive:
            classes = drawn(source, archive, count, arguments.queries)
        opening, times, work = measure_all(cluster, places, classes, arguments.repeats)
        same = {kind: agreement(places, answers) for kind, answers in classes.items()}
        agreed = {kind: value for kind, value in same.items() if value is not None}
        size = source.stat().st_size
        outcome = Outcome(count, size, stored, heap(cluster), opening, times, work, agreed)
    report(outcome)
    return outcome


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--paragraphs", type=int, nargs="+", default=[80_000], metavar="N")
    parser.add_argument("--queries", type=int, default=20, metavar="N", help="of each class (20)")
    parser.add_argument("--repeats", type=int, default=5, metavar="N", help="of everything (5)")
    parser.add_argument("--marked", choices=("paragraphs", "cables"), default="paragraphs", help="(%(default)s)")
    parser.add_argument("--nodes", type=int, default=3, metavar="N", help="of the cluster (3)")
    parser.add_argument("--heap", default="1g", metavar="SIZE", help="of each node (%(default)s)")
    parser.add_argument("--replicas", default="1", metavar="N", help="further copies of each shard (%(default)s)")
    parser.add_argument("--shards", default="1", metavar="N", help="of each index (%(default)s)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="for indexing (%(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every query's times")
    arguments = parser.parse_args()
    os.environ |= {
        f"CABLESEARCH_OPENSEARCH_{name.upper()}": getattr(arguments, name) for name in ("replicas", "shards")
    }
    print(f"{machine()}\nPython {platform.python_version()}, cablesearch {cablesearch.__version__}")
    outcomes = []
    with started(arguments.nodes, arguments.heap) as cluster, tempfile.TemporaryDirectory() as folder:
        version = cluster.ask("/")["version"]["number"]
        copies = f"{arguments.shards} shards an index, {arguments.replicas} further copies of each"
        print(f"OpenSearch {version}, {arguments.nodes} nodes with {arguments.heap} of heap, {copies}")
        print(
            f"{arguments.queries} queries a class, {arguments.repeats} repeats, marked {arguments.marked}\n", flush=True
        )
        warm(cluster, Path(folder), arguments.jobs)
        for count in arguments.paragraphs:
            own = Path(folder, str(count))
            own.mkdir()
            outcomes.append(run(cluster, count, own, arguments)._asdict())
            shutil.rmtree(own)
            if arguments.json:
                body = {"machine": machine(), "opensearch": version, "outcomes": outcomes}
                arguments.json.write_text(json.dumps(body, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
