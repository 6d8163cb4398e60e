"""Phrases followed through all places at once, against a definition word by word."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from whoosh import query as q

from cablesearch.algorithms.chains import Chains
from cablesearch.engine.search.execute import execute
from cablesearch.engine.search.view import View
from cablesearch.results.marking import Marker
from tests.support.engine import SCHEMA, write

texts = st.lists(st.lists(st.sets(st.sampled_from("ab")), min_size=1, max_size=12), min_size=1, max_size=4)
"""Texts as lists of places, each with any words: two forms of a word stand in one place."""


def ends(text: list[set[str]], phrase: str, slop: int) -> list[set[int]]:
    """For each word of a phrase, where it ends the phrase up to there."""
    result: list[set[int]] = []
    for word in phrase:
        result.append(
            {
                place
                for place, words in enumerate(text)
                if word in words and (not result or any(0 < place - before <= slop for before in result[-1]))
            }
        )
    return result


def nearest(text: list[set[str]], phrase: str, slop: int) -> list[set[int]]:
    """Those of the same that lie on the way back from each place where the phrase ends."""
    result = ends(text, phrase, slop)
    if not result[-1]:
        return [set() for _ in phrase]
    for number in range(len(phrase) - 1, 0, -1):
        result[number - 1] = {
            max(before for before in result[number - 1] if before < place) for place in result[number]
        }
    return result


@given(texts, st.text("ab", min_size=1, max_size=5), st.one_of(st.integers(1, 14), st.just(99_999)))
def test_chains_are_those_of_the_definition(texts: list[list[set[str]]], phrase: str, slop: int) -> None:
    sizes = np.array(list(map(len, texts)))
    starts = np.cumsum(sizes) - sizes
    chains = Chains(starts, int(sizes.sum()), int(sizes.max()), slop)
    places = [words for text in texts for words in text]
    bits = [
        chains.bits(np.array([place for place, words in enumerate(places) if word in words], np.int64))
        for word in phrase
    ]

    def through(found: list[set[int]]) -> list[int]:
        return [start + place for start, own in zip(starts.tolist(), found, strict=True) for place in sorted(own)]

    expected = through([ends(text, phrase, slop)[-1] for text in texts])
    assert np.flatnonzero(chains.mask(chains.last_words((word, 0) for word in bits))).tolist() == expected
    if len(texts) == 1:
        marked = [np.flatnonzero(chains.mask(own)).tolist() for own in chains.nearest(bits)]
        assert marked == [sorted(own) for own in nearest(texts[0], phrase, slop)]


def seconds(work: Callable[..., object], *given: object) -> float:
    began = time.process_time()
    work(*given)
    return time.process_time() - began


def test_a_phrase_of_one_word_over_and_over_costs_little_more_than_a_short_one(fresh: Callable[[], Path]) -> None:
    # Word by word, 900 words would take 90 times as long as 10.
    members: list[dict[str, object]] = [{}, {"text": "alfa " * 200_000}]
    view = View(write(fresh(), [[("key", members)]]), SCHEMA)
    for slop in (1, 1_000):
        short, long = (q.Phrase("exact", ["alfa"] * count, slop=slop) for count in (10, 900))
        assert len(execute(view, long).units) == 1
        assert seconds(execute, view, long) < 0.1 + 30 * seconds(execute, view, short)


def test_a_phrase_of_one_word_over_and_over_is_marked_in_little_more_time_than_a_short_one() -> None:
    text = "alfa " * 15_000
    for slop in (1, 1_000):
        short, long = (Marker([q.Phrase("exact", ["alfa"] * count, slop=slop)], ["exact"]) for count in (10, 900))
        assert len(long.spans(text)) == 15_000
        assert seconds(long.spans, text) < 0.1 + 10 * seconds(short.spans, text)


def test_many_leaves_are_marked_in_little_more_time_than_few() -> None:
    text = "alfa " * 15_000
    few, many = (
        Marker([q.Phrase("exact", ["alfa", "alfa"], slop=slop) for slop in range(1, count)], ["exact"])
        for count in (5, 300)
    )
    assert len(many.spans(text)) == 15_000
    assert seconds(many.spans, text) < 0.1 + 20 * seconds(few.spans, text)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40))
def test_words_of_several_places_end_where_they_go_on_no_further(places: list[tuple[bool, bool]]) -> None:
    size = len(places)
    chains = Chains(np.zeros(1, np.int64), size, size, 1)
    begins = [place for place, (begin, _) in enumerate(places) if begin]
    going_on = {place for place, (_, going) in enumerate(places) if going and place}
    last = {begin: next(end for end in range(begin, size + 1) if end + 1 not in going_on) for begin in begins}
    words, steps = chains.bits(np.array(begins, np.int64)), chains.bits(np.array(sorted(going_on), np.int64))
    followed = chains.bits(np.array([end + 1 for end in last.values() if end + 1 < size], np.int64))
    after = np.flatnonzero(chains.mask(chains.last_words([(words, steps), (chains.bits(np.arange(size)), 0)]))).tolist()
    assert after == sorted({end + 1 for end in last.values() if end + 1 < size})
    first, second = chains.nearest([words, followed], [steps, 0])
    assert np.flatnonzero(chains.mask(second)).tolist() == after
    assert np.flatnonzero(chains.mask(first)).tolist() == [begin for begin in begins if last[begin] + 1 < size]
