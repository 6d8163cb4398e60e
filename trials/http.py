"""Random questions to a server, its HTTP API and its pages, for the experiment `noninterference`; and what is compared
of the answers.

The application runs in this process, so that thousands of questions can be asked.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, get_args
from urllib.parse import quote, urlencode

from fastapi import FastAPI

from cablesearch.features.names import NameKind
from cablesearch.features.suggest.suggestion import SuggestionKind
from cablesearch.request import Group, Sort
from cablesearch.results.facets import FACETS
from cablesearch.web.api.commands import COMMANDS
from cablesearch.web.api.inprocess import Reply, exchange
from cablesearch.web.api.parameters import ExportParameters, Parameters
from cablesearch.web.app import create_app
from cablesearch.web.settings import Settings
from cablesearch.web.tokens import Tokens

__all__ = ["Asked", "Makers", "Said", "application", "ask", "question", "token"]

Chance = random.Random
_TOOK = re.compile(rb'(?<="took_ms": )[0-9.]+')
_SNAPSHOT = re.compile(rb"(?<=snapshot=)[\w-]+")
_NEXT = re.compile(r'<([^>]+)>; rel="next"')


class Makers(NamedTuple):
    """What makes the parts of questions.

    Attributes:
        query: makes a query.
        begun: makes a text that goes on.
        reference: makes a reference to a cable.
    """

    query: Callable[[], str]
    begun: Callable[[], str]
    reference: Callable[[], str]


class Asked(NamedTuple):
    """A question."""

    target: str
    method: str = "GET"
    body: bytes = b""

    @property
    def is_page(self) -> bool:
        """Whether the answer is a page, which has the name of the reader."""
        return not self.target.startswith("/api/")


class Said(NamedTuple):
    """What is compared of an answer: all but times, and the tokens of snapshots, which are random."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


# Questions

_VALUES: dict[str, Sequence[str]] = {
    "tag": ["PREL", "ECON", "PREI"],
    "origin": ["beijing", "nowhere", "hong kong"],
    "classification": ["C", ">=SBU", "<=C", "S//NOFORN", "HIGH"],
    "since": ["1980", "1975-03", "soon"],
    "until": ["1995-06", "1999"],
    "any": ["true", "false"],
    "acronyms": ["true", "false"],
    "group": get_args(Group),
    "sort": get_args(Sort),
    "limit": ["0", "1", "2", "10", "100", "1000", "1001", "all"],
    "offset": ["0", "1", "5", "40"],
    "facet": list(FACETS),
    "facet_size": ["1", "all", "0"],
    "snapshot": ["AAAA"],
    "context": ["0", "1", "2"],
    "by": ["year", "month", "day", "auto"],
    "bursts": ["true", "false"],
    "depth": ["1", "2", "9", "0"],
    "s": ["2", "1.1", "9"],
    "gamma": ["1", "0", "0.1"],
    "kind": [*get_args(NameKind), *get_args(SuggestionKind)],
    "format": ["json", "graphml", "dot", "jsonl", "csv"],
    "of": ["hits", "cables"],
    "excel": ["true", "false"],
}
"""Values of the arguments, of which a few are invalid."""
_USUAL = {"group", "limit", "format", "of", "facet"}
"""The arguments that are often given."""


def _arguments(parameters: type[Parameters], chance: Chance, makers: Makers) -> list[tuple[str, str]]:
    """Return random arguments of a command."""
    given = []
    for name, field in parameters.model_fields.items():
        if name == "q":
            text = makers.begun() if parameters is COMMANDS["suggest"].parameters else makers.query()
            if field.is_required() or chance.random() < 0.9:
                given.append((name, text))
            if parameters is COMMANDS["compare"].parameters:
                given.append((name, makers.query()))
        elif name == "also":
            given += [(name, makers.query())] * (chance.random() < 0.3)
        elif chance.random() < (0.5 if name in _USUAL else 0.07):
            given.append((name, chance.choice(_VALUES[name])))
    return given


def _command(chance: Chance, makers: Makers) -> Asked:
    name = chance.choice([*COMMANDS, "search", "search", "search", "cable", "related"])
    command = COMMANDS[name]
    path = f"/{quote(makers.reference())}" if command.of_cable else ""
    return Asked(f"/api/v1/{name}{path}?{urlencode(_arguments(command.parameters, chance, makers))}")


def _export(chance: Chance, makers: Makers) -> Asked:
    return Asked(f"/api/v1/export?{urlencode(_arguments(ExportParameters, chance, makers))}")


def _batch(chance: Chance, makers: Makers) -> Asked:
    lines = []
    for _ in range(chance.choice([1, 3, 6])):
        name = chance.choice(list(COMMANDS))
        question: dict[str, object] = {"command": name}
        if COMMANDS[name].of_cable:
            question["reference"] = makers.reference()
        for argument, value in _arguments(COMMANDS[name].parameters, chance, makers):
            question[argument] = [value, value] if name == "compare" and argument == "q" else value
        lines.append(json.dumps(question))
    return Asked("/api/v1/batch", "POST", "\n".join(lines).encode())


def _state(chance: Chance, makers: Makers) -> Asked:
    del makers
    return Asked(f"/api/v1/{chance.choice(['health', 'health/live', 'health/ready', 'metrics', 'nothing', 'cable'])}")


def _page(chance: Chance, makers: Makers) -> Asked:
    path = chance.choice(["/", "/search", "/search", "/search/values", "/cable/", "/cable/", "/help", "/nothing"])
    given = []
    if path.startswith(("/search", "/cable/")) and chance.random() < 0.9:
        given.append(("q", makers.query()))
    if path.startswith("/search"):
        for name in ("tag", "origin", "classification", "since", "until", "any", "group", "sort", "offset", "facet"):
            if chance.random() < 0.15:
                given.append((name, chance.choice(_VALUES[name])))
    reference = quote(makers.reference()) if path == "/cable/" else ""
    return Asked(f"{path}{reference}?{urlencode(given)}")


HTTP: dict[Callable[[Chance, Makers], Asked], int] = {_command: 20, _export: 3, _batch: 2, _state: 1, _page: 8}
"""The makers of random questions, and how often each is used beside the others."""


def question(chance: Chance, makers: Makers) -> Asked:
    """Return a random question."""
    (make,) = chance.choices(list(HTTP), list(HTTP.values()))
    return make(chance, makers)


# Asking


@contextmanager
def application(place: Path | str, anonymous: str) -> Iterator[FastAPI]:
    """Give the block an application for the archive in a folder or at an address."""
    app = create_app(Settings(str(place), anonymous=anonymous, secret="shared", threads=1, logged=False))
    try:
        yield app
    finally:
        app.state.service.queue.close()


def token(place: Path | str, name: str, clearance: str) -> str:
    """Return a new token for a reader of the archive in a folder or at an address."""
    tokens = Tokens(place)
    if any(known.name == name for known in tokens.all()):
        tokens.revoke(name)
    return tokens.add(name, clearance)


def ask(app: FastAPI, asked: Asked, bearer: str | None = None, *, after: str | None = None) -> list[Said]:
    """Return what an application says to a question: the answer, the same answer once it is kept, the answer to a
    reader who has it, and the next page if there is one.

    Args:
        app: the application.
        asked: the question.
        bearer: the token of the reader; None: none.
        after: the token of another reader who asks the same before.
    """

    def reply(target: str, bearer: str | None = bearer, **more: str) -> Reply:
        # Browsers ask for pages.
        headers = more | ({"Accept": "text/html"} if asked.is_page else {})
        headers |= {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return asyncio.run(exchange(app, target, method=asked.method, body=asked.body, headers=headers))

    if after is not None:
        reply(asked.target, after)
    first = reply(asked.target)
    said = [first, reply(asked.target)]
    if "etag" in first.headers:
        said.append(reply(asked.target, **{"If-None-Match": first.headers["etag"]}))
    if match := _NEXT.search(first.headers.get("link", "")):
        said.append(reply(match[1]))
    return [_said(answer) for answer in said]


def _said(reply: Reply) -> Said:
    body = _SNAPSHOT.sub(b"", _TOOK.sub(b"0", reply.body))
    # The length is also that of the time that the answer took.
    headers = {
        name: _SNAPSHOT.sub(b"", value.encode()).decode()
        for name, value in reply.headers.items()
        if name != "content-length"
    }
    return Said(reply.status, tuple(sorted(headers.items())), body)
