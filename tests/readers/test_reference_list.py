"""REF lists read: the cables in them, and only those."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.readers.telegram.opening.reference_list import references


def test_a_list_gives_the_cables_in_order() -> None:
    text = "REF: A. 05 PARIS 5459 \n     B. 06 PARIS 00033\n     C. KABUL 12\n"
    assert references(text, 2008) == ["05PARIS5459", "06PARIS33", "08KABUL12"]


@pytest.mark.parametrize(
    "label",
    [
        "REF: ",
        "REFS: ",
        "Ref(s): ",
        "REFTEL: ",
        "Reftels: ",
        "REF. ",
        "REF ",
        "REFS : ",
        "REF: REF: ",
        "PROGRAM REF: ",
        "SUBJECT: THE EGYPTREF: ",
        "REF: REFERENCE: ",
        "A. REF ",
        "SUBJECT: OIL REF: ",
    ],
)
def test_the_label_may_be_written_in_many_ways(label: str) -> None:
    assert references(f"TAGS: PREL PREF\n{label}STATE 123\n\n1. (U) PARIS 4", 2008) == ["08STATE123"]


@pytest.mark.parametrize(
    "marks",
    [
        "A. {} B. {}",
        "A) {} B) {}",
        "(A) {}, (B) {}",
        "(A){}, (B){}",
        "A: {}; B: {}",
        "[A] {} [B] {}",
        "(1) {} (2) {}",
        "A - {}\nB - {}",
        "A {} B {}",
        "A. A) {} B. B) {}",
        "A. REF A {} B. REF B {}",
        "A. REF A: {}\n¶B. REF B: {}",
        "a.) {} b.) {}",
        "A. {}\n     ¶B. {}",
        "B. {} B. {}",
        "{} and {}",
        "{} & {}",
        "{}; {}",
        "{}\n{}",
    ],
)
def test_marks_and_separators_are_no_part_of_the_cables(marks: str) -> None:
    text = "REF: " + marks.format("STATE 123", "07 SAO PAULO 45")
    assert references(text, 2008) == ["08STATE123", "07SAOPAULO45"]


@pytest.mark.parametrize(
    "reference",
    [
        "99 ROME 21",
        "(99) ROME 21",
        "'99 ROME 21",
        "099 ROME 21",
        "1999 ROME 21",
        "99ROME21",
        "99-ROME-21",
        "99ROME0021",
        "ROME 21 (99)",
        "ROME 21-99",
        "ROME 21/99",
        "ROME 021 99",
        "ROME 21 (1999)",
        "ROME (99) 021",
        "ROME 21 of 1999",
    ],
)
def test_the_year_may_stand_in_many_places(reference: str) -> None:
    assert references(f"REF: {reference}", 2008) == ["99ROME21"]
    assert references(f"REF: STATE 5, {reference}, PARIS 6", 2008) == ["08STATE5", "99ROME21", "08PARIS6"]


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("BAGHDAD #3565", "08BAGHDAD3565"),
        ("STATE: 73097", "08STATE73097"),
        ("377 KATHMANDU", "08KATHMANDU377"),
        ("KUWAIT (C)02293", "08KUWAIT2293"),
        ("PRAGUE, 1228", "08PRAGUE1228"),
        ("LAGOS O1512", "08LAGOS1512"),
        ("O4 CHENNAI 12", "04CHENNAI12"),
        ("0TTAWA 12", "08OTTAWA12"),
        ("SANTIAG0 12", "08SANTIAGO12"),
        ("RIO \n \nDE JANEIRO 1291", "08RIODEJANEIRO1291"),
        ("Rio de Janeiro \n \n00723", "08RIODEJANEIRO723"),
        ("UNCLAS USDA FAS 57863", "08USDAFAS57863"),
    ],
)
def test_number_and_place_are_found_however_written(reference: str, expected: str) -> None:
    assert references(f"REF: {reference}", 2008) == [expected]


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("STATE 1 AND 2764", ["08STATE1", "08STATE2764"]),
        ("06 STATE 11, 12 & 13", ["06STATE11", "06STATE12", "06STATE13"]),
        ("Kabul 936/935", ["08KABUL936", "08KABUL935"]),
        ("STATE 111 (NOTAL), 112 (NOTAL)", ["08STATE111", "08STATE112"]),
        ("PARIS 7682 AND PREVIOUS", ["08PARIS7682"]),
    ],
)
def test_a_number_alone_is_of_the_post_and_year_before_it(reference: str, expected: list[str]) -> None:
    assert references(f"REF: {reference}\n", 2008) == expected


def test_a_number_without_any_post_is_of_the_own_post() -> None:
    assert references("REF: 7743, 12155\n", 2008, "08BRASILIA9") == ["08BRASILIA7743", "08BRASILIA12155"]
    assert references("REF: 7743\n", 2008) == []


@pytest.mark.parametrize(
    ("place", "word"),
    [
        ("SECSTATE", "STATE"),
        ("USUN", "USUNNEWYORK"),
        ("USUN NE YORK", "USUNNEWYORK"),
        ("HAGUE", "THEHAGUE"),
        ("N'DJAMENA", "NDJAMENA"),
        ("ST. PETERSBURG", "STPETERSBURG"),
        ("PORT-AU-PRINCE", "PORTAUPRINCE"),
        ("PORT A", "PORTAUPRINCE"),
        ("RIO", "RIODEJANEIRO"),
        ("TRIPOLII", "TRIPOLI"),
        ("TAIPEI", "TAIPEI"),
        ("AIT TAIPEI", "TAIPEI"),
        ("AITTAIPEI", "AITTAIPEI"),
        ("BRUSSELS", "USEUBRUSSELS"),
        ("AMEMBASSY VIENNA", "VIENNA"),
        ("UNVIE VIENNA", "UNVIEVIENNA"),
    ],
)
def test_places_get_the_name_they_have_in_ids(place: str, word: str) -> None:
    assert references(f"REF: A. {place} 12\n", 2008) == [f"08{word}12"]
    assert references(f"REF: (STATE 5), {place}: #12", 2008) == ["08STATE5", f"08{word}12"]


@pytest.mark.parametrize(
    "other",
    [
        "LEE-GOLDSTEIN EMAIL 05/11/07",
        "SECDEF R162245Z OCT 08",
        "SECDEF MSG DTG 301601z SEP 08",
        "PARIS POINTS JULY 15",
        "IIR 6 832 0617 08",
        "9 FAM Appendix K, 406 (6)",
        "HILL - OPS CENTER TELCONS 9/28 AND 29",
        "TD-314/12345-08",
        "2004 HUMAN RIGHTS REPORT FOR PANAMA",
        "STATE CA-3400 NOV 2, 1966",
        "BERLIN 2004 REPORT",
        "LONDON 10/12/2007",
        "UNITED STATES 12",
        "SECDEF 162245Z OCT 08",
        "BONN 5 MAY",
    ],
)
def test_what_is_no_cable_is_passed_over(other: str) -> None:
    assert references(f"REF: {other}", 2008) == []
    assert references(f"REF: A. ROME 7\n     B. {other}\n     C. ROME 8", 2008) == ["08ROME7", "08ROME8"]


@pytest.mark.parametrize(
    "page_break",
    [
        "\nTRIPOLI 00000402  001.2 OF 003\n",
        " TRIPOLI 00000402 001.2 OF 003 ",
        "\n\n        CONFIDENTIAL\n\nPAGE 02        ROME  01196  01 OF 02  082030Z\n",
        "\n CONFIDENTIAL\nPAGE 02 ROME 01196 01 OF 02 082030Z ",
        "\nPAGE 02 ROME 01196 082030Z  ",
        " SECRET PAGE 02 ROME 01196 01 OF 02 082030Z ",
        "\nTRIPOLI 00000402  001.2 OF 003 ",
    ],
)
def test_page_breaks_within_a_list_are_no_cables(page_break: str) -> None:
    assert references(f"REF: A) ROME 1100 B){page_break}ROME 1101", 2008) == ["08ROME1100", "08ROME1101"]


def test_entries_of_words_only_may_stand_on_the_line_of_a_page_break() -> None:
    text = "REF: A. STATE 5, SECRET\nPAGE 02 SUVA 02231 01 OF 03 191544Z AND QUITO 3302"
    assert references(text, 2008) == ["08STATE5", "08QUITO3302"]


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("SUVA CABLE 266", ["08SUVA266"]),
        ("QUITO TELEGRAMS 1455 AND 01460 (2002)", ["08QUITO1455", "02QUITO1460"]),
        ("LIMA TEL 12", ["08LIMA12"]),
        ("LIMA TEL. NO. 12", ["08LIMA12"]),
        ("LIMA'S CABLE 77", ["08LIMA77"]),
        ("Lima Telegram 0012 (07)", ["07LIMA12"]),
        ("EMBASSY LIMA CABLES 77, 78 AND CABLE 79", ["08LIMA77", "08LIMA78", "08LIMA79"]),
        ("CABLE LIMA 12", ["08LIMA12"]),
        ("TEL AVIV TEL 12", ["08TELAVIV12"]),
    ],
)
def test_fillers_before_a_serial_mean_nothing(reference: str, expected: list[str]) -> None:
    assert references(f"REF: A. {reference}\n     B. ROME 8", 2008) == [*expected, "08ROME8"]


@pytest.mark.parametrize(
    "title",
    [
        "HUMAN RIGHTS REPORT GUATEMALA 2008",
        "INCSR MEXICO 2008",
        "TIP REPORT, LIMA 2007",
        "HUMAN RIGHTS REPORT: GUATEMALA 2008",
        "(U) DOING BUSINESS IN PANAMA 2006",
        "NARCOTICS STRATEGY REPORT - PANAMA 2006",
        "GUATEMALA HUMAN RIGHTS REPORT 2008",
        "GUATEMALA 2008 HUMAN RIGHTS REPORT",
        "2008 HUMAN RIGHTS REPORT GUATEMALA",
    ],
)
def test_a_report_on_a_place_and_a_year_is_no_cable(title: str) -> None:
    assert references(f"REF: A. LIMA 15\n     B. {title}\n     C. LIMA 16\n", 2009) == ["09LIMA15", "09LIMA16"]
    assert references(f"REF: LIMA 15; {title}; LIMA 16\n", 2009) == ["09LIMA15", "09LIMA16"]


@pytest.mark.parametrize(
    "reference",
    ["GUATEMALA 2007", "AMEMBASSY GUATEMALA 2007", "SEE GUATEMALA 2007", "(C) GUATEMALA 2007", "REF C GUATEMALA 2007"],
)
def test_a_serial_may_look_like_a_year(reference: str) -> None:
    text = f"REF: A. LIMA 15 (HERRING)\n     B. LIMA 16 ON THE QUOTA\n     C. {reference}\n"
    assert references(text, 2009) == ["09LIMA15", "09LIMA16", "09GUATEMALA2007"]


@pytest.mark.parametrize(
    ("place", "word"),
    [
        ("PARIS FR", "UNESCOPARISFR"),
        ("PARISFR", "UNESCOPARISFR"),
        ("JAK", "JAKARTA"),
        ("PESH", "PESHAWAR"),
        ("KATH", "KATHMANDU"),
    ],
)
def test_a_post_may_be_abbreviated(place: str, word: str) -> None:
    assert references(f"REF: A. {place} 1455\n     B. ROME 8", 2008) == [f"08{word}1455", "08ROME8"]


@pytest.mark.parametrize("other", ["NOV 12", "PER 12 CFR", "MIN 15", "SEE PARA 15", "THE STOCK 15"])
def test_a_word_that_begins_like_a_post_is_none(other: str) -> None:
    assert references(f"REF: ROME 7; {other}\n", 2008) == ["08ROME7"]


@pytest.mark.parametrize("date", ["OF 12 JUNE", "OF 1/2/08", "OF JUNE 12", "OF MARCH 3, 2008", "DATED 03/04/08"])
def test_a_date_may_follow_a_serial(date: str) -> None:
    assert references(f"REF: A. LIMA 15 {date}\n     B. ROME 8", 2008) == ["08LIMA15", "08ROME8"]


@pytest.mark.parametrize(
    "date",
    [
        "310241Z AUG 77",
        "(DTG 310241Z AUG 77)",
        "DTD 310241Z AUG 77",
        "(MAY 24, 1977)",
        "OF MAY 24, 1977",
        "OF 24 MAY 1977",
        "DATED 12/31/77",
    ],
)
def test_a_date_gives_the_year(date: str) -> None:
    assert references(f"REF: (A) LIMA 15 {date}; (B) ROME 8", 1979) == ["77LIMA15", "79ROME8"]


@pytest.mark.parametrize(
    "end",
    [
        "Classified By: ROME 12",
        "\n1. (C) ROME 12",
        "\n1. Rome 12 was",
        "\nSummary\n-----\nROME 12",
        "Classiied By: ROME 12",
        "\nSUBJECT: TALKS IN ROME 12",
        "\n\nS e c r e t rome 0012",
        "\n------\nROME 12",
        "\nE.O. 12958: ROME 12",
        "\n\nThis is a message from all of us to ROME 12",
    ],
)
def test_the_list_ends_before_what_follows_it(end: str) -> None:
    assert references(f"REF: STATE 5 {end}", 2008) == ["08STATE5"]


def test_a_list_that_counts_with_digits_is_not_taken_for_paragraphs() -> None:
    text = "REF:\n1. STATE 12\n2. 06 ROME 14\n\n1. (U) ROME 15"
    assert references(text, 2008) == ["08STATE12", "06ROME14"]


def test_a_list_may_follow_a_header_repeated_in_the_text() -> None:
    text = "SUBJECT: X\n\n1. (U) This corrects it.\n\n--- BEGIN HEADER\nREF: LIMA 12\n"
    assert references(text, 2008) == ["08LIMA12"]


def test_repeats_and_the_cable_itself_are_left_out() -> None:
    assert references("REF: ROME 1, STATE 2, ROME 1", 2008, "08STATE2") == ["08ROME1"]


def test_without_a_year_only_references_with_one_are_known() -> None:
    assert references("REF: ROME 1, 07 STATE 2", None) == ["07STATE2"]


def test_without_a_label_there_are_none() -> None:
    assert references("SUBJECT: ROME 12\n\n1. (U) Refer to ROME 12, ref ROME 13", 2008) == []


@given(st.text(max_size=300), st.none() | st.integers(1966, 2010), st.none() | st.text(max_size=20))
def test_any_text_can_be_read(text: str, year: int | None, own: str | None) -> None:
    assert all(one.isalnum() for one in references("REF: " + text, year, own))


@given(
    st.lists(
        st.sampled_from(["REF:", "A.", "STATE", "ROME", "07", "123", "(", ")", "/", "AND", "\n", "1."]), max_size=30
    )
)
def test_any_sequence_of_the_parts_can_be_read(parts: list[str]) -> None:
    found = references(" ".join(parts), 2008)
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    "fragment",
    [
        "REF: ",
        "REF ",
        "REF: STATE 12, ",
        "STATE 12 AND ",
        "(((((",
        "1. (C ",
        "\n",
        " ",
        "\n1.",
        "7",
        "7 ",
        "A B ",
        "'",
        "PAGE 02 ROME 01196 01 OF 02 ",
        "Classified By: ",
        "\n--- HEADER ",
        "REF: STATE 0000000",
    ],
)
def test_long_hostile_text_is_read_in_no_time(fragment: str) -> None:
    text = "REF: " + fragment * (1_000_000 // len(fragment))
    assert len(references(text, 2008)) < 2000


def test_a_name_of_several_words_may_be_cut_off() -> None:
    text = "REFS: A) RIO 212  B) PARIS FR 88 C) PORT AU P 1290 D) ADDIS AB 14\n\n1. (U) X"
    assert references(text, 2006) == [
        "06RIODEJANEIRO212",
        "06UNESCOPARISFR88",
        "06PORTAUPRINCE1290",
        "06ADDISABABA14",
    ]
