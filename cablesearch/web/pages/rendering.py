"""Pages: templates, filled in by the answer to a question."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import Response

from cablesearch.archive import Archive
from cablesearch.web.asking import Asking, etag_of, is_known
from cablesearch.web.cache import Answer
from cablesearch.web.pages.links import NAVIGATION, Links
from cablesearch.web.pages.words import FILTERS, finalized
from cablesearch.web.paths import path_below_root

__all__ = ["SNAPSHOT", "links_of", "page", "rendered"]

SNAPSHOT = Markup("\x00snapshot\x00")
"""What a template writes where a link has the token of the commit. Each page that is sent has a new token, and is the
same page otherwise. No text of a cable has it, as control characters of text are replaced."""
_FRESH = 300
"""Seconds after which a page with a token is sent anew, though it says the same."""
_HEADERS = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("cablesearch.web.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=finalized,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(FILTERS)
    environment.globals["SNAPSHOT"] = SNAPSHOT
    return environment


def links_of(ask: Asking) -> Links:
    """Return the addresses of pages, as the reader reaches the server."""
    return Links(str(ask.request.scope.get("root_path", "")))


def _html(ask: Asking, template: str, values: Mapping[str, Any]) -> bytes:
    """Return a page. Templates also know ``links``, ``navigation``, ``here`` (the path of the page),
    ``back`` (its address, without the token of a commit) and ``reader``."""
    here = path_below_root(ask.request.scope)
    query = urlencode(_without_snapshot(ask))
    known = {
        "links": links_of(ask),
        "navigation": NAVIGATION,
        "here": here,
        "back": quote(here) + (f"?{query}" if query else ""),
        "reader": ask.reader,
    }
    # A text may have halves of characters, which UTF-8 cannot have; they are not printable, so they are replaced.
    return _environment().get_template(template).render(known | dict(values)).encode()


def _without_snapshot(ask: Asking) -> list[tuple[str, str]]:
    """Return the arguments of the request but for the token of a commit, which differs each time."""
    return [pair for pair in ask.request.query_params.multi_items() if pair[0] != "snapshot"]


async def page(
    ask: Asking,
    template: str,
    question: Callable[[Archive], Mapping[str, Any]],
    *,
    snapshot: str | None = None,
    variant: str = "",
) -> Response:
    """Return the page with the answer to a question.

    The page is kept, and is not sent to a reader who has it.

    Args:
        ask: who asks what.
        template: the name of the template.
        question: asks the archive and returns the values for the template.
        snapshot: the token of a commit; None: the last one.
        variant: what sets the page apart from others with the same address.

    Raises:
        SupersededError: the snapshot is no longer held.
        CablesearchError: the archive cannot answer the question.
    """

    def made(archive: Archive) -> Answer:
        body = _html(ask, template, question(archive))
        return Answer(body, etag_of(body))

    request = ask.request
    kind = f"page {variant}", ask.reader.name or "", request.scope["path"], urlencode(_without_snapshot(ask))
    answer, commit = await ask.answer(made, *kind, snapshot=snapshot)
    body, mark, etag = answer.body, SNAPSHOT.encode(), answer.etag
    has_token = mark in body
    if has_token:
        # A token is of use for some time only, so browsers must not show theirs for longer.
        etag = f'{etag.rstrip(chr(34))}-{int(time.time()) // _FRESH}"'
    headers = _HEADERS | {"ETag": etag}
    if is_known(request, etag):
        return Response(status_code=304, headers=headers)
    if has_token:
        body = body.replace(mark, ask.service.snapshots.token(commit).encode())
    return Response(body, headers=headers, media_type="text/html")


def rendered(ask: Asking, template: str, values: Mapping[str, Any], status: int = 200) -> Response:
    """Return a page that does not depend on the archive; errors are not stored anywhere."""
    body = _html(ask, template, values)
    if status >= 400:
        return Response(body, status, {"Cache-Control": "no-store"}, media_type="text/html")
    headers = _HEADERS | {"ETag": etag_of(body)}
    if is_known(ask.request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, status, headers, media_type="text/html")
