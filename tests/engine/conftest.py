"""Folders for indexes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def fresh(tmp_path: Path) -> Callable[[], Path]:
    """A maker of new empty directories."""
    count = iter(range(1_000_000))
    return lambda: tmp_path / f"index-{next(count)}"
