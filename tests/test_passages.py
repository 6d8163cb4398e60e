"""Sentences, highlighting and snippets."""

from __future__ import annotations

import doctest
import itertools
import tracemalloc
from types import ModuleType
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh import query as q

import cablesearch.results.marking
import cablesearch.results.passages
import cablesearch.results.sentences
import cablesearch.text.analysis
import cablesearch.text.lookalikes
from cablesearch.engine.search.execute import leaves
from cablesearch.engine.search.expand import edit_distances
from cablesearch.query import parse
from cablesearch.results.marking import Highlighter, Marker
from cablesearch.results.passages import _worths, best_passage, passage
from cablesearch.results.sentences import sentences
from cablesearch.text.analysis import words_with_places


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He left. She stayed.", ["He left.", "She stayed."]),
        ("Amb. Moeling met Gen. Smith on Jan. 8. He agreed.", ["Amb. Moeling met Gen. Smith on Jan. 8.", "He agreed."]),
        ("See No. 5. Then stop!", ["See No. 5.", "Then stop!"]),
        ("The U.S. Embassy agreed. It was late.", ["The U.S. Embassy agreed.", "It was late."]),
        ("They left the U.S. The talks failed.", ["They left the U.S.", "The talks failed."]),
        ('He said "no." We left.', ['He said "no."', "We left."]),
        ("Why? Because! So it is...", ["Why?", "Because!", "So it is..."]),
        ("about 2.5 percent", ["about 2.5 percent"]),
        ("", []),
    ],
)
def test_sentences_end_where_people_end_them(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


@given(st.text(st.sampled_from('ab. AU!?"(\n'), max_size=80))
def test_sentences_cover_the_text_in_order(text: str) -> None:
    spans = sentences(text)
    assert "".join(text[start:end] for start, end in spans).split() == text.split() or "".join(
        "".join(text[start:end] for start, end in spans).split()
    ) == "".join(text.split())
    assert all(item[1] <= other[0] for item, other in itertools.pairwise(spans))


def marks(query: str, text: str) -> list[str]:
    spans = Marker(leaves(parse(query)), ("text", "exact")).spans(text)
    return [text[start:end] for start, end, _ in spans]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("negotiate", ["negotiations", "Negotiating"]),
        ("negotiat*", ["negotiations", "Negotiating"]),
        ("exact:negotiating", ["Negotiating"]),
        ('"china open"', ["China", "opened"]),
        ('"open china"~2', []),
        ("counter-TIP", ["counter", "TIP"]),
        ("negotiashuns~2", []),
        ("negotiatiuns~1", ["negotiations"]),
        ("us", ["U.S."]),
        ("china -negotiate", ["China’s"]),
        ("subject:china", []),
    ],
)
def test_matches_are_highlighted(query: str, expected: list[str]) -> None:
    text = "China’s negotiations of counter-TIP with the U.S. failed. Negotiating, China opened on."
    result = marks(query, text)
    assert result == expected or (query == "china -negotiate" and result == ["China’s", "China"])


def test_a_phrase_is_highlighted_from_every_word_that_can_continue_it() -> None:
    assert marks('"alpha bravo charlie"~3', "alpha bravo zz bravo zz charlie") == ["alpha", "bravo", "charlie"]


def test_an_empty_phrase_highlights_nothing() -> None:
    assert Marker([q.Phrase("exact", [])], ["exact"]).spans("alpha") == []


_WORDS = st.sampled_from(["alpha", "bravo", "charlie", "alphabravo"])


@given(
    st.lists(st.tuples(_WORDS, st.sampled_from(" -")), max_size=10),
    st.lists(_WORDS, min_size=1, max_size=4),
    st.integers(1, 4),
)
def test_a_phrase_is_highlighted_exactly_where_it_occurs(
    pieces: list[tuple[str, str]], phrase: list[str], slop: int
) -> None:
    text = "".join(word + after for word, after in pieces)
    spelt = words_with_places(text)
    occurrences = [
        chosen
        for chosen in itertools.product(*([item for item in spelt if item[0] == wanted] for wanted in phrase))
        if all(0 < after[1] - before[1] <= slop for before, after in itertools.pairwise(chosen))
    ]
    letters = [{place for _, _, start, end in chosen for place in range(start, end)} for chosen in occurrences]
    spans = Marker([q.Phrase("exact", phrase, slop=slop)], ["exact"]).spans(text)
    marked = {place for start, end, _ in spans for place in range(start, end)}
    assert bool(marked) == bool(occurrences)
    assert marked <= set().union(*letters)
    assert not letters or any(item <= marked for item in letters)


@given(
    st.lists(st.sampled_from(["a", "b", "c", "co-op", "b-c"]), max_size=30).map(" ".join),
    st.lists(st.lists(st.sampled_from(["a", "b", "c", "co", "op", "coop"]), min_size=1, max_size=4), max_size=4),
)
def test_phrases_are_highlighted_alike_in_short_and_long_texts(text: str, phrases: list[list[str]]) -> None:
    marker = Marker([q.Phrase("exact", words) for words in phrases], ["exact"])
    with mock.patch("cablesearch.results.phrases._FEW", 0):
        expected = marker.spans(text)
    assert marker.spans(text) == expected


def test_the_passage_has_the_most_different_matches() -> None:
    text = " ".join(f"Sentence {number} says little about it." for number in range(30))
    text += " Labor met trafficking here. " + text
    result = passage(text, Marker(leaves(parse("labor trafficking little")), ("text",)).spans(text))
    assert "Labor met trafficking here." in result.plain()
    assert result.plain().startswith("… Sentence")
    assert result.plain().endswith(" …")


def test_html_is_escaped_except_for_mark_tags() -> None:
    text = 'a <b>china</b> & "x"'
    result = passage(text, Marker(leaves(parse("china")), ("text",)).spans(text))
    assert result.html() == "a &lt;b&gt;<mark>china</mark>&lt;/b&gt; &amp; &quot;x&quot;"


def test_control_characters_do_not_reach_the_terminal() -> None:
    text = "a \x1b[31mred\x07 \udce9"
    result = passage(text, [])
    assert not set(result.terminal()) & {"\x1b", "\x07", "\udce9"}


@given(st.text(st.sampled_from("ab .china"), max_size=600), st.integers(20, 200))
def test_a_passage_is_a_part_of_the_text_of_bounded_width(text: str, width: int) -> None:
    spans = Marker(leaves(parse("china a*")), ("text", "exact")).spans(text)
    result = passage(text, spans, width)
    inner = result.plain().removeprefix("… ").removesuffix(" …")
    assert inner in text
    assert len(inner) <= max(width, 20)
    assert not spans or any(matched for _, matched in result.parts)


_SPANS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 5), st.integers(0, 3)), max_size=12)


@given(_SPANS, st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=8))
def test_a_window_counts_the_matches_within_it(sizes: list[tuple[int, int, int]], steps: list[tuple[int, int]]) -> None:
    spans, at = [], 0
    for gap, length, leaf in sizes:
        spans.append((at + gap, at + gap + length, leaf))
        at += gap + length
    windows = list(
        zip(
            itertools.accumulate(start for start, _ in steps),
            itertools.accumulate(end for _, end in steps),
            strict=True,
        )
    )
    within = [[leaf for first, last, leaf in spans if first >= start and last <= end] for start, end in windows]
    assert _worths(spans, windows) == [(len(set(item)), len(item)) for item in within]


@pytest.mark.parametrize("points", ["." * 40_000, '."' * 20_000, "a." * 20_000])
def test_a_long_run_of_full_stops_ends_one_sentence(points: str) -> None:
    assert cut(points) == [points]
    assert "".join(cut(f"{points} End")).replace(" ", "") == f"{points}End"


def test_matches_in_very_many_sentences_make_a_passage() -> None:
    text = "China. " * 8_000
    spans = Marker(leaves(parse("china")), ("text",)).spans(text)
    assert len(spans) == 8_000
    assert passage(text, spans).plain().startswith("China. China.")


def test_very_many_matches_in_one_sentence_make_a_passage() -> None:
    text = "china " * 8_000
    result = passage(text, Marker(leaves(parse("china")), ("text",)).spans(text))
    assert result.plain().startswith("china china")


def test_a_phrase_with_a_huge_distance_is_highlighted_in_a_long_text() -> None:
    text = "alpha bravo " * 4_000
    spans = Marker([q.Phrase("exact", ["alpha", "bravo", "missing"], slop=99_999)], ["exact"]).spans(text)
    assert spans == []
    spans = Marker([q.Phrase("exact", ["alpha", "alpha", "bravo"], slop=99_999)], ["exact"]).spans(text)
    assert len(spans) == 7_999


def test_many_fuzzy_words_are_highlighted_in_a_long_text() -> None:
    wanted = [q.FuzzyTerm("exact", f"negotiat{letter}", maxdist=2, prefixlength=1) for letter in "abcdefghij"]
    spans = Marker(wanted, ["exact"]).spans("negotiate nomination navigates " * 1_000)
    assert len(spans) == 1_000
    text = " ".join(f"negotia{number:04}" for number in range(3_000))
    assert Marker(wanted, ["exact"]).spans(text) == []
    assert len(Marker(wanted, ["exact"]).spans(f"{text} negotiatr")) == 1


@given(
    st.lists(st.text("abc", min_size=1, max_size=6), max_size=8),
    st.text("abc", min_size=1, max_size=6),
    st.integers(1, 2),
    st.integers(0, 2),
)
def test_a_fuzzy_word_highlights_the_words_that_the_engine_finds(
    texts: list[str], word: str, distance: int, same: int
) -> None:
    marker = Marker([q.FuzzyTerm("exact", word, maxdist=distance, prefixlength=same)], ["exact"])
    # One marker for all texts: its memory of one text must be right for the next.
    for text in texts:
        near = edit_distances(word, [text])[0] <= distance and text[:same] == word[:same]
        assert bool(marker.spans(text)) == near


@given(
    st.lists(
        st.lists(st.sampled_from(["china", "Chinese", "trade", "traded", "U.S.", "chima"]), max_size=6), max_size=6
    ),
    st.sampled_from(["china", "chin*", "china~1 trad*", '"china trade"~3', "subject:trade china", "tr?de OR chinese"]),
)
def test_a_reused_highlighter_marks_each_text_like_a_new_highlighter(texts: list[list[str]], query: str) -> None:
    wanted = list(leaves(parse(query, by_cable=True)))
    shared = Highlighter(wanted)
    for text in map(" ".join, texts):
        for name in ("text", "envelope", "subject", "heading"):
            assert getattr(shared, name).spans(text) == getattr(Highlighter(wanted), name).spans(text)


LONG = "The minister said little. " * 20_000


@pytest.mark.parametrize(
    ("query", "text", "shown"),
    [
        ("zephyr", LONG + "Zephyr met quartz.", "<mark>Zephyr</mark> met quartz."),
        ('"zephyr quartz"', LONG + "Zephyr quartz.", "<mark>Zephyr</mark> <mark>quartz</mark>."),
        ("zephyr", "Zephyr met quartz. " + LONG, "<mark>Zephyr</mark> met quartz."),
        ("zephyr", LONG + "Zephyr met quartz. " + LONG, "<mark>Zephyr</mark> met quartz."),
        ("zeph*", "x" * 500_000 + " zephyr", "<mark>zephyr</mark>"),
        ("quartz~1", "x-" * 250_000 + " quarz", "<mark>quarz</mark>"),
    ],
)
def test_the_passage_of_a_long_text_is_where_it_first_matches(query: str, text: str, shown: str) -> None:
    marker = Marker(leaves(parse(query)), ("text", "exact"))
    tracemalloc.start()
    try:
        result = best_passage(text, marker)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert shown in result.html()
    assert len(result.plain()) < 300
    assert result.plain().startswith("… ") == (not text.startswith("Zephyr"))
    assert result.plain().endswith(" …") == text.endswith(LONG)
    # The words of half a megabyte, with their places, would take 20 MB.
    assert peak < 15_000_000


@pytest.mark.parametrize(
    "text", ["china. " * 60_000, "china " * 40_000 + "x" * 250_000, "", "x" * 300_000, "\n" * 250_000]
)
def test_the_parts_of_a_long_text_add_up_to_it(text: str) -> None:
    parts = list(Marker(leaves(parse("china")), ("text",)).parts(text))
    assert "".join(text[part.start : part.end] for part in parts) == text
    spans = [span for part in parts for span in part.spans]
    assert [text[start:end] for start, end, _ in spans] == ["china"] * text.count("china")
    assert all(part.start <= start < end <= part.end for part in parts for start, end, _ in part.spans)


def test_a_phrase_is_highlighted_where_stretches_meet() -> None:
    text = "x " * 49_999 + "alpha bravo " + "x " * 10_000
    parts = list(Marker([q.Phrase("exact", ["alpha", "bravo"])], ["exact"]).parts(text))
    assert len(parts) == 2
    assert any(text[start:end] == "bravo" for part in parts for start, end, _ in part.spans)


@pytest.mark.parametrize(
    "module",
    [
        cablesearch.results.marking,
        cablesearch.results.passages,
        cablesearch.results.sentences,
        cablesearch.text.analysis,
        cablesearch.text.lookalikes,
    ],
    ids=lambda module: module.__name__,
)
def test_the_examples_in_docstrings_are_right(module: ModuleType) -> None:
    outcome = doctest.testmod(module)
    assert outcome.attempted
    assert not outcome.failed
