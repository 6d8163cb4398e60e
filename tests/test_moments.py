"""First and last: the earliest and the latest hits, held to a look at the cables that a reader may see."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from cablesearch.archive import Archive
from cablesearch.cable import Cable, Clearance
from cablesearch.request import Group
from tests.support.cables import cable
from tests.support.counted import CLEARANCES, day, has
from tests.support.running import run

Make = Callable[..., Archive]


CABLES = [
    cable("74B2", ("S", "rain"), "rain rain", "sun", date=day("1974-01-01 00:00")),
    cable("74A9", "rain", ("S", "sun"), date=day("1974-01-01 00:00"), classification="SECRET"),
    cable("74A1", ("TS", "rain"), ("U", "rain sun"), date=day("1974-01-01 00:01")),
    cable("69C1", ("TS", "rain"), ("C", "sun"), date=day("1969-07-20 20:17"), classification="SECRET"),
    cable("53D1", ("S//NF", "rain"), "snow", date=day("1953-03-05 00:00")),
    cable("00E1", "rain", "sun", "hail", date=None),
    cable("99F1", ("U", "rain"), ("TS", "rain"), date=day("1999-12-31 23:59")),
    cable("99F0", ("S", "rain"), ("U", "sun"), date=day("1999-12-31 23:59")),
]


def seen(clearance: str | None) -> list[Cable]:
    views = (made.view(None if clearance is None else Clearance.parse(clearance)) for made in CABLES)
    return [view for view in views if view]


def hits(word: str, clearance: str | None, group: Group) -> list[tuple[dt.datetime | None, str, int]]:
    """The dates, ids and positions of all hits, undated ones too; cables have position 0."""
    found = []
    for made in seen(clearance):
        places = [paragraph.position for paragraph in made.paragraphs if has(word, paragraph)]
        found += [(made.date, made.id, place) for place in (places if group == "paragraph" else [0] * bool(places))]
    return found


@pytest.mark.parametrize("group", ["paragraph", "cable"])
@pytest.mark.parametrize("clearance", CLEARANCES)
@pytest.mark.parametrize("word", ["rain", "sun", "hail", "fog", "*"])
def test_the_first_and_the_last_hits_are_those_of_all_that_a_reader_may_see(
    archive_of: Make, word: str, clearance: str | None, group: Group
) -> None:
    archive = archive_of(*CABLES).lowered(clearance or "FULL")
    expected = hits(word, clearance, group)
    dated = sorted((date, name, place) for date, name, place in expected if date)
    # Hits of the same minute come in the same order in either direction.
    backwards = sorted(dated, key=lambda hit: (-hit[0].timestamp(), *hit[1:]))
    for ask, order in ((archive.first, dated), (archive.last, backwards)):
        for limit in (1, 3, None):
            answer = ask(word, limit=limit, group=group)
            found = [(hit.date, hit.cable, hit.position if group == "paragraph" else 0) for hit in answer]
            assert found == order[:limit]
            assert (answer.total, answer.undated) == (len(expected), len(expected) - len(dated))
            assert answer.cables == len({name for _, name, _ in expected})
            assert (answer.first_date, answer.last_date) == ((dated[0][0], dated[-1][0]) if dated else (None, None))
            assert answer.same_date == sum(hit[0] == order[0][0] for hit in order)


def test_the_order_does_not_depend_on_that_of_indexing(archive_of: Make) -> None:
    answers = [archive_of(*cables).first("rain", limit=None).to_json() for cables in (CABLES, CABLES[::-1])]
    assert answers[0] == answers[1]


def test_filters_choose_among_hits(archive_of: Make) -> None:
    archive = archive_of(*CABLES)
    assert [hit.cable for hit in archive.first("rain", since=1974)] == ["74A9"]
    assert [hit.cable for hit in archive.last("rain", until="1974-01-01")] == ["74A1"]
    assert [hit.cable for hit in archive.last(classifications="C")] == ["69C1"]


def test_early_years_have_four_digits(archive_of: Make) -> None:
    answer = archive_of(cable("A", "rain", date=day("0017-01-01 00:00"))).first("rain").to_json()
    assert answer["first_date"] == answer["hits"][0]["date"] == "0017-01-01T00:00Z"


@pytest.mark.parametrize("name", ["first", "last"])
def test_invalid_arguments_are_refused(beijing: Archive, name: str) -> None:
    ask: Any = getattr(beijing, name)
    with pytest.raises(ValueError, match="limit"):
        ask("china", limit=-1)
    with pytest.raises(TypeError):
        ask("china", word="x")


# The commands


def test_the_commands_print_what_the_methods_return(archive_of: Make) -> None:
    archive = archive_of(*CABLES)
    for name, ask in (("first", archive.first), ("last", archive.last)):
        printed = json.loads(run(name, "rain", "-n", "2", "-f", "json", "--index", archive.path).stdout)
        assert printed == json.loads(json.dumps(ask("rain", limit=2).to_json()))
        lines = run(name, "rain", "-n", "all", "-f", "jsonl", "--index", archive.path).stdout.splitlines()
        assert [json.loads(line)["citation"] for line in lines] == [hit.citation for hit in ask("rain", limit=None)]
        rows = list(csv.DictReader(io.StringIO(run(name, "rain", "-f", "csv", "--index", archive.path).stdout)))
        assert [row["citation"] for row in rows] == [hit.citation for hit in ask("rain")]


def test_the_command_says_what_it_does_not_show(archive_of: Make) -> None:
    archive = archive_of(*CABLES)
    result = run("first", "rain", "--since", "1974", "--until", "1998", "--index", archive.path)
    assert "74A9" in result.stdout
    assert result.stderr.splitlines() == [
        "5 paragraphs in 3 cables, 1974-01-01",
        "2 others have the same date: --limit 3 shows all",
    ]
    result = run("last", "hail", "--index", archive.path)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "1 paragraph in 1 cable matches, but without a date\n"
    result = run("first", "rain", "--index", archive.path)
    assert result.stderr == "11 paragraphs in 8 cables, 1953-03-05 to 1999-12-31; 1 of them without a date\n"


def test_a_query_that_finds_nothing_is_said_to(archive_of: Make) -> None:
    archive = archive_of(*CABLES)
    result = run("first", "rian", "--index", archive.path)
    assert result.returncode == 1
    assert "did you mean: rain" in result.stderr
