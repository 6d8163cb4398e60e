"""The routes under /api/v1. What they answer is what the command line prints with --format json.

- `commands` is the list of the commands, `parameters` has their arguments, `checking` what is said of wrong ones, and
  `answering` makes a route of each.
- `streams` sends answers while they are made, for `exporting` and `batch`.
- `document` is the OpenAPI document, with `schemas` of answers.
- `metrics` counts, `state` has the routes of health and metrics.
"""

from __future__ import annotations

from cablesearch.web.api.checking import invalid
from cablesearch.web.api.metrics import Measured, Metrics
from cablesearch.web.api.openapi.description import DESCRIPTION
from cablesearch.web.api.openapi.document import document
from cablesearch.web.api.routes import nothing_at, router
from cablesearch.web.api.streams import Streams

__all__ = ["DESCRIPTION", "Measured", "Metrics", "Streams", "document", "invalid", "nothing_at", "router"]
