"""The doors to an archive on a cluster: the command line, the web server and the server for models work as they do with
the same archive in a folder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import cablesearch
from tests.cluster.written import address_of
from tests.support.cables import RIVERS, cable
from tests.support.files import write_cables
from tests.support.models import Told, ask_all, command, server_of
from tests.support.running import run
from tests.support.serving import get, running
from trials.cluster.nodes import Cluster

pytestmark = [pytest.mark.cluster, pytest.mark.xdist_group("cluster")]

CABLES = [
    *RIVERS,
    cable("10A1", ("U", "china and labor"), ("S", "zephyr of china"), references=["09X5"]),
    cable("10A2", ("U", "china and trade"), ("SBU", "Minister Bunker said so.")),
]
COMMANDS = (
    "search china --format json --facet tag",
    "search river --group cable --sort date --format csv",
    "search zephyr",
    "show 10A1 --format json",
    "stats",
    "facets china --format json",
    "timeline china --format csv",
    "first china",
    "overview",
    "names",
    "suggest chi",
    "refs 10A1",
    "cited-but-missing",
    "graph",
    "related 10A2 --format json",
    "export",
    "verify",
    "verify --deep",
)
CHANGES = (
    "index {source} --jobs 1",
    "index {source} --jobs 1",
    "remove 10A2 09X5",
    "index {source} --jobs 1",
    "reindex --jobs 1",
    "verify --deep",
    "export",
)
PATHS = (
    "/api/v1/search?q=china&limit=50",
    "/api/v1/search?q=zephyr",
    "/api/v1/cable/10A1",
    "/api/v1/facets?q=china",
    "/api/v1/overview",
    "/api/v1/timeline?q=river",
    "/api/v1/export?q=china",
    "/api/v1/refs/10A1",
    "/",
    "/search?q=china",
    "/cable/10A1",
    "/cable/10A3",
)
QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("search", {"query": "labor OR trade", "limit": 50}),
    ("search", {"query": "zephyr"}),
    ("read", {"id": "10A1"}),
    ("facets", {"query": "china"}),
    ("timeline", {"query": "china"}),
    ("related", {"id": "10A2@2"}),
    ("cite", {"citation": "10A1 ¶1", "quotation": "china and labor"}),
    ("cite", {"citation": "10A1 ¶2"}),
]


@pytest.fixture(scope="module")
def places(cluster: Cluster, shared_archive_name: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return the folder of an archive, and the address of the same archive on a cluster."""
    folder, address = tmp_path_factory.mktemp("doors"), str(address_of(cluster, shared_archive_name))
    source = write_cables(folder / "cables.jsonl", CABLES)
    for place in (folder / "archive", address):
        with cablesearch.create(place) as archive:
            archive.index([source])
    return folder / "archive", address


def comparable(text: str, place: Path | str) -> str:
    """Return a text without the name of the archive, its size, its commit, and the time taken."""
    own = r'[0-9.]+ (s|ms|[kMG]?B|bytes)\b|(?<="took_ms": )[0-9.]+|(?<="snapshot": )"[^"]*"|(?<=snapshot=)[\w-]+'
    return re.sub(own, "-", text.replace(str(place), "PLACE"))


def said(place: Path | str, line: str, clearance: str) -> tuple[int, str, str]:
    """Return what a command says of an archive."""
    answer = run(*line.split(), "--index", place, "--clearance", clearance)
    return answer.returncode, comparable(answer.stdout, place), comparable(answer.stderr, place)


@pytest.mark.parametrize("clearance", ["FULL", "SBU"])
@pytest.mark.parametrize("line", COMMANDS)
def test_commands_say_the_same(places: tuple[Path, str], line: str, clearance: str) -> None:
    here, there = (said(place, line, clearance) for place in places)
    assert here == there
    # A command that there is not, or an option, would be refused by both; to verify needs full clearance.
    assert (here[0] == 2) == (line.startswith("verify") and clearance != "FULL")


def test_commands_that_change_an_archive_do_the_same(cluster: Cluster, archive_name: str, tmp_path: Path) -> None:
    source = write_cables(tmp_path / "cables.jsonl", CABLES)
    lines = [line.format(source=source) for line in CHANGES]
    address = str(address_of(cluster, archive_name))
    here, there = ([said(place, line, "FULL") for line in lines] for place in (tmp_path / "archive", address))
    for line, one, other in zip(lines, here, there, strict=True):
        assert one == other, line
    assert [status for status, *_ in here] == [0] * len(lines)


@pytest.mark.parametrize("clearance", ["FULL", "SBU"])
def test_a_server_gives_the_same_answers(places: tuple[Path, str], clearance: str) -> None:
    answers = []
    for place in places:
        with running(place, "--clearance", clearance) as server:
            given = [get(server.address + path) for path in PATHS]
        texts = [comparable(answer.text.replace(server.address, "ADDRESS"), place) for answer in given]
        answers.append([(answer.status_code, text) for answer, text in zip(given, texts, strict=True)])
    here, there = answers
    for path, one, other in zip(PATHS, here, there, strict=True):
        assert one == other, path
    assert [status for status, _ in here] == [200] * (len(PATHS) - 1) + [404]


@pytest.mark.parametrize("clearance", ["FULL", "SBU"])
def test_models_get_the_same_answers(places: tuple[Path, str], clearance: str) -> None:
    here, there = (ask_all(server_of(place, clearance), *QUESTIONS) for place in places)
    for question, one, other in zip(QUESTIONS, here, there, strict=True):
        assert one == other, question
    assert ask_all(command(places[1], "--clearance", clearance), *QUESTIONS[:3]) == here[:3]
    assert [told.is_error for told in here[:-1]] == [False] * (len(QUESTIONS) - 1)
    assert has_zephyr(here) == (clearance == "FULL")


def has_zephyr(answers: Sequence[Told]) -> bool:
    """Return whether an answer has what only readers with clearance may see, and not only a question for it."""
    return any("zephyr of china" in told.text for told in answers)
