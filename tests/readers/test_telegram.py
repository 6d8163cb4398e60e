"""A telegram becomes a cable with all its fields."""

from __future__ import annotations

import datetime as dt
import re
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.cable import UNREADABLE, Cable, Classification, Clearance, Level
from cablesearch.readers import errors
from cablesearch.readers.errors import UnreadableCable
from cablesearch.readers.json_cables import dumps
from cablesearch.readers.limits import MOST_OF_HEADER
from cablesearch.readers.telegram.telegram import parse_cable, parse_telegram, split_telegram
from cablesearch.text.analysis import split

HEADER = """VZCZCXRO4549
OO RUEHRG
DE RUEHSW #0881/01 2540944
ZNY CCCCC ZZH
O 110944Z SEP 07
FM AMEMBASSY BERN
TO RUEHC/SECSTATE WASHDC IMMEDIATE 4460
INFO RUEHUJA/AMEMBASSY ABUJA PRIORITY 0018
"""
BODY = """C O N F I D E N T I A L BERN 000881

SIPDIS

E.O. 12958: DECL: 09/11/2017
TAGS: PREL, SZ
SUBJECT: (C) RAIN IN BERN
REF: A. BERN 12
     B. 06 PARIS 34

Classified By: Ambassador Jane Doe for reasons 1.4 (b) and (d).

1. (C) It rained.

Comment
-------

2. (SBU) It ended.

DOE
"""


def real_cable() -> Cable:
    return parse_telegram(Path("tests/data/10BEIJING30.txt").read_text(encoding="utf8"))


def test_a_real_telegram_is_read() -> None:
    cable = real_cable()
    assert cable.id == cable.reference_id == "10BEIJING30"
    assert cable.date == dt.datetime(2010, 1, 8, 3, 26, tzinfo=dt.timezone.utc)
    assert cable.origin == "Embassy Beijing"
    assert cable.classification == Classification(Level.CONFIDENTIAL)
    assert cable.subject == "CHINA RATIFIES PALERMO PROTOCOL AND PLEDGES TO COOPERATE ON COUNTER-TIP EFFORTS"
    assert [tag.name for tag in cable.tags] == ["PGOV", "PHUM", "SMIG", "KTIP", "KCRM", "KWMN", "CH"]
    assert cable.declassify_on == dt.date(2035, 1, 8)
    assert cable.classified_by.names == ("Ben Moeling",)
    assert cable.signers == ("GOLDBERG",)
    assert len(cable.paragraphs) == 10


def test_all_fields_are_filled() -> None:
    cable = parse_telegram(HEADER + "\n" + BODY)
    assert cable.id == "07BERN881"
    assert cable.date == dt.datetime(2007, 9, 11, 9, 44, tzinfo=dt.timezone.utc)
    assert cable.origin == "Embassy Bern"
    assert cable.classification_text == "CONFIDENTIAL"
    assert [tag.name for tag in cable.tags] == ["PREL", "SZ"]
    assert (cable.subject, cable.subject_marking) == ("RAIN IN BERN", "C")
    assert cable.references == ("07BERN12", "06PARIS34")
    assert cable.eo_line is not None
    assert cable.declassify_on == dt.date(2017, 9, 11)
    assert cable.classified_by.names == ("Jane Doe",)
    assert cable.classified_by.reason == "1.4 (b) and (d)"
    assert [one.name for one in cable.recipients] == ["SECSTATE WASHDC"]
    assert [one.name for one in cable.info_recipients] == ["AMEMBASSY ABUJA"]
    assert cable.precedence == ("IMMEDIATE",)
    assert cable.signers == ("DOE",)
    assert [(one.number, one.marking, one.section, one.text) for one in cable.paragraphs] == [
        (1, "C", None, "It rained."),
        (2, "SBU", "Comment", "It ended."),
    ]
    assert "RAIN" not in cable.envelope
    assert cable.envelope.endswith("DOE")


def test_what_is_given_is_taken() -> None:
    when = dt.datetime(1990, 1, 1, tzinfo=dt.timezone.utc)
    cable = parse_cable(HEADER, BODY, cable_id="90ROME1", date=when, origin="Embassy Rome", classification="SECRET")
    assert (cable.id, cable.date, cable.origin) == ("90ROME1", when, "Embassy Rome")
    assert cable.classification == Classification(Level.SECRET)


def test_the_written_id_stays_beside_its_canonical_form() -> None:
    cable = parse_cable("", "", cable_id="07EMBASSYBERN881")
    assert (cable.id, cable.reference_id) == ("07EMBASSYBERN881", "07BERN881")


def test_an_empty_cable_with_an_id_is_a_cable() -> None:
    cable = parse_cable("", "", cable_id="07BERN881")
    assert cable.paragraphs == ()
    assert cable.date is None
    assert cable.classification == UNREADABLE


@pytest.mark.parametrize("text", ["", "Just some text.", BODY, HEADER.replace("FM AMEMBASSY BERN\n", "") + "Text."])
def test_a_telegram_without_an_id_is_refused(text: str) -> None:
    with pytest.raises(UnreadableCable, match="no id"):
        parse_telegram(text)


@pytest.mark.parametrize(
    ("banner", "text"),
    [
        ("UNCLAS BERN 000881\n\nSIPDIS\n\nSENSITIVE", "UNCLASSIFIED//FOR OFFICIAL USE ONLY"),
        ("UNCLAS SENSITIVE BERN 000881", "UNCLASSIFIED//FOR OFFICIAL USE ONLY"),
        ("UNCLAS BERN 000881", "UNCLASSIFIED"),
        ("C O N F I D E N T I A L SECTION 01 OF 02 BERN 000881\n\nNOFORN", "CONFIDENTIAL//NOFORN"),
        ("S E C R E T NOFORN SECTION 01 OF 02 BERN 000881", "SECRET//NOFORN"),
        ("LIMITED OFFICIAL USE BERN 00881", "LIMITED OFFICIAL USE"),
        ("BERN 00881", ""),
    ],
)
def test_the_classification_comes_from_the_first_line_and_captions(banner: str, text: str) -> None:
    cable = parse_cable(HEADER, f"{banner}\n\nE.O. 12958: N/A\nTAGS: PREL\nSUBJECT: NOFORN\n\n1. Text.")
    assert cable.classification_text == text


@pytest.mark.parametrize("between", ["\n", "\n\n", "BT\n", "\r\n\n"])
@pytest.mark.parametrize("header", [HEADER, HEADER[HEADER.index("O 110944Z") :], HEADER[HEADER.index("FM ") :]])
def test_the_header_ends_where_the_classification_stands(header: str, between: str) -> None:
    assert split_telegram(header + between + BODY) == (header + between, BODY)


def test_a_text_without_header_is_all_body() -> None:
    assert split_telegram(BODY) == ("", BODY)


def test_a_body_without_a_classification_starts_after_the_addressees() -> None:
    body = "Dear all\n\nSUBJECT: RAIN\n\n1. It rained.\n"
    assert split_telegram(HEADER + "\n" + body) == (HEADER + "\n", body)


def test_an_old_page_line_among_the_addressees_is_no_body() -> None:
    old = "R 182333Z JAN 79\nFM SECSTATE WASHDC\nTO CONFIDENTIAL\n\nCONFIDENTIAL\n\n"
    old += "PAGE 02        STATE   015113  182333Z\n"
    assert split_telegram(old + "AMEMBASSY BERN\n" + BODY)[1] == BODY


def test_undecodable_bytes_are_kept_and_shown() -> None:
    body = BODY.replace("It rained", "It \udc93rained\udc94 caf\udce9")
    cable = parse_cable(HEADER, body)
    assert cable.body == body
    assert cable.paragraphs[0].text == "It “rained” café."


def words_lost(body: str) -> set[str]:
    """The words of a body that are in no field of its cable, labels of paragraphs aside."""
    cable = parse_cable("", body, cable_id="07BERN881")
    kept = [cable.subject or "", cable.subject_marking or "", cable.envelope]
    for one in cable.paragraphs:
        # A mark on the sign is part of it.
        printed = re.match(r"Â?¶?[\s\u0300-\u036f]*[0-9]*", body[one.start :])
        kept += [one.text, one.section or "", one.marking or "", printed[0] if printed else ""]
    return set(split(body, True)[0]).difference(*(split(text, True)[0] for text in kept))


@pytest.mark.parametrize(
    "lines",
    [
        "SUBJECT: TALKS\n2¶J \n2. (S) Second",
        "2¶J \n2. (S) Second",
        "\né'J'T",
        "\na'T-D",
        "'b.U'U",
        "1. (C) First, endÂ¶2. (C) Second.",
        "SUBJECT: don&#39;t 39 don\n\n1. (C) First.",
    ],
)
def test_no_word_is_lost_where_parts_meet_inside_it(lines: str) -> None:
    assert words_lost("C O N F I D E N T I A L BEIJING 000030\n\n" + lines) == set()


FRAGMENTS = [
    *("SUBJECT: ", "SUBJ: (C) TALKS", "REF: A. BERN 12", "TAGS: PREL", "Classified By: Jane Doe", "(C)", "(SBU) "),
    *("1. (C) One", "2. Two. ", "¶3. (S) three", "Â¶2. (U) ", "12. ", "¶", "\\", "&#8217;", "&#39;t", "----", "* * *"),
    *("BERN 00000881  002 OF 003", "PAGE 02        BERN  00881  01 OF 03  111533Z", "SIPDIS", "NNNN", "##", "DOE"),
    *(
        "XXXXXXXXXXXX",
        "Heading",
        "It ended.",
        "u.s.",
        "d'J'T",
        "\u0301",
        "\u00ad",
        "\x0c",
        "\r\n",
        "\t",
        " ",
        "\n",
        "\n\n",
    ),
]


@given(st.lists(st.sampled_from(FRAGMENTS) | st.text("aB12.'-¶Â()\n é", max_size=8), max_size=20).map("".join))
def test_no_word_of_a_body_is_lost(body: str) -> None:
    assert words_lost(body) == set()


@given(st.text(), st.text())
def test_any_text_with_an_id_is_a_cable(header: str, body: str) -> None:
    cable = parse_cable(header, body, cable_id="07BERN881")
    assert (cable.header, cable.body) == (header, body)


def test_tags_with_a_marking_among_them_are_hidden() -> None:
    body = "UNCLASSIFIED\n\nTAGS: PREL, S/NF, QUARTZ\nSUBJECT: TALKS\n\n1. (U) They met.\n"
    seen = parse_cable("", body, cable_id="07BERN881").view(Clearance.parse("SBU"))
    assert seen is not None
    assert "QUARTZ" not in dumps(seen)


@pytest.mark.parametrize("gap", ["\n\n", "\n", "\n \n  \u00b6", "\n\u00b6 "])
def test_a_marking_that_is_never_closed_ends_before_the_next_paragraph(gap: str) -> None:
    body = f"CONFIDENTIAL\n\n1. (C) First.\n\n2. (SBU/Second.{gap}3. U) Third.\n"
    cable = parse_cable("", body, cable_id="07BERN881")
    assert [(one.number, one.text) for one in cable.paragraphs][1:] == [(2, "(SBU/Second."), (3, "Third.")]


@given(st.text() | st.lists(st.sampled_from([HEADER, BODY, "\n", "CONFIDENTIAL\n", "TO ", "PAGE 02 "])).map("".join))
def test_splitting_loses_nothing(text: str) -> None:
    assert "".join(split_telegram(text)) == text


@pytest.mark.parametrize(
    "fragment", ["TAGS: ", "REF: ", "SUBJECT ", "Classified By: ", "TO ", "CONFIDENTIAL\n", "\n", " "]
)
def test_a_megabyte_of_fragments_is_read(fragment: str) -> None:
    text = fragment * (1_000_000 // len(fragment))
    parse_cable(text[:MOST_OF_HEADER], text, cable_id="07BERN881")


@pytest.mark.parametrize(
    "places",
    [
        pytest.param("1. (C) a\n" * 100_001, id="labels"),
        pytest.param("1. a\n" * 100_001, id="numbers that choose none"),
        pytest.param("Point.\n\n" * 100_001, id="blank lines"),
        pytest.param("".join(f". {number}. A" for number in range(1, 100_002)), id="sentences of one line"),
    ],
)
def test_what_may_be_too_many_paragraphs_is_refused_while_it_is_counted(places: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableCable, match="more than 100,000 paragraphs"):
            parse_cable("", places * 5, cable_id="07BERN881")
        assert tracemalloc.get_traced_memory()[1] < 60_000_000
    finally:
        tracemalloc.stop()


def test_a_cable_of_too_many_paragraphs_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "MOST_PARAGRAPHS", 10)
    ten = "".join(f"{number}. (C) Text.\n\n" for number in range(1, 11))
    assert len(parse_cable("", ten, cable_id="07BERN881").paragraphs) == 10
    with pytest.raises(UnreadableCable, match="more than 10 paragraphs"):
        parse_cable("", ten + "11. (C) More.", cable_id="07BERN881")
