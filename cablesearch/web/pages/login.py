"""Logging in and out: the token of a reader in a cookie that only this server sees.

A browser sends the cookie with requests of our own pages alone (``SameSite=Strict``), and scripts cannot read it
(``HttpOnly``). What is posted here must come from a page of this server, so that no other page can log a reader in as
somebody else, or out.
"""

from __future__ import annotations

import asyncio
import re
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from cablesearch.serving.queue import BusyError
from cablesearch.web.asking import Asked, Asking
from cablesearch.web.pages.rendering import links_of, rendered
from cablesearch.web.problems import ProblemError
from cablesearch.web.readers import COOKIE

__all__ = ["router"]

router = APIRouter()

_WRONG_TAKES = 1.0
"""Seconds until a wrong token is answered."""
_MOST_WAITING = 16
"""The most wrong tokens that wait for their answer; beyond them, the server is busy."""
_LONGEST_TOKEN, _LONGEST_ADDRESS = 400, 8_000
_OUR_ADDRESS = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")
"""A path of this server: browsers read ``//`` and ``/\\`` as the beginning of another server's name, and pass over tabs
and line breaks."""


class _Waiting:
    """Lets those who gave a wrong token wait."""

    def __init__(self) -> None:
        self._count = 0

    async def once(self) -> None:
        """Wait.

        Raises:
            BusyError: too many wait already.
        """
        if self._count >= _MOST_WAITING:
            raise BusyError
        self._count += 1
        try:
            await asyncio.sleep(_WRONG_TAKES)
        finally:
            self._count -= 1


_waiting = _Waiting()


@router.get("/login")
async def login(ask: Asked, to: str = "") -> Response:
    """Return the log-in page; ``to`` is the page to which it leads."""
    return _page(ask, to)


@router.post("/login")
async def enter(
    ask: Asked,
    token: Annotated[str, Form(max_length=_LONGEST_TOKEN)] = "",
    to: Annotated[str, Form(max_length=_LONGEST_ADDRESS)] = "",
) -> Response:
    """Log a reader in."""
    _need_own_page(ask.request)
    given, service = token.strip(), ask.service
    if not given:
        return _page(ask, to, "Enter your token.", 400)
    reader = await service.queue.run(lambda: service.readers.with_token(given))
    if reader is None:
        await _waiting.once()
        return _page(ask, to, "This token is wrong, revoked or expired.", 401)
    response = _leading_to(ask, to)
    response.set_cookie(
        COOKIE, given, path=_path(ask), httponly=True, samesite="strict", secure=ask.request.url.scheme == "https"
    )
    return response


@router.post("/logout")
async def leave(ask: Asked) -> Response:
    """Log a reader out. The browser also forgets the pages that it keeps."""
    _need_own_page(ask.request)
    response = _leading_to(ask, "")
    response.delete_cookie(COOKIE, path=_path(ask), httponly=True, samesite="strict")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _page(ask: Asking, address: str, problem: str = "", status: int = 200) -> Response:
    response = rendered(ask, "login.html", {"to": _ours(address), "problem": problem}, status)
    if status == 401:
        response.headers.update(ProblemError("unknown-token", problem).headers)
    return response


def _leading_to(ask: Asking, address: str) -> Response:
    links = links_of(ask)
    return RedirectResponse(links.root + (_ours(address) or "/"), 303, {"Cache-Control": "no-store"})


def _path(ask: Asking) -> str:
    return links_of(ask).root or "/"


def _ours(address: str) -> str:
    """Return an address if it is that of a page of this server, and nothing otherwise."""
    return address if _OUR_ADDRESS.fullmatch(address) and len(address) <= _LONGEST_ADDRESS else ""


def _need_own_page(request: Request) -> None:
    """Raise an error unless a request was sent from a page of this server.

    Current browsers say so (``Sec-Fetch-Site``), except over plain HTTP; others name the page's origin.

    Raises:
        ProblemError: it was not, or that is not known.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        is_ours = site == "same-origin"
    else:
        # A proxy may speak HTTPS where we do not, so the scheme is not compared.
        origin = urlsplit(request.headers.get("origin", ""))
        is_ours = bool(origin.netloc) and origin.netloc.lower() == request.headers.get("host", "").lower()
    if not is_ours:
        raise ProblemError("forbidden", "this form can only be sent from a page of this server")
