"""Equal hits and exports are ordered by date, id and position, which reveals nothing about how cables were indexed."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cablesearch
from cablesearch.archive import Archive
from cablesearch.cable import Cable, Clearance
from cablesearch.embedded.reader import embedded
from cablesearch.engine.disk import arrays
from cablesearch.engine.index import writer
from cablesearch.engine.segment import builder
from cablesearch.request import Group, Sort
from cablesearch.schema.field_types import Date
from tests.support.cables import cable
from tests.support.files import write_cables

Make = Callable[..., Archive]

MAY = dt.datetime(2009, 5, 1, 12, 0, tzinfo=dt.timezone.utc)
JUNE = dt.datetime(2009, 6, 1, 12, 0, tzinfo=dt.timezone.utc)


def add(archive: Archive, *cables: Cable) -> None:
    """Index cables in one commit."""
    source = archive.path.parent / "more.jsonl"
    write_cables(source, cables)
    archive.index([source])


def places(archive: Archive, text: str, **options: Any) -> list[tuple[str, int]]:
    return [(hit.cable, hit.position) for hit in archive.search(text, limit=100, **options)]


def in_pieces(archive: Archive, cables: Sequence[Cable]) -> None:
    """Index cables so that each becomes a segment, and none are merged."""
    with (
        mock.patch("cablesearch.indexing.ingest.BATCH", 1),
        mock.patch.multiple(writer, _SMALL=0, _MERGE_WIDTH=10**9),
    ):
        add(archive, *cables)


ORDERED = [
    cable("10B9", "china", "china", date=MAY),
    cable("10a1", "china", date=MAY),
    cable("10\uff21", "china", date=MAY),
    cable("10\U00010400", "china", date=MAY),
    cable("10A1", "china", date=JUNE),
    cable("09A1", "china", date=None),
    cable("09A2", "china", date=None),
]
"""The cables in the order of equal hits."""


@pytest.mark.parametrize("pieces", [False, True], ids=["one segment", "a segment each"])
@pytest.mark.parametrize(
    "come", [ORDERED, ORDERED[::-1], ORDERED[3:] + ORDERED[:3]], ids=["in order", "back", "turned"]
)
def test_equal_scores_are_ordered_by_date_id_and_position(archive_of: Make, come: list[Cable], pieces: bool) -> None:
    archive = archive_of() if pieces else archive_of(*come)
    if pieces:
        in_pieces(archive, come)
    wanted = [(cable.id, paragraph.position) for cable in ORDERED for paragraph in cable.paragraphs]
    for text in ("china", "tag:* OR china", "*", '"china"', "ch*"):
        assert places(archive, text) == wanted
        paged = [
            (hit.cable, hit.position)
            for offset in range(len(wanted))
            for hit in archive.search(text, limit=1, offset=offset)
        ]
        assert paged == wanted
    assert places(archive, "china", sort="date") == wanted
    newest = [wanted[5], *wanted[:5], *wanted[6:]]
    assert places(archive, "china", sort="-date") == newest
    cables = [cable.id for cable in ORDERED]
    assert [name for name, _ in places(archive, "*", group="cable")] == cables
    assert [name for name, _ in places(archive, "china", group="cable", sort="date")] == cables
    assert [cable.id for cable in archive.export()] == [cable.id for cable in archive.export("china")] == cables
    assert archive.verify(deep=True) == []
    archive.compact()
    assert list(archive.export()) == ORDERED
    assert archive.verify(deep=True) == []


def test_show_takes_the_first_cable_of_a_canonical_id(archive_of: Make) -> None:
    late, early = cable("10A001", "late", date=JUNE), cable("10A01", "early", date=MAY)
    named = [replace(cable, reference_id="10A1") for cable in (late, early)]
    for come in (named, named[::-1]):
        archive = archive_of()
        in_pieces(archive, come)
        assert archive.show("10A1")[0].id == "10A01"


WORDS = ["china", "labor", "trade"]
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
paragraphs = st.lists(st.tuples(st.sampled_from(["U", "U", "S"]), texts), min_size=1, max_size=3)
dates = st.sampled_from([MAY, JUNE, None])
QUERIES = ["china", "china OR trade", "labor trade", "tag:PREL", "*", "-china", '"labor trade"', "chin*", "date:2009"]


def answers(archive: Archive) -> list[object]:
    """Return everything that an archive answers."""
    result: list[object] = [list(archive.export()), replace(archive.stats(), size_bytes=None)]
    sorts: list[Sort] = ["relevance", "date", "-date"]
    groups: list[Group] = ["paragraph", "cable"]
    for text, sort, group in itertools.product(QUERIES, sorts, groups):
        pages = [
            archive.search(text, sort=sort, group=group, limit=limit, facets=["tags", "year", "origin"])
            for limit in (2, 100)
        ]
        result += [replace(page, took=0.0) for page in pages]
    return result


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), content=st.lists(paragraphs, min_size=2, max_size=6))
def test_a_replacement_in_a_hidden_paragraph_changes_no_answer(
    archive_of: Make, data: st.DataObject, content: list[list[tuple[str, str]]]
) -> None:
    cables = [
        cable(
            f"10A{number}", *parts, ("S", "secret"), tags=["PREL"], date=data.draw(st.sampled_from([MAY, JUNE, None]))
        )
        for number, parts in enumerate(content)
    ]
    whole = archive_of()
    if data.draw(st.booleans()):
        in_pieces(whole, cables)
    else:
        add(whole, *cables)
    with cablesearch.open(whole.path, clearance="SBU") as reader:
        before = answers(reader)
        visible = [cable.id for cable in reader.export()]
        for _ in range(2):
            number = data.draw(st.integers(0, len(cables) - 1))
            last = cables[number].paragraphs[-1]
            changed = replace(last, text=data.draw(texts) + f" {last.text}")
            cables[number] = replace(cables[number], paragraphs=(*cables[number].paragraphs[:-1], changed))
            add(whole, cables[number])
            if data.draw(st.booleans()):
                whole.compact()
            reader.reload()
            assert answers(reader) == before
            assert [reader.show(name)[0] for name in visible] == list(reader.export())


def test_hidden_changes_do_not_reorder_visible_ids_in_many_segments(archive_of: Make) -> None:
    cables = [cable(f"10A{number}", "china", ("S", "old"), date=MAY) for number in range(110)]
    archive = archive_of()
    in_pieces(archive, cables)
    with cablesearch.open(archive.path, clearance="SBU") as reader:
        before = answers(reader)
        assert len(embedded(reader._reading.reader).snapshot.segments) == 110
        in_pieces(archive, [cable(f"10A{number}", "china", ("S", "new"), date=MAY) for number in range(0, 110, 3)])
        reader.reload()
        assert len(embedded(reader._reading.reader).snapshot.segments) > 60
        assert answers(reader) == before


def older(archive: Archive, *cables: Cable) -> None:
    """Index cables like the previous version, which kept them as they came."""
    with (
        mock.patch.object(arrays, "VERSION", arrays.WITHOUT_ORDER),
        mock.patch.object(builder, "block_order", return_value=None),
        mock.patch.object(Date, "orders_blocks", False),
        mock.patch.multiple(writer, _SMALL=0, _MERGE_WIDTH=10**9),
    ):
        add(archive, *cables)


def test_an_older_archive_keeps_its_order_until_it_is_compacted(archive_of: Make) -> None:
    archive = archive_of()
    come = [ORDERED[4], ORDERED[0], ORDERED[5]]
    older(archive, *come)
    assert [cable.id for cable in archive.export()] == [cable.id for cable in come]
    assert archive.verify(deep=True) == []
    # New cables come after the old ones, in order; pages neither repeat nor omit any.
    in_pieces(archive, [ORDERED[6], ORDERED[1], ORDERED[2]])
    wanted = [*come, ORDERED[1], ORDERED[2], ORDERED[6]]
    assert list(archive.export()) == wanted
    hits = [hit.cable for offset in range(7) for hit in archive.search("china", limit=1, offset=offset)]
    assert list(dict.fromkeys(hits)) == [item.id for item in wanted]
    assert archive.verify(deep=True) == []
    archive.compact()
    assert list(archive.export()) == [*ORDERED[:3], *ORDERED[4:]]
    assert archive.verify(deep=True) == []


def test_compacting_one_older_segment_puts_it_in_order_once(archive_of: Make) -> None:
    archive = archive_of()
    older(archive, ORDERED[4], ORDERED[0])
    archive.compact()
    assert list(archive.export()) == [ORDERED[0], ORDERED[4]]
    files = sorted(path.name for path in archive.path.glob("*.seg"))
    archive.compact()
    assert sorted(path.name for path in archive.path.glob("*.seg")) == files


def test_blocks_out_of_order_are_damage(archive_of: Make) -> None:
    archive = archive_of()
    with mock.patch.object(builder, "block_order", return_value=None):
        add(archive, ORDERED[4], ORDERED[0])
    assert any("they are not sorted" in fault for fault in archive.verify())


def test_hidden_text_does_not_affect_the_order(archive_of: Make) -> None:
    archive = archive_of(cable("10A2", "china", ("S", "x")), cable("10A1", ("S", "x"), "china"))
    with cablesearch.open(archive.path, clearance="SBU") as reader:
        seen = [cable.view(Clearance.parse("SBU")) for cable in archive.export()]
        assert list(reader.export()) == seen
        assert places(reader, "china") == [("10A1", 2), ("10A2", 1)]


def test_merged_segments_equal_segments_built_at_once(archive_of: Make) -> None:
    chance = np.random.default_rng(1)
    cables = []
    for number in range(60):
        words = (f"china word{first} labor " * (1 + first % 3) for first in chance.integers(0, 40, 3))
        cables.append(cable(f"10A{number}", *words, date=MAY + dt.timedelta(minutes=int(chance.integers(30)))))
    at_once, merged = archive_of(*cables), archive_of()
    in_pieces(merged, cables)
    merged.compact()
    first, second = (arrays.Arrays(next(archive.path.glob("*.seg"))) for archive in (at_once, merged))
    same = [name for name in first.names if not name.startswith("store.")]
    assert set(first.names) == set(second.names)
    # The dictionaries of the stores may differ: they are learnt from the first cables.
    for name in same:
        assert first[name].tolist() == second[name].tolist(), name
