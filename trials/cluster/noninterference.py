"""Hidden text changes nothing on a cluster either: the experiment of `trials.noninterference` on live nodes.

An archive with a history, with replaced and removed cables, is compared with one that was indexed at once from what is
visible of it. The commands of the reader go through a proxy that records them. They must name no index but those in
which every cable is exactly what the reader may see of it, and no answer of the cluster may have a word of hidden text.
So that such words are known, every paragraph gets a word of its own.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import cablesearch
from cablesearch.archive import create
from cablesearch.cable import Cable, Clearance
from cablesearch.cluster.addresses import parse_address
from cablesearch.cluster.client import Client
from cablesearch.cluster.documents.mapping import CABLE
from cablesearch.readers.json_cables import from_json, loads
from trials.cluster.class_archive import make_class_archive
from trials.cluster.home import find_home
from trials.cluster.nodes import Cluster
from trials.cluster.recording import HOST, Recorder, trespasses
from trials.noninterference import CLEARANCES, SECRETS, WORDS, Both, Chance, Location, Step, steps
from trials.running import Answer

__all__ = ["experiment", "experiment_on"]

_QUESTIONS = 14
_HTTP_QUESTIONS = 8
_MOST_TOLD = 5
_MOST_CABLES = 10_000
_NAME = "archive-000000000000"
"""What stands in answers for the name of an archive, and is as long."""

Comparison = tuple[str, str | None]
"""The kind of a question, and the difference if there is one."""


class _OnCluster(Both):
    """An archive on a cluster and its counterpart, whose names are the only difference between their answers.

    Args:
        recorder: the proxy in their addresses.
        allowed: the names of the indices that the reader may ask.
        hidden: words in text that is hidden from the reader.
    """

    def __init__(
        self,
        recorder: Recorder,
        names: tuple[str, str],
        clearance: str,
        default: str | None,
        allowed: frozenset[str],
        hidden: frozenset[str],
    ) -> None:
        place, whole, visible = (_address(recorder.port, name) for name in (_NAME, *names))
        super().__init__(place, whole, visible, clearance, default)
        self._recorder, self._allowed, self._hidden = recorder, allowed, hidden
        self.trespasses: list[str] = []
        self.exchanges = 0

    def _at(self, archive: Location, ask: Callable[[Location], Any]) -> Any:
        return _renamed(ask(archive), parse_address(str(archive)).archive)

    def _run(self, archive: Location, command: Sequence[str], *options: str, **environment: str) -> Answer:
        with self._recorder.watching() as exchanges:
            answer = super()._run(archive, command, *options, **environment)
        if archive == self._whole:
            name = parse_address(str(archive)).archive
            wrong = trespasses(exchanges, name, self._allowed, self._hidden)
            self.trespasses += [f"{[*command]} as {self._clearance}\n  {each}" for each in wrong]
            self.exchanges += len(exchanges)
        return answer


def _renamed(value: Any, name: str) -> Any:
    """Return an answer without the name of the archive."""
    if isinstance(value, str):
        return value.replace(name, _NAME)
    if isinstance(value, bytes):
        return value.replace(name.encode(), _NAME.encode())
    if isinstance(value, tuple | list):
        parts = [_renamed(part, name) for part in value]
        make: Callable[[list[Any]], Any] = getattr(value, "_make", type(value))
        return make(parts)
    return value


def _address(port: int, name: str) -> str:
    return f"opensearch://{HOST}:{port}/{name}"


# Canaries

_LETTERS = "bcfghjkmnpqrtvwx"
"""Letters that no stemmer takes away."""


def _canary(cable: Cable, position: int, text: str) -> str:
    name = f"{cable.id}/{position}/{text}"
    return "qz" + "".join(_LETTERS[int(digit, 16)] for digit in hashlib.sha256(name.encode()).hexdigest()[:12])


def _with_canaries(cable: Cable) -> tuple[Cable, set[str]]:
    """Return a cable with a word of its own in each paragraph that has none, and these words."""
    paragraphs, words = [], set()
    for paragraph in cable.paragraphs:
        text = " ".join(word for word in paragraph.text.split(" ") if not word.startswith("qz"))
        word = _canary(cable, paragraph.position, text)
        words.add(word)
        paragraphs.append(replace(paragraph, text=f"{text} {word}"))
    return replace(cable, paragraphs=tuple(paragraphs)), words


def _taken(chance: Chance, whole: str, folder: Path) -> tuple[list[Cable], set[str]]:
    """Take an archive through a history; return its cables at the end, and all canaries that it ever had."""
    held: dict[str, Cable] = {}
    canaries: set[str] = set()
    # To merge away what was deleted takes half a minute, which is spent once.
    with mock.patch("cablesearch.cluster.writing.pen.expunge", return_value=False):
        for step in steps(chance, chance.randrange(2, 5), chance.randrange(3, 9)):
            cables = []
            for cable in step.cables:
                marked, words = _with_canaries(cable)
                cables.append(marked)
                canaries |= words
            Step(cables, step.removed, False).take(whole, folder)
            held |= {cable.id: cable for cable in cables}
            for name in step.removed:
                del held[name]
    nothing = folder / "nothing.jsonl"
    nothing.write_text("", encoding="utf-8")
    with cablesearch.open(whole, clearance="FULL") as archive:
        archive.index([nothing])
    return list(held.values()), canaries


def _allowed(whole: str, views: dict[str, Cable]) -> frozenset[str]:
    """Return the names of the indices in which every cable is what the reader sees, by a look into all of them."""
    address = parse_address(whole)
    client = Client.of(address)
    allowed = {f"{address.archive}.state"}
    for name in client.ask("GET", f"/{address.archive}.*/_alias"):
        if name.endswith((".state", ".superseded")):
            continue
        query = {"query": {"term": {"kind": CABLE}}, "size": _MOST_CABLES, "_source": ["record"]}
        hits = client.ask("POST", f"/{name}/_search", query)["hits"]["hits"]
        cables = [from_json(loads(hit["_source"]["record"])) for hit in hits]
        if all(views.get(cable.id) == cable for cable in cables):
            allowed.add(name)
    return frozenset(allowed)


def _compared(cluster: Cluster, recorder: Recorder, seed: str, most: int) -> Iterator[Comparison]:
    """Yield the comparisons over one archive, for at most a number of clearances."""
    chance = Chance(seed)
    default = chance.choice([None, *CLEARANCES])
    clearances = dict.fromkeys([*chance.sample(CLEARANCES, most), *([default] if default else [])][:most])
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        # Where tokens for archives on clusters are kept.
        stack.enter_context(mock.patch.dict(os.environ, XDG_DATA_HOME=str(folder)))
        name = stack.enter_context(cluster.fresh_name())
        whole = _address(recorder.port, name)
        create(whole, default_clearance=default).close()
        cables, canaries = _taken(chance, whole, folder)
        for clearance in clearances:
            with cluster.fresh_name() as other:
                visible = [seen for cable in cables if (seen := cable.view(Clearance.parse(clearance)))]
                create(_address(recorder.port, other)).close()
                Step(visible, [], False).take(_address(recorder.port, other), folder)
                shown = " ".join(paragraph.text for cable in visible for paragraph in cable.paragraphs)
                hidden = frozenset(word for word in canaries if word not in shown)
                allowed = _allowed(whole, {cable.id: cable for cable in visible})
                both = _OnCluster(recorder, (name, other), clearance, default, allowed, hidden)
                yield from _asked(both, visible, f"{seed} {clearance}")


def _asked(both: _OnCluster, visible: list[Cable], seed: str) -> Iterator[Comparison]:
    """Ask both for everything in all orders, and a number of random questions."""
    words = WORDS + SECRETS
    for options in ([], ["--sort", "date"], ["--sort", "citations"], ["--group", "cable"]):
        yield both.compared(["search", "*", "--format", "json", "--limit", "1000", *options])
    for command in (["stats"], ["graph", "--format", "json"], ["verify"]):
        yield both.compared(command)
    yield both.completed()
    for number in range(_QUESTIONS):
        yield both.library(f"{seed} {number}", words)
        yield both.commands(f"{seed} {number}", words)
    yield from both.http(seed, words, _HTTP_QUESTIONS)
    yield both.export(visible)
    yield "requests", "\n".join(both.trespasses[:_MOST_TOLD]) or None
    for _ in range(both.exchanges - 1):
        yield "requests", None


def experiment_on(
    cluster: Cluster, cases: int, seed: int, first: int = 0, clearances: int = 2
) -> tuple[dict[str, object], list[str]]:
    """Compare at least a number of answers on a running cluster: see `experiment`.

    Args:
        cluster: the cluster, of which the first node is asked.
        cases, seed, first: as there.
        clearances: the most clearances of each archive.
    """
    began = time.monotonic()
    counts: Counter[str] = Counter()
    differences: list[str] = []
    number = first
    with Recorder(cluster.nodes[0].http_port) as recorder:
        while counts.total() - counts["requests"] < cases:
            for kind, wrong in _compared(cluster, recorder, f"{seed}/{number}", clearances):
                counts[kind] += 1
                if wrong:
                    again = f"python -m trials noninterference --cluster --seed {seed} --first {number} --cases 1"
                    differences.append(f"{wrong}\n  reproduce: {again}")
            number += 1
    requests = counts.pop("requests")
    figures: dict[str, object] = {
        "where": f"{len(cluster.nodes)} node(s) of OpenSearch {cluster.nodes[0].home.version}",
        "seed": seed,
        "cases": counts.total(),
        "archives": number - first,
        "requests": requests,
        "by_question": dict(sorted(counts.items())),
        "differences": len(differences),
        "seconds": round(time.monotonic() - began, 1),
    }
    return figures, differences[:_MOST_TOLD]


def experiment(cases: int, seed: int, first: int = 0) -> tuple[dict[str, object], list[str]]:
    """Compare at least a number of answers on a node that is started for it, whole archives at a time.

    Args:
        cases: how many answers.
        seed: the same seed generates the same archives and questions.
        first: the number of the first archive.

    Returns:
        The figures, and the first few differences, each with the command that reproduces it.
    """
    home = find_home()
    make_class_archive(home)
    with Cluster(home, 1) as cluster:
        return experiment_on(cluster, cases, seed, first)
