"""The route of exports: all hits, or all cables with hits, of any number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from cablesearch.answers.csv_table import csv_lines
from cablesearch.archive import Archive
from cablesearch.readers.json_cables import dumps
from cablesearch.text.terminal import json_line
from cablesearch.web.api.checking import checked
from cablesearch.web.api.openapi.description import problems
from cablesearch.web.api.parameters import ExportParameters
from cablesearch.web.api.streams import JSON_LINES, streamed
from cablesearch.web.asking import Asked
from cablesearch.web.problems import ProblemError

__all__ = ["router"]

router = APIRouter(tags=["Export"])
_CSV = "text/csv; charset=utf-8; header=present"


@router.get(
    "/export",
    operation_id="export",
    summary="Export all hits or cables",
    dependencies=[Depends(checked(ExportParameters))],
    responses=problems("invalid-query", "unsupported"),
)
async def export(ask: Asked, given: Annotated[ExportParameters, Query()]) -> Response:
    """Whole cables as JSON lines, as the command `export` writes them, or all hits as JSON lines or CSV, as `search`
    writes them with `--limit all`. They are sent while they are read, all of one commit. A connection that ends early,
    without the end of its last chunk, says that something went wrong."""
    of = given.of or ("hits" if given.format == "csv" else "cables")
    _check(given, of)
    media_type = _CSV if given.format == "csv" else JSON_LINES
    return await streamed(ask, lambda archive: _lines(archive, given, of), media_type, f"{of}.{given.format}")


def _check(given: ExportParameters, of: str) -> None:
    """Raise a problem for arguments that do not go together."""
    if of == "cables" and given.format == "csv":
        raise ProblemError("invalid-argument", "CSV is for hits; cables are JSON lines", argument="format")
    if of == "cables" and given.sort:
        raise ProblemError("invalid-argument", "only hits can be sorted; cables are by date and id", argument="sort")
    if given.excel and given.format != "csv":
        raise ProblemError("invalid-argument", "excel needs format=csv", argument="excel")


def _lines(archive: Archive, given: ExportParameters, of: str) -> Iterator[str]:
    if of == "cables":
        cables = archive.export(given.q, **given.filters())
        return (f"{dumps(cable)}\n" for cable in cables)
    hits = archive.iter_all(given.q, sort=given.sort or "relevance", **given.filters())
    if given.format == "csv":
        return csv_lines(hits, excel=given.excel)
    return (f"{json_line(hit.to_json())}\n" for hit in hits)
