"""cablesearch get: the HTTP API without a server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.archives import write
from tests.support.cables import cable
from tests.support.running import run, run_apart


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("get")
    write(folder, [cable("09ROME1", "The white whale swims."), cable("09ROME2", ("S", "A whale.\x1b[2J\u0007"))])
    return folder / "archive"


def test_what_is_printed_is_what_the_command_line_prints(index: Path) -> None:
    got = run_apart("get", "/api/v1/cable/09ROME1", "--index", index)
    shown = run("show", "09ROME1", "--format", "json", "--index", index)
    assert (got.returncode, got.stdout, got.stderr) == (0, shown.stdout, "")


def test_characters_that_an_address_must_not_have_may_be_written_as_they_are(index: Path) -> None:
    for written in ('"white whale"', "%22white%20whale%22", '"white+whale"'):
        assert json.loads(run("get", f"/api/v1/search?q={written}", "--index", index).stdout)["total"] == 1
    assert run("get", "/api/v1/paragraph/09ROME1¶1", "--index", index).returncode == 0


def test_an_error_is_printed_with_exit_status_1(index: Path) -> None:
    got = run("get", "/api/v1/search?q=(whale", "--index", index)
    assert (got.returncode, got.stderr) == (1, "")
    assert json.loads(got.stdout)["advice"] == "Add ) where it should end."


def test_the_clearance_is_that_of_the_command(index: Path) -> None:
    asked = "get", "/api/v1/search?q=whale", "--index", index
    answers = run(*asked), run(*asked, "--clearance", "U"), run(*asked, CABLESEARCH_CLEARANCE="SBU")
    assert [json.loads(answer.stdout)["total"] for answer in answers] == [2, 1, 1]


def test_a_stream_is_printed_whole(index: Path) -> None:
    exported = run("export", "--index", index).stdout
    assert run("get", "/api/v1/export", "--index", index).stdout == exported
    assert run_apart("get", "/api/v1/export", "--index", index).stdout == exported


def test_a_wrong_address_and_a_missing_archive_are_errors_of_the_command(index: Path, tmp_path: Path) -> None:
    wrong = run("get", "search?q=whale", "--index", index)
    assert wrong.returncode == 2
    assert "An address begins with a slash, such as /api/v1/search?q=china" in wrong.stderr
    missing = run("get", "/api/v1/stats", "--index", tmp_path / "nowhere")
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "create one with: cablesearch index SOURCE" in missing.stderr


def test_without_the_extra_the_command_says_what_to_install(index: Path) -> None:
    for package in ("fastapi", "prometheus_client"):
        code = f"import sys; sys.modules['{package}'] = None; from cablesearch.cli import main; main()"
        command = [sys.executable, "-c", code, "get", "/api/v1/stats", "--index", str(index)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (result.returncode, result.stdout) == (2, "")
        assert result.stderr == f"Error: get needs {package}: pip install 'cablesearch[web]'\n"
