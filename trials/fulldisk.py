"""A full disk: a small one in memory or, where none may be mounted, a limit on the size of files."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from trials.cables import cable, write
from trials.history import leftovers, state, whole

__all__ = ["fulldisk"]

_ROOT = Path(__file__).parent.parent
_PAGE = 4096
_DISK = 4 << 20
_MOST = 1 << 20
"""Bytes: the most free space, a little more than the archive ever takes."""


@contextlib.contextmanager
def _small_disk(folder: Path) -> Iterator[bool]:
    """Mount a small disk; return whether that is allowed."""
    mounted = not subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "none", str(folder)], capture_output=True, check=False
    ).returncode
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _index(source: Path, path: Path, limit: Callable[[], None] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cablesearch", "index", str(source), "--index", str(path)]
    command += ["--jobs", "2", "--memory", "16M"]
    return subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False, preexec_fn=limit)


def fulldisk(seed: int, rooms: int = 24) -> dict[str, object]:
    """Index with a little more space each time (``rooms`` times) until the disk is full, then free space and continue.

    Each time the error is reported in one line that names a file, the archive is sound, and the same command ends as on
    a disk with enough space.
    """
    figures: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = write(folder / "1.jsonl", [cable(seed * 1000 + slot, 1, 60) for slot in range(80)])
        second = write(folder / "2.jsonl", [cable(seed * 1000 + slot, 2, 60) for slot in range(40, 160)])
        for source in (first, second):
            assert _index(source, folder / "undisturbed").returncode == 0
        end = state(folder / "undisturbed")
        disk = folder / "disk"
        disk.mkdir()
        with _small_disk(disk) as mounted:
            for number in range(rooms):
                room = _MOST * number // rooms // _PAGE * _PAGE
                path = disk / str(number)
                figures[_fill(disk, path, (first, second), room, mounted)] += 1
                assert state(path) == end, "it ends otherwise"
                assert not leftovers(path), leftovers(path)
                for file in path.iterdir():
                    file.unlink()
    by = f"a disk of {_DISK >> 20} MB in memory" if mounted else "a limit on the size of files"
    return {"by": by, "tried": rooms, **figures}


def _fill(disk: Path, path: Path, sources: tuple[Path, Path], room: int, mounted: bool) -> str:
    first, second = sources
    assert _index(first, path).returncode == 0
    before = whole(path)[1]
    ballast = disk / "ballast"
    if mounted:
        free = os.statvfs(disk)
        ballast.write_bytes(bytes(max(0, free.f_bavail * free.f_frsize - room)))
        result = _index(second, path)
    else:
        result = _index(second, path, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)))
    state = whole(path)[1]
    if result.returncode:
        lines = result.stderr.strip().splitlines()
        assert result.returncode == 2, result
        assert lines[-1].startswith(f"Error: {path}"), result
        assert "Traceback" not in result.stderr, result
    kind = "enough room" if not result.returncode else "full before the commit" if state == before else "full after it"
    ballast.unlink(missing_ok=True)
    again = _index(second, path)
    assert again.returncode == 0, again
    return kind
