"""Facets and timelines: counts over all hits, held to counts over the cables that a reader may see."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from cablesearch.archive import Archive
from cablesearch.cable import Cable, Clearance, Paragraph, Provenance
from cablesearch.cli.charts.bars import Bar, bar_lines
from cablesearch.cli.charts.over_time import stretches
from cablesearch.request import Group
from cablesearch.results.facets import FACETS, FacetName
from tests.support.cables import cable
from tests.support.running import run

Make = Callable[..., Archive]


def day(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.timezone.utc)


def with_collection(made: Cable, name: str) -> Cable:
    return replace(made, provenance=Provenance(collection=name))


CABLES = [
    cable("73A1", "rain fell", ("S//NF", "rain and sun"), tags=["PREL"], date=day("1973-12-31 23:59")),
    cable("74A2", "rain", tags=["PREL", "ECON"], date=day("1974-01-01 00:00"), classification="SECRET"),
    cable("69A3", ("C", "sun"), ("C", "rain"), ("S", "rain"), date=day("1969-07-20 20:17"), classification="SECRET"),
    cable("76A4", "sun", date=day("1976-02-29 12:00"), origin="Embassy Cairo"),
    cable("76A5", ("U", "rain"), ("TS", "rain"), date=None),
    with_collection(cable("77A6", "rain", date=day("1977-03-01 00:00")), "aad"),
    with_collection(cable("77A7", ("U", "rain"), subject="(S) plan", classification="SECRET", date=None), "frus"),
]
CLEARANCES = [None, "UNCLASSIFIED", "SECRET", "SECRET//NOFORN"]


def seen(clearance: str | None) -> list[Cable]:
    views = (made.view(None if clearance is None else Clearance.parse(clearance)) for made in CABLES)
    return [view for view in views if view]


def has(word: str, paragraph: Paragraph) -> bool:
    return word == "*" or word in paragraph.text.split()


VALUES: dict[FacetName, Callable[[Cable, Paragraph], Iterable[str]]] = {
    "tags": lambda made, _: [tag.name for tag in made.tags],
    "origin": lambda made, _: [made.origin],
    "marking": lambda _, paragraph: [paragraph.marking] if paragraph.marking else [],
    "control": lambda _, paragraph: paragraph.classification.controls,
    "collection": lambda made, _: (
        [made.provenance.collection.upper()] if made.provenance and made.provenance.collection else []
    ),
    "year": lambda made, _: [f"{made.date:%Y}"] if made.date else [],
    "month": lambda made, _: [f"{made.date:%Y-%m}"] if made.date else [],
    "day": lambda made, _: [f"{made.date:%Y-%m-%d}"] if made.date else [],
    "weekday": lambda made, _: [f"{made.date:%A}"] if made.date else [],
    # tests/test_names.py has cables with names.
    "names": lambda *_: [],
    "organizations": lambda *_: [],
    "places": lambda *_: [],
}
"""What a paragraph counts for, by facet."""


@pytest.mark.parametrize("clearance", CLEARANCES)
@pytest.mark.parametrize("word", ["rain", "sun", "*", "snow"])
def test_facets_count_what_the_reader_may_see(archive_of: Make, word: str, clearance: str | None) -> None:
    archive = archive_of(*CABLES).lowered(clearance or "FULL")
    for name, values in VALUES.items():
        paragraphs: Counter[str] = Counter()
        cables: Counter[str] = Counter()
        for made in seen(clearance):
            hits = [paragraph for paragraph in made.paragraphs if has(word, paragraph)]
            paragraphs.update(value for hit in hits for value in values(made, hit))
            if hits:
                cables.update({value for paragraph in made.paragraphs for value in values(made, paragraph)})
        assert dict(archive.facets(word, name)[name]) == paragraphs, name
        assert dict(archive.facets(word, name, group="cable")[name]) == cables, name


def test_without_names_the_usual_facets_are_counted(beijing: Archive) -> None:
    assert list(beijing.facets("china")) == [name for name, facet in FACETS.items() if facet.is_usual]
    assert beijing.facets() == beijing.facets("*") == beijing.facets(" ")


@pytest.mark.parametrize("by", ["year", "month", "day"])
@pytest.mark.parametrize("group", ["paragraph", "cable"])
@pytest.mark.parametrize("clearance", CLEARANCES)
def test_timelines_count_what_the_reader_may_see(
    archive_of: Make, by: Any, group: Group, clearance: str | None
) -> None:
    archive = archive_of(*CABLES).lowered(clearance or "FULL")
    answer = archive.timeline("rain", "sun", by=by, group=group)
    totals: Counter[str] = Counter()
    counts: dict[str, Counter[str]] = {"rain": Counter(), "sun": Counter()}
    for made in seen(clearance):
        (period,) = VALUES[by](made, made.paragraphs[0]) or ["undated"]
        totals[period] += 1 if group == "cable" else len(made.paragraphs)
        for word, counter in counts.items():
            hits = sum(has(word, paragraph) for paragraph in made.paragraphs)
            counter[period] += min(hits, 1) if group == "cable" else hits
    assert list(answer.periods) == sorted(answer.periods)
    assert dict(zip(answer.periods, answer.totals, strict=True)).items() >= {
        (period, totals[period]) for period in answer.periods
    }
    for series, counter in zip(answer.series, counts.values(), strict=True):
        assert series.undated == counter.pop("undated", 0)
        assert series.total == series.undated + sum(counter.values())
        found = {period: count for period, count in zip(answer.periods, series.counts, strict=True) if count}
        assert found == {period: count for period, count in counter.items() if count}


def test_a_timeline_has_no_gaps_and_covers_the_period_asked_for(archive_of: Make) -> None:
    archive = archive_of(*CABLES)
    assert archive.timeline("rain").periods == tuple(map(str, range(1969, 1978)))
    months = archive.timeline("rain", by="month", since="1973-11", until=1974).periods
    assert months == ("1973-11", "1973-12", *(f"1974-{month:02}" for month in range(1, 13)))
    assert archive.timeline("snow", by="day", since=1970).periods == ()


def test_a_timeline_of_too_many_periods_is_refused(archive_of: Make) -> None:
    archive = archive_of(cable("A", "rain", date=day("0001-01-01")), cable("B", "rain", date=day("9999-12-31")))
    assert len(archive.timeline("rain").periods) == 9999
    with pytest.raises(ValueError, match="would have 3,652,059 periods"):
        archive.timeline("rain", by="day")


def test_the_shares_of_everything_are_one(archive_of: Make) -> None:
    answer = archive_of(*CABLES).timeline(by="month")
    (series,) = answer.series
    assert {share for share, total in zip(answer.shares(series), answer.totals, strict=True) if total} == {1.0}
    assert answer.to_json()["series"][0]["shares"].count(1.0) == sum(map(bool, answer.totals))


# The commands


def test_the_commands_print_what_the_methods_return(archive_of: Make) -> None:
    archive = archive_of(*CABLES)
    printed = json.loads(run("timeline", "rain", "--also", "sun", "-f", "json", "--index", archive.path).stdout)
    assert printed == json.loads(json.dumps(archive.timeline("rain", "sun").to_json()))
    table = list(csv.reader(io.StringIO(run("timeline", "rain", "-f", "csv", "--index", archive.path).stdout)))
    assert table[0] == ["year", "all paragraphs", "rain", "share of rain"]
    assert [row[0] for row in table[1:]] == list(archive.timeline("rain").periods)
    facets = json.loads(run("facets", "rain", "-f", "json", "--index", archive.path).stdout)
    assert facets["facets"] == json.loads(json.dumps(archive.facets("rain")))
    assert (facets["total"], facets["unit"]) == (9, "paragraph")
    rows = list(csv.reader(io.StringIO(run("facets", "-f", "csv", "--index", archive.path).stdout)))
    assert ["tags", "PREL", "3"] in rows


def test_facets_that_no_hit_has_are_shown_only_if_they_are_named(archive_of: Make) -> None:
    archive = archive_of(cable("A", "rain", date=None))
    assert "year" not in run("facets", "rain", "--index", archive.path).stdout
    named = run("facets", "rain", "--facet", "year", "--index", archive.path).stdout
    assert named == "1 paragraph\n\nyear\n  none of the paragraphs has a value\n"


def test_a_query_that_finds_nothing_is_said_to(archive_of: Make) -> None:
    archive = archive_of(*CABLES)
    for command in ("facets", "timeline"):
        result = run(command, "rian", "--index", archive.path)
        assert result.returncode == 1
        assert "did you mean: rain" in result.stderr


def test_a_cut_facet_says_so(archive_of: Make) -> None:
    archive = archive_of(*CABLES)
    result = run("facets", "--facet", "year", "--facet-size", "2", "-f", "csv", "--index", archive.path)
    assert len(result.stdout.splitlines()) == 3
    assert "Showing 2 of 5 values of the facet year" in result.stderr


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
def test_bars_fit_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    bars = [Bar("a" * 300, 12_345, "12,345"), Bar("北京" * 40, 1, "1"), Bar("none\n", 0, "0")]
    lines = list(bar_lines(bars))
    assert all(len(line) <= 101 for line in lines)
    assert lines[0].endswith("█\n")
    assert "▏" in lines[1]
    assert lines[2].rstrip().endswith(" 0")


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([], []),
        ([1], [(0, 1)]),
        ([1, 0, 0, 0, 1], [(0, 5)]),
        ([1, 0, 0, 0, 0, 1], [(0, 1), (1, 5), (5, 6)]),
        ([0, 0, 0, 0, 1, 0, 0, 0, 0], [(0, 4), (4, 5), (5, 9)]),
        ([0, 0], [(0, 2)]),
    ],
)
def test_long_stretches_without_hits_are_told_apart(counts: list[int], expected: list[tuple[int, int]]) -> None:
    assert list(stretches(counts)) == expected


def test_text_in_queries_cannot_command_the_terminal(archive_of: Make) -> None:
    archive = archive_of(*CABLES)
    result = run("timeline", "rain", "--also", "\x1b[31msun", "--index", archive.path)
    assert "\x1b" not in result.stdout + result.stderr
