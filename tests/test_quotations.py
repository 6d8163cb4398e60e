"""Whether a text has a quotation, and where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.text.quotations import Found, find_quotation

TEXT = 'China voted  to ratify the "Palermo" Protocol, wrote Łódź ... and the co-op noted it. The end.'


@pytest.mark.parametrize(
    ("quotation", "found"),
    [
        ("China voted to ratify", "China voted  to ratify"),
        ("  voted\n to   ratify ", "voted  to ratify"),
        ('"Palermo" Protocol,', '"Palermo" Protocol,'),
        ('"voted to ratify"', "voted  to ratify"),
        ("“voted to ratify”", "voted  to ratify"),
        ("Łódź ... and", "Łódź ... and"),
        ("China … ratify", "China voted  to ratify"),
        ("China ... The end.", TEXT),
        ("wrote [...] co-op [ … ] it.", "wrote Łódź ... and the co-op noted it."),
        ("voted . . . Protocol", 'voted  to ratify the "Palermo" Protocol'),
        ("... voted to ratify ...", "voted  to ratify"),
    ],
)
def test_a_quotation_stands_word_for_word(quotation: str, found: str) -> None:
    start = TEXT.index(found)
    assert find_quotation(TEXT, quotation) == Found(True, start, start + len(found))


@pytest.mark.parametrize("quotation", ["china voted", "the “Palermo” protocol", "Lodz", "CO OP", "CHINA…END"])
def test_the_words_of_a_quotation_stand_in_another_spelling(quotation: str) -> None:
    assert find_quotation(TEXT, quotation) == Found(False)


@pytest.mark.parametrize(
    "quotation", ["", " ", "...", "“”", "China ratified", "hina voted", "the end China", "ratify … voted", "Proto"]
)
def test_what_does_not_stand_there_is_not_found(quotation: str) -> None:
    assert find_quotation(TEXT, quotation) is None


@given(st.text(alphabet="ab .…\"'", max_size=12), st.integers(0, 12), st.integers(0, 12))
def test_any_part_between_two_words_stands_in_its_text(text: str, first: int, last: int) -> None:
    part = text[first:last]
    edges = text[first - 1 : first + 1] if first else "", text[max(last - 1, 0) : last + 1]
    if any(map(str.isalnum, part)) and not any(len(edge) > 1 and edge.isalnum() for edge in edges):
        found = find_quotation(text, part)
        assert found
        assert found.is_exact
