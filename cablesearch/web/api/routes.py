"""All routes under /api/v1."""

from __future__ import annotations

import re
from difflib import get_close_matches

from fastapi import APIRouter

from cablesearch.text.terminal import one_line
from cablesearch.text.wording import excerpt
from cablesearch.web.api import answering, batch, exporting, state
from cablesearch.web.api.commands import COMMANDS
from cablesearch.web.problems import ProblemError

__all__ = ["nothing_at", "router"]

router = APIRouter()
for _part in (answering, exporting, batch, state):
    router.include_router(_part.router)
_LONGEST_SHOWN = 100
_OTHERS = ("batch", "export", "health", "metrics", "openapi.json")


def nothing_at(path: str) -> ProblemError:
    """Return the problem for an address where nothing is."""
    name = path.partition("/api/v1/")[2].partition("/")[0]
    near = get_close_matches(name, [*COMMANDS, *_OTHERS], 1) if name else []
    advice = f"; did you mean /api/v1/{near[0]}?" if near and near[0] != name else ""
    if name in COMMANDS and COMMANDS[name].of_cable:
        advice = f"; name a cable: /api/v1/{name}/ID"
    if not advice and re.search(r"/api(/|$)", path):
        advice = "; all addresses are in /api/v1/openapi.json"
    return ProblemError("not-found", f"there is nothing at {excerpt(one_line(path), _LONGEST_SHOWN)}{advice}")
