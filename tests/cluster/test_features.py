"""What an archive on a cluster tells about cables is what the same archive in a folder tells."""

from __future__ import annotations

import gzip
import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

import cablesearch
from cablesearch.algorithms import bm25
from cablesearch.archive import Archive
from cablesearch.features.suggest.suggestion import SuggestionKind
from tests.cluster.lucene import lengths_of_lucene
from tests.cluster.written import address_of
from tests.support.files import BEIJING, SAMPLES, write_cables
from trials.cluster.nodes import Cluster
from trials.noninterference import SYNONYMS, made_up_cable

pytestmark = [pytest.mark.cluster, pytest.mark.xdist_group("cluster")]

Both = tuple[Path, Archive]
Question = Callable[[Archive], object]

KINDS: list[SuggestionKind] = ["word", "person", "organization", "place", "tag", "post", "subject"]
"""Those that both count in the same way: see the differences in docs/cluster.md."""

QUESTIONS: dict[str, Question] = {
    "search": lambda archive: archive.search("negotiat* china", sort="date", limit=None),
    "search by relevance": lambda archive: archive.search('"foreign minister" OR treaty', limit=5),
    "search, any word": lambda archive: archive.search("the china treaty", match="any", sort="-date", limit=30),
    "search by cable": lambda archive: archive.search("treaty commercial", group="cable", sort="date"),
    "search, citations": lambda archive: archive.search("china", sort="citations", limit=20),
    "search, facets": lambda archive: archive.search("china", limit=0, facets=["tag", "origin", "year", "names"]),
    "search, filters": lambda archive: archive.search("trade", tags="PREL", since="1980", limit=None, sort="date"),
    "search, a synonym": lambda archive: archive.search("ODO OR TUL", synonyms=SYNONYMS, sort="date"),
    "search, a misspelt word": lambda archive: archive.search("negotiatons palermmo"),
    "search, unknown values": lambda archive: archive.search("china", tags="PREX", origins="Embassy Beijng"),
    "search, nothing": lambda archive: archive.search("china zzzzzz"),
    "iter_all": lambda archive: list(archive.iter_all("treat*", sort="date")),
    "ids": lambda archive: archive.ids("treaty OR china", sort="-date", limit=None),
    "export": lambda archive: list(archive.export()),
    "export, some": lambda archive: list(archive.export("china")),
    "show": lambda archive: archive.show("10BEIJING30¶2"),
    "stats": lambda archive: replace(archive.stats(), size_bytes=None, unfilled_fields=None),
    "overview": lambda archive: archive.overview(),
    "overview of hits": lambda archive: archive.overview("china OR trade"),
    "facets": lambda archive: archive.facets("treaty OR china"),
    "facets by cable": lambda archive: archive.facets("embassy", group="cable"),
    "timeline": lambda archive: archive.timeline("china", "treaty", by="month", bursts=True),
    "timeline by cable": lambda archive: archive.timeline("*", by="year", group="cable"),
    "first": lambda archive: archive.first("minister", limit=3),
    "last": lambda archive: archive.last("minister", limit=3),
    "bursts": lambda archive: archive.bursts("minister", gamma=0.1),
    "names": lambda archive: archive.names(limit=None),
    "names of hits": lambda archive: archive.names("treaty", limit=10),
    "acronyms": lambda archive: archive.acronyms(limit=None),
    "key phrases": lambda archive: archive.key_phrases("china"),
    "compare": lambda archive: archive.compare("china", "treaty", group="cable"),
    "related": lambda archive: archive.related("10BEIJING30", limit=5),
    "related to a paragraph": lambda archive: archive.related("10BEIJING30@2", limit=5),
    "references": lambda archive: archive.references("10BEIJING30", depth=9),
    "thread": lambda archive: archive.thread("10BEIJING30"),
    "missing": lambda archive: archive.cited_but_missing(limit=None),
    "graph": lambda archive: archive.graph(),
    "suggest": lambda archive: [
        archive.suggest(text, 20, kinds=KINDS) for text in ("c", "tr", "hong", "clinton", "pr")
    ],
    "suggest, the next word": lambda archive: [archive.suggest(text, 20) for text in ("foreign m", "human r")],
    "expansions": lambda archive: archive.expansions("ODO cease-fire", synonyms=SYNONYMS),
}
"""The methods of an archive, by name."""


@pytest.fixture(scope="module")
def archives(cluster: Cluster, shared_archive_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """Return the folder of an archive, and the same archive on a cluster."""
    folder = tmp_path_factory.mktemp("features")
    chance = random.Random(16)
    cables = [made_up_cable(f"09MADE{number}", chance) for number in range(8)]
    telegrams = folder / "telegrams.jsonl"
    with gzip.open(SAMPLES / "telegrams-1930s.jsonl.gz") as sample:
        telegrams.write_bytes(b"".join(itertools.islice(sample, 80)))
    sources = [BEIJING, telegrams, write_cables(folder / "cables.jsonl", cables)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bm25, "LENGTHS", lengths_of_lucene())
        with cablesearch.create(folder / "archive") as archive:
            archive.index(sources)
        with cablesearch.create(str(address_of(cluster, shared_archive_name))) as there:
            there.index(sources)
            yield folder / "archive", there


def plain(value: Any) -> Any:
    """Return an answer in which numbers that are nearly equal are equal, and without the time that it took."""
    if isinstance(value, float):
        return float(f"{value:.3g}")
    if is_dataclass(value) and not isinstance(value, type):
        return plain({name: each for name, each in asdict(value).items() if name != "took"})
    if isinstance(value, dict):
        return {plain(name): plain(each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(each) for each in value]
    return value


@pytest.mark.parametrize("clearance", ["FULL", "SBU", "SECRET//NOFORN"])
@pytest.mark.parametrize("name", QUESTIONS)
def test_a_cluster_tells_what_a_folder_tells(archives: Both, clearance: str, name: str) -> None:
    folder, there = archives
    with cablesearch.open(folder, clearance) as here:
        expected = plain(QUESTIONS[name](here))
    reader = there if clearance == "FULL" else there.lowered(clearance)
    assert plain(QUESTIONS[name](reader)) == expected
    assert expected
