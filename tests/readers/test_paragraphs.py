"""A body is taken apart into opening, headings, paragraphs and closing, and no word is lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.cable import UNREADABLE, Classification, Level, Paragraph, collapsed
from cablesearch.readers.telegram.body.envelope import envelope
from cablesearch.readers.telegram.body.layout import lay_out
from cablesearch.readers.telegram.body.paragraphs import paragraphs
from cablesearch.text.lookalikes import legible, odd_characters

OPENING = """C O N F I D E N T I A L SECTION 01 OF 02 HARARE 003759

SIPDIS

E.O. 12958: DECL: 11/22/2012
TAGS: PGOV
SUBJECT: RAIN
REF: A. STATE 1234
     B. PARIS 22
Classified By: Ambassador X for reasons 1.4 (b)
and (d).
"""
PIECES = [
    OPENING,
    "\n\n1. (C) Summary: It rained.\n",
    "\n\n2. (SBU) It rained in\n2003. And on\n3. It ended.",
    "\n\nNext Steps\n----------\n",
    "\n\nNext Steps\n\n",
    "\nNext Steps\n",
    "\n\n3. text",
    "\n4.(S//NF) More",
    "¶5. (U) five",
    "\n\nPARIS 00000123  002.2 OF 004\n\n",
    " PARIS 00000123  002 OF 004 ",
    "\n\n  SECRET\n\nPAGE 02        HARARE  03759  01 OF 03  111533Z\n\nSECRET\nSIPDIS\n",
    "\n-----\n",
    "\n\n",
    "\n",
    " ",
    "word",
    "Glued",
    ".",
    "\n\nSMITH\n",
    "\n\nCONFIDENTIAL\n",
    "_x",
    "\u2028",
    "\x0c",
    "\u00a0",
]
BODIES = st.lists(st.sampled_from(PIECES), max_size=14).map("".join) | st.text()


def read(body: str, classification: Classification = UNREADABLE) -> tuple[Paragraph, ...]:
    return paragraphs(lay_out(body), classification)


def brief(body: str) -> list[tuple[int | None, str | None, str | None, str]]:
    return [(one.number, one.marking, one.section, one.text) for one in read(body)]


def test_a_real_cable_is_read_whole() -> None:
    text = Path("tests/data/10BEIJING30.txt").read_text(encoding="utf8")
    layout = lay_out(text[text.index("C O N F") :])
    found = paragraphs(layout)
    assert [one.number for one in found] == list(range(1, 11))
    assert [one.marking for one in found] == ["C", "SBU", "C", "SBU", "C", "C", "C", "C", "C", "C"]
    assert list(dict.fromkeys(one.section for one in found)) == [
        None,
        "China Ratifies Palermo",
        'China "Very Willing" to Cooperate with U.S. on TIP Issues',
        "Future Focus: Victim Protection and Assistance",
        "Comment: Positive Steps",
    ]
    assert "for offenses related to their trafficking" in found[2].text
    assert "capable of fully adhering to obligations" in found[4].text
    assert "Embassy contacts from three separate" in found[8].text
    assert found[9].text.endswith("cause for optimism.")
    assert layout.signers == ("GOLDBERG",)
    assert "BEIJING 00000030 002 OF 002" in envelope(layout)


def test_headings_stay_in_force_until_the_next() -> None:
    body = (
        OPENING + "\n1. (C) One.\n\nNext Steps\n----------\n\n2. (C) Two.\n\n3. (C) Three.\n\nComment\n\n4. (C) Four."
    )
    assert [section for _, _, section, _ in brief(body)] == [None, "Next Steps", "Next Steps", "Comment"]


def test_a_body_without_blank_lines_is_read_too() -> None:
    body = OPENING + "SUMMARY\n-------\n1. (C) It\nrained.\nNEXT STEPS\n----------\n2. (U) It\nended.\nSMITH\n"
    assert brief(body) == [(1, "C", "SUMMARY", "It rained."), (2, "U", "NEXT STEPS", "It ended.")]


def test_page_breaks_are_taken_out_and_the_sentence_rejoined() -> None:
    old = "\n\n  SECRET\n\nPAGE 02        HARARE  03759  01 OF 03  111533Z\n\nSECRET\nSIPDIS\n\n"
    for page_break in ["\n\nHARARE 00003759  002.2 OF 003\n\n\n", old]:
        assert brief(f"\n1. (C) It rained{page_break}all day.") == [(1, "C", None, "It rained all day.")]


def test_a_body_without_numbers_is_split_at_blank_lines() -> None:
    body = "UNCLAS BERN 000123\n\nTAGS: PGOV\nSUBJECT: RAIN\n\n(SBU) It rained.\n\n"
    body += "Next Steps\n----------\n\nIt ended\n\nlater on.\n\nSMITH"
    assert brief(body) == [
        (None, "SBU", None, "It rained."),
        (None, None, "Next Steps", "It ended later on."),
    ]


def test_prose_before_the_first_number_is_a_paragraph() -> None:
    prose = "SUMMARY: FOLLOWING THE RAIN IN TEHRAN THE PEOPLE WENT HOME WET AND UNHAPPY. END SUMMARY"
    body = f"REF: TEHRAN 4887\n\n{prose}\n\n1. IN THE WAKE OF THE RAIN IT WAS DRY."
    assert brief(body) == [(None, None, None, prose), (1, None, None, "IN THE WAKE OF THE RAIN IT WAS DRY.")]


def test_a_paragraph_without_a_readable_marking_has_the_cables_classification() -> None:
    secret = Classification(Level.SECRET, ("NOFORN",))
    found = read("\n1. One.\n\n2. (C) Two.\n\n3. (S-NF) Three.", secret)
    assert [str(one.classification) for one in found] == ["SECRET//NOFORN", "CONFIDENTIAL", "SECRET//NOFORN"]


def test_a_heading_without_a_paragraph_is_in_the_envelope() -> None:
    layout = lay_out("\n1. (C) One.\n\nTHE ECONOMY\n-----------\n\nInflation\n---------\n\n2. (C) Two.")
    assert [one.section for one in paragraphs(layout)] == [None, "Inflation"]
    assert envelope(layout) == "THE ECONOMY"


def test_the_opening_includes_a_first_paragraph_that_says_who_classified() -> None:
    body = "SUBJECT: RAIN\n\n1. (U) Classified By: Ambassador X. Reason 1.5 (b).\n\n2. (C) Rain."
    assert lay_out(body).opening.endswith("Reason 1.5 (b).")
    assert len(read(body)) == 2


def test_a_word_that_is_cut_is_in_the_envelope_as_a_whole() -> None:
    assert envelope(lay_out("SUBJECT: DON'T"), (9, 12)) == "SUBJECT:\nDON'T"
    assert envelope(lay_out("SUBJECT: RAIN.DOE"), (9, 14)) == "SUBJECT:\nDOE"


def test_the_envelope_leaves_out_the_subject() -> None:
    body = "SUBJECT: RAIN\n\n1. (C) It rained."
    assert envelope(lay_out(body), (9, 13)) == "SUBJECT:"


@given(BODIES, st.tuples(st.integers(0, 200), st.integers(0, 50)))
def test_every_word_is_somewhere(body: str, place: tuple[int, int]) -> None:
    subject = (min(place[0], len(body)), min(sum(place), len(body)))
    layout = lay_out(body)
    found = paragraphs(layout)
    unlabelled, done = [], 0
    for block in layout.blocks:
        unlabelled.append(body[done : block.label.start])
        done = block.label.text_start
    unlabelled.append(body[done:])
    kept = [one.text for one in found] + [one.section or "" for one in found]
    kept += [envelope(layout, subject), body[slice(*subject)]]
    # A stroke below the line parts words, as it does in an index.
    lost = set(re.findall(r"[^\W_]+", " ".join(unlabelled))) - set(re.findall(r"[^\W_]+", " ".join(kept)))
    assert not lost


@given(BODIES)
def test_places_are_in_order_and_hold_the_text(body: str) -> None:
    found = read(body)
    assert [one.position for one in found] == list(range(1, len(found) + 1))
    places = [place for one in found for place in (one.start, one.end)]
    assert places == sorted(places)
    for one in found:
        assert one.text == " ".join(one.text.split())
        assert set(re.findall(r"\w+", one.text)) <= set(re.findall(r"\w+", body[one.start : one.end]))


@given(BODIES)
def test_signers_stand_in_the_envelope(body: str) -> None:
    layout = lay_out(body)
    shown = " ".join(envelope(layout).split())
    assert all(name in shown for name in layout.signers)


@pytest.mark.parametrize(
    "fragment",
    [
        "\n1. (C",
        "1. (C) ",
        "\n1. ",
        "(",
        "\n",
        " ",
        "\n ",
        "PAGE 02 ",
        "0 OF 1",
        "CONFIDENTIAL\n",
        "-----\n",
        "A\n\n",
        "¶ 1.",
        "TAGS: ",
    ],
)
def test_very_many_fragments_are_read(fragment: str) -> None:
    layout = lay_out(fragment * 99_999)
    paragraphs(layout)
    envelope(layout)


SECRET, OWN = Classification(Level.SECRET), Classification(Level.UNCLASSIFIED)


@pytest.mark.parametrize(
    "part",
    [
        "\n  a. (S) a source told us.",
        "\n(1) (S) A source told us.",
        "\n-- (S/NF) a source told us.",
        "\n\n(S) A source told us.",
        " (S) A source told us.",
        ' He said "No." (S) A source told us.',
        "\n| (SECRET) A source told us.",
        "\n[S] A source told us.",
        "\n  o (S) a source told us.",
        *(f"\n{item} (S) a source told us." for item in ("·", "●", "§", "=>", "- -", "1.1", "#1", "a/", "(1)(a)")),
        *(f"\n{item} (S) a source told us." for item in ("2.a.", "viii.", "--a.", "(ii)", "A.")),
        "\n\n(S) a source told us.",
        " END SUMMARY (S) A source told us.",
        "\n-- (S//NOFORN; ORCON) a source told us.",
        "\n-- (S/\nNF) a source told us.",
        "\n-- (Secret) a source told us.",
    ],
)
def test_a_part_that_is_marked_higher_raises_its_paragraph(part: str) -> None:
    label = "1. (U)" if part.startswith(" (S)") else "1. (U) The press was met."
    first, second = paragraphs(lay_out(f"{label}{part}\n\n2. (U) The end."), OWN)
    assert first.classification.covers(SECRET)
    assert ("NOFORN" in first.classification.controls) == ("NF" in part or "NOFORN" in part)
    assert (first.marking, second.classification) == ("U", OWN)


def test_a_control_alone_is_a_marking_of_a_part() -> None:
    (one,) = paragraphs(lay_out("1. (U) Text.\n-- (NOFORN) a source told us."), OWN)
    assert one.classification == Classification(Level.UNCLASSIFIED, ("NOFORN",))


@pytest.mark.parametrize(
    "text",
    [
        "The minister (S) and others.",
        "Points: (A) trade; (B) ships; (C) The rest.",
        "Reasons 1.4 (B) and\n(C). More.",
        "The Party\n(S) and its heads.",
        "Secretary (USG) said. (UN) Talks. (XYZ) more.",
        "\n-- (U) a plain part.",
        "Telephones: (W) 202-647-0000; (C) 202-555-0000.",
        "\n(C) 2009 Reuters.",
        "Points: (a) trade; (b) ships; (C) The rest.",
        "Points: (R) Rome; (S) Sofia.",
        "A table:   x" + " " * 50 + "(S) and more.",
    ],
)
def test_what_is_no_marking_of_a_part_raises_nothing(text: str) -> None:
    (one,) = paragraphs(lay_out(f"1. (U) {text}"), OWN)
    assert one.classification == OWN


def test_a_heading_that_is_marked_higher_raises_what_stands_under_it() -> None:
    body = "1. (U) First.\n\n(C) COMMENT\n-----------\n\n2. (U) Second.\n\n3. (S) Third."
    found = paragraphs(lay_out(body), OWN)
    assert found[1].section == "(C) COMMENT"
    assert [one.classification.level.title for one in found] == ["UNCLASSIFIED", "CONFIDENTIAL", "SECRET"]


@pytest.mark.parametrize(
    "heading", ["BACKGROUN\ufeffD", "\u0421\u0415\u041a\u0420\u0415\u0422", "\uff21 PLAN", "ON\u200bE \u3010A\u3011"]
)
def test_a_heading_is_shown_as_it_was_written(heading: str) -> None:
    body = f"1. It rained.\n\n===\n{heading}\n---\n\n2. It ended."
    assert [paragraph.section for paragraph in paragraphs(lay_out(body))] == [None, heading]


def test_a_marking_in_a_heading_hides_however_it_is_written() -> None:
    body = "1. (U) It rained.\n\nBACKGROUND \uff08\uff33\uff09\n---\n\n2. (U) It ended."
    first, second = paragraphs(lay_out(body))
    assert (first.classification.level, second.classification.level) == (Level.UNCLASSIFIED, Level.SECRET)
    assert second.section == "BACKGROUND \uff08\uff33\uff09"


def test_signers_are_shown_as_they_were_written() -> None:
    layout = lay_out("1. Rain in R\uff4fme.\n\nGR\xc9GOIRE\n")
    assert layout.signers == ("GR\xc9GOIRE",)


@given(st.text("ab \n\t\x1f\x85\xa0\xad\u2003\u3000é", max_size=20))
def test_white_space_is_collapsed_as_the_words_between_it_say(text: str) -> None:
    assert collapsed(text) == " ".join(text.split())
    if text.replace("\n", " ").isprintable():
        assert collapsed(text, is_printable=True) == collapsed(text)


@given(st.text("S()/ \n\r\t\xad\u2003\uff08\u0405\u24c8\ud83d\udc80’é", max_size=20))
def test_a_text_is_as_legible_when_its_odd_characters_are_known(text: str) -> None:
    assert legible(text, odd_characters(text)) == legible(text)
