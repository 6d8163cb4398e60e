"""A marking that a person can read is heeded, in every form and place."""

from __future__ import annotations

import json

import pytest

from cablesearch.cable import Cable, Classification, Clearance, Level
from cablesearch.readers import parse_cable
from cablesearch.readers.json_lines import parse_line

OPENING = "E.O. 12958: N/A\nTAGS: PREL\n"


def cable(paragraphs: str, subject: str = "SUBJECT: RAIN", banner: str = "CONFIDENTIAL PALERMO 000001") -> Cable:
    return parse_cable("", f"{banner}\n\n{OPENING}{subject}\n\n{paragraphs}\n", cable_id="10PALERMO1")


def seen(made: Cable, clearance: str) -> str:
    view = made.view(Clearance.parse(clearance))
    return repr(view) if view else ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C-NF", "CONFIDENTIAL//NOFORN"),
        ("C NF", "CONFIDENTIAL//NOFORN"),
        ("C-REL LIBYA", "CONFIDENTIAL//REL TO LIBYA"),
        ("C-ORCON", "CONFIDENTIAL//ORCON"),
        ("C - ENTIRE TEXT/NF", "CONFIDENTIAL//NOFORN"),
        ("s-nf", "SECRET//NOFORN"),
        ("S\n/ NF", "SECRET//NOFORN"),
        ("S\u200b/NF", "SECRET//NOFORN"),
        ("\uff08\uff33\uff0f\uff2e\uff26\uff09", "SECRET//NOFORN"),
        ("S E C R E T N O F O R N", "SECRET//NOFORN"),
        ("SE CRET // NO FORN", "SECRET//NOFORN"),
        ("S//REL TO USA, GBR/OC", "SECRET//ORCON/REL TO USA GBR"),
        ("C EYES ONLY", "CONFIDENTIAL//EYES ONLY"),
        ("C - XYZ 7", "CONFIDENTIAL//XYZ 7"),
    ],
)
def test_controls_are_read_in_every_spelling(text: str, expected: str) -> None:
    assert str(Classification.parse(text)) == expected


@pytest.mark.parametrize("text", ["U.S.", "C-130", "U-boat", "S&T", "C. SMITH", "See below", "C'est"])
def test_words_that_start_like_a_level_are_no_markings(text: str) -> None:
    assert Classification.parse(text) is None


@pytest.mark.parametrize(
    "banner",
    [
        "CONFIDENTIAL/NF PALERMO 000001",
        "CONFIDENTIAL PALERMO 000001\n\nNO FORN",
        "C O N F I D E N T I A L N O F O R N PALERMO 000001",
    ],
)
def test_controls_of_a_banner_are_read(banner: str) -> None:
    assert str(cable("1. Rain.", banner=banner).classification) == "CONFIDENTIAL//NOFORN"


def test_countries_of_a_banner_are_read_without_the_post() -> None:
    made = cable("1. Rain.", banner="SECRET//REL TO USA, GBR PALERMO 000001")
    assert str(made.classification) == "SECRET//REL TO USA GBR"


@pytest.mark.parametrize(
    "paragraphs",
    [
        "2. (S) A source met the\n\nQuartz And Oil\n\n3. (U) Rain.",
        "2. (S) He named these:\n\nQuartz And Oil\n\n3. (U) Rain.",
        "2. (S) It ended.\nQuartz And Oil\n3. (U) Rain.",
        "2. (U) Rain.\n\nThe Long Heading Of The Ministry Of The Trade\n(S) Quartz\n-----\n\n3. (U) Rain.",
        "2. (U) Rain.\n\n(S) QUARTZ\n-----\n\nThe Lower\n-----\n\n3. (U) Rain.",
        *(f"2. (U) Rain.\n{title}\nquartz was met." for title in ("NOTE (TS):", "BACKGROUND (S)", "Para 2 (S)")),
        "2. (U) Rain.\n\n(S) Quartz was met:\n3. (U) So was quartz.\n\n4. (U) Rain.",
        "2. (U) Rain. (S/REL Quartz was met.",
        "2. (C/NOFORN Quartz was met.",
        "2. S//NF) Quartz was met.",
        "2. S//NF Quartz was met.",
        "2. (C-REL LIBYA) Quartz was met.",
        "(S)\n2. Quartz was met.",
        "2. (U) Rain. END U. (S) Quartz was met.",
        "2. Quartz was met. (S)",
        "2. (U) rain. (s) quartz was met.",
        "2. (S) It rained. QUARTZ",
    ],
)
def test_what_stands_under_a_marking_is_hidden(paragraphs: str) -> None:
    made = cable(f"1. (U) Rain.\n\n{paragraphs}")
    assert "quartz" in repr(made).lower()
    for clearance in ("UNCLASSIFIED", "CONFIDENTIAL//ORCON"):
        assert "quartz" not in seen(made, clearance).lower()


def test_a_marked_text_before_the_first_paragraph_is_a_paragraph() -> None:
    made = cable("(S) Quartz met.\n\n1. (U) Rain.")
    assert [(one.marking, one.text) for one in made.paragraphs] == [("S", "Quartz met."), ("U", "Rain.")]


@pytest.mark.parametrize(
    "subject",
    [
        "SUBJECT: (U) A VISIT; (S) QUARTZ",
        "SUBJECT: QUARTZ (S)",
        "SUBJECT (S): QUARTZ",
        "(S) SUBJECT: QUARTZ",
        "SUBJECT: (T O P S E C R E T) QUARTZ",
        "SUBJECT: (S-NF) QUARTZ",
        "SUBJECT: (S NF) QUARTZ",
        "SUBJECT: A VISIT OF THE MINISTER OF TRADE AND OF\n(S) QUARTZ",
    ],
)
def test_a_subject_is_covered_by_each_of_its_markings(subject: str) -> None:
    made = cable("1. (U) Rain.", subject)
    assert "QUARTZ" in repr(made)
    assert "QUARTZ" not in seen(made, "CONFIDENTIAL")


def test_a_plain_heading_stays_one() -> None:
    made = cable("1. (S) It rained.\n\nNext Steps\n\n2. (U) Rain.")
    assert (made.paragraphs[1].section, made.paragraphs[1].classification.level) == ("Next Steps", Level.UNCLASSIFIED)


def test_a_marking_of_the_entire_text_holds_for_what_has_none() -> None:
    made = cable("1. (C - ENTIRE TEXT/NF) Rain.\n\n2. More rain.\n\n3. (U) Sun.")
    assert [str(one.classification) for one in made.paragraphs] == ["CONFIDENTIAL//NOFORN"] * 2 + ["UNCLASSIFIED"]


@pytest.mark.parametrize(
    "paragraph",
    [
        {"marking": "S-NF", "text": "x"},
        {"classification": "SECRET//NOFORN", "controls": [], "text": "x"},
        {"marking": "S/NF", "classification": "U", "text": "x"},
        {"text": "Rain. (S/NF) x"},
    ],
)
def test_what_a_line_of_json_gives_never_lowers_what_it_says(paragraph: dict[str, object]) -> None:
    entry = {"id": "10A1", "classification": "UNCLASSIFIED", "paragraphs": [paragraph]}
    assert str(parse_line((json.dumps(entry),)).paragraphs[0].classification) == "SECRET//NOFORN"


def test_a_body_with_a_marked_part_that_is_in_no_paragraph_is_shown_only_to_those_who_may_read_it() -> None:
    entry = {"id": "10A1", "classification": "U", "paragraphs": [{"text": "Rain."}], "body": "Rain.\n(S) Quartz."}
    made = parse_line((json.dumps(entry),))
    assert "Quartz" not in seen(made, "CONFIDENTIAL")
    assert "Quartz" in seen(made, "SECRET")


@pytest.mark.parametrize("marking", ["(S/NF/O\nC)", "(S/NF\nOC)", "(S/NF/ORC\nON)", "(S/\nNF/\nOC)"])
def test_a_marking_above_its_paragraph_may_be_wrapped(marking: str) -> None:
    cable = parse_cable(
        "", f"CONFIDENTIAL\n\nSUBJECT: X\n\n1. (U) Oil.\n\n{marking}\n2. Talks.\n\n3. (U) Trade.", cable_id="09A1"
    )
    assert str(cable.paragraphs[1].classification) == "SECRET//NOFORN/ORCON"
