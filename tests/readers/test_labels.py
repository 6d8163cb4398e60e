"""Paragraph labels are told from lines that only begin with a number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.classification.classification import Classification
from cablesearch.classification.leading import leading_marking
from cablesearch.readers.telegram.body.labels import paragraph_labels


def labels(text: str) -> list[tuple[int | None, str | None]]:
    return [(one.number, one.marking) for one in paragraph_labels(text)]


def test_numbers_and_markings_are_read() -> None:
    text = "\n1. (C) One.\n\n2.  (SBU)  Two.\n\n3.(C/NF) Three.\n\n4. Four.\n\n¶5. (S//NF) Five."
    assert labels(text) == [(1, "C"), (2, "SBU"), (3, "C/NF"), (4, None), (5, "S//NF")]


@pytest.mark.parametrize(
    ("label", "marking"),
    [
        ("1. C) ", "C"),
        ("1. SBU/N) ", "SBU/N"),
        ("1 (C) ", "C"),
        ("1) (C) ", "C"),
        ("1. [U] ", "U"),
        ("1. ( C ) ", "C"),
        ("1. (C - ENTIRE TEXT) ", "C - ENTIRE TEXT"),
        ("1. (C/REL LIBYA) ", "C/REL LIBYA"),
        ("1. (S-NF) ", "S-NF"),
        ("1. (U.S.) ", None),
        ("1. (See below) ", None),
    ],
)
def test_damaged_labels_are_read(label: str, marking: str | None) -> None:
    assert labels(f"\n{label}Text.") == [(1, marking)]


def test_a_marking_with_a_loose_control_is_read_with_it() -> None:
    assert str(Classification.parse("S-NF")) == "SECRET//NOFORN"
    assert str(Classification.parse("C NF")) == "CONFIDENTIAL//NOFORN"
    assert Classification.parse("a") is None


def test_a_pilcrow_damaged_to_a_one_is_seen_by_the_sequence() -> None:
    text = "\n11. (C) One.\n\n12. (SBU) Two.\n\n13. (C) Three.\n\n¶4. (C) Four.\n\n" + "".join(
        f"{number}. (C) More.\n\n" for number in range(5, 13)
    )
    assert [number for number, _ in labels(text)] == list(range(1, 13))


def test_a_line_that_goes_on_with_a_sentence_is_no_label() -> None:
    text = "\n1. (C) It came on March\n2. The king left in\n2003. He was angry.\n\n2. (C) Then."
    assert labels(text) == [(1, "C"), (2, "C")]


def test_a_list_inside_a_marked_paragraph_is_part_of_it() -> None:
    text = "\n1. (C) Points:\n\n1. A\n\n2. B\n\n3. C\n\n2. (C) Then.\n\n3. (C) End."
    assert labels(text) == [(1, "C"), (2, "C"), (3, "C")]


def test_a_list_inside_an_unmarked_paragraph_is_part_of_it() -> None:
    text = "\n1. Points:\n\n1. A\n\n2. B\n\n3. C\n\n2. Then.\n\n3. End."
    assert [number for number, _ in labels(text)] == [1, 2, 3]


def test_numbering_may_start_again() -> None:
    text = "\n1. One.\n\n2. Two.\n\nANNEX\n\n1. One.\n\n2. Two.\n\n3. Three."
    assert [number for number, _ in labels(text)] == [1, 2, 1, 2, 3]


def test_numbers_may_be_missing() -> None:
    assert [number for number, _ in labels("\n1. One.\n\n3. Three.\n\n4. Four.")] == [1, 3, 4]


def test_labels_inside_a_line_are_found_by_their_marking() -> None:
    text = "Reason 1.4 (b). 1. (C) One, see para 2. (C) hm. 2.(SBU) Two. 3. (U) Three."
    assert labels(text) == [(1, "C"), (2, "SBU"), (3, "U")]


def test_unmarked_labels_inside_a_line_are_found_in_sequence() -> None:
    assert labels("Ends. 1. One. 2. Two. 3. Three.") == [(1, None), (2, None), (3, None)]


def test_numbered_references_are_no_paragraphs() -> None:
    assert labels("\n1. STATE 12345\n2. PARIS 333 (NOTAL)\n\n1. (C) Text.") == [(1, "C")]


def test_the_text_starts_after_the_label() -> None:
    text = "x\n ¶1. (C) Text."
    (label,) = paragraph_labels(text)
    assert text[label.start : label.text_start] == "¶1. (C)"


def test_a_marking_without_a_number_is_read() -> None:
    assert leading_marking("(SBU) Text", 0) == ("SBU", 5)
    assert leading_marking("(a) Text", 0) is None


@given(st.text(alphabet="123. ()CU\n¶A:") | st.text())
def test_labels_of_any_text_are_in_order(text: str) -> None:
    places = [place for one in paragraph_labels(text) for place in (one.start, one.text_start)]
    assert places == sorted(places)


@given(st.integers(1, 99), st.sampled_from([None, "C", "SBU", "S//NF"]))
def test_regular_labels_are_all_found(count: int, marking: str | None) -> None:
    mark = f"({marking}) " if marking else ""
    text = "".join(f"\n\n{number}. {mark}Text that ends." for number in range(1, count + 1))
    assert labels(text) == [(number, marking) for number in range(1, count + 1)]


def test_inside_a_line_numbers_may_be_damaged_or_lost() -> None:
    prose = " It rained all day long." * 50
    text = f"Ends. 11. (C) One.{prose} 12. (U) Two.{prose} ¶3. (C) Three.{prose} 5. (C) Five.{prose}"
    assert labels(text) == [(1, "C"), (2, "U"), (3, "C"), (5, "C")]


def test_a_pilcrow_belongs_to_a_label_only_when_nothing_stands_between() -> None:
    text = "\n1. (C) First ¶1C\n2. (C) Second.\n¶ 3. (C) Third."
    assert [text[label.start : label.text_start] for label in paragraph_labels(text)] == [
        "1. (C)",
        "2. (C)",
        "¶ 3. (C)",
    ]


def test_numbers_go_on_behind_a_marked_point_without_a_blank_line() -> None:
    text = "1. (U) One.\n2. (C) Two.\n1) (C) a point.\n3. Three.\n4. (U) Four."
    assert [label.number for label in paragraph_labels(text)] == [1, 2, 1, 3, 4]
