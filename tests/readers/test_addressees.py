"""The addressing lines of a header."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.cable import Recipient
from cablesearch.readers.telegram.opening.addressees import (
    date_time_group,
    from_line,
    info_recipients,
    precedence,
    recipients,
)

HEADER = """VZCZCXRO4549
OO RUEHRG RUEHKW
DE RUEHSW #0881/01 2540944
ZNY SSSSS ZZH
O P 110944Z SEP 07
FM AMEMBASSY BERN
TO RUEHC/SECSTATE WASHDC IMMEDIATE 4460
SECDEF WASHDC NIACT IMMEDIATE
INFO RUCNMEU/EU INTEREST COLLECTIVE PRIORITY
RUEHUJA/AMEMBASSY ABUJA 0018
RHMFISS/HQ USAFRICOM STUTTGART GE
"""
SCRAPS = st.lists(
    st.sampled_from(
        [
            "\nTO ",
            "\nINFO ",
            "RUEHC/",
            "SECSTATE WASHDC",
            " PRIORITY",
            " 0012",
            "\nXMT ",
            "PAGE 02 STATE 015113 182333Z",
            "\n",
            " ",
            "FM X",
            "O P 190243Z DEC 89",
            "310000Z FEB 09",
            "BT",
            "/",
            "\ud800",
            "٣",
            "ı",
        ]
    )
).map("".join)


def test_each_addressee_is_taken_apart() -> None:
    assert recipients(HEADER) == [
        Recipient("SECSTATE WASHDC", "RUEHC", "IMMEDIATE", "4460"),
        Recipient("SECDEF WASHDC", None, "NIACT IMMEDIATE", None),
    ]
    assert info_recipients(HEADER) == [
        Recipient("EU INTEREST COLLECTIVE", "RUCNMEU", "PRIORITY", None),
        Recipient("AMEMBASSY ABUJA", "RUEHUJA", None, "0018"),
        Recipient("HQ USAFRICOM STUTTGART GE", "RHMFISS", None, None),
    ]


def test_a_slash_need_not_mean_a_route_and_a_name_may_hold_digits() -> None:
    found = recipients("TO AIT/K KAOHSIUNG\nDET 1 39LG ANKARA TU\nRUEKJCS/SECDEF WASHDC//USDP/ISP//\n")
    assert [(one.route, one.name) for one in found] == [
        (None, "AIT/K KAOHSIUNG"),
        (None, "DET 1 39LG ANKARA TU"),
        ("RUEKJCS", "SECDEF WASHDC//USDP/ISP//"),
    ]


@pytest.mark.parametrize("word", ["PRIORITY", "PRIOITY", "PIORITY", "PRIORTIY", "priority"])
def test_misspelt_precedences_are_put_right(word: str) -> None:
    assert recipients(f"TO RUEHC/SECSTATE WASHDC {word} 0012") == [
        Recipient("SECSTATE WASHDC", "RUEHC", "PRIORITY", "0012")
    ]


def test_page_lines_in_the_list_are_skipped() -> None:
    header = (
        "TO PAGE 02        STATE   015113  182333Z \nAMEMBASSY A\nSECRET\nPAGE 03 STATE 015113\nAMEMBASSY B PRIORITY"
    )
    assert recipients(header) == [Recipient("AMEMBASSY A"), Recipient("AMEMBASSY B", None, "PRIORITY")]


def test_a_precedence_on_the_next_line_belongs_to_the_addressee_before() -> None:
    assert recipients("TO RUEHC/SECSTATE WASHDC\nPRIORITY 0012") == [
        Recipient("SECSTATE WASHDC", "RUEHC", "PRIORITY", "0012")
    ]


@pytest.mark.parametrize(
    ("lines", "excluded"),
    [
        ("XMT AMEMBASSY SOFIA\nAMEMBASSY BUCHAREST", ("AMEMBASSY SOFIA", "AMEMBASSY BUCHAREST")),
        ("XMT/AMEMBASSY SOFIA\nXMT AMEMBASSY BUCHAREST", ("AMEMBASSY SOFIA", "AMEMBASSY BUCHAREST")),
        ("AMEMBASSY OSLO PRIORITY\nXMT AMEMBASSY SOFIA", ("AMEMBASSY SOFIA",)),
        ("XMT AMEMBASSY SOFIA\nRUEHNY/AMEMBASSY OSLO", ("AMEMBASSY SOFIA",)),
        ("XMT AMEMBASSY SOFIA\nAMEMBASSY OSLO PRIORITY", ("AMEMBASSY SOFIA",)),
    ],
)
def test_exempted_posts_belong_to_the_collective_before_them(lines: str, excluded: tuple[str, ...]) -> None:
    found = info_recipients(f"INFO RUEHX/EUROPEAN POLITICAL COLLECTIVE\n{lines}")
    assert found[0] == Recipient("EUROPEAN POLITICAL COLLECTIVE", "RUEHX", excluded=excluded)
    assert [one.name for one in found[1:]] == ["AMEMBASSY OSLO"] * ("OSLO" in lines)


def test_an_exemption_from_nothing_yields_nothing() -> None:
    assert info_recipients("FM A\nTO B\nINFO XMT AMEMBASSY SOFIA\n") == []


def test_without_a_to_line_the_routed_addressees_after_the_sender_count() -> None:
    assert recipients("FM AMEMBASSY OSLO\nRUEHC/SECSTATE WASHDC 0012\nINFO AMEMBASSY SOFIA\n") == [
        Recipient("SECSTATE WASHDC", "RUEHC", None, "0012")
    ]
    assert recipients("FM SECSTATE WASHDC\nINFO AMEMBASSY PANAMA\n") == []


def test_the_list_ends_where_the_body_begins() -> None:
    assert recipients("TO SECSTATE WASHDC\nBT\nUNCLAS ROME 001196") == [Recipient("SECSTATE WASHDC")]
    assert recipients("TO SECSTATE WASHDC\nSECRET SERVICE WASHDC 0012")[1].name == "SECRET SERVICE WASHDC"


def test_a_header_on_one_line_is_read_too() -> None:
    header = (
        "R 082030Z OCT 02 ZDK FM AMEMBASSY ROME TO RUEHC/SECSTATE WASHDC 1234 INFO RUEHX/AMEMBASSY A RUEHZ/AMEMBASSY B"
    )
    assert [one.name for one in recipients(header)] == ["SECSTATE WASHDC"]
    assert [one.name for one in info_recipients(header)] == ["AMEMBASSY A", "AMEMBASSY B"]
    assert from_line(header) == "AMEMBASSY ROME"


def test_a_partial_record_names_nobody_for_certain() -> None:
    assert recipients("This record is a partial extract of the original cable.\nTO SECSTATE WASHDC") == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("O P 190243Z DEC 89", ("IMMEDIATE", "PRIORITY")),
        ("Z 190243Z DEC 89", ("FLASH",)),
        ("RR 190243Z DEC 89", ("ROUTINE",)),
        ("P R 301601z SEP 08", ("PRIORITY", "ROUTINE")),
        ("PP RUEHCN RUEHGH\nDE RUEHBJ #0030/01 0080326", ("PRIORITY",)),
        ("151225Z NOV 05", ()),
        ("", ()),
    ],
)
def test_precedence_letters_are_spelt_out(line: str, words: tuple[str, ...]) -> None:
    assert precedence(line) == words


@pytest.mark.parametrize(
    ("line", "when"),
    [
        ("P 080326Z JAN 10", "2010-01-08 03:26"),
        ("R 082030Z OCT 02 ZDK", "2002-10-08 20:30"),
        ("P R 301601z Sep 08", "2008-09-30 16:01"),
        ("O 190243Z DEC 1989", "1989-12-19 02:43"),
        ("151225Z NOV05", "2005-11-15 12:25"),
        ("290757Z June 05UNCLAS", "2005-06-29 07:57"),
        ("R 010000Z JAN 66", "1966-01-01 00:00"),
        ("R 010000Z JAN 65", "2065-01-01 00:00"),
    ],
)
def test_date_time_groups_are_zulu(line: str, when: str) -> None:
    assert date_time_group(f"DE RUEHSW #0881/01 2540944\n{line}\n") == dt.datetime.fromisoformat(when + "+00:00")


@pytest.mark.parametrize(
    "line", ["", "310000Z FEB 09", "012460Z JAN 09", "012400Z JAN 09", "PAGE 02 STATE 015113 182333Z"]
)
def test_what_is_no_date_is_none(line: str) -> None:
    assert date_time_group(line) is None


def test_the_sender_stands_on_the_fm_line() -> None:
    assert from_line(HEADER) == "AMEMBASSY BERN"
    assert from_line("FM   AMCONSUL  SAO PAULO \r\nTO X") == "AMCONSUL SAO PAULO"
    assert from_line("TO X") is None


@given(st.datetimes(dt.datetime(1966, 1, 1), dt.datetime(2065, 12, 31)))
def test_every_minute_of_the_archive_is_read_back(when: dt.datetime) -> None:
    group = f"{when:%d%H%M}Z {when:%b} {when:%y}"
    assert date_time_group("P " + group) == when.replace(second=0, microsecond=0, tzinfo=dt.timezone.utc)


@given(st.text() | SCRAPS)
def test_any_header_can_be_read(text: str) -> None:
    for header in (text, "TO " + text):
        assert all(one.name for one in recipients(header) + info_recipients(header))
        precedence(header)
        date_time_group(header)
        assert from_line(header) != ""


@pytest.mark.parametrize(
    "scrap", ["TO ", "\nTO X", "XMT A\n", "\nA\nXMT B", "RUEHC/", "PAGE 02 ", "190243Z", "(", "\n", " ", "FM "]
)
def test_a_megabyte_of_fragments_is_read_in_good_time(scrap: str) -> None:
    header = "FM X\nTO RUEHC/SECSTATE\n" + scrap * (1_000_000 // len(scrap))
    assert recipients(header)
    assert info_recipients(header) == []
    assert (precedence(header), date_time_group(header)) == ((), None)
