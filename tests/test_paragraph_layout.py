"""The layout of paragraphs: their tables, and the stretches of their text."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from cablesearch.answers.layout import Block, blocks
from cablesearch.archive import Archive
from cablesearch.cable import Cable, Paragraph, collapsed
from tests.support.cables import cable

TABLE = """\
1. (U) THE FIGURES ARE:
PERIOD       HECTARES       UNITS
1952/53           200         572
1958/59         1,000      15,000

UNCLASSIFIED

PAGE 02  LA PAZ 02773  011540Z

1968/69         6,000      90,000
SOURCE: THE MINISTRY."""


def in_body(body: str, text: str) -> tuple[Cable, Paragraph]:
    """Return a cable with one paragraph, which is all of its body."""
    made = cable("09ROME1", text)
    paragraph = replace(made.paragraphs[0], start=0, end=len(body))
    return replace(made, body=body, paragraphs=(paragraph,)), paragraph


def shown(whole: Cable, paragraph: Paragraph) -> list[str]:
    """Return the parts of a paragraph, tables in lines."""
    return ["\n".join(block.lines) or paragraph.text[block.start : block.end] for block in blocks(whole, paragraph)]


def test_the_lines_of_a_table_are_those_of_the_source_without_page_breaks() -> None:
    text = (
        "THE FIGURES ARE: PERIOD HECTARES UNITS 1952/53 200 572 1958/59 1,000 15,000 1968/69 6,000 90,000 "
        "SOURCE: THE MINISTRY."
    )
    assert shown(*in_body(TABLE, text)) == [
        "THE FIGURES ARE:",
        "PERIOD       HECTARES       UNITS\n1952/53           200         572\n1958/59         1,000      15,000\n"
        "1968/69         6,000      90,000",
        "SOURCE: THE MINISTRY.",
    ]


def test_lines_without_columns_are_part_of_a_table_only_inside_of_it() -> None:
    body = "NAMES:\nFIRST     1     2\nA LONG NAME\nWRAPPED   3     4\nLAST      5     6\nEND."
    assert shown(*in_body(body, collapsed(body))) == [
        "NAMES:",
        "FIRST     1     2\nA LONG NAME\nWRAPPED   3     4\nLAST      5     6",
        "END.",
    ]


def test_two_lines_with_gaps_are_no_table() -> None:
    body = "A GAP     HERE\nAND     THERE\nAND NO MORE."
    assert shown(*in_body(body, collapsed(body))) == [collapsed(body)]


def test_an_empty_line_parts_the_text_after_a_sentence_and_not_within_one() -> None:
    body = "2. (C) IT BEGAN\n\nIN MAY.\n\nIT ENDED IN JUNE."
    assert shown(*in_body(body, "IT BEGAN IN MAY. IT ENDED IN JUNE.")) == ["IT BEGAN IN MAY.", "IT ENDED IN JUNE."]


def test_a_paragraph_that_is_not_in_the_body_is_running_text() -> None:
    body = "A     1     2\nB     3     4\nC     5     6"
    assert shown(*in_body(body, "Something else.")) == ["Something else."]
    hidden, paragraph = cable("09ROME1", "A 1 2 B 3 4 C 5 6"), cable("09ROME1", "A 1 2 B 3 4 C 5 6").paragraphs[0]
    assert shown(hidden, paragraph) == ["A 1 2 B 3 4 C 5 6"]


words = st.text("AB1.-", min_size=1, max_size=3)
gaps = st.sampled_from([" ", "  ", "     ", "\t", "\n", "\n\n", "\n   \n", "\nPAGE 2\n"])


@given(st.lists(st.tuples(words, gaps), min_size=1, max_size=40))
def test_the_parts_have_the_whole_text_in_order(parts: list[tuple[str, str]]) -> None:
    body = "".join(word + gap for word, gap in parts)
    text = collapsed(body.replace("PAGE 2", ""))
    whole, paragraph = in_body(body, text)
    made = blocks(whole, paragraph)
    assert "".join(text[block.start : block.end] for block in made).split() != [] or not text
    left = text
    for block in made:
        assert not left[: block.start - (len(text) - len(left))].strip()
        left = text[block.end :]
        check_lines(text, block)
    assert not left.strip()


def check_lines(text: str, block: Block) -> None:
    """Check that the lines of a table have the characters of the text, but for white space."""
    assert len(block.lines) == len(block.places)
    for line, (start, end) in zip(block.lines, block.places, strict=True):
        assert "".join(line.split()).removesuffix("-") == "".join(text[start:end].split()).removesuffix("-")


def test_the_paragraphs_of_the_real_cable_are_whole(beijing: Archive) -> None:
    real = beijing["10BEIJING30"]
    for paragraph in real.paragraphs:
        made = blocks(real, paragraph)
        assert " ".join(paragraph.text[block.start : block.end] for block in made) == paragraph.text
