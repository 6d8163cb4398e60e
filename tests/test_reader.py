"""What a reader of an archive in a folder answers, asked directly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from whoosh import query as q

from cablesearch.archive import Archive
from cablesearch.embedded.reader import EmbeddedReader, embedded
from cablesearch.embedded.selections import units_of
from cablesearch.protocols.reader import Selection
from tests.support.cables import cable

Make = Callable[..., Archive]


@pytest.fixture
def reader(archive_of: Make) -> Iterator[EmbeddedReader]:
    cables = [
        cable("09A1", "china and trade", date=dt.datetime(2009, 1, 2, tzinfo=dt.timezone.utc)),
        cable("09A2", "trade in oil", "china", date=dt.datetime(2009, 3, 2, tzinfo=dt.timezone.utc)),
        cable("09A3", "oil", classification="SECRET"),
    ]
    with archive_of(*cables) as archive, archive.lowered("CONFIDENTIAL") as lowered:
        yield embedded(lowered._reading.reader)


def test_cables_are_found_by_any_form_of_their_id_and_read_by_their_key(reader: EmbeddedReader) -> None:
    assert {reader.find(name) for name in ("09A2", " 09a2 ", "09 A 2")} == {"09A2"}
    assert {reader.find(name) for name in ("09A3", "none")} == {None}
    assert reader.cable("09A2").id == reader.head("09A2").id == "09A2"
    for read in (reader.cable, reader.head):
        with pytest.raises(KeyError):
            read("09A3")


def test_keys_and_cables_are_those_of_a_selection(reader: EmbeddedReader) -> None:
    china = reader.select(q.Term("text", "china"))
    oil = reader.select(q.Term("text", "oil"))
    assert [*reader.keys()] == ["09A1", "09A2"]
    assert [*reader.keys(oil)] == [found.id for found in reader.cables(oil)] == ["09A2"]
    assert reader.counts([china, oil, china.cables().common(oil.cables()), oil.rest()]) == [2, 1, 1, 2]


def test_pages_and_keys_skip_and_stop_as_they_are_told(reader: EmbeddedReader) -> None:
    tree = q.Or([q.Term("text", "china"), q.Term("text", "trade")])
    total, found = reader.page(tree, tree, by_cable=False, order="date", limit=2, offset=1)
    assert (total, [(hit.cable.id, hit.position) for hit in found]) == (3, [("09A2", 1), ("09A2", 2)])
    assert reader.ranked_keys(tree, by_cable=False, order="-date", limit=1, offset=0) == (["09A2"], 2)
    assert reader.ranked_keys(tree, by_cable=True, order="date", limit=None, offset=1) == (["09A2"], 2)
    assert reader.ranked_keys(tree, by_cable=True, order="date", limit=None, offset=5) == ([], 2)


def test_a_selection_or_a_reader_of_another_kind_is_refused(reader: EmbeddedReader) -> None:
    class Nothing:
        by_cable, count = False, 0

        def cables(self) -> Selection:
            return self

        def common(self, other: Selection) -> Selection:
            return other

        def rest(self) -> Selection:
            return self

    with pytest.raises(TypeError, match="not a selection of units in a folder"):
        units_of(Nothing())
    with pytest.raises(TypeError):
        reader.values(Nothing(), "tag")
