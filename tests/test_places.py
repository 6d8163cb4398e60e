"""Where words stand: passing over most of a text finds what reading all of it finds."""

from __future__ import annotations

from collections.abc import Iterator
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh import query as q

from cablesearch.protocols.queries import Near, Run
from cablesearch.results import marking
from cablesearch.results.marking import Marker
from cablesearch.text.analysis import split, stem
from cablesearch.text.places import PlacedWord, words_with_places, words_with_places_near

_WORDS = ["open", "opened", "door", "cease-fire", "ceasefire", "don't", "U.S.", "us", "al-Qa'ida", "qaida", "o'donohue"]
_WORDS += ["happy", "happiness", "dying", "die", "capability", "capable", "Évian’s", "x" * 300, "ﬁsh", "北京", "_open"]
_BETWEEN = [" ", " ", " ", "  ", "-", "- ", "--", "-\n", "\n", ". ", " -- ", "'", ".", "’", "\u00a0", "\t", " … "]
_TEXTS = st.lists(st.tuples(st.sampled_from(_WORDS), st.sampled_from(_BETWEEN)), max_size=12).map(
    lambda pieces: "".join(word + between for word, between in pieces)
)
_PARTS = sorted({word for text in _WORDS for word in split(text)[0] if word[0].isalnum()})
_SHORT = [word for word in _PARTS if len(word) < 20]


@st.composite
def _leaves(draw: st.DrawFn) -> q.Query:
    field = draw(st.sampled_from(["exact", "text"]))

    def spelt(word: str) -> str:
        return word if field == "exact" else stem(word)

    kind = draw(st.integers(0, 5))
    drawn = draw(st.lists(st.sampled_from(_SHORT if kind == 4 else _PARTS), min_size=1, max_size=3))
    words = [spelt(word) for word in drawn]
    if kind == 0:
        return q.Phrase(field, words, slop=draw(st.sampled_from([1, 1, 3])))
    if kind == 1:
        runs = [[Run(tuple(words), 1)], [Run((spelt(draw(st.sampled_from(_PARTS))),), 1)]]
        return Near(field, runs, draw(st.integers(1, 4)), in_order=draw(st.booleans()))
    if kind == 2:
        return q.Prefix(field, words[0][:2])
    if kind == 3:
        return q.Wildcard(field, f"{words[0][:2]}*{words[0][-1]}")
    if kind == 4:
        return q.FuzzyTerm(field, words[0], maxdist=1, prefixlength=1)
    return q.Term(field, words[0])


@given(_TEXTS, st.lists(_leaves(), min_size=1, max_size=3))
def test_the_same_words_are_marked_as_when_all_words_are_read(text: str, leaves: list[q.Query]) -> None:
    with mock.patch.object(marking, "_MOST_BEGINNINGS", -1):
        expected = Marker(leaves, ("exact", "text")).spans(text)
    assert Marker(leaves, ("exact", "text")).spans(text) == expected


@given(_TEXTS, st.lists(st.sampled_from(_PARTS), min_size=1, max_size=3), st.booleans())
def test_words_that_begin_as_wanted_are_found_with_their_neighbours(
    text: str, beginnings: list[str], apart: bool
) -> None:
    near, words = words_with_places_near(text, beginnings, apart=apart), words_with_places(text)
    wanted = [word for word in words if word[0].startswith(tuple(beginnings))]
    assert _unplaced(wanted) == [word for word in _unplaced(near) if word[0].startswith(tuple(beginnings))]
    assert set(_unplaced(near)) <= set(_unplaced(words))
    assert set(_following(wanted)) == set(_following([word for word in near if word[0].startswith(tuple(beginnings))]))


def _unplaced(words: list[PlacedWord]) -> list[tuple[str, int, int]]:
    return [(word, start, end) for word, _, start, end in words]


def _following(words: list[PlacedWord]) -> Iterator[tuple[int, int]]:
    """Yield the starts of words that follow each other."""
    starts: dict[int, list[int]] = {}
    for _, place, start, _ in words:
        starts.setdefault(place, []).append(start)
    for place, own in starts.items():
        yield from ((start, after) for start in own for after in starts.get(place + 1, ()))


def test_most_of_a_text_is_passed_over() -> None:
    text = "He said that the door was open. " * 50 + "The treaty was signed."
    assert words_with_places_near(text, ["treat"]) == [("treaty", 0, 1604, 1610)]


@pytest.mark.parametrize("text", ["a.a" * 30_000, "a'" * 50_000, "treat " * 20_000, "'" * 100_000, "a -" * 30_000])
def test_long_texts_that_are_hard_to_pass_over_have_the_same_words(text: str) -> None:
    wanted = [word for word in _unplaced(words_with_places(text)) if word[0].startswith("treat")]
    near = _unplaced(words_with_places_near(text, ["treat"]))
    assert [word for word in near if word[0].startswith("treat")] == wanted
