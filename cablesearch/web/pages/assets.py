"""The files that pages load: the style sheet, the script, the icon.

Their addresses have a hash of their content, so that browsers keep them for good and a new version has a new address.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from fastapi import APIRouter
from starlette.responses import Response

from cablesearch.web.problems import ProblemError

__all__ = ["address", "router"]

_FOLDER = Path(__file__).with_name("static")
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_FOR_GOOD = "public, max-age=31536000, immutable"

router = APIRouter()


class _Asset(NamedTuple):
    body: bytes
    media_type: str


@cache
def _addresses() -> dict[str, str]:
    """Return the last part of the address of each file, by its name: ``style.0f3a….css`` for ``style.css``."""
    return {file.name: _hashed(file) for file in _FOLDER.iterdir() if file.suffix in _TYPES}


@cache
def _assets() -> dict[str, _Asset]:
    names = _addresses()
    return {names[name]: _Asset((_FOLDER / name).read_bytes(), _TYPES[Path(name).suffix]) for name in names}


def _hashed(file: Path) -> str:
    return f"{file.stem}.{hashlib.blake2b(file.read_bytes(), digest_size=8).hexdigest()}{file.suffix}"


def address(name: str) -> str:
    """Return the path of a file, below the root of the server: ``/static/style.0f3a….css`` for ``style.css``."""
    return f"/static/{_addresses()[name]}"


@router.get("/static/{name}")
async def asset(name: str) -> Response:
    """Return a file."""
    found = _assets().get(name)
    if found is None:
        raise ProblemError("not-found", "there is no such file")
    return Response(found.body, headers={"Cache-Control": _FOR_GOOD}, media_type=found.media_type)
