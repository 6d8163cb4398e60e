"""Errors as pages, for readers with a browser. They say what the problem document says, and what to do."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from cablesearch.errors import CablesearchError
from cablesearch.features.links.references import References
from cablesearch.web.asking import Asking, Service, asking
from cablesearch.web.pages.rendering import rendered
from cablesearch.web.paths import path_below_root
from cablesearch.web.problems import ProblemError

__all__ = ["problem_page", "refusal", "wants_page"]

_ADVICE = {
    "unknown-token": "Log in again, or read on without a token.",
    "forbidden": "Go to the page again and send its form from there.",
    "too-large": "Shorten the query, or send less at a time.",
    "unknown-host": "Use the address that you were given.",
    "headers-too-large": "Remove the cookies of other programs at this address.",
    "not-found": "Check the address, or search the archive.",
    "superseded": "Search again to see the archive as it is now.",
    "too-busy": "Try again in a moment.",
    "too-slow": "Ask for less at a time: add words or filters to the query, or try again in a moment.",
    "archive-unavailable": "Try again in a moment. If this lasts, tell those who run this server.",
    "unsupported": "Do something else; this archive cannot do it.",
    "internal": "Tell those who run this server what you did and when.",
}
"""What to do about a kind of problem."""
_AGAIN = frozenset({"too-busy", "too-slow", "archive-unavailable"})
"""The kinds of problems that may go away."""


def wants_page(request: Request) -> bool:
    """Return whether an error should be a page: one is asked for by a browser, and not of the API."""
    is_page = not path_below_root(request.scope).startswith("/api/")
    return is_page and "text/html" in request.headers.get("accept", "")


async def problem_page(request: Request, problem: ProblemError) -> Response:
    """Return the page for a problem, with its status and its headers."""
    ask = await _ask(request)
    return _page(ask, problem, await _references(ask, problem))


def refusal(request: Request, problem: ProblemError) -> Response:
    """Return the answer to a request that is refused before anything else looks at it: a page, or the document. Neither
    says anything of the reader."""
    if not wants_page(request):
        return problem.response()
    service: Service = request.app.state.service
    return _page(Asking(service, request, service.readers.anonymous), problem, is_refused=True)


def _page(
    ask: Asking, problem: ProblemError, references: References | None = None, *, is_refused: bool = False
) -> Response:
    values = {
        "problem": problem,
        "advice": problem.more.get("advice") or _ADVICE.get(problem.kind, ""),
        "can_be_tried_again": problem.kind in _AGAIN and ask.request.method == "GET",
        "near": problem.more.get("near", ()),
        "references": references,
        "is_refused": is_refused,
    }
    response = rendered(ask, "problem.html", values, problem.status)
    response.headers.update(problem.headers)
    return response


async def _ask(request: Request) -> Asking:
    """Return the question of a request; with a wrong token, that of a reader without one."""
    try:
        return await asking(request)
    except CablesearchError:
        service: Service = request.app.state.service
        return Asking(service, request, service.readers.anonymous)


async def _references(ask: Asking, problem: ProblemError) -> References | None:
    """Return what refers to an unknown cable, if cables do."""
    name = problem.more.get("reference") if problem.kind == "unknown-cable" else None
    if not name:
        return None
    try:
        found = await ask.ask(lambda archive: archive.references(name, limit=1))
    except CablesearchError:
        return None
    return found if found.cable.is_missing else None
