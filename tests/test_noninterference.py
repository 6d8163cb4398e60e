"""Hidden text changes no output of any command or of the library: several hundred cases of the experiment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import cablesearch
from cablesearch.cable import Clearance
from tests.support.cables import cable
from tests.support.files import write_cables
from trials.noninterference import experiment

CASES = 360


def test_an_archive_answers_as_one_of_the_visible_part() -> None:
    figures, differences = experiment(CASES, seed=2)
    assert not differences, "\n".join(differences)
    cases = figures["cases"]
    assert isinstance(cases, int)
    assert cases >= CASES


@pytest.mark.parametrize(
    "command",
    [
        ["search", "zephir", "--facet", "tags"],
        ["search", "china", "--group", "cable", "--format", "json"],
        ["show", "10A2"],
        ["show", "10A1", "--format", "json"],
        ["export"],
        ["stats"],
        ["verify"],
    ],
    ids=" ".join,
)
def test_the_installed_command_works(tmp_path: Path, command: list[str]) -> None:
    made = [
        cable("10A1", ("U", "china"), ("S", "zephyr"), subject="quartz", subject_marking="S"),
        cable("10A2", ("S", "x")),
    ]
    place, source = tmp_path / "archive", tmp_path / "cables.jsonl"
    answers = []
    for cables in (made, [seen for message in made if (seen := message.view(Clearance.parse("SBU")))]):
        write_cables(source, cables)
        with cablesearch.create(place) as archive:
            archive.index([source])
        arguments = [sys.executable, "-m", "cablesearch", *command, "--index", str(place)]
        done = subprocess.run(
            arguments, capture_output=True, text=True, check=False, env=os.environ | {"CABLESEARCH_CLEARANCE": "SBU"}
        )
        took = [line for line in done.stdout.split(", ") if not line.startswith('"took_ms"')]
        answers.append((done.returncode, took, done.stderr))
        place.rename(tmp_path / f"archive-{len(answers)}")
    assert answers[0] == answers[1]
