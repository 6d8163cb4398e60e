"""Patterns and misspelt words stand for the terms that the definitions say, in steps that do not depend on luck."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.algorithms import wildcards
from cablesearch.algorithms.distances import code_points, distances, edit_distances
from cablesearch.errors import CablesearchError

letters = "abé\u4e00\U0001f600\ud800"
words = st.lists(st.text(letters, max_size=7), max_size=6)


def fits(word: str, pattern: str) -> bool:
    """What a pattern means, read by its first sign."""
    if not pattern:
        return not word
    if pattern[0] == "*":
        return any(fits(word[start:], pattern[1:]) for start in range(len(word) + 1))
    return bool(word) and pattern[0] in {"?", word[0]} and fits(word[1:], pattern[1:])


def fitting(found: list[str], pattern: str) -> list[int]:
    starts = np.append(0, np.cumsum([len(word) for word in found])).astype(np.int64)
    return list(map(int, wildcards.fitting(code_points("".join(found)), starts, pattern)))


@given(words, st.text("abé*?", min_size=1, max_size=6))
def test_a_pattern_fits_what_it_means(found: list[str], pattern: str) -> None:
    assert fitting(found, pattern) == [number for number, word in enumerate(found) if fits(word, pattern)]


def test_a_pattern_of_many_stars_is_linear_in_a_long_term() -> None:
    assert fitting(["a" * 100_000, "a" * 100_000 + "b"], "*" + "a*" * 40 + "ab") == [1]
    assert fitting(["[x]", "x"], "[x]") == [0]


def distance(one: str, other: str) -> int:
    """Optimal string alignment by its recurrence."""
    table = {(0, column): column for column in range(len(other) + 1)}
    for row in range(1, len(one) + 1):
        table[row, 0] = row
        for column in range(1, len(other) + 1):
            costs = [table[row - 1, column] + 1, table[row, column - 1] + 1]
            costs.append(table[row - 1, column - 1] + (one[row - 1] != other[column - 1]))
            if min(row, column) > 1 and one[row - 2 : row] == other[column - 2 : column][::-1]:
                costs.append(table[row - 2, column - 2] + 1)
            table[row, column] = min(costs)
    return table[len(one), len(other)]


@given(st.text(letters, max_size=9) | st.text(letters, min_size=62, max_size=64), words)
def test_edit_distances_are_those_of_the_definition(word: str, others: list[str]) -> None:
    others = [*others, word[1:] + "a", word[::-1]]
    assert edit_distances(word, others).tolist() == [distance(word, other) for other in others]


@pytest.mark.parametrize("word", ["a\u4e00b", "\u0101", "\xffa"])
def test_words_of_wide_letters_are_compared_with_those_of_narrow_ones(word: str) -> None:
    others = ["ab", "aab", "", "\xffa", "\xff"]
    narrow = np.frombuffer("".join(others).encode("latin-1"), np.uint8)
    sizes = np.array([len(other) for other in others])
    assert distances(word, narrow, np.cumsum(sizes) - sizes, sizes).tolist() == [
        distance(word, other) for other in others
    ]


def test_longer_words_are_refused() -> None:
    with pytest.raises(CablesearchError, match="64 letters"):
        edit_distances("a" * 65, ["a"])
