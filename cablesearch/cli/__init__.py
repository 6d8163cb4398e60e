"""The command line: a thin skin over `cablesearch.archive.Archive`.

To add a command: write cablesearch/cli/commands/NAME.py with a click command of the same name, add "NAME" to
`COMMANDS`, and describe it in docs/command-line.md. Tests hold the three together.

- `options` has what commands share: --index, --clearance, --quiet, --format, opening the archive. `places` finds the
  archive that no option names.
- `commands` has one module a command. It is imported when the command runs or its help is listed, so it imports NumPy,
  Whoosh, rich and the like only inside of its functions.
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

COMMANDS = (
    "index",
    "search",
    "show",
    "export",
    "remove",
    "stats",
    "verify",
    "backup",
    "compact",
    "reindex",
    "help",
    "completion",
)
"""All commands, in the order in which the help lists them. Each is defined by the module of its name in `commands`."""

_SYNONYMS = {
    **dict.fromkeys(("find", "grep", "query"), "search"),
    **dict.fromkeys(("add", "import", "load", "update"), "index"),
    **dict.fromkeys(("cat", "get", "open", "print", "view"), "show"),
    **dict.fromkeys(("delete", "rm"), "remove"),
    **dict.fromkeys(("info", "status"), "stats"),
    **dict.fromkeys(("check", "repair"), "verify"),
    **dict.fromkeys(("copy", "save"), "backup"),
    "dump": "export",
    **dict.fromkeys(("optimize", "merge"), "compact"),
    **dict.fromkeys(("rebuild", "upgrade"), "reindex"),
    "version": "--version",
}


@click.group(
    cls=LazyGroup,
    names=COMMANDS,
    package="cablesearch.cli.commands",
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
