"""The floors of the house: imports, like data and queries, go one way."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import cablesearch
from cablesearch.archive import Archive

FLOORS = [
    ["", "__main__", "cli"],
    ["mcp", "web"],
    ["serving"],
    ["answers", "for_whoosh"],
    ["archive"],
    ["features"],
    ["indexing"],
    ["searcher", "request"],
    ["suggestions"],
    ["results"],
    ["frames"],
    ["variants"],
    ["query"],
    ["opening"],
    ["embedded", "cluster"],
    ["schema", "access"],
    ["engine.whoosh_reader"],
    ["engine.search"],
    ["engine.index"],
    ["engine.check"],
    ["engine.segment"],
    ["engine.disk", "engine"],
    ["readers"],
    ["readers.sources"],
    ["readers.formats"],
    ["readers.given_values", "readers.given_objects", "readers.mail_messages", "readers.tei_documents"],
    ["readers.buffer"],
    ["readers.records"],
    ["readers.rereading"],
    ["readers.json_cables"],
    ["readers.telegram"],
    ["readers.telegram.body"],
    ["readers.telegram.opening"],
    ["readers.telegram.page_breaks", "readers.telegram.section_headers"],
    ["readers.limits", "readers.given_dates"],
    ["readers.errors"],
    ["names"],
    ["protocols"],
    ["cable"],
    ["cable_fields"],
    ["cable_parts", "json_values"],
    ["vocabulary"],
    ["classification"],
    ["algorithms"],
    ["protocols.fields", "protocols.queries"],
    ["errors"],
    ["notebook"],
    ["arguments", "text"],
]
"""The floors from the top down. A module belongs to the floor of the longest prefix of its name."""

ROOT = Path(cablesearch.__file__).parent


def module_name(path: Path) -> str:
    """Return the dotted name of a module within the package; empty for the package itself."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix("__init__").removesuffix(".")


MODULES = {module_name(path): path for path in ROOT.rglob("*.py")}
FACES = {"", "readers"}
"""The packages that only re-export names of other modules, and import them on first use."""


def imported(path: Path) -> Iterator[str]:
    """Yield the modules of this package that a module imports, including imports in functions and for types."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == "cablesearch":
            base = node.module.partition(".")[2]
            for alias in node.names:
                inner = f"{base}.{alias.name}".lstrip(".")
                yield inner if inner in MODULES else base


IMPORTS = {name: set(imported(path)) - {name} for name, path in MODULES.items()}


def floor(name: str) -> int:
    """Return the number of a module's floor, from the top."""
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
    # The rest is in a circle, or imports from one.
    assert sorted(left) == []


def test_nothing_imports_the_reader_for_whoosh_but_the_function_that_makes_one() -> None:
    room = "engine.whoosh_reader"
    importing = {
        name
        for name, targets in IMPORTS.items()
        if not name.startswith(room) and any(target.startswith(room) for target in targets)
    }
    assert importing == {"for_whoosh"}
    assert {name for name, targets in IMPORTS.items() if "for_whoosh" in targets} == {""}


ABOVE_THE_SEAM = {
    *("features", "searcher", "request", "suggestions", "results", "frames", "variants", "query"),
    *("schema", "protocols"),
}
"""What asks a reader, and what a reader is asked with: it works whatever keeps the archive."""


def test_what_asks_a_reader_knows_neither_a_folder_nor_the_engine() -> None:
    rooms = {"embedded", "engine"}
    knowing = {
        f"{name} imports {target}"
        for name, targets in IMPORTS.items()
        if name.partition(".")[0] in ABOVE_THE_SEAM
        for target in targets
        if target.partition(".")[0] in rooms
    }
    assert knowing == set()


def test_an_archive_in_a_folder_and_one_on_a_cluster_know_nothing_of_each_other() -> None:
    importing = {
        room: {name for name, targets in IMPORTS.items() if any(target.partition(".")[0] == room for target in targets)}
        for room in ("engine", "embedded", "cluster")
    }
    outside = {room: {name for name in names if name.partition(".")[0] != room} for room, names in importing.items()}
    assert outside["cluster"] == {"opening"}
    assert not {name for name in outside["embedded"] if name.startswith(("cluster", "engine"))}
    assert {name.partition(".")[0] for name in outside["engine"]} == {"embedded", "for_whoosh"}


def needed(room: str) -> set[str]:
    """Return the packages that the modules of a room import from elsewhere, also in functions and for types."""
    names = set()
    for path in (path for name, path in MODULES.items() if name.partition(".")[0] == room):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.partition(".")[0])
            elif isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
    return names - sys.stdlib_module_names - {"cablesearch"}


def test_the_servers_share_a_room_but_need_nothing_of_each_other() -> None:
    for room, other in (("web", "mcp"), ("mcp", "web"), ("serving", "web"), ("serving", "mcp")):
        targets = {target for name in MODULES if name.partition(".")[0] == room for target in IMPORTS[name]}
        assert not {target for target in targets if target.partition(".")[0] == other}
    # What both extras bring: h11 comes with uvicorn, and Starlette with FastAPI and with the SDK.
    assert needed("serving") == {"h11", "starlette", "uvicorn"}
    assert needed("mcp") & needed("web") >= {"starlette", "uvicorn"}
    assert "fastapi" not in needed("mcp")
    assert "mcp" not in needed("web")


def test_the_two_engines_know_nothing_of_each_other() -> None:
    rooms = {"cluster": ("embedded", "engine"), "embedded": ("cluster",), "engine": ("cluster", "embedded")}
    for room, others in rooms.items():
        targets = {target for name in MODULES if name.partition(".")[0] == room for target in IMPORTS[name]}
        assert not {target for target in targets if target.partition(".")[0] in others}
    # Only the room of an engine needs its library, and only one module decides which engine it is.
    assert not [
        room for room in {name.partition(".")[0] for name in MODULES} - {"cluster"} if "opensearchpy" in needed(room)
    ]
    assert {name for name, targets in IMPORTS.items() if "cluster.place" in targets} == {"opening"}


FOR_SEARCHING = [
    "access",
    "archive",
    "arguments",
    "cable",
    "cable_fields",
    "cable_parts",
    "classification",
    "algorithms",
    "embedded.counting",
    "embedded.exploring",
    "embedded.grouped",
    "embedded.hits",
    "embedded.reader",
    "embedded.records",
    "embedded.seen",
    "embedded.selections",
    "embedded.place",
    "embedded.words",
    "engine.check.blame",
    "engine.disk.arrays",
    "engine.disk.files",
    "engine.disk.mapping",
    "engine.index.manifest",
    "engine.index.snapshot",
    "engine.index.superseded",
    "engine.search",
    "engine.segment.fitting",
    "engine.segment.layout",
    "engine.segment.order",
    "engine.segment.postings",
    "engine.segment.segment",
    "engine.segment.store",
    "engine.segment.strings",
    "errors",
    "features.asking",
    "features.links.methods",
    "features.methods",
    "indexing.upkeep",
    "json_values",
    "opening",
    "protocols",
    "query",
    "readers.errors",
    "readers.json_cables",
    "readers.limits",
    "request",
    "results",
    "schema",
    "searcher",
    "suggestions",
    "text",
    "variants",
    "vocabulary",
]
"""The modules that a search may load, and rooms whose every module it may load."""

NOT_FOR_SEARCHING = [
    "concurrent.futures",
    "multiprocessing",
    "nltk",
    "rich",
    "whoosh.qparser",
    "whoosh.scoring",
    "whoosh.searching",
    "whoosh.spelling",
]
"""Modules that a search must not load."""

SEARCHES = """
import sys, cablesearch
with cablesearch.open(sys.argv[1], clearance="SECRET") as archive:
    assert archive.search('"palermo protocol" OR traffick*', facets=["tags", "year"]).total
    assert archive.search("china -japan date:2009..2011", group="cable", sort="date").total
    assert not archive.search("traficking tag:PHUM").total
print(*sys.modules)
"""


def test_a_search_loads_nothing_that_writes(beijing: Archive) -> None:
    command = [sys.executable, "-c", SEARCHES, str(beijing.path)]
    result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT.parent)
    loaded = result.stdout.split()
    ours = {name.partition(".")[2] for name in loaded if name.startswith("cablesearch.")}
    allowed = {name for name in ours if any(name == room or name.startswith(room + ".") for room in FOR_SEARCHING)}
    assert {name for name in ours - allowed if not any(room.startswith(name + ".") for room in FOR_SEARCHING)} == set()
    assert not {*loaded} & {*NOT_FOR_SEARCHING}


ENGINE = sorted(path for name, path in MODULES.items() if name.partition(".")[0] == "engine")


def test_files_and_functions_fit_in_a_head() -> None:
    too_large = []
    for path in MODULES.values():
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > 500:
            too_large.append(str(path))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                lines = (node.end_lineno or 0) - node.lineno + 1
                too_large += [f"{path}: {node.name}"] * (lines > 50)
    folders = [path.parent for path in MODULES.values()]
    too_large += [str(folder) for folder in set(folders) if folders.count(folder) > 14]
    assert too_large == []


def prose(path: Path) -> Iterator[str]:
    """The strings, docstrings and comments of a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
    with path.open("rb") as file:
        yield from (token.string for token in tokenize.tokenize(file.readline) if token.type == tokenize.COMMENT)


def test_the_engine_has_no_word_about_cables_or_the_command_line() -> None:
    names = re.compile(r"CablesearchError|cablesearch(\.\w+)+")
    words = re.compile(r"cable|--", re.IGNORECASE)
    told = [f"{path}: {text!r}" for path in ENGINE for text in prose(path) if words.search(names.sub("", text))]
    assert told == []
