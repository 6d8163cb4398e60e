"""Queries of which any word may match, and the words and values that a query is written with."""

from __future__ import annotations

import pytest
from whoosh import query as q

from cablesearch.query import AnyWord, has_optional_values, parse
from cablesearch.query.written import WrittenValue, written_values, written_words


def any_of(text: str) -> str:
    """A query of which any word may match; every word with ``common`` in it is common."""
    return str(parse(text, beside=AnyWord(lambda part: "common" in str(part))))


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("text:a text:b", "(text:a OR text:b)"),
        ("text:a text:b -text:c", "((text:a OR text:b) AND NOT text:c)"),
        ("text:a tag:PHUM text:b *", "((text:a OR text:b) AND tag:PHUM AND None:*)"),
        ("tag:(PHUM PREL)", "(tag:PHUM AND tag:PREL)"),
        ("text:a tag:PHUM", "(text:a AND tag:PHUM)"),
        ("text:a AND text:b text:c", "((text:a AND text:b) OR text:c)"),
        ("text:a OR text:b text:c", "(text:a OR text:b OR text:c)"),
        ("text:(a b) subject:c", "(text:a OR text:b OR subject:c)"),
        ("text:x -(text:a text:b)", "(text:x AND NOT (text:a AND text:b))"),
        ("text:x ANDNOT (text:a text:b)", "(text:x ANDNOT (text:a AND text:b))"),
    ],
)
def test_words_without_an_operator_between_them_are_alternatives(text: str, meaning: str) -> None:
    assert any_of(text) == meaning


def test_common_words_only_add_to_the_score() -> None:
    assert any_of("text:common text:a text:b") == "((text:a OR text:b) ANDMAYBE text:common)"
    assert any_of("text:common subject:common") == "(text:common OR subject:common)"


def test_each_part_is_used_once() -> None:
    nested = "(text:common (text:a " * 20 + "text:b" + "))" * 20
    tree = parse(nested, beside=AnyWord(lambda part: str(part) == "text:common"))
    assert len(list(tree.leaves())) <= 41


def test_an_alternative_needs_two_words() -> None:
    for text in ("text:a", "text:a -text:b", "-text:a -text:b", "text:a OR text:b", "text:a tag:PHUM"):
        beside = AnyWord()
        assert repr(parse(text, beside=beside)) == repr(parse(text))
        assert not beside.has_choice
    beside = AnyWord(lambda part: True)
    assert repr(parse("china labor", beside=beside)) == repr(parse("china OR labor"))
    assert beside.has_choice
    assert not beside.has_rare


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('tag:PHUM chna -labor "a b" x* AND trde', [("chna", None), ("a", None), ("b", None), ("trde", None)]),
        ("subject:(foo -bar^2) OR NOT zip", [("foo", "subject")]),
        ("a && b || !c ＡＮＤ d", [("a", None), ("b", None), ("d", None)]),
        ("a ANDNOT zap -(b c) (d e)", [("a", None), ("d", None), ("e", None)]),
        ('"cease-fyre now"~3 zorb^2 fuz~1 fuz~ wh?t what?', [("cease", None), ("fyre", None), ("now", None),
                                                           ("zorb", None), ("what", None)]),
        ("name:Évain text:[a to b] date:2009 SÃO", [("evain", "name"), ("sao", None)]),
    ],
)  # fmt: skip
def test_the_words_that_a_hit_may_contain(text: str, words: list[tuple[str, str | None]]) -> None:
    listed = list(written_words(text))
    assert [(word.word, word.field) for word in listed] == words
    assert all(text[word.start : word.end].isalpha() for word in listed)


def test_the_values_of_a_query() -> None:
    text = "missing:tag tag:* missing:(subject) origin:tokyo china date:[2009 to 2010] SUBJECT:x -id:10A1^2"
    text += ' tag:(PHUM OR "CLINTON, HILLARY")'
    assert list(written_values(text)) == [
        WrittenValue("origin", "tokyo"),
        WrittenValue("id", "10A1"),
        WrittenValue("tag", "PHUM"),
        WrittenValue("tag", "CLINTON, HILLARY"),
    ]


@pytest.mark.parametrize(
    ("text", "optional"),
    [
        ("china tag:PHUM", False),
        ("china OR labor tag:PHUM", True),
        ("-tag:PHUM china", True),
        ("china ANDNOT tag:PHUM", True),
        ("china ANDMAYBE tag:PHUM", True),
        ("tag:PHUM REQUIRE china", False),
        ("(china OR labor) origin:beijing id:10BEIJING0030", False),
        ("china OR date:2009 OR *", False),
    ],
)
def test_values_that_a_hit_may_lack(text: str, optional: bool) -> None:
    assert has_optional_values(parse(text)) == optional
    assert has_optional_values(q.And([q.Every(), q.ConstantScoreQuery(parse(text), 0.0)])) == optional
