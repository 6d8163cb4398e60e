"""cablesearch show."""

from __future__ import annotations

import click

from cablesearch.cli.options import archive_options, format_option, open_archive

__all__ = ["show"]


@click.command()
@click.argument("reference", metavar="ID[¶NUMBER]")
@click.option("--query", metavar="QUERY", help="Highlight the matches of this query.")
@click.option("--raw", is_flag=True, help="Print header and body exactly as they were read.")
@format_option("text", "json")
@archive_options
def show(reference: str, query: str | None, raw: bool, output: str, index_path: str, clearance: str | None) -> None:
    """Show a cable or one of its paragraphs.

    Name a cable by its id (10BEIJING30), a paragraph by its printed number (10BEIJING30¶4) or by its position
    (10BEIJING30@4).

    \b
    Exit status: 0 if shown, 1 if there is no such cable or paragraph.

    \b
    Examples:
      cablesearch show 10BEIJING30
      cablesearch show 10BEIJING30¶4 --query 'international court'
    """
    with open_archive(index_path, clearance) as archive:
        cable, paragraph = archive.show(reference)
    from cablesearch.cli.rendering.cable import print_cable

    print_cable(cable, paragraph, query, "raw" if raw else output)
