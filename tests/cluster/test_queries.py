"""A cluster finds what an archive in a folder finds, in the same order and with the same scores.

The scores of a cluster depend on lengths as Lucene rounds them; so the archive in the folder is indexed with the same
lengths.
"""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from whoosh import query as q

import cablesearch
from cablesearch.algorithms import bm25
from cablesearch.archive import Archive
from cablesearch.cable import Cable, Clearance
from cablesearch.cluster.documents.building import built
from cablesearch.embedded.place import FolderPlace
from cablesearch.errors import UnsupportedError
from cablesearch.protocols.fields import is_of_block
from cablesearch.protocols.queries import Near
from cablesearch.protocols.reader import Order, Reader
from cablesearch.schema.index_fields import query_schema
from cablesearch.text.continuation import CONTINUED
from tests.cluster.lucene import lengths_of_lucene
from tests.cluster.trees import TreeMaker
from tests.support.files import write_cables
from trials.cluster.nodes import Cluster
from trials.noninterference import IDS, made_up_cable, real_cable

pytestmark = [pytest.mark.cluster, pytest.mark.xdist_group("cluster")]

SEED = int(os.environ.get("CABLESEARCH_SEED", "2016"))
TREES = int(os.environ.get("CABLESEARCH_TREES", "40"))
"""The trees for each clearance, each by paragraph and by cable."""
WIDTH = 100


@pytest.fixture(scope="module")
def cables() -> list[Cable]:
    """Return cables with all kinds of markings and texts."""
    chance = random.Random(SEED)
    return [(real_cable if number % 4 else made_up_cable)(name, chance) for number, name in enumerate(IDS[:40])]


@pytest.fixture(scope="module")
def archives(
    cluster: Cluster, shared_archive_name: str, cables: list[Cable], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, Archive]]:
    """Return the folder of an archive, and the same archive on a cluster."""
    folder = tmp_path_factory.mktemp("queries")
    source = write_cables(folder / "cables.jsonl", cables)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bm25, "LENGTHS", lengths_of_lucene())
        with cablesearch.create(folder / "archive") as archive:
            archive.index([source])
        address = cluster.urls[0].replace("http://", "opensearch://") + f"/{shared_archive_name}"
        with cablesearch.create(address) as there:
            there.index([source])
            yield folder / "archive", there


def trees(chance: random.Random, cables: list[Cable], clearance: Clearance | None) -> Iterator[q.Query]:
    """Yield queries about what a reader sees."""
    views = [view for cable in cables if (view := cable.view(clearance))]
    documents = [
        document
        for view in views
        for one in itertools.islice(built(view, bytes(16)), 1)
        for document in one.documents.values()
    ]
    maker = TreeMaker(chance, documents)
    while True:
        yield maker.tree()


def found(reader: Reader, tree: q.Query, *, by_cable: bool, order: Order) -> tuple[int, list[tuple[str, float]]]:
    """Return the number of hits, and the first of them with their scores."""
    page = reader.page(tree, q.Every(), by_cable=by_cable, order=order, limit=WIDTH, offset=0)
    return page.total, [
        (hit.cable.id if by_cable else f"{hit.cable.id}@{hit.position}", hit.score) for hit in page.found
    ]


def has_exact_scores(reader: Reader, tree: q.Query, *, by_cable: bool) -> bool:
    """Whether the scores of a tree are to be equal: see the differences in docs/cluster.md."""
    leaf: Any
    for leaf in tree.leaves():
        if isinstance(leaf, Near) or (isinstance(leaf, q.Phrase) and leaf.slop > 1):
            return False
        if isinstance(leaf, q.Phrase) and any(reader.frequencies(leaf.fieldname, [CONTINUED + w for w in leaf.words])):
            return False
        is_text = isinstance(leaf, (q.Term, q.Phrase))
        if is_text and not by_cable and is_of_block(query_schema()[leaf.fieldname]):
            return False
        if is_text and by_cable and leaf.fieldname.startswith("subject"):
            return False
    return True


@pytest.mark.parametrize("text", [None, "UNCLASSIFIED", "CONFIDENTIAL//NOFORN", "SECRET"])
def test_a_cluster_finds_what_a_folder_finds(
    archives: tuple[Path, Archive], cables: list[Cable], text: str | None
) -> None:
    folder, there = archives
    clearance = Clearance.parse(text) if text else None
    embedded = FolderPlace(folder).reader(clearance)
    cluster = there._reading.reader.lowered(clearance)
    chance = random.Random(f"{SEED} {text}")
    scored = refused = 0
    for tree in itertools.islice(trees(chance, cables, clearance), TREES):
        for by_cable in (False, True):
            try:
                own = found(cluster, tree, by_cable=by_cable, order="date")
            except UnsupportedError:
                refused += 1
                continue
            told = f"{text} {by_cable} {tree!r}"
            wanted = found(embedded, tree, by_cable=by_cable, order="date")
            assert own[0] == wanted[0], told
            assert [name for name, _ in own[1]] == [name for name, _ in wanted[1]], told
            if has_exact_scores(embedded, tree, by_cable=by_cable):
                scores = dict(wanted[1])
                ranked = found(cluster, tree, by_cable=by_cable, order="relevance")
                assert ranked[0] == wanted[0], told
                for name, score in ranked[1]:
                    if name in scores:
                        assert score == pytest.approx(scores[name], rel=1e-4, abs=1e-6), told
                        scored += 1
    assert scored > TREES
    assert refused < TREES / 5
