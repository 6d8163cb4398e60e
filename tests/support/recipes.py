"""The recipes of docs/contributing.md: their blocks of code, and where these go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Block", "blocks", "node_ids"]

_BLOCK = re.compile(
    r"^In `(?P<path>[^`]+)`, (?:a new file|(?P<side>below|above) (?P<ticks>`+)(?P<anchor>.+?)(?P=ticks))"
    r"(?:\s\(`(?P<test>test_\w+)`\))?:\n\n```\w+\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A new file, or lines that go below or above the one line that begins with ``anchor``.

    ``test`` is the test that fails without the block, if the page names one.
    """

    path: str
    code: str
    side: str | None
    anchor: str
    test: str | None

    def apply(self, root: Path) -> None:
        """Change a copy of the repository as the block says."""
        path = root / self.path
        if self.side is None:
            assert not path.exists(), f"{self.path} is there already"
            path.write_text(self.code, encoding="utf-8")
            return
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        places = [number for number, line in enumerate(lines) if line.strip().startswith(self.anchor)]
        assert len(places) == 1, f"{len(places)} lines of {self.path} begin with {self.anchor}"
        place = places[0] + (self.side == "below")
        path.write_text("".join([*lines[:place], self.code, *lines[place:]]), encoding="utf-8")


def blocks(page: str) -> list[Block]:
    """Return the blocks of a page in their order; each fence of it must be one."""
    found = [
        Block(match["path"], match["code"], match["side"], match["anchor"] or "", match["test"])
        for match in _BLOCK.finditer(page)
    ]
    assert 2 * len(found) == len(re.findall("^```", page, re.MULTILINE)), "a fence is not a block of a recipe"
    return found


def node_ids(tests: Path, names: set[str]) -> Iterator[str]:
    """Yield where tests stand, as pytest is to be called for them."""
    for path in sorted(tests.rglob("test_*.py")):
        for name in names & set(re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)):
            yield f"{path.relative_to(tests.parent)}::{name}"
