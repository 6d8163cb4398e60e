"""The analysis of words, and the values that a query gives to fields."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.stem.snowball import EnglishStemmer

from cablesearch.schema import (
    fold,
    from_minutes,
    indexing_schema,
    parse_period,
    query_schema,
    split,
    stem,
    to_minutes,
    words_with_places,
)

anything = st.text(st.characters(codec=None, exclude_categories=())) | st.text(
    "abÉé'’-. U.S“‐\xad\udce9ß ﬁ", max_size=30
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("U.S. and US", ["us", "and", "us"]),
        ("the U.N.-led mission", ["the", "un", "unled", "led", "mission"]),
        ("China's “plan”", ["china", "plan"]),
        ("the ministers’ don’t", ["the", "ministers", "dont"]),
        ("counter-TIP", ["counter", "countertip", "tip"]),
        ("O'Donohue", ["o", "odonohue", "donohue"]),
        ("São Paulo, Asunción", ["sao", "paulo", "asuncion"]),
        ("1.4 (b) 2,500", ["1", "4", "b", "2", "500"]),
        ("a file_name", ["a", "file", "name"]),
        ("caf\udce9", ["cafe"]),
        ("co‐operate", ["co", "cooperate", "operate"]),
        ("e.g. Amb. Smith", ["eg", "amb", "smith"]),
        ("", []),
    ],
)
def test_words_are_folded_and_found_whole_and_in_parts(text: str, words: list[str]) -> None:
    assert split(text)[0] == words


def test_a_joined_word_stands_beside_its_first_part() -> None:
    assert split("a counter-TIP plan") == (["a", "counter", "countertip", "tip", "plan"], [0, 1, 1, 2, 3])
    assert split("a counter-TIP plan", True) == (["a", "counter", "tip", "plan"], [0, 1, 2, 3])


@given(anything)
def test_no_letter_or_digit_is_lost(text: str) -> None:
    parts = split(text, True)[0]
    letters = "".join(char for char in fold(text) if char.isalnum())
    kept = "".join(parts)
    # Only the s of a possessive is dropped.
    assert len(kept) <= len(letters) <= len(kept) + text.casefold().count("s") + sum("s" in fold(char) for char in text)


@given(anything)
def test_analysis_is_settled_after_one_pass(text: str) -> None:
    words = split(text, True)[0]
    assert [word for one in words for word in split(one, True)[0]] == words
    assert fold(fold(text)) == fold(text)


@given(anything)
def test_words_are_marked_where_they_are_indexed(text: str) -> None:
    words, places = split(text)
    marked = words_with_places(text)
    assert [word for word, *_ in marked] == words
    assert [place for _, place, _, _ in marked] == (places or list(range(len(words))))
    assert all(0 <= start < end <= len(text) for _, _, start, end in marked)


@given(st.text(st.characters(categories=["Ll", "Nd"]), max_size=20))
def test_queries_and_the_index_stem_alike(word: str) -> None:
    assert stem(fold(word)) == EnglishStemmer().stem(fold(word))


@pytest.mark.parametrize("name", ["text", "exact", "subject", "heading", "envelope"])
def test_the_schemas_for_indexing_and_for_queries_analyse_alike(name: str) -> None:
    text = "The U.S. negotiators' counter-proposals were rejected by China's ministries"
    one, other = (
        [(token.text, token.pos) for token in schema[name].tokenize(text, positions=True)]
        for schema in (query_schema(), indexing_schema())
    )
    assert one == other


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2009", "2009-01-01T00:00", "2009-12-31T23:59"),
        ("2008-02", "2008-02-01T00:00", "2008-02-29T23:59"),
        ("2009-11-20", "2009-11-20T00:00", "2009-11-20T23:59"),
        ("2009-11-20T14:05Z", "2009-11-20T14:05", "2009-11-20T14:05"),
    ],
)
def test_a_period_runs_from_its_first_to_its_last_minute(text: str, first: str, last: str) -> None:
    assert [from_minutes(end).strftime("%Y-%m-%dT%H:%M") for end in parse_period(text)] == [first, last]


@pytest.mark.parametrize("text", ["2009-13", "2009-02-29", "09", "yesterday", "2009-11-20T25:00", "0000", ""])
def test_an_impossible_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="2009"):
        parse_period(text)


@given(st.datetimes(timezones=st.just(dt.timezone.utc)))
def test_minutes_are_moments(moment: dt.datetime) -> None:
    moment = moment.replace(second=0, microsecond=0)
    assert from_minutes(to_minutes(moment)) == moment
