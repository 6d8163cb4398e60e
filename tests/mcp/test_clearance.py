"""Tools answer under a clearance, to the byte, as over an archive of the visible part alone: texts, fields, cursors,
resources and errors."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError

from tests.support.models import call, server_of, talk
from trials.noninterference import asked_about, pairs

QUESTIONS = 30
MOST_PAGES = 4


def question(chance: random.Random) -> tuple[str, dict[str, Any]]:
    """Return a tool and its arguments, which may be wrong."""
    query, reference = asked_about(chance)
    filters: dict[str, Any] = {
        "tags": chance.choice([[], [], ["PREL"], ["PHUN"]]),
        "origins": chance.choice([[], [], ["beijing"], ["nowhere"]]),
        "since": chance.choice(["", "", "1980", "soon"]),
        "group": chance.choice(["paragraph", "cable"]),
        "match": chance.choice(["all", "any"]),
    }
    limit = {"limit": chance.randrange(1, 4)}
    sort = chance.choice(["relevance", "date", "-date", "citations"])
    facets = chance.sample(["tags", "origin", "marking", "control", "year", "names", "references", "part"], 2)
    return chance.choice(
        [
            ("search", {"query": query, "sort": sort, **filters, **limit}),
            ("search", {"query": query, **limit}),
            ("read", {"id": reference, "context": chance.randrange(3), "max_chars": 1_000}),
            ("facets", {"query": query, "facets": facets[: chance.randrange(1, 3)], **filters, **limit}),
            ("timeline", {"query": [query, "china"], "by": chance.choice(["year", "month"]), **filters, **limit}),
            ("related", {"id": reference, **limit}),
            ("cite", {"citation": reference, "quotation": chance.choice(["", "china", "zephyr", query[:40]])}),
            ("names", {"query": query, **filters, **limit}),
            ("refs", {"id": reference, **limit}),
            ("thread", {"id": reference, **limit}),
            ("link", {"uri": f"cable://{reference.replace('@', '#@')}"}),
        ]
    )


def answers(archive: Path, clearance: str | None, seed: str) -> list[Any]:
    """Return all that a server says to questions, page by page. All archives are asked at the same path."""

    async def conversation(client: Client) -> list[Any]:
        chance, said = random.Random(seed), []
        for _ in range(QUESTIONS):
            tool, arguments = question(chance)
            said.append((tool, arguments, await asked(client, tool, arguments)))
        return said

    place = archive.rename(archive.with_name("asked"))
    try:
        return talk(server_of(place, clearance), conversation)
    finally:
        place.rename(archive)


async def asked(client: Client, tool: str, arguments: dict[str, Any]) -> list[object]:
    """Return the pages of an answer, or the error."""
    if tool == "link":
        try:
            return [(await client.read_resource(arguments["uri"])).model_dump()]
        except MCPError as error:
            return [str(error)]
    said: list[object] = []
    cursor = None
    while len(said) < MOST_PAGES:
        told = (
            await call(client, tool, **arguments, cursor=cursor)
            if tool != "cite"
            else await call(client, tool, **arguments)
        )
        said.append(told)
        facets = told.fields.get("facets", [{}])
        cursor = told.fields.get("next_cursor") or facets[0].get("next_cursor")
        if tool == "facets":
            arguments = arguments | {"facets": arguments["facets"][:1]}
        if not cursor:
            break
    return said


@pytest.mark.parametrize("number", range(3))
def test_tools_answer_as_if_there_were_only_what_is_visible(tmp_path: Path, number: int) -> None:
    for pair in pairs(tmp_path, f"models/{number}"):
        seed = f"{number} {pair.clearance}"
        got, expected, in_full = (
            answers(archive, clearance, seed)
            for archive, clearance in (
                (pair.whole, pair.clearance),
                (pair.visible, pair.clearance),
                (pair.visible, None),
            )
        )
        for one, other, full in zip(got, expected, in_full, strict=True):
            assert one == other == full, pair.clearance
