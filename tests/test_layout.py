"""Lines of text: how wide they are, where they break, and what becomes of colours."""

from __future__ import annotations

import re
import subprocess
import sys
from unittest import mock

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from cablesearch.cli.rendering import layout
from cablesearch.cli.rendering.cells import cells, units
from cablesearch.cli.rendering.layout import fitted, wrapped

STYLES = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("¶ naïve – “x” … €", 17),
        ("中文", 4),
        ("한국어", 6),
        ("ｶﾅ", 2),
        ("e\u0301", 1),
        ("नमस्ते", 4),
        ("עִבְרִית", 5),
        ("😀", 2),
        ("Привет", 6),
        ("\x1b[33mab\x1b[0m", 2),
    ],
)
def test_text_is_as_wide_as_terminals_show_it(text: str, expected: int) -> None:
    assert cells(text) == expected


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Zl", "Zp", "Cn", "Co"))))
def test_widths_are_those_of_rich(text: str) -> None:
    assert cells(text) == cell_len(text)


words = st.text(st.sampled_from("abcde,.-é中文字。、」한ｶ\u0301😀"), min_size=1, max_size=60)
styled = words | words.map(lambda word: click.style(word, fg="yellow", bold=True))
texts = st.lists(styled, max_size=30).map(" ".join)


def at(width: int) -> mock._patch[mock.Mock]:
    """Let the terminal have a width."""
    return mock.patch.object(layout, "columns", return_value=width)


@given(texts, st.integers(40, 110), st.sampled_from(["", "  ", "     "]))
def test_lines_fit_and_keep_every_character(text: str, width: int, indent: str) -> None:
    with at(width):
        lines = wrapped(text, indent).split("\n")
    assert max(map(cells, lines)) <= min(width, 100)
    assert all(line.startswith(indent) for line in lines)
    plain = [STYLES.sub("", line) for line in lines]
    assert "".join("".join(plain).split()) == "".join(STYLES.sub("", text).split())


@given(texts, st.integers(40, 110))
def test_every_line_begins_and_ends_without_a_colour(text: str, width: int) -> None:
    with at(width):
        lines = wrapped(text).split("\n")
    styles: list[tuple[str, str]] = []
    for line in lines:
        found = STYLES.findall(line)
        assert not found or found[-1] == "\x1b[0m"
        active = ""
        for piece in re.split(r"(\x1b\[[0-9;]*m)", line):
            if piece.startswith("\x1b"):
                active = "" if piece == "\x1b[0m" else active + piece
            else:
                styles += [(char, active) for char in piece if char != " "]
    active, expected = "", []
    for piece in re.split(r"(\x1b\[[0-9;]*m)", text):
        if piece.startswith("\x1b"):
            active = "" if piece == "\x1b[0m" else active + piece
        else:
            expected += [(char, active) for char in piece if char != " "]
    assert styles == expected


def test_words_stay_whole_where_they_fit() -> None:
    with at(40):
        assert wrapped("one two " + "x" * 38 + " three", "  ") == f"  one two\n  {'x' * 38}\n  three"
        assert wrapped("one " + "x" * 50, "  ") == f"  one\n  {'x' * 38}\n  {'x' * 12}"


def test_chinese_text_breaks_between_characters_but_not_before_punctuation() -> None:
    with at(40):
        assert wrapped("中" * 45) == "\n".join(["中" * 20, "中" * 20, "中" * 5])
        assert wrapped("中" * 20 + "。中") == "中" * 19 + "\n中。中"
        assert wrapped("中" * 18 + "abcdef中") == "中" * 18 + "\nabcdef中"
    assert list(units("ab中c", 40)) == [("ab", 2), ("中", 2), ("c", 1)]


def test_parts_of_a_line_stay_together_where_they_fit() -> None:
    with at(40):
        assert fitted(["1. a", "b c", "d" * 20, "e f g h i"], "   ") == f"1. a  b c  {'d' * 20}\n   e f g h i"
        assert fitted(["1. a", "bb " * 20], "   ") == "1. a  " + "bb " * 10 + "bb\n   " + ("bb " * 9).strip()
    with at(200):
        assert fitted(["x" * 150, "y"], "   ") == "x" * 150 + "  y"


def test_prose_is_not_wider_than_is_good_to_read() -> None:
    with at(300):
        assert max(map(len, wrapped("word " * 100).split("\n"))) <= 100


def test_usual_text_is_measured_without_rich() -> None:
    code = (
        "import sys\nfrom cablesearch.cli.rendering.layout import wrapped\n"
        "wrapped('1. 10BEIJING30 ¶4 — “naïve” … Москва')\nprint('rich' in sys.modules)\n"
        "wrapped('中文')\nprint('rich' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["False", "True"]


def test_an_ellipsis_does_not_stand_on_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert wrapped("one two three four five six seven eight …").splitlines()[-1] == "eight …"
    assert wrapped("…") == "…"
