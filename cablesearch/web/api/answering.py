"""The routes of the commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from cablesearch.web.api.checking import checked
from cablesearch.web.api.commands import COMMANDS, Command, graph_of
from cablesearch.web.api.openapi.description import problems
from cablesearch.web.asking import Asked, Asking, Page

__all__ = ["router"]

router = APIRouter()
_Reference = Annotated[str, Path(description="The id of a cable, or with a paragraph: `10BEIJING30¶4`.")]
_GRAPHS = {"graphml": "application/graphml+xml", "dot": "text/vnd.graphviz"}


async def _answered(ask: Asking, command: Command, reference: str, given: Any) -> Response:
    """Return the answer of a command."""
    if (form := getattr(given, "format", "json")) != "json":
        return await ask.text(
            lambda archive: "".join(getattr(graph_of(archive, given), form)()),
            media_type=_GRAPHS[form],
            filename=f"cables.{form}",
        )
    page = Page(given.offset, given.limit) if hasattr(given, "offset") else None
    return await ask.json(
        lambda archive: command.answer(archive, reference, given),
        snapshot=getattr(given, "snapshot", None),
        page=page,
    )


def _endpoint(command: Command) -> Callable[..., Any]:
    """Return the function for the route of a command."""
    arguments: dict[str, Any] = {"ask": Asked, "given": Annotated[command.parameters, Query()], "return": Response}
    if command.of_cable:

        async def of_cable(ask: Asking, reference: str, given: Any) -> Response:
            return await _answered(ask, command, reference, given)

        of_cable.__annotations__ = arguments | {"reference": _Reference}
        return of_cable

    async def of_archive(ask: Asking, given: Any) -> Response:
        return await _answered(ask, command, "", given)

    of_archive.__annotations__ = arguments
    return of_archive


def _add(name: str, command: Command) -> None:
    endpoint, path = _endpoint(command), f"/{name}" + "/{reference:path}" * command.of_cable
    kinds = ["unknown-cable"] if command.of_cable else []
    kinds += ["superseded"] if "snapshot" in command.parameters.model_fields else []
    router.add_api_route(
        path,
        endpoint,
        methods=["GET"],
        operation_id=name,
        summary=command.summary,
        description=command.description or f"{command.summary}.",
        tags=[command.group],
        dependencies=[Depends(checked(command.parameters))],
        responses=problems("invalid-query", "unsupported", *kinds),
    )


for _name, _command in COMMANDS.items():
    _add(_name, _command)
