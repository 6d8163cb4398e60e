"""`Archive.ids`: the cables that have hits, each once, without reading them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import cablesearch
from cablesearch.archive import Archive
from cablesearch.request import Group, Sort
from tests.support.cables import cable
from tests.support.files import write_cables


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Return an archive of several segments, with hidden, removed and undated cables."""
    folder, chance = tmp_path_factory.mktemp("ids"), random.Random(5)
    made = [
        cable(
            f"10A{number}",
            *((chance.choice(["U", "S"]), " ".join(chance.choices(["china", "trade", "visa"], k=9))) for _ in range(4)),
            tags=chance.sample(["PREL", "ECON"], 1),
        )
        for number in range(60)
    ]
    with cablesearch.create(folder / "archive") as written:
        for start in (0, 20, 40):
            written.index([write_cables(folder / "part.jsonl", made[start : start + 20])])
        written.remove(["10A3", "10A41"])
    return cablesearch.open(folder / "archive")


@pytest.mark.parametrize("text", ["*", "china", "china -visa", '"trade visa" OR tag:ECON', "nothing"])
@pytest.mark.parametrize("sort", ["relevance", "date", "-date", "citations"])
@pytest.mark.parametrize("group", ["paragraph", "cable"])
def test_ids_are_those_of_the_hits_in_their_order(archive: Archive, text: str, sort: Sort, group: Group) -> None:
    for reader in (archive, archive.lowered("SBU")):
        expected = list(dict.fromkeys(hit.cable for hit in reader.search(text, sort=sort, group=group, limit=None)))
        ids = reader.ids(text, sort=sort, group=group)
        assert (list(ids), ids.total, len(ids)) == (expected, len(expected), len(expected))
        for offset, limit in ((0, 0), (0, 7), (3, 5), (50, 99), (1_000, 5)):
            page = reader.ids(text, sort=sort, group=group, limit=limit, offset=offset)
            assert (list(page), page.total) == (expected[offset : offset + limit], len(expected))


def test_ids_take_the_filters_of_a_search(archive: Archive) -> None:
    hits = archive.search("china", tags="PREL", classifications="SECRET", limit=None)
    assert set(archive.ids("china", tags="PREL", classifications="SECRET")) == {hit.cable for hit in hits}


def test_ids_are_a_sequence_with_a_short_repr(archive: Archive) -> None:
    ids = archive.ids("*", limit=7, offset=2)
    assert (ids[0], ids[-1], ids[1:3]) == (ids.ids[0], ids.ids[6], ids.ids[1:3])
    assert ids[3] in ids
    assert ids.index(ids[3]) == 3
    assert repr(ids) == f"<CableIds: 3-9 of {ids.total} cables: {ids[0]}, {ids[1]}, {ids[2]}, …>"
    assert repr(archive.ids("nothing")) == "<CableIds: no cables>"


def test_ids_for_any_of_the_words_are_those_of_the_hits(archive: Archive) -> None:
    hits = list(dict.fromkeys(hit.cable for hit in archive.search("visa nothing", match="any", limit=None)))
    assert list(archive.ids("visa nothing", match="any")) == hits != []
    assert list(dict.fromkeys(hit.cable for hit in archive.iter_all("visa nothing", match="any"))) == hits


def test_an_archive_without_a_cable_has_no_ids(tmp_path: Path) -> None:
    with cablesearch.create(tmp_path / "archive") as empty:
        assert (list(empty.ids("*")), empty.ids("*", group="cable").total) == ([], 0)
    with pytest.raises(cablesearch.QueryError), cablesearch.create(tmp_path / "archive") as empty:
        empty.ids("(")
