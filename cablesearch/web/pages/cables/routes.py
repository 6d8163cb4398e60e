"""The routes of the page of a cable and of those that belong to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import RedirectResponse, Response

from cablesearch.answers.shown import header_and_body, raw_bytes
from cablesearch.archive import Archive
from cablesearch.cable import Cable
from cablesearch.errors import UnknownCableError
from cablesearch.suggestions.lookup import split_reference
from cablesearch.web.asking import Asked, Asking
from cablesearch.web.pages.cables.linked import related, thread_of
from cablesearch.web.pages.cables.reading import reading
from cablesearch.web.pages.rendering import links_of, page
from cablesearch.web.problems import ProblemError

__all__ = ["router"]

router = APIRouter()

_MOST_CABLES = 500
"""The most cables of a list on a page of its own."""
_NOT_KEPT = {"Cache-Control": "private, no-store"}


@router.get("/cable")
async def by_id(ask: Asked, name: Annotated[str, Query(alias="id")] = "", q: str = "", at: int = 0) -> Response:
    """Return the page of the cable with an id that cannot stand in a path, or lead to that of another."""
    if not name.strip():
        raise ProblemError("not-found", "no id of a cable is given")
    if name in (".", ".."):
        return await _page(ask, name, q, at)
    return RedirectResponse(links_of(ask).cable(name, at, q), 303, _NOT_KEPT)


@router.get("/cable/{reference:path}")
async def cable(ask: Asked, reference: str, q: str = "", at: int = 0, offset: int = 0) -> Response:
    """Return the page of a cable, or one that belongs to it: ``10BEIJING30/thread``.

    A paragraph (``10BEIJING30¶4``) leads to its place on the page.
    """
    beginning, stroke, name = reference.rpartition("/")
    # The id of a cable may end like the address of a page.
    if stroke and name in _PARTS and not await _has(ask, reference):
        return await _PARTS[name](ask, beginning, offset)
    if split_reference(reference)[1]:
        found, paragraph = await ask.ask(lambda archive: archive.show(reference))
        if paragraph:
            return RedirectResponse(links_of(ask).cable(found.id, paragraph.position, q), 303, _NOT_KEPT)
    return await _page(ask, reference, q, at)


async def _page(ask: Asking, reference: str, query: str, at: int) -> Response:
    return await page(ask, "cable.html", lambda archive: {"page": reading(archive, reference, query, at)})


async def _has(ask: Asking, reference: str) -> bool:
    return await ask.ask(lambda archive: reference in archive)


async def _thread(ask: Asking, reference: str, offset: int) -> Response:
    return await _belonging(
        ask, "thread.html", reference, lambda archive, cable: {"thread": thread_of(archive, cable.id, _MOST_CABLES)}
    )


async def _references(ask: Asking, reference: str, offset: int) -> Response:
    """Return the page of the references of a cable, also of one that the archive lacks and that its cables cite."""
    return await page(
        ask,
        "references.html",
        lambda archive: {"references": archive.references(reference, limit=_MOST_CABLES)},
    )


async def _related(ask: Asking, reference: str, offset: int) -> Response:
    return await _belonging(
        ask,
        "related.html",
        reference,
        lambda archive, cable: {"related": related(archive, reference, max(offset, 0)), "reference": reference},
    )


async def _belonging(
    ask: Asking, template: str, reference: str, question: Callable[[Archive, Cable], Mapping[str, Any]]
) -> Response:
    """Return a page that belongs to a cable."""

    def asked(archive: Archive) -> Mapping[str, Any]:
        cable = archive.show(reference)[0]
        return {"cable": cable, **question(archive, cable)}

    return await page(ask, template, asked)


async def _raw(ask: Asking, reference: str, offset: int) -> Response:
    """Return header and body of a cable as they came, if the reader may see all of it."""

    def question(archive: Archive) -> bytes:
        cable = archive.show(reference)[0]
        if not cable.body:
            raise UnknownCableError(f"{cable.id} has no raw text in this archive", reference)
        return raw_bytes(header_and_body(cable))

    headers = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
    return Response(await ask.ask(question), headers=headers, media_type="text/plain; charset=utf-8")


_PARTS: dict[str, Callable[[Asking, str, int], Awaitable[Response]]] = {
    "thread": _thread,
    "refs": _references,
    "related": _related,
    "raw": _raw,
}
