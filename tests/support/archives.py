"""Archives of cables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cablesearch.archive import create
from cablesearch.cable import Cable
from cablesearch.readers.json_cables import dumps


def write(folder: Path, cables: Sequence[Cable]) -> None:
    """Return a new archive of cables."""
    source = folder / "cables.jsonl"
    source.write_text("".join(dumps(cable) + "\n" for cable in cables), encoding="utf-8")
    with create(folder / "archive") as archive:
        archive.index([source], jobs=1)
