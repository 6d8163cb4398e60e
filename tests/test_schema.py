"""The fields of an archive, and the values that queries give for them."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.schema.field_types import _Named, from_minutes, parse_period, to_minutes
from cablesearch.schema.index_fields import indexing_schema, query_schema


@pytest.mark.parametrize("name", ["text", "exact", "subject", "heading", "envelope"])
def test_the_schemas_for_indexing_and_for_queries_analyse_alike(name: str) -> None:
    text = "The U.S. negotiators' counter-proposals were rejected by China's ministries"
    result, other = (
        [(token.text, token.pos) for token in schema[name].tokenize(text, positions=True)]
        for schema in (query_schema(), indexing_schema())
    )
    assert result == other


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
def test_an_impossible_period_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match="2009"):
        parse_period(text)


@given(st.datetimes(timezones=st.just(dt.timezone.utc)))
def test_minutes_are_moments(moment: dt.datetime) -> None:
    moment = moment.replace(second=0, microsecond=0)
    assert from_minutes(to_minutes(moment)) == moment


def named(pattern: str, name: str) -> bool:
    """Return whether a query names a post, by a plain regular expression: its letters with anything but letters between
    them, from the beginning of a word to the end of one."""
    wild = {"*": r"\w*", "?": r"\w"}
    body = r"\W*".join(wild.get(char, char) for char in pattern)
    return re.search(rf"(?<!\w){body}(?!\w)", name) is not None


@given(st.text("ab*?", min_size=1, max_size=6), st.text("ab- _", max_size=9))
def test_the_name_of_a_post_is_found_from_word_to_word(pattern: str, name: str) -> None:
    pattern = re.sub(r"\*+", "*", pattern)
    assert _Named(pattern).test(name) == named(pattern, name)


def test_long_names_of_posts_are_read_in_linear_time() -> None:
    assert not _Named("*a*a*ab").test("a" * 200_000)
    assert _Named("*a*a*ab").test("a" * 200_000 + "b")
    assert not _Named("*a*a*ab").test("ab c " * 40_000 + "c" * 40_000)
    assert _Named("bogota").test("Embassy Bogot\u00e1")
