"""Telegrams told from other texts, and from one another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.readers.formats.telegram_texts import telegram_texts, why_no_telegram

FIRST = """VZCZCXRO4549
OO RUEHRG RUEHKW
DE RUEHSW #0881/01 2540944
ZNY CCCCC ZZH
O 110944Z SEP 07
FM AMEMBASSY BERN
TO RUEHC/SECSTATE WASHDC IMMEDIATE 4460

C O N F I D E N T I A L BERN 000881

SUBJECT: RAIN IN BERN

1. (C) It rained.

DOE
NNNN

"""
SECOND = """O P 190243Z DEC 89

FM AMEMBASSY PANAMA
TO SECSTATE WASHDC

S E C R E T PANAMA 08545

SUBJECT: SUN IN PANAMA

1. (S) It shone.

ROE
"""


@pytest.mark.parametrize("texts", [[FIRST], [SECOND], [FIRST, SECOND], [SECOND, "\n" + FIRST, SECOND]])
def test_each_telegram_of_a_file_starts_with_its_own_header(texts: list[str]) -> None:
    found = telegram_texts("".join(texts))
    assert [one.strip() for one in found] == [one.strip() for one in texts]


@pytest.mark.parametrize(
    "quotation", ["\n\nBEGIN QUOTE\n\n", "\n\nIt said:\n\n", "\n-------\n\n", "\n\nBEGIN TEXT\n\n", "\n"]
)
def test_a_telegram_that_another_quotes_is_no_telegram_of_the_file(quotation: str) -> None:
    text = FIRST.removesuffix("DOE\nNNNN\n\n").rstrip() + quotation + SECOND
    assert telegram_texts(text) == [text]


def test_a_header_that_comes_again_starts_no_telegram() -> None:
    text = FIRST + "\n\n" + FIRST[: FIRST.index("C O N F")]
    assert telegram_texts(text) == [text]


def test_a_text_whose_header_comes_late_is_one_telegram() -> None:
    text = FIRST[FIRST.index("C O N F") :] + "\n\n" + SECOND + "\n\n" + FIRST
    assert telegram_texts(text) == [text]


@given(st.lists(st.sampled_from([FIRST, SECOND, "FM X\n", "O 110944Z SEP 07\n", "\n", "x", "-----\n"]), max_size=6))
def test_the_texts_together_are_the_file(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert "".join(telegram_texts(text)) == text


@pytest.mark.parametrize(
    "text",
    [FIRST, SECOND, "UNCLAS SANAA 001\n", "Tags: PGOV\n", "x\n¶4. (SBU) Text", "E.O. 12958: N/A", "FM AMEMBASSY ROME"],
)
def test_the_marks_of_a_telegram(text: str) -> None:
    assert why_no_telegram(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty file"),
        (" \n", "empty file: only white space"),
        ("Dear Sir,\n\nwe met on Monday.\n", "not a cable: no header"),
    ],
)
def test_other_texts_are_refused_with_a_reason(text: str, reason: str) -> None:
    assert (why_no_telegram(text) or "").startswith(reason)


@pytest.mark.parametrize(
    "piece", ["\n", " ", "\nFM A", "O 110944Z SEP 07\n", "\n\nO 110944Z SEP 07\nFM A", "DE R" * 50 + "\n", FIRST]
)
def test_megabytes_of_hostile_text_are_read(piece: str) -> None:
    """In quadratic time this would not end."""
    text = piece * (2_000_000 // len(piece))
    assert telegram_texts("FM A FM B" + text)
    why_no_telegram(text)
