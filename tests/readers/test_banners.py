"""The lines at the head of a message that say how all of it is classified."""

from __future__ import annotations

import pytest

from cablesearch.cable import UNREADABLE, Cable, Clearance
from cablesearch.readers.telegram.telegram import parse_cable

OPENING = "SIPDIS\n\nE.O. 12958: N/A\nTAGS: PREL, IT\nSUBJECT: RAIN\n\n"


def cable(head: str, classification: str | None = "UNCLASSIFIED", opening: str = OPENING) -> Cable:
    return parse_cable("", f"{head}\n\n{opening}1. Rain.\n", cable_id="10PALERMO1", classification=classification)


BANNERS = [
    "SECRET", "S E C R E T", "SECRET//NOFORN", "S  E  C  R  E  T", "S-E-C-R-E-T", "S.E.C.R.E.T.", "S E C RE T",
    "SEC RET", "T O P S E C R E T", "TOPSECRET", "TOP SECRET", "C O N F I D E N TI A L", "(SECRET)", "[SECRET]",
    "*SECRET*", "***SECRET***", "//SECRET//", "-SECRET-", "NATO SECRET", "COSMIC TOP SECRET", "CLASSIFICATION: SECRET",
    "Classification: SECRET", "secret", "Confidential", "UNCLAS SECRET", "UNCLAS//SECRET", "U N C L A S S E C R E T",
]  # fmt: skip


@pytest.mark.parametrize("before", ["", "\n\n", "SIPDIS\n\n", "ACTION SS-00\n", "UNCLAS PALERMO 000123\n\n"])
@pytest.mark.parametrize("place", ["", " PALERMO 000123"])
@pytest.mark.parametrize("banner", BANNERS)
def test_a_banner_at_the_head_is_heeded(banner: str, place: str, before: str) -> None:
    made = cable(before + banner + place)
    assert made.classification_text == "UNCLASSIFIED"
    assert made.view(Clearance.parse("SBU//NOFORN")) is None


def test_a_second_banner_counts_where_the_first_is_all_that_says_it() -> None:
    made = cable("UNCLAS PALERMO 000123\n\nS E C R E T PALERMO 000123", classification=None)
    assert str(made.classification) == "SECRET"


@pytest.mark.parametrize(
    ("line", "classification"),
    [
        ("UNCLAS-sified/TS", "TOP SECRET"), ("UNCLAS.sified/S/NF", "SECRET//NOFORN"),
        ("UNCLAS-sified(C) PARIS 123", "CONFIDENTIAL"), ("UNCLAS\u017fIFIED(C)", "CONFIDENTIAL"),
        ("UNCLAS-SIFIED S E C R E T", "SECRET"), ("SECRET UNCLAS PARIS 123", "SECRET"),
    ],
)  # fmt: skip
def test_a_first_line_is_read_as_a_whole(line: str, classification: str) -> None:
    assert str(cable(line, classification=None).classification) == classification


def test_a_body_without_a_banner_in_its_first_line_stays_the_most_secret() -> None:
    assert cable("ACTION SS-00\nCONFIDENTIAL PALERMO 000123", classification=None).classification == UNREADABLE


def test_transmission_encrypted_only_is_no_open_text() -> None:
    assert str(cable("UNCLAS E F T O PALERMO 000123", classification=None).classification).startswith("SENSITIVE")


@pytest.mark.parametrize(
    "head",
    [
        "UNCLAS PALERMO 000123", "UNCLAS SECTION 01 OF 02 PALERMO 000123", "FOR THE SECRETARY", "Secretary of State",
        "UNCLAS PALERMO 000123\n\nSECRETARIAT FOR ACTION", "UNCLAS PALERMO 000123\n\nSecret police of the thirties",
    ],
)  # fmt: skip
def test_other_words_are_no_banners(head: str) -> None:
    assert str(cable(head).classification) == "UNCLASSIFIED"


def test_paragraphs_are_no_banners() -> None:
    made = parse_cable(
        "", "UNCLAS PALERMO 000123\n\n1. Rain.\n\nSECRET\n\n2. (U) Sun.", cable_id="10PALERMO1", classification=None
    )
    assert str(made.classification) == "UNCLASSIFIED"


@pytest.mark.parametrize(
    "line", ["PREL, IT (S//NF)", "(S//NF) PREL, IT", "PREL,\n IT (S)", "PREL, IT (TS)", "PREL (NOFORN)"]
)
def test_a_marked_list_of_tags_is_not_shown(line: str) -> None:
    made = cable("UNCLAS PALERMO 000123", opening=OPENING.replace("PREL, IT", line))
    assert made.tags == ()
    assert "PREL" in made.body


def test_an_open_list_of_tags_is_shown() -> None:
    made = cable("UNCLAS PALERMO 000123", opening=OPENING.replace("PREL, IT", "PREL, PINR (ROE, JANE), IT"))
    assert [tag.name for tag in made.tags][:1] == ["PREL"]


def test_a_marked_origin_hides_the_cable() -> None:
    made = parse_cable("", "UNCLAS\n\n1. (U) Rain.", cable_id="10PALERMO1", origin="(S) Rome", classification="U")
    assert made.view(Clearance.parse("SBU")) is None
