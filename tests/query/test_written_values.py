"""Queries that programs write: values of fields, and conditions beside a query."""

from __future__ import annotations

import pytest

from cablesearch.query import parse
from cablesearch.query.written import value_text, with_condition


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("tag", "PHUM", "tag:PHUM"),
        ("country", "South Korea", 'country:"South Korea"'),
        ("control", "REL TO USA GBR", 'control:"REL TO USA GBR"'),
        ("marking", "C/NF", "marking:C/NF"),
        ("tag", 'A "B" C', None),
        ("tag", "K*", None),
    ],
)
def test_a_value_is_written_so_that_a_query_names_it(field: str, value: str, text: str | None) -> None:
    assert value_text(field, value) == text
    assert text is None or parse(text)


@pytest.mark.parametrize(
    ("query", "both"),
    [
        ("", "tag:PHUM"),
        ("*", "tag:PHUM"),
        ("china -japan", "china -japan tag:PHUM"),
        ("china OR japan", "(china OR japan) tag:PHUM"),
        ("china || japan", "(china || japan) tag:PHUM"),
        ('"china OR japan"', '"china OR japan" tag:PHUM'),
        ("china or japan", "china or japan tag:PHUM"),
    ],
)
def test_a_condition_beside_a_query_limits_all_of_it(query: str, both: str) -> None:
    assert with_condition(query, "tag:PHUM") == both
    assert query in ("", "*") or parse(both) == parse(f"({query}) tag:PHUM")
