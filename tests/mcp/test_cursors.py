"""Cursors: pages together are the whole answer, and a cursor never goes on in another one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

import cablesearch
from cablesearch.archive import Archive
from cablesearch.cable import Cable
from tests.support.cables import cable
from tests.support.files import write_cables
from tests.support.models import Told, ask, call, pages, server_of, talk

MakeArchive = Callable[..., Archive]

NAMES = ["Yang Jiechi", "Hamid Karzai", "Ellsworth Bunker", "Dean Acheson", "Cordell Hull", "George Marshall"]


def some_cables(count: int = 40) -> list[Cable]:
    """Return cables of which many match alike."""
    return [
        cable(
            f"{number % 30:02}A{number}",
            "china trade " * (number % 4 + 1),
            f"President {NAMES[number % 6]} spoke of china in Geneva",
            tags=[f"T{number % 9}"],
            date=dt.datetime(1970 + number % 30, 5, 1, tzinfo=dt.timezone.utc) if number % 5 else None,
            references=[f"{other % 30:02}A{other}" for other in range(number % 3)],
        )
        for number in range(count)
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        {"query": "china"},
        {"query": "china -trade", "sort": "date"},
        {"query": "trade", "sort": "-date", "since": "1975"},
        {"query": "china", "sort": "citations"},
        {"query": "trade geneva", "group": "cable"},
        {"query": "trade nowhere", "match": "any", "tags": ["T3"]},
    ],
    ids=str,
)
@pytest.mark.parametrize("limit", [1, 7, 50])
def test_the_pages_of_a_search_are_all_its_hits(archive_of: MakeArchive, arguments: dict[str, Any], limit: int) -> None:
    archive = archive_of(*some_cables())
    answers = talk(server_of(archive.path), lambda client: pages(client, "search", limit=limit, **arguments))
    query = arguments["query"]
    filters = {name: value for name, value in arguments.items() if name != "query"}
    expected = [hit.citation for hit in archive.iter_all(query, **filters)]
    assert [hit["citation"] for answer in answers for hit in answer.fields["hits"]] == expected
    assert {answer.fields["total"] for answer in answers} == {len(expected)}
    assert len(answers) == max(1, -(-len(expected) // limit))
    assert [answer.fields["first"] for answer in answers] == [*range(1, len(expected) + 1, limit)]


def test_the_pages_of_all_other_tools_are_their_whole_answers(archive_of: MakeArchive) -> None:
    archive = archive_of(*some_cables())

    async def conversation(client: Client) -> None:
        related = [
            hit["id"]
            for answer in await pages(client, "related", id="01A1@1", limit=9)
            for hit in answer.fields["hits"]
        ]
        assert related == [f"{hit.cable}@{hit.position}" for hit in archive.related("01A1@1", limit=None)]
        months = await pages(client, "timeline", query="china", by="month", limit=4)
        rows = [(row["period"], row["counts"]) for answer in months for row in answer.fields["periods"]]
        timeline = archive.timeline("china", by="month")
        counts = zip(timeline.periods, timeline.series[0].counts, strict=True)
        assert rows == [(period, [count]) for period, count in counts if count]
        names = [
            (name["name"], name["count"])
            for answer in await pages(client, "names", query="china", limit=2)
            for name in answer.fields["names"]
        ]
        assert names == [(name.name, name.count) for name in archive.names("china", limit=None).names]
        assert len(names) > 4

    talk(server_of(archive.path), conversation)


def test_the_pages_of_a_facet_are_all_its_values(archive_of: MakeArchive) -> None:
    archive = archive_of(*some_cables())

    async def conversation(client: Client) -> dict[str, list[tuple[str, int]]]:
        told = await call(client, "facets", query="china", facets=["tags", "year"], limit=2)
        counts: dict[str, list[tuple[str, int]]] = {}
        waiting = list(told.fields["facets"])
        while waiting:
            facet = waiting.pop()
            name, cursor = facet["facet"], facet.get("next_cursor")
            counts.setdefault(name, []).extend((one["value"], one["count"]) for one in facet["counts"])
            if cursor:
                more = await call(client, "facets", query="china", facets=[name], limit=3, cursor=cursor)
                waiting += more.fields["facets"]
        several = await call(client, "facets", facets=["tags", "year"], cursor="1.x")
        assert "a cursor belongs to one facet" in several.text
        return counts

    assert talk(server_of(archive.path), conversation) == archive.facets("china", ["tags", "year"])


def test_a_cursor_of_other_arguments_is_refused(archive_of: MakeArchive) -> None:
    server = server_of(archive_of(*some_cables()).path)
    cursor = ask(server, "search", query="china").fields["next_cursor"]
    for tool, arguments in [
        ("search", {"query": "trade"}),
        ("search", {"query": "china", "since": "1975"}),
        ("related", {"id": "01A1"}),
        ("names", {"query": "china"}),
    ]:
        told = ask(server, tool, cursor=cursor, **arguments)
        assert told.is_error
        assert "belongs to a call with other arguments" in told.text
    assert not ask(server, "search", query="china", cursor=cursor, limit=3).is_error


@pytest.mark.parametrize("change", ["0", "1", "9", "99999999", "10-3"])
def test_a_cursor_that_was_changed_is_refused(archive_of: MakeArchive, change: str) -> None:
    server = server_of(archive_of(*some_cables()).path)
    cursor = ask(server, "search", query="china").fields["next_cursor"]
    place, _, seal = cursor.partition(".")
    assert place == "10"
    for changed in (f"{change}.{seal}", f"{place}.{seal[:-1]}", cursor + "0", f"-{cursor}", "\u0661.".join(["", seal])):
        told = ask(server, "search", query="china", cursor=changed)
        assert told.is_error
        assert "cursor" in told.text


def test_cursors_hold_over_a_restart_and_in_other_servers(archive_of: MakeArchive) -> None:
    path = archive_of(*some_cables()).path
    cursors = {ask(server_of(path), "search", query="china").fields["next_cursor"] for _ in range(2)}
    assert len(cursors) == 1
    assert not ask(server_of(path), "search", query="china", cursor=cursors.pop()).is_error


def answers_after(archive: Archive, source: Path, made: list[Cable]) -> tuple[Told, Told]:
    """Return a page, and the next one after a commit."""
    server = server_of(archive.path)

    async def conversation(client: Client) -> tuple[Told, Told]:
        first = await call(client, "search", query="china")
        write_cables(source, made)
        with cablesearch.open(archive.path, clearance="FULL") as writing:
            writing.index([source], jobs=1)
        return first, await call(client, "search", query="china", cursor=first.fields["next_cursor"])

    return talk(server, conversation)


def test_a_cursor_of_an_older_commit_is_refused(archive_of: MakeArchive, tmp_path: Path) -> None:
    archive = archive_of(*some_cables())
    first, second = answers_after(archive, tmp_path / "more.jsonl", [cable("11C1", "quite another subject")])
    assert not first.is_error
    assert second.is_error
    assert second.text == ("the archive has changed since this cursor was returned: call search again without a cursor")


def test_a_cursor_goes_on_if_nothing_visible_has_changed(tmp_path: Path) -> None:
    source = write_cables(tmp_path / "cables.jsonl", some_cables())
    with cablesearch.create(tmp_path / "archive", default_clearance="UNCLASSIFIED") as archive:
        archive.index([source])
    with cablesearch.open(tmp_path / "archive") as archive:
        first, second = answers_after(archive, tmp_path / "more.jsonl", [cable("11C1", ("S", "china zephyr"))])
        assert archive.search("china").total == first.fields["total"] == second.fields["total"]
    assert second.fields["first"] == 11


def test_the_cursor_of_a_cable_that_was_replaced_is_refused(archive_of: MakeArchive, tmp_path: Path) -> None:
    texts = [f"paragraph {number} " + "x" * 400 for number in range(10)]
    archive = archive_of(cable("10A1", *texts), cable("10A2", "china"))

    async def conversation(client: Client) -> tuple[Told, Told]:
        first = await call(client, "read", id="10A1", max_chars=1_000)
        cursor = first.fields["next_cursor"]
        answers = []
        for made in (cable("10A2", "japan"), cable("10A1", *texts[:-1], texts[-1].replace("x", "y"))):
            archive.index([write_cables(tmp_path / "more.jsonl", [made])], jobs=1)
            answers.append(await call(client, "read", id="10A1", max_chars=1_000, cursor=cursor))
        return answers[0], answers[1]

    other, same = talk(server_of(archive.path), conversation)
    assert other.fields["paragraphs"][0]["position"] == 3
    assert same.is_error
    assert "the archive has changed" in same.text
