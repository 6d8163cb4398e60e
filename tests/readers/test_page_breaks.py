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
