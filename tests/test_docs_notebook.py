"""The notebook of the documentation, run cell by cell."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.files import DOCS, SAMPLES

NOTEBOOK = DOCS / "notebook.ipynb"


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """Run the notebook in a copy of its folder, and return what each cell prints and shows, by the source of it."""
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    for name in ("ipykernel", "pandas", "matplotlib"):
        pytest.importorskip(name)
    root = tmp_path_factory.mktemp("copy")
    (root / "docs").mkdir()
    shutil.copytree(SAMPLES, root / "samples")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(root / "docs")}})
    asyncio.run(client.async_execute())
    assert [path.name for path in (root / "docs").iterdir()] == []
    return {cell.source: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}


def shown(outputs: dict[str, list[Any]], source: str) -> dict[str, str]:
    """Return what the one cell that begins with a source shows, by its type, and what it prints as ``stdout``."""
    (cell,) = [outputs[key] for key in outputs if key.startswith(source)]
    data = {kind: text for output in cell for kind, text in output.get("data", {}).items()}
    return data | {output.name: output.text for output in cell if output.output_type == "stream"}


def test_every_cell_runs_without_a_warning(outputs: dict[str, list[Any]]) -> None:
    assert len(outputs) > 10
    names = {output.get("name") for cell in outputs.values() for output in cell if output.output_type == "stream"}
    assert names == {"stdout"}


def test_answers_show_themselves_as_pages(outputs: dict[str, list[Any]]) -> None:
    for source in (
        *("archive.overview", "archive.search", "query =", 'archive["10BEIJING30"]', "archive.first", "restricted ="),
        'archive.timeline("japan", "ethiopia", "brazil", since',
    ):
        assert shown(outputs, source)["text/html"].startswith('<div class="cablesearch">'), source
    assert "<mark>labor</mark> <mark>trafficking</mark>" in shown(outputs, "archive.search")["text/html"]
    assert shown(outputs, "import tempfile")["stdout"] == "1,790 cables, 0 rejected\n"


def test_a_plot_is_shown_once_and_a_table_is_one_of_pandas(outputs: dict[str, list[Any]]) -> None:
    plots = [key for key in outputs if ".plot(" in key]
    assert [len(outputs[plot]) for plot in plots] == [1]
    assert shown(outputs, plots[0])["image/png"]
    assert '<table border="1" class="dataframe">' in shown(outputs, "frame =")["text/html"]


def test_a_lower_clearance_sees_nothing_of_the_cable_that_it_hides(outputs: dict[str, list[Any]]) -> None:
    assert shown(outputs, "restricted =")["stdout"] == "1790 1789\n"
    assert "No hits" in shown(outputs, "restricted =")["text/html"]


def test_the_notebook_is_kept_without_outputs_and_without_traces_of_a_machine() -> None:
    notebook = json.loads(NOTEBOOK.read_text("utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)
    assert all(cell["metadata"] == {} for cell in notebook["cells"])
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
    assert notebook["metadata"]["language_info"] == {"name": "python"}
    assert not Path(NOTEBOOK.parent, ".ipynb_checkpoints").exists()
