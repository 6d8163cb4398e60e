"""Markdown, or any text, with YAML front matter: values between two lines of ``---``, and then the text of a cable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from cablesearch.readers.given_objects import sorted_object
from cablesearch.readers.given_values import chosen_names, guessed, named, pack, parse_packed, usual_fields
from cablesearch.readers.records import FileText, Format, Record, Rejected

__all__ = ["FRONT_MATTER"]

_FRONT = re.compile(r"\s*---[^\S\n]*\n(.{1,20000}?)\n(?:---|\.\.\.)[^\S\n]*(?:\n|\Z)", re.DOTALL)
_KEY = re.compile(r"""^["']?([^\W\d][\w .-]{0,60}?)["']?\s?:(?:\s|$)""", re.MULTILINE)
_NO_YAML = "front matter is read with PyYAML, which is not installed; install it with: pip install 'cablesearch[yaml]'"


class _FrontMatterError(Exception):
    """The front matter cannot be read."""


def _looks_like_front_matter(head: str) -> bool:
    if not head.lstrip().startswith("---"):
        return False
    front = _FRONT.match(head)
    return front is not None and bool(usual_fields(_KEY.findall(front[1])))


def _values(front: str) -> dict[str, Any]:
    """Return the values of front matter, all as texts.

    Raises:
        _FrontMatterError: it is not a mapping of YAML, or a name comes twice in it.
    """
    try:
        import yaml
    except ImportError:
        raise _FrontMatterError(_NO_YAML) from None
    try:
        value = _of_node(yaml.compose(front, Loader=yaml.BaseLoader), set())
    except RecursionError:
        raise _FrontMatterError("front matter nested too deeply") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 2}" if mark else ""
        raise _FrontMatterError(f"front matter is not YAML{line}; put values with a colon in quotes") from None
    if not isinstance(value, dict):
        raise _FrontMatterError("front matter without names")
    return value


def _of_node(node: Any, seen: set[int]) -> Any:
    """Return a node of YAML as texts, lists and objects; values by reference, which may multiply, are not read."""
    if id(node) in seen:
        raise _FrontMatterError("front matter with references (*)")
    seen.add(id(node))
    if node is None or node.id == "scalar":
        return node.value if node else ""
    if node.id == "sequence":
        return [_of_node(each, seen) for each in node.value]
    values: dict[str, Any] = {}
    for key, value in node.value:
        name = str(key.value)
        if name in values:
            raise _FrontMatterError(f"{name[:100]!r} occurs more than once in the front matter")
        values[name] = _of_node(value, seen)
    return values


def _records(text: FileText) -> Iterator[Record | Rejected]:
    whole = text.whole()
    if isinstance(whole, Rejected):
        yield whole
        return
    front = _FRONT.match(whole)
    assert front is not None, "this file looked like front matter"
    try:
        entry = _values(front[1])
    except _FrontMatterError as error:
        yield Rejected(text.name, None, str(error), whole)
        return
    chosen = {field: name for field, name in chosen_names(tuple(entry), text.options.columns).items() if name}
    plain = {name: value for name, value in entry.items() if not isinstance(value, dict)}
    usual = usual_fields(tuple(plain), tuple(value if isinstance(value, str) else "" for value in plain.values()))
    fields = {field: name for field, name in usual.items() if name not in chosen.values()} | chosen
    fields.pop("body", None)
    if said := guessed(fields, chosen):
        text.note(f"read as a text with front matter: {said}; use --columns to change")
    values, attributes = sorted_object(entry, {field: (name,) for field, name in fields.items()})
    if file_id := text.named_id():
        values.setdefault("id", file_id)
    yield text.record(FRONT_MATTER, pack(values | {"body": whole[front.end() :]}, attributes))


def _raw(fields: tuple[str, ...]) -> str:
    """Return the text with front matter that names values by field where they are of one."""
    import json

    together = named(fields)
    body = together.popitem()[1]  # `_records` put it last
    # A text of JSON is one of YAML.
    lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in together.items()]
    return "\n".join(["---", *lines, "---", body])


FRONT_MATTER = Format(
    "front matter", "texts with front matter", _looks_like_front_matter, _records, parse_packed, raw=_raw
)
