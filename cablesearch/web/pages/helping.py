"""Help: the query language, markings, keys, and the kinds of problems."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from cablesearch.answers.topics import topic_blocks, topic_text
from cablesearch.cable import Level
from cablesearch.classification.levels import LEVELS
from cablesearch.web.asking import Asked
from cablesearch.web.pages.rendering import rendered
from cablesearch.web.problems import KINDS

__all__ = ["EXPLANATIONS", "KEYS", "router"]

KEYS = (
    ("/", "Go to the search box"),
    ("j or n", "Go to the next result, or the next match"),
    ("k or p", "Go to the previous result, or the previous match"),
    ("↓ ↑", "In the search box: choose a suggestion; Enter takes it, Esc closes the list"),
)
"""The keys that pages know where JavaScript runs, and what they do."""

_MEANINGS = {
    Level.UNCLASSIFIED: "Not classified.",
    Level.SBU: "Not classified, but not for everybody; the government now calls it controlled (CUI).",
    Level.CONFIDENTIAL: "Disclosure could be expected to cause damage to national security.",
    Level.SECRET: "Disclosure could be expected to cause serious damage.",
    Level.TOP_SECRET: "Disclosure could be expected to cause exceptionally grave damage.",
}
"""What levels mean, as Executive Order 13526 defines those that are classified."""

EXPLANATIONS = {
    "invalid-query": "The query breaks a rule of the query language. The message names the place in it and what to "
    "write instead.",
    "invalid-argument": "An argument of the address, such as a date or a number, has a value that is not allowed, or "
    "there is no such argument.",
    "unknown-token": "The token that was sent is wrong, was revoked, or has expired. Ask whoever runs this server for "
    "another one.",
    "invalid-request": "What was sent is not HTTP as the protocol defines it. Browsers do not do this; a program or "
    "something on the way does.",
    "forbidden": "Your token does not allow this, or a page of another site sent it.",
    "unknown-cable": "The archive has no cable or paragraph of this name that you may see. Near names are shown, if "
    "there are any.",
    "not-found": "Nothing is at this address.",
    "method-not-allowed": "The address exists, but not for this kind of request.",
    "too-late": "The request was incomplete when the time limit ran out. Send it again.",
    "superseded": "The archive has changed since the first page of these results, and its earlier state is no longer "
    "held. Search again to see the present one.",
    "too-large": "The request has more bytes than this server takes. Shorten the query.",
    "unknown-host": "The server is not set up for the name in the address. Use the address that you were given.",
    "too-busy": "Many questions are waiting already. Try again in a moment.",
    "headers-too-large": "The headers of the request have more bytes than this server takes. Cookies of other programs "
    "at the same address may be the cause; remove them.",
    "internal": "Something failed that nobody expected. The log of the server says more; please report it to whoever "
    "runs it.",
    "unsupported": "The archive is on a cluster, where this is not possible. The message says what to do instead.",
    "archive-unavailable": "The archive is damaged, is not where the server expects it, or is on a cluster that does "
    "not answer. It is answered from again as soon as it is back.",
    "too-slow": "The answer took longer than this server allows. Ask for less at a time: a shorter period, fewer "
    "patterns, fewer results.",
}
"""What each kind of problem means, and what to do."""

router = APIRouter()


@router.get("/help")
async def about(ask: Asked) -> Response:
    """Return the page on the query language, markings and keys."""
    levels = [
        (level, [name for name, meant in LEVELS.items() if meant is level and name != level.title], _MEANINGS[level])
        for level in Level
    ]
    values = {
        "blocks": [block for block in topic_blocks(topic_text("query")) if not block.is_for_shell],
        "levels": levels,
        "keys": KEYS,
    }
    return rendered(ask, "help.html", values)


@router.get("/help/problems")
async def problems(ask: Asked) -> Response:
    """Return the page on the kinds of problems; each has its name as anchor."""
    kinds = [(kind, *KINDS[kind], EXPLANATIONS[kind]) for kind in KINDS]
    return rendered(ask, "help_problems.html", {"kinds": kinds})
