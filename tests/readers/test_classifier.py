"""Names of classifying officers are told from titles, offices and posts, and from damage."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.readers.telegram.opening.classifier import classification_reason, classified_by
from cablesearch.readers.telegram.opening.classifier_words import kind_of

HARD_WRAP = 71


def cable(line: str) -> str:
    """A cable's body with this classified-by line."""
    return f"E.O. 12958: DECL: 01/02/2015\nTAGS: PREL\nSUBJECT: X\n\n{line}\n\n1. (C) Summary: text.\n\n2. (C) More.\n"


def hard_wrapped(line: str) -> str:
    """The line as the machine wrapped it: at a fixed column, wherever that is."""
    return " \n".join(line[at : at + HARD_WRAP] for at in range(0, len(line), HARD_WRAP))


@pytest.mark.parametrize(
    ("phrase", "names"),
    [
        ("Ambassador Glyn T. Davies", ["Glyn T. Davies"]),
        ("Acting Deputy Chief of Mission Marc Wall", ["Marc Wall"]),
        ("A/DCM D.C. McCullough", ["D.C. McCullough"]),
        ("Charge d'Affaires, a.i., Sylvia Reed Curran", ["Sylvia Reed Curran"]),
        ("Acting Pol/C Stanley A. Harsha", ["Stanley A. Harsha"]),
        ("PolMinCons Greg Berry", ["Greg Berry"]),
        ("EST&H OFFICER ANTHONY C. WOODS", ["ANTHONY C. WOODS"]),
        ("ISN/MTR Director Pam Durham", ["Pam Durham"]),
        ("EUR/PRA, Dir. AFriedt", ["AFriedt"]),
        ("DEPUTY ASSISTANT SECRETARY OF STATE FOR CENTRAL ASIA GEORGE KROL", ["GEORGE KROL"]),
        ("Consul General Jerusalem Jake Walles", ["Jake Walles"]),
        ("PRT Kirkuk Governance Section Head Rachna Korhonen", ["Rachna Korhonen"]),
        ("Rose E. Gottemoeller, Assistant Secretary, Department of State, VCI", ["Rose E. Gottemoeller"]),
        ("Kim Foster - Consul General", ["Kim Foster"]),
        ("Deputy Chief of Mission: Daniel A. Clune", ["Daniel A. Clune"]),
        ("Assistant Regional Security Officer (ARSO) John Doe", ["John Doe"]),
        ("political counselor ted craig", ["ted craig"]),
        ("Bodde Peter, Ambassador", ["Bodde Peter"]),
        ("Smith, John P., Political Counselor", ["Smith, John P."]),
        ("Ambassador Crocker", ["Crocker"]),
        ("ORA Chief Ann Whittey", ["Ann Whittey"]),
        ("Embassy Oslo's Chief of Political Section Ann Whittey", ["Ann Whittey"]),
    ],
)
def test_titles_offices_and_posts_are_left_out(phrase: str, names: list[str]) -> None:
    assert classified_by(cable(f"Classified By: {phrase}, reasons 1.4 (b) and (d)")) == names


@pytest.mark.parametrize(
    ("phrase", "names"),
    [
        ("Thomas W. Simons, Jr., Ambassador", ["Thomas W. Simons, Jr."]),
        ("Ambassador Richard L. Baltimore, III.", ["Richard L. Baltimore, III"]),
        ("AMBASSADOR JOHN L. WITHERS II", ["JOHN L. WITHERS II"]),
        ("Consul General Arturo de la Pena", ["Arturo de la Pena"]),
        ("DCM Gregory D'Elia", ["Gregory D'Elia"]),
        ("Ambassador PIERRE-RICHARD PROSPER", ["PIERRE-RICHARD PROSPER"]),
        ("DCM William (Bill) Monroe", ["William (Bill) Monroe"]),
        ("Econ Officer Mary Le", ["Mary Le"]),
        ("Mark Law, Economic Officer", ["Mark Law"]),
        ("Paul Jordan, DCM", ["Paul Jordan"]),
        ("Charge D' Affaires Harold T. Eason", ["Harold T. Eason"]),
        ("AMBASSADOR HAROLD SEASON,", ["HAROLD SEASON"]),
        ("Tom Leaver, DCM", ["Tom Leaver"]),
        ("DCM TOM LEAVER", ["TOM LEAVER"]),
        ("Ambassador to Sudan Rose Post.", ["Rose Post"]),
        ("Amb. Peter North. E.O 12958, ", ["Peter North"]),
        ("Acting DCM/J.P. Marsh", ["J.P. Marsh"]),
    ],
)
def test_a_name_keeps_all_that_belongs_to_it(phrase: str, names: list[str]) -> None:
    assert classified_by(cable(f"Classified By: {phrase} for reasons 1.4 (b)")) == names


@pytest.mark.parametrize(
    "title",
    [
        "Ambasasdor",
        "Abassador",
        "Ambassado",
        "Counsleor",
        "Political Counselr",
        "Deputty Cheif of Misison",
        "Charge d'Afairs",
    ],
)
def test_misspelt_titles_are_known(title: str) -> None:
    assert classified_by(f"Classified By: {title} Lisa Kubiske for reasons 1.4 (b)") == ["Lisa Kubiske"]


@pytest.mark.parametrize(
    ("glued", "names"),
    [("Acting DCM/Ted Osius", ["Ted Osius"]), ("Osius-DCM", ["Osius"]), ("DCMTed Osius", ["Ted Osius"])],
)
def test_a_title_glued_to_a_name_is_taken_off(glued: str, names: list[str]) -> None:
    assert classified_by(f"Classified By: {glued} for reasons 1.4 (b)") == names


@pytest.mark.parametrize("name", ["Mary Pellow", "MARY PELLOW", "Philippa Trevanion", "Mary Jones-Pellow"])
@pytest.mark.parametrize(
    "glue", ["-reasons ", "-Reason: ", "--reasons ", "–reasons ", "-for reasons ", "/reasons ", ".Reasons "]
)
def test_a_reason_glued_to_a_name_is_taken_off(name: str, glue: str) -> None:
    assert classified_by(f"Classified By: PRM/AFR Dir. {name}{glue}1.4(b/d)") == [name]


def test_a_reason_with_letters_lost_is_no_name() -> None:
    assert classified_by("Classified By: DCM Mary Pellow Easons 1.4 (b)") == ["Mary Pellow"]


@pytest.mark.parametrize(
    ("phrase", "name"),
    [
        ("CHARGE D\\'AFFAIRES HAROLD PELLOW", "HAROLD PELLOW"),
        ("Ambassador Ralph O\\'Quill", "Ralph O'Quill"),
        ('DCM Ralph \\"Ray\\" Quill', 'Ralph "Ray" Quill'),
    ],
)
def test_a_backslash_before_a_quotation_mark_means_nothing(phrase: str, name: str) -> None:
    text = f"Classified By: {phrase} for reasons 1.4 (b) \nand (d)"
    assert classified_by(text) == [name]
    assert classification_reason(text) == "1.4 (b) and (d)"


@pytest.mark.parametrize(
    "text",
    [
        "1.  SECRET - ENTIRE TEXT.  CLASSIFIED BY SECTION 1.6, PARTS (A)\nAND (C).  THIS MESSAGE GOES NIACT.\n\n2.  SU",
        "CLASSIFIED BY SECTION 1.5 (D).  ACTION REQUESTED OF\nSTOCKHOLM.\n\n1. X",
        "Classified by Sec. 1.4 (b). Ambassador John Smith left.",
        "CLASSIFIED BY 1.5 (D). ACTION REQUESTED OF OSLO.",
        "Classified By: Paragraph 1.4 (b). Please pass to Ann Whittey.",
        "CLASSIFIED BY EXECUTIVE ORDER 12958, SECTION 1.5 (B). THE GUESTS ARE MANY.",
    ],
)
def test_a_label_followed_by_a_section_names_nobody(text: str) -> None:
    assert classified_by(text) == []


def test_a_section_may_also_be_an_office() -> None:
    assert classified_by("Classified by Section Chief Ann Whittey, section 1.4 (b)") == ["Ann Whittey"]


@pytest.mark.parametrize(
    "phrase",
    [
        "",
        "DCM for reasons 1.4 (b)",
        "Acting Political Chief",
        "State Department Classification Guide 05-01, reason 1.4 (b)",
        "DSCG 05-1 B, D",
        "Multiple sources. Reasons: 1.4 (b)",
        "Embassy Baghdad",
        "XXXXXXXXXXXX for reasons 1.4 (b)",
        "ADANA 222\nADANA 216",
    ],
)
def test_who_is_not_named_is_not_found(phrase: str) -> None:
    assert classified_by(cable(f"Classified By: {phrase}")) == []


def test_two_officers_are_found_in_order() -> None:
    text = "CLASSIFIED BY AF KARL WYCOFF, ACTING AND S/CT DAS SHARI \nVILLAROSA ; E.O. 12958 REASON: 1.4 (B) AND (D)"
    assert classified_by(text) == ["KARL WYCOFF", "SHARI VILLAROSA"]
    assert classified_by("Classified By: Poloffs Jane Doe/John Smith, reason") == ["Jane Doe", "John Smith"]


@pytest.mark.parametrize(
    "label",
    [
        "Classified By: ",
        "Classified by ",
        "CLASSIFIED BY:\n",
        "1.  (U) CLASSIFIED BY ",
        "Classified By: Classified by ",
        "Classified By: (U) Classified by ",
        "Classified By: Classfied By: ",
        "Classified By: 1. CLASSIFIED BY ",
        "CAIROClassified By: ",
        "Classified By: ADANA 222\nADANA 216\n\nClassified by ",
        "- - C O R R E C T E D  C O P Y - - CLASSIFIED BY LINE ADDED\n\nCLASSIFIED BY ",
        "This cable was classified by ",
    ],
)
def test_the_label_is_found_doubled_misspelt_and_numbered(label: str) -> None:
    assert classified_by(f"SUBJECT: X\n\n{label}DCM Nancy McEldowney; reasons 1.4 b and d.\n\n2. (C) More.") == [
        "Nancy McEldowney"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "1. (C) The list was classified by President John Smith.\n\n2. (C) More.",
        cable("").replace("More.", "A paper classified by Ambassador John Smith was lost."),
        "DECLASSIFIED BY JOHN SMITH\n\n1. (U) Text.",
        "Classified By:\n\nThe President met John Smith\nin the evening and they talked\nabout it all.\n",
    ],
)
def test_other_mentions_are_no_label(text: str) -> None:
    assert classified_by(text) == []


def test_the_reason_and_what_is_lost_of_it_are_no_name() -> None:
    for rest in (
        " FR REASONS 1.4",
        " F0R REASONS",
        ".  Re \nasons 1.4",
        " under 1.4 (b)",
        " a.y., Sea3on: 9.Q (b+`ald$hd",
        " for reQ#8$UQ8",
    ):
        assert classified_by(f"\nClassified By: CDA Roberto Powers{rest}") == ["Roberto Powers"]


NAMES = ["Hoyt Yee", "Mary Grace McGeehan", "Thorkel A. Vander-Horst", "Susan O'Keefe"]
TITLES = ["Interagency Provincial Affairs Deputy Coordinator", "Charge d'Affaires a.i.", "DCM", "Acting Political M/C"]


@pytest.mark.parametrize(("title", "name", "upper"), list(product(TITLES, NAMES, [False, True])))
def test_words_broken_at_the_fixed_width_are_put_together(title: str, name: str, upper: bool) -> None:
    for padding in ("", "Acting ", "Classified by ", "Embassy Kabul Deputy ", "Classified by Embassy Kabul Acting "):
        phrase = f"{padding}{title} {name} for reasons 1.4 (b) and (d)."
        line = "Classified By: " + (phrase.upper() if upper else phrase)
        assert classified_by(cable(hard_wrapped(line))) == [name.upper() if upper else name]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("(C) CLASSIFIED BY THE COUNSELOR FOR PACIFIC TRADE AFFAIR \nS MARY PELLOW; REASON", "MARY PELLOW"),
        ("(U) CLASSIFIED BY CONSUL & ACTING DEPUTY CHIEF OF MISSIO \nN RALPH QUILLER; REASON", "RALPH QUILLER"),
        ("CLASSIFIED BY THE MINISTER COUNSELOR AND CHIEF OF MISSIO \nN, RALPH QUILLER, REASON", "RALPH QUILLER"),
        ("POLITICAL AND ECONOMIC COUNSELOR FOR ASIA MARY T. PELLO \nW. REASON", "MARY T. PELLOW"),
        ("POLITICAL COUNSELOR OF THE EMBASSY IN OSLO, MS PHILIPPA \nF. PELLOW, REASON", "PHILIPPA F. PELLOW"),
        ("CLASSIFIED BY THE ACTING POLITICAL COUN \nSELOR R. PELLOW, REASON", "R. PELLOW"),
        ("POLITICAL COUNSELOR OF THE EMBASSY IN OSLO, NORWAY, JOHN \nF PELLOW, REASON", "JOHN F PELLOW"),
    ],
)
def test_letters_on_the_next_line_end_the_word_that_was_broken(line: str, name: str) -> None:
    first, _, second = f"Classified By: {line} 1.4 (B) AND (D).".partition(" \n")
    assert classified_by(cable(f"{first[:15]}{first[15:].rjust(HARD_WRAP - 15)} \n{second} ")) == [name]


def test_lines_wrapped_between_words_stay_apart() -> None:
    line = "Classified By: Interagency Provincial Affairs Deputy Director Rachna John\nSmith for reasons 1.4 (b)"
    assert len(line.partition("\n")[0]) > HARD_WRAP
    assert classified_by(cable(line)) == ["Rachna John Smith"]


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("LEE 0. COLDREN", "Lee O. Coldren"),
        ("Joseph LeBaron", "Joseph LeBaron"),
        ("PHILLIP CARTER III", "Phillip Carter III"),
        ("JOHN MCDONALD", "John McDonald"),
        ("SEAN O'BRIEN", "Sean O'Brien"),
        ("THOMAS W. SIMONS, JR.", "Thomas W. Simons, Jr."),
        ("ted craig", "Ted Craig"),
    ],
)
def test_normalized_names_are_in_title_case(written: str, normal: str) -> None:
    line = f"Classified By: Ambassador {written}, reasons 1.4 (b)"
    assert classified_by(line) == [written]
    assert classified_by(line, normalize=True) == [normal]
    assert classified_by(f"Classified By: Ambassador {normal}, reasons 1.4 (b)", normalize=True) == [normal]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Classified By: DCM X Yee for reasons 1.4 (b) and (d).", "1.4 (b) and (d)"),
        ("Classified By: DCM X Yee, Reasons: 1.4(b/d)", "1.4(b/d)"),
        ("CLASSIFIED BY DCM X YEE: 1.5 B, D.", "1.5 B, D"),
        ("CLASSIFIED BY DCM X YEE, REASON 1.5.D.", "1.5.D"),
        ("Classified By: DCM X Yee, REASONS 1.4B AND D.", "1.4B AND D"),
        ("Classified By: DCM X Yee, reasons 1.4b,d", "1.4b,d"),
        ("Classified By: DCM X Yee, reasons 1.4b/d.", "1.4b/d"),
        ("Classified By: DCM X Yee, reasons 1.4b and 1.4d", "1.4b and 1.4d"),
        ("Classified By: DCM X Yee, reasons 1.4 (b) and 1.5 (d).", "1.4 (b) and 1.5 (d)"),
        ("Classified By: DCM X Yee, reasons 1.4 (b) and the law", "1.4 (b)"),
        ("Classified By: DCM X Yee, reasons 1.4 (bd).", "1.4 (bd)"),
        ("Classified By: DCM X Yee, reasons 1.4 [b] through [d].", "1.4 [b] through [d]"),
        ("Classified By: DCM X Yee for reasons 1. \n4 (b/d)", "1.4 (b/d)"),
        ("Classified By: DCM X Yee for Reas \n(b) and (d).", "(b) and (d)"),
        ("CLASSIFIED BY DCM X YEE. \n  CONFIDENTIAL \n \nPAGE 02  X \nREASONS: 1.5 (B) AND (D). \n", "1.5 (B) AND (D)"),
        ("Classified By: DCM X Yee", None),
        ("E.O. 12958: DECL: 01/02/2015", None),
    ],
)
def test_the_reason_is_as_written(line: str, reason: str | None) -> None:
    assert classification_reason(cable(line)) == reason


def test_the_reason_is_put_together_where_it_was_wrapped() -> None:
    line = "Classified By: Charge d'Affaires David M. Satterfield for reasons 1.4 (b) and (d)."
    assert classification_reason(cable(hard_wrapped(line))) == "1.4 (b) and (d)"


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("Ambassador", "title"),
        ("POLCOUNS", "title"),
        ("Pol-Mil", "title"),
        ("a.i.", "title"),
        ("EUR/NB", "office"),
        ("Kabul", "place"),
        ("J.", "initial"),
        ("R0BERT", "given"),
        ("Reaosns", "stop"),
        ("Tefft", "word"),
        ("12", "number"),
    ],
)
def test_words_are_known_for_what_they_are(word: str, kind: str) -> None:
    assert kind_of(word) == kind


FRAGMENTS = st.sampled_from(
    [
        "Classified By: ",
        "\n",
        " \n",
        "Ambassador ",
        "John ",
        "SMITH",
        ", ",
        "/",
        "-",
        ".",
        "(",
        ")",
        "for ",
        "1.4 (b)",
        "Le ",
        "//",
        "\\'",
        "Section 1",
        "-reasons",
        "Eason",
        "0",
        "A.",
    ]
)


@given(st.text() | st.lists(FRAGMENTS).map("".join) | st.text().map("Classified By: ".__add__))
def test_any_text_is_read_without_an_error(text: str) -> None:
    for name in classified_by(text):
        assert name
        assert name == " ".join(name.split())
    assert all(classified_by(text, normalize=True))
    reason = classification_reason(text)
    assert reason is None or reason == " ".join(reason.split())


@pytest.mark.parametrize(
    "fragment",
    [
        "Classified By: ",
        "Classified by\n",
        "Clas",
        "Classif ",
        "was classified by ",
        "(((((",
        "1. (C 1. (C",
        "\n",
        " ",
        "A.",
        "A/",
        "A-",
        "DCMJohn",
        "a",
        "Mc",
        "Ambassador ",
        "1.4 (b) ",
        "Reason ",
        "\n1.",
        "\ud800",
    ],
)
def test_a_megabyte_of_fragments_is_read(fragment: str) -> None:
    for start in ("", "Classified By: ", "Classified By: Ambassador "):
        text = start + fragment * (1_000_000 // len(fragment))
        classified_by(text)
        classification_reason(text)


def test_a_reason_goes_on_behind_a_page_break() -> None:
    text = (
        "CLASSIFIED BY: DCM RALPH QUIMBY FOR REASONS 1.4 (B)\n\n\n\n"
        "PAGE 02 RUEHLP0418 C O N F I D E N T I A L\nAND (D).\n\n1. (C) BLANKETS.\n"
    )
    assert classification_reason(text) == "1.4 (B) AND (D)"
