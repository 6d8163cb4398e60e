"""A marking that a person can read is heeded, in every form and place."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.cable import Cable, Classification, Clearance, Level
from cablesearch.classification import covering as covering_module
from cablesearch.classification.classification import marking_of
from cablesearch.classification.covering import covering
from cablesearch.readers import parse_cable
from cablesearch.readers.formats.json_lines import parse_line
from cablesearch.readers.json_cables import dumps

OPENING = "E.O. 12958: N/A\nTAGS: PREL\n"


def cable(paragraphs: str, subject: str = "SUBJECT: RAIN", banner: str = "CONFIDENTIAL PALERMO 000001") -> Cable:
    return parse_cable("", f"{banner}\n\n{OPENING}{subject}\n\n{paragraphs}\n", cable_id="10PALERMO1")


def seen(made: Cable, clearance: str) -> str:
    view = made.view(Clearance.parse(clearance))
    return str(asdict(view)) if view else ""


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
    assert "quartz" in str(asdict(made)).lower()
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
    assert "QUARTZ" in str(asdict(made))
    assert "QUARTZ" not in seen(made, "CONFIDENTIAL")


LEVELS = (
    "S",
    "ts",
    "SBU",
    "Secret",
    "S E C R E T",
    "confidential",
    "TOP  SECRET",
    "fouo",
    "UNCLAS",
    "u",
    "\u017fecret",
)
PIECES = st.sampled_from([*LEVELS, *"()[]/-.,:; aT1\u2013\n", "NF", "//NOFORN", " - ", ": ", "U.S.", "Comment"])


@given(st.lists(PIECES, max_size=8).map("".join))
def test_a_title_that_is_passed_over_for_want_of_a_level_has_no_marking(title: str) -> None:
    read = covering_module._title_marking.__wrapped__  # type: ignore[attr-defined]
    with mock.patch.object(covering_module, "_LEVEL_IN_TITLE", return_value=re.compile("")):
        expected = read(title)
    assert read(title) == expected


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


OPEN = "UNCLAS PALERMO 000001"


def shown(paragraphs: str, subject: str = "SUBJECT: RAIN", clearance: str = "UNCLASSIFIED") -> bool:
    made = cable(f"1. (U) Rain fell today.\n\n{paragraphs}", subject, OPEN)
    assert "quartz" in str(asdict(made)).lower()
    return "quartz" in seen(made, clearance).lower()


@pytest.mark.parametrize("marking", ["S//NF", "TS", "S", "S/", "C/NF"])
@pytest.mark.parametrize(
    "paragraphs", ["2. (U) Rain. Quartz met. ({}\n\n3. (U) Sun.", "2. (U) Rain. Quartz met. ({}", "2. ({} Quartz met."]
)
def test_a_bracket_may_be_lost_at_the_very_end(marking: str, paragraphs: str) -> None:
    assert not shown(paragraphs.format(marking))
    assert not shown("2. (U) Rain.", f"SUBJECT: TALKS ON QUARTZ ({marking}")


FORMS = [
    *[
        "SNF",
        "CNF",
        "TSNF",
        "NATO SECRET",
        "NS",
        "NC",
        "NATO S",
        "COSMIC TOP SECRET",
        "CTS",
        "COSMIC",
        "//NATO SECRET",
        "//GBR S",
        "UK SECRET",
        "//NS",
    ],
    *[
        "CONF",
        "CONF.",
        "SECR",
        "SECERT",
        "SECRT",
        "SCERET",
        "SECRETT",
        "CONFIDENTAL",
        "CONFIDNETIAL",
        "SECR3T",
        "SECERT//NOFORN",
        "SFRD",
        "SRD",
        "CFRD",
    ],
    *[
        "T/S",
        "ENTIRE TEXT SECRET",
        "ENTIRE TEXT: C",
        "ALL SECRET",
        "CLASSIFIED SECRET",
        "CLASS: S",
        "CLASSIFIED",
        "noforn",
        "UFOUO",
    ],
    *[
        "S?",
        "S*",
        "S!",
        "-S-",
        "S-",
        "-S",
        ".S",
        "/S/",
        "S_NF",
        "S+NF",
        "S=NF",
        "/S/NF",
        "//S//NF",
        "S-1",
        "S1",
        "S_E_C_R_E_T",
    ],
    *[
        "S 1.4B",
        "S 1.5",
        "C 1.4 B,D",
        "C - 1.4",
        "S;1.4",
        "S, 1.4 (d)",
        "S/NF 1.4 (b) and (d)",
        "RESTRICTED",
        "OUO",
        "CUI",
        "SSI",
    ],
    *('"S"', "'S'", "\u201cS\u201d", "S\u00b7NF"),
]


@pytest.mark.parametrize("form", FORMS)
def test_a_marking_may_be_spelt_and_damaged_in_many_ways(form: str) -> None:
    assert marking_of(form)
    assert not shown(f"2. ({form}) Quartz met.")
    assert not shown(f"2. (U) Rain fell. ({form}) Quartz met.")
    assert not shown("2. (U) Rain.", f"SUBJECT: ({form}) QUARTZ")


@pytest.mark.parametrize("form", ["(R)", "(LES)", "<S>", "-S-", "/S/"])
def test_some_are_markings_only_behind_a_number(form: str) -> None:
    assert not shown(f"2. {form} Quartz met.")


@pytest.mark.parametrize(
    "text",
    [
        *("NATO", "UN", "U.S.", "C-130", "C-4", "U-2", "see para 3", "S&T", "S/CT", "S/CT BLACK", "C/DCM", "SECRETARY"),
        *("secret police", "Secret Service", "Confidential sources say", "secrets", "secretly", "TRADE UNION", "R-TX"),
        *("SEC", "USUN", "Les Verts", "classified", "S. Korea", "PARA 4", "ALL", "the UN"),
    ],
)
def test_what_only_looks_like_a_marking_is_none(text: str) -> None:
    assert marking_of(text) is None
    assert shown(f"2. ({text}) Quartz met.")


@pytest.mark.parametrize("nested", ["CLASSIFICATION: (", "ENTIRE TEXT ", "UK ", "S/", "(S ", "1.4 ", "TOP ", "C "])
def test_no_marking_is_too_deep(nested: str) -> None:
    marking_of(nested * 20_000)


@pytest.mark.parametrize(
    "paragraphs",
    [
        "SECRET NOFORN\n2. Quartz met.",
        "SECRET//NOFORN\n\n2. Quartz met.",
        "S//NF\n\nQuartz met.",
        "S//NF 2. Quartz met.",
        "BEGIN SECRET\n\n2. Rain.\n\n3. (U) Quartz met.\n\nEND SECRET",
        "----- BEGIN SECRET TEXT -----\n2. Quartz met.\n----- END SECRET TEXT -----",
        "2. (U) [BEGIN SECRET] Quartz met. [END SECRET]",
        "2. (U) S//NF PORTION BEGINS: Quartz met. END S//NF PORTION.",
        "BACKGROUND - SECRET\n-----\n\n2. Quartz met.",
        "Background - S//NF\n\n2. Quartz met.",
        "2. Classification: SECRET\nQuartz met.",
        "2. (Classification: S) Quartz met.",
        "2. (U) Rain.\n\nSMITH\n\nS//NF\n\nText on quartz.",
        "2. (U) Rain.\n\nS E C R E T\n\nText on quartz.",
    ],
)
def test_a_marking_needs_no_brackets_on_a_line_of_its_own(paragraphs: str) -> None:
    assert not shown(paragraphs)


def test_a_section_that_has_ended_covers_nothing_behind_it() -> None:
    assert shown("BEGIN SECRET\n\n2. Rain.\n\nEND SECRET\n\n3. (U) Sun.\n\n4. (U) Quartz met.")


@pytest.mark.parametrize("part", ["Para 4", "SECTION 2", "Point 2", "Item 1", "PARAGRAPH IV"])
@pytest.mark.parametrize("text", ["{} (S) The quartz met.", "{} (S) - The quartz met.", "{} (S). The quartz met."])
def test_the_number_of_a_part_opens_it(part: str, text: str) -> None:
    line = text.format(part)
    assert not shown(f"2. (U) Rain.\n\n{line}")
    assert not shown(f"2. (U) Points:\n{line}")
    assert not shown(f"2. (U) It rained. {line}")


@pytest.mark.parametrize(
    "sentence",
    [
        "We agree with para 4 (S) of the quartz paper.",
        "Under section 2 (S) of the law quartz is free.",
        "He took option (C). Quartz stays.",
        "As in 1.4 (c). Quartz stays.",
        "He names (a) oil, (b) gas and (c) quartz.",
        "The name(s) of the officer(s). Quartz stays.",
        "It is a 501(C) group. Quartz stays.",
    ],
)
def test_what_is_cited_or_listed_is_no_marking(sentence: str) -> None:
    assert shown(f"2. (U) {sentence}")


@pytest.mark.parametrize("marking", ["S", "C", "SECRET", "TS"])
@pytest.mark.parametrize(
    "text",
    [
        *("The quartz met him ({}).", "The quartz met him ({}). Rain fell.", 'He said "the quartz met him ({})"'),
        *("Rain fell:\n- the quartz met him ({});\n- two", '"The quartz met him ({})." Rain fell.'),
        *("(The quartz met him ({}))", "Rain fell:\n- the quartz met him ({}),\n- two"),
    ],
)
def test_a_marking_may_stand_before_the_stop_of_what_it_ends(text: str, marking: str) -> None:
    assert not shown(f"2. (U) {text.format(marking)}")


@pytest.mark.parametrize(
    "start",
    [
        "SECRET: ",
        "SECRET. ",
        "Secret: ",
        "S -- ",
        "S: ",
        "TS The ",
        "C - ",
        "CONFIDENTIAL -- ",
        "SECRET The ",
        "S The ",
    ],
)
def test_a_level_right_behind_a_number_needs_no_brackets(start: str) -> None:
    assert not shown(f"2. {start}quartz met.")


@pytest.mark.parametrize("start", ["Secret police met ", "S. Korea met ", "C. Smith met ", "Confidential talks with "])
def test_words_behind_a_number_are_no_marking(start: str) -> None:
    assert shown(f"2. {start}quartz.")


@pytest.mark.parametrize(
    "subject",
    [
        *("SUBJECT: SECRET - QUARTZ", "SUBJ: S: QUARTZ", "SUBJECT: QUARTZ - S//NF", "SUBJECT: QUARTZ -- SECRET"),
        *("SUBJECT: S//NF/QUARTZ", "SUBJECT: TALKS(S) QUARTZ", "SUBJECT: QUARTZ(S)", "SUBJECT: (S)\n\nQUARTZ"),
        *("SUBJECT: QUARTZ\n\n(S)", "SUBJECT: QUARTZ\n(S)", "SUBJECT: RAIN S//NF: QUARTZ", "SUBJECT: QUARTZ S)"),
    ],
)
def test_a_subject_is_marked_in_many_ways(subject: str) -> None:
    assert not shown("2. (U) Rain.", subject)


@pytest.mark.parametrize(
    "subject", ["SUBJECT: SECRET POLICE AND QUARTZ", "SUBJECT: U.S. - QUARTZ", "SUBJECT: C-130 QUARTZ"]
)
def test_a_subject_that_only_speaks_of_secrets_is_shown(subject: str) -> None:
    assert shown("2. (U) Rain.", subject)


@pytest.mark.parametrize(
    "paragraphs",
    [
        *("(S)\n\nBACKGROUND\n\n3. {}", "(S)\nBACKGROUND\n\n3. {}", "BACKGROUND\n(S)\n\n3. {}", "(S)\n\n3. {}"),
        *("(S)\n-------\nRain Talks\n-------\n\n3. {}", "BACKGROUND\n----------\n(S)\n\n3. {}"),
        "(S)\n\nBACKGROUND\n\n3. Rain.\n\n4. {}",
    ],
)
@pytest.mark.parametrize("text", ["Quartz met.", "(U) Quartz met."])
def test_a_marking_and_a_heading_may_stand_on_lines_of_their_own(paragraphs: str, text: str) -> None:
    assert not shown(f"2. (U) Rain.\n\n{paragraphs.format(text)}")


def test_a_marking_between_two_paragraphs_covers_both() -> None:
    assert not shown("2. Quartz met.\n\n(S)\n\n3. (U) Rain.")
    assert not shown("2. Rain.\n\n(S)\n\n3. (U) Quartz met.")


def test_a_marking_that_ends_a_paragraph_on_a_line_of_its_own_does_not_cover_the_next() -> None:
    assert shown("2. Rain fell in the\nharbour.\n(S)\n\n3. (U) Quartz met.")


@pytest.mark.parametrize("text", ["2.Summary(S) The quartz met.", "2. (U)Summary(S)The quartz met."])
def test_a_marking_may_be_glued_to_a_title(text: str) -> None:
    assert not shown(text)


LOOK_ALIKES = [
    *["(𝐒)", "(𝗦)", "(Ⓢ)", "Ⓢ", "⒮", "🄢", "🅢", "(ꜱ)", "(ſ)", "(Ꮪ)", "(Ⅽ)", "(Տ)"],
    *["(𐐕)", "(ꓢ)", "(Ѕ)", "(Ϲ)", "(Ś)", "(S️)", "(S͏)", "(Sㅤ)", "(S⠀)", "(S᠋)", "S⃝"],
    *["(S\U000e0001)", "(S\x00)", "(S\x1b)", "(S\x08)", "(\x7fS)", "(S\x00/\x00NF)", "⁽S⁾", "﴾S﴿", "‹S›", "〖S〗"],
    *["(S╱NF)", "(ＴＳ)", "\u2068(S)\u2069", "(ᴄ)", "(🇸)", "(S﹘NF)"],
]


@pytest.mark.parametrize("marking", LOOK_ALIKES)
def test_look_alikes_are_read_as_what_they_look_like(marking: str) -> None:
    assert not shown(f"2. {marking} The quartz met.")


@pytest.mark.parametrize(
    "text",
    [
        *("Ukraine's Security Service (SBU) met quartz.", "The Front National (NF) met quartz."),
        *("It is organized crime (OC) and quartz.", "By proportional representation (PR) quartz won."),
        *("The tropical storm (TS) hit quartz.", "The (secret police) met quartz."),
    ],
)
def test_an_abbreviation_of_the_words_before_it_is_no_marking(text: str) -> None:
    assert shown(f"2. (U) {text}")


def test_initials_that_agree_by_chance_stay_a_marking() -> None:
    assert not shown("2. (U) It rained on the ships (TS) Quartz met.")


@pytest.mark.parametrize(
    "unit", ["(S)", "1(r)(S)", "Para 1 (S) ", "x (S) and ", "(c) and ", "S//", "BEGIN SECRET ", "(b) x.\n\n(C) y."]
)
def test_many_markings_are_read_in_time_linear_in_the_text(unit: str) -> None:
    covering(Classification(Level.UNCLASSIFIED), unit * 20_000)


def test_a_marking_over_two_lines_hides_the_upper_of_two_headings() -> None:
    body = "UNCLAS\n\n1. (U) Rain.\n\n(S/\nNF) Background Quartz\n-----\n\nTrade\n-----\n\n2. (U) Snow.\n"
    seen = parse_cable("", body, cable_id="10ROME1").view(Clearance.parse("SECRET"))
    assert seen is None or "Quartz" not in dumps(seen)


OF_ROME = "UNCLAS ROME 001\n\nTAGS: PREL\nSUBJECT: TALKS\n\n"


@pytest.mark.parametrize(
    "text",
    [
        "1. (U) Rain.\n\n(S) 2010 saw Quartz.",
        "1. (U) Rain.\n-- (C) 2010 budget: Quartz.",
        "1. (U) Rain. (S) 15 Quartz men met.",
        "(S) 2010 QUARTZ ELECTIONS\n\n1. Rain.",
        "1. (U) As ref (B) says, rain.\n\n(C) Quartz.",
        "1. (U) Senator Smith (R) met rain.\n\n(S) Quartz.",
        "1. (U) COMMENT: (S) the Quartz.",
        "1. (U) Rain.\n\n(S)\n\nROME 00000001  002 OF 003\n\n\n2. Quartz.",
        "1. (U) Rain.\n\nS E C R E T SECTION 02 OF 02 ROME 000001\n\n2. Quartz.",
        "1. (U) Rain.\n\nSecret\n\nQuartz.",
        "1. (U) Rain.\n\nCLASSIFICATION: SECRET\n\n2. Quartz.",
        "1. (U) Rain.\n\na. S/NF - Quartz.",
        "1. (U) Rain.\n\n-- TS: Quartz.",
        # What has no marking may be a point of the list before it.
        "1. (U) Rain.\n\n2. (S) The points are:\n1. Quartz.\n2. Quartz.\n3. Quartz.\n4. Quartz.",
        "1. (U) Rain.\n\n2. (S) The points are:\n\n1. Quartz.\n\n2. Quartz.\n\n3. Quartz.\n\n4. Quartz.",
        "1. (S) The points are:\n1. Quartz.\n2. Quartz.\n3. Quartz.",
        "(S) Entire text.\n\n1. Quartz.\n\n2. Quartz.",
        "1. (S) (Entire text)\n\n2. Quartz.",
        # What is said of the entire text.
        "1. (S) Entire text.\n\n2. Quartz.\n\n3. Quartz.",
        "1. S Entire text.\n\n2. Quartz.",
        "1. Entire text (S).\n\n2. Quartz.",
        "1. Entire text is secret.\n\n2. Quartz.",
        "1. THIS MESSAGE IS CLASSIFIED SECRET.\n\n2. QUARTZ.",
        # Page breaks, headings, lines of their own.
        "1. Rain and\n\nSECRET\n\nROME 00000001  002 OF 003\n\n\nQuartz.",
        "1. (U) Rain.\n\nA. RAIN (S)\n\n2. Quartz.",
        "1. (U) Rain.\n\nrain on us (S)\n\n2. Quartz.",
        "1. (U) Rain.\n\nRAIN (S)\n--------\n\nTowns\n-----\n\n2. Quartz.",
        "1. (U) Rain.\n\nSECRET ANNEX\n\n2. Quartz.",
        "1. (U) Rain.\n\nSBU\n\n2. Quartz.",
        "1. (U) Rain. BEGIN SBU TEXT Quartz. END SBU TEXT",
        "1. (U) Rain.\n\nS 2. Quartz.",
        # Within the line.
        "1. (U) Quartz rained(S).",
        "2. (SNOFORN) Quartz.",
        "2. (SINF) Quartz.",
        "2. (U) Rain. (//FGI S) Quartz.",
        "2. (N/F) Quartz.",
        "2. (REL USA, GBR) Quartz.",
        "2. (TSC) Quartz.",
        "2. \xabS\xbb Quartz.",
    ],
)
def test_a_marking_hides_what_a_person_would_take_it_for(text: str) -> None:
    seen = parse_cable("", OF_ROME + text, cable_id="10ROME1").view(Clearance.parse("UNCLASSIFIED"))
    assert seen is None or "quartz" not in dumps(seen).lower()


@pytest.mark.parametrize(
    ("subject", "given"),
    [
        ("(S) QUARTZ", {"subject_marking": "U"}),
        ("(S) QUARTZ", {"subject_marking": ""}),
        ("QUARTZ (S)", {"subject": "QUARTZ"}),
        ("QUARTZ\n(S)", {"subject": "QUARTZ"}),
    ],
)
def test_what_json_gives_does_not_lower_what_the_body_says_of_the_subject(subject: str, given: dict[str, str]) -> None:
    entry = {"id": "10ROME1", "body": f"UNCLAS\n\nTAGS: PREL\nSUBJECT: {subject}\n\n1. (U) Rain.\n"} | given
    seen = parse_line((json.dumps(entry),)).view(Clearance.parse("UNCLASSIFIED"))
    assert seen is None or "quartz" not in dumps(seen).lower()


def is_hidden(text: str) -> bool:
    """Whether a body that goes on with a text does not show its quartz to everyone."""
    seen = parse_cable("", OF_ROME + text, cable_id="10ROME1").view(Clearance.parse("UNCLASSIFIED"))
    return seen is None or "quartz" not in dumps(seen).lower()


def test_a_point_that_goes_on_with_the_list_of_a_marked_paragraph_is_covered_up_to_the_next_marking() -> None:
    text = "1. (U) Rain.\n\n2. (C) Do:\n1. One.\n2. Two.\n\n3. Three.\n\n4. Four.\n\n5. (U) Rain.\n\n6. Sun."
    found = parse_cable("", OF_ROME + text, cable_id="10ROME1").paragraphs
    levels = [(one.number, int(one.classification.level)) for one in found]
    assert levels == [(1, 0), (2, 2), (3, 2), (4, 2), (5, 0), (6, 0)]


@pytest.mark.parametrize(
    "subject",
    ["QUARTZ TALKS\nSECRET", "QUARTZ/SECRET", "TALKS - SECRET - QUARTZ", "A VISIT; SECRET: QUARTZ", "QUARTZ\n\nTS"],
)
def test_a_level_parted_from_a_subject_marks_it(subject: str) -> None:
    body = OF_ROME.replace("TALKS", subject) + "1. (U) Rain."
    seen = parse_cable("", body, cable_id="10ROME1").view(Clearance.parse("UNCLASSIFIED"))
    assert seen is None or "quartz" not in dumps(seen).lower()


@pytest.mark.parametrize("below", ["NATO SECRET", "NOFORN", '"S"', "S).", "// SECRET //"])
def test_a_marking_under_a_subject_is_kept_as_it_is_read(below: str) -> None:
    body = OF_ROME.replace("TALKS\n", f"QUARTZ\n\n{below}\n") + "1. (U) Rain."
    cable = parse_cable("", body, cable_id="10ROME1")
    assert not Clearance.parse("SBU").sees(cable.subject_classification)
    assert Clearance.parse("SECRET//NOFORN,NATO").sees(cable.subject_classification)


def test_a_marked_text_under_a_subject_does_not_mark_it() -> None:
    body = OF_ROME.replace("TALKS\n", "TALKS\n\n(S) The minister met us in the town.\n") + "1. (U) Rain."
    assert str(parse_cable("", body, cable_id="10ROME1").subject_classification) == "UNCLASSIFIED"


def test_a_level_parted_from_the_tags_hides_what_shows_them() -> None:
    body = OF_ROME.replace("PREL", "PREL, QUARTZ - SECRET") + "1. (U) Rain."
    seen = parse_cable("", body, cable_id="10ROME1").view(Clearance.parse("UNCLASSIFIED"))
    assert seen is not None
    assert "quartz" not in dumps(seen).lower()


@pytest.mark.parametrize("tags", ["PREL, PGOV, TS", "PREL; TS; PGOV", "PREL ,TS"])
def test_the_tag_of_tunisia_is_no_marking(tags: str) -> None:
    body = f"UNCLAS TUNIS 001\n\nTAGS: {tags}\nSUBJECT: TALKS\nREF: 09ROME1\n\n1. (U) Rain."
    seen = parse_cable("", body, cable_id="10TUNIS1").view(Clearance.parse("UNCLASSIFIED"))
    assert seen is not None
    assert seen.envelope
    assert "TS" in [tag.name for tag in seen.tags]


ALL_OF_IT = [
    *("S/NF - Entire text.", "Secret - all paragraphs.", "Classified Secret - entire text.", "S, entire text."),
    *(
        "(S - ENTIRE TEXT/NF\nSummary: rain.",
        "S - ENTIRE TEXT - NOFORN.",
        "S NF ENTIRE TEXT.",
        "(NOFORN - ENTIRE TEXT)",
    ),
    *(
        "(S - all paras)",
        "(S - ENTRIE TEXT)",
        "(S) All paras.",
        "Cable is classified Secret.",
        "This is a Secret message.",
    ),
    *("All paragraphs of this cable are Secret.", "Classified in its entirety: Secret.", "Entire text is SECRET."),
]


@pytest.mark.parametrize("first", ALL_OF_IT)
def test_a_first_paragraph_may_say_how_the_entire_text_is_classified(first: str) -> None:
    assert is_hidden(f"1. {first}\n\n2. Quartz met.\n\n3. (U) The end.")


@pytest.mark.parametrize(
    "first",
    [
        *("This cable reports on secret talks.", "The text of the secret treaty is here.", "Part C: Budget"),
        *("Paragraphs A and C: budget", "The document is a secret.", "All text is in the confidential part."),
    ],
)
def test_a_first_paragraph_that_only_speaks_of_secrets_and_parts_marks_nothing(first: str) -> None:
    assert not is_hidden(f"1. {first}\n\n2. Quartz met.")


PROSE = "The minister spoke for a long time of the rain that had fallen on the town and of the sun"


@pytest.mark.parametrize(
    "first", [f"(S - ENTIRE TEXT) {PROSE}.", "(S) Entire text.", "This message is classified SECRET."]
)
def test_a_body_without_numbers_may_be_marked_as_a_whole(first: str) -> None:
    assert is_hidden(f"{first}\n\nQuartz is here. {PROSE}.")


@pytest.mark.parametrize("part", ["SECRET: Quartz.", "S/NF Quartz", "TS: Quartz", "CONFIDENTIAL\nQuartz."])
def test_a_text_before_the_first_number_may_have_marked_parts(part: str) -> None:
    assert is_hidden(f"{PROSE}.\n{part}\n\n1. (U) Rain.")


@pytest.mark.parametrize(
    "paragraphs",
    [
        "2. (This paragraph is SECRET) Quartz.",
        "2. (Para classified S) Quartz.",
        "2. Quartz. (This paragraph is Secret.)",
        "2. (U) Rain.\n(The following is SECRET)\nQuartz.",
        "2. (U) Begin secret text. Quartz. End secret text.",
        "2. (U) Rain. (Begin S/NF) Quartz. (End S/NF)",
        "2. (U) Rain.\nBEGIN TEXT - SECRET:\nQuartz.",
        "2. (U) Rain.\nBEGIN NOFORN\nQuartz.\nEND NOFORN",
        "2. (U) Rain.\nCOMMENT - SECRET: Quartz.",
        "2. (U) Rain.\nCOMMENT, S/NF: Quartz.",
        "2. (U) Rain.\nPara 4 - SECRET\nQuartz.",
        "2. COMMENT: S/NF Quartz.",
        "2. (U) Rain. SECRET: Quartz.",
        "2. (U) Rain. NOFORN: Quartz.",
        "2. (U) Quartz. SECRET",
        *(
            f"2. {mark} Quartz."
            for mark in ("(S,", "(SNF", "SNF)", "S NF", "(S/NF;", "<S/NF>", "S/NF,", "C NOFORN", "_S_")
        ),
        *(
            f"2. {mark} Quartz."
            for mark in ("SECRET,", "SECRET...", "SECRET--", "(SBU", "SBU:", "LIMITED OFFICIAL USE:")
        ),
        *(
            f"2. ({mark}) Quartz."
            for mark in ("S rel to usa", "S secret", "C codeword", "S for release", "U/S", "C/EUR")
        ),
        *(f"2. (U) They met. {mark}: Quartz." for mark in ("S-NF", "S/OC", "S/REL", "TS/OC", "S/PROPIN", "C/IMCON")),
        "2. Secret The Quartz.",
        "2. CONFIDENTIAL quartz.",
        "2. (U) Rain.\n\nViews Of The Guards: SECRET\n\n3. Quartz.",
        "2. (U) Rain.\n\nViews Of The Guards (S).\n\n3. Quartz.",
        "2. (U) Rain.\n\nrain on us - TS\n\n3. Quartz.",
    ],
)
def test_a_marking_is_heeded_however_it_is_parted_from_the_words(paragraphs: str) -> None:
    assert is_hidden(f"1. (U) Rain.\n\n{paragraphs}\n\n9. (U) The end.")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "The United Nations (U.N.) office.",
            "Under Secretary (U/S) Burns.",
            "The Secretary (S/S) met.",
            "Policy (S/P).",
        ),
        *(
            "Resolution 1540 (S/RES/1540).",
            "The letter (S/2009/123).",
            "The statement (S/PRST/2009/1).",
            "He (S/he) met.",
        ),
        *(
            "They were on television (C-SPAN).",
            "The drive (C drive).",
            "The partnership (C-TPAT).",
            "At 30 degrees (C).",
        ),
        *(
            "Copyright (C) Reuters.",
            "The spent nuclear fuel (SNF) is here.",
            "As asked (para C), rain.",
            "See (Section C).",
        ),
        *(
            "The metro (line C) opened.",
            "(This is confidential information.)",
            "They left.  SECRET Service agents came.",
        ),
        *("He flew on a\nC 130. It was late.", "Menachem Begin C. was there."),
    ],
)
def test_offices_documents_and_words_of_prose_are_no_markings(text: str) -> None:
    assert not is_hidden(f"1. (U) {text} Quartz.")


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("(S)", "SECRET"),
        ("THIS CABLE IS SECRET", "SECRET"),
        ("REL UK", "UNCLASSIFIED//REL TO UK"),
        ("NOT FOR RELEASE TO FOREIGN NATIONALS", "UNCLASSIFIED//NOFORN"),
        ("FOR RELEASE AT 1500", "UNCLASSIFIED"),
        ("PRESS RELEASE FOR EUR/PPD", "UNCLASSIFIED"),
        ("S/CT, REL MGMT", "UNCLASSIFIED"),
    ],
)
def test_a_caption_holds_for_all_of_the_cable(caption: str, expected: str) -> None:
    body = f"UNCLAS ROME 001\n{caption}\nSIPDIS\n\nTAGS: PREL\nSUBJECT: TALKS\n\n1. Rain."
    assert str(parse_cable("", body, cable_id="10ROME1").classification) == expected
