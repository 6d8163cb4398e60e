"""The resources: cables and paragraphs by their links, and the help on the query language."""

from __future__ import annotations

from cablesearch.answers.topics import topic_blocks, topic_text
from cablesearch.errors import CablesearchError
from cablesearch.mcp.commits import Commit
from cablesearch.mcp.permalinks import SCHEME, read_link
from cablesearch.mcp.tools.reading import ReadArguments, read

__all__ = ["HELP", "help_text", "read_resource"]

HELP = "help:query-language"
"""The address of the help on the query language."""


def help_text() -> str:
    """Return the help on the query language, as ``cablesearch help query`` has it, without what is for a shell."""
    blocks = [block for block in topic_blocks(topic_text("query")) if not block.is_for_shell]
    parts = (
        "\n".join(filter(None, (block.heading, block.text, *("\t".join(row) for row in block.rows))))
        for block in blocks
    )
    return "\n\n".join(parts) + "\n"


def read_resource(commit: Commit, uri: str) -> str:
    """Return the text of a cable or a paragraph, given its link.

    A long cable comes page by page; the first line says how to get the rest.

    Raises:
        UnknownCableError: no visible cable or paragraph has this link.
        CablesearchError: it is not such a link.
    """
    if not uri.strip().lower().startswith(SCHEME):
        raise CablesearchError(f"{uri!r} is not a link to a cable, such as {SCHEME}10BEIJING30#4")
    link = read_link(uri)
    answer = read(commit, ReadArguments(id=link.reference, cursor=link.cursor or ""))
    rest = f"The rest is in {answer.link}?cursor={answer.next_cursor}\n" if answer.next_cursor else ""
    return rest + answer.rendered()
