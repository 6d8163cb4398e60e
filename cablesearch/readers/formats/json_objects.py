"""Objects of JSON that do not stand on a line each: lists, objects over several lines, and objects of objects by id.

A file is read element by element, and no more of it is held than one of them needs. ``{"06OSLO1": {...}, ...}`` is read
as the objects in it, and so is ``{"cables": [...]}`` by one of the usual names; any other object is one cable.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from cablesearch.cable_fields import CABLE
from cablesearch.readers.buffer import Buffer, closing_quote
from cablesearch.readers.formats.json_lines import fields_of, fits_as_json, is_spread, note_of, parse_record
from cablesearch.readers.given_values import is_id
from cablesearch.readers.records import BEGINNING, FileText, Format, Record, Rejected, too_long

__all__ = ["JSON_OBJECTS"]

_NAME = r'"((?:[^"\\\n]|\\.){0,200})"\s{0,99}:\s{0,999}'
_PLAIN = r'"[^"\n]{0,200}"\s{0,99}:\s{0,99}(?:"[^"\n]{0,200}"|[\w.+-]{1,40})\s{0,99},\s{0,999}'
_OUTER = re.compile(rf"\{{\s{{0,999}}(?:{_PLAIN}){{0,5}}{_NAME}(\{{|\[\s{{0,999}}[\{{\]])")
_LONGEST_OUTER = 10_000
_MEMBER = re.compile(_NAME)
_SCALAR = re.compile(r"[\w.+-]+")
_SPACE = re.compile(r"[\s,]*")
_SIGN = re.compile(r'[\[\]{}"]')
_NUMBER = re.compile(r"[0-9]{1,20}|[0-9a-f]{24,40}")
_WRAPPERS = frozenset(
    ("cables", "documents", "docs", "items", "records", "results", "rows", "data", "telegrams", "messages", "hits")
)
"""Usual names of the list, or object, of all cables of a file."""


class _Element(NamedTuple):
    """An object of a file: its text, and the name under which it stands (empty in a list)."""

    text: str
    key: str


class _Unreadable(NamedTuple):
    """What is not read: the reason, its beginning, and whether the rest of the file is not read, either."""

    reason: str
    raw: str
    is_end: bool = True


def _is_outer(text: str, at: int) -> bool:
    """Return whether the object at a place of a text holds the objects of cables."""
    match = _OUTER.match(text, at)
    if match is None:
        return False
    name = match[1]
    if name.lower() in _WRAPPERS:
        return True
    return match[2] == "{" and name not in CABLE.readers and (is_id(name) or _NUMBER.fullmatch(name) is not None)


class _Elements(Buffer):
    """The state of reading the objects of a file: in what lists (``]``) and objects (``}``) its place is."""

    def read(self) -> Iterator[_Element | _Unreadable]:
        inside: list[str] = []
        key = ""
        while (sign := self._next_sign()) is not None:
            if inside and sign == inside[-1]:
                inside.pop()
                self.at += 1
            elif inside[-1:] == ["}"] and not key:
                name = _MEMBER.match(self.text, self.at)
                if name is None:
                    yield self._unreadable("not JSON: a name is missing")
                    return
                key = name[1]
                self.at = name.end()
                continue
            elif sign == "[" or (sign == "{" and _is_outer(self.text, self.at)):
                inside.append("]" if sign == "[" else "}")
                self.at += 1
            elif sign == "{":
                end = self._end_of_object()
                if end is None:
                    yield self._unreadable("the file ends within an object" if self.ended else too_long())
                    return
                yield _Element(self.text[self.at : end], key)
                self.at = end
            elif inside and (end := self._end_of_scalar()) is not None:
                if sign == '"' and (inside == ["]"] or is_id(key)):
                    raw = self.text[self.at : end][:BEGINNING]
                    yield _Unreadable("not a cable: a text where an object should be", raw, is_end=False)
                self.at = end
            else:
                yield self._unreadable("not JSON")
                return
            key = ""
        if inside:
            yield self._unreadable("the file ends within a list or object")

    def _next_sign(self) -> str | None:
        """Go to the next sign that is not white space or a comma, with enough text to judge what it begins."""
        while True:
            space = _SPACE.match(self.text, self.at)
            self.at = space.end() if space else self.at
            if self.ended or len(self.text) - self.at > _LONGEST_OUTER:
                return self.text[self.at] if self.at < len(self.text) else None
            self.extend()

    def _end_of_object(self) -> int | None:
        """Return the place behind the object at the current one; None if it has no end, or is too long."""
        depth, at = 0, self.at
        while True:
            sign = _SIGN.search(self.text, at)
            at = sign.end() if sign else len(self.text)
            if sign and sign[0] == '"':
                at = self._end_of_string(at)
            elif sign:
                depth += 1 if sign[0] in "[{" else -1
                if depth == 0:
                    return at
            if at < 0 or sign is None:
                if self.ended or not self.has_room():
                    return None
                # It is read once more from its start, which costs linear time, as the text doubles.
                self.extend()
                depth, at = 0, self.at

    def _end_of_string(self, at: int) -> int:
        """Return the place behind the string whose quote stands before a place; -1 if it goes on behind the text."""
        return closing_quote(self.text, at, '"', escapes=True, doubled=False) + 1 or -1

    def _end_of_scalar(self) -> int | None:
        """Return the place behind the text, number or word at the current place; None if none of these is there."""
        while self.text.startswith('"', self.at):
            end = self._end_of_string(self.at + 1)
            if end > 0 or self.ended or not self.has_room():
                return end if end > 0 else None
            self.extend()
        scalar = _SCALAR.match(self.text, self.at)
        return scalar.end() if scalar else None

    def _unreadable(self, reason: str) -> _Unreadable:
        return _Unreadable(
            f"line {self.line()}: {reason}; the rest of the file is not read", self.text[self.at :][:BEGINNING]
        )


def _looks_like_objects(head: str) -> bool:
    start = len(head) - len(head.lstrip())
    return head.startswith(("{", "["), start) and (is_spread(head) or _is_outer(head, start))


def _records(text: FileText) -> Iterator[Record | Rejected]:
    paths = text.options.paths
    for number, element in enumerate(_Elements(text.blocks).read(), 1):
        if isinstance(element, _Unreadable):
            yield Rejected(text.name, number, element.reason, element.raw)
            if element.is_end:
                return
            continue
        if number == 1 and (note := note_of(element.text, paths)):
            text.note(note)
        yield text.record(JSON_OBJECTS, fields_of(element.text, paths, element.key), number)


def _raw(fields: tuple[str, ...]) -> str:
    text, key = fields[0], fields[1] if len(fields) > 1 else ""
    return f"{{{json.dumps(key)}: {text}}}" if key else text


JSON_OBJECTS = Format(
    "json", "objects of JSON", _looks_like_objects, _records, parse_record, raw=_raw, fits=fits_as_json
)
