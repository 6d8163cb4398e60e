"""Files that tests read, and files that they write."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from cablesearch.cable import Cable
from cablesearch.readers.json_cables import dumps

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
DOCS = ROOT / "docs"
SAMPLES = ROOT / "samples"
BEIJING = DATA / "10BEIJING30.txt"


def write_cables(path: Path, cables: Iterable[Cable]) -> Path:
    """Write cables as JSON lines, and return the path."""
    path.write_text("".join(dumps(cable) + "\n" for cable in cables), encoding="utf-8")
    return path


def zipped(contents: Mapping[str, bytes]) -> bytes:
    """Return a zip file of the contents by their names."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return file.getvalue()
