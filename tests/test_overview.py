"""Overviews: what the cables that a reader may see, or those with hits, consist of."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable

import pytest

from cablesearch.archive import Archive
from tests.support.cables import cable
from tests.support.counted import CABLES, CLEARANCES, day, has, seen
from tests.support.running import run

Make = Callable[..., Archive]


@pytest.mark.parametrize("clearance", CLEARANCES)
@pytest.mark.parametrize("word", ["rain", "sun", "*", "snow"])
def test_an_overview_counts_the_cables_that_have_hits(archive_of: Make, word: str, clearance: str | None) -> None:
    answer = archive_of(*CABLES).lowered(clearance or "FULL").overview(word)
    made = [each for each in seen(clearance) if any(has(word, paragraph) for paragraph in each.paragraphs)]
    dates = sorted(each.date for each in made if each.date)
    assert answer.cables == len(made)
    assert answer.paragraphs == sum(has(word, paragraph) for each in made for paragraph in each.paragraphs)
    assert answer.undated == len(made) - len(dates)
    if dates:
        assert answer.first_date == f"{dates[0]:%Y-%m-%dT%H:%MZ}"
        assert answer.last_date == f"{dates[-1]:%Y-%m-%dT%H:%MZ}"
    years = Counter(f"{date:%Y}" for date in dates)
    assert {year: count for year, count in answer.years if count} == years
    assert dict(answer.facets["origin"]) == Counter(each.origin for each in made)
    assert dict(answer.facets["classification"]) == Counter(each.classification.level.title for each in made)


def test_the_years_of_an_overview_have_no_gaps(archive_of: Make) -> None:
    years = [year for year, _ in archive_of(*CABLES).overview().years]
    assert years == list(map(str, range(1969, 1978)))


WEB = [
    cable("09A1", "rain", date=day("2009-01-01"), subject="ONE"),
    cable("09A2", "rain", date=day("2009-01-02"), references=["09A1", "08B9"]),
    cable("09A3", "sun", date=day("2009-01-03"), references=["09A1", "08B9", "08B8"]),
    cable("09A4", "sun", date=day("2009-01-04"), references=["09A3"]),
    cable("09A5", ("S", "rain"), date=day("2009-01-05"), references=["09A4"], classification="SECRET"),
]


def test_an_overview_has_what_is_cited_what_is_missing_and_the_threads(archive_of: Make) -> None:
    archive = archive_of(*WEB)
    answer = archive.overview()
    assert [(each.id, each.citations) for each in answer.most_cited] == [("09A1", 2), ("09A3", 1), ("09A4", 1)]
    assert [(each.first.id, each.total) for each in answer.longest_threads] == [("09A1", 5)]
    assert [(each.id, each.citations) for each in answer.missing] == [("08B9", 2), ("08B8", 1)]
    low = archive.lowered("U").overview("sun")
    assert [(each.id, each.citations) for each in low.most_cited] == [("09A3", 1)]
    assert [(each.first.id, each.total) for each in low.longest_threads] == [("09A1", 4)]
    assert [(each.id, each.citations) for each in low.missing] == [("08B8", 1), ("08B9", 1)]
    screen = run("overview", "--index", archive.path).stdout
    assert "most cited      2  09A1  2009-01-01  ONE\nlongest threads 5  09A1" in screen
    assert "missing         08B9 2   08B8 1\n" in screen


def test_the_command_prints_what_the_method_returns(archive_of: Make) -> None:
    archive = archive_of(*CABLES)
    printed = json.loads(run("overview", "-f", "json", "--index", archive.path).stdout)
    assert printed == json.loads(json.dumps(archive.overview().to_json()))
    screen = run("overview", "--index", archive.path, COLUMNS="60").stdout
    assert screen.startswith("7 cables  11 paragraphs  1969-07-20 to 1977-03-01\n")
    assert "2 without a date" in screen
    assert all(len(line) <= 60 for line in screen.splitlines())


def test_an_overview_of_nothing_says_so(archive_of: Make) -> None:
    archive = archive_of(*CABLES)
    result = run("overview", "rian", "--index", archive.path)
    assert (result.returncode, result.stdout) == (1, "")
    assert "did you mean: rain" in result.stderr
    empty = run("overview", "--index", archive_of().path)
    assert (empty.returncode, empty.stdout) == (1, "")
    assert empty.stderr.startswith("The archive is empty")


def test_threads_that_have_none_of_the_hits_are_left_out(archive_of: Make) -> None:
    apart = cable("08C1", "hail"), cable("08C2", "hail", references=["08C1"])
    answer = archive_of(*WEB, *apart).overview("hail")
    assert [each.first.id for each in answer.longest_threads] == ["08C1"]
