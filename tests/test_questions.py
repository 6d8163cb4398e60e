"""Questions in plain words: their words are looked for, and nothing in them has the meaning of a query."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from whoosh import query as q

from cablesearch import plain_query
from cablesearch.archive import Archive
from cablesearch.query import OPERATORS, parse
from cablesearch.query.fields import is_text
from cablesearch.text.analysis import split


@pytest.mark.parametrize(
    ("question", "query"),
    [
        ("Did China ratify the UN Palermo Protocol?", "China ratify UN Palermo Protocol"),
        ("What did Italy say about counter-TIP efforts?", 'Italy say "counter-TIP" efforts'),
        ("What was the U.S. position in May 1936?", '"U.S." position May 1936'),
        ("What did the WHO tell us?", "WHO tell us"),
        ("Who are they?", "Who are they"),
        ("May I?", "May I"),
        ("rain AND snow NOT sun OR fog", 'rain "AND" snow "NOT" sun "OR" fog'),
        ("tag:PHUM since:2009 (a* [b TO c]", "tag PHUM 2009 b TO c"),
        ('He said "we agree', "said agree"),
        ("10BEIJING30 ¶4", "10BEIJING30 4"),
        ("rain rain, rain", "rain"),
        ("大使は北京", "大使 使は は北 北京"),
        ("京 rain", "京 rain"),
        ("Łódź’s mayor", '"Łódź’s" mayor'),
        ("¿?", ""),
        ("", ""),
    ],
)
def test_a_question_becomes_its_words(question: str, query: str) -> None:
    assert plain_query(question) == query


@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from(
            [*OPERATORS, "NOT", "NEAR/3", "tag:", "rain", "the", "-x", '"', "“", "(", ")", "[", "TO", "a*"]
        ),
        max_size=9,
    ).map(" ".join)
)
@example("a\u00adb \u200b c")
@example("ｔａｇ：ｘ")
@example("rain~2 snow^3")
@example("¼f")
def test_any_text_is_a_query_of_words_alone(text: str) -> None:
    query = plain_query(text)
    assert bool(query) == bool(split(text)[0])
    if query:
        tree = parse(query)
        assert not any(isinstance(leaf, q.Every) for leaf in tree.leaves())
        assert all(is_text(leaf.field()) for leaf in tree.leaves())
        assert {*split(query)[0]} <= {*split(text)[0]}


def test_the_paragraphs_with_the_most_words_of_a_question_come_first(beijing: Archive) -> None:
    results = beijing.search(plain_query("Will China cooperate on trafficking victims?"), match="any", limit=None)
    assert results.total > 3
    assert "victim" in results[0].text
    with pytest.raises(TypeError, match="text must be a string"):
        plain_query(7)  # type: ignore[arg-type]
