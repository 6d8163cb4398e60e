"""A command whose arguments are a query, in which words may begin with a hyphen: ``-china`` excludes a word."""

from __future__ import annotations

import re
from collections import deque
from typing import Any

import click

__all__ = ["QueryCommand"]

_SHORT = re.compile(r"(-[A-Za-z])(=?)(.*)", re.DOTALL)


class QueryCommand(click.Command):
    """A command that takes the words of a query beside its options.

    A single letter after one hyphen is an option, or an error, and never a word to exclude. Its value stands apart or
    behind ``=``; a number or one of the choices may follow at once (``-n5``, ``-fjson``). Any longer word after one
    hyphen belongs to the query: ``-nuclear`` is not ``-n uclear``. Everything after ``--`` does.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the options, and give all other arguments to the query.

        Raises:
            click.UsageError: an option is unknown or has no valid value.
        """
        names = {
            name: option
            for option in self.get_params(ctx)
            if isinstance(option, click.Option)
            for name in (*option.opts, *option.secondary_opts)
        }
        options: list[str] = []
        words: list[str] = []
        rest = deque(args)
        while rest:
            arg = rest.popleft()
            if arg == "--":
                words += rest
                break
            taken = _option(ctx, arg, names)
            if taken is None:
                words.append(arg)
                continue
            options += taken
            option = names.get(arg)
            if option and not option.is_flag and not option.count:
                if rest and rest[0] != "--":
                    options.append(rest.popleft())
                elif not ctx.resilient_parsing:
                    # click would take the -- below for the value.
                    raise click.BadOptionUsage(arg, f"Option {arg!r} requires an argument.", ctx)
        return super().parse_args(ctx, [*options, "--", *words])


def _option(ctx: click.Context, arg: str, names: dict[str, click.Option]) -> list[str] | None:
    """Return an option as click parses it, without a value that stands apart; None for a word of the query."""
    if arg.startswith("--"):
        return [arg]
    match = _SHORT.fullmatch(arg)
    if match is None:
        return None
    name, sign, value = match.groups()
    option = names.get(name)
    if not sign and not value:
        if option is None and not ctx.resilient_parsing:
            raise click.UsageError(
                f"No such option: {name}. To exclude the word {name[1]!r}, write NOT {name[1]}; after -- everything "
                "belongs to the query.",
                ctx,
            )
        return [name]
    if option is None or option.is_flag or option.count:
        return None
    return [name, value] if sign or _is_value(ctx, option, value) else None


def _is_value(ctx: click.Context, option: click.Option, text: str) -> bool:
    """Return whether text that follows the letter of an option at once is its value, and not the rest of a word."""
    if not isinstance(option.type, (click.Choice, click.types.IntParamType)) or text.startswith("-"):
        return False
    kind: click.ParamType[Any] = option.type
    try:
        kind.convert(text, option, ctx)
    except click.UsageError:
        return False
    return True
