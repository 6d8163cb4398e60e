"""cablesearch help."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cablesearch.answers.topics import TOPICS
from cablesearch.cli.display import columns, display_options, paged

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = ["help"]


def _complete(context: click.Context, parameter: click.Parameter, start: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    del parameter
    commands = _group(context).list_commands(context)
    items = [CompletionItem(name, help=about) for name, about in TOPICS.items()]
    items += [CompletionItem(name) for name in commands]
    return [item for item in items if item.value.startswith(start.lower())]


@click.command()
@click.argument("topic", required=False, metavar="[COMMAND|TOPIC]", shell_complete=_complete)
@display_options
@click.pass_context
def help(context: click.Context, topic: str | None) -> None:  # noqa: A001 - the name of the command
    """Show help on a command or a topic.

    \b
    Topics:
      query      the query language
      formats    the output formats, and what programs can rely on
      clearance  what a clearance shows and hides

    \b
    Examples:
      cablesearch help query
      cablesearch help search
    """
    parent = context.find_root()
    if topic is None:
        click.echo(parent.get_help())
        return
    name = topic.lower()
    if name in TOPICS:
        _print_topic(name)
        return
    command = _group(context).get_command(parent, name)
    if command is None:
        from difflib import get_close_matches

        near = get_close_matches(name, [*TOPICS, *_group(context).list_commands(parent)], 1)
        guess = f" Did you mean {near[0]}?" if near else ""
        raise click.UsageError(f"there is no command or topic {topic!r}.{guess} The topics are: {', '.join(TOPICS)}")
    with click.Context(command, info_name=name, parent=parent) as inner:
        click.echo(command.get_help(inner))


def _group(context: click.Context) -> click.Group:
    group = context.find_root().command
    assert isinstance(group, click.Group)
    return group


def _print_topic(name: str) -> None:
    from cablesearch.answers.topics import topic_text
    from cablesearch.cli.rendering.topic import topic_lines

    with paged():
        click.echo("\n".join(topic_lines(topic_text(name), columns())).rstrip("\n"))
