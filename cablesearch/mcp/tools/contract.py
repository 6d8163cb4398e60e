"""What tools have in common: arguments that are checked, answers with a text, and cursors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from cablesearch.mcp.commits import Commit
from cablesearch.mcp.cursors import Bookmark
from cablesearch.mcp.quoting import legend
from cablesearch.request import Filters, Group, Match
from cablesearch.text.wording import page, plural

__all__ = [
    "Answer",
    "Arguments",
    "Counted",
    "Cursor",
    "Filtered",
    "Queried",
    "Strings",
    "Tool",
    "as_list",
    "bookmark",
    "going_on",
    "where",
]

_LONGEST_QUERY = 10_000
_MOST_VALUES = 100


def as_list(value: object) -> object:
    """Return a string as a list of it, and anything else as it is."""
    return [value] if isinstance(value, str) else value


Strings = Annotated[list[str], BeforeValidator(as_list), Field(max_length=_MOST_VALUES)]
"""Several strings; one is taken as a list of it."""

Cursor = Annotated[
    str,
    Field(description="Where to go on: the next_cursor of an earlier call with the same arguments, copied exactly."),
]


class Arguments(BaseModel):
    """The arguments of a tool. Those that are null count as left out, because models send null for them."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, str_max_length=_LONGEST_QUERY)

    @model_validator(mode="before")
    @classmethod
    def _without_null(cls, values: Any) -> Any:
        return {name: value for name, value in values.items() if value is not None} if type(values) is dict else values

    @classmethod
    def schema_of(cls) -> dict[str, Any]:
        """Return the JSON schema of the arguments, without what only repeats names."""
        schema: dict[str, Any] = _plain(cls.model_json_schema())
        # What a call begins with stands first.
        names = sorted(schema["properties"], key=lambda name: name not in ("query", "id", "citation"))
        return {
            "type": schema["type"],
            "properties": {name: schema["properties"][name] for name in names},
            "required": schema.get("required", []),
            "additionalProperties": False,
        }


class Filtered(Arguments):
    """The arguments that choose what is searched, beside the query."""

    tags: Strings = Field(
        default_factory=list, description="Only cables with all of these TAGS, such as PHUM (human rights) or CH."
    )
    origins: Strings = Field(
        default_factory=list, description="Only cables from any of these posts, such as beijing or 'Embassy Tokyo'."
    )
    classifications: Strings = Field(
        default_factory=list,
        description="Only paragraphs of any of these levels (UNCLASSIFIED, SBU, CONFIDENTIAL, SECRET, TOP SECRET) or "
        "ranges (>=SECRET).",
    )
    since: str = Field(default="", description="On or after this date: 2009, 2009-11 or 2009-11-20.")
    until: str = Field(default="", description="On or before this date: 2009, 2009-11 or 2009-11-20.")
    group: Group = Field(
        default="paragraph", description="What must match and is counted: a single paragraph, or a cable as a whole."
    )
    match: Match = Field(default="all", description="Whether all words of the query must match, or any of them.")

    def filters(self) -> Filters:
        """Return the filters as the library takes them."""
        return {
            "tags": self.tags,
            "origins": self.origins,
            "classifications": self.classifications,
            "since": self.since.strip() or None,
            "until": self.until.strip() or None,
            "group": self.group,
            "match": self.match,
        }


class Queried(Filtered):
    """The arguments of tools that look at the results of a query."""

    query: str = Field(
        default="", description="What to search for, in the query language of the tool search; empty: all."
    )


class Answer(BaseModel):
    """The answer of a tool: its fields are the structured answer, `rendered` is the same for a model to read."""

    model_config = ConfigDict(frozen=True)

    notice: str = Field(description="What is shown, of how many, and how to get the rest. Words of the server.")
    next_cursor: str | None = Field(
        default=None, description="If there is more: call the tool again with the same arguments and this cursor."
    )

    def lines(self) -> Iterator[str]:
        """Yield the lines below the notice."""
        yield from ()

    def rendered(self) -> str:
        """Return the answer as text: the notice, and what is quoted from the archive on lines that begin with ``>``."""
        body = "\n".join(self.lines())
        return f"{self.notice}\n{legend}\n\n{body}" if body else self.notice

    def structured(self) -> dict[str, Any]:
        """Return the structured answer; fields without a value are left out."""
        return self.model_dump(mode="json", exclude_none=True)

    @classmethod
    def schema_of(cls) -> dict[str, Any]:
        """Return the JSON schema of the structured answer."""
        schema: dict[str, Any] = _plain(cls.model_json_schema(mode="serialization"))
        return schema


class Counted(BaseModel):
    """A value and how many results have it."""

    model_config = ConfigDict(frozen=True)

    value: str = Field(description="Quoted from the archive.")
    count: int


@dataclass(frozen=True)
class Tool:
    """A tool.

    Attributes:
        name, title, description: what a model reads of it. No word of them comes from an archive.
        arguments, answer: the classes of its arguments and of its answer.
        run: answers a call from a commit.
    """

    name: str
    title: str
    description: str
    arguments: type[Arguments]
    answer: type[Answer]
    run: Callable[[Commit, Any], Answer]


def bookmark(tool: str, arguments: Arguments, *, without: tuple[str, ...] = (), **changed: object) -> Bookmark:
    """Return the cursors of a call.

    Args:
        tool: the name of the tool.
        arguments: its arguments.
        without: arguments that only decide how much is shown at once.
        changed: arguments that a cursor is for, if they differ from those of the call.
    """
    values = arguments.model_dump(mode="json", exclude={"cursor", *without}) | changed
    return Bookmark(tool, values, getattr(arguments, "cursor", "").strip() or None)


def where(place: int, count: int, total: int, noun: str, tool: str, cursor: str | None) -> str:
    """Return which part of an answer is shown, of how many, and how to get the rest.

    Args:
        place: the number of entries before those that are shown.
        count: the number of those that are shown.
        total: the number of all.
        noun: what they are.
        tool: the tool that shows the rest.
        cursor: the cursor of the rest, or None.
    """
    part = f"Showing {page(place, count)} of {plural(total, noun)}." if total else f"No {noun}s."
    return part if cursor is None else f"{part} {going_on(tool, cursor)}"


def going_on(tool: str, cursor: str) -> str:
    """Return how to get the rest of an answer."""
    return f'For the rest, call {tool} again with the same arguments and cursor="{cursor}".'


def _plain(schema: Any) -> Any:
    """Return a JSON schema without what would only fill a model's window: titles, which repeat the names of fields and
    classes, and the limit of all texts."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {}
    for key, value in schema.items():
        if key in ("properties", "$defs"):
            plain[key] = {name: _plain(part) for name, part in value.items()}
        elif not (key == "title" and isinstance(value, str)) and (key, value) != ("maxLength", _LONGEST_QUERY):
            plain[key] = _plain(value)
    return plain
