"""The commands of examples/README.md, run in a copy of what they need."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.files import ROOT, SAMPLES
from tests.support.shell import run_shell

BLOCKS = re.findall(
    r"^```sh\n(.*?)^```$", (ROOT / "examples" / "README.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
)


def test_the_report_is_written_as_the_page_says(tmp_path: Path) -> None:
    preparing, writing, serving = BLOCKS
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(SAMPLES, tmp_path / "samples")
    assert preparing.startswith("pip install .\n")
    run_shell(preparing.removeprefix("pip install .\n").replace("index samples", "index samples --quiet"), cwd=tmp_path)
    assert run_shell(writing, cwd=tmp_path) == ""
    page = (tmp_path / "report.html").read_text("utf-8")
    assert page.count("<h2>") == 3
    assert page.count("<blockquote>") == 9
    assert "Nothing found" not in page
    assert "flask --app examples.flask_view run" in serving


def test_flask_finds_the_application_by_the_name_of_the_page() -> None:
    pytest.importorskip("flask")
    command = [sys.executable, "-m", "flask", "--app", "examples.flask_view", "routes"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert "/cables/<path:name>" in done.stdout
