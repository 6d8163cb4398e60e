"""Telegrams of the 1970s as the National Archives publish them."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

import cablesearch
from cablesearch.cable import Cable, Level
from cablesearch.readers import parse_telegram, scan
from cablesearch.readers.formats.aad import published_telegrams
from cablesearch.readers.json_cables import dumps, from_json, loads
from cablesearch.readers.records import Record
from cablesearch.readers.rereading import reread
from tests.support.files import DATA

STAMP = "                 Declassified/Released US Department of State EO Systematic Review 30 JUN 2005\n"
DISTRIBUTION = """PAGE 01        HAMMERFEST  00417  071210Z

41
ACTION EUR-12

INFO  OCT-01  ISO-00  AID-05  CIAE-00  COME-00  EB-07  INR-07
      NSAE-00  SS-15  L-03  OES-06  /056 W
                        --------------------- 071335
"""
ADDRESSED = """R 071145Z MAY 75
FM AMCONSUL HAMMERFEST
TO SECSTATE WASHDC 0881
INFO AMEMBASSY OSLO
AMEMBASSY HELSINKI

"""
OPENING = """CONFIDENTIAL HAMMERFEST 0417

E.O. 11652: GDS
TAGS: EFIS, PINT, NO
SUBJECT: THE COD DISPUTE

"""
TEXT = """1. THE TRAWLERMEN WILL NOT LAND COD BEFORE THE PRICE IS SETTLED.

2. THE MAYOR HAS ASKED FOR A MEDIATOR.
"""
WRITTEN = "CONFIDENTIAL\n\n" + DISTRIBUTION + ADDRESSED + OPENING + TEXT
VALUES = {
    "Automatic Decaptioning": "X",
    "Capture Date": "01 JAN 1994",
    "Channel Indicators": "n/a",
    "Current Classification": "UNCLASSIFIED",
    "Concepts": "COD, LABOR DISPUTES",
    "Control Number": "n/a",
    "Copy": "SINGLE",
    "Decaption Note": "",
    "Disposition Action": "RELEASED",
    "Document Number": "1975HAMMER00417",
    "Draft Date": "06 MAY 1975",
    "Errors": "N/A",
    "Film Number": "D750160-0333",
    "From": "HAMMERFEST",
    "Handling Restrictions": "n/a",
    "Image Path": "",
    "ISecure": "1",
    "Legacy Key": "link1975/newtext/t19750544/aaaabbbb.tel",
    "Line Count": "38",
    "Locator": "TEXT ON-LINE, ON MICROFILM",
    "Office": "ACTION EUR",
    "Original Classification": "CONFIDENTIAL",
    "Original Handling Restrictions": "n/a",
    "Original Previous Handling Restrictions": "n/a",
    "Page Count": "1",
    "Review Authority": "quayleb",
    "Review Content Flags": "",
    "Review History": "RELEASED <17 OCT 2002 by nettleah>; APPROVED <16 JAN 2003 by quayleb>",
    "Review Markings": "Declassified/Released US Department of State EO Systematic Review 30 JUN 2005",
    "Secure": "OPEN",
    "Status": "NATIVE",
    "Subject": "THE COD DISPUTE",
    "TAGS": "EFIS, PINT, NO, (SOLBAKKEN, ARVID)",
    "To": "STATE",
    "Type": "TE",
    "Markings": "Declassified/Released US Department of State EO Systematic Review 30 JUN 2005",
}


def block(glued: bool = False, **changes: str) -> str:
    """Return the block of attributes; ``glued``: as it is in text that was made of a PDF."""
    values = VALUES | {name.replace("_", " "): value for name, value in changes.items()}
    lines = []
    for name, value in values.items():
        if not glued:
            lines.append(f"{name}: {value}".rstrip() + "\n")
        elif value in ("n/a", "X", "1", "TE"):
            lines.append(f"{name}: {value}")
        elif not value:
            lines.append(f"{name}:  ")
        else:
            lines.append(f"{name}:\n{value}\n")
    return "                           Message Attributes\n\n" + "".join(lines) + "\n\n\n" + STAMP


def published(written: str = WRITTEN, glued: bool = False, **changes: str) -> str:
    """Return a telegram with the title and the stamps that the National Archives add, and its attributes."""
    title = "\n                           Message Text\n\n"
    return STAMP + title + written + "\n\nCONFIDENTIAL\n\n\nNNN\n\n" + STAMP + "\n\n" + block(glued, **changes)


def read(text: str, folder: Path) -> list[Cable]:
    """Return the cables of a file with this text."""
    path = folder / "telegrams.txt"
    path.write_text(text, encoding="utf-8", newline="")
    cables = []
    for record in scan([str(path)]):
        assert isinstance(record, Record)
        cables.append(record.parse())
    return cables


def words(cable: Cable) -> str:
    """Return the words of a cable that are not attributes, header or body."""
    return "\n".join([cable.envelope, *(f"{p.section} {p.text}" for p in cable.paragraphs)])


def test_real_telegrams_of_the_national_archives_are_read() -> None:
    """They are in the public domain, as text made of the PDFs that Access to Archival Databases gives out."""
    first, second = (
        record.parse()
        for record in scan([str(DATA / f"{name}.txt") for name in ("74LAPAZ5466", "79LAPAZ8952")])
        if isinstance(record, Record)
    )
    assert (first.id, second.id) == ("74LAPAZ5466", "79LAPAZ8952")
    assert first.date == dt.datetime(1974, 8, 23, 13, 0, tzinfo=dt.timezone.utc)
    assert second.date == dt.datetime(1979, 10, 20, 21, 0, tzinfo=dt.timezone.utc)
    assert [tag.name for tag in first.tags] == ["ATRN", "ASUP", "BL"]
    assert [tag.name for tag in second.tags] == ["ASEC", "OVIP", "VANCE, CYRUS", "VANCE, CYRUS R"]
    assert second.subject == "ARRIVAL OF SECSTATE IN LA PAZ BOLIVIA"
    assert (first.classification.level, second.classification.level) == (Level.UNCLASSIFIED, Level.SBU)
    assert first.attributes["Film Number"] == "D740233-0734"
    assert second.attributes["Office"] == "ACTION SY"
    assert [recipient.name for recipient in second.recipients] == ["SECSTATE WASHDC"]
    assert "SHIP WASHERS AND DRYERS" in words(first)
    assert "SECSATE AIRCRAFT ARRIVED" in words(second)


@pytest.mark.parametrize("glued", [False, True])
def test_attributes_become_fields_and_stay_under_their_own_names(glued: bool, tmp_path: Path) -> None:
    (cable,) = read(published(glued=glued), tmp_path)
    assert cable.date == dt.datetime(1975, 5, 7, 11, 45, tzinfo=dt.timezone.utc)
    assert [tag.name for tag in cable.tags] == ["EFIS", "PINT", "NO", "SOLBAKKEN, ARVID"]
    assert cable.subject == "THE COD DISPUTE"
    assert (cable.classification.level, cable.classification.controls) == (Level.CONFIDENTIAL, ())
    with_value = {name: value for name, value in VALUES.items() if value.upper() not in ("", "N/A")}
    assert dict(cable.attributes) == with_value
    assert [paragraph.number for paragraph in cable.paragraphs] == [1, 2]
    for name in ("Legacy Key", "MICROFILM", "quayleb", "SOLBAKKEN", "Message Attributes"):
        assert name not in words(cable)
    assert (cable.header + cable.body) == published(glued=glued)


def test_values_may_go_on_over_several_lines(tmp_path: Path) -> None:
    text = published(
        Subject="THE COD DISPUTE AND\nITS CONSEQUENCES FOR\nBERGEN",
        Review_Markings="Arvid Q. Holm\n\n\nDeclassified/Released\nUS Department of State\n",
    )
    (cable,) = read(text, tmp_path)
    assert cable.attributes["Subject"] == "THE COD DISPUTE AND ITS CONSEQUENCES FOR BERGEN"
    assert cable.attributes["Review Markings"] == "Arvid Q. Holm Declassified/Released US Department of State"


@pytest.mark.parametrize(
    ("number", "sender", "expected"),
    [
        ("1975OSLO01999", "OSLO", "75OSLO1999"),
        ("1973LAPAZ00007", "LA PAZ OR-P", "73LAPAZ7"),
        ("1979STATE224372", "STATE", "79STATE224372"),
        ("1974BUENOS00123", "BUENOS AIRES", "74BUENOSAIRES123"),
        ("1976STOCKH00042", "STOCKHOLM", "76STOCKHOLM42"),
        ("1975USUNN00012", "USUN NEW YORK", "75USUNNEWYORK12"),
        ("1976ECBRU01234", "EC BRUSSELS", "76USEUBRUSSELS1234"),
        ("1976NOWHERE00120", "n/a", "76NOWHERE120"),
    ],
)
def test_the_document_number_is_the_id(number: str, sender: str, expected: str, tmp_path: Path) -> None:
    (cable,) = read(published(Document_Number=number, From=sender), tmp_path)
    assert cable.reference_id == expected
    assert cable.attributes["Document Number"] == number


def test_the_day_of_the_draft_is_the_date_of_a_telegram_without_a_date_time_group(tmp_path: Path) -> None:
    (cable,) = read(published(WRITTEN.replace("R 071145Z MAY 75\n", "")), tmp_path)
    assert cable.date == dt.datetime(1975, 5, 6, tzinfo=dt.timezone.utc)


def test_what_the_text_lacks_is_taken_from_the_attributes(tmp_path: Path) -> None:
    (cable,) = read(published("CONFIDENTIAL\n\n" + DISTRIBUTION + ADDRESSED + TEXT, Reference="OSLO 1999"), tmp_path)
    assert cable.subject == "THE COD DISPUTE"
    assert [tag.name for tag in cable.tags] == ["EFIS", "PINT", "NO", "SOLBAKKEN, ARVID"]
    assert cable.references == ("75OSLO1999",)
    assert cable.classification.level == Level.CONFIDENTIAL
    assert cable.classification_text == "CONFIDENTIAL"
    assert [paragraph.number for paragraph in cable.paragraphs] == [1, 2]


def test_the_original_classification_is_joined_with_that_of_the_banners(tmp_path: Path) -> None:
    for stated, level in (
        ("UNCLASSIFIED", Level.CONFIDENTIAL),
        ("LIMITED OFFICIAL USE", Level.CONFIDENTIAL),
        ("SECRET", Level.SECRET),
        ("n/a", Level.CONFIDENTIAL),
    ):
        (cable,) = read(published(Original_Classification=stated), tmp_path)
        assert cable.classification.level == level


def test_the_banner_of_the_first_page_counts(tmp_path: Path) -> None:
    written = WRITTEN.replace("CONFIDENTIAL\n", "SECRET\n", 1)
    (cable,) = read(published(written, Original_Classification="n/a"), tmp_path)
    assert cable.classification.level == Level.SECRET


def test_pages_give_the_classification_of_a_telegram_without_a_banner() -> None:
    written = re.sub(r"\nCONFIDENTIAL HAMMERFEST 0417\n", "\n", WRITTEN)
    assert parse_telegram(written, cable_id="75HAMMERFEST417").classification.level == Level.CONFIDENTIAL


@pytest.mark.parametrize(
    ("handling", "controls"),
    [
        ("EXDIS", ("EXDIS",)),
        ("NODIS, CHEROKEE", ("CHEROKEE", "NODIS")),
        ("ROGER CHANNEL", ("ROGER CHANNEL",)),
        ("LIMDIS; NOFORN", ("LIMDIS", "NOFORN")),
        ("ONLY", ("ONLY",)),
        ("LOU", ()),
    ],
)
def test_handling_restrictions_are_controls(handling: str, controls: tuple[str, ...], tmp_path: Path) -> None:
    (cable,) = read(published(Original_Handling_Restrictions=handling), tmp_path)
    assert cable.classification.controls == controls
    assert cable.classification.level == Level.CONFIDENTIAL


@pytest.mark.parametrize(
    ("opening", "controls"),
    [
        ("SECRET EXDIS OSLO 1234\n\nE.O. 11652: GDS", ("EXDIS",)),
        ("S E C R E T OSLO 1234\n\nNODIS\n\nE.O. 11652: GDS", ("NODIS",)),
        ("S E C R E T SECTION 1 OF 2 OSLO 1234 STADIS\n\nE.O. 11652: GDS", ("STADIS",)),
        ("SECRET OSLO 1234\n\nEXDIS/CHEROKEE FOR THE AMBASSADOR\n\nTAGS: PREL, NO", ("CHEROKEE", "EXDIS")),
        ("SECRET OSLO 1234\n\nROGER CHANNEL\n\nTAGS: PREL, NO", ("ROGER CHANNEL",)),
        ("SECRET OSLO 1234\n\nPASS TO HOLDERS OF THE EXDIS SERIES\n\nTAGS: PREL, NO", ()),
        ("SECRET OSLO 1234\n\nTAGS: PREL, NO\n\nEXDIS", ()),
    ],
)
def test_captions_of_distribution_are_controls_of_any_telegram(opening: str, controls: tuple[str, ...]) -> None:
    text = f"R 071145Z MAY 75\nFM AMEMBASSY OSLO\nTO SECSTATE WASHDC\n\n{opening}\n\n1. THE MAYOR LEFT.\n"
    cable = parse_telegram(text)
    assert cable.classification.controls == controls
    assert cable.paragraphs[0].classification.controls == controls


def test_the_distribution_is_no_addressee(tmp_path: Path) -> None:
    (cable,) = read(published(), tmp_path)
    assert [recipient.name for recipient in cable.recipients] == ["SECSTATE WASHDC"]
    assert [recipient.name for recipient in cable.info_recipients] == ["AMEMBASSY OSLO", "AMEMBASSY HELSINKI"]
    assert cable.body.startswith("CONFIDENTIAL HAMMERFEST 0417")


@pytest.mark.parametrize(
    "written",
    [
        "CONFIDENTIAL\n\n" + DISTRIBUTION + OPENING + TEXT,
        "CONFIDENTIAL\n\n" + DISTRIBUTION + TEXT,
        "CONFIDENTIAL\n\n" + TEXT,
        TEXT,
        DISTRIBUTION + ADDRESSED + TEXT,
        "CONFIDENTIAL\n\n" + DISTRIBUTION + ADDRESSED + "CONFIDENTIAL\n\n" + TEXT,
        "CONFIDENTIAL\n\n" + DISTRIBUTION.rpartition("/056 W")[0] + "/056 W\n" + TEXT,
        WRITTEN.replace("\n", "\r\n"),
        WRITTEN.replace("\n\n", "\n\n\n"),
    ],
)
def test_a_header_may_lack_any_of_its_lines(written: str, tmp_path: Path) -> None:
    (cable,) = read(published(written), tmp_path)
    assert [paragraph.number for paragraph in cable.paragraphs] == [1, 2]
    assert not re.search(r"Message|PAGE|EUR-12|OCT-01|/056|071335|AMCONSUL", words(cable))
    assert cable.classification.level == Level.CONFIDENTIAL


@pytest.mark.parametrize("first", ["TO BE USED WITH CARE.", "SECRET POLICE ARE 20 MEN.", "INFO FROM BERGEN IS SCARCE."])
def test_a_text_without_a_header_may_begin_like_one(first: str, tmp_path: Path) -> None:
    (cable,) = read(published(f"{first}\n\nTHE MAYOR LEFT ON MONDAY.\n"), tmp_path)
    assert first in cable.body
    assert first in words(cable)


@pytest.mark.parametrize(
    "notice",
    [
        "",
        "<< WITHDRAWN >>\n",
        "CONFIDENTIAL\n\n<< WITHDRAWN >>\n",
        "Errors: ERROR READING TEXT INDEX\n",
        "ERROR READING TEXT INDEX\n",
        "TELEGRAM TEXT FOR THIS MRN IS UNAVAILABLE\n",
        "THE TEXT OF THIS TELEGRAM IS ON MICROFILM ONLY\n",
        "n/a\n",
    ],
)
def test_a_telegram_without_text_is_a_cable_without_paragraphs(notice: str, tmp_path: Path) -> None:
    text = STAMP + "\n     Message Text\n\n" + notice + "\n" + STAMP + "\n" + block()
    (cable,) = read(text, tmp_path)
    assert cable.paragraphs == ()
    assert cable.subject == "THE COD DISPUTE"
    assert cable.classification.level == Level.CONFIDENTIAL
    assert all(word in cable.envelope + cable.header for word in notice.split())


def test_the_words_of_a_notice_in_a_text_are_its_words(tmp_path: Path) -> None:
    (cable,) = read(published("CONFIDENTIAL\n\n1. THE OFFER WAS WITHDRAWN.\n\n2. TEXT UNAVAILABLE.\n"), tmp_path)
    assert [paragraph.number for paragraph in cable.paragraphs] == [1, 2]


def test_telegrams_of_a_file_are_cables_each_with_its_own_attributes(tmp_path: Path) -> None:
    numbers = ["1975OSLO00001", "1975OSLO00002", "1975OSLO00003", "1975OSLO00004"]
    texts = [
        published(Document_Number=numbers[0], Film_Number="D1"),
        published("THE PILOTS ASK FOR RED BUOYS.\n", Document_Number=numbers[1], Film_Number="D2"),
        block(Document_Number=numbers[2], Film_Number="D3"),
        published("<< WITHDRAWN >>\n", glued=True, Document_Number=numbers[3], Film_Number="D4"),
    ]
    text = "FOUR TELEGRAMS FROM THE NATIONAL ARCHIVES\n\n" + "\n".join(texts)
    assert "".join(published_telegrams(text)) == text
    cables = read(text, tmp_path)
    assert [cable.id for cable in cables] == ["75OSLO1", "75OSLO2", "75OSLO3", "75OSLO4"]
    assert [cable.attributes["Film Number"] for cable in cables] == ["D1", "D2", "D3", "D4"]
    assert cables[0].header.startswith("FOUR TELEGRAMS")


def test_telegrams_without_attributes_may_stand_among_others() -> None:
    plain = (ADDRESSED + OPENING + TEXT).replace("071145Z", "081145Z") + "\n"
    untold = STAMP + "\n     Message Text\n\n" + WRITTEN + "\n"
    text = plain + published() + untold + published() + plain
    pieces = published_telegrams(text)
    assert "".join(pieces) == text
    assert len(pieces) == 5
    assert ["Message Attributes" in piece for piece in pieces] == [False, True, False, True, False]


@pytest.mark.parametrize("glued", [False, True])
@pytest.mark.parametrize("last", ["TAGS", "Subject", "Film Number"])
def test_stamps_between_the_pages_of_a_block_are_in_no_value(last: str, glued: bool, tmp_path: Path) -> None:
    whole = published(glued=glued)
    line = whole.index("\n", whole.rindex(f"{last}:") + len(last) + 2)
    stamps = f"\n      Harriet L. Osgood \t{STAMP.strip()}\n\n\n      Harriet L. Osgood \t{STAMP.strip()}"
    (cable,) = read(whole[:line] + stamps + whole[line:], tmp_path)
    assert cable.attributes[last] == VALUES[last]
    (cut_off,) = read(whole[:line] + stamps, tmp_path)
    assert cut_off.attributes[last] == VALUES[last]


def test_text_under_the_last_attribute_is_not_lost(tmp_path: Path) -> None:
    (cable,) = read(published() + "\nCOPIED BY HAND AT COLLEGE PARK\n", tmp_path)
    assert cable.attributes["Markings"].endswith("2005 COPIED BY HAND AT COLLEGE PARK")


def test_what_says_how_a_corrected_telegram_is_classified_now_is_an_attribute(tmp_path: Path) -> None:
    now = "\n*** Current Handling Restrictions ***   n/a\n***  Current Classification ***   UNCLASSIFIED\n"
    (cable,) = read(published(WRITTEN + now), tmp_path)
    assert cable.attributes["Current Classification"] == "UNCLASSIFIED"
    assert "***" not in words(cable)


@pytest.mark.parametrize("glued", [False, True])
def test_a_cable_with_attributes_comes_back_from_json_and_is_read_again_alike(glued: bool, tmp_path: Path) -> None:
    (cable,) = read(published(glued=glued), tmp_path)
    assert from_json(loads(dumps(cable))) == cable
    assert reread(cable) == cable


def test_attributes_are_found_under_their_own_name_only(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(published(), encoding="utf-8")
    with cablesearch.create(tmp_path / "index") as archive:
        archive.index([str(tmp_path / "a.txt")])
    with cablesearch.open(tmp_path / "index") as archive:
        assert archive.search('capture microfilm OR "legacy key" OR quayleb').total == 0
        assert archive.search("attribute:microfilm").total == 2
        assert archive.search("trawlermen").total == 1


@pytest.mark.parametrize(
    "line",
    ["FM Quisthus would travel to Bergen to see the fleet,", "FM LIE SAID THAT HE WOULD GO.", "FM A"],
)
def test_the_foreign_minister_is_no_sender(line: str) -> None:
    opening = "UNCLAS OSLO 000999\n\nE.O. 12958: N/A\nTAGS: PREL, NO\nSUBJECT: HERRING\n\n"
    text = f"{opening}1. He was told that\n{line}\n\n2. No.\n"
    for given in (
        text,
        text.partition("E.O.")[2],
        "He was told on Monday that\n" + line + "\nand that he came back.\n",
    ):
        cable = parse_telegram(given, cable_id="09OSLO999")
        assert cable.header == ""
        assert cable.origin == ""


def test_an_office_of_the_distribution_is_no_control(tmp_path: Path) -> None:
    (cable,) = read(published(WRITTEN.replace("SS-15", "OC-06")), tmp_path)
    assert cable.classification.controls == ()


@pytest.mark.parametrize("line", ["(S) TAGS: EFIS, PINT", "TAGS: EFIS, PINT (S)", "TAGS: (C) EFIS, PINT"])
def test_no_tags_are_added_to_those_of_a_marked_line(line: str, tmp_path: Path) -> None:
    (cable,) = read(published(WRITTEN.replace("TAGS: EFIS, PINT, NO", line)), tmp_path)
    assert "SOLBAKKEN, ARVID" not in [tag.name for tag in cable.tags]
