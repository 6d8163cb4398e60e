"""Page-break lines are found in both styles, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.readers.telegram.page_breaks import blank_out, is_caption, is_page_break, page_breaks


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in page_breaks(text)]


@pytest.mark.parametrize(
    "line",
    [
        "MONTEVIDEO 00000123  002.2 OF 004",
        "PORT AU PR 00000007  003 OF 004",
        "BEIJING 00000030 002 OF 002",
        "PAGE 02        HARARE  03759  01 OF 03  111533Z",
        "PAGE 02        STATE   015113  182333Z",
    ],
)
def test_a_page_break_line_is_one(line: str) -> None:
    assert is_page_break(line)


@pytest.mark.parametrize("line", ["", "ONE OF THREE", "PAGE 2 OF THE REPORT", "He saw 3 OF 4 men", "x" * 500])
def test_prose_is_no_page_break(line: str) -> None:
    assert not is_page_break(line)


def test_captions_around_an_old_page_break_go_with_it() -> None:
    line = "PAGE 02        HARARE  03759  01 OF 03  111533Z"
    text = f"going on\n\n        CONFIDENTIAL\n\n{line}\n\nCONFIDENTIAL\nSIPDIS\nand on"
    (found,) = cut(text)
    assert found.split()[0] == "CONFIDENTIAL"
    assert found.split()[-1] == "SIPDIS"


@pytest.mark.parametrize(
    "line",
    ["BEIJING 00000030  002 OF 002", "PAGE 02  HARARE  03759  01 OF 03  111533Z", "PAGE 02 STATE 015113 182333Z"],
)
def test_a_break_inside_a_line_is_found_when_the_line_breaks_were_lost(line: str) -> None:
    text = " ".join(["capable of fully", line, "adhering to the treaty"])
    assert cut(text * 3) == [line] * 3


def test_a_classification_alone_is_a_caption() -> None:
    assert is_caption("   C O N F I D E N T I A L")
    assert is_caption("UNCLAS SENSITIVE SIPDIS")
    assert not is_caption("CONFIDENTIAL sources")


@given(st.text(alphabet="PAGE OF 0123.\nZABC") | st.text())
def test_blanking_out_keeps_places_and_line_breaks(text: str) -> None:
    spans = page_breaks(text)
    blanked = blank_out(text, spans)
    assert len(blanked) == len(text)
    assert [i for i, char in enumerate(blanked) if char == "\n"] == [i for i, char in enumerate(text) if char == "\n"]
    assert all(not blanked[start:end].strip() for start, end in spans)


@given(st.text(alphabet="PAGE OF 0123.\nZABC"))
def test_breaks_come_in_order_and_apart(text: str) -> None:
    places = [place for span in page_breaks(text) for place in span]
    assert places == sorted(places)


def test_a_line_that_ends_in_a_page_break_but_begins_with_a_reference_is_none() -> None:
    assert not is_page_break("PARIS 123 ROME 00000402  001.2 OF 003")


def test_a_break_is_found_in_a_text_that_begins_with_one_of_its_words() -> None:
    text = " OF THE REPORT\nMONTEVIDEO 00000123  002.2 OF 004\nmore text\n"
    assert page_breaks(text) == [(text.index("MONTE"), text.index("\nmore"))]


STAMP = "Declassified/Released US Department of State EO Systematic Review 30 JUN 2005"


@pytest.mark.parametrize(
    "page_break",
    [
        "CONFIDENTIAL\nCONFIDENTIAL\nPAGE 02\nOSLO 00912 070118Z",
        "LIMITED OFFICIAL USE\n\nPAGE 03\n\n  LA PAZ 00912 01 OF 02 070118Z\nEXDIS",
        "PAGE 02 RUEHNYA0233 S E C R E T",
        "LIMITED  OFFICIAL  USE\n\nPAGE  02  OSLO  00905  01  OF  02  131830Z",
        "OSLO  00000905  002  OF  003",
        "PAGE 2 RUFHOL 1234/01 UNCLAS E F T O",
        "PAGE 02 RUEHNY 0233 UNCLAS SECTION 01 OF 02",
        "UNCLASSIFIED\nPAGE 02        STATE  313541",
        "UNCLASSIFIED\n\n\nUNCLASSIFIED\n\n\nPAGE 02        STATE  313541 TOSEC 110023",
        "SECRET\n\nPAGE 03        STATE  313541 SECTO 12033  01 OF 02  070118Z",
        "SECRET\n\nPAGE 03        OSLO  00912  0701L8Z",
        "CONFIDENTIAL\nPAGE 03        LA PAZ  10472  03 OF 04  081",
        "CONFIDENTIAL   POSS DUPE\n\nPAGE 02        N'DJAM  00472  081500Z",
        STAMP,
        f"UNCLASSIFIED\n\n\n{' ' * 24}{STAMP}\n{' ' * 22}{STAMP}\n\nUNCLASSIFIED",
        f"Sheryl P. Walter {STAMP}",
        f"\tJan van der Berg  \t{STAMP.replace(' EO', '  EO')}",
        "     Ann Q. Whittey\n     Declassified/Released\n     US Department of State\n     EO Systematic Review\n"
        "     20 Mar 2014",
        STAMP.upper(),
    ],
)
def test_what_the_telegraph_and_the_archivists_put_between_pages_is_a_break(page_break: str) -> None:
    before, after = "SUBJECT: RAIN\n\n1. IT RAINED ON", "THE SECRETARY."
    text = f"{before}\n{page_break}\n{after}"
    assert blank_out(text, page_breaks(text)).split() == f"{before} {after}".split()


@pytest.mark.parametrize("line", ["SIPDIS", "  SIPDIS  ", "\nSIPDIS\n"])
def test_a_line_under_the_subject_that_is_only_sipdis_is_a_break(line: str) -> None:
    text = f"SIPDIS\n\nSUBJECT: RAIN\n\n1. The Secretary\n{line}\nmeans to come.\n\nSIPDIS"
    assert cut(text) == [*cut(f"SUBJECT: \n{line}\n"), "SIPDIS"]
    assert len(cut(text)) == 2


HEADER = """CONFIDENTIAL

NNN

CONFIDENTIAL

PAGE 01        OSLO  01502  02 OF 02  181513Z
64
ORIGIN EUR-12

INFO  OCT-01  ISO-00  SP-02  ICA-11

      NSAE-00  /149 W
DRAFTED BY EUR/NE:ANN WHITTEY:XX
                    ------------------093312  181531Z /61
R 171015Z FEB 79
FM AMEMBASSY OSLO
TO SECSTATE WASHDC 4843
INFO AMEMBASSY STOCKHOLM
USMISSION NATO

C O N F I D E N T I A L SECTION 2 OF 2 OSLO 1502"""
ROUTED = """VZCZCXRO4549
OO RUEHRG RUEHKW
DE RUEHNY #1502/02 0480944
ZNY CCCCC ZZH
O 171015Z FEB 09
FM AMEMBASSY OSLO
TO RUEHC/SECSTATE WASHDC IMMEDIATE 4460
INFO RUEHRG/AMEMBASSY STOCKHOLM

C O N F I D E N T I A L SECTION 02 OF 02 OSLO 001502"""
SECTION_HEADERS = [
    HEADER,
    HEADER.replace("SECTION 2 OF 2", "FINAL SECTION OF 2"),
    HEADER.replace("\nTO ", f"\n\n{STAMP}\n{STAMP}\n\nTO "),
    HEADER.replace("C O N F I D E N T I A L S", "CONFIDENTAIL S"),
    HEADER[HEADER.index("R 171015Z") :],
    f"{HEADER}\n\nEXDIS\n\nOSLO FOR AGATT\n\nE.O. 12065: N/A\nTAGS: EFIS",
    ROUTED,
    "C O N F I D E N T I A L SECTION 02 OF 02 OSLO 001502\n\nSIPDIS",
    "C O N F I D E N T I A L  SECTION  02  OF  02  OSLO  001502",
]


@pytest.mark.parametrize("header", SECTION_HEADERS)
def test_the_header_of_the_next_section_is_a_break(header: str) -> None:
    before = "OSLO FOR AGATT\n\nE.O. 12065: N/A\nTAGS: EFIS\nSUBJECT: RAIN\n\n1. IT RAINED ON"
    text = f"\n{before}\n\n{header}\n\nTHE SECRETARY."
    assert blank_out(text, page_breaks(text)).split() == f"{before} THE SECRETARY.".split()


def test_those_who_cleared_a_telegram_stand_in_the_header_of_its_next_section() -> None:
    header = (
        "PAGE 01        STATE  313541  02 OF 02  181512Z\nORIGIN EUR-12\n\nINFO  OCT-01  /031 R\n\n"
        "DRAFTED BY EUR/NE:APELLOW:RDB\nAPPROVED BY EUR:RWHITTEY\nL/OES - MR. QUILLER (DRAFT)\nS/S - O:JDOE\n"
        "                     ---------------------     076417\nO 181428Z MAR 79\nFM SECSTATE WASHDC\n"
        "TO AMEMBASSY OSLO IMMEDIATE\n\n\nCONFIDENTIAL SECTION 2 OF 2 STATE 313541"
    )
    before = "SUBJECT: RAIN\n\n1. IT RAINED ON"
    text = f"{before}\n\n{header}\n\nTHE SECRETARY."
    assert blank_out(text, page_breaks(text)).split() == f"{before} THE SECRETARY.".split()


@pytest.mark.parametrize(
    "line", ["RAISE THE QUOTA.", "FROM OSLO.", "ACTION BY THE MINISTRY.", "25", "MORE THAN TO SAY."]
)
def test_text_behind_a_page_break_is_no_header(line: str) -> None:
    text = f"SUBJECT: RAIN\n\n1. RAIN\nPAGE 02        OSLO  01502  02 OF 02  181513Z\n{line}\n"
    assert blank_out(text, page_breaks(text)).split()[4:] == line.split()


def test_words_behind_a_page_break_on_its_line_are_text() -> None:
    text = "1. A FIGHT OVER\n CONFIDENTIAL\nPAGE 02 OSLO 06712 01 OF 03 141400Z THE HERRING QUOTA\n"
    assert blank_out(text, page_breaks(text)).split() == ["1.", "A", "FIGHT", "OVER", "THE", "HERRING", "QUOTA"]


@pytest.mark.parametrize(
    "piece",
    [
        f"{STAMP}\n",
        "A. B. Declassified/Released ",
        "\nPAGE 02\n",
        "SUBJ\nSIPDIS\n",
        "\nFM A\n",
        HEADER,
        "\nPAGE 01        OSLO  01502  02 OF 02  181513Z\nFM A\nTO B\n" + "A B\n" * 50,
        "UNCLAS SECTION 2 OF 2\n",
        "\nRUEHRG" * 3 + " 1 OF 2",
    ],
)
def test_very_many_breaks_are_found(piece: str) -> None:
    """In quadratic time this would not end."""
    text = "SUBJECT: X\n" + piece * (600_000 // len(piece))
    assert len(blank_out(text, page_breaks(text))) == len(text)
