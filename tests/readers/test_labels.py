"""Paragraph labels are told from lines that only begin with a number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.classification import leading
from cablesearch.classification.classification import Classification
from cablesearch.classification.leading import leading_marking, opening_marking
from cablesearch.readers.telegram.body.labels import paragraph_labels
from cablesearch.text.lookalikes import legible


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


WORDS = ("TS", "SBU", "NF", "NOFORN", "SECRET", "Secret", "ENTIRE TEXT", "REL TO USA", "x" * 30)
PIECES = st.sampled_from([*"()[]{}/-.,: \nCSUabT19\u2013\u017f", *WORDS])


@given(st.sampled_from(["", "(", "[", "{", " (", "( "]), st.lists(PIECES, max_size=14).map("".join))
def test_usual_brackets_are_read_as_by_the_full_pattern(opening: str, rest: str) -> None:
    text = opening + rest
    whole = leading._LEADING().match(text)
    marking = whole and whole[whole.lastindex or 1].strip()
    read = Classification.parse(marking) if marking else None
    assert leading_marking(text, 0) == ((marking, whole.end()) if whole and read else None)
    # A single C may be that of a copyright, and letters that only look Latin are read as Latin first.
    if opening in ("(", "[", "{") and marking not in ("C", "c") and legible(text) == text:
        assert opening_marking(text) == read


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


TWO = "1. IT RAINED.\n\n2. THE MINISTER OPENED THREE BRIDGES ON\nMONDAY.\n\n"


@pytest.mark.parametrize(
    "heading",
    [
        "-------------\nTHE FERRYMEN\n-------------\n",
        "COMMENT\n-------\n",
        "=======\nCOMMENT\n=======\n",
        "COMMENT\n",
        "COMMENT:\n",
        "A. THE FERRYMEN\n---------------\n",
        "B. THE POLICE: WHAT THEY DID AND WHY\n",
        "-----------------------\nTHE FERRYMEN AND THEIR\nLONG OARS OF THE NORTH\n-----------------------\n",
        "What Comes Next\n",
        "POLICE\n- - - -\n",
        "",
    ],
)
def test_a_number_right_under_a_heading_is_a_label(heading: str) -> None:
    body = f"{TWO}{heading}3. THE FERRYMEN MARCHED.\n\n4. THE POLICE KEPT AWAY.\n"
    assert [label.number for label in paragraph_labels(body)] == [1, 2, 3, 4]


@pytest.mark.parametrize("close", ["3. IT ENDED.\n4. IT BEGAN.\n", "3. A TABLE (25)\n   4.  THE CITY\n\n5. THE END.\n"])
def test_a_number_without_a_blank_line_is_a_label_where_no_list_counts_up_to_it(close: str) -> None:
    numbers = [label.number for label in paragraph_labels(TWO + close)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 4


def test_a_list_that_counts_up_to_the_next_number_has_no_labels() -> None:
    body = TWO + "3. THREE DEMANDS:\n1. MORE OARS.\n2. LESS ICE.\n3. MORE BREAD.\n4. NO TAX.\n\n4. THE END."
    assert [label.number for label in paragraph_labels(body)] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "text",
    [
        "ON DECEMBER 12 THE FERRYMEN\nMARCHED.",
        "IN MARCH 1979\nTHEY MARCHED.",
        "OSLO 12 FERRYMEN\nMARCHED.",
        "UN RESOLUTION 242 WAS\nREAD.",
        "PARIS 14 JULY\nWAS FINE.",
        "GENEVA 1234\nREPORTED IT.",
        "AS OF JULY 4\nALL IS QUIET.",
        "ARTICLE 5, THE\nTREATY.",
        "ROUTE 66\nIS CLOSED.",
    ],
)
def test_a_paragraph_may_begin_with_capitals_and_a_number(text: str) -> None:
    assert [label.number for label in paragraph_labels(f"{TWO}3. {text}\n\n4. THE END.")] == [1, 2, 3, 4]


def test_entries_of_the_references_are_no_labels() -> None:
    body = "REFS:\n1. STATE 72599\n2. 08 LA PAZ 12 (NOTAL)\n\n1. IT RAINED.\n\n2. IT ENDED."
    assert [label.start for label in paragraph_labels(body)] == [body.index("1. IT"), body.index("2. IT")]


@pytest.mark.parametrize("own", ["1. WHEN", "1. WHEN.\n\n2. THEN", "1. (C) WHEN"])
def test_the_paragraphs_before_an_appended_cable_are_labelled(own: str) -> None:
    body = f"SUBJECT: KING\n\n{own} THE KING...\n\nS E C R E T OSLO 211\nSUBJECT: NETS\n1. (S) Nets.\n2. (S) Gone.\n"
    numbers = [label.number for label in paragraph_labels("\n" + body)]
    assert numbers == [*range(1, own.count("\n\n") + 2), 1, 2]
