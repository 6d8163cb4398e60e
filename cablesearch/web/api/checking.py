"""Checking the arguments of requests: none is unknown, none is given twice by mistake, and errors name them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, get_origin

from starlette.requests import Request

from cablesearch.arguments import shown
from cablesearch.text.terminal import one_line
from cablesearch.text.wording import excerpt, one_of
from cablesearch.web.api.parameters import Parameters
from cablesearch.web.problems import ProblemError

__all__ = ["checked", "invalid", "is_list", "unknown_argument"]

_MOST_SHOWN = 60
_MOST_NEAR = 3
_OTHER_WORDS = {
    "query": "q",
    "text": "q",
    "search": "q",
    "n": "limit",
    "size": "limit",
    "match": "any",
    "no_acronyms": "acronyms",
    "post": "origin",
    "level": "classification",
    "page": "offset",
    "order": "sort",
}
"""What people may call an argument."""


def checked(parameters: type[Parameters]) -> Callable[[Request], Awaitable[None]]:
    """Return a check that refuses a request with an argument that is unknown, or given twice though it is one."""
    fields = parameters.model_fields

    # A plain function would be called in a thread.
    async def check(request: Request) -> None:
        given = Counter(name for name, _ in request.query_params.multi_items())
        for name, count in given.items():
            if name not in fields:
                raise unknown_argument(name, list(fields))
            if count > 1 and not is_list(parameters, name):
                raise ProblemError("invalid-argument", f"{name} is given {count} times", argument=name)

    return check


def is_list(parameters: type[Parameters], name: str) -> bool:
    """Return whether an argument may be given several times."""
    return get_origin(parameters.model_fields[name].annotation) is list


def unknown_argument(name: str, known: Sequence[str]) -> ProblemError:
    """Return the problem for an argument that does not exist, with those that may be meant."""
    spelt = name.lower().replace("-", "_")
    meant = _OTHER_WORDS.get(spelt, spelt)
    near = [meant] if meant in known else get_close_matches(spelt, known, _MOST_NEAR)
    if near:
        advice = f"did you mean {one_of(near)}?"
    else:
        advice = f"choose from: {', '.join(known)}" if known else "there are none here"
    detail = f"unknown argument {excerpt(one_line(repr(name)), _MOST_SHOWN)}; {advice}"
    return ProblemError("invalid-argument", detail, argument=name, near=near)


def invalid(errors: Sequence[Mapping[str, Any]], parameters: type[Parameters] | None = None) -> ProblemError:
    """Return the problem for arguments with values that are not allowed, as a validator reports them.

    Args:
        errors: the validator's errors, of which the first is reported.
        parameters: the arguments that there are, if an unknown one is possible.
    """
    places = [[part for part in error["loc"] if part not in ("query", "path", "body")] for error in errors]
    first, name = errors[0], str(places[0][0]) if places[0] else "the request"
    if first["type"] == "extra_forbidden":
        return unknown_argument(name, list(parameters.model_fields) if parameters else [])
    if first["type"] == "missing":
        return ProblemError("invalid-argument", f"{name} is missing", argument=name)
    # Where several kinds of values are allowed, there is an error for each.
    rules = dict.fromkeys(_rule(error) for error, place in zip(errors, places, strict=True) if place[:1] == [name])
    detail = f"{name} must be {one_of(list(rules))}, not {shown(first.get('input'))}"
    return ProblemError("invalid-argument", one_line(detail), argument=name)


_RULES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "literal_error": lambda context: str(context["expected"]),
    "greater_than_equal": lambda context: f"at least {context['ge']:,}",
    "greater_than": lambda context: f"above {context['gt']:g}",
    "less_than_equal": lambda context: f"at most {context['le']:,}",
    "too_short": lambda context: f"given {context['min_length']} times",
    "too_long": lambda context: f"given at most {context['max_length']} times",
}
_KINDS = {"int": "a whole number", "bool": "true or false", "float": "a number", "finite": "a number", "list": "a list"}


def _rule(error: Mapping[str, Any]) -> str:
    """Return what a value must be."""
    if rule := _RULES.get(error["type"]):
        return rule(error.get("ctx", {}))
    kind = str(error["type"]).partition("_")[0]
    return _KINDS.get(kind, "a string")
