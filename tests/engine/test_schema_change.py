"""An index outlives its schema: what a segment lacks is an empty column, and what the schema lost is dropped."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whoosh import query as q
from whoosh.fields import NUMERIC, Schema

from cablesearch.engine.check.verify import verified
from cablesearch.engine.disk.arrays import Arrays
from cablesearch.engine.index.creation import create
from cablesearch.engine.index.snapshot import Snapshot, latest
from cablesearch.engine.index.writer import Writer
from cablesearch.engine.search.collect import facet, number_column, select
from cablesearch.engine.search.execute import execute
from cablesearch.engine.search.topk import search
from cablesearch.engine.search.view import View
from cablesearch.engine.segment.empty import empty_columns
from cablesearch.engine.segment.segment import Segment
from cablesearch.errors import CorruptIndexError
from cablesearch.protocols.fields import Document, Text, kind_of, records_of
from tests.support.engine import Plain, When, first_letters, split

Make = Callable[[], Path]
Blocks = Sequence[tuple[str, Sequence[Document]]]


class SharedPlain(Plain):
    """Strings that are stored once a block."""

    shared = True

    def __init__(self) -> None:
        super().__init__(shared=True)


def schema_of(names: Iterable[str]) -> Schema:
    """A schema of some of the fields; a stemmed field has a twin if the twin is one of them."""
    wanted = set(names)
    fields: dict[str, Any] = {
        "text": Text(split, first_letters, unstemmed="exact" if "exact" in wanted else None),
        "exact": Text(split),
        "note": Text(split, of_block=True),
        "tag": Plain(),
        "program": SharedPlain(),
        "size": NUMERIC(int, bits=64, signed=True),
        "when": When(),
    }
    return Schema(**{name: field for name, field in fields.items() if name in wanted})


FIELDS = ("text", "exact", "note", "tag", "program", "size", "when")

QUERIES: list[q.Query] = [
    q.Term("text", "al"),
    q.Term("exact", "alfa"),
    q.Term("exact", "alps"),
    q.Prefix("exact", "al"),
    q.Phrase("text", ["al", "br"]),
    q.Phrase("exact", ["alfa", "bravo"]),
    q.Term("note", "bravo"),
    q.Term("tag", "ONE"),
    q.Or([q.Term("tag", "TWO"), q.Term("text", "br")]),
    q.Term("program", "X"),
    q.And([q.Every(), q.Not(q.Term("program", "X"))]),
    q.Every("program"),
    q.Every("size"),
    q.NumericRange("size", 1, 3),
    q.NumericRange("when", 0, 5),
]

words = st.lists(st.sampled_from(["alfa", "alps", "bravo", "brave"]), max_size=4).map(" ".join)
documents = st.fixed_dictionaries(
    {},
    optional={
        "text": words,
        "note": words,
        "tag": st.lists(st.sampled_from(["ONE", "TWO"]), unique=True),
        "program": st.sampled_from(["X", "Y"]),
        "size": st.integers(0, 3),
        "when": st.integers(0, 5),
    },
)
blocks = st.lists(st.lists(documents, min_size=1, max_size=3), min_size=1, max_size=3)


def add(directory: Path, schema: Schema, several: Blocks) -> None:
    """Commit some blocks."""
    create(directory)
    with Writer(directory, schema) as writer:
        for key, content in several:
            writer.add(key, key.encode().ljust(16)[:16], content, [b"record of " + key.encode()])
        writer.commit()


def known(names: Iterable[str], content: Document) -> Document:
    """A document with the values of some fields alone."""
    return {name: value for name, value in content.items() if name in set(names)}


def answers(snapshot: Snapshot, schema: Schema) -> list[object]:
    """What an index answers to queries, facets and columns of the fields that a schema has."""
    view = View(snapshot, schema)
    result: list[object] = [view.member_count, view.block_count]
    for query in QUERIES:
        names = {name for leaf in query.leaves() if (name := getattr(leaf, "fieldname", None))}
        if not names <= set(schema.names()):
            continue
        page = search(view, query, limit=5)
        matches = execute(view, query)
        by_block = execute(view, query, by_block=True)
        result.append((page.total, page.units.tolist(), page.scores.round(9).tolist()))
        result.append((matches.units.tolist(), matches.scores.round(9).tolist(), by_block.units.tolist()))
    everything = select(view, q.Every())
    units = np.arange(int(view.snapshot.bases[-1]))
    for name, field in schema.items():
        if kind_of(field) == "keyword":
            result.append(sorted(facet(view, everything, name).items()))
        if kind_of(field) == "number":
            result.append(number_column(view, units, name).tolist())
    return result


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    old=st.sets(st.sampled_from(FIELDS)).map(lambda names: names - ({"exact"} if "text" not in names else set())),
    new=st.sets(st.sampled_from(FIELDS)).map(lambda names: names - ({"exact"} if "text" not in names else set())),
    first=blocks,
    second=blocks,
)
def test_a_mixed_index_answers_as_one_whose_older_documents_have_no_values(
    fresh: Make, old: set[str], new: set[str], first: list[Any], second: list[Any]
) -> None:
    # A twin is filled from its stemmed field, and so it is compared only where both schemas have it or neither.
    if ("exact" in new) != ("exact" in old and "text" in new):
        new = new - {"exact"}
        old = old - {"exact"}
    if "when" not in new:
        # Blocks that lie in order of a lost field are numbered otherwise.
        old = old - {"when"}
    before, after = schema_of(old), schema_of(new)
    mixed, plain = fresh(), fresh()
    old_blocks = [(f"a{number}", [known(old, one) for one in block]) for number, block in enumerate(first)]
    new_blocks = [(f"b{number}", [known(new, one) for one in block]) for number, block in enumerate(second)]
    add(mixed, before, old_blocks)
    add(mixed, after, new_blocks)
    add(plain, after, [(key, [known(new, one) for one in block]) for key, block in old_blocks])
    add(plain, after, new_blocks)
    snapshot = latest(mixed)
    assert snapshot.verify() == []
    assert answers(snapshot, after) == answers(latest(plain), after)
    assert snapshot.unfilled(after) == [name for name in after.names() if name not in old]
    with Writer(mixed, after) as writer, Writer(plain, after) as other:
        merged = writer.compact()
        assert merged.verify() == []
        assert answers(merged, after) == answers(other.compact(), after)
        assert merged.unfilled(after) == [name for name in after.names() if name not in old]
        assert [segment.written for segment in merged.segments] == [records_of(after)]


def test_a_twin_that_comes_later_has_the_words_of_later_documents_alone(fresh: Make) -> None:
    directory = fresh()
    without, schema = schema_of({"text"}), schema_of({"text", "exact"})
    add(directory, without, [("a", [{"text": "alfa bravo"}, {"text": "alps"}])])
    add(directory, schema, [("b", [{"text": "alfa"}, {"text": "alfa brave"}])])
    for snapshot in (latest(directory), Writer(directory, schema).compact()):
        view = View(snapshot, schema)
        assert snapshot.verify() == []
        assert search(view, q.Term("text", "al")).total == 2
        assert search(view, q.Term("exact", "alfa")).units.tolist() == [3]
        assert search(view, q.Term("exact", "alps")).total == 0
        assert search(view, q.Prefix("exact", "br")).units.tolist() == [3]
        assert snapshot.unfilled(schema) == ["exact"]


def test_a_field_that_the_schema_lost_is_dropped_at_the_next_merge(fresh: Make) -> None:
    directory = fresh()
    add(directory, schema_of(FIELDS), [("a", [{"text": "alfa", "program": "X"}])])
    smaller = schema_of({"text", "exact"})
    assert "program.values" in latest(directory).segments[0].arrays
    with Writer(directory, smaller) as writer:
        (segment,) = writer.compact().segments
    assert sorted(segment.written) == ["exact", "text"]
    assert not any(name.startswith("program.") for name in segment.arrays.names)


@pytest.mark.parametrize("name", ["tag", "size", "note"])
def test_a_field_of_another_kind_is_an_empty_column(fresh: Make, name: str) -> None:
    directory = fresh()
    add(directory, schema_of({"text", name}), [("a", [{}, {"text": "alfa", "tag": ["X"], "size": 1, "note": "X"}])])
    kinds: Mapping[str, Any] = {"tag": Text(split), "size": Plain(), "note": NUMERIC(int, bits=64, signed=True)}
    other = Schema(text=Text(split, first_letters), **{name: kinds[name]})
    snapshot = latest(directory)
    assert snapshot.unfilled(other) == [name]
    view = View(snapshot, other)
    assert search(view, q.Every(name)).total == 0
    assert search(view, q.Term("text", "al")).total == 1
    with Writer(directory, other) as writer:
        assert writer.compact().verify() == []


def test_an_empty_column_is_what_documents_without_values_make(fresh: Make) -> None:
    directory = fresh()
    schema = schema_of(FIELDS)
    add(directory, schema, [("a", [{}, {}, {}]), ("b", [{}])])
    arrays = latest(directory).segments[0].arrays
    made = empty_columns(records_of(schema), docs=4, blocks=2)
    assert made.keys() == {
        name for name in arrays.names if name.partition(".")[0] in FIELDS and not name.endswith(".orders")
    }
    for name, values in made.items():
        assert values.tolist() == arrays[name].tolist(), name
        assert values.dtype == arrays[name].dtype, name


def test_the_manifest_lists_each_schema_once(fresh: Make) -> None:
    directory = fresh()
    for number, names in enumerate([{"text"}, {"text"}, {"text", "tag"}]):
        add(directory, schema_of(names), [(f"{number}", [{"text": "alfa"}])])
    body = json.loads((directory / "manifest.json").read_text())["body"]
    assert [entry["schema"] for entry in body["segments"]] == [0, 0, 1]
    assert [sorted(schema) for schema in body["schemas"]] == [["text"], ["tag", "text"]]


def test_a_segment_without_the_fields_that_the_manifest_records_is_damaged(fresh: Make) -> None:
    directory = fresh()
    add(directory, schema_of({"text"}), [("a", [{"text": "alfa"}])])
    path = directory / "00000001.seg"
    assert verified(Segment(path, records_of(schema_of({"text"})))) == []
    with pytest.raises(CorruptIndexError, match="its fields differ from the manifest"):
        Segment(path, records_of(schema_of({"text", "tag"})))
    with pytest.raises(CorruptIndexError, match="its fields differ from the manifest"):
        Segment(path, records_of(schema_of({"tag"})))
    assert "tag.values" not in Arrays(path)


SOUND = {"kind": "text", "shared": False, "of_block": None, "twin_of": None}


@pytest.mark.parametrize(
    "change",
    [
        {"schemas": "text"},
        {"schemas": {"0": {}}},
        {"schemas": [["text"]]},
        {"schemas": [{"text": "text"}]},
        {"schemas": [{"text": SOUND | {"kind": "words"}}]},
        {"schemas": [{"text": SOUND | {"shared": 1}}]},
        {"schemas": [{"text": SOUND | {"of_block": "no"}}]},
        {"schemas": [{"text": SOUND | {"twin_of": "exact"}}]},
        {"schemas": [{"text": SOUND | {"twin_of": []}}]},
        {"schemas": [{"text": SOUND | {"more": 1}}]},
        {"schemas": [{"text": {"kind": "text"}}]},
        {"schemas": []},
        {"schema": 7},
        {"schema": -1},
        {"schema": "0"},
        {"unfilled": "text"},
        {"unfilled": ["tag"]},
        {"unfilled": [[]]},
        {"unfilled": None},
    ],
    ids=str,
)
def test_a_manifest_with_malformed_schemas_is_damaged(fresh: Make, change: dict[str, Any]) -> None:
    directory = fresh()
    add(directory, schema_of({"text"}), [("a", [{"text": "alfa"}])])
    path = directory / "manifest.json"
    outer = json.loads(path.read_text())
    body = outer["body"]
    if "schemas" in change:
        body |= change
    else:
        body["segments"][0] |= change
    outer["crc32"] = zlib.crc32(json.dumps(body, sort_keys=True).encode())
    path.write_text(json.dumps(outer))
    with pytest.raises(CorruptIndexError, match=r"manifest\.json"):
        latest(directory)
