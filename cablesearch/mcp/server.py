"""The server: answers the requests of the protocol from an archive."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any, TypeVar

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError

import cablesearch
from cablesearch.errors import (
    ArchiveNotFoundError,
    CablesearchError,
    CorruptIndexError,
    UnknownCableError,
    UnreadableFileError,
)
from cablesearch.mcp.commits import Commit, Commits
from cablesearch.mcp.permalinks import TEMPLATES
from cablesearch.mcp.prompts import INSTRUCTIONS, PROMPTS
from cablesearch.mcp.quoting import label, quoted, shown
from cablesearch.mcp.resources import HELP, help_text, read_resource
from cablesearch.mcp.tools import TOOLS
from cablesearch.mcp.tools.contract import Answer, Tool
from cablesearch.serving.queue import Queue, TooLongError
from cablesearch.text.wording import excerpt, one_of

__all__ = ["build"]

_LONGEST_ERROR = 2_000
_MOST_FAULTS = 5
_PATH = re.compile(r".*: (?=the request failed; )")
"""What stands before the message that withholds a reason."""
_PLAIN_ID = re.compile(r"[\w/.()-]{1,40}")
"""An id that is not words that could address a model."""

_log = logging.getLogger(__name__)

_Context = ServerRequestContext[Any]
_Told = TypeVar("_Told")


def build(commits: Commits, queue: Queue | None = None) -> Server[Any]:
    """Return a server for an archive.

    Args:
        commits: the commits of the archive, as the reader sees them.
        queue: where answers are computed; default: a queue of its own.
    """
    handlers = _Handlers(commits, queue or Queue())
    return Server(
        "cablesearch",
        version=cablesearch.__version__,
        title="Diplomatic cables",
        description="Search, read and cite an archive of diplomatic cables.",
        instructions=INSTRUCTIONS,
        get_tool_input_schema=lambda name: TOOLS[name].arguments.schema_of() if name in TOOLS else None,
        on_list_tools=handlers.list_tools,
        on_call_tool=handlers.call_tool,
        on_list_resources=handlers.list_resources,
        on_list_resource_templates=handlers.list_templates,
        on_read_resource=handlers.read_resource,
        on_list_prompts=handlers.list_prompts,
        on_get_prompt=handlers.get_prompt,
    )


class _Handlers:
    """Answers requests. Lists are the same for every archive; all else comes from its last commit."""

    def __init__(self, commits: Commits, queue: Queue) -> None:
        self._commits, self._queue = commits, queue

    async def list_tools(self, context: _Context, page: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        """Return all tools."""
        return types.ListToolsResult(tools=[_described(tool) for tool in TOOLS.values()])

    async def call_tool(self, context: _Context, call: types.CallToolRequestParams) -> types.CallToolResult:
        """Return the answer of a tool, or an error in words that a model can act on."""
        tool = TOOLS.get(call.name)
        if tool is None:
            message = f"unknown tool {call.name!r}; choose from: {', '.join(TOOLS)}"
            raise MCPError(code=types.INVALID_PARAMS, message=_error_text(message))
        try:
            arguments = tool.arguments.model_validate(call.arguments or {})
        except ValidationError as error:
            return _failed(_faults(tool, error))
        try:
            answer: Answer = await self._queue.run(lambda: self._answered(lambda commit: tool.run(commit, arguments)))
            return types.CallToolResult(
                content=[types.TextContent(type="text", text=answer.rendered())], structured_content=answer.structured()
            )
        except Exception as error:
            return _failed(_told(error))

    async def list_resources(
        self, context: _Context, page: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        """Return the resources that are no cables; cables are found by search, and named by templates."""
        help_on_queries = types.Resource(
            uri=HELP,
            name="query-language",
            title="The query language",
            description="All operators and fields of queries.",
            mime_type="text/plain",
        )
        return types.ListResourcesResult(resources=[help_on_queries])

    async def list_templates(
        self, context: _Context, page: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        """Return the forms of links to cables."""
        return types.ListResourceTemplatesResult(
            resource_templates=[
                types.ResourceTemplate(
                    uri_template=template, name=description.split()[1], description=description, mime_type="text/plain"
                )
                for template, description in TEMPLATES.items()
            ]
        )

    async def read_resource(
        self, context: _Context, asked: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        """Return the text of a resource."""
        uri = str(asked.uri)
        try:
            if uri == HELP:
                text = help_text()
            else:
                text = await self._queue.run(lambda: self._answered(lambda commit: read_resource(commit, uri)))
        except Exception as error:
            raise MCPError(code=types.INVALID_PARAMS, message=_told(error), data={"uri": uri}) from None
        return types.ReadResourceResult(
            contents=[types.TextResourceContents(uri=uri, mime_type="text/plain", text=text)]
        )

    async def list_prompts(
        self, context: _Context, page: types.PaginatedRequestParams | None
    ) -> types.ListPromptsResult:
        """Return all prompts."""
        return types.ListPromptsResult(
            prompts=[
                types.Prompt(
                    name=name,
                    title=prompt.title,
                    description=prompt.description,
                    arguments=[
                        types.PromptArgument(name=argument, description=meaning, required=is_needed)
                        for argument, (meaning, is_needed) in prompt.arguments.items()
                    ],
                )
                for name, prompt in PROMPTS.items()
            ]
        )

    async def get_prompt(self, context: _Context, asked: types.GetPromptRequestParams) -> types.GetPromptResult:
        """Return a prompt with its arguments."""
        prompt = PROMPTS.get(asked.name)
        try:
            if prompt is None:
                raise CablesearchError(f"unknown prompt {asked.name!r}; choose from: {', '.join(PROMPTS)}")
            text = prompt.filled(asked.name, asked.arguments or {})
        except CablesearchError as error:
            raise MCPError(code=types.INVALID_PARAMS, message=_told(error)) from None
        message = types.PromptMessage(role="user", content=types.TextContent(type="text", text=text))
        return types.GetPromptResult(description=prompt.description, messages=[message])

    def _answered(self, question: Callable[[Commit], _Told]) -> _Told:
        """Return an answer from the last commit; after damage the archive is opened again for the next one."""
        commit = self._commits.last()
        try:
            return question(commit)
        except (CorruptIndexError, UnreadableFileError, OSError):
            self._commits.forget(commit)
            raise


def _described(tool: Tool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.arguments.schema_of(),
        output_schema=tool.answer.schema_of(),
        annotations=types.ToolAnnotations(
            title=tool.title, read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
        ),
    )


def _failed(message: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=message)], is_error=True)


def _told(error: Exception) -> str:
    """Return the message of an error: that of the library, but without paths, which are no concern of clients; of an
    error that should not happen, only its kind."""
    if isinstance(error, (ArchiveNotFoundError, CorruptIndexError, UnreadableFileError)):
        _log.warning("%s", error)
        return _error_text(f"the archive cannot be read: {error.reason}")
    if isinstance(error, OSError):
        _log.warning("%s", error)
        return _error_text(f"the archive cannot be read: {error.strerror or type(error).__name__}")
    if isinstance(error, (CablesearchError, ValueError)):
        return _said(error)
    if isinstance(error, MemoryError):
        return "not enough memory"
    if isinstance(error, RecursionError):
        return "the input is nested too deeply"
    _log.error("a request failed", exc_info=error)
    return f"internal error, please report it: {type(error).__name__}"


def _said(error: CablesearchError | ValueError) -> str:
    """Return the message of an error of the library. Ids in it that could be words to a model are quoted."""
    if isinstance(error, TooLongError):
        return f"{error}, for example with since and until"
    if isinstance(error, UnknownCableError) and not all(map(_PLAIN_ID.fullmatch, error.near)):
        said = f"no cable {label(error.reference)} in this archive; these ids are near to it:"
        return "\n".join([_error_text(said), *(quoted(label(name)) for name in error.near)])
    return _error_text(_PATH.sub("", str(error)))


def _error_text(message: str) -> str:
    return excerpt(shown(message), _LONGEST_ERROR)


def _faults(tool: Tool, error: ValidationError) -> str:
    """Return what is wrong with the arguments of a tool."""
    faults = []
    for fault in error.errors(include_url=False)[:_MOST_FAULTS]:
        name = ".".join(map(str, fault["loc"])) or "arguments"
        if fault["type"] == "extra_forbidden":
            faults.append(f"unknown argument {name!r}; {tool.name} takes {one_of(list(tool.arguments.model_fields))}")
        elif fault["type"] == "missing":
            faults.append(f"{tool.name} needs the argument {name!r}")
        else:
            faults.append(f"{name}: {fault['msg'][:1].lower()}{fault['msg'][1:]}")
    return _error_text("\n".join(faults))
