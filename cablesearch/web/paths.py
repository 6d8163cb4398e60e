"""The path of a request, which may begin with the path below which a proxy serves the server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["path_below_root"]


def path_below_root(scope: Mapping[str, Any]) -> str:
    """Return the path of a request without the root: ``/search`` for ``/cables/search`` below ``/cables``.

    A path that only begins with the same letters is not below the root: ``/cable/x`` is not below ``/c``.
    """
    path: str = scope["path"]
    root = str(scope.get("root_path", ""))
    below = path.removeprefix(root) if f"{path}/".startswith(f"{root}/") else path
    return below or "/"
