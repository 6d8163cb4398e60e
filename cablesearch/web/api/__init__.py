"""The routes under /api/v1. What they answer is what the command line prints with --format json.

- `commands` is the list of the commands, `parameters` has their arguments, `checking` what is said of wrong ones, and
  `answering` makes a route of each.
"""

from __future__ import annotations

from cablesearch.web.api.checking import invalid
from cablesearch.web.api.description import DESCRIPTION
from cablesearch.web.api.routes import nothing_at, router

__all__ = ["DESCRIPTION", "invalid", "nothing_at", "router"]
