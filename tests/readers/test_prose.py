"""Summaries are cut out and texts are cleaned."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.readers.telegram.prose import clean_content, summary


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1. (C) Summary: It rained. End summary.\n\n2. (C) More.", "It rained."),
        (
            "SUMMARY\n-------\n\n1. (C) It rained\nall day.\n\n2. (C) So what. END\nSUMMARY.",
            "It rained\nall day.\nSo what.",
        ),
        ("SUMMARY: IT RAINED.\nEND SUMMARY\n\n1. MORE", "IT RAINED."),
        ("1. (SBU) SUMMARY AND COMMENT: It rained. END SUMMARY AND COMMENT.", "It rained."),
        ("1. (C) Summary/Comment: It rained.\n\n2. (C) More.", "It rained."),
        ("1. (C) BEGIN SUMMARY. It rained. END SUMMARY.", "It rained."),
        ("REF: X Classified By: Y. 1. (C) Summary: It rained. End Summary. 2. (C) More.", "It rained."),
        ("Reason 1.4 (b)\n\n1. (C) It rained. END SUMMARY.", "It rained."),
        ("Summary =======\n\n1. (C) It rained.\n\n2. (C) More.", "It rained."),
        ("1. (C) Summary: It\nPARIS 00000123  002 OF 004\n\nrained. End Summary.", "It\nrained."),
        ("SUMMARY\n--------\n1. (C) It rained.\n========\nMORE\n========", "It rained."),
        ("1.(C) Summary: It rained. -------- The Quota --------\n\n2.(U) More.", "It rained."),
        ("1. (C) SUMMARY. IT\nRAINED. ========== THE ICE ==========\n\n2. (C) MORE.", "IT\nRAINED."),
        ("Summary -------- 1. (C) It rained. ***** The Quota ***** 2. (C) More.", "It rained."),
        ("1. (C) Summary: It -- all of it --- rained.\n\n2. (C) More.", "It -- all of it --- rained."),
        ("1. (C) Summary: It rained.\n2. (C) More.", "It rained."),
        ("REF: X 1. (C) Summary: It rained. 2. (SBU) More.", "It rained."),
        ("1. (C) Summary: It rained at\n2. It stopped.\n\n2. (C) More.", "It rained at\nIt stopped."),
        ("1. (C) SUMMARY (U): It rained. END SUMMARY.", "It rained."),
        ("1. (C) Summary. It rained. (End summary.)", "It rained."),
        ("1. (C) Summary. It rained.\n-- End summary. --", "It rained."),
        ("1. (C) Summary. It ------- rained. End summary.", "It rained."),
        ("In summary, it rained.", None),
        ("SUBJECT: SUMMARY OF RAIN\n\n1. (C) It rained.", None),
        ("", None),
    ],
)
def test_the_summary_is_what_its_labels_enclose(text: str, expected: str | None) -> None:
    assert summary(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1. (C) One\n2. SBU) Two\n3. Three\n¶4.(S//NF) Four\n", "One\nTwo\nThree\nFour\n"),
        ("1. (C) Summary and Comment: One. End Summary and Comment.\n", "One. \n"),
        ("Comment: One.  End Comment. \nTwo", "One.  \nTwo"),
        ("One\n-----\nTwo ==== ....", "One\n\nTwo  "),
        ("One...", "One..."),
        ("One\nPARIS 00000123  002.2 OF 004\n\nTwo", "One\nTwo"),
        ("SIPDIS\nOne SIPDIS", "\nOne SIPDIS"),
        ("AminXXXXXXXXXXXX and xxxx", "Amin and "),
        ("Exxon, Maxxam, XXI Century", "Exxon, Maxxam, XXI Century"),
        ("3.5 percent had no comment. Summary trials", "3.5 percent had no comment. Summary trials"),
    ],
)
def test_cleaning_takes_the_furniture_and_nothing_else(text: str, expected: str) -> None:
    assert clean_content(text) == expected


@given(st.text() | st.text(alphabet="SUMARYEND 1.()C\n-:"))
def test_any_text_has_a_summary_or_none(text: str) -> None:
    found = summary(text)
    assert found is None or (found and "\n\n" not in found)


@given(st.text(alphabet=st.characters(categories=["Ll"], exclude_characters="csx") | st.sampled_from(" ,\n")))
def test_plain_prose_is_clean(text: str) -> None:
    assert clean_content(text) == text


@pytest.mark.parametrize(
    "fragment", ["SUMMARY AND ", "END SUMMARY ", "1. (C ", "1. ", "\n1. (C) ", "(((", "x", " ", "\n", "A1 "]
)
def test_a_megabyte_of_fragments_is_read(fragment: str) -> None:
    text = fragment * (1_000_000 // len(fragment))
    summary(text)
    summary(f"1. (C) Summary: It {text} rained. End summary.")
    summary(f"1. (C) Summary: It {text} rained.")
    clean_content(text)
