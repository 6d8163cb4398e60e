"""Pages of the mirrors, early and late ones."""

from __future__ import annotations

import contextlib
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.readers.errors import UnreadableCable
from cablesearch.readers.formats.html_pages import looks_like_page, page_body, page_header, parse_page

HEADER = """VZCZCXRO0379
PP RUEHTRO
DE RUEHC #0284/01 0041825
P R 041820Z JAN 10
FM SECSTATE WASHDC
TO RUEHTRO/AMEMBASSY TRIPOLI"""
BODY = """C O N F I D E N T I A L STATE 000284

SIPDIS

E.O. 12958: DECL: 01/04/2020
TAGS: <a href='/tag/MASS_0.html'>MASS</a> <a href='/tag/MARR_0.html'>MARR</a>
SUBJECT: LIBYA&#8217;S R&D

<a id='par1' href='#par1'>¶</a>1. (C) First, <5 percent, <ann@example.org>.

<a id='par2' href='#par2'>¶</a>2.(C) Second &amp; last, as said in par <b>1</b>.

CLINTON"""
TEXT = """C O N F I D E N T I A L STATE 000284

SIPDIS

E.O. 12958: DECL: 01/04/2020
TAGS: MASS MARR
SUBJECT: LIBYA’S R&D

1. (C) First, <5 percent, <ann@example.org>.

2.(C) Second & last, as said in par 1.

CLINTON"""
EARLY = {
    "Reference ID": "<a href='/cable/2010/01/10STATE284.html'>10STATE284</a>",
    "Created": "<a href='/date/2010-01_0.html'>2010-01-04 18:06</a>",
    "Released": "<a href='/reldate/2011-01-31_0.html'>2011-01-31 21:09</a>",
    "Classification": "<a href='/classification/1_0.html' title='unclassified'>CONFIDENTIAL</a>",
    "Origin": "<a href='/origin/7_0.html'>Secretary of State</a>",
}
LATE = {name: cell for name, cell in EARLY.items() if name != "Released"}


def table(cells: dict[str, str], headings: bool = True) -> str:
    heads = "".join(f"<th>{name}</th>\n" for name in cells) if headings else ""
    values = "".join(f"<td>\n{cell}\n</td>\n" for cell in cells.values())
    articles = "<tr>\n<td colspan='5'>Appears in these articles:<br />\n<a href='http://not'>http://not</a></td></tr>\n"
    return f"<table class='cable'>\n<tr>\n{heads}</tr>\n<tr>\n{values}</tr>\n{articles}</table>\n"


def page(cells: dict[str, str], *blocks: str, title: str = "10STATE284, LIBYA", headings: bool = True) -> str:
    pres = "".join("<code><pre>" + block.replace("\n", "&#x000A;") + "</pre></code>\n" for block in blocks)
    return (
        "<?xml version='1.0' encoding='utf-8' ?>\n<!DOCTYPE html>\n<html lang='en'>\n<head><title>Cable Viewer</title>"
        f"</head>\n<body>\n<div class='pane big'>\n<h3>Viewing cable {title}</h3>\n<table class='cable'>help</table>\n"
        f"{table(cells, headings)}{pres}</div>\n</body>\n</html>\n"
    )


@pytest.mark.parametrize("cells", [EARLY, LATE], ids=["early", "late"])
@pytest.mark.parametrize("headings", [True, False])
def test_a_page_becomes_a_cable(cells: dict[str, str], headings: bool) -> None:
    cable = parse_page((page(cells, HEADER, BODY, headings=headings), ""))
    assert cable.id == "10STATE284"
    assert cable.origin == "Secretary of State"
    assert cable.classification_text == "CONFIDENTIAL"
    assert (cable.header, cable.body) == (HEADER, TEXT)
    assert cable.subject == "LIBYA’S R&D"
    assert [one.number for one in cable.paragraphs] == [1, 2]
    assert cable.paragraphs[0].text == "First, <5 percent, <ann@example.org>."


@pytest.mark.parametrize(
    ("shown", "header", "expected"),
    [
        ("2010-01-04 18:06", HEADER, (18, 20)),
        ("2010-01-04 18:06", "", (18, 0)),
        ("2010-01-04 00:12", "", (0, 0)),
        ("2010-01-04 18:31", "", (18, 31)),
        ("2010-01-04 17:05", HEADER, (17, 0)),
        ("", HEADER, (18, 20)),
    ],
)
def test_minutes_are_those_of_the_date_time_group(shown: str, header: str, expected: tuple[int, int]) -> None:
    cable = parse_page((page(LATE | {"Created": shown}, header, BODY), ""))
    assert cable.date == dt.datetime(2010, 1, 4, *expected, tzinfo=dt.timezone.utc)


def test_a_single_block_is_the_body() -> None:
    text = page(LATE, BODY)
    assert (page_header(text), page_body(text)) == ("", TEXT)
    assert parse_page((text, "")).header == ""


def test_a_page_cut_off_in_its_body_keeps_what_is_there() -> None:
    text = page(LATE, HEADER, BODY)
    assert page_body(text[: text.index("CLINTON")]) == TEXT.removesuffix("CLINTON")


def test_a_body_that_is_a_row_of_the_dump_is_taken_apart() -> None:
    row = f"2010-01-04 18:20:00\t10STATE284\tSecretary of State\tCONFIDENTIAL\t09STATE1\t{HEADER}\t{BODY}"
    lines = "".join(f"{line} \\\n" for line in row.split("\n"))
    cable = parse_page((page({}, lines, title=","), ""))
    assert (cable.id, cable.origin, cable.classification_text) == ("10STATE284", "Secretary of State", "CONFIDENTIAL")
    assert cable.date == dt.datetime(2010, 1, 4, 18, 20, tzinfo=dt.timezone.utc)
    assert cable.header == HEADER.replace("\n", " \n")
    assert cable.body == TEXT.replace("\n", " \n") + " \n"


def test_the_classification_is_the_text_of_its_link_and_not_the_title() -> None:
    assert parse_page((page(EARLY, HEADER, BODY), "")).classification_text == "CONFIDENTIAL"


def test_without_a_table_the_heading_or_else_the_files_name_gives_the_id() -> None:
    assert parse_page((page({}, "", BODY), "07BERN1")).id == "10STATE284"
    assert parse_page((page({}, "", BODY, title=""), "07BERN1")).id == "07BERN1"


def test_a_subject_that_the_body_lacks_is_taken_from_the_heading() -> None:
    body = BODY.replace("SUBJECT: LIBYA&#8217;S R&D\n", "")
    assert parse_page((page(LATE, HEADER, body, title="10STATE284, LIBYA \\"), "")).subject == "LIBYA"
    assert parse_page((page(LATE, HEADER, body, title="10STATE284,"), "")).subject is None


def test_other_tags_of_links_may_be_in_any_form() -> None:
    body = "TAGS: <A HREF=\"/tag/PGOV_0.html\">PGOV</A><a\nhref='/tag/CH_0.html' >CH</a ><br/>1. (C) Text"
    assert page_body(f"<pre>{body}</pre>") == "TAGS: PGOVCH\n1. (C) Text"


@pytest.mark.parametrize("text", ["<html><body><p>No cable</p></body></html>", "<pre> </pre>", "<pre>", "<"])
def test_a_page_without_text_of_a_cable_is_refused(text: str) -> None:
    with pytest.raises(UnreadableCable, match="web page"):
        parse_page((text, "10STATE284"))


def test_pages_are_told_by_their_tags() -> None:
    assert looks_like_page(page(LATE, BODY))
    assert looks_like_page("\n<HTML>")
    assert looks_like_page("saved from the web\n<table class='cable'>")
    assert not looks_like_page(TEXT)
    assert not looks_like_page("<5 percent")


@given(st.text(st.sampled_from(list("<>/='\"&#;\\\n\t¶ aprextdhblscode012345:-")), max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    page_body(text)
    page_header(text)
    with contextlib.suppress(UnreadableCable):
        parse_page((text + "<pre>1. (C) x</pre>", "10STATE284"))


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<a ",
        "<a id=par",
        "<table class=",
        "<table class='cable'>",
        "<th>",
        "<pre>",
        "</",
        "&#",
        "\\\n",
        "<h3> ",
        "<!--",
    ],
)
def test_megabytes_of_hostile_text_are_read(piece: str) -> None:
    """In quadratic time this would not end."""
    text = piece * (1_000_000 // len(piece))
    assert page_body("<pre>" + text) is not None
    assert page_header(text) is not None
    with contextlib.suppress(UnreadableCable):
        parse_page(("<table class='cable'>" + text + "<pre>1. (C) x</pre>", "10STATE284"))


@pytest.mark.parametrize("name", ["b", "mark", "abbr", "s", "q", "del", "kbd", "var", "label", "big", "center"])
def test_markup_around_a_marking_is_dropped(name: str) -> None:
    page = f"<html><pre>UNCLAS\n\n1. (U) Rain.\n\n2. <{name}>(S)</{name}> Sun.\n\n3. (<{name}>S</{name}>) Fog.</pre>"
    assert [one.marking for one in parse_page((page, "10PALERMO1")).paragraphs] == ["U", "S", "S"]


def test_numbers_of_characters_need_no_semicolon() -> None:
    assert page_body("<pre>2. &#40S&#41 Sun &#x41 R&D &amp; S&P;</pre>") == "2. (S) Sun A R&D & S&P;"
