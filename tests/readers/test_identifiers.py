"""Ids made canonical, and the names of senders."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.cable import ReferenceId
from cablesearch.vocabulary.identifiers import cable_id, origin, post
from cablesearch.vocabulary.posts import stations

STATIONS = st.sampled_from(sorted(set(stations().values())))
YEARS = st.integers(66, 110).map(lambda year: f"{year % 100:02d}")
SERIALS = st.integers(1, 9_999_999)


@given(YEARS, STATIONS, SERIALS)
def test_a_sound_id_stays(year: str, station: str, serial: int) -> None:
    assert cable_id(f"{year}{station}{serial}") == f"{year}{station}{serial}"


@given(st.text(max_size=60) | st.from_regex(r"[0O9][0-9]{1,3}[A-Z0]{1,20}[0-9]{0,8}", fullmatch=True))
def test_any_text_gets_an_id_that_stays(text: str) -> None:
    assert cable_id(cable_id(text)) == cable_id(text)


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("05AMEMBASSYQUORVA12", "05QUORVA12"),
        ("09USMISSIONNEWQUORVA7", "09NEWQUORVA7"),
        ("05 EMBASSY QUORVA 0012", "05QUORVA12"),
        ("05AMCONSULQUORVA12", "05QUORVA12"),
        ("05AMCONSULATEGENERALQUORVA12", "05QUORVA12"),
        ("05CONSULATEQUORVA12", "05QUORVA12"),
        ("05AMCONGENQUORVA12", "05QUORVA12"),
        ("05EFTOAMEMBASSYQUORVA12", "05QUORVA12"),
        ("05AMEMBASSYOFFENQUORVA12", "05OFFENQUORVA12"),
        ("05QUORVA0012", "05QUORVA12"),
    ],
)
def test_a_post_that_is_not_known_keeps_its_name_alone(text: str, mended: str) -> None:
    assert cable_id(text) == mended


@pytest.mark.parametrize("text", ["", "  ", "07", "06ASTANA", "092OF5", "08SECTION01OF02", "99NOWHERE12", "x" * 500])
def test_what_cannot_be_mended_comes_back_in_capitals(text: str) -> None:
    assert cable_id(f" {text.lower()} ") == text.strip().upper()


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("10beijing30", "10BEIJING30"),
        ("10 BEIJING 00030", "10BEIJING30"),
        ("10BEIJING30_a", "10BEIJING30"),
        ("O9PARIS12", "09PARIS12"),
        ("2009PARIS12", "09PARIS12"),
        ("7575LIBREVILLE1895", "75LIBREVILLE1895"),
    ],
)
def test_year_and_serial_are_brought_into_form(text: str, mended: str) -> None:
    assert cable_id(text) == mended


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("05UNVIE1", "05UNVIEVIENNA1"),
        ("05EMBASSYVIENNA1", "05VIENNA1"),
        ("05USMISSIONUSNATO1", "05USNATO1"),
        ("07AMEMBASSYHANOI1", "07HANOI1"),
        ("09TAIPEI2", "09AITTAIPEI2"),
        ("09BRUSSELS2", "09BRUSSELS2"),
        ("09HCMC4", "09HOCHIMINHCITY4"),
        ("09SECSTATE4", "09STATE4"),
        ("09SECDEF4", "09SECDEF4"),
        ("07PARISFR345", "07UNESCOPARISFR345"),
        ("07JAK12", "07JAKARTA12"),
        ("07LIM12", "07LIMA12"),
    ],
)
def test_a_post_gets_its_name_in_ids(text: str, mended: str) -> None:
    assert cable_id(text) == mended


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("07SOIA828", "07SOFIA828"),
        ("08WELLLINGTON5", "08WELLINGTON5"),
        ("08PNOM5", "08PHNOMPENH5"),
        ("08MONT5", "08MONT5"),
        ("08SANTIAG0123", "08SANTIAGO123"),
        ("08SA0PAULO335", "08SAOPAULO335"),
        ("060TTAWA12", "06OTTAWA12"),
        ("08LAGOSO1512", "08LAGOS1512"),
        ("03MADRIDSP1234", "03MADRID1234"),
    ],
)
def test_typing_errors_in_the_post_are_mended_when_clear(text: str, mended: str) -> None:
    assert cable_id(text) == mended


@pytest.mark.parametrize("section", ["SECTION01OF02", "SCTION02OF02", "ECTION01OF03", "SECTIONO1OFO2", "SECTI0N01GF02"])
@pytest.mark.parametrize("before", ["", "EFTO", "UNCLAS"])
def test_words_of_the_first_line_are_dropped(before: str, section: str) -> None:
    assert cable_id(f"08{before}{section}SAOPAULO000335") == "08SAOPAULO335"


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("07EFTOBAGHDAD123", "07BAGHDAD123"),
        ("90STATE255577TOSEC140323", "90STATE255577"),
        ("06MADRID002583ZFR2585", "06MADRID2583"),
        ("0901OF02RPODUBAI288", "09RPODUBAI288"),
    ],
)
def test_words_around_post_and_serial_are_dropped(text: str, mended: str) -> None:
    assert cable_id(text) == mended


@given(YEARS, STATIONS, SERIALS)
def test_efto_before_any_post_is_dropped(year: str, station: str, serial: int) -> None:
    assert ReferenceId.parse(cable_id(f"{year}EFTO{station}{serial:07d}")) == ReferenceId.parse(
        f"{year}{station}{serial}"
    )


@pytest.mark.parametrize(
    ("sender", "name", "word"),
    [
        ("FM AMEMBASSY BEIJING", "Embassy Beijing", "BEIJING"),
        ("AMEMBASSY BUENOS AIRES", "Embassy Buenos Aires", "BUENOSAIRES"),
        ("AMCONSUL HONG KONG", "Consulate Hong Kong", "HONGKONG"),
        ("AIT TAIPEI", "American Institute Taiwan, Taipei", "AITTAIPEI"),
        ("USMISSION USUN NEW YORK", "Mission USUN New York", "USUNNEWYORK"),
        ("USMISSION UNVIE VIENNA", "UNVIE", "UNVIEVIENNA"),
        ("USMISSION GENEVA", "Mission Geneva", "GENEVA"),
        ("SECSTATE WASHDC", "Secretary of State", "STATE"),
        ("USINT HAVANA", "US Interests Section Havana", "HAVANA"),
        ("RUEHBJ/AMEMBASSY BEIJING PRIORITY 1234", "Embassy Beijing", "BEIJING"),
        ("CDR USCENTCOM MACDILL", "CDR USCENTCOM Macdill", "CDRUSCENTCOMMACDILL"),
        ("FM ", "", ""),
    ],
)
def test_a_sender_gives_an_origin_and_a_word_for_ids(sender: str, name: str, word: str) -> None:
    assert origin(sender) == name
    assert post(sender) == word


@given(STATIONS)
def test_an_origin_names_the_same_post_as_its_fm_line(station: str) -> None:
    sender = f"FM AMEMBASSY {station}"
    assert post(origin(sender)) == post(sender) == station


@given(st.text(max_size=300))
def test_any_sender_is_readable(text: str) -> None:
    assert post(text) == post(text).strip().upper()
    assert "\n" not in origin(text)


@pytest.mark.parametrize("fragment", ["SECTION01OF02", "AMEMBASSY", "0O", " ", "\n", "FM ", "STATE1"])
def test_long_hostile_text_is_read_in_no_time(fragment: str) -> None:
    text = fragment * (1_000_000 // len(fragment))
    assert cable_id(text) == text.strip().upper()
    assert len(origin(text)) + len(post(text)) < 1000
