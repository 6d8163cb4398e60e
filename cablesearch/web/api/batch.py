"""The route of batches: many questions in one request, answered one after the other."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from fastapi import APIRouter, Depends
from pydantic import ValidationError
from starlette.responses import Response

from cablesearch.archive import Archive
from cablesearch.arguments import shown
from cablesearch.text.terminal import json_line, one_line
from cablesearch.web.api.checking import checked, invalid, is_list, unknown_argument
from cablesearch.web.api.commands import COMMANDS, Command
from cablesearch.web.api.openapi.description import problems
from cablesearch.web.api.parameters import CableParameters
from cablesearch.web.api.streams import JSON_LINES, patiently, sent
from cablesearch.web.asking import Asked, Asking
from cablesearch.web.problems import ProblemError, problem_of

__all__ = ["MOST_QUESTIONS", "router"]

router = APIRouter(tags=["Export"])
_LOG = logging.getLogger("cablesearch.web")
MOST_QUESTIONS = 1_000
"""The most questions of a batch."""
_EXAMPLE = '{"command": "search", "q": "china", "limit": 3}'
_BODY = {
    "requestBody": {
        "required": True,
        "description": "One JSON object a line: the command, the reference of a cable if the command is about one, and "
        f"the arguments. At most {MOST_QUESTIONS:,} lines.",
        "content": {JSON_LINES: {"schema": {"type": "string", "minLength": 1}}},
    }
}


class _Question(NamedTuple):
    """A question of a batch."""

    command: Command
    reference: str
    arguments: dict[str, Any]


@router.post(
    "/batch",
    operation_id="batch",
    summary="Ask many questions",
    dependencies=[Depends(checked(CableParameters))],
    responses=problems(),
    openapi_extra=_BODY,
)
async def batch(ask: Asked) -> Response:
    """Each line of the request is a question, and each line of the answer an answer, in the same order: `line` is the
    number of the question's line, `status` the status that it would have alone, and `answer` its answer or `problem`
    its problem. Answers are sent as they come, all of one commit. Empty lines are skipped."""
    text = await ask.request.body()
    lines = [(number, line) for number, line in enumerate(text.split(b"\n"), 1) if line.strip()]
    if not lines:
        raise ProblemError("invalid-argument", f"the batch is empty; send questions, one a line, such as {_EXAMPLE}")
    if len(lines) > MOST_QUESTIONS:
        raise ProblemError("too-large", f"a batch has at most {MOST_QUESTIONS:,} questions, not {len(lines):,}")
    return await sent(ask, _answers(ask, lines), JSON_LINES, "answers.jsonl")


async def _answers(ask: Asking, lines: Sequence[tuple[int, bytes]]) -> AsyncGenerator[bytes, None]:
    """Yield a line for each question."""
    archive = await ask.ask(lambda archive: archive, long=True)
    yield b""
    for number, line in lines:
        yield f"{await _line(ask, archive, number, line)}\n".encode()


async def _line(ask: Asking, archive: Archive, number: int, line: bytes) -> str:
    """Return the line with the answer to a question, or with what is wrong with it."""
    try:
        answer = await patiently(ask, lambda: json_line(_answer(archive, line)), archive)
        return f'{{"line": {number}, "status": 200, "answer": {answer}}}'
    except Exception as error:
        problem = problem_of(error)
        if problem.kind == "internal":
            _LOG.error("a question of a batch failed", exc_info=error)
        return json_line({"line": number, "status": problem.status, "problem": problem.document()})


def _answer(archive: Archive, line: bytes) -> Mapping[str, Any]:
    """Return the answer to the question of a line.

    Raises:
        ProblemError, CablesearchError: the question is invalid, or the archive cannot answer it.
    """
    question = _question(line)
    parameters = question.command.parameters
    try:
        given = parameters.model_validate(question.arguments)
    except ValidationError as error:
        raise invalid(error.errors(), parameters) from None
    return question.command.answer(archive, question.reference, given)


def _question(line: bytes) -> _Question:
    """Return the question of a line."""
    values = _object(line)
    name = values.pop("command", None)
    if not isinstance(name, str) or name not in COMMANDS:
        near = get_close_matches(name, COMMANDS, 1) if isinstance(name, str) else []
        advice = f"did you mean {near[0]}?" if near else f"choose from: {', '.join(COMMANDS)}"
        what = "command is missing" if name is None else f"unknown command {shown(name)}"
        raise ProblemError("invalid-argument", one_line(f"{what}; {advice}"), argument="command")
    command = COMMANDS[name]
    reference = values.pop("reference", None) if command.of_cable else ""
    if not isinstance(reference, str):
        what = "is missing" if reference is None else f"must be a string, not {shown(reference)}"
        raise ProblemError("invalid-argument", one_line(f"reference {what}"), argument="reference")
    known = [argument for argument in command.parameters.model_fields if argument != "snapshot"]
    for argument, value in values.items():
        if argument not in known:
            raise unknown_argument(argument, known)
        if isinstance(value, str) and is_list(command.parameters, argument):
            values[argument] = [value]
    return _Question(command, reference, values)


def _object(line: bytes) -> dict[str, Any]:
    """Return the JSON object of a line."""
    try:
        values = json.loads(line.decode(), object_pairs_hook=_distinct)
    except UnicodeDecodeError:
        raise ProblemError("invalid-argument", "the line is not UTF-8") from None
    except RecursionError:
        raise ProblemError("invalid-argument", "the line is nested too deeply") from None
    except json.JSONDecodeError as error:
        place = f"{error.msg}, at character {error.pos + 1}"
        raise ProblemError("invalid-argument", f"the line is not JSON: {place}; write such as {_EXAMPLE}") from None
    if not isinstance(values, dict):
        raise ProblemError("invalid-argument", f"the line is not an object; write such as {_EXAMPLE}")
    return values


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the members of an object, each of which is there once."""
    values = dict(pairs)
    if len(values) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = next(name for name, count in counts.items() if count > 1)
        raise ProblemError("invalid-argument", one_line(f"{twice} is given {counts[twice]} times"))
    return values
