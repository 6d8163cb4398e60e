"""The layout of the tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.files import ROOT

MODULES = sorted((ROOT / "tests").rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Yield the full name of each module, and of each name in a module, that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_imports_a_test_module_or_a_conftest(path: Path) -> None:
    taken = [name for name in imported(path) if name.startswith("tests.")]
    assert [name for name in taken if any(part.startswith(("test_", "conftest")) for part in name.split("."))] == []


@pytest.mark.parametrize("folder", ["cablesearch", "trials", "benchmarks", "examples"])
def test_nothing_outside_imports_the_tests(folder: str) -> None:
    for path in (ROOT / folder).rglob("*.py"):
        assert [name for name in imported(path) if name.split(".")[0] == "tests"] == [], path


def test_all_tests_of_the_cluster_are_marked_as_such_and_for_one_worker() -> None:
    modules = sorted((ROOT / "tests" / "cluster").glob("test_*.py"))
    marks = 'pytestmark = [pytest.mark.cluster, pytest.mark.xdist_group("cluster")]'
    assert [path.name for path in modules if marks not in path.read_text(encoding="utf-8").splitlines()] == []


def test_conftest_files_hold_fixtures_alone() -> None:
    for path in (ROOT / "tests").rglob("conftest.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body[1:]:
            if isinstance(node, ast.FunctionDef):
                assert any("fixture" in ast.unparse(decorator) for decorator in node.decorator_list), node.name
            else:
                assert isinstance(node, ast.Import | ast.ImportFrom), ast.unparse(node)
