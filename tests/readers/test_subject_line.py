"""The SUBJECT line: label, extent, markings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.readers.telegram.opening.subject_line import SubjectLine, find_subject, subject

WORDS = st.lists(
    st.sampled_from(["TALKS", "ON", "TRADE", "WITH", "THE", "MINISTER,", "SLOWLY", "(AGAIN)?"]), min_size=1
)
# Text made of what openings are made of, which reaches more of the code than random characters do.
SCRAPS = st.lists(
    st.sampled_from(
        [
            "SUBJECT:",
            "Subject",
            "TAGS: PREL",
            "REF: A. ",
            "(S) ",
            "1. (C) ",
            "\n",
            "\n \n",
            "\\\n",
            " ",
            "E.O. 12958",
            "Classified By:",
            "PAGE 02 ",
            "ROME 00001234  002 OF 003",
            "-----",
            "&#8217;",
            "&#0;",
            "\ud800",
            "\x85",
            "x",
        ]
    )
).map("".join)


@pytest.mark.parametrize(
    "label",
    [
        "SUBJECT: ",
        "SUBJECT:",
        "Subject: ",
        "SUBJ: ",
        "UBJECT: ",
        "SUBJECT ",
        "subject : ",
        "SUBJECT:\n\n",
        "SUBJET: ",
        "E.O. 12958: N/A TAGS: PREL, TU SUBJECT: ",
        "TAGS: PREL, TUSUBJECT: ",
        "SUBJECT: SUBJECT: ",
        "SUBJECT LINE: ",
    ],
)
def test_the_label_has_many_forms(label: str) -> None:
    assert subject(f"SIPDIS\n\n{label}TALKS ON TRADE\n\nREF: ROME 12") == "TALKS ON TRADE"


@pytest.mark.parametrize(
    "end",
    [
        "\n\nTHE MINISTER SPOKE",
        "\n \\\nTHE MINISTER",
        "\nREF: ROME 12",
        " REF: ROME 12",
        "REF: A. ROME 12",
        " Ref(s): A) X",
        "\nREFTEL ROME 12",
        " (REF: ROME 12)",
        " REF A. ROME 12 B. ROME 13",
        " REF ROME 1234",
        "\nClassified By: X",
        "Classified By: DCM X",
        " CLASSIFIED BY: X",
        "\n(U) Classified by X",
        " Sensitive but unclassified",
        "\n1. (C) We",
        " 1. (C) We",
        "\n1.(SBU) We",
        "\n1. Summary: We",
        "\n¶1. (C) We",
        "\n2. Classified by X",
        "\nSummary",
        "\nSUMMARY:",
        "\nROME 00000954  001.2 OF 004",
        " ROME 00000954 001.2 OF 004",
        " PORT AU PR 00002230 001.2 OF 002",
        "\n-------",
        "\nPAGE 02 ROME 01059",
        "      UNCLASSIFIED    PAGE 02        ROME  01059  01 OF 04  281501Z",
        "\nSENSITIVE",
        "\nThis is an Action request. See para 2.",
        "\nC O N F I D E N T I A L ROME 1",
        " C O N F I D E N T I A L",
        "\nSIPDIS",
        "\nE.O. 12958: N/A",
        "\nTAGS: PREL",
        "\n(C) Summary: We",
        "\n(CONFIDENTIAL - ENTIRE TEXT)",
    ],
)
def test_the_subject_ends_where_other_text_begins(end: str) -> None:
    assert subject(f"TAGS: PREL\nSUBJECT: TALKS ON TRADE{end}") == "TALKS ON TRADE"


@pytest.mark.parametrize(
    "words",
    [
        "REFUGEES AND REFORM",
        "RESPONSE TO REF A",
        "HANDLING OF CLASSIFIED PAPERS",
        "UNCLASSIFIED BY MISTAKE",
        "NEWS ON PAGE 10 TODAY",
        "TALKS, APRIL 24- 26, 2004",
        "FORUM: 2.5 MILLION (MORE OR LESS)",
        "THIS IS NEW",
        "REFERENDUM DAY",
    ],
)
def test_words_that_only_look_like_an_end_stay(words: str) -> None:
    assert subject(f"SUBJECT: {words}\n\n1. (C) We") == words


def test_lines_are_joined_and_blanks_collapsed() -> None:
    assert (
        subject("SUBJECT:  TALKS  ON \\\n  TRADE\r\nAND US- \nGERMAN TIES\n\n") == "TALKS ON TRADE AND US-GERMAN TIES"
    )


def test_a_last_word_that_is_a_level_stays_when_it_was_wrapped() -> None:
    long = "SUBJECT: WE ASSUME THAT YOU UNDERSTAND THIS TO BE STRICTLY"
    assert subject(f"{long}\nCONFIDENTIAL\n\n").endswith("STRICTLY CONFIDENTIAL")
    assert subject("SUBJECT: TALKS\nCONFIDENTIAL\n\n") == "TALKS"


def test_decimal_entities_are_decoded_when_they_are_characters() -> None:
    assert subject("SUBJECT: EGYPT&#8217;S &#8220;YES&#8221; &#55296;&#9999999;") == "EGYPT’S “YES” &#55296;&#9999999;"


@pytest.mark.parametrize(
    ("whole", "cleaned"),
    [
        ("(S/NF) A SHIPMENT", "A SHIPMENT"),
        ("(CORRECTED COPY) A SHIPMENT", "A SHIPMENT"),
        ("A SHIPMENT (SBU)", "A SHIPMENT"),
        ("A SHIPMENT (Iceland)", "A SHIPMENT (Iceland)"),
        ("THE WEEK (JUL 30 - JUL 31)", "THE WEEK (JUL 30 - JUL 31)"),
        (r"A \SHIPMENT", "A SHIPMENT"),
    ],
)
def test_cleaning_drops_marks_at_both_ends_and_backslashes(whole: str, cleaned: str) -> None:
    assert subject(f"SUBJECT: {whole}\n") == whole
    assert subject(f"SUBJECT: {whole}\n", clean=True) == cleaned


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SUBJECT:",
        "SUBJECT:\n\nREF: ROME 12\n",
        "SUBJECT: \n\n1. (C) We",
        "1. (C) Talks.\n\nSUBJECT: NOT THIS ONE\n",
        "C O R R E C T E D COPY (SUBJECT LINE)\n",
        "SUBJECT TO CHANGE\n\n",
        "E.O. 12958: N/A\n" + "x" * 2000 + "\nSUBJECT: NO",
    ],
)
def test_there_may_be_none(text: str) -> None:
    assert subject(text) == ""
    assert find_subject(text) is None


def test_a_banner_that_names_the_subject_line_is_no_label() -> None:
    assert subject("C O R R E C T E D  COPY - SUBJECT: CHANGED\n\nSUBJ: TALKS\n") == "TALKS"


def test_a_first_paragraph_that_only_classifies_does_not_close_the_opening() -> None:
    assert subject("1. (U) CLASSIFIED BY DCM X\nE.O. 12958\nSUBJECT: TALKS\n\n2. (C) We") == "TALKS"


def test_long_captions_do_not_hide_a_subject_behind_the_tags() -> None:
    assert subject("DEPT FOR EUR\n" * 200 + "TAGS: PREL\nSUBJECT: TALKS\n\nno paragraphs") == "TALKS"


@pytest.mark.parametrize(
    ("line", "text", "marking"),
    [
        ("(C/NF) TALKS", "TALKS", "C/NF"),
        ("(s) talks", "talks", "s"),
        ("(SBU)TALKS", "TALKS", "SBU"),
        ("U) TALKS", "TALKS", "U"),
        ("(Iceland) TALKS", "(Iceland) TALKS", None),
        ("TALKS (C)", "TALKS (C)", None),
    ],
)
def test_the_leading_marking_is_told_apart(line: str, text: str, marking: str | None) -> None:
    before = "TAGS: PREL\n"
    source = f"{before}SUBJECT: {line}\n\n1. We"
    assert find_subject(source) == SubjectLine(text, marking, len(before), len(before) + len("SUBJECT: ") + len(line))


@given(WORDS)
def test_what_is_found_is_what_was_written(words: list[str]) -> None:
    line = " ".join(words)
    assert subject(f"TAGS: PREL\nSUBJECT: {line}\n\n1. (C) We") == line


@given(st.text() | SCRAPS)
def test_any_text_can_be_read_and_the_span_lies_in_it(text: str) -> None:
    for source in (text, "SUBJECT: " + text):
        found = find_subject(source)
        assert (found is None) == (subject(source) == "")
        if found:
            assert 0 <= found.start < found.end <= len(source)
            assert source[found.start : found.end] == source[found.start : found.end].strip()
            assert subject(source).endswith(found.text)
            assert "\n" not in found.text


@pytest.mark.parametrize(
    "scrap", ["SUBJECT ", "SUBJECT: ", "REF: ", "(", "1. (C ", "\n", " ", "Classified By: ", "C O N ", "0"]
)
def test_a_megabyte_of_fragments_is_read_in_no_time(scrap: str) -> None:
    for start in ("", "SUBJECT: "):
        found = find_subject(start + scrap * (1_000_000 // len(scrap)))
        assert found is None or found.end < 20_000


def test_a_subject_may_speak_of_the_message() -> None:
    text = "TAGS: PREL\nSUBJECT: THIS TELEGRAM WAS IMMEDIATELY COMMUNICATED TO\nTHE FOREIGN OFFICE\n\n1. (U) Text."
    assert subject(text) == "THIS TELEGRAM WAS IMMEDIATELY COMMUNICATED TO THE FOREIGN OFFICE"
    assert subject("SUBJECT: TALKS\nThis is an action request.\n\n1. (U) Text.") == "TALKS"


BREAKS = [
    "\n CONFIDENTIAL\nPAGE 02 OSLO 06712 01 OF 03 141400Z ",
    "\nCONFIDENTIAL\nPAGE 02        OSLO  06712  01 OF 03  141400Z  ",
    "\nPAGE 02 OSLO 06712 141400Z ",
    " CONFIDENTIAL PAGE 02 OSLO 06712 01 OF 03 141400Z ",
    "\nOSLO 00006712  001.2 OF 003 ",
    "\nOSLO 00006712  001.2 OF 003\n",
    " \\\nOSLO 00006712  001.2 OF 003 \\\n",
    "\n\n                  CONFIDENTIAL\n\nPAGE 02        OSLO  06712  01 OF 03  141400Z\n\n\nSIPDIS\n\n",
]


@pytest.mark.parametrize("page_break", BREAKS)
@pytest.mark.parametrize("end", ["\nREFTEL: OSLO 1\n1. (C) We", "\n\nClassified By: Doe\n", "\n\n1. (C) We"])
def test_a_subject_goes_on_behind_a_page_break(page_break: str, end: str) -> None:
    text = f"TAGS: NO\nSUBJECT: SHIPOWNERS FALL OUT OVER{page_break}THE HERRING QUOTA{end}"
    assert subject(text) == "SHIPOWNERS FALL OUT OVER THE HERRING QUOTA"


@pytest.mark.parametrize("page_break", BREAKS)
@pytest.mark.parametrize("end", ["", "REFTEL: OSLO 1\n1. (C) We", "1. (C) We talked", "Classified By: Doe", "TAGS: NO"])
def test_a_subject_ends_at_a_page_break_before_other_text(page_break: str, end: str) -> None:
    assert subject(f"SUBJECT: SHIPOWNERS FALL OUT{page_break}{end}") == "SHIPOWNERS FALL OUT"


def test_the_text_behind_a_page_break_is_not_the_subject() -> None:
    text = "SUBJECT: BOATS\n\nPAGE 02 OSLO 06712 141400Z\n\nThe minister laughed.\n\n2. (C) We"
    assert subject(text) == "BOATS"


@pytest.mark.parametrize("label", ["USBJ", "XIBJ", "SBUJ", "SUBK", "SUJ"])
def test_a_short_label_may_be_mistyped(label: str) -> None:
    assert subject(f"TAGS: NO\n{label}: BOATS\n\nREF: OSLO 1\n") == "BOATS"


def test_a_heading_below_a_subject_ends_it() -> None:
    assert subject("SUBJ: TRAINING OF CLERKS\nHIGHLY RECOMMENDED:\nNAME: ANN WHITTEY\n") == "TRAINING OF CLERKS"
