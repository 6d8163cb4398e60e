"""The pages for people, rendered here and whole without JavaScript.

- `rendering` makes a page of a template: `page` for an answer of the archive, `rendered` for anything else.
- `links` has the addresses, `assets` the style sheet and the script, `words` what templates do with values.
- The routes are in modules named after their pages; `routes` brings them together.

The addresses ``/quotation``, ``/cable/ID/versions``, ``/labels`` and ``/saved`` are kept for later work.
"""

from __future__ import annotations

from cablesearch.web.pages.routes import NAMES, router

__all__ = ["NAMES", "router"]
