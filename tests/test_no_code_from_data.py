"""Data never becomes code: the package contains no way from one to the other."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import cablesearch

MODULES = {
    *("pickle", "cPickle", "_pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "yaml", "ctypes", "cffi"),
    *("subprocess", "code", "codeop", "runpy", "imp", "pty", "xml", "plistlib", "ast"),
}
"""Names that execute code, load objects with code, or start programs."""
CALLS = {"eval", "exec", "compile", "__import__", "execfile", "breakpoint", "input"}
METHODS = {
    *(("os", name) for name in ("system", "popen", "execv", "execve", "execl", "spawnv", "posix_spawn", "startfile")),
    *(("np", name) for name in ("load", "save", "fromfile", "memmap", "loadtxt", "genfromtxt", "ctypeslib")),
    *(("numpy", name) for name in ("load", "save", "fromfile", "memmap", "loadtxt", "genfromtxt", "ctypeslib")),
}
IMPORTING = {"importlib", "importlib.import_module", "importlib.util", "importlib.machinery"}
DYNAMIC = {
    "__init__.py": ("__init__.py", "_HOMES"),
    "cli/lazy_group.py": ("cli/__init__.py", "COMMANDS"),
    "readers/__init__.py": ("readers/__init__.py", "_HOMES"),
}
"""The modules that import other modules by name, and the constant with these names, which are never data."""
CALLING_THE_SYSTEM = {"engine/disk/mapping.py"}
"""The modules that call the C library to map files. The functions are constants and take numbers only."""
STARTING_A_PROGRAM = {"cli/pager.py", "cli/serving/serve.py"}
"""The modules that start a program, without a shell: the pager that the user's environment names, and a browser with
the address of the server."""
READING_XML = {"readers/formats/tei.py", "readers/tei_documents.py"}
"""The modules that read XML, with expat, which runs nothing. In `tests/readers/test_tei.py` files that declare entities
are refused."""
ROOT = Path(cablesearch.__file__).parent


def faults(source: str, name: str) -> list[str]:
    """Return the places in a module that could turn data into code."""
    problems = []
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        problems += [f"imports {label}" for label in names if label.partition(".")[0] in MODULES]
        if name in CALLING_THE_SYSTEM:
            problems = [item for item in problems if item != "imports ctypes"]
        if name in STARTING_A_PROGRAM:
            problems = [item for item in problems if item != "imports subprocess"]
        if name in READING_XML:
            problems = [
                item for item in problems if not re.match(r"imports xml\.(?:parsers\.expat|sax\.saxutils)\.", item)
            ]
        problems += ["imports importlib" for label in names if label == "importlib" and name not in DYNAMIC]
        if isinstance(node, ast.Name) and node.id in CALLS:
            problems.append(f"calls {node.id}")
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if (node.value.id, node.attr) in METHODS:
                problems.append(f"calls {node.value.id}.{node.attr}")
            if node.value.id == "builtins":
                problems.append("reaches into builtins")
        if isinstance(node, ast.keyword) and node.arg in {"allow_pickle", "shell"}:
            problems.append(f"says {node.arg}")
    return problems


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_can_make_code_of_data(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT))) == []


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from marshal import loads",
        "import yaml.loader",
        "eval(x)",
        "run = exec",
        "compile(x, '', 'exec')",
        "__import__(x)",
        "np.load(path)",
        "f(allow_pickle=True)",
        "os.system(x)",
        "import subprocess as s",
        "import importlib",
    ],
)
def test_code_from_data_would_be_noticed(source: str) -> None:
    assert faults(source, "some.py")


def test_expressions_are_not_code() -> None:
    assert faults("import re\nre.compile(x)\nimport json\njson.loads(x)\nimport multiprocessing", "some.py") == []


@pytest.mark.parametrize("name", sorted(DYNAMIC))
def test_modules_are_imported_by_constant_names(name: str) -> None:
    """The argument of `import_module` is the package's own name and a name from a constant table."""
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    home, constant = DYNAMIC[name]
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "import_module"
    ]
    assert len(calls) == 1
    names = next(
        node.value
        for node in ast.parse((ROOT / home).read_text(encoding="utf-8")).body
        if isinstance(node, (ast.Assign, ast.AnnAssign))
        and ast.unparse(node).split(maxsplit=1)[0].rstrip(":") == constant
    )
    assert names is not None
    assert ast.literal_eval(names)
