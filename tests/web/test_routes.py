"""All routes of the HTTP API that the command line has too: they say the same, byte for byte."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cablesearch.web.api.commands import COMMANDS
from tests.support.files import SAMPLES
from tests.support.running import run
from tests.support.serving import served

TOOK = re.compile(rb'"took_ms": [0-9.]+')

ASKED = [
    ("search?q=trafficking", "search trafficking"),
    ("search?q=china%20OR%20TIP&limit=3&offset=2&sort=-date", "search 'china OR TIP' -n 3 --offset 2 --sort=-date"),
    ("search?q=china&facet=tags&facet=year&facet_size=2", "search china --facet tags --facet year --facet-size 2"),
    ("search?q=china&facet=tags&facet_size=all&limit=0", "search china --facet tags --facet-size all -n 0"),
    ("search?tag=PHUM&origin=beijing&classification=C&since=2009&until=2010-01", "search --tag PHUM --origin beijing"
     " --classification C --since 2009 --until 2010-01"),
    ("search?q=TIP&acronyms=false&group=cable", "search TIP --no-acronyms --group cable"),
    ("search?q=palermo+moeling&any=true&sort=citations", "search palermo moeling --any --sort citations"),
    ("search?q=traficking", "search traficking"),
    ("search?q=china&offset=900", "search china --offset 900"),
    ("cable/10BEIJING30", "show 10BEIJING30"),
    ("cable/10BEIJING30%C2%B64", "show 10BEIJING30¶4"),
    ("cable/frus1934v04/d337", "show frus1934v04/d337"),
    ("paragraph/10BEIJING30%C2%B64", "show 10BEIJING30¶4"),
    ("paragraph/10BEIJING30@4?context=2", "show 10BEIJING30@4 --context 2"),
    ("facets?q=trafficking", "facets trafficking"),
    ("facets?facet=tag&facet=origin&since=1934&group=cable", "facets --facet tag --facet origin --since 1934 "
     "--group cable"),
    ("timeline?q=china&also=japan&also=russia&by=month", "timeline china --also japan --also russia --by month"),
    ("timeline?bursts=true&until=1934", "timeline --bursts --until 1934"),
    ("overview", "overview"),
    ("overview?q=trafficking&tag=PHUM", "overview trafficking --tag PHUM"),
    ("suggest?q=human+ri", "suggest 'human ri'"),
    ("suggest?q=ch&kind=post&kind=tag&limit=3", "suggest ch --kind post --kind tag -n 3"),
    ("related/10BEIJING30", "related 10BEIJING30"),
    ("related/10BEIJING30%C2%B64?limit=2&offset=1&group=cable&until=1936", "related 10BEIJING30¶4 -n 2 --offset 1"
     " --group cable --until 1936"),
    ("related/10BEIJING30?tag=XXXX", "related 10BEIJING30 --tag XXXX"),
    ("refs/frus1934v04/d337?depth=2&limit=3", "refs frus1934v04/d337 --depth 2 -n 3"),
    ("thread/frus1934v04/d337", "thread frus1934v04/d337"),
    ("names?q=trafficking", "names trafficking"),
    ("names?kind=person&kind=place&limit=3&group=cable", "names --kind person --kind place -n 3 --group cable"),
    ("acronyms?limit=5", "acronyms -n 5"),
    ("phrases?q=trafficking&limit=5", "phrases trafficking -n 5"),
    ("compare?q=date:1933&q=date:1934&limit=4", "compare date:1933 date:1934 -n 4"),
    ("first?q=japan&limit=2", "first japan -n 2"),
    ("last?q=japan&group=cable", "last japan --group cable"),
    ("bursts?q=japan&by=month&s=3&gamma=0.5", "bursts japan --by month --s 3 --gamma 0.5"),
    ("cited-but-missing?limit=3", "cited-but-missing -n 3"),
    ("graph?q=japan", "graph japan"),
    ("stats", "stats"),
]  # fmt: skip
"""Addresses, and the commands that print the same."""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("routes") / "archive"
    run("index", SAMPLES, "--index", folder)
    return folder


@pytest.fixture(scope="module")
def client(index: Path) -> Iterator[httpx.Client]:
    with (
        served(index, "--clearance", "FULL") as address,
        httpx.Client(base_url=f"{address}/api/v1/", timeout=60) as made,
    ):
        yield made


def words(command: str) -> list[str]:
    return shlex.split(command)


@pytest.mark.parametrize(("address", "command"), ASKED, ids=[address for address, _ in ASKED])
def test_an_answer_is_what_the_command_line_prints(
    index: Path, client: httpx.Client, address: str, command: str
) -> None:
    printed = run(*words(command), "--format", "json", "--index", index).stdout.encode()
    response = client.get(address)
    assert response.status_code == 200, response.text
    assert TOOK.sub(b"", response.content) + b"\n" == TOOK.sub(b"", printed)
    assert response.headers["content-type"] == "application/json"


def test_every_command_is_asked_here() -> None:
    assert {re.split(r"[/?]", address)[0] for address, _ in ASKED} == COMMANDS.keys() - {"ids"}


def test_ids_are_those_that_the_command_line_prints(index: Path, client: httpx.Client) -> None:
    printed = run("search", "china", "--format", "ids", "-n", "5", "--offset", "2", "--index", index).stdout.split()
    answer = client.get("ids?q=china&limit=5&offset=2").json()
    assert (answer["ids"], answer["query"]) == (printed, "china")
    assert answer["total"] == len(run("search", "china", "-f", "ids", "-n", "all", "--index", index).stdout.split())
