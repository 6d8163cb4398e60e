"""Headings are told from the ends of paragraphs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.readers.telegram.body.headings import ends_sentence, heading_before, is_ruler


def heading(text: str) -> str | None:
    found = heading_before(text, 0, len(text))
    return found.text if found else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It ended.\n\nNext Steps\n\n", "Next Steps"),
        ("It ended.\n\nNext Steps\n----------\n\n", "Next Steps"),
        ("It ended.\nNEXT STEPS\n----------\n", "NEXT STEPS"),
        ("It ended.\nNext Steps\n", "Next Steps"),
        ("It ended.\n\n=====\nThe end of it.\n=====\n\n", "The end of it."),
        ("It ended.\n\n-----\nTHE LONG WAY OF THE MINISTER HOME FROM\nPARIS\n-----\n\n", None),
        ("It ended.\n\n------- SUMMARY -------\n\n", "SUMMARY"),
        ("- one\n- two\n\nWhat Next?\n\n", "What Next?"),
        ("It ended.\n\nComment:\n\n", "Comment:"),
    ],
)
def test_headings_stand_alone(text: str, expected: str | None) -> None:
    assert heading(text) == (expected or "THE LONG WAY OF THE MINISTER HOME FROM PARIS")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "It ended.\n\n",
        "a sentence that goes on without\nany end\n\n",
        "It was cut\n\nand goes on here\n\n",
        "It ended.\n\n- a point\n\n",
        "It ended. See (12 Rep.\n999.)\n\n",
        "It ended.\n\nClassified By: Ambassador X\n\n",
        "It ended.\n\nCONFIDENTIAL\n\n",
        "It ended.\n\nThe minister then said the following:\n\n",
    ],
)
def test_other_text_is_no_heading(text: str) -> None:
    assert heading(text) is None


def test_a_heading_over_two_lines_is_joined() -> None:
    text = "It ended.\n\nA Long Heading That Goes on to the Next Line With\nIts Last Words\n\n"
    assert heading(text) == "A Long Heading That Goes on to the Next Line With Its Last Words"


def test_the_rulers_belong_to_the_heading() -> None:
    text = "It ended.\n\n-----\nNext\n-----\n\n"
    found = heading_before(text, 0, len(text))
    assert found is not None
    assert found.ruled
    assert text[found.start : found.end] == "-----\nNext\n-----"


def test_rulers() -> None:
    assert is_ruler("-----")
    assert is_ruler(" - - - ")
    assert is_ruler("‐‐‐‐")
    assert not is_ruler("--")
    assert not is_ruler("a---")


def test_sentences_may_end_in_quotes_and_brackets() -> None:
    assert ends_sentence('he "could do better." ')
    assert ends_sentence("(in 2010.)")
    assert not ends_sentence("in 2010")


@given(st.text(alphabet="Ab.\n -=:") | st.text(), st.booleans())
def test_a_heading_lies_in_its_stretch(text: str, opening: bool) -> None:
    found = heading_before(text, 0, len(text), opening=opening)
    if found:
        assert 0 <= found.start < found.end <= len(text)
        assert set(found.text.split()) <= set(text.split()) | {word.strip("-=") for word in text.split()} | set(
            found.text.split()
        )


def test_stars_apart_are_words_left_out() -> None:
    assert is_ruler("*****")
    assert is_ruler("- - -")
    assert not is_ruler("* * *")
    assert not is_ruler(". . . .")
