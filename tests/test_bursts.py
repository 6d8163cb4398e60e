"""Bursts: held to the cheapest of all sequences of states, and to counts over the cables that a reader may see."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.archive import Archive
from cablesearch.cable import Cable
from cablesearch.features.bursts import burst_stretches, gains
from tests.support.cables import cable
from tests.support.running import run

Make = Callable[..., Archive]

COUNTS = st.tuples(st.integers(0, 12), st.integers(0, 12)).map(lambda pair: (min(pair), max(pair) or 1))
"""The cables with a hit, and all cables, of a period."""


def binomial_cost(hits: int, cables: int, probability: Fraction) -> float:
    """The cost of a period in a state: -ln of the binomial probability (Kleinberg 2002, section 4)."""
    likelihood = math.comb(cables, hits) * probability**hits * (1 - probability) ** (cables - hits)
    return -math.log(likelihood)


def cost(batches: list[tuple[int, int]], states: tuple[int, ...], s: Fraction, gamma: float, breaks: set[int]) -> float:
    """The cost of a sequence of states."""
    usual = Fraction(sum(r for r, _ in batches), sum(d for _, d in batches))
    odds = s * usual / (1 - usual)
    probabilities = usual, odds / (1 + odds)
    total, before = 0.0, 0
    for place, ((hits, cables), state) in enumerate(zip(batches, states, strict=True)):
        total += binomial_cost(hits, cables, probabilities[state])
        if state > before or (state and place in breaks):
            total += gamma * math.log(len(batches))
        before = state
    return total


@given(
    st.lists(COUNTS, min_size=1, max_size=9),
    st.sampled_from([Fraction(3, 2), Fraction(2), Fraction(5)]),
    st.sampled_from([0.0, 0.3, 1.0, 2.0]),
    st.sets(st.integers(1, 8)),
)
def test_the_states_are_the_cheapest_of_all(
    batches: list[tuple[int, int]], s: Fraction, gamma: float, breaks: set[int]
) -> None:
    stretches = burst_stretches(gains(batches, float(s)), gamma, breaks)
    assert all(start < end <= len(batches) for start, end in stretches)
    assert all(not any(start < place < end for place in breaks) for start, end in stretches)
    if not 0 < sum(r for r, _ in batches) < sum(d for _, d in batches):
        assert stretches == []
        return
    states = tuple(int(any(start <= place < end for start, end in stretches)) for place in range(len(batches)))
    every = product((0, 1), repeat=len(batches))
    cheapest = min(cost(batches, each, s, gamma, breaks) for each in every)
    assert cost(batches, states, s, gamma, breaks) == pytest.approx(cheapest)
    # A stretch ends where the next one does not go on, but at a break.
    assert all(end < start or end in breaks for (_, end), (start, _) in pairwise(stretches))


def cables(*counts: tuple[int, int], start: dt.date = dt.date(1973, 1, 1), level: str = "UNCLASSIFIED") -> list[Cable]:
    """Return for each month the given numbers of cables with rain, and of all cables."""
    made = []
    for month, (hits, total) in enumerate(counts):
        year, place = divmod(start.month - 1 + month, 12)
        date = dt.datetime(start.year + year, place + 1, 5, tzinfo=dt.timezone.utc)
        for number in range(total):
            text = "rain" if number < hits else "sun"
            made.append(cable(f"{date:%y%m}A{number}{level[:1]}", (level[:1], text), date=date))
    return made


RAINY = [(0, 6), (1, 6), (6, 6), (5, 6), (6, 6), (0, 0), (6, 7), (0, 6), (0, 6), (1, 6)]


def test_a_burst_has_its_numbers(archive_of: Make) -> None:
    answer = archive_of(*cables(*RAINY), cable("X", "rain", date=None)).bursts("rain", by="month")
    assert (answer.hits, answer.cables, answer.undated, answer.periods) == (25, 55, 1, 9)
    (burst,) = answer.bursts
    assert (burst.begin, burst.end, burst.hits, burst.cables) == ("1973-03", "1973-07", 23, 25)
    assert burst.share == 23 / 25
    assert burst.expected == pytest.approx(25 * 25 / 55)
    assert burst.peak == "1973-03"
    usual, raised = Fraction(25, 55), Fraction(50, 80)
    costs = [sum(binomial_cost(r, d, p) for r, d in RAINY[2:7] if d) for p in (usual, raised)]
    assert burst.weight == pytest.approx(costs[0] - costs[1])


def test_the_days_of_a_short_time_are_chosen_and_months_of_a_longer_one(archive_of: Make) -> None:
    assert archive_of(*cables(*RAINY)).bursts("rain").by == "day"
    start = dt.datetime(1900, 1, 1, tzinfo=dt.timezone.utc)
    many = [cable(f"A{number}", "sun", date=start + dt.timedelta(number)) for number in range(1_001)]
    archive = archive_of(*many)
    assert archive.bursts("sun").by == "month"
    assert archive.bursts("sun", until="1902-09-27").by == "day"


def test_one_long_cable_is_no_burst(archive_of: Make) -> None:
    usual = cables(*[(1, 5)] * 12)
    date = dt.datetime(1973, 6, 5, tzinfo=dt.timezone.utc)
    assert archive_of(*usual, cable("LONG", *["rain"] * 900, date=date)).bursts("rain", by="month").bursts == ()


@pytest.mark.parametrize("query", ["*", "sun OR rain", "fog"])
def test_everything_and_nothing_have_no_burst(archive_of: Make, query: str) -> None:
    assert archive_of(*cables(*RAINY)).bursts(query, by="month").bursts == ()


def test_an_empty_archive_has_no_burst(archive_of: Make) -> None:
    answer = archive_of().bursts("rain")
    assert (answer.hits, answer.cables, answer.share, answer.bursts) == (0, 0, 0.0, ())


def test_dates_before_1970_and_far_apart(archive_of: Make) -> None:
    early = cables((0, 9), (9, 9), (0, 9), start=dt.date(1861, 4, 1))
    archive = archive_of(*early, cable("LATE", "rain", date=dt.datetime(9999, 1, 1, tzinfo=dt.timezone.utc)))
    assert [(burst.begin, burst.end) for burst in archive.bursts("rain", by="month").bursts] == [("1861-05", "1861-05")]


def test_a_year_without_cables_ends_a_burst(archive_of: Make) -> None:
    def spans(gap: int) -> list[tuple[str, str]]:
        counts = [(0, 20), (0, 20), (12, 12), *[(0, 0)] * gap, (12, 12), (0, 20)]
        return [(burst.begin, burst.end) for burst in archive_of(*cables(*counts)).bursts("rain", by="month").bursts]

    assert spans(11) == [("1973-03", "1974-03")]
    assert spans(12) == [("1973-03", "1973-03"), ("1974-04", "1974-04")]


def test_hits_are_compared_with_all_cables_of_the_same_time_whatever_the_filters(archive_of: Make) -> None:
    archive = archive_of(*cables(*RAINY), cable("T", "rain", tags=["PREL"], date=None))
    answer = archive.bursts("rain", since="1973-03", until="1973-08", by="month", tags="PREL")
    assert (answer.hits, answer.undated, answer.cables) == (0, 0, 31)
    assert archive.bursts("rain", since="1973-03-04", by="month").cables == 43


def test_what_is_hidden_does_not_count(archive_of: Make) -> None:
    hidden = cables(*[(6, 6)] * 10, level="SECRET")
    open_ones = cables(*RAINY)
    low = archive_of(*open_ones, *hidden).lowered("UNCLASSIFIED")
    assert low.bursts("rain") == archive_of(*open_ones).bursts("rain")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"s": 1}, "s must be a finite number above 1, not 1"),
        ({"s": math.inf}, "s must be a finite number above 1"),
        ({"gamma": -0.5}, "gamma must be a finite number at least 0"),
        ({"gamma": math.nan}, "gamma must be"),
        ({"by": "week"}, "by must be"),
        ({"s": "2"}, "s must be a number"),
        ({"gamma": True}, "gamma must be a number"),
    ],
)
def test_invalid_arguments_are_refused(beijing: Archive, arguments: dict[str, Any], error: str) -> None:
    with pytest.raises((ValueError, TypeError), match=error):
        beijing.bursts("china", **arguments)


def test_larger_parameters_make_fewer_bursts(archive_of: Make) -> None:
    archive = archive_of(*cables(*RAINY))
    assert archive.bursts("rain", gamma=20, by="month").bursts == ()
    found: Counter[float] = Counter()
    for gamma in (0.0, 0.5, 1.0, 3.0):
        found[gamma] = sum(burst.cables for burst in archive.bursts("rain", gamma=gamma, by="month").bursts)
    assert sorted(found.values(), reverse=True) == list(found.values())


# The command


def test_the_command_prints_what_the_method_returns(archive_of: Make) -> None:
    archive = archive_of(*cables(*RAINY))
    options = ["--by", "month", "--s", "3", "--gamma", "0.5", "--index", str(archive.path)]
    answer = archive.bursts("rain", by="month", s=3, gamma=0.5)
    assert answer.bursts
    assert json.loads(run("bursts", "rain", "-f", "json", *options).stdout) == json.loads(json.dumps(answer.to_json()))
    rows = list(csv.DictReader(io.StringIO(run("bursts", "rain", "-f", "csv", *options).stdout)))
    assert [(row["begin"], row["end"], int(row["hits"])) for row in rows] == [
        (burst.begin, burst.end, burst.hits) for burst in answer.bursts
    ]


@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_the_text_shows_whole_dates_in_lines_that_fit(archive_of: Make, columns: str) -> None:
    archive = archive_of(*cables(*RAINY))
    text = run("bursts", "rain", "--by", "day", "--index", archive.path, COLUMNS=columns).stdout
    assert "  1973-03-05 to 1973-07-05" in text
    assert "23 of 25 cables (92.0 %), 11.4" in text
    assert max(map(len, text.splitlines())) <= int(columns)


def test_a_query_without_bursts_says_so_and_one_without_hits_too(archive_of: Make) -> None:
    archive = archive_of(*cables(*RAINY))
    result = run("bursts", "*", "--index", archive.path)
    assert (result.returncode, result.stdout) == (0, "any text: 55 of 55 cables (100.0 %)\n  no bursts by day\n")
    result = run("bursts", "rian", "--index", archive.path)
    assert (result.returncode, result.stdout) == (1, "")
    assert "did you mean: rain" in result.stderr


def test_one_burst_has_its_weight_and_several_each(archive_of: Make) -> None:
    archive = archive_of(*cables(*RAINY))
    counted = {1: "1 burst by day, with its weight:", 2: "2 bursts by day, each with its weight:"}
    text = run("bursts", "rain", "--by", "day", "--index", archive.path).stdout
    assert counted[len(archive.bursts("rain", by="day").bursts)] in text


@pytest.mark.parametrize("option", [("--s", "0.5"), ("--s", "1"), ("--gamma", "-1")])
def test_a_wrong_number_is_reported_by_its_option(archive_of: Make, option: tuple[str, str]) -> None:
    result = run("bursts", "rain", *option, "--index", archive_of(*cables(*RAINY)).path)
    assert result.returncode == 2
    assert f"Invalid value for '{option[0]}'" in result.stderr


def test_a_timeline_marks_bursts(archive_of: Make) -> None:
    archive = archive_of(*cables(*RAINY))
    answer = archive.timeline("rain", by="month", bursts=True)
    assert answer.series[0].bursts == archive.bursts("rain", by="month").bursts
    lines = run("timeline", "rain", "--by", "month", "--bursts", "--index", archive.path).stdout.splitlines()
    assert lines[1] == "  in an unusually large share of the cables (»): 1973-03 to 1973-07"
    assert [line[2:9] for line in lines[2:] if line.startswith("»")] == [f"1973-0{month}" for month in range(3, 8)]
    assert archive.timeline("rain").series[0].bursts is None
