"""Text without a number is in paragraphs: in front of the first number, and in cables that have none."""

from __future__ import annotations

import pytest

from cablesearch.cable import Cable
from cablesearch.readers.telegram.telegram import parse_cable

LABELS = """S E C R E T OSLO 000057

SIPDIS

DEPT FOR EUR/NB

E.O. 12958: DECL: 2/26/2019
TAGS: ASEC, NO
SUBJECT: HOW SAFE IS OSLO

REF: A. STATE 33533
     B. 08 OSLO 12

CLASSIFIED BY: Ann Whittey, Regional Security Officer, State.
REASON: 1.4 (d)

"""
OPEN_LABELS = LABELS.replace("S E C R E T", "UNCLAS")
LAST = "8. (U) Whoever asks may call.\nWHITTEY\n"


def read(body: str) -> Cable:
    return parse_cable("", body, cable_id="09OSLO57")


def texts(body: str) -> list[str]:
    return [paragraph.text for paragraph in read(body).paragraphs]


@pytest.mark.parametrize(
    "text",
    [
        "A. Yes. Fishermen crowd the northern quays every spring.",
        "A. Yes.",
        "B. No.",
        "C. 25 boats.",
        "A. Fishermen of Oslo 123 crowd the quays.",
        "i. No",
        "1) None",
        "(ii) Perhaps",
        "- never",
        "a) They are quiet.",
        "Question 1: Who?\nAnswer: Fishermen.",
        "They are quiet.",
        "SECRET TALKS WENT ON.",
    ],
)
@pytest.mark.parametrize("end", [LAST, "The end is near and nobody knows it.\nWHITTEY\n", f"{LAST[:3]}The end.\n"])
def test_an_answer_without_a_number_is_a_paragraph(text: str, end: str) -> None:
    assert texts(f"{LABELS}These answers follow the letters of the questions.\n\n{text}\n\n{end}")[1] == " ".join(
        text.split()
    )
    assert texts(f"{LABELS}{text}\n\nAnother answer.\n\n{end}")[0] == " ".join(text.split())


@pytest.mark.parametrize(
    "more",
    [
        "(C) OSLO 2201",
        "C. STATE 12 (NOTAL)",
        "C. WHITTEY-NETTLE E-MAIL OF JAN 5",
        "REF C: 09 OSLO 3",
        "C) OSLO 4 AND 5",
    ],
)
def test_further_references_are_not_text(more: str) -> None:
    cable = read(f"{LABELS.partition('CLASSIFIED')[0]}{more}\n\n{LAST}")
    assert [paragraph.number for paragraph in cable.paragraphs] == [8]
    assert more in cable.envelope


@pytest.mark.parametrize(
    "line",
    ["SENSITIVE", "PASS TO USTR", "FOR AMBASSADOR FROM NETTLE", "OSLO FOR AGATT", "C O R R E C T E D  C O P Y (TAGS)"],
)
def test_captions_are_not_text(line: str) -> None:
    cable = read(f"{LABELS}{line}\n\n{LAST}")
    assert [(paragraph.number, paragraph.section) for paragraph in cable.paragraphs] == [(8, None)]


@pytest.mark.parametrize(
    "label",
    [
        "SUBJECT: VISIT\nREF: STATE 1\n",
        "SUBJ: VISIT\n\n",
        "E.O. 11652: GDS\n",
        "TAGS: EFIS, NO\n",
        "E.O.  11652:  GDS\n\nTAGS-MASS, NO\n\nSUBJ - VISIT\n\n",
        "SUBJECT: VISIT\nClassified By: DCM Ann Label for reasons 1.4 (b)\nand (d).\n",
        "REFS: (A) OSLO 1, (B) STATE 2\n",
        "XSUBJ: VISIT\n\n",
        "",
    ],
)
@pytest.mark.parametrize("number", ["", "1. THE END."])
def test_text_that_follows_a_label_is_a_paragraph(label: str, number: str) -> None:
    text = "THE HARBORMASTER WANTS FOUR NEW PIERS IN LOFOTEN BEFORE THE\nHERRING COME AND SAYS SO."
    assert texts(f"UNCLAS OSLO 1999\n\n{label}{text}\n\n{number}")[0] == " ".join(text.split())


def test_text_above_labels_is_a_paragraph() -> None:
    text = "SUMMARY: THE HARBORMASTER WANTS FOUR NEW PIERS IN LOFOTEN BEFORE THE HERRING COME. END SUMMARY."
    cable = read(f"UNCLAS OSLO 1\n\nSUBJECT: PIERS\n\n{text}\n\nREF: STATE 7\n\nE.O. 11652: N/A\n\n1. HE WILL PAY.\n")
    assert [paragraph.text for paragraph in cable.paragraphs] == [text, "HE WILL PAY."]
    assert cable.references == ("09STATE7",)


@pytest.mark.parametrize(
    "line",
    ["SUBJECT OF HERRING WAS RAISED.", "REFTEL DID NOT SAY SO.", "CLASSIFIED PAPERS WERE LOST.", "REASONS: ICE."],
)
def test_a_sentence_that_begins_like_a_label_is_text(line: str) -> None:
    text = "THE HARBORMASTER WANTS FOUR NEW PIERS IN LOFOTEN BEFORE THE HERRING COME."
    assert texts(f"UNCLAS OSLO 1\n\nSUBJECT: PIERS\n\n{text}\n\n{line}\n\nTHE END OF IT.\n")[1] == line


@pytest.mark.parametrize(
    "title", ["II. (S) Questions of the sea", "(S) Questions of the sea", "(S) Question 2: Where?"]
)
def test_a_marked_title_covers_the_text_under_it(title: str) -> None:
    body = f"{OPEN_LABELS}(U) Questions of the port\n\nA. Nothing.\n\n{title}\n\nA. Two crews threw herring.\n\n{LAST}"
    levels = {paragraph.text: str(paragraph.classification) for paragraph in read(body).paragraphs}
    assert next(level for text, level in levels.items() if "threw herring" in text) == "SECRET"
    assert next(level for text, level in levels.items() if "Nothing" in text) == "UNCLASSIFIED"


def test_text_in_front_of_an_appended_cable_is_a_paragraph() -> None:
    own = "THE KING HAD SHOWN ME HIS NEW SLOOP AND THEN HE SM..."
    opening = "C O N F I D E N T I A L OSLO 8115\n\nE.O. 11652: GDS\nTAGS: PINT NO\nSUBJECT: KING"
    body = f"{opening}\n\n{own}\n\n\n{LABELS}{LAST}"
    cable = read(body)
    assert (cable.subject, cable.paragraphs[0].text) == ("KING", own)
    assert str(cable.paragraphs[0].classification) == "SECRET"


BREAK = "\n  CONFIDENTIAL\n\nPAGE 04        OSLO  00711  04 OF 07  060917Z\n"


@pytest.mark.parametrize("blank", ["", "\n", "\n\n\n"])
@pytest.mark.parametrize("tail", ['SHIPOWNERS."', "OARS.", "Bergen (Norway)", "BERGEN AND STAVANGER", '"THE KING"'])
@pytest.mark.parametrize("page_break", [BREAK, "\n\nOSLO 00000711  004 OF 007\n\n\n"])
def test_the_tail_of_a_sentence_behind_a_page_break_is_no_heading(page_break: str, tail: str, blank: str) -> None:
    above = "THE MINISTER WANTS LIGHTHOUSES IN THE NORTH, AND\nMORE HERRING THAN"
    for start in ("1. (C) ", "1. ", ""):
        cable = read(
            f"{LABELS}{start}{above}{page_break}{blank}{tail}\n\n{start.replace('1', '2')}Bergen objects to that.\n"
        )
        assert cable.paragraphs[0].text == " ".join([*above.split(), *tail.split()])
        assert [paragraph.section for paragraph in cable.paragraphs] == [None, None]


@pytest.mark.parametrize("heading", ["COMMENT", "NEXT STEPS\n----------", "------\nCOMMENT\n------"])
def test_a_heading_above_a_page_break_stays_one(heading: str) -> None:
    cable = read(f"{LABELS}1. IT RAINED.\n\n{heading}\n{BREAK}\n\n2. IT ENDED.\n")
    assert [paragraph.section for paragraph in cable.paragraphs] == [None, heading.strip("-\n").partition("\n")[0]]


def test_the_signature_of_each_section_is_in_no_paragraph_and_no_heading() -> None:
    header = "NNN\n\nPAGE 01        OSLO  00711  02 OF 02  060917Z\nR 171015Z FEB 79\nFM AMEMBASSY OSLO\nTO STATE\n"
    body = f"{LABELS}1. IT RAINED.\nWHITTEY\n\n{header}\nS E C R E T SECTION 2 OF 2 OSLO 711\n\n2. IT ENDED.\nWHITTEY\n"
    cable = read(body)
    assert [(paragraph.text, paragraph.section) for paragraph in cable.paragraphs] == [
        ("IT RAINED.", None),
        ("IT ENDED.", None),
    ]
    assert cable.signers == ("WHITTEY",)


def test_a_title_that_another_follows_is_not_lost() -> None:
    assert texts(f"{LABELS}No boats\n\nNo herring\n\nNo fishermen") == ["No boats", "No herring", "No fishermen"]


@pytest.mark.parametrize(
    "text",
    [
        "FOLLOWING REPEAT BONN 3310 ACTION OSLO MARCH 2. QTE",
        "STATE 33533 REFERS.",
        "STATE 33533 AND OSLO 12 CROSSED.",
        "DEPARTMENT CONCURS",
        "DEPT HAS NO OBJECTION",
    ],
)
@pytest.mark.parametrize("end", ["The boats sail.\n", "WHITTEY\n", "1. (U) The boats sail.\n"])
def test_a_few_words_under_the_references_are_text(text: str, end: str) -> None:
    paragraph = read(f"{LABELS}{text}\n\n{end}").paragraphs[0]
    assert text in (paragraph.section, paragraph.text)


@pytest.mark.parametrize(
    "captions",
    [
        "PENTAGON FOR OSD",
        "STATE FOR EUR/NB, INR\nPENTAGON FOR OSD\nNSC FOR QUILLER",
        "DEPT FOR EUR/NB, L/OES, OES\nCENTCOM FOR POLAD\nWHITE HOUSE FOR QUILLER\nGENEVA FOR USTR",
    ],
)
def test_lines_that_say_for_whom_a_message_is_are_no_text(captions: str) -> None:
    assert texts(f"{LABELS.replace('DEPT FOR EUR/NB', captions)}{LAST}") == ["Whoever asks may call."]


@pytest.mark.parametrize("label", ["SUBJECT:\nHOW SAFE IS OSLO", "SUBJECT: HOW SAFE IS OSLO\nREFERENCE: STATE 51445"])
def test_the_value_of_a_label_is_no_heading(label: str) -> None:
    cable = read(f"UNCLAS OSLO 57\n\nE.O. 12065: N/A\nTAGS: ASEC, NO\n{label}\n\n1. IT IS SAFE.\n\n2. NONE.\nWHITTEY\n")
    assert cable.subject == "HOW SAFE IS OSLO"
    assert [paragraph.section for paragraph in cable.paragraphs] == [None, None]


@pytest.mark.parametrize(
    "rest", ["FOLLOWING THE PRECEDENT OF 1908", "FOLLOWING", "INTRODUCTION OF THE NEW QUOTA", "COMMENT ON IT"]
)
def test_a_subject_goes_on_with_words_that_also_open_a_text(rest: str) -> None:
    body = f"UNCLAS OSLO 000886\n\nSUBJECT: THE QUOTA IS RAISED\n{rest}\n\n1. (U) The fleet sails.\n"
    cable = parse_cable("", body, cable_id="09OSLO886")
    assert cable.subject == f"THE QUOTA IS RAISED {rest}"
    assert [(paragraph.section, paragraph.text) for paragraph in cable.paragraphs] == [(None, "The fleet sails.")]


@pytest.mark.parametrize("rest", ["SUMMARY: Rain.", "SUMMARY", "INTRODUCTION", "SUMMARY AND COMMENT: Rain."])
def test_a_label_right_under_a_subject_is_no_part_of_it(rest: str) -> None:
    body = f"UNCLAS OSLO 000886\n\nSUBJECT: THE QUOTA IS RAISED\n{rest}\n\n1. (U) The fleet sails.\n"
    cable = parse_cable("", body, cable_id="09OSLO886")
    assert cable.paragraphs[-1].text == "The fleet sails."
    assert rest.split(maxsplit=1)[0] in " ".join(f"{each.section} {each.text}" for each in cable.paragraphs)
