"""The comparison with other tools: the commands in its cells show what they are said to show."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.support.files import DOCS, ROOT, SAMPLES
from tests.support.running import run

PAGE = (DOCS / "comparison.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| feature |")
]
COMMANDS = [(row[0], command) for row in ROWS for command in re.findall(r"`cablesearch ([^`]*)`", row[1])]
HEADINGS = {line for line in PAGE.splitlines() if line.startswith("| feature |")}
EVIDENCE = {
    "acronyms learnt from the archive": 'TIP also finds "trafficking in persons"',
    "synonyms of one's own": "burma also finds china",
    "did you mean": 'did you mean: "labor trafficking"',
    "names in any spelling": "Graziani",
    "cited but missing": "08OSLO9",
    "threads of answers": "> │  └─ 09STATE4",
}
"""Of some features, what shows that the command has them and not only an answer."""
VERDICT = re.compile(r"(yes|no|partly|n\.d\.)(: .+)?")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the archive and the file of the page."""
    folder = tmp_path_factory.mktemp("comparison")
    made = run("index", SAMPLES, ROOT / "tests" / "data" / "references.jsonl", cwd=folder)
    assert made.returncode == 0, made.stderr
    (written,) = re.findall(r"^printf '(.*)\\n' > synonyms.txt$", PAGE, re.MULTILINE)
    (folder / "synonyms.txt").write_text(f"{written}\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize(("feature", "command"), COMMANDS)
def test_each_command_of_the_comparison_shows_something(folder: Path, feature: str, command: str) -> None:
    if "--plot" in command:
        pytest.importorskip("matplotlib")
    result = run(*shlex.split(command), cwd=folder)
    # Spelling is corrected where nothing is found.
    assert result.returncode == (1 if feature == "did you mean" else 0), result.stderr
    assert result.stdout.strip() or feature == "did you mean"
    assert EVIDENCE.get(feature, "") in result.stdout + result.stderr


def test_all_evidence_is_of_features_of_the_page() -> None:
    assert EVIDENCE.keys() <= {row[0] for row in ROWS}


def test_each_feature_has_a_command_or_is_said_to_be_missing() -> None:
    for row in ROWS:
        assert row[1] == "no" or "`cablesearch " in row[1], row[0]


def test_each_other_cell_is_a_verdict() -> None:
    (heading,) = HEADINGS
    columns = [name.strip() for name in heading.strip("|").split(" | ")]
    for row in ROWS:
        assert len(row) == len(columns), row[0]
        assert all(VERDICT.fullmatch(cell) for cell in row[2:]), row
    sources = PAGE.split("## Sources")[1]
    for name in columns[2:]:
        assert f"- **{name}**" in sources
