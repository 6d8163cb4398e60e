"""Hits, their order, scores and facets are those of the definitions, over generated blocks and queries."""

from __future__ import annotations

import itertools
import pickle
import tracemalloc
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whoosh import query as q
from whoosh.query import spans

from cablesearch.algorithms import distances
from cablesearch.engine.index.writer import Writer
from cablesearch.engine.search import bitmaps, expand, lists, phrases
from cablesearch.engine.search.collect import facet, select, top
from cablesearch.engine.search.execute import UnsupportedQueryError, best_documents, execute
from cablesearch.engine.search.nearness import matching
from cablesearch.engine.search.topk import search
from cablesearch.engine.search.view import View
from cablesearch.engine.segment import merge, postings
from cablesearch.protocols.pen import MEMORY
from cablesearch.protocols.queries import Near, Run
from tests.engine.oracle import Document, Oracle
from tests.support.engine import SCHEMA, Blocks, only, terms, write
from tests.support.strategies import CLASSES, boost, keyed_blocks, leaf

tree = st.recursive(
    leaf,
    lambda inner: st.one_of(
        st.builds(lambda parts, boost: q.And(parts, boost=boost), st.lists(inner, min_size=1, max_size=3), boost),
        st.builds(lambda parts, boost: q.Or(parts, boost=boost), st.lists(inner, min_size=1, max_size=3), boost),
        st.builds(q.DisjunctionMax, st.lists(inner, min_size=1, max_size=2)),
        st.builds(q.Not, inner),
        st.builds(lambda one, other: q.And([one, q.Not(other)]), inner, leaf),
        st.builds(q.AndNot, inner, inner),
        st.builds(q.AndMaybe, inner, inner),
        st.builds(q.Require, inner, inner),
        st.builds(q.ConstantScoreQuery, inner, st.just(1.5)),
    ),
    max_leaves=6,
)


Content = list[tuple[str, list[Document]]]


def oracle(content: Content, visible: Callable[[Document], bool]) -> Oracle:
    return Oracle(
        content,
        visible,
        terms,
        frozenset({"note", "link"}),
        frozenset({"tag", "link", "secrecy"}),
        lambda name: "text" if name == "exact" else name,
        "when",
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=keyed_blocks,
    cuts=st.lists(st.integers(0, 8), max_size=2),
    removed=st.sets(st.integers(0, 7)),
    clearance=st.none() | st.sets(st.sampled_from(CLASSES)),
    queries=st.lists(tree, min_size=4, max_size=8),
    compact=st.booleans(),
    tiny=st.sampled_from([0, 1, 16]),
)
def test_every_query_finds_what_the_definitions_say(
    fresh: Callable[[], Path],
    content: Content,
    cuts: list[int],
    removed: set[int],
    clearance: set[str] | None,
    queries: list[q.Query],
    compact: bool,
    tiny: int,
) -> None:
    # As if a few documents were many, and what is read at once very little.
    with ExitStack() as patches:
        if tiny:
            few: dict[str, Any] = {
                "LOW_BITS": 2,
                "FREQUENT": 2,
                "CHAMPIONS": 3,
                "CHAMPIONS_FROM": 2,
                "GROUP": 2,
                "DENSE": tiny,
            }
            patches.enter_context(mock.patch.multiple(postings, **few))
            patches.enter_context(
                mock.patch.multiple(phrases, LOW_BITS=few["LOW_BITS"], _SCANNED=100, _AT_ONCE=tiny, _WORDY=tiny * 4)
            )
            patches.enter_context(mock.patch.multiple(lists, _KEPT=tiny))
            patches.enter_context(mock.patch.object(expand, "_AT_ONCE", 8))
            patches.enter_context(mock.patch.object(distances, "_ROWS", 2))
            patches.enter_context(mock.patch.multiple(bitmaps, _FIRST=1, _FACTOR=1, _SPARSE=1))
            patches.enter_context(mock.patch.object(merge, "_BYTES_OF_A_POSITION", MEMORY // 3))
        check(fresh(), content, cuts, removed, clearance, queries, compact)


def check(
    directory: Path,
    content: Content,
    cuts: list[int],
    removed: set[int],
    clearance: set[str] | None,
    queries: list[q.Query],
    compact: bool,
) -> None:
    """Every query finds what the definitions say."""
    bounds = [0, *sorted(cuts), len(content)]
    commits = [content[start:end] for start, end in itertools.pairwise(bounds)]
    snapshot = write(directory, commits, [key for number, (key, _) in enumerate(content) if number in removed])
    assert snapshot.verify() == []
    if compact:
        with Writer(directory, SCHEMA) as writer:
            snapshot = writer.compact()
        assert snapshot.verify() == []
    kept = [keyed for number, keyed in enumerate(content) if number not in removed]
    view = View(snapshot, SCHEMA, None if clearance is None else only(clearance))
    expected = oracle(kept, lambda document: clearance is None or document["secrecy"] in clearance)
    numbers = units_of(view, [key for key, _ in kept])
    for query in queries:
        for by_block in (False, True):
            found = execute(view, query, by_block=by_block)
            wanted = expected.search(query, by_block=by_block)
            units = [numbers[by_block][unit] for unit in found.units.tolist()]
            scores = dict(zip(units, found.scores.tolist(), strict=True))
            assert scores == pytest.approx(dict(wanted), rel=1e-9)
            order = expected.ranked(scores)
            for limit, offset in ((1, 0), (3, 0), (2, 1), (100, 0)):
                page = search(view, query, limit=limit, offset=offset, by_block=by_block)
                named = [numbers[by_block][unit] for unit in page.units.tolist()]
                assert named == order[offset : offset + limit]
                assert page.scores.tolist() == [scores[unit] for unit in named]
                assert page.total == len(found.units)
                places = top(view, found, offset, limit, by_block=by_block)
                assert page.units.tolist() == found.units[places].tolist()
        counted: Counter[str] = Counter()
        for unit, _ in expected.search(query, by_block=False):
            counted.update(dict.fromkeys(kept[unit[0]][1][unit[1]]["tag"], 1))  # type: ignore[call-overload]
        selection = select(view, query)
        assert selection.count == len(expected.search(query, by_block=False))
        assert facet(view, selection, "tag") == counted


def units_of(view: View, keys: list[str]) -> tuple[dict[int, tuple[int, int]], dict[int, tuple[int, int]]]:
    """(block, place) of each document number and of each block number; blocks are numbered as their keys stand."""
    documents, numbers = {}, {}
    for segment, block in view.snapshot.live_blocks():
        first, number = view.segments[segment].first, keys.index(view.segments[segment].keys.text(block))
        for place in range(int(first[block + 1] - first[block])):
            documents[int(view.snapshot.bases[segment] + first[block] + place)] = (number, place)
        numbers[int(view.block_bases[segment]) + block] = (number, 0)
    return documents, numbers


def test_the_document_that_represents_a_block_is_the_one_the_query_owes_most(fresh: Callable[[], Path]) -> None:
    documents: list[dict[str, object]] = [
        {"note": "echo"},
        {"text": "bravo"},
        {"text": "alfa alfa"},
        {"text": "alfa bravo delta"},
    ]
    view = View(write(fresh(), [[("key", documents)]]), SCHEMA)
    both = q.And([q.Term("exact", "alfa"), q.Term("exact", "bravo")])
    assert best_documents(view, both, [0]) == [3]
    assert best_documents(view, q.Term("exact", "nothing"), [0]) == [1]
    assert best_documents(view, q.Term("note", "echo"), [0]) == [0]
    assert best_documents(view, q.And([q.Term("note", "echo"), q.Term("exact", "delta")]), [0]) == [3]


@pytest.mark.parametrize("words", [["ec", "al"], ["al", "fa"], ["ec", "al", "fa"]])
def test_two_forms_of_a_word_in_one_place_make_one_phrase(fresh: Callable[[], Path], words: list[str]) -> None:
    # In "al-fa" stand al and alfa, both stemmed to al, in one place.
    fill = ["fa echo"] * 9 if words[0] == "al" else ["al fa"] * 9 if words[1:] == ["al"] else []
    documents: list[dict[str, object]] = [{}, {"text": "echo al-fa"}]
    documents += [{"text": text} for text in fill]
    view = View(write(fresh(), [[("key", documents)]]), SCHEMA)
    expected = oracle([("key", documents)], lambda _: True)
    for slop in (1, 2):
        query = q.Phrase("text", words, slop=slop)
        with mock.patch.object(phrases, "_SCANNED", 1000):
            assert execute(view, query).scores[0] == pytest.approx(expected.search(query, by_block=False)[0][1])
        assert execute(view, query).scores[0] == pytest.approx(expected.search(query, by_block=False)[0][1])


def test_scores_that_differ_by_less_than_single_precision_come_in_order(fresh: Callable[[], Path]) -> None:
    # The second segment's scores are estimated in single precision, against those found in the first.
    words = ["alfa", "bravo", "charlie", "delta"]
    commits: list[list[tuple[str, list[dict[str, object]]]]] = [
        [("one", [{}, {"text": "alfa bravo charlie"}])],
        [("two", [{}, {"text": "alfa bravo delta"}])],
    ]
    view = View(write(fresh(), commits), SCHEMA)
    for step in range(200):
        boosts = [1 + step / 7, 1 + step / 11, 1 + step / 13, (1 + step / 13) * (1 + 1e-12)]
        query = q.Or([q.Term("exact", word, boost=boost) for word, boost in zip(words, boosts, strict=True)])
        assert search(view, query, limit=1).units.tolist() == [3], step


@pytest.mark.parametrize("boost", [-1.0, 1.0])
def test_what_counts_against_a_document_counts(fresh: Callable[[], Path], boost: float) -> None:
    documents: list[dict[str, object]] = [{}]
    documents += [{"text": "alfa " * (1 + number % 7) + "bravo"} for number in range(400)]
    view = View(write(fresh(), [[("one", documents)]]), SCHEMA)
    for inner in (boost, -boost):
        query = q.Or([q.Term("exact", "alfa", boost=inner), q.Term("exact", "bravo", boost=-1.0)], boost=boost)
        found = execute(view, query)
        places = top(view, found, 0, 10)
        assert search(view, query).units.tolist() == found.units[places].tolist()
        assert search(view, query).scores.tolist() == found.scores[places].tolist()


def test_many_small_scores_add_up(fresh: Callable[[], Path]) -> None:
    # In single precision each is too little to change the sum.
    documents: list[dict[str, object]] = [{}, {"tag": ["ONE", "TWO"]}, {"tag": ["ONE", "THREE"]}]
    view = View(write(fresh(), [[("one", documents)]]), SCHEMA)
    query = q.Or([q.Term("tag", "ONE"), q.Term("tag", "TWO", boost=3e-5), *[q.Term("tag", "THREE", boost=5e-8)] * 1000])
    assert execute(view, query).scores.tolist() == pytest.approx([1.00003, 1.00005], rel=1e-12)
    assert search(view, query, limit=1).units.tolist() == [2]


@pytest.mark.parametrize("boost", [float("inf"), float("-inf"), float("nan"), 1e308, 1e39, -1e308, 1e-320])
def test_no_boost_makes_numpy_warn(fresh: Callable[[], Path], boost: float) -> None:
    members: list[dict[str, object]] = [{"text": "alfa bravo", "tag": ["ONE"], "size": 1}] * 3
    content: Blocks = [(f"key {number}", [{"note": "alfa"}, *members]) for number in range(40)]
    view = View(write(fresh(), [content]), SCHEMA)
    leaves = [
        q.Term("exact", "alfa", boost=boost),
        q.Phrase("exact", ["alfa", "bravo"], boost=boost),
        Near("exact", [[Run(("alfa",))], [Run(("bravo",))]], 2, boost),
        q.Prefix("exact", "al", boost=boost),
        q.Term("tag", "ONE", boost=boost),
        q.NumericRange("size", 0, 2, boost=boost),
        q.Every(boost=boost),
        q.Term("note", "alfa", boost=boost),
    ]
    trees: list[q.Query] = [
        q.Or(leaves, boost=boost),
        q.And(leaves, boost=boost),
        q.DisjunctionMax(leaves, boost=boost),
    ]
    trees += [q.And([q.Or(leaves, boost=boost)] * 2, boost=boost), q.ConstantScoreQuery(leaves[0], boost)]
    trees += [q.AndMaybe(one, other) for one, other in itertools.pairwise(leaves)]
    for query in [*leaves, *trees]:
        for by_block in (False, True):
            search(view, query, by_block=by_block)
            select(view, query, by_block=by_block)
            execute(view, query, by_block=by_block)
        best_documents(view, query, [0, 1])


def test_a_query_of_very_many_leaves_is_answered_leaf_by_leaf(fresh: Callable[[], Path]) -> None:
    content: Blocks = [(f"key {number}", [{}, {"text": f"alfa b{number % 7}"}]) for number in range(40)]
    view = View(write(fresh(), [content]), SCHEMA)
    query = q.Or([q.Term("exact", word) for word in ("alfa", *(f"b{number}" for number in range(7)))])
    expected = search(view, query)
    with mock.patch.multiple(bitmaps, _FEW_LEAVES=1, _LISTED=1):
        page = search(view, query)
    assert page.units.tolist() == expected.units.tolist()
    assert page.total == expected.total


@pytest.mark.parametrize("slop", [1, 5])
def test_a_long_phrase_takes_memory_for_few_of_its_words(fresh: Callable[[], Path], slop: int) -> None:
    words = [f"w{number}" for number in range(200)]
    members: list[dict[str, object]] = [{"text": " ".join(words)}] * 20
    content: Blocks = [(f"key {number}", [{}, *members]) for number in range(100)]
    view = View(write(fresh(), [content]), SCHEMA)
    query = q.Phrase("exact", words, slop=slop)
    assert len(execute(view, q.Phrase("exact", words[:3], slop=slop)).units) == 2_000
    tracemalloc.start()
    try:
        assert len(execute(view, query).units) == 2_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # The places of all words would be 200 * 2,000 * 8 bytes.
    assert peak < 2_000_000


def test_near_words_that_match_more_often_than_each_of_them_occurs(fresh: Callable[[], Path]) -> None:
    documents: list[dict[str, object]] = [{}, {"text": "alfa bravo " * 200}, {"text": "alfa bravo"}, {"text": "alfa"}]
    view = View(write(fresh(), [[("key", documents)]]), SCHEMA)
    query = Near("exact", [[Run(("alfa",))], [Run(("bravo",))]], 1)
    expected = oracle([("key", documents)], lambda _: True).search(query, by_block=False)
    assert len(expected) == 2
    assert execute(view, query).scores.tolist() == pytest.approx([score for _, score in expected])


@pytest.mark.parametrize("at_once", [2, 1 << 20])
def test_near_words_are_matched_in_stretches_of_documents(fresh: Callable[[], Path], at_once: int) -> None:
    members: list[dict[str, object]] = [{"text": "alfa echo " * (number % 3) + "bravo delta"} for number in range(50)]
    view = View(write(fresh(), [[(f"key {number}", [{}, *members]) for number in range(4)]]), SCHEMA)
    alternatives = [Run(("bravo",)), Run(("echo", "alfa"))]
    queries = [
        Near("exact", [[Run(("alfa",))], [Run(("bravo",))]], 2),
        Near("exact", [[Run(("alfa",))], alternatives, alternatives], 3),
        Near("exact", [alternatives, alternatives], 3),
        Near("exact", [alternatives, [Run(("nothing",))]], 3),
        Near("exact", [[Run(("nothing",))], [Run(("alfa",))]], 3),
    ]
    expected = [execute(view, query) for query in queries]
    with mock.patch.object(matching, "_AT_ONCE", at_once):
        for query, matches in zip(queries, expected, strict=True):
            assert execute(view, query).units.tolist() == matches.units.tolist()
            assert execute(view, query).scores.tolist() == matches.scores.tolist()
    assert [len(matches.units) for matches in expected] == [132, 64, 64, 0, 0]


@pytest.mark.parametrize(("classes", "seen"), [(None, 2), ({"open"}, 1), ({"no such class"}, 0)])
def test_a_word_without_a_boost_makes_numpy_warn_of_nothing(
    fresh: Callable[[], Path], classes: set[str] | None, seen: int
) -> None:
    texts = (("", "open"), ("alfa", "open"), ("alfa", "shut"))
    documents: list[dict[str, object]] = [{"text": text, "secrecy": name} for text, name in texts]
    snapshot = write(fresh(), [[("one", documents), ("two", [{"note": "alfa", "secrecy": "shut"}])]])
    view = View(snapshot, SCHEMA, only(classes) if classes else None)
    with np.errstate(all="raise"):
        for word, limit in itertools.product(("al", "br"), (0, 10)):
            page = search(view, q.Term("text", word), limit=limit)
            assert (page.total, len(page.units)) == (seen * (word == "al"), min(limit, seen * (word == "al")))


def test_many_words_of_a_field_that_nothing_says_anything_in(fresh: Callable[[], Path]) -> None:
    snapshot = write(fresh(), [[("one", [{"note": "alfa"}, {"tag": ["ONE"]}])]])
    words = q.And([q.Term("exact", f"word{number}") for number in range(20)])
    assert len(execute(View(snapshot, SCHEMA), words).units) == 0
    assert search(View(snapshot, SCHEMA), words).total == 0


@pytest.mark.parametrize("by_block", [False, True])
@pytest.mark.parametrize("find", [execute, search, select])
def test_queries_of_other_types_are_refused_by_name(
    fresh: Callable[[], Path], find: Callable[..., object], by_block: bool
) -> None:
    view = View(write(fresh(), [[("key", [{}, {"text": "alfa bravo"}])]]), SCHEMA)
    spanned = spans.SpanNear(q.Term("exact", "alfa"), q.Term("exact", "bravo"))
    options = {"limit": 10} if find is search else {}
    with pytest.raises(UnsupportedQueryError, match="type SpanNear cannot be executed") as caught:
        find(view, q.Or([q.Term("exact", "alfa"), spanned]), by_block=by_block, **options)
    assert pickle.loads(pickle.dumps(caught.value)).query == caught.value.query == spanned
