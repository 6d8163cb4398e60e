"""The routes under /api/v1. What they answer is what the command line prints with --format json."""

from __future__ import annotations

from cablesearch.web.api.description import DESCRIPTION, invalid
from cablesearch.web.api.routes import router

__all__ = ["DESCRIPTION", "invalid", "router"]
