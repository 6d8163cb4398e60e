"""The precedence of operators, and the shape of query trees."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh import query as q

from cablesearch.archive import Archive, open_archive
from cablesearch.engine.index.snapshot import latest
from cablesearch.engine.search import execute
from cablesearch.engine.search.view import View
from cablesearch.errors import QueryError
from cablesearch.query import FIELDS, OPERATORS, both, parse
from cablesearch.query.trees import conjunction, disjunction, scaled
from cablesearch.schema.index_fields import query_schema
from tests.support.archives import write
from tests.support.cables import cable


@pytest.mark.parametrize(
    ("text", "bracketed"),
    [
        ("text:a text:b OR text:c", "(text:a AND text:b) OR text:c"),
        ("text:a OR text:b text:c", "text:a OR (text:b AND text:c)"),
        ("text:a OR text:b AND text:c OR text:d", "text:a OR (text:b AND text:c) OR text:d"),
        ("text:a AND text:b text:c", "text:a AND text:b AND text:c"),
        ("NOT text:a text:b", "(NOT text:a) AND text:b"),
        ("NOT text:a OR text:b", "(NOT text:a) OR text:b"),
        ("text:a OR -text:b text:c", "text:a OR ((NOT text:b) AND text:c)"),
        ("NOT text:a ANDNOT text:b", "(NOT text:a) ANDNOT text:b"),
        ("-text:a ANDMAYBE text:b", "(NOT text:a) ANDMAYBE text:b"),
        ("-(text:a text:b) REQUIRE text:c", "(NOT (text:a AND text:b)) REQUIRE text:c"),
        ("text:a text:b ANDNOT text:c", "text:a AND (text:b ANDNOT text:c)"),
        ("text:a ANDNOT text:b AND text:c", "(text:a ANDNOT text:b) AND text:c"),
        ("text:a OR text:b ANDMAYBE text:c", "text:a OR (text:b ANDMAYBE text:c)"),
        ("text:a text:b REQUIRE text:c text:d", "text:a AND (text:b REQUIRE text:c) AND text:d"),
        ("text:a ANDMAYBE text:b ANDNOT text:c", "text:a ANDMAYBE (text:b ANDNOT text:c)"),
        ("text:a ANDNOT text:b ANDMAYBE text:c", "(text:a ANDNOT text:b) ANDMAYBE text:c"),
        ("text:a REQUIRE text:b ANDMAYBE text:c", "text:a REQUIRE (text:b ANDMAYBE text:c)"),
        ("text:a ANDMAYBE text:b REQUIRE text:c", "(text:a ANDMAYBE text:b) REQUIRE text:c"),
        ("text:a REQUIRE text:b ANDNOT text:c", "text:a REQUIRE (text:b ANDNOT text:c)"),
        ("NOT NOT NOT text:a", "NOT text:a"),
        ("tag:(a b OR c)", "(tag:a AND tag:b) OR tag:c"),
        ("tag:(a -(b OR text:c))", "tag:a AND NOT (tag:b OR text:c)"),
    ],
)
def test_operators_bind_as_documented(text: str, bracketed: str) -> None:
    assert repr(parse(text)) == repr(parse(bracketed))


PAGE = (Path(__file__).parent.parent.parent / "docs" / "query-language.md").read_text(encoding="utf-8")


def test_the_documented_precedence_is_true() -> None:
    section = PAGE.partition("### Which operator binds first")[2].partition("###")[0]
    rows = re.findall(r"^\| `(\w+)`.* \| `(.*)` \| `(.*)` \|$", section, re.MULTILINE)
    assert [operator for operator, _, _ in rows] == ["NOT", *OPERATORS]
    for _, text, bracketed in rows:
        assert repr(parse(text)) == repr(parse(bracketed))


def test_the_page_has_every_field_and_every_query_on_it_can_be_read() -> None:
    tables = PAGE.partition("### Which")[0] + PAGE.partition("| field | searches")[2].partition("##")[0]
    cells = [cell for line in tables.splitlines() if line.startswith("|") for cell in line.split("|")[1::2]]
    queries = [text for cell in cells for text in re.findall("`(.*?)`", cell)]
    assert set(FIELDS) <= set(queries)
    for text in queries:
        parse(text)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("* -text:a", q.And([q.Every(), q.Not(q.Term("text", "a"))])),
        ("* tag:PHUM", q.And([q.Every(), q.Term("tag", "PHUM")])),
        ("text:* text:a", q.And([q.Every("text"), q.Term("text", "a")])),
        (
            "text:[aa to bz] text:[bb to dz}",
            q.And([q.TermRange("exact", "aa", "bz"), q.TermRange("exact", "bb", "dz", endexcl=True)]),
        ),
        ("text:[aa to ]", q.TermRange("exact", "aa", None)),
        ("text:{ to bb]", q.TermRange("exact", None, "bb", startexcl=True)),
        ("text:[aa to bb]^2", q.TermRange("exact", "aa", "bb", boost=2.0)),
        ("number:[2 to 5]^2", q.NumericRange("number", 2, 5, boost=2.0)),
        ("*^2", q.Every(boost=2.0)),
        ("text:*^2", q.Every("text", boost=2.0)),
        ("exact:karzay~2/3^2", q.FuzzyTerm("exact", "karzay", 2.0, 2, 3)),
        ("exact:karzay~/0", q.FuzzyTerm("exact", "karzay", 1.0, 1, 0)),
        ("(exact:a^3 ANDNOT exact:b)^2", q.AndNot(q.Term("exact", "a", 6.0), q.Term("exact", "b"))),
        ("(exact:a^3 REQUIRE exact:b)^2", q.Require(q.Term("exact", "a", 6.0), q.Term("exact", "b"))),
        ("(exact:a^3 ANDMAYBE exact:b)^2", q.AndMaybe(q.Term("exact", "a", 6.0), q.Term("exact", "b", 2.0))),
        (
            "(exact:a exact:b)^2 AND exact:c",
            q.And([q.Term("exact", "a", 2.0), q.Term("exact", "b", 2.0), q.Term("exact", "c")]),
        ),
        ("exact:a exact:b exact:A", q.And([q.Term("exact", "a"), q.Term("exact", "b")])),
        ("-exact:a -exact:b", q.And([q.Not(q.Term("exact", "a")), q.Not(q.Term("exact", "b"))])),
        ("exact:a OR -exact:b", q.Or([q.Term("exact", "a"), q.Not(q.Term("exact", "b"))])),
        ("exact:a (-exact:b)", q.And([q.Term("exact", "a"), q.Not(q.Term("exact", "b"))])),
    ],
)
def test_the_tree_is_true_to_the_text(text: str, tree: q.Query) -> None:
    assert repr(parse(text)) == repr(tree)


@pytest.mark.parametrize(
    ("text", "position", "reason"),
    [
        ("text:[a to b]^x", 13, "boost"),
        ("date:[2009 to 2010]^", 19, "boost"),
        ("(a b)^x", 5, "boost"),
        ("a OR (AND b)", 6, "AND has nothing before it"),
        ("a (b OR)", 5, "OR is followed by nothing"),
        ("NOT (a))", 7, "unmatched closing bracket"),
        ("text:(contry:a)", 6, "unknown field"),
        ("text:(a [b to)", 8, "this range is not closed"),
    ],
)
def test_errors_point_into_brackets_and_ranges(text: str, position: int, reason: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert (caught.value.position, caught.value.query) == (position, text)
    assert reason in caught.value.reason


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Return an archive of four paragraphs, 1 to 4."""
    folder = tmp_path_factory.mktemp("query")
    cables = [
        cable("09STATE1", "china trade aa", "china zorblax", tags=["PHUM"]),
        cable("09STATE2", "labor bb", "dz trade cc aa"),
    ]
    write(folder, cables)
    with open_archive(folder / "archive") as opened:
        yield opened


@pytest.mark.parametrize(
    ("text", "paragraphs"),
    [
        ("*", [1, 2, 3, 4]),
        ("* -zorblax", [1, 3, 4]),
        ("* tag:PHUM", [1, 2]),
        ("* AND labor", [3]),
        ("* OR labor", [1, 2, 3, 4]),
        ("text:[aa to bz] text:[bb to dz]", [1, 3, 4]),
        ("text:[aa to ab] text:[dz to dz]", [4]),
        ("text:* labor", [3]),
        ("subject:*", []),
        ("-china", [3, 4]),
        ("-china -labor", [4]),
        ("(-china)", [3, 4]),
        ("trade (-china)", [4]),
        ("zorblax OR -china", [2, 3, 4]),
        ("NOT (china OR labor)", [4]),
        ("trade ANDNOT china", [4]),
        ("trade ANDNOT -china", [1]),
        ("-china ANDNOT labor", [4]),
        ("china trade OR labor", [1, 3]),
        ("tag:(PHUM -PREL) zorblax", [2]),
        ("tag:(-PHUM)", [3, 4]),
    ],
)
def test_excluded_paragraphs_stay_excluded(archive: Archive, text: str, paragraphs: list[int]) -> None:
    hits = archive.search(text).hits
    assert sorted(hit.position + 2 * (hit.cable == "09STATE2") for hit in hits) == paragraphs


LEAVES = st.sampled_from(
    [
        q.Term("text", "china"),
        q.Term("text", "trade", boost=2.0),
        q.Prefix("exact", "z"),
        q.Term("tag", "PHUM"),
        q.Every(),
        q.NumericRange("position", 1, 1),
        q.Phrase("text", ["trade", "aa"]),
    ]
)


def _compound(parts: st.SearchStrategy[q.Query]) -> st.SearchStrategy[q.Query]:
    several = st.lists(parts, min_size=1, max_size=4, unique_by=repr)
    boosts = st.sampled_from([1.0, 2.0, 0.5])
    kinds = st.sampled_from([q.And, q.Or])
    joined = st.builds(lambda kind, own, boost: kind(own, boost=boost), kinds, several, boosts)
    paired = st.builds(lambda kind, a, b: kind(a, b), st.sampled_from([q.AndNot, q.AndMaybe, q.Require]), parts, parts)
    return joined | paired | st.builds(q.Not, parts)


@given(st.lists(st.recursive(LEAVES, _compound, max_leaves=8), min_size=1, max_size=4, unique_by=repr))
def test_normalisation_changes_neither_hits_nor_scores(beijing: Archive, parts: list[q.Query]) -> None:
    view = View(latest(beijing.path), query_schema(), None)
    before = list(map(repr, parts))
    for made, plain, merged in (
        (disjunction(parts), q.Or(parts), _merged(q.Or, parts)),
        (conjunction(parts), q.And(parts), _merged(q.And, parts)),
        (scaled(parts[0], 4.0), q.And(parts[:1], boost=4.0), parts[:1]),
    ):
        ours, theirs = execute.execute(view, made), execute.execute(view, plain)
        assert ours.units.tolist() == theirs.units.tolist()
        # Duplicate parts count once.
        if len(set(map(repr, merged))) == len(merged):
            assert ours.scores.tolist() == pytest.approx(theirs.scores.tolist())
    assert list(map(repr, parts)) == before


def _merged(kind: type[q.And] | type[q.Or], parts: list[Any]) -> list[q.Query]:
    """The parts, with those of the same kind replaced by their own parts."""
    merged: list[q.Query] = []
    for part in parts:
        merged += [scaled(inner, part.boost) for inner in part.subqueries] if type(part) is kind else [part]
    return merged


def test_a_filter_without_a_query_finds_everything_that_passes_it() -> None:
    condition = q.Term("tag", "PHUM")
    assert both(None, None) == q.Every()
    assert both(condition, None) is condition
    assert both(None, condition) == q.And([q.Every(boost=0.0), q.ConstantScoreQuery(condition, 0.0)])


def test_reading_queries_loads_no_parser_of_whoosh() -> None:
    code = (
        "import sys\nfrom cablesearch.query import parse\nparse('a OR (b c)')\nprint('whoosh.qparser' in sys.modules)"
    )
    root = Path(__file__).parent.parent.parent
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert result.stdout == "False\n"
