"""The examples of docs/embedding.md, run one after another in a folder with the samples."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
from pathlib import Path

import pytest

from tests.support.files import DOCS, SAMPLES
from tests.support.shell import run_shell

pytest.importorskip("pandas")
pytest.importorskip("langchain_core")
pytest.importorskip("llama_index.core")

_BLOCK = re.compile(
    r"^```(?P<language>python|sh)\n(?P<code>.*?)^```$(?:\n\nIt prints:\n\n```\n(?P<printed>.*?)^```$)?",
    re.DOTALL | re.MULTILINE,
)


def test_every_example_runs_and_prints_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (DOCS / "embedding.md").read_text(encoding="utf-8")
    blocks = list(_BLOCK.finditer(page))
    assert 2 * sum(1 + (block["printed"] is not None) for block in blocks) == len(
        re.findall("^```", page, re.MULTILINE)
    )
    shutil.copytree(SAMPLES, tmp_path / "samples")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "example"}
    for block in blocks:
        if block["language"] == "sh":
            printed = run_shell(block["code"])
        else:
            with contextlib.redirect_stdout(out := io.StringIO()):
                exec(compile(block["code"], "docs/embedding.md", "exec", dont_inherit=True), names)
            printed = out.getvalue()
        if block["printed"] is not None:
            assert printed == block["printed"]
