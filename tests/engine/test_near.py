"""Near words and phrases, against a definition that tries all choices of occurrences."""

from __future__ import annotations

from collections.abc import Sequence
from unittest import mock

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cablesearch.algorithms import windows as module
from cablesearch.algorithms.windows import TEXT, Spans, spans_of_words, windows
from cablesearch.protocols.queries import Near, Run
from cablesearch.query import parse
from cablesearch.text.continuation import CONTINUED
from cablesearch.text.places import words_with_places
from tests.engine.oracle import ends_of_matches

words = st.sampled_from(["a", "b", "c", "d", "ab", "bc"])
texts = st.lists(st.tuples(words, st.sampled_from("   -")), max_size=12).map(
    lambda pieces: "".join(word + after for word, after in pieces)
)
runs = st.builds(Run, st.lists(words, min_size=1, max_size=3).map(tuple), st.integers(1, 4))
alone = words.map(lambda word: [Run((word,))])
operands = st.lists(alone | st.lists(runs, min_size=1, max_size=2), min_size=1, max_size=4)
queries = st.builds(
    lambda own, distance, in_order: Near("exact", own, distance, in_order=in_order),
    operands,
    st.integers(1, 5),
    st.booleans(),
)


def held(text: str) -> dict[str, list[int]]:
    result: dict[str, list[int]] = {}
    for word, place, _, _ in words_with_places(text):
        result.setdefault(word, []).append(place)
    return result


def places(texts: Sequence[str], word: str) -> NDArray[np.int64]:
    own = [held(text).get(word, ()) for text in texts]
    return np.array([(number << TEXT) + place for number, places in enumerate(own) for place in places], np.int64)


def ends(texts: Sequence[str], query: Near) -> list[set[int]]:
    """Where matches of a query end in some texts, by `windows`."""

    def located(word: str) -> Spans:
        return spans_of_words(places(texts, word), places(texts, CONTINUED + word))

    found = windows(query, located)
    assert all(begin <= end for begin, end in zip(*found, strict=True))
    result: list[set[int]] = [set() for _ in texts]
    for end in found.ends.tolist():
        result[end >> TEXT].add(end & (1 << TEXT) - 1)
    return result


@settings(max_examples=400)
@given(st.lists(texts, min_size=1, max_size=3), queries)
@example(["a ab-c d b"], Near("exact", [[Run(("a",))], [Run(("abc",)), Run(("d",))], [Run(("b",))]], 2))
def test_matches_end_where_the_definition_says(texts: list[str], query: Near) -> None:
    expected = [ends_of_matches(held(text), query) for text in texts]
    assert ends(texts, query) == expected
    with mock.patch.object(module._Merged, "uneven", np.arange(len(texts))), mock.patch.object(module, "_AT_ONCE", 9):
        assert ends(texts, query) == expected


@given(
    st.lists(st.lists(st.sampled_from(["a", "b", "c-d", "cd"]), max_size=9).map(" ".join), min_size=1, max_size=3),
    st.lists(st.sampled_from(["a", "b", "c-d"]), min_size=2, max_size=4),
    st.integers(1, 5),
)
def test_the_spellings_of_a_word_are_near_the_same_words(texts: list[str], words: list[str], distance: int) -> None:
    both = [parse(f'exact:"{phrase}"~~{distance}') for phrase in (" ".join(words), " ".join(words).replace("-", ""))]
    in_parts, joined = (ends(texts, query) for query in both if isinstance(query, Near))
    assert in_parts == joined


@given(st.lists(texts, min_size=1, max_size=3), st.lists(words, min_size=1, max_size=5), st.integers(1, 5))
def test_words_near_each_other_in_order_are_so_in_any_order(texts: list[str], words: list[str], distance: int) -> None:
    single = [[Run((word,))] for word in words]
    ordered, any_order = (ends(texts, Near("exact", single, distance, in_order=order)) for order in (True, False))
    assert ordered == ends(texts, Near("exact", [[Run(tuple(words), distance)]], 1))
    assert all(few <= many for few, many in zip(ordered, any_order, strict=True))
    with mock.patch.object(module, "_MOST_STATES", 0):
        roughly = ends(texts, Near("exact", single, distance))
    assert all(few <= many for few, many in zip(any_order, roughly, strict=True))
