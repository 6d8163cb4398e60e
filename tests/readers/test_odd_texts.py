"""Telegrams that passed through other hands: layouts of PDFs, lines of collections and newspapers, file names."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from cablesearch.cable import Cable
from cablesearch.readers.errors import UnreadableCable
from cablesearch.readers.formats.telegram_texts import narrowed, parse_text
from cablesearch.readers.records import FileText, Record, id_in
from cablesearch.readers.sources.files import scan
from cablesearch.readers.telegram.opening import date_line
from cablesearch.readers.telegram.scraped_lines import scraped_lines

NARROW = """O 131830Z JUN 09
FM AMEMBASSY OSLO
TO SECSTATE WASHDC IMMEDIATE 1438
INFO AMEMBASSY STOCKHOLM

C O N F I D E N T I A L OSLO 000905

E.O. 12958: DECL: 6/13/2019
TAGS: EFIS, NO
SUBJECT: HERRING QUOTA

1. (C) THE MINISTRY WILL RAISE THE QUOTA.

2. (C) BERGEN OBJECTS.
WHITTEY
"""


def read(path: Path, text: str, name: str = "x.txt") -> Cable:
    (path / name).write_bytes(text.encode())
    (record,) = scan([path / name])
    assert isinstance(record, Record), record
    return record.parse()


def spread(text: str, gap: str) -> str:
    return re.sub(r"(?<=\S) (?=\S)", gap, text)


@pytest.mark.parametrize(
    "text",
    [
        spread(NARROW, "  "),
        spread(NARROW, "    "),
        spread(NARROW, "\t"),
        spread(NARROW, "\xa0"),
        spread(NARROW, " \xa0"),
        re.sub(r"^", "      ", spread(NARROW, "   "), flags=re.MULTILINE),
        NARROW.replace("C O N F I D E N T I A L", "C  O  N  F  I  D  E  N  T  I  A  L").replace(" ", "  "),
        # Lines that a layout justified: some gaps are wide, and some are not.
        "\n".join(spread(line, "  ") if number % 3 else line for number, line in enumerate(NARROW.split("\n"))),
        spread(NARROW[: NARROW.index("E.O.")], "   ") + NARROW[NARROW.index("E.O.") :],
    ],
)
def test_several_blanks_between_words_are_read_like_one(tmp_path: Path, text: str) -> None:
    cable = read(tmp_path, text)
    assert (cable.reference_id, cable.origin, cable.subject) == ("09OSLO905", "Embassy Oslo", "HERRING QUOTA")
    assert cable.date == dt.datetime(2009, 6, 13, 18, 30, tzinfo=dt.timezone.utc)
    assert str(cable.classification) == "CONFIDENTIAL"
    assert [item.name for item in (*cable.recipients, *cable.info_recipients)] == [
        "SECSTATE WASHDC",
        "AMEMBASSY STOCKHOLM",
    ]
    assert [tag.name for tag in cable.tags] == ["EFIS", "NO"]
    assert [paragraph.text for paragraph in cable.paragraphs] == [
        "THE MINISTRY WILL RAISE THE QUOTA.",
        "BERGEN OBJECTS.",
    ]


TABLE = "1. (C) Catch:\n\n" + "Bergen      120      130      140\nTromso      90       80       70\n" * 5


@pytest.mark.parametrize(
    "text",
    [
        NARROW,
        NARROW + TABLE,
        NARROW.replace("1. (C)", "1.  (C)").replace("DECL: ", "DECL:  ").replace("QUOTA. ", "QUOTA.  "),
        "INFO  OCT-01  ISO-00  AID-20  IGA-02\n" * 3 + NARROW * 2,
        "",
        "  ",
    ],
)
def test_the_layout_of_other_texts_stays(text: str) -> None:
    assert narrowed(text) == text


BODY = """SIPDIS

E.O. 12958: N/A
TAGS: EFIS NO
SUBJECT: QUOTA RAISED

1. (U) The ministry raised the quota.
WHITTEY
"""
HEADER = """PP RUEHC
DE RUEHNY #0644/01 2611315
ZNY SSSSS ZZH
P 181315Z SEP 09
FM AMEMBASSY OSLO
TO RUEHC/SECSTATE WASHDC PRIORITY 4410
INFO RUEHSM/AMEMBASSY STOCKHOLM PRIORITY"""


@pytest.mark.parametrize(
    "lines",
    [
        "09OSLO644\nQUOTA RAISED; OSLO\nFri Sep 18 00:00:00 +0200 2009\nSECRET\nEmbassy Oslo\n",
        "09OSLO644\nQUOTA RAISED; OSLO\nFri Sep 18 13:15:00 UTC 2009\nSecret\nEmbassy Oslo\n",
        "09OSLO644\n\nQUOTA RAISED; OSLO\n\n2009-09-18\n\nSECRET\n\nEmbassy Oslo\n\n",
        "09OSLO644\n2009-09-18 13:15:00\nEmbassy Oslo\nSECRET\nQUOTA RAISED; OSLO\n",
        "09OSLO644\nQUOTA RAISED; OSLO\n9/18/2009 13:15\nSECRET//NOFORN\nEmbassy Oslo\n",
        "2009OSLO00644\nQUOTA RAISED; OSLO\nFri, 18 Sep 2009 00:00:00 +0200\nSECRET\nEmbassy Oslo\n",
        "\n09OSLO644\nQUOTA RAISED; OSLO\n18 September 2009\nSECRET\nEmbassy Oslo\n",
        "09OSLO644\nFriday, September 18, 2009\nSECRET\nEmbassy Oslo\n",
        "09OSLO644\nEmbassy Oslo\nSECRET\n2009-09-18\nQUOTA RAISED; OSLO\n",
    ],
)
@pytest.mark.parametrize(
    "banner",
    [
        "S E C R E T SECTION 01 OF 02 OSLO 000644",
        "S E C R E T",
        "SECRET OSLO 000644",
        "SECRET OSLO 000644 SIPDIS EXDIS",
    ],
)
@pytest.mark.parametrize("between", ["", "\n"])
def test_the_lines_of_a_collection_before_a_text_are_read(
    tmp_path: Path, lines: str, banner: str, between: str
) -> None:
    cable = read(tmp_path, f"{lines}{HEADER}{between}{banner}\n\n{BODY}")
    assert (cable.reference_id, cable.origin, cable.subject) == ("09OSLO644", "Embassy Oslo", "QUOTA RAISED")
    assert cable.date is not None
    assert cable.date.date() == dt.date(2009, 9, 18)
    assert str(cable.classification).startswith("SECRET")
    assert [item.name for item in cable.info_recipients] == ["AMEMBASSY STOCKHOLM"]
    assert [paragraph.text for paragraph in cable.paragraphs] == ["The ministry raised the quota."]
    assert cable.attributes.get("Title", "QUOTA RAISED; OSLO") in {"QUOTA RAISED; OSLO"}


@pytest.mark.parametrize(
    ("lead", "banner", "level"),
    [
        ("Of the cable only a part was published.", "UNCLAS OSLO 001711", "UNCLASSIFIED"),
        ("This record is a partial extract of the original cable. ", "UNCLAS SECTION 01 OF 02 OSLO 001711", "UNCL"),
        ("Only a part was published.", "CONFIDENTIAL OSLO 001711", "CONFIDENTIAL"),
        ("Only a part was published.\n", "SECRET OSLO 001711", "SECRET"),
    ],
)
def test_a_remark_before_the_body_is_not_part_of_it(tmp_path: Path, lead: str, banner: str, level: str) -> None:
    lines = "02OSLO1711\nQUOTA RAISED\nMon Jul 22 00:00:00 +0200 2002\nUNCLASSIFIED\nEmbassy Oslo\n"
    cable = read(tmp_path, f"{lines}{lead}{banner} \n \n{BODY}")
    assert cable.date == dt.datetime(2002, 7, 22, tzinfo=dt.timezone.utc)
    assert str(cable.classification).startswith(level)
    assert cable.header + cable.body == f"{lead}{banner} \n \n{BODY}"
    assert lead.strip() in cable.header


@pytest.mark.parametrize(
    "text",
    [
        NARROW,
        "09OSLO644\nQUOTA RAISED\n" + NARROW,
        "09OSLO644\n" * 9,
        "09OSLO644\nSECRET\nFri Sep 18 00:00:00 +0200 2009\n1. (S) Rain.\n",
        "",
    ],
)
def test_other_first_lines_are_those_of_the_text(text: str) -> None:
    assert scraped_lines(text) is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Tuesday, 14 March 2000, 09:20\n", (2000, 3, 14, 9, 20)),
        ("Tuesday, 14 March 2000, 09:20 ", (2000, 3, 14, 9, 20)),
        ("Wednesday, 03 May 2006, 13:45\n\n", (2006, 5, 3, 13, 45)),
        ("Tuesday 14 March 2000 09.20 GMT\n", (2000, 3, 14, 9, 20)),
        ("Tue, March 14, 2000, 9:20\n", (2000, 3, 14, 9, 20)),
        ("14 March 2000\n", (2000, 3, 14, 0, 0)),
        ("\n  March 14th, 2000\n\n", (2000, 3, 14, 0, 0)),
        ("TUESDAY, 14 MARCH 2000, 09:20Z\n", (2000, 3, 14, 9, 20)),
    ],
)
def test_the_date_line_of_a_newspaper_gives_date_and_id(
    tmp_path: Path, line: str, expected: tuple[int, int, int, int, int]
) -> None:
    cable = read(tmp_path, f"{line}C O N F I D E N T I A L SECTION 01 OF 03 OSLO 001234 \n{BODY}")
    assert cable.reference_id == ("00OSLO1234" if expected[0] == 2000 else "06OSLO1234")
    assert cable.date == dt.datetime(*expected, tzinfo=dt.timezone.utc)
    assert str(cable.classification) == "CONFIDENTIAL"
    assert (cable.header, cable.body[:5]) == (line, "C O N")


@pytest.mark.parametrize(
    "text",
    [
        "14 March 2000 the ministry met.\n",
        "Tuesday, 44 March 2000\n",
        "On 14 March 2000\n",
        "May 2000\n",
        "",
        "\n" * 300,
    ],
)
def test_a_date_in_a_sentence_is_not_a_date_line(text: str) -> None:
    assert date_line.date(text) is None


def test_a_date_time_group_says_more_than_a_date_line(tmp_path: Path) -> None:
    cable = read(tmp_path, "Monday, 15 June 2009, 10:00\n" + NARROW)
    assert cable.date == dt.datetime(2009, 6, 13, 18, 30, tzinfo=dt.timezone.utc)


NUMBERLESS = "SUBJECT: HERRING QUOTA\n\n1. (C) THE MINISTRY WILL RAISE THE QUOTA.\n\n2. (C) BERGEN OBJECTS.\n"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("79OSLO921.txt", "79OSLO921"),
        ("1979OSLO00921.txt", "79OSLO921"),
        ("1979OSLO00921_e.txt", "79OSLO921"),
        ("1979OSLO00921_B.txt.old", "79OSLO921"),
        ("1979OSLO00921-e.txt", "79OSLO921"),
        ("1979OSLO00921 (1).txt", "79OSLO921"),
        ("1979oslo00921", "79OSLO921"),
        ("06OSLO23571.txt", "06OSLO23571"),
        ("2006OSLO23571_a.html", "06OSLO23571"),
    ],
)
def test_a_file_may_be_named_after_a_document_number(tmp_path: Path, name: str, expected: str) -> None:
    cable = read(tmp_path, NUMBERLESS, name)
    assert (cable.id, cable.reference_id) == (expected, expected)
    assert [paragraph.number for paragraph in cable.paragraphs] == [1, 2]


@pytest.mark.parametrize(
    "name", ["letter.txt", "report2009.txt", "2009-05.txt", "09OSLO.txt", "10.txt", "x09OSLO5.txt"]
)
def test_other_names_of_files_give_no_id(name: str) -> None:
    assert FileText(name, iter(()), lambda: None).named_id() == ""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("FW: 10OSLO999 HERRING", "10OSLO999"),
        ("re: 2010oslo000999_a", "10OSLO999"),
        ("10OSLO999: HERRING", "10OSLO999"),
        ("Lunch at 12", ""),
        ("4PM10", ""),
    ],
)
def test_words_may_have_an_id_among_them(words: str, expected: str) -> None:
    assert id_in(words) == expected


TRUNCATED = """OO RUEHAG
DE RUEHNY #4412/01 3191015
O 151015Z NOV 06
FM AMEMBASSY OSLO
TO RUEHC/SECSTATE WASHDC IMMEDIATE 1902

C O N F I D E N T I A L SECTION 01 OF 02{number}

SUBJECT: HERRING QUOTA

1. (C) The ministry will raise the quota.
WHITTEY
"""


@pytest.mark.parametrize(
    ("named", "number", "serial", "expected"),
    [
        ("06OSLO24412", "", "4412", "06OSLO24412"),
        ("06OSLO10012", "", "0012", "06OSLO10012"),
        ("06OSLO24412", " OSLO 004412", "4412", "06OSLO4412"),
        ("06OSLO24413", "", "4412", "06OSLO4412"),
        ("06ROME24412", "", "4412", "06OSLO4412"),
        ("05OSLO24412", "", "4412", "06OSLO4412"),
        ("06OSLO4412", "", "4412", "06OSLO4412"),
        ("06OSLO412", "", "4412", "06OSLO4412"),
        ("", "", "4412", "06OSLO4412"),
    ],
)
def test_a_file_name_that_goes_on_before_the_serial_of_the_station_is_the_id(
    named: str, number: str, serial: str, expected: str
) -> None:
    text = TRUNCATED.format(number=number).replace("4412", serial)
    assert parse_text((text, named)).reference_id == expected


def test_a_text_that_says_no_id_and_has_no_name_is_not_a_cable() -> None:
    with pytest.raises(UnreadableCable, match="no id"):
        parse_text((NUMBERLESS, ""))


@pytest.mark.parametrize("end", ["\r", "\x85", "\u2028", "\r\n", "\n"])
def test_lines_may_end_as_on_other_machines(tmp_path: Path, end: str) -> None:
    cable = read(tmp_path, NARROW.replace("\n", end))
    assert (cable.reference_id, cable.subject, cable.origin) == ("09OSLO905", "HERRING QUOTA", "Embassy Oslo")
    assert len(cable.paragraphs) == 2


@pytest.mark.parametrize("piece", ["  ", "FM  ", "a  b", "14 ", "March ", "\n ", "SECRET 1", "09OSLO1\n", "O  1"])
def test_megabytes_of_hostile_beginnings_are_read(piece: str) -> None:
    """In quadratic time this would not end."""
    text = piece * (1_000_000 // len(piece))
    narrowed(text)
    scraped_lines(text)
    date_line.date(text)
