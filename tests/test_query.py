"""The query language: valid queries, and errors that point at the place."""

from __future__ import annotations

import contextlib
import pickle
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh import query as q

from cablesearch.errors import QueryError
from cablesearch.query import FIELDS, OPERATORS, Bounds, filters, parse
from cablesearch.schema.field_types import parse_period
from cablesearch.schema.index_fields import query_schema


def test_words_are_joined_by_and_over_text_subject_and_heading() -> None:
    tree: Any = parse("labor Trafficking")
    assert type(tree).__name__ == "And"
    assert [[(leaf.fieldname, leaf.text, leaf.boost) for leaf in word] for word in tree] == [
        [("text", "labor", 1.0), ("subject", "labor", 1.5), ("heading", "labor", 1.0)],
        [("text", "traffick", 1.0), ("subject", "traffick", 1.5), ("heading", "traffick", 1.0)],
    ]


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("text:labor OR text:trade", "(text:labor OR text:trade)"),
        ("text:labor -text:trade", "(text:labor AND NOT text:trade)"),
        ("text:labor NOT text:trade", "(text:labor AND NOT text:trade)"),
        ("-text:labor", "NOT text:labor"),
        ("+text:labor", "text:labor"),
        ("text:(labor OR trade) tag:phum", "((text:labor OR text:trade) AND tag:PHUM)"),
        ("-(text:a text:b)", "NOT (text:a AND text:b)"),
        ('text:"labor trafficking"', 'text:"labor traffick"'),
        ("text:“labor trafficking”", 'text:"labor traffick"'),
        ('text:"labor trafficking"~5', 'text:"labor traffick"'),
        ("text:co-operate", 'DisMax(text:"co oper" text:cooper)'),
        ("text:U.S.", "text:us"),
        ("text:negotiat*", "exact:negotiat*"),
        ("subject:wom?n", "subject_exact:wom?n"),
        ("text:Karzay~1", "exact:karzay~"),
        ("text:Karzay~2", "exact:karzay~2"),
        ("exact:Negotiating", "exact:negotiating"),
        ("tag:phum", "tag:PHUM"),
        ('tag:"clinton,  hillary"', "tag:CLINTON, HILLARY"),
        ("tag:K*", "tag:K*"),
        ("class:SECRET", "class:[3 TO 3]"),
        ("class:>=CONFIDENTIAL", "class:[2 TO ]"),
        ("classification:<S", "class:[ TO 3}"),
        ("class:sbu..secret", "class:[1 TO 3]"),
        ("class:SECRET//NOFORN", "(class:[3 TO 3] AND control:NOFORN)"),
        ('class:"top secret"', "class:[4 TO 4]"),
        ("control:nf", "control:NOFORN"),
        ("marking:(c/nf)", "marking:C/NF"),
        ("id:10beijing30", "id:10BEIJING30"),
        ("id:10beijing030", "DisMax(id:10BEIJING030 id:10BEIJING30)"),
        ("id:10BEI*", "id:10BEI*"),
        ("ref:09STATE1234", "ref:09STATE1234"),
        ("number:2..5", "number:[2 TO 5]"),
        ("text:[a to b]", "exact:[a TO b]"),
        ("text:labor ANDNOT text:trade", "(text:labor ANDNOT text:trade)"),
        ("text:labor ANDMAYBE text:trade", "(text:labor ANDMAYBE text:trade)"),
        ("text:a ANDNOT text:b ANDNOT text:c", "(text:a ANDNOT (text:b OR text:c))"),
        ("text:a ANDMAYBE text:b ANDMAYBE text:c", "(text:a ANDMAYBE (text:b OR text:c))"),
        ("text:a REQUIRE text:b REQUIRE text:c", "(text:a REQUIRE (text:b AND text:c))"),
        ("(text:a ANDNOT text:b) ANDNOT text:c", "((text:a ANDNOT text:b) ANDNOT text:c)"),
        ("text:labor & text:trade", "(text:labor AND text:trade)"),
        ("text:labor AND NOT text:trade", "(text:labor AND NOT text:trade)"),
    ],
)
def test_queries_parse_to_the_expected_trees(text: str, tree: str) -> None:
    assert str(parse(text)) == tree


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("date:2009", "2009", "2009"),
        ("date:2009-11..2010-02", "2009-11", "2010-02"),
        ("date:[2009 to 2010]", "2009", "2010"),
        ("date:[2009 TO 2010]", "2009", "2010"),
        ("date:2009-11..", "2009-11", None),
        ("date:..2009-11", None, "2009-11"),
        ("date:>=2009", "2009", None),
        ("date:<=2009-11-20", None, "2009-11-20"),
    ],
)
def test_dates_are_periods(text: str, first: str | None, last: str | None) -> None:
    tree = parse(text)
    assert isinstance(tree, q.NumericRange)
    assert (tree.start, tree.end) == (
        parse_period(first)[0] if first else None,
        parse_period(last)[1] if last else None,
    )


def test_a_range_after_a_date_begins_with_the_next_minute() -> None:
    tree = parse("date:>2009")
    assert isinstance(tree, q.NumericRange)
    assert tree.startexcl
    assert tree.start == parse_period("2009")[1]


def test_boosts_apply_to_the_part_before_them() -> None:
    tree: Any = parse('text:china^2 OR text:"labor trade"^3 OR text:trade')
    assert [leaf.boost for leaf in tree] == [2.0, 3.0, 1.0]
    tree = parse("china^2 OR labor")
    assert [leaf.boost for leaf in tree] == [2.0, 3.0, 2.0, 1.0, 1.5, 1.0]


@pytest.mark.parametrize(
    ("text", "position", "reason"),
    [
        ('china "labor trafficking', 6, "not closed"),
        ("(china", 0, "not closed"),
        ("china)", 5, "unmatched closing bracket"),
        ("china ()", 6, "nothing in these brackets"),
        ("contry:china", 0, "unknown field"),
        ("china date:2009-13", 11, "2009-13 is not in the calendar"),
        ("china date:[2010 to 2009]", 11, "before it begins"),
        ("date:soon", 5, "not a date"),
        ("class:HIGH", 6, "not a level"),
        ("tag:", 4, "followed by nothing"),
        ("china AND", 6, "followed by nothing"),
        ("OR china", 0, "nothing before"),
        ("china OR AND labor", 6, "followed by nothing"),
        ("NOT", 0, "followed by nothing"),
        ("china^much", 5, "boost"),
        ("karzay~7", 6, "1 or 2 letters"),
        ('"labor"~x', 7, "number"),
        ('"labor traff*"', 12, "wildcards"),
        ('""', 1, "no word"),
        ("china [a to b]", 6, "needs a field"),
        ("number:x", 7, "whole number"),
        ("& -", 0, "the query is empty"),
    ],
)
def test_errors_point_at_the_place(text: str, position: int, reason: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert caught.value.position == position
    assert reason in caught.value.reason
    assert caught.value.advice
    assert "^" in str(caught.value).splitlines()[2]
    # A pool of processes pickles the error.
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_blank_query_has_no_place_to_point_at() -> None:
    with pytest.raises(QueryError) as caught:
        parse("   ")
    assert str(caught.value).splitlines() == ["the query is empty", caught.value.advice]


def test_near_phrases_limit_the_distance() -> None:
    tree: Any = parse('text:"labor trafficking"~5 OR text:"labor trade"')
    assert [phrase.slop for phrase in tree] == [5, 1]


def test_an_unknown_field_gets_a_suggestion() -> None:
    with pytest.raises(QueryError, match="Did you mean origin:"):
        parse("orign:beijing")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a " * 3000, "1,000 words"),
        ('"' + "a " * 1001 + '"', "1,000 words"),
        ("-".join(["ab"] * 1001), "1,000 words"),
        ("text:(" + "don't-go " * 501 + ")", "1,000 words"),
        ('tag:"' + "a " * 400 + '" ' + "b " * 601, "1,000 words"),
        ("\ufdfa " * 251, "1,000 words"),
        (" ".join(f'"cease-fire up-to-date cease-fire"~{number}' for number in range(1, 50)), "2,000 spellings"),
        ("x" * 255 * 70 + " a" * 931, "1,000 words"),
        ("a" * 30_000, "20,000 characters"),
        ("\ufdfb" * 2_600, "20,000 characters"),
        ("\u3300 " * 5_000, "20,000 characters"),
        ("(" * 60 + "a" + ")" * 60, "brackets"),
        ("-(a OR " * 34 + "b" + ")" * 34, "100 deep"),
        ("(a b OR " * 34 + "c" + ")" * 34, "100 deep"),
        ("(a ANDMAYBE b REQUIRE c ANDNOT " * 26 + "d" + ")" * 26, "100 deep"),
        ("(" * 11 + "quartz" + ")^9999" * 11, "boosts multiply"),
        ("((china^101 OR labor)^100 trade)", "boosts multiply"),
        ('text:("a b"^3 x)^3334', "boosts multiply"),
        ("(tag:PHUM^101)^100", "boosts multiply"),
        ("((a^0.01)^0.01)^0.01", "boosts multiply"),
        ("((a^9999)^9999)^0", "boosts multiply"),
        (f"{'a' * 61}~", "60 letters"),
        (f"{'a' * 101}*", "100 letters"),
        (f"tag:{'a' * 101}*", "100 letters"),
        (f"origin:{'a' * 101}", "100 letters"),
        (f"marking:{'a' * 1001}", "1,000 characters"),
        (f"date:[{' ' * 1000}to 2010]", "1,000 characters"),
        (f"text:[{' ' * 1000}to 2010]", "1,000 characters"),
    ],
)
def test_products_of_sizes_are_rejected_with_place_and_reason(text: str, reason: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert reason in caught.value.reason
    assert 0 <= caught.value.position <= len(text)
    assert len(str(caught.value)) < 1_000


@pytest.mark.parametrize(
    "text",
    [
        " ".join(["a"] * 1000),
        '"' + "a " * 1000 + '"',
        "\ufdfa " * 250,
        "(" * 50 + "a" + ")" * 50,
        "-(a OR " * 33 + "b" + ")" * 33,
        "(china^100 OR labor)^100",
        "((a^0.01)^0.01 b^9999)",
        "((a^0)^9999)^9999",
        f"{'a' * 60}~2 {'a' * 99}*",
    ],
)
def test_queries_within_the_bounds_are_parsed(text: str) -> None:
    parse(text)


def test_options_count_towards_the_bounds_of_the_query() -> None:
    rejected: list[dict[str, Any]] = [
        {"tags": ["PREL"] * 1001},
        {"origins": ["beijing"] * 10_000},
        {"origins": ["a*"] * 51},
        {"classifications": ["C" * 30_000]},
        {"since": "2" * 30_000},
    ]
    for options in rejected:
        with pytest.raises(QueryError):
            filters(**options)
    together: list[tuple[dict[str, Any], str]] = [
        ({"tags": ["PREL"] * 600}, "a " * 401),
        ({"origins": ["a*"] * 30}, "a* " * 21),
        ({"tags": ["x" * 900] * 20}, "a" * 2_001),
    ]
    for options, text in together:
        bounds = Bounds()
        filters(**options, bounds=bounds)
        with pytest.raises(QueryError):
            parse(text, bounds=bounds)


def _measured(text: str) -> int:
    """Return how much deeper the stack becomes while a query is read."""
    depth = deepest = 0

    def watch(frame: object, event: str, argument: object) -> None:
        nonlocal depth, deepest
        depth += {"call": 1, "return": -1}.get(event, 0)
        deepest = max(deepest, depth)

    sys.setprofile(watch)
    try:
        parse(text)
    finally:
        sys.setprofile(None)
    return deepest


@pytest.mark.parametrize(
    "lead",
    ["(", "(b OR ", "-(b OR ", "(a OR b AND NOT ", "(a AND b AND NOT ", "(c OR b AND d ANDMAYBE -", "NOT (a REQUIRE "],
)
def test_the_deepest_queries_leave_room_on_the_stack(lead: str) -> None:
    for number in range(50, 0, -1):
        deepest = lead * number + "a" + ")" * number
        with contextlib.suppress(QueryError):
            parse(deepest)
            break
    else:
        pytest.fail("nothing may nest")
    assert _measured(deepest) - _measured("a") < 400


@pytest.mark.parametrize("operator", OPERATORS)
def test_a_chain_of_operators_is_as_deep_as_a_pair(operator: str) -> None:
    long = f" {operator} ".join(["text:a"] * 500)
    assert _measured(long) == _measured(f"text:a {operator} text:b {operator} text:c")


@given(st.text() | st.text('abc:"()[]{}~^*?-+ ANDORNT\n.>=<2009tag', max_size=40))
def test_any_text_is_parsed_or_rejected(text: str) -> None:
    try:
        tree = parse(text)
    except QueryError:
        return
    assert tree is not q.NullQuery
    assert {leaf.field() for leaf in tree.leaves() if leaf.field()} <= set(query_schema().names())


@given(st.lists(st.sampled_from(["china", '"a b"', "tag:PHUM", "(x OR y)", "date:2009", "neg*"]), min_size=1))
def test_all_operands_are_kept(parts: list[str]) -> None:
    tree = parse(" ".join(parts))
    alone = [parse(part) for part in dict.fromkeys(parts)]
    wanted = {str(leaf) for item in alone for leaf in item.leaves()}
    assert {str(leaf) for leaf in tree.leaves()} == wanted


def test_every_field_name_leads_to_a_field() -> None:
    assert set(FIELDS.values()) <= set(query_schema().names())


def test_filters_select_cables_and_paragraphs() -> None:
    tree = filters(tags=["phum", "prel"], origins=["beijing", "cairo"], since="2009", until="2010-02")
    assert isinstance(tree, q.And)
    assert [type(item).__name__ for item in tree] == ["Term", "Term", "Or", "NumericRange"]
    assert filters() is None


@pytest.mark.parametrize(
    "options", [{"since": "2009-13"}, {"classifications": ["HIGH"]}, {"since": "2010", "until": "2009"}]
)
def test_invalid_options_are_rejected(options: dict[str, object]) -> None:
    with pytest.raises(QueryError):
        filters(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize("operator", OPERATORS)
def test_long_and_deep_queries_take_linear_time(operator: str) -> None:
    parse(f" {operator} ".join(["text:a"] * 300))
    parse(f" {operator} ".join(["text:a"] * 500))
    parse(f"(b {operator} " * 40 + "a" + ")" * 40)


@pytest.mark.parametrize("run", ["a", "a.", ".a", "a'"])
def test_long_runs_in_quotes_take_linear_time(run: str) -> None:
    parse(f'"{run * (19_000 // len(run))}"')


def test_a_long_run_with_wildcards_in_quotes_is_rejected_in_linear_time() -> None:
    with pytest.raises(QueryError, match="wildcards do not work inside quotes"):
        parse(f'"{"a?" * 9_000}a"')


@pytest.mark.parametrize(
    "text", ["origin:e*b*c*d*q", " ".join(["a*"] * 51), 'tag:[x" OR visibility:SECRET "]', "class:<=S//NOFORN"]
)
def test_expensive_and_ambiguous_queries_are_rejected(text: str) -> None:
    with pytest.raises(QueryError):
        parse(text)


def test_consecutive_stars_in_the_name_of_a_post_are_one_star() -> None:
    assert str(parse('origin:"e*************************q"')) == str(parse("origin:e*q"))


@pytest.mark.parametrize("length", [99, 100, 101, 255])
def test_words_can_have_any_length(length: int) -> None:
    word = "ab" * (length // 2) + "c" * (length % 2)
    assert parse(f"exact:{word}") == q.Term("exact", word)
    assert parse(f"-exact:{word}^2") == q.Not(q.Term("exact", word, boost=2.0))
    assert str(parse(word)) == str(parse("abc")).replace("abc", word)


def test_a_longer_word_is_a_phrase_of_its_pieces() -> None:
    word = "ab" * 300
    assert parse(f"exact:{word}") == parse(f'exact:"{word[:255]} {word[255:510]} {word[510:]}"')
    ways = parse(f"exact:{word[:200]}-{word[200:]}")
    assert parse(f'exact:"{word[:200]} {word[200:455]} {word[455:]}"') in ways.children()
    assert parse(f"exact:{word}") in ways.children()
    with pytest.raises(QueryError):
        parse(f"{word}~")


@pytest.mark.parametrize("operator", ["ANDNOT", "ANDMAYBE", "REQUIRE"])
def test_not_can_follow_any_operator(operator: str) -> None:
    for excluded, plain in (
        ("NOT text:b", "text:b"),
        ("-text:b", "text:b"),
        ("NOT (text:b text:c)", "(text:b AND text:c)"),
    ):
        tree = parse(f"text:a {operator} {excluded} OR text:d")
        assert str(tree) == f"((text:a {operator} NOT {plain}) OR text:d)"
