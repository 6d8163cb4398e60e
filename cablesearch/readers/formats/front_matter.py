"""Markdown, or any text, with front matter as in YAML: values between two lines of ``---``, then a cable's text."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from typing import Any

from cablesearch.readers.given_objects import sorted_object
from cablesearch.readers.given_values import chosen_names, guessed, named, pack, parse_packed, usual_fields, with_chosen
from cablesearch.readers.records import FileText, Format, Record, Rejected

__all__ = ["FRONT_MATTER"]

_FRONT = re.compile(r"\s*---[^\S\n]*\n(.{1,20000}?)\n(?:---|\.\.\.)[^\S\n]*(?:\n|\Z)", re.DOTALL)
_KEY = re.compile(r"""^["']?([^\W\d][\w .-]{0,60}?)["']?\s?:(?:\s|$)""", re.MULTILINE)
_ENTRY = re.compile(r"""(?:("(?:[^"\\]|\\.){1,200}")|'([^'\n]{1,200})'|([^\s:#'"-][^:\n]{0,199}?))\s*:(?:\s+(.*))?""")
_DOUBLE = re.compile(r'("(?:[^"\\]|\\.)*")(?:\s+#.*)?')
_SINGLE = re.compile(r"'((?:[^']|'')*)'(?:\s+#.*)?")
_ITEM = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,\s][^,]*)\s*(?:,|\Z)""")
_COMMENT = re.compile(r"(?<!\s)\s+#.*")
_BLOCK = re.compile(r"[|>][+-]?")


class _FrontMatterError(Exception):
    """The front matter cannot be read."""


def _looks_like_front_matter(head: str) -> bool:
    if not head.lstrip().startswith("---"):
        return False
    front = _FRONT.match(head)
    return front is not None and bool(usual_fields(_KEY.findall(front[1])))


def _values(front: str, first: int = 2) -> dict[str, Any]:
    """Return the values of front matter, whose first line is number ``first`` of the file.

    Only the part of YAML that front matter uses is read: names with texts (with or without quotes, on one or more
    lines), lists, and names within names. All values are texts; references and types stay text.

    Raises:
        _FrontMatterError: a line is not of a name and its value, or a name comes twice.
    """
    lines = front.split("\n")
    values: dict[str, Any] = {}
    at = 0
    while at < len(lines):
        line, number = lines[at].rstrip(), first + at
        at += 1
        if not line or line.startswith("#"):
            continue
        entry = _ENTRY.fullmatch(line)
        if entry is None:
            raise _FrontMatterError(f"line {number}: not a name and its value, such as 'date: 5 June 1979'")
        name = _text(entry[1]) if entry[1] else entry[2] or entry[3]
        if name in values:
            raise _FrontMatterError(f"line {number}: {name[:100]!r} occurs more than once")
        start = at
        while at < len(lines) and (not lines[at].strip() or lines[at][0] in " \t" or lines[at].startswith("- ")):
            at += 1
        values[name] = _value((entry[4] or "").strip(), lines[start:at], first + start)
    return values


def _value(text: str, under: list[str], first: int) -> Any:
    """Return the value of a name: what stands behind it, and on the lines under it, from number ``first`` on."""
    filled = [line.strip() for line in under if line.strip()]
    if _BLOCK.fullmatch(text):
        return textwrap.dedent("\n".join(under)).strip() if text[0] == "|" else " ".join(filled)
    if text.startswith("[") and " ".join([text, *filled]).endswith("]"):
        return [_text(item[1]) for item in _ITEM.finditer(" ".join([text, *filled])[1:-1])]
    if text or not filled:
        return _text(" ".join([text, *filled]))
    if filled[0].startswith("- "):
        items = re.split(r"(?:\A|\n)- ", "\n".join(filled))[1:]
        return [_text(item.replace("\n", " ")) for item in items]
    if _ENTRY.fullmatch(filled[0]):
        return _values(textwrap.dedent("\n".join(under)), first)
    return " ".join(filled)


def _text(value: str) -> str:
    """Return a text without its quotes, or without the comment behind it."""
    value = value.strip()
    if double := _DOUBLE.fullmatch(value):
        try:
            return str(json.loads(double[1]))
        except ValueError:
            return double[1][1:-1]
    if single := _SINGLE.fullmatch(value):
        return single[1].replace("''", "'")
    return _COMMENT.sub("", value, count=1)


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
        yield Rejected(text.name, None, f"front matter, {error}", whole)
        return
    chosen = {field: name for field, name in chosen_names(tuple(entry), text.options.columns).items() if name}
    plain = {name: value for name, value in entry.items() if not isinstance(value, dict)}
    usual = usual_fields(tuple(plain), tuple(value if isinstance(value, str) else "" for value in plain.values()))
    fields = with_chosen(usual, chosen)
    fields.pop("body", None)
    if guesses := guessed(fields, chosen):
        text.note(f"read as a text with front matter: {guesses}; other columns can be named")
    values, attributes = sorted_object(entry, {field: (name,) for field, name in fields.items()})
    if file_id := text.named_id():
        values.setdefault("id", file_id)
    yield text.record(FRONT_MATTER, pack(values | {"body": whole[front.end() :]}, attributes))


def _raw(fields: tuple[str, ...]) -> str:
    """Return the text with front matter that names values by field where they are of one."""
    together = named(fields)
    body = together.popitem()[1]  # `_records` put it last
    lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in together.items()]
    return "\n".join(["---", *lines, "---", body])


FRONT_MATTER = Format(
    "front matter", "texts with front matter", _looks_like_front_matter, _records, parse_packed, raw=_raw
)
