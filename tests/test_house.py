"""The floors of the house: what imports what, so that the data and the queries each go one way."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import cablesearch

FLOORS = [
    ["", "__main__", "cli", "output"],
    ["archive"],
    ["indexing"],
    ["searcher"],
    ["results"],
    ["passages"],
    ["query"],
    ["schema", "stored", "access"],
    ["engine.whoosh_reader"],
    ["engine.search"],
    ["engine.index"],
    ["engine.check"],
    ["engine.segment"],
    ["engine.disk", "engine"],
    ["readers"],
    ["readers.sources"],
    ["readers.formats"],
    ["readers.records"],
    ["readers.json_cables"],
    ["readers.telegram"],
    ["readers.telegram.body"],
    ["readers.telegram.opening"],
    ["readers.telegram.page_breaks"],
    ["readers.limits"],
    ["readers.errors"],
    ["cable"],
    ["cable_fields"],
    ["cable_parts", "json_values"],
    ["vocabulary"],
    ["classification"],
    ["errors"],
    ["text"],
]
"""The floors from the top down; a module stands on the floor of the longest name that it begins with."""

ROOT = Path(cablesearch.__file__).parent


def module_name(path: Path) -> str:
    """The dotted name of a module within the package; empty for the package itself."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix("__init__").removesuffix(".")


MODULES = {module_name(path): path for path in ROOT.rglob("*.py")}
FACES = {"", "readers"}
"""The packages that only hand on names of other modules, and fetch those when they are asked for."""


def imported(path: Path) -> Iterator[str]:
    """The modules of ours that a module imports, also those that it imports in functions or for its types alone."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == "cablesearch":
            base = node.module.partition(".")[2]
            for alias in node.names:
                inner = f"{base}.{alias.name}".lstrip(".")
                yield inner if inner in MODULES else base


IMPORTS = {name: set(imported(path)) - {name} for name, path in MODULES.items()}


def floor(name: str) -> int:
    """The number of a module's floor, from the top."""
    prefixes = {prefix: number for number, names in enumerate(FLOORS) for prefix in names}
    fitting = [prefix for prefix in prefixes if name == prefix or (prefix and name.startswith(prefix + "."))]
    assert fitting, f"{name} stands on no floor"
    return prefixes[max(fitting, key=len)]


def test_modules_import_only_from_their_floor_or_below() -> None:
    above = [
        f"{name} imports {target}"
        for name, targets in IMPORTS.items()
        for target in targets
        if floor(target) < floor(name)
    ]
    assert above == []


def test_imports_form_no_circle() -> None:
    left = {name: targets - FACES for name, targets in IMPORTS.items() if name not in FACES}
    while free := [name for name, targets in left.items() if not targets & left.keys()]:
        for name in free:
            del left[name]
    # What is left stands in a circle, or imports what does.
    assert sorted(left) == []
