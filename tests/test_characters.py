"""Where texts can be cut without taking characters apart."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.text.characters import after_marks, character_end, character_start

CHARACTERS = [
    "a",
    " ",
    "e\u0301",
    "e\u0301\u0323\u20dd",
    "é",
    "新",
    "\u0e01\u0e33",  # Thai: a letter and a vowel that Unicode counts as a letter
    "\u0e01\u0e34\u0e48",  # Thai: a letter, a vowel above and a tone
    "\u0915\u093f",  # Devanagari: a letter and a vowel
    "\u1112\u1161\u11ab",  # Hangul in single letters
    "\ud55c",  # Hangul as one syllable
    "\ud558\u11ab",  # Hangul, a syllable and a letter
    "\U0001f1e7\U0001f1f7",  # a flag
    "\u270a\U0001f3fd",  # a hand and the colour of its skin
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",  # a family
    "\u2764\ufe0f",  # a heart, as a picture
    "\uff8a\uff9e",  # half-width katakana with a voicing mark
]


@given(st.lists(st.sampled_from(CHARACTERS), max_size=12), st.integers(0, 60))
def test_a_text_is_cut_between_characters(characters: list[str], place: int) -> None:
    text = "".join(characters)
    place = min(place, len(text))
    borders, at = [0], 0
    for char in characters:
        at += len(char)
        borders.append(at)
    assert character_start(text, place) == max(border for border in borders if border <= place)
    assert character_end(text, place) == min(border for border in borders if border >= place)


@given(st.text(), st.integers(0, 50))
def test_marks_end_where_another_character_begins(text: str, place: int) -> None:
    after = after_marks(text, min(place, len(text)))
    assert all(not char.isalnum() or char in "\u0e33\u0eb3\uff9e\uff9f" for char in text[place:after])
    assert after >= len(text) or unicodedata.category(text[after])[0] != "M"


@pytest.mark.parametrize("place", [0, 1, 500, 1_000, 1_001])
def test_a_letter_under_very_many_accents_may_be_cut(place: int) -> None:
    text = "e" + "\u0301" * 1_000
    assert character_start(text, place) in (0, place)
    assert character_end(text, place) in (len(text), place)
    assert after_marks(text, 1) == len(text)


def test_an_accent_behind_a_blank_is_a_character_of_its_own() -> None:
    assert character_start(" \u0301", 1) == 1
    assert character_end("\u0301a", 0) == 0
