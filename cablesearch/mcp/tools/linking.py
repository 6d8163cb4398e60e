"""The tools refs and thread: how cables refer to each other and answer each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from cablesearch.features.links.web import LinkedCable
from cablesearch.mcp.commits import Commit
from cablesearch.mcp.permalinks import read_link
from cablesearch.mcp.quoting import label, quoted
from cablesearch.mcp.tools.contract import Answer, Arguments, Cursor, Tool, bookmark, where
from cablesearch.results.hits import iso_date

__all__ = ["REFS", "THREAD"]

_MOST_CABLES = 100
_LONGEST_ID = 300

Relation = Literal["cites", "cited by"]


class LinkArguments(Arguments):
    """The arguments of refs and thread."""

    id: str = Field(description="The id of a cable, such as 10BEIJING30.")
    limit: int = Field(default=25, ge=1, le=_MOST_CABLES, description="Cables in this answer.")
    cursor: Cursor = ""


class Linked(BaseModel):
    """A cable that refers to another one, or to which another one refers. All texts are quoted from the archive."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(description="Pass it to read, unless it is missing.")
    relation: Relation | None = Field(default=None, description="Whether the cable cites it, or is cited by it.")
    is_missing: bool = Field(description="Whether the archive does not have it.")
    date: str | None = Field(default=None, description="Date and time (UTC).")
    origin: str | None = Field(default=None, description="The post that sent it.")
    classification: str | None = Field(default=None, description="Classification of the cable.")
    subject: str | None = Field(default=None, description="Quoted subject.")
    answers: str | None = Field(default=None, description="In a thread: the cable that it answers.")
    depth: int | None = Field(default=None, description="In a thread: how many cables lead to it.")

    @classmethod
    def of(
        cls,
        cable: LinkedCable,
        *,
        relation: Relation | None = None,
        answers: str | None = None,
        depth: int | None = None,
    ) -> Linked:
        """Return a cable for a model."""
        return cls(
            id=label(cable.id, _LONGEST_ID),
            relation=relation,
            is_missing=cable.is_missing,
            date=iso_date(cable.date),
            origin=label(cable.origin) or None,
            classification=str(cable.classification) if cable.classification else None,
            subject=label(cable.subject) if cable.subject else None,
            answers=label(answers, _LONGEST_ID) if answers else None,
            depth=depth,
        )

    def lines(self) -> Iterator[str]:
        """Yield the cable as a line of text."""
        if self.is_missing:
            said = f"{self.id} (not in this archive)"
        else:
            parts = (self.id, self.date[:10] if self.date else "no date", self.origin, self.classification)
            said = ", ".join(part for part in parts if part) + (f": {self.subject}" if self.subject else "")
        before = f"{self.relation}: " if self.relation else "  " * (self.depth or 0)
        yield quoted(f"{before}{said}" + (f" [answers {self.answers}]" if self.answers else ""))


class LinksAnswer(Answer):
    """Cables in the web of cables."""

    id: str = Field(description="The cable that was asked for.")
    total: int = Field(description="All cables, also those that are not in this answer.")
    cables: list[Linked]

    def lines(self) -> Iterator[str]:
        """Yield the cables as lines of text."""
        for cable in self.cables:
            yield from cable.lines()


def _refs(commit: Commit, asked: LinkArguments) -> LinksAnswer:
    mark = bookmark("refs", asked, without=("limit",))
    references = commit.archive.references(read_link(asked.id).reference, limit=mark.place + asked.limit)
    cables = [Linked.of(entry.cable, relation="cites") for entry in references.cites]
    if not references.cites_left_out:
        # Those that are left out stand between the two.
        cables += [Linked.of(entry.cable, relation="cited by") for entry in references.cited_by]
    total = len(references.cites) + len(references.cited_by) + references.left_out
    return _answer(commit, "refs", mark.place, asked, references.cable.id, cables, total)


def _thread(commit: Commit, asked: LinkArguments) -> LinksAnswer:
    mark = bookmark("thread", asked, without=("limit",))
    thread = commit.archive.thread(read_link(asked.id).reference, limit=None)
    cables = [Linked.of(message.cable, answers=message.answers, depth=message.depth) for message in thread.messages]
    return _answer(commit, "thread", mark.place, asked, thread.id, cables, thread.total)


def _answer(
    commit: Commit, tool: str, place: int, asked: LinkArguments, name: str, cables: list[Linked], total: int
) -> LinksAnswer:
    """Return the page of cables from a place on."""
    mark = bookmark(tool, asked, without=("limit",))
    depends_on = (commit.size, total)
    mark.check(*depends_on, [cable.id for cable in cables[place - mark.overlap : place]])
    page = cables[place : place + asked.limit]
    end = place + len(page)
    cursor = mark.at(end, *depends_on, [cables[end - 1].id]) if page and end < total else None
    return LinksAnswer(
        notice=where(place, len(page), total, "cable", tool, cursor),
        next_cursor=cursor,
        id=label(name, _LONGEST_ID),
        total=total,
        cables=page,
    )


REFS = Tool(
    "refs",
    "List references",
    "List the cables to which a cable refers, then those that refer to it. Some may be missing from the archive.",
    LinkArguments,
    LinksAnswer,
    _refs,
)

THREAD = Tool(
    "thread",
    "Follow a thread",
    "List the cables that answer each other with a cable among them, each followed by those that answer it.",
    LinkArguments,
    LinksAnswer,
    _thread,
)
