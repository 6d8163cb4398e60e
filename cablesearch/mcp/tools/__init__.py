"""The tools, by family. To add one: write its arguments, its answer and its function in a module, and add it to
`TOOLS`.

A tool answers from one commit (`cablesearch.mcp.commits`) with fields and with a short text that says the same.
Nothing is cut in silence: the notice says how much of how many is shown, and a cursor gets the rest. Lists inside an
entry, such as the TAGS of a cable and the spellings of a name, have no cursor: a count says how many are left out.
"""

from __future__ import annotations

from cablesearch.mcp.tools.citing import CITE
from cablesearch.mcp.tools.contract import Tool
from cablesearch.mcp.tools.counting import FACETS_TOOL, NAMES, TIMELINE
from cablesearch.mcp.tools.linking import REFS, THREAD
from cablesearch.mcp.tools.reading import READ
from cablesearch.mcp.tools.searching import RELATED, SEARCH

__all__ = ["TOOLS"]

TOOLS: dict[str, Tool] = {
    tool.name: tool for tool in (SEARCH, READ, FACETS_TOOL, TIMELINE, RELATED, CITE, NAMES, REFS, THREAD)
}
"""All tools by name, in the order in which they are listed."""
