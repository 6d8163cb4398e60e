"""Facets and timelines: counts over all hits, held to counts over the cables that a reader may see."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.archive import Archive
from cablesearch.cable import Cable, Paragraph
from cablesearch.cli.charts.bars import Bar, Line, bar_lines, percentages
from cablesearch.cli.charts.over_time import stretches
from cablesearch.cli.charts.sparkline import grouped, sparkline
from cablesearch.request import Group
from cablesearch.results.facets import FACETS, FacetName
from tests.support.cables import cable
from tests.support.counted import CABLES, CLEARANCES, day, has, seen
from tests.support.running import run

Make = Callable[..., Archive]


VALUES: dict[FacetName, Callable[[Cable, Paragraph], Iterable[str]]] = {
    "tags": lambda made, _: [tag.name for tag in made.tags],
    "origin": lambda made, _: [made.origin],
    "marking": lambda _, paragraph: [paragraph.marking] if paragraph.marking else [],
    "control": lambda _, paragraph: paragraph.classification.controls,
    "references": lambda made, _: made.references,
    "country": lambda made, _: {"Embassy Beijing": ["China"], "Embassy Cairo": ["Egypt"]}[made.origin],
    "signature": lambda made, _: made.signers,
    "precedence": lambda made, _: made.precedence,
    "recipients": lambda made, _: [recipient.name for recipient in (*made.recipients, *made.info_recipients)],
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
            paragraphs.update(value for hit in hits for value in {*values(made, hit)})
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


def test_a_timeline_without_a_query_says_so(archive_of: Make) -> None:
    archive = archive_of(*CABLES)
    for arguments in ([], ["*"], ["rain", "--also", "*"]):
        assert "any text: " in run("timeline", *arguments, "--index", archive.path).stdout
    pytest.importorskip("matplotlib")
    assert b">any text<" in archive.timeline("*").picture("svg")


def test_a_timeline_of_too_many_periods_is_refused(archive_of: Make) -> None:
    archive = archive_of(cable("A", "rain", date=day("0001-01-01")), cable("B", "rain", date=day("9999-12-31")))
    assert len(archive.timeline("rain").periods) == 9999
    for reader in (archive, archive.lowered("SECRET")):
        with pytest.raises(ValueError, match="would have 3,652,059 periods"):
            reader.timeline("rain", by="day")


def test_the_shares_of_everything_are_one(archive_of: Make) -> None:
    answer = archive_of(*CABLES).timeline(by="month")
    (series,) = answer.series
    assert {share for share, total in zip(answer.shares(series), answer.totals, strict=True) if total} == {1.0}
    assert answer.to_json()["series"][0]["shares"].count(1.0) == sum(map(bool, answer.totals))


@pytest.mark.parametrize(
    "name",
    ["overview", "facets", "timeline", "acronyms", "key_phrases", "names", "first", "last", "bursts", "graph"],
)
@pytest.mark.parametrize("text", [5, None, b"rain"])
def test_a_query_that_is_not_text_is_refused(beijing: Archive, name: str, text: Any) -> None:
    with pytest.raises(TypeError, match="text must be a string"):
        getattr(beijing, name)(text)


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


def test_the_numbers_of_all_charts_stand_in_one_column(archive_of: Make) -> None:
    rainy = [cable(f"A{n}", "rain", date=day("1974-05-01 00:00")) for n in range(12)]
    archive = archive_of(*CABLES, *rainy)
    text = run("timeline", "rain", "--also", "sun", "--by", "month", "--index", archive.path).stdout
    widths = {len(line.rstrip("█▏▎▍▌▋▊▉ ")) for line in text.splitlines() if re.match(r"  \d{4}-\d\d  ", line)}
    assert widths == {len("  1974-05  13")}


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ([0.0, 0.04111, 0.3], ["0 %", "4.1 %", "30.0 %"]),
        ([0.0311, 0.00004], ["3.11 %", "<0.01 %"]),
        ([1.0], ["100.0 %"]),
        ([0.00012, 0.0], ["0.0120 %", "0 %"]),
        ([0.0], ["0 %"]),
        ([], []),
    ],
)
def test_shares_have_as_many_digits_as_the_largest_needs(shares: list[float], expected: list[str]) -> None:
    assert percentages(shares) == expected


def test_other_lines_stand_between_bars_as_they_are() -> None:
    assert list(bar_lines([Line("a"), Bar("x", 1, "1"), Line(""), Bar("long", 0, "10", is_marked=True)]))[2:] == [
        "\n",
        "» long  10\n",
    ]
    assert list(bar_lines([Line("alone")])) == ["alone\n"]
    assert list(bar_lines([])) == []


@given(st.integers(0, 10_000), st.integers(1, 300))
def test_periods_share_bars_of_equal_length_where_they_do_not_fit(count: int, most: int) -> None:
    groups = grouped(count, most)
    assert [place for start, end in groups for place in range(start, end)] == [*range(count)]
    assert len(groups) <= most
    assert len({end - start for start, end in groups[:-1]}) <= 1
    assert count > most or len(groups) == count


def test_a_sparkline_has_a_bar_for_each_value_and_none_for_zero() -> None:
    assert sparkline([0, 1, 50, 99, 100], 100) == " ▁▅██"
    assert sparkline([0.0001], 100) == "▁"
    assert sparkline([], 0) == ""


@pytest.mark.parametrize("columns", ["40", "80", "200"])
@pytest.mark.parametrize("share", [[], ["--share"]])
def test_a_compact_timeline_has_a_line_a_query(archive_of: Make, columns: str, share: list[str]) -> None:
    archive = archive_of(*CABLES)
    options = ["--also", "sun", "--also", "snow", "--by", "day", "--compact", *share, "--index", str(archive.path)]
    lines = run("timeline", "rain", *options, COLUMNS=columns).stdout.splitlines()
    assert [line.partition(":")[0] for line in lines if not line.startswith(" ")] == ["rain", "sun", "snow"]
    assert sum({*line} <= {*" ▁▂▃▄▅▆▇█"} for line in lines) == 2
    assert "1969-07-20 to 1977-03-01; each bar is" in " ".join(" ".join(lines).split())
    assert max(map(len, lines)) <= int(columns)


def test_text_in_queries_cannot_command_the_terminal(archive_of: Make) -> None:
    archive = archive_of(*CABLES)
    result = run("timeline", "rain", "--also", "\x1b[31msun", "--index", archive.path)
    assert "\x1b" not in result.stdout + result.stderr
