"""Analysis: words are folded, split into parts, stemmed, and located in the text."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.stem.snowball import EnglishStemmer

from cablesearch.text import analysis
from cablesearch.text.analysis import (
    fold,
    indexing_stem,
    joined,
    prepare,
    spellings,
    split,
    stem,
)
from cablesearch.text.continuation import CONTINUED
from cablesearch.text.folding import is_kept_mark
from cablesearch.text.places import words_with_places

anything = st.text(st.characters(codec=None, exclude_categories=())) | st.text(
    "abÉé'’-. U.S“‐\xad\udce9ß ﬁ\n\r北한แ้\u200dल", max_size=30
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("U.S. and US", ["us", "and", "us"]),
        ("the U.N.-led mission", ["the", "un", "unled", "led", "+unled", "mission"]),
        ("China's “plan”", ["china", "plan"]),
        ("the ministers’ don’t", ["the", "ministers", "dont"]),
        ("counter-TIP", ["counter", "countertip", "tip", "+countertip"]),
        ("O'Donohue", ["o", "odonohue", "donohue", "+odonohue"]),
        (
            "Al-Qa'ida",
            ["al", "alqa", "alqaida", "qa", "qaida", "+alqa", "+alqaida", "ida", "+qaida", "+alqaida"],
        ),
        ("counter-\nTIP", ["counter", "countertip", "tip", "+countertip"]),
        ("counter- \r\n   TIP", ["counter", "countertip", "tip", "+countertip"]),
        ("co\xad\n operate", ["co", "cooperate", "operate", "+cooperate"]),
        ("the end -\n\n- a list", ["the", "end", "a", "list"]),
        ("the plan-\n\na list", ["the", "plan", "a", "list"]),
        ("Łódź, Đurimović, Tromsø, Kırıkkale, Æsop", ["lodz", "durimovic", "tromso", "kirikkale", "aesop"]),
        ("Straße, Œuvre, ﬁne, þorn, Ǿ, ŧ", ["strasse", "oeuvre", "fine", "thorn", "o", "t"]),
        ("zor\u200bblax zor\u200cblax zor\u2060blax zor\u200dblax \u202azor\ufe0fblax\u202c", ["zorblax"] * 5),
        ("كتـــاب می\u200cخواهم", ["كتاب", "میخواهم"]),
        ("北京大学 2010年", ["北", "京", "大", "学", "2010", "年"]),
        ("タイガー", ["タ", "イ", "か\u3099".replace("か", "カ"), "ー"]),
        ("ที่ดี", ["ที่", "ดี"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("São Paulo, Asunción", ["sao", "paulo", "asuncion"]),
        ("1.4 (b) 2,500", ["1", "4", "b", "2", "500"]),
        ("a file_name", ["a", "file", "name"]),
        ("caf\udce9", ["cafe"]),
        ("co‐operate", ["co", "cooperate", "operate", "+cooperate"]),
        ("e.g. Amb. Smith", ["eg", "amb", "smith"]),
        ("", []),
    ],
)
def test_words_are_folded_and_found_whole_and_in_parts(text: str, words: list[str]) -> None:
    assert [word.replace(CONTINUED, "+") for word in split(text)[0]] == words


@pytest.mark.parametrize(
    ("written", "other"),
    [("한국", "한국"), ("が", "が"), ("é", "é"), ("क़", "क़"), ("ﾀｲ", "タイ")],
)
def test_composed_and_decomposed_letters_are_the_same(written: str, other: str) -> None:
    assert split(written)[0] == split(other)[0] == split(unicodedata.normalize("NFKD", other))[0]


def test_a_word_is_spelt_in_parts_and_joined() -> None:
    assert spellings("a cease-fire") == [[["a"]], [["cease", "fire"], ["ceasefire"]]]
    assert spellings("al-qa'ida") == [[["al", "qa", "ida"], ["alqa", "ida"], ["al", "qaida"], ["alqaida"]]]
    assert spellings("a-b-c-d-e") == [[list("abcde"), ["abcde"]]]
    assert spellings("-") == []


@pytest.mark.parametrize(
    ("written", "pattern"),
    [
        ("Negotiat*", "negotiat*"),
        ("counter-t*", "countert*"),
        ("al-qa'i?a", "alqai?a"),
        ("U.N.*", "un*"),
        ("wom?n's", "wom?n"),
        ("qur'a*", "qura*"),
        ("Łód*", "lod*"),
        ("1.4*", None),
        ("9/1*", None),
        ("quix.gov*", None),
        ("a_b*", None),
        ("北京*", None),
    ],
)
def test_a_pattern_is_a_single_word(written: str, pattern: str | None) -> None:
    assert joined(written) == pattern


def test_a_joined_word_stands_beside_its_first_part() -> None:
    words, places = split("a counter-TIP plan")
    assert words == ["a", "counter", "countertip", "tip", f"{CONTINUED}countertip", "plan"]
    assert places == [0, 1, 1, 2, 2, 3]
    assert split("a counter-TIP plan", True) == (["a", "counter", "tip", "plan"], [0, 1, 2, 3])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x" * 255, [("x" * 255, 0)]),
        ("x" * 300, [("x" * 255, 0), ("x" * 45, 1)]),
        ("x" * 600 + " a", [("x" * 255, 0), ("x" * 255, 1), ("x" * 90, 2), ("a", 3)]),
        ("x" * 200 + "-" + "y" * 100, [("x" * 200, 0), ("x" * 200 + "y" * 55, 0), ("y" * 100, 1), ("y" * 45, 1)]),
        ("x" * 255 + "-y", [("x" * 255, 0), ("y", 1)]),
        ("x" * 300 + "'s", [("x" * 255, 0), ("x" * 45, 1)]),
        ("a'" + "b'" * 299 + "b", [("a" + "b" * 254, 0), ("b" * 46, 1)]),
        ("a." * 300, [("a" * 255, 0), ("a" * 45, 1)]),
    ],
)
def test_a_long_word_is_cut_every_255_letters(text: str, words: list[tuple[str, int]]) -> None:
    result, places = split(text)
    assert list(zip(result, range(len(result)) if places is None else places, strict=True)) == words
    marked = words_with_places(text)
    assert [(word, place) for word, place, _, _ in marked] == words
    # A query gets the same words in the same order; an index gets the joined words too.
    asked, at = split(text, True)
    assert at is None or at == list(range(len(asked)))
    assert all(text.casefold()[start:end].strip("'.") for _, _, start, end in marked)
    whole, _ = split("".join(filter(str.isalnum, text.split(maxsplit=1)[0].removesuffix("'s"))), True)
    assert set(zip(whole, range(len(whole)), strict=True)) <= set(words)


_HOSTILE = ["a'b", "a-b", "a.b.", "x", "don't-", "'s", "a,b;c", "\ufdfa", "\u0130x\u0307", "a.b.cd'"]


@pytest.mark.parametrize("piece", _HOSTILE)
def test_analysis_takes_steps_in_proportion_to_the_text(piece: str) -> None:
    def steps(length: int) -> int:
        text, count = piece * (length // len(piece)), 0

        def watch(frame: object, event: str, argument: object) -> None:
            nonlocal count
            count += 1

        sys.setprofile(watch)
        try:
            for function in (prepare, split, words_with_places):
                function(text)
        finally:
            sys.setprofile(None)
        return count

    assert steps(40_000) < 5 * steps(10_000) + 1_000


@given(anything)
def test_no_letter_or_digit_is_lost(text: str) -> None:
    parts = split(text, True)[0]
    letters = "".join(char for char in fold(text) if char.isalnum() or is_kept_mark(char))
    kept = "".join(parts)
    # Only the s of a possessive is dropped.
    marks = sum(map(is_kept_mark, letters))
    assert (
        len(kept)
        <= len(letters)
        <= marks + len(kept) + text.casefold().count("s") + sum("s" in fold(char) for char in text)
    )


@given(anything)
def test_analysis_is_settled_after_one_pass(text: str) -> None:
    words = split(text, True)[0]
    assert [word for item in words for word in split(item, True)[0]] == words
    assert split(" ".join(words), True)[0] == words
    assert fold(fold(text)) == fold(text)


@given(anything)
def test_words_are_highlighted_in_the_fields_that_index_them(text: str) -> None:
    words, places = split(text)
    marked = words_with_places(text)
    assert [word for word, *_ in marked] == words
    assert [place for _, place, _, _ in marked] == (places or list(range(len(words))))
    assert all(0 <= start < end <= len(text) for _, _, start, end in marked)


@given(st.text(st.characters(categories=["Ll", "Nd"]), max_size=20))
def test_queries_and_the_index_stem_alike(word: str) -> None:
    for part in split(word)[0]:
        assert stem(part) == EnglishStemmer().stem(part) == indexing_stem(part)
        # So the words of a text need not be stemmed that begin otherwise than those of a query.
        assert stem(part)[0] == part[0] or not "a" <= part[0] <= "z"


_SUFFIXES = (
    "'s s es ed ied ing ly eedly edly ingly y e er or al ul l ion ism ant ent ic i ment ement ize iti ous ive able "
    "ance ence ogi li bli ness ful less ational ate ator alism aliti ousli iviti biliti"
)
_MADE_UP = st.builds(
    "".join,
    st.tuples(
        st.text("abcdeghiklmnoprstuvyz0é", max_size=5),
        st.sampled_from(["", *_SUFFIXES.split()]),
        st.sampled_from(["", *_SUFFIXES.split()]),
        st.text("abefhjkopquvwxzntlr9", max_size=1),
    ),
)


@given(_MADE_UP.filter(bool))
def test_a_word_that_ends_like_no_suffix_is_its_own_stem(word: str) -> None:
    assert indexing_stem(word) == EnglishStemmer().stem(word)


@given(_MADE_UP.filter(bool) | st.sampled_from(sorted(EnglishStemmer()._EnglishStemmer__special_words)))
def test_a_word_begins_like_its_stem_but_for_the_last_two_letters_of_the_stem(word: str) -> None:
    # So words that cannot match are passed over unread.
    for part in split(word)[0]:
        same = max(1, len(stem(part)) - 2)
        assert stem(part)[:same] == part[:same]


@given(anything | st.text(st.characters(min_codepoint=0x80, max_codepoint=0x2FFF), max_size=30))
def test_the_usual_pattern_finds_the_words_of_all_scripts_that_it_is_used_for(text: str) -> None:
    folded = fold(text)
    assert analysis.word_pattern(folded).findall(folded) == analysis._foreign_word().findall(folded)


@given(anything)
def test_the_words_of_a_text_are_those_of_its_prepared_chunks(text: str) -> None:
    words, places = split(text)
    result: list[tuple[str, int]] = []
    at = 0
    for chunk in prepare(text).split():
        pieces, within = split(chunk)
        where = list(range(len(pieces))) if within is None else within
        result += [(piece, at + place) for piece, place in zip(pieces, where, strict=True)]
        at += max(where, default=-1) + 1
    assert result == list(zip(words, range(len(words)) if places is None else places, strict=True))


def test_a_word_with_too_many_hyphens_becomes_several_words() -> None:
    words, places = split("a-" * 24_999 + "b")
    assert places is not None
    parts = [place for word, place in zip(words, places, strict=True) if len(word) == 1]
    assert parts == list(range(25_000))
    long = [place for word, place in zip(words, places, strict=True) if len(word) > 1]
    # Each word of 10,000 parts is joined to pieces of 255 letters, which begin where the word begins.
    assert [place for place in long if place % 10_000 == 0] == [0, 10_000, 20_000]
    assert len(long) == 40 + 40 + 20
    assert [(word, place) for word, place, _, _ in words_with_places("a-" * 24_999 + "b")] == list(
        zip(words, places, strict=True)
    )
