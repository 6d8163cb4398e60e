"""The command line: a thin skin over `cablesearch.archive.Archive`.

To add a command: write a click command of its name in a module of `commands` or `exploring`, add both to `COMMANDS`,
and describe it in docs/command-line.md. Tests hold the three together.

- `options` has what commands share: --index, --clearance, --quiet, --format, opening the archive. `places` finds the
  archive that no option names.
- `commands` has one module a command, `exploring` one a family of commands that show an archive as a whole, `serving`
  those that serve other programs. A module is imported when a command of it runs or its help is listed, so it imports
  NumPy, Whoosh, rich and the like only inside of its functions.
- `filters` has the options that choose what is searched; `charts` draws numbers as text.
- `query_command` tells the words of a query from options, `display` decides on colour, width and pager, `output_file`
  writes results to a file.
- `rendering` prints results and cables, `messages` says everything else, `failures` explains errors.
- `work` is what commands share that work for a long time: progress, messages on sources, rejects, interrupts.
- `running` runs the program as a process: streams, signals, exit status.
"""

from __future__ import annotations

import os

import click

from cablesearch.cli.lazy_group import LazyGroup
from cablesearch.cli.options import general_options
from cablesearch.cli.running import run

__all__ = ["COMMANDS", "cli", "main"]

# NumPy would start a thread for each core, for linear algebra that we never do; without them it loads in a third of the
# time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

COMMANDS = {
    "search": "commands.search",
    "show": "commands.show",
    "export": "commands.export",
    "get": "serving.get",
    "overview": "exploring.overview",
    "facets": "exploring.counts",
    "timeline": "exploring.counts",
    "refs": "exploring.links",
    "thread": "exploring.links",
    "cited-but-missing": "exploring.links",
    "graph": "exploring.links",
    "acronyms": "exploring.acronyms",
    "phrases": "exploring.phrases",
    "compare": "exploring.phrases",
    "related": "exploring.related",
    "names": "exploring.names",
    "first": "exploring.moments",
    "last": "exploring.moments",
    "bursts": "exploring.moments",
    "suggest": "exploring.suggest",
    "serve": "serving.serve",
    "token": "serving.token",
    "mcp": "serving.mcp",
    "index": "commands.index",
    "remove": "commands.remove",
    "stats": "commands.stats",
    "verify": "commands.verify",
    "backup": "commands.backup",
    "copy": "commands.copy",
    "compact": "commands.compact",
    "reindex": "commands.reindex",
    "help": "commands.help",
    "completion": "commands.completion",
}
"""All commands, in the order in which the help lists them, and the modules that define them. The function of a command
has its name, with underscores for hyphens."""

_SECTIONS = {
    "Search and read": "search",
    "See the archive as a whole": "overview",
    "Serve an archive": "serve",
    "Keep an archive": "index",
    "Help": "help",
}
"""The headings in the list of commands, and the first command under each."""

_SYNONYMS = {
    **dict.fromkeys(("find", "grep", "query"), "search"),
    "autocomplete": "suggest",
    **dict.fromkeys(("add", "import", "load", "update"), "index"),
    **dict.fromkeys(("cat", "open", "print", "view"), "show"),
    **dict.fromkeys(("delete", "rm"), "remove"),
    **dict.fromkeys(("info", "status"), "stats"),
    **dict.fromkeys(("check", "repair"), "verify"),
    "save": "backup",
    **dict.fromkeys(("clone", "migrate"), "copy"),
    "dump": "export",
    **dict.fromkeys(("key-phrases", "keywords", "keyphrases"), "phrases"),
    **dict.fromkeys(("contrast", "versus"), "compare"),
    **dict.fromkeys(("similar", "more-like"), "related"),
    **dict.fromkeys(("optimize", "merge"), "compact"),
    **dict.fromkeys(("rebuild", "upgrade"), "reindex"),
    **dict.fromkeys(("citations", "links", "references"), "refs"),
    **dict.fromkeys(("missing", "foia"), "cited-but-missing"),
    "network": "graph",
    **dict.fromkeys(("api", "curl", "fetch"), "get"),
    **dict.fromkeys(("web", "server", "http"), "serve"),
    **dict.fromkeys(("tokens", "user", "users", "password"), "token"),
    "version": "--version",
}


@click.group(
    cls=LazyGroup,
    modules=COMMANDS,
    package="cablesearch.cli",
    sections=_SECTIONS,
    synonyms=_SYNONYMS,
    default="To search for words: cablesearch search WORDS",
    # All commands inherit both.
    context_settings={"max_content_width": 100, "help_option_names": ["-h", "--help"]},
)
@general_options
@click.version_option(package_name="cablesearch")
def cli() -> None:
    """Search archives of diplomatic cables. Results are paragraphs: numbered, classified and ready to cite.

    \b
    Examples:
      cablesearch index cables.csv
      cablesearch search '"labor trafficking" tag:PHUM' --since 2009
      cablesearch show 10BEIJING30¶4
      cablesearch help query
    """


def main() -> None:
    """Run the command line and exit; errors are messages on standard error."""
    if "_CABLESEARCH_COMPLETE" in os.environ:
        from cablesearch.cli.shells import register

        register()
    run(cli)
